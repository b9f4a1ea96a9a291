// Package cors001 judges which other sites may read the application's answers.
package cors001

import (
	_ "embed"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-CORS-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges Flask-CORS first, then headers that are set by hand, then nginx.
func (Rule) Run(p *rule.Pass) {
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		switch e.Callee {
		case "flask_cors.CORS", "flask_cors.CORS.init_app", "flask_cors.cross_origin":
			if env := flask.EnvironmentAt(e.Func, e.Node); env != flask.Development && env != flask.Testing {
				extension(p, e)
			}
		}
	}
	byHand(p)
	edge(p)
}

// policy is what one part of a Flask-CORS set-up allows.
type policy struct {
	origins     flow.Arg
	hasOrigins  bool
	module      *ir.Module // in which origins stand
	credentials bool
	isPart      bool // only for some paths
}

// policies reads the keyword arguments, and the entries of resources, which override them.
func policies(e *flow.Event) []policy {
	top := policy{isPart: e.Callee == "flask_cors.cross_origin", module: e.Func.Module}
	top.origins, top.hasOrigins = e.Args.Keyword("origins")
	if a, ok := e.Args.Keyword("supports_credentials"); ok {
		top.credentials = rule.IsTrue(a.Value)
	}
	resources, ok := e.Args.Keyword("resources")
	if !ok || len(resources.Keys) == 0 {
		if ok && !resources.IsDict {
			top.isPart = true
		}
		return []policy{top}
	}
	var out []policy
	for _, k := range resources.Keys {
		part := top
		part.isPart = k.Key.Str != "/*" && k.Key.Str != "*" && k.Key.Str != ".*" && k.Key.Str != "/.*"
		if a, ok := k.Arg.Key("origins"); ok {
			part.origins, part.hasOrigins = a, true
		}
		if a, ok := k.Arg.Key("supports_credentials"); ok {
			part.credentials = rule.IsTrue(a.Value)
		}
		out = append(out, part)
	}
	return out
}

func extension(p *rule.Pass, e *flow.Event) {
	if e.Args.HasStarStar {
		return
	}
	if e.Callee == "flask_cors.CORS" && len(e.Args.Pos) == 0 && len(e.Args.Kw) == 0 {
		return // the arguments follow with init_app
	}
	for _, pol := range policies(e) {
		if slug, message, severity := judge(p, pol); slug != "" {
			f := p.At(slug, e.Func, e.Node)
			f.Message, f.Severity = message, severity
			if slug != "permissive" && severity == finding.High && !usesCookies(p) {
				f.Severity = finding.Medium
				f.Reasons = append(f.Reasons, "no session and no cookie of the application was seen")
			}
			origin(p, f, pol)
			if slug == "permissive" {
				f.Confidence = finding.ConfidenceMedium
				f.Reasons = append(f.Reasons, "cookies are not sent along, so only what needs no sign-in, or is protected by the network alone, can be read")
			}
			p.Report(f)
			return
		}
	}
}

// origin says which variable of the environment the origins come from, and what gives it its value.
func origin(p *rule.Pass, f *finding.Finding, pol policy) {
	if !pol.hasOrigins || len(texts(pol.origins)) > 0 {
		return
	}
	uses := p.Project.Expression(pol.module, pol.origins.Node).Env
	if len(uses) == 0 {
		return
	}
	name := uses[0].Name
	if v, ok := p.Project.Deploy.ProductionVar(name); ok {
		f.Related = append(f.Related, rule.LinePlace(v.File, v.Line, "gives "+name+" its value in production"))
		f.Fix = "Give " + name + " the origins in " + v.File + ", separated as the program splits them, and take * out of its default: a forgotten variable should allow none."
	} else if uses[0].HasDefault {
		f.Fix = "Take * out of the default of " + name + ", and name the origins: a forgotten variable should allow none."
	}
}

// usesCookies: a visitor is known by a cookie, as far as extensions and writes to the session tell.
func usesCookies(p *rule.Pass) bool {
	if p.Imports("flask_login", "flask_security", "flask_user", "flask_session") {
		return true
	}
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if (strings.HasPrefix(e.Callee, "flask.Session.") || strings.HasSuffix(e.Callee, ".set_cookie")) && !e.Func.Module.IsTest {
			return true
		}
	}
	return false
}

func judge(p *rule.Pass, pol policy) (slug, message string, severity finding.Severity) {
	credentials := pol.credentials
	if s := p.Project.Setting("CORS_SUPPORTS_CREDENTIALS"); s.Is(true) {
		credentials = true
	}
	origins := pol.origins
	if !pol.hasOrigins {
		s := p.Project.Setting("CORS_ORIGINS")
		if s.Set == nil {
			if credentials {
				return "wildcard-credentials", "every site may read answers for the visitor's own session: no origins are named, and credentials are allowed", finding.High
			}
			if pol.isPart {
				return "permissive", "every site may read these answers: no origins are named", finding.Low
			}
			return "permissive", "every site may read the answers of every route: no origins are named", finding.Medium
		}
		origins, pol.module = s.Set.Arg, s.Set.Module
	}
	for _, o := range allowed(p, pol.module, origins) {
		switch {
		case isWild(o) && credentials:
			return "wildcard-credentials", "every site may read answers for the visitor's own session: any origin is reflected, with credentials", finding.High
		case isWild(o):
			return "permissive", "every site may read these answers: any origin is allowed", finding.Low
		case isPattern(o):
			if why := weakPattern(o, false); why != "" {
				severity := finding.Medium
				if credentials {
					severity = finding.High
				}
				return "weak-match", "the pattern for allowed origins lets others in: " + why, severity
			}
		}
	}
	return "", "", 0
}

// allowed are the origins of an argument: its constants, else what it comes to with the environment of production.
func allowed(p *rule.Pass, m *ir.Module, a flow.Arg) []string {
	if out := texts(a); len(out) > 0 {
		return out
	}
	r := p.Project.Expression(m, a.Node)
	if !r.Known {
		return nil
	}
	list, isList := r.Value.([]any)
	if !isList {
		list = []any{r.Value}
	}
	var out []string
	for _, x := range list {
		if s, isText := x.(string); isText {
			out = append(out, s)
		}
	}
	return out
}

// texts are the constant texts of an argument: one, or the elements of a list.
func texts(a flow.Arg) []string {
	var out []string
	if s, ok := a.Value.ConstStr(); ok {
		out = append(out, s)
	}
	for _, e := range a.Elems {
		if s, ok := e.Value.ConstStr(); ok {
			out = append(out, s)
		}
	}
	return out
}
