package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// facts say for which kinds each parameter was cleared at the returns, by the truth of what was returned.
type facts struct {
	seen            [2]bool // a return of a false, a true value
	isFalse, isTrue []models.KindSet
	weak            [2][][]value.WeakGuard // by truth, then parameter: checks that were made and do not suffice
	elems           []facts                // the same by the truth of the elements of a returned tuple: `return False, "bad name"`
	plain           bool                   // something else than such a tuple was returned
	attrs           [2][]attrFact          // by truth: attributes of parameters that were checked
	folders         [2][]*value.Value      // by truth, then parameter: the folder that it was found to stay in, see folders.go
}

// maxTuple bounds the returned tuples whose elements are told apart: (ok, error) and the like are short.
const maxTuple = 4

// clear reports whether any return clears a parameter for anything.
func (ft *facts) clear() bool {
	isSet := func(k models.KindSet) bool { return k != 0 }
	return slices.ContainsFunc(ft.isTrue, isSet) || slices.ContainsFunc(ft.isFalse, isSet)
}

func (ft *facts) public() ReturnFacts {
	r := ReturnFacts{True: ft.isTrue, False: ft.isFalse}
	switch {
	case ft.seen[0] && ft.seen[1]:
		r.Always = make([]models.KindSet, len(ft.isTrue))
		for i := range r.Always {
			r.Always[i] = ft.isTrue[i] & ft.isFalse[i]
		}
	case ft.seen[1]:
		r.Always = ft.isTrue
	default:
		r.Always = ft.isFalse
	}
	return r
}

// returnFacts joins the guards passed at one return.
func (f *frame) returnFacts(reg ir.Reg, v *value.Value) {
	if len(f.fn.Params) == 0 || len(f.fn.Params) > 16 || f.fn.Kind > ir.KindLambda {
		return
	}
	truth := value.Truth(v)
	f.tupleFacts(reg, v)
	m := f.s.scratch.mark()
	defer f.s.scratch.release(m)
	saved := f.s.scratch.copyOf(f.vars)
	f.tentative++
	defer func() { f.tentative-- }()
	for i, branch := range [2]bool{false, true} {
		if truth == value.TriOf(!branch) {
			continue
		}
		f.noted = f.noted[:0]
		if truth == value.Maybe && reg >= 0 && !f.assume(reg, branch) {
			copy(f.vars, saved)
			continue
		}
		f.sum.facts.meetAttrs(i, f.clearedAttrs())
		f.sum.facts.meetFolders(i, f.paramFolders())
		f.sum.facts.meet(i, f.clearedParams(), f.weakParams())
		copy(f.vars, saved)
	}
}

// tupleFacts joins the guards passed at a return by the truth of each element of the tuple.
func (f *frame) tupleFacts(reg ir.Reg, v *value.Value) {
	ft := &f.sum.facts
	elems, ok := f.elements(v)
	if !ok || len(elems) == 0 || len(elems) > maxTuple || ft.elems != nil && len(ft.elems) != len(elems) {
		ft.plain = true
		return
	}
	if ft.elems == nil {
		ft.elems = make([]facts, len(elems))
	}
	regs := f.elementsOf(reg, len(elems))
	m := f.s.scratch.mark()
	defer f.s.scratch.release(m)
	saved := f.s.scratch.copyOf(f.vars)
	f.tentative++
	for j, e := range elems {
		for i, branch := range [2]bool{false, true} {
			if value.Truth(e) == value.TriOf(!branch) {
				continue
			}
			if regs != nil {
				f.assume(regs[j].Reg, branch)
			}
			ft.elems[j].meetFolders(i, f.paramFolders())
			ft.elems[j].meet(i, f.clearedParams(), f.weakParams())
			copy(f.vars, saved)
		}
	}
	f.tentative--
}

// elementsOf are the registers that a tuple of n elements was made of; nil where that is not known.
func (f *frame) elementsOf(reg ir.Reg, n int) []ir.Arg {
	def := f.info.def(reg)
	if def == nil || def.Op != ir.OpBuild || int(def.ArgsLen) != n {
		return nil
	}
	args := f.fn.ArgsOf(def)
	if slices.ContainsFunc(args, func(a ir.Arg) bool { return a.Kind != ir.ArgPos }) {
		return nil
	}
	return args
}

func (ft *facts) meet(i int, cleared []models.KindSet, weak [][]value.WeakGuard) {
	dst := &ft.isFalse
	if i == 1 {
		dst = &ft.isTrue
	}
	if !ft.seen[i] {
		ft.seen[i] = true
		*dst, ft.weak[i] = cleared, weak
		return
	}
	for j := range ft.weak[i] {
		ft.weak[i][j] = slices.DeleteFunc(ft.weak[i][j], func(w value.WeakGuard) bool { return !slices.Contains(weak[j], w) })
	}
	for j := range *dst {
		(*dst)[j] &= cleared[j]
	}
}

// clearedParams are the kinds that the parameters, as they are now, were cleared for.
func (f *frame) clearedParams() []models.KindSet {
	out := make([]models.KindSet, len(f.fn.Params))
	for i := range f.fn.Params {
		v := f.vars[f.fn.Params[i].Reg]
		if v == nil {
			continue
		}
		if v.IsConst && len(v.Taint) == 0 {
			out[i] = models.AllKinds
			continue
		}
		if len(v.Taint) == 0 {
			isLeft := slices.ContainsFunc(v.Objs, func(o value.Obj) bool { return f.isParam(&o, i) })
			if (i > 0 || !f.isMethod()) && (isLeft || value.IsHarmless(v)) {
				out[i] = models.AllKinds // all of its elements were checked, or itself
			}
			continue
		}
		out[i] = models.AllKinds
		for _, l := range v.Taint {
			out[i] &= l.Cleared
		}
	}
	return out
}

// isParam: the object is what parameter i itself was given.
func (f *frame) isParam(o *value.Obj, i int) bool {
	return o.Kind == value.ObjParam && o.Func == f.fn.ID && o.Param == int32(i) && o.Path == ""
}

// weakParams are the insufficient guards that the parameters, as they are now, have passed.
func (f *frame) weakParams() [][]value.WeakGuard {
	out := make([][]value.WeakGuard, len(f.fn.Params))
	for i := range f.fn.Params {
		v := f.vars[f.fn.Params[i].Reg]
		if v == nil {
			continue
		}
		for _, l := range v.Taint {
			out[i] = append(out[i], l.Weak()...)
		}
	}
	return out
}
