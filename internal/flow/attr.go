package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// maxParamPath bounds the attribute path kept below a parameter; deeper ones end in "*".
const maxParamPath = 3

// loadAttr is v.name.
func (f *frame) loadAttr(v *value.Value, name string, node ast.NodeID) *value.Value {
	if v == nil {
		return nil
	}
	switch name {
	case contentAttr:
		return orUnknown(f.contentOf(v, node))
	case savedAttr:
		return value.Tainted("", heldLabels(v.Taint)...)
	}
	if r, ok := value.PureAttr(v, name); ok {
		return f.note(r, node)
	}
	if strings.Contains(v.Type, ".") && len(v.Objs) == 0 {
		if r, ok := value.PathMethod(v, name, nil); ok && (name == "name" || name == "parent" || name == "stem" || name == "suffix") {
			return f.note(r, node)
		}
		if e := f.s.set.Member(v.Type, name); e != nil {
			return value.AddLabels(f.libraryAttr(v, e, e.Path, &value.Obj{Kind: value.ObjLibrary, Path: v.Type}, name, node), v.Taint)
		}
	}
	var out *value.Value
	known, text := false, ""
	for i := range v.Objs {
		if r := f.objAttr(v, &v.Objs[i], name, node); r != nil {
			out, known = f.s.join(out, r), true
			if o := &v.Objs[i]; o.Kind == value.ObjInstance && f.companion(v, o) != nil {
				text = commonText(r)
			}
		}
	}
	if text != "" {
		return value.WithText(out, text)
	}
	if v.Facts&value.FactValidated != 0 && known {
		if name == "data" {
			return f.validField(v, out, node)
		}
		return value.WithFacts(ofForm(out, v, name), value.FactValidated)
	}
	if !known && isAddressFlag(name) && len(v.Taint) > 0 {
		return addressFlag(v, name)
	}
	if !known && isPredicate(name) {
		return value.OfType("bool")
	}
	if !known && tellsOfRows(name) {
		return value.Unknown
	}
	if !known || v.AnyObj && len(v.Taint) > 0 {
		if out == nil && len(v.Objs) == 1 {
			d := value.OfObj(value.Obj{Kind: value.ObjMember, Name: name, Recv: v})
			return value.AddLabels(d, f.withoutPlain(v, name).Taint)
		}
		out = f.s.join(out, derived(v.Marks, f.withoutPlain(v, name)))
	}
	return out
}

// commonText is the address of the service that every instance of a class holds in an attribute: the first, where there are
// several, since all that is asked of them is whose choice the host is. The attribute itself stays symbolic.
func commonText(v *value.Value) string {
	if !v.IsConst || len(v.Taint) > 0 {
		return ""
	}
	first := ""
	for _, c := range v.Consts() {
		if c.Kind != ir.ConstStr || !strings.Contains(c.Str, "://") || !value.SkeletonOf(value.Of(c)).HostFixed() {
			return ""
		}
		if first == "" {
			first = c.Str
		}
	}
	return first
}

// isPredicate: what is called is_… or has_… is a truth value, whatever the object is made of.
func isPredicate(name string) bool {
	for _, verb := range [...]string{"is_", "has_", "can_", "should_", "was_"} {
		if strings.HasPrefix(name, verb) && len(name) > len(verb) {
			return true
		}
	}
	return false
}

// tellsOfRows: what a driver says of the rows that a statement has written is the database's word, whatever was written.
func tellsOfRows(name string) bool {
	switch name {
	case "inserted_id", "inserted_ids", "upserted_id", "inserted_primary_key", "lastrowid", "rowcount", "matched_count", "modified_count",
		"deleted_count":
		return true
	}
	return false
}

