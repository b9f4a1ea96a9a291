package secret001

import (
	"path"
	"regexp"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/rule"
	"stopper/internal/workspace"
)

// setting is `name = value`, `name: value` or `"name": "value"`, in whatever a program reads its settings from.
var setting = regexp.MustCompile(`(?:^|[\s{,])(?:export\s+)?["']?([A-Za-z_][\w.-]{2,60})["']?\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([^\s"',}]+))`)

// commandLine holds a password that a shell passes on: where its neighbours in the list of processes see it.
var commandLine = [...]*regexp.Regexp{
	regexp.MustCompile(`\bsshpass\s+-p\s*["']?([^\s'"$]+)`),
	regexp.MustCompile(`\bcurl\b[^|;&]{0,200}?\s(?:-u|--user)[ =]?["']?[\w.@-]+:([^\s'"$]+)`),
	regexp.MustCompile(`\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^|;&]{0,200}?\s(?:-p|--password=)["']?([^\s'"$-][^\s'"$]*)`),
}

// netrc is what follows the name of an account in .netrc.
var netrc = regexp.MustCompile(`\bpassword\s+(\S+)`)

const (
	maxSettings = 20_000 // lines of one file
	maxLine     = 600    // longer lines are data
	maxOnLine   = 16
)

func isLoginFile(base string) bool {
	return base == ".npmrc" || base == ".pypirc" || base == ".netrc" || base == "credentials"
}

// isSettings: files whose words are settings. Those of translations, schemas and packages speak of passwords and hold none.
func isSettings(f workspace.File) bool {
	l := strings.ToLower(f.Path)
	base := path.Base(l)
	if rule.NamesDevelopment(l) {
		return false
	}
	for _, w := range [...]string{"i18n", "lang/", "languages/", "translation", "messages", "schema", "openapi", "swagger", "static/", "vendor/", "node_modules/", "package", "composer", "manifest", "fixture"} {
		if strings.Contains(l, w) {
			return false
		}
	}
	switch f.Class {
	case workspace.Config, workspace.Shell:
		return true
	case workspace.Other:
		return isLoginFile(base)
	}
	return false
}

// settings judges values by the names that they get in files that are not Python.
func settings(p *rule.Pass, f workspace.File, text string, told map[finding.Location]bool) {
	if !isSettings(f) {
		return
	}
	line := 0
	for text != "" && line < maxSettings {
		var l string
		l, text, _ = strings.Cut(text, "\n")
		line++
		if len(l) > maxLine || !mayHold(l) {
			continue
		}
		at := finding.Location{Path: f.Path, Pos: finding.Position{Line: line}}
		if name, s := valueIn(f, l); s != "" && !told[at] && len(known(l)) == 0 {
			told[at] = true
			report(p, p.AtLine("assigned", f.Path, line), line, l, s, name)
		}
	}
}

func mayHold(l string) bool {
	t := strings.TrimSpace(l)
	if t == "" || t[0] == '#' || t[0] == ';' || strings.HasPrefix(t, "//") {
		return false
	}
	l = strings.ToLower(l)
	for _, w := range [...]string{"pass", "pwd", "secret", "key", "token", "curl", "mysql"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// valueIn finds the credential of one line, and what it is.
func valueIn(f workspace.File, l string) (what, value string) {
	if f.Class == workspace.Shell {
		for _, c := range commandLine {
			if m := c.FindStringSubmatch(l); m != nil && chosen(m[1]) {
				return "a password on a command line", m[1]
			}
		}
	}
	if path.Base(f.Path) == ".netrc" {
		if m := netrc.FindStringSubmatch(l); m != nil && (strong(m[1]) || chosen(m[1])) {
			return "the password of an account", m[1]
		}
	}
	for _, m := range setting.FindAllStringSubmatch(l, maxOnLine) {
		name := m[1][strings.LastIndexByte(m[1], '.')+1:]
		s := m[2] + m[3] + m[4]
		if isSecretName(name) && (strong(s) || isPasswordName(name) && chosen(s)) {
			return "a value for " + name, s
		}
	}
	return "", ""
}
