// Package sess002 judges how long sessions live, whether they change at sign-in, and what they hold.
package sess002

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
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
	fixation(p, serverSide)
	if !serverSide {
		secrets(p)
	}
}

// secrets reports what everybody reads who holds the cookie.
func secrets(p *rule.Pass) {
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if !writesSession(e.Callee) || e.Func.Module.IsTest {
			continue
		}
		for _, w := range entries(e) {
			if !isSecret(w.key) || !holdsText(w.value) {
				continue
			}
			f := p.At("secret-in-cookie", e.Func, e.Node)
			f.Message = fmt.Sprintf("session[%q] is signed, not encrypted: the visitor, and everybody who gets the cookie, reads it", w.key)
			p.Report(f)
			break
		}
	}
}

// entry is one item that is written into the session.
type entry struct {
	key   string
	value *value.Value
}

func writesSession(callee string) bool {
	switch callee {
	case "flask.Session.__setitem__", "flask.Session.setdefault", "flask.Session.update":
		return true
	}
	return false
}

// entries are the items of known names that an event writes: session[key] = value, session.update({key: value}, key=value).
func entries(e *flow.Event) []entry {
	var out []entry
	if e.Callee != "flask.Session.update" {
		if len(e.Args.Pos) != 2 {
			return nil
		}
		if key, known := e.Args.Pos[0].Value.ConstStr(); known {
			out = append(out, entry{key, e.Args.Pos[1].Value})
		}
		return out
	}
	for _, a := range e.Args.Pos {
		for _, k := range a.Keys {
			out = append(out, entry{k.Key.Str, k.Value})
		}
	}
	for _, k := range e.Args.Kw {
		out = append(out, entry{k.Name, k.Value})
	}
	return out
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
