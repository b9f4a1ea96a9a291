// Package auth001 judges whether views stand behind the guard that belongs there.
package auth001

import (
	_ "embed"
	"fmt"
	"path"
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

// Rule is FLASK-AUTH-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run compares the views of each module with one another, and those of small modules with the rest of their folder; then it
// looks at the order of their decorators.
func (Rule) Run(p *rule.Pass) {
	byModule := map[*ir.Module][]*view{}
	var order []*ir.Module
	for _, r := range p.Project.Flask.Routes {
		if r.IsLibrary || !r.HasHandler || r.Module.IsTest {
			continue
		}
		if byModule[r.Module] == nil {
			order = append(order, r.Module)
		}
		byModule[r.Module] = append(byModule[r.Module], &view{Route: r, access: p.Project.Access(r)})
	}
	byFolder := map[string][]*view{}
	var folders []string
	above := map[ir.FuncID]bool{}
	for _, m := range order {
		views := byModule[m]
		misplaced(p, views, above)
		if handlers(views) >= minGuarded {
			outliers(p, views, above, inFile)
			continue
		}
		folder := path.Dir(m.Source.Path)
		if byFolder[folder] == nil {
			folders = append(folders, folder)
		}
		byFolder[folder] = append(byFolder[folder], views...)
	}
	for _, f := range folders {
		outliers(p, byFolder[f], above, inFolder)
	}
	j := &judge{p: p, found: above}
	for _, m := range order {
		j.views = append(j.views, byModule[m]...)
	}
	j.resources()
	j.administration()
	j.writers()
	exemptions(p)
	openAdmin(p)
}

// handlers counts the functions that answer.
func handlers(views []*view) int {
	seen := map[ir.FuncID]bool{}
	for _, v := range views {
		seen[v.Handler] = true
	}
	return len(seen)
}

// view is a route with what stands before it.
type view struct {
	flask.Route
	access project.Access
}

// group is what views have in common, and how many of them have to be guarded before the one without a guard is taken for
// forgotten.
type group struct {
	what    string
	guarded int
	share   float64
}

var (
	inFile = group{"file", minGuarded, 0.75}
	// Files of one folder have less in common.
	inFolder = group{"folder", 8, 0.9}
)

const (
	minGuarded = 4
	// Behind a hook that asks who is there, decorators may be for a few views on purpose.
	minShareBehindHook = 0.9
	// A view that only shows something has to be the only one without a guard, among so many, or one in so many.
	minReaders = 6
	oneIn      = 10
	// A page about the state of the server is often meant for everybody: it has to be the only one without a guard, among so many.
	minBesideStatus = 20
)

// publicName is a view that strangers are meant to reach.
var publicName = regexp.MustCompile(`(?i)(^|[^a-z])(auth/?$|authenticate/?$|log_?in|log_?out|sign_?in|sign_?up|sign_?out|register|registration|forgot(ten)?|reset|recover(y)?|confirm(ation)?|verify|verification|resend|password_?less|password_?required|activate|unsubscribe|callback|oauth2?|oidc|saml|sso|authori[sz]ed?|token|web_?hooks?|hook|health(z|check)?|status|ping|ready|alive|version|robots|favicon|sitemap|manifest|static|assets?|public|share|index|home|root|about|terms|privacy|legal|contact|errors?|captcha|cookies?|consent|language|locale|theme|feed|rss|service_?worker|offline|setup|install|invite|join|landing|docs|swagger|openapi|well_?known|metrics|render|welcome)([^a-z]|$)`)

// storedToken is a token in a URL, by the name of the resource or of a part that is filled in.
var storedToken = regexp.MustCompile(`/token\b|<[^>]*>`)

// outliers reports views that lack the guard which nearly all others of their group have, and that do something a stranger
// should not.
func outliers(p *rule.Pass, views []*view, above map[ir.FuncID]bool, in group) {
	guards, guarded, all := map[string]int{}, map[ir.FuncID]bool{}, map[ir.FuncID]bool{}
	for _, v := range views {
		all[v.Handler] = true
		// A hook or a class guards everything below it: only what its authors put on each view can be forgotten on one.
		if (v.access.ByDecorator || v.access.Guard != "" && v.access.Guard != project.ByItself && !anyDecorated(views)) && !guarded[v.Handler] {
			guarded[v.Handler] = true
			guards[v.access.Guard]++
		}
	}
	if len(guarded) < in.guarded || float64(len(guarded)) < in.share*float64(len(all)) {
		return
	}
	guard, have := commonest(guards), len(guarded)
	shared := map[string]bool{} // blueprints that have guarded views here: the views of another one were set apart
	for _, v := range views {
		if guarded[v.Handler] {
			shared[blueprintOf(v.Route)] = true
		}
	}
	left, like := unguarded(views, guarded), slices.DeleteFunc(once(views), func(v *view) bool { return !guarded[v.Handler] })
	for _, v := range views {
		if !shared[blueprintOf(v.Route)] || guarded[v.Handler] || v.access.Guard == project.ByItself || v.access.Declined || above[v.Handler] {
			continue
		}
		if isPublic(v.Route) && !(saysStatus(v.Route) && have >= minBesideStatus && left == 1) {
			continue
		}
		if v.access.Guard != "" && float64(have) < minShareBehindHook*float64(len(all)) {
			continue
		}
		guarded[v.Handler] = true // one finding for each view
		e := effects.First(p.Project.Effects.Reach(v.Handler, 3), effects.Write|effects.File|effects.Shared)
		if e == nil && !v.IsUnsafe() && (have < minReaders || left > max(1, have/oneIn)) {
			continue // one page that only shows something may be meant for everybody
		}
		above[v.Handler] = true
		report(p, v, guard, have, len(all), e, in, like)
	}
}

// unguarded counts the views without a guard that are not meant for strangers by their name, and that sign nobody in; a page
// about the state of the server is counted.
func unguarded(views []*view, guarded map[ir.FuncID]bool) int {
	seen := map[ir.FuncID]bool{}
	for _, v := range views {
		if !guarded[v.Handler] && v.access.Guard != project.ByItself && (!isPublic(v.Route) || saysStatus(v.Route)) {
			seen[v.Handler] = true
		}
	}
	return len(seen)
}

// statusName is the last part of a URL that says something about the server, which may be more than strangers should know.
var statusName = regexp.MustCompile(`(?i)/(status|version|metrics|about)/?$`)

// saysStatus: nothing but that last part says that strangers are meant to reach the view.
func saysStatus(r flask.Route) bool {
	before := statusName.ReplaceAllString(r.URL, "")
	return before != r.URL && before != "" && !publicName.MatchString(before)
}

func blueprintOf(r flask.Route) string {
	name, _, found := strings.Cut(r.Endpoint, ".")
	if !found {
		return ""
	}
	return name
}

func anyDecorated(views []*view) bool {
	return slices.ContainsFunc(views, func(v *view) bool { return v.access.ByDecorator })
}

func commonest(guards map[string]int) (name string) {
	for g, n := range guards {
		if n > guards[name] || n == guards[name] && g < name {
			name = g
		}
	}
	return name
}

func isPublic(r flask.Route) bool {
	name := r.Function[strings.LastIndexByte(r.Function, '.')+1:]
	url := r.URL
	if !slices.Contains(r.Methods, "GET") && !slices.Contains(r.Methods, "POST") {
		url = storedToken.ReplaceAllString(url, "") // where tokens are handed out, none is changed or deleted
	}
	return publicName.MatchString(name) || publicName.MatchString(url) || r.URL == "/"
}

func report(p *rule.Pass, v *view, guard string, have, all int, e *effects.Effect, in group, like []*view) {
	fn := p.Project.Flow.Func(v.Handler)
	f := p.At("missing-guard", fn, fn.Node)
	f.Message = fmt.Sprintf("%d of the %d views of this %s have a guard such as %s, and this one has none", have, all, in.what, guard)
	f.Confidence, f.Verdict = finding.ConfidenceMedium, finding.Verify
	f.Reasons = append(f.Reasons, "whether strangers may call it is for its authors to say")
	if e != nil {
		if at := p.Project.Flow.Func(e.Func); at != nil {
			f.Related = append(f.Related, finding.Location{Path: at.Module.Source.Path, Span: at.SpanOf(e.Node), Note: e.What})
		}
	}
	f.Related = append(f.Related, named(like)...)
	p.Report(f)
}

// misplaced reports guards that stand above the registration: the function that was registered is the one without them.
func misplaced(p *rule.Pass, views []*view, found map[ir.FuncID]bool) {
	for _, v := range views {
		fn := p.Project.Flow.Func(v.Handler)
		if fn == nil || found[v.Handler] {
			continue
		}
		if d := guardAbove(p, fn); d != 0 {
			found[v.Handler] = true
			f := p.At("decorator-order", fn, d)
			f.Message = "the view is registered without " + strings.TrimSpace(fn.Module.File.Text(d)) + ": the decorator stands above the route, and wraps only what is left over"
			p.Report(f)
		}
	}
}

// guardAbove is the first decorator of a function that refuses strangers and stands above one that registers it; 0 when
// there is none.
func guardAbove(p *rule.Pass, fn *ir.Func) ast.NodeID {
	file := fn.Module.File
	if k := file.Kind(fn.Node); k != ast.FunctionDef && k != ast.AsyncFunctionDef {
		return 0
	}
	var guard ast.NodeID
	for _, d := range file.Decorators(fn.Node) {
		n := ast.NodeID(d)
		name := lastName(file, n)
		switch {
		case isRegistration(name):
			if guard != 0 && !notesOnly(p, fn, n) {
				return guard
			}
		case guard == 0 && p.Project.IsGuard(fn.Module, n):
			guard = n
		}
	}
	return 0
}

// notesOnly: the route of Flask-Classful registers nothing. It notes the address on the function, and what stands above takes the note
// along; the class registers what is left in the end.
func notesOnly(p *rule.Pass, fn *ir.Func, decorator ast.NodeID) bool {
	file := fn.Module.File
	if file.Kind(decorator) == ast.Call {
		decorator = file.SlotA(decorator)
	}
	t := p.Project.Prog.ResolveName(fn.Module, file.Dotted(decorator))
	return strings.HasPrefix(t.Path, "flask_classful.") || strings.HasPrefix(t.Path, "flask_classy.")
}

func isRegistration(name string) bool {
	switch name {
	case "route", "get", "post", "put", "patch", "delete", "add_url_rule":
		return true
	}
	return false
}

// lastName is the last component of a decorator's name: route of app.route("/").
func lastName(f *ast.File, n ast.NodeID) string {
	if f.Kind(n) == ast.Call {
		n = f.SlotA(n)
	}
	return f.IdentOf(n)
}
