package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// builtin calls what the engine itself understands of the standard library; false for the rest.
func (f *frame) builtin(path string, args []arg, node ast.NodeID) (*value.Value, bool) {
	name, isBuiltin := strings.CutPrefix(path, "builtins.")
	first := func(i int) *value.Value {
		if i < len(args) {
			return args[i].v
		}
		return nil
	}
	if isBuiltin {
		switch name {
		case "super":
			return f.super(args), true
		case "list", "tuple", "set", "frozenset", "sorted", "reversed", "iter":
			return f.listOf(name, args, node), true
		case "dict":
			return f.dictOf(args, node), true
		case "next":
			return f.iterate(first(0), node), len(args) > 0
		case "enumerate", "zip":
			return f.zipped(name, args, node), true
		case "map", "filter":
			return f.mapped(name, args, node), len(args) > 1
		case "getattr":
			if s, ok := oneStr(first(1)); ok {
				r := f.loadAttr(first(0), s, node)
				if len(args) > 2 && (len(first(0).Objs) == 0 || len(first(2).Taint) > 0) {
					r = join(r, first(2))
				}
				return r, true
			}
			if r, ok := f.chosenAttr(first(0), first(1), node); ok {
				return r, true
			}
			if len(args) > 1 && f.isModelClass(first(0)) {
				// A column that somebody chooses is a column, no text.
				return value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: "sqlalchemy.ColumnElement"}), true
			}
			if len(args) > 1 && args[1].kind == ir.ArgPos {
				return f.unknownCall(nil, slices.Delete(slices.Clone(args), 1, 2), node), true // what is found under a name is not the name
			}
		case "print":
			f.printed(args, node)
		case "int", "float":
			if len(args) == 1 && args[0].kind == ir.ArgPos {
				f.isNumeral(args[0].v)
			}
		case "locals":
			if r := f.locals(node); r != nil && len(args) == 0 {
				return r, true
			}
		case "vars":
			if len(args) == 1 && len(args[0].v.Objs) == 1 && args[0].v.Objs[0].Kind == value.ObjInstance {
				return f.asDict(args[0].v, node)
			}
		case "isinstance":
			if r := isConstOf(first(0), first(1)); r != nil {
				return r, true
			}
		case "classmethod", "property", "functools.cached_property":
			if len(args) > 0 {
				return f.boundLater(name, args[0].v), true
			}
		case "staticmethod":
			if len(args) > 0 {
				return args[0].v, true
			}
		case "setattr":
			if s, ok := oneStr(first(1)); ok && len(args) == 3 {
				in := ir.Instr{Node: node}
				f.storeAttr(first(0), s, first(2), &in)
				return value.None(), true
			}
		}
		if isException(path) {
			return f.exception(path, args, node), true
		}
		if base, method, ok := strings.Cut(name, "."); ok && len(args) > 0 && baseCollection("builtins."+base) != "" {
			if r := f.baseMethod(args[0].v, method, args[1:], node); r != nil {
				return r, true
			}
		}
		pos, kw := f.plainArgs(args)
		if name == "str" || name == "repr" || name == "format" || name == "sum" || name == "max" || name == "min" {
			for i := range pos {
				pos[i] = f.asText(pos[i])
			}
		}
		if r, ok := value.Builtin(name, pos, kw); ok && r != nil {
			return f.note(r, node), true
		}
		return nil, false
	}
	if r, ok := f.stdContainer(path, args, node); ok {
		return r, true
	}
	switch path {
	case "functools.partial", "functools.partialmethod":
		if len(args) > 0 {
			return f.partial(args, node), true
		}
	case "operator.itemgetter", "operator.attrgetter", "operator.methodcaller":
		getter := value.OfObj(value.Obj{Kind: value.ObjExternal, Path: path + "()"})
		return f.partial(append([]arg{{v: getter}}, args...), node), true
	case "operator.itemgetter()", "operator.attrgetter()":
		return f.getter(path == "operator.attrgetter()", args, node)
	case "operator.methodcaller()":
		if name, ok := oneStr(first(0)); ok && len(args) > 1 {
			return f.callMethod(args[len(args)-1].v, name, args[1:len(args)-1], node), true
		}
	case "functools.wraps":
		return value.OfObj(value.Obj{Kind: value.ObjExternal, Path: "functools.wraps()"}), true
	case "functools.wraps()", "functools.lru_cache()", "functools.cache", "contextlib.contextmanager", "functools.update_wrapper":
		return first(0), len(args) > 0
	case "functools.lru_cache":
		if len(args) == 1 && len(args[0].v.Objs) > 0 && args[0].v.Objs[0].Kind == value.ObjFunc {
			return args[0].v, true
		}
		return value.OfObj(value.Obj{Kind: value.ObjExternal, Path: "functools.lru_cache()"}), true
	case "os.getenv", "os.environ.get", "os._Environ.get":
		if s, ok := oneStr(first(0)); ok {
			env := &value.EnvRef{Name: s, Default: value.None()}
			if len(args) > 1 {
				env.Default, env.HasDefault = first(1), true
			}
			return value.OfEnv(value.Value{AnyObj: true}, env), true
		}
	case "copy.copy", "copy.deepcopy", "typing.cast":
		if len(args) > 0 {
			return args[len(args)-1].v, true
		}
	}
	return nil, false
}

