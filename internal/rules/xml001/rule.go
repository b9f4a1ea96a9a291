// Package xml001 judges XML from outside that is read by a parser which resolves external entities, or has no limits.
package xml001

import (
	_ "embed"

	"stopper/internal/finding"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-XML-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every document from outside by the parser that reads it.
func (Rule) Run(p *rule.Pass) {
	seen := map[place]bool{}
	for _, h := range p.Project.Hits(models.XML) {
		seen[place{h.Func.ID, h.Node}] = true
		ps := parserOf(p, h)
		release := lxmlOf(p)
		switch {
		case ps.external == yes, ps.external == depends && release == old:
			p.ReportHit("external-entity", h, " is read by an XML parser that resolves external entities")
		case ps.external == depends && release == unknown:
			reportIfOld(p, h, "external-entity", " is read by an XML parser that resolves external entities in lxml before 5.0")
		}
		switch {
		case ps.unlimited || ps.huge && release == old:
			p.ReportHit("entity-bomb", h, " is read by an XML parser that expands its entities")
		case ps.huge && release == unknown:
			reportIfOld(p, h, "entity-bomb", " is read by an XML parser that expands entities without a limit in lxml before 5.0")
		}
	}
	unseen(p, seen)
}

// release says what the locked version of lxml does. The libxml2 that 5.0 and later come with resolves no external entities
// unless told to, and limits what entities may grow to even for huge_tree.
type release uint8

const (
	unknown release = iota
	old
	current
)

func lxmlOf(p *rule.Pass) release {
	limits, known := p.AtLeast("lxml", "5.0")
	switch {
	case !known:
		return unknown
	case limits:
		return current
	}
	return old
}

func reportIfOld(p *rule.Pass, h project.Hit, check, what string) {
	f := p.OnHit(check, h)
	f.Message = rule.Sources(h) + what
	f.Severity, f.Confidence = finding.Medium, finding.ConfidenceLow
	f.Reasons = append(f.Reasons, "it depends on the installed version of lxml, which no file of the project fixes")
	p.Report(f)
}
