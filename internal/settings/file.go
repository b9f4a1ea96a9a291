package settings

import (
	"bytes"
	"encoding/json"
	"path"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/source"
)

// Entry is a key that a configuration file sets.
type Entry struct {
	Key  string
	Text string // the value as written; it may be a secret
	Line int
	Result
}

// maxFile and maxEntries bound what is read of one file.
const (
	maxFile    = 512 << 10
	maxEntries = 2_000
	maxNesting = 50
)

// ReadFile reads the upper-case keys of a file that Flask loads: JSON and TOML by their extension, anything else as Python.
func ReadFile(name string, text []byte, getenv func(string) (string, bool)) []Entry {
	if len(text) > maxFile {
		return nil
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".json":
		return document(text, json.Unmarshal)
	case ".toml":
		return document(text, toml.Unmarshal)
	}
	return pyfile(name, text, getenv)
}

// pyfile evaluates the assignments at the top of a Python text, in order.
func pyfile(name string, text []byte, getenv func(string) (string, bool)) []Entry {
	file := parser.New().Parse(source.NewFile(name, text))
	known := map[string]Value{}
	lookup := func(n string) (Value, bool) { v, ok := known[n]; return v, ok }
	var out []Entry
	for _, s := range file.Body(file.Root) {
		id := ast.NodeID(s)
		if file.Kind(id) != ast.Assign {
			continue
		}
		r := Evaluate(file, file.SlotB(id), getenv, lookup)
		for _, t := range file.ListA(id) {
			n := file.IdentOf(ast.NodeID(t))
			if file.Kind(ast.NodeID(t)) != ast.Name {
				continue
			}
			delete(known, n)
			if r.Known {
				known[n] = r.Value
			}
			if n == strings.ToUpper(n) && len(out) < maxEntries {
				out = append(out, Entry{Key: n, Text: file.Text(file.SlotB(id)), Line: file.Src.Line(file.Span(id).Start), Result: r})
			}
		}
	}
	return out
}

// document reads the top level of a JSON object or a TOML table. Lines are found by the keys' text.
func document(text []byte, unmarshal func([]byte, any) error) []Entry {
	if nested(text) {
		return nil
	}
	var top map[string]any
	if unmarshal(text, &top) != nil {
		return nil
	}
	var out []Entry
	line := 0
	for raw := range bytes.Lines(text) {
		line++
		s := strings.TrimLeft(string(raw), " \t{,\"'")
		end := strings.IndexFunc(s, func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
		if end <= 0 {
			continue
		}
		v, ok := top[s[:end]]
		if !ok || len(out) >= maxEntries {
			continue
		}
		delete(top, s[:end])
		e := Entry{Key: s[:end], Text: strings.TrimRight(strings.TrimLeft(s[end:], "\"' \t:="), ", \r\n"), Line: line}
		e.Value, e.Known = plain(v)
		out = append(out, e)
	}
	return out
}

func nested(text []byte) bool {
	depth := 0
	for _, c := range text {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		}
		if depth > maxNesting {
			return true
		}
	}
	return false
}

func plain(v any) (Value, bool) {
	switch x := v.(type) {
	case nil, bool, int64, string:
		return x, true
	case float64:
		return int64(x), x < 1e15 && x > -1e15
	case []any:
		var out []any
		for _, e := range x {
			p, ok := plain(e)
			if !ok {
				return nil, false
			}
			out = append(out, p)
		}
		return out, true
	}
	return nil, false
}

// ParseText is a value that from_prefixed_env reads: JSON where the text is JSON, else the text itself.
func ParseText(s string) Value {
	if len(s) > maxFile || nested([]byte(s)) {
		return s
	}
	var v any
	if json.Unmarshal([]byte(s), &v) != nil {
		return s
	}
	if p, ok := plain(v); ok {
		return p
	}
	return s
}
