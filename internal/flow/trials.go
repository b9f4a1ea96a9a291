package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/models"
	"stopper/internal/trial"
)

// tried puts what trying a check out has shown in place of what reading it has: a check of where a redirect goes is worth
// what gets through it.
func (f *frame) tried() {
	v, ok := f.s.trials[f.fn.ID]
	if !ok || v.Param >= len(f.fn.Params) {
		return
	}
	weak := value.WeakGuard{Kind: models.URLRedirect, Name: f.fn.Name + "()", Defeats: v.Defeats, Func: f.fn.ID, Node: f.fn.Node}
	switch ft := &f.sum.facts; v.Answer {
	case trial.Truth:
		ft.isTrue, ft.weak[1] = proven(ft.isTrue, ft.weak[1], &v, weak)
	case trial.Denial:
		ft.isFalse, ft.weak[0] = proven(ft.isFalse, ft.weak[0], &v, weak)
	case trial.Returns:
		ft.isTrue, ft.weak[1] = proven(ft.isTrue, ft.weak[1], &v, weak)
		ft.isFalse, ft.weak[0] = proven(ft.isFalse, ft.weak[0], &v, weak)
	case trial.Address:
		if f.sum.ret == nil {
			break
		}
		if v.Defeats == "" {
			f.sum.ret = value.Clear(f.sum.ret, models.Kinds(models.URLRedirect))
		} else {
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
	rest := slices.DeleteFunc(slices.Clone(weak[v.Param]), func(g value.WeakGuard) bool { return g.Kind == models.URLRedirect })
	if v.Defeats == "" {
		cleared[v.Param] |= models.Kinds(models.URLRedirect)
	} else {
		cleared[v.Param] &^= models.Kinds(models.URLRedirect)
		rest = append(rest, w)
	}
	weak[v.Param] = rest
	return cleared, weak
}
