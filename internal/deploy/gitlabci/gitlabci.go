// Package gitlabci reads GitLab pipelines: what they include, and for each job its image, services, variables and scripts.
//
// Syntax: https://docs.gitlab.com/ci/yaml/
package gitlabci

import (
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/yamltree"
)

// What one file yields at most, and how deep lists of scripts nest: GitLab allows ten levels.
const (
	maxLines  = 20_000
	maxNested = 10
)

// Pipeline is one file.
type Pipeline struct {
	Path     string
	Includes []Include
	Global   Job   // what stands at the top and under "default", for all jobs
	Jobs     []Job // hidden ones, which others extend, as well
}

// Kind is where an include comes from.
type Kind string

// The kinds of includes.
const (
	Local     Kind = "local"     // a file of this repository
	Remote    Kind = "remote"    // a URL
	Project   Kind = "project"   // a file of another project of the same GitLab
	Component Kind = "component" // host/path/name@version
	Template  Kind = "template"  // a file that comes with GitLab
)

// Include is one file that becomes part of the pipeline.
type Include struct {
	Kind      Kind
	Target    string
	Ref       string // of a project
	Integrity string // of a URL: the hash that the file must have
	Line      int
}

// Job is one job.
type Job struct {
	Name      string
	Line      int
	Image     deploy.Value
	Services  []deploy.Value
	Variables []deploy.Var
	Script    []deploy.Value // commands of before_script, script and after_script, in this order
}

// reader counts what was read.
type reader struct {
	lines int
	cut   bool
}

// Parse reads a pipeline, or a part of one; nil when the file is neither.
func Parse(path string, text []byte) (*Pipeline, []deploy.Problem) {
	docs, err := yamltree.Parse(text)
	if err != nil {
		return nil, deploy.Problems(err)
	}
	r := &reader{}
	out := &Pipeline{Path: path}
	for _, doc := range docs { // the first of two declares inputs
		r.document(out, doc)
	}
	if len(out.Includes)+len(out.Jobs) == 0 {
		return nil, nil
	}
	if r.cut {
		return out, []deploy.Problem{{Message: "more lines of scripts than are read"}}
	}
	return out, nil
}

func (r *reader) document(out *Pipeline, doc *yamltree.Node) {
	for _, p := range doc.Pairs() {
		switch p.Key {
		case "include":
			out.Includes = append(out.Includes, includes(p.Value)...)
		case "default":
			r.fill(&out.Global, p.Value)
		case "stages", "workflow", "spec":
		case "variables", "image", "services", "before_script", "after_script":
		default:
			if p.Value != nil && p.Value.Kind == yamltree.Map {
				j := Job{Name: p.Key, Line: p.Line}
				r.fill(&j, p.Value)
				if j.Image.Text != "" || len(j.Services)+len(j.Variables)+len(j.Script) > 0 || p.Value.Get("extends") != nil || p.Value.Get("trigger") != nil {
					out.Jobs = append(out.Jobs, j)
				}
			}
		}
	}
	r.fill(&out.Global, doc)
}

// fill reads the keys that jobs, "default" and the top of the file share.
func (r *reader) fill(j *Job, n *yamltree.Node) {
	if image := name(n.Get("image")); image.Text != "" {
		j.Image = image
	}
	for _, s := range n.Get("services").List() {
		if v := name(s); v.Text != "" {
			j.Services = append(j.Services, v)
		}
	}
	for _, p := range n.Get("variables").Pairs() {
		v := deploy.Var{Name: p.Key, Value: p.Value.Str(), Line: p.Line}
		if inner := p.Value.Get("value"); inner != nil {
			v.Value, v.Line = inner.Str(), inner.At()
		}
		j.Variables = append(j.Variables, v)
	}
	for _, key := range [...]string{"before_script", "script", "after_script"} {
		if s := n.Get(key); s != nil && s.Kind != yamltree.Map {
			r.script(j, s, 0)
		}
	}
}

// script flattens lists of lists, as anchors and !reference make them.
func (r *reader) script(j *Job, n *yamltree.Node, depth int) {
	for _, item := range n.List() {
		switch {
		case depth > maxNested || r.lines >= maxLines:
			r.cut = true
			return
		case item == nil:
		case item.Kind == yamltree.List:
			r.lines++
			r.script(j, item, depth+1)
		case item.Kind == yamltree.Scalar:
			r.lines++
			j.Script = append(j.Script, deploy.Value{Text: item.Str(), Line: item.At()})
		}
	}
}

// name is what an image or service is called: a text, or the key "name" of a mapping.
func name(n *yamltree.Node) deploy.Value {
	if inner := n.Get("name"); inner != nil {
		n = inner
	}
	return deploy.Value{Text: n.Str(), Line: n.At()}
}

func includes(n *yamltree.Node) []Include {
	list := n.List()
	if n != nil && n.Kind == yamltree.Map {
		list = []*yamltree.Node{n}
	}
	var out []Include
	for _, item := range list {
		if s := item.Str(); s != "" {
			kind := Local
			if strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") {
				kind = Remote
			}
			out = append(out, Include{Kind: kind, Target: s, Line: item.At()})
			continue
		}
		for _, kind := range [...]Kind{Local, Remote, Project, Component, Template} {
			if v := item.Get(string(kind)); v != nil {
				out = append(out, Include{Kind: kind, Target: v.Str(), Ref: item.Get("ref").Str(), Integrity: item.Get("integrity").Str(), Line: v.At()})
			}
		}
	}
	return out
}
