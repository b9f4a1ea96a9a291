package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// maxVisits is how often one block is executed before its variables widen; twice that, and the block is left alone.
const maxVisits = 6

// solve runs the blocks until nothing changes: in reverse postorder, always the earliest that waits. A block outside loops
// runs once, when all before it has settled, and is recorded then. The blocks of a loop run until they settle, and once
// more to be recorded, before anything behind the loop runs: what is recorded comes in the order of execution.
func (f *frame) solve() {
	if len(f.fn.Blocks) == 0 {
		return
	}
	rpo := f.info.rpo
	pending := make([]bool, len(rpo))
	f.takeInjected()
	f.in[0] = state{vars: f.s.scratch.copyOf(f.vars), heap: f.heap.fork(), reached: true}
	pending[0] = true
	recorded := 0
	for next := 0; next < len(rpo); {
		if !pending[next] {
			next++
			continue
		}
		pending[next] = false
		b := rpo[next]
		if f.record = !f.info.blocks[b].again; f.record {
			f.recordLoops(recorded, next)
			recorded = next
		}
		f.runBlock(b, pending)
		if f.instrs > maxFuncInstrs {
			f.s.trip(f.fn, limitInstrs)
			break
		}
		next = f.earliest(b, next+1)
	}
	f.recordLoops(recorded, len(rpo))
	if f.info.manyFlags || f.partWork > maxPartWork {
		f.s.trip(f.fn, limitFlags)
	}
	f.s.stats.Instrs += f.instrs
}

// earliest is the first block in order that may wait after block b ran: one of its targets, or the one at next.
func (f *frame) earliest(b ir.BlockID, next int) int {
	block := &f.fn.Blocks[b]
	for _, to := range block.Succs {
		next = min(next, int(f.info.blocks[to].rank))
	}
	if block.Handler != ir.NoBlock {
		next = min(next, int(f.info.blocks[block.Handler].rank))
	}
	return next
}

// recordLoops runs the settled blocks of loops between two places of the order once more.
func (f *frame) recordLoops(from, to int) {
	f.record = true
	for _, b := range f.info.rpo[from:to] {
		if f.info.blocks[b].again && f.in[b].reached {
			f.runBlock(b, nil)
		}
	}
}

// runBlock executes one block and passes its state on; pending is nil in the recording pass.
func (f *frame) runBlock(id ir.BlockID, pending []bool) {
	st := &f.in[id]
	st.visits++
	if st.visits > 2*maxVisits && pending != nil {
		f.s.trip(f.fn, limitLoop)
		return
	}
	copy(f.vars, st.vars)
	f.heap, f.parts = st.heap.fork(), st.parts
	f.block, f.dead = id, false
	f.raised, f.raises = st.raised, nil
	b := &f.fn.Blocks[id]
	if b.Handler != ir.NoBlock {
		f.passToHandler(b.Handler, pending)
	}
	for i := range b.Instrs {
		f.instrs++
		f.exec(&b.Instrs[i])
		if f.dead {
			break
		}
	}
	f.unwind(b.Handler)
	if f.dead {
		if b.Handler != ir.NoBlock {
			f.passToHandler(b.Handler, pending)
		}
		return
	}
	if b.Handler != ir.NoBlock {
		f.passToHandler(b.Handler, pending)
	}
	f.leave(b, pending)
}

// leave passes the state to the successors, refined by the branch condition.
func (f *frame) leave(b *ir.Block, pending []bool) {
	if len(b.Instrs) == 0 {
		return
	}
	last := &b.Instrs[len(b.Instrs)-1]
	switch last.Op {
	case ir.OpJump:
		if len(b.Succs) > 0 {
			f.pass(b.Succs[0], pending)
		}
	case ir.OpBranch:
		if len(b.Succs) < 2 {
			return
		}
		truth := value.Truth(f.get(last.A))
		var saved []*value.Value
		var before heap
		parts := f.parts
		if truth == value.Maybe {
			before = f.heap.fork() // a check of an attribute holds on one way
			if f.saved == nil {
				f.saved = f.s.scratch.take(len(f.vars))
			}
			saved = f.saved
			copy(saved, f.vars)
			f.trying, f.undo = true, f.undo[:0]
		}
		if truth != value.False && f.assume(last.A, true) {
			if saved != nil && f.isAssertion(b.Succs[1]) {
				f.unasserted(saved)
				f.heap = before.fork()
			}
			f.pass(b.Succs[0], pending)
		}
		if saved != nil {
			copy(f.vars, saved)
			f.heap, f.parts = before, parts
			f.untry()
		}
		if last.A == ir.NoReg {
			f.afterLoop(b)
			if pending != nil {
				f.roundByRound(b)
			}
		}
		if truth != value.True && f.assume(last.A, false) {
			f.pass(b.Succs[1], pending)
		}
	}
}

