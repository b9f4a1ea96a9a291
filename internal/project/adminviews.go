package project

import (
	"strings"

	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// ModelView is a view of Flask-Admin that was registered: it shows and changes the rows of a model by itself.
type ModelView struct {
	Route flask.Route // the first of those that the library adds for it
	// Class is the program's own; NoClass where the library's is used as it is.
	Class ir.ClassID
}

// libraryModelView stands before the names of the views that the library brings.
const libraryModelView = "flask_admin.model.BaseModelView."

// ModelViews are the registered views of Flask-Admin that change rows, one for each registration.
func (p *Project) ModelViews() []ModelView {
	type place struct {
		mod  *ir.Module
		node ast.NodeID
		name string // of the blueprint: several may be registered in one loop
	}
	seen := map[place]bool{}
	var out []ModelView
	for _, r := range p.Flask.Routes {
		if !r.IsLibrary || !strings.HasPrefix(r.Function, libraryModelView) || !r.IsUnsafe() || r.Module == nil || r.Module.File == nil || r.Module.IsTest {
			continue
		}
		name, _, _ := strings.Cut(r.Endpoint, ".")
		at := place{r.Module, r.Node, name}
		if seen[at] {
			continue
		}
		seen[at] = true
		if class, ok := p.registered(r); ok {
			out = append(out, ModelView{r, class})
		}
	}
	return out
}

// registered is the class that a registration makes an instance of: add_view(UserView(User, db.session)). False where that
// cannot be told.
func (p *Project) registered(r flask.Route) (ir.ClassID, bool) {
	f := r.Module.File
	class, found := ir.NoClass, false
	f.Walk(r.Node, func(n ast.NodeID) bool {
		if f.Kind(n) != ast.Call || n == r.Node {
			return !found
		}
		d := f.Dotted(f.SlotA(n))
		if d == "" {
			return !found
		}
		switch t := p.Prog.ResolveName(r.Module, d); {
		case t.Kind == semantic.TargetClass && t.Rest == "":
			class, found = t.Class, true
		case t.Kind == semantic.TargetExternal && strings.HasSuffix(t.Path+"."+t.Rest, "ModelView."), t.Kind == semantic.TargetExternal && strings.HasSuffix(t.Path, "ModelView"):
			found = true
		}
		return !found
	})
	return class, found
}

// ClassValue is what a class, or the nearest of its bases in the program, assigns to a name in its body.
func (p *Project) ClassValue(class ir.ClassID, name string) (*ir.Module, ast.NodeID, bool) {
	if class == ir.NoClass {
		return nil, 0, false
	}
	for _, t := range p.Prog.MRO(class) {
		if t.Kind != semantic.TargetClass {
			continue
		}
		c := p.Prog.Class(t.Class)
		f := c.Module.File
		if f == nil {
			continue
		}
		if v := assignedIn(f, f.Body(c.Node), name); v != 0 {
			return c.Module, v, true
		}
	}
	return nil, 0, false
}

// assignedIn is the value of the last plain assignment to a name among statements; 0 when there is none.
func assignedIn(f *ast.File, body []uint32, name string) ast.NodeID {
	var found ast.NodeID
	for _, s := range body {
		switch n := ast.NodeID(s); f.Kind(n) {
		case ast.Assign:
			for _, t := range f.ListA(n) {
				if f.Kind(ast.NodeID(t)) == ast.Name && f.IdentOf(ast.NodeID(t)) == name {
					found = f.SlotB(n)
				}
			}
		case ast.AnnAssign:
			if f.Kind(f.SlotA(n)) == ast.Name && f.IdentOf(f.SlotA(n)) == name {
				found = f.SlotC(n)
			}
		}
	}
	return found
}

// HasMethod reports whether a class or one of its bases in the program has a method of a name, or assigns to it.
func (p *Project) HasMethod(class ir.ClassID, names ...string) bool {
	if class == ir.NoClass {
		return false
	}
	for _, t := range p.Prog.MRO(class) {
		if t.Kind != semantic.TargetClass {
			continue
		}
		for _, name := range names {
			if _, ok := p.Prog.ClassMember(p.Prog.Class(t.Class), name); ok {
				return true
			}
		}
	}
	return false
}
