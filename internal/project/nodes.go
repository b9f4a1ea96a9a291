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
}

// Nodes are the nodes of the program's own code, tests left out, by kind: function by function, each in source order,
// definitions inside a function with their own. They need the trees only, and are made once for all rules.
type Nodes struct {
	prog   *semantic.Program
	byKind [ast.NumKinds][]Node
	// callees are, for each call, where the dotted name that is called leads outside the program; "" inside it.
	callees []string
	n       uint32
}

// NewNodes walks all trees.
func NewNodes(prog *semantic.Program) *Nodes {
	x := &Nodes{prog: prog}
	var count [ast.NumKinds]int
	for _, m := range prog.Modules {
		if m.File != nil && !m.IsTest {
			for i := range m.File.Nodes {
				count[m.File.Nodes[i].Kind]++
			}
		}
	}
	for k, n := range count {
		x.byKind[k] = make([]Node, 0, n)
	}
	x.callees = make([]string, 0, count[ast.Call])
	for _, m := range prog.Modules {
		if m.File == nil || m.IsTest {
			continue
		}
		for i := range prog.Info(m).Funcs {
			x.add(m, uint32(i))
		}
	}
	return x
}

// Each visits the nodes of some kinds in order; callee is that of a call.
func (x *Nodes) Each(visit func(n Node, callee string), kinds ...ast.Kind) {
	if x == nil {
		return
	}
	at := make([]int, len(kinds))
	for {
		next := -1
		for i, k := range kinds {
			if l := x.byKind[k]; at[i] < len(l) && (next < 0 || l[at[i]].Seq < x.byKind[kinds[next]][at[next]].Seq) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		i := at[next]
		at[next]++
		callee := ""
		if kinds[next] == ast.Call {
			callee = x.callees[i]
		}
		visit(x.byKind[kinds[next]][i], callee)
	}
}

func (x *Nodes) add(m *ir.Module, local uint32) {
	fn := &x.prog.Info(m).Funcs[local]
	id, root := x.prog.FuncID(m, local), fn.Node
	m.File.Walk(root, func(n ast.NodeID) bool {
		k := m.File.Kind(n)
		if n != root && (k == ast.FunctionDef || k == ast.AsyncFunctionDef || k == ast.ClassDef || k == ast.Lambda) {
			return false // visited with its own function
		}
		if k == ast.Call {
			x.callees = append(x.callees, Outside(x.prog, m, fn.Scope, m.File.SlotA(n)))
		}
		x.byKind[k] = append(x.byKind[k], Node{id, n, x.n})
		x.n++
		return true
	})
}

// Outside is where a dotted name leads outside the program, such as flask.request.args; empty inside it.
func Outside(prog *semantic.Program, m *ir.Module, scope uint32, n ast.NodeID) string {
	d := m.File.Dotted(n)
	if d == "" {
		return ""
	}
	t := prog.ResolveIn(m, scope, d)
	if t.Kind != semantic.TargetExternal {
		return ""
	}
	return strings.TrimSuffix(t.Path+"."+t.Rest, ".")
}
