package xss001

import (
	"slices"

	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// madeJSON: a decorator makes JSON of what the view returns, before every route that leads to it.
func madeJSON(p *rule.Pass, h project.Hit) bool {
	routes := p.Project.Flask.RoutesOf(h.Func.ID)
	return len(routes) > 0 && !slices.ContainsFunc(routes, func(r flask.Route) bool {
		return !slices.ContainsFunc(r.Guards, func(g flask.Guard) bool { return g.HasFunc && writesJSON(p, g.Func) })
	})
}

// writesJSON: a decorator passes what the decorated function gives to jsonify or json.dumps.
func writesJSON(p *rule.Pass, decorator ir.FuncID) bool {
	fn := p.Project.Flow.Func(decorator)
	if fn == nil || fn.Module.File == nil {
		return false
	}
	file := fn.Module.File
	w := wrapper{file: file, passed: map[string]bool{}, answers: map[string]bool{}}
	file.Walk(fn.Node, func(n ast.NodeID) bool {
		switch file.Kind(n) {
		case ast.FunctionDef, ast.AsyncFunctionDef:
			for _, a := range file.Params(n) {
				w.passed[file.IdentOf(ast.NodeID(a))] = true
			}
		case ast.Assign:
			if w.holdsAnswer(file.SlotB(n)) {
				for _, t := range file.ListA(n) {
					w.answers[file.IdentOf(ast.NodeID(t))] = true
				}
			}
		}
		return true
	})
	found := false
	file.Walk(fn.Node, func(n ast.NodeID) bool {
		if file.Kind(n) == ast.Call {
			switch file.IdentOf(file.SlotA(n)) {
			case "jsonify", "dumps":
				for _, a := range file.ListB(n) {
					found = found || w.holdsAnswer(ast.NodeID(a))
				}
			}
		}
		return !found
	})
	return found
}

// wrapper is the text of a decorator: what it was passed, and the variables that hold what that gave.
type wrapper struct {
	file            *ast.File
	passed, answers map[string]bool
}

// holdsAnswer: an expression calls what the decorator was passed, or names what that gave.
func (w *wrapper) holdsAnswer(e ast.NodeID) bool {
	found := false
	w.file.Walk(e, func(n ast.NodeID) bool {
		switch w.file.Kind(n) {
		case ast.Call:
			callee := w.file.SlotA(n)
			found = found || w.file.Kind(callee) == ast.Name && w.passed[w.file.IdentOf(callee)]
		case ast.Name:
			found = found || w.answers[w.file.IdentOf(n)]
		}
		return !found
	})
	return found
}

// isViewsAnswer: a decorator makes a response of what the decorated view gives, make_response(f(*args, **kwargs)), which is judged
// where the view returns it.
func isViewsAnswer(p *rule.Pass, h project.Hit) bool {
	file := h.Func.Module.File
	if file == nil || h.ArgNode == 0 || file.Kind(h.ArgNode) != ast.Call {
		return false
	}
	callee := file.SlotA(h.ArgNode)
	if file.Kind(callee) != ast.Name {
		return false
	}
	mod, local := p.Project.Prog.Where(h.Func.ID)
	info := p.Project.Prog.Info(mod)
	outer := info.Funcs[local].Outer
	if outer == local {
		return false
	}
	node := info.Funcs[outer].Node
	if kind := file.Kind(node); kind != ast.FunctionDef && kind != ast.AsyncFunctionDef {
		return false
	}
	return slices.ContainsFunc(file.Params(node), func(a uint32) bool { return file.IdentOf(ast.NodeID(a)) == file.IdentOf(callee) })
}
