// Package supervisor reads supervisord configuration: the programs, their commands and environment.
//
// Syntax: http://supervisord.org/configuration.html; an INI file whose values go on in indented lines.
package supervisor

import (
	"strings"

	"stopper/internal/deploy"
)

// Program is one [program:x] section.
type Program struct {
	Name      string
	Line      int
	Command   deploy.Command
	Env       []deploy.Var
	User      deploy.Value
	Directory deploy.Value
}

// File is one configuration file.
type File struct {
	Path     string
	Programs []Program
}

// Parse reads a file.
func Parse(path string, text []byte) (*File, []deploy.Problem) {
	f := &File{Path: path}
	if p := deploy.TooLarge(text); p != nil {
		return f, p
	}
	var program *Program
	var key string
	var value strings.Builder
	start, line := 0, 0
	flush := func() {
		if program != nil && key != "" {
			program.set(key, strings.TrimSpace(value.String()), start, line)
		}
		key = ""
		value.Reset()
	}
	for raw := range strings.Lines(string(text)) {
		raw = strings.TrimRight(raw, "\r\n")
		s := strings.TrimSpace(raw)
		switch {
		case s == "" || s[0] == ';' || s[0] == '#':
		case (raw[0] == ' ' || raw[0] == '\t') && key != "":
			value.WriteString(" " + uncomment(s))
		case s[0] == '[':
			flush()
			program = nil
			if name, ok := strings.CutPrefix(strings.Trim(s, "[]"), "program:"); ok {
				f.Programs = append(f.Programs, Program{Name: strings.TrimSpace(name), Line: line + 1})
				program = &f.Programs[len(f.Programs)-1]
			}
		default:
			flush()
			if k, v, ok := strings.Cut(s, "="); ok {
				key, start = strings.ToLower(strings.TrimSpace(k)), line+1
				value.WriteString(uncomment(v))
			}
		}
		line++
	}
	flush()
	return f, nil
}

// uncomment: a semicolon behind a blank starts a comment.
func uncomment(s string) string {
	if i := strings.Index(s, " ;"); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSpace(s)
}

func (p *Program) set(key, value string, line, end int) {
	switch key {
	case "command":
		p.Command = deploy.Command{Shell: value, Line: line, EndLine: max(line, end)}
	case "user":
		p.User = deploy.Value{Text: value, Line: line}
	case "directory":
		p.Directory = deploy.Value{Text: value, Line: line}
	case "environment":
		p.Env = environment(value, line)
	}
}

// environment reads NAME="value",NAME2='value2'.
func environment(s string, line int) []deploy.Var {
	var out []deploy.Var
	for s != "" {
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			break
		}
		rest = strings.TrimSpace(rest)
		var value string
		if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
			value, rest, _ = strings.Cut(rest[1:], rest[:1])
			_, rest, _ = strings.Cut(rest, ",")
		} else {
			value, rest, _ = strings.Cut(rest, ",")
		}
		out = append(out, deploy.Var{Name: strings.Trim(name, " \t,"), Value: strings.TrimSpace(value), Line: line})
		s = rest
	}
	return out
}
