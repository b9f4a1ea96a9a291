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

func (f *frame) execMethod(in *ir.Instr) {
	recv := f.get(in.A)
	mark := f.s.args.mark()
	args := f.evalArgs(in)
	switch in.Name {
	case "append", "add", "extend", "insert", "update", "setdefault":
		f.growsColumn(in.A, args)
	}
	r := f.callMethod(recv, in.Name, args, in.Node)
	f.savesUnder(in, recv, args)
	f.s.args.release(mark)
	if len(recv.Objs) == 1 && (recv.Objs[0].Kind == value.ObjInstance || recv.Objs[0].Kind == value.ObjModule || recv.Objs[0].Kind == value.ObjClass) || f.isSelf(recv, in.Name) {
		r = f.returned(f.quietAttr(recv, in.Name), in, r)
	}
	if in.Name == "relative_to" && !f.dead {
		f.refineMethod(&ir.Instr{Op: ir.OpMethod, Name: "is_relative_to", A: in.A, ArgsAt: in.ArgsAt, ArgsLen: in.ArgsLen, Node: in.Node}, f.get(in.A), true)
	}
	f.put(in.Dst, r)
}

// callMethod is recv.name(args…).
func (f *frame) callMethod(recv *value.Value, name string, args []arg, node ast.NodeID) *value.Value {
	if recv == nil {
		return nil
	}
	if isColumnOnly(recv, name, args) {
		return value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: "sqlalchemy.ColumnElement"})
	}
	f.saves(recv, name, args)
	if r, ok := f.textMethod(recv, name, args, node); ok {
		return r
	}
	if r, ok := f.typedMethod(recv, name, args, node); ok {
		return r
	}
	if o := f.careful(recv, name); o != nil {
		return f.callMethodOf(recv, o, name, args, node)
	}
	var out *value.Value
	known, dead, isOwn, isLibrary := 0, true, false, false
	for i := range recv.Objs {
		o := &recv.Objs[i]
		was := f.dead
		r := f.callMethodOf(recv, o, name, args, node)
		if isOwn && o.Kind == value.ObjParam || isLibrary && r == nil && f.isBelowSelf(o) {
			known++ // the instance that the parameter stands for has answered
			continue
		}
		isOwn = isOwn || o.Kind == value.ObjInstance && o.Site == (value.Site{}) && (r != nil || f.dead)
		isLibrary = isLibrary || o.Kind == value.ObjLibrary && r != nil && !f.holdsContent(o)
		if !f.dead {
			dead = false
		}
		f.dead = was
		if r != nil {
			out = f.s.join(out, r)
			known++
		}
	}
	if len(recv.Objs) > 0 && dead && out == nil && !recv.AnyObj && f.deadCall {
		f.deadCall = false
		f.dead = true
		return value.Unknown
	}
	f.deadCall = false
	if known < len(recv.Objs) || recv.AnyObj || len(recv.Objs) == 0 {
		out = f.s.join(out, f.unknownMethod(recv, name, args, node))
	}
	return out
}

// isBelowSelf: the object is what the instance has under an attribute, or what a method of that gives. Beside it stands what any instance
// of the class holds there.
func (f *frame) isBelowSelf(o *value.Obj) bool {
	return o.Kind == value.ObjParam && o.Func == f.fn.ID && o.Param == 0 && o.Path != "" && f.fn.Class != ir.NoClass
}

// holdsContent: the object holds what was put into it, as a ConfigParser does, and perhaps more than was seen.
func (f *frame) holdsContent(o *value.Obj) bool {
	k, ok := keyOf(o)
	return ok && f.object(k) != nil
}

