package rule

import (
	"slices"
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
	kind  ir.FuncKind
	// callee is where the callee of a call leads, which many rules ask; known of a place that Nodes visits.
	callee    string
	isVisited bool
}

// Nodes visits every node of some kinds in the program's own code, tests left out, in source order: of calls, keyword arguments,
// subscripts, comparisons, if and return statements and assignments. It is for shapes that say something by themselves; what a
// value is and where it comes from, the hits and events know better.
func (p *Pass) Nodes(visit func(Place), kinds ...ast.Kind) { p.Named(nil, visit, kinds...) }

// Named visits those nodes whose name is wanted, which is asked once of each name and not of each node. Statements, subscripts
// and comparisons have the empty name.
func (p *Pass) Named(wants func(project.Name) bool, visit func(Place), kinds ...ast.Kind) {
	prog := p.Project.Prog
	at := Place{pass: p, isVisited: true}
	p.Project.Nodes.Each(wants, func(n project.Node, name project.Name) {
		if at.Mod == nil || at.Func != n.Func {
			mod, local := prog.Where(n.Func)
			fn := &prog.Info(mod).Funcs[local]
			at.Mod, at.Func, at.scope, at.kind = mod, n.Func, fn.Scope, fn.Kind
		}
		at.Node, at.callee = n.Node, name.Path
		visit(at)
	}, kinds...)
}

// Ident wants the nodes of some names.
func Ident(names ...string) func(project.Name) bool {
	return func(n project.Name) bool { return slices.Contains(names, n.Ident) }
}

// Into wants the assignments to targets of some kinds, and those to several.
func Into(kinds ...ast.Kind) func(project.Name) bool {
	return func(n project.Name) bool { return n.Target == ast.None || slices.Contains(kinds, n.Target) }
}

// Leads wants the calls of what has some paths outside the program.
func Leads(paths ...string) func(project.Name) bool {
	return func(n project.Name) bool { return n.Path != "" && slices.Contains(paths, n.Path) }
}

// Path is where a dotted name leads outside the program, such as flask.request.args; empty inside it.
func (at Place) Path(n ast.NodeID) string {
	if at.Mod.File.Kind(at.Node) == ast.Call && n == at.Mod.File.SlotA(at.Node) && at.isVisited {
		return at.callee
	}
	return project.Outside(at.pass.Project.Prog, at.Mod, at.scope, n)
}

// Outside is where a dotted name leads outside the program, whatever node the place is.
func (at Place) Outside(n ast.NodeID) string {
	return project.Outside(at.pass.Project.Prog, at.Mod, at.scope, n)
}

// FuncKind is the kind of the function that the place stands in.
func (at Place) FuncKind() ir.FuncKind { return at.kind }

// Report starts a finding of a check at the place.
func (at Place) Report(slug string) *finding.Finding {
	return at.pass.At(slug, at.pass.Project.Flow.Func(at.Func), at.Node)
}

// PlaceIn is a node of a function; false when the function has no tree of the program, as those of templates.
func (p *Pass) PlaceIn(id ir.FuncID, n ast.NodeID) (Place, bool) {
	if int(id) >= p.Project.Prog.NumFuncs() {
		return Place{}, false
	}
	mod, local := p.Project.Prog.Where(id)
	if mod == nil || mod.File == nil {
		return Place{}, false
	}
	fn := &p.Project.Prog.Info(mod).Funcs[local]
	return Place{Mod: mod, Func: id, Node: n, pass: p, scope: fn.Scope, kind: fn.Kind}, true
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
	t := at.pass.Project.Prog.ResolveNode(at.Mod, at.scope, n)
	return t.Class, t.Kind == semantic.TargetClass && t.Rest == ""
}

// Bases are the library classes that a dotted name leads to: the class itself, or those that a class of the program builds on.
func (at Place) Bases(n ast.NodeID) []string {
	prog := at.pass.Project.Prog
	t := prog.ResolveNode(at.Mod, at.scope, n)
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
