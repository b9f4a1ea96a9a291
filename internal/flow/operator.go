package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// What classes of the program do where Python calls them without a name: operators, iteration, attributes that are not there.

// operated is a + b where one of them is an instance of a class that says what that is; nil where neither does.
func (f *frame) operated(op ast.Op, a, b *value.Value, node ast.NodeID) *value.Value {
	name := operatorName(op)
	if name == "" {
		return nil
	}
	if r := f.ownMethod(a, "__"+name+"__", []arg{{v: b, node: node}}, node); r != nil {
		return r
	}
	return f.ownMethod(b, "__r"+name+"__", []arg{{v: a, node: node}}, node)
}

func operatorName(op ast.Op) string {
	switch op {
	case ast.Add:
		return "add"
	case ast.Mod:
		return "mod"
	case ast.Div:
		return "truediv"
	case ast.Mult:
		return "mul"
	case ast.BitOr:
		return "or"
	case ast.RShift:
		return "rshift"
	case ast.LShift:
		return "lshift"
	}
	return ""
}

// ownMethod calls a method that the class of v's only instance has in the program; nil when it has none.
func (f *frame) ownMethod(v *value.Value, name string, args []arg, node ast.NodeID) *value.Value {
	if v == nil || len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjInstance || f.s.following > 0 {
		return nil
	}
	o := &v.Objs[0]
	if m, _ := f.s.classAttr(o.Class, name, f.fn.ID, ir.NoClass); m == nil {
		return nil
	}
	return f.callMethodOf(value.OfObj(*o), o, name, args, node)
}

// stepped is what __next__ of an iterator of the program gives, or what awaiting __anext__ does; nil when it has neither.
func (f *frame) stepped(o *value.Obj, node ast.NodeID) *value.Value {
	v := value.OfObj(*o)
	for _, name := range [...]string{"__next__", "__anext__"} {
		if r := f.ownMethod(v, name, nil, node); r != nil {
			return r
		}
	}
	if it := f.ownMethod(v, "__aiter__", nil, node); it != nil && !sameObjs(it, v) {
		return f.iterate(it, node)
	}
	return nil
}

// standIn is what __getattr__ of the class gives for a name that is not there; nil when the class has none.
func (f *frame) standIn(o *value.Obj, name string, node ast.NodeID) *value.Value {
	if len(name) > 2 && name[:2] == "__" {
		return nil
	}
	if item := f.asItem(o, name); item != nil {
		return item
	}
	was := f.dead
	r := f.ownMethod(value.OfObj(*o), "__getattr__", []arg{{v: value.Str(name), node: node}}, node)
	f.dead = was
	return r
}

// unpacked is one of `a, b = v` for an instance that is iterated over; nil for others.
func (f *frame) unpacked(in *ir.Instr) *value.Value {
	v := f.get(in.A)
	if in.Sub != ir.IndexUnpack || v == nil || len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjInstance {
		return nil
	}
	if m, _ := f.s.classAttr(v.Objs[0].Class, "__iter__", f.fn.ID, ir.NoClass); m == nil {
		return nil
	}
	return f.iterate(v, in.Node)
}

// compare also decides whether a constant is in a collection of constants.
func (f *frame) compare(op ast.Op, a, b *value.Value) *value.Value {
	k, ok := oneConst(a)
	if op != ast.In && op != ast.NotIn || !ok || b == nil || len(a.Taint) > 0 || len(b.Objs) == 0 {
		return value.Compare(op, a, b)
	}
	elems, exact := f.elements(b)
	if !exact || len(b.Taint) > 0 {
		return value.Compare(op, a, b)
	}
	found := false
	for _, e := range elems {
		c, ok := oneConst(e)
		if !ok || c.Kind != k.Kind {
			return value.Compare(op, a, b)
		}
		found = found || c == k
	}
	return value.Bool(found == (op == ast.In))
}

// isConstOf is isinstance(constant, type of the language); nil for other arguments.
func isConstOf(v, typ *value.Value) *value.Value {
	c, ok := oneConst(v)
	if !ok || len(v.Taint) > 0 || typ == nil || len(typ.Objs) != 1 || typ.AnyObj || typ.Objs[0].Kind != value.ObjExternal {
		return nil
	}
	is := map[ir.ConstKind]string{ir.ConstStr: "str", ir.ConstBytes: "bytes", ir.ConstInt: "int", ir.ConstBool: "bool", ir.ConstFloat: "float", ir.ConstNone: "NoneType"}[c.Kind]
	switch want := strings.TrimPrefix(typ.Objs[0].Path, "builtins."); want {
	case "str", "bytes", "int", "float", "bool", "list", "dict", "tuple", "set":
		return value.Bool(is == want || is == "bool" && want == "int")
	}
	return nil
}

// printed: print(…, file=f) writes into f.
func (f *frame) printed(args []arg, node ast.NodeID) {
	for _, to := range args {
		if to.kind != ir.ArgKeyword || to.name != "file" {
			continue
		}
		for _, a := range args {
			if a.kind == ir.ArgPos {
				f.callMethod(to.v, "write", []arg{a}, node)
			}
		}
	}
}