// getter calls what operator.itemgetter(k, …) or attrgetter(name, …) made: the last argument is the object.
func (f *frame) getter(isAttr bool, args []arg, node ast.NodeID) (*value.Value, bool) {
	if len(args) < 2 {
		return nil, false
	}
	v := args[len(args)-1].v
	var out []*value.Value
	for _, a := range args[:len(args)-1] {
		name, ok := oneStr(a.v)
		switch {
		case isAttr && !ok:
			return nil, false
		case isAttr:
			r := v
			for part := range strings.SplitSeq(name, ".") {
				r = f.loadAttr(r, part, node)
			}
			out = append(out, r)
		default:
			out = append(out, f.loadIndex(v, a.v, node))
		}
	}
	if len(out) == 1 {
		return out[0], true
	}
	return f.alloc("tuple", node, exactly(out)), true
}

// super is a view of self that looks behind the class of the method.
func (f *frame) super(args []arg) *value.Value {
	class := f.fn.Class
	if class == ir.NoClass {
		return value.Unknown
	}
	return value.OfObj(value.Obj{Kind: value.ObjMember, Name: "super", Class: class})
}

func (f *frame) listOf(name string, args []arg, node ast.NodeID) *value.Value {
	typ := map[string]string{"tuple": "tuple", "set": "set", "frozenset": "set"}[name]
	if typ == "" {
		typ = "list"
	}
	if len(args) == 0 {
		return f.alloc(typ, node, &object{exact: true})
	}
	if elems, ok := f.elements(args[0].v); ok && name != "sorted" && name != "reversed" && (typ != "set" || areConstants(elems)) {
		return f.alloc(typ, node, exactly(elems))
	}
	return f.alloc(typ, node, &object{star: orUnknown(f.iterate(args[0].v, node))})
}

// areConstants: which of them a set leaves out does not matter to who asks what is in it.
func areConstants(elems []*value.Value) bool {
	return !slices.ContainsFunc(elems, func(v *value.Value) bool { _, ok := oneConst(v); return !ok || len(v.Taint) > 0 })
}

func (f *frame) zipped(name string, args []arg, node ast.NodeID) *value.Value {
	o := &object{exact: true, typ: "tuple"}
	if name == "enumerate" {
		o.elems, o.nodes = append(o.elems, value.OfType("int")), append(o.nodes, 0)
		args = args[:min(1, len(args))]
	}
	for _, a := range args {
		if a.kind == ir.ArgPos {
			o.elems, o.nodes = append(o.elems, f.iterate(a.v, node)), append(o.nodes, a.node)
		}
	}
	pair := f.allocAt("tuple", node, 1, o)
	return f.alloc("list", node, &object{star: pair})
}

func (f *frame) mapped(name string, args []arg, node ast.NodeID) *value.Value {
	if len(args) < 2 {
		return nil
	}
	var pass []arg
	for _, a := range args[1:] {
		pass = append(pass, arg{v: f.iterate(a.v, node), node: a.node})
	}
	was := f.dead
	r := f.call(args[0].v, pass, node)
	f.dead = was
	if name == "filter" {
		r = kept(args[0].v, pass[0].v)
	}
	return f.alloc("list", node, &object{star: orUnknown(r)})
}

// kept is an element that filter(predicate, x) keeps: filter(str.isalnum, name).
func kept(predicate, elem *value.Value) *value.Value {
	if len(predicate.Objs) != 1 || elem == nil {
		return elem
	}
	name, ok := strings.CutPrefix(predicate.Objs[0].Path, "builtins.str.")
	if kinds, isClass := value.CharClassGuard(name); ok && isClass {
		return value.Clear(elem, kinds)
	}
	return elem
}

func (f *frame) partial(args []arg, node ast.NodeID) *value.Value {
	o := &object{typ: "tuple"}
	for _, a := range args[1:] {
		switch a.kind {
		case ir.ArgPos:
			o.elems, o.nodes = append(o.elems, a.v), append(o.nodes, a.node)
		case ir.ArgKeyword:
			o.cells = append(o.cells, cell{kind: cellAttr, name: a.name, value: a.v})
		}
	}
	f.heap.put(objKey{kind: value.ObjSite, site: f.site(node)}, o)
	return value.OfObj(value.Obj{Kind: value.ObjPartial, Site: f.site(node), Recv: args[0].v})
}
