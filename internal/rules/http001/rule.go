// Package http001 judges what a GET request may do, and what stands in a URL.
package http001

import (
	_ "embed"
	"regexp"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-HTTP-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every route that answers nothing but GET, or whatever the method is, then what query strings are asked for.
func (Rule) Run(p *rule.Pass) {
	seen := map[ir.FuncID]bool{}
	for _, r := range p.Project.Flask.Routes {
		if r.HasHandler && !seen[r.Handler] && !r.Module.IsTest && (onlyGET(r.Methods) || whateverMethod(p, r)) {
			seen[r.Handler] = true
			stateChange(p, r)
		}
	}
	dispatch(p)
	secretInURL(p)
}

func onlyGET(methods []string) bool {
	get := false
	for _, m := range methods {
		switch m {
		case "GET":
			get = true
		case "HEAD", "OPTIONS":
		default:
			return false
		}
	}
	return get
}

// depth is how many calls below a view its effects are looked for.
const depth = 3

// stateChange asks for two things at once: a name or a URL that announces a change, and code that makes one. Either alone
// is common in pages that only show something.
func stateChange(p *rule.Pass, r flask.Route) {
	own := p.Project.Effects.Of(r.Handler)
	if effects.Has(own, effects.ChecksToken) {
		return
	}
	fn := p.Project.Flow.Func(r.Handler)
	verb := announced(r, fn)
	if verb == "" || verb == "change" && opensWithToken.MatchString(r.URL) {
		return
	}
	all := p.Project.Effects.Reach(r.Handler, depth)
	e := effects.First(all, effects.Write|effects.File)
	confidence := finding.ConfidenceHigh
	if out := effects.First(own, effects.SignOut); out != nil {
		e = out
	}
	if e == nil {
		e, confidence = effects.First(own, effects.Shared), finding.ConfidenceMedium
	}
	if e == nil {
		e = deletion(p, r.Handler, verb)
	}
	if e == nil {
		return
	}
	f := p.At("state-change-get", fn, fn.Node)
	f.Routes = p.Project.RoutesReaching(r.Handler)
	f.Message = "a GET request is enough to " + inWords(verb) + ": " + e.What
	f.Confidence = confidence
	if confidence < finding.ConfidenceHigh {
		f.Reasons = append(f.Reasons, "whether this outlives the request was not seen")
	}
	if e.Kind&effects.SignOut != 0 {
		f.Severity = finding.Low
	}
	if at := p.Project.Flow.Func(e.Func); at != nil {
		f.Flow = []finding.Step{
			{Path: fn.Module.Source.Path, Span: fn.SpanOf(fn.Node), Note: "answers GET"},
			{Path: at.Module.Source.Path, Span: at.SpanOf(e.Node), Note: e.What},
		}
	}
	p.Report(f)
}

// opensWithToken is a URL that was mailed: whoever has it confirms with it what he asked for.
var opensWithToken = regexp.MustCompile(`(?i)<[^>]*(token|code|hash|signature)>`)

// deletion is where a function that a view calls, by a name that announces the same, calls something to delete: the row's own
// method of a library that is not known, delete_hierarchy of what was looked up.
func deletion(p *rule.Pass, view ir.FuncID, verb string) *effects.Effect {
	if verb = inWords(verb); verb != "delete" && verb != "remove" {
		return nil
	}
	for _, c := range p.Project.Flow.Callees(view) {
		fn := p.Project.Flow.Func(c.To)
		if fn == nil || inWords(effects.Announces(fn.Name)) != verb {
			continue
		}
		for _, e := range p.Project.Effects.Of(c.To) {
			if e.Kind == effects.Shared && strings.HasPrefix(e.What, "calls "+verb+"_") {
				return &e
			}
		}
	}
	return nil
}

// inWords is a verb as a sentence has it.
func inWords(verb string) string {
	switch verb {
	case "logout":
		return "log out"
	case "new":
		return "create"
	case "del":
		return "delete"
	}
	return verb
}

// announced is the word in the view's name, or in the fixed parts of its URL, that says that something changes.
func announced(r flask.Route, fn *ir.Func) string {
	if fn == nil {
		return ""
	}
	if v := effects.Announces(fn.Name); v != "" {
		return v
	}
	for _, part := range strings.Split(r.URL, "/") {
		if !strings.Contains(part, "<") {
			if v := effects.Announces(part); v != "" {
				return v
			}
		}
	}
	return ""
}
