// Package auth002 judges whether views that look an object up by an id from the request ask whose it is.
package auth002

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/project"
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
	c := newCallers(p)
	var m *model
	seen := map[ir.FuncID]bool{}
	for _, r := range p.Project.Flask.Routes {
		if !r.HasHandler || r.IsLibrary || r.Module.IsTest || seen[r.Handler] || !forAnybodySignedIn(p, r) {
			continue
		}
		seen[r.Handler] = true
		if m == nil {
			m = modelOf(p, c)
		}
		if !look(p, r, m) {
			stamp(p, r, m)
		}
	}
	parts(p, c)
}

// signIn are guards that ask for nothing but a sign-in.
var signIn = regexp.MustCompile(`(?i)(^|[._])((user_)?login_required|fresh_login_required|auth_required|auth_token_required|jwt_required|login_optional|token_required|signed_in|logged_in|authenticated|requires_login|require_login|requires_auth|require_auth|require_token|check_token)(\(\))?$`)

// withoutAccount are views that change an account before anybody is signed in, by a token that was mailed.
var withoutAccount = regexp.MustCompile(`(?i)forgot|reset|recover|confirm|activate|verif|regist|sign_?up|invit`)

// forAnybodySignedIn: the view stands behind a sign-in, and behind nothing more. A decorator of another name may look at the
// parts of the URL.
func forAnybodySignedIn(p *rule.Pass, r flask.Route) bool {
	if a := p.Project.Access(r); a.Guard == "" || privileged.MatchString(r.URL) || privileged.MatchString(r.Module.Source.Path) || privileged.MatchString(r.Function) {
		return false
	}
	if project.NamesSignIn(r.Function) || project.NamesSignIn(r.URL) {
		return false
	}
	for _, g := range r.Guards {
		if g.Registers && !looksAtURL(p, g.Func) && !privileged.MatchString(rule.Text(p.Project.Flow.Func(g.Func))) {
			continue // what it asks was judged
		}
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

// How deep below a view its lookups are searched, and what decides.
const (
	lookupDepth = 3
	usesDepth   = 3
)

func look(p *rule.Pass, r flask.Route, m *model) bool {
	found := lookups(p, r, m)
	if len(found) == 0 {
		return false
	}
	view, _ := p.PlaceIn(r.Handler, 0)
	uses := m.callers.usesIn(r.Handler, usesDepth)
	for _, l := range found {
		if len(uses) > maxUses || slices.ContainsFunc(uses, func(n nodeID) bool { return !exclusive(view, n, l.anchor) }) {
			continue
		}
		report(p, r, l)
		return true
	}
	return false
}

func report(p *rule.Pass, r flask.Route, l lookup) {
	f := p.At("foreign-object", p.Project.Flow.Func(r.Handler), l.anchor)
	switch {
	case l.account != "":
		f.Message = fmt.Sprintf("whoever is signed in changes the %s of the account that the request names", l.account)
	case l.byOwner:
		f.Message = fmt.Sprintf("%s: whoever is signed in changes the rows of the %s that the request names", l.of.name, l.column)
	case l.of.proof.Path == "":
		f.Message = fmt.Sprintf("%s is changed by the %s from the request, for whoever is signed in; its %s says whose it is", l.of.name, l.column, l.of.columns[0])
	default:
		f.Message = fmt.Sprintf("%s is looked up by the %s from the request, for whoever is signed in; elsewhere its %s decides", l.of.name, l.column, l.of.columns[0])
	}
	f.Verdict, f.Confidence = finding.Verify, finding.ConfidenceMedium
	f.Reasons = append(f.Reasons, "whether others may see or change the object is for its authors to say")
	if l.of != nil && l.of.proof.Path != "" {
		f.Related = append(f.Related, l.of.proof)
	} else if l.of != nil && l.of.stamp.Path != "" {
		f.Related = append(f.Related, l.of.stamp)
	}
	if l.at.Func != r.Handler {
		f.Related = append(f.Related, finding.Location{Path: l.at.Mod.Source.Path, Span: l.at.Mod.File.Span(l.at.Node), Note: "looks it up"})
	}
	if l.account != "" || l.of.proof.Path != "" && effects.Has(p.Project.Effects.Reach(r.Handler, 2), effects.Write|effects.File) {
		f.Severity = finding.High
	}
	p.Report(f)
}
