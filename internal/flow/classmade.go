package flow

import (
	"fmt"
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// What happens when a class is made: its body runs, then the objects in it are told their names, then the bases or the metaclass
// hear of it, with what stands in the brackets:
//
//	class Column:                                         class Plugin:
//	    def __set_name__(self, owner, name): …                def __init_subclass__(cls, verb, **kwargs): COMMANDS[verb] = cls
//	class Order:                                          class Put(Plugin, verb="put"): …
//	    title = Column()

// makeClass runs a class body; its variables become attributes.
func (f *frame) makeClass(in *ir.Instr) *value.Value {
	id := ir.ClassID(in.Imm)
	c := f.s.prog.Class(id)
	if c == nil {
		return value.Unknown
	}
	f.s.runClassBody(c)
	made := value.OfObj(value.Obj{Kind: value.ObjClass, Class: id})
	f.tellSubclass(id, made, in)
	return made
}

// tellSubclass calls __init_subclass__ of the bases of a class, and what its metaclass does with a new class.
func (f *frame) tellSubclass(id ir.ClassID, made *value.Value, in *ir.Instr) {
	if len(f.s.mro(id)) < 2 && in.ArgsLen == 0 {
		return
	}
	mark := f.s.args.mark()
	defer f.s.args.release(mark)
	args := f.evalArgs(in)
	st := &f.s.classes[id]
	keywords := f.s.args.take(len(args))[:0]
	for _, a := range args {
		switch {
		case a.kind == ir.ArgKeyword && a.name == "metaclass":
			if len(a.v.Objs) == 1 && a.v.Objs[0].Kind == value.ObjClass {
				st.meta = a.v
			}
		case a.kind == ir.ArgKeyword, a.kind == ir.ArgStarStar:
			keywords = append(keywords, a)
		}
	}
	was := f.dead
	if hook, _ := f.s.classAttr(id, "__init_subclass__", f.fn.ID, id); hook != nil {
		f.callHook(hook, f.after(made, keywords), in.Node)
	}
	if meta := f.s.metaOf(id); meta != ir.NoClass {
		name := value.Str(f.s.prog.Class(id).Name)
		bases, space := value.WithType(value.Unknown, "tuple"), value.WithType(value.Unknown, "dict")
		if hook, _ := f.s.classAttr(meta, "__init__", f.fn.ID, ir.NoClass); hook != nil {
			own := append([]arg{{v: made}, {v: name}, {v: bases}, {v: space}}, keywords...)
			f.callHook(hook, own, in.Node)
		}
	}
	f.dead = was
}

// callHook calls what the interpreter calls itself.
func (f *frame) callHook(hook *value.Value, args []arg, node ast.NodeID) {
	if len(hook.Objs) == 1 && hook.Objs[0].Kind == value.ObjFunc {
		f.callFunc(hook.Objs[0].Func, hook.Objs[0].Site.Context, args, node)
	}
}

// classItem is what __class_getitem__ of a class gives; nil where it has none.
func (f *frame) classItem(o *value.Obj, key *value.Value, node ast.NodeID) *value.Value {
	hook, _ := f.s.classAttr(o.Class, "__class_getitem__", f.fn.ID, ir.NoClass)
	if hook == nil || len(hook.Objs) != 1 || hook.Objs[0].Kind != value.ObjFunc {
		return nil
	}
	return f.callFunc(hook.Objs[0].Func, hook.Objs[0].Site.Context, []arg{{v: value.OfObj(*o)}, {v: key, node: node}}, node)
}

// metaOf is the class of a class, where the program says which.
func (s *solver) metaOf(id ir.ClassID) ir.ClassID {
	for _, t := range s.mro(id) {
		if t.Kind == semantic.TargetClass && s.classes[t.Class].meta != nil {
			return s.classes[t.Class].meta.Objs[0].Class
		}
	}
	return ir.NoClass
}

// tellName calls __set_name__ of an object that a class body put under a name.
func (f *frame) tellName(id ir.ClassID, name string, v *value.Value) {
	if len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjInstance {
		return
	}
	if hook, _ := f.s.classAttr(v.Objs[0].Class, "__set_name__", f.fn.ID, ir.NoClass); hook != nil {
		owner := value.OfObj(value.Obj{Kind: value.ObjClass, Class: id})
		f.callHook(hook, []arg{{v: v}, {v: owner}, {v: value.Str(name)}}, f.s.prog.Class(id).Node)
		f.escape(v)
	}
}

// described is what the objects in a class body give that say by __get__ what an attribute is: properties of the program's own
// making. Nil where there are none.
func (f *frame) described(v, self *value.Value, class ir.ClassID, node ast.NodeID) *value.Value {
	if !v.IsObjs() || len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjInstance || f.s.following > maxFollowing || f.s.forcing > maxFollowing {
		return nil
	}
	hook, _ := f.s.classAttr(v.Objs[0].Class, "__get__", f.fn.ID, ir.NoClass)
	if hook == nil || !slices.ContainsFunc(hook.Objs, isFunc) {
		return nil
	}
	args := []arg{{v: self, node: node}, {v: value.OfObj(value.Obj{Kind: value.ObjClass, Class: class}), node: node}}
	was := f.dead
	defer func() { f.dead = was }()
	if r, ok := f.callHolder(&v.Objs[0], "__get__", args, node); ok {
		return r
	}
	return f.callMethodOf(v, &v.Objs[0], "__get__", args, node)
}

// callHolder calls a method of an object of the process that holds a function, as those that decorators make of functions do:
// each of them is about its own one. False for other objects.
func (f *frame) callHolder(o *value.Obj, name string, args []arg, node ast.NodeID) (*value.Value, bool) {
	s := f.s
	k, ok := keyOf(o)
	if !ok || !s.isShared(k) || !holdsCode(f.object(k)) {
		return nil, false
	}
	m, _ := s.classAttr(o.Class, name, f.fn.ID, ir.NoClass)
	if m == nil || len(m.Objs) != 1 || m.Objs[0].Kind != value.ObjFunc || m.Objs[0].Site.Context != 0 {
		return nil, false
	}
	id := m.Objs[0].Func
	sum := s.summary(id)
	st := &s.funcs[id]
	if sum == nil || st.status != done || len(sum.fn.Params) == 0 || s.look(id).isStatic || !f.follows() {
		return nil, false
	}
	key := fmt.Sprintf("on%d.%d.%d", o.Site.Func, o.Site.Node, o.Site.Context)
	sum, ok = st.special[key]
	if !ok {
		if len(st.special) >= maxClosureCopies || s.isTired() || s.depth >= maxDepth/2 {
			return nil, false
		}
		start := make([]*value.Value, len(st.ir.Params))
		start[0] = value.OfObj(*o)
		sum = s.copy(st, key, func() *summary { return s.runCopy(st.ir, start, 0) })
	}
	if sum == nil {
		return nil, false
	}
	s.edge(f.fn.ID, id, node)
	st.called = true
	return f.apply(sum, st.ir, f.bind(st.ir, f.after(value.OfObj(*o), args), node), 0, node), true
}

// holdsCode: a function or class stands in an attribute of the object.
func holdsCode(o *object) bool {
	return o != nil && slices.ContainsFunc(o.cells, func(c cell) bool {
		return c.kind == cellAttr && c.value != nil && isDefinition(c.value)
	})
}

// boundLater is what property() and classmethod() make of a function that is not itself written below them: of what another decorator
// put in its place, or of a lambda. One that is written below them is known by that.
func (f *frame) boundLater(kind string, fn *value.Value) *value.Value {
	if f.fn.Kind != ir.KindClassBody || len(fn.Objs) != 1 || fn.Objs[0].Kind != value.ObjFunc {
		return fn
	}
	o := fn.Objs[0]
	info := f.s.look(o.Func)
	class := f.s.prog.ClassOf(f.fn.ID)
	switch {
	case info.isProperty, info.isClassMethod:
		return fn
	case kind == "classmethod":
		return value.OfObj(value.Obj{Kind: value.ObjBound, Func: o.Func, Site: o.Site, Recv: value.OfObj(value.Obj{Kind: value.ObjClass, Class: class})})
	}
	return value.OfObj(value.Obj{Kind: value.ObjMember, Name: madeProperty, Recv: fn})
}

// madeProperty is the name of the member that stands for a property of a function.
const madeProperty = "property"

// propertyOf is the function behind a property that boundLater made; false for other objects.
func propertyOf(o *value.Obj) (ir.FuncID, bool) {
	if o.Kind != value.ObjMember || o.Name != madeProperty || o.Recv == nil || len(o.Recv.Objs) != 1 {
		return 0, false
	}
	return o.Recv.Objs[0].Func, o.Recv.Objs[0].Kind == value.ObjFunc
}
