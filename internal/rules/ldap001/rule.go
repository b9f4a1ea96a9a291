// Package ldap001 judges LDAP filters and names that words from outside are part of.
package ldap001

import (
	_ "embed"
	"strings"

	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-LDAP-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every filter and every distinguished name that words from outside reach.
func (Rule) Run(p *rule.Pass) {
	p.ReportHits(models.LDAP, "filter", " becomes part of the LDAP filter")
	for _, h := range p.Project.Hits(models.LDAPDN) {
		if !isLoginName(h) {
			p.ReportHit("dn", h, " becomes part of the LDAP name")
		}
	}
}

// isLoginName: who signs in says who he is, and proves it with a password. There is nothing to break out of unless the program
// puts the words into a distinguished name: user@domain and DOMAIN\user are none.
func isLoginName(h project.Hit) bool {
	switch h.Callee[strings.LastIndexByte(h.Callee, '.')+1:] {
	case "simple_bind", "simple_bind_s", "bind", "bind_s", "Connection":
		return !strings.Contains(h.Value.Str.String(), "=")
	}
	return false
}
