package semantic

import (
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// maxMRO bounds the length of a method resolution order.
const maxMRO = 96

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
func (p *Program) MRO(id ir.ClassID) []Target { return p.Linearizer().MRO(id) }

// Linearizer answers for many classes and remembers what it has found on the way. It belongs to one goroutine.
func (p *Program) Linearizer() *Linearizer {
	return &Linearizer{p: p, memo: map[ir.ClassID][]Target{}, busy: map[ir.ClassID]bool{}}
}

// Linearizer computes method resolution orders.
type Linearizer struct {
	p    *Program
	memo map[ir.ClassID][]Target
	busy map[ir.ClassID]bool
	cut  bool // something on the way was left out, so what depends on it is not to be remembered
	// IsCut: a class inherits from more classes than are looked at.
	IsCut bool
}

// MRO is Program.MRO.
func (l *Linearizer) MRO(id ir.ClassID) []Target {
	l.cut = false
	return l.of(Target{Kind: TargetClass, Class: id})
}

func (l *Linearizer) of(t Target) []Target {
	if t.Kind != TargetClass || t.Rest != "" {
		return []Target{t}
	}
	if order, ok := l.memo[t.Class]; ok {
		return order
	}
	if l.busy[t.Class] || len(l.busy) > maxMRO {
		l.cut, l.IsCut = true, l.IsCut || !l.busy[t.Class]
		return nil // a class that inherits from itself is an error at run time
	}
	l.busy[t.Class] = true
	defer delete(l.busy, t.Class)
	bases := l.p.Bases(t.Class)
	lists := make([][]Target, 0, len(bases)+1)
	for _, b := range bases {
		lists = append(lists, l.of(b))
	}
	order := append([]Target{t}, linear(lists, bases)...)
	if len(order) >= maxMRO {
		order, l.IsCut = order[:maxMRO], true
	}
	if !l.cut {
		l.memo[t.Class] = order
	}
	return order
}

// linear joins the orders of the bases.
func linear(lists [][]Target, bases []Target) []Target {
	if len(lists) == 1 {
		return lists[0]
	}
	if out, ok := merge(append(lists, bases)); ok {
		return out
	}
	return depthFirst(lists)
}

// merge is the merge step of C3: again and again the first list head that is in no list's tail.
func merge(lists [][]Target) (out []Target, ok bool) {
	inTails := map[Target]int{}
	for _, list := range lists {
		for _, t := range list[min(1, len(list)):] {
			inTails[t]++
		}
	}
	lists = append([][]Target(nil), lists...)
	for len(out) < maxMRO {
		var next Target
		found, left := false, false
		for _, list := range lists {
			if len(list) == 0 {
				continue
			}
			left = true
			if inTails[list[0]] == 0 {
				next, found = list[0], true
				break
			}
		}
		if !found {
			return out, !left
		}
		out = append(out, next)
		for i, list := range lists {
			if len(list) == 0 || list[0] != next {
				continue
			}
			if lists[i] = list[1:]; len(list) > 1 {
				inTails[list[1]]--
			}
		}
	}
	return out, true
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
