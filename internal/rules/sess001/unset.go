package sess001

import (
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/project"
	"stopper/internal/rule"
	"stopper/internal/visibility"
)

// unset reports attributes that nobody sets, where Flask's default is not the safe one.
func unset(p *rule.Pass) {
	if !p.HasApp() || !usesSession(p) || p.Imports("flask_talisman") {
		return // Talisman sets Secure and SameSite by itself
	}
	if at, byCode, ok := overTLS(p); ok {
		insecure(p, at, byCode)
	}
	readable(p)
	if s := p.Project.Setting("SESSION_COOKIE_SAMESITE"); isDefault(s) {
		f := p.Whole("samesite")
		if !p.ShowsProduction() {
			c, ok := besideSecure(p)
			if !ok {
				return
			}
			f = p.AtNode("samesite", c.Module, c.Node)
			f.Function = c.Class
		}
		f.Severity = finding.Low
		f.Message = "SESSION_COOKIE_SAMESITE is not set: it is left to each browser which sites may send the session along"
		p.Report(weaken(f, s))
	}
}

// besideSecure is where the code switches Secure on for the session's cookie: what is set there is meant for production.
func besideSecure(p *rule.Pass) (flask.ConfigSet, bool) {
	for _, c := range p.Project.Flask.Config {
		if c.Key == "SESSION_COOKIE_SECURE" && rule.IsTrue(c.Arg.Value) && !rule.IsDevelopment(c) {
			return c, true
		}
	}
	return flask.ConfigSet{}, false
}

// readable: Flask-Login left its cookie to scripts before 0.6.
func readable(p *rule.Pass) {
	s := p.Project.Setting("REMEMBER_COOKIE_HTTPONLY")
	locked, ok := p.Project.Deps.Locked(s.Default.Of)
	if !ok || !isDefault(s) || s.Default.Value != "False" || !remembers(p) {
		return
	}
	f := p.Whole("httponly")
	f.Message = "scripts in the page can read the cookie that remembers a login: REMEMBER_COOKIE_HTTPONLY is not set, and Flask-Login " + locked.Version + " leaves it off"
	f.Related = append(f.Related, rule.LinePlace(locked.File, locked.Line, "the version"))
	p.Report(weaken(f, s))
}

// remembers reports whether logins outlive the session: login_user(user, remember=…).
func remembers(p *rule.Pass) bool {
	return len(p.Sites("login_user")) > 0 && (p.Names("remember") || p.Names("remember_me"))
}

// insecure reports cookies without Secure in an application that is reached over HTTPS.
func insecure(p *rule.Pass, at finding.Location, byCode bool) {
	var keys []string
	s := p.Project.Setting("SESSION_COOKIE_SECURE")
	if isDefault(s) {
		keys = append(keys, s.Key)
	}
	if r := p.Project.Setting("REMEMBER_COOKIE_SECURE"); isDefault(r) && remembers(p) {
		keys = append(keys, r.Key)
	}
	if len(keys) == 0 {
		return
	}
	f := p.Whole("secure")
	f.Message = "the cookie is also sent over plain HTTP: " + strings.Join(keys, " and ") + are(keys) + " not set, and production is reached over HTTPS"
	if byCode {
		f.Message = "the cookie is also sent over plain HTTP: " + strings.Join(keys, " and ") + are(keys) + " not set where the server has a certificate either"
		f.Confidence = finding.ConfidenceMedium
		f.Reasons = append(f.Reasons, "whether production uses the certificate was not seen")
	}
	f.Related = append(f.Related, at)
	p.Report(weaken(f, s))
}

// isDefault: nothing in the tree sets the key for production.
func isDefault(s *project.Setting) bool {
	return s.Set == nil && s.Env == nil && (s.Answer == visibility.Absent || s.Answer == visibility.NotVisible)
}

func weaken(f *finding.Finding, s *project.Setting) *finding.Finding {
	if s.Answer == visibility.NotVisible {
		rule.NotVisible(f, visibility.EnvCookies)
		f.Reasons = append(f.Reasons, "it may be set by "+s.On)
	}
	return f
}

// usesSession: the application writes to the session, or has an extension that does.
func usesSession(p *rule.Pass) bool {
	if p.Imports("flask_login", "flask_wtf", "flask_security", "flask_user") {
		return true
	}
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if strings.HasPrefix(e.Callee, "flask.Session.") && !e.Func.Module.IsTest {
			return true
		}
	}
	return false
}

func are(keys []string) string {
	if len(keys) > 1 {
		return " are"
	}
	return " is"
}
