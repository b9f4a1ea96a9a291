package project

import (
	"strings"

	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// HeaderHits are the values that views give to a header in the tuple they return, as a sink of a kind:
//
//	return "", 302, {"Location": target}
func (p *Project) HeaderHits(name string, kind models.SinkKind) []Hit {
	var out []Hit
	for _, id := range p.handlers() {
		sum := p.Flow.Summary(id)
		if sum == nil {
			continue
		}
		for _, r := range sum.Returns {
			if !r.Arg.IsList || len(r.Arg.Elems) < 2 {
				continue
			}
			for _, part := range r.Arg.Elems[1:] {
				v, ok := headerIn(part, name)
				if !ok || v.Value == nil {
					continue
				}
				h := flow.Hit{Kind: kind, Callee: "the response header " + name, Func: sum.Func, Node: r.Node, ArgNode: v.Node,
					Value: v.Value, Args: &flow.CallArgs{Pos: r.Arg.Elems}, Labels: v.Value.Taint}
				if hit, ok := p.returned(id, h); ok {
					out = append(out, hit)
				}
			}
		}
	}
	return out
}

// headerIn is the value of a header in a dict, or in a list of pairs.
func headerIn(headers flow.Arg, name string) (flow.Arg, bool) {
	for _, k := range headers.Keys {
		if k.Key.Kind == ir.ConstStr && strings.EqualFold(k.Key.Str, name) {
			return k.Arg, true
		}
	}
	for _, pair := range headers.Elems {
		if len(pair.Elems) != 2 {
			continue
		}
		if s, ok := pair.Elems[0].Value.ConstStr(); ok && strings.EqualFold(s, name) {
			return pair.Elems[1], true
		}
	}
	return flow.Arg{}, false
}
