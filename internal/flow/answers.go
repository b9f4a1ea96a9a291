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
