package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Records: classes whose constructor the standard library writes from the fields that the class names.

// recordKind says how a class without __init__ takes its arguments.
type recordKind uint8

const (
	noRecord    recordKind = iota
	dataRecord             // dataclasses.dataclass, attrs: fields in order, as attributes
	tupleRecord            // typing.NamedTuple: fields in order, as attributes and positions
)

// recordOf tells the kind of a class and its fields in the order of the constructor.
func (s *solver) recordOf(id ir.ClassID) (recordKind, []string) {
	kind := noRecord
	var fields []string
	mro := s.mro(id)
	for i := len(mro) - 1; i >= 0; i-- {
		t := mro[i]
		switch {
		case t.Kind == semantic.TargetExternal && (t.Path == "typing.NamedTuple" || t.Path == "typing_extensions.NamedTuple"):
			kind = tupleRecord
		case t.Kind == semantic.TargetExternal && isModelBase(t.Path):
			kind = dataRecord
		case t.Kind == semantic.TargetClass && t.Rest == "":
			if s.isDataclass(t.Class) {
				kind = dataRecord
			}
			for _, name := range s.annotatedNames(t.Class) {
				if !slices.Contains(fields, name) {
					fields = append(fields, name)
				}
			}
		}
	}
	return kind, fields
}

// isModelBase: the base gives its subclasses a constructor from annotated fields.
func isModelBase(path string) bool {
	return path == "pydantic.BaseModel" || path == "sqlmodel.SQLModel" || path == "msgspec.Struct"
}

func (s *solver) isDataclass(id ir.ClassID) bool {
	c := s.prog.Class(id)
	f := c.Module.File
	for _, w := range f.Decorators(c.Node) {
		d := ast.NodeID(w)
		if f.Kind(d) == ast.Call {
			d = f.SlotA(d)
		}
		switch name := semantic.DottedName(f, d); name[strings.LastIndexByte(name, '.')+1:] {
		case "dataclass", "define", "frozen", "attrs", "mutable":
			return true
		}
	}
	return false
}

// annotatedNames are the fields that the body of a class declares with an annotation, in order. ClassVar makes none.
func (s *solver) annotatedNames(id ir.ClassID) []string {
	c := s.prog.Class(id)
	f := c.Module.File
	var out []string
	for _, w := range f.Body(c.Node) {
		n := ast.NodeID(w)
		if f.Kind(n) != ast.AnnAssign || f.Kind(f.SlotA(n)) != ast.Name {
			continue
		}
		if strings.Contains(f.Text(f.SlotB(n)), "ClassVar") {
			continue
		}
		out = append(out, f.IdentOf(f.SlotA(n)))
	}
	return out
}

// fill is what the written constructor of a record does; false when the class is none.
func (f *frame) fill(id ir.ClassID, k objKey, args []arg, node ast.NodeID) bool {
	kind, fields := f.s.recordOf(id)
	if kind == noRecord {
		return false
	}
	obj := f.heap.get(k)
	given := map[string]bool{}
	a := f.asking(node)
	put := func(name string, v *value.Value) {
		v = a.asDeclared(id, name, v)
		obj = obj.set(cell{kind: cellAttr, name: name, value: v}, false)
		given[name] = true
	}
	pos := 0
	for _, g := range args {
		switch g.kind {
		case ir.ArgKeyword:
			put(g.name, g.v)
		case ir.ArgPos:
			if pos < len(fields) {
				put(fields[pos], g.v)
			}
			pos++
		default:
			v := f.iterate(g.v, g.node)
			if g.kind == ir.ArgStarStar {
				v = f.mapValues(g.v)
			}
			for _, name := range fields {
				if !given[name] {
					put(name, join(v, taintOnly(g.v)))
				}
			}
		}
	}
	for _, name := range fields {
		if !given[name] {
			if v := f.fieldDefault(id, name, node); v != nil {
				put(name, v)
			}
		}
	}
	if kind == tupleRecord {
		obj = obj.clone()
		obj.typ, obj.exact = "tuple", true
		for _, name := range fields {
			v := value.Unknown
			if c := obj.find(cellAttr, name, ir.Const{}); c != nil {
				v = c.value
			}
			obj.elems, obj.nodes = append(obj.elems, v), append(obj.nodes, node)
		}
	}
	f.heap.put(k, obj)
	return true
}

// fieldDefault is the value of a field that the caller leaves out: that of the class body, or what its factory makes.
func (f *frame) fieldDefault(id ir.ClassID, name string, node ast.NodeID) *value.Value {
	v, _ := f.s.classAttr(id, name, f.fn.ID, ir.NoClass)
	if v == nil || len(v.Objs) != 1 {
		return v
	}
	o := &v.Objs[0]
	if o.Kind != value.ObjLibrary || o.Path != fieldSpec {
		return v
	}
	k, _ := keyOf(o)
	spec := f.object(k)
	if spec == nil {
		return value.Unknown
	}
	if c := spec.find(cellAttr, "default", ir.Const{}); c != nil {
		return c.value
	}
	for _, factory := range []string{"default_factory", "factory"} {
		if c := spec.find(cellAttr, factory, ir.Const{}); c != nil {
			was := f.dead
			r := f.call(c.value, nil, node)
			f.dead = was
			// Factories make one object per instance, and all of them at this place.
			return f.apart(r, name)
		}
	}
	return value.Unknown
}

// apart gives a collection made at a shared place a place of its own.
func (f *frame) apart(v *value.Value, name string) *value.Value {
	if v == nil || len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjSite {
		return v
	}
	o := v.Objs[0]
	k, _ := keyOf(&o)
	src := f.object(k)
	if src == nil {
		return v
	}
	o.Site.Context = o.Site.Context*31 + hashString(name)
	k, _ = keyOf(&o)
	f.heap.put(k, src)
	return value.WithType(value.OfObj(o), v.Type)
}

