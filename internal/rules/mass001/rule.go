// Package mass001 judges objects whose attributes a request chooses.
package mass001

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-MASS-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges constructors and updates that are given a whole mapping, and loops over setattr.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.MassAssign) {
		if !choosesNames(&h) {
			continue
		}
		class, isClass := classOf(h)
		switch {
		case !isClass:
			p.ReportHit("update", h, " decides which fields of the record are written")
		case isStored(p, class):
			f := p.ReportHit("constructor", h, " decides which columns of "+h.Callee+" are set")
			if isPrivileged(p, class) {
				f.Severity = finding.High
			}
		}
	}
	for _, h := range p.Project.Hits(models.SetAttr) {
		if choosesNames(&h) && h.Value.Str.BeforeTaint() == "" {
			p.ReportHit("setattr", h, " decides which attribute is set")
		}
	}
}

// choosesNames keeps the sources of a hit that can bring names of fields along, and reports whether there are any. A form
// or a parser of arguments only yields the fields that it declares, and one field of a request is no mapping: what a
// call that nobody knows makes of it has names of its own.
func choosesNames(h *project.Hit) bool {
	h.Labels = slices.DeleteFunc(slices.Clone(h.Labels), func(l value.Label) bool {
		switch name := l.Origin.Name; name {
		case "form data", "form field", "parsed request arguments", "token claims":
			return true
		default:
			return l.UnknownCalls() > 0 && strings.HasPrefix(name, "request.") && strings.HasSuffix(name, "]")
		}
	})
	return len(h.Labels) > 0
}

func classOf(h project.Hit) (ir.ClassID, bool) {
	if h.Recv == nil || h.Sink != nil || len(h.Recv.Objs) == 0 {
		return 0, false
	}
	return h.Recv.Objs[0].Class, true
}

// isStored reports whether instances of a class are rows or documents of a database. A dataclass or a model of a validator
// takes what it declares, and nothing hangs on it.
func isStored(p *rule.Pass, class ir.ClassID) bool {
	for _, t := range p.Project.Prog.MRO(class) {
		name := t.Path
		if t.Kind == semantic.TargetVar {
			name = strings.Trim(t.Name+"."+t.Rest, ".")
		}
		if strings.HasPrefix(name, "marshmallow") || strings.HasPrefix(name, "pydantic") {
			return false
		}
		switch name[strings.LastIndexByte(name, '.')+1:] {
		case "Model", "Base", "DeclarativeBase", "Document", "DynamicDocument", "EmbeddedDocument", "Entity", "SQLModel":
			return true
		}
	}
	return false
}

// privileged are columns that nobody may set for themselves.
var privileged = [...]string{"admin", "role", "staff", "superuser", "permission", "verified", "confirmed", "active", "balance",
	"credit", "price", "password", "owner", "user_id", "tenant", "approved", "banned"}

func isPrivileged(p *rule.Pass, class ir.ClassID) bool {
	for _, attr := range p.Project.Flow.ClassAttrs(class) {
		for _, w := range privileged {
			if strings.Contains(strings.ToLower(attr), w) {
				return true
			}
		}
	}
	return false
}
