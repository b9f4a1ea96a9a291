package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// maxFilled bounds the subclasses that are asked what stands in an attribute.
const maxFilled = 4

// classMember is an attribute of a class object.
func (f *frame) classMember(id ir.ClassID, name string, o *value.Obj, node ast.NodeID) *value.Value {
	v, external := f.s.classAttr(id, name, f.fn.ID, ir.NoClass)
	if put := f.s.instAttr(id, onClass+name, f.fn.ID); put != nil {
		v = f.s.join(v, put)
	}
	if v == nil {
		if name == "__name__" {
			return value.Str(f.s.prog.Class(id).Name)
		}
		if external != "" && name != "__table__" {
			e := f.s.set.Lookup(external + "." + name)
			r := f.libraryAttr(value.Unknown, e, external+"."+name, &value.Obj{Kind: value.ObjExternal, Path: external}, name, node)
			if e != nil && e.Loading != nil {
				r = asReceiver(r, o)
			}
			if f.s.isModel(id) {
				r = queryOf(r, *o)
			}
			return r
		}
		if f.s.isModel(id) {
			return queryAttr(o, name)
		}
		return nil
	}
	if r := f.described(v, value.None(), id, node); r != nil {
		return r
	}
	return mapObjs(v, func(m value.Obj) value.Obj {
		if m.Kind == value.ObjFunc && f.s.look(m.Func).isClassMethod {
			return value.Obj{Kind: value.ObjBound, Func: m.Func, Recv: value.OfObj(*o)}
		}
		return m
	})
}

// instMember is an attribute of an instance of a class of the program.
func (f *frame) instMember(v *value.Value, o *value.Obj, name string, node ast.NodeID) *value.Value {
	switch name {
	case "__class__":
		return value.OfObj(value.Obj{Kind: value.ObjClass, Class: o.Class})
	case "__dict__":
		if d, ok := f.asDict(v, node); ok {
			return d
		}
	}
	p := f.companion(v, o)
	inst := f.sharedAttr(o, p, name)
	if p != nil {
		if f.isChecked(p, name) {
			return f.boundMember(v, o, name, node, ir.NoClass)
		}
		inst = value.WithOwn(inst, p.Func)
	}
	r := f.s.join(f.boundMember(v, o, name, node, ir.NoClass), inst)
	if isLeftOpen(r) {
		r = f.s.join(r, f.filledBelow(o, name))
	}
	if r != nil {
		return r
	}
	return f.standIn(o, name, node)
}

// sharedAttr is what other objects of the class may say of an attribute of this one. An object of the process holds itself what
// was put into it, unless nobody knew which object that was. One that a constructor is filling holds nothing but what it put there.
func (f *frame) sharedAttr(o, param *value.Obj, name string) *value.Value {
	if f.isNew(o, param) {
		return f.s.instAttr(o.Class, onClass+name, f.fn.ID)
	}
	if k, ok := keyOf(o); ok && !f.isModuleLevel() && f.s.isShared(k) && f.object(k) != nil {
		return f.s.anyAttr(o.Class, name, f.fn.ID)
	}
	return f.s.instAttr(o.Class, name, f.fn.ID)
}

// isNew: a constructor is filling the object, in this function or where this one calls it.
func (f *frame) isNew(o, param *value.Obj) bool {
	if param != nil {
		return param.Func == f.fn.ID && param.Param == 0 && param.Path == "" && f.isMethod() && isConstructor(f.fn.Name)
	}
	k, ok := keyOf(o)
	return ok && f.filling == k && k.site != (value.Site{})
}

// isLeftOpen: a class tells no object of an attribute, as one does whose subclasses have to say it.
func isLeftOpen(v *value.Value) bool {
	if v == nil {
		return true
	}
	for i := range v.Objs {
		if v.Objs[i].Kind != value.ObjParam {
			return false
		}
	}
	return !slices.ContainsFunc(v.Consts(), func(c ir.Const) bool { return c.Kind != ir.ConstNone })
}

