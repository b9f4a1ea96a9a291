package project

import (
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// Node is a node of a tree, with the function that it stands in.
type Node struct {
	Func ir.FuncID
	Node ast.NodeID
	Kind ast.Kind
}

// Nodes are all nodes of the program's own code, tests left out: function by function, each in source order, definitions
// inside a function with their own. The walk is made once, when the first rule asks.
func (p *Project) Nodes() []Node {
	p.nodesOnce.Do(func() {
		total := 0
		for _, m := range p.Prog.Modules {
			if m.File != nil && !m.IsTest {
				total += len(m.File.Nodes)
			}
		}
		p.nodes = make([]Node, 0, total)
		for _, m := range p.Prog.Modules {
			if m.File == nil || m.IsTest {
				continue
			}
			for i := range p.Prog.Info(m).Funcs {
				p.addNodes(m, uint32(i))
			}
		}
	})
	return p.nodes
}

func (p *Project) addNodes(m *ir.Module, local uint32) {
	id, root := p.Prog.FuncID(m, local), p.Prog.Info(m).Funcs[local].Node
	m.File.Walk(root, func(n ast.NodeID) bool {
		k := m.File.Kind(n)
		if n != root && (k == ast.FunctionDef || k == ast.AsyncFunctionDef || k == ast.ClassDef || k == ast.Lambda) {
			return false // visited with its own function
		}
		p.nodes = append(p.nodes, Node{id, n, k})
		return true
	})
}
