package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/semantic"
)

// catalog remembers what the library models answered: one analysis asks for a few thousand paths some hundred thousand
// times. The models themselves are shared between analyses and remember nothing.
type catalog struct {
	*models.Set
	members   map[memberKey]*models.Entry
	entries   map[string]*models.Entry
	canonical map[string]string
	services  map[string]bool // types that have a method that a service is asked by
}

type memberKey struct{ typ, name string }

func newCatalog(set *models.Set) *catalog {
	c := &catalog{Set: set, members: map[memberKey]*models.Entry{}, entries: map[string]*models.Entry{}, canonical: map[string]string{},
		services: map[string]bool{}}
	for e := range set.Entries() {
		if dot := strings.LastIndexByte(e.Path, '.'); dot > 0 && slices.ContainsFunc(e.Sinks, asksService) {
			c.services[e.Path[:dot]] = true
		}
	}
	return c
}

// asksService: the sink is a question to a database, a directory or another server.
func asksService(s models.Sink) bool {
	switch s.Kind {
	case models.SQL, models.NoSQL, models.LDAP, models.LDAPDN, models.XPath, models.URLFetch, models.Mail:
		return true
	}
	return false
}

// isService reports whether a type stands for a database, a directory or another server: a session, a query, a client.
func (c *catalog) isService(typ string) bool {
	return slices.ContainsFunc(c.Line(typ), func(t string) bool { return c.services[t] })
}

// Member is models.Set.Member.
func (c *catalog) Member(typ, name string) *models.Entry {
	k := memberKey{typ, name}
	e, ok := c.members[k]
	if !ok {
		e = c.Set.Member(typ, name)
		c.members[k] = e
	}
	return e
}

// Lookup is models.Set.Lookup.
func (c *catalog) Lookup(path string) *models.Entry {
	e, ok := c.entries[path]
	if !ok {
		e = c.Set.Lookup(path)
		c.entries[path] = e
	}
	return e
}

// Canonical is models.Set.Canonical.
func (c *catalog) Canonical(path string) string {
	p, ok := c.canonical[path]
	if !ok {
		p = c.Set.Canonical(path)
		c.canonical[path] = p
	}
	return p
}

// external is something of a library, under its public path.
func (s *solver) external(path string) *value.Value {
	v := s.externals[path]
	if v == nil {
		v = s.newExternal(path)
		s.externals[path] = v
	}
	return v
}

// resolve is what a dotted name of a module leads to.
func (s *solver) resolve(m *ir.Module, name string) semantic.Target {
	st := &s.mods[m.Index]
	t, ok := st.targets[name]
	if !ok {
		t = s.prog.ResolveName(m, name)
		if st.targets == nil {
			st.targets = map[string]semantic.Target{}
		}
		st.targets[name] = t
	}
	return t
}

// paramPath is an attribute of what a parameter of a function points to.
type paramPath struct {
	param      int32
	path, name string
}

// paramAttr is the symbolic attribute of what the caller passed.
func (f *frame) paramAttr(o *value.Obj, name string) *value.Value {
	known := &f.s.funcs[o.Func].attrs
	k := paramPath{o.Param, o.Path, name}
	v, ok := known.get(k)
	if !ok {
		v = newParamAttr(o, name)
		known.put(k, v)
	}
	return v
}

// maxSmall is up to how many entries a small table is searched in order.
const maxSmall = 8

// small is a table that mostly has few entries: one call instantiates three values, and rarely a thousand.
type small[K comparable, V any] struct {
	list []entry[K, V]
	more map[K]V
}

type entry[K comparable, V any] struct {
	key K
	v   V
}

func (s *small[K, V]) get(k K) (V, bool) {
	for i := range s.list {
		if s.list[i].key == k {
			return s.list[i].v, true
		}
	}
	v, ok := s.more[k]
	return v, ok
}

// emptied is the table without its entries, with the room that they took.
func (s *small[K, V]) emptied() small[K, V] {
	return small[K, V]{list: s.list[:0]}
}

// put adds a key that is not there yet.
func (s *small[K, V]) put(k K, v V) {
	if len(s.list) < maxSmall {
		s.list = append(s.list, entry[K, V]{k, v})
		return
	}
	if s.more == nil {
		s.more = map[K]V{}
	}
	s.more[k] = v
}
