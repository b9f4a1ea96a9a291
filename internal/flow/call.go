package flow

import (
	"slices"
	"strings"

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

// evalArgs evaluates the operands of a call; known tuples and dicts behind stars are spread. What it gives is gone when the
// instruction has run.
func (f *frame) evalArgs(in *ir.Instr) []arg {
	ops := f.fn.ArgsOf(in)
	out := f.s.args.take(len(ops))[:0]
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
	mark := f.s.args.mark()
	args := f.evalArgs(in)
	f.applied(in, args)
	f.decorator = f.isDecorator(in, args)
	r := f.call(callee, args, in.Node)
	f.decorator = false
	f.put(in.Dst, f.returned(callee, in, r))
	f.s.args.release(mark)
}

// after puts an argument in front of others.
func (f *frame) after(first *value.Value, args []arg) []arg {
	out := f.s.args.take(len(args) + 1)
	out[0].v = first
	copy(out[1:], args)
	return out
}

// call calls whatever a value may be.
func (f *frame) call(callee *value.Value, args []arg, node ast.NodeID) *value.Value {
	if f.s.nested >= maxNested {
		f.s.trip(f.fn, limitDepth)
		return value.Unknown
	}
	f.s.nested++
	defer func() { f.s.nested-- }()
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

// callOne is call of one object that no value holds.
func (f *frame) callOne(o value.Obj, args []arg, node ast.NodeID) *value.Value {
	if f.s.nested >= maxNested {
		f.s.trip(f.fn, limitDepth)
		return value.Unknown
	}
	f.s.nested++
	defer func() { f.s.nested-- }()
	was := f.dead
	r := f.callObj(&o, args, node)
	if f.dead && r == nil {
		return value.Unknown
	}
	f.dead = was
	return r
}

// unknownCall lets everything flow to the result.
func (f *frame) unknownCall(callee *value.Value, args []arg, node ast.NodeID) *value.Value {
	var room [8]*value.Value
	vs := room[:0]
	if callee != nil {
		vs = append(vs, callee)
	}
	args = contents(args)
	for i := range args {
		vs = append(vs, f.deep(args[i].v))
		f.escape(args[i].v)
	}
	if f.decorator && len(args) == 1 && isDefinition(args[0].v) {
		// A decorator that nobody knows gives back something that does what the function does.
		return args[0].v
	}
	b := blend(value.MarkUnknownCall, vs)
	if len(args) == 1 && isDefinition(args[0].v) {
		return value.WithStep(join(b.Value(), args[0].v), f.fn.ID, node, value.NoteUnknownCall)
	}
	b.Step(f.fn.ID, node, value.NoteUnknownCall)
	return b.Value()
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

func (f *frame) callObj(o *value.Obj, args []arg, node ast.NodeID) *value.Value {
	switch o.Kind {
	case value.ObjFunc:
		r := f.callFunc(o.Func, o.Site.Context, args, node)
		if len(f.s.byType) > 0 {
			r = f.callByType(o.Func, args, node, r)
		}
		return r
	case value.ObjBound:
		all := f.after(o.Recv, args)
		r := f.callFunc(o.Func, o.Site.Context, all, node)
		if len(f.s.byType) > 0 {
			r = f.callByType(o.Func, all, node, r)
		}
		return r
	case value.ObjClass:
		return f.construct(o.Class, args, node)
	case value.ObjExternal:
		return f.callPath(o, args, node)
	case value.ObjMember:
		if o.Recv != nil && strings.Contains(o.Name, anyName) {
			return f.callChosen(o.Recv, o.Name, args, node)
		}
		if o.Recv != nil {
			return f.callMethod(o.Recv, o.Name, args, node)
		}
	case value.ObjPartial:
		return f.callPartial(o, args, node)
	case value.ObjInstance:
		if r, ok := f.callHolder(o, "__call__", args, node); ok {
			return r
		}
		if r := f.callMethodOf(value.OfObj(*o), o, "__call__", args, node); r != nil {
			return r
		}
	case value.ObjLibrary:
		if e := f.s.set.Member(o.Path, "__call__"); e != nil {
			return f.callEntry(e, e.Path, value.OfObj(*o), args, node, nil)
		}
	case value.ObjParam:
		f.openEvent(o, "", args, node)
		return f.unknownCall(value.OfObj(*o), args, node)
	}
	return f.unknownCall(value.OfObj(*o), args, node)
}

// construct makes an instance and runs __init__.
func (f *frame) construct(id ir.ClassID, args []arg, node ast.NodeID) *value.Value {
	if f.s.builtOn(id) == typedDict {
		return f.dictOf(args, node)
	}
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
	f.fillBase(id, k, args, node)
	f.filledFrom(id, args, node)
	init, external := f.s.classAttr(id, "__init__", f.fn.ID, ir.NoClass)
	if init == nil && f.fill(id, k, args, node) {
		if post, _ := f.s.classAttr(id, "__post_init__", f.fn.ID, ir.NoClass); post != nil {
			f.callMethod(v, "__post_init__", nil, node)
		}
		f.asking(node).wholeChecked(id, v)
		f.baseSinks(id, args, node, v)
		return v
	}
	isNew := init == nil
	if isNew {
		init, _ = f.s.classAttr(id, "__new__", f.fn.ID, ir.NoClass)
	}
	if init != nil {
		var made *value.Value
		f.fillNamed(init, k, args)
		outer := f.filling
		f.filling = k
		for i := range init.Objs {
			if init.Objs[i].Kind == value.ObjFunc {
				made = f.s.join(made, f.callFunc(init.Objs[i].Func, 0, f.after(v, args), node))
			}
		}
		f.filling = outer
		if isNew && isAnother(made) {
			return made
		}
		return v
	}
	if f.s.builtOn(id) != "" {
		return v
	}
	f.keepRow(id, args)
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
		case a.kind == ir.ArgStarStar && f.s.isModel(id):
			obj = f.fillRow(id, obj, a.v, node)
		}
	}
	f.heap.put(k, obj)
	f.baseSinks(id, args, node, v)
	return f.s.join(v, f.standsFor(id, args, node))
}

// isAnother: __new__ of a class gives no object of a class of the program but the function or library object that it wraps or makes.
func isAnother(made *value.Value) bool {
	if made == nil || made.AnyObj || len(made.Objs) == 0 {
		return false
	}
	return !slices.ContainsFunc(made.Objs, func(o value.Obj) bool {
		return o.Kind != value.ObjFunc && o.Kind != value.ObjBound && o.Kind != value.ObjClass && o.Kind != value.ObjLibrary && o.Kind != value.ObjPartial
	})
}

// standsFor is what an object of a class built on LocalProxy passes on what it has no member for; nil for other classes.
func (f *frame) standsFor(id ir.ClassID, args []arg, node ast.NodeID) *value.Value {
	if len(args) == 0 || args[0].kind != ir.ArgPos || !slices.Contains(f.s.externalBases(id), "werkzeug.local.LocalProxy") {
		return nil
	}
	return f.call(args[0].v, nil, node)
}

// baseSinks: what the constructor of a library base class is to the models.
func (f *frame) baseSinks(id ir.ClassID, args []arg, node ast.NodeID, v *value.Value) {
	for _, base := range f.s.externalBases(id) {
		if base == "markupsafe.Markup" && f.s.writesItself(id) {
			continue
		}
		if e := f.s.set.Lookup(base); e != nil && (len(e.Sinks) > 0 || e.Event) {
			f.callEntry(e, base, nil, args, node, v)
		}
	}
}

// writesItself: a class built on Markup says by a method of its own what HTML its objects are.
func (s *solver) writesItself(id ir.ClassID) bool {
	for _, t := range s.mro(id) {
		if t.Kind != semantic.TargetClass {
			return false
		}
		if _, ok := s.prog.ClassMember(s.prog.Class(t.Class), "__html__"); ok {
			return true
		}
	}
	return false
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
			for _, name := range [...]string{"__enter__", "__aenter__"} {
				if r := f.ownMethod(v, name, nil, node); r != nil {
					return r
				}
			}
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

// exitWith is the end of `with v`: what an object of the program does when its work is done.
func (f *frame) exitWith(v *value.Value, node ast.NodeID) {
	if len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjInstance {
		return
	}
	was := f.dead
	for _, name := range [...]string{"__exit__", "__aexit__"} {
		f.ownMethod(v, name, []arg{{v: value.None()}, {v: value.None()}, {v: value.None()}}, node)
	}
	f.dead = was
}
