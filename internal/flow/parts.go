package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// What the variables hold on the ways that gave a flag one of its values is kept where those ways meet others: a part. Behind a
// condition that asks the flag, the parts that it rules out are gone, and the variables hold what they hold in those that are left.
//
// A variable that is written to is the same in all parts from there on. A flag that some way gives a value of which nothing is
// known has a part for that, and what is known of the condition that was its value.

const (
	// maxParts bounds the values of one flag that are told apart; the others share a part that no condition rules out.
	maxParts = 4
	// maxPartVars bounds the variables that a part knows something of.
	maxPartVars = 24
	// maxPartWork bounds the variables that are joined for parts in one run of a function.
	maxPartWork = 1 << 17
)

// partKind says what is known of the flag's value.
type partKind uint8

const (
	partOther  partKind = iota // nothing
	partConst                  // this constant
	partTrue                   // something true
	partFalse                  // something false
	partEmpty                  // a collection without elements
	partFilled                 // one with elements
)

// part is what holds where a flag has one of its values.
type part struct {
	kind  partKind
	c     ir.Const
	known []partVar // by variable
}

// partVar is what a variable holds in a part.
type partVar struct {
	at  int32
	all *value.Value // what it holds in any
	is  *value.Value
}

func (p *part) find(at int32) *partVar {
	i, ok := slices.BinarySearchFunc(p.known, at, func(k partVar, at int32) int { return int(k.at - at) })
	if !ok {
		return nil
	}
	return &p.known[i]
}

// within is what a variable holds in a part, when it holds all in general.
func (f *frame) within(p *part, at int32, all *value.Value) *value.Value {
	k := p.find(at)
	switch {
	case k == nil:
		return all
	case k.all == all:
		return k.is
	case int(at) >= f.fn.NumVars: // who writes to such a slot does not say so
		return all
	}
	return alsoKnown(all, k.is)
}

// alsoKnown is a value of which a condition has said more since it was known to be is.
func alsoKnown(v, is *value.Value) *value.Value {
	if v == nil || is == nil || is.IsConst && len(is.Taint) == 0 {
		return is
	}
	if v = value.WithFacts(v, is.Facts); len(v.Taint) == 0 {
		return v
	}
	return mapTaint(v, func(ls []value.Label) []value.Label {
		var out []value.Label
		for _, l := range ls {
			i := slices.IndexFunc(is.Taint, func(k value.Label) bool { return k.Origin == l.Origin })
			if i < 0 {
				continue
			}
			l.Cleared |= is.Taint[i].Cleared
			l.AddWeak(is.Taint[i].Weak())
			out = append(out, l)
		}
		return out
	})
}

func partsOf(parts [][]part, i int) []part {
	if parts == nil {
		return nil
	}
	return parts[i]
}

// setParts gives one flag other parts; nil when nothing is known of it.
func (f *frame) setParts(i int, ps []part) {
	if f.parts == nil && ps == nil {
		return
	}
	n := make([][]part, len(f.info.flags))
	copy(n, f.parts)
	n[i] = ps
	f.parts = n
}

// joinParts are the parts at the start of a block that was reached and is reached again. It goes before the variables are joined.
func (f *frame) joinParts(to ir.BlockID, st *state) [][]part {
	if st.parts == nil && f.parts == nil || f.partWork > maxPartWork {
		return nil
	}
	j := partJoin{f: f, st: st}
	isAsked := false
	for i, reg := range f.info.flags {
		isAsked = isAsked || f.info.usedFrom(to, int(reg)) && (partsOf(st.parts, i) != nil || partsOf(f.parts, i) != nil)
	}
	if !isAsked {
		return nil
	}
	for i, v := range f.vars {
		if old := st.vars[i]; v != old && old != nil && v != nil && (i < f.fn.NumVars || i >= f.fn.NumVars+len(f.info.extra)) &&
			(len(v.Taint) > 0 || len(old.Taint) > 0 || v.Facts != old.Facts) && f.info.usedFrom(to, i) {
			j.differ = append(j.differ, int32(i))
		}
	}
	var out [][]part
	for i, reg := range f.info.flags {
		a, b := partsOf(st.parts, i), partsOf(f.parts, i)
		if a == nil && st.vars[reg] != nil || b == nil && f.vars[reg] != nil || a == nil && b == nil ||
			!f.info.usedFrom(to, int(reg)) {
			continue // on one way nothing is known of it; where it is not bound, nobody can ask
		}
		if out == nil {
			out = make([][]part, len(f.info.flags))
		}
		out[i] = j.join(a, b)
	}
	return out
}

