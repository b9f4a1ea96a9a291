package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// collectionMethod is a method of a tracked list, tuple, set or dict; nil when it is none that is understood.
func (f *frame) collectionMethod(o *value.Obj, name string, args []arg, node ast.NodeID) *value.Value {
	k, _ := keyOf(o)
	obj := f.object(k)
	if obj == nil {
		obj = &object{typ: o.Path, summary: true}
	}
	if obj.typ == queueType {
		return f.queueMethod(k, obj, name, args)
	}
	first := func() *value.Value {
		if len(args) > 0 {
			return args[0].v
		}
		return nil
	}
	switch name {
	case "append", "add", "appendleft":
		if len(args) == 0 {
			break
		}
		if name == "add" && obj.typ == "set" || name == "append" {
			f.heap.put(k, obj.push(value.AsWord(args[0].v), args[0].node, f.info.hasLoop && f.inLoop()))
		} else {
			n := obj.add(args[0].v)
			n.exact = false
			f.heap.put(k, n)
		}
		return value.None()
	case "insert":
		if len(args) == 2 {
			f.insertAt(k, obj, args[0].v, args[1])
			return value.None()
		}
	case "extend":
		if len(args) == 1 {
			f.extend(k, obj, args[0].v, node)
			return value.None()
		}
	case "update", "__init__":
		n := obj.clone()
		for _, a := range args {
			if a.kind == ir.ArgKeyword {
				n = n.set(cell{kind: cellItem, key: strConst(a.name), value: a.v, node: a.node}, false)
			} else if n.typ == "set" {
				n.star = join(n.star, f.iterate(a.v, node))
			} else {
				f.mergeDict(n, a.v)
			}
		}
		f.heap.put(k, n)
		return value.None()
	case "get", "pop", "popitem", "setdefault", "__getitem__", "popleft":
		return f.takeItem(o, k, obj, name, args, node)
	case "items":
		return f.items(k, obj, node)
	case "keys":
		return f.alloc("list", node, &object{star: obj.keys()})
	case "values":
		return f.alloc("list", node, &object{star: orUnknown(f.unseenIn(obj.all(), k, obj))})
	case "copy":
		n := obj.clone()
		return f.alloc(obj.typ, node, n)
	case "clear":
		if !obj.summary {
			f.heap.put(k, &object{typ: obj.typ, exact: obj.typ != "dict"})
		}
		return value.None()
	case "remove":
		if obj.typ != "set" && len(args) == 1 && len(obj.elems) > 0 {
			f.removeValue(k, obj, args[0].v)
		}
		return value.None()
	case "discard":
		return value.None()
	case "sort":
		if len(obj.elems) > 1 {
			f.heap.put(k, obj.loosened())
		}
		return value.None()
	case "reverse":
		if n, ok := f.reversed(obj); ok && f.positionsHold(obj) {
			f.heap.put(k, n)
		} else if len(obj.elems) > 1 {
			f.heap.put(k, obj.loosened())
		}
		return value.None()
	case "index", "count":
		return value.OfType("int")
	case "union", "intersection", "difference", "symmetric_difference":
		v := obj.all()
		if w := first(); w != nil && name != "difference" {
			v = join(v, f.iterate(w, node))
		}
		return f.alloc("set", node, &object{star: orUnknown(v)})
	case "__iter__", "__enter__":
		return value.OfObj(*o)
	case "send", "__next__", "asend", "__anext__":
		f.send(value.OfObj(*o), first())
		return orUnknown(obj.all())
	}
	return nil
}

func orUnknown(v *value.Value) *value.Value {
	if v == nil {
		return value.Unknown
	}
	return v
}

// inLoop: the current block may run again in the same call.
func (f *frame) inLoop() bool { return f.info.blocks[f.block].inLoop }

func (f *frame) extend(k objKey, obj *object, v *value.Value, node ast.NodeID) {
	if elems, ok := f.elements(v); ok && obj.exact && !f.inLoop() && len(obj.elems)+len(elems) <= maxCells {
		n := obj.clone()
		n.elems = append(append([]*value.Value(nil), obj.elems...), elems...)
		n.nodes = append(append([]ast.NodeID(nil), obj.nodes...), make([]ast.NodeID, len(elems))...)
		f.heap.put(k, n)
		return
	}
	n := obj.add(f.iterate(v, node))
	n.exact = false
	f.heap.put(k, n)
}

// takeItem is get, pop and setdefault.
func (f *frame) takeItem(o *value.Obj, k objKey, obj *object, name string, args []arg, node ast.NodeID) *value.Value {
	isMap := holdsKeys(obj.typ)
	if name == "pop" && !isMap && len(args) < 2 {
		if len(args) == 1 {
			return f.popAt(k, obj, args[0].v)
		}
		return f.popAt(k, obj, nil)
	}
	if len(args) == 0 {
		if name == "popleft" {
			return f.popAt(k, obj, value.Int(0))
		}
		return orUnknown(obj.all())
	}
	key, isConst := oneConst(args[0].v)
	key = obj.fold(key)
	v := obj.item(key, isConst)
	if !isConst {
		v = f.unseenIn(v, k, obj)
	}
	def := value.None()
	if len(args) > 1 {
		def = args[1].v
	}
	cell := obj.find(cellItem, "", key)
	present := isConst && cell != nil && !obj.summary && !cell.maybe
	if name == "setdefault" && !present {
		f.setDefault(k, obj, key, isConst, def, node)
	}
	if name == "pop" && isConst && isMap {
		f.heap.put(k, obj.withoutKey(key))
	}
	switch {
	case v == nil && f.mayHaveMore(k, obj):
		return join(def, value.Unknown)
	case v == nil:
		return def
	case present, !isMap && obj.typ != "":
		return v
	}
	return join(v, def)
}

func (f *frame) setDefault(k objKey, obj *object, key ir.Const, isConst bool, def *value.Value, node ast.NodeID) {
	if isConst {
		f.heap.put(k, obj.set(cell{kind: cellItem, key: key, value: def, node: node}, true))
		return
	}
	f.heap.put(k, obj.add(def))
}

func (f *frame) items(k objKey, obj *object, node ast.NodeID) *value.Value {
	return f.pairs(obj.keys(), f.unseenIn(obj.all(), k, obj), node)
}

// queueType is a collection that one thread fills and another empties.
const queueType = "queue"

// queueMethod is a method of a queue.
func (f *frame) queueMethod(k objKey, obj *object, name string, args []arg) *value.Value {
	switch name {
	case "put", "put_nowait":
		if len(args) > 0 {
			f.heap.put(k, obj.add(handedOver(args[0].v)))
		}
		return value.None()
	case "get", "get_nowait":
		return orUnknown(obj.all())
	}
	return value.Unknown
}

// handedOver is what a queue takes of a value: what a call that nobody knows gave is more likely an answer than a job.
func handedOver(v *value.Value) *value.Value {
	return value.KeepLabels(v, func(l *value.Label) bool { return l.UnknownCalls() == 0 })
}
