package flow

import (
	"slices"
	"strconv"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// What a schema loads has the fields that it declares, each as its field and its validators leave it:
//
//	class Order(Schema):
//	    kind = fields.Str(validate=OneOf(["a", "b"]))
//	    note = fields.Str()
//
//	order = Order().load(request.get_json())        # order["kind"] is one of two words, order["note"] is anything
//
// The same holds of dicts of fields, of parsers that were given arguments one by one, and of what decorators of webargs pass to views.

// schemaField is one field of a schema: where it stands in what comes in and in what comes out, and what checks it.
type schemaField struct {
	key, name string
	spec      *value.Value
}

// schema is what declares fields. Open: it may let others through.
type schema struct {
	fields []schemaField
	class  ir.ClassID // ir.NoClass for dicts and parsers
	recv   *value.Value
	isOpen bool
	isMany bool
}

// schemaOf reads what a value declares; false when it declares nothing that is known.
func (f *frame) schemaOf(v *value.Value) (schema, bool) {
	sc := schema{class: ir.NoClass, recv: v}
	if v == nil || len(v.Objs) == 0 {
		return sc, false
	}
	o := &v.Objs[0]
	switch {
	case len(v.Objs) > 1 && !isGenericSelf(v):
		return sc, false
	case o.Kind == value.ObjInstance, o.Kind == value.ObjClass:
		sc.class = o.Class
		f.classFields(&sc)
	case o.Kind == value.ObjSite && o.Path == "dict":
		k, _ := keyOf(o)
		obj := f.object(k)
		if obj == nil {
			return sc, false
		}
		sc.isOpen = obj.star != nil
		for i := range obj.cells {
			if c := &obj.cells[i]; c.kind == cellItem && c.key.Kind == ir.ConstStr {
				sc.fields = append(sc.fields, f.fieldNamed(c.key.Str, c.value))
			}
		}
	case o.Kind == value.ObjLibrary:
		k, ok := keyOf(o)
		if !ok {
			return sc, false
		}
		if obj := f.object(k); obj != nil {
			for i := range obj.cells {
				if c := &obj.cells[i]; c.kind == cellItem && c.key.Kind == ir.ConstStr {
					sc.fields = append(sc.fields, schemaField{c.key.Str, c.key.Str, c.value})
				}
			}
		}
	}
	if many, ok := f.argNamed(o, "many"); ok {
		sc.isMany = value.Truth(many) == value.True
	}
	return sc, len(sc.fields) > 0
}

// isGenericSelf: an instance of a class, whichever, as self is.
func isGenericSelf(v *value.Value) bool {
	return len(v.Objs) == 2 && v.Objs[0].Kind == value.ObjInstance && v.Objs[1].Kind == value.ObjParam
}

// argNamed is a keyword that an object was made with.
func (f *frame) argNamed(o *value.Obj, name string) (*value.Value, bool) {
	for _, a := range f.specArgs(o) {
		if a.name == name {
			return a.v, true
		}
	}
	return nil, false
}

// fieldNamed is a field with the names that its own arguments give it.
func (f *frame) fieldNamed(name string, spec *value.Value) schemaField {
	out := schemaField{name, name, spec}
	if len(spec.Objs) != 1 {
		return out
	}
	for _, a := range f.specArgs(&spec.Objs[0]) {
		if text, ok := oneStr(a.v); ok {
			switch a.name {
			case "data_key", "load_from", "alias", "validation_alias":
				out.key = text
			case "attribute", "dest":
				out.name = text
			}
		}
	}
	return out
}

// classFields are the fields that a class and its bases declare. What a library's base class adds by looking at a model of
// the database is not known.
func (f *frame) classFields(sc *schema) {
	seen := map[string]bool{}
	for _, t := range f.s.mro(sc.class) {
		switch {
		case t.Kind == semantic.TargetExternal:
			sc.isOpen = sc.isOpen || !isPlainBase(t.Path)
		case t.Kind == semantic.TargetClass && t.Rest == "":
			f.s.runClassBody(f.s.prog.Class(t.Class))
			for _, name := range f.s.classes[t.Class].order {
				if c := f.s.classes[t.Class].attrs[name]; !seen[name] && c != nil && c.joined != nil {
					seen[name] = true
					c.read(f.fn.ID)
					if name == "Meta" {
						sc.isOpen = true // fields of a model, or `unknown = INCLUDE`
					} else if f.isSpec(c.joined) {
						sc.fields = append(sc.fields, f.fieldNamed(name, c.joined))
					}
				}
			}
		}
	}
}

// isPlainBase: the base class adds no fields of its own.
func isPlainBase(path string) bool {
	switch path {
	case "builtins.object", "marshmallow.Schema", "marshmallow.schema.Schema", "apiflask.Schema", "apiflask.schemas.Schema", "flask_marshmallow.Schema",
		"flask_marshmallow.schema.Schema", "webargs.Schema":
		return true
	}
	return false
}

// loaded is what a call gives that loads by a schema; r where nothing is known of it.
func (f *frame) loaded(e *models.Entry, recv *value.Value, args []arg, node ast.NodeID, r *value.Value) *value.Value {
	l := e.Loading
	from := r
	if !l.From.IsNone() {
		given := f.selectArgs(l.From, recv, args)
		if len(given) == 0 {
			return r
		}
		from = given[0].v
	}
	decl := f.selectArgs(l.Schema, recv, args)
	if len(decl) == 0 || from == nil {
		return r
	}
	decl[0].v = ofProgram(decl[0].v)
	if l.From.Self {
		if d, ok := f.asDict(ofProgram(from), node); ok {
			return d
		}
		return r
	}
	kinds := models.KindSet(0)
	for i := range e.Sanitizers {
		kinds |= e.Sanitizers[i].Kinds
	}
	if l.Makes {
		if m := f.asking(node).modelFrom(decl[0].v, from, kinds); m != nil {
			return m
		}
		return r
	}
	sc, ok := f.schemaOf(decl[0].v)
	if !ok || len(f.deep(from).Taint) == 0 {
		return r
	}
	for _, a := range args {
		if a.kind == ir.ArgKeyword && a.name == "many" {
			sc.isMany = value.Truth(a.v) != value.False
		}
		sc.isOpen = sc.isOpen || a.kind == ir.ArgKeyword && a.name == "unknown"
	}
	out := f.asking(node).fieldsFrom(&sc, from, kinds)
	if f.isUnpacked(node) {
		return f.allocAt("tuple", node, 3, &object{typ: "tuple", exact: true, elems: []*value.Value{out, value.Unknown}, nodes: make([]ast.NodeID, 2)})
	}
	return out
}

// asReceiver says of a method of a library's class through which class of the program it was reached.
func asReceiver(method *value.Value, o *value.Obj) *value.Value {
	return mapObjs(method, func(m value.Obj) value.Obj {
		m.Recv = value.OfObj(*o)
		return m
	})
}

// ofProgram is the object of the program whose method of a library's base class is called.
func ofProgram(v *value.Value) *value.Value {
	if len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjLibrary && v.Objs[0].Recv != nil {
		return v.Objs[0].Recv
	}
	return v
}

// isUnpacked: `data, errors = schema.load(…)`, as the second marshmallow has it.
func (f *frame) isUnpacked(node ast.NodeID) bool {
	in := f.fn.Blocks[f.block].Instrs
	i := slices.IndexFunc(in, func(i ir.Instr) bool { return i.Node == node && (i.Op == ir.OpMethod || i.Op == ir.OpCall) })
	if i < 0 {
		return false
	}
	return slices.ContainsFunc(in[i+1:min(i+3, len(in))], func(next ir.Instr) bool {
		return next.Op == ir.OpIndex && next.Sub == ir.IndexUnpack && next.A == in[i].Dst
	})
}

// fieldsFrom takes the fields of a schema out of a value: a dict, a list of them, or what the schema makes of the dict.
func (a asking) fieldsFrom(sc *schema, from *value.Value, kinds models.KindSet) *value.Value {
	f, node := a.frame, a.node
	if sc.isMany {
		one := *sc
		one.isMany = false
		elem := a.fieldsFrom(&one, f.iterate(from, node), kinds)
		return f.allocAt("list", node, a.context+1, &object{typ: "list", star: elem})
	}
	var checked []itemCheck
	if sc.class != ir.NoClass {
		from, checked = a.beforehand(sc, from)
	}
	site := value.Site{Func: f.fn.ID, Node: node, Context: a.context}
	obj := value.Obj{Kind: value.ObjSite, Path: "dict", Site: site}
	o := &object{typ: "dict"}
	for i := range sc.fields {
		d := &sc.fields[i]
		v := value.Clear(f.loadIndex(from, value.Str(d.key), node), kinds)
		if v == nil || len(f.deep(v).Taint) == 0 {
			v = value.Clear(derived(from.Marks, f.deep(from)), kinds)
		}
		for _, c := range checked {
			if c.key == d.key {
				v = value.Clear(v, c.cleared)
			}
		}
		b := a
		b.context = a.context*31 + hashString(d.name)
		v = b.hooked(sc.class, d, b.pass(d.spec, v))
		o.put(cell{kind: cellItem, key: strConst(d.name), value: v, node: node}, false)
		o.put(cell{kind: cellAttr, name: d.name, value: v, node: node}, false)
	}
	if sc.isOpen {
		o.putStar(nil, value.Clear(derived(from.Marks, f.deep(from)), kinds))
	}
	k, _ := keyOf(&obj)
	dict := value.OfTyped(obj, "dict")
	o.put(cell{kind: cellAttr, name: "errors", value: value.Unknown}, true)
	f.heap.put(k, o)
	if o.attr("data") == nil { // of the second marshmallow
		f.heap.put(k, o.set(cell{kind: cellAttr, name: "data", value: dict}, false))
	}
	return f.schemaResult(sc, dict, node)
}

// itemCheck is what a method of a schema checked of one item.
type itemCheck struct {
	key     string
	cleared models.KindSet
}

// beforehand is what comes in after the methods that change or check it before the fields are asked, and what they checked of its items.
func (a asking) beforehand(sc *schema, from *value.Value) (*value.Value, []itemCheck) {
	var checked []itemCheck
	for _, h := range a.s.hooksOf(sc.class) {
		if h.does != models.HookInput {
			continue
		}
		o := value.Obj{Kind: value.ObjBound, Func: h.fn, Recv: value.OfObj(value.Obj{Kind: value.ObjInstance, Class: sc.class})}
		r := a.run(&o, []arg{{v: from, node: a.node}})
		checked = append(checked, a.itemsHeld(h.fn)...)
		if len(a.deep(r).Taint) > 0 {
			from = r
		}
	}
	return from, checked
}

// itemsHeld is what a method that returned has checked of the items of its first argument.
func (a asking) itemsHeld(id ir.FuncID) []itemCheck {
	st := &a.s.funcs[id]
	if st.sum == nil || st.status != done {
		return nil
	}
	var out []itemCheck
	for _, known := range st.sum.facts.attrsHeld() {
		if quoted, isItem := strings.CutPrefix(known.name, "["); isItem && known.param == 1 {
			if name, err := strconv.Unquote(quoted); err == nil {
				out = append(out, itemCheck{name, known.cleared})
			}
		}
	}
	return out
}

// nested is what a field gives that has fields itself.
func (a asking) nested(decl, v *value.Value, args []arg) *value.Value {
	sc, ok := a.schemaOf(decl)
	if !ok {
		return v
	}
	for _, g := range args {
		if g.name == "many" {
			sc.isMany = value.Truth(g.v) != value.False
		}
	}
	return a.fieldsFrom(&sc, v, 0)
}

// hook is a method of a class that a decorator of a schema library took over.
type hook struct {
	fn     ir.FuncID
	does   models.Hook
	fields []string // that it is about; "*" is all
}

// hooksOf are the hooks of a class and its bases, those of the bases first.
func (s *solver) hooksOf(id ir.ClassID) []hook {
	st := &s.classes[id]
	if st.hasHooks {
		return st.hooks
	}
	st.hasHooks = true
	mro := s.mro(id)
	for i := len(mro) - 1; i >= 0; i-- {
		if t := mro[i]; t.Kind == semantic.TargetClass && t.Rest == "" {
			st.hooks = append(st.hooks, s.ownHooks(s.prog.Class(t.Class))...)
		}
	}
	return st.hooks
}

func (s *solver) ownHooks(c *ir.Class) []hook {
	var out []hook
	f := c.Module.File
	for _, w := range f.Body(c.Node) {
		n := ast.NodeID(w)
		if k := f.Kind(n); k != ast.FunctionDef && k != ast.AsyncFunctionDef {
			continue
		}
		for _, d := range f.Decorators(n) {
			call := ast.NodeID(d)
			callee := call
			if f.Kind(call) == ast.Call {
				callee = f.SlotA(call)
			}
			t := s.resolve(c.Module, semantic.DottedName(f, callee))
			if t.Kind != semantic.TargetExternal {
				continue
			}
			e := s.set.Lookup(s.set.Canonical(t.Path))
			id, ok := s.prog.ClassMember(c, f.IdentOf(n))
			if e == nil || e.Hook == models.NoHook || !ok {
				continue
			}
			h := hook{fn: id, does: e.Hook}
			if callee != call {
				for _, a := range f.ListB(call) {
					if text, ok := f.Str(ast.NodeID(a)); ok {
						h.fields = append(h.fields, text)
					}
				}
			}
			out = append(out, h)
		}
	}
	return out
}

// hooked is the value of a field after the methods of its class that are about it.
func (a asking) hooked(class ir.ClassID, d *schemaField, v *value.Value) *value.Value {
	if class == ir.NoClass || v == nil || len(a.deep(v).Taint) == 0 || !a.mayAsk(maxSpec) {
		return v
	}
	for _, h := range a.s.hooksOf(class) {
		if !slices.Contains(h.fields, d.name) && !slices.Contains(h.fields, "*") {
			continue
		}
		o := value.Obj{Kind: value.ObjBound, Func: h.fn, Recv: value.OfObj(value.Obj{Kind: value.ObjClass, Class: class})}
		switch h.does {
		case models.HookValue:
			v = a.run(&o, []arg{{v: v, node: a.node}})
		case models.HookTruth:
			o.Recv = value.OfObj(value.Obj{Kind: value.ObjInstance, Class: class})
			v = a.asked(&o, v)
		}
	}
	return v
}

// schemaResult is what the methods of a schema make of its fields.
func (f *frame) schemaResult(sc *schema, dict *value.Value, node ast.NodeID) *value.Value {
	if sc.class == ir.NoClass {
		return dict
	}
	a := f.asking(node)
	a.wholeSchema(sc.class, dict)
	for _, h := range f.s.hooksOf(sc.class) {
		if h.does == models.HookResult {
			o := value.Obj{Kind: value.ObjBound, Func: h.fn, Recv: value.OfObj(value.Obj{Kind: value.ObjInstance, Class: sc.class})}
			dict = a.run(&o, []arg{{v: dict, node: node}})
		}
	}
	return dict
}

// wholeSchema asks the methods of a schema that are given all fields at once and raise when something is wrong.
func (a asking) wholeSchema(class ir.ClassID, dict *value.Value) {
	for _, h := range a.s.hooksOf(class) {
		if h.does != models.HookWhole {
			continue
		}
		o := value.Obj{Kind: value.ObjBound, Func: h.fn, Recv: value.OfObj(value.Obj{Kind: value.ObjInstance, Class: class})}
		a.run(&o, []arg{{v: dict, node: a.node}})
		k, _ := keyOf(&dict.Objs[0])
		for _, known := range a.itemsHeld(h.fn) {
			obj := a.heap.get(k)
			if obj == nil {
				break
			}
			if c := obj.find(cellItem, "", strConst(known.key)); c != nil {
				v := value.Clear(c.value, known.cleared)
				a.heap.put(k, obj.set(cell{kind: cellItem, key: strConst(known.key), value: v, node: a.node}, false))
			}
		}
	}
}
