// Package k8s reads Kubernetes manifests as far as they start programs: the containers of every workload in a file with their
// rights, and the Secrets and ConfigMaps that environments are made of.
//
// A chart's template is not YAML and is said to be unreadable. YAML without apiVersion and kind is no manifest and yields nothing.
package k8s

import (
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/yamltree"
)

// maxContainers bounds what one file yields.
const maxContainers = 1000

// Container is one container of a workload.
type Container struct {
	Workload string // kind/name
	Name     string
	Image    deploy.Value
	Command  deploy.Command // replaces the image's ENTRYPOINT
	Args     deploy.Command // replaces the image's CMD
	Env      []deploy.Var
	Refs     []Ref // further variables, from other objects
	Rights   Rights
	Line     int
}

// File is one file of manifests.
type File struct {
	Path       string
	Containers []Container
	TLS        []deploy.Value // Ingress objects with a tls section
	Data       []Data

	dataSize int
}

// Parse reads a file.
func Parse(path string, text []byte) (*File, []deploy.Problem) {
	f := &File{Path: path}
	if !strings.Contains(string(text), "apiVersion") {
		return f, nil
	}
	docs, err := yamltree.Parse(text)
	if err != nil {
		return f, deploy.Problems(err)
	}
	for _, d := range docs {
		f.object(d, 0)
	}
	return f, nil
}

func (f *File) object(n *yamltree.Node, depth int) {
	kind := n.Get("kind").Str()
	if kind == "" || n.Get("apiVersion") == nil || depth > 3 {
		return
	}
	for _, item := range n.Get("items").List() { // kind: List
		f.object(item, depth+1)
	}
	if tls := n.Path("spec", "tls"); kind == "Ingress" && len(tls.List()) > 0 {
		f.TLS = append(f.TLS, deploy.Value{Text: "Ingress with tls", Line: tls.At()})
	}
	if kind == "Secret" || kind == "ConfigMap" {
		f.data(kind, n.Path("metadata", "name").Str(), n)
		return
	}
	name := kind + "/" + n.Path("metadata", "name").Str()
	for _, spec := range []*yamltree.Node{n.Get("spec"), n.Path("spec", "template", "spec"), n.Path("spec", "jobTemplate", "spec", "template", "spec")} {
		for _, c := range spec.Get("containers").List() {
			if c.Kind == yamltree.Map && len(f.Containers) < maxContainers {
				one := container(name, c)
				one.Refs, one.Rights = references(c), rights(spec, c)
				f.Containers = append(f.Containers, one)
			}
		}
	}
}

func container(workload string, n *yamltree.Node) Container {
	c := Container{Workload: workload, Name: n.Get("name").Str(), Line: n.Line, Command: command(n.Get("command")), Args: command(n.Get("args"))}
	c.Image = deploy.Value{Text: n.Get("image").Str(), Line: n.Get("image").At()}
	for _, e := range n.Get("env").List() {
		if name := e.Get("name").Str(); name != "" {
			value := e.Get("value")
			c.Env = append(c.Env, deploy.Var{Name: name, Value: value.Str(), Line: e.Get("name").At(), NoValue: value == nil})
		}
	}
	return c
}

func command(n *yamltree.Node) deploy.Command {
	c := deploy.Command{Line: n.At(), EndLine: n.At()}
	for _, e := range n.List() {
		c.Argv = append(c.Argv, e.Str())
		c.EndLine = max(c.EndLine, e.At())
	}
	return c
}
