// Package systemd reads unit files: sections, and of [Service] what starts with which environment and user.
//
// Syntax: https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html
package systemd

import (
	"strings"

	"stopper/internal/deploy"
)

// Setting is one assignment, continuation lines joined.
type Setting struct {
	Section, Key, Value string
	Line                int
}

// Unit is one unit file.
type Unit struct {
	Path      string
	Settings  []Setting
	ExecStart []deploy.Command // prefixes such as "-" and "@" removed
	Env       []deploy.Var
	EnvFiles  []deploy.Value // the "-" of an optional file removed
	User      deploy.Value
}

// Get is the last value of a key; systemd keys are case-sensitive.
func (u *Unit) Get(section, key string) (Setting, bool) {
	for i := len(u.Settings) - 1; i >= 0; i-- {
		if s := u.Settings[i]; s.Section == section && s.Key == key {
			return s, true
		}
	}
	return Setting{}, false
}

// Parse reads a unit file.
func Parse(path string, text []byte) (*Unit, []deploy.Problem) {
	u := &Unit{Path: path}
	problems := deploy.TooLarge(text)
	if problems != nil {
		return u, problems
	}
	section := ""
	lines := strings.Split(string(text), "\n")
	for i := 0; i < len(lines); i++ {
		start := i + 1
		s := strings.TrimSpace(lines[i])
		if s == "" || s[0] == '#' || s[0] == ';' {
			continue
		}
		s, i = continued(lines, i, s)
		if s[0] == '[' {
			section = strings.Trim(s, "[]")
			continue
		}
		key, value, ok := strings.Cut(s, "=")
		if !ok || section == "" {
			problems = append(problems, deploy.Problem{Line: start, Message: "not a setting: write Key=value below a [Section]"})
			continue
		}
		u.set(Setting{Section: section, Key: strings.TrimSpace(key), Value: strings.TrimSpace(value), Line: start}, i+1)
	}
	return u, problems
}

// continued joins lines that end in a backslash; comments between them are dropped.
func continued(lines []string, i int, s string) (string, int) {
	if !strings.HasSuffix(s, `\`) {
		return s, i
	}
	var b strings.Builder
	for strings.HasSuffix(s, `\`) {
		b.WriteString(strings.TrimSuffix(s, `\`))
		b.WriteByte(' ')
		for i++; i < len(lines); i++ {
			s = strings.TrimSpace(lines[i])
			if s == "" || s[0] != '#' && s[0] != ';' {
				break
			}
		}
		if i >= len(lines) {
			s, i = "", len(lines)-1
			break
		}
	}
	b.WriteString(s)
	joined := strings.TrimSpace(b.String())
	if joined == "" {
		joined = "=" // a lone backslash: no setting
	}
	return joined, i
}

// set files a setting; an empty value clears a list, as systemd does.
func (u *Unit) set(s Setting, end int) {
	u.Settings = append(u.Settings, s)
	if s.Section != "Service" {
		return
	}
	switch s.Key {
	case "ExecStart":
		if s.Value == "" {
			u.ExecStart = nil
			return
		}
		words := Split(strings.TrimLeft(s.Value, "-@:+!|"))
		u.ExecStart = append(u.ExecStart, deploy.Command{Argv: words, Line: s.Line, EndLine: end})
	case "Environment":
		if s.Value == "" {
			u.Env = nil
		}
		for _, w := range Split(s.Value) {
			if name, value, ok := strings.Cut(w, "="); ok && name != "" {
				u.Env = append(u.Env, deploy.Var{Name: name, Value: value, Line: s.Line})
			}
		}
	case "EnvironmentFile":
		if s.Value != "" {
			u.EnvFiles = append(u.EnvFiles, deploy.Value{Text: strings.TrimPrefix(s.Value, "-"), Line: s.Line})
		}
	case "User":
		u.User = deploy.Value{Text: s.Value, Line: s.Line}
	}
}

// Split breaks a command line at blanks; quotes group, and a backslash takes the next character as it is.
func Split(s string) []string {
	var out []string
	var b strings.Builder
	in := false
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s) && quote != '\'':
			i++
			b.WriteByte(s[i])
			in = true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			b.WriteByte(c)
		case c == '"' || c == '\'':
			quote, in = c, true
		case c == ' ' || c == '\t':
			if in {
				out = append(out, b.String())
				b.Reset()
			}
			in = false
		default:
			b.WriteByte(c)
			in = true
		}
	}
	if in {
		out = append(out, b.String())
	}
	return out
}
