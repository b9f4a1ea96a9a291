package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// arg is one evaluated argument of a call.
type arg struct {
	v    *value.Value
	name string
	node ast.NodeID
	kind ir.ArgKind
}

// evalArgs evaluates the operands of a call; known tuples and dicts behind stars are spread.
func (f *frame) evalArgs(in *ir.Instr) []arg {
	ops := f.fn.ArgsOf(in)
	out := make([]arg, 0, len(ops))
	for _, a := range ops {
		v := f.get(a.Reg)
		switch a.Kind {
		case ir.ArgKeyword:
			f.named(a.Name, v, a.Node)
		case ir.ArgStar:
			if elems, ok := f.elements(v); ok {
				for _, e := range elems {
					out = append(out, arg{v: e, node: a.Node})
				}
				continue
			}
		case ir.ArgStarStar:
			if spread := f.spreadDict(v, a.Node); spread != nil {
				out = append(out, spread...)
				if !isParam(v) { // the caller's own **kwargs hold more than what was written into them here
					continue
				}
			}
		}
		out = append(out, arg{kind: a.Kind, name: a.Name, v: v, node: a.Node})
	}
	return out
}

// spreadDict turns **{…} with known keys into keyword arguments; nil when keys are not known.
func (f *frame) spreadDict(v *value.Value, node ast.NodeID) []arg {
	if len(v.Objs) != 1 || v.AnyObj {
		return nil
	}
	k, ok := keyOf(&v.Objs[0])
	o := f.object(k)
	if !ok || o == nil || o.star != nil || len(o.cells) == 0 {
		return nil
	}
	var out []arg
	for _, c := range o.cells {
		if c.kind != cellItem || c.key.Kind != ir.ConstStr {
			return nil
		}
		out = append(out, arg{kind: ir.ArgKeyword, name: c.key.Str, v: c.value, node: node})
	}
	return out
}

func (f *frame) execCall(in *ir.Instr) {
	callee := f.get(in.A)
	args := f.evalArgs(in)
	f.applied(in, args)
	f.decorator = f.isDecorator(in, args)
	r := f.call(callee, args, in.Node)
	f.decorator = false
	f.returned(callee, in)
	f.put(in.Dst, r)
}

// returned applies what holds of the arguments because the call returned: a validator that raises.
func (f *frame) returned(callee *value.Value, in *ir.Instr) {
	if f.dead || callee == nil || len(callee.Objs) != 1 {
		return
	}
	o := &callee.Objs[0]
	if o.Kind != value.ObjFunc && o.Kind != value.ObjBound {
		return
	}
	if st := &f.s.funcs[o.Func]; st.sum != nil && st.status == done {
		public := st.sum.facts.public()
		f.clearArgs(o, f.fn.ArgsOf(in), public.Always, nil)
	}
}

// call calls whatever a value may be.
func (f *frame) call(callee *value.Value, args []arg, node ast.NodeID) *value.Value {
	var out *value.Value
	n := 0
	dead := true
	for i := range callee.Objs {
		was := f.dead
		r := f.callObj(&callee.Objs[i], args, node)
		if !f.dead {
			dead = false
		}
		f.dead = was
		if r != nil {
			out = join(out, r)
		}
		n++
	}
	if n > 0 && dead && !callee.AnyObj && out == nil {
		f.dead = true
		return value.Unknown
	}
	if n == 0 || callee.AnyObj {
		out = join(out, f.unknownCall(callee, args, node))
	}
	return out
}

// unknownCall lets everything flow to the result.
func (f *frame) unknownCall(callee *value.Value, args []arg, node ast.NodeID) *value.Value {
	vs := make([]*value.Value, 0, len(args)+1)
	if callee != nil {
		vs = append(vs, callee)
	}
	for i := range args {
		vs = append(vs, f.deep(args[i].v))
		f.escape(args[i].v)
	}
	if f.decorator && len(args) == 1 && isDefinition(args[0].v) {
		// A decorator that nobody knows gives back something that does what the function does.
		return args[0].v
	}
	r := derived(value.MarkUnknownCall, vs...)
	if len(args) == 1 && isDefinition(args[0].v) {
		r = join(r, args[0].v)
	}
	return value.WithStep(r, f.fn.ID, node, value.NoteUnknownCall)
}

