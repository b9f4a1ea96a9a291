package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
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
	isKept := e.isKept || b.isKept() && !b.f.s.isModel(e.class) // whose method it is says nothing of a row
	to := instReach{isKept: isKept, isAny: !e.isFirst && !b.isCertain(e.class)}
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