// partJoin joins the parts of two states.
type partJoin struct {
	f      *frame
	st     *state
	differ []int32 // variables that hold something else in the two
}

func (j *partJoin) join(a, b []part) []part {
	if len(j.differ) == 0 && len(a) > 0 && len(b) > 0 && &a[0] == &b[0] {
		return a
	}
	at := slices.Clone(j.differ)
	for _, ps := range [2][]part{a, b} {
		for i := range ps {
			for _, k := range ps[i].known {
				at = append(at, k.at)
			}
		}
	}
	slices.Sort(at)
	at = slices.Compact(at)
	out := make([]part, 0, maxParts)
	other := -1
	for _, ps := range [2][]part{a, b} {
		for i := range ps {
			k := part{kind: ps[i].kind, c: ps[i].c}
			if slices.ContainsFunc(out, func(o part) bool { return o.kind == k.kind && o.c == k.c }) {
				continue
			}
			if len(out) >= maxParts-1 || k.kind == partOther {
				if other >= 0 {
					continue
				}
				other, k = len(out), part{}
			}
			out = append(out, k)
		}
	}
	for _, x := range at {
		j.variable(out, other, a, b, x)
	}
	return out
}

// variable joins what one variable holds in each of the parts.
func (j *partJoin) variable(out []part, other int, a, b []part, x int32) {
	f, old, now := j.f, j.st.vars[x], j.f.vars[x]
	all := old
	if now != nil && now != old {
		if all = f.s.join(old, now); all != old && equal(all, old) {
			all = old
		}
	}
	if all == nil {
		return
	}
	for i := range out {
		var v *value.Value
		has := func(p *part) bool {
			same := func(o *part) bool { return o.kind == p.kind && o.c == p.c }
			return same(&out[i]) || i == other && !slices.ContainsFunc(out, func(o part) bool { return same(&o) })
		}
		for n, ps := range [2][]part{a, b} {
			whole := old
			if n == 1 {
				whole = now
			}
			for k := range ps {
				if has(&ps[k]) {
					f.partWork++
					v = f.s.join(v, f.within(&ps[k], x, whole))
				}
			}
		}
		if v != nil && v != all && (len(all.Taint) > 0 || v.Facts != all.Facts) && !value.Equal(v, all) && len(out[i].known) < maxPartVars {
			out[i].known = append(out[i].known, partVar{at: x, all: all, is: v})
		}
	}
}

// sameParts: nothing new is known.
func sameParts(a, b [][]part) bool {
	return len(a) == len(b) && slices.EqualFunc(a, b, func(x, y []part) bool {
		return (x == nil) == (y == nil) && slices.EqualFunc(x, y, func(p, q part) bool {
			return p.kind == q.kind && p.c == q.c && slices.EqualFunc(p.known, q.known, func(k, l partVar) bool { return k.at == l.at && value.Equal(k.is, l.is) })
		})
	})
}

// flagsAfter keeps the parts as they are behind an instruction.
func (f *frame) flagsAfter(in *ir.Instr) {
	if in.Dst >= 0 && int(in.Dst) < f.fn.NumVars {
		i := f.info.flagOf(in.Dst)
		var ps []part
		if i >= 0 {
			ps = f.partsAfter(in)
		}
		f.written(in)
		if i >= 0 {
			f.setParts(i, ps)
		}
	}
	if f.parts != nil {
		f.filledBy(in)
	}
}