// isDecorator: the call is that of @name or @name(…) with the function or class below it.
func (f *frame) isDecorator(in *ir.Instr, args []arg) bool {
	if len(args) != 1 || !isDefinition(args[0].v) {
		return false
	}
	if nodeKind(f.fn, in.Node) != ast.Call {
		return true
	}
	if in.A < 0 || f.info.defs[in.A] == nil {
		return false
	}
	def := f.info.defs[in.A]
	return (def.Op == ir.OpCall || def.Op == ir.OpMethod) && def.Node == in.Node
}

func isDefinition(v *value.Value) bool {
	for i := range v.Objs {
		switch v.Objs[i].Kind {
		case value.ObjFunc, value.ObjClass, value.ObjBound, value.ObjPartial:
		default:
			return false
		}
	}
	return len(v.Objs) > 0 && !v.AnyObj
}

// maxDeep bounds the nesting of collections that deep looks into.
const maxDeep = 4

// deep is a value with the taint of everything that its collections hold. Instances are no collections: what stands in
// their attributes is read by name.
func (f *frame) deep(v *value.Value) *value.Value {
	if v == nil || len(v.Objs) == 0 {
		return v
	}
	d := collector{f: f}
	d.look(v, 0)
	if len(d.labels) == 0 {
		return v
	}
	return value.AddLabels(v, value.NormalizeLabels(d.labels))
}

// collector gathers the labels of nested collections, each origin once.
type collector struct {
	f      *frame
	labels []value.Label
	seen   []objKey
}

func (d *collector) look(v *value.Value, depth int) {
	if depth >= maxDeep {
		return
	}
	for i := range v.Objs {
		o := &v.Objs[i]
		if o.Kind == value.ObjInstance || o.Kind == value.ObjClass {
			continue
		}
		k, ok := keyOf(o)
		if !ok || slices.Contains(d.seen, k) {
			continue
		}
		d.seen = append(d.seen, k)
		obj := d.f.object(k)
		if obj == nil {
			continue
		}
		for _, e := range obj.elems {
			d.take(e, depth)
		}
		for j := range obj.cells {
			if obj.cells[j].kind == cellItem || o.Kind == value.ObjSite {
				d.take(obj.cells[j].value, depth)
			}
		}
		d.take(obj.star, depth)
	}
}

func (d *collector) take(v *value.Value, depth int) {
	if v == nil {
		return
	}
	for i := range v.Taint {
		if len(d.labels) >= 4*value.MaxLabels {
			return
		}
		if !d.has(&v.Taint[i]) {
			d.labels = append(d.labels, v.Taint[i])
		}
	}
	d.look(v, depth+1)
}

func (d *collector) has(l *value.Label) bool {
	for i := range d.labels {
		if k := &d.labels[i]; k.Cleared == l.Cleared && k.Origin == l.Origin {
			return true
		}
	}
	return false
}

func (f *frame) callObj(o *value.Obj, args []arg, node ast.NodeID) *value.Value {
	switch o.Kind {
	case value.ObjFunc:
		return f.callFunc(o.Func, o.Site.Context, args, node)
	case value.ObjBound:
		return f.callFunc(o.Func, o.Site.Context, append([]arg{{v: o.Recv}}, args...), node)
	case value.ObjClass:
		return f.construct(o.Class, args, node)
	case value.ObjExternal:
		return f.callPath(o, args, node)
	case value.ObjMember:
		if o.Recv != nil {
			return f.callMethod(o.Recv, o.Name, args, node)
		}
	case value.ObjPartial:
		return f.callPartial(o, args, node)
	case value.ObjInstance:
		if r := f.callMethodOf(value.OfObj(*o), o, "__call__", args, node); r != nil {
			return r
		}
	case value.ObjParam:
		f.openEvent(o, "", args, node)
		return f.unknownCall(value.OfObj(*o), args, node)
	}
	return f.unknownCall(value.OfObj(*o), args, node)
}

