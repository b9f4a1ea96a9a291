// Package csrf001 judges whether views that change something for a signed-in browser can be called from other sites.
package csrf001

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
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-CSRF-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run looks for views that a forged request could use, and reports the one cause that they have in common: there is no
// protection, it is switched off, or an exemption takes them out.
func (Rule) Run(p *rule.Pass) {
	open := openViews(p)
	if off := switchedOff(p); len(off) > 0 {
		for _, c := range off {
			disabled(p, c, open)
		}
		return
	}
	if len(p.Project.Flask.CSRF) == 0 {
		unprotected(p, open)
		adminForms(p)
		return
	}
	exempt(p, open)
	whileServing(p)
}

// view is a route that a forged request could use.
type view struct {
	flask.Route
	access project.Access
	// byForm: a form of another site can send the request. It cannot send PUT, PATCH, DELETE or JSON: for those a browser
	// asks the site first.
	byForm bool
}

// openViews are the routes that change something, know their caller by a cookie, and compare no token.
func openViews(p *rule.Pass) []view {
	var out []view
	for _, r := range p.Project.Flask.Routes {
		if r.IsLibrary || !r.HasHandler || r.Module.IsTest || !r.IsUnsafe() {
			continue
		}
		a := p.Project.Access(r)
		if a.Token != "" || !a.ByCookie || a.NeedsHeader || byHeaderAlone(p, r, a) || hasSecretPart(r) || signsIn(p, r, a) {
			continue
		}
		out = append(out, view{r, a, formCanSend(p, r)})
	}
	return out
}

// secretPart is a part of a URL that only those know who were given it. An id is not one, however long: pages and links
// show it.
var secretPart = regexp.MustCompile(`(?i)(token|secret|api_?key|signature)`)

func hasSecretPart(r flask.Route) bool {
	for name := range r.Params {
		if secretPart.MatchString(name) {
			return true
		}
	}
	return false
}

// signsIn: before the sign-in there is nobody in whose name the request could act. A view behind a decorator of its own has
// somebody already.
func signsIn(p *rule.Pass, r flask.Route, a project.Access) bool {
	return effects.Has(p.Project.Effects.Of(r.Handler), effects.SignIn) || !a.ByDecorator && effects.Has(p.Project.Effects.Reach(r.Handler, 3), effects.SignIn)
}

// onlySignsOut: all that a forged request gets done is that somebody has to sign in again.
func onlySignsOut(p *rule.Pass, v view) bool {
	all := p.Project.Effects.Reach(v.Handler, 2)
	return effects.Has(p.Project.Effects.Of(v.Handler), effects.SignOut) && !effects.Has(all, effects.Write|effects.File)
}

func formCanSend(p *rule.Pass, r flask.Route) bool {
	if !slices.Contains(r.Methods, "POST") {
		return false
	}
	all := p.Project.Effects.Reach(r.Handler, 1)
	return effects.Has(all, effects.ReadsForm) || !effects.Has(all, effects.ReadsJSON)
}

// byHeaderAlone: a signature or a credential in a header is demanded by the view itself, whatever a cookie says.
func byHeaderAlone(p *rule.Pass, r flask.Route, a project.Access) bool {
	own := p.Project.Effects.Of(r.Handler)
	return a.ByHeader && effects.Has(own, effects.AsksHeader) && effects.Has(own, effects.Refuses|effects.ChecksSecret)
}

// switchedOff are the assignments that turn the protection off outside tests, altogether or until somebody calls it.
func switchedOff(p *rule.Pass) []flask.ConfigSet {
	var out []flask.ConfigSet
	for _, c := range p.Project.Flask.Config {
		if rule.IsDevelopment(c) || c.Cond {
			continue
		}
		switch {
		case c.Key == "WTF_CSRF_ENABLED" && rule.IsFalse(c.Arg.Value), c.Key == "CSRF_DISABLE" && rule.IsTrue(c.Arg.Value) && p.Imports("flask_seasurf"),
			c.Key == "WTF_CSRF_CHECK_DEFAULT" && rule.IsFalse(c.Arg.Value) && len(p.Sites("protect")) == 0:
			out = append(out, c)
		}
	}
	return out
}

func disabled(p *rule.Pass, c flask.ConfigSet, open []view) {
	f := p.AtNode("disabled", c.Module, c.Node)
	f.Function = c.Class
	f.Message = "CSRF protection is switched off: " + c.Key + " is False"
	switch c.Key {
	case "CSRF_DISABLE":
		f.Message = "CSRF protection is switched off: CSRF_DISABLE is True"
	case "WTF_CSRF_CHECK_DEFAULT":
		f.Message = "no request is checked: WTF_CSRF_CHECK_DEFAULT is False, and nothing calls protect()"
	}
	relate(f, open)
	p.Report(f)
}

