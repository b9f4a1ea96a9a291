package flow

import (
	"slices"

	"stopper/internal/bug"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/semantic"
	"stopper/internal/trial"
)

// trials are what trying out the checks of a program has shown.
type trials struct {
	redirects map[ir.FuncID]trial.Verdict
	fetches   map[ir.FuncID][]trial.Verdict
}

func tryOut(prog *semantic.Program, rep *bug.Reporter) trials {
	return trials{trial.Redirects(prog, rep), trial.Fetches(prog, rep)}
}

// tried puts what trying a check out has shown in place of what reading it has: a check of an address is worth what gets
// through it.
func (f *frame) tried() {
	if v, ok := f.s.trials.redirects[f.fn.ID]; ok {
		f.believe(models.URLRedirect, &v)
	}
	vs := f.s.trials.fetches[f.fn.ID]
	for i := range vs {
		f.believe(models.URLFetch, &vs[i])
	}
}

func (f *frame) believe(kind models.SinkKind, v *trial.Verdict) {
	if v.Param >= len(f.fn.Params) {
		return
	}
	weak := value.WeakGuard{Kind: kind, Name: f.fn.Name + "()", Defeats: v.Defeats, Func: f.fn.ID, Node: f.fn.Node}
	ft := &f.sum.facts
	if v.Elem >= 0 {
		if ft.plain || v.Elem >= len(ft.elems) {
			return
		}
		ft = &ft.elems[v.Elem]
	}
	switch v.Answer {
	case trial.Truth:
		ft.isTrue, ft.weak[1] = proven(ft.isTrue, ft.weak[1], v, weak)
	case trial.Denial:
		ft.isFalse, ft.weak[0] = proven(ft.isFalse, ft.weak[0], v, weak)
	case trial.Returns:
		ft.isTrue, ft.weak[1] = proven(ft.isTrue, ft.weak[1], v, weak)
		ft.isFalse, ft.weak[0] = proven(ft.isFalse, ft.weak[0], v, weak)
	case trial.Address:
		switch {
		case f.sum.ret == nil:
		case v.Defeats == "":
			f.sum.ret = value.Clear(f.sum.ret, models.Kinds(kind))
		default:
			f.sum.ret = value.WithWeak(f.sum.ret, weak)
		}
	}
}

// proven is what one answer of a check says of its parameters, with the verdict on one of them.
func proven(cleared []models.KindSet, weak [][]value.WeakGuard, v *trial.Verdict, w value.WeakGuard) ([]models.KindSet, [][]value.WeakGuard) {
	if v.Param < 0 || v.Param >= len(cleared) || v.Param >= len(weak) {
		return cleared, weak
	}
	cleared, weak = slices.Clone(cleared), slices.Clone(weak)
	rest := slices.DeleteFunc(slices.Clone(weak[v.Param]), func(g value.WeakGuard) bool { return g.Kind == w.Kind })
	if v.Defeats == "" {
		cleared[v.Param] |= models.Kinds(w.Kind)
	} else {
		cleared[v.Param] &^= models.Kinds(w.Kind)
		rest = append(rest, w)
	}
	weak[v.Param] = rest
	return cleared, weak
}
