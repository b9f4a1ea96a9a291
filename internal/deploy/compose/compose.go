// Package compose reads Compose files: what each service runs, with which environment, and what it publishes.
//
// Positions are the reason why this reads YAML itself. Variables in values stay as written ("${PORT:-80}").
package compose

import (
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/yamltree"
)

// File is one Compose file.
type File struct {
	Path     string
	Services []Service // in the file's order
}

// Service is one service.
type Service struct {
	Name       string
	Line       int
	Image      deploy.Value
	Build      *Build // nil without one
	Command    deploy.Command
	Entrypoint deploy.Command
	Env        []deploy.Var
	EnvFiles   []deploy.Value
	Ports      []deploy.Value // short form; a long form is written in it
	Volumes    []deploy.Value // short form likewise
	Labels     []deploy.Var
	User       deploy.Value
	Privileged deploy.Value
	Network    deploy.Value // network_mode
	Profiles   []string
}

// Build is where an image is built from.
type Build struct {
	Context, Dockerfile, Target string
	Line                        int
	Args                        []deploy.Var
}

// Parse reads a Compose file.
func Parse(path string, text []byte) (*File, []deploy.Problem) {
	f := &File{Path: path}
	docs, err := yamltree.Parse(text)
	if err != nil {
		return f, deploy.Problems(err)
	}
	for _, doc := range docs {
		services := doc.Get("services")
		if services == nil && doc.Get("version") == nil {
			services = versionOne(doc)
		}
		for _, p := range services.Pairs() {
			if p.Value != nil && p.Value.Kind == yamltree.Map {
				f.Services = append(f.Services, service(p))
			}
		}
	}
	return f, nil
}

// versionOne: the oldest format has the services at the top.
func versionOne(doc *yamltree.Node) *yamltree.Node {
	for _, p := range doc.Pairs() {
		if p.Value.Get("image") != nil || p.Value.Get("build") != nil {
			return doc
		}
	}
	return nil
}

func service(p yamltree.Pair) Service {
	n := p.Value
	s := Service{
		Name: p.Key, Line: p.Line, Image: value(n.Get("image")), User: value(n.Get("user")), Privileged: value(n.Get("privileged")), Network: value(n.Get("network_mode")),
		Command: command(n.Get("command")), Entrypoint: command(n.Get("entrypoint")),
		Env: vars(n.Get("environment")), Labels: vars(n.Get("labels")), Build: build(n.Get("build")),
	}
	s.Labels = append(s.Labels, vars(n.Path("deploy", "labels"))...)
	for _, e := range n.Get("env_file").List() {
		if v := e; v.Kind == yamltree.Map {
			e = v.Get("path")
		}
		if e.Str() != "" {
			s.EnvFiles = append(s.EnvFiles, value(e))
		}
	}
	for _, e := range n.Get("ports").List() {
		s.Ports = append(s.Ports, short(e, "host_ip", "published", "target"))
	}
	for _, e := range n.Get("volumes").List() {
		s.Volumes = append(s.Volumes, short(e, "source", "target"))
	}
	for _, e := range n.Get("profiles").List() {
		s.Profiles = append(s.Profiles, e.Str())
	}
	return s
}

func value(n *yamltree.Node) deploy.Value { return deploy.Value{Text: n.Str(), Line: n.At()} }

// short writes the long form of a port or a volume in the short form.
func short(n *yamltree.Node, keys ...string) deploy.Value {
	if n.Kind != yamltree.Map {
		return value(n)
	}
	var parts []string
	for _, k := range keys {
		if s := n.Get(k).Str(); s != "" {
			parts = append(parts, s)
		}
	}
	return deploy.Value{Text: strings.Join(parts, ":"), Line: n.Line}
}

func build(n *yamltree.Node) *Build {
	switch {
	case n == nil || n.Kind == yamltree.Null:
		return nil
	case n.Kind == yamltree.Scalar:
		return &Build{Context: n.Text, Line: n.Line}
	}
	b := &Build{Context: n.Get("context").Str(), Dockerfile: n.Get("dockerfile").Str(), Target: n.Get("target").Str(), Line: n.Line, Args: vars(n.Get("args"))}
	if b.Context == "" {
		b.Context = "."
	}
	return b
}

// command: a string is split as a shell would, without a shell; that is left to the reader of shell text.
func command(n *yamltree.Node) deploy.Command {
	c := deploy.Command{Line: n.At(), EndLine: n.At()}
	if n == nil {
		return c
	}
	if n.Kind == yamltree.Scalar {
		c.Shell = n.Text
		return c
	}
	for _, e := range n.List() {
		c.Argv = append(c.Argv, e.Str())
		c.EndLine = max(c.EndLine, e.At())
	}
	return c
}

// vars reads both notations: a mapping, and a list of NAME=value.
func vars(n *yamltree.Node) []deploy.Var {
	var out []deploy.Var
	for _, p := range n.Pairs() {
		v := deploy.Var{Name: p.Key, Value: p.Value.Str(), Line: p.Line, NoValue: p.Value == nil || p.Value.Kind == yamltree.Null}
		out = append(out, v)
	}
	for _, e := range n.List() {
		name, val, has := strings.Cut(e.Str(), "=")
		if name != "" {
			out = append(out, deploy.Var{Name: strings.TrimSpace(name), Value: val, Line: e.Line, NoValue: !has})
		}
	}
	return out
}