// pass joins the current state into the start of a block.
func (f *frame) pass(to ir.BlockID, pending []bool) {
	if pending == nil || f.rounds != nil && !f.rounds.within[to] {
		return
	}
	st := &f.in[to]
	changed := false
	if n := f.s.join(st.raised, f.raised); n != st.raised {
		changed = changed || !equal(n, st.raised)
		st.raised = n
	}
	if !st.reached {
		st.reached, changed = true, true
		st.vars = f.s.scratch.copyOf(f.vars)
		st.heap, st.parts = f.heap.fork(), f.parts
	} else {
		var parts [][]part
		if len(f.info.flags) > 0 && st.visits <= maxVisits {
			parts = f.joinParts(to, st)
		}
		for i, v := range f.vars {
			old := st.vars[i]
			if v == old || v == nil {
				continue
			}
			n := f.s.join(old, v)
			if n == old || equal(n, old) {
				continue
			}
			if st.visits > maxVisits {
				n = value.Widen(old, n)
				if n == old {
					continue
				}
			}
			st.vars[i] = n
			changed = changed || f.info.minds(to, i)
		}
		if !sameParts(parts, st.parts) {
			changed = true
		}
		st.parts = parts
		if h := f.goesRound(to); st.heap.mergeBut(&h, f.knownAt(to)) {
			changed = true
		}
	}
	if changed {
		pending[f.info.blocks[to].rank] = true
	}
}

func (f *frame) get(r ir.Reg) *value.Value {
	if r < 0 {
		return nil
	}
	if int(r) < f.fn.NumVars {
		if v := f.vars[r]; v != nil {
			return v
		}
		return value.Unknown
	}
	if v := f.temps[int(r)-f.fn.NumVars]; v != nil {
		return v
	}
	return value.Unknown
}

func (f *frame) put(r ir.Reg, v *value.Value) {
	if r < 0 {
		return
	}
	if v == nil {
		v = value.Unknown
	}
	if int(r) < f.fn.NumVars {
		f.vars[r] = v
		return
	}
	f.temps[int(r)-f.fn.NumVars] = v
}

// exec is the transfer function.
func (f *frame) exec(in *ir.Instr) {
	switch in.Op {
	case ir.OpConst:
		f.put(in.Dst, f.constant(in.Imm))
	case ir.OpCopy:
		v := f.get(in.A)
		if int(in.Dst) < f.fn.NumVars && len(v.Taint) > 0 && in.Dst >= 0 {
			v = value.WithStep(v, f.fn.ID, in.Node, "assigned to "+f.varName(in.Dst))
		}
		f.put(in.Dst, v)
	case ir.OpGlobal:
		f.put(in.Dst, f.loadGlobal(in))
	case ir.OpSetGlobal:
		f.named(in.Name, f.get(in.A), in.Node)
		f.setGlobal(in.Name, f.get(in.A))
	case ir.OpCell:
		f.put(in.Dst, f.loadCell(ir.FuncID(in.Imm), in.Name))
	case ir.OpSetCell:
		f.setCell(ir.FuncID(in.Imm), in.Name, f.get(in.A))
	case ir.OpAttr:
		if f.fn.Kind == ir.KindTemplate {
			f.put(in.Dst, f.member(f.get(in.A), in.Name, in.Node))
			return
		}
		f.put(in.Dst, f.loadAttr(f.get(in.A), in.Name, in.Node))
	case ir.OpSetAttr:
		f.named(in.Name, f.get(in.B), in.Node)
		f.storeAttr(f.get(in.A), in.Name, f.get(in.B), in)
	case ir.OpIndex:
		if r := f.unpacked(in); r != nil {
			f.put(in.Dst, r)
			return
		}
		f.put(in.Dst, f.loadIndex(f.get(in.A), f.get(in.B), in.Node))
	case ir.OpSetIndex:
		f.namedItem(f.get(in.B), f.get(in.C), in.Node)
		f.storeIndex(f.get(in.A), f.get(in.B), f.get(in.C), in)
		f.growsColumn(in.A, []arg{{v: f.get(in.C), node: in.Node}})
	case ir.OpSlice:
		f.put(in.Dst, f.slice(in))
	case ir.OpCall:
		f.execCall(in)
	case ir.OpMethod:
		f.execMethod(in)
	case ir.OpBinary:
		f.put(in.Dst, f.binary(in))
	case ir.OpUnary:
		f.put(in.Dst, value.Unary(ast.Op(in.Sub), f.get(in.A)))
	case ir.OpCompare:
		f.put(in.Dst, f.compare(ast.Op(in.Sub), f.get(in.A), f.get(in.B)))
	case ir.OpBuild:
		f.put(in.Dst, f.build(in))
	case ir.OpFormat:
		f.put(in.Dst, f.format(in))
	case ir.OpIter:
		if f.rounds != nil && in == f.rounds.iter {
			f.put(in.Dst, f.rounds.elem)
			break
		}
		f.put(in.Dst, f.iterate(f.get(in.A), in.Node))
	case ir.OpFunc:
		f.put(in.Dst, f.makeFunc(in))
	case ir.OpClass:
		f.put(in.Dst, f.makeClass(in))
	case ir.OpImport:
		f.put(in.Dst, f.importName(in))
	case ir.OpYield:
		f.yield(in)
	case ir.OpExcept:
		f.put(in.Dst, f.caught(in))
	case ir.OpEnter:
		f.put(in.Dst, f.enter(f.get(in.A), in.Node))
	case ir.OpExit:
		f.exitWith(f.get(in.A), in.Node)
	case ir.OpDelete:
		f.delete(in)
	case ir.OpEmit:
		f.emit(in)
	case ir.OpReturn:
		f.ret(in)
	case ir.OpRaise:
		if in.A != ir.NoReg {
			f.raise(f.get(in.A))
		} else {
			f.raise(f.raised)
		}
		f.dead = true
	}
	if len(f.info.items) > 0 {
		f.itemsWritten(in)
	}
	if len(f.info.reads) > 0 && in.Op != ir.OpCopy {
		f.reread(in.Dst)
	}
	if len(f.info.flags) > 0 {
		f.flagsAfter(in)
	}
	if in.Dst >= 0 && int(in.Dst) < f.fn.NumVars {
		f.named(f.varName(in.Dst), f.vars[in.Dst], in.Node)
	}
}

