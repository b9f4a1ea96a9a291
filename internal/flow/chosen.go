package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Methods that a stranger chooses among those whose names begin or end as the code says. Where he writes the whole name, what the
// methods check and what the caller checked for some names alone is not told apart, so that such calls are not followed.
//
//	getattr(self, "do_" + request.form["action"])(request.form)

// anyName stands for the part of a name that a stranger writes.
const anyName = "*"

// minAffix is the shortest part of a name that tells the methods meant from others.
const minAffix = 3

// maxChosen bounds the methods that one name may mean.
const maxChosen = 48

// chosenAttr is getattr(v, name) where a stranger writes the name; false for other names and objects.
func (f *frame) chosenAttr(v, name *value.Value) (*value.Value, bool) {
	if name == nil || ownerOf(v) == nil || !isFreelyChosen(name) {
		return nil, false
	}
	pattern := name.Str.Prefix() + anyName + name.Str.Suffix()
	if len(pattern) <= minAffix || strings.HasPrefix(pattern, "_") || strings.Count(pattern, anyName) != 1 {
		return nil, false
	}
	return value.AddLabels(value.OfObj(value.Obj{Kind: value.ObjMember, Name: pattern, Recv: v}), name.Taint), true
}

// ownerOf is the one instance or class of the program that a value is, or the one that self stands for; nil for other values.
func ownerOf(v *value.Value) *value.Obj {
	if v == nil || v.AnyObj {
		return nil
	}
	var owner *value.Obj
	for i := range v.Objs {
		switch o := &v.Objs[i]; {
		case o.Kind == value.ObjParam:
		case owner != nil || o.Kind != value.ObjInstance && o.Kind != value.ObjClass:
			return nil
		default:
			owner = o
		}
	}
	return owner
}

// isFreelyChosen: some words of the name are a stranger's, and nothing was checked of them.
func isFreelyChosen(name *value.Value) bool {
	for i := range name.Taint {
		if name.Taint[i].Cleared == 0 {
			return true
		}
	}
	return false
}

// callChosen calls the methods that a name with a free part may mean. Which one it is was not seen.
func (f *frame) callChosen(recv *value.Value, pattern string, args []arg, node ast.NodeID) *value.Value {
	prefix, suffix, _ := strings.Cut(pattern, anyName)
	o := ownerOf(recv)
	if o == nil {
		return value.Unknown
	}
	given := slices.Clone(args)
	for i := range given {
		given[i].v = value.WithMark(given[i].v, value.MarkDynamic)
	}
	var out *value.Value
	n := 0
	for _, name := range f.s.publicMethods(o.Class, f.fn.ID) {
		if len(name) < len(prefix)+len(suffix) || !strings.HasPrefix(name, prefix) || !strings.HasSuffix(name, suffix) {
			continue
		}
		if n++; n > maxChosen {
			f.s.trip(f.fn, limitChosen)
			break
		}
		was, before := f.dead, f.heap.fork()
		r := f.callMethodOf(recv, o, name, given, node)
		f.dead, f.deadCall = was, false
		f.heap.merge(&before)
		out = join(out, value.WithMark(orUnknown(r), value.MarkDynamic))
	}
	return orUnknown(out)
}

// publicMethods are the names of the functions of a class and its bases that do not begin with an underscore, each once.
func (s *solver) publicMethods(id ir.ClassID, reader ir.FuncID) []string {
	var out []string
	seen := map[string]bool{}
	for _, t := range s.mro(id) {
		if t.Kind != semantic.TargetClass {
			continue
		}
		s.runClassBody(s.prog.Class(t.Class))
		for _, name := range s.classes[t.Class].order {
			if strings.HasPrefix(name, "_") || seen[name] {
				continue
			}
			seen[name] = true
			if v, _ := s.classAttr(id, name, reader, ir.NoClass); v != nil && len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjFunc {
				out = append(out, name)
			}
		}
	}
	return out
}
