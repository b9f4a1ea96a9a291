package auth001

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

// judge compares views that have something in common besides their file: the resource that they are about, that they change
// something, that they are for administrators.
type judge struct {
	p     *rule.Pass
	views []*view
	found map[ir.FuncID]bool
}

// changeDepth is how many calls below a view its changes are looked for: a service, a repository and a session lie between.
const changeDepth = 4

// isOpen: nothing keeps strangers from a view that is not meant for them by its name. What it calls may refuse them too.
func (j *judge) isOpen(v *view) bool {
	return !isPublic(v.Route) && j.isUnguarded(v)
}

// isUnguarded: nothing keeps strangers from a view, whatever it is called.
func (j *judge) isUnguarded(v *view) bool {
	if v.access.Guard != "" || v.access.Declined || j.found[v.Handler] || project.NamesSignIn(v.URL) {
		return false
	}
	return !j.declaresGuard(v) && !effects.Has(j.p.Project.Effects.Reach(v.Handler, refuseDepth), effects.SignIn) && !j.refusesBelow(v)
}

const (
	// refuseDepth is how many calls below a view something is looked for that refuses strangers, maxBelow how many functions.
	refuseDepth = 3
	maxBelow    = 200
)

// refusesBelow: something that the view calls asks who is calling and refuses, or is called as if it did.
func (j *judge) refusesBelow(v *view) bool {
	level, seen := []ir.FuncID{v.Handler}, map[ir.FuncID]bool{v.Handler: true}
	for range refuseDepth {
		var next []ir.FuncID
		for _, id := range level {
			for _, e := range j.p.Project.Flow.Callees(id) {
				if len(seen) == maxBelow {
					return true // too much to tell
				}
				if seen[e.To] {
					continue
				}
				if j.refuses(e.To) {
					return true
				}
				seen[e.To] = true
				next = append(next, e.To)
			}
		}
		level = next
	}
	return false
}

func (j *judge) refuses(id ir.FuncID) bool {
	name := j.p.Project.Prog.FuncName(id)
	if demanding.MatchString(name[strings.LastIndexByte(name, '.')+1:]) {
		return true
	}
	es := j.p.Project.Effects
	return effects.Has(es.Of(id), effects.Refuses) && effects.Has(es.Reach(id, 1), effects.Asks)
}

// demanding are names of functions that let nobody pass without a right.
var demanding = regexp.MustCompile(`(?i)^_*(require|ensure|assert|check|verify|enforce|validate|demand)_?(if_|that_|is_|has_|the_|current_|request_|api_|access_)*(login|logged|sign|auth|admin|perm|access|role|owner|right|allow|user_(is|has|can)|token$|session$|key$)|^(login|admin|auth)_?required`)

func (j *judge) isGuarded(v *view) bool {
	return v.access.Guard != "" && v.access.Guard != project.ByItself
}

func (j *judge) change(v *view, kinds effects.Kind) *effects.Effect {
	return effects.First(j.p.Project.Effects.Reach(v.Handler, changeDepth), kinds)
}

// filledPart is a part of a URL that is filled in.
var filledPart = regexp.MustCompile(`<[^>]*>`)

// resource is what a URL is about: its beginning up to the first part that is filled in, the whole of it where none is, or
// where it begins with one.
func resource(url string) string {
	url = strings.TrimSuffix(filledPart.ReplaceAllString(url, "<>"), "/")
	if i := strings.Index(url, "<>"); i > 1 && strings.Trim(url[:i], "/") != "api" {
		return url[:i+2]
	}
	return url
}

// resources reports views that change a resource for strangers, while those beside them that only read it, or change it too,
// have a guard.
func (j *judge) resources() {
	type place struct {
		mod *ir.Module
		url string
	}
	groups := map[place][]*view{}
	var order []place
	for _, v := range j.views {
		if !v.Resolved || v.URL == "/" {
			continue
		}
		at := place{v.Module, resource(v.URL)}
		if groups[at] == nil {
			order = append(order, at)
		}
		groups[at] = append(groups[at], v)
	}
	for _, at := range order {
		j.oneResource(groups[at])
	}
}

func (j *judge) oneResource(group []*view) {
	var guarded, open []*view
	for _, v := range group {
		if v.access.ByDecorator {
			guarded = append(guarded, v)
		} else if j.isOpen(v) {
			open = append(open, v)
		}
	}
	guarded, open = once(guarded), once(open)
	if len(open) > len(guarded) {
		return
	}
	for _, v := range open {
		if e := j.change(v, effects.Write|effects.File|effects.Shared); v.IsUnsafe() && e != nil && j.speaks(guarded, v) {
			j.report(v, guarded, fmt.Sprintf("%s without a guard, while %s of the same resource %s", does(v, e), count(len(guarded), "view"), haveGuard(guarded)), e)
		}
	}
}

