package project

import (
	"slices"
	"sort"

	"stopper/internal/ir"
)

// maxHops bounds how far up the call graph routes are looked for.
const maxHops = 8

// routesOf names the routes whose handlers reach a hit: those that reach the sink as well as a place where something from
// outside is read. What a hook reads reaches the sinks of every view, so without a common route those of the sink count.
func (p *Project) routesOf(h *Hit) []string {
	sink := p.RoutesReaching(h.Func.ID)
	seen := map[string]bool{}
	var fromSource []string
	for _, l := range h.Labels {
		for _, r := range p.RoutesReaching(l.Origin.Func) {
			if !seen[r] {
				seen[r] = true
				fromSource = append(fromSource, r)
			}
		}
	}
	if len(sink) == 0 {
		sort.Strings(fromSource)
		return fromSource
	}
	var both []string
	if len(fromSource) < len(sink) { // one of thousands of views that share a helper
		for _, r := range fromSource {
			if _, ok := slices.BinarySearch(sink, r); ok {
				both = append(both, r)
			}
		}
		sort.Strings(both)
	} else {
		for _, r := range sink {
			if seen[r] {
				both = append(both, r)
			}
		}
	}
	if len(both) > 0 {
		return both
	}
	return sink
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
	for hop := 0; hop < maxHops && len(level) > 0; hop++ {
		var next []ir.FuncID
		for _, f := range level {
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
