// Package actions reads GitHub Actions workflows: what starts them, which rights they have, and what each step runs or uses.
//
// Syntax: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
package actions

import (
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/yamltree"
)

// maxSteps bounds what one workflow yields.
const maxSteps = 2_000

// Workflow is one file.
type Workflow struct {
	Path        string
	Triggers    []deploy.Value // push, pull_request_target, …
	Permissions *Permissions   // nil when the workflow says nothing
	Env         []deploy.Var
	Jobs        []Job
}

// Permissions are the rights of the token. All is "read-all" or "write-all" when they are given as one word.
type Permissions struct {
	All   string
	Write []string // scopes with write
	Line  int
}

// Job is one job.
type Job struct {
	Name        string
	Line        int
	Permissions *Permissions
	Env         []deploy.Var
	Uses        deploy.Value // a reusable workflow
	If          string       // the condition, as written
	Steps       []Step
}

// Step is one step.
type Step struct {
	Uses deploy.Value // owner/name@ref
	Run  deploy.Value
	Env  []deploy.Var
	With []deploy.Var
}

// Has reports whether something starts the workflow.
func (w *Workflow) Has(trigger string) bool {
	for _, t := range w.Triggers {
		if t.Text == trigger {
			return true
		}
	}
	return false
}

// Parse reads a workflow; nil when the file is none.
func Parse(path string, text []byte) (*Workflow, []deploy.Problem) {
	docs, err := yamltree.Parse(text)
	if err != nil {
		return nil, deploy.Problems(err)
	}
	if len(docs) == 0 || docs[0].Get("jobs") == nil {
		return nil, nil
	}
	doc := docs[0]
	w := &Workflow{Path: path, Permissions: permissions(doc.Get("permissions")), Env: vars(doc.Get("env"))}
	on := doc.Get("on")
	if on == nil {
		on = doc.Get("true") // YAML 1.1 readers take "on" for a boolean
	}
	for _, p := range on.Pairs() {
		w.Triggers = append(w.Triggers, deploy.Value{Text: p.Key, Line: p.Line})
	}
	for _, t := range on.List() {
		w.Triggers = append(w.Triggers, deploy.Value{Text: t.Str(), Line: t.At()})
	}
	steps := 0
	for _, p := range doc.Get("jobs").Pairs() {
		j := Job{Name: p.Key, Line: p.Line, Permissions: permissions(p.Value.Get("permissions")), Env: vars(p.Value.Get("env")), Uses: value(p.Value.Get("uses")), If: p.Value.Get("if").Str()}
		for _, s := range p.Value.Get("steps").List() {
			if steps++; steps > maxSteps {
				return w, []deploy.Problem{{Line: s.At(), Message: "more steps than are read"}}
			}
			j.Steps = append(j.Steps, Step{Uses: value(s.Get("uses")), Run: value(s.Get("run")), Env: vars(s.Get("env")), With: vars(s.Get("with"))})
		}
		w.Jobs = append(w.Jobs, j)
	}
	return w, nil
}

func value(n *yamltree.Node) deploy.Value { return deploy.Value{Text: n.Str(), Line: n.At()} }

func vars(n *yamltree.Node) []deploy.Var {
	var out []deploy.Var
	for _, p := range n.Pairs() {
		out = append(out, deploy.Var{Name: p.Key, Value: p.Value.Str(), Line: p.Line})
	}
	return out
}

func permissions(n *yamltree.Node) *Permissions {
	if n == nil {
		return nil
	}
	out := &Permissions{All: n.Str(), Line: n.At()}
	for _, p := range n.Pairs() {
		if strings.EqualFold(p.Value.Str(), "write") {
			out.Write = append(out.Write, p.Key)
		}
	}
	return out
}
