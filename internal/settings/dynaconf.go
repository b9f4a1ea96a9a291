package settings

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"stopper/internal/deploy/yamltree"
)

// Section is what a file of dynaconf says for one environment: "default", "production", "development", …; "" where the file
// does not know environments.
type Section struct {
	Env     string
	Entries []Entry
}

// environments are the tables that make a file one with environments.
var environments = [...]string{"default", "global", "development", "production", "testing", "staging"}

// ReadDynaconf reads a file as dynaconf does: keys have no case, and tables at the top may be environments.
func ReadDynaconf(name string, text []byte, getenv func(string) (string, bool)) []Section {
	if len(text) > maxFile || nested(text) {
		return nil
	}
	var out []Section
	switch strings.ToLower(path.Ext(name)) {
	case ".py":
		return []Section{{Entries: pyfile(name, text, getenv)}}
	case ".toml":
		out = tomlSections(text)
	case ".yaml", ".yml", ".json": // JSON is YAML
		if docs, err := yamltree.Parse(text); err == nil && len(docs) > 0 {
			out = treeSections(docs[0])
		}
	case ".ini":
		out = iniSections(text)
	}
	return out
}

func isEnvironment(name string) bool { return slices.Contains(environments[:], strings.ToLower(name)) }

// tomlSections reads the tables by lines, for their places, and the values by the library.
func tomlSections(text []byte) []Section {
	var top map[string]any
	if toml.Unmarshal(text, &top) != nil {
		return nil
	}
	out := []Section{{}}
	table := top
	for i, raw := range strings.Split(string(text), "\n") {
		line := strings.TrimSpace(raw)
		if strings.HasPrefix(line, "[") {
			name := strings.Trim(strings.TrimSpace(strings.SplitN(line, "#", 2)[0]), "[] \"'")
			sub, _ := top[name].(map[string]any)
			if table = nil; isEnvironment(name) && sub != nil {
				table = sub
				out = append(out, Section{Env: strings.ToLower(name)})
			}
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || table == nil {
			continue
		}
		key = strings.Trim(strings.TrimSpace(key), `"'`)
		v, known := table[key]
		if _, isTable := v.(map[string]any); !known || isTable {
			continue
		}
		last := &out[len(out)-1]
		if len(last.Entries) < maxEntries {
			e := Entry{Key: strings.ToUpper(key), Text: strings.TrimSpace(value), Line: i + 1}
			if e.Value, e.Known = plain(v); e.Known {
				if s, isText := e.Value.(string); isText && strings.HasPrefix(s, "@") {
					e.ofText(s)
				}
			}
			last.Entries = append(last.Entries, e)
		}
	}
	return out
}

func treeSections(top *yamltree.Node) []Section {
	out := []Section{{}}
	for _, p := range top.Pairs() {
		if isEnvironment(p.Key) && p.Value != nil && p.Value.Kind == yamltree.Map {
			s := Section{Env: strings.ToLower(p.Key)}
			for _, q := range p.Value.Pairs() {
				s.add(q)
			}
			out = append(out, s)
			continue
		}
		out[0].add(p)
	}
	return out
}

func (s *Section) add(p yamltree.Pair) {
	if len(s.Entries) >= maxEntries || p.Value != nil && p.Value.Kind == yamltree.Map {
		return
	}
	e := Entry{Key: strings.ToUpper(p.Key), Line: p.Line}
	if p.Value == nil || p.Value.Kind == yamltree.Null {
		e.Text, e.Known = "null", true
	} else if p.Value.Kind == yamltree.Scalar {
		e.Text = p.Value.Str()
		e.ofText(e.Text)
	}
	s.Entries = append(s.Entries, e)
}

func iniSections(text []byte) []Section {
	out := []Section{{}}
	for i, raw := range strings.Split(string(text), "\n") {
		line := strings.TrimSpace(raw)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if line[0] == '[' {
			out = append(out, Section{Env: strings.ToLower(strings.Trim(line, "[] "))})
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		last := &out[len(out)-1]
		if !ok || len(last.Entries) >= maxEntries {
			continue
		}
		text := strings.Trim(strings.TrimSpace(value), `"'`)
		e := Entry{Key: strings.ToUpper(strings.TrimSpace(key)), Text: text, Line: i + 1}
		e.ofText(text)
		last.Entries = append(last.Entries, e)
	}
	return out
}

// ofText sets the value; what a mark such as @format or @jinja makes of it is not known.
func (e *Entry) ofText(s string) {
	for _, mark := range [...]string{"@format", "@jinja", "@get", "@read_file", "@merge", "@insert"} {
		if strings.HasPrefix(s, mark) {
			return
		}
	}
	e.Value, e.Known = ParseDynaconf(s), true
}

// ParseDynaconf is a text as dynaconf reads it from a variable: with a mark such as @int or @bool, or as TOML would.
func ParseDynaconf(s string) Value {
	s = strings.TrimSpace(s)
	if mark, rest, ok := strings.Cut(s, " "); ok && strings.HasPrefix(mark, "@") {
		switch mark {
		case "@int":
			if i, err := strconv.ParseInt(rest, 10, 64); err == nil {
				return i
			}
		case "@bool":
			return parseBool(rest)
		case "@str":
			return rest
		case "@json":
			return ParseText(rest)
		}
	}
	switch s {
	case "true", "True":
		return true
	case "false", "False":
		return false
	case "@none":
		return nil
	}
	return ParseText(s)
}
