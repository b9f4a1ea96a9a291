// Package header001 judges names of response headers and cookies that come from the request.
package header001

import (
	_ "embed"
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-HEADER-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every name that words from outside reach. Values are safe: Werkzeug refuses line breaks in them, and quotes
// the values of cookies.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.Header) {
		if h.Value.Str.BeforeTaint() == "" {
			p.ReportHit("name", h, " decides which response header is set")
		}
	}
	for _, h := range p.Project.Hits(models.Cookie) {
		if h.Value.Str.BeforeTaint() == "" && !isOwnCookie(h) {
			p.ReportHit("cookie-name", h, " decides which cookie is set")
		}
	}
}

// isOwnCookie: the cookie has the name of one that the browser sent, as in a loop that lets all of them expire.
func isOwnCookie(h project.Hit) bool {
	return !slices.ContainsFunc(h.Labels, func(l value.Label) bool { return l.Origin.Name != "request.cookies" })
}
