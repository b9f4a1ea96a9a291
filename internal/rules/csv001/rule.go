// Package csv001 judges cells of spreadsheets that are filled with words from outside.
package csv001

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-CSV-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every cell that words from outside reach.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.CSV) {
		if isFormula(h) {
			p.ReportHit("formula", h, " becomes a cell that a spreadsheet may run as a formula")
		}
	}
}

// isFormula reports whether some cell from outside can begin as a formula does. A row is judged cell by cell where its
// cells are known.
func isFormula(h project.Hit) bool {
	for _, a := range h.Args.Pos {
		if a.Node == h.ArgNode && a.IsList {
			return slices.ContainsFunc(a.Elems, func(e flow.Arg) bool { return isFree(e.Value) })
		}
	}
	return isFree(h.Value)
}

// isFree reports whether words from outside stand at the very beginning of a cell, or after what starts a formula.
func isFree(v *value.Value) bool {
	if v == nil || !slices.ContainsFunc(v.Taint, func(l value.Label) bool { return !l.Cleared.Has(models.CSV) }) {
		return false
	}
	before := v.Str.BeforeTaint()
	return before == "" || strings.ContainsRune("=+-@\t\r", []rune(before)[0])
}
