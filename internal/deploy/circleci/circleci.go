// Package circleci reads CircleCI configurations: the orbs they use, the images, environments and commands of all jobs,
// commands and executors, and the parts that anchors hold.
//
// Syntax: https://circleci.com/docs/reference/configuration-reference/
package circleci

import (
	"stopper/internal/deploy"
	"stopper/internal/deploy/yamltree"
)

// maxRuns bounds what one file yields.
const maxRuns = 5_000

// Config is one file.
type Config struct {
	Path   string
	Orbs   []Orb
	Images []deploy.Value
	Env    []deploy.Var // of jobs, executors, images and steps
	Runs   []Run
}

// Orb is a package of somebody's commands: namespace/name@version.
type Orb struct {
	Name, Ref string
	Line      int
}

// Run is a command.
type Run struct {
	Job     string // the key at whose place the command stands: a job, a command or an anchor
	Command deploy.Value
}

// Parse reads a configuration; nil when the file is none.
func Parse(path string, text []byte) (*Config, []deploy.Problem) {
	docs, err := yamltree.Parse(text)
	if err != nil {
		return nil, deploy.Problems(err)
	}
	if len(docs) == 0 || docs[0].Get("version") == nil {
		return nil, nil
	}
	r := &reader{out: &Config{Path: path}, seen: map[*yamltree.Node]bool{}}
	for _, p := range docs[0].Pairs() {
		switch p.Key {
		case "jobs", "commands", "executors":
			for _, j := range p.Value.Pairs() {
				r.walk(j.Key, j.Value)
			}
		case "orbs":
			r.orbs(p.Value)
		case "workflows", "parameters", "version", "setup":
		default: // anchors
			r.walk(p.Key, p.Value)
		}
	}
	if r.cut {
		return r.out, []deploy.Problem{{Message: "more commands than are read"}}
	}
	return r.out, nil
}

type reader struct {
	out  *Config
	seen map[*yamltree.Node]bool // what aliases share is read once
	cut  bool
}

func (r *reader) orbs(n *yamltree.Node) {
	for _, p := range n.Pairs() {
		if s := p.Value.Str(); s != "" {
			r.out.Orbs = append(r.out.Orbs, Orb{Name: p.Key, Ref: s, Line: p.Line})
			continue
		}
		r.walk(p.Key, p.Value) // an orb that is written here
	}
}

// walk reads every mapping below a node. Nesting is bounded by the YAML reader.
func (r *reader) walk(job string, n *yamltree.Node) {
	if n == nil || r.seen[n] {
		return
	}
	r.seen[n] = true
	for _, item := range n.Items {
		r.walk(job, item)
	}
	for _, p := range n.Pairs() {
		switch p.Key {
		case "run":
			r.run(job, p.Value)
		case "environment":
			for _, v := range p.Value.Pairs() {
				r.out.Env = append(r.out.Env, deploy.Var{Name: v.Key, Value: v.Value.Str(), Line: v.Line})
			}
			continue
		case "image":
			if s := p.Value.Str(); s != "" {
				r.out.Images = append(r.out.Images, deploy.Value{Text: s, Line: p.Value.At()})
			}
		case "orbs":
			r.orbs(p.Value)
			continue
		}
		r.walk(job, p.Value)
	}
}

func (r *reader) run(job string, n *yamltree.Node) {
	command := n
	if n != nil && n.Kind == yamltree.Map {
		command = n.Get("command")
	}
	s := command.Str()
	if s == "" {
		return
	}
	if len(r.out.Runs) >= maxRuns {
		r.cut = true
		return
	}
	r.out.Runs = append(r.out.Runs, Run{Job: job, Command: deploy.Value{Text: s, Line: command.At()}})
}
