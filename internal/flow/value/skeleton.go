package value

import (
	"slices"
	"strings"
	"unicode/utf8"

	"stopper/internal/ir"
	"stopper/internal/models"
)

// literal is the skeleton of a known text.
func literal(s string) *Skeleton {
	if s == "" {
		return &Skeleton{}
	}
	return &Skeleton{Parts: []Part{{Lit: s}}}
}

func (s *Skeleton) hasHole() bool {
	for i := range s.Parts {
		if s.Parts[i].IsHole {
			return true
		}
	}
	return false
}

func (s *Skeleton) mapTaint(f func([]Label) []Label) *Skeleton {
	parts := slices.Clone(s.Parts)
	for i := range parts {
		if parts[i].IsHole {
			parts[i].Taint = f(parts[i].Taint)
		}
	}
	return &Skeleton{Parts: parts}
}

func equalSkeletons(a, b *Skeleton) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || len(a.Parts) != len(b.Parts) {
		return false
	}
	for i := range a.Parts {
		if !equalPart(&a.Parts[i], &b.Parts[i]) {
			return false
		}
	}
	return true
}

func equalPart(a, b *Part) bool {
	return a.IsHole == b.IsHole && a.Lit == b.Lit && a.IsNumber == b.IsNumber && a.NoSlash == b.NoSlash &&
		a.Resets == b.Resets && a.NoClimb == b.NoClimb && a.Param == b.Param &&
		a.Node == b.Node && a.Span == b.Span && equalLabels(a.Taint, b.Taint)
}

// builder assembles parts, merging adjacent literals; past MaxSkeleton the tail becomes one hole.
type builder struct{ parts []Part }

func (b *builder) lit(s string) {
	if s == "" {
		return
	}
	if n := len(b.parts); n > 0 && !b.parts[n-1].IsHole {
		b.parts[n-1].Lit += s
		return
	}
	b.parts = append(b.parts, Part{Lit: s})
}

func (b *builder) add(parts ...Part) {
	for _, p := range parts {
		if p.IsHole {
			b.parts = append(b.parts, p)
		} else {
			b.lit(p.Lit)
		}
	}
}

func (b *builder) done() *Skeleton {
	if len(b.parts) > MaxSkeleton {
		b.parts = append(b.parts[:MaxSkeleton-1:MaxSkeleton-1], restHole(b.parts[MaxSkeleton-1:]))
	}
	for i := range b.parts {
		if len(b.parts[i].Lit) > maxText {
			b.parts = append(b.parts[:i:i], restHole(b.parts[i:]))
			break
		}
	}
	return &Skeleton{Parts: b.parts}
}

// restHole is one hole that stands for several parts.
func restHole(parts []Part) Part {
	h := Part{IsHole: true, NoSlash: true, NoClimb: true}
	for i, p := range parts {
		h.Taint, _ = joinLabels(h.Taint, p.Taint)
		h.NoSlash = h.NoSlash && noSlash(&p)
		h.Resets = h.Resets || p.Resets
		h.NoClimb = h.NoClimb && noClimb(&p)
		if p.IsHole {
			placeOf(&h, &p, i == 0)
		}
	}
	return h
}

