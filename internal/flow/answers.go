package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// What a check of the program answers may be compared instead of being asked for its truth:
//
//	error = complaint(name)              if is_known(name) is False: abort(400)
//	if error is not None: return error
//
// Where it is None the answer is no truth, and where it is True or False it says the same.

// assumeAnswer applies what a function checked whose answer turned out to be a constant.
func (f *frame) assumeAnswer(in *ir.Instr, truth bool) {
	f.assumeIdentity(in, truth)
	op := ast.Op(in.Sub)
	if op != ast.Eq && op != ast.Is && op != ast.NotEq && op != ast.IsNot || truth != (op == ast.Eq || op == ast.Is) {
		return
	}
	c, ok := oneConst(f.get(in.B))
	if !ok || c.Kind != ir.ConstNone && c.Kind != ir.ConstBool {
		return
	}
	holds := c.Kind == ir.ConstBool && c.Int != 0
	switch def := f.answer(in.A); {
	case def == nil:
	case def.Op == ir.OpIndex:
		f.assumeElement(def, holds)
	case def.Op == ir.OpCall || def.Op == ir.OpMethod:
		callee := f.get(def.A)
		if def.Op == ir.OpMethod {
			callee = f.quietAttr(callee, def.Name)
		}
		if callee != nil && len(callee.Objs) == 1 {
			if o := &callee.Objs[0]; o.Kind == value.ObjFunc || o.Kind == value.ObjBound {
				f.factsOf(o, f.fn.ArgsOf(def), holds)
			}
		}
	}
}

// assumeIdentity is `condition is True`, or what `match` compares with True. What is not True is false only where it is a truth value.
func (f *frame) assumeIdentity(in *ir.Instr, truth bool) {
	op := ast.Op(in.Sub)
	c, ok := oneConst(f.get(in.B))
	if !ok || c.Kind != ir.ConstBool || op != ast.Eq && op != ast.Is && op != ast.NotEq && op != ast.IsNot || in.A == in.B {
		return
	}
	holds := c.Int != 0
	switch equals := truth == (op == ast.Eq || op == ast.Is); {
	case !f.isTruthValue(in.A):
	case equals:
		f.assume(in.A, holds)
	default:
		f.assume(in.A, !holds)
	}
}

// isTruthValue: a register holds the outcome of a comparison, of not or of bool().
func (f *frame) isTruthValue(reg ir.Reg) bool {
	def := f.answer(reg)
	if def == nil {
		return false
	}
	switch def.Op {
	case ir.OpCompare:
		return true
	case ir.OpUnary:
		return ast.Op(def.Sub) == ast.Not
	case ir.OpCall:
		callee := f.get(def.A)
		return callee != nil && len(callee.Objs) == 1 && callee.Objs[0].Kind == value.ObjExternal && callee.Objs[0].Path == "builtins.bool"
	}
	return false
}

// answer is the instruction that made the value of a register: through the variable that it was put into last.
func (f *frame) answer(reg ir.Reg) *ir.Instr {
	for range 4 {
		if reg < 0 || int(reg) >= len(f.info.defs) {
			return nil
		}
		d := f.info.defs[reg]
		if d == nil {
			d = f.lastDef(reg)
		}
		if d == nil || d.Op != ir.OpCopy {
			return d
		}
		reg = d.A
	}
	return nil
}
