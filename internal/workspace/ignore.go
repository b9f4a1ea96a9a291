package workspace

import (
	"bytes"
	"strings"
)

// The limits of one ignore file. A rule beyond them is left out, so more is audited, never less.
const (
	maxIgnoreFile  = 256 << 10
	maxIgnoreRules = 5000
	maxIgnoreRule  = 1024
	// maxIgnoreWork bounds the matching of a whole tree: rules × paths × backtracking. Thirty million steps are
	// about a tenth of a second; ordinary repositories need less than a million. Beyond, no rule of the tree is applied any more.
	maxIgnoreWork = 32 << 20
)

// ignoreRule is one line of a .gitignore file, as gitignore(5) defines it. Bytes, not characters, because git compares bytes.
type ignoreRule struct {
	negated  bool
	dirOnly  bool
	baseOnly bool // no slash inside: compared with the last component at any depth
	pattern  []token
	literal  string // the whole pattern when it has no wildcard
	suffix   string // "*.pyc" → ".pyc": by far the most common wildcard
}

// ignoreFile is the rules of one file; they see paths relative to dir.
type ignoreFile struct {
	dir   string // "" for the root
	rules []ignoreRule
}

func parseIgnore(dir string, text []byte) ignoreFile {
	f := ignoreFile{dir: dir}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	for len(text) > 0 && len(f.rules) < maxIgnoreRules {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if i := bytes.IndexByte(line, 0); i >= 0 {
			line = line[:i] // git's lines are C strings
		}
		if len(line) > maxIgnoreRule || bytes.HasPrefix(line, []byte("#")) {
			continue
		}
		if r, ok := parseIgnoreRule(trimSpaces(string(line))); ok {
			f.rules = append(f.rules, r)
		}
	}
	return f
}

// trimSpaces drops trailing blanks unless a backslash protects them.
func trimSpaces(s string) string {
	end := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ':
			continue
		case '\\':
			i++
		}
		end = min(i+1, len(s))
	}
	return s[:end]
}

func parseIgnoreRule(s string) (ignoreRule, bool) {
	var r ignoreRule
	if s, r.negated = strings.CutPrefix(s, "!"); s == "" {
		return r, false
	}
	s, r.dirOnly = strings.CutSuffix(s, "/")
	r.baseOnly = !strings.Contains(s, "/")
	s = strings.TrimPrefix(s, "/")
	if s == "" {
		return r, false
	}
	switch {
	case !strings.ContainsAny(s, `*?[\`):
		r.literal = s
	case r.baseOnly && s[0] == '*' && len(s) > 1 && !strings.ContainsAny(s[1:], `*?[\`):
		r.suffix = s[1:]
	default:
		r.pattern = compile(s)
	}
	return r, true
}

// matches takes a path relative to the ignore file's folder.
func (r *ignoreRule) matches(path string, isDir bool, work *int) bool {
	if r.dirOnly && !isDir {
		return false
	}
	if r.baseOnly {
		path = path[strings.LastIndexByte(path, '/')+1:]
	}
	*work++
	switch {
	case r.literal != "":
		return path == r.literal
	case r.suffix != "":
		return strings.HasSuffix(path, r.suffix)
	}
	m := matcher{pattern: r.pattern, text: path, work: work}
	return m.match(0, 0)
}

// ignored asks the files from the innermost folder outward; in each, the last rule that matches decides.
// A folder above that is ignored has been dealt with by the walk: nothing below it can come back.
func ignored(files []ignoreFile, path string, isDir bool, work *int) bool {
	for i := len(files) - 1; i >= 0; i-- {
		f := &files[i]
		rel := path
		if f.dir != "" {
			rel = strings.TrimPrefix(path, f.dir+"/")
		}
		for j := len(f.rules) - 1; j >= 0; j-- {
			if f.rules[j].matches(rel, isDir, work) {
				return !f.rules[j].negated
			}
		}
	}
	return false
}

// Patterns are ignore rules that something else than the walk asks, such as a configuration for some paths.
type Patterns struct{ file ignoreFile }

// ParsePatterns reads patterns as they stand in a .gitignore file.
func ParsePatterns(patterns []string) Patterns {
	return Patterns{parseIgnore("", []byte(strings.Join(patterns, "\n")))}
}

// Match reports whether a path, or a folder above it, is meant.
func (p Patterns) Match(path string) bool {
	files, work := []ignoreFile{p.file}, 0
	for i := range path {
		if path[i] == '/' && ignored(files, path[:i], true, &work) {
			return true
		}
	}
	return ignored(files, path, false, &work)
}
