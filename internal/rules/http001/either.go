package http001

import (
	"slices"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/rule"
)

// maxAsked bounds the callees of a view that are asked whether they look at the method.
const maxAsked = 60

// whateverMethod: the view answers GET beside other methods, knows its caller by a cookie, and does the same for all of them:
// neither it nor what it calls looks at the method, a form or a body. What protects forms lets GET pass unseen.
func whateverMethod(p *rule.Pass, r flask.Route) bool {
	if !slices.Contains(r.Methods, "GET") || effects.Has(p.Project.Effects.Reach(r.Handler, depth), effects.ReadsForm|effects.ReadsJSON|effects.ChecksToken) {
		return false
	}
	if a := p.Project.Access(r); !a.ByCookie || a.NeedsHeader || a.Token != "" || a.Guard == "" {
		return false
	}
	asked := 0
	return !looksAtMethod(p, r.Handler) && !slices.ContainsFunc(p.Project.Flow.Callees(r.Handler), func(e flow.CallEdge) bool {
		asked++
		return asked > maxAsked || looksAtMethod(p, e.To)
	})
}

// looksAtMethod: the text of a function speaks of the method of the request, of its body, or of a form that is checked.
func looksAtMethod(p *rule.Pass, id ir.FuncID) bool {
	text := rule.Text(p.Project.Flow.Func(id))
	return strings.Contains(text, ".method") || strings.Contains(text, "validate") || strings.Contains(text, "is_submitted") ||
		strings.Contains(text, ".form") || strings.Contains(text, "json") && strings.Contains(text, "request") || strings.Contains(text, ".files")
}
