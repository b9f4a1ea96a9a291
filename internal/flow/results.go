package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// What a method of a parameter gives is a path below the parameter, like an attribute, where nothing is passed to it:
//
//	def row(user): return "<td>" + user.shown_name() + "</td>"    # the label is that of user.shown_name()
//
// A caller that knows the object calls the method. How an object looks on a page or in a text is such a method as well.

// maxAlike bounds the classes that define a method that is followed so: more say that the name tells nothing.
const maxAlike = 24

// ownMethods are the names of methods of the program's classes that no library has as well.
func (s *solver) ownMethods() map[string]int {
	out := map[string]int{}
	for id := range s.prog.NumFuncs() {
		mod, local := s.prog.Where(ir.FuncID(id))
		if info := &s.prog.Info(mod).Funcs[local]; !mod.IsTest && info.Kind == ir.KindFunction && info.Class >= 0 {
			out[s.prog.FuncName(ir.FuncID(id))]++
		}
	}
	for e := range s.set.Entries() {
		if name := e.Path[strings.LastIndexByte(e.Path, '.')+1:]; !strings.HasPrefix(name, "__") {
			delete(out, name)
		}
	}
	return out
}

// given is what a method of parameters gives that is called without arguments; nil when no class of the program has one like it.
func (f *frame) given(recv *value.Value, name string, args []arg) *value.Value {
	if n := f.s.methods[name]; len(args) > 0 || n == 0 || n > maxAlike || strings.HasPrefix(name, "__") {
		return nil
	}
	return f.below(recv, name+"()")
}

// below are the parameters of a value with a further part of the path, where there is room for it.
func (f *frame) below(v *value.Value, part string) *value.Value {
	var out *value.Value
	for i := range v.Objs {
		if o := &v.Objs[i]; o.Kind == value.ObjParam && !strings.HasSuffix(o.Path, "*") && strings.Count(o.Path, ".")+1 < maxParamPath {
			out = join(out, f.paramAttr(o, part))
		}
	}
	return out
}

// resultOf calls the method that a part of a path stands for, of every object that is known. Whatever the method does besides
// was seen elsewhere.
func (f *frame) resultOf(v *value.Value, name string, node ast.NodeID) *value.Value {
	out := f.below(v, name+"()")
	if f.s.following > maxFollowing {
		f.s.trip(f.fn, limitPaths)
		return out
	}
	wasDead, wasDeadCall, wasRecording, heap := f.dead, f.deadCall, f.record, f.heap
	f.heap, f.record = f.heap.fork(), false
	for i := range v.Objs {
		o := &v.Objs[i]
		if o.Kind != value.ObjInstance && !isRow(o) {
			continue
		}
		method := name
		if name == shownAs {
			method = f.s.textMethodOf(o.Class, f.fn.ID)
		}
		if method != "" {
			out = join(out, f.callMethodOf(v, o, method, nil, node))
		}
	}
	f.heap, f.dead, f.deadCall, f.record = heap, wasDead, wasDeadCall, wasRecording
	return out
}

// shownMember is v.name as a template reads it that was given v. Properties run, unless this is about the path of a label itself.
func (f *frame) shownMember(v *value.Value, name string, node ast.NodeID) *value.Value {
	s := f.s
	was := s.following
	if was == 1 {
		s.following = 0
	}
	r := f.member(v, name, node)
	s.following = was
	return r
}

// shownAs stands for the method that makes the text of an object.
const shownAs = "__str__"

// textMethodOf is the method that makes the text of the instances of a class; "" when that is Python's own.
func (s *solver) textMethodOf(id ir.ClassID, reader ir.FuncID) string {
	for _, name := range [...]string{"__str__", "__repr__"} {
		if v, _ := s.classAttr(id, name, reader, ir.NoClass); v != nil {
			return name
		}
	}
	return ""
}

// shown is what a template writes of a value: of objects the text that they make of themselves. asHTML are those that make HTML,
// which is not escaped.
func (f *frame) shown(v *value.Value, asHTML bool) *value.Value {
	switch s := f.s; {
	case v == nil || len(v.Objs) == 0:
		return nil
	case asHTML && s.methods["__html__"] > 0:
		return f.resultOf(v, "__html__", 0)
	case !asHTML && s.methods["__str__"]+s.methods["__repr__"] > 0:
		return f.resultOf(v, shownAs, 0)
	}
	return nil
}
