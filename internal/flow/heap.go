package flow

import (
	"slices"

	"stopper/internal/flow/value"
)

// objKey names a heap object: an allocation site, or what a parameter points to.
type objKey struct {
	kind  value.ObjKind
	site  value.Site
	param int32
	path  string
}

// keyOf is the heap key of an object; false for things without cells.
func keyOf(o *value.Obj) (objKey, bool) {
	switch o.Kind {
	case value.ObjSite, value.ObjLibrary:
		return objKey{kind: value.ObjSite, site: o.Site}, o.Site != value.Site{}
	case value.ObjInstance:
		return objKey{kind: value.ObjSite, site: o.Site}, o.Site != value.Site{}
	case value.ObjParam:
		return objKey{kind: value.ObjParam, site: value.Site{Func: o.Func}, param: o.Param, path: o.Path}, true
	}
	return objKey{}, false
}

// keyTable numbers the keys of one analysis in the order in which it met them.
type keyTable struct {
	sites  siteTable // nearly all keys
	params siteTable // parameters themselves, by function and position
	others map[objKey]int32
	chunks [][]objKey // by number, in pieces that never move
	count  int32
	// dropped counts the objects that a heap had no room for.
	dropped int
}

const keyChunk = 1024

func newKeyTable() *keyTable {
	return &keyTable{sites: newSiteTable(), params: newSiteTable(), others: map[objKey]int32{}}
}

// key is the key with a number.
func (t *keyTable) key(id int32) *objKey { return &t.chunks[id/keyChunk][id%keyChunk] }

// find is the number of a key that was met before.
func (t *keyTable) find(k objKey) (id int32, ok bool) {
	switch {
	case k.kind == value.ObjSite:
		return t.sites.number(k.site)
	case k.path == "":
		return t.params.number(paramSite(&k))
	}
	id, ok = t.others[k]
	return id, ok
}

// paramSite stands for a parameter in a table of sites.
func paramSite(k *objKey) value.Site {
	return value.Site{Func: k.site.Func, Node: k.site.Node, Context: uint32(k.param)}
}

func (t *keyTable) id(k objKey) int32 {
	id, ok := t.find(k)
	if !ok {
		if id = t.count; id%keyChunk == 0 {
			t.chunks = append(t.chunks, make([]objKey, keyChunk))
		}
		t.count++
		*t.key(id) = k
		switch {
		case k.kind == value.ObjSite:
			t.sites.set(k.site, uint32(id+1)*siteKey)
		case k.path == "":
			t.params.set(paramSite(&k), uint32(id+1)*siteKey)
		default:
			t.others[k] = id
		}
	}
	return id
}

// slot is one object of a heap.
type slot struct {
	id  int32
	obj *object
}

// heap maps objects to their cells. It is a slice sorted by the number of the key: a function has few objects and many
// blocks, so that copies and joins count, not lookups. Copies share the slice until one of them writes.
type heap struct {
	keys   *keyTable
	slots  []slot
	shared bool
}

// fork returns a copy that shares everything.
func (h *heap) fork() heap {
	h.shared = true
	return *h
}

func (h *heap) find(id int32) (int, bool) {
	lo, hi := 0, len(h.slots)
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); h.slots[mid].id < id {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(h.slots) && h.slots[lo].id == id
}

func (h *heap) get(k objKey) *object {
	if len(h.slots) == 0 {
		return nil
	}
	id, ok := h.keys.find(k)
	if !ok {
		return nil
	}
	return h.at(id)
}

// at is the object whose key has a number.
func (h *heap) at(id int32) *object { return h.peek(id).force() }

// peek is at without looking into a suspended object.
func (h *heap) peek(id int32) *object {
	if i, ok := h.find(id); ok {
		return h.slots[i].obj
	}
	return nil
}

func (h *heap) put(k objKey, o *object) { h.putAt(h.keys.id(k), o) }

func (h *heap) putAt(id int32, o *object) {
	i, ok := h.find(id)
	if !ok && len(h.slots) >= maxHeapObjs {
		h.keys.dropped++
		return
	}
	if h.shared {
		grown := make([]slot, len(h.slots), len(h.slots)+4)
		copy(grown, h.slots)
		h.slots, h.shared = grown, false
	}
	if ok {
		h.slots[i].obj = o
		return
	}
	h.slots = slices.Insert(h.slots, i, slot{id, o})
}

// merge joins another heap into this one and reports whether anything changed.
func (h *heap) merge(b *heap) bool { return h.mergeBut(b, nil) }

// mergeBut is merge; changes of which isKnown holds, which may be nil, do not count.
func (h *heap) mergeBut(b *heap, isKnown func(id int32, o *object) bool) bool {
	if len(h.slots) == len(b.slots) && (len(b.slots) == 0 || &h.slots[0] == &b.slots[0]) {
		return false
	}
	changed := false
	i := 0
	for _, s := range b.slots {
		for i < len(h.slots) && h.slots[i].id < s.id {
			changed = h.unwritten(i) || changed
			i++
		}
		if i == len(h.slots) || h.slots[i].id != s.id {
			if s.obj.base != nil {
				s.obj = s.obj.orUnwritten()
			}
			if len(h.slots) >= maxHeapObjs {
				h.keys.dropped++
				continue
			}
			if h.shared {
				h.own(h.lacks(b))
			}
			h.slots = slices.Insert(h.slots, i, s)
			i++
			changed = true
			continue
		}
		old := h.slots[i].obj
		n := joinObjects(old, s.obj)
		i++
		if n == old || equalObjects(old, n) {
			continue
		}
		h.own(0)
		h.slots[i-1].obj = n
		changed = changed || isKnown == nil || !isKnown(s.id, n)
	}
	for ; i < len(h.slots); i++ {
		changed = h.unwritten(i) || changed
	}
	return changed
}

// lacks counts the objects of b that h has not.
func (h *heap) lacks(b *heap) int {
	n, i := 0, 0
	for _, s := range b.slots {
		for i < len(h.slots) && h.slots[i].id < s.id {
			i++
		}
		if i == len(h.slots) || h.slots[i].id != s.id {
			n++
		}
	}
	return n
}

// unwritten: on another way nobody wrote to the object in slot i.
func (h *heap) unwritten(i int) bool {
	o := h.slots[i].obj
	n := o.orUnwritten()
	if n == o {
		return false
	}
	h.own(0)
	h.slots[i].obj = n
	return !equalObjects(o, n)
}

// own gives the heap a slice of its own, with room for more.
func (h *heap) own(room int) {
	if h.shared {
		n := make([]slot, len(h.slots), len(h.slots)+room)
		copy(n, h.slots)
		h.slots, h.shared = n, false
	}
}

// store holds the objects that outlived their function, by the number of their key.
type store struct {
	keys    *keyTable
	objs    map[int32]*object
	dropped int
}

func newStore(keys *keyTable) store { return store{keys: keys, objs: map[int32]*object{}} }

func (s *store) get(k objKey) *object {
	id, ok := s.keys.find(k)
	if !ok {
		return nil
	}
	return s.at(id)
}

func (s *store) at(id int32) *object { return s.objs[id].force() }

func (s *store) put(id int32, o *object) {
	if _, ok := s.objs[id]; !ok && len(s.objs) >= maxSharedObjs {
		s.dropped++
		return
	}
	s.objs[id] = o
}

func (s *store) merge(h *heap) {
	for i := range h.slots {
		id, o := h.slots[i].id, h.slots[i].obj
		old := s.objs[id]
		if n := joinObjects(old, o); n != old && !equalObjects(old, n) {
			s.put(id, n)
		}
	}
}
