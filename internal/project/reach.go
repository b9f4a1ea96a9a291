package project

import (
	"maps"
	"slices"

	"stopper/internal/ir"
)

const (
	// maxHops bounds how far up the call graph routes are looked for.
	maxHops = 8
	// maxReaching bounds how many are looked for: each of a thousand helpers may serve a thousand views.
	maxReaching = 1000
)

// routesOf names the routes whose handlers reach a hit: those that reach the sink as well as a place where something from
// outside is read. What a hook reads reaches the sinks of every view, so without a common route those of the sink count.
func (p *Project) routesOf(h *Hit) []string {
	sink := p.RoutesReaching(h.Func.ID)
	var found []string // the common ones, or all
	for i, l := range h.Labels {
		from := p.RoutesReaching(l.Origin.Func)
		switch {
		case i > 0 && l.Origin.Func == h.Labels[i-1].Origin.Func:
		case len(sink) == 0:
			found = append(found, from...)
		default:
			found = append(found, common(sink, from)...)
		}
	}
	if len(found) == 0 {
		return sink
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// common is what stands in both of two sorted lists, of which one may be long: views that share a helper.
func common(a, b []string) []string {
	if len(b) < len(a) {
		a, b = b, a
	}
	var both []string
	for _, x := range a {
		if _, ok := slices.BinarySearch(b, x); ok {
			both = append(both, x)
		}
	}
	return both
}

// RoutesReaching names the routes whose handlers are a function or call it, directly or not, sorted.
func (p *Project) RoutesReaching(id ir.FuncID) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r, ok := p.callers[id]; ok {
		return r
	}
	p.seen.Reset(p.Flow.NumFuncs())
	p.seen.Add(id)
	level, out := []ir.FuncID{id}, []string{}
	for hop := 0; hop < maxHops && len(level) > 0 && len(out) < maxReaching; hop++ {
		var next []ir.FuncID
		for _, f := range level {
			if len(out) >= maxReaching {
				p.reached[limitRoutes] = true
				break
			}
			for _, i := range p.Flask.ByHandler[f] {
				out = append(out, p.routeName(i))
			}
			for _, c := range p.Flow.Callers(f) {
				if p.seen.Add(c.From) {
					next = append(next, c.From)
				}
			}
		}
		level = next
	}
	slices.Sort(out)
	out = slices.Compact(out)
	p.callers[id] = out
	return out
}

// What tripped, in the words of the report.
const (
	limitRoutes    = "routes that reach one function"
	limitCollected = "functions below one view"
)

// Limits are the limits that were reached when questions of rules were answered, sorted.
func (p *Project) Limits() []string {
	p.mu.Lock()
	out := slices.Collect(maps.Keys(p.reached))
	p.mu.Unlock()
	if p.Effects != nil {
		out = append(out, p.Effects.Limits()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// routeName is RouteName of a route by its number.
func (p *Project) routeName(i int) string {
	if p.names == nil {
		p.names = make([]string, len(p.Flask.Routes))
	}
	if p.names[i] == "" {
		p.names[i] = RouteName(p.Flask.Routes[i])
	}
	return p.names[i]
}
