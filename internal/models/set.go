package models

import (
	"iter"
	"strings"
)

// maxBases bounds the walk over base classes, so that a cycle in a user's rows ends.
const maxBases = 64

// Set is a compiled, immutable collection of entries.
type Set struct {
	entries map[string]*Entry
	aliases map[string]string // canonical prefix by other prefix
	bases   map[string][]string
	mro     map[string][]string // the type, then all its bases, nearest first
	modules map[string]bool
	sinks   []string
	sources []string
	events  []string
}

// Canonical returns the public path for a path that may go through a re-export or an internal module.
func (s *Set) Canonical(path string) string {
	for range maxBases {
		next, ok := s.canonicalOnce(path)
		if !ok || next == path {
			return path
		}
		path = next
	}
	return path
}

// canonicalOnce applies the alias row with the longest matching prefix.
func (s *Set) canonicalOnce(path string) (string, bool) {
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '.') {
		if to, ok := s.aliases[path[:end]]; ok {
			return to + path[end:], true
		}
	}
	return path, false
}

// Lookup returns what is known about a path, nil when nothing is. Aliases are applied, and a path that goes through a typed
// attribute or a class is followed: "flask.request.args" finds "flask.Request.args" and so does "flask.Request.args" inherited.
func (s *Set) Lookup(path string) *Entry {
	path = s.Canonical(path)
	if e := s.entries[path]; e != nil {
		return e
	}
	dot := strings.LastIndexByte(path, '.')
	if dot <= 0 || strings.Count(path, ".") > maxBases {
		return nil
	}
	prefix := path[:dot]
	owner := s.Lookup(prefix)
	switch {
	case owner == nil:
		return nil
	case owner.IsType:
		return s.Member(owner.Path, path[dot+1:])
	case owner.Type != "":
		return s.Member(owner.Type, path[dot+1:])
	}
	return nil
}

// Member returns what is known about an attribute or method of instances of a type, looking through its bases; nil when nothing is.
func (s *Set) Member(typ, name string) *Entry {
	typ = s.Canonical(typ)
	line := s.mro[typ]
	if line == nil {
		if e := s.direct(typ + "." + name); e != nil {
			return e
		}
		return s.madeBy(typ, name)
	}
	for _, t := range line {
		if e := s.direct(t + "." + name); e != nil {
			return e
		}
	}
	return nil
}

// madeBy answers for a class that the rows know as a function making another type: an annotation "pymysql.Connection" is a
// synonym of pymysql.connect, which returns pymysql.DBConnection.
func (s *Set) madeBy(typ, name string) *Entry {
	if e := s.entries[typ]; e != nil && e.Returns != "" && e.Returns != typ && !e.IsType {
		return s.direct(e.Returns + "." + name)
	}
	return nil
}

// direct looks a path up, also when the member itself is a re-export ("SQLAlchemy.text" is "sqlalchemy.text").
func (s *Set) direct(path string) *Entry {
	if e := s.entries[path]; e != nil {
		return e
	}
	if to, ok := s.aliases[path]; ok {
		return s.entries[s.Canonical(to)]
	}
	return nil
}

// Line lists a type and its bases, nearest first.
func (s *Set) Line(typ string) []string {
	typ = s.Canonical(typ)
	if line := s.mro[typ]; line != nil {
		return line
	}
	return []string{typ}
}

// IsSubtype reports whether typ is base or inherits from it.
func (s *Set) IsSubtype(typ, base string) bool {
	typ, base = s.Canonical(typ), s.Canonical(base)
	if typ == base {
		return true
	}
	for _, t := range s.mro[typ] {
		if t == base {
			return true
		}
	}
	return false
}

// KnowsModule reports whether any row is about the top-level module.
func (s *Set) KnowsModule(root string) bool { return s.modules[root] }

// Entries yields every entry, sorted by path.
func (s *Set) Entries() iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		for _, p := range sortedKeys(s.entries) {
			if !yield(s.entries[p]) {
				return
			}
		}
	}
}

// SinkNames yields the last path component of every callable or assignable sink, sorted. For a class it is the class's name.
func (s *Set) SinkNames() iter.Seq[string] { return values(s.sinks) }

// SourceNames yields the last path component of every source, sorted.
func (s *Set) SourceNames() iter.Seq[string] { return values(s.sources) }

// EventNames yields the last path component of every event, sorted.
func (s *Set) EventNames() iter.Seq[string] { return values(s.events) }
