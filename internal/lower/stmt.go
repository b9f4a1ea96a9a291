package lower

import (
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// stmts lowers a suite; what follows a return, raise, break or continue is dead.
func (l *lowerer) stmts(words []uint32) {
	for _, w := range words {
		if !l.b.IsOpen() {
			return
		}
		if l.b.Handler() != ir.NoBlock && !l.b.IsFresh() {
			l.next(ast.NodeID(w)) // the handler sees the state between statements
		}
		l.stmt(ast.NodeID(w))
	}
}

// next ends the block and goes on in a new one.
func (l *lowerer) next(node ast.NodeID) {
	b := l.b.NewBlock()
	l.b.Jump(b, node)
	l.b.StartBlock(b)
}

func (l *lowerer) stmt(id ast.NodeID) {
	l.depth++
	defer func() { l.depth-- }()
	if id == 0 || l.tooDeep() {
		return
	}
	f := l.f
	switch f.Kind(id) {
	case ast.Expr:
		l.opt(f.SlotA(id))
	case ast.Assign:
		l.assignStmt(id)
	case ast.AugAssign:
		l.augAssign(id)
	case ast.AnnAssign:
		if v := f.SlotC(id); v != 0 {
			l.assign(f.SlotA(id), l.expr(v))
		}
	case ast.TypeAlias:
		l.assign(f.SlotA(id), l.expr(f.SlotC(id)))
	case ast.Return:
		l.returns(id)
	case ast.If:
		l.ifChain(id)
	case ast.For, ast.AsyncFor:
		l.forLoop(id)
	case ast.While:
		l.while(id)
	case ast.Break, ast.Continue:
		l.leaveLoop(id)
	case ast.FunctionDef, ast.AsyncFunctionDef:
		l.function(id)
	case ast.ClassDef:
		l.class(id)
	case ast.Import, ast.ImportFrom:
		l.imports(id)
	case ast.Try, ast.TryStar:
		l.try(id)
	case ast.With, ast.AsyncWith:
		l.with(id, f.ListA(id))
	case ast.Raise:
		l.raise(id)
	case ast.Assert:
		l.assert(id)
	case ast.Delete:
		for _, t := range f.ListA(id) {
			l.del(ast.NodeID(t))
		}
	case ast.Match:
		l.match(id)
	}
}

func (l *lowerer) ifChain(id ast.NodeID) {
	after := l.b.NewBlock()
	for {
		orelse := l.f.Orelse(id)
		yes, no := l.b.NewBlock(), after
		if len(orelse) > 0 {
			no = l.b.NewBlock()
		}
		l.cond(l.f.SlotA(id), yes, no)
		l.b.Resume(yes)
		l.stmts(l.f.Body(id))
		l.jump(after, id)
		if no == after {
			break
		}
		l.b.Resume(no)
		if len(orelse) == 1 && l.f.Kind(ast.NodeID(orelse[0])) == ast.If && l.b.IsOpen() {
			id = ast.NodeID(orelse[0])
			continue
		}
		l.stmts(orelse)
		l.jump(after, id)
		break
	}
	l.b.Resume(after)
}

// jump ends the block if one is open.
func (l *lowerer) jump(to ir.BlockID, node ast.NodeID) {
	if l.b.IsOpen() {
		l.b.Jump(to, node)
	}
}

func (l *lowerer) while(id ast.NodeID) {
	head := l.loopHead(id)
	body, after := l.b.NewBlock(), l.b.NewBlock()
	exit := after
	orelse := l.f.Orelse(id)
	if len(orelse) > 0 {
		exit = l.b.NewBlock()
	}
	l.cond(l.f.SlotA(id), body, exit)
	l.b.Resume(body)
	l.loopBody(id, head, after)
	l.loopElse(orelse, exit, after, id)
}

func (l *lowerer) loopHead(node ast.NodeID) ir.BlockID {
	head := l.b.NewBlock()
	l.b.Jump(head, node)
	l.b.StartBlock(head)
	l.b.MarkLoopHead(head)
	return head
}

func (l *lowerer) loopBody(id ast.NodeID, head, after ir.BlockID) {
	l.frames = append(l.frames, frame{isLoop: true, breakTo: after, continueTo: head})
	l.stmts(l.f.Body(id))
	l.frames = l.frames[:len(l.frames)-1]
	l.jump(head, id)
}

func (l *lowerer) loopElse(orelse []uint32, exit, after ir.BlockID, node ast.NodeID) {
	if exit != after {
		l.b.Resume(exit)
		l.stmts(orelse)
		l.jump(after, node)
	}
	l.b.Resume(after)
}

func (l *lowerer) forLoop(id ast.NodeID) {
	iter := l.expr(l.f.SlotB(id))
	head := l.loopHead(id)
	body, after := l.b.NewBlock(), l.b.NewBlock()
	exit := after
	orelse := l.f.Orelse(id)
	if len(orelse) > 0 {
		exit = l.b.NewBlock()
	}
	l.b.Branch(ir.NoReg, body, exit, id)
	l.b.StartBlock(body)
	l.bindElement(l.f.SlotA(id), iter, l.f.SlotB(id))
	l.loopBody(id, head, after)
	l.loopElse(orelse, exit, after, id)
}

func (l *lowerer) bindElement(target ast.NodeID, iter ir.Reg, node ast.NodeID) {
	in := ir.Make(ir.OpIter, node)
	in.A = iter
	l.assign(target, l.b.Value(in))
}

func (l *lowerer) returns(id ast.NodeID) {
	r := ir.NoReg
	if v := l.f.SlotA(id); v != 0 {
		if l.f.Kind(v) == ast.BoolOp && l.f.Nodes[v].Op == ast.And && len(l.frames) == 0 {
			l.returnAnd(v, id)
			return
		}
		r = l.expr(v)
	}
	if l.unwind(0) {
		l.b.Return(r, id)
	}
}

// returnAnd lowers `return a and b` to `if not a: return a`, `return b`: what a caller learns from the truth of what a
// validator returns is what the way through it passed.
func (l *lowerer) returnAnd(v, id ast.NodeID) {
	values := l.f.ListA(v)
	for _, w := range values[:len(values)-1] {
		op := ast.NodeID(w)
		next, out := l.b.NewBlock(), l.b.NewBlock()
		r := ir.NoReg
		if l.isTruth(op) {
			l.cond(op, next, out)
		} else {
			r = l.expr(op)
			l.b.Branch(r, next, out, op)
		}
		l.b.Resume(out)
		if l.b.IsOpen() {
			if r == ir.NoReg {
				r = l.b.Const(ir.Const{Kind: ir.ConstBool}, op)
			}
			l.b.Return(r, id)
		}
		l.b.Resume(next)
		if !l.b.IsOpen() {
			return
		}
	}
	l.b.Return(l.expr(ast.NodeID(values[len(values)-1])), id)
}

// isTruth: the expression is True or False, nothing else.
func (l *lowerer) isTruth(id ast.NodeID) bool {
	switch n := &l.f.Nodes[id]; n.Kind {
	case ast.Compare:
		return true
	case ast.UnaryOp:
		return n.Op == ast.Not
	}
	return false
}

func (l *lowerer) raise(id ast.NodeID) {
	r := ir.NoReg
	if e := l.f.SlotA(id); e != 0 {
		r = l.expr(e)
	}
	l.opt(l.f.SlotB(id))
	l.b.Raise(r, id)
}

func (l *lowerer) assert(id ast.NodeID) {
	ok, fail := l.b.NewBlock(), l.b.NewBlock()
	l.cond(l.f.SlotA(id), ok, fail)
	l.b.Resume(fail)
	if l.b.IsOpen() {
		l.args = l.args[:0]
		var args []ir.Arg
		if msg := l.f.SlotB(id); msg != 0 {
			args = []ir.Arg{{Reg: l.expr(msg), Node: msg}}
		}
		l.b.Raise(l.callGlobal("AssertionError", id, args...), id)
	}
	l.b.Resume(ok)
}

// callGlobal calls a builtin by name.
func (l *lowerer) callGlobal(name string, node ast.NodeID, args ...ir.Arg) ir.Reg {
	g := ir.Make(ir.OpGlobal, node)
	g.Name = name
	in := ir.Make(ir.OpCall, node)
	in.A = l.b.Value(g)
	l.b.SetArgs(&in, args)
	return l.b.Value(in)
}

func (l *lowerer) del(t ast.NodeID) {
	f := l.f
	in := ir.Make(ir.OpDelete, t)
	switch f.Kind(t) {
	case ast.Name:
		p := l.place(ast.Sym(f.Nodes[t].A))
		if p.op != ir.OpCopy {
			return
		}
		in.A = p.reg
	case ast.Attribute:
		in.A, in.Name = l.expr(f.SlotA(t)), f.IdentOf(t)
	case ast.Subscript:
		in.A = l.expr(f.SlotA(t))
		in.B = l.expr(f.SlotB(t))
	case ast.Tuple, ast.List:
		for _, e := range f.ListA(t) {
			l.del(ast.NodeID(e))
		}
		return
	default:
		return
	}
	l.b.Emit(in)
}

func (l *lowerer) imports(id ast.NodeID) {
	n := &l.f.Nodes[id]
	list := ast.ListID(n.A)
	if n.Kind == ast.ImportFrom {
		list = ast.ListID(n.B)
	}
	for _, w := range l.f.Words(list) {
		i, ok := l.fi.ImportOf(ast.NodeID(w))
		if !ok {
			continue
		}
		in := ir.Make(ir.OpImport, ast.NodeID(w))
		in.Imm = i
		r := l.b.Value(in)
		im := &l.fi.Imports[i]
		if im.Name == "*" {
			l.star(i, ast.NodeID(w))
			continue
		}
		if s, ok := l.fi.Lookup(im.Scope, im.Bound()); ok {
			l.storeName(l.fi.Symbols[s].Sym, r, ast.NodeID(w))
		}
	}
}

// star binds every name that a star import brings from a module of the program.
func (l *lowerer) star(i uint32, node ast.NodeID) {
	lo, hi := l.prog.StarImports(l.m, i)
	for j := lo; j < hi; j++ {
		in := ir.Make(ir.OpImport, node)
		in.Imm = j
		set := ir.Make(ir.OpSetGlobal, node)
		set.A, set.Name = l.b.Value(in), l.prog.StarName(l.m, j)
		l.b.Emit(set)
	}
}
