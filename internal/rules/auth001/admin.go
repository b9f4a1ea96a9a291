package auth001

import (
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/rule"
)

// openAdmin reports views of Flask-Admin that nothing keeps strangers from. The library asks is_accessible, which lets
// everybody pass where no class overrides it.
func openAdmin(p *rule.Pass) {
	seen := map[ir.ClassID]bool{}
	for _, v := range p.Project.ModelViews() {
		if v.Class != ir.NoClass && seen[v.Class] || p.Project.Access(v.Route).Guard != "" {
			continue
		}
		if p.Project.HasMethod(v.Class, "is_accessible", "_handle_view", "dispatch_request", "_run_view") || guardedOutside(p) {
			continue
		}
		seen[v.Class] = true
		f := p.AtNode("open-admin", v.Route.Module, v.Route.Node)
		f.Routes = []string{project.RouteName(v.Route)}
		f.Message = "everybody can change rows through this view: nothing overrides is_accessible"
		p.Report(f)
	}
}

// guardedOutside: an extension asks for a password before any view.
func guardedOutside(p *rule.Pass) bool {
	for _, c := range p.Project.Flask.Config {
		if c.Key == "BASIC_AUTH_FORCE" && rule.IsTrue(c.Arg.Value) {
			return true
		}
	}
	return false
}
