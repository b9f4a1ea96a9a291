package project

import (
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Node is a node of a tree, with the function that it stands in.
type Node struct {
	Func ir.FuncID
	Node ast.NodeID
	Seq  uint32 // its place among all
	name uint32 // number of its Name
}

// Name is what a node names: the last name of what a call calls and where that leads outside the program, the parameter of a
// keyword argument, the name or attribute that is assigned to; empty for other nodes.
type Name struct {
	Ident, Path string
	// Target is the kind of what is assigned to; None where there is more than one.
	Target ast.Kind
}

// Nodes are those nodes of the program's own code, tests left out, that rules ask for, by kind: function by function, each in
// source order, definitions inside a function with their own. They need the trees only, and are made once for all rules.
type Nodes struct {
	prog   *semantic.Program
	byKind [ast.NumKinds][]Node
	names  []Name // each once; the first is empty
	n      uint32
}

// listed are the kinds of nodes that rules ask for.
var listed = [ast.NumKinds]bool{
	ast.Call: true, ast.Keyword: true, ast.Subscript: true, ast.Compare: true,
	ast.If: true, ast.Return: true, ast.Assign: true, ast.AnnAssign: true,
}

// NewNodes walks all trees.
func NewNodes(prog *semantic.Program) *Nodes {
	x := &Nodes{prog: prog, names: []Name{{}}}
	var count [ast.NumKinds]int
	for _, m := range prog.Modules {
		if m.File != nil && !m.IsTest {
			for i := range m.File.Nodes {
				count[m.File.Nodes[i].Kind]++
			}
		}
	}
	for k, n := range count {
		if listed[k] {
			x.byKind[k] = make([]Node, 0, n)
		}
	}
	l := lister{Nodes: x, known: map[Name]uint32{}}
	for _, m := range prog.Modules {
		if m.File != nil && !m.IsTest {
			l.module(m)
		}
	}
	return x
}

// Each visits the nodes of some kinds in order, those whose name is wanted; wants may be nil, and is asked once of each name.
func (x *Nodes) Each(wants func(Name) bool, visit func(Node, Name), kinds ...ast.Kind) {
	if x == nil {
		return
	}
	c := chooser{wants: wants, names: x.names}
	if wants != nil {
		c.known = make([]int8, len(x.names))
	}
	at := make([]int, len(kinds))
	for {
		next := -1
		for i, k := range kinds {
			l := x.byKind[k]
			for at[i] < len(l) && !c.isWanted(l[at[i]].name) {
				at[i]++
			}
			if at[i] < len(l) && (next < 0 || l[at[i]].Seq < x.byKind[kinds[next]][at[next]].Seq) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		n := x.byKind[kinds[next]][at[next]]
		at[next]++
		visit(n, x.names[n.name])
	}
}

// chooser remembers which names are wanted.
type chooser struct {
	wants func(Name) bool
	names []Name
	known []int8 // by number of the name: 1 wanted, -1 not, 0 not asked yet
}

func (c *chooser) isWanted(name uint32) bool {
	if c.wants == nil {
		return true
	}
	if c.known[name] == 0 {
		c.known[name] = -1
		if c.wants(c.names[name]) {
			c.known[name] = 1
		}
	}
	return c.known[name] > 0
}

// lister fills Nodes.
type lister struct {
	*Nodes
	known map[Name]uint32
	// By Sym of the file: the number of the name that leads nowhere outside, and of the variable; 0 when it has none yet.
	plain, variables []uint32
}

func (l *lister) module(m *ir.Module) {
	l.plain = append(l.plain[:0], make([]uint32, len(m.File.Names))...)
	l.variables = append(l.variables[:0], make([]uint32, len(m.File.Names))...)
	for i := range l.prog.Info(m).Funcs {
		l.add(m, uint32(i))
	}
}

func (l *lister) add(m *ir.Module, local uint32) {
	fn, f := &l.prog.Info(m).Funcs[local], m.File
	id, root := l.prog.FuncID(m, local), fn.Node
	f.Walk(root, func(n ast.NodeID) bool {
		k := f.Kind(n)
		if n != root && (k == ast.FunctionDef || k == ast.AsyncFunctionDef || k == ast.ClassDef || k == ast.Lambda) {
			return false // visited with its own function
		}
		if !listed[k] {
			return true
		}
		name := uint32(0)
		switch k {
		case ast.Call:
			callee := f.SlotA(n)
			name = l.number(f, symOf(f, callee), Outside(l.prog, m, fn.Scope, callee), ast.None)
		case ast.Keyword:
			name = l.number(f, ast.Sym(f.Node(n).A), "", ast.None)
		case ast.Assign:
			if targets := f.ListA(n); len(targets) == 1 {
				name = l.target(f, ast.NodeID(targets[0]))
			}
		case ast.AnnAssign:
			name = l.target(f, f.SlotA(n))
		}
		l.byKind[k] = append(l.byKind[k], Node{id, n, l.n, name})
		l.n++
		return true
	})
}

func (l *lister) target(f *ast.File, target ast.NodeID) uint32 {
	return l.number(f, symOf(f, target), "", f.Kind(target))
}

// symOf is the last name of an expression.
func symOf(f *ast.File, of ast.NodeID) ast.Sym {
	switch n := f.Node(of); n.Kind {
	case ast.Name:
		return ast.Sym(n.A)
	case ast.Attribute:
		return ast.Sym(n.B)
	}
	return 0
}

func (l *lister) number(f *ast.File, sym ast.Sym, path string, target ast.Kind) uint32 {
	var plain *uint32
	switch {
	case path != "":
	case target == ast.None:
		plain = &l.plain[sym]
	case target == ast.Name:
		plain = &l.variables[sym]
	}
	if plain != nil && *plain != 0 {
		return *plain
	}
	name := Name{f.Name(sym), path, target}
	i, ok := l.known[name]
	if !ok && name != (Name{}) {
		i = uint32(len(l.names))
		l.known[name] = i
		l.names = append(l.names, name)
	}
	if plain != nil {
		*plain = i
	}
	return i
}

// Outside is where a dotted name leads outside the program, such as flask.request.args; empty inside it.
func Outside(prog *semantic.Program, m *ir.Module, scope uint32, n ast.NodeID) string {
	t := prog.ResolveNode(m, scope, n)
	if t.Kind != semantic.TargetExternal {
		return ""
	}
	return strings.TrimSuffix(t.Path+"."+t.Rest, ".")
}
