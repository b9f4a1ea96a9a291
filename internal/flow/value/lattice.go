package value

import (
	"slices"

	"stopper/internal/ir"
	"stopper/internal/models"
)

// Unknown is the top of the lattice, without taint. It is never written to.
var Unknown = &Value{AnyObj: true}

// Of is the value of a constant.
func Of(c ir.Const) *Value {
	switch {
	case c.Kind == ir.ConstNone:
		return none
	case c.Kind == ir.ConstBool:
		return Bool(c.Int != 0)
	case c.Kind == ir.ConstInt && !c.IsBig && c.Int >= 0 && c.Int < int64(len(digitValues)):
		return digitValues[c.Int]
	case c.Kind == ir.ConstStr && c.Str == "":
		return empty
	}
	return newConst(c)
}

func newConst(c ir.Const) *Value {
	s := &struct {
		v Value
		m more
		c [1]ir.Const
	}{c: [1]ir.Const{c}}
	s.m.consts = s.c[:]
	s.v = Value{more: &s.m, IsConst: true, Type: constType(c)}
	return &s.v
}

// OfConsts is the value that is one of some constants; past MaxConsts only their common type and prefix stay.
func OfConsts(cs []ir.Const) *Value {
	var v *Value
	for _, c := range cs {
		v = Join(v, Of(c))
	}
	return v
}

// Str, Int, Bool and None are values of constants.
func Str(s string) *Value { return Of(ir.Const{Kind: ir.ConstStr, Str: s}) }
func Int(i int64) *Value  { return Of(ir.Const{Kind: ir.ConstInt, Int: i}) }
func None() *Value        { return none }
func Bool(b bool) *Value {
	if b {
		return yes
	}
	return no
}

// Values that are asked for all the time. Like Unknown they are never written to.
var (
	none  = newConst(ir.Const{})
	yes   = newConst(ir.Const{Kind: ir.ConstBool, Int: 1})
	no    = newConst(ir.Const{Kind: ir.ConstBool})
	empty = newConst(ir.Const{Kind: ir.ConstStr})
	// digitValues are the numbers 0 to 9, positions of tuples mostly.
	digitValues = func() (vs [10]*Value) {
		for i := range vs {
			vs[i] = newConst(ir.Const{Kind: ir.ConstInt, Int: int64(i)})
		}
		return vs
	}()
)

// OfObj is the value of one object.
func OfObj(o Obj) *Value {
	s := &struct {
		v Value
		o [1]Obj
	}{o: [1]Obj{o}}
	s.v.Objs = s.o[:]
	return &s.v
}

// OfTyped is the value of one object whose type is known as well.
func OfTyped(o Obj, typ string) *Value {
	v := OfObj(o)
	v.Type = typ
	return v
}

// OfSymbol is the value of one object that carries one label, in one piece of memory: parameters and what is read from them.
func OfSymbol(o Obj, l Label) *Value {
	s := &struct {
		v Value
		o [1]Obj
		l [1]Label
	}{o: [1]Obj{o}, l: [1]Label{l}}
	s.v.Objs, s.v.Taint = s.o[:], s.l[:]
	return &s.v
}

// OfType is a clean value of which only the type is known.
func OfType(typ string) *Value {
	if isTextType(typ) {
		return &Value{Type: typ, Str: &Skeleton{Parts: []Part{{IsHole: true}}}}
	}
	return &Value{Type: typ, AnyObj: !isScalar(typ)}
}

// Tainted is a value of which nothing but its taint is known.
func Tainted(typ string, ls ...Label) *Value {
	v := OfType(typ)
	v.Taint = NormalizeLabels(ls)
	if v.Str != nil {
		v.Str = &Skeleton{Parts: []Part{{IsHole: true, Taint: v.Taint}}}
	}
	return v
}

func isTextType(typ string) bool { return typ == "str" || typ == "bytes" }

func isScalar(typ string) bool {
	switch typ {
	case "str", "bytes", "int", "float", "bool", "NoneType":
		return true
	}
	return false
}

func isNumberType(typ string) bool { return typ == "int" || typ == "float" || typ == "bool" }

func constType(c ir.Const) string {
	switch c.Kind {
	case ir.ConstBool:
		return "bool"
	case ir.ConstInt:
		return "int"
	case ir.ConstFloat:
		return "float"
	case ir.ConstStr:
		return "str"
	case ir.ConstBytes:
		return "bytes"
	case ir.ConstNone:
		return "NoneType"
	}
	return "ellipsis"
}

