package auth001

import (
	"slices"

	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// declaresGuard: something around the view is named like a guard, though nobody saw what it does: a decorator of the method that
// answers, or one in the list that its class puts around all of them.
//
//	class Settings(MethodView):
//	    decorators = [allows.requires(IsAdmin)]
func (j *judge) declaresGuard(v *view) bool {
	prog := j.p.Project.Prog
	mod, local := prog.Where(v.Handler)
	if mod.File == nil {
		return false
	}
	node := prog.Info(mod).Funcs[local].Node
	if k := mod.File.Kind(node); k == ast.FunctionDef || k == ast.AsyncFunctionDef {
		if slices.ContainsFunc(mod.File.Decorators(node), func(d uint32) bool { return namesGuard(mod.File, ast.NodeID(d)) }) {
			return true
		}
	}
	class := prog.ClassOf(v.Handler)
	return class != ir.NoClass && slices.ContainsFunc(prog.MRO(class), func(t semantic.Target) bool {
		return t.Kind == semantic.TargetClass && listsGuard(prog.Class(t.Class))
	})
}

// listsGuard: a class names a guard among the decorators of its methods.
func listsGuard(c *ir.Class) bool {
	f := c.Module.File
	if f == nil || f.Kind(c.Node) != ast.ClassDef {
		return false
	}
	found := false
	f.Walk(c.Node, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda:
			return false
		case ast.Assign:
			for _, t := range f.ListA(n) {
				if name := f.IdentOf(ast.NodeID(t)); name == "decorators" || name == "method_decorators" {
					found = found || namesGuard(f, f.SlotB(n))
				}
			}
		}
		return !found
	})
	return found
}

// namesGuard: a name in an expression is that of a guard.
func namesGuard(f *ast.File, e ast.NodeID) bool {
	found := false
	f.Walk(e, func(n ast.NodeID) bool {
		if k := f.Kind(n); k == ast.Name || k == ast.Attribute {
			found = found || project.NamesGuard(f.IdentOf(n))
		}
		return !found
	})
	return found
}
