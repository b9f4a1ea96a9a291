// Package auth002 judges whether views that look an object up by an id from the request ask whose it is.
package auth002

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-AUTH-002.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run compares views with the places of the same program that do ask for the owner.
func (Rule) Run(p *rule.Pass) {
	classes := ownedClasses(p)
	if len(classes) == 0 {
		return
	}
	seen := map[ir.FuncID]bool{}
	for _, r := range p.Project.Flask.Routes {
		if !r.HasHandler || r.IsLibrary || r.Module.IsTest || seen[r.Handler] || !forAnybodySignedIn(p, r) || asksWhose(p, r.Handler) {
			continue
		}
		seen[r.Handler] = true
		look(p, r, classes)
	}
}

// privileged in the name of a guard, a URL or a module says that whoever gets there may see what belongs to others.
var privileged = regexp.MustCompile(`(?i)admin|role|perm|owner|staff|super|scope|acl|polic|moderat|manage|internal|backoffice|can_|access|author(?:i[sz])`)

// signIn are guards that ask for nothing but a sign-in.
var signIn = regexp.MustCompile(`(?i)(^|[._])(login_required|fresh_login_required|auth_required|auth_token_required|jwt_required|login_optional|token_required|signed_in|logged_in|authenticated|requires_login|require_login|requires_auth|require_auth)(\(\))?$`)

// forAnybodySignedIn: the view stands behind a sign-in, and behind nothing more. A decorator of another name may look at the
// parts of the URL.
func forAnybodySignedIn(p *rule.Pass, r flask.Route) bool {
	if a := p.Project.Access(r); a.Guard == "" || privileged.MatchString(r.URL) || privileged.MatchString(r.Module.Source.Path) || privileged.MatchString(r.Function) {
		return false
	}
	for _, g := range r.Guards {
		if !signIn.MatchString(g.Name) || g.HasFunc && looksAtURL(p, g.Func) {
			return false
		}
	}
	return true
}

// looksAtURL: the decorator takes a part of the URL out of the arguments of the view.
func looksAtURL(p *rule.Pass, id ir.FuncID) bool {
	text := rule.Text(p.Project.Flow.Func(id))
	return strings.Contains(text, "kwargs[") || strings.Contains(text, "kwargs.get") || strings.Contains(text, "view_args")
}

// asksWhose: the view, or what it calls, asks who is calling, for whatever reason.
func asksWhose(p *rule.Pass, view ir.FuncID) bool {
	return effects.Has(p.Project.Effects.Reach(view, 3), effects.Asks)
}

func look(p *rule.Pass, r flask.Route, classes map[ir.ClassID]*owned) {
	start, ok := p.PlaceIn(r.Handler, 0)
	if !ok {
		return
	}
	var at rule.Place
	var of *owned
	start.InFunction(func(n ast.NodeID) {
		if of == nil && start.Mod.File.Kind(n) == ast.Call {
			at = start
			at.Node = n
			of = lookup(at, r, classes)
		}
	})
	if of == nil {
		return
	}
	f := p.At("foreign-object", p.Project.Flow.Func(r.Handler), at.Node)
	f.Message = fmt.Sprintf("%s is looked up by an id from the request, for whoever is signed in; elsewhere its %s decides", of.name, of.column)
	f.Verdict, f.Confidence = finding.Verify, finding.ConfidenceMedium
	f.Reasons = append(f.Reasons, "whether others may see or change the object is for its authors to say")
	f.Related = append(f.Related, of.proof)
	if effects.Has(p.Project.Effects.Reach(r.Handler, 2), effects.Write|effects.File) {
		f.Severity = finding.High
	}
	p.Report(f)
}

// lookup is the class whose row a call takes by an id from the request; nil for other calls.
//
//	Note.query.get(key), Note.query.get_or_404(key), db.session.get(Note, key), Note.query.filter_by(id=key)
func lookup(at rule.Place, r flask.Route, classes map[ir.ClassID]*owned) *owned {
	f := at.Mod.File
	fn, args := f.SlotA(at.Node), f.ListB(at.Node)
	if f.Kind(fn) != ast.Attribute || len(args) == 0 {
		return nil
	}
	class, key := f.SlotA(fn), ast.NodeID(args[0])
	switch f.IdentOf(fn) {
	case "get", "get_or_404", "get_or_none", "get_by_id":
		if len(args) > 1 && f.Kind(ast.NodeID(args[1])) != ast.Keyword {
			class, key = key, ast.NodeID(args[1])
		}
	case "filter_by":
		if key = f.KeywordArg(at.Node, "id"); key == 0 || len(args) != 1 {
			return nil
		}
	default:
		return nil
	}
	if f.Kind(class) == ast.Attribute && f.IdentOf(class) == "query" {
		class = f.SlotA(class)
	}
	if k := f.Kind(class); k != ast.Name && k != ast.Attribute {
		return nil
	}
	id, ok := at.Class(class)
	if !ok || classes[id] == nil || !at.FromRequest(key, r, func(flask.Converter) bool { return true }) {
		return nil
	}
	return classes[id]
}
