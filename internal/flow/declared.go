package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// What the fields of a form or a model declare of their values, once these were validated:
//
//	kind = StringField(validators=[AnyOf(["a", "b"])])  # WTForms, after form.validate()
//	kind: Literal["a", "b"]                             # pydantic, in the instance

// annotationOf is what a class or a base says of a field: its annotation, and the module that it is written in.
func (s *solver) annotationOf(id ir.ClassID, name string) (*ir.Module, ast.NodeID) {
	for _, t := range s.mro(id) {
		if t.Kind != semantic.TargetClass || t.Rest != "" {
			continue
		}
		c := s.prog.Class(t.Class)
		f := c.Module.File
		for _, w := range f.Body(c.Node) {
			if n := ast.NodeID(w); f.Kind(n) == ast.AnnAssign && f.IdentOf(f.SlotA(n)) == name {
				return c.Module, f.SlotB(n)
			}
		}
	}
	return nil, 0
}

// isPydantic reports whether the instances of a class hold what pydantic let through.
func (s *solver) isPydantic(id ir.ClassID) bool {
	return slices.Contains(s.externalBases(id), "pydantic.BaseModel")
}

// asDeclared is the value of a field of a pydantic model.
func (a asking) asDeclared(id ir.ClassID, name string, v *value.Value) *value.Value {
	if v == nil || !a.s.isPydantic(id) || len(a.deep(v).Taint) == 0 || !a.mayAsk(maxSpec) {
		return v
	}
	v = value.Clear(v, declaredOnly)
	a.context = a.context*31 + hashString(name)
	if m, annotation := a.s.annotationOf(id, name); m != nil {
		v = a.annotated(m, annotation, v)
	}
	if spec, _ := a.s.classAttr(id, name, a.fn.ID, ir.NoClass); a.isSpec(spec) {
		v = a.pass(spec, v)
	}
	return a.hooked(id, &schemaField{key: name, name: name}, v)
}

// annotated is v where it was let through as an annotation says.
func (a asking) annotated(m *ir.Module, n ast.NodeID, v *value.Value) *value.Value {
	if a.depth++; v == nil || !a.mayAsk(2*maxSpec) {
		return v
	}
	f := m.File
	switch f.Kind(n) {
	case ast.BinOp: // str | None
		return join(a.annotated(m, f.SlotA(n), v), a.annotated(m, f.SlotB(n), v))
	case ast.Subscript:
		return a.generic(m, n, v)
	case ast.Call:
		return a.metadata(m, n, v)
	case ast.Constant:
		if isNoneNode(f, n) {
			return value.None()
		}
		return v
	}
	return a.named(m, semantic.DottedName(f, n), v)
}

func isNoneNode(f *ast.File, n ast.NodeID) bool { return f.Text(n) == "None" }

// generic is Optional[X], Literal["a"], Annotated[X, …], list[X].
func (a asking) generic(m *ir.Module, n ast.NodeID, v *value.Value) *value.Value {
	f := m.File
	inner := []ast.NodeID{f.SlotB(n)}
	if f.Kind(inner[0]) == ast.Tuple {
		inner = inner[:0]
		for _, w := range f.ListA(f.SlotB(n)) {
			inner = append(inner, ast.NodeID(w))
		}
	}
	if len(inner) == 0 {
		return v
	}
	switch name := semantic.DottedName(f, f.SlotA(n)); name[strings.LastIndexByte(name, '.')+1:] {
	case "Literal":
		return value.Clear(v, models.AllKinds)
	case "Optional", "Required", "NotRequired", "Final":
		return a.annotated(m, inner[0], v)
	case "Union":
		var out *value.Value
		for _, t := range inner {
			out = join(out, a.annotated(m, t, v))
		}
		return out
	case "Annotated":
		v = a.annotated(m, inner[0], v)
		for _, t := range inner[1:] {
			v = a.annotated(m, t, v)
		}
		return v
	case "list", "List", "set", "Set", "frozenset", "FrozenSet", "Sequence", "Iterable", "conlist", "conset":
		return a.listOf(v, as(m, inner[0]))
	case "dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict":
		if len(inner) == 2 {
			return a.dictOf(v, as(m, inner[0]), as(m, inner[1]))
		}
	}
	return v
}

// as is what an annotation lets through.
func as(m *ir.Module, n ast.NodeID) func(asking, *value.Value) *value.Value {
	return func(a asking, v *value.Value) *value.Value { return a.annotated(m, n, v) }
}

// named is a type by its name: one of the language's, of a library, of the program, or a variable that holds one.
func (a asking) named(m *ir.Module, name string, v *value.Value) *value.Value {
	if name == "" {
		return v
	}
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "int", "float", "bool", "UUID", "date", "datetime", "time", "timedelta", "Decimal":
		return value.Clear(v, models.AllKinds)
	}
	switch t := a.s.resolve(m, name); {
	case t.Kind == semantic.TargetClass && t.Rest == "":
		if a.s.isEnum(t.Class) {
			return value.Clear(v, models.AllKinds)
		}
		if made := a.modelFrom(value.OfObj(value.Obj{Kind: value.ObjClass, Class: t.Class}), v, 0); made != nil {
			return made
		}
	case t.Kind == semantic.TargetExternal:
		return a.byRows(&value.Obj{Kind: value.ObjExternal, Path: a.s.set.Canonical(t.Path)}, v)
	case t.Kind == semantic.TargetVar && t.Rest == "":
		if alias := assignedName(t.Module.File, t.Name); alias != 0 {
			return a.annotated(t.Module, alias, v)
		}
	}
	return v
}

func (s *solver) isEnum(id ir.ClassID) bool {
	return slices.ContainsFunc(s.externalBases(id), func(b string) bool {
		return b == "enum.Enum" || b == "enum.StrEnum" || b == "enum.IntEnum"
	})
}