// objAttr is the attribute of one object; nil when nothing is known about it.
func (f *frame) objAttr(v *value.Value, o *value.Obj, name string, node ast.NodeID) *value.Value {
	if k, ok := keyOf(o); ok {
		if obj := f.object(k); obj != nil {
			if c := obj.find(cellAttr, name, ir.Const{}); c != nil {
				if o.Kind == value.ObjInstance && !f.isModuleLevel() && f.heap.get(k) == nil && f.s.isProcessWide(o.Site) {
					// Functions that do not know which object they have may have changed it since the module made it.
					return f.s.join(c.value, f.s.anyAttr(o.Class, name, f.fn.ID))
				}
				if c.maybe && c.checked && o.Kind == value.ObjParam {
					return f.s.join(c.value, newParamAttr(o, name))
				}
				return c.value
			}
		}
	}
	if name == "args" || name == "message" || name == "description" {
		if m := f.messageOf(o); m != nil && name != "args" {
			return m
		} else if m != nil {
			return f.allocAt("tuple", node, 1, &object{typ: "tuple", star: m})
		}
	}
	switch o.Kind {
	case value.ObjModule:
		return f.s.moduleAttr(f.s.moduleOf(o), name, f.fn.ID)
	case value.ObjExternal:
		if m := f.namespaceModule(o, name); m != nil {
			return ofModule(m)
		}
		if w := f.addedAttr(o, name); w != nil {
			return w
		}
		if isCurrentUser(o.Path) && f.s.users != nil {
			if w := f.rowAttr(&value.Obj{Kind: value.ObjLibrary, Path: rowType, Class: *f.s.users}, name, node); len(w.Taint) > 0 {
				return w
			}
		}
		path := o.Path + "." + name
		e := f.s.set.Lookup(path)
		if e == nil {
			if m := f.s.prog.Module(path); m != nil { // below a folder without __init__.py
				return ofModule(m)
			}
		}
		return f.libraryAttr(v, e, path, o, name, node)
	case value.ObjLibrary:
		if isRow(o) {
			return f.rowAttr(o, name, node)
		}
		if rows := rowsIn(o); rows != nil && name == "items" {
			return f.alloc("list", node, &object{star: rows})
		}
		if o.Path == "io.BytesIO" && name == "name" {
			return value.OfType("str") // of a temporary file, which the server named
		}
		e := f.s.set.Member(o.Path, name)
		if e == nil {
			if w := f.addedAttr(o, name); w != nil {
				return w
			}
			if g := f.s.set.Member(o.Path, "__getattr__"); g != nil && g.Returns != "" && !strings.HasPrefix(name, "_") {
				return f.ofType(g.Returns, value.Site{Func: f.fn.ID, Node: node})
			}
		}
		if e == nil && len(v.Taint) > 0 {
			return nil
		}
		return f.libraryAttr(v, e, o.Path+"."+name, o, name, node)
	case value.ObjClass:
		return f.classMember(o.Class, name, o, node)
	case value.ObjInstance:
		return f.instMember(v, o, name, node)
	case value.ObjParam:
		return f.paramAttr(o, name)
	case value.ObjPartial, value.ObjFunc, value.ObjBound:
		if name == "__name__" && o.Kind == value.ObjFunc && int(o.Func) < f.s.prog.NumFuncs() {
			return value.Str(f.s.prog.FuncName(o.Func))
		}
		return value.OfObj(value.Obj{Kind: value.ObjMember, Name: name, Recv: value.OfObj(*o)})
	}
	return nil
}

// namespaceModule is attribute name of a folder without __init__: after `import a.b`, a is one. Nil for a library.
func (f *frame) namespaceModule(o *value.Obj, name string) *ir.Module {
	if o.Entry != nil || f.fn.Kind == ir.KindTemplate {
		return nil
	}
	return f.s.prog.InNamespace(f.fn.Module, o.Path+"."+name)
}

// libraryType is the type that an object of a library has.
func (s *solver) libraryType(o *value.Obj) string {
	if o.Kind == value.ObjExternal {
		if e := s.set.Lookup(o.Path); e != nil && e.Type != "" {
			return e.Type
		}
	}
	return o.Path
}

func (s *solver) libAttr(typ, name string) *shared {
	k := typ + "." + name
	c := s.libAttrs[k]
	if c == nil {
		c = &shared{}
		s.libAttrs[k] = c
	}
	return c
}

// addedAttr is an attribute that the program itself put on a library object, such as flask.g.db; nil when it never does.
func (f *frame) addedAttr(o *value.Obj, name string) *value.Value {
	typ := f.s.libraryType(o)
	if o.Kind == value.ObjExternal && typ == o.Path && f.s.libAttrs[typ+"."+name] == nil {
		return nil
	}
	if f.s.set.Member(typ, name) != nil {
		return nil
	}
	c := f.s.libAttr(typ, name)
	c.read(f.fn.ID)
	return c.joined
}

func newParamAttr(o *value.Obj, name string) *value.Value {
	path := name
	if o.Path != "" {
		path = o.Path + "." + name
		if strings.HasSuffix(o.Path, "*") || strings.Count(path, ".") >= maxParamPath {
			path = strings.TrimSuffix(o.Path, ".*") + ".*"
			if strings.HasSuffix(o.Path, "*") {
				path = o.Path
			}
		}
	}
	n := *o
	n.Path = path
	l := value.Label{Origin: value.Origin{Kind: value.OriginParam, Func: o.Func, Param: o.Param, Name: path}}
	return value.OfSymbol(n, l)
}

// libraryAttr is an attribute of something of a library.
func (f *frame) libraryAttr(v *value.Value, e *models.Entry, path string, o *value.Obj, name string, node ast.NodeID) *value.Value {
	var out *value.Value
	switch {
	case e == nil && o.Kind == value.ObjExternal:
		out = f.s.external(path)
	case e == nil:
		out = value.OfObj(value.Obj{Kind: value.ObjMember, Name: name, Path: path, Recv: value.OfObj(*o)})
	case e.HasConst:
		return value.Str(e.Const)
	case o.Kind == value.ObjExternal && e.Type == "":
		out = value.OfObj(value.Obj{Kind: value.ObjExternal, Path: e.Path, Entry: e})
	case e.Type != "":
		out = f.ofType(e.Type, value.Site{Func: f.fn.ID, Node: node})
		if o.Kind == value.ObjLibrary && o.Site != (value.Site{}) && out.Objs != nil {
			// app.config is the same object whenever it is read.
			site := o.Site
			site.Context = site.Context*31 + hashString(name)
			out = f.ofType(e.Type, site)
		}
	default:
		out = value.OfObj(value.Obj{Kind: value.ObjMember, Name: name, Path: e.Path, Entry: e, Recv: value.OfObj(*o)})
	}
	if e != nil && e.AttrSource != nil {
		return f.sourceValue(out, e.AttrSource, e.Path, node)
	}
	if e == nil && len(v.Taint) > 0 {
		out = value.AddLabels(out, v.Taint)
	}
	return f.attrFlow(e, v, out)
}