// speaks: what guarded views of the same resource say of one without a guard. Where the URL has no part that is filled in,
// strangers may create what the signed-in see in a list.
func (j *judge) speaks(guarded []*view, v *view) bool {
	reads := slices.ContainsFunc(guarded, func(g *view) bool { return g.URL == v.URL && slices.Contains(g.Methods, "GET") })
	if strings.Contains(v.URL, "<") {
		return reads || len(guarded) > 1
	}
	return reads && (len(guarded) > 1 || effects.Has(j.p.Project.Effects.Of(v.Handler), effects.Asks))
}

// once leaves one view of each function.
func once(views []*view) (out []*view) {
	for _, v := range views {
		if !slices.ContainsFunc(out, func(o *view) bool { return o.Handler == v.Handler }) {
			out = append(out, v)
		}
	}
	return out
}

const (
	// minWriters is how many views of a program that change something have to be guarded, and minWriterShare of them; of fewer
	// than manyWriters all but one.
	minWriters, manyWriters = 5, 12
	minWriterShare          = 0.9
	// minBeside is how many guarded views have to stand in the same file, one of which changes something; where there are none,
	// minInBlueprint that do so in other files of the same blueprint.
	minBeside, minInBlueprint = 3, 8
)

// writers reports views that change something for strangers, where nearly all of the program that do so, and all others of
// their file, or nearly all of their blueprint, have a guard.
func (j *judge) writers() {
	var open, guarded []*view
	for _, v := range once(j.views) {
		if !v.IsUnsafe() || isPublic(v.Route) || !effects.Has(j.p.Project.Effects.Reach(v.Handler, 2), effects.Write|effects.File) {
			continue
		}
		switch {
		case j.isGuarded(v):
			guarded = append(guarded, v)
		case j.isOpen(v):
			open = append(open, v)
		}
	}
	have, all := len(guarded), len(guarded)+len(open)
	if have < minWriters || have < manyWriters && len(open) > 1 || float64(have) < minWriterShare*float64(all) && len(open) > 1 {
		return
	}
	for _, v := range open {
		if effects.Has(j.p.Project.Effects.Of(v.Handler), effects.Asks) {
			continue // it minds who is calling in its own way
		}
		beside, group := j.beside(v, guarded, open)
		if group == "" {
			continue
		}
		j.report(v, beside, fmt.Sprintf("this view changes something without a guard, while %s of its %s, and %d of the %d views of the program that change something, %s",
			count(len(beside), "other view"), group, have, all, haveGuard(beside)), j.change(v, effects.Write|effects.File))
	}
}

// beside are the guarded views that a view without a guard is compared with, those of its file or of its blueprint; "" when
// there are too few, or when another one of the file has no guard either.
func (j *judge) beside(v *view, guarded, open []*view) (views []*view, group string) {
	inFile := func(o *view) bool { return o.Module == v.Module }
	own := alike(once(j.views), v, func(o *view) bool { return inFile(o) && j.isGuarded(o) })
	if len(own) >= minBeside && len(alike(guarded, v, inFile)) > 0 && len(alike(open, v, inFile)) == 1 {
		return own, "file"
	}
	if far := alike(guarded, v, func(o *view) bool { return !inFile(o) }); blueprintOf(v.Route) != "" && len(far) >= minInBlueprint {
		return far, "blueprint"
	}
	return nil, ""
}

// alike are those of some views that are on the blueprint of one, and that a condition holds for.
func alike(views []*view, of *view, holds func(*view) bool) (out []*view) {
	for _, v := range views {
		if blueprintOf(v.Route) == blueprintOf(of.Route) && holds(v) {
			out = append(out, v)
		}
	}
	return out
}

// openToAll are pages below /admin that strangers need: to sign in, and what the page to do so is made of.
var openToAll = regexp.MustCompile(`(?i)log_?in|log_?out|sign_?(in|up|out)|auth|regist|forgot|reset|recover|password|captcha|oauth|saml|oidc|callback|static|assets?|health|setup|install|token|favicon|robots`)

// belowAdmin are URLs of pages for administrators.
var belowAdmin = regexp.MustCompile(`(?i)^(/[\w-]+)?/admin(/|$)`)

