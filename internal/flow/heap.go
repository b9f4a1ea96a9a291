package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// maxCells bounds the cells of one object; past it, writes go to the star cell. Generated tables of thousands of
// entries are constants anyway.
const maxCells = 256

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

// cellKind tells the three name spaces of an object apart.
type cellKind uint8

const (
	cellAttr cellKind = iota // .name
	cellItem                 // [constant]
)

type cell struct {
	value *value.Value
	name  string     // of an attribute
	key   ir.Const   // of an item
	node  ast.NodeID // of the key's value, where it was written
	kind  cellKind
	maybe bool // some path came here without it
	// checked: nobody wrote it, a check says more of it than of what the caller passed. See attrcheck.go.
	checked bool
}

func (c *cell) is(kind cellKind, name string, key ir.Const) bool {
	return c.kind == kind && c.name == name && c.key == key
}

// object is immutable once it stands in a heap: writes make a new one. Nil is an object that the heap had no room for: it holds
// nothing, and what is written to it starts a new one.
type object struct {
	typ   string // "list", "tuple", "set", "dict", "section" (of a configuration), "generator" or a class
	cells []cell
	elems []*value.Value // positions of a list or tuple while they are all known
	nodes []ast.NodeID   // of elems
	star  *value.Value   // what else it may hold, under any key
	names *value.Value   // the keys of a dict that star stands under, nil when they are not known
	// lazy: the cells are not there yet, see force.
	lazy *suspended
	// base is the object as a call brought it in, nil for what the function made itself: a way on which nobody wrote to it
	// still has that.
	base  *object
	exact bool // elems are all there is
	// summary: several run-time objects share this one, so that every write is weak.
	summary bool
}

// clone copies the object with cells of its own, ready for put.
// isEmpty: nothing was put into it yet.
func (o *object) isEmpty() bool { return len(o.cells)+len(o.elems) == 0 && o.star == nil }

func (o *object) clone() *object {
	if o == nil {
		return &object{}
	}
	c := *o
	c.cells = slices.Clone(o.cells)
	return &c
}

// share copies the object without its cells: nothing may be put into the copy.
func (o *object) share() *object {
	if o == nil {
		return &object{}
	}
	c := *o
	c.cells = o.cells[:len(o.cells):len(o.cells)]
	return &c
}

// size counts what the object holds.
func (o *object) size() int { return len(o.cells) + len(o.elems) }

func (o *object) find(kind cellKind, name string, key ir.Const) *cell {
	for i := range o.cells {
		if o.cells[i].is(kind, name, key) {
			return &o.cells[i]
		}
	}
	return nil
}

// findAt is find for a cell that probably stands at index i, as in another version of the same object.
func (o *object) findAt(i int, c *cell) *cell {
	if i < len(o.cells) && o.cells[i].is(c.kind, c.name, c.key) {
		return &o.cells[i]
	}
	return o.find(c.kind, c.name, c.key)
}

// put writes one cell of an object that no heap holds yet.
func (o *object) put(c cell, weak bool) {
	weak = weak || o.summary
	if old := o.find(c.kind, c.name, c.key); old != nil {
		if weak {
			c.value, c.maybe = join(old.value, c.value), old.maybe
		}
		old.value, old.node, old.maybe, old.checked = c.value, c.node, c.maybe, c.checked
		return
	}
	c.maybe = c.maybe || weak
	if len(o.cells) >= maxCells {
		o.putStar(value.Of(c.key), c.value)
		return
	}
	o.cells = append(o.cells, c)
}

// set returns the object with one cell written.
func (o *object) set(c cell, weak bool) *object {
	n := o.clone()
	n.put(c, weak)
	return n
}

// add returns the object with a value under an unknown key.
func (o *object) add(v *value.Value) *object {
	n := o.share()
	n.putStar(nil, v)
	return n
}

// push appends an element.
func (o *object) push(v *value.Value, node ast.NodeID, weak bool) *object {
	n := o.share()
	if !n.exact || weak || n.summary || len(n.elems) >= maxCells {
		n.exact = false
		n.star = join(n.star, v)
		return n
	}
	n.elems = append(slices.Clone(n.elems), v)
	n.nodes = append(slices.Clone(n.nodes), node)
	return n
}

// all joins everything that an iteration or an unknown key may give.
func (o *object) all() *value.Value {
	v := o.star
	for _, e := range o.elems {
		v = join(v, e)
	}
	for i := range o.cells {
		if o.cells[i].kind == cellItem {
			v = join(v, o.cells[i].value)
		}
	}
	return v
}

