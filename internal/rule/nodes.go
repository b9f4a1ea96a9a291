package rule

import (
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Place is a node of the program, with the function that it stands in.
type Place struct {
	Mod   *ir.Module
	Func  ir.FuncID
	Node  ast.NodeID
	pass  *Pass
	scope uint32
	// callee is where the callee of a call leads, which many rules ask; known of a place that Nodes visits.
	callee    string
	isVisited bool
}

// Nodes visits every node of some kinds in the program's own code, tests left out, in source order. It is for shapes that
// say something by themselves; what a value is and where it comes from, the hits and events know better.
func (p *Pass) Nodes(visit func(Place), kinds ...ast.Kind) {
	prog := p.Project.Prog
	p.Project.Nodes.Each(func(n project.Node, callee string) {
		mod, local := prog.Where(n.Func)
		visit(Place{Mod: mod, Func: n.Func, Node: n.Node, pass: p, scope: prog.Info(mod).Funcs[local].Scope, callee: callee, isVisited: true})
	}, kinds...)
}

// Path is where a dotted name leads outside the program, such as flask.request.args; empty inside it.
func (at Place) Path(n ast.NodeID) string {
	if at.Mod.File.Kind(at.Node) == ast.Call && n == at.Mod.File.SlotA(at.Node) && at.isVisited {
		return at.callee
	}
	return project.Outside(at.pass.Project.Prog, at.Mod, at.scope, n)
}

// Report starts a finding of a check at the place.
func (at Place) Report(slug string) *finding.Finding {
	return at.pass.At(slug, at.pass.Project.Flow.Func(at.Func), at.Node)
}

// PlaceIn is a node of a function; false when the function has no tree.
func (p *Pass) PlaceIn(id ir.FuncID, n ast.NodeID) (Place, bool) {
	mod, local := p.Project.Prog.Where(id)
	if mod == nil || mod.File == nil {
		return Place{}, false
	}
	return Place{Mod: mod, Func: id, Node: n, pass: p, scope: p.Project.Prog.Info(mod).Funcs[local].Scope}, true
}

// InFunction visits the nodes of the function that a place stands in, those of functions inside it left out.
func (at Place) InFunction(visit func(ast.NodeID)) {
	prog := at.pass.Project.Prog
	_, local := prog.Where(at.Func)
	root := prog.Info(at.Mod).Funcs[local].Node
	f := at.Mod.File
	f.Walk(root, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda:
			return n == root
		}
		visit(n)
		return true
	})
}

// Class is the class of the program that a dotted name leads to.
func (at Place) Class(n ast.NodeID) (ir.ClassID, bool) {
	d := at.Mod.File.Dotted(n)
	if d == "" {
		return ir.NoClass, false
	}
	t := at.pass.Project.Prog.ResolveIn(at.Mod, at.scope, d)
	return t.Class, t.Kind == semantic.TargetClass && t.Rest == ""
}

// Bases are the library classes that a dotted name leads to: the class itself, or those that a class of the program builds on.
func (at Place) Bases(n ast.NodeID) []string {
	d := at.Mod.File.Dotted(n)
	if d == "" {
		return nil
	}
	prog := at.pass.Project.Prog
	t := prog.ResolveIn(at.Mod, at.scope, d)
	if t.Kind == semantic.TargetExternal {
		return []string{strings.TrimSuffix(t.Path+"."+t.Rest, ".")}
	}
	if t.Kind != semantic.TargetClass || t.Rest != "" {
		return nil
	}
	var out []string
	for _, b := range prog.MRO(t.Class) {
		if b.Kind == semantic.TargetExternal {
			out = append(out, strings.TrimSuffix(b.Path+"."+b.Rest, "."))
		}
	}
	return out
}