// construct makes an instance and runs __init__.
func (f *frame) construct(id ir.ClassID, args []arg, node ast.NodeID) *value.Value {
	inst := value.Obj{Kind: value.ObjInstance, Class: id, Site: f.site(node)}
	k, _ := keyOf(&inst)
	if f.heap.get(k) == nil {
		f.heap.put(k, &object{})
	} else {
		c := f.heap.get(k).share()
		c.summary = true
		f.heap.put(k, c)
	}
	v := value.OfObj(inst)
	f.filledFrom(id, args, node)
	init, external := f.s.classAttr(id, "__init__", f.fn.ID, ir.NoClass)
	if init == nil && f.fill(id, k, args, node) {
		if post, _ := f.s.classAttr(id, "__post_init__", f.fn.ID, ir.NoClass); post != nil {
			f.callMethod(v, "__post_init__", nil, node)
		}
		f.baseSinks(id, args, node, v)
		return v
	}
	if init == nil {
		init, _ = f.s.classAttr(id, "__new__", f.fn.ID, ir.NoClass)
	}
	if init != nil {
		for i := range init.Objs {
			if init.Objs[i].Kind == value.ObjFunc {
				f.callFunc(init.Objs[i].Func, 0, append([]arg{{v: v}}, args...), node)
			}
		}
		return v
	}
	// No __init__ of the program: keyword arguments become attributes, as in a dataclass or a model.
	obj := f.heap.get(k)
	names := f.s.classes[id].order
	pos := 0
	for _, a := range args {
		switch {
		case a.kind == ir.ArgKeyword:
			obj = obj.set(cell{kind: cellAttr, name: a.name, value: a.v}, false)
		case a.kind == ir.ArgPos && external == "" && pos < len(names):
			obj = obj.set(cell{kind: cellAttr, name: names[pos], value: a.v}, false)
			pos++
		case a.kind == ir.ArgPos:
			obj = obj.add(a.v)
		}
	}
	f.heap.put(k, obj)
	f.baseSinks(id, args, node, v)
	return v
}

// baseSinks: what the constructor of a library base class is to the models.
func (f *frame) baseSinks(id ir.ClassID, args []arg, node ast.NodeID, v *value.Value) {
	for _, base := range f.s.externalBases(id) {
		if e := f.s.set.Lookup(base); e != nil && (len(e.Sinks) > 0 || e.Event) {
			f.callEntry(e, base, nil, args, node, v)
		}
	}
}

