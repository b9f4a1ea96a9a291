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

// isEmpty: nothing was put into it yet.
func (o *object) isEmpty() bool { return len(o.cells)+len(o.elems) == 0 && o.star == nil }

// clone copies the object with cells of its own, ready for put.
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

// orUnwritten is the object where another way left it as it was brought in.
func (o *object) orUnwritten() *object {
	if o.base == nil || o.base == o {
		return o
	}
	n := *joinObjects(o, o.base)
	n.base = &n
	return &n
}
