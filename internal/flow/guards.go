package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// maxAssuming bounds the conditions that are followed one into the other: of `x = bool(x)` each asks the next about the same variable.
const maxAssuming = 40

// maxAssumed bounds all that are followed from one: of `x & x` both operands ask about x.
const maxAssumed = 400

// assume refines the variables by the truth of a condition; false when it cannot be.
func (f *frame) assume(reg ir.Reg, truth bool) bool {
	if reg < 0 {
		return true
	}
	if f.assuming == 0 {
		f.assumed = 0
	}
	if f.assuming == maxAssuming || f.assumed == maxAssumed {
		f.s.trip(f.fn, limitConditions)
		return true
	}
	f.assuming++
	f.assumed++
	ok := f.assumeReg(reg, truth)
	f.assuming--
	return ok
}

func (f *frame) assumeReg(reg ir.Reg, truth bool) bool {
	def := f.info.defs[reg]
	if def == nil {
		def = f.lastDef(reg)
	}
	if len(f.info.flags) > 0 {
		if f.flagTested(reg, truth); slices.Contains(f.info.stale, reg) {
			f.assumeTruth(reg, truth)
			return true
		}
	}
	if op := f.info.bools[reg]; op != nil {
		if c := f.operand(op); c != nil { // the branch between two operands, of which the later ones have not run
			ok := f.assumeDef(c, c.Dst, truth)
			if op.isOr == truth { // what the operator gives is this operand
				f.put(reg, value.RefineTruth(f.get(reg), truth))
			}
			return ok
		}
		if op.isOr == truth {
			f.assumeOne(op, truth)
			return true
		}
		for _, c := range op.conds {
			f.assumeDef(c, c.Dst, truth)
		}
		return true
	}
	if def == nil || def.Op == ir.OpCopy && int(def.A) < f.fn.NumVars && def.A >= 0 && f.info.defs[def.A] == nil && f.lastDef(def.A) == nil {
		r := reg
		if def != nil {
			r = def.A
		}
		f.assumeTruth(r, truth)
		return true
	}
	return f.assumeDef(def, reg, truth)
}

// lastDef is the instruction that gave a variable which is written at several places its value in the current block; nil when
// none did. A variable for errors is asked right behind each check:
//
//	error = check_name(name)
//	if error: return error
//	error = check_kind(kind)
//	if error: return error
func (f *frame) lastDef(reg ir.Reg) *ir.Instr {
	if reg < 0 || int(reg) >= f.fn.NumVars || f.info.bools[reg] != nil {
		return nil
	}
	in := lastWrite(&f.fn.Blocks[f.block], reg)
	switch {
	case in == nil:
	case in.Op == ir.OpCall, in.Op == ir.OpMethod, in.Op == ir.OpIndex, in.Op == ir.OpCopy && int(in.A) >= f.fn.NumVars:
		return in
	}
	return nil
}

// operand is the operand of a condition that the current block computes; nil behind all of them.
func (f *frame) operand(op *boolOp) *ir.Instr {
	in := f.fn.Blocks[f.block].Instrs
	if len(in) < 2 || in[len(in)-1].Op != ir.OpBranch {
		return nil
	}
	for _, c := range op.conds {
		if c == &in[len(in)-2] {
			return c
		}
	}
	return nil
}

// maxAlternatives bounds the operands of which one is known to hold.
const maxAlternatives = 6

// assumeOne: one operand of `a or b` is true (of `a and b` false), the first that is so. What holds whichever it is holds.
func (f *frame) assumeOne(op *boolOp, truth bool) {
	if len(op.conds) > maxAlternatives {
		f.s.trip(f.fn, limitChoices)
		return
	}
	m := f.s.scratch.mark()
	defer f.s.scratch.release(m)
	vars, temps := f.s.scratch.copyOf(f.vars), f.s.scratch.copyOf(f.temps)
	out := f.s.scratch.copyOf(f.vars)
	noted := len(f.noted)
	f.tentative++
	defer func() { f.tentative--; f.noted = f.noted[:noted] }()
	for i, c := range op.conds {
		for _, before := range op.conds[:i] {
			f.assumeDef(before, before.Dst, !truth)
		}
		f.assumeDef(c, c.Dst, truth)
		for j, v := range f.vars {
			switch {
			case i == 0:
				out[j] = v
			case out[j] != v:
				out[j] = value.Join(out[j], v)
			}
		}
		copy(f.vars, vars)
		copy(f.temps, temps)
	}
	copy(f.vars, out)
}

