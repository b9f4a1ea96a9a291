package semantic

import (
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// maxMRO bounds the length of a method resolution order.
const maxMRO = 256

// Bases are what a class statement inherits from, in source order, without keywords and without object. A base that is
// an expression, such as a call, is a Target of kind TargetUnknown.
func (p *Program) Bases(id ir.ClassID) []Target {
	c := p.Class(id)
	if c == nil {
		return nil
	}
	f := c.Module.File
	fi := p.Info(c.Module)
	scope := fi.Classes[uint32(id-p.classBase[c.Module.Index])].Scope
	var out []Target
	for _, w := range f.ListB(c.Node) {
		n := ast.NodeID(w)
		if f.Kind(n) == ast.Keyword {
			continue
		}
		if f.Kind(n) == ast.Subscript { // Generic[T], Base[int]
			n = f.SlotA(n)
		}
		t := Target{}
		if name := DottedName(f, n); name != "" {
			t = p.ResolveIn(c.Module, scope, name)
		}
		if t.Kind != TargetExternal || t.Path != "builtins.object" {
			out = append(out, t)
		}
	}
	return out
}

// MRO is the method resolution order of a class, itself first, without object: the C3 order, and where that does not
// exist the order of a depth-first search. What lies behind an external base is not known and left out.
func (p *Program) MRO(id ir.ClassID) []Target {
	l := linearizer{p: p, memo: map[Target][]Target{}, busy: map[Target]bool{}}
	return l.of(Target{Kind: TargetClass, Class: id})
}

type linearizer struct {
	p    *Program
	memo map[Target][]Target
	busy map[Target]bool
}

func (l *linearizer) of(t Target) []Target {
	if t.Kind != TargetClass || t.Rest != "" {
		return []Target{t}
	}
	if order, ok := l.memo[t]; ok {
		return order
	}
	if l.busy[t] || len(l.busy) > maxMRO {
		return nil // a class that inherits from itself is an error at run time
	}
	l.busy[t] = true
	defer delete(l.busy, t)
	bases := l.p.Bases(t.Class)
	lists := make([][]Target, 0, len(bases)+1)
	for _, b := range bases {
		lists = append(lists, l.of(b))
	}
	rest, ok := merge(append(lists, bases))
	if !ok {
		rest = depthFirst(lists)
	}
	order := append([]Target{t}, rest...)
	order = order[:min(len(order), maxMRO)]
	l.memo[t] = order
	return order
}

// merge is the merge step of C3.
func merge(lists [][]Target) ([]Target, bool) {
	var out []Target
	for {
		left := lists[:0:0]
		for _, list := range lists {
			if len(list) > 0 {
				left = append(left, list)
			}
		}
		if len(left) == 0 {
			return out, true
		}
		next, ok := head(left)
		if !ok || len(out) >= maxMRO {
			return out, ok
		}
		out = append(out, next)
		for i, list := range left {
			if list[0] == next {
				left[i] = list[1:]
			}
		}
		lists = left
	}
}

// head is the first list head that is in no tail.
func head(lists [][]Target) (Target, bool) {
	for _, list := range lists {
		if !inTail(lists, list[0]) {
			return list[0], true
		}
	}
	return Target{}, false
}

func inTail(lists [][]Target, t Target) bool {
	for _, list := range lists {
		for _, other := range list[1:] {
			if other == t {
				return true
			}
		}
	}
	return false
}

func depthFirst(lists [][]Target) []Target {
	var out []Target
	seen := map[Target]bool{}
	for _, list := range lists {
		for _, t := range list {
			if !seen[t] {
				seen[t] = true
				out = append(out, t)
			}
		}
	}
	return out
}
