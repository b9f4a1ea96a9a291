// Package code001 judges text from outside that becomes Python code, or names what is imported.
package code001

import (
	_ "embed"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/models"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-CODE-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every evaluation and every import that words from outside reach.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.Code) {
		p.ReportHit("evaluated", h, " is executed as code")
	}
	for _, h := range p.Project.Hits(models.Import) {
		f := p.ReportHit("imported", h, " decides which module or object is loaded")
		if strings.Contains(h.Value.Str.BeforeTaint(), ".") {
			f.Severity = finding.Medium // only what lies below a package of the program's choice
		}
	}
}
