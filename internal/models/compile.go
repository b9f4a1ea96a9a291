package models

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// compiler collects rows into entries; finish turns it into a Set.
type compiler struct {
	set     *Set
	lenient bool // rows of a user's file: repeated rows are fine
	file    *document
	slab    []Entry // entries are cut from it: one allocation for many
}

const slabSize = 512

func newCompiler() *compiler {
	return &compiler{set: &Set{
		entries: make(map[string]*Entry, 4096),
		aliases: make(map[string]string, 256),
		bases:   make(map[string][]string, 128),
		modules: make(map[string]bool, 256),
	}}
}

// sectionKeys names the keys that a row of each section may have; the first one or two groups name what it is about.
func sectionKeys(section string) []string {
	switch section {
	case "types":
		return []string{"class", "attr", "call", "bases", "type", "returns", "elem"}
	case "sources":
		return []string{"attr", "call", "kind", "name"}
	case "sinks":
		return []string{"call", "assign", "arg", "kind", "when", "note"}
	case "sanitizers":
		return []string{"call", "arg", "kinds", "when", "note"}
	case "guards":
		return []string{"call", "arg", "kinds", "result"}
	case "flows":
		return []string{"call", "from", "to"}
	case "callbacks":
		return []string{"call", "func", "args", "spread", "kwargs", "rest"}
	case "checks":
		return []string{"call", "kinds", "pattern", "by", "inner", "each", "keys", "values", "makes", "schema", "asks", "when"}
	case "loads":
		return []string{"call", "schema", "from", "makes"}
	case "hooks":
		return []string{"call", "gives"}
	case "injects":
		return []string{"call", "schema", "names"}
	case "stores":
		return []string{"class", "call", "place", "words", "key", "field", "value", "mapping", "finds", "kinds"}
	case "consts":
		return []string{"attr", "value"}
	case "aliases":
		return []string{"from", "to"}
	case "clean", "noreturn", "events", "contents":
		return []string{"path"}
	}
	return nil
}

// add reads one file's rows.
func (c *compiler) add(name string, data []byte) error {
	d, err := readDocument(name, data)
	if err != nil {
		return err
	}
	c.file = d
	// Alias rows first: a user's rows may be written with either name.
	for _, aliases := range []bool{true, false} {
		for i := range d.rows {
			r := &d.rows[i]
			if (r.section == "aliases") != aliases {
				continue
			}
			if err := c.row(r); err != nil {
				if at := (*rowError)(nil); errors.As(err, &at) {
					return err
				}
				return &rowError{name, r.line, err.Error()}
			}
		}
	}
	return nil
}

func (c *compiler) row(r *row) error {
	known := sectionKeys(r.section)
	if known == nil {
		return fmt.Errorf("unknown section %q", r.section)
	}
	for _, f := range r.fields {
		if !slices.Contains(known, f.key) {
			return &rowError{c.file.name, f.line, fmt.Sprintf("unknown key %q; a row of %s has %s", f.key, r.section, strings.Join(known, ", "))}
		}
	}
	switch r.section {
	case "types":
		return c.types(r)
	case "sources":
		return c.source(r)
	case "sinks":
		return c.sink(r)
	case "sanitizers":
		return c.sanitizer(r)
	case "guards":
		return c.guard(r)
	case "flows":
		return c.flow(r)
	case "callbacks":
		return c.callback(r)
	case "checks":
		return c.check(r)
	case "loads":
		return c.load(r)
	case "hooks":
		return c.hook(r)
	case "injects":
		return c.injection(r)
	case "stores":
		return c.store(r)
	case "consts":
		return c.constant(r)
	case "aliases":
		return c.alias(r)
	}
	return c.mark(r)
}

// each calls do for every entry that the row's key stands for.
func (c *compiler) each(r *row, key string, do func(e *Entry) error) error {
	patterns := r.list(key)
	if len(patterns) == 0 {
		return fmt.Errorf("a row of %s needs %q", r.section, key)
	}
	for _, pattern := range patterns {
		paths, err := expand(pattern)
		if err != nil {
			return err
		}
		for _, p := range paths {
			if err := do(c.entry(p)); err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
		}
	}
	return nil
}

func (c *compiler) entry(path string) *Entry {
	if c.lenient {
		path = c.set.Canonical(path)
	}
	e := c.set.entries[path]
	if e == nil {
		if len(c.slab) == 0 {
			c.slab = make([]Entry, slabSize)
		}
		e, c.slab = &c.slab[0], c.slab[1:]
		e.Path, e.Doc = path, c.file.doc
		c.set.entries[path] = e
		c.module(path)
	}
	return e
}

// module notes a path's top-level module.
func (c *compiler) module(path string) {
	root, _, _ := strings.Cut(path, ".")
	if !c.set.modules[root] {
		c.set.modules[root] = true
	}
}

// subject returns which one of the two keys the row uses.
func subject(r *row, a, b string) (string, error) {
	if r.has(a) == r.has(b) {
		return "", fmt.Errorf("a row of %s needs either %q or %q", r.section, a, b)
	}
	if r.has(a) {
		return a, nil
	}
	return b, nil
}

var errRepeated = errors.New("this row is there already")

// repeated answers for a row that says what is known.
func (c *compiler) repeated() error {
	if c.lenient {
		return nil
	}
	return errRepeated
}

// setType sets one of the type fields once.
func (c *compiler) setType(field *string, typ string) error {
	if typ == "" {
		return nil
	}
	if !isPath(typ) {
		return fmt.Errorf("%q is no dotted path", typ)
	}
	if *field == typ {
		return c.repeated()
	}
	if *field != "" && !c.lenient {
		return fmt.Errorf("has the type %s already", *field)
	}
	*field = typ
	return nil
}

func (c *compiler) types(r *row) error {
	switch {
	case r.has("class"):
		return c.each(r, "class", func(e *Entry) error { return c.class(e, r) })
	case r.has("attr"):
		if r.text("type") == "" && r.text("elem") == "" {
			return errors.New(`an attr row of types needs "type"`)
		}
		return c.each(r, "attr", func(e *Entry) error {
			return errors.Join(c.setType(&e.Type, r.text("type")), c.setType(&e.Elem, r.text("elem")))
		})
	case r.has("call"):
		return c.each(r, "call", func(e *Entry) error { return c.returns(e, r) })
	}
	return errors.New(`a row of types needs "class", "attr" or "call"`)
}

func (c *compiler) class(e *Entry, r *row) error {
	if e.IsType && !r.has("bases") && !r.has("elem") {
		return c.repeated()
	}
	e.IsType = true
	if e.Returns == "" {
		e.Returns = e.Path
	}
	for _, pattern := range r.list("bases") {
		bases, err := expand(pattern)
		if err != nil {
			return err
		}
		for _, b := range bases {
			if !slices.Contains(c.set.bases[e.Path], b) {
				c.set.bases[e.Path] = append(c.set.bases[e.Path], b)
			}
		}
	}
	return c.setType(&e.Elem, r.text("elem"))
}

func (c *compiler) returns(e *Entry, r *row) error {
	typ := r.text("returns")
	if typ == "" && r.text("elem") == "" {
		return errors.New(`a call row of types needs "returns"`)
	}
	if typ == "self" {
		if e.ReturnsSelf {
			return c.repeated()
		}
		e.ReturnsSelf = true
		return nil
	}
	return errors.Join(c.setType(&e.Returns, typ), c.setType(&e.Elem, r.text("elem")))
}
