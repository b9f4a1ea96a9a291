package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Functions that are chosen by the type of their first argument:
//
//	@singledispatch                @show.register
//	def show(v): …                 def _(v: str): …
//
// The types are not asked for: each of them may be called.

// maxByType bounds the functions that one stands for.
const maxByType = 16

func (s *solver) isSingleDispatch(id ir.FuncID) bool {
	fn := s.fn(id)
	if fn == nil || fn.Module.File == nil || fn.Module.File.Kind(fn.Node) != ast.FunctionDef {
		return false
	}
	f := fn.Module.File
	return slices.ContainsFunc(f.Decorators(fn.Node), func(d uint32) bool {
		name := semantic.DottedName(f, ast.NodeID(d))
		return strings.HasPrefix(name[strings.LastIndexByte(name, '.')+1:], "singledispatch")
	})
}

// registered is show.register(function), or show.register(type), which is a decorator.
func (f *frame) registered(o *value.Obj, v *value.Value) *value.Value {
	if !slices.ContainsFunc(v.Objs, isFunc) {
		return value.OfObj(value.Obj{Kind: value.ObjMember, Name: "register", Recv: value.OfObj(*o)})
	}
	for i := range v.Objs {
		id, known := v.Objs[i].Func, f.s.byType[o.Func]
		switch {
		case !isFunc(v.Objs[i]) || id == o.Func || slices.Contains(known, id):
		case len(known) == maxByType:
			f.s.trip(f.fn, limitByType)
		default:
			f.s.byType[o.Func] = append(known, id)
		}
	}
	return v
}

// callByType calls what else the function stands for.
func (f *frame) callByType(id ir.FuncID, args []arg, node ast.NodeID, r *value.Value) *value.Value {
	dead, out := f.dead, r
	for _, other := range f.s.byType[id] {
		f.dead = false
		if v := f.callFunc(other, 0, args, node); v != nil {
			out = join(out, v)
		}
		dead = dead && f.dead
	}
	f.dead = dead
	return out
}
