// Package xpath001 judges XPath expressions that words from outside are part of.
package xpath001

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-XPATH-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every XPath expression that words from outside reach. XPath 1.0 literals know no escapes, so a text without
// the quote that it stands in cannot leave them.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.XPath) {
		if !h.Value.Str.HeldByQuotes(models.XPath) && !isOwnDocument(h) {
			p.ReportHit("expression", h, " becomes part of the XPath expression")
		}
	}
}

// isOwnDocument reports whether the expression only asks the document that its writer sent: an uploaded book says in one of
// its elements where the others are.
func isOwnDocument(h project.Hit) bool {
	doc := h.Recv
	if strings.HasPrefix(h.Callee, "elementpath.select") {
		a, _ := h.Args.At(0, "root")
		doc = a.Value
	}
	if doc == nil {
		return false
	}
	for _, l := range h.Labels {
		if !slices.ContainsFunc(doc.Taint, func(d value.Label) bool { return d.Origin == l.Origin }) {
			return false
		}
	}
	return true
}
