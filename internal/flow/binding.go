package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// binding replaces the symbolic parameters of a summary by the arguments of one call.
type binding struct {
	f    *frame
	sum  *summary
	fn   *ir.Func
	args []*value.Value
	node ast.NodeID
	env  *closureEnv
	done small[broughtIn, bool]
	deep int
	// caller is the caller's heap when the first object of the callee came in.
	caller  heap
	note    string
	isGuess bool // see guess.go
	isHeld  bool // an object that nobody has looked into needs it, see suspend.go
	*translated
}

// translated remembers what was instantiated during a call.
type translated struct {
	values  small[*value.Value, *value.Value]
	origins []originLabels
	sets    []labelSet
	room    []value.Label // of origins
}

// originLabels are the labels of the argument that a symbolic origin stands for.
type originLabels struct {
	fn     ir.FuncID
	param  int32
	path   string
	labels []value.Label
}

// labelSet is a label set of the summary, and what it is in this call.
type labelSet struct{ of, is []value.Label }

func (b *binding) apply() *value.Value {
	if !b.f.s.isDear(b.fn) {
		b.does()
	}
	return b.gives()
}

// does repeats what the callee does besides giving something back.
func (b *binding) does() {
	f := b.f
	for _, s := range b.sum.heap.slots {
		switch k := f.s.keys.key(s.id); {
		case k.kind == value.ObjParam && k.site.Func == b.fn.ID:
			b.write(*k, s.obj)
		case k.site.Func != b.fn.ID && f.s.isShared(*k):
			b.writeShared(*k, s.obj)
		}
	}
	for _, e := range b.sum.effects {
		switch {
		case e.module != nil:
			f.putGlobal(e.module, e.name, b.value(e.v))
		case e.isCell:
			f.setCell(e.owner, e.name, b.value(e.v))
		case e.place.kind == flashPlace:
			f.keepFlashed(b.value(e.v))
		case e.place != place{}:
			f.keepIn(e.place, b.value(e.v))
		default:
			b.setAttr(&e)
		}
	}
	if f.record {
		b.makesViews()
		b.hits()
		b.ownHits()
		b.openEvents()
		b.renders()
	}
}

// endOfGenerator is the attribute for what a generator returns behind its last value.
const endOfGenerator = "end of generator"

// gives is what the callee gives back: an exception, nothing ever, or a value.
func (b *binding) gives() *value.Value {
	f := b.f
	if b.sum.raises != nil {
		f.raise(b.value(b.sum.raises))
	}
	if b.sum.noRet && f.s.funcs[b.fn.ID].status == done {
		f.dead, f.deadCall = true, true
		return nil
	}
	if b.fn.IsGenerator || b.sum.yields != nil {
		o := &object{typ: "generator", star: orUnknown(b.value(b.sum.yields))}
		if end := b.sum.ret; end != nil && len(end.Taint) > 0 { // of `end = yield from …`
			o = o.set(cell{kind: cellAttr, name: endOfGenerator, value: b.value(end)}, false)
		}
		if f.s.look(b.fn.ID).takesSent {
			o = o.set(cell{kind: cellAttr, name: sentTo, value: value.OfObj(value.Obj{Kind: value.ObjFunc, Func: b.fn.ID})}, false)
		}
		return f.allocAt("generator", b.node, 1, o)
	}
	if b.sum.ret == nil {
		return value.Unknown
	}
	return b.value(b.sum.ret)
}

// makesViews: the views that a factory makes know what it was called with, also when nothing but a blueprint leaves it.
func (b *binding) makesViews() {
	if len(b.fn.Params) == 0 || !b.f.s.isFactory(b.fn.ID) {
		return
	}
	s := b.f.s
	m, local := s.prog.Where(b.fn.ID)
	info := s.prog.Info(m)
	for i := local + 1; int(i) < len(info.Funcs) && info.Funcs[i].Outer >= local; i++ {
		if info.Funcs[i].Outer == local && isDecorated(info, i) {
			s.made(s.prog.FuncID(m, i), s.closure(b.fn, b.args, b.f, b.env))
		}
	}
}

// isKept: self of the method is an object of the whole process.
func (b *binding) isKept() bool {
	self := b.arg(0)
	return self != nil && len(self.Objs) == 1 && b.f.isKept(&self.Objs[0])
}

// setAttr repeats what the callee put into an attribute of self, or of another object.
func (b *binding) setAttr(e *effect) {
	to := instReach{isKept: e.isKept || b.isKept(), isAny: !e.isFirst && !b.isCertain(e.class)}
	class, v := e.class, b.value(e.v)
	if self := b.arg(0); b.fn.Class == class && self != nil && len(self.Objs) == 1 && self.Objs[0].Kind == value.ObjClass {
		// The class that a class method was called on, or that a metaclass is told of.
		class, to.isAny = self.Objs[0].Class, false
		if class != e.class && !b.f.s.look(b.fn.ID).isClassMethod {
			b.f.setInst(class, onClass+e.name, v, to)
		}
	}
	b.f.setInst(class, e.name, v, to)
}

// isCertain: the method is called on objects of a class of which it is known which they are. What it writes to them stands there.
func (b *binding) isCertain(class ir.ClassID) bool {
	self := b.arg(0)
	if self == nil || b.fn.Class != class || len(self.Objs) == 0 || self.AnyObj {
		return false
	}
	return !slices.ContainsFunc(self.Objs, func(o value.Obj) bool { return o.Kind != value.ObjInstance || o.Site == (value.Site{}) })
}

// write applies the callee's writes to what a parameter points to.
func (b *binding) write(k objKey, o *object) {
	target := b.follow(b.arg(k.param), k.path)
	if target == nil {
		return
	}
	for i := range target.Objs {
		b.keepItems(&target.Objs[i], o)
		key, ok := keyOf(&target.Objs[i])
		if !ok {
			b.writeRow(&target.Objs[i], o)
			b.writeClass(&target.Objs[i], o)
			continue
		}
		obj := b.f.object(key)
		if obj == nil {
			obj = &object{}
		}
		if !b.f.affords(o) {
			return
		}
		weak := len(target.Objs) > 1 || target.AnyObj
		if len(o.cells) > 0 {
			obj = obj.clone()
		}
		for j := range o.cells {
			c := o.cells[j]
			if c.checked && c.maybe {
				continue
			}
			c.value, c.checked = b.value(c.value), c.checked && key.kind == value.ObjParam
			obj.put(c, weak || c.maybe)
		}
		for _, e := range o.elems {
			obj = obj.push(b.value(e), b.node, weak)
		}
		if o.star != nil {
			obj = obj.share()
			obj.putStar(b.value(o.names), b.value(o.star))
			obj.exact = false
		}
		b.f.heap.put(key, obj)
	}
}

// writeClass is what a callee that was given a class put on it, as decorators of classes do.
func (b *binding) writeClass(to *value.Obj, o *object) {
	if to.Kind != value.ObjClass {
		return
	}
	reach := b.f.reachOf(to)
	for i := range o.cells {
		if c := &o.cells[i]; c.kind == cellAttr && !c.checked {
			v := b.value(c.value)
			b.f.setInst(to.Class, c.name, v, reach)
			b.f.setInst(to.Class, onClass+c.name, v, reach)
		}
	}
}

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
