// Package procfile reads Procfiles: process type, colon, command.
package procfile

import (
	"strings"

	"stopper/internal/deploy"
)

// Process is one line.
type Process struct {
	Type    string // web, worker, release, …
	Command deploy.Command
}

// File is one Procfile.
type File struct {
	Path      string
	Processes []Process
}

// Parse reads a Procfile. Types are letters, digits, "-" and "_", as Heroku and foreman have them.
func Parse(path string, text []byte) (*File, []deploy.Problem) {
	f := &File{Path: path}
	problems := deploy.TooLarge(text)
	if problems != nil {
		return f, problems
	}
	line := 0
	for raw := range strings.Lines(string(text)) {
		line++
		s := strings.TrimSpace(raw)
		if s == "" || s[0] == '#' {
			continue
		}
		name, cmd, ok := strings.Cut(s, ":")
		name, cmd = strings.TrimSpace(name), strings.TrimSpace(cmd)
		if !ok || !isType(name) || cmd == "" {
			problems = append(problems, deploy.Problem{Line: line, Message: "not a process line: write \"type: command\""})
			continue
		}
		f.Processes = append(f.Processes, Process{Type: name, Command: deploy.Command{Shell: cmd, Line: line, EndLine: line}})
	}
	return f, problems
}

func isType(s string) bool {
	for _, c := range s {
		if c != '-' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return s != ""
}
