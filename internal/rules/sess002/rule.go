// Package sess002 judges how long sessions live, whether they change at sign-in, and what they hold.
package sess002

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-SESS-002.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges lifetimes by the effective configuration, then what the program writes into the session.
func (Rule) Run(p *rule.Pass) {
	lifetime(p)
	signOut(p)
	serverSide := keepsSessions(p)
	cleared := clearing(p)
	told := map[ir.FuncID]bool{}
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if e.Callee != "flask.Session.__setitem__" || e.Func.Module.IsTest || len(e.Args.Pos) != 2 {
			continue
		}
		key, known := e.Args.Pos[0].Value.ConstStr()
		if !known {
			continue
		}
		if !serverSide && isSecret(key) && holdsText(e.Args.Pos[1].Value) {
			f := p.At("secret-in-cookie", e.Func, e.Node)
			f.Message = fmt.Sprintf("session[%q] is signed, not encrypted: the visitor, and everybody who gets the cookie, reads it", key)
			p.Report(f)
		}
		if isIdentity(key) && signsIn(p, e) && !cleared[e.Func.ID] && !told[e.Func.ID] {
			told[e.Func.ID] = true
			f := p.At("fixation", e.Func, e.Node)
			if !serverSide {
				f.Severity = finding.Low
				f.Reasons = append(f.Reasons, "with the session in the cookie, what stays behind is only its other content")
			}
			p.Report(f)
		}
	}
}

// Lifetimes beyond these are as good as none.
const (
	maxSession  = 90 * 24 * time.Hour
	maxRemember = 400 * 24 * time.Hour
)

func lifetime(p *rule.Pass) {
	if s := p.Project.Setting("PERMANENT_SESSION_LIFETIME"); s.Set != nil && makesPermanent(p) {
		if d, ok := s.Lifetime(); ok && d > maxSession {
			f := p.AtNode("lifetime", s.Set.Module, s.Set.Node)
			f.Message = fmt.Sprintf("sessions live for %d days: a stolen cookie works that long", d/(24*time.Hour))
			p.Report(f)
		}
	}
	if s := p.Project.Setting("REMEMBER_COOKIE_DURATION"); s.Set != nil {
		if d, ok := s.Lifetime(); ok && d > maxRemember {
			f := p.AtNode("lifetime", s.Set.Module, s.Set.Node)
			f.Message = fmt.Sprintf("the remember cookie lives for %d days: a stolen one signs in that long", d/(24*time.Hour))
			p.Report(f)
		}
	}
}

// makesPermanent: session.permanent = True; without it a session ends with the browser.
func makesPermanent(p *rule.Pass) bool {
	for _, s := range p.Sites("permanent") {
		if s.IsStore() && s.Of("session") {
			return true
		}
	}
	return p.Project.Setting("SESSION_PERMANENT").Set != nil || p.Imports("flask_session")
}

// keepsSessions: the cookie holds a number only, and the content stays on the server.
func keepsSessions(p *rule.Pass) bool {
	if p.Imports("flask_session", "flask_kvsession", "flask_sessionstore", "flask_session_azure", "beaker") {
		return true
	}
	for _, s := range p.Sites("session_interface") {
		if s.IsStore() {
			return true
		}
	}
	return false
}

// clearing are the functions that empty the session, themselves or through what they call.
func clearing(p *rule.Pass) map[ir.FuncID]bool {
	out := map[ir.FuncID]bool{}
	var next []ir.FuncID
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if e.Callee == "flask.Session.clear" || e.Callee == "flask.Session.regenerate" || strings.HasSuffix(e.Callee, "session_interface.regenerate") {
			next = append(next, e.Func.ID)
		}
	}
	for _, s := range p.Sites("clear", "regenerate", "regenerate_session", "rotate_session") {
		if fn := functionNamed(p, s); fn != nil && (s.Of("session") || s.Module.File.IdentOf(s.Node) != "clear") {
			next = append(next, fn.ID)
		}
	}
	for hop := 0; hop < 4; hop++ {
		var callers []ir.FuncID
		for _, id := range next {
			if out[id] {
				continue
			}
			out[id] = true
			for _, c := range p.Project.Flow.Callers(id) {
				callers = append(callers, c.From)
			}
		}
		next = callers
	}
	return out
}

// functionNamed is the function that a site stands in.
func functionNamed(p *rule.Pass, s rule.Site) *ir.Func {
	for _, e := range p.Project.Flow.Events {
		if e.Func.Module == s.Module && e.Func.QualName == s.Func {
			return e.Func
		}
	}
	return nil
}

// secretKeys name what nobody but the server should read.
var secretKeys = [...]string{"password", "passwd", "passphrase", "access_token", "refresh_token", "api_key", "apikey", "secret", "private_key", "credit_card", "card_number", "cvv", "ssn", "totp", "otp", "client_secret", "id_token"}

func isSecret(key string) bool {
	l := strings.ToLower(key)
	for _, w := range [...]string{"csrf", "xsrf", "changed", "reset", "expires", "_at", "hash_version", "verified", "enabled", "needs", "has_", "is_", "tries", "attempts", "_id"} {
		if strings.Contains(l, w) {
			return false
		}
	}
	for _, w := range secretKeys {
		if l == w || strings.HasSuffix(l, "_"+w) || strings.HasPrefix(l, w+"_") || strings.Contains(l, w) && len(w) > 4 {
			return true
		}
	}
	return false
}

// holdsText: switches and numbers are no secrets.
func holdsText(v *value.Value) bool {
	if v == nil || v.IsConst {
		return false
	}
	return v.Type != "bool" && v.Type != "int" && v.Type != "float" && v.Type != "datetime.datetime"
}

func isIdentity(key string) bool {
	switch strings.ToLower(key) {
	case "user_id", "userid", "user", "uid", "username", "account_id", "account", "logged_in", "loggedin", "is_authenticated", "authenticated", "email", "user_email", "member_id", "admin", "is_admin", "role":
		return true
	}
	return false
}

// signsIn: the function, or a route that leads to it, is a sign-in by its name, and what it writes is an identity.
func signsIn(p *rule.Pass, e *flow.Event) bool {
	v := e.Args.Pos[1].Value
	if v != nil && v.IsConst {
		is, known := v.ConstBool()
		if !known || !is {
			return false
		}
	}
	names := append([]string{e.Func.QualName}, p.Project.RoutesReaching(e.Func.ID)...)
	for _, n := range names {
		l := strings.ToLower(n)
		for _, w := range [...]string{"login", "signin", "sign_in", "sign-in", "log_in", "authenticate", "authorized", "oauth_callback"} {
			if strings.Contains(l, w) && !strings.Contains(l, "logout") {
				return true
			}
		}
	}
	return false
}