const fieldSpec = "dataclasses.Field"

// field is dataclasses.field(…), attr.ib(…).
func (f *frame) field(args []arg, node ast.NodeID) *value.Value {
	v := f.holder(fieldSpec, node)
	k, _ := keyOf(&v.Objs[0])
	o := f.heap.get(k)
	for _, a := range args {
		if a.kind == ir.ArgKeyword {
			o = o.set(cell{kind: cellAttr, name: a.name, value: a.v}, false)
		}
	}
	f.heap.put(k, o)
	return v
}

const tupleType = "collections.namedtuple()"

// namedTuple is collections.namedtuple(name, fields): a constructor that knows its fields.
func (f *frame) namedTuple(args []arg, node ast.NodeID) (*value.Value, bool) {
	if len(args) < 2 {
		return nil, false
	}
	var names []*value.Value
	if s, ok := oneStr(args[1].v); ok {
		for _, name := range strings.Fields(strings.ReplaceAll(s, ",", " ")) {
			names = append(names, value.Str(name))
		}
	} else if elems, ok := f.elements(args[1].v); ok {
		names = elems
	}
	if len(names) == 0 || slices.ContainsFunc(names, func(v *value.Value) bool { _, ok := oneStr(v); return !ok }) {
		return nil, false
	}
	list := f.allocAt("tuple", node, 1, exactly(names))
	return f.partial([]arg{{v: value.OfObj(value.Obj{Kind: value.ObjExternal, Path: tupleType})}, {v: list}}, node), true
}

// makeTuple calls what namedTuple returned: the first argument is the tuple of field names.
func (f *frame) makeTuple(args []arg, node ast.NodeID) (*value.Value, bool) {
	if len(args) == 0 {
		return nil, false
	}
	names, ok := f.elements(args[0].v)
	if !ok {
		return nil, false
	}
	o := &object{typ: "tuple", exact: true, elems: make([]*value.Value, len(names)), nodes: make([]ast.NodeID, len(names))}
	pos := 0
	for _, a := range args[1:] {
		switch a.kind {
		case ir.ArgPos:
			if pos < len(names) {
				o.elems[pos] = a.v
			}
			pos++
		case ir.ArgKeyword:
			for i, n := range names {
				if s, _ := oneStr(n); s == a.name {
					o.elems[i] = a.v
				}
			}
		default:
			for i := range o.elems {
				o.elems[i] = join(o.elems[i], join(f.iterate(a.v, a.node), f.mapValues(a.v)))
			}
		}
	}
	for i, n := range names {
		o.elems[i] = orUnknown(o.elems[i])
		s, _ := oneStr(n)
		o = o.set(cell{kind: cellAttr, name: s, value: o.elems[i]}, false)
	}
	return f.allocAt("tuple", node, 1, o), true
}

// tupleMethod is a method that tuples with names have; nil for others.
func (f *frame) tupleMethod(o *value.Obj, name string, args []arg, node ast.NodeID) *value.Value {
	if name != "_asdict" && name != "_replace" {
		return nil
	}
	if o.Kind == value.ObjInstance {
		if kind, _ := f.s.recordOf(o.Class); kind != tupleRecord {
			return nil
		}
	}
	var r *value.Value
	if name == "_asdict" {
		r, _ = f.asDict(value.OfObj(*o), node)
	} else {
		r, _ = f.replaced(value.OfObj(*o), args, node)
	}
	return r
}

// replaced is dataclasses.replace(record, field=…) and namedtuple._replace(field=…).
func (f *frame) replaced(v *value.Value, args []arg, node ast.NodeID) (*value.Value, bool) {
	if v == nil || len(v.Objs) != 1 {
		return nil, false
	}
	o := v.Objs[0]
	k, ok := keyOf(&o)
	src := f.object(k)
	if !ok || src == nil {
		return nil, false
	}
	n := src.clone()
	n.elems = slices.Clone(src.elems)
	for _, a := range args {
		if a.kind != ir.ArgKeyword {
			continue
		}
		if c := n.find(cellAttr, a.name, ir.Const{}); c != nil {
			for i, e := range n.elems {
				if e == c.value && n.cells[i].name == a.name {
					n.elems[i] = a.v
				}
			}
		}
		n = n.set(cell{kind: cellAttr, name: a.name, value: a.v}, false)
	}
	o.Site = f.site(node)
	k, _ = keyOf(&o)
	f.heap.put(k, n)
	return value.WithType(value.OfObj(o), v.Type), true
}

// asDict is dataclasses.asdict(record), vars(record), namedtuple._asdict().
func (f *frame) asDict(v *value.Value, node ast.NodeID) (*value.Value, bool) {
	if v == nil || len(v.Objs) != 1 {
		return nil, false
	}
	k, ok := keyOf(&v.Objs[0])
	src := f.object(k)
	if !ok || src == nil {
		return nil, false
	}
	n := &object{typ: "dict", star: src.star}
	for _, c := range src.cells {
		if c.kind == cellAttr {
			n = n.set(cell{kind: cellItem, key: strConst(c.name), value: c.value, node: c.node, maybe: c.maybe}, false)
		}
	}
	return f.allocAt("dict", node, 200, n), true // beside the record, which the same call may make
}

// asTuple is dataclasses.astuple(record): the fields in the order of the class.
func (f *frame) asTuple(v *value.Value, node ast.NodeID) (*value.Value, bool) {
	d, ok := f.asDict(v, node)
	if !ok {
		return nil, false
	}
	return f.listOf("tuple", []arg{{v: f.callMethod(d, "values", nil, node), node: node}}, node), true
}
