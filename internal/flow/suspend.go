package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
)

// suspended is what an object that a callee returned will hold, once somebody looks: nine in ten are never looked into, and
// instantiating their cells was most of the work of a call.
type suspended struct {
	b   *binding // with the caller's heap at the call
	src *object  // the callee's
	old *object  // what an earlier round of a loop brought in at the same place, which nobody had looked into; may be nil
}

// force instantiates the cells of a suspended object.
func (o *object) force() *object {
	if o == nil || o.lazy == nil {
		return o
	}
	l := o.lazy
	o.lazy = nil
	src := l.src.force()
	o.typ, o.exact, o.summary, o.nodes = src.typ, src.exact, src.summary, src.nodes
	f := l.b.f
	if f.s.forcing >= maxNestedObjects {
		f.s.trip(f.fn, limitPaths)
		o.exact = false
		return o
	}
	f.s.forcing++
	now, dead, deadCall := f.heap, f.dead, f.deadCall
	f.heap = l.b.caller.fork()
	if l.b.translated == nil { // the call is over
		l.b.translated = f.s.translation()
		l.b.fill(o, src)
		f.s.untranslate(l.b.translated)
		l.b.translated = nil
	} else {
		l.b.fill(o, src)
	}
	f.s.forcing--
	then := f.heap
	f.heap, f.dead, f.deadCall = now, dead, deadCall
	f.heap.addNew(&then)
	if l.old != nil {
		*o = *joinObjects(l.old.force(), o)
		o.base = o
	}
	return o
}

// arrivals are the objects that calls brought into a frame, by the number of their key. They are no part of the heap of a block
// until somebody writes to them: which objects a call brings in, and what they hold then, is the same on all ways to a block.
type arrivals struct{ objs map[int32]*object }

func (a *arrivals) peek(id int32) *object {
	if a == nil {
		return nil
	}
	return a.objs[id]
}

// find is the object whose key has a number: as the block has changed it, or as a call brought it in.
func (f *frame) find(id int32) *object {
	if o := f.heap.at(id); o != nil {
		return o
	}
	return f.arrived.peek(id).force()
}

// brought is what calls brought in under a number; what the code of a module or class body gets outlives it.
func (f *frame) brought(id int32) *object {
	if f.isModuleLevel() {
		return f.s.global.objs[id]
	}
	return f.arrived.peek(id)
}

func (f *frame) bring(id int32, o *object) {
	if f.isModuleLevel() {
		f.s.global.put(id, o)
		f.s.lastsFrom(f.s.keys.key(id).site)
		return
	}
	if f.arrived == nil {
		f.arrived = &arrivals{objs: map[int32]*object{}}
	}
	if len(f.arrived.objs) >= maxHeapObjs && f.arrived.objs[id] == nil {
		f.s.keys.dropped++
		return
	}
	f.arrived.objs[id] = o
}

func (f *frame) isModuleLevel() bool {
	return f.fn.Kind == ir.KindModule || f.fn.Kind == ir.KindClassBody
}

// peek is an object of the function's heap, suspended perhaps.
func (s *summary) peek(id int32) *object {
	if i, ok := s.heap.find(id); ok {
		return s.heap.slots[i].obj
	}
	return s.arrived.peek(id)
}

// addNew takes over the objects that h lacks.
func (h *heap) addNew(from *heap) {
	for _, s := range from.slots {
		if _, ok := h.find(s.id); !ok {
			h.putAt(s.id, s.obj)
		}
	}
}

// fill gives n the cells of src with the meaning that they have for this call.
func (b *binding) fill(n, src *object) {
	if !b.f.affords(src) {
		n.exact = false
		return
	}
	n.cells = slices.Clone(src.cells)
	for i := range n.cells {
		n.cells[i].value = b.value(n.cells[i].value)
	}
	n.elems = slices.Clone(src.elems)
	for i := range n.elems {
		n.elems[i] = b.value(n.elems[i])
	}
	n.star, n.names = b.value(src.star), b.value(src.names)
}

// broughtIn is an object of the callee, by the number of its key. Library objects keep their site.
type broughtIn struct {
	id        int32
	isLibrary bool
}

// imported brings an object that the callee allocated into the caller's frame, as one object per call.
func (b *binding) imported(o value.Obj) value.Obj {
	k, ok := keyOf(&o)
	if !ok || b.f.s.isShared(k) {
		return o
	}
	from, ok := b.f.s.keys.find(k)
	if !ok {
		return o
	}
	src := b.sum.peek(from)
	if src == nil {
		return o
	}
	if o.Kind != value.ObjLibrary {
		o.Site.Context = (o.Site.Context+1)*16777619 ^ uint32(b.node) ^ uint32(b.f.fn.ID)<<16
	}
	once := broughtIn{from, o.Kind == value.ObjLibrary}
	if _, ok := b.done.get(once); ok {
		return o
	}
	b.done.put(once, true)
	nk, _ := keyOf(&o)
	b.arrive(b.f.s.keys.id(nk), src)
	return o
}

// arrive puts what a callee allocated into the caller's frame, with the cells that it has for this call.
func (b *binding) arrive(id int32, src *object) {
	f := b.f
	b.isHeld, f.isHeld = true, true
	b.before()
	s := &struct {
		object
		suspended
	}{suspended: suspended{b: b, src: src}}
	n := &s.object
	n.typ, n.exact, n.summary, n.lazy, n.base = src.typ, src.exact, src.summary, &s.suspended, n
	written := f.heap.peek(id)
	switch old := f.brought(id); {
	case written != nil && f.info.hasLoop:
		f.heap.putAt(id, joinObjects(written.force(), n))
	case written != nil:
		f.heap.putAt(id, n)
	case old == nil || !f.info.hasLoop:
		f.bring(id, n)
	case old.lazy != nil:
		n.lazy.old = old
		f.bring(id, n)
	default:
		// Somebody looked into it: a block of the loop has to run again for what is new.
		if joined := joinObjects(old, n); joined != old && !equalObjects(old, joined) {
			f.bring(id, joined)
			f.heap.putAt(id, joined)
		}
	}
}

// before keeps the caller's heap without what this call brings into it.
func (b *binding) before() {
	if b.caller.keys == nil {
		b.caller = b.f.heap.fork()
	}
}
