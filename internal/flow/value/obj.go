package value

import (
	"cmp"
	"slices"

	"stopper/internal/ir"
)

// Compare orders objects; equal objects compare as 0.
func (o *Obj) Compare(p *Obj) int {
	switch {
	case o.Kind != p.Kind:
		return cmp.Compare(o.Kind, p.Kind)
	case o.Func != p.Func:
		return cmp.Compare(o.Func, p.Func)
	case o.Class != p.Class:
		return cmp.Compare(o.Class, p.Class)
	case o.Param != p.Param:
		return cmp.Compare(o.Param, p.Param)
	case o.Site != p.Site:
		return cmp.Or(cmp.Compare(o.Site.Func, p.Site.Func), cmp.Compare(o.Site.Node, p.Site.Node), cmp.Compare(o.Site.Context, p.Site.Context))
	case o.Path != p.Path:
		return cmp.Compare(o.Path, p.Path)
	case o.Name != p.Name:
		return cmp.Compare(o.Name, p.Name)
	}
	if o.Recv == p.Recv {
		return 0
	}
	return compareShallow(o.Recv, p.Recv)
}

// Less is the order of Value.Objs.
func (o *Obj) Less(p *Obj) bool { return o.Compare(p) < 0 }

// compareShallow orders receivers by their objects, constants and type, one level deep: a receiver of a receiver
// does not tell objects apart, so that chains of bound methods cannot make ever new ones.
func compareShallow(a, b *Value) int {
	if a == nil || b == nil {
		return cmp.Compare(boolInt(a != nil), boolInt(b != nil))
	}
	if c := cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(len(a.Objs), len(b.Objs)), cmp.Compare(len(a.Consts()), len(b.Consts()))); c != 0 {
		return c
	}
	for i := range a.Objs {
		x, y := a.Objs[i], b.Objs[i]
		x.Recv, y.Recv = nil, nil
		if c := x.Compare(&y); c != 0 {
			return c
		}
	}
	for i := range a.Consts() {
		if c := compareConst(a.Consts()[i], b.Consts()[i]); c != 0 {
			return c
		}
	}
	return 0
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func compareConst(a, b ir.Const) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(boolInt(a.IsBig), boolInt(b.IsBig)),
		cmp.Compare(a.Int, b.Int), cmp.Compare(a.Str, b.Str))
}

// OfObjs is the value that is one of some objects, whose list it may sort.
func OfObjs(objs []Obj) *Value {
	if len(objs) == 0 {
		return nil
	}
	slices.SortFunc(objs, func(a, b Obj) int { return a.Compare(&b) })
	n := 1
	for i := 1; i < len(objs); i++ {
		if last := &objs[n-1]; last.Compare(&objs[i]) == 0 {
			last.Recv = Join(last.Recv, objs[i].Recv)
			continue
		}
		objs[n] = objs[i]
		n++
	}
	switch {
	case n > MaxObjs:
		return &Value{Objs: slices.Clone(fewer(objs[:n])), AnyObj: true, NoText: true}
	case n == 1:
		return OfObj(objs[0])
	case n == 2:
		s := &struct {
			v Value
			o [2]Obj
		}{o: [2]Obj(objs)}
		s.v.Objs = s.o[:]
		return &s.v
	}
	return &Value{Objs: slices.Clone(objs[:n])}
}

// joinObjs is the union of two sorted lists; past MaxObjs the first ones stay and overflow is true.
func joinObjs(a, b []Obj) (out []Obj, overflow bool) {
	if len(b) == 0 {
		return a, false
	}
	if len(a) == 0 {
		return b, false
	}
	if len(a) == len(b) && &a[0] == &b[0] {
		return a, false
	}
	if holdsObjs(a, b) {
		return a, false
	}
	if holdsObjs(b, a) {
		return b, false
	}
	out = make([]Obj, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch c := a[0].Compare(&b[0]); {
		case c < 0:
			out, a = append(out, a[0]), a[1:]
		case c > 0:
			out, b = append(out, b[0]), b[1:]
		default:
			o := a[0]
			if o.Recv != b[0].Recv {
				o.Recv = Join(o.Recv, b[0].Recv)
			}
			out, a, b = append(out, o), a[1:], b[1:]
		}
	}
	out = append(append(out, a...), b...)
	if len(out) > MaxObjs {
		return fewer(out), true
	}
	return out, false
}

// maxParams is how many parameters stay when there are too many objects.
const maxParams = 2

// fewer are the first of too many objects, and the first parameters among the others: a caller can still say which object such a one
// is, when nobody else can any more.
func fewer(objs []Obj) []Obj {
	kept, rest := objs[:MaxObjs:MaxObjs], objs[MaxObjs:]
	rest = rest[firstParam(rest):]
	n := min(maxParams, len(rest))
	for n > 0 && rest[n-1].Kind != ObjParam {
		n--
	}
	if n == 0 {
		return kept
	}
	return append(slices.Clone(kept[:MaxObjs-n]), rest[:n]...)
}

// firstParam is where the parameters begin in a sorted list; its length when there are none.
func firstParam(objs []Obj) int {
	for i := range objs {
		if objs[i].Kind == ObjParam {
			return i
		}
	}
	return len(objs)
}

// holdsObjs reports whether every object of b stands in a as it is.
func holdsObjs(a, b []Obj) bool {
	for i := range b {
		for len(a) > 0 && a[0].Compare(&b[i]) < 0 {
			a = a[1:]
		}
		if len(a) == 0 || a[0].Recv != b[i].Recv || a[0].Compare(&b[i]) != 0 {
			return false
		}
	}
	return true
}

func equalObjs(a, b []Obj) bool {
	if len(a) != len(b) {
		return false
	}
	if len(a) > 0 && &a[0] == &b[0] {
		return true
	}
	for i := range a {
		if a[i].Compare(&b[i]) != 0 || !Equal(a[i].Recv, b[i].Recv) {
			return false
		}
	}
	return true
}