// filledBelow are the objects that subclasses put into an attribute that the class of a generic self leaves open:
//
//	class ShelfView(ListView):
//	    store = Store(Book)
func (f *frame) filledBelow(o *value.Obj, name string) *value.Value {
	if o.Site != (value.Site{}) {
		return nil
	}
	var out *value.Value
	n := 0
	for _, sub := range f.s.subclasses(o.Class) {
		c := f.s.classes[sub].attrs[name]
		if c == nil || c.joined == nil || len(c.joined.Taint) > 0 || !isInstance(c.joined) {
			continue
		}
		if n++; n > maxFilled {
			break
		}
		c.read(f.fn.ID)
		out = f.s.join(out, value.WithMark(c.joined, value.MarkDynamic))
	}
	return out
}

func isInstance(v *value.Value) bool {
	return len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjInstance && v.IsObjs()
}

// isHere: something is known of the object in this function.
func (f *frame) isHere(k objKey) bool {
	id, ok := f.s.keys.find(k)
	return ok && (f.heap.peek(id) != nil || f.brought(id) != nil)
}

// companion is the parameter whose instance o stands for, when any instance of its class may be meant: one of no known place,
// or one that another function made, of which nothing is known here.
func (f *frame) companion(v *value.Value, o *value.Obj) *value.Obj {
	if o.Site != (value.Site{}) {
		if k, ok := keyOf(o); o.Kind != value.ObjInstance || !ok || f.isHere(k) {
			return nil
		}
	}
	for i := range v.Objs {
		if v.Objs[i].Kind == value.ObjParam {
			return &v.Objs[i]
		}
	}
	return nil
}

// ofAny is something read from a collection in an attribute of self, or of another parameter of which the class is known. Where
// the collection is the one that the class makes for whatever instance, the caller that knows the instance looks into that one's.
func (f *frame) ofAny(v *value.Value, o *value.Obj, r *value.Value) *value.Value {
	if r == nil || len(r.Taint) == 0 || len(v.Objs) < 2 || o.Kind != value.ObjSite {
		return r
	}
	at := slices.IndexFunc(v.Objs, func(p value.Obj) bool {
		return p.Kind == value.ObjParam && p.Func == f.fn.ID && p.Path != ""
	})
	if at < 0 {
		return r
	}
	if k, ok := keyOf(o); !ok || f.isHere(k) {
		return r
	}
	attr, path, _ := strings.Cut(v.Objs[at].Path, ".")
	for _, c := range f.s.instCells(f.classOf(v.Objs[at].Param), attr) {
		if c.joined != nil && f.s.holdsAt(c.joined, path, o) {
			return value.WithOwn(r, f.fn.ID)
		}
	}
	return r
}

// classOf is the class of whatever instance a parameter stands for; NoClass where none or several are known.
func (f *frame) classOf(param int32) ir.ClassID {
	if param == 0 && f.isMethod() && !f.info.isClassMethod {
		return f.fn.Class
	}
	class := ir.NoClass
	if int(param) < len(f.fn.Params) {
		objs := f.get(f.fn.Params[param].Reg).Objs
		for i := range objs {
			if o := &objs[i]; o.Kind == value.ObjInstance && o.Site == (value.Site{}) {
				if class != ir.NoClass {
					return ir.NoClass
				}
				class = o.Class
			}
		}
	}
	return class
}

// holdsAt: the object is what a collection that outlived its function holds at a path of constant keys.
func (s *solver) holdsAt(v *value.Value, path string, o *value.Obj) bool {
	for depth := 0; path != "" && depth < maxParamPath; depth++ {
		part, rest, _ := strings.Cut(path, ".")
		key, ok := s.pathItem(part)
		if !ok {
			return false
		}
		k, isConst := oneConst(key)
		var item *value.Value
		for i := range v.Objs {
			if hk, ok := keyOf(&v.Objs[i]); ok && isConst {
				if held := s.global.get(hk); held != nil {
					item = join(item, held.item(k, true))
				}
			}
		}
		if item == nil {
			return false
		}
		v, path = item, rest
	}
	return slices.ContainsFunc(v.Objs, func(of value.Obj) bool { return of.Compare(o) == 0 })
}

// receiver is one object of v for its method, with the parameters that it stands for.
func (f *frame) receiver(v *value.Value, o *value.Obj) *value.Value {
	if n := len(v.Objs); n > 0 && &v.Objs[0] == o && v.IsObjs() {
		p := f.companion(v, o)
		if n == 1 && len(v.Taint) == 0 || n == 2 && p == &v.Objs[1] && !hasSource(v.Taint) {
			return v // nothing else can be meant, as with self
		}
	}
	return f.withCompanions(value.OfObj(*o), v, o)
}

