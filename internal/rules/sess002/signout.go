package sess002

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/rule"
)

// harmlessKey is something in a session that may outlive a sign-out: how the site looks, where to go next, one-time values,
// and what Flask-Login itself takes away.
var harmlessKey = regexp.MustCompile(`(?i)(csrf|next|lang|locale|theme|flash|redirect|url|state|nonce|verifier|timezone|page|view|sort|captcha|consent|permanent|^_(remember|remember_seconds|user_id|id|fresh)$)`)

// signOut reports views that sign somebody out with Flask-Login, which takes only its own keys out of the session, in
// programs that keep more there; and those that take further keys out one by one instead of emptying it.
func signOut(p *rule.Pass) {
	kept, given := keptKeys(p), rights(p)
	seen := map[ir.FuncID]bool{}
	for _, r := range p.Project.Flask.Routes {
		if !r.HasHandler || seen[r.Handler] || r.Module.IsTest {
			continue
		}
		seen[r.Handler] = true
		all, own := p.Project.Effects.Reach(r.Handler, 2), p.Project.Effects.Of(r.Handler)
		if effects.Has(all, effects.Renews|effects.SignIn) {
			continue
		}
		taken := takenKeys(p, r.Handler)
		e := byFlaskLogin(own)
		if e == nil {
			forgets(p, r, given, taken)
			continue
		}
		stays := slices.IndexFunc(kept, func(key string) bool { return !taken[key] })
		if stays < 0 && len(taken) == 0 {
			continue
		}
		fn := p.Project.Flow.Func(r.Handler)
		f := p.At("left-over", fn, e.Node)
		f.Confidence = finding.ConfidenceMedium
		if stays >= 0 {
			f.Message = fmt.Sprintf("logout_user() takes its own keys out of the session, and session[%q] stays there", kept[stays])
			f.Reasons = append(f.Reasons, "whether what stays behind belongs to the person was not seen")
		} else {
			f.Message = "the sign-out takes single keys out of the session instead of emptying it: what extensions keep there stays, anti-forgery tokens for example"
		}
		p.Report(f)
	}
}

// isSignOut is a view that is called so.
var isSignOut = regexp.MustCompile(`(?i)log_?-?out|sign_?-?out|log_?-?off`)

// forgets reports a sign-out that takes the name out of the session and leaves there what a sign-in put beside it to say
// what the person may do.
func forgets(p *rule.Pass, r flask.Route, given []string, taken map[string]bool) {
	e := effects.First(p.Project.Effects.Of(r.Handler), effects.SignOut)
	if e == nil || len(taken) == 0 || !isSignOut.MatchString(r.Function) && !isSignOut.MatchString(r.URL) {
		return
	}
	i := slices.IndexFunc(given, func(key string) bool { return !taken[key] })
	if i < 0 {
		return
	}
	f := p.At("left-over", p.Project.Flow.Func(r.Handler), e.Node)
	f.Message = fmt.Sprintf("the sign-out leaves session[%q] there, which the sign-in wrote", given[i])
	p.Report(f)
}

// right is a key that says who somebody is or what they may do.
var right = regexp.MustCompile(`(?i)role|admin|perm|rights|privilege|scope|group|level|staff|logged|auth|user|account|token`)

// rights are such keys, as far as functions write them that sign somebody in.
func rights(p *rule.Pass) []string {
	var out []string
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if !writesSession(e.Callee) || e.Func.Module.IsTest || !effects.Has(p.Project.Effects.Of(e.Func.ID), effects.SignIn) {
			continue
		}
		for _, w := range entries(e) {
			if right.MatchString(w.key) && !harmlessKey.MatchString(w.key) && !slices.Contains(out, w.key) {
				out = append(out, w.key)
			}
		}
	}
	return out
}

// byFlaskLogin is the call of logout_user among effects; nil when there is none.
func byFlaskLogin(es []effects.Effect) *effects.Effect {
	i := slices.IndexFunc(es, func(e effects.Effect) bool { return e.Kind == effects.SignOut && e.What == "signs the user out" })
	if i < 0 {
		return nil
	}
	return &es[i]
}

// takenKeys are the keys that a view, or what it calls, takes out of the session by name.
func takenKeys(p *rule.Pass, view ir.FuncID) map[string]bool {
	out := map[string]bool{}
	for _, e := range p.Project.Effects.Reach(view, 2) {
		if e.Kind&effects.Takes != 0 {
			out[strings.TrimPrefix(e.What, effects.TakesText)] = true
		}
	}
	return out
}

// keptKeys are what the program writes into sessions and that says something about the person.
func keptKeys(p *rule.Pass) []string {
	var out []string
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if !writesSession(e.Callee) || e.Func.Module.IsTest {
			continue
		}
		for _, w := range entries(e) {
			if !harmlessKey.MatchString(w.key) && !slices.Contains(out, w.key) {
				out = append(out, w.key)
			}
		}
	}
	return out
}
