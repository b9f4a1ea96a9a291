package finding

import (
	"regexp"
	"slices"
	"strings"
)

// Redacted stands where a secret stood.
const Redacted = "[redacted]"

// Redact replaces secret values in a piece of code or configuration: literals given to a name that says what they are,
// passwords in URLs, private keys, and tokens whose format gives them away. It prefers to hide too much.
func Redact(text string) string {
	var b strings.Builder
	at := 0
	for _, r := range secrets(text) {
		b.WriteString(text[at:r[0]])
		b.WriteString(Redacted)
		at = r[1]
	}
	b.WriteString(text[at:])
	return b.String()
}

// hidden says what is hidden besides what gives itself away.
type hidden struct {
	code     bool     // the text is Python, where a bare name is no text
	literals bool     // every string literal between the offsets
	values   []string // these texts, wherever they stand
}

// occurrences are the places of the values in a text.
func occurrences(text string, values []string) [][2]int {
	var out [][2]int
	for _, v := range values {
		for at := 0; ; {
			i := strings.Index(text[at:], v)
			if i < 0 {
				break
			}
			out = append(out, [2]int{at + i, at + i + len(v)})
			at += i + len(v)
		}
	}
	return out
}

// RedactLiterals is Redact for code that gives a secret its value: every string literal is hidden too.
func RedactLiterals(text string) string {
	if !strings.ContainsAny(text, `"'`) {
		return Redact(text)
	}
	_, inside, _ := redactParts(text, 0, len(text), hidden{literals: true})
	return inside
}

// RedactValues is Redact with more values that are known to be secret.
func RedactValues(text string, values []string) string {
	before, _, _ := redactParts(text, len(text)+1, len(text)+1, hidden{values: values})
	return before
}

// redactParts redacts a piece of text and splits it at two byte offsets of the original.
func redactParts(text string, from, to int, h hidden) (before, inside, after string) {
	var parts [3]strings.Builder
	part := func(off int) *strings.Builder {
		switch {
		case off < from:
			return &parts[0]
		case off < to:
			return &parts[1]
		}
		return &parts[2]
	}
	rs := secrets(text)
	if len(h.values) > 0 {
		rs = union(append(rs, occurrences(text, h.values)...))
	}
	if h.literals {
		if found := literals(text, from, to); !h.code || len(found) != 1 || found[0] != [2]int{from, to} || !isBareCode(text, from, to) {
			rs = union(append(rs, found...))
		}
		rs = slices.DeleteFunc(rs, func(r [2]int) bool { return r[0] >= r[1] })
	}
	for i := 0; i < len(text); {
		if len(rs) > 0 && i == rs[0][0] {
			part(i).WriteString(Redacted)
			i, rs = rs[0][1], rs[1:]
			continue
		}
		part(i).WriteByte(text[i])
		i++
	}
	return parts[0].String(), parts[1].String(), parts[2].String()
}

// keywords make the name they stand in the name of a secret: SECRET_KEY, db_password, "api-key", AUTH_TOKEN. They are
// looked for by hand, and patterns are tried only where one stands: patterns alone cost more than the rest of a report.
var keywords = [...]string{
	"secret", "password", "passwd", "passphrase", "pwd", "token", "salt", "credential", "api_key", "api-key", "apikey", "private_key",
	"private-key", "access_key", "access-key", "signing_key", "signing-key", "encryption_key", "encryption-key",
}

// maxValue is how far behind a keyword its value is looked for.
const maxValue = 2000

// literal is a string literal's content after its opening quote.
const literal = `(?:[rRbBuUfF]{0,2})(?:"((?:[^"\\]|\\.)+)|'((?:[^'\\]|\\.)+))`

