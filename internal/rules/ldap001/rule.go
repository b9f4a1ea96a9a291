// Package ldap001 judges LDAP filters and names that words from outside are part of.
package ldap001

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/python/ast"
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
		if !isLoginName(p, h) {
			p.ReportHit("dn", h, " becomes part of the LDAP name")
		}
	}
}

// isLoginName: who signs in says who he is, and proves it with a password. There is nothing to break out of unless the program
// puts the words into a distinguished name: user@domain and DOMAIN\user are none.
func isLoginName(p *rule.Pass, h project.Hit) bool {
	switch h.Callee[strings.LastIndexByte(h.Callee, '.')+1:] {
	case "simple_bind", "simple_bind_s", "bind", "bind_s", "Connection":
		return !strings.Contains(h.Value.Str.String(), "=") &&
			!slices.ContainsFunc(h.Labels, func(l value.Label) bool { return fillsTemplate(p, l) })
	}
	return false
}

// fillsTemplate: the words were put into a text that is not known, such as a setting: DN_FORMAT % name.
func fillsTemplate(p *rule.Pass, l value.Label) bool {
	return slices.ContainsFunc(value.Steps(l.Trace), func(s *value.Step) bool {
		fn := p.Project.Flow.Func(s.Func)
		if fn == nil || fn.Kind > ir.KindLambda {
			return false
		}
		f := fn.Module.File
		switch f.Kind(s.Node) {
		case ast.BinOp:
			return ast.Op(f.Node(s.Node).Op) == ast.Mod && f.Kind(f.SlotA(s.Node)) != ast.Constant
		case ast.Call:
			callee := f.SlotA(s.Node)
			return f.Kind(callee) == ast.Attribute && f.IdentOf(callee) == "format" && f.Kind(f.SlotA(callee)) != ast.Constant
		}
		return false
	})
}