func (f *frame) execMethod(in *ir.Instr) {
	recv := f.get(in.A)
	r := f.callMethod(recv, in.Name, f.evalArgs(in), in.Node)
	if len(recv.Objs) == 1 && (recv.Objs[0].Kind == value.ObjInstance || recv.Objs[0].Kind == value.ObjModule) {
		f.returned(f.quietAttr(recv, in.Name), in)
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
	if r, ok := f.textMethod(recv, name, args, node); ok {
		return r
	}
	if r, ok := f.typedMethod(recv, name, args, node); ok {
		return r
	}
	var out *value.Value
	known, dead, isOwn := 0, true, false
	for i := range recv.Objs {
		o := &recv.Objs[i]
		was := f.dead
		r := f.callMethodOf(recv, o, name, args, node)
		if isOwn && o.Kind == value.ObjParam {
			known++ // the instance that the parameter stands for has answered
			continue
		}
		isOwn = isOwn || o.Kind == value.ObjInstance && o.Site == (value.Site{}) && (r != nil || f.dead)
		if !f.dead {
			dead = false
		}
		f.dead = was
		if r != nil {
			out = join(out, r)
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
		out = join(out, f.unknownMethod(recv, name, args, node))
	}
	return out
}

// callMethodOf calls a method of one object; nil when the object is not known to have it.
func (f *frame) callMethodOf(recv *value.Value, o *value.Obj, name string, args []arg, node ast.NodeID) *value.Value {
	switch o.Kind {
	case value.ObjSite:
		return f.collectionMethod(o, name, args, node)
	case value.ObjModule:
		if o.Module != nil {
			return f.call(f.s.moduleAttr(o.Module, name, f.fn.ID), args, node)
		}
	case value.ObjExternal:
		path := f.s.set.Canonical(o.Path + "." + name)
		e := f.s.set.Lookup(path)
		if e == nil && (len(recv.Taint) > 0 || name == "get" || f.genericEvent(recv, name, args)) {
			return nil
		}
		if owner := f.s.set.Lookup(o.Path); e != nil && owner != nil && owner.Type != "" {
			return f.callEntry(e, e.Path, recv, args, node, nil)
		}
		return f.callPath(&value.Obj{Kind: value.ObjExternal, Path: path, Entry: e}, args, node)
	case value.ObjLibrary:
		if r, ok := f.stdMethod(o, name, args, node); ok {
			return r
		}
		if e := f.s.set.Member(o.Path, name); e != nil {
			return f.callEntry(e, e.Path, value.AddLabels(value.OfObj(*o), recv.Taint), args, node, nil)
		}
		if e := f.s.set.Member(o.Path, "__getattr__"); e != nil && e.Returns != "" {
			return f.callEntry(e, e.Path, recv, args, node, nil)
		}
		return nil
	case value.ObjInstance:
		if k, ok := keyOf(o); ok {
			if obj := f.object(k); obj != nil {
				if c := obj.find(cellAttr, name, ir.Const{}); c != nil {
					return f.call(c.value, args, node)
				}
			}
		}
		m := f.boundMember(recv, o, name, node, ir.NoClass)
		if m == nil {
			if m = f.s.instAttr(o.Class, name, f.fn.ID); m == nil {
				return nil
			}
		}
		r := f.call(m, args, node)
		return join(r, f.overrides(recv, o, name, args, node))
	case value.ObjClass:
		if m := f.classMember(o.Class, name, o, node); m != nil {
			return f.call(m, args, node)
		}
	case value.ObjFunc, value.ObjBound:
		switch name {
		case "setter", "getter", "deleter":
			f.s.accessor(o.Func, name, args)
			return value.OfObj(*o)
		case "delay", "apply_async", "__call__", "s", "si":
			return f.callObj(o, args, node)
		}
	case value.ObjParam:
		f.openEvent(o, name, args, node)
	case value.ObjMember:
		if o.Name == "super" && o.Recv == nil {
			return f.superCall(o.Class, name, args, node)
		}
	}
	return nil
}

// superCall is super().name(args…).
func (f *frame) superCall(class ir.ClassID, name string, args []arg, node ast.NodeID) *value.Value {
	if len(f.fn.Params) == 0 {
		return nil
	}
	self := f.get(f.fn.Params[0].Reg)
	for i := range self.Objs {
		o := self.Objs[i]
		if o.Kind != value.ObjInstance && o.Kind != value.ObjClass {
			continue
		}
		o.Kind = value.ObjInstance
		if m := f.boundMember(self, &o, name, node, class); m != nil {
			return f.call(m, args, node)
		}
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
				self := withCompanions(value.OfObj(value.Obj{Kind: value.ObjInstance, Class: sub}), recv, o)
				r := f.callFunc(m.Func, 0, append([]arg{{v: self}}, args...), node)
				out = join(out, value.WithMark(r, value.MarkDynamic))
			}
		}
	}
	return out
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
	if f.genericEvent(recv, name, args) {
		f.recordGeneric(recv, name, args, node)
	}
	switch name {
	case "append", "add", "extend", "insert", "update", "setdefault", "write":
		f.growUnknown(recv, args)
	case "get", "pop", "getlist", "__getitem__":
		if len(args) > 0 {
			return f.unknownGet(recv, args, node)
		}
	}
	f.sqlByName(name, args, node)
	if isLookup(name) {
		return f.unknownLookup(recv, args, node)
	}
	return f.unknownCall(recv, args, node)
}

// growUnknown taints what a symbolic collection holds.
func (f *frame) growUnknown(recv *value.Value, args []arg) {
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
			if len(a.v.Taint) > 0 {
				obj = obj.add(a.v)
			}
		}
		f.heap.put(k, obj)
	}
}

// callPartial calls a functools.partial: Recv is a tuple object of the function, its arguments and keywords.
func (f *frame) callPartial(o *value.Obj, args []arg, node ast.NodeID) *value.Value {
	k := objKey{kind: value.ObjSite, site: o.Site}
	obj := f.object(k)
	if obj == nil || o.Recv == nil {
		return f.unknownCall(o.Recv, args, node)
	}
	var all []arg
	for _, e := range obj.elems {
		all = append(all, arg{v: e})
	}
	for _, c := range obj.cells {
		all = append(all, arg{kind: ir.ArgKeyword, name: c.name, v: c.value})
	}
	return f.call(o.Recv, append(all, args...), node)
}

// enter is what `with v as x` binds.
func (f *frame) enter(v *value.Value, node ast.NodeID) *value.Value {
	for i := range v.Objs {
		o := &v.Objs[i]
		switch o.Kind {
		case value.ObjInstance:
			if r := f.callMethodOf(v, o, "__enter__", nil, node); r != nil {
				return r
			}
		case value.ObjLibrary:
			if e := f.s.set.Member(o.Path, "__enter__"); e != nil && e.Returns != "" && !e.ReturnsSelf {
				return value.AddLabels(f.ofType(e.Returns, f.site(node)), v.Taint)
			}
		case value.ObjSite:
			if o.Path == "generator" {
				return f.iterate(v, node)
			}
		}
	}
	return v
}
