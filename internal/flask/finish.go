package flask

import (
	"slices"
	"sort"
)

// finish puts the routes in order of place, drops repetitions, and indexes them by handler.
func (b *builder) finish() {
	sort.SliceStable(b.Routes, func(i, j int) bool {
		x, y := &b.Routes[i], &b.Routes[j]
		if x.Module != y.Module {
			return x.Module.Index < y.Module.Index
		}
		if x.Node != y.Node {
			return x.Module.File.Span(x.Node).Start < y.Module.File.Span(y.Node).Start
		}
		if x.URL != y.URL {
			return x.URL < y.URL
		}
		if x.Host+" "+x.Subdomain != y.Host+" "+y.Subdomain {
			return x.Host+" "+x.Subdomain < y.Host+" "+y.Subdomain
		}
		if c := slices.Compare(x.Methods, y.Methods); c != 0 {
			return c < 0
		}
		return !x.Cond && y.Cond
	})
	b.Routes = slices.CompactFunc(b.Routes, func(x, y Route) bool {
		return x.Module == y.Module && x.Node == y.Node && x.URL == y.URL && x.Host == y.Host && x.Subdomain == y.Subdomain && x.Resolved == y.Resolved && x.Reason == y.Reason && slices.Equal(x.Methods, y.Methods)
	})
	b.useConverters()
	b.exempt = indexExempt(b.Exempt)
	for i, r := range b.Routes {
		if r.HasHandler {
			b.ByHandler[r.Handler] = append(b.ByHandler[r.Handler], i)
		}
	}
}