// assumeDef refines by the instruction that made the condition.
func (f *frame) assumeDef(def *ir.Instr, reg ir.Reg, truth bool) bool {
	if truth && f.optsOut(def, maxOption) && value.OwnWords(f.get(reg).Taint) {
		f.unchecked()
	}
	switch def.Op {
	case ir.OpCopy:
		return f.assume(def.A, truth)
	case ir.OpUnary:
		if ast.Op(def.Sub) == ast.Not {
			return f.assume(def.A, !truth)
		}
	case ir.OpCompare:
		f.flagCompared(def, truth)
		f.assumeCompare(def, truth)
		f.noFormula(def, truth)
	case ir.OpAttr:
		if isAddressFlag(def.Name) { // one operand of `ip.is_private or ip.is_loopback`
			f.addressChecked(addressFlag(f.get(def.A), def.Name), truth)
		}
		if f.info.bools[reg] == nil {
			f.assumeTruth(reg, truth)
		}
	case ir.OpIndex:
		f.assumeElement(def, truth)
		if f.info.bools[reg] == nil {
			f.assumeTruth(reg, truth)
		}
	case ir.OpBinary: // ok &= check(name)
		if op := ast.Op(def.Sub); op == ast.BitAnd && truth || op == ast.BitOr && !truth {
			f.assume(def.A, truth)
			f.assume(def.B, truth)
		}
		if f.info.bools[reg] == nil {
			f.assumeTruth(reg, truth)
		}
	case ir.OpCall, ir.OpMethod:
		f.assumeCall(def, truth)
		if def.Name == "startswith" {
			f.noFormula(def, truth)
		}
		if f.info.bools[reg] == nil {
			f.assumeTruth(reg, truth)
		}
	default:
		if f.info.bools[reg] == nil {
			f.assumeTruth(reg, truth)
		}
	}
	return true
}

// assumeTruth: a variable was tested by itself.
func (f *frame) assumeTruth(reg ir.Reg, truth bool) {
	v := f.get(reg)
	f.addressChecked(v, truth)
	if r := value.RefineTruth(v, truth); r != v {
		f.refine(reg, r)
		return
	}
	if v == nil || !v.IsConst || len(v.Consts()) < 2 {
		return
	}
	var keep []ir.Const
	for _, c := range v.Consts() {
		if t := value.Truth(value.Of(c)); t == value.Maybe || (t == value.True) == truth {
			keep = append(keep, c)
		}
	}
	if len(keep) > 0 && len(keep) < len(v.Consts()) {
		f.put(reg, value.WithConsts(v, keep))
	}
}

// variable is the variable that a register was read from.
func (f *frame) variable(reg ir.Reg) ir.Reg {
	for range 4 {
		if reg < 0 || int(reg) < f.fn.NumVars {
			return reg
		}
		def := f.info.defs[reg]
		if def == nil || def.Op != ir.OpCopy {
			return reg
		}
		reg = def.A
	}
	return reg
}

func (f *frame) assumeCompare(in *ir.Instr, truth bool) {
	a, b := f.besideFolder(in.A, in.B), f.besideFolder(in.B, in.A)
	na, nb := refineCompare(f, ast.Op(in.Sub), a, b, truth)
	switch op := ast.Op(in.Sub); op {
	case ast.In, ast.NotIn:
		if truth == (op == ast.In) && f.isSetting(in.B) && value.OwnWords(b.Taint) {
			na = value.RefineMember(a) // one of those that whoever runs the program has listed
		}
	case ast.Lt, ast.LtE, ast.Gt, ast.GtE:
		na, nb = numberBeside(a, b), numberBeside(b, a)
	}
	f.refine(in.A, value.PlaceWeak(na, f.fn.ID, in.Node))
	f.refine(in.B, value.PlaceWeak(nb, f.fn.ID, in.Node))
	if op := ast.Op(in.Sub); op == ast.In || op == ast.NotIn {
		f.attrListed(in.A, a, na)
	}
	f.assumeAnswer(in, truth)
}

