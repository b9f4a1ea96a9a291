package k8s

import (
	"encoding/base64"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/yamltree"
)

// Data is a Secret or a ConfigMap: values by key, those of a Secret decoded.
type Data struct {
	Kind, Name string
	Vars       []deploy.Var
}

// Ref is where an environment takes values from: a key of an object, or all of it.
type Ref struct {
	Kind, Object string // Secret or ConfigMap, and its name
	Key          string // "" for all keys
	Name         string // the variable; of a reference to all keys what is put in front of each
	Line         int
}

// maxData bounds the values of all objects of a file.
const maxData = 5_000

// data reads a Secret or ConfigMap. What a tool has encrypted is no value.
func (f *File) data(kind, name string, n *yamltree.Node) {
	d := Data{Kind: kind, Name: name}
	add := func(p yamltree.Pair, value string) {
		if f.dataSize++; f.dataSize > maxData {
			return
		}
		v := deploy.Var{Name: p.Key, Value: value, Line: p.Line}
		if strings.HasPrefix(value, "ENC[") || p.Value == nil {
			v.Value, v.NoValue = "", true
		}
		d.Vars = append(d.Vars, v)
	}
	for _, p := range n.Get("data").Pairs() {
		value := p.Value.Str()
		if kind == "Secret" {
			if text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value)); err == nil {
				value = strings.ToValidUTF8(string(text), "?")
			}
		}
		add(p, value)
	}
	for _, p := range n.Get("stringData").Pairs() {
		add(p, p.Value.Str())
	}
	if len(d.Vars) > 0 {
		f.Data = append(f.Data, d)
	}
}

// kinds are the objects that values come from, and how they are referred to.
var kinds = [...]struct{ name, ref, key string }{{"ConfigMap", "configMapRef", "configMapKeyRef"}, {"Secret", "secretRef", "secretKeyRef"}}

// references reads envFrom, and valueFrom of the variables.
func references(n *yamltree.Node) []Ref {
	var out []Ref
	for _, e := range n.Get("envFrom").List() {
		for _, kind := range kinds {
			if r := e.Get(kind.ref); r != nil {
				out = append(out, Ref{Kind: kind.name, Object: r.Get("name").Str(), Name: e.Get("prefix").Str(), Line: r.At()})
			}
		}
	}
	for _, e := range n.Get("env").List() {
		for _, kind := range kinds {
			if r := e.Path("valueFrom", kind.key); r != nil {
				out = append(out, Ref{Kind: kind.name, Object: r.Get("name").Str(), Key: r.Get("key").Str(), Name: e.Get("name").Str(), Line: r.At()})
			}
		}
	}
	return out
}

// Rights are what a container may do beyond its own file system; the pod's settings count where the container has none.
type Rights struct {
	Privileged deploy.Value   // "true"
	User       deploy.Value   // runAsUser
	NonRoot    bool           // runAsNonRoot
	HostPaths  []deploy.Value // paths of the machine that are mounted
}

func rights(pod, c *yamltree.Node) Rights {
	r := Rights{Privileged: value(c.Path("securityContext", "privileged"))}
	r.User = value(c.Path("securityContext", "runAsUser"))
	if r.User.Text == "" {
		r.User = value(pod.Path("securityContext", "runAsUser"))
	}
	nonRoot := c.Path("securityContext", "runAsNonRoot").Str()
	if nonRoot == "" {
		nonRoot = pod.Path("securityContext", "runAsNonRoot").Str()
	}
	r.NonRoot = nonRoot == "true"
	mounted := map[string]bool{}
	for _, m := range c.Get("volumeMounts").List() {
		mounted[m.Get("name").Str()] = true
	}
	for _, v := range pod.Get("volumes").List() {
		if p := v.Path("hostPath", "path"); p != nil && mounted[v.Get("name").Str()] {
			r.HostPaths = append(r.HostPaths, value(p))
		}
	}
	return r
}

func value(n *yamltree.Node) deploy.Value { return deploy.Value{Text: n.Str(), Line: n.At()} }
