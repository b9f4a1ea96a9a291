package lower

import (
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

func (l *lowerer) function(id ast.NodeID) {
	decorators := l.decorators(id)
	r := l.decorate(id, decorators, l.funcObject(id))
	l.storeName(ast.Sym(l.f.Nodes[id].A), r, id)
}

func (l *lowerer) decorators(id ast.NodeID) []ir.Reg {
	var regs []ir.Reg
	for _, d := range l.f.Decorators(id) {
		regs = append(regs, l.expr(ast.NodeID(d)))
	}
	return regs
}

// decorate calls the decorators, the innermost first.
func (l *lowerer) decorate(id ast.NodeID, decorators []ir.Reg, r ir.Reg) ir.Reg {
	nodes := l.f.Decorators(id)
	for i := len(decorators) - 1; i >= 0; i-- {
		in := ir.Make(ir.OpCall, ast.NodeID(nodes[i]))
		in.A = decorators[i]
		l.b.SetArgs(&in, []ir.Arg{{Reg: r, Node: id}})
		r = l.b.Value(in)
	}
	return r
}

// funcObject makes the object of a def or lambda, after its defaults.
func (l *lowerer) funcObject(id ast.NodeID) ir.Reg {
	in := ir.Make(ir.OpFunc, id)
	local, ok := l.fi.FuncOf(id)
	if !ok { // nested too deep for the scan
		return l.b.Const(ir.Const{Kind: ir.ConstEllipsis}, id)
	}
	in.Imm = uint32(l.prog.FuncID(l.m, local))
	base := len(l.args)
	for _, p := range l.f.Params(id) {
		if d := l.f.SlotC(ast.NodeID(p)); d != 0 {
			a := ir.Arg{Kind: ir.ArgKeyword, Name: l.f.IdentOf(ast.NodeID(p)), Reg: l.expr(d), Node: d}
			l.args = append(l.args, a)
		}
	}
	l.b.SetArgs(&in, l.args[base:])
	l.args = l.args[:base]
	return l.b.Value(in)
}

func (l *lowerer) class(id ast.NodeID) {
	local, ok := l.fi.ClassOf(id)
	if !ok {
		return
	}
	decorators := l.decorators(id)
	in := ir.Make(ir.OpClass, id)
	in.Imm = uint32(l.prog.ClassID(l.m, local))
	l.operands(&in, l.f.ListB(id))
	r := l.decorate(id, decorators, l.b.Value(in))
	l.storeName(ast.Sym(l.f.Nodes[id].A), r, id)
}

// comprehension runs inline: a loop for every clause, a branch for every condition, and in the middle the call that adds
// the element. A generator is taken to run where it stands.
func (l *lowerer) comprehension(id ast.NodeID) ir.Reg {
	f := l.f
	list := f.Nodes[id].B
	kind := ir.BuildListComp
	switch f.Kind(id) {
	case ast.SetComp:
		kind = ir.BuildSetComp
	case ast.GeneratorExp:
		kind = ir.BuildGenerator
	case ast.DictComp:
		kind, list = ir.BuildDictComp, f.Nodes[id].C
	}
	clauses := f.Words(ast.ListID(list))
	scope, ok := l.fi.ScopeOf(id)
	if !ok || len(clauses) == 0 {
		return l.b.Const(ir.Const{Kind: ir.ConstEllipsis}, id)
	}
	first := l.expr(f.SlotB(ast.NodeID(clauses[0])))
	build := ir.Make(ir.OpBuild, id)
	build.Sub = uint8(kind)
	result := l.b.Value(build)
	outer, saved := l.openScope(scope)
	exit := l.clauseLoops(clauses, first)
	l.addElement(id, kind, result)
	l.b.Jump(exit.head, id)
	l.b.StartBlock(exit.after)
	l.closeScope(outer, saved)
	return result
}

// loop is where the innermost clause goes on and where the outermost one ends.
type loop struct{ head, after ir.BlockID }

// clauseLoops opens the loops. The end of an inner loop, and a condition that does not hold, go to the head of the loop
// around it.
func (l *lowerer) clauseLoops(clauses []uint32, iter ir.Reg) loop {
	after := l.b.NewBlock()
	out := loop{head: after, after: after}
	for i, w := range clauses {
		c := ast.NodeID(w)
		if i > 0 {
			iter = l.expr(l.f.SlotB(c))
		}
		head := l.loopHead(c)
		body := l.b.NewBlock()
		l.b.Branch(ir.NoReg, body, out.head, c)
		l.b.StartBlock(body)
		out.head = head
		l.bindElement(l.f.SlotA(c), iter, l.f.SlotB(c))
		for _, cond := range l.f.ListC(c) {
			if !l.b.IsOpen() {
				l.b.StartBlock(l.b.NewBlock()) // `if False`: dead, and dropped
			}
			yes := l.b.NewBlock()
			l.cond(ast.NodeID(cond), yes, head)
			l.b.StartBlock(yes)
		}
	}
	return out
}

func (l *lowerer) addElement(id ast.NodeID, kind ir.BuildKind, result ir.Reg) {
	f := l.f
	elt := f.SlotA(id)
	if kind == ir.BuildDictComp {
		value := f.SlotB(id)
		if elt == 0 {
			l.addBy("update", result, value)
			return
		}
		in := ir.Make(ir.OpSetIndex, id)
		in.A = result
		in.B = l.expr(elt)
		in.C = l.expr(value)
		l.b.Emit(in)
		return
	}
	isSet := kind == ir.BuildSetComp
	switch {
	case f.Kind(elt) == ast.Starred && isSet:
		l.addBy("update", result, f.SlotA(elt))
	case f.Kind(elt) == ast.Starred:
		l.addBy("extend", result, f.SlotA(elt))
	case isSet:
		l.addBy("add", result, elt)
	default:
		l.addBy("append", result, elt)
	}
}

func (l *lowerer) addBy(method string, result ir.Reg, elt ast.NodeID) {
	r := l.expr(elt)
	in := ir.Make(ir.OpMethod, elt)
	in.A, in.Name = result, method
	l.b.SetArgs(&in, []ir.Arg{{Reg: r, Node: elt}})
	l.b.Value(in)
}
