package lower

import (
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// frame is a statement that a return, break or continue leaves: a loop, or a try with a finally body.
type frame struct {
	isLoop              bool
	breakTo, continueTo ir.BlockID
	finally             ast.NodeID // the Try
	handler             ir.BlockID // where exceptions of the finally body go
}

func (l *lowerer) leaveLoop(id ast.NodeID) {
	for i := len(l.frames) - 1; i >= 0; i-- {
		fr := l.frames[i]
		if !fr.isLoop {
			continue
		}
		if l.unwind(i) {
			to := fr.breakTo
			if l.f.Kind(id) == ast.Continue {
				to = fr.continueTo
			}
			l.b.Jump(to, id)
		}
		return
	}
	l.b.Raise(ir.NoReg, id) // break outside a loop is a syntax error
}

// unwind runs the finally bodies of the frames from the innermost down to number `to`. It reports whether they end.
func (l *lowerer) unwind(to int) bool {
	frames, handler := l.frames, l.b.Handler()
	for i := len(frames) - 1; i >= to && l.b.IsOpen(); i-- {
		if frames[i].isLoop || !l.mayCopy() {
			continue
		}
		l.frames = frames[:i:i]
		l.b.SetHandler(frames[i].handler)
		l.next(frames[i].finally)
		l.stmts(l.f.Finalbody(frames[i].finally))
	}
	l.frames = frames
	l.b.SetHandler(handler)
	return l.b.IsOpen()
}

func (l *lowerer) mayCopy() bool {
	if l.copies >= maxFinallyCopies {
		l.b.Func().IsPartial = true
		return false
	}
	l.copies++
	return true
}

// try lowers
//
//	try: body  except T as e: handler  else: orelse  finally: final
//
// to body → orelse → after, with the body's exceptions going to a chain of clauses, and those of everything before final
// to a copy of final that raises again.
func (l *lowerer) try(id ast.NodeID) {
	f := l.f
	handlers, final := f.Handlers(id), f.Finalbody(id)
	outer := l.b.Handler()
	onError := ir.NoBlock
	if len(final) > 0 {
		onError = l.b.NewBlock()
		l.frames = append(l.frames, frame{finally: id, handler: outer})
		l.b.SetHandler(onError)
	}
	middle := l.b.Handler()
	after := l.b.NewBlock()
	dispatch := middle
	if len(handlers) > 0 {
		dispatch = l.b.NewBlock()
		l.b.SetHandler(dispatch)
	}
	l.next(id)
	l.stmts(f.Body(id))
	l.b.SetHandler(middle)
	if orelse := f.Orelse(id); l.b.IsOpen() && len(orelse) > 0 {
		l.next(ast.NodeID(orelse[0]))
		l.stmts(orelse)
	}
	l.jump(after, id)
	if len(handlers) > 0 {
		l.clauses(handlers, dispatch, after)
	}
	if len(final) > 0 {
		l.frames = l.frames[:len(l.frames)-1]
		l.b.SetHandler(outer)
		l.finally(id, after, onError)
		return
	}
	l.b.Resume(after)
}

func (l *lowerer) clauses(handlers []uint32, dispatch, after ir.BlockID) {
	l.b.StartBlock(dispatch)
	for _, w := range handlers {
		h := ast.NodeID(w)
		typ := l.f.SlotA(h)
		next := ir.NoBlock
		if typ != 0 {
			match := l.b.NewBlock()
			next = l.b.NewBlock()
			l.b.Branch(ir.NoReg, match, next, h)
			l.b.StartBlock(match)
		}
		l.clause(h, typ)
		l.jump(after, h)
		if next == ir.NoBlock { // `except:` is the last
			return
		}
		l.b.StartBlock(next)
	}
	l.b.Raise(ir.NoReg, ast.NodeID(handlers[len(handlers)-1]))
}

func (l *lowerer) clause(h, typ ast.NodeID) {
	in := ir.Make(ir.OpExcept, h)
	if typ != 0 {
		in.A = l.expr(typ)
	}
	e := l.b.Value(in)
	name := ast.Sym(l.f.Nodes[h].B)
	if name != 0 {
		l.storeName(name, e, h)
	}
	l.stmts(l.f.Body(h))
	if name == 0 || !l.b.IsOpen() {
		return
	}
	if p := l.place(name); p.op == ir.OpCopy {
		del := ir.Make(ir.OpDelete, h)
		del.A = p.reg
		l.b.Emit(del)
	}
}

// finally lowers the copies of a finally body for the normal way and for exceptions.
func (l *lowerer) finally(try ast.NodeID, after, onError ir.BlockID) {
	final := l.f.Finalbody(try)
	done := l.b.NewBlock()
	l.b.Resume(after)
	l.stmts(final)
	l.jump(done, try)
	l.b.StartBlock(onError)
	if l.mayCopy() {
		l.stmts(final)
	}
	if l.b.IsOpen() {
		l.b.Raise(ir.NoReg, try)
	}
	l.b.Resume(done)
}

// with lowers the items of a with statement from the first on. Exceptions are taken to pass through every manager but
// contextlib.suppress.
func (l *lowerer) with(id ast.NodeID, items []uint32) {
	var suppressing []suppressed
	var entered []ir.Instr
	for _, w := range items {
		item := ast.NodeID(w)
		ctx := l.f.SlotA(item)
		in := ir.Make(ir.OpEnter, ctx)
		in.A = l.expr(ctx)
		r := l.b.Value(in)
		if l.makesManager(ctx) {
			out := ir.Make(ir.OpExit, ctx)
			out.A = in.A
			entered = append(entered, out)
		}
		if vars := l.f.SlotB(item); vars != 0 {
			l.assign(vars, r)
		}
		if l.isSuppress(ctx) {
			s := suppressed{outer: l.b.Handler(), dispatch: l.b.NewBlock(), node: ctx}
			l.b.SetHandler(s.dispatch)
			l.next(ctx)
			suppressing = append(suppressing, s)
		}
	}
	l.stmts(l.f.Body(id))
	for i := len(entered) - 1; i >= 0 && l.b.IsOpen(); i-- {
		l.b.Emit(entered[i])
	}
	for i := len(suppressing) - 1; i >= 0; i-- {
		l.swallow(suppressing[i])
	}
}

type suppressed struct {
	outer, dispatch ir.BlockID
	node            ast.NodeID
}

func (l *lowerer) swallow(s suppressed) {
	after, caught, next := l.b.NewBlock(), l.b.NewBlock(), l.b.NewBlock()
	l.b.SetHandler(s.outer)
	l.jump(after, s.node)
	l.b.StartBlock(s.dispatch)
	l.b.Branch(ir.NoReg, caught, next, s.node)
	l.b.StartBlock(caught)
	in := ir.Make(ir.OpExcept, s.node)
	l.b.Value(in)
	l.b.Jump(after, s.node)
	l.b.StartBlock(next)
	l.b.Raise(ir.NoReg, s.node)
	l.b.StartBlock(after)
}

func (l *lowerer) isSuppress(ctx ast.NodeID) bool {
	if l.f.Kind(ctx) != ast.Call {
		return false
	}
	name := semantic.DottedName(l.f, l.f.SlotA(ctx))
	if name != "suppress" && name != "contextlib.suppress" {
		return false
	}
	return l.prog.ResolveIn(l.m, l.scope, name).Path == "contextlib.suppress"
}

// makesManager: the expression is a call of something that is named like a class, or a variable. What else stands behind `with`,
// open() and functions that yield, does nothing at the end that is not seen where it is written.
func (l *lowerer) makesManager(ctx ast.NodeID) bool {
	if l.f.Kind(ctx) == ast.Name {
		return true
	}
	if l.f.Kind(ctx) != ast.Call {
		return false
	}
	name := semantic.DottedName(l.f, l.f.SlotA(ctx))
	name = strings.TrimLeft(name[strings.LastIndexByte(name, '.')+1:], "_")
	return name != "" && name[0] >= 'A' && name[0] <= 'Z'
}

// cond goes to yes or no by the truth of an expression. Every branch has an atomic test.
func (l *lowerer) cond(id ast.NodeID, yes, no ir.BlockID) {
	l.depth++
	defer func() { l.depth-- }()
	f := l.f
	switch n := &f.Nodes[id]; {
	case l.tooDeep():
		l.b.Branch(ir.NoReg, yes, no, id)
	case n.Kind == ast.BoolOp:
		l.condBool(id, yes, no)
	case n.Kind == ast.UnaryOp && n.Op == ast.Not:
		l.cond(ast.NodeID(n.A), no, yes)
	case n.Kind == ast.Constant:
		if truth(f, id) {
			l.b.Jump(yes, id)
		} else {
			l.b.Jump(no, id)
		}
	case n.Kind == ast.Compare && len(f.ListB(id)) > 2:
		l.condChain(id, yes, no)
	default:
		l.b.Branch(l.expr(id), yes, no, id)
	}
}

func (l *lowerer) condBool(id ast.NodeID, yes, no ir.BlockID) {
	values := l.f.ListA(id)
	isAnd := l.f.Nodes[id].Op == ast.And
	for i, v := range values {
		if !l.b.IsOpen() {
			return
		}
		if i == len(values)-1 {
			l.cond(ast.NodeID(v), yes, no)
			return
		}
		next := l.b.NewBlock()
		if isAnd {
			l.cond(ast.NodeID(v), next, no)
		} else {
			l.cond(ast.NodeID(v), yes, next)
		}
		l.b.Resume(next)
	}
}

// condChain lowers a < b < c, where b is evaluated once.
func (l *lowerer) condChain(id ast.NodeID, yes, no ir.BlockID) {
	left := l.expr(l.f.SlotA(id))
	ops := l.f.ListB(id)
	for i := 0; i+1 < len(ops); i += 2 {
		right := l.expr(ast.NodeID(ops[i+1]))
		r := l.compare(id, ast.Op(ops[i]), left, right)
		if i+2 >= len(ops) {
			l.b.Branch(r, yes, no, id)
			return
		}
		next := l.b.NewBlock()
		l.b.Branch(r, next, no, id)
		l.b.StartBlock(next)
		left = right
	}
}

func (l *lowerer) compare(node ast.NodeID, op ast.Op, a, b ir.Reg) ir.Reg {
	in := ir.Make(ir.OpCompare, node)
	in.Sub, in.A, in.B = uint8(op), a, b
	return l.b.Value(in)
}
