package auth003

import (
	"regexp"
	"slices"
	"strings"

	"stopper/internal/deploy/nginx"
	"stopper/internal/effects"
	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// How deep below a view the check of a password is looked for, and what counts and records attempts.
const (
	checkDepth = 3
	countDepth = 4
)

var (
	countsAttempts = regexp.MustCompile(`(?i)limit|throttl|attempt|lock_?out|lockout|is_?locked|locked_until|captcha|turnstile|too_?many|brute|fail(ed|ure)?_?(count|login)|login_?fail|back_?off`)
	recordsSomehow = regexp.MustCompile(`(?i)log(ger|ging)?\b.*\.(debug|info|warn|warning|error|exception|critical|log|bind)\(|\blog_\w+\(|\w_log\(|audit|\bprint\(|capture_message|record_|syslog|structlog|telemetry|metrics?\.`)
)

// attempts reports views where strangers try passwords and nothing seen limits how often, or keeps a record. Of functions in plain
// it is known that they compare one.
func attempts(p *rule.Pass, plain map[ir.FuncID]bool) {
	var open, silent []flask.Route
	isLimited, isRecorded := limitsAll(p), recordsAll(p)
	for _, r := range p.Project.Flask.Routes {
		if !takesStrangers(p, r) {
			continue
		}
		below := reached(p, r)
		if !checksPassword(p, r, below, plain) {
			continue
		}
		if !isLimited && p.Project.Endpoint(r).Limit == "" && !slices.ContainsFunc(below, holds(p, countsAttempts)) {
			open = append(open, r)
		}
		if !isRecorded && !slices.ContainsFunc(below, holds(p, recordsSomehow)) {
			silent = append(silent, r)
		}
	}
	if f := at(p, "attempts", open); f != nil {
		f.Message = "strangers may try passwords as often as they like: " + named(open) + " checks one, and nothing seen limits how often"
		f.Settle = "Send twenty wrong passwords for one account: is the last one still answered, and as fast?"
		p.Report(f)
	}
	if f := at(p, "unrecorded", silent); f != nil {
		f.Message = "nothing records who tried to sign in: " + named(silent) + " checks a password and writes no log"
		f.Settle = "Sign in with a wrong password, and look for it in what the operators see."
		p.Report(f)
	}
}

// at places a finding at the first of some views; nil when there are none.
func at(p *rule.Pass, slug string, views []flask.Route) *finding.Finding {
	if len(views) == 0 {
		return nil
	}
	fn := p.Project.Flow.Func(views[0].Handler)
	f := p.At(slug, fn, fn.Node)
	f.Verdict, f.Confidence = finding.Verify, min(f.Confidence, finding.ConfidenceMedium)
	f.Reasons = append(f.Reasons, "a proxy or a service in front of the application may do it")
	for _, r := range views[1:] {
		if other := p.Project.Flow.Func(r.Handler); other.ID != fn.ID {
			f.Related = append(f.Related, finding.Location{Path: other.Module.Source.Path,
				Pos: finding.Position{Line: other.Module.Source.Line(other.SpanOf(other.Node).Start)}, Note: project.RouteName(r) + ", too"})
		}
	}
	return f
}

func named(views []flask.Route) string { return project.RouteName(views[0]) }

// takesStrangers: whoever comes may send something to the view.
func takesStrangers(p *rule.Pass, r flask.Route) bool {
	if !r.HasHandler || r.Module.IsTest || r.IsLibrary || !slices.Contains(r.Methods, "POST") {
		return false
	}
	fn := p.Project.Flow.Func(r.Handler)
	if fn == nil || fn.Node == 0 {
		return false
	}
	guard := p.Project.Access(r).Guard
	return guard == "" || guard == project.ByItself
}

// checksPassword: the view signs in whoever knows a password.
func checksPassword(p *rule.Pass, r flask.Route, below []ir.FuncID, plain map[ir.FuncID]bool) bool {
	all := p.Project.Effects.Reach(r.Handler, checkDepth)
	isCheck := slices.ContainsFunc(all, func(e effects.Effect) bool {
		return e.Kind&effects.ChecksSecret != 0 && strings.HasPrefix(e.What, "verifies")
	})
	if !isCheck && !slices.ContainsFunc(below, func(id ir.FuncID) bool { return plain[id] }) {
		return false
	}
	if effects.Has(all, effects.SignIn) {
		return true
	}
	name := strings.ToLower(project.RouteName(r) + " " + p.Project.Prog.QualName(r.Handler))
	return slices.ContainsFunc(signInWords[:], func(w string) bool { return strings.Contains(name, w) })
}

var signInWords = [...]string{"login", "signin", "sign_in", "sign-in", "log_in", "authenticate"}

// reached are the view, what runs before it, and what those call.
func reached(p *rule.Pass, r flask.Route) []ir.FuncID {
	seen := map[ir.FuncID]bool{r.Handler: true}
	out := []ir.FuncID{r.Handler}
	for _, h := range p.Project.HooksBefore(r) {
		if !seen[h.Func] {
			seen[h.Func] = true
			out = append(out, h.Func)
		}
	}
	level := out
	for range countDepth {
		var next []ir.FuncID
		for _, id := range level {
			for _, c := range p.Project.Flow.Callees(id) {
				if !seen[c.To] && len(out) < maxReached {
					seen[c.To] = true
					out, next = append(out, c.To), append(next, c.To)
				}
			}
		}
		level = next
	}
	return out
}

// maxReached bounds the functions that are looked at below one view.
const maxReached = 300

// holds: a name, a text or a call in a function has a word. Its comments say what somebody meant to do.
func holds(p *rule.Pass, word *regexp.Regexp) func(ir.FuncID) bool {
	return func(id ir.FuncID) bool {
		fn := p.Project.Flow.Func(id)
		if fn == nil || fn.Module.File == nil || fn.Node == 0 {
			return false
		}
		f, found := fn.Module.File, false
		f.Walk(fn.Node, func(n ast.NodeID) bool {
			switch f.Kind(n) {
			case ast.Call:
				found = found || word.MatchString(f.Text(f.SlotA(n))+"(")
			case ast.Constant:
				s, ok := f.Str(n)
				found = found || ok && word.MatchString(s)
			case ast.Name, ast.Attribute, ast.FunctionDef, ast.AsyncFunctionDef:
				found = found || word.MatchString(f.IdentOf(n))
			}
			return !found
		})
		return found
	}
}

// limitsAll: something limits all requests: defaults of Flask-Limiter, or nginx.
func limitsAll(p *rule.Pass) bool {
	for _, c := range p.Project.Flask.Config {
		if c.Key == "RATELIMIT_DEFAULT" || c.Key == "RATELIMIT_APPLICATION" {
			return true
		}
	}
	for _, n := range p.Project.Deploy.Edge.Nginx {
		found := false
		nginx.Walk(n.Directives, func(d *nginx.Directive) { found = found || d.Name == "limit_req" || d.Name == "auth_basic" })
		if found {
			return true
		}
	}
	return slices.ContainsFunc(p.Project.Flow.Events, func(e flow.Event) bool { return limitsByDefault(&e) })
}

func limitsByDefault(e *flow.Event) bool {
	switch {
	case e.Func.Module.IsTest:
		return false
	case e.Callee == "flask_limiter.Limiter":
		_, defaults := e.Args.Keyword("default_limits")
		_, application := e.Args.Keyword("application_limits")
		return defaults || application || e.Args.HasStarStar
	}
	return e.Callee == "flask_limiter.Limiter.limit" // of a blueprint, or a view that is named
}

// recordsAll: something records all sign-ins.
func recordsAll(p *rule.Pass) bool {
	return p.HoldsText("user_logged_in.connect") || p.HoldsText("user_authenticated.connect")
}