// callMethodOf calls a method of one object; nil when the object is not known to have it.
func (f *frame) callMethodOf(recv *value.Value, o *value.Obj, name string, args []arg, node ast.NodeID) *value.Value {
	switch o.Kind {
	case value.ObjSite:
		if r := f.tupleMethod(o, name, args, node); r != nil {
			return r
		}
		return f.ofAny(recv, o, f.collectionMethod(o, name, args, node))
	case value.ObjModule:
		return f.call(f.s.moduleAttr(f.s.moduleOf(o), name, f.fn.ID), args, node)
	case value.ObjExternal:
		path := f.s.set.Canonical(o.Path + "." + name)
		e := f.s.set.Lookup(path)
		if e == nil && (len(recv.Taint) > 0 || name == "get") {
			return nil
		}
		if owner := f.s.set.Lookup(o.Path); e != nil && owner != nil && owner.Type != "" {
			return f.callEntry(e, e.Path, recv, args, node, nil)
		}
		return f.callPath(&value.Obj{Kind: value.ObjExternal, Path: path, Entry: e}, args, node)
	case value.ObjLibrary:
		if isRow(o) {
			if isLookup(name) {
				return f.unknownLookup(recv, args, node)
			}
			if m := f.rowAttr(o, name, node); isCallable(m) {
				return f.call(m, args, node)
			}
			return nil
		}
		if r, ok := f.stdMethod(o, name, args, node); ok {
			return r
		}
		if e := f.s.set.Member(o.Path, name); e != nil {
			return f.callEntry(e, e.Path, value.AddLabels(value.OfObj(*o), recv.Taint), args, node, nil)
		}
		if e := f.s.set.Member(o.Path, "__getattr__"); e != nil && e.Returns != "" {
			return f.callEntry(e, e.Path, recv, args, node, nil)
		}
		if isMappingMethod(name) && f.storeOf(o) != nil {
			return f.mappingCall(o, name, args, node, value.Unknown)
		}
		return nil
	case value.ObjInstance:
		if r := f.tupleMethod(o, name, args, node); r != nil {
			return r
		}
		if k, ok := keyOf(o); ok {
			if obj := f.object(k); obj != nil {
				if c := obj.find(cellAttr, name, ir.Const{}); c != nil {
					return f.call(c.value, args, node)
				}
			}
		}
		if m, ok := f.onlyMethod(recv, o, name, ir.NoClass); ok {
			r := f.callOne(m, args, node)
			return f.s.join(r, f.overrides(recv, o, name, args, node))
		}
		m := f.boundMember(recv, o, name, node, ir.NoClass)
		if m == nil {
			if m = f.s.instAttr(o.Class, name, f.fn.ID); m == nil {
				return f.inherited(o, name, args, node)
			}
		}
		r := f.call(m, args, node)
		return f.s.join(r, f.overrides(recv, o, name, args, node))
	case value.ObjClass:
		if m := f.classMember(o.Class, name, o, node); m != nil {
			return f.call(m, args, node)
		}
		if f.s.isModel(o.Class) {
			return f.rowsNamed(name, o.Class, node)
		}
	case value.ObjFunc, value.ObjBound:
		switch {
		case name == "setter", name == "getter", name == "deleter":
			f.s.accessor(o.Func, name, args)
			return value.OfObj(*o)
		case name == "__call__":
			return f.callObj(o, args, node)
		case name == "register" && len(args) > 0 && f.s.isSingleDispatch(o.Func):
			return f.registered(o, args[0].v)
		case isQueued(name):
			return f.queued(o, name, args, node)
		}
	case value.ObjParam:
		f.openEvent(o, name, args, node)
		return f.paramKeys(recv, o, name, args, node)
	case value.ObjMember:
		if _, ok := propertyOf(o); ok && (name == "setter" || name == "getter" || name == "deleter") {
			return value.OfObj(*o)
		}
		if o.Name == "super" && o.Recv == nil {
			return f.superCall(o.Class, name, args, node)
		}
	}
	return nil
}

// onlyMethod is boundMember where that is one method, which is nearly always: a call needs no value of it.
func (f *frame) onlyMethod(self *value.Value, o *value.Obj, name string, after ir.ClassID) (m value.Obj, ok bool) {
	v, _ := f.s.classAttr(o.Class, name, f.fn.ID, after)
	if v == nil || len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjFunc || len(v.Taint) > 0 || !v.IsObjs() {
		return m, false
	}
	m = v.Objs[0]
	switch info := f.s.look(m.Func); {
	case info.isProperty:
		return m, false
	case info.isStatic:
		return m, true
	case info.isClassMethod:
		return value.Obj{Kind: value.ObjBound, Func: m.Func, Recv: value.OfObj(value.Obj{Kind: value.ObjClass, Class: o.Class})}, true
	}
	return value.Obj{Kind: value.ObjBound, Func: m.Func, Site: m.Site, Recv: f.receiver(self, o)}, true
}