// joinObjects returns a when b adds nothing to it.
func joinObjects(a, b *object) *object {
	if a == b || b == nil {
		return a
	}
	if a == nil {
		return b
	}
	a.force()
	b.force()
	n := *a
	n.summary = a.summary || b.summary
	if n.typ == "" {
		n.typ = b.typ
	}
	if n.base == nil {
		n.base = b.base
	}
	changed := n.summary != a.summary || n.typ != a.typ
	changed = n.joinCells(a, b) || changed
	n.putStar(b.names, b.star)
	changed = n.joinElems(a, b) || changed || n.star != a.star || n.names != a.names
	if !changed {
		return a
	}
	kept := n // so that none is allocated for no change
	return &kept
}

// joinCells joins the cells of b into n, a copy of a. A cell that only one side has may be missing.
func (n *object) joinCells(a, b *object) bool {
	owned := false
	own := func() {
		if !owned {
			n.cells, owned = slices.Clone(a.cells), true
		}
	}
	for i := range a.cells {
		c := &a.cells[i]
		if c.maybe {
			continue
		}
		if d := b.findAt(i, c); d == nil || d.maybe {
			own()
			n.cells[i].maybe = true
		}
	}
	for i := range b.cells {
		c := b.cells[i]
		old := n.findAt(i, &c)
		if old == nil {
			own()
			n.put(c, true)
			continue
		}
		c.value = join(old.value, c.value)
		if c.value != old.value || c.node != old.node || c.checked && !old.checked {
			own()
			old = n.findAt(i, &c)
			old.value, old.node, old.checked = c.value, c.node, old.checked || c.checked
		}
	}
	return owned
}

// joinElems joins the positions of b into n, a copy of a.
func (n *object) joinElems(a, b *object) bool {
	n.exact = a.exact && b.exact && len(a.elems) == len(b.elems)
	owned := false
	for i, e := range b.elems {
		if i >= len(a.elems) {
			n.star = join(n.star, e)
			continue
		}
		j := join(a.elems[i], e)
		if j == a.elems[i] {
			continue
		}
		if !owned {
			n.elems, owned = slices.Clone(a.elems), true
		}
		n.elems[i] = j
	}
	return owned || n.exact != a.exact
}

func equalObjects(a, b *object) bool {
	if a == b {
		return true
	}
	a.force()
	b.force()
	if a == nil || b == nil || len(a.cells) != len(b.cells) || len(a.elems) != len(b.elems) || a.exact != b.exact ||
		a.summary != b.summary || !equal(a.star, b.star) {
		return false
	}
	for i := range a.elems {
		if !equal(a.elems[i], b.elems[i]) {
			return false
		}
	}
	for i := range a.cells {
		c := &a.cells[i]
		d := b.findAt(i, c)
		if d == nil || c.maybe != d.maybe || !equal(c.value, d.value) {
			return false
		}
	}
	return true
}

// keyTable numbers the keys of one analysis in the order in which it met them.
type keyTable struct {
	sites  map[value.Site]int32 // nearly all keys
	others map[objKey]int32
	chunks [][]objKey // by number, in pieces that never move
	count  int32
	// dropped counts the objects that a heap had no room for.
	dropped int
}

const keyChunk = 1024

func newKeyTable() *keyTable {
	return &keyTable{sites: map[value.Site]int32{}, others: map[objKey]int32{}}
}

// key is the key with a number.
func (t *keyTable) key(id int32) *objKey { return &t.chunks[id/keyChunk][id%keyChunk] }

// find is the number of a key that was met before.
func (t *keyTable) find(k objKey) (id int32, ok bool) {
	if k.kind == value.ObjSite {
		id, ok = t.sites[k.site]
		return id, ok
	}
	id, ok = t.others[k]
	return id, ok
}

func (t *keyTable) id(k objKey) int32 {
	id, ok := t.find(k)
	if !ok {
		if id = t.count; id%keyChunk == 0 {
			t.chunks = append(t.chunks, make([]objKey, keyChunk))
		}
		t.count++
		*t.key(id) = k
		if k.kind == value.ObjSite {
			t.sites[k.site] = id
		} else {
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
func (h *heap) merge(b *heap) bool { return h.mergeAt(b, nil, 0) }

// mergeAt is merge at the start of a block of a running function.
func (h *heap) mergeAt(b *heap, f *frame, to ir.BlockID) bool {
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
		changed = changed || f == nil || !f.isKnown(to, s.id, n)
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

// orUnwritten is the object where another way left it as it was brought in.
func (o *object) orUnwritten() *object {
	if o.base == nil || o.base == o {
		return o
	}
	n := *joinObjects(o, o.base)
	n.base = &n
	return &n
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
