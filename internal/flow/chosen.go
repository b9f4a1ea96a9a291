package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Members whose names begin or end as the code says, where a stranger chooses among them or nobody knows what else is in the name.
// Where he writes the whole name, what the caller checked for some names alone is not told apart, so that little is believed of such
// calls.
//
//	getattr(self, "do_" + request.form["action"])(request.form)
//	getattr(form, f"address{i}").data

// anyName stands for the part of a name that is not known.
const anyName = "*"

// minAffix is the shortest part of a name that tells the methods meant from others.
const minAffix = 3

// maxChosen bounds the members that one name may mean.
const maxChosen = 48

// chosenAttr is getattr(v, name) where a part of the name is not known; false for other names and objects.
func (f *frame) chosenAttr(v, name *value.Value, node ast.NodeID) (*value.Value, bool) {
	if name == nil || ownerOf(v) == nil || len(name.Taint) > 0 && !isFreelyChosen(name) {
		return nil, false
	}
	pattern := name.Str.Prefix() + anyName + name.Str.Suffix()
	if isWhole := pattern == anyName && len(name.Taint) > 0 && ownerOf(v).Kind == value.ObjInstance; isWhole {
		found := f.unknownCall(nil, []arg{{v: v}}, node) // what is found under a name is not the name
		return join(found, value.OfObj(value.Obj{Kind: value.ObjMember, Name: pattern, Recv: v})), true
	}
	if len(pattern) <= minAffix || strings.HasPrefix(pattern, "_") || strings.Count(pattern, anyName) != 1 {
		return nil, false
	}
	members := value.AddLabels(value.OfObj(value.Obj{Kind: value.ObjMember, Name: pattern, Recv: v}), name.Taint)
	return join(members, f.fieldsNamed(v, pattern, node)), true
}

// fieldsNamed is what the class of an object says of its attributes of such names that are no methods.
func (f *frame) fieldsNamed(v *value.Value, pattern string, node ast.NodeID) *value.Value {
	var out *value.Value
	n := 0
	for _, name := range f.s.publicMembers(ownerOf(v).Class, pattern) {
		if member, _ := f.s.classAttr(ownerOf(v).Class, name, f.fn.ID, ir.NoClass); member == nil || isCallable(member) {
			continue
		}
		if n++; n > maxChosen {
			f.s.trip(f.fn, limitChosen)
			break
		}
		out = join(out, value.WithMark(f.loadAttr(v, name, node), value.MarkDynamic))
	}
	return out
}

// ownerOf is the one class of the program that a value is seen to be, or an instance of, or the one that self stands for; nil for
// other values.
func ownerOf(v *value.Value) *value.Obj {
	if v == nil {
		return nil
	}
	var owner *value.Obj
	for i := range v.Objs {
		switch o := &v.Objs[i]; {
		case o.Kind == value.ObjParam, owner != nil && owner.Kind == o.Kind && owner.Class == o.Class && o.Kind == value.ObjInstance:
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
	o := ownerOf(recv)
	if o == nil {
		return value.Unknown
	}
	mark := value.MarkDynamic
	if pattern == anyName {
		if !areForwarded(args) {
			return value.Unknown
		}
		mark = value.MarkNamesake
	}
	given := slices.Clone(args)
	for i := range given {
		given[i].v = value.WithMark(given[i].v, mark)
	}
	var out *value.Value
	n := 0
	for _, name := range f.s.publicMembers(o.Class, pattern) {
		if v, _ := f.s.classAttr(o.Class, name, f.fn.ID, ir.NoClass); v == nil || len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjFunc {
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
		out = join(out, value.WithMark(orUnknown(r), mark))
	}
	return orUnknown(out)
}

// areForwarded: the keywords of the call are a stranger's, as they came. Where the program puts them together, it does so for some
// methods in one way and for others in another.
func areForwarded(args []arg) bool {
	return slices.ContainsFunc(args, func(a arg) bool {
		return a.kind == ir.ArgStarStar && a.v != nil && len(a.v.Objs) == 0 && len(a.v.Taint) > 0
	})
}

// publicMembers are the names in the body of a class and of its bases that fit a pattern and do not begin with an underscore, each once.
func (s *solver) publicMembers(id ir.ClassID, pattern string) []string {
	prefix, suffix, _ := strings.Cut(pattern, anyName)
	var out []string
	seen := map[string]bool{}
	for _, t := range s.mro(id) {
		if t.Kind != semantic.TargetClass {
			continue
		}
		s.runClassBody(s.prog.Class(t.Class))
		for _, name := range s.classes[t.Class].order {
			if strings.HasPrefix(name, "_") || seen[name] || len(name) < len(prefix)+len(suffix) {
				continue
			}
			if strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix) {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	return out
}