// typeOf is the type of a value unless it is None; isNone when it can be nothing else.
func typeOf(v *Value) (typ string, isNone bool) {
	if !v.IsConst {
		return v.Type, false
	}
	isNone = true
	for _, c := range v.Consts() {
		switch t := constType(c); {
		case t == "NoneType":
		case isNone:
			typ, isNone = t, false
		case typ != t:
			return "", false
		}
	}
	return typ, isNone
}

// Join is the least value that holds both. It returns an operand when nothing changes.
func Join(a, b *Value) *Value {
	switch {
	case a == b, b == nil:
		return a
	case a == nil:
		return b
	case Equal(a, b):
		return a
	}
	r := join(a, b)
	switch {
	case Equal(&r, a):
		return a
	case Equal(&r, b):
		return b
	}
	out := r
	return &out
}

func join(a, b *Value) Value {
	r := Value{AnyObj: a.AnyObj || b.AnyObj, Marks: a.Marks | b.Marks, Facts: a.Facts & b.Facts}
	var over bool
	if r.Taint, over = joinLabels(a.Taint, b.Taint); over {
		r.Marks |= MarkWidened
	}
	var m more
	switch {
	case equalDerived(a.From(), b.From()):
		m.from = a.From()
	case len(a.Taint) == 0 && isBelow(b):
		m.from = b.From()
	case len(b.Taint) == 0 && isBelow(a):
		m.from = a.From()
	}
	r.Type = joinType(a, b)
	if a.IsConst && b.IsConst {
		if u := unionConsts(a.Consts(), b.Consts()); len(u) <= MaxConsts {
			m.consts, r.IsConst = u, true
			r.more = m.kept(a.more, b.more)
			return r
		}
	}
	if r.Objs, over = joinObjs(a.Objs, b.Objs); over {
		r.AnyObj = true
	}
	r.Loose = len(r.Objs) > 0 && !r.AnyObj && (a.Loose || b.Loose || len(a.Objs) == 0 || len(b.Objs) == 0)
	m.env = joinEnv(a, b)
	r.more = m.kept(a.more, b.more)
	joinText(&r, a, b)
	return r
}

func joinType(a, b *Value) string {
	ta, na := typeOf(a)
	tb, nb := typeOf(b)
	switch {
	case na && nb:
		return "NoneType"
	case na:
		return tb
	case nb, ta == tb:
		return ta
	}
	return ""
}

func unionConsts(a, b []ir.Const) []ir.Const {
	out := slices.Clone(a)
	for _, c := range b {
		if i, ok := slices.BinarySearchFunc(out, c, compareConst); !ok {
			out = slices.Insert(out, i, c)
		}
	}
	return out
}

// joinText joins the skeletons. A value that is no text (None, a number, an object) leaves the other's shape alone:
// a skeleton says what the text looks like if there is one.
func joinText(r, a, b *Value) {
	sa, na := textOf(a)
	sb, nb := textOf(b)
	switch {
	case na && nb:
		_, plain := textOf(r)
		r.NoText = !plain
	case na:
		r.Str = sb
	case nb:
		r.Str = sa
	case sa != nil && sb != nil:
		r.Str = joinSkeletons(sa, sb)
	}
}

// textOf is the skeleton of a value, nil when unknown; none when it is no text and clean.
func textOf(v *Value) (s *Skeleton, none bool) {
	if v.Str != nil {
		return v.Str, false
	}
	if v.IsConst {
		return constSkeleton(v), len(v.Taint) == 0 && !hasText(v.Consts())
	}
	if len(v.Taint) > 0 {
		return nil, false
	}
	return nil, v.NoText || isNumberType(v.Type) || len(v.Objs) > 0 && !v.AnyObj && !v.Loose
}

func hasText(cs []ir.Const) bool {
	return slices.ContainsFunc(cs, func(c ir.Const) bool { return isText(c) })
}

func isText(c ir.Const) bool { return c.Kind == ir.ConstStr || c.Kind == ir.ConstBytes }

// constSkeleton is the common shape of the texts among the constants; nil when there are none.
func constSkeleton(v *Value) *Skeleton {
	if len(v.Taint) > 0 {
		return nil
	}
	var s *Skeleton
	for _, c := range v.Consts() {
		if !isText(c) {
			continue
		}
		if t := literal(c.Str); s == nil {
			s = t
		} else {
			s = joinSkeletons(s, t)
		}
	}
	return s
}

// joinEnv keeps `os.environ.get("X") or "fallback"`: the constants that a plain variable is joined with are its default.
func joinEnv(a, b *Value) *EnvRef {
	switch {
	case a.Env() == nil && b.Env() == nil:
		return nil
	case a.Env() == nil:
		return envDefault(b.Env(), a)
	case b.Env() == nil:
		return envDefault(a.Env(), b)
	case equalEnv(a.Env(), b.Env()):
		return a.Env()
	case a.Env().Name != b.Env().Name:
		return nil
	case !a.Env().HasDefault:
		return b.Env()
	}
	return envDefault(a.Env(), b.Env().Default)
}

