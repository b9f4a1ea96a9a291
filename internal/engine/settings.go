package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/project"
	"stopper/internal/report/result"
	"stopper/internal/settings"
)

// settingsOf lists the keys that something sets, and the defaults that matter to security, as production has them.
func settingsOf(p *project.Project) []result.Setting {
	keys := p.Keys()
	for _, d := range flask.Defaults() {
		if d.Of == "flask" || p.Deps.Uses(d.Of) {
			keys = append(keys, d.Key)
		}
	}
	slices.Sort(keys)
	out := []result.Setting{}
	for _, k := range slices.Compact(keys) {
		if k == "" {
			continue
		}
		out = append(out, shown(p.Setting(k)))
	}
	return out
}

// secretsOf are the values of keys and passwords that are written in the tree, as far as they are more than a word that
// anybody would guess: hiding those would hide words of other findings.
func secretsOf(p *project.Project) []string {
	var out []string
	add := func(key string, v settings.Value) {
		if isSecretKey(key) && !isAddress(key) {
			out = appendSecret(out, v)
		}
	}
	for _, k := range p.Keys() {
		for _, c := range p.Setting(k).Chain {
			add(k, c.Value)
		}
	}
	for _, v := range p.Deploy.Env {
		add(v.Name, v.Effective())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// minSecret is the shortest value that is hidden wherever it stands.
const minSecret = 8

func appendSecret(out []string, v settings.Value) []string {
	switch x := v.(type) {
	case string:
		if len(x) >= minSecret && strings.ContainsFunc(x, func(r rune) bool { return !unicode.IsLetter(r) }) {
			out = append(out, x)
		}
	case []byte:
		out = appendSecret(out, string(x))
	case []any:
		for _, e := range x {
			out = appendSecret(out, e)
		}
	}
	return out
}

// isAddress: of an address, only the password is secret, and that shows by its place.
func isAddress(key string) bool {
	return strings.HasSuffix(key, "_URI") || strings.HasSuffix(key, "_URL") || strings.HasSuffix(key, "DSN")
}

// shown is a setting fit for printing.
func shown(s *project.Setting) result.Setting {
	out := result.Setting{Key: s.Key, Answer: s.Answer.String(), On: s.On, Ignored: s.Ignored}
	if s.Known {
		out.Value = literalOf(s.Key, s.Value)
	}
	for _, c := range s.Chain {
		src := result.SettingSource{How: c.How, State: c.State.String(), Env: c.Env.String(), File: c.Path, Line: c.Line, Text: safeText(s.Key, c.Text)}
		if strings.HasPrefix(c.How, "environment variable") || c.Text == "" && c.Known {
			src.Text = literalOf(s.Key, c.Value)
		}
		if v := s.Env; v != nil && c.State == project.Counts && !strings.HasPrefix(c.How, "environment variable") {
			src.How += fmt.Sprintf(", environment variable %s of %s:%d", v.Name, v.File, v.Line)
		}
		out.Chain = append(out.Chain, src)
	}
	return out
}

// maxText bounds a value that is printed.
const maxText = 120

// safeText is a piece of code that gives a key its value, without the secret that may stand in it.
func safeText(key, text string) string {
	if text == "" {
		return ""
	}
	prefix := key + " = "
	redact := finding.Redact
	if isSecretKey(key) {
		redact = finding.RedactLiterals
	}
	text = strings.ReplaceAll(text, "\\\n", " ")
	text = strings.Join(strings.Fields(strings.TrimPrefix(redact(prefix+text), prefix)), " ")
	if r := []rune(text); len(r) > maxText {
		text = string(r[:maxText-1]) + "…"
	}
	return text
}

// literalOf writes a value as Python would; what may be a secret is hidden.
func literalOf(key string, v settings.Value) string {
	switch x := v.(type) {
	case nil:
		return "None"
	case bool:
		if x {
			return "True"
		}
		return "False"
	case int64:
		return fmt.Sprint(x)
	case time.Duration:
		return lifetime(x)
	case string:
		if x != "" && isSecretKey(key) {
			return finding.Redacted
		}
		return safeText(key, "'"+strings.ReplaceAll(x, "'", `\'`)+"'")
	case []any:
		parts := make([]string, 0, len(x))
		for _, e := range x {
			parts = append(parts, literalOf(key, e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return ""
}

// lifetime writes a duration in the largest unit that fits.
func lifetime(d time.Duration) string {
	for _, u := range [...]struct {
		name string
		unit time.Duration
	}{{"days", 24 * time.Hour}, {"hours", time.Hour}, {"minutes", time.Minute}} {
		if d >= u.unit && d%u.unit == 0 {
			return fmt.Sprintf("timedelta(%s=%d)", u.name, d/u.unit)
		}
	}
	return fmt.Sprintf("timedelta(seconds=%d)", d/time.Second)
}

func isSecretKey(key string) bool {
	for _, w := range [...]string{"SECRET", "PASSW", "TOKEN", "SALT", "CREDENTIAL", "PRIVATE"} {
		if strings.Contains(key, w) {
			return true
		}
	}
	for _, w := range [...]string{"_KEY", "DSN", "_URI", "_URL"} {
		if strings.HasSuffix(key, w) {
			return true
		}
	}
	return false
}
