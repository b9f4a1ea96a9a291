// Package mail001 judges mails that are put together as text.
package mail001

import (
	_ "embed"
	"strings"

	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-MAIL-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every message that is sent as a text and holds words from outside among its headers.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.Mail) {
		if rule.CanHoldLineBreaks(h) && inHeaders(h) {
			p.ReportHit("header", h, " becomes part of the headers of a mail")
		}
	}
}

// inHeaders reports whether no blank line, which ends the headers, stands in front.
func inHeaders(h project.Hit) bool {
	before := h.Value.Str.BeforeTaint()
	return before != "" && !strings.Contains(before, "\n\n") && !strings.Contains(before, "\r\n\r\n")
}
