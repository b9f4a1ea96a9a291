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

// maxHeapObjs bounds the objects of one function's heap; past it, new objects are not tracked.
const maxHeapObjs = 1024

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
	kind  cellKind
	name  string   // of an attribute
	key   ir.Const // of an item
	value *value.Value
	node  ast.NodeID // of the key's value, where it was written
	maybe bool       // some path came here without it
}

func (c *cell) is(kind cellKind, name string, key ir.Const) bool {
	return c.kind == kind && c.name == name && c.key == key
}

// object is immutable: writes make a new one.
type object struct {
	typ   string // "list", "tuple", "set", "dict", "section" (of a configuration), "generator" or a class
	cells []cell
	elems []*value.Value // positions of a list or tuple while they are all known
	nodes []ast.NodeID   // of elems
	exact bool           // elems are all there is
	star  *value.Value   // what else it may hold, under any key
	// summary: several run-time objects share this one, so that every write is weak.
	summary bool
}

func (o *object) clone() *object {
	c := *o
	c.cells = slices.Clone(o.cells)
	return &c
}

func (o *object) find(kind cellKind, name string, key ir.Const) *cell {
	for i := range o.cells {
		if o.cells[i].is(kind, name, key) {
			return &o.cells[i]
		}
	}
	return nil
}

// set returns the object with one cell written.
func (o *object) set(c cell, weak bool) *object {
	n := o.clone()
	weak = weak || o.summary
	if old := n.find(c.kind, c.name, c.key); old != nil {
		if weak {
			c.value, c.maybe = join(old.value, c.value), old.maybe
		}
		old.value, old.node, old.maybe = c.value, c.node, c.maybe
		return n
	}
	c.maybe = c.maybe || weak
	if len(n.cells) >= maxCells {
		n.star = join(n.star, c.value)
		return n
	}
	n.cells = append(n.cells, c)
	return n
}

// add returns the object with a value under an unknown key.
func (o *object) add(v *value.Value) *object {
	n := o.clone()
	n.star = join(o.star, v)
	return n
}

// push appends an element.
func (o *object) push(v *value.Value, node ast.NodeID, weak bool) *object {
	n := o.clone()
	if !o.exact || weak || o.summary || len(o.elems) >= maxCells {
		n.exact = false
		n.star = join(o.star, v)
		return n
	}
	n.elems = append(slices.Clone(o.elems), v)
	n.nodes = append(slices.Clone(o.nodes), node)
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

func joinObjects(a, b *object) *object {
	if a == b || b == nil {
		return a
	}
	if a == nil {
		return b
	}
	n := a.clone()
	n.summary = a.summary || b.summary
	if n.typ == "" {
		n.typ = b.typ
	}
	for i := range n.cells {
		c := &n.cells[i]
		if d := b.find(c.kind, c.name, c.key); d == nil || d.maybe {
			c.maybe = true
		}
	}
	for i := range b.cells {
		n = n.set(b.cells[i], true)
	}
	n.star = join(a.star, b.star)
	if a.exact && b.exact && len(a.elems) == len(b.elems) {
		if len(a.elems) > 0 {
			n.elems = make([]*value.Value, len(a.elems))
			for i := range a.elems {
				n.elems[i] = join(a.elems[i], b.elems[i])
			}
		}
		return n
	}
	n.exact = false
	for i, e := range b.elems {
		if i < len(n.elems) {
			if i == 0 || &n.elems[0] == &a.elems[0] {
				n.elems = slices.Clone(n.elems)
			}
			n.elems[i] = join(n.elems[i], e)
		} else {
			n.star = join(n.star, e)
		}
	}
	return n
}

func equalObjects(a, b *object) bool {
	if a == b {
		return true
	}
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
		d := b.find(c.kind, c.name, c.key)
		if d == nil || c.maybe != d.maybe || !equal(c.value, d.value) {
			return false
		}
	}
	return true
}

// heap maps objects to their cells. Copies share the map until one of them writes. The order of first allocation is
// kept, so that walks are deterministic.
type heap struct {
	objs   map[objKey]*object
	order  []objKey
	shared bool
}

// fork returns a copy that shares everything.
func (h *heap) fork() heap {
	h.shared = true
	return heap{objs: h.objs, order: h.order[:len(h.order):len(h.order)], shared: true}
}

func (h *heap) get(k objKey) *object { return h.objs[k] }

func (h *heap) put(k objKey, o *object) {
	if h.shared || h.objs == nil {
		m := make(map[objKey]*object, len(h.objs)+1)
		for k, v := range h.objs {
			m[k] = v
		}
		h.objs, h.shared = m, false
		h.order = slices.Clone(h.order)
	}
	if _, ok := h.objs[k]; !ok {
		if len(h.order) >= maxHeapObjs {
			return
		}
		h.order = append(h.order, k)
	}
	h.objs[k] = o
}

// merge joins another heap into this one and reports whether anything changed.
func (h *heap) merge(b *heap) bool {
	if len(b.order) == 0 || sameMap(h, b) {
		return false
	}
	changed := false
	for _, k := range b.order {
		o := b.objs[k]
		old := h.objs[k]
		if old == o {
			continue
		}
		n := joinObjects(old, o)
		if equalObjects(old, n) {
			continue
		}
		h.put(k, n)
		changed = true
	}
	return changed
}

func sameMap(a, b *heap) bool {
	if len(a.order) != len(b.order) || !a.shared || !b.shared {
		return false
	}
	for _, k := range b.order {
		if a.objs[k] != b.objs[k] {
			return false
		}
	}
	return true
}