// superCall is super().name(args…).
func (f *frame) superCall(class ir.ClassID, name string, args []arg, node ast.NodeID) *value.Value {
	if len(f.fn.Params) == 0 {
		return nil
	}
	self := f.get(f.fn.Params[0].Reg)
	for i := range self.Objs {
		o := &self.Objs[i]
		switch o.Kind {
		case value.ObjClass:
			instance := *o
			instance.Kind = value.ObjInstance
			o = &instance
		case value.ObjInstance:
		default:
			continue
		}
		if m, ok := f.onlyMethod(self, o, name, class); ok {
			return f.callOne(m, args, node)
		}
		if m := f.boundMember(self, o, name, node, class); m != nil {
			return f.call(m, args, node)
		}
	}
	if r := f.baseMethod(self, name, args, node); r != nil {
		return r
	}
	switch name {
	case "__init__":
		f.baseArgs(self, args)
		return value.None()
	case "__setattr__":
		return value.None()
	case "__new__":
		return firstArg(args)
	}
	return nil
}

// overrides calls what subclasses put in place of a method, when the receiver is the generic self.
func (f *frame) overrides(recv *value.Value, o *value.Obj, name string, args []arg, node ast.NodeID) *value.Value {
	if o.Site != (value.Site{}) {
		return nil
	}
	var out *value.Value
	for i, sub := range f.s.subclasses(o.Class) {
		if i >= 4 {
			break
		}
		v := f.s.classes[sub].attrs[name]
		if v == nil || v.joined == nil {
			continue
		}
		for j := range v.joined.Objs {
			if m := &v.joined.Objs[j]; m.Kind == value.ObjFunc {
				self := f.withCompanions(value.OfObj(value.Obj{Kind: value.ObjInstance, Class: sub}), recv, o)
				r := f.callFunc(m.Func, 0, f.after(self, args), node)
				out = f.s.join(out, value.WithMark(r, value.MarkDynamic))
			}
		}
	}
	return out
}

// isSelf: the receiver is the self of a method, or the cls of a class method, and no subclass has another method of that name: what the method checks is
// checked for every instance.
func (f *frame) isSelf(recv *value.Value, name string) bool {
	if len(recv.Objs) != 2 || recv.AnyObj {
		return false
	}
	o := &recv.Objs[0]
	isOne := o.Kind == value.ObjInstance && o.Site == (value.Site{}) || o.Kind == value.ObjClass
	if !isOne || recv.Objs[1].Kind != value.ObjParam {
		return false
	}
	for _, sub := range f.s.subclasses(o.Class) {
		if f.s.classes[sub].attrs[name] != nil {
			return false
		}
	}
	return true
}

func (s *solver) subclasses(id ir.ClassID) []ir.ClassID {
	if s.subsReady {
		return s.classes[id].subs
	}
	s.subsReady = true
	for i := range s.prog.Classes {
		for _, t := range s.mro(ir.ClassID(i)) {
			if t.Kind == semantic.TargetClass && t.Class != ir.ClassID(i) {
				s.classes[t.Class].subs = append(s.classes[t.Class].subs, ir.ClassID(i))
			}
		}
	}
	return s.classes[id].subs
}

// unknownMethod is a method of something that nobody knows.
func (f *frame) unknownMethod(recv *value.Value, name string, args []arg, node ast.NodeID) *value.Value {
	switch name {
	case "setdefault":
		if r := f.defaultOfParam(recv, args, node); r != nil {
			return r
		}
		f.growUnknown(recv, name, args)
	case "append", "add", "extend", "insert", "update", "write", "appendleft":
		f.growUnknown(recv, name, args)
	case "put", "put_nowait":
		if len(args) > 0 && args[0].kind == ir.ArgPos {
			f.growUnknown(recv, name, []arg{{v: handedOver(args[0].v), node: args[0].node}})
		}
	case "get", "pop", "getlist", "__getitem__":
		if len(args) > 0 {
			return f.unknownGet(recv, args, node)
		}
	}
	f.sinkByName(name, args, node)
	if name == "count" {
		return value.OfType("int")
	}
	if r, ok := f.namesake(recv, name, args, node); ok {
		return r
	}
	if isAnswer(name, args) {
		return orUnknown(f.given(recv, name, args))
	}
	if isLookup(name) || isHTTPCall(name, args) || f.ofDatabase(recv) {
		return f.unknownLookup(recv, args, node)
	}
	if makesForm(name, args) {
		b := blend(0, []*value.Value{args[0].v})
		b.Step(f.fn.ID, node, "")
		return b.Value()
	}
	if (name == "decode" || name == "encode") && len(recv.Taint) > 0 {
		args = nil // bytes.decode(charset), not codec.decode(bytes)
	}
	r := f.unknownCall(f.askedOf(recv, name), args, node)
	if bindsValues(name, args) {
		r = value.Clear(r, models.Kinds(models.SQL))
	}
	if g := f.given(recv, name, args); g != nil {
		return join(r, g)
	}
	return r
}