// assumeCall: a call with this truth value checked its arguments.
func (f *frame) assumeCall(in *ir.Instr, truth bool) {
	ops := f.fn.ArgsOf(in)
	var callee *value.Value
	var recv *value.Value
	if in.Op == ir.OpMethod {
		recv = f.get(in.A)
		callee = f.quietAttr(recv, in.Name)
		f.refineMethod(in, recv, truth)
		if truth && (in.Name == "validate" || in.Name == "validate_on_submit") && f.isForm(recv) {
			f.refine(in.A, value.WithFacts(recv, value.FactValidated))
		}
	} else {
		callee = f.get(in.A)
	}
	if callee == nil || len(callee.Objs) != 1 {
		return
	}
	o := &callee.Objs[0]
	if o.Kind == value.ObjExternal && (o.Path == "builtins.all" && truth || o.Path == "builtins.any" && !truth) {
		f.allChecked(in, truth)
	}
	if o.Kind == value.ObjExternal && o.Path == "builtins.bool" && len(ops) == 1 && ops[0].Kind == ir.ArgPos && ops[0].Reg != in.Dst {
		f.assume(ops[0].Reg, truth)
		return
	}
	switch o.Kind {
	case value.ObjFunc, value.ObjBound:
		f.factsOf(o, ops, truth)
	case value.ObjExternal, value.ObjMember:
		e := o.Entry
		if e == nil {
			e = f.s.set.Lookup(o.Path)
		}
		if e != nil {
			f.entryGuards(e, in, ops, truth)
		}
		if o.Kind == value.ObjExternal {
			f.refineCall(o.Path, ops, truth)
		}
	}
}

// quietAttr finds the method behind an attribute without running properties.
func (f *frame) quietAttr(recv *value.Value, name string) *value.Value {
	if len(recv.Objs) != 1 && !f.isSelf(recv, name) {
		return nil
	}
	switch o := &recv.Objs[0]; o.Kind {
	case value.ObjInstance:
		v, external := f.s.classAttr(o.Class, name, f.fn.ID, ir.NoClass)
		if v == nil && external != "" { // a method of the library class that the program's own builds on
			return value.OfObj(value.Obj{Kind: value.ObjExternal, Path: f.s.set.Canonical(external + "." + name)})
		}
		if v != nil && len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjFunc {
			return value.OfObj(value.Obj{Kind: value.ObjBound, Func: v.Objs[0].Func, Recv: recv})
		}
	case value.ObjModule, value.ObjExternal, value.ObjLibrary, value.ObjClass:
		return f.loadAttr(value.OfObj(*o), name, 0)
	}
	return nil
}

// factsOf applies what the summary of a function of the program says about its returns.
func (f *frame) factsOf(o *value.Obj, ops []ir.Arg, truth bool) {
	st := &f.s.funcs[o.Func]
	if st.sum == nil || st.ir == nil {
		return
	}
	f.applyFacts(o, ops, &st.sum.facts, truth)
	if more := f.predicate(o, ops); more != nil {
		f.applyFacts(o, ops, &more.facts, truth)
	}
}

func (f *frame) applyFacts(o *value.Obj, ops []ir.Arg, ft *facts, truth bool) {
	set, weak := ft.isFalse, ft.weak[0]
	if truth {
		set, weak = ft.isTrue, ft.weak[1]
	}
	f.clearArgs(o, ops, set, weak)
	if truth {
		f.clearAttrs(o, ft.attrs[1])
		f.clearItems(o, ops, ft.attrs[1])
		f.belowArgs(o, ops, ft.folders[1])
	} else {
		f.clearAttrs(o, ft.attrs[0])
		f.clearItems(o, ops, ft.attrs[0])
		f.belowArgs(o, ops, ft.folders[0])
	}
}

// assumeElement: an element of the tuple that a call returned is true or false: `ok, error = validate(name)`.
func (f *frame) assumeElement(in *ir.Instr, truth bool) {
	i, ok := oneConst(f.get(in.B))
	call := f.info.defs[in.A]
	for call != nil && call.Op == ir.OpCopy && call.A >= 0 {
		call = f.info.defs[call.A]
	}
	if !ok || i.Kind != ir.ConstInt || call == nil || call.Op != ir.OpCall && call.Op != ir.OpMethod {
		return
	}
	callee := f.get(call.A)
	if call.Op == ir.OpMethod {
		callee = f.quietAttr(callee, call.Name)
	}
	if callee == nil || len(callee.Objs) != 1 {
		return
	}
	o := &callee.Objs[0]
	if o.Kind != value.ObjFunc && o.Kind != value.ObjBound {
		return
	}
	if st := &f.s.funcs[o.Func]; st.sum != nil && st.ir != nil && !st.sum.facts.plain && i.Int >= 0 && i.Int < int64(len(st.sum.facts.elems)) {
		f.applyFacts(o, f.fn.ArgsOf(call), &st.sum.facts.elems[i.Int], truth)
	}
}

