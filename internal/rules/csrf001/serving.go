package csrf001

import (
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/rule"
)

// whileServing reports exemptions that a request brings about. The list of exempt views is the process's, not the request's: who
// comes once with a key in a header takes the check away from all who come after him with a cookie.
func whileServing(p *rule.Pass) {
	serving := map[ir.FuncID]string{}
	for _, h := range p.Project.Flask.Hooks {
		serving[h.Func] = "before a view"
	}
	for _, r := range p.Project.Flask.Routes {
		if r.HasHandler {
			serving[r.Handler] = "in a view"
		}
	}
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		when, runs := serving[e.Func.ID]
		if !runs || e.Func.Module.IsTest || !strings.HasSuffix(e.Callee, "CSRFProtect.exempt") && !strings.HasSuffix(e.Callee, "CsrfProtect.exempt") && !strings.HasSuffix(e.Callee, "SeaSurf.exempt") {
			continue
		}
		f := p.At("exempt", e.Func, e.Node)
		f.Routes = nil
		f.Severity = finding.High
		f.Message = "exempt() is called " + when + ": from the first such request on, the view stays without a check for everybody, until the process ends"
		p.Report(f)
	}
}
