// Package xml001 judges XML from outside that is read by a parser which resolves external entities, or has no limits.
package xml001

import (
	_ "embed"

	"stopper/internal/finding"
	"stopper/internal/models"
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
	for _, h := range p.Project.Hits(models.XML) {
		ps := parserOf(p, h)
		switch {
		case ps.external == yes:
			p.ReportHit("external-entity", h, " is read by an XML parser that resolves external entities")
		case ps.external == depends:
			f := p.OnHit("external-entity", h)
			f.Message = rule.Sources(h) + " is read by an XML parser that resolves external entities in lxml before 5.0"
			f.Severity, f.Confidence = finding.Medium, finding.ConfidenceLow
			f.Reasons = append(f.Reasons, "the parser's settings are left to the installed version of lxml")
			p.Report(f)
		}
		if ps.unlimited {
			p.ReportHit("entity-bomb", h, " is read by an XML parser without limits")
		}
	}
}