func noSlash(p *Part) bool {
	if p.IsHole {
		return p.NoSlash || p.IsNumber
	}
	return !strings.ContainsAny(p.Lit, `/\`)
}

// noClimb: neither a ".." nor a dot at an end that could make one together with its neighbour.
func noClimb(p *Part) bool {
	if p.IsHole {
		return p.NoClimb || p.IsNumber
	}
	return !strings.Contains(p.Lit, ".")
}

// placeOf keeps the earliest place, so that the order of joining does not matter.
func placeOf(h, p *Part, first bool) {
	if first || h.Node == 0 || p.Node != 0 && p.Node < h.Node || p.Node == h.Node && p.Span.Start < h.Span.Start {
		if p.Node != 0 || first {
			h.Node, h.Span = p.Node, p.Span
		}
	}
}

// joinSkeletons is a shape that both have. Which of two common shapes is closer is not always clear, so the first guess
// is joined with its operands again until it covers them; a shape that does not settle is given up.
func joinSkeletons(a, b *Skeleton) *Skeleton {
	if equalSkeletons(a, b) {
		return a
	}
	r := commonShape(a, b)
	for range 3 {
		ra, rb := commonShape(r, a), commonShape(r, b)
		if equalSkeletons(ra, r) && equalSkeletons(rb, r) {
			return r
		}
		r = commonShape(ra, rb)
	}
	return &Skeleton{Parts: []Part{restHole(r.Parts)}}
}

// commonShape keeps the common beginning and end; what lies between becomes one hole with the taint of both.
func commonShape(a, b *Skeleton) *Skeleton {
	if equalSkeletons(a, b) {
		return a
	}
	var out builder
	i := 0
	for ; i < len(a.Parts) && i < len(b.Parts); i++ {
		p, q := a.Parts[i], b.Parts[i]
		if p.IsHole != q.IsHole || !p.IsHole && p.Lit != q.Lit {
			break
		}
		if !p.IsHole {
			out.lit(p.Lit)
			continue
		}
		h := restHole([]Part{p, q})
		h.IsNumber = p.IsNumber && q.IsNumber
		h.NoSlash = p.NoSlash && q.NoSlash
		if p.Param == q.Param {
			h.Param = p.Param
		}
		out.add(h)
	}
	ta, tb := slices.Clone(a.Parts[i:]), slices.Clone(b.Parts[i:])
	if len(ta) == 0 && len(tb) == 0 {
		return out.done()
	}
	tail := ""
	if n := len(out.parts); n > 0 && out.parts[n-1].IsHole {
		// The hole in front takes up any letters, so the end is what is sure: ◦"ab" and ◦"aab" are both ◦"ab".
		tail = cutSuffix(ta, tb)
		out.lit(cutPrefix(ta, tb))
	} else {
		out.lit(cutPrefix(ta, tb))
		tail = cutSuffix(ta, tb)
	}
	rest := append(ta, tb...)
	if n := len(out.parts); n > 0 && out.parts[n-1].IsHole {
		rest = append([]Part{out.parts[n-1]}, rest...)
		out.parts = out.parts[:n-1]
	}
	out.add(restHole(rest))
	out.lit(tail)
	return out.done()
}

// cutPrefix takes the common beginning off two literals that start two tails.
func cutPrefix(a, b []Part) string {
	if len(a) == 0 || len(b) == 0 || a[0].IsHole || b[0].IsHole {
		return ""
	}
	head := a[0].Lit[:commonPrefix(a[0].Lit, b[0].Lit)]
	a[0].Lit, b[0].Lit = a[0].Lit[len(head):], b[0].Lit[len(head):]
	return head
}

// cutSuffix takes the common end off two literals that end two tails.
func cutSuffix(a, b []Part) string {
	if len(a) == 0 || len(b) == 0 || a[len(a)-1].IsHole || b[len(b)-1].IsHole {
		return ""
	}
	p, q := &a[len(a)-1], &b[len(b)-1]
	tail := commonSuffix(p.Lit, q.Lit)
	p.Lit, q.Lit = strings.TrimSuffix(p.Lit, tail), strings.TrimSuffix(q.Lit, tail)
	return tail
}

// commonSuffix is the common end of two texts in whole characters.
func commonSuffix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	for n > 0 && !utf8.RuneStart(a[len(a)-n]) {
		n--
	}
	return a[len(a)-n:]
}

// commonPrefix is the length of the common prefix in whole characters.
func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && (n < len(a) && !utf8.RuneStart(a[n]) || n < len(b) && !utf8.RuneStart(b[n])) {
		n--
	}
	return n
}

// SkeletonOf is the shape of a value as text: constants as literals, the unknown as a hole. Never nil for a value.
func SkeletonOf(v *Value) *Skeleton {
	if v == nil {
		return &Skeleton{}
	}
	if v.Str != nil {
		return v.Str
	}
	if v.IsConst && len(v.Taint) == 0 {
		if s := constText(v); s != nil {
			return s
		}
	}
	return &Skeleton{Parts: []Part{holeOf(v)}}
}

// constText is the shape of str() of the constants.
func constText(v *Value) *Skeleton {
	var s *Skeleton
	for _, c := range v.Consts() {
		t, ok := strOf(c)
		if !ok {
			return nil
		}
		if c.Kind == ir.ConstBytes && v.Type == "bytes" {
			t = c.Str
		}
		if s == nil {
			s = literal(t)
		} else {
			s = joinSkeletons(s, literal(t))
		}
	}
	return s
}

func holeOf(v *Value) Part {
	num := isNumberType(v.Type)
	return Part{IsHole: true, Taint: v.Taint, Param: paramOf(v), IsNumber: num, NoSlash: num || v.Facts&FactBasename != 0,
		NoClimb: v.Facts&FactNoClimb != 0}
}

// textValue is the value of a skeleton: a constant when nothing is open.
func textValue(typ string, s *Skeleton, from ...*Value) *Value {
	r := &Value{Type: typ, Taint: unionTaint(from), Marks: unionMarks(from)}
	switch {
	case len(r.Taint) == 0 && len(s.Parts) == 0:
		r.setConsts([]ir.Const{{Kind: textKind(typ)}})
	case len(r.Taint) == 0 && len(s.Parts) == 1 && !s.Parts[0].IsHole:
		r.setConsts([]ir.Const{{Kind: textKind(typ), Str: s.Parts[0].Lit}})
	default:
		r.Str = s
		return r
	}
	r.IsConst = true
	return r
}

func textKind(typ string) ir.ConstKind {
	if typ == "bytes" {
		return ir.ConstBytes
	}
	return ir.ConstStr
}

// opaqueText is a text of which only the taint is known.
func opaqueText(typ string, from ...*Value) *Value {
	t := unionTaint(from)
	return &Value{Type: typ, Taint: t, Marks: unionMarks(from), Str: &Skeleton{Parts: []Part{{IsHole: true, Taint: t}}}}
}

// cutOf is some part of a text: what no part can hold stays known.
func cutOf(typ string, v *Value) *Value {
	r := *opaqueText(typ, halved(v))
	h := restHole(SkeletonOf(v).Parts)
	h.Taint = r.Taint
	r.Str = &Skeleton{Parts: []Part{h}}
	r.Facts = v.Facts & (FactNoClimb | FactBasename)
	return &r
}

// opaque is a value of which only the taint, and perhaps the type, is known.
func opaque(typ string, from ...*Value) *Value {
	if isTextType(typ) {
		return opaqueText(typ, from...)
	}
	t, m := unionTaint(from), unionMarks(from)
	if t == nil && m == 0 && typ == "" {
		return Unknown
	}
	return &Value{Type: typ, AnyObj: !isScalar(typ), Taint: t, Marks: m}
}

func unionTaint(vs []*Value) []Label {
	var t []Label
	for _, v := range vs {
		if v != nil {
			t, _ = joinLabels(t, v.Taint)
		}
	}
	return t
}

func unionMarks(vs []*Value) Marks {
	var m Marks
	for _, v := range vs {
		if v != nil {
			m |= v.Marks
		}
	}
	return m
}

// Concat is the text of several values one after the other.
func Concat(typ string, vs ...*Value) *Value {
	var b builder
	for _, v := range vs {
		b.add(SkeletonOf(v).Parts...)
	}
	return textValue(typ, b.done(), vs...)
}

// Prefix is the literal text before the first hole.
func (s *Skeleton) Prefix() string {
	if s == nil || len(s.Parts) == 0 || s.Parts[0].IsHole {
		return ""
	}
	return s.Parts[0].Lit
}

// Suffix is the literal text after the last hole.
func (s *Skeleton) Suffix() string {
	if s == nil || len(s.Parts) == 0 || s.Parts[len(s.Parts)-1].IsHole {
		return ""
	}
	return s.Parts[len(s.Parts)-1].Lit
}

// Literal is the whole text, when there are no holes.
func (s *Skeleton) Literal() (string, bool) {
	if s == nil || s.hasHole() {
		return "", false
	}
	return s.Prefix(), true
}

// String shows the skeleton with ◦ for holes.
func (s *Skeleton) String() string {
	if s == nil {
		return "◦"
	}
	var b strings.Builder
	for _, p := range s.Parts {
		if p.IsHole {
			b.WriteString("◦")
		} else {
			b.WriteString(p.Lit)
		}
	}
	return b.String()
}

// tainted reports whether the part can carry the attacker's words to a sink of kind k (NoKind: of any kind).
func (p *Part) tainted(k models.SinkKind) bool {
	if !p.IsHole || p.IsNumber {
		return false
	}
	for i := range p.Taint {
		if k == models.NoKind || !p.Taint[i].Cleared.Has(k) {
			return true
		}
	}
	return false
}

// FirstTainted is the index of the first part that carries taint for kind k (NoKind: for any); -1 when none does.
func (s *Skeleton) FirstTainted(k models.SinkKind) int {
	if s == nil {
		return -1
	}
	return slices.IndexFunc(s.Parts, func(p Part) bool { return p.tainted(k) })
}
