package flow

import (
	"slices"

	"stopper/internal/flow/value"
)

// suspended is what an object that a callee returned will hold, once somebody looks: nine in ten are never looked into, and
// instantiating their cells was most of the work of a call.
type suspended struct {
	b    *binding
	src  *object // the callee's
	heap heap    // the caller's at the call
}

// force instantiates the cells of a suspended object.
func (o *object) force() *object {
	if o == nil || o.lazy == nil {
		return o
	}
	l := o.lazy
	o.lazy = nil
	f := l.b.f
	now, dead, deadCall := f.heap, f.dead, f.deadCall
	f.heap = l.heap.fork()
	l.b.fill(o, l.src)
	then := f.heap
	f.heap, f.dead, f.deadCall = now, dead, deadCall
	f.heap.addNew(&then)
	return o
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
	n.cells = slices.Clone(src.cells)
	for i := range n.cells {
		n.cells[i].value = b.value(n.cells[i].value)
	}
	n.elems = slices.Clone(src.elems)
	for i := range n.elems {
		n.elems[i] = b.value(n.elems[i])
	}
	n.star = b.value(src.star)
}

// broughtIn is an object of the callee, by the number of its key. Library objects keep their site.
type broughtIn struct {
	id        int32
	isLibrary bool
}

// imported brings an object that the callee allocated into the caller's heap, as one object per call.
func (b *binding) imported(o value.Obj) value.Obj {
	k, ok := keyOf(&o)
	if !ok || len(b.sum.heap.slots) == 0 || b.f.s.isShared(k) {
		return o
	}
	from, ok := b.f.s.keys.find(k)
	if !ok {
		return o
	}
	src := b.sum.heap.at(from)
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
	id := b.f.s.keys.id(nk)
	n := *src
	if old := b.f.heap.at(id); old != nil && b.f.info.hasLoop {
		b.fill(&n, src)
		b.f.heap.putAt(id, joinObjects(old, &n))
		return o
	}
	b.reachAll(src)
	n.cells, n.elems, n.star = nil, nil, nil
	n.lazy = &suspended{b: b, src: src, heap: b.before()}
	b.f.heap.putAt(id, &n)
	return o
}

// before is the caller's heap without what this call brings into it.
func (b *binding) before() heap {
	if b.caller.keys == nil {
		b.caller = b.f.heap.fork()
	}
	return b.caller.fork()
}

// reachAll brings the objects that src refers to into the caller's heap: when its cells are asked for, the heap of the
// moment may be another one.
func (b *binding) reachAll(src *object) {
	for i := range src.cells {
		b.reach(src.cells[i].value)
	}
	for _, e := range src.elems {
		b.reach(e)
	}
	b.reach(src.star)
}

func (b *binding) reach(v *value.Value) {
	if v == nil {
		return
	}
	for i := range v.Objs {
		switch o := &v.Objs[i]; o.Kind {
		case value.ObjSite, value.ObjInstance, value.ObjLibrary:
			b.imported(*o)
		case value.ObjBound, value.ObjMember, value.ObjPartial:
			if b.deep < 4 && o.Recv != nil {
				b.deep++
				b.reach(o.Recv)
				b.deep--
				if o.Kind == value.ObjPartial {
					b.imported(value.Obj{Kind: value.ObjSite, Site: o.Site})
				}
			}
		}
	}
}
