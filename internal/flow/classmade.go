package flow

import (
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
	if !v.IsObjs() || len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjInstance || f.s.following > maxFollowing {
		return nil
	}
	hook, _ := f.s.classAttr(v.Objs[0].Class, "__get__", f.fn.ID, ir.NoClass)
	if hook == nil || !slices.ContainsFunc(hook.Objs, isFunc) {
		return nil
	}
	owner := value.OfObj(value.Obj{Kind: value.ObjClass, Class: class})
	was := f.dead
	r := f.callMethodOf(v, &v.Objs[0], "__get__", []arg{{v: self, node: node}, {v: owner, node: node}}, node)
	f.dead = was
	return r
}
