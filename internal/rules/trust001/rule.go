// Package trust001 judges what a request may write into the session: its keys, and who somebody is.
package trust001

import (
	_ "embed"
	"regexp"
	"strings"
	"unicode"

	"stopper/internal/finding"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-TRUST-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every write to the session that words from outside reach.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.SessionKey) {
		if isFree(h) {
			f := p.ReportHit("session-key", h, " chooses which entry of the session is written")
			if len(f.Reasons) > 0 {
				f.Confidence = finding.ConfidenceLow // what is left of the shape of the key cannot be trusted
			}
		}
	}
	for _, h := range p.Project.Hits(models.SessionValue) {
		key, ok := keyOf(h)
		if ok && isIdentity(key) && !provesIdentity(h) {
			p.ReportHit("identity", h, " is stored as session["+`"`+key+`"`+"], and nothing shows that it was proven")
		}
	}
}

// isFree reports whether any entry of the session can be meant: "filter_" + name names only entries of its own.
func isFree(h project.Hit) bool {
	s := h.Value.Str
	return s == nil || len(s.Parts) < 2 || s.BeforeTaint() == ""
}

func keyOf(h project.Hit) (string, bool) {
	a, _ := h.Args.At(0, "key")
	return a.Value.ConstStr()
}

// isIdentity reports whether an entry of the session says who somebody is or what they may do: every word of its name
// speaks of that, as in "user_id" and "isAdmin"; "user_language" does not.
func isIdentity(key string) bool {
	core := false
	for _, w := range words(key) {
		switch w {
		case "user", "uid", "userid", "username", "role", "roles", "admin", "account", "tenant", "permission", "permissions",
			"authenticated", "identity", "member", "customer", "superuser", "staff", "login", "loggedin", "isadmin":
			core = true
		case "id", "name", "is", "current", "logged", "in", "email", "mail", "my", "auth":
		default:
			return false
		}
	}
	return core
}

// words splits userId, user_id and user-id.
func words(s string) []string {
	var b strings.Builder
	for i, r := range s {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.FieldsFunc(b.String(), func(r rune) bool { return !unicode.IsLetter(r) })
}

var proof = regexp.MustCompile(`(?i)passw|passphrase|verif|authenticat|authoriz|check_?pw|compare_digest|otp|oauth|credential|signin|sign_in|login`)

// provesIdentity reports whether the function looks at something that only the right person has. What exactly it
// concludes from that is another rule's matter.
func provesIdentity(h project.Hit) bool {
	return proof.MatchString(rule.Text(h.Func))
}
