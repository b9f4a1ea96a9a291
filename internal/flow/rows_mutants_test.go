package flow_test

import (
	"fmt"
	"slices"
	"strings"
)

// A mutant is a file of rows with a piece of it replaced.
type mutant struct {
	name     string
	path     string // that is missing, or whose row misses something
	from, to int
	with     string
}

// A rowText is one row of a file, with the places of its parts.
type rowText struct {
	section  string
	from, to int // with the comma behind it
	fields   []fieldText
}

type fieldText struct {
	key      string
	from, to int // with the comma before it
	at       int // of the value
	values   []string
}

// mutants are all ways to leave something out: a path, a condition, one of several kinds, origins or arguments.
func mutants(text string) []mutant {
	var out []mutant
	for _, r := range scanRows(text) {
		for _, f := range r.fields {
			switch f.key {
			case "path", "call", "attr", "assign", "class":
				out = append(out, withoutPath(r, f)...)
			case "when", "elem":
				if len(r.fields) > 2 {
					out = append(out, mutant{name: r.name() + " " + f.key + " " + strings.Join(f.values, " "), path: r.path(), from: f.from, to: f.to})
				}
			case "from":
				if r.section == "aliases" {
					out = append(out, withoutPath(r, f)...)
					continue
				}
				out = append(out, withoutValue(r, f)...)
			case "kind", "kinds", "args", "bases":
				out = append(out, withoutValue(r, f)...)
			}
		}
	}
	return out
}

func (r *rowText) name() string { return r.section + " " + r.path() }

// path is the first of those that the row stands for.
func (r *rowText) path() string {
	for _, f := range r.fields {
		switch f.key {
		case "path", "call", "attr", "assign", "class":
			return alternatives(f.values[0])[0]
		}
	}
	return ""
}

// withoutPath leaves out each path that the row stands for, in turn.
func withoutPath(r rowText, f fieldText) []mutant {
	var all []string
	for _, v := range f.values {
		all = append(all, alternatives(v)...)
	}
	var out []mutant
	for i, path := range all {
		rest := slices.Delete(slices.Clone(all), i, i+1)
		m := mutant{name: r.section + " " + path, path: path, from: r.from, to: r.to}
		if len(rest) > 0 {
			m.from, m.to, m.with = f.at, f.to, quotedList(rest)
			if f.key == "path" {
				m.with = strings.Trim(m.with, "[]") // one row for each
			}
		}
		out = append(out, m)
	}
	return out
}

// withoutValue leaves out each of several values.
func withoutValue(r rowText, f fieldText) []mutant {
	if len(f.values) < 2 {
		return nil
	}
	var out []mutant
	for i, v := range f.values {
		rest := slices.Delete(slices.Clone(f.values), i, i+1)
		out = append(out, mutant{name: fmt.Sprintf("%s %s %s", r.name(), f.key, v), path: r.path(), from: f.at, to: f.to, with: quotedList(rest)})
	}
	return out
}

func quotedList(values []string) string { return `["` + strings.Join(values, `","`) + `"]` }

// alternatives are what the braces of a path stand for.
func alternatives(pattern string) []string {
	head, rest, ok := strings.Cut(pattern, "{")
	if !ok {
		return []string{pattern}
	}
	inner, tail, _ := strings.Cut(rest, "}")
	var out []string
	for alt := range strings.SplitSeq(inner, ",") {
		for _, end := range alternatives(tail) {
			out = append(out, strings.TrimSuffix(head+alt+end, "."))
		}
	}
	return out
}

// A scanner finds the rows of a file: lists of tables and of strings.
type scanner struct {
	text string
	pos  int
}

func scanRows(text string) []rowText {
	s := scanner{text: text}
	var out []rowText
	for {
		key := s.word()
		if key == "" {
			return out
		}
		s.skip("=")
		if s.peek() != '[' {
			s.value()
			continue
		}
		for s.skip("["); s.peek() != ']'; {
			r := rowText{section: key, from: s.pos}
			if s.peek() == '"' {
				at := s.pos
				r.fields = []fieldText{{key: "path", from: at, at: at, values: s.value(), to: s.pos}}
			} else {
				r.fields = s.table()
			}
			end := s.pos
			if s.peek() == ',' {
				s.skip(",")
				end = s.pos
			}
			r.to = end
			s.peek()
			out = append(out, r)
		}
		s.skip("]")
	}
}

// table reads { key = value, … }.
func (s *scanner) table() []fieldText {
	var out []fieldText
	for s.skip("{"); s.peek() != '}'; {
		f := fieldText{from: s.pos}
		if s.peek() == ',' {
			s.skip(",")
		}
		f.key = s.word()
		s.skip("=")
		s.peek()
		f.at = s.pos
		f.values = s.value()
		f.to = s.pos
		out = append(out, f)
	}
	s.skip("}")
	return out
}

// value reads a string, a word or a list of them.
func (s *scanner) value() []string {
	switch s.peek() {
	case '"':
		from := s.pos + 1
		for s.pos++; s.text[s.pos] != '"'; s.pos++ {
			if s.text[s.pos] == '\\' {
				s.pos++
			}
		}
		s.pos++
		return []string{s.text[from : s.pos-1]}
	case '[':
		var out []string
		for s.skip("["); s.peek() != ']'; {
			if s.peek() == ',' {
				s.skip(",")
				continue
			}
			out = append(out, s.value()...)
		}
		s.skip("]")
		return out
	}
	return []string{s.word()}
}

// peek is the next byte that is neither space nor comment.
func (s *scanner) peek() byte {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; c {
		case ' ', '\n', '\t', '\r':
			s.pos++
		case '#':
			s.pos += strings.IndexByte(s.text[s.pos:]+"\n", '\n')
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) skip(text string) {
	s.peek()
	if strings.HasPrefix(s.text[s.pos:], text) {
		s.pos += len(text)
	}
}

func (s *scanner) word() string {
	s.peek()
	from := s.pos
	for s.pos < len(s.text) && strings.IndexByte(" \n\t\r=,]}[{\"#", s.text[s.pos]) < 0 {
		s.pos++
	}
	return s.text[from:s.pos]
}
