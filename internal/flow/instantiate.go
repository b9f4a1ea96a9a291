package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

func (b *binding) arg(i int32) *value.Value {
	if int(i) < len(b.args) {
		return b.args[i]
	}
	return nil
}

// value instantiates a value.
func (b *binding) value(v *value.Value) *value.Value {
	if v == nil || !b.touches(v) {
		return v
	}
	if r, ok := b.values.get(v); ok {
		return r
	}
	b.f.values++
	b.f.s.brought++
	r := b.instantiate(v)
	b.values.put(v, r)
	return r
}

func (b *binding) instantiate(v *value.Value) *value.Value {
	if len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjParam && v.Objs[0].Path == "" && v.Objs[0].Func == b.fn.ID && !v.AnyObj && !v.IsConst {
		if a := b.arg(v.Objs[0].Param); a != nil && len(v.Taint) <= 1 {
			a = value.Clear(a, b.cleared(v, &v.Objs[0]))
			if len(a.Taint) == 0 {
				return a
			}
			return value.WithStep(a, b.f.fn.ID, b.node, "returned by "+b.fn.Name)
		}
	}
	if a := b.checkedAttr(v); a != nil {
		return a
	}
	if len(v.Objs) > 0 && !v.IsConst && !v.AnyObj && !v.Loose && v.Str == nil {
		taint := b.labels(b.uncarried(v))
		if len(v.Objs) == 1 && b.isPlain(&v.Objs[0]) && len(taint) == 0 && len(v.Taint) == 0 {
			if o := b.imported(v.Objs[0]); o.Compare(&v.Objs[0]) == 0 {
				return v
			}
		}
		if out := b.objs(v); out != nil {
			return value.AddLabels(out, taint)
		}
		n := *v
		n.Taint, n.Objs = taint, nil
		return &n
	}
	n := mapTaint(v, b.labels)
	n.Objs = nil
	return join(n, b.objs(v))
}

// cleared are the kinds that the function has cleared a parameter of.
func (b *binding) cleared(v *value.Value, o *value.Obj) models.KindSet {
	for i := range v.Taint {
		if l := &v.Taint[i]; l.Origin.Kind == value.OriginParam && l.Origin.Func == o.Func && l.Origin.Param == o.Param && l.Origin.Name == o.Path {
			return l.Cleared
		}
	}
	return 0
}

// uncarried are the labels of a value but those of a parameter that is itself among its objects: what the argument holds is
// reached through that, item by item.
func (b *binding) uncarried(v *value.Value) []value.Label {
	isCarried := func(l value.Label) bool {
		if l.Origin.Kind != value.OriginParam || l.Cleared != 0 || len(l.Weak()) > 0 {
			return false
		}
		return slices.ContainsFunc(v.Objs, func(o value.Obj) bool {
			return o.Kind == value.ObjParam && o.Func == l.Origin.Func && o.Param == l.Origin.Param && o.Path == l.Origin.Name && b.owns(o.Func)
		})
	}
	if !slices.ContainsFunc(v.Taint, isCarried) {
		return v.Taint
	}
	return slices.DeleteFunc(slices.Clone(v.Taint), isCarried)
}

func (b *binding) objs(v *value.Value) *value.Value {
	if len(v.Objs) == 1 {
		return b.obj(v, v.Objs[0])
	}
	var out *value.Value
	var room [value.MaxObjs]value.Obj
	plain := room[:0]
	for _, o := range v.Objs {
		if b.isSelf(v, &o) {
			continue
		}
		if b.isPlain(&o) {
			plain = append(plain, b.imported(o))
		} else {
			out = join(out, b.obj(v, o))
		}
	}
	return join(out, value.OfObjs(plain))
}

// isSelf: the object stands for whatever instance the method is called on, and the caller knows which one that is.
func (b *binding) isSelf(v *value.Value, o *value.Obj) bool {
	if o.Kind != value.ObjInstance || o.Site != (value.Site{}) || o.Class != b.fn.Class || !b.isCertain(o.Class) {
		return false
	}
	return slices.ContainsFunc(v.Objs, func(p value.Obj) bool {
		return p.Kind == value.ObjParam && p.Func == b.fn.ID && p.Param == 0 && p.Path == ""
	})
}

// isPlain: an object of the callee is one object here.
func (b *binding) isPlain(o *value.Obj) bool {
	switch o.Kind {
	case value.ObjSite, value.ObjInstance, value.ObjLibrary, value.ObjClass, value.ObjModule, value.ObjExternal:
		return true
	case value.ObjFunc:
		return !b.f.s.isInner(o.Func, b.fn.ID)
	}
	return false
}

// touches reports whether anything in v needs replacing.
func (b *binding) touches(v *value.Value) bool {
	for i := range v.Taint {
		if v.Taint[i].Origin.Kind == value.OriginParam && b.owns(v.Taint[i].Origin.Func) || b.drops(&v.Taint[i]) {
			return true
		}
	}
	for i := range v.Objs {
		switch o := &v.Objs[i]; o.Kind {
		case value.ObjParam:
			if b.owns(o.Func) {
				return true
			}
		case value.ObjSite, value.ObjInstance, value.ObjLibrary, value.ObjFunc, value.ObjBound, value.ObjMember, value.ObjPartial:
			return true
		}
	}
	return false
}

// drops: the label speaks of any instance, and the caller knows which one it is.
func (b *binding) drops(l *value.Label) bool { return l.Own != 0 && b.owns(ir.FuncID(l.Own-1)) }

func (b *binding) owns(id ir.FuncID) bool { return id == b.fn.ID || b.env.of(id) != nil }