// constant is a constant of the function; its value is made once.
func (f *frame) constant(i uint32) *value.Value {
	if f.info.consts == nil {
		f.info.consts = make([]*value.Value, len(f.fn.Consts))
	}
	if f.info.consts[i] == nil {
		f.info.consts[i] = value.Of(f.fn.Consts[i])
	}
	return f.info.consts[i]
}

func (f *frame) varName(r ir.Reg) string {
	if int(r) < len(f.fn.VarNames) {
		return f.fn.VarNames[r]
	}
	return "a variable"
}

func (f *frame) binary(in *ir.Instr) *value.Value {
	a, b := f.get(in.A), f.get(in.B)
	if ast.Op(in.Sub) == ast.Mod && (isText(a) || isFillings(b)) {
		return f.note(f.percent(a, b), in.Node)
	}
	if in.Imm == 1 && f.extendsInPlace(ast.Op(in.Sub), a, b, in.Node) {
		return a
	}
	if v := f.joinLists(ast.Op(in.Sub), a, b, in); v != nil {
		return v
	}
	if v := f.operated(ast.Op(in.Sub), a, b, in.Node); v != nil {
		return v
	}
	v := value.Binary(ast.Op(in.Sub), a, b)
	return f.note(v, in.Node)
}

// note adds a step to a tainted result, so that a trace shows where text was put together.
func (f *frame) note(v *value.Value, node ast.NodeID) *value.Value {
	if v == nil || len(v.Taint) == 0 {
		return v
	}
	return value.WithStep(v, f.fn.ID, node, "")
}

func isText(v *value.Value) bool {
	if v == nil {
		return false
	}
	if v.Str != nil || v.Type == "str" || v.Type == "bytes" {
		return true
	}
	for _, c := range v.Consts() {
		if c.Kind == ir.ConstStr || c.Kind == ir.ConstBytes {
			return true
		}
	}
	return false
}

func (f *frame) format(in *ir.Instr) *value.Value {
	args := f.fn.ArgsOf(in)
	vs := make([]*value.Value, len(args))
	var repr []bool
	var spec []string
	for i := range args {
		vs[i] = f.asText(f.get(args[i].Reg))
		switch args[i].Kind {
		case ir.ArgRepr:
			if repr == nil {
				repr = make([]bool, len(args))
			}
			repr[i] = true
		case ir.ArgSpec:
			if spec == nil {
				spec = make([]string, len(args))
			}
			spec[i] = args[i].Name
		}
	}
	return f.note(value.Format(vs, repr, spec), in.Node)
}

func (f *frame) ret(in *ir.Instr) {
	v := value.None()
	if in.A != ir.NoReg {
		v = f.get(in.A)
	}
	if !f.record {
		return // what a loop returns counts when it has settled
	}
	isFirst := !f.hasRet
	f.hasRet = true
	if f.fn.Kind == ir.KindModule || f.fn.Kind == ir.KindClassBody {
		if f.exit == nil {
			f.exit = f.s.scratch.copyOf(f.vars)
		} else {
			for i, w := range f.vars {
				f.exit[i] = f.s.join(f.exit[i], w)
			}
		}
	}
	f.namedReturn(v, in.Node)
	if !f.isBrief {
		f.returnFacts(in.A, v)
	}
	f.sum.ret = f.s.join(f.sum.ret, v)
	if isFirst {
		f.retHp = f.heap.fork()
	} else {
		f.retHp.merge(&f.heap)
	}
	if !f.isBrief {
		f.sum.returns = append(f.sum.returns, Return{Node: in.Node, Value: v, Arg: f.freeze(v, in.Node, 0)})
	}
}

func (f *frame) yield(in *ir.Instr) {
	v := value.None()
	if in.A != ir.NoReg {
		v = f.get(in.A)
	}
	end := f.sent()
	if in.Sub == ir.YieldFrom {
		f.send(v, end)
		end = value.Unknown
		for i := range v.Objs {
			if k, ok := keyOf(&v.Objs[i]); ok {
				if c := f.object(k).attr(endOfGenerator); c != nil {
					end = join(end, c.value)
				}
			}
		}
		v = f.iterate(v, in.Node)
	}
	f.yields = f.s.join(f.yields, v)
	f.put(in.Dst, end)
}
