package deps

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// tomlLock reads the lock files that are TOML. They are written by machines, one key to a line, and may be megabytes: so
// their lines are read, not their tree.
func (f *File) tomlLock(text []byte) {
	var d Dep
	inPackage := false
	flush := func() {
		if inPackage && d.Version != "" {
			d.Spec = "==" + d.Version
			f.add(d)
		}
		d, inPackage = Dep{}, false
	}
	line := 0
	for len(text) > 0 {
		raw, rest, _ := bytes.Cut(text, []byte("\n"))
		text = rest
		line++
		s := strings.TrimSpace(string(raw[:min(len(raw), maxRequirement)]))
		if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
			switch {
			case s == "[[package]]" || s == "[[packages]]":
				flush()
				inPackage = true
			case strings.HasPrefix(s, "[package.") || strings.HasPrefix(s, "[packages.") || strings.HasPrefix(s, "[[package"):
				// a table of the same package; its own name and version keys are not the package's
				if inPackage && d.Version != "" {
					flush()
				}
			default:
				flush()
			}
			continue
		}
		if !inPackage {
			continue
		}
		key, value, ok := strings.Cut(s, " = ")
		if !ok {
			continue
		}
		switch value = unquote(value); key {
		case "name":
			if d.Name == "" {
				d.Name, d.Line = value, line
			}
		case "version":
			if d.Version == "" {
				d.Version = value
			}
		case "category":
			d.Dev = value == "dev"
		case "groups":
			d.Dev = !strings.Contains(value, "main") && !strings.Contains(value, "default")
		case "source":
			// uv: the project itself and its neighbours are not installed from an index
			d.Direct = strings.Contains(value, "editable") || strings.Contains(value, "virtual") || strings.Contains(value, "directory")
		}
	}
	flush()
}

// unquote is the text of a one-line TOML string; anything else stays as it is.
func unquote(s string) string {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		return s
	}
	text, _, _ := strings.Cut(s[1:], s[:1])
	return text
}

// pipfileLock reads {"default": {name: {"version": "==1"}}, "develop": {…}} with the lines of the names.
func (f *File) pipfileLock(text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	lines := lineCounter{text: text}
	var path []string
	wantKey := false
	for {
		tok, err := dec.Token()
		if err != nil {
			if len(path) == 0 && len(f.Deps) > 0 {
				return nil
			}
			return errors.New("not valid JSON")
		}
		switch t := tok.(type) {
		case json.Delim:
			switch t {
			case '{':
				path = append(path, "")
				wantKey = true
			case '[':
				path = append(path, "[]")
				wantKey = false
			default:
				path = path[:len(path)-1]
				wantKey = len(path) > 0 && path[len(path)-1] != "[]"
			}
			if len(path) == 0 {
				return nil
			}
			if len(path) > 64 {
				return errors.New("nested too deep")
			}
			continue
		case string:
			if wantKey {
				path[len(path)-1] = t
				wantKey = false
				if len(path) == 2 && (path[0] == "default" || path[0] == "develop") {
					f.add(Dep{Name: t, Line: lines.at(int(dec.InputOffset())), Dev: path[0] == "develop"})
				}
				continue
			}
			if n := len(f.Deps); n > 0 && len(path) == 3 && path[2] == "version" && f.Deps[n-1].Name == Normalise(path[1]) {
				f.Deps[n-1].Spec, f.Deps[n-1].Version = t, exact(t)
			}
		}
		wantKey = len(path) > 0 && path[len(path)-1] != "[]"
	}
}

// lineCounter turns offsets into lines, fast when they are near each other.
type lineCounter struct {
	text []byte
	off  int
	line int
}

func (l *lineCounter) at(off int) int {
	if off = min(max(off, 0), len(l.text)); off < l.off {
		l.line -= bytes.Count(l.text[off:l.off], []byte("\n"))
	} else {
		l.line += bytes.Count(l.text[l.off:off], []byte("\n"))
	}
	l.off = off
	return l.line + 1
}
