package flow

import (
	"slices"

	"stopper/internal/flow/value"
)

// reach finds the objects that a caller can still get at: most of what a function makes, or is given by what it calls, ends
// with it.
type reach struct {
	sum  *summary
	keys *keyTable
	seen map[int32]bool
	todo []*object
}

// dropUnreachable leaves in a summary the objects that its values lead to, those of its parameters and those of the process.
func (f *frame) dropUnreachable() {
	sum := f.sum
	if len(sum.heap.slots) == 0 && sum.arrived == nil {
		return
	}
	r := reach{sum: sum, keys: f.s.keys, seen: map[int32]bool{}}
	for i := range sum.heap.slots {
		s := &sum.heap.slots[i]
		if k := r.keys.key(s.id); k.kind == value.ObjParam || f.s.isShared(*k) {
			r.object(s.id, s.obj)
		}
	}
	r.value(sum.ret)
	r.value(sum.yields)
	r.value(sum.raises)
	for i := range sum.effects {
		r.value(sum.effects[i].v)
	}
	for i := range sum.renders {
		r.value(sum.renders[i].what)
		for _, a := range sum.renders[i].context {
			r.value(a.v)
		}
	}
	for _, e := range sum.events {
		r.value(e.Recv)
	}
	for _, hits := range [...][]*Hit{sum.hits, sum.own} {
		for _, h := range hits {
			r.value(h.Value)
			r.value(h.Recv)
		}
	}
	r.follow()
	if len(r.seen) < len(sum.heap.slots) {
		sum.heap.own(0)
		sum.heap.slots = slices.Clip(slices.DeleteFunc(sum.heap.slots, func(s slot) bool { return !r.seen[s.id] }))
	}
	if sum.arrived != nil {
		for id := range sum.arrived.objs {
			if !r.seen[id] {
				delete(sum.arrived.objs, id)
			}
		}
	}
}

func (r *reach) object(id int32, o *object) {
	if o != nil && !r.seen[id] {
		r.seen[id] = true
		r.todo = append(r.todo, o)
	}
}

func (r *reach) follow() {
	for len(r.todo) > 0 {
		o := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		if l := o.lazy; l != nil { // nothing is in it before somebody looks, who then needs what the call was passed
			for _, a := range l.b.args {
				r.value(a)
			}
			if l.old != nil {
				r.todo = append(r.todo, l.old)
			}
			continue
		}
		for i := range o.cells {
			r.value(o.cells[i].value)
		}
		for _, e := range o.elems {
			r.value(e)
		}
		r.value(o.star)
	}
}

// value marks the objects of a value, and of what its methods are bound to.
func (r *reach) value(v *value.Value) {
	for depth := 0; v != nil && depth < 8; depth++ {
		var next *value.Value
		for i := range v.Objs {
			o := &v.Objs[i]
			if o.Kind == value.ObjPartial {
				r.key(objKey{kind: value.ObjSite, site: o.Site})
			} else if k, ok := keyOf(o); ok {
				r.key(k)
			}
			if o.Recv == nil {
				continue
			}
			if next != nil {
				r.value(next)
			}
			next = o.Recv
		}
		v = next
	}
}

func (r *reach) key(k objKey) {
	if id, ok := r.keys.find(k); ok {
		r.object(id, r.sum.peek(id))
	}
}
