package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// Positions of lists: what stands where after pop, insert, remove and del. A list whose positions are not all known, or
// that is changed in a loop, keeps its elements under "any position".

// positionsHold: a change of this list moves its elements as it says.
func (f *frame) positionsHold(o *object) bool {
	return o.exact && o.star == nil && !o.summary && !f.inLoop()
}

// position is the place that a constant index names; false for any other index.
func (o *object) position(k *value.Value) (int, bool) {
	c, ok := oneConst(k)
	if !ok || c.Kind != ir.ConstInt || c.IsBig {
		return 0, false
	}
	i := c.Int
	if i < 0 {
		i += int64(len(o.elems))
	}
	return int(i), i >= 0 && i < int64(len(o.elems))
}

// loosened is the list with every element at any position.
func (o *object) loosened() *object {
	n := o.clone()
	n.star = o.star
	for _, e := range o.elems {
		n.star = join(n.star, e)
	}
	n.elems, n.nodes, n.exact = nil, nil, false
	return n
}

func (o *object) without(i, j int) *object {
	n := o.clone()
	n.elems, n.nodes = slices.Delete(slices.Clone(o.elems), i, j), slices.Delete(slices.Clone(o.nodes), i, j)
	return n
}

// popAt is list.pop(i); i is nil for the last one.
func (f *frame) popAt(k objKey, o *object, i *value.Value) *value.Value {
	if i == nil {
		i = value.Int(-1)
	}
	at, ok := o.position(i)
	if ok && f.positionsHold(o) {
		f.heap.put(k, o.without(at, at+1))
		return o.elems[at]
	}
	if len(o.elems) > 0 {
		f.heap.put(k, o.loosened())
	}
	return orUnknown(o.all())
}

// insertAt is list.insert(i, v).
func (f *frame) insertAt(k objKey, o *object, i *value.Value, a arg) {
	c, ok := oneConst(i)
	if !ok || c.Kind != ir.ConstInt || c.IsBig || !f.positionsHold(o) || len(o.elems) >= maxCells {
		f.heap.put(k, o.loosened().add(a.v))
		return
	}
	n := int64(len(o.elems))
	at := c.Int
	if at < 0 {
		at += n
	}
	at = min(max(at, 0), n)
	w := o.clone()
	w.elems = slices.Insert(slices.Clone(o.elems), int(at), a.v)
	w.nodes = slices.Insert(slices.Clone(o.nodes), int(at), a.node)
	f.heap.put(k, w)
}

// removeValue is list.remove(v): the first equal element goes, when constants decide which one that is.
func (f *frame) removeValue(k objKey, o *object, v *value.Value) {
	c, ok := oneConst(v)
	if ok && f.positionsHold(o) && len(v.Taint) == 0 {
		for i, e := range o.elems {
			d, isConst := oneConst(e)
			if !isConst || len(e.Taint) > 0 {
				break
			}
			if d == c {
				f.heap.put(k, o.without(i, i+1))
				return
			}
		}
	}
	f.heap.put(k, o.loosened())
}

// reversed is the list the other way round; false when positions are not known.
func (f *frame) reversed(o *object) (*object, bool) {
	if !o.exact || o.star != nil {
		return nil, false
	}
	n := o.clone()
	n.elems, n.nodes = slices.Clone(o.elems), slices.Clone(o.nodes)
	slices.Reverse(n.elems)
	slices.Reverse(n.nodes)
	return n, true
}

// deleteItem is del v[k] for one object.
func (f *frame) deleteItem(hk objKey, o *object, k *value.Value) {
	if o.typ == "dict" || o.typ == "section" || o.typ == "" {
		if key, ok := oneConst(k); ok {
			f.heap.put(hk, o.withoutKey(o.fold(key)))
		}
		return
	}
	f.popAt(hk, o, k)
}

func (o *object) withoutKey(key ir.Const) *object {
	if o.summary || o.find(cellItem, "", key) == nil {
		return o
	}
	n := *o
	n.cells = nil
	for _, c := range o.cells {
		if !c.is(cellItem, "", key) {
			n.cells = append(n.cells, c)
		}
	}
	return &n
}

// deleteSlice is del v[a:b]; a step, or bounds that are not constant, leave no position known.
func (f *frame) deleteSlice(hk objKey, o *object, lo, hi, step *value.Value) {
	if lo == nil && hi == nil && step == nil && !o.summary { // del words[:]
		n := o.clone()
		n.elems, n.nodes, n.star, n.exact = nil, nil, nil, true
		f.heap.put(hk, n)
		return
	}
	a, b, ok := sliceBounds(lo, hi, step, len(o.elems))
	if ok && f.positionsHold(o) {
		f.heap.put(hk, o.without(a, b))
		return
	}
	f.heap.put(hk, o.loosened())
}

// exactly makes an exact list or tuple of values.
func exactly(elems []*value.Value) *object {
	return &object{elems: elems, nodes: make([]ast.NodeID, len(elems)), exact: true}
}

// extendsInPlace does `list += other` and `dict |= other`, which whoever else holds the collection sees.
func (f *frame) extendsInPlace(op ast.Op, a, b *value.Value, node ast.NodeID) bool {
	if len(a.Objs) != 1 || a.AnyObj || a.Objs[0].Kind != value.ObjSite {
		return false
	}
	k, _ := keyOf(&a.Objs[0])
	o := f.object(k)
	switch {
	case o == nil:
		return false
	case op == ast.Add && o.typ == "list":
		f.extend(k, o, b, node)
	case op == ast.BitOr && o.typ == "dict":
		n := o.clone()
		f.mergeDict(n, b)
		f.heap.put(k, n)
	case op == ast.BitOr && o.typ == "set":
		f.heap.put(k, o.loosened().add(f.iterate(b, node)))
	default:
		return false
	}
	return true
}
