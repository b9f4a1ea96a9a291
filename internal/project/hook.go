package project

import (
	"strings"

	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/source"
)

// hooksOf are the hooks of each blueprint by its name, those of the application under "".
func hooksOf(m *flask.Model) map[string][]flask.Hook {
	out := map[string][]flask.Hook{}
	for _, h := range m.Hooks {
		out[h.Blueprint] = append(out[h.Blueprint], h)
	}
	return out
}

// scopes are the application, named "", and the blueprints that a route belongs to.
func scopes(r flask.Route) []string {
	scope := strings.Split(r.Endpoint, ".")
	return append([]string{""}, scope[:len(scope)-1]...)
}

// HooksBefore lists the hooks that run before a route's view.
func (p *Project) HooksBefore(r flask.Route) []flask.Hook {
	var out []flask.Hook
	for _, blueprint := range scopes(r) {
		out = append(out, p.hooksOf[blueprint]...)
	}
	return out
}

// hooked judges the hooks of one blueprint, or of the application, once for all its views.
func (p *Project) hooked(a *Access, blueprint string) {
	if len(p.hooksOf[blueprint]) == 0 {
		return
	}
	p.mu.Lock()
	own, known := p.hookedBy[blueprint]
	p.mu.Unlock()
	if !known {
		for _, h := range p.hooksOf[blueprint] {
			for _, g := range h.Guards {
				p.decorated(&own, g)
			}
			p.hook(&own, h.Func)
		}
		p.mu.Lock()
		p.hookedBy[blueprint] = own
		p.mu.Unlock()
	}
	a.add(own)
}

// add joins what stands before many views to what stands before one.
func (a *Access) add(o Access) {
	a.ByCookie, a.ByHeader, a.NeedsHeader = a.ByCookie || o.ByCookie, a.ByHeader || o.ByHeader, a.NeedsHeader || o.NeedsHeader
	a.byCaller = a.byCaller || o.byCaller
	a.guard(o.Guard)
	a.token(o.Token)
}

// hook judges a function that runs before views. One that asks who is calling and refuses somebody guards only if it
// refuses those whom it does not know: a hook that turns banned users away lets strangers pass.
func (p *Project) hook(a *Access, id ir.FuncID) {
	p.mu.Lock()
	own, known := p.hooks[id]
	p.mu.Unlock()
	if !known {
		p.before(&own, id, "the hook "+p.Prog.FuncName(id))
		if !p.demands(id, 0) {
			own.Guard = ""
		}
		p.mu.Lock()
		p.hooks[id] = own
		p.mu.Unlock()
	}
	a.add(own)
}

// demandDepth is how many calls below a hook its demand is looked for.
const demandDepth = 2

// demands finds `if not current_user.is_authenticated: return redirect(…)` in a function or in what it calls.
func (p *Project) demands(id ir.FuncID, depth int) bool {
	mod, local := p.Prog.Where(id)
	file := mod.File
	if file == nil {
		return false
	}
	found := false
	file.Walk(p.Prog.Info(mod).Funcs[local].Node, func(n ast.NodeID) bool {
		switch file.Kind(n) {
		case ast.If:
			found = found || denies(file, file.SlotA(n)) && leaves(file, file.Body(n))
		case ast.Call:
			found = found || strings.HasSuffix(calleeName(file, n), "verify_jwt_in_request")
		}
		return !found
	})
	if found || depth >= demandDepth {
		return found
	}
	branches := branchesOf(file, p.Prog.Info(mod).Funcs[local].Node)
	for _, c := range p.Flow.Callees(id) {
		if !branches.hold(file.Span(c.Node)) && p.demands(c.To, depth+1) {
			return true
		}
	}
	return false
}

// spans are places in a file.
type spans []source.Span

func (s spans) hold(at source.Span) bool {
	for _, b := range s {
		if b.Start <= at.Start && at.End <= b.End {
			return true
		}
	}
	return false
}

// branchesOf are the statements that only some runs of a function come through: what is called there is no demand.
func branchesOf(file *ast.File, fn ast.NodeID) spans {
	var out spans
	file.Walk(fn, func(n ast.NodeID) bool {
		if file.Kind(n) == ast.If {
			for _, list := range [2][]uint32{file.Body(n), file.Orelse(n)} {
				for _, s := range list {
					out = append(out, file.Span(ast.NodeID(s)))
				}
			}
		}
		return true
	})
	return out
}

func calleeName(file *ast.File, call ast.NodeID) string {
	switch fn := file.SlotA(call); file.Kind(fn) {
	case ast.Name, ast.Attribute:
		return file.IdentOf(fn)
	}
	return ""
}

// denies: a part of the condition says that something about the caller is not there, or not what it should be.
func denies(file *ast.File, test ast.NodeID) bool {
	found := false
	file.Walk(test, func(n ast.NodeID) bool {
		switch file.Kind(n) {
		case ast.UnaryOp:
			found = found || file.Node(n).Op == ast.Not && speaksOfCaller(file.Text(n))
		case ast.Compare:
			found = found || isNegative(file, n) && speaksOfCaller(file.Text(n))
		}
		return !found
	})
	return found
}

// isNegative: x not in y, x != y, x is None, x == None.
func isNegative(file *ast.File, compare ast.NodeID) bool {
	words := file.ListB(compare)
	if len(words) != 2 {
		return false
	}
	right := ast.NodeID(words[1])
	isNone := file.Kind(right) == ast.Constant && file.ConstKindOf(right) == ast.ConstNone
	switch ast.Op(words[0]) {
	case ast.NotIn, ast.NotEq:
		return true
	case ast.Is, ast.Eq:
		return isNone
	}
	return false
}

// maxCondition bounds the text of a condition that is looked at.
const maxCondition = 300

// speaksOfCaller reads the words of a condition.
func speaksOfCaller(text string) bool {
	lower := strings.ToLower(text[:min(len(text), maxCondition)])
	if strings.Contains(lower, "csrf") || strings.Contains(lower, "nonce") || strings.Contains(lower, "xsrf") {
		return false // whether the caller meant it, not who it is
	}
	for _, w := range [...]string{"authed", "authenticated", "logged", "user", "session", "token", "authoriz", "admin", "permission", "identity", "api_key", "apikey"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// leaves reports whether statements end in an answer, a raise or a call of abort.
func leaves(file *ast.File, body []uint32) bool {
	if len(body) == 0 {
		return false
	}
	switch last := ast.NodeID(body[len(body)-1]); file.Kind(last) {
	case ast.Return:
		return file.SlotA(last) != 0
	case ast.Raise:
		return true
	case ast.Expr:
		e := file.SlotA(last)
		return file.Kind(e) == ast.Call && calleeName(file, e) == "abort"
	}
	return false
}
