// Package code001 judges text from outside that becomes Python code, or names what is imported.
package code001

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-CODE-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// place is a call.
type place struct {
	fn   ir.FuncID
	node ast.NodeID
}

// unseen reports calls of eval on text that is not the program's own as far as can be seen. What such a call is there for, a
// literal, a number, a comparison, needs none.
func unseen(p *rule.Pass, seen map[place]bool) {
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		at := place{e.Func.ID, e.Node}
		if e.Callee != "builtins.eval" || seen[at] || e.Func.Module.IsTest || len(e.Args.Pos) == 0 || isOwn(e.Args.Pos[0].Value) {
			continue
		}
		seen[at] = true
		f := p.At("origin-unseen", e.Func, e.Node)
		f.Confidence = finding.ConfidenceLow
		f.Reasons = append(f.Reasons, "where the text comes from was not seen")
		p.Report(f)
	}
}

// isOwn: the program wrote the text, but for numbers in it, or it was seen to be a visitor's and judged as such.
func isOwn(v *value.Value) bool {
	if v == nil || v.IsConst || slices.ContainsFunc(v.Taint, func(l value.Label) bool { return l.Origin.Source == models.Remote }) {
		return true
	}
	if len(v.Taint) == 0 && v.Type == "str" && !v.AnyObj {
		return true // made by a call that is known, such as a digest
	}
	if v.Str == nil {
		return false
	}
	return !slices.ContainsFunc(v.Str.Parts, func(part value.Part) bool { return part.IsHole && !part.IsNumber })
}

// Run judges every evaluation and every import that words from outside reach.
func (Rule) Run(p *rule.Pass) {
	seen := map[place]bool{}
	for _, h := range p.Project.Hits(models.Code) {
		seen[place{h.Func.ID, h.Node}] = true
		p.ReportHit("evaluated", h, " is executed as code")
	}
	unseen(p, seen)
	for _, h := range p.Project.Hits(models.Import) {
		f := p.ReportHit("imported", h, " decides which module or object is loaded")
		if strings.Contains(h.Value.Str.BeforeTaint(), ".") {
			f.Severity = finding.Medium // only what lies below a package of the program's choice
		}
	}
}
