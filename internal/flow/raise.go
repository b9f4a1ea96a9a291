package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Exceptions carry values to their handlers: `raise NotFound(name)` here, `except NotFound as e: return str(e)` there, perhaps
// in a caller.

// raise notes what the current block raises.
func (f *frame) raise(v *value.Value) {
	if v == nil || len(v.Taint) == 0 && len(v.Objs) == 0 {
		return
	}
	f.raises = join(f.raises, v)
}

// unwind passes what the block raised to its handler, or to the callers.
func (f *frame) unwind(handler ir.BlockID) {
	if f.raises == nil {
		return
	}
	if handler == ir.NoBlock {
		f.escapeReturned(f.raises)
		if f.sum.raises == nil {
			f.raiseHp = f.heap.fork()
		} else {
			f.raiseHp.merge(&f.heap)
		}
		f.sum.raises = join(f.sum.raises, f.raises)
		return
	}
	st := &f.in[handler]
	st.raised = join(st.raised, f.raises)
}

// passToHandler passes the state on without the exception that an earlier handler caught.
func (f *frame) passToHandler(handler ir.BlockID, pending []bool) {
	saved := f.raised
	f.raised = nil
	f.pass(handler, pending)
	f.raised = saved
}

// caught is what `except types as name` binds.
func (f *frame) caught(in *ir.Instr) *value.Value {
	v := f.raised
	if v == nil {
		return value.Unknown
	}
	if in.A == ir.NoReg {
		return join(v, value.Unknown)
	}
	types := f.get(in.A)
	if elems, ok := f.elements(types); ok {
		types = nil
		for _, e := range elems {
			types = join(types, e)
		}
	}
	var out *value.Value
	for i := range v.Objs {
		if f.catches(types, &v.Objs[i]) {
			out = join(out, value.OfObj(v.Objs[i]))
		}
	}
	switch {
	case len(v.Objs) == 0:
		return join(v, value.Unknown)
	case out == nil:
		return value.Unknown
	}
	return join(out, value.Unknown)
}

// catches reports whether a handler of these types may catch the object.
func (f *frame) catches(types *value.Value, o *value.Obj) bool {
	if types == nil || len(types.Objs) == 0 || types.AnyObj {
		return true
	}
	return slices.ContainsFunc(types.Objs, func(t value.Obj) bool {
		switch {
		case t.Kind == value.ObjExternal && (t.Path == "builtins.Exception" || t.Path == "builtins.BaseException"):
			return true
		case o.Kind == value.ObjInstance && t.Kind == value.ObjClass:
			return slices.ContainsFunc(f.s.mro(o.Class), func(m semantic.Target) bool {
				return m.Kind == semantic.TargetClass && m.Class == t.Class
			})
		case o.Kind == value.ObjInstance && t.Kind == value.ObjExternal:
			return slices.Contains(f.s.externalBases(o.Class), t.Path)
		case o.Kind == value.ObjLibrary && t.Kind == value.ObjExternal:
			return o.Path == t.Path || isException(o.Path) && hasSubclasses(t.Path)
		}
		return o.Kind != value.ObjLibrary
	})
}

// isException: the path names an exception of the builtins.
func isException(path string) bool {
	name, ok := strings.CutPrefix(path, "builtins.")
	return ok && (strings.HasSuffix(name, "Error") || strings.HasSuffix(name, "Exception") || strings.HasSuffix(name, "Exit") ||
		strings.HasSuffix(name, "Warning") || name == "StopIteration" || name == "KeyboardInterrupt")
}

// hasSubclasses: the builtins derive other exceptions from it. https://docs.python.org/3/library/exceptions.html
func hasSubclasses(path string) bool {
	switch strings.TrimPrefix(path, "builtins.") {
	case "ArithmeticError", "LookupError", "OSError", "IOError", "EnvironmentError", "RuntimeError", "ValueError", "ImportError":
		return true
	}
	return false
}

// exception is ValueError(…): an object that keeps its arguments.
func (f *frame) exception(path string, args []arg, node ast.NodeID) *value.Value {
	v := f.holder(path, node)
	k, _ := keyOf(&v.Objs[0])
	o := f.heap.get(k)
	for _, a := range args {
		o = o.push(a.v, a.node, a.kind != ir.ArgPos)
	}
	if len(args) == 0 || o.star == nil && !o.summary {
		o = o.clone()
		o.exact = true
	}
	f.heap.put(k, o)
	return v
}

// isRaised: instances of the class are exceptions.
func (s *solver) isRaised(id ir.ClassID) bool {
	return slices.ContainsFunc(s.externalBases(id), func(base string) bool { return isException(base) })
}

// messageOf is str(exception): its arguments; nil when the object is no exception or has none.
func (f *frame) messageOf(o *value.Obj) *value.Value {
	k, ok := keyOf(o)
	if !ok || o.Kind == value.ObjLibrary && !isException(o.Path) || o.Kind == value.ObjInstance && !f.s.isRaised(o.Class) {
		return nil
	}
	obj := f.object(k)
	if obj == nil {
		return nil
	}
	v := obj.star
	for _, e := range obj.elems {
		v = join(v, e)
	}
	return v
}

// baseArgs keeps the arguments that super().__init__(…) gives to a base class of exceptions.
func (f *frame) baseArgs(self *value.Value, args []arg) {
	for i := range self.Objs {
		o := &self.Objs[i]
		k, ok := keyOf(o)
		if !ok || o.Kind == value.ObjInstance && !f.s.isRaised(o.Class) || f.fn.Class == ir.NoClass || !f.s.isRaised(f.fn.Class) {
			continue
		}
		obj := f.object(k)
		if obj == nil {
			obj = &object{}
		}
		for _, a := range args {
			if a.kind == ir.ArgPos {
				obj = obj.add(a.v)
			}
		}
		f.heap.put(k, obj)
	}
}
