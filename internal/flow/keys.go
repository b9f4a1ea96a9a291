package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/python/ast"
)

// The keys of a mapping are not its values: `", ".join(f"{k} = ?" for k in fields)` is as safe as the names in fields are,
// whatever stands under them. What was put under names that are not constant keeps those beside it; of what a parameter holds, the
// keys are what a loop over it gets.

// putStar puts a value under keys that are not constant; nil for keys that are not known.
func (o *object) putStar(keys, v *value.Value) {
	if v == nil {
		return
	}
	switch {
	case keys == nil:
		o.names = nil
	case o.star == nil:
		o.names = keys
	case o.names != nil:
		o.names = join(o.names, keys)
	}
	o.star = join(o.star, v)
}

// putUnder puts a value under a key that is not constant.
func (o *object) putUnder(k, v *value.Value) { o.putStar(k, underKey(k, v)) }

// under returns the object with a value under a key that is not constant.
func (o *object) under(k, v *value.Value) *object {
	n := o.share()
	n.putUnder(k, v)
	return n
}

// keys are the keys of a dict, one standing for all.
func (o *object) keys() *value.Value {
	var v *value.Value
	for i := range o.cells {
		if o.cells[i].kind == cellItem {
			v = join(v, value.Of(o.cells[i].key))
		}
	}
	switch {
	case o.star != nil && o.names != nil:
		return join(v, o.names)
	case o.star != nil || v == nil:
		return join(v, derived(0, o.star))
	}
	return v
}

// keysOf are the keys of what may be a mapping.
func (f *frame) keysOf(v *value.Value) *value.Value {
	if v == nil {
		return nil
	}
	var out *value.Value
	taint, rest := v.Taint, len(v.Objs) == 0 || v.AnyObj
	for i := range v.Objs {
		o := &v.Objs[i]
		if o.Kind == value.ObjParam {
			out, taint = join(out, f.itemOf(v, o, eachItem)), withoutWhole(taint, o)
			continue
		}
		k, ok := keyOf(o)
		obj := f.object(k)
		if !ok || obj == nil || obj.typ != "dict" {
			rest = true
			continue
		}
		out = join(out, obj.keys())
	}
	if rest {
		return join(out, derived(v.Marks, f.deep(v)))
	}
	if len(taint) > 0 {
		return join(out, derived(v.Marks, &value.Value{AnyObj: true, Taint: taint}))
	}
	return out
}

// paramKeys is items() or keys() of what the caller passed; nil for any other method.
func (f *frame) paramKeys(recv *value.Value, o *value.Obj, name string, args []arg, node ast.NodeID) *value.Value {
	if len(args) > 0 || name != "items" && name != "keys" {
		return nil
	}
	k, _ := keyOf(o)
	written := f.object(k)
	keys, values := f.itemOf(recv, o, eachItem), derived(recv.Marks, recv)
	if written != nil {
		keys, values = join(keys, written.keys()), join(values, written.all())
	}
	if name == "keys" {
		return f.alloc("list", node, &object{star: keys})
	}
	return f.pairs(keys, values, node)
}

// iteratesKeys: a loop over the value is one over keys, **kwargs, and what it checks are not the values.
func (f *frame) iteratesKeys(v *value.Value) bool {
	if len(v.Objs) != 1 {
		return false
	}
	o := &v.Objs[0]
	return o.Kind == value.ObjParam && o.Func == f.fn.ID && o.Path == "" && int(o.Param) < len(f.fn.Params) && f.fn.Params[o.Param].Kind == ast.VarKeyword
}

// pairs is a list of keys and values.
func (f *frame) pairs(keys, values *value.Value, node ast.NodeID) *value.Value {
	pair := f.alloc("tuple", node, &object{elems: []*value.Value{keys, orUnknown(values)}, nodes: make([]ast.NodeID, 2), exact: true})
	list := value.Obj{Kind: value.ObjSite, Site: value.Site{Func: f.fn.ID, Node: node, Context: 1}, Path: "list"}
	k, _ := keyOf(&list)
	f.heap.put(k, &object{typ: "list", star: pair})
	return value.OfObj(list)
}
