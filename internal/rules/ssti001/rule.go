// Package ssti001 judges template sources and format strings that come from outside.
package ssti001

import (
	_ "embed"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/models"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-SSTI-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every template source, template name and format string that words from outside reach.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.Template) {
		slug, says := "template-injection", " becomes template source, and a template can run Python"
		if rule.AllStored(h) {
			slug = "stored-template"
		}
		p.Report(withMessage(p.OnHit(slug, h), rule.Sources(h)+says))
	}
	for _, h := range p.Project.Hits(models.TemplateName) {
		if h.Value.Str.Prefix() != "" || strings.Contains(h.Value.Str.String(), "/") {
			continue // a fixed folder, which the loader refuses to leave, or a fixed name in one of them
		}
		f := p.OnHit("template-injection", h)
		f.Severity = finding.Medium
		f.Confidence = min(f.Confidence, finding.ConfidenceMedium)
		p.Report(withMessage(f, rule.Sources(h)+" chooses which template is rendered"))
	}
	for _, h := range p.Project.Hits(models.Format) {
		if rule.IsGuessed(h) { // ngettext("{} day", "{} days", count) gives back a text of the program's
			continue
		}
		f := withMessage(p.OnHit("format-string", h), rule.Sources(h)+" is the format string: its fields read attributes of the arguments")
		if hasOnlyText(h) {
			textOnly(f, rule.Sources(h))
		}
		p.Report(f)
	}
	unseen(p)
}

func withMessage(f *finding.Finding, message string) *finding.Finding {
	f.Message = message
	return f
}
