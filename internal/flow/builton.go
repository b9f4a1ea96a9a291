package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Classes of the program that are built on a collection of the interpreter: their instances hold items beside their attributes.
//
//	class Settings(dict): …            class Rows(UserList): …            class Page(TypedDict): …

// builtOn is the type of collection that a class is built on; "" for other classes.
func (s *solver) builtOn(id ir.ClassID) string {
	st := &s.classes[id]
	if !st.baseKnown {
		st.baseKnown = true
		for _, t := range s.mro(id) {
			if t.Kind == semantic.TargetExternal && st.base == "" {
				st.base = baseCollection(s.set.Canonical(t.Path))
			}
		}
	}
	return st.base
}

// typedDict is the collection of a class that only says which keys a dict has: calling it makes a dict.
const typedDict = "typed dict"

func baseCollection(path string) string {
	switch path {
	case "builtins.dict", "collections.OrderedDict", "collections.UserDict", "collections.defaultdict", "collections.Counter", "typing.Dict":
		return "dict"
	case "builtins.list", "collections.UserList", "collections.deque", "typing.List":
		return "list"
	case "builtins.tuple", "typing.Tuple":
		return "tuple"
	case "builtins.set", "builtins.frozenset", "typing.Set":
		return "set"
	case "typing.TypedDict", "typing_extensions.TypedDict":
		return typedDict
	}
	return ""
}

// fillBase puts into a new instance what its class, or the collection that it is built on, takes from the arguments of the call.
// A constructor that names its parameters passes on what it wants to; one that takes whatever comes is taken to pass that on.
func (f *frame) fillBase(id ir.ClassID, k objKey, args []arg, node ast.NodeID) {
	typ := f.s.builtOn(id)
	if typ == "" {
		return
	}
	obj := f.heap.get(k).clone()
	obj.typ, obj.exact = typ, typ != "dict" && obj.isEmpty()
	f.heap.put(k, obj)
	init, _ := f.s.classAttr(id, "__init__", f.fn.ID, ir.NoClass)
	if init == nil {
		if own, _ := f.s.classAttr(id, "__new__", f.fn.ID, ir.NoClass); own == nil {
			f.putItems(k, args, node)
		}
		return
	}
	if len(init.Objs) != 1 || init.Objs[0].Kind != value.ObjFunc {
		return
	}
	if fn := f.s.fn(init.Objs[0].Func); fn != nil && len(fn.Params) > 1 {
		f.putItems(k, unnamed(fn.Params[1:], args), node)
	}
}

// unnamed are the arguments that a constructor takes by *args and **kwargs.
func unnamed(params []ir.Param, args []arg) []arg {
	positions, takes, keywords := 0, false, false
	named := map[string]bool{}
	for _, p := range params {
		switch p.Kind {
		case ast.VarArgs:
			takes = true
		case ast.VarKeyword:
			keywords = true
		case ast.KeywordOnly:
			named[p.Name] = true
		default:
			named[p.Name] = true
			positions++
		}
	}
	var out []arg
	for _, a := range args {
		switch a.kind {
		case ir.ArgPos:
			if positions--; positions < 0 && takes {
				out = append(out, a)
			}
		case ir.ArgKeyword:
			if keywords && !named[a.name] {
				out = append(out, a)
			}
		case ir.ArgStarStar:
			if keywords {
				out = append(out, a)
			}
		}
	}
	return out
}

// putItems is what the constructor of a collection does with its arguments.
func (f *frame) putItems(k objKey, args []arg, node ast.NodeID) {
	obj := f.heap.get(k).clone()
	switch obj.typ {
	case "dict":
		for _, a := range args {
			if a.kind == ir.ArgKeyword {
				obj.put(cell{kind: cellItem, key: strConst(a.name), value: a.v, node: a.node}, false)
			} else if !isCallable(a.v) { // the factory of a defaultdict
				f.mergeDict(obj, a.v)
			}
		}
	default:
		if len(args) == 0 {
			break
		}
		if elems, ok := f.elements(args[0].v); ok && obj.exact && len(elems) <= maxCells {
			obj.elems, obj.nodes = append(obj.elems, elems...), append(obj.nodes, make([]ast.NodeID, len(elems))...)
			break
		}
		obj.exact = false
		obj.star = join(obj.star, orUnknown(f.iterate(args[0].v, node)))
	}
	f.heap.put(k, obj)
}

