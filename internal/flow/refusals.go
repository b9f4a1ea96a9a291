package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// A call that came back has not refused what it was given: whatever holds at all returns of the callee holds of the arguments, as
// it does behind a predicate that came out true:
//
//	def demand(path):
//	    if not path.startswith(FOLDER + os.sep): abort(404)
//	    return path
//
//	path = demand(os.path.realpath(name))

// returned applies what holds of the arguments, and of the result, because the call returned: a validator that raises.
func (f *frame) returned(callee *value.Value, in *ir.Instr, r *value.Value) *value.Value {
	if f.dead || callee == nil || len(callee.Objs) != 1 {
		return r
	}
	o := &callee.Objs[0]
	if o.Kind != value.ObjFunc && o.Kind != value.ObjBound {
		return r
	}
	st := &f.s.funcs[o.Func]
	if st.sum != nil && st.status == done {
		ops := f.fn.ArgsOf(in)
		var more *summary
		if st.info != nil && decides(st.ir) {
			more = f.predicate(o, ops)
		}
		f.notRefused(o, ops, &st.sum.facts, more == nil)
		if more != nil {
			f.notRefused(o, ops, &more.facts, true)
			r = value.Clear(r, clearedFor(more))
		}
	}
	f.perhapsChecked(o, in)
	return r
}

// notRefused applies what holds at all returns. Whether a check suffices is told by who knows what was done to the argument before.
func (f *frame) notRefused(o *value.Obj, ops []ir.Arg, ft *facts, withWeak bool) {
	if ft.isSilent() {
		return
	}
	always := ft.always()
	if !withWeak {
		always.weak = [2][][]value.WeakGuard{}
	}
	f.applyFacts(o, ops, &always, true)
}

// isSilent: no return says anything of the arguments.
func (ft *facts) isSilent() bool {
	for i := range ft.weak {
		if len(ft.attrs[i]) > 0 || ft.folders[i] != nil || slices.ContainsFunc(ft.weak[i], func(w []value.WeakGuard) bool { return len(w) > 0 }) {
			return false
		}
	}
	return !ft.clear()
}

// always is what holds whatever was returned, as if that were true.
func (ft *facts) always() facts {
	var out facts
	for i, cleared := range [2][]models.KindSet{ft.isFalse, ft.isTrue} {
		if !ft.seen[i] {
			continue
		}
		weak := slices.Clone(ft.weak[i])
		for j := range weak {
			weak[j] = slices.Clone(weak[j])
		}
		out.meetAttrs(1, ft.attrs[i])
		out.meetFolders(1, ft.folders[i])
		out.meet(1, slices.Clone(cleared), weak)
	}
	return out
}

// decides: the function has a branch, and may so have ways on which it does not return.
func decides(fn *ir.Func) bool {
	return slices.ContainsFunc(fn.Blocks, func(b ir.Block) bool {
		return len(b.Instrs) > 0 && b.Instrs[len(b.Instrs)-1].Op == ir.OpBranch
	})
}

// clearedFor are the kinds that all of what a call gave back, made of its arguments alone, was cleared for.
func clearedFor(sum *summary) models.KindSet {
	if sum.ret == nil || len(sum.ret.Taint) == 0 {
		return 0
	}
	kinds := models.AllKinds
	for i := range sum.ret.Taint {
		l := &sum.ret.Taint[i]
		if l.Origin.Kind != value.OriginParam || l.Origin.Func != sum.fn.ID {
			return 0
		}
		kinds &= l.Cleared
	}
	return kinds
}
