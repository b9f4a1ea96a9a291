// Package dotenv reads .env files as python-dotenv does, without expanding variables.
//
// Format: https://saurabh-kumar.com/python-dotenv/#file-format
package dotenv

import (
	"strings"

	"stopper/internal/deploy"
)

// File is one .env file.
type File struct {
	Path string
	Vars []deploy.Var // values without quotes, "${NAME}" left as written
}

// Parse reads a file. A quoted value may span lines; one that never closes is a problem on its own line only.
func Parse(path string, text []byte) (*File, []deploy.Problem) {
	f := &File{Path: path}
	problems := deploy.TooLarge(text)
	if problems != nil {
		return f, problems
	}
	s := strings.TrimPrefix(string(text), "\ufeff")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	// Whether a quote closes is asked for each opening one; the last places answer without scanning to the end again.
	last := map[byte]int{'"': strings.LastIndexByte(s, '"'), '\'': strings.LastIndexByte(s, '\'')}
	for pos, line := 0, 1; pos < len(s); {
		end := len(s)
		if i := strings.IndexByte(s[pos:], '\n'); i >= 0 {
			end = pos + i
		}
		v, next, ok := variable(s, pos, end, last)
		if ok {
			v.Line = line
			f.Vars = append(f.Vars, v)
		} else if t := strings.TrimSpace(s[pos:end]); t != "" && t[0] != '#' {
			problems = append(problems, deploy.Problem{Line: line, Message: "not a variable: write NAME=value"})
		}
		line += strings.Count(s[pos:min(next, len(s))], "\n")
		pos = next
	}
	return f, problems
}

// variable reads what starts at pos; end is the end of the line, next the start of the following one.
func variable(s string, pos, end int, last map[byte]int) (v deploy.Var, next int, ok bool) {
	next = end + 1
	head := strings.TrimLeft(s[pos:end], " \t")
	start := end - len(head)
	if rest, found := strings.CutPrefix(head, "export "); found {
		start = end - len(rest)
	}
	name, _, has := strings.Cut(s[start:end], "=")
	v.Name = strings.Trim(strings.TrimSpace(name), "'")
	if !has {
		v.Name, _, _ = strings.Cut(v.Name, " #")
		v.Name, v.NoValue = strings.TrimSpace(v.Name), true
	}
	if !isName(v.Name) {
		return v, next, false
	}
	if !has {
		return v, next, true
	}
	at := start + len(name) + 1
	for at < end && (s[at] == ' ' || s[at] == '\t') {
		at++
	}
	if at < end && (s[at] == '"' || s[at] == '\'') && last[s[at]] > at {
		if text, close := quoted(s, at); close >= 0 {
			v.Value = text
			if i := strings.IndexByte(s[close:], '\n'); i >= 0 {
				return v, close + i + 1, true
			}
			return v, len(s), true
		}
	}
	v.Value = bare(s[at:end])
	return v, next, true
}

// quoted reads from a quote to its partner. Only double quotes know \n and its kin.
func quoted(s string, at int) (text string, end int) {
	var b strings.Builder
	for i := at + 1; i < len(s); i++ {
		switch {
		case s[i] == s[at]:
			return b.String(), i + 1
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteString(unescape(s[at], s[i]))
		default:
			b.WriteByte(s[i])
		}
	}
	return "", -1
}

func unescape(quote, c byte) string {
	if c == quote || c == '\\' {
		return string(rune(c))
	}
	if quote == '"' {
		switch c {
		case 'n':
			return "\n"
		case 't':
			return "\t"
		case 'r':
			return "\r"
		case '"', '\'':
			return string(rune(c))
		}
	}
	return "\\" + string([]byte{c})
}

// bare drops a comment that a blank sets apart.
func bare(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] == '#' && i > 0 && (s[i-1] == ' ' || s[i-1] == '\t') {
			s = s[:i]
		}
	}
	return strings.TrimSpace(s)
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && c != '.' && c != '-' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
