// Package sess001 judges the attributes of session cookies and of the cookies that views set.
package sess001

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-SESS-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges the configuration first, then every cookie that is set by hand.
func (Rule) Run(p *rule.Pass) {
	for _, c := range p.Project.Flask.Config {
		if !rule.IsDevelopment(c) {
			configured(p, c)
		}
	}
	unset(p)
	cookies := setCookies(p)
	overTLS := p.ShowsTLS() || slices.ContainsFunc(cookies, isSecure)
	for _, e := range cookies {
		setCookie(p, e)
		if a, ok := e.Args.Keyword("secure"); ok && rule.IsFalse(a.Value) && overTLS && !isDeletion(e) {
			switchedOff(p, e)
		}
	}
}

func configured(p *rule.Pass, c flask.ConfigSet) {
	v := c.Arg.Value
	switch c.Key {
	case "SESSION_COOKIE_HTTPONLY", "REMEMBER_COOKIE_HTTPONLY":
		if rule.IsFalse(v) {
			report(p, c, "httponly", "scripts in the page can read the cookie: "+c.Key+" is off")
		}
	case "SESSION_COOKIE_SECURE", "REMEMBER_COOKIE_SECURE":
		if rule.IsFalse(v) && p.ShowsTLS() && !c.Cond {
			report(p, c, "secure", "the cookie is also sent over plain HTTP: "+c.Key+" is off, and production is reached over HTTPS")
		}
	case "SESSION_COOKIE_SAMESITE", "REMEMBER_COOKIE_SAMESITE":
		if text, ok := v.ConstStr(); ok && strings.EqualFold(text, "none") {
			report(p, c, "samesite", "every site may send the cookie along: "+c.Key+" is None")
		}
	case "SESSION_COOKIE_DOMAIN":
		if text, ok := v.ConstStr(); ok && strings.HasPrefix(text, ".") {
			report(p, c, "domain", "every subdomain gets the session cookie and can overwrite it")
		}
	}
}

func report(p *rule.Pass, c flask.ConfigSet, slug, message string) {
	f := p.AtNode(slug, c.Module, c.Node)
	f.Function = c.Class
	f.Message = message
	p.Report(f)
}

// sensitiveNames in a cookie's name say that it stands for a login or a secret.
var sensitiveNames = [...]string{"session", "sess", "auth", "token", "remember", "login", "user", "jwt", "sid", "api_key", "apikey", "saml", "nameid", "name_id", "openid", "oidc"}

func isSensitive(name string) bool {
	l := strings.ToLower(name)
	if strings.Contains(l, "csrf") || strings.Contains(l, "xsrf") {
		return false // scripts must read it, and it is no login
	}
	for _, s := range sensitiveNames {
		if strings.Contains(l, s) {
			return true
		}
	}
	return false
}

func setCookies(p *rule.Pass) []*flow.Event {
	var out []*flow.Event
	for i := range p.Project.Flow.Events {
		if e := &p.Project.Flow.Events[i]; strings.HasSuffix(e.Callee, ".set_cookie") && !e.Func.Module.IsTest {
			out = append(out, e)
		}
	}
	return out
}

// isSecure: a cookie that browsers return over HTTPS only shows that the application is reached so.
func isSecure(e *flow.Event) bool {
	a, _ := e.Args.Keyword("secure")
	return rule.IsTrue(a.Value)
}

// switchedOff reports secure=False where the project shows that it is reached over HTTPS.
func switchedOff(p *rule.Pass, e *flow.Event) {
	name, _ := e.Args.At(0, "key")
	text, _ := name.Value.ConstStr()
	f := p.At("secure", e.Func, e.Node)
	f.Message = "Secure is switched off for the cookie " + text + ", so it is also sent over plain HTTP"
	if !isSensitive(text) {
		f.Severity = finding.Low
	}
	p.Report(f)
}

// nameOf is the name of a cookie: a constant, or the value of a configuration key.
func nameOf(p *rule.Pass, e *flow.Event) (string, bool) {
	name, ok := e.Args.At(0, "key")
	if text, known := name.Value.ConstStr(); known || !ok || name.Node == 0 {
		return text, known
	}
	file := e.Func.Module.File
	if file == nil || file.Kind(name.Node) != ast.Subscript || !strings.HasSuffix(file.Dotted(file.SlotA(name.Node)), "app.config") {
		return "", false
	}
	key, ok := file.Str(file.SlotB(name.Node))
	if !ok {
		return "", false
	}
	s := p.Project.Setting(key)
	text, known := s.Value.(string)
	return text, known && s.Known
}

func setCookie(p *rule.Pass, e *flow.Event) {
	text, known := nameOf(p, e)
	if !known || !isSensitive(text) || e.Args.HasStarStar || isDeletion(e) {
		return
	}
	if a, ok := e.Args.Keyword("httponly"); !ok || rule.IsFalse(a.Value) {
		cookie(p, e, "httponly", "scripts in the page can read the cookie "+text)
	}
	if _, ok := e.Args.Keyword("secure"); !ok && p.ShowsTLS() {
		cookie(p, e, "secure", "the cookie "+text+" is also sent over plain HTTP")
	}
	if a, ok := e.Args.Keyword("samesite"); ok {
		if s, known := a.Value.ConstStr(); known && strings.EqualFold(s, "none") {
			cookie(p, e, "samesite", "every site may send the cookie "+text+" along")
		}
	}
}

// isDeletion recognises set_cookie(name, "", max_age=0) and expires=0.
func isDeletion(e *flow.Event) bool {
	for _, k := range [...]string{"max_age", "expires"} {
		if a, ok := e.Args.Keyword(k); ok && isZero(a.Value) {
			return true
		}
	}
	return false
}

func isZero(v *value.Value) bool {
	return v != nil && v.IsConst && len(v.Consts()) == 1 && v.Consts()[0].Kind == ir.ConstInt && v.Consts()[0].Int <= 0
}

func cookie(p *rule.Pass, e *flow.Event, slug, message string) {
	f := p.At(slug, e.Func, e.Node)
	f.Message = message
	p.Report(f)
}