func (b *binding) paramValue(fn ir.FuncID, i int32) *value.Value {
	if fn == b.fn.ID {
		return b.arg(i)
	}
	if e := b.env.of(fn); e != nil && int(i) < len(e.args) {
		return e.args[i]
	}
	return nil
}

// obj instantiates one object of a value.
func (b *binding) obj(of *value.Value, o value.Obj) *value.Value {
	switch o.Kind {
	case value.ObjParam:
		if !b.owns(o.Func) {
			return value.OfObj(o)
		}
		return value.Clear(b.passedAs(&o), b.cleared(of, &o))
	case value.ObjSite, value.ObjInstance:
		return value.OfObj(b.imported(o))
	case value.ObjLibrary:
		b.imported(o)
	case value.ObjFunc:
		if b.f.s.isInner(o.Func, b.fn.ID) {
			o.Site.Context = b.f.s.closure(b.fn, b.args, b.f, b.env)
			b.f.s.made(o.Func, o.Site.Context)
			return value.OfObj(o)
		}
	case value.ObjBound, value.ObjMember, value.ObjPartial:
		if b.deep < 4 && o.Recv != nil {
			b.deep++
			o.Recv = b.value(o.Recv)
			b.deep--
			if o.Kind == value.ObjPartial {
				o.Site = b.imported(value.Obj{Kind: value.ObjSite, Site: o.Site}).Site
			}
		}
	}
	return value.OfObj(o)
}

// passedAs is what the caller has in place of a parameter, or of something below it.
func (b *binding) passedAs(o *value.Obj) *value.Value {
	v := b.paramValue(o.Func, o.Param)
	if v == nil {
		return value.Unknown
	}
	return b.follow(v, o.Path)
}

// follow reads an attribute path below an argument.
func (b *binding) follow(v *value.Value, path string) *value.Value {
	if b.f.s.following >= maxNestedPaths && v != nil {
		b.f.s.trip(b.f.fn, limitPaths)
		return derived(v.Marks, v)
	}
	b.f.s.following++
	defer func() { b.f.s.following-- }()
	for name := range strings.SplitSeq(path, ".") {
		if name == "" || name == "*" || v == nil {
			continue
		}
		if name == eachItem {
			v = b.f.iterate(v, b.node)
			continue
		}
		if key, ok := b.f.s.pathItem(name); ok {
			v = b.f.loadIndex(v, key, b.node)
			continue
		}
		if method, ok := strings.CutSuffix(name, methodPart); ok {
			v = derived(v.Marks, b.f.askedOf(v, method))
			continue
		}
		if method, ok := strings.CutSuffix(name, "()"); ok {
			v = b.f.resultOf(v, method, b.node)
			continue
		}
		if b.fn.Kind == ir.KindTemplate {
			v = b.f.shownMember(v, name, b.node)
			continue
		}
		v = b.f.loadAttr(v, name, b.node)
	}
	return v
}

// labels instantiates a label set.
func (b *binding) labels(ls []value.Label) []value.Label {
	if !hasParamLabel(ls) && !hasOwn(ls) {
		return ls
	}
	for i := range b.sets {
		if s := &b.sets[i]; len(s.of) == len(ls) && &s.of[0] == &ls[0] {
			return s.is
		}
	}
	out := b.f.s.labelBuf[:0]
	b.f.s.labelBuf = nil // following an origin may come back here
	for i := range ls {
		l := &ls[i]
		if b.drops(l) {
			continue
		}
		if l.Origin.Kind != value.OriginParam || !b.owns(l.Origin.Func) {
			out = append(out, *l)
			continue
		}
		for _, a := range b.ofOrigin(&l.Origin) {
			a.Cleared |= l.Cleared
			a.Marks |= l.Marks
			a.AddWeak(l.Weak())
			if i := sameLabel(out, &a); i >= 0 {
				continue
			}
			a.Trace = value.Rebase(l.Trace, a.Trace)
			out = append(out, a)
		}
	}
	b.f.s.labelBuf = out[:0]
	b.f.carried(len(out))
	out = value.SortedLabels(out)
	b.sets = append(b.sets, labelSet{ls, out})
	return out
}

func hasOwn(ls []value.Label) bool {
	return slices.ContainsFunc(ls, func(l value.Label) bool { return l.Own != 0 })
}

// passed is the note of the step into the callee.
func (b *binding) passed() string {
	if b.note == "" {
		b.note = "passed to " + b.fn.Name
	}
	return b.note
}

// sameLabel finds a label that says the same but for its trace.
func sameLabel(ls []value.Label, l *value.Label) int {
	for i := range ls {
		if ls[i].Origin == l.Origin && ls[i].Cleared == l.Cleared && ls[i].Marks == l.Marks && len(ls[i].Weak()) == len(l.Weak()) {
			return i
		}
	}
	return -1
}

// ofOrigin are the labels of the argument behind a symbolic origin.
func (b *binding) ofOrigin(o *value.Origin) []value.Label {
	for i := range b.origins {
		if k := &b.origins[i]; k.param == o.Param && k.fn == o.Func && k.path == o.Name {
			return k.labels
		}
	}
	var labels []value.Label
	if v := b.f.deep(b.follow(b.paramValue(o.Func, o.Param), o.Name)); v != nil && len(v.Taint) > 0 {
		n := len(b.room)
		b.room = append(b.room, v.Taint...)
		labels = b.room[n:len(b.room):len(b.room)]
		for i := range labels {
			labels[i].Trace = value.Extend(labels[i].Trace, b.f.fn.ID, b.node, b.passed())
		}
	}
	b.origins = append(b.origins, originLabels{o.Func, o.Param, o.Name, labels})
	return labels
}