// makesForm: what a class made of all fields of the request holds them, whichever form it is: forms.get("login").cls(request.form).
func makesForm(name string, args []arg) bool {
	if len(args) != 1 || args[0].kind != ir.ArgPos || name != "cls" && !strings.Contains(strings.ToLower(name), "form") {
		return false
	}
	return slices.ContainsFunc(args[0].v.Objs, func(o value.Obj) bool { return o.Kind == value.ObjLibrary && o.Path == "werkzeug.MultiDict" })
}

// defaultOfParam is d.setdefault("key", v) on what the caller passed: the item is the caller's or v. Nil for other keys and objects.
func (f *frame) defaultOfParam(recv *value.Value, args []arg, node ast.NodeID) *value.Value {
	if len(args) != 2 || len(recv.Objs) != 1 || recv.Objs[0].Kind != value.ObjParam {
		return nil
	}
	key, isConst := oneConst(args[0].v)
	k, ok := keyOf(&recv.Objs[0])
	if !isConst || !ok {
		return nil
	}
	obj := f.object(k)
	if obj == nil {
		obj = &object{}
	}
	f.heap.put(k, obj.set(cell{kind: cellItem, key: key, value: args[1].v, node: args[1].node, maybe: true}, true))
	return f.loadIndex(recv, args[0].v, node)
}

// growUnknown taints what a symbolic collection holds.
func (f *frame) growUnknown(recv *value.Value, name string, args []arg) {
	for i := range recv.Objs {
		o := &recv.Objs[i]
		k, ok := keyOf(o)
		if !ok || o.Kind != value.ObjParam && o.Kind != value.ObjLibrary {
			continue
		}
		obj := f.object(k)
		if obj == nil {
			obj = &object{}
		}
		for _, a := range args {
			switch {
			case name == "update" && a.kind == ir.ArgKeyword:
				obj = obj.set(cell{kind: cellItem, key: strConst(a.name), value: a.v, node: a.node}, false)
			case name == "update" && f.hasKnownKeys(a.v):
				obj = obj.clone()
				f.mergeDict(obj, a.v)
			case len(a.v.Taint) > 0 || holdsMore(a.v):
				obj = obj.add(a.v)
			}
		}
		f.heap.put(k, obj)
	}
}

// hasKnownKeys: the value is a dict of which all keys are known.
func (f *frame) hasKnownKeys(v *value.Value) bool {
	if len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjSite || v.AnyObj || len(v.Taint) > 0 {
		return false
	}
	k, ok := keyOf(&v.Objs[0])
	o := f.object(k)
	return ok && o != nil && (o.typ == "" || o.typ == "dict") && o.star == nil && len(o.cells) > 0
}

// holdsMore: the value is a collection or an instance, whose taint stands in its items.
func holdsMore(v *value.Value) bool {
	for i := range v.Objs {
		if k := v.Objs[i].Kind; k == value.ObjSite || k == value.ObjInstance || k == value.ObjParam {
			return true
		}
	}
	return false
}

// isColumnOnly: what is told to sort downwards is a column by then, whatever text it was looked up by: a text has no desc().
//
//	by = Coin.__table__.columns.get(request.args["by"]) if isinstance(by, str) else by
//	Coin.query.order_by(by.desc())
func isColumnOnly(recv *value.Value, name string, args []arg) bool {
	if name != "desc" && name != "asc" || len(args) > 0 {
		return false
	}
	for i := range recv.Objs {
		if recv.Objs[i].Kind != value.ObjParam {
			return false // its own method says what it gives
		}
	}
	return true
}
