package models

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// maxFile bounds a data file; the largest of ours is under a tenth of it.
const maxFile = 4 << 20

// A document is a data file as rows with positions; it knows TOML's shape but not what the rows mean.
type document struct {
	name string
	doc  string
	rows []row
}

// A row is one inline table of a section, one [[section]] table, or one string of a list section.
type row struct {
	section string
	line    int
	fields  []field
}

// A field is a key with its value; everything is kept as text.
type field struct {
	key    string
	line   int
	values []string
	isBool bool
}

// rowError is a fault of a data file with its place.
type rowError struct {
	file string
	line int
	text string
}

func (e *rowError) Error() string { return fmt.Sprintf("%s:%d: %s", e.file, e.line, e.text) }

// reader turns TOML expressions into rows.
type reader struct {
	parser unstable.Parser
	src    string // the file, which the rows' texts are cut from
	out    *document
	lines  lineCounter
	open   bool // the last row came from a [[section]] header and takes the following keys
}

// readDocument parses one file. It accepts the part of TOML that rows need: strings, arrays of strings, booleans, integers,
// inline tables and [[section]] tables.
func readDocument(name string, data []byte) (*document, error) {
	if len(data) > maxFile {
		return nil, &rowError{name, 1, "data file is larger than 4 MiB"}
	}
	r := reader{src: string(data), out: &document{name: name}}
	r.lines.data = data
	r.parser.Reset(data)
	for r.parser.NextExpression() {
		if err := r.expression(r.parser.Expression()); err != nil {
			return nil, err
		}
	}
	if err := r.parser.Error(); err != nil {
		return nil, r.syntaxError(err)
	}
	return r.out, nil
}

func (r *reader) syntaxError(err error) error {
	line := 1
	if p := (*unstable.ParserError)(nil); errors.As(err, &p) && len(p.Highlight) > 0 {
		line = r.lines.at(r.parser.Range(p.Highlight).Offset)
	}
	return &rowError{r.out.name, line, "not valid TOML: " + err.Error()}
}

func (r *reader) fail(n *unstable.Node, format string, args ...any) error {
	return &rowError{r.out.name, r.lines.at(n.Raw.Offset), fmt.Sprintf(format, args...)}
}

func (r *reader) expression(n *unstable.Node) error {
	switch n.Kind {
	case unstable.KeyValue:
		key, err := r.key(n)
		if err != nil {
			return err
		}
		if r.open {
			return r.addField(&r.out.rows[len(r.out.rows)-1], key, n)
		}
		return r.topLevel(key, n)
	case unstable.ArrayTable:
		key, err := r.key(n)
		if err != nil {
			return err
		}
		it := n.Key()
		it.Next()
		r.open = true
		r.out.rows = append(r.out.rows, row{section: key, line: r.lines.at(it.Node().Raw.Offset)})
		return nil
	case unstable.Table:
		it := n.Key()
		it.Next()
		return r.fail(it.Node(), "a plain table [%s] has no meaning here; write [[%s]] or an inline table", it.Node().Data, it.Node().Data)
	}
	return nil
}

// key returns the single undotted key of an expression.
func (r *reader) key(n *unstable.Node) (string, error) {
	it := n.Key()
	it.Next()
	first := it.Node()
	if it.Next() {
		return "", r.fail(first, "dotted key %q has no meaning here", first.Data)
	}
	return r.text(first), nil
}

// text returns a key's or value's text, cut from the file where no escape stands in the way.
func (r *reader) text(n *unstable.Node) string {
	from := int(n.Raw.Offset)
	quotes := (int(n.Raw.Length) - len(n.Data)) / 2
	if to := from + quotes + len(n.Data); quotes >= 0 && to <= len(r.src) {
		if cut := r.src[from+quotes : to]; cut == string(n.Data) {
			return cut
		}
	}
	return string(n.Data)
}

// topLevel takes doc = "…" or section = [ … ].
func (r *reader) topLevel(key string, n *unstable.Node) error {
	v := n.Value()
	if key == "doc" {
		if v.Kind != unstable.String {
			return r.fail(n, "doc must be the URL of the manual")
		}
		r.out.doc = r.text(v)
		return nil
	}
	if v.Kind != unstable.Array {
		return r.fail(n, "%s must be a list of rows", key)
	}
	for it := v.Children(); it.Next(); {
		if err := r.element(key, n, it.Node()); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) element(section string, parent, n *unstable.Node) error {
	switch n.Kind {
	case unstable.Comment:
		return nil
	case unstable.String:
		line := r.lines.at(n.Raw.Offset)
		f := field{key: "path", line: line, values: []string{r.text(n)}}
		r.out.rows = append(r.out.rows, row{section: section, line: line, fields: []field{f}})
		return nil
	case unstable.InlineTable:
		out := row{section: section, line: r.lines.at(n.Raw.Offset)}
		for it := n.Children(); it.Next(); {
			kv := it.Node()
			key, err := r.key(kv)
			if err == nil {
				err = r.addField(&out, key, kv)
			}
			if err != nil {
				return err
			}
		}
		r.out.rows = append(r.out.rows, out)
		return nil
	}
	return r.fail(parent, "%s must hold tables or strings", section)
}

func (r *reader) addField(to *row, key string, kv *unstable.Node) error {
	f := field{key: key, line: r.lines.at(kv.Raw.Offset)}
	v := kv.Value()
	switch v.Kind {
	case unstable.String, unstable.Integer:
		f.values = []string{r.text(v)}
	case unstable.Bool:
		f.values, f.isBool = []string{r.text(v)}, true
	case unstable.Array:
		for it := v.Children(); it.Next(); {
			if it.Node().Kind == unstable.Comment {
				continue
			}
			if it.Node().Kind != unstable.String {
				return r.fail(kv, "%s must hold strings only", key)
			}
			f.values = append(f.values, r.text(it.Node()))
		}
	default:
		return r.fail(kv, "%s must be a string, a list of strings, a number or true/false", key)
	}
	for i := range to.fields {
		if to.fields[i].key == key {
			return r.fail(kv, "%s is given twice in one row", key)
		}
	}
	to.fields = append(to.fields, f)
	return nil
}

// lineCounter turns growing byte offsets into line numbers in one pass over the text.
type lineCounter struct {
	data []byte
	pos  int
	line int
}

func (c *lineCounter) at(offset uint32) int {
	to := min(int(offset), len(c.data))
	if to < c.pos {
		c.pos, c.line = 0, 0
	}
	c.line += bytes.Count(c.data[c.pos:to], []byte{'\n'})
	c.pos = to
	return c.line + 1
}

// text returns the single string of a field, "" when the row does not have it.
func (r *row) text(key string) string {
	for i := range r.fields {
		if r.fields[i].key == key && len(r.fields[i].values) > 0 {
			return strings.TrimSpace(r.fields[i].values[0])
		}
	}
	return ""
}

// list returns all strings of a field.
func (r *row) list(key string) []string {
	for i := range r.fields {
		if r.fields[i].key == key {
			return r.fields[i].values
		}
	}
	return nil
}

func (r *row) has(key string) bool {
	for i := range r.fields {
		if r.fields[i].key == key {
			return true
		}
	}
	return false
}