func envDefault(e *EnvRef, v *Value) *EnvRef {
	if v == nil {
		return e
	}
	if !v.IsConst {
		return nil
	}
	if !e.HasDefault {
		return &EnvRef{Name: e.Name, Default: v, HasDefault: true}
	}
	d := Join(e.Default, v)
	if d == nil || !d.IsConst {
		return nil
	}
	return &EnvRef{Name: e.Name, Default: d, HasDefault: true}
}

func equalEnv(a, b *EnvRef) bool {
	if a == b {
		return true
	}
	return a != nil && b != nil && a.Name == b.Name && a.HasDefault == b.HasDefault && Equal(a.Default, b.Default)
}

func equalDerived(a, b *Derived) bool {
	if a == b {
		return true
	}
	return a != nil && b != nil && a.How == b.How && a.Kinds == b.Kinds && a.Missed == b.Missed && equalWeak(a.Weak, b.Weak) &&
		Equal(a.Of, b.Of) && Equal(a.Arg, b.Arg)
}

func equalWeak(a, b *WeakGuard) bool { return a == b || a != nil && b != nil && *a == *b }

// Equal reports whether two values say the same. Traces are stories, not meaning: they do not count.
func Equal(a, b *Value) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.IsConst != b.IsConst || a.AnyObj != b.AnyObj || a.Marks != b.Marks || a.Facts != b.Facts {
		return false
	}
	if !equalLabels(a.Taint, b.Taint) || !equalDerived(a.From(), b.From()) {
		return false
	}
	if a.IsConst {
		return slices.Equal(a.Consts(), b.Consts())
	}
	return a.Type == b.Type && a.Loose == b.Loose && a.NoText == b.NoText && equalObjs(a.Objs, b.Objs) &&
		equalSkeletons(a.Str, b.Str) && equalEnv(a.Env(), b.Env())
}

// Leq reports whether joining a into b adds nothing.
func Leq(a, b *Value) bool { return Equal(Join(b, a), b) }

// Widen is what a loop or a recursion that does not settle makes of its old and new value: views that changed are given
// up, taint is kept.
func Widen(old, next *Value) *Value {
	r := Join(old, next)
	if old == nil || r == old || Equal(r, old) {
		return old
	}
	w := Value{AnyObj: true, Taint: r.Taint, Marks: r.Marks | MarkWidened, Type: r.Type, Objs: r.Objs}
	if !equalObjs(r.Objs, old.Objs) {
		w.Objs = nil
	}
	if isScalar(w.Type) {
		w.AnyObj = false
	}
	if isTextType(w.Type) || r.Str != nil {
		w.Str = &Skeleton{Parts: []Part{{IsHole: true, Taint: w.Taint}}}
		if equalSkeletons(r.Str, old.Str) {
			w.Str = r.Str
		}
	}
	if Equal(&w, old) {
		return old
	}
	return &w
}

// WithFacts adds facts.
func WithFacts(v *Value, f Facts) *Value {
	if v == nil || v.Facts&f == f {
		return v
	}
	r := *v
	r.Facts |= f
	if r.Facts&staysBelow == staysBelow && f&staysBelow != 0 {
		return Clear(&r, models.Kinds(models.PathRead, models.PathWrite, models.PathParent, models.Archive))
	}
	return &r
}

// staysBelow: what begins with no separator and holds no ".." stays below whatever folder it is joined to.
const staysBelow = FactNoClimb | FactRelative

// WithType returns the value with its type set.
func WithType(v *Value, typ string) *Value {
	if v == nil || v.IsConst || v.Type == typ {
		return v
	}
	r := *v
	r.Type = typ
	return &r
}

// maxDerived bounds chains of derivations: checks look three or four steps back, and loops must settle.
const maxDerived = 4

// derive records what v was computed from.
func derive(v *Value, how How, of *Value) *Value {
	return deriveWith(v, Derived{How: how, Of: of})
}

func deriveWith(v *Value, d Derived) *Value {
	if v == nil || d.Of == nil || v.IsConst && len(v.Taint) == 0 {
		return v
	}
	depth := 1
	if d.Arg != nil && d.Arg.From() != nil {
		d.Arg = d.Arg.underived()
	}
	for o := d.Of; o != nil && o.From() != nil; o = o.From().Of {
		depth++
	}
	if depth > maxDerived {
		d.Of = d.Of.underived()
	}
	return WithFrom(v, d)
}

// underived is the value without what it was computed from.
func (v *Value) underived() *Value {
	r := *v
	r.setFrom(nil)
	return &r
}
