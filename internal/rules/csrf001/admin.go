package csrf001

import (
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

// adminForms reports views of Flask-Admin whose forms hold no token: its own forms have none unless form_base_class is
// SecureForm. What they have in common is reported once, at the class that all of them build on.
func adminForms(p *rule.Pass) {
	type place struct {
		class ir.ClassID
		mod   *ir.Module
	}
	var order []place
	views := map[place][]project.ModelView{}
	for _, v := range p.Project.ModelViews() {
		if holdsToken(p, v.Class) || !changesRows(p, v.Class) {
			continue
		}
		at := place{basis(p, v.Class), nil}
		if at.class == ir.NoClass {
			at.mod = v.Route.Module
		}
		if views[at] == nil {
			order = append(order, at)
		}
		views[at] = append(views[at], v)
	}
	for _, at := range order {
		own := views[at]
		first := own[0].Route
		f := p.AtNode("admin-form", first.Module, first.Node)
		if c := p.Project.Prog.Class(at.class); c != nil {
			f = p.AtNode("admin-form", c.Module, c.Node)
		}
		f.Message = "the forms of " + strings.Join(names(p, own), ", ") + " hold no token, so another site can send them in an administrator's name"
		f.Routes = nil
		for _, v := range own {
			f.Routes = append(f.Routes, project.RouteName(v.Route))
			if len(f.Related) < maxRelated {
				f.Related = append(f.Related, finding.Location{Path: v.Route.Module.Source.Path, Span: v.Route.Module.File.Span(v.Route.Node), Note: "registered here"})
			}
		}
		slices.Sort(f.Routes)
		f.Routes = slices.Compact(f.Routes)
		p.Report(f)
	}
}

// maxNamed bounds the views that a message names.
const maxNamed = 4

func names(p *rule.Pass, views []project.ModelView) []string {
	var out []string
	for _, v := range views {
		name := "the model view"
		if c := p.Project.Prog.Class(v.Class); c != nil {
			name = c.Name
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if len(out) > maxNamed {
		out = append(out[:maxNamed], "others")
	}
	return out
}

// basis is the class of the program that stands nearest to the library's.
func basis(p *rule.Pass, class ir.ClassID) ir.ClassID {
	last := class
	if class == ir.NoClass {
		return last
	}
	for _, t := range p.Project.Prog.MRO(class) {
		if t.Kind == semantic.TargetClass && slices.ContainsFunc(p.Project.Prog.MRO(t.Class), isLibraryView) {
			last = t.Class
		}
	}
	return last
}

func isLibraryView(t semantic.Target) bool {
	return t.Kind == semantic.TargetExternal && strings.HasPrefix(t.Path, "flask_admin")
}

// holdsToken: the class says which form its own build on, or makes them itself. What is no form of Flask-Admin may hold a token.
func holdsToken(p *rule.Pass, class ir.ClassID) bool {
	for _, attr := range [...]string{"form_base_class", "form"} {
		mod, v, ok := p.Project.ClassValue(class, attr)
		if !ok {
			continue
		}
		if d := mod.File.Dotted(v); d != "BaseForm" && !strings.HasSuffix(d, ".BaseForm") && mod.File.Kind(v) != ast.Constant {
			return true
		}
	}
	return p.Project.HasMethod(class, "create_form", "edit_form", "get_form", "get_create_form", "scaffold_form", "validate_form")
}

// changesRows: one of the three ways to change a row is left on.
func changesRows(p *rule.Pass, class ir.ClassID) bool {
	for _, attr := range [...]string{"can_create", "can_edit", "can_delete"} {
		mod, v, ok := p.Project.ClassValue(class, attr)
		if !ok || mod.File.Text(v) != "False" {
			return true
		}
	}
	return false
}
