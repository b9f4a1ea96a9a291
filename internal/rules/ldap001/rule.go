// Package ldap001 judges LDAP filters and names that words from outside are part of.
package ldap001

import (
	_ "embed"

	"stopper/internal/models"
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
	p.ReportHits(models.LDAPDN, "dn", " becomes part of the LDAP name")
}