// written forgets what the parts know of a variable that was written to. A copy is what it was copied from in each of them.
func (f *frame) written(in *ir.Instr) {
	if f.parts == nil {
		return
	}
	for i, ps := range f.parts {
		if !slices.ContainsFunc(ps, func(p part) bool {
			return p.find(int32(in.Dst)) != nil || in.Op == ir.OpCopy && p.find(int32(in.A)) != nil
		}) {
			continue
		}
		n := slices.Clone(ps)
		for k := range n {
			p := &n[k]
			p.known = slices.DeleteFunc(slices.Clone(p.known), func(v partVar) bool { return v.at == int32(in.Dst) })
			if from := p.find(int32(in.A)); in.Op == ir.OpCopy && in.Sub == 0 && from != nil && from.all == f.get(in.A) && len(p.known) < maxPartVars {
				at, _ := slices.BinarySearchFunc(p.known, int32(in.Dst), func(v partVar, at int32) int { return int(v.at - at) })
				p.known = slices.Insert(p.known, at, partVar{at: int32(in.Dst), all: f.get(in.Dst), is: from.is})
			}
		}
		f.setParts(i, n)
	}
}

// partsAfter are the parts of a flag that an instruction has given a value.
func (f *frame) partsAfter(in *ir.Instr) []part {
	v := f.get(in.Dst)
	c, isOne := oneConst(v)
	switch {
	case isOne && len(v.Taint) == 0:
		return []part{{kind: partConst, c: c}}
	case in.Op == ir.OpCopy && f.info.flagOf(in.A) >= 0 && f.parts != nil:
		if ps := f.parts[f.info.flagOf(in.A)]; ps != nil {
			return f.unlisted(ps)
		}
	case in.Op == ir.OpBuild && in.Sub <= uint8(ir.BuildDict):
		return []part{{kind: f.builtKind(in)}}
	case in.Op == ir.OpCall && in.ArgsLen == 0:
		if callee := f.get(in.A); in.A != in.Dst && len(callee.Objs) == 1 && isEmptyType(callee.Objs[0].Path) {
			return []part{{kind: partEmpty}}
		}
	case in.Op == ir.OpBinary && in.Imm == 1 && in.A == in.Dst && ast.Op(in.Sub) == ast.Add && f.listed(in.B) == partFilled:
		return []part{{kind: partFilled}}
	}
	switch value.Truth(v) {
	case value.True:
		return []part{{kind: partTrue}}
	case value.False:
		return []part{{kind: partFalse}}
	}
	return f.split(in)
}

// isEmptyType: called without arguments, the type makes an empty collection.
func isEmptyType(path string) bool {
	switch path {
	case "builtins.list", "builtins.dict", "builtins.set", "collections.OrderedDict":
		return true
	}
	return false
}

// builtKind says whether a collection that the code writes down has elements.
func (f *frame) builtKind(in *ir.Instr) partKind {
	args := f.fn.ArgsOf(in)
	switch {
	case len(args) == 0 && in.Imm == 0:
		return partEmpty
	case slices.ContainsFunc(args, func(a ir.Arg) bool { return a.Kind != ir.ArgStar && a.Kind != ir.ArgStarStar }):
		return partFilled
	}
	return partOther
}

// listed is what a register holds that a collection was written into right here.
func (f *frame) listed(r ir.Reg) partKind {
	if def := f.info.def(r); def != nil && def.Op == ir.OpBuild && def.Sub <= uint8(ir.BuildDict) {
		return f.builtKind(def)
	}
	return partOther
}

