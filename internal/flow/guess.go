package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Objects come out of registries, plugin folders and application attributes that no analysis sees through:
//
//	member = current_app.extensions["club"].find_member(request.form["name"])
//	mover = MOVERS[kind](); mover.move_goods(address)
//
// Where the program defines a method of that name in a few classes, and no library has one like it, those are meant.

// maxNamesakes bounds how many methods of one name a call on something unknown may mean: more say that the name is a
// convention of which this call tells nothing.
const maxNamesakes = 6

// maxListed bounds how many of them are looked at to find out which belong together.
const maxListed = 2 * maxNamesakes

// nameMethods lists the methods of the program by name, without those of tests, of names that a library has as well, and of
// single words that unrelated classes share.
func (s *solver) nameMethods() map[string][]ir.FuncID {
	out := map[string][]ir.FuncID{}
	for id := range s.prog.NumFuncs() {
		mod, local := s.prog.Where(ir.FuncID(id))
		info := &s.prog.Info(mod).Funcs[local]
		if mod.IsTest || info.Kind != ir.KindFunction || info.Class < 0 {
			continue
		}
		name := s.prog.FuncName(ir.FuncID(id))
		if !strings.HasPrefix(name, "__") && len(out[name]) <= maxListed && !isDeclaration(mod.File, info.Node) {
			out[name] = append(out[name], ir.FuncID(id))
		}
	}
	for e := range s.set.Entries() {
		delete(out, e.Path[strings.LastIndexByte(e.Path, '.')+1:])
	}
	for name, ids := range out {
		if !strings.Contains(strings.Trim(name, "_"), "_") && len(ids) <= maxListed {
			ids = s.family(ids)
		}
		if out[name] = ids; len(ids) == 0 || len(ids) > maxNamesakes {
			delete(out, name)
		}
	}
	return out
}

// isDeclaration: the method is there for subclasses to define. Its body is a text, an ellipsis, pass, or raises.
func isDeclaration(file *ast.File, fn ast.NodeID) bool {
	for _, w := range file.Body(fn) {
		switch id := ast.NodeID(w); file.Kind(id) {
		case ast.Pass, ast.Raise:
		case ast.Expr:
			if k := file.Kind(file.SlotA(id)); k != ast.Constant && k != ast.JoinedStr {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// family are those methods of one name that one class of the program is the base of. A manager that passes the call on to what
// is registered with it has a method of that name too, which takes something else: that one is no relative and no stranger.
func (s *solver) family(ids []ir.FuncID) []ir.FuncID {
	if s.isFamily(ids) {
		return ids
	}
	by := map[int][]ir.FuncID{}
	for _, id := range ids {
		mod, local := s.prog.Where(id)
		n := len(mod.File.Params(s.prog.Info(mod).Funcs[local].Node))
		by[n] = append(by[n], id)
	}
	var found []ir.FuncID
	for _, same := range by {
		switch {
		case len(same) == 1 && len(by) == 2:
		case found != nil || !s.isFamily(same):
			return nil
		default:
			found = same
		}
	}
	return found
}

// isFamily: one class of the program is a base of all classes that define the methods.
func (s *solver) isFamily(ids []ir.FuncID) bool {
	shared := map[ir.ClassID]int{}
	for _, id := range ids {
		for _, t := range s.mro(s.prog.ClassOf(id)) {
			if t.Kind == semantic.TargetClass && t.Rest == "" {
				shared[t.Class]++
			}
		}
	}
	for _, n := range shared {
		if n == len(ids) {
			return true
		}
	}
	return false
}

// namesake calls the methods that a call on something unknown can mean; false when there are none, or too many.
func (f *frame) namesake(recv *value.Value, name string, args []arg, node ast.NodeID) (*value.Value, bool) {
	all := f.s.namesakes[name]
	if len(all) == 0 || len(all) > maxNamesakes || !isUnseen(recv) || !f.carriesTaint(args) {
		return nil, false
	}
	var out *value.Value
	found := false
	for _, id := range all {
		fn := f.s.fn(id)
		if fn == nil || !takes(fn, args) {
			continue
		}
		if r, ok := f.guessedCall(fn, args, node); ok {
			out, found = join(out, r), true
		}
	}
	return orUnknown(out), found
}

// isUnseen: nothing is known of the object, or only that it came as a parameter.
func isUnseen(v *value.Value) bool {
	if v.IsConst || v.Type != "" || v.Str != nil {
		return false
	}
	for i := range v.Objs {
		if v.Objs[i].Kind != value.ObjParam {
			return false
		}
	}
	return true
}

// carriesTaint: words of a request, or what may be, are among the arguments or in their collections.
func (f *frame) carriesTaint(args []arg) bool {
	return slices.ContainsFunc(args, func(a arg) bool { v := f.deep(a.v); return v != nil && len(v.Taint) > 0 })
}

// guessedCall calls a method of any instance of its class for what it returns and which sinks it feeds. It is a guess: no edge
// of the call graph, nothing that it writes, and it ends nothing.
func (f *frame) guessedCall(fn *ir.Func, args []arg, node ast.NodeID) (*value.Value, bool) {
	s := f.s
	info := s.look(fn.ID)
	if info.isProperty {
		return nil, false
	}
	sum := s.summary(fn.ID)
	if sum == nil {
		return nil, false
	}
	self := make([]arg, 0, len(args)+1)
	switch {
	case info.isStatic:
	case info.isClassMethod:
		self = append(self, arg{v: value.OfObj(value.Obj{Kind: value.ObjClass, Class: fn.Class})})
	default:
		self = append(self, arg{v: value.OfObj(value.Obj{Kind: value.ObjInstance, Class: fn.Class})})
	}
	for _, a := range args {
		a.v = value.WithMark(a.v, value.MarkNamesake)
		self = append(self, a)
	}
	b := s.binding()
	b.f, b.sum, b.fn, b.args, b.node, b.env, b.isGuess = f, sum, fn, f.bind(fn, self, node), node, s.envOf(0), true
	if f.record {
		b.hits()
	}
	r := derived(value.MarkNamesake, b.value(sum.ret))
	s.release(b)
	return r, true
}

// guessed marks what reaches a sink of a method that was found by its name.
func (b *binding) guessed(labels []value.Label) []value.Label {
	if !b.isGuess {
		return labels
	}
	out := make([]value.Label, len(labels))
	for i, l := range labels {
		l.Marks |= value.MarkNamesake
		out[i] = l
	}
	return out
}

// takes reports whether a method can be called so.
func takes(fn *ir.Func, args []arg) bool {
	free, given, isOpen := 0, 0, false
	for _, p := range fn.Params {
		switch p.Kind {
		case ast.VarArgs, ast.VarKeyword:
			isOpen = true
		case ast.KeywordOnly:
		default:
			free++
		}
	}
	for _, a := range args {
		switch {
		case a.kind == ir.ArgPos:
			given++
		case a.kind != ir.ArgKeyword:
			isOpen = true
		case paramNamed(fn, a.name) < 0 && !isOpen:
			return false
		}
	}
	return isOpen || given < free || given == free && len(fn.Params) > 0 && fn.Params[0].Name != "self" && fn.Params[0].Name != "cls"
}
