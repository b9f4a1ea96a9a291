package sess002

import (
	"slices"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// fixation reports views that sign somebody in and go on with the session from before: they write who it is, or leave that
// to Flask-Login, and nothing that they call empties or renews the session.
func fixation(p *rule.Pass, serverSide bool) {
	told := map[ir.FuncID]bool{}
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if e.Func.Module.IsTest || told[e.Func.ID] || !writesIdentity(e) {
			continue
		}
		from := goesOn(p, e.Func)
		if len(from) == 0 {
			continue
		}
		told[e.Func.ID] = true
		report(p, e.Func, e.Node, from, serverSide)
	}
	if serverSide && !p.HoldsText("strong") { // Flask-Login then gives a session up that another browser uses
		byExtension(p, told)
	}
}

// byExtension judges login_user() of Flask-Login: with the session on the server, its number stays as it was.
func byExtension(p *rule.Pass, told map[ir.FuncID]bool) {
	for _, r := range p.Project.Flask.Routes {
		if !r.HasHandler || r.Module.IsTest {
			continue
		}
		all := p.Project.Effects.Reach(r.Handler, depth)
		e := effects.First(all, effects.SignIn)
		if e == nil || e.What != "signs somebody in" || told[e.Func] || effects.Has(all, effects.Renews) {
			continue
		}
		told[e.Func] = true
		fn := p.Project.Flow.Func(e.Func)
		from := way{view: r.Handler}
		if e.Func != r.Handler {
			from.call = callTo(p, r.Handler, e.Func)
		}
		report(p, fn, e.Node, []way{from}, true)
	}
}

func callTo(p *rule.Pass, from, to ir.FuncID) ast.NodeID {
	for _, c := range p.Project.Flow.Callees(from) {
		if c.To == to {
			return c.Node
		}
	}
	return 0
}

func report(p *rule.Pass, fn *ir.Func, node ast.NodeID, from []way, serverSide bool) {
	f := p.At("fixation", fn, node)
	for _, w := range from[:min(len(from), finding.MaxFlows)] {
		view := p.Project.Flow.Func(w.view)
		if view == nil || w.call == 0 {
			continue
		}
		steps := []finding.Step{
			{Path: view.Module.Source.Path, Span: view.SpanOf(w.call), Note: "signs somebody in"},
			{Path: f.Path, Span: f.Span, Note: "writes into the session of before"},
		}
		if f.Flow == nil {
			f.Flow = steps
		} else {
			f.MoreFlows = append(f.MoreFlows, steps)
		}
	}
	if !serverSide {
		f.Severity = finding.Low
		f.Reasons = append(f.Reasons, "with the session in the cookie, what stays behind is only its other content")
	}
	p.Report(f)
}

// writesIdentity: the event writes into the session who somebody is. A constant other than True is none.
func writesIdentity(e *flow.Event) bool {
	return writesSession(e.Callee) && slices.ContainsFunc(entries(e), func(w entry) bool { return isIdentity(w.key) && !isReset(w.value) })
}

func isReset(v *value.Value) bool {
	if v == nil || !v.IsConst {
		return false
	}
	is, known := v.ConstBool()
	return !known || !is
}

func isIdentity(key string) bool {
	switch strings.ToLower(key) {
	case "user_id", "userid", "user", "uid", "username", "account_id", "account", "logged_in", "loggedin", "is_authenticated", "authenticated", "email", "user_email", "member_id", "admin", "is_admin", "role":
		return true
	}
	return false
}

// How far above a write of the session its view is looked for, and how far below a view what renews the session.
const (
	height = 4
	depth  = 4
)

// way is a view, and the call in it that leads to what it does.
type way struct {
	view ir.FuncID
	call ast.NodeID
}

// goesOn are the sign-ins that lead to a function and renew nothing. Where no view is seen, the function is judged itself.
func goesOn(p *rule.Pass, fn *ir.Func) []way {
	ways := waysTo(p, fn.ID)
	if len(ways) == 0 {
		ways = []way{{view: fn.ID}}
	}
	return slices.DeleteFunc(ways, func(w way) bool {
		return !isSignIn(p, w.view, fn) || effects.Has(p.Project.Effects.Reach(w.view, depth), effects.Renews)
	})
}

func waysTo(p *rule.Pass, id ir.FuncID) []way {
	var out []way
	seen := map[ir.FuncID]bool{id: true}
	level := []way{{view: id}}
	for hop := 0; hop <= height && len(level) > 0; hop++ {
		var next []way
		for _, w := range level {
			if p.Project.IsHandler(w.view) {
				out = append(out, w)
				continue
			}
			for _, c := range p.Project.Flow.Callers(w.view) {
				if !seen[c.From] {
					seen[c.From] = true
					next = append(next, way{c.From, c.Node})
				}
			}
		}
		level = next
	}
	return out
}

// isSignIn: the view is called so, or strangers reach it and it verifies a password.
func isSignIn(p *rule.Pass, view ir.FuncID, writer *ir.Func) bool {
	names := []string{writer.QualName, p.Project.Prog.QualName(view)}
	for _, r := range p.Project.Flask.RoutesOf(view) {
		names = append(names, project.RouteName(r))
		if p.Project.Access(r).Guard == "" && effects.Has(p.Project.Effects.Reach(view, depth), effects.ChecksSecret) {
			return true
		}
	}
	return slices.ContainsFunc(names, project.NamesSignIn)
}