// attrFlow passes on what an attribute is made of.
func (f *frame) attrFlow(e *models.Entry, v, out *value.Value) *value.Value {
	if e == nil || len(v.Taint) == 0 {
		return out
	}
	for i := range e.Flows {
		if e.Flows[i].From.Self {
			out = value.AddLabels(out, v.Taint)
		}
	}
	for i := range e.Sanitizers {
		out = f.sanitize(&e.Sanitizers[i], out, v, nil)
	}
	return out
}

// sourceValue taints a value with a read of a source.
func (f *frame) sourceValue(v *value.Value, src *models.Source, path string, node ast.NodeID) *value.Value {
	name := src.Name
	if name == "" {
		name = path
	}
	l := value.Label{Origin: value.Origin{Kind: value.OriginSource, Func: f.fn.ID, Node: node, Source: src.Kind, Name: name}, Cleared: f.s.ofAddress(name)}
	l.Trace = value.Extend(nil, f.fn.ID, node, name)
	if v == nil {
		v = value.Tainted("", l)
	} else {
		v = value.AddLabels(v, []value.Label{l})
	}
	if isRoot(name) {
		v = value.Concat("str", v, value.Str("/"))
	}
	return v
}

// isRoot: the source is the root of the request's address, which ends with a slash. What stands behind it is a path there.
func isRoot(name string) bool {
	return name == "request.host_url" || name == "request.root_url" || name == "request.url_root"
}

// ofAddress is what the parts of the request's address are harmless for. Since 3.1.7, Werkzeug takes a Host header with braces or
// slashes for none, so that the root of an address holds no braces and leads out of no folder; a host alone may still be two dots. In
// the path that stands behind them, old releases decode what a visitor wrote.
func (s *solver) ofAddress(name string) models.KindSet {
	clean := models.Kinds(models.Format, models.Import)
	switch {
	case name == "request.host":
	case isRoot(name):
		clean |= models.Kinds(models.PathRead, models.PathWrite, models.Archive)
	default:
		return 0
	}
	if s.hostsAsWritten == nil {
		yes, known := s.isAtLeast("werkzeug", "3.1.7")
		asWritten := known && !yes
		s.hostsAsWritten = &asWritten
	}
	if *s.hostsAsWritten {
		return 0
	}
	return clean
}

// isAtLeast is AtLeast of the options, which may be missing.
func (s *solver) isAtLeast(pkg, version string) (yes, known bool) {
	if s.opt.AtLeast == nil {
		return false, false
	}
	return s.opt.AtLeast(pkg, version)
}

// ofType is a clean instance of a named type: a scalar, a collection or a library type.
func (f *frame) ofType(typ string, site value.Site) *value.Value {
	switch typ {
	case "str", "bytes", "int", "float", "bool":
		return value.OfType(typ)
	case "list", "dict", "tuple", "set":
		return value.WithType(value.Unknown, typ)
	}
	typ = f.s.set.Canonical(typ)
	return value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: typ, Site: site, Entry: f.s.set.Lookup(typ)})
}

// onClass stands before the name of an attribute that is set on the class itself, Config.limit = 3. What is set on instances
// is not read from the class.
const onClass = "class "

// look inspects a function without solving it.
func (s *solver) look(id ir.FuncID) *funcInfo {
	st := &s.funcs[id]
	if st.info == nil {
		if fn := s.fn(id); fn != nil {
			st.info = inspect(fn)
		} else {
			st.info = &funcInfo{}
		}
	}
	return st.info
}

func isFunc(o value.Obj) bool { return o.Kind == value.ObjFunc }

func mapObjs(v *value.Value, fn func(value.Obj) value.Obj) *value.Value {
	if len(v.Objs) == 0 {
		return v
	}
	first, n := value.Obj{}, 0 // the first that changes, and its place
	for ; n < len(v.Objs); n++ {
		if first = fn(v.Objs[n]); first != v.Objs[n] {
			break
		}
	}
	if n == len(v.Objs) {
		return v
	}
	rest := *v
	rest.Objs = nil
	var out *value.Value
	if rest.IsConst || rest.AnyObj || rest.Loose || len(rest.Taint) > 0 || rest.Str != nil {
		out = &rest
	}
	for i, o := range v.Objs {
		switch {
		case i == n:
			o = first
		case i > n:
			o = fn(o)
		}
		out = join(out, value.OfObj(o))
	}
	return out
}

func hashString(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}