// holdsItems: the object is a named tuple, or an instance of a class built on a collection that has no method of its own for
// what is asked of it.
func (f *frame) holdsItems(o *value.Obj, method string) bool {
	k, ok := keyOf(o)
	if !ok {
		return false
	}
	obj := f.object(k)
	if obj == nil || obj.typ == "" {
		return false
	}
	if obj.typ == "tuple" {
		return true
	}
	own, _ := f.s.classAttr(o.Class, method, f.fn.ID, ir.NoClass)
	return own == nil && f.s.builtOn(o.Class) != ""
}

// inherited calls a method that a class has from the collection that it is built on; nil for other classes.
func (f *frame) inherited(o *value.Obj, name string, args []arg, node ast.NodeID) *value.Value {
	k, ok := keyOf(o)
	if !ok || f.s.builtOn(o.Class) == "" {
		return nil
	}
	if obj := f.object(k); obj == nil || obj.typ == "" {
		return nil
	}
	if name == "__setitem__" && len(args) == 2 { // written out: storeIndex looks for one of the program
		f.storeIndex(value.OfObj(value.Obj{Kind: value.ObjSite, Site: o.Site}), args[0].v, args[1].v, &ir.Instr{Node: node, B: -1})
		return value.None()
	}
	return f.collectionMethod(o, name, args, node)
}

// baseMethod is super().name(…), or dict.name(self, …), in a class that is built on a collection: what it does to whatever the
// caller knows of the instance, too.
func (f *frame) baseMethod(self *value.Value, name string, args []arg, node ast.NodeID) *value.Value {
	if f.fn.Class == ir.NoClass || f.s.builtOn(f.fn.Class) == "" {
		return nil
	}
	var out *value.Value
	for i := range self.Objs {
		o := &self.Objs[i]
		switch o.Kind {
		case value.ObjInstance:
			out = join(out, f.inherited(o, name, args, node))
		case value.ObjParam:
			out = join(out, f.baseOfParam(value.AddLabels(value.OfObj(*o), self.Taint), name, args, node))
		}
	}
	return out
}

func (f *frame) baseOfParam(self *value.Value, name string, args []arg, node ast.NodeID) *value.Value {
	switch {
	case name == "__init__" || name == "__new__":
		if name == "__new__" && len(args) > 0 {
			args = args[1:]
		}
		if f.passesOn(args) {
			return value.None() // see fillBase
		}
		if typ := f.s.builtOn(f.fn.Class); typ != "dict" && len(args) > 0 {
			f.growUnknown(self, "extend", []arg{{v: f.iterate(args[0].v, node), node: args[0].node}})
		} else if typ == "dict" {
			f.growUnknown(self, "update", args)
		}
		return value.None()
	case name == "__setitem__" && len(args) == 2:
		f.storeIndex(self, args[0].v, args[1].v, &ir.Instr{Node: node, B: -1})
		return value.None()
	case name == "__getitem__" && len(args) == 1:
		return f.loadIndex(self, args[0].v, node)
	case strings.HasPrefix(name, "__"):
		return nil
	}
	return f.callMethod(self, name, args, node)
}

// passesOn: the arguments are those that the function itself was called with, *args and **kwargs.
func (f *frame) passesOn(args []arg) bool {
	for _, a := range args {
		if a.kind != ir.ArgStar && a.kind != ir.ArgStarStar || !isParam(a.v) {
			return false
		}
	}
	return len(args) > 0
}

// asItem is the attribute of a dict whose __getattr__ looks among its items; nil where there is no such item.
func (f *frame) asItem(o *value.Obj, name string) *value.Value {
	if f.s.builtOn(o.Class) != "dict" {
		return nil
	}
	k, ok := keyOf(o)
	obj := f.object(k)
	if !ok || obj == nil {
		return nil
	}
	if hook, _ := f.s.classAttr(o.Class, "__getattr__", f.fn.ID, ir.NoClass); hook == nil {
		return nil
	}
	if c := obj.find(cellItem, "", strConst(name)); c != nil {
		return c.value
	}
	return nil
}

// setsItem: an attribute of the class is an item.
func (f *frame) setsItem(id ir.ClassID) bool {
	if f.s.builtOn(id) != "dict" {
		return false
	}
	hook, _ := f.s.classAttr(id, "__setattr__", f.fn.ID, ir.NoClass)
	return hook != nil
}
