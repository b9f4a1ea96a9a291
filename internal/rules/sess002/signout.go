package sess002

import (
	"fmt"
	"regexp"

	"stopper/internal/effects"
	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/rule"
)

// harmlessKey is something in a session that may outlive a sign-out: how the site looks, where to go next, one-time values.
var harmlessKey = regexp.MustCompile(`(?i)(csrf|next|lang|locale|theme|flash|redirect|url|state|nonce|verifier|timezone|page|view|sort|captcha|consent|permanent)`)

// signOut reports views that sign somebody out with Flask-Login alone, which takes only its own keys out of the session,
// in programs that keep more there.
func signOut(p *rule.Pass) {
	kept := keptKey(p)
	if kept == "" {
		return
	}
	seen := map[ir.FuncID]bool{}
	for _, r := range p.Project.Flask.Routes {
		if !r.HasHandler || seen[r.Handler] || r.Module.IsTest {
			continue
		}
		seen[r.Handler] = true
		all := p.Project.Effects.Reach(r.Handler, 2)
		e := effects.First(p.Project.Effects.Of(r.Handler), effects.SignOut)
		if e == nil || e.What != "signs the user out" || effects.Has(all, effects.Renews) || len(ways(all)) > 1 {
			continue
		}
		fn := p.Project.Flow.Func(r.Handler)
		f := p.At("left-over", fn, e.Node)
		f.Message = fmt.Sprintf("logout_user() takes its own keys out of the session and leaves session[%q] there", kept)
		f.Confidence = finding.ConfidenceMedium
		f.Reasons = append(f.Reasons, "whether what stays behind belongs to the person was not seen")
		p.Report(f)
	}
}

// ways are the different things that end a sign-in: a view that also takes a key out of the session knows what it does.
func ways(es []effects.Effect) map[string]bool {
	out := map[string]bool{}
	for _, e := range es {
		if e.Kind&effects.SignOut != 0 {
			out[e.What] = true
		}
	}
	return out
}

// keptKey is a key that the program writes into sessions and that says something about the person; empty when there is none.
func keptKey(p *rule.Pass) string {
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if e.Callee != "flask.Session.__setitem__" || e.Func.Module.IsTest || len(e.Args.Pos) != 2 {
			continue
		}
		if key, known := e.Args.Pos[0].Value.ConstStr(); known && !harmlessKey.MatchString(key) {
			return key
		}
	}
	return ""
}