// split are the parts of a flag of which only the condition is known that it is the truth of.
func (f *frame) split(in *ir.Instr) []part {
	switch in.Op {
	case ir.OpCopy, ir.OpCall, ir.OpMethod, ir.OpCompare, ir.OpUnary, ir.OpIndex, ir.OpAttr, ir.OpBinary:
	default:
		return []part{{}}
	}
	if in.Op == ir.OpCopy && in.A == in.Dst {
		return nil
	}
	m := f.s.scratch.mark()
	defer f.s.scratch.release(m)
	vars, temps := f.s.scratch.copyOf(f.vars), f.s.scratch.copyOf(f.temps)
	heap, noted := f.heap.fork(), len(f.noted)
	f.tentative++
	out := []part{{kind: partTrue}, {kind: partFalse}}
	for i := range out {
		f.assumeDef(in, in.Dst, i == 0)
		for at, v := range f.vars {
			if old := vars[at]; v != old && v != nil && old != nil && (len(old.Taint) > 0 || v.Facts != old.Facts) && at != int(in.Dst) && len(out[i].known) < maxPartVars {
				out[i].known = append(out[i].known, partVar{at: int32(at), all: old, is: v})
			}
		}
		copy(f.vars, vars)
		copy(f.temps, temps)
	}
	f.tentative--
	f.heap, f.noted = heap, f.noted[:noted]
	return out
}

// filledBy: something is put into a collection that is a flag, or somebody else gets hold of it.
func (f *frame) filledBy(in *ir.Instr) {
	if i := f.info.flagOf(in.A); i >= 0 && f.parts[i] != nil && in.A != in.Dst {
		switch {
		case in.Op == ir.OpSetIndex, in.Op == ir.OpMethod && f.fills(in):
			if f.isListed(i) {
				f.setParts(i, []part{{kind: partFilled}})
			}
		case in.Op == ir.OpMethod && !readsOnly(in.Name), in.Op == ir.OpDelete, in.Op == ir.OpSetCell, in.Op == ir.OpSetGlobal, in.Op == ir.OpYield:
			f.setParts(i, f.unlisted(f.parts[i]))
		}
	}
	others := [2]ir.Reg{in.B, in.C}
	for _, r := range others {
		if i := f.info.flagOf(r); i >= 0 && (in.Op == ir.OpSetAttr || in.Op == ir.OpSetIndex) {
			f.setParts(i, f.unlisted(f.parts[i]))
		}
	}
	if in.Op != ir.OpCall && in.Op != ir.OpMethod && in.Op != ir.OpBuild || in.Op == ir.OpCall && readsOnly(f.info.calledName(in)) || in.Op == ir.OpMethod && readsOnly(in.Name) {
		return
	}
	for _, a := range f.fn.ArgsOf(in) {
		if i := f.info.flagOf(a.Reg); i >= 0 {
			f.setParts(i, f.unlisted(f.parts[i]))
		}
	}
}

// fills: the method puts at least one element into the collection.
func (f *frame) fills(in *ir.Instr) bool {
	if !fillsCollection(in.Name) {
		return false
	}
	args := f.fn.ArgsOf(in)
	if in.Name != "extend" && in.Name != "update" {
		return len(args) > 0
	}
	return len(args) == 1 && args[0].Kind == ir.ArgPos && f.listed(args[0].Reg) == partFilled || in.Name == "update" && len(args) > 0 && args[0].Kind == ir.ArgKeyword
}

// isListed: the flag is a collection in all of its parts.
func (f *frame) isListed(i int) bool {
	return !slices.ContainsFunc(f.parts[i], func(p part) bool { return p.kind != partEmpty && p.kind != partFilled && p.kind != partOther })
}

// readsOnly: a function or method of this name leaves the collections alone that it gets.
func readsOnly(name string) bool {
	switch name {
	case "len", "bool", "any", "all", "print", "str", "sorted", "repr", "join", "debug", "info", "warning", "error", "flash", "get", "items", "keys", "values", "copy", "index", "count":
		return true
	}
	return false
}

// unlisted are the parts of a collection that somebody else may change.
func (f *frame) unlisted(ps []part) []part {
	if !slices.ContainsFunc(ps, func(p part) bool { return p.kind == partEmpty || p.kind == partFilled }) {
		return ps
	}
	return nil
}
