package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// Objects of the process: what the code of a module or class body made is there for all requests. One of them leaves words
// behind, another finds them:
//
//	CACHE = {}
//	def put(): CACHE["motto"] = request.form["motto"]
//	def get(): return CACHE["motto"]

// isProcessWide: module-level code made the object.
func (s *solver) isProcessWide(site value.Site) bool {
	if site == (value.Site{}) || int(site.Func) >= len(s.funcs) {
		return false
	}
	fn := s.funcs[site.Func].ir
	return fn != nil && (fn.Kind == ir.KindModule || fn.Kind == ir.KindClassBody)
}

// stored is a value that another request left behind.
func stored(v *value.Value) *value.Value {
	if v == nil || len(v.Taint) == 0 {
		return v
	}
	return fromRemote(value.WithMark(v, value.MarkGlobal), models.Stored)
}

// fromRemote is the value with another kind of source in place of the request that is being answered.
func fromRemote(v *value.Value, kind models.SourceKind) *value.Value {
	return mapTaint(v, func(ls []value.Label) []value.Label {
		out := make([]value.Label, len(ls))
		for i, l := range ls {
			if l.Origin.Kind == value.OriginSource && l.Origin.Source == models.Remote {
				l.Origin.Source = kind
			}
			out[i] = l
		}
		return value.NormalizeLabels(out)
	})
}

// isShared: the key names an object of the process.
func (s *solver) isShared(k objKey) bool {
	return k.kind == value.ObjSite && s.isProcessWide(k.site)
}

// leaveBehind writes what a function put into collections of the process where other functions find it.
func (f *frame) leaveBehind() {
	s := f.s
	for _, slot := range f.retHp.slots {
		k := *s.keys.key(slot.id)
		if !s.isShared(k) || k.site.Func == f.fn.ID {
			continue
		}
		old := s.global.at(slot.id)
		if old == slot.obj {
			continue
		}
		n := joinObjects(old, f.keptObject(slot.obj.force()))
		if old != nil && equalObjects(old, n) {
			continue
		}
		s.global.put(slot.id, n)
		if n.weight() > old.weight() {
			s.touched(k)
		}
	}
}

// touchShared: what a module's body put into objects of other bodies is new for those who looked into them before.
func (f *frame) touchShared() {
	for _, slot := range f.retHp.slots {
		if k := *f.s.keys.key(slot.id); f.s.lookers[k] != nil && slot.obj.force().weight() > f.s.global.at(slot.id).weight() {
			f.s.touched(k)
		}
	}
}

// weight counts what can make a finding: taint, and things to call.
func (o *object) weight() int {
	if o == nil {
		return 0
	}
	n := 0
	add := func(v *value.Value) {
		if v != nil {
			n += len(v.Taint) + len(v.Objs)
		}
	}
	for i := range o.cells {
		add(o.cells[i].value)
	}
	for _, e := range o.elems {
		add(e)
	}
	add(o.star)
	return n
}

// keptObject is an object as another request finds it.
func (f *frame) keptObject(o *object) *object {
	n := o.clone()
	kept := func(v *value.Value) *value.Value {
		if v == nil {
			return nil
		}
		f.escape(v)
		return value.Disown(stored(f.dropParams(v)))
	}
	for i := range n.cells {
		n.cells[i].value, n.cells[i].maybe = kept(n.cells[i].value), true
	}
	n.elems = slices.Clone(o.elems)
	for i := range n.elems {
		n.elems[i] = kept(n.elems[i])
	}
	n.star = kept(n.star)
	return n
}

// reads notes that a function looks into a collection of the process.
func (s *solver) reads(k objKey, id ir.FuncID) {
	if !s.isShared(k) || k.site.Func == id {
		return
	}
	if s.lookers == nil {
		s.lookers = map[objKey]*readers{}
	}
	r := s.lookers[k]
	if r == nil {
		r = &readers{}
		s.lookers[k] = r
	}
	r.add(id)
}

// touched: a collection of the process grew, and who looked into it looks again.
func (s *solver) touched(k objKey) {
	if r := s.lookers[k]; r != nil {
		for _, id := range r.ids {
			s.funcs[id].isDirty = true
		}
	}
}

// writeShared gives the caller what the callee put into a collection of the process.
func (b *binding) writeShared(k objKey, o *object) {
	old := b.f.object(k)
	if old == o {
		return
	}
	n := *o.force()
	b.fill(&n, &n)
	b.f.heap.put(k, joinObjects(old, &n))
}

// mayHaveMore: a collection of the process that is empty in the code was filled somewhere that was not seen.
func (f *frame) mayHaveMore(k objKey, o *object) bool {
	return len(o.cells) == 0 && len(o.elems) == 0 && o.star == nil && f.fn.Kind <= ir.KindLambda && f.s.isShared(k)
}