// unprotected is one finding for the whole application: what is missing is missing once.
func unprotected(p *rule.Pass, open []view) {
	guarded := slices.DeleteFunc(slices.Clone(open), func(v view) bool { return !forSomebody(p, v) })
	if len(guarded) == 0 {
		return
	}
	slug := "unprotected-route"
	if byForm := slices.DeleteFunc(slices.Clone(guarded), func(v view) bool { return !v.byForm }); len(byForm) > 0 {
		guarded = byForm
	} else {
		slug = "json-api"
	}
	fn, node := place(p, guarded)
	f := p.At(slug, fn, node)
	f.Routes = nil
	f.Message = fmt.Sprintf("%s for whoever is signed in by cookie, and nothing checks that the request came from this site", count(len(guarded)))
	f.Reasons = append(f.Reasons, "a check outside the application's code would not be seen")
	relate(f, guarded)
	p.Report(f)
}

func count(n int) string {
	if n == 1 {
		return "one view changes something"
	}
	return fmt.Sprintf("%d views change something", n)
}

// forSomebody: the view acts for whoever is signed in. It refuses strangers, or fails without what only the signed-in have.
func forSomebody(p *rule.Pass, v view) bool {
	return v.access.Guard != "" || effects.Has(p.Project.Effects.Of(v.Handler), effects.NeedsSession) && writes(p, v)
}

// place is where protection would be added: where the application is made, else the first view. Of several applications
// the one counts whose package holds most of the views, those of its own file above all.
func place(p *rule.Pass, views []view) (*ir.Func, ast.NodeID) {
	best, most := -1, 0
	for i, a := range p.Project.Flask.Apps {
		if a.Func == nil || a.Func.Module.IsTest {
			continue
		}
		near := 1
		for _, v := range views {
			if v.Module == a.Func.Module {
				near += 2
			} else if top(v.Module.Source.Path) == top(a.Func.Module.Source.Path) {
				near++
			}
		}
		if near > most {
			best, most = i, near
		}
	}
	if best >= 0 {
		return p.Project.Flask.Apps[best].Func, p.Project.Flask.Apps[best].Node
	}
	fn := p.Project.Flow.Func(views[0].Handler)
	return fn, fn.Node
}

// top is the first folder of a path.
func top(path string) string {
	dir, _, _ := strings.Cut(path, "/")
	return dir
}

// maxRelated bounds the views that a finding names.
const maxRelated = 12

func relate(f *finding.Finding, views []view) {
	for i, v := range views {
		if i == maxRelated {
			break
		}
		f.Related = append(f.Related, finding.Location{
			Path: v.Module.Source.Path, Span: v.Module.File.Span(v.Node), Note: project.RouteName(v.Route) + ", guarded by " + orNobody(v.access.Guard),
		})
	}
}

func orNobody(guard string) string {
	if guard == "" {
		return "nothing that was seen"
	}
	return guard
}

func writes(p *rule.Pass, v view) bool {
	return effects.Has(p.Project.Effects.Reach(v.Handler, 3), effects.Write|effects.File|effects.Shared|effects.SignOut)
}

// exempt reports each exemption that takes a view out which a forged request could use.
func exempt(p *rule.Pass, open []view) {
	seen := map[*flask.Exemption][]view{}
	var order []*flask.Exemption
	for _, v := range open {
		e := p.Project.Flask.IsExempt(v.Route)
		if e == nil || !forSomebody(p, v) {
			continue
		}
		if seen[e] == nil {
			order = append(order, e)
		}
		seen[e] = append(seen[e], v)
	}
	for _, e := range order {
		views := seen[e]
		f := p.AtNode("exempt", e.Module, e.Node)
		if !slices.ContainsFunc(views, func(v view) bool { return v.byForm }) {
			f = p.AtNode("json-api", e.Module, e.Node)
		} else if !slices.ContainsFunc(views, func(v view) bool { return v.byForm && writes(p, v) }) {
			f.Severity, f.Confidence = finding.Medium, finding.ConfidenceMedium
			f.Reasons = append(f.Reasons, "no change was seen in the view")
		}
		if !slices.ContainsFunc(views, func(v view) bool { return !onlySignsOut(p, v) }) {
			f.Severity = finding.Low
		}
		f.Message = fmt.Sprintf("%s for whoever is signed in by cookie, without a check that the request came from this site", count(len(views)))
		for _, v := range views {
			f.Routes = append(f.Routes, project.RouteName(v.Route))
		}
		slices.Sort(f.Routes)
		f.Routes = slices.Compact(f.Routes)
		relate(f, views)
		p.Report(f)
	}
}