// assignedName is what a module binds a name to: Slug = Annotated[str, …].
func assignedName(f *ast.File, name string) ast.NodeID {
	for _, w := range f.Body(f.Root) {
		switch n := ast.NodeID(w); f.Kind(n) {
		case ast.Assign:
			if ts := f.ListA(n); len(ts) == 1 && f.IdentOf(ast.NodeID(ts[0])) == name {
				return f.SlotB(n)
			}
		case ast.AnnAssign:
			if f.IdentOf(f.SlotA(n)) == name {
				return f.SlotC(n)
			}
		}
	}
	return 0
}

// metadata is a call in an annotation: constr(pattern=…), Field(pattern=…), AfterValidator(check).
func (a asking) metadata(m *ir.Module, n ast.NodeID, v *value.Value) *value.Value {
	f := m.File
	t := a.s.resolve(m, semantic.DottedName(f, f.SlotA(n)))
	if t.Kind != semantic.TargetExternal {
		return v
	}
	e := a.s.set.Lookup(a.s.set.Canonical(t.Path))
	if e == nil || len(e.Checks) == 0 {
		return v
	}
	var args []arg
	for _, w := range f.ListB(n) {
		if g := ast.NodeID(w); f.Kind(g) == ast.Keyword {
			args = append(args, arg{kind: ir.ArgKeyword, name: f.IdentOf(g), v: a.written(m, f.SlotB(g)), node: a.node})
		} else {
			args = append(args, arg{v: a.written(m, g), node: a.node})
		}
	}
	return a.rows(e.Checks, args, v)
}

// written is the value of a literal or a name in an annotation.
func (a asking) written(m *ir.Module, n ast.NodeID) *value.Value {
	if text, ok := m.File.Str(n); ok {
		return value.Str(text)
	}
	if name := semantic.DottedName(m.File, n); name != "" {
		return a.s.target(a.s.resolve(m, name), a.fn.ID)
	}
	return value.Unknown
}

// modelFrom is an instance of a pydantic model made of a mapping; nil for other classes.
func (a asking) modelFrom(class, from *value.Value, kinds models.KindSet) *value.Value {
	f, node := a.frame, a.node
	if len(class.Objs) != 1 || !a.mayAsk(maxSpec) {
		return nil
	}
	a.depth++
	o := &class.Objs[0]
	if o.Kind != value.ObjClass && o.Kind != value.ObjInstance || !f.s.isPydantic(o.Class) {
		return nil
	}
	_, names := f.s.recordOf(o.Class)
	if len(names) == 0 {
		return nil
	}
	inst := value.Obj{Kind: value.ObjInstance, Class: o.Class, Site: value.Site{Func: f.fn.ID, Node: node, Context: a.context*31 + 7}}
	k, _ := keyOf(&inst)
	obj := &object{}
	whole := f.deep(from)
	for _, name := range names {
		field := schemaField{key: name, name: name}
		if spec, _ := f.s.classAttr(o.Class, name, f.fn.ID, ir.NoClass); f.isSpec(spec) {
			field = f.fieldNamed(name, spec)
		}
		v := f.loadIndex(from, value.Str(field.key), node)
		if v == nil || len(f.deep(v).Taint) == 0 {
			v = derived(whole.Marks, whole)
		}
		obj.put(cell{kind: cellAttr, name: name, value: a.asDeclared(o.Class, name, value.Clear(v, kinds))}, false)
	}
	f.heap.put(k, obj)
	made := value.OfObj(inst)
	a.wholeChecked(o.Class, made)
	return made
}

// wholeChecked asks the methods of a model that look at all of its fields at once.
func (a asking) wholeChecked(id ir.ClassID, made *value.Value) {
	for _, h := range a.s.hooksOf(id) {
		if h.does != models.HookWhole {
			continue
		}
		o := value.Obj{Kind: value.ObjBound, Func: h.fn, Recv: made}
		a.run(&o, nil)
		if st := &a.s.funcs[h.fn]; st.sum != nil && st.status == done {
			a.clearAttrs(&o, st.sum.facts.attrsHeld())
		}
	}
}

// isForm: the value is one instance of a form of WTForms.
func (f *frame) isForm(v *value.Value) bool {
	return v != nil && len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjInstance && slices.ContainsFunc(f.s.externalBases(v.Objs[0].Class), func(b string) bool {
		return f.s.set.IsSubtype(b, "wtforms.Form")
	})
}

// ofForm says of a field which validated form it was read from, under which name.
func ofForm(field, form *value.Value, name string) *value.Value {
	return mapObjs(field, func(o value.Obj) value.Obj {
		if o.Kind == value.ObjLibrary || o.Kind == value.ObjInstance {
			o.Recv, o.Name = form, name
		}
		return o
	})
}

// validField is form.field.data where the form was validated.
func (f *frame) validField(field, data *value.Value, node ast.NodeID) *value.Value {
	if field.Facts&value.FactValidated == 0 || len(field.Objs) != 1 || data == nil {
		return data
	}
	o := &field.Objs[0]
	a := f.asking(node)
	a.form, a.context = o.Recv, hashString(o.Name)
	data = a.pass(field, data)
	if o.Recv == nil || len(o.Recv.Objs) != 1 {
		return data
	}
	m, _ := f.s.classAttr(o.Recv.Objs[0].Class, "validate_"+o.Name, f.fn.ID, ir.NoClass)
	if m == nil || len(m.Objs) != 1 || m.Objs[0].Kind != value.ObjFunc {
		return data
	}
	fn := &value.Obj{Kind: value.ObjBound, Func: m.Objs[0].Func, Recv: o.Recv}
	return a.askedOfField(fn, nil, data) // such a method is given the field alone
}