// named are the ways in which a value follows the keyword in its name, and what must stand before the name.
var named = [...]struct {
	before func(text string, keyword int) bool
	rest   *regexp.Regexp
}{
	// NAME = "value", NAME: str = "value", "NAME": "value", ["NAME"] = "value", NAME == "value"
	{anything, regexp.MustCompile(`^[\w\-]*["']?\]?\s*(?::[^=,"']{1,40})?(?:={1,2}|:|\+=)\s*\(?\s*` + literal)},
	// setdefault("NAME", "value"), environ.get("NAME", "value")
	{anything, regexp.MustCompile(`^[\w\-]*["']\s*,\s*` + literal)},
	// getenv("NAME") or "value"
	{anything, regexp.MustCompile(`^[\w\-]*["']\s*\)\s*or\s+` + literal)},
	// NAME = ["value", b"value"]
	{anything, regexp.MustCompile(`^[\w\-]*["']?\]?\s*=\s*[\[(]\s*([^\])]*["'][^\])]*)`)},
	// NAME=value as .env, Dockerfile, compose and systemd write it
	{environment, regexp.MustCompile(`^[A-Z0-9_]*=([^\s"'$(){}\[\],]{3,})(?:[\s"']|$)`)},
	// name: value as YAML writes it
	{yamlKey, regexp.MustCompile(`^[\w\-]*:[ \t]+([^\s"'$(){}\[\],&*!|>][^\s(){}\[\]]*)[ \t\r]*(?:\n|$)`)},
}

func anything(string, int) bool { return true }

// environment reports whether the name is all capitals and stands alone.
func environment(text string, keyword int) bool {
	i := keyword
	for i > 0 && (text[i-1] == '_' || 'A' <= text[i-1] && text[i-1] <= 'Z' || '0' <= text[i-1] && text[i-1] <= '9') {
		i--
	}
	return 'A' <= text[keyword] && text[keyword] <= 'Z' && (i == 0 || strings.IndexByte(" \t\r\n\"'-", text[i-1]) >= 0)
}

// yamlKey reports whether the name is the first thing on its line.
func yamlKey(text string, keyword int) bool {
	i := keyword
	for i > 0 && (isWord(text[i-1]) || strings.IndexByte(" \t-.", text[i-1]) >= 0) {
		i--
	}
	return i == 0 || text[i-1] == '\n'
}

// formats are secrets that give themselves away; a pattern is tried only when the text holds one of its hints.
var formats = [...]struct {
	hints   []string // in lower case
	pattern *regexp.Regexp
}{
	// scheme://user:password@host
	{[]string{"://"}, regexp.MustCompile(`://[^\s:/@"'{}]*:([^\s@/"'{}]+)@`)},
	// tokens
	{
		[]string{"akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "sk_", "sk-", "aiza", "sg.", "eyj"},
		regexp.MustCompile(`\b((?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{20,}|glpat-[\w\-]{20,}|xox[abeoprs]-[\w\-]{10,}|sk_(?:live|test)_\w{16,}|sk-[\w\-]{20,}|AIza[\w\-]{35}|SG\.[\w\-]{16,}\.[\w\-]{16,}|eyJ[\w\-]{10,}\.[\w\-]{10,}\.[\w\-]*)`),
	},
	{[]string{"private key-----"}, regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----([^-]*)`)},
	// Authorization: Bearer value
	{[]string{"bearer ", "basic "}, regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+([A-Za-z0-9+/=._\-]{12,})`)},
}

// isCode tells a captured value that is no secret: a constant's name, a placeholder, or the quote of an SQL text whose
// literal is being assembled, as in "… password = '" + pw + "'".
func isCode(v string) bool {
	switch strings.ToLower(strings.Trim(v, `"'`)) {
	case "", "none", "null", "true", "false", "?", "%s", "{}", "str", "bytes":
		return true
	}
	if strings.HasPrefix(v, "{") && strings.HasSuffix(v, "}") || strings.HasPrefix(v, "%(") {
		return true
	}
	if v[0] != '"' && v[0] != '\'' {
		return false
	}
	rest := strings.TrimLeft(v[1:], " ")
	return rest == "" || strings.ContainsRune("+%.,)", rune(rest[0]))
}

// secrets gives the byte ranges to hide, sorted and disjoint.
func secrets(text string) [][2]int {
	lower := asciiLower(text)
	var out [][2]int
	add := func(m []int, shift int) {
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] >= 0 && m[g] < m[g+1] && !isCode(text[shift+m[g]:shift+m[g+1]]) {
				out = append(out, [2]int{shift + m[g], shift + m[g+1]})
			}
		}
	}
	for _, k := range keywords {
		for at := 0; ; {
			i := strings.Index(lower[at:], k)
			if i < 0 {
				break
			}
			start := at + i
			at = start + len(k)
			rest := text[at:min(len(text), at+maxValue)]
			for _, n := range named {
				if n.before(text, start) {
					add(n.rest.FindStringSubmatchIndex(rest), at)
				}
			}
		}
	}
	for _, f := range formats {
		if containsAny(lower, f.hints) {
			for _, m := range f.pattern.FindAllStringSubmatchIndex(text, -1) {
				add(m, 0)
			}
		}
	}
	return union(out)
}