func hasSource(ls []value.Label) bool {
	return slices.ContainsFunc(ls, func(l value.Label) bool { return l.Origin.Kind == value.OriginSource })
}

// withCompanions adds to one object of v the parameters that it stands for, so that callers can say which one it is.
func (f *frame) withCompanions(r, v *value.Value, o *value.Obj) *value.Value {
	if f.companion(v, o) == nil {
		return r
	}
	for i := range v.Objs {
		if v.Objs[i].Kind == value.ObjParam {
			r = f.s.join(r, value.OfObj(v.Objs[i]))
		}
	}
	for i := range v.Taint {
		if v.Taint[i].Origin.Kind == value.OriginParam {
			r = value.AddLabels(r, v.Taint[i:i+1])
		}
	}
	return r
}

// boundMember is a class attribute seen through an instance: functions bind, properties run.
func (f *frame) boundMember(self *value.Value, o *value.Obj, name string, node ast.NodeID, after ir.ClassID) *value.Value {
	v, external := f.s.classAttr(o.Class, name, f.fn.ID, after)
	if v == nil {
		if external == "" {
			return nil
		}
		for _, base := range f.s.externalBases(o.Class) {
			if e := f.s.set.Member(base, name); e != nil {
				lib := value.Obj{Kind: value.ObjLibrary, Path: base, Site: o.Site}
				if e.Loading != nil {
					lib.Recv = value.OfObj(*o)
				}
				return f.withFields(e, o, f.libraryAttr(value.OfObj(*o), e, base+"."+name, &lib, name, node))
			}
		}
		return nil
	}
	if v.IsObjs() && len(v.Taint) == 0 && !slices.ContainsFunc(v.Objs, isFunc) {
		if r := f.described(v, f.receiver(self, o), o.Class, node); r != nil {
			return r
		}
		if fn, ok := propertyOf(&v.Objs[0]); ok && len(v.Objs) == 1 && f.s.following == 0 {
			return f.callFunc(fn, v.Objs[0].Recv.Objs[0].Site.Context, []arg{{v: f.receiver(self, o)}}, node)
		}
		return v
	}
	recv := f.receiver(self, o)
	var props []ir.FuncID
	out := mapObjs(v, func(m value.Obj) value.Obj {
		if m.Kind != value.ObjFunc {
			return m
		}
		info := f.s.look(m.Func)
		switch {
		case info.isProperty:
			props = append(props, m.Func)
			return m
		case info.isStatic:
			return m
		case info.isClassMethod:
			return value.Obj{Kind: value.ObjBound, Func: m.Func, Recv: value.OfObj(value.Obj{Kind: value.ObjClass, Class: o.Class})}
		}
		return value.Obj{Kind: value.ObjBound, Func: m.Func, Site: m.Site, Recv: recv}
	})
	for _, p := range props {
		if f.s.following > 0 {
			// The path of a label: two properties that read each other would be run for ever.
			break
		}
		out = f.callFunc(p, 0, []arg{{v: recv}}, node)
	}
	return out
}

// withFields: what a method of a library's base class makes of the instance, it makes of its fields.
func (f *frame) withFields(e *models.Entry, o *value.Obj, method *value.Value) *value.Value {
	fromSelf := slices.ContainsFunc(e.Flows, func(fl models.Flow) bool { return fl.From.Self }) ||
		slices.ContainsFunc(e.Sanitizers, func(s models.Sanitizer) bool { return s.From.Self })
	k, ok := keyOf(o)
	if !fromSelf || !ok {
		return method
	}
	fields := f.object(k)
	if fields == nil {
		return method
	}
	var labels []value.Label
	for i := range fields.cells {
		if v := f.deep(fields.cells[i].value); v != nil {
			labels = append(labels, v.Taint...)
		}
	}
	if len(labels) == 0 {
		return method
	}
	return mapObjs(method, func(m value.Obj) value.Obj {
		if m.Kind == value.ObjMember {
			m.Recv = value.AddLabels(m.Recv, value.NormalizeLabels(labels))
		}
		return m
	})
}