// administration reports pages for administrators that strangers can open.
func (j *judge) administration() {
	var guarded, open []*view
	for _, v := range once(j.views) {
		switch {
		case !v.Resolved || !belowAdmin.MatchString(v.URL) || j.isOfFlaskAdmin(v):
		case j.isGuarded(v) || v.access.Guard == project.ByItself:
			guarded = append(guarded, v)
		case !openToAll.MatchString(v.URL) && !openToAll.MatchString(v.Function) && j.isUnguarded(v) && !j.onlyRedirects(v):
			open = append(open, v)
		}
	}
	if len(open) == 0 {
		return
	}
	if len(guarded) == 0 && !j.signsIn() {
		return
	}
	shows := map[*ir.Module]*finding.Finding{}
	for i, v := range open {
		switch e := j.change(v, effects.Write|effects.File); {
		case len(guarded) == 0 && i == 0:
			j.report(v, open[1:], does(v, e)+" below /admin, and nothing keeps strangers from any view there, though the application signs people in", e)
		case len(guarded) == 0:
			return
		case e == nil && shows[v.Module] != nil: // those of a file that only show something have one cause
			shows[v.Module].Related = append(shows[v.Module].Related, named([]*view{v})...)
		default:
			f := j.report(v, guarded, fmt.Sprintf("%s below /admin without a guard, while %s there %s", does(v, e), count(len(guarded), "view"), haveGuard(guarded)), e)
			if e == nil {
				f.Severity = finding.Medium
				shows[v.Module] = f
			}
		}
	}
}

// isOfFlaskAdmin: the library asks a method of the view's class first.
func (j *judge) isOfFlaskAdmin(v *view) bool {
	class := j.p.Project.Prog.ClassOf(v.Handler)
	return class != ir.NoClass && slices.ContainsFunc(j.p.Project.Prog.MRO(class), func(t semantic.Target) bool { return strings.HasPrefix(t.Path, "flask_admin") })
}

// onlyRedirects: all that a view ever answers is another address.
func (j *judge) onlyRedirects(v *view) bool {
	at, ok := j.p.PlaceIn(v.Handler, 0)
	if !ok || v.IsUnsafe() {
		return false
	}
	f, away, other := at.Mod.File, false, false
	at.InFunction(func(n ast.NodeID) {
		if f.Kind(n) != ast.Return {
			return
		}
		answer := f.SlotA(n)
		if answer != 0 && f.Kind(answer) == ast.Call && strings.Contains(f.IdentOf(f.SlotA(answer)), "redirect") {
			away = true
		} else {
			other = true
		}
	})
	return away && !other
}

// signsIn: some view of the program signs somebody in.
func (j *judge) signsIn() bool {
	return slices.ContainsFunc(j.views, func(v *view) bool { return effects.Has(j.p.Project.Effects.Of(v.Handler), effects.SignIn) })
}

func does(v *view, e *effects.Effect) string {
	if v.IsUnsafe() && e != nil {
		return "this view changes something"
	}
	return "this view answers"
}

func count(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// haveGuard says by what views are guarded.
func haveGuard(guarded []*view) string {
	guards := map[string]int{}
	for _, v := range guarded {
		guards[v.access.Guard]++
	}
	verb := "have"
	if len(guarded) == 1 {
		verb = "has"
	}
	return verb + " one such as " + commonest(guards)
}

// maxSiblings bounds the views that a finding names.
const maxSiblings = 5

func (j *judge) report(v *view, siblings []*view, message string, e *effects.Effect) *finding.Finding {
	j.found[v.Handler] = true
	fn := j.p.Project.Flow.Func(v.Handler)
	f := j.p.At("missing-guard", fn, fn.Node)
	f.Message = message
	f.Confidence, f.Verdict = finding.ConfidenceMedium, finding.Verify
	f.Reasons = append(f.Reasons, "whether strangers may call it is for its authors to say")
	if e != nil {
		if at := j.p.Project.Flow.Func(e.Func); at != nil {
			f.Related = append(f.Related, finding.Location{Path: at.Module.Source.Path, Span: at.SpanOf(e.Node), Note: e.What})
		}
	}
	f.Related = append(f.Related, named(siblings)...)
	j.p.Report(f)
	return f
}

// named says which views another one was compared with.
func named(siblings []*view) (out []finding.Location) {
	for _, s := range siblings {
		if len(out) == maxSiblings {
			break
		}
		note := project.RouteName(s.Route) + ", guarded by " + s.access.Guard
		if s.access.Guard == "" {
			note = project.RouteName(s.Route) + ", without a guard as well"
		}
		out = append(out, finding.Location{Path: s.Module.Source.Path, Span: s.Module.File.Span(s.Node), Note: note})
	}
	return out
}