func containsAny(s string, hints []string) bool {
	return slices.ContainsFunc(hints, func(h string) bool { return strings.Contains(s, h) })
}

// asciiLower keeps every byte offset, which strings.ToLower does not.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// namesVariable is what stands before the name of an environment variable or setting, which is no secret.
var namesVariable = regexp.MustCompile(`(?:\benviron(?:\.get|\.setdefault)?|\bgetenv|\benv(?:\.\w+)?|\bconfig(?:\.get)?)\s*[(\[]\s*[rRbBuU]?$`)

// reader is what stands before the name of a setting that a function looks up: get_config("KEY"), section.getint("KEY").
var reader = regexp.MustCompile(`\bget\w*\(\s*[rRbBuU]?$`)

// namesSetting reports whether the literal between two offsets is no value but the name of one, or a plain word that is none:
// environ["KEY"], section["key"], get_config("KEY"), "false".
func namesSetting(text string, from, to int) bool {
	content := strings.Trim(text[from:to], `"'`)
	if isCode(content) || namesVariable.MatchString(text[:from]) {
		return true
	}
	if isConstantName(content) && reader.MatchString(text[max(0, from-maxReader):from]) {
		return true
	}
	return to < len(text) && text[to] == ']' && subscript.MatchString(text[max(0, from-maxReader):from]) && !operator.MatchString(text[max(0, from-maxReader):from])
}

// A subscript follows a name or another subscript directly; a list may stand behind an operator that is a word.
var (
	subscript = regexp.MustCompile(`[\w\]]\[$`)
	operator  = regexp.MustCompile(`\b(?:return|yield|await|and|or|not|in|is|if|else|lambda)\[$`)
)

// maxReader is how far before a literal the name of the function is looked for.
const maxReader = 60

// isConstantName: capitals, digits and underscores, with one underscore at least.
func isConstantName(s string) bool {
	return strings.Contains(s, "_") && !strings.ContainsFunc(s, func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
}

// bareCode is a dotted name, or a call of one with nothing but names.
var bareCode = regexp.MustCompile(`^[A-Za-z_][\w.]*(?:\((?:\s*(?:[A-Za-z_]\w*\s*=\s*)?[A-Za-z_][\w.]*\s*,?)*\s*\)?)?$`)

// isBareCode reports whether a range of a line of Python holds no text. A whole line may be one of a text that goes on over several.
func isBareCode(text string, from, to int) bool {
	inside := strings.TrimSpace(text[from:to])
	return inside != strings.TrimSpace(text) && bareCode.MatchString(inside)
}

// literals gives the contents of the string literals that overlap a range; the whole range when there is none, or when a
// literal goes on elsewhere, as on a line of a triple-quoted text.
func literals(text string, from, to int) [][2]int {
	var out [][2]int
	seen := false
	for i := 0; i < len(text); i++ {
		if text[i] != '"' && text[i] != '\'' {
			continue
		}
		end := stringEnd(text, i)
		if end-i < 2 || text[end-1] != text[i] || strings.HasPrefix(text[i:end], strings.Repeat(text[i:i+1], 3)) && end-i < 6 {
			return [][2]int{{from, to}}
		}
		if i < to && end > from {
			seen = true
			if !namesSetting(text, i, end) {
				out = append(out, [2]int{i + 1, end - 1})
			}
		}
		i = end - 1
	}
	if !seen {
		return [][2]int{{from, to}}
	}
	return out
}

// union sorts ranges and joins those that touch.
func union(rs [][2]int) [][2]int {
	slices.SortFunc(rs, func(a, b [2]int) int { return a[0] - b[0] })
	out := rs[:0]
	for _, r := range rs {
		if n := len(out); n > 0 && r[0] <= out[n-1][1] {
			out[n-1][1] = max(out[n-1][1], r[1])
			continue
		}
		out = append(out, r)
	}
	return out
}
