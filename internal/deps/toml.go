package deps

import (
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"stopper/internal/deploy"
)

// maxNesting bounds arrays in arrays before the parser, which recurses, sees them.
const maxNesting = 50

// toml reads pyproject.toml and Pipfile: PEP 621, PEP 735 and Poetry's own tables.
func (f *File) toml(text []byte, isPipfile bool) error {
	if deep(text) {
		return errors.New("nested too deep")
	}
	r := tomlReader{file: f, isPipfile: isPipfile, lines: lineCounter{text: text}}
	r.parser.Reset(text)
	for r.parser.NextExpression() {
		n := r.parser.Expression()
		switch n.Kind {
		case unstable.Table, unstable.ArrayTable:
			r.table = r.keys(n.Key())
		case unstable.KeyValue:
			r.keyValue(n)
		}
	}
	if r.parser.Error() != nil {
		return errors.New("not valid TOML")
	}
	return nil
}

func deep(text []byte) bool {
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

type tomlReader struct {
	file      *File
	parser    unstable.Parser
	lines     lineCounter
	table     string
	isPipfile bool
}

func (r *tomlReader) keys(it unstable.Iterator) string {
	var parts []string
	for it.Next() {
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, ".")
}

// line counts on from the last place: the parser's own positions start at the top each time, which a long file makes slow.
func (r *tomlReader) line(n *unstable.Node) int { return r.lines.at(int(n.Raw.Offset)) }

func (r *tomlReader) keyValue(n *unstable.Node) {
	key, value := r.keys(n.Key()), n.Value()
	it := n.Key()
	if !it.Next() {
		return
	}
	at := r.line(it.Node())
	full := strings.TrimPrefix(r.table+"."+key, ".")
	switch {
	case full == "project.dependencies":
		r.list(value, false)
	case strings.HasPrefix(full, "project.optional-dependencies."):
		r.list(value, isDevName(key))
	case strings.HasPrefix(full, "dependency-groups."), strings.HasPrefix(full, "tool.pdm.dev-dependencies."), full == "tool.uv.dev-dependencies":
		r.list(value, true)
	case full == "project.requires-python" || r.isPipfile && full == "requires.python_version":
		r.file.Python = deploy.Value{Text: string(value.Data), Line: at}
	case r.table == "tool.poetry.dependencies" && key == "python":
		r.file.Python = deploy.Value{Text: string(value.Data), Line: at}
	case r.table == "tool.poetry.dependencies", r.isPipfile && r.table == "packages":
		r.single(key, value, at, false)
	case r.table == "tool.poetry.dev-dependencies", strings.HasPrefix(r.table, "tool.poetry.group.") && strings.HasSuffix(r.table, ".dependencies"), r.isPipfile && r.table == "dev-packages":
		r.single(key, value, at, true)
	case strings.HasPrefix(full, "tool.renovate"):
		r.file.Updater = true
	}
}

// list reads an array of requirements; tables in it (include-group) are passed over.
func (r *tomlReader) list(value *unstable.Node, dev bool) {
	if value.Kind != unstable.Array {
		return
	}
	for it := value.Children(); it.Next(); {
		if n := it.Node(); n.Kind == unstable.String {
			r.file.addRequirement(string(n.Data), r.line(n), dev)
		}
	}
}

// single reads `name = "^1.2"` and `name = {version = "^1.2"}`.
func (r *tomlReader) single(name string, value *unstable.Node, at int, dev bool) {
	d := Dep{Name: name, Line: at, Dev: dev}
	switch value.Kind {
	case unstable.String:
		d.Spec = string(value.Data)
	case unstable.InlineTable:
		for it := value.Children(); it.Next(); {
			kv := it.Node()
			switch k := r.keys(kv.Key()); k {
			case "version":
				d.Spec = string(kv.Value().Data)
			case "git", "path", "url", "file":
				d.Direct = true
			case "markers", "python":
				d.Marker = string(kv.Value().Data)
			}
		}
	}
	d.Spec = poetrySpec(d.Spec)
	d.Version = exact(d.Spec)
	r.file.add(d)
}

// poetrySpec: a bare version is exact in Poetry and Pipenv; "*" is any.
func poetrySpec(s string) string {
	s = strings.TrimSpace(s)
	if s == "*" {
		return ""
	}
	if s != "" && '0' <= s[0] && s[0] <= '9' && !strings.ContainsAny(s, "*,|") {
		return "==" + s
	}
	return s
}