// clearArgs clears the arguments of a call by parameter.
func (f *frame) clearArgs(o *value.Obj, ops []ir.Arg, set []models.KindSet, weak [][]value.WeakGuard) {
	if len(set) == 0 {
		return
	}
	f.eachArg(o, ops, func(i int, reg ir.Reg) {
		if i >= len(set) {
			return
		}
		old := f.get(reg)
		v := value.ClearPath(old, set[i])
		if set[i] == models.AllKinds {
			v = value.RefineMember(v) // the host of an address is one of the program's
		}
		if i < len(weak) {
			f.listCleared(reg, set[i], weak[i])
		} else {
			f.listCleared(reg, set[i], nil)
		}
		if i < len(weak) {
			for _, w := range weak[i] {
				if f.othersTainted(ops, reg) {
					v = value.WithWeak(v, w)
				} else {
					v = value.Checked(v, w)
				}
			}
		}
		f.refine(reg, v)
		f.hostChecked(v, set[i])
		if v != old {
			f.attrChecked(reg, old, v)
		}
	})
}

// eachArg tells which parameter of a function each argument of a call is for.
func (f *frame) eachArg(o *value.Obj, ops []ir.Arg, visit func(i int, reg ir.Reg)) {
	st := &f.s.funcs[o.Func]
	if st.ir == nil {
		return
	}
	pos := 0
	if o.Kind == value.ObjBound {
		pos = 1
	}
	for _, a := range ops {
		i := -1
		switch a.Kind {
		case ir.ArgPos:
			i = pos
			pos++
		case ir.ArgKeyword:
			i = paramNamed(st.ir, a.Name)
		}
		if i >= 0 {
			visit(i, a.Reg)
		}
	}
}

// othersTainted: another argument of the call, such as the folder that a path is compared with, is not the program's own.
func (f *frame) othersTainted(ops []ir.Arg, reg ir.Reg) bool {
	return slices.ContainsFunc(ops, func(a ir.Arg) bool {
		return a.Reg != reg && slices.ContainsFunc(f.get(a.Reg).Taint, func(l value.Label) bool {
			return l.Origin.Source != models.Env && l.Origin.Source != models.Written
		})
	})
}

// entryGuards applies the guards of a library function.
func (f *frame) entryGuards(e *models.Entry, in *ir.Instr, ops []ir.Arg, truth bool) {
	for i := range e.Guards {
		g := &e.Guards[i]
		if g.Raises || truth == g.Negate {
			continue
		}
		if g.Arg.Self && in.Op == ir.OpMethod {
			f.refine(in.A, value.Clear(f.get(in.A), g.Kinds))
		}
		pos := 0
		for _, a := range ops {
			if a.Kind == ir.ArgPos && pos == g.Arg.Pos || a.Kind == ir.ArgKeyword && a.Name == g.Arg.Name || g.Arg.Any {
				f.refine(a.Reg, value.Clear(f.get(a.Reg), g.Kinds))
			}
			if a.Kind == ir.ArgPos {
				pos++
			}
		}
	}
}

// isAssertion: the block is where an assert statement fails.
func (f *frame) isAssertion(id ir.BlockID) bool {
	in := f.fn.Blocks[id].Instrs
	return len(in) > 0 && in[len(in)-1].Op == ir.OpRaise && nodeKind(f.fn, in[len(in)-1].Node) == ast.Assert
}

// unasserted gives the variables that an assert cleared their taint back: python -O leaves the check out. What it says of
// types and constants of the program stays.
func (f *frame) unasserted(before []*value.Value) {
	for i, v := range f.vars {
		if old := before[i]; v != old && old != nil && v != nil && len(old.Taint) > 0 && !sameCleared(old, v) {
			f.vars[i] = value.WithWeak(old, value.WeakGuard{Name: "an assert is left out", Defeats: "any input to python -O", Func: f.fn.ID, Node: f.branchNode()})
		}
	}
}

func sameCleared(a, b *value.Value) bool {
	return slices.EqualFunc(a.Taint, b.Taint, func(x, y value.Label) bool { return x.Origin == y.Origin && x.Cleared == y.Cleared })
}

// branchNode is the condition of the current block.
func (f *frame) branchNode() ast.NodeID {
	in := f.fn.Blocks[f.block].Instrs
	return in[len(in)-1].Node
}
