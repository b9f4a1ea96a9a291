package auth003

import (
	"regexp"
	"slices"
	"strings"

	"stopper/internal/deploy/nginx"
	"stopper/internal/effects"
	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// How deep below a view the check of a password is looked for, and what counts and records attempts.
const (
	checkDepth = 4
	countDepth = 4
)

// What somebody calls what counts attempts, or keeps a record of them; what somebody says to whoever came too often. A limit by
// itself is the one of a query.
var (
	countsAttempts = regexp.MustCompile(`(?i)rate_?limit|limiter|(login|auth|sign_?in|attempts?|request|user|ip)_limit|limit_(login|auth|sign_?in|attempts?|requests?)|throttl|attempts|_attempt|attempt_|lock_?out|is_?locked|locked_(until|at)|captcha|turnstile|too_?many|brute_?force|fail(ed|ure)?_?(count|logins?)|login_?fail|back_?off`)
	saysTooMany    = regexp.MustCompile(`(?i)too many|captcha|temporarily locked|locked out|rate limit`)
	keepsRecord    = regexp.MustCompile(`(?i)(^|[._])(log|logger|logging)\b.*\.(debug|info|warn|warning|error|exception|critical|log)\($|^log_\w+\(|_log\($|audit|^print\($|capture_message|record_(login|attempt|event|access|sign)|^syslog|telemetry`)
)

// attempts reports views where strangers try passwords and nothing seen limits how often, or keeps a record. Of functions in plain
// it is known that they compare one.
func attempts(p *rule.Pass, plain map[ir.FuncID]bool) {
	var open, silent []flask.Route
	isLimited, isRecorded := limitsAll(p), recordsAll(p)
	if isLimited && isRecorded {
		return
	}
	for _, r := range p.Project.Flask.Routes {
		if !takesStrangers(p, r) {
			continue
		}
		isCheck := verifiesPassword(p, r)
		if !isCheck && len(plain) == 0 {
			continue
		}
		below := reached(p, r)
		if !isCheck && !slices.ContainsFunc(below, func(id ir.FuncID) bool { return plain[id] }) || !signsIn(p, r) {
			continue
		}
		if !isLimited && p.Project.Endpoint(r).Limit == "" && !slices.ContainsFunc(below, mentioning(p, countsAttempts, saysTooMany)) {
			open = append(open, r)
		}
		if !isRecorded && !slices.ContainsFunc(below, mentioning(p, keepsRecord, nil)) {
			silent = append(silent, r)
		}
	}
	if f := at(p, "attempts", open); f != nil {
		f.Message = "strangers may try passwords as often as they like: " + project.RouteName(open[0]) + " checks one, and nothing seen limits how often"
		f.Settle = "Send twenty wrong passwords for one account: is the last one still answered, and as fast?"
		p.Report(f)
	}
	if f := at(p, "unrecorded", silent); f != nil {
		f.Message = "nothing records who tried to sign in: " + project.RouteName(silent[0]) + " checks a password and writes no log"
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
			f.Related = append(f.Related, finding.Location{Path: other.Module.Source.Path, Span: other.SpanOf(other.Node), Note: project.RouteName(r) + ", too"})
		}
	}
	return f
}

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

// verifiesPassword: the view, or what it calls, checks the hash of one.
func verifiesPassword(p *rule.Pass, r flask.Route) bool {
	return slices.ContainsFunc(p.Project.Effects.Reach(r.Handler, checkDepth), func(e effects.Effect) bool {
		return e.Kind&effects.ChecksSecret != 0 && strings.HasPrefix(e.What, "verifies")
	})
}

// signsIn: the view signs somebody in, or is called so.
func signsIn(p *rule.Pass, r flask.Route) bool {
	return effects.Has(p.Project.Effects.Reach(r.Handler, checkDepth), effects.SignIn) ||
		project.NamesSignIn(project.RouteName(r)) || project.NamesSignIn(p.Project.Prog.QualName(r.Handler))
}

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
				if seen[c.To] {
					continue
				}
				if len(out) >= maxReached {
					p.Cut("functions below one view", r.Handler)
					return out
				}
				seen[c.To] = true
				out, next = append(out, c.To), append(next, c.To)
			}
		}
		level = next
	}
	return out
}

// maxReached bounds the functions that are looked at below one view.
const maxReached = 300

// mentioning: a name or a call in a function is called so, or a text says so. Its comments say what somebody meant to do.
func mentioning(p *rule.Pass, names, texts *regexp.Regexp) func(ir.FuncID) bool {
	return func(id ir.FuncID) bool {
		fn := p.Project.Flow.Func(id)
		if fn == nil || fn.Module.File == nil || fn.Node == 0 {
			return false
		}
		f, found := fn.Module.File, false
		f.Walk(fn.Node, func(n ast.NodeID) bool {
			switch f.Kind(n) {
			case ast.Call:
				found = found || names.MatchString(f.Text(f.SlotA(n))+"(")
			case ast.Constant:
				s, ok := f.Str(n)
				found = found || ok && texts != nil && texts.MatchString(s)
			case ast.Name, ast.Attribute, ast.FunctionDef, ast.AsyncFunctionDef:
				found = found || names.MatchString(f.IdentOf(n))
			}
			return !found
		})
		return found
	}
}

// limitsAll: something limits all requests, or whole blueprints: Flask-Limiter with defaults, from the code or the configuration, or
// nginx. A limit on another view is none of this one's.
func limitsAll(p *rule.Pass) bool {
	for _, n := range p.Project.Deploy.Edge.Nginx {
		found := false
		nginx.Walk(n.Directives, func(d *nginx.Directive) { found = found || d.Name == "limit_req" || d.Name == "auth_basic" })
		if found {
			return true
		}
	}
	isConfigured := slices.ContainsFunc(p.Project.Flask.Config, func(c flask.ConfigSet) bool {
		return c.Key == "RATELIMIT_DEFAULT" || c.Key == "RATELIMIT_APPLICATION"
	})
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if e.Callee != "flask_limiter.Limiter" || e.Func.Module.IsTest {
			continue
		}
		_, defaults := e.Args.Keyword("default_limits")
		_, application := e.Args.Keyword("application_limits")
		if isConfigured || defaults || application || e.Args.HasStarStar {
			return true
		}
	}
	isApplied := false // limiter.limit("5 per minute")(blueprint)
	p.Named(rule.Ident(""), func(at rule.Place) {
		f := at.Mod.File
		inner := f.SlotA(at.Node)
		isApplied = isApplied || f.Kind(inner) == ast.Call && f.Kind(f.SlotA(inner)) == ast.Attribute && f.IdentOf(f.SlotA(inner)) == "limit"
	}, ast.Call)
	return isApplied
}

// recordsAll: the program hears of every sign-in, by a signal of Flask-Login or Flask-Security.
func recordsAll(p *rule.Pass) bool {
	return slices.ContainsFunc(p.Project.Prog.Modules, func(m *ir.Module) bool {
		return !m.IsTest && m.File != nil && (slices.Contains(m.File.Names, "user_logged_in") || slices.Contains(m.File.Names, "user_authenticated"))
	})
}
