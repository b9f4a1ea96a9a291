package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// A check of a list that the code has just written down speaks of what it was made of:
//
//	check_all([name, kind])
//	for each in (name, kind):
//	    if not NAME.match(each): abort(400)
//	if not all(NAME.match(each) for each in (name, kind)): abort(400)

// maxWritten bounds the elements of such a list.
const maxWritten = 16

// eachListed visits the registers that a list, tuple or set in a register was made of, and that still hold what they held then.
func (f *frame) eachListed(reg ir.Reg, visit func(ir.Reg)) {
	def := f.info.def(reg)
	if def == nil || def.Op != ir.OpBuild || def.ArgsLen == 0 || def.ArgsLen > maxWritten {
		return
	}
	switch ir.BuildKind(def.Sub) {
	case ir.BuildList, ir.BuildTuple, ir.BuildSet:
	default:
		return
	}
	for _, a := range f.fn.ArgsOf(def) {
		if a.Kind == ir.ArgPos && a.Reg >= 0 && (f.info.defs[a.Reg] != nil || !f.info.made[a.Reg] || f.isUnwritten(a.Reg)) {
			visit(a.Reg)
		}
	}
}

// isUnwritten: the register is a parameter that nothing is assigned to.
func (f *frame) isUnwritten(reg ir.Reg) bool {
	if f.info.fixed == nil {
		f.info.findFixed(f.fn)
	}
	return f.info.fixedParam(reg) >= 0
}

// listChecked: all elements of a list became elem.
func (f *frame) listChecked(reg ir.Reg, elem *value.Value) {
	f.eachListed(reg, func(r ir.Reg) {
		if v := f.get(r); len(v.Taint) > 0 {
			f.refine(r, clearedAs(v, elem))
		}
	})
}

// listCleared: a function was given a list and checked it.
func (f *frame) listCleared(reg ir.Reg, kinds models.KindSet, weak []value.WeakGuard) {
	f.eachListed(reg, func(r ir.Reg) {
		v := value.Clear(f.get(r), kinds)
		for _, w := range weak {
			v = value.WithWeak(v, w)
		}
		f.refine(r, v)
	})
}
