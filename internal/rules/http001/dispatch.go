package http001

import (
	"slices"

	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// dispatch reports views that a GET request reaches and in which it chooses by name what is called: whatever that object can
// do, a link can make a signed-in browser do.
func dispatch(p *rule.Pass) {
	calls := dynamicCalls(p)
	if len(calls) == 0 {
		return
	}
	seen := map[ir.FuncID]bool{}
	for _, r := range p.Project.Flask.Routes {
		if !r.HasHandler || r.Module.IsTest || seen[r.Handler] || !slices.Contains(r.Methods, "GET") {
			continue
		}
		seen[r.Handler] = true
		if a := p.Project.Access(r); !a.ByCookie || a.Token != "" {
			continue
		}
		if c, ok := chosen(p, r, calls); ok {
			fn := p.Project.Flow.Func(r.Handler)
			f := p.At("state-change-get", fn, fn.Node)
			f.Message = "a GET request chooses by name which method is called, and acts for whoever is signed in"
			f.Confidence = finding.ConfidenceMedium
			f.Reasons = append(f.Reasons, "what the methods do was not followed")
			at := p.Project.Flow.Func(c.at.Func)
			f.Related = append(f.Related, finding.Location{Path: at.Module.Source.Path, Span: at.SpanOf(c.at.Node), Note: "calls the method of that name"})
			p.Report(f)
		}
	}
}

// dynamicCall is getattr(x, name)(…).
type dynamicCall struct {
	at   rule.Place
	name ast.NodeID
}

func dynamicCalls(p *rule.Pass) map[ir.FuncID]dynamicCall {
	out := map[ir.FuncID]dynamicCall{}
	p.Named(rule.Ident(""), func(at rule.Place) {
		f := at.Mod.File
		inner := f.SlotA(at.Node)
		if f.Kind(inner) != ast.Call || f.Kind(f.SlotA(inner)) != ast.Name || f.IdentOf(f.SlotA(inner)) != "getattr" {
			return
		}
		if args := f.ListB(inner); len(args) >= 2 && f.Kind(ast.NodeID(args[1])) == ast.Name && !isListed(at, f.IdentOf(ast.NodeID(args[1]))) {
			out[at.Func] = dynamicCall{at, ast.NodeID(args[1])}
		}
	}, ast.Call)
	return out
}

// isListed: the function compares the name with a list of names.
func isListed(at rule.Place, name string) bool {
	f, found := at.Mod.File, false
	at.InFunction(func(n ast.NodeID) {
		if f.Kind(n) != ast.Compare {
			return
		}
		if words := f.ListB(n); len(words) == 2 && (ast.Op(words[0]) == ast.In || ast.Op(words[0]) == ast.NotIn) {
			found = found || f.Kind(f.SlotA(n)) == ast.Name && f.IdentOf(f.SlotA(n)) == name
		}
	})
	return found
}

// isAnyText: the part of the URL may hold any text.
func isAnyText(c flask.Converter) bool { return !c.IsClean }

// chosen finds the dynamic call of a view, in itself or one call below, whose name is a part of the request.
func chosen(p *rule.Pass, r flask.Route, calls map[ir.FuncID]dynamicCall) (dynamicCall, bool) {
	if c, ok := calls[r.Handler]; ok && c.at.FromRequest(c.name, r, isAnyText) {
		return c, true
	}
	for _, edge := range p.Project.Flow.Callees(r.Handler) {
		c, ok := calls[edge.To]
		if !ok {
			continue
		}
		at, has := p.PlaceIn(r.Handler, edge.Node)
		if arg := argument(p, edge.To, c.at.Mod.File.IdentOf(c.name), at); has && arg != 0 && at.FromRequest(arg, r, isAnyText) && !isListed(at, at.Mod.File.IdentOf(arg)) {
			return c, true
		}
	}
	return dynamicCall{}, false
}

// argument is what a call gives to a parameter by its place; 0 when that cannot be told.
func argument(p *rule.Pass, callee ir.FuncID, param string, at rule.Place) ast.NodeID {
	fn := p.Project.Flow.Func(callee)
	if fn == nil || at.Mod == nil || at.Mod.File.Kind(at.Node) != ast.Call {
		return 0
	}
	args := at.Mod.File.ListB(at.Node)
	for i, own := range fn.Params {
		if own.Name == param && i < len(args) && at.Mod.File.Kind(ast.NodeID(args[i])) == ast.Name {
			return ast.NodeID(args[i])
		}
	}
	return 0
}
