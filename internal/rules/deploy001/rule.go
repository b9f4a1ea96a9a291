// Package deploy001 judges what starts the application in production.
package deploy001

import (
	_ "embed"
	"strings"

	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-DEPLOY-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every start command that is not meant for development.
func (Rule) Run(p *rule.Pass) {
	for _, e := range p.Project.Deploy.Production() {
		if !p.RunsDevServer(e) {
			continue
		}
		f := p.AtLine("dev-server", e.File, e.Line)
		f.Message = "production starts Flask's development server: " + strings.Join(e.Argv, " ")
		f.Related = p.RunCalls(e)
		p.Report(f)
		if bind := p.BindOf(e); bind == "0.0.0.0" || bind == "::" {
			f := p.AtLine("bind-all", e.File, e.Line)
			f.Message = "the development server listens on every network interface (" + bind + ")"
			p.Report(f)
		}
	}
}
