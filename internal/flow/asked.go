package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// What a condition that asks a flag leaves of its parts, see parts.go.

// truth is whether the flag is true in a part.
func (p *part) truth() value.Tri {
	switch p.kind {
	case partConst:
		return value.Truth(value.Of(p.c))
	case partTrue, partFilled:
		return value.True
	case partFalse, partEmpty:
		return value.False
	}
	return value.Maybe
}

// flagTested: the truth of a flag is known.
func (f *frame) flagTested(reg ir.Reg, truth bool) {
	i := f.info.flagOf(reg)
	if i < 0 || f.parts == nil {
		return
	}
	f.keepParts(i, func(p *part) bool { return p.truth() != value.TriOf(!truth) })
}

// keepParts leaves the parts of a flag that a condition does not rule out.
func (f *frame) keepParts(i int, keep func(*part) bool) {
	var left []part
	for k := range f.parts[i] {
		if keep(&f.parts[i][k]) {
			left = append(left, f.parts[i][k])
		}
	}
	if len(left) == 0 || len(left) == len(f.parts[i]) && len(left) > 1 {
		return
	}
	for _, k := range left[0].known {
		all := f.vars[k.at]
		if all == nil {
			continue
		}
		v := f.within(&left[0], k.at, all)
		for n := 1; n < len(left); n++ {
			v = f.s.join(v, f.within(&left[n], k.at, all))
		}
		f.vars[k.at] = v
	}
	if f.tentative == 0 {
		f.setParts(i, left)
	}
}

// flagCompared: a comparison of a flag, or of its length, with a constant came out as truth.
func (f *frame) flagCompared(in *ir.Instr, truth bool) {
	if f.parts == nil {
		return
	}
	op, b := ast.Op(in.Sub), f.get(in.B)
	reg := f.variable(in.A)
	if i := f.info.flagOf(reg); i >= 0 {
		f.keepParts(i, func(p *part) bool { return f.comparePart(p, op, b) != value.TriOf(!truth) })
		return
	}
	def := f.info.def(in.A)
	if def == nil || def.Op != ir.OpCall || f.info.calledName(def) != "len" || def.ArgsLen != 1 {
		return
	}
	c, ok := oneConst(b)
	i := f.info.flagOf(f.variable(f.fn.ArgsOf(def)[0].Reg))
	if i < 0 || !ok || c.Kind != ir.ConstInt || c.IsBig {
		return
	}
	f.keepParts(i, func(p *part) bool { return lengthIs(p, op, c.Int) != value.TriOf(!truth) })
}

// comparePart is what the comparison of a flag gives in a part.
func (f *frame) comparePart(p *part, op ast.Op, b *value.Value) value.Tri {
	if p.kind == partConst {
		return value.Truth(f.compare(op, value.Of(p.c), b))
	}
	c, ok := oneConst(b)
	if !ok || len(b.Taint) > 0 {
		return value.Maybe
	}
	differs := false
	switch t := value.Truth(b); p.kind {
	case partTrue:
		differs = t == value.False
	case partFalse:
		differs = t == value.True
	case partEmpty, partFilled:
		differs = c.Kind == ir.ConstNone || c.Kind == ir.ConstBool
	}
	switch {
	case !differs:
	case op == ast.Eq, op == ast.Is:
		return value.False
	case op == ast.NotEq, op == ast.IsNot:
		return value.True
	}
	return value.Maybe
}

// lengthIs is what the comparison of the length of a collection gives in a part.
func lengthIs(p *part, op ast.Op, n int64) value.Tri {
	if p.kind == partEmpty {
		return value.Truth(value.Compare(op, value.Int(0), value.Int(n)))
	}
	if p.kind != partFilled {
		return value.Maybe
	}
	switch {
	case op == ast.Gt && n <= 0, op == ast.GtE && n <= 1, op == ast.NotEq && n <= 0:
		return value.True
	case op == ast.LtE && n <= 0, op == ast.Lt && n <= 1, op == ast.Eq && n <= 0:
		return value.False
	}
	return value.Maybe
}
