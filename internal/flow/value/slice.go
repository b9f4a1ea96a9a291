package value

import (
	"unicode/utf8"

	"stopper/internal/ir"
)

// Index is text[i]; the result is one character. For what is no text, taint flows on.
func Index(v, i *Value) *Value {
	if v == nil || i == nil {
		return nil
	}
	if r := fold2(v, i, indexConst); r != nil {
		return r
	}
	if !textLike(v) {
		return opaque("", v)
	}
	if textTypeOf(v) == "bytes" {
		return OfType("int")
	}
	return opaqueText("str", v)
}

func indexConst(c, i ir.Const) (ir.Const, bool) {
	if c.Kind != ir.ConstStr || !isInt(i) || !utf8.ValidString(c.Str) {
		return ir.Const{}, false
	}
	rs := []rune(c.Str)
	n := i.Int
	if n < 0 {
		n += int64(len(rs))
	}
	if n < 0 || n >= int64(len(rs)) {
		return ir.Const{}, false
	}
	return strConst(string(rs[n])), true
}

// Slice is v[lo:hi:step]; a nil bound is absent. Only text is understood; the shape survives cuts in its literals.
func Slice(v, lo, hi, step *Value) *Value {
	if v == nil {
		return nil
	}
	a, b, c, ok := bounds(lo, hi, step)
	r := sliceBy(v, a, b, c, ok)
	if ok && c == 1 && a != nil && *a == 1 && b != nil && *b == -1 {
		return derive(r, HowInner, v)
	}
	return r
}

func sliceBy(v *Value, lo, hi *int64, step int64, known bool) *Value {
	if !textLike(v) {
		return opaque(v.Type, v)
	}
	typ := textTypeOf(v)
	if !known {
		return cutOf(typ, v)
	}
	if r := fold1(v, func(k ir.Const) (ir.Const, bool) { return sliceConst(k, lo, hi, step) }); r != nil {
		return r
	}
	if v.Str == nil || step != 1 {
		return cutOf(typ, v)
	}
	return sliceShape(v, typ, lo, hi)
}

// bounds reads constant bounds; absent ones are nil.
func bounds(lo, hi, step *Value) (a, b *int64, c int64, ok bool) {
	if a, ok = bound(lo); !ok {
		return
	}
	if b, ok = bound(hi); !ok {
		return
	}
	s, ok := bound(step)
	if c = 1; s != nil {
		c = *s
	}
	return a, b, c, ok && c != 0
}

func bound(v *Value) (*int64, bool) {
	if v == nil || v.IsConst && len(v.Consts()) == 1 && v.Consts()[0].Kind == ir.ConstNone {
		return nil, true
	}
	n, ok := oneInt(v)
	return &n, ok
}

func sliceConst(k ir.Const, lo, hi *int64, step int64) (ir.Const, bool) {
	if !isText(k) || k.Kind == ir.ConstStr && !utf8.ValidString(k.Str) {
		return ir.Const{}, false
	}
	if k.Kind == ir.ConstBytes {
		return ir.Const{Kind: k.Kind, Str: string(sliceOf([]byte(k.Str), lo, hi, step))}, true
	}
	return strConst(string(sliceOf([]rune(k.Str), lo, hi, step))), true
}

// sliceOf is Python's slice of a sequence.
func sliceOf[T any](s []T, lo, hi *int64, step int64) []T {
	n := int64(len(s))
	first, last := int64(0), n
	if step < 0 {
		first, last = n-1, -1
	}
	start, stop := clampBound(lo, first, n, step), clampBound(hi, last, n, step)
	var out []T
	step = max(min(step, n+1), -n-1)
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		out = append(out, s[i])
	}
	return out
}

func clampBound(b *int64, absent, n, step int64) int64 {
	if b == nil {
		return absent
	}
	i := *b
	low, high := int64(0), n
	if step < 0 {
		low, high = -1, n-1
	}
	if i < 0 {
		i += n
	}
	return max(low, min(i, high))
}

// sliceShape cuts text[lo:hi] where the cut lies in the literal beginning or end; elsewhere the rest is one hole.
func sliceShape(v *Value, typ string, lo, hi *int64) *Value {
	v = halved(v)
	parts := append([]Part(nil), v.Str.Parts...)
	if len(parts) == 0 {
		return v
	}
	if lo != nil {
		first := &parts[0]
		n := int64(utf8.RuneCountInString(first.Lit))
		if *lo < 0 || *lo > n {
			return cutOf(typ, v)
		}
		first.Lit = string([]rune(first.Lit)[*lo:])
	}
	if hi != nil {
		var ok bool
		if parts, ok = cutEnd(parts, *hi, lo); !ok {
			h := restHole(parts)
			if p := parts[0]; !p.IsHole && *hi > 0 && lo == nil {
				// text[:n] with n behind the literal: the beginning stays.
				h = restHole(parts[1:])
				return textValue(typ, &Skeleton{Parts: []Part{p, h}}, v)
			}
			return textValue(typ, &Skeleton{Parts: []Part{h}}, v)
		}
	}
	var b builder
	b.add(parts...)
	if s := b.done(); !s.hasHole() {
		return textValue(typ, s, &Value{Marks: v.Marks})
	}
	return textValue(typ, b.done(), v)
}

func cutEnd(parts []Part, hi int64, lo *int64) ([]Part, bool) {
	if hi >= 0 {
		from := int64(0)
		if lo != nil {
			from = *lo
		}
		rs := []rune(parts[0].Lit)
		if n := hi - from; n <= int64(len(rs)) {
			return []Part{{Lit: string(rs[:max(n, 0)])}}, true
		}
		return parts, false
	}
	last := &parts[len(parts)-1]
	rs := []rune(last.Lit)
	if -hi > int64(len(rs)) {
		return parts, false
	}
	last.Lit = string(rs[:int64(len(rs))+hi])
	return parts, true
}
