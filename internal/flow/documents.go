package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// Documents: classes of the program that are dicts, whose methods read the items of the instance:
//
//	class Watch(dict):
//	    @property
//	    def link(self): return self.get("url", "")
//
//	watches[id].update(request.json)
//
// The items of an instance are found in the instance. What any instance was given is known to the class, as attributes are: under
// keys that the code gives, and of those that it does not.

// anyItem stands for the items under keys that the code does not give.
const anyItem = "[]"

// maxDocumentItems bounds the keys that one mapping gives to a document.
const maxDocumentItems = 64

// isDocument reports whether instances of a class are dicts.
func (s *solver) isDocument(id ir.ClassID) bool {
	st := &s.classes[id]
	if st.document == 0 {
		st.document = -1
		for _, base := range s.externalBases(id) {
			switch base {
			case "builtins.dict", "collections.UserDict", "collections.OrderedDict", "collections.defaultdict", "typing.Dict":
				st.document = 1
			}
		}
	}
	return st.document > 0
}

// document is the object behind an instance that is a dict; false for other instances and for those of no known place.
func (f *frame) document(o *value.Obj) (objKey, *object, bool) {
	k, ok := keyOf(o)
	if !ok || !f.s.isDocument(o.Class) {
		return k, nil, false
	}
	obj := f.object(k)
	if obj == nil {
		obj = &object{typ: "dict", summary: true}
	}
	if obj.typ == "" {
		n := *obj
		n.typ = "dict"
		obj = &n
	}
	return k, obj, true
}

// documentMethod is a method of dict on an instance of a class of the program; nil when it is none, and where callers say more.
func (f *frame) documentMethod(recv *value.Value, o *value.Obj, name string, args []arg, node ast.NodeID, after ir.ClassID) *value.Value {
	if !f.s.isDocument(o.Class) {
		return nil
	}
	if own, _ := f.s.classAttr(o.Class, name, f.fn.ID, after); own != nil {
		return nil
	}
	switch name {
	case "update", "__init__":
		f.fillDocument(o, args)
	case "setdefault":
		if len(args) > 1 {
			f.setItem(o, args[0].v, args[1].v)
		}
	}
	isLookup := len(args) > 0 && slices.Contains([]string{"get", "pop", "setdefault", "__getitem__"}, name)
	if f.companion(recv, o) != nil {
		if !isLookup {
			return nil
		}
		out := f.loadIndex(recv, args[0].v, node)
		for _, a := range args[1:] {
			out = join(out, a.v)
		}
		return out
	}
	var out *value.Value
	if k, obj, ok := f.document(o); ok {
		f.heap.put(k, obj)
		out = f.collectionMethod(o, name, args, node)
	}
	if isLookup {
		out = join(out, f.anyDocument(recv, o, args[0].v))
	}
	return out
}

// documentItem is the item of an instance that is a dict; nil when nothing is known of it.
func (f *frame) documentItem(recv *value.Value, o *value.Obj, key *value.Value) *value.Value {
	v := f.anyDocument(recv, o, key)
	if _, obj, ok := f.document(o); ok {
		c, isConst := oneConst(key)
		v = join(obj.item(c, isConst), v)
	}
	return v
}

// fillDocument gives the class what update(…) puts into an instance.
func (f *frame) fillDocument(o *value.Obj, args []arg) {
	for _, a := range args {
		if a.kind == ir.ArgKeyword {
			f.setItem(o, value.Str(a.name), a.v)
			continue
		}
		items := f.itemsOf(a.v)
		for _, c := range items[:min(len(items), maxDocumentItems)] {
			f.setItem(o, value.Of(c.key), c.value)
		}
		rest := taintOnly(a.v)
		for i := range a.v.Objs {
			if k, ok := keyOf(&a.v.Objs[i]); ok {
				if src := f.object(k); src != nil {
					rest = join(rest, taintOnly(src.star))
				}
			}
		}
		f.setItem(o, nil, rest)
	}
}

// setItem joins a value into what any instance of a class holds under a key; nil for keys that are not known.
func (f *frame) setItem(o *value.Obj, key, w *value.Value) {
	if w == nil || len(w.Taint) == 0 || !f.s.isDocument(o.Class) {
		return
	}
	name := anyItem
	if s, ok := oneStr(key); ok && !strings.ContainsAny(s, "[]") {
		name = "[" + s
	}
	w = written(w)
	f.setInst(o.Class, name, derived(w.Marks, w), f.reachOf(o))
}

// anyDocument is what any instance of the class of a dict holds under a key; nil when nothing of a stranger's does, or when it is known
// which instance is meant.
func (f *frame) anyDocument(recv *value.Value, o *value.Obj, key *value.Value) *value.Value {
	name, ok := oneStr(key)
	if !ok || !f.s.isDocument(o.Class) {
		return nil
	}
	v := join(f.s.instAttr(o.Class, "["+name, f.fn.ID), f.s.instAttr(o.Class, anyItem, f.fn.ID))
	if v == nil {
		return nil
	}
	if p := f.companion(recv, o); p != nil {
		return value.WithOwn(v, p.Func)
	}
	if k, ok := keyOf(o); ok && f.heap.get(k) != nil && o.Site.Func == f.fn.ID {
		return nil
	}
	return v
}
