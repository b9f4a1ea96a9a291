package models

import (
	"slices"
	"strings"
)

// finish completes the set: every type has an entry, base lines are computed, names for the prefilter are collected.
func (c *compiler) finish() (*Set, error) {
	s := c.set
	c.file = &document{}
	for _, t := range c.typeNames() {
		e := c.entry(t)
		e.IsType = true
		if e.Returns == "" {
			e.Returns = t
		}
	}
	c.inferClasses()
	c.shortenAliases()
	s.mro = make(map[string][]string, len(s.bases))
	for t := range s.bases {
		s.mro[t] = s.baseLine(nil, t)
	}
	c.collectNames()
	for _, e := range s.entries {
		e.IsSpec = len(e.Checks) > 0 || e.IsType && slices.ContainsFunc(s.mro[e.Path], func(t string) bool { return s.entries[t] != nil && len(s.entries[t].Checks) > 0 })
	}
	return s, nil
}

// inferClasses makes classes of what is written like one: psycopg2.sql.SQL, and fabric.Connection, of which only methods
// have rows. A path below which there are further capitalised names is a module (xml.etree.ElementTree).
func (c *compiler) inferClasses() {
	modules := map[string]bool{}
	owners := map[string]bool{}
	for p := range c.set.entries {
		dot := strings.LastIndexByte(p, '.')
		if dot < 0 || !capitalised(p[:dot]) {
			continue
		}
		owners[p[:dot]] = true
		if capitalised(p) {
			modules[p[:dot]] = true
		}
	}
	for _, p := range sortedKeys(owners) {
		if !modules[p] {
			c.entry(p)
		}
	}
	for p, e := range c.set.entries {
		isValue := e.Returns != "" || e.Type != "" || e.AttrSource != nil || e.CallSource != nil || e.HasConst || e.ReturnsSelf
		if capitalised(p) && !modules[p] && !isValue {
			e.IsType, e.Returns = true, p
		}
	}
}

// shortenAliases: who goes from module to module has applied the alias of the first before the second one's name comes. With
// sqlalchemy.sql and sqlalchemy.sql.expression both leading to sqlalchemy, sqlalchemy.expression is asked for.
func (c *compiler) shortenAliases() {
	s := c.set
	for _, from := range sortedKeys(s.aliases) {
		dot := strings.LastIndexByte(from, '.')
		if dot < 0 {
			continue
		}
		short := s.Canonical(from[:dot]) + from[dot:]
		if _, taken := s.aliases[short]; !taken && s.entries[short] == nil && short != s.aliases[from] {
			s.aliases[short] = s.aliases[from]
		}
	}
}

// capitalised reports whether a dotted path's last name begins like a class's.
func capitalised(path string) bool {
	name := lastName(path)
	return len(name) < len(path) && name[0] >= 'A' && name[0] <= 'Z'
}

// typeNames lists every path that a row uses as a type.
func (c *compiler) typeNames() []string {
	var names []string
	add := func(t string) {
		if t != "" {
			names = append(names, t)
		}
	}
	for _, e := range c.set.entries {
		add(e.Type)
		add(e.Elem)
		add(e.Returns)
	}
	for t, bases := range c.set.bases {
		add(t)
		names = append(names, bases...)
	}
	return sortedUnique(names)
}

// baseLine lists t and its bases depth first, each once.
func (s *Set) baseLine(line []string, t string) []string {
	if slices.Contains(line, t) || len(line) > maxBases {
		return line
	}
	line = append(line, t)
	for _, b := range s.bases[t] {
		line = s.baseLine(line, b)
	}
	return line
}

func (c *compiler) collectNames() {
	s := c.set
	for p, e := range s.entries {
		c.named(lastName(p), e)
	}
	// An alias may give a sink, a source or an event another last name.
	for from, to := range s.aliases {
		if e := s.entries[s.Canonical(to)]; e != nil {
			c.named(lastName(from), e)
		}
	}
	s.sinks, s.sources, s.events = sortedUnique(s.sinks), sortedUnique(s.sources), sortedUnique(s.events)
}

func (c *compiler) named(name string, e *Entry) {
	if len(e.Sinks) > 0 || len(e.Assign) > 0 {
		c.set.sinks = append(c.set.sinks, name)
	}
	if e.AttrSource != nil || e.CallSource != nil {
		c.set.sources = append(c.set.sources, name)
	}
	if e.Event {
		c.set.events = append(c.set.events, name)
	}
}

func lastName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func sortedUnique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
