package finding

import (
	"cmp"
	"slices"

	"stopper/internal/source"
)

// MaxFlows bounds the further flows kept with one finding: a helper called from everywhere would otherwise print a book.
// The rest is counted in OmittedFlows.
const MaxFlows = 16

// MaxRoutes bounds the routes named with one finding; the rest is counted in OmittedRoutes.
const MaxRoutes = 250

// rootCause is what makes two findings one: the same check on the same sink expression.
type rootCause struct {
	rule, check, path string
	span              source.Span
	line              int
	sink              string
}

func (f *Finding) rootCause() rootCause {
	return rootCause{f.RuleID, f.Check, f.Path, f.Span, f.Pos.Line, f.Sink}
}

// Dedup merges findings with one root cause. The worst, surest and shortest stays; the others' flows, routes and related
// locations are added to it. The result is sorted and does not depend on the order of the input.
func Dedup(fs []*Finding) []*Finding {
	groups := map[rootCause][]*Finding{}
	for _, f := range fs {
		k := f.rootCause()
		groups[k] = append(groups[k], f)
	}
	out := make([]*Finding, 0, len(groups))
	for _, g := range groups {
		out = append(out, merge(g))
	}
	Sort(out)
	return out
}

func merge(group []*Finding) *Finding {
	if len(group) == 1 {
		return group[0]
	}
	slices.SortStableFunc(group, Compare)
	best := group[0]
	more := [][]string{best.Routes}
	for _, f := range group[1:] {
		if f.Flow != nil {
			best.MoreFlows = append(best.MoreFlows, f.Flow)
		}
		best.MoreFlows = append(best.MoreFlows, f.MoreFlows...)
		best.OmittedFlows += f.OmittedFlows
		more = append(more, f.Routes)
		best.Related = append(best.Related, f.Related...)
	}
	best.Routes = together(more)
	slices.SortStableFunc(best.Related, compareLocations)
	best.Related = slices.CompactFunc(best.Related, func(a, b Location) bool { return compareLocations(a, b) == 0 })
	best.tidyFlows()
	return best
}

// together is a list of its own: those that it is made of belong to many findings.
func together(lists [][]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

func (f *Finding) tidyFlows() {
	slices.SortStableFunc(f.MoreFlows, compareFlows)
	f.MoreFlows = slices.CompactFunc(f.MoreFlows, sameFlow)
	f.MoreFlows = slices.DeleteFunc(f.MoreFlows, func(fl []Step) bool { return sameFlow(fl, f.Flow) })
	if extra := len(f.MoreFlows) - MaxFlows; extra > 0 {
		f.OmittedFlows += extra
		f.MoreFlows = f.MoreFlows[:MaxFlows]
	}
}

func sameFlow(a, b []Step) bool { return cmp.Or(compareFlows(a, b)) == 0 }

// Finish makes raw findings ready to report. It may keep and change the findings it is given. No text of theirs shows any of
// the secrets.
func Finish(fs []*Finding, lookup Lookup, secrets ...string) []*Finding {
	p := &placer{lookup: lookup, hashes: map[string][]string{}, values: secrets}
	fs = Dedup(fs)
	for _, f := range fs {
		p.place(f)
		if more := len(f.Routes) - MaxRoutes; more > 0 {
			f.Routes, f.OmittedRoutes = f.Routes[:MaxRoutes], f.OmittedRoutes+more
		}
	}
	Sort(fs)
	Number(fs)
	return fs
}
