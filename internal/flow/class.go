package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/semantic"
)

// classState is what the solver knows of one class: attributes of the body, and of its instances joined over methods.
type classState struct {
	attrs     map[string]*shared
	order     []string
	inst      map[string]*shared
	anyInst   map[string]*shared   // what was put into an object of which nothing but the class is known
	lines     map[string][]*shared // inst of the class and its bases
	mro       []semantic.Target
	ready     bool
	ran       bool
	subs      []ir.ClassID
	hooks     []hook // methods that decorators of a schema library took over, see hooksOf
	hasHooks  bool
	baseKnown bool
	meta      *value.Value // the metaclass, where the class names one of the program
	base      string       // the collection that it is built on, see builtOn
	model     int8         // 1: its instances are rows of a database; -1: they are not
}

func (s *solver) mro(id ir.ClassID) []semantic.Target {
	st := &s.classes[id]
	if !st.ready {
		st.ready = true
		st.mro = s.lines.MRO(id)
		if s.lines.IsCut {
			s.trip(nil, limitBases)
		}
	}
	return st.mro
}

func (s *solver) runClassBody(c *ir.Class) {
	st := &s.classes[c.ID]
	if st.ran {
		return
	}
	st.ran = true
	if st.attrs == nil {
		st.attrs = map[string]*shared{}
	}
	s.summary(c.Body)
}

// finishClassBody turns the variables of the body into attributes.
func (f *frame) finishClassBody() {
	id := f.s.prog.ClassOf(f.fn.ID)
	if f.s.prog.Class(id) == nil {
		return
	}
	st := &f.s.classes[id]
	if st.attrs == nil {
		st.attrs = map[string]*shared{}
	}
	f.heap = f.retHp
	for r, name := range f.fn.VarNames {
		if r < len(f.exit) && f.exit[r] != nil {
			f.classBinds(st, name, f.exit[r])
		}
	}
	for _, name := range f.info.extraNames {
		if r := f.info.extra[name]; r < len(f.exit) && f.exit[r] != nil {
			f.classBinds(st, name, f.exit[r])
		}
	}
}

func (f *frame) classBinds(st *classState, name string, v *value.Value) {
	f.escape(v)
	if st.attrs[name] == nil {
		st.attrs[name] = &shared{}
		st.order = append(st.order, name)
	}
	st.attrs[name].write(v)
	f.tellName(ir.ClassID(f.s.prog.ClassOf(f.fn.ID)), name, v)
}

// classAttr finds an attribute of a class through its bases. The second result is the external base that may have it.
func (s *solver) classAttr(id ir.ClassID, name string, reader ir.FuncID, after ir.ClassID) (*value.Value, string) {
	skip := after != ir.NoClass
	external := ""
	for _, t := range s.mro(id) {
		if skip {
			skip = !(t.Kind == semantic.TargetClass && t.Class == after)
			continue
		}
		switch {
		case t.Kind == semantic.TargetClass && t.Rest == "":
			s.runClassBody(s.prog.Class(t.Class))
			if c := s.classes[t.Class].attrs[name]; c != nil && c.joined != nil {
				c.read(reader)
				return c.joined, external
			}
		case t.Kind == semantic.TargetExternal && external == "":
			external = t.Path
			if s.set.Member(s.set.Canonical(t.Path), name) != nil {
				return nil, t.Path
			}
		}
	}
	return nil, external
}

// instAttr is self.name, joined over all methods of the class and its bases.
func (s *solver) instAttr(id ir.ClassID, name string, reader ir.FuncID) *value.Value {
	var v *value.Value
	for _, c := range s.instCells(id, name) {
		c.read(reader)
		v = s.join(v, c.joined)
	}
	return v
}

// instCells are the cells of an attribute in a class and its bases.
func (s *solver) instCells(id ir.ClassID, name string) []*shared {
	if id == ir.NoClass {
		return nil
	}
	st := &s.classes[id]
	cells, ok := st.lines[name]
	if !ok {
		for _, t := range s.mro(id) {
			if t.Kind == semantic.TargetClass {
				cells = append(cells, s.instCell(t.Class, name))
			}
		}
		if st.lines == nil {
			st.lines = map[string][]*shared{}
		}
		st.lines[name] = cells
	}
	return cells
}

func (s *solver) instCell(id ir.ClassID, name string) *shared {
	st := &s.classes[id]
	if st.inst == nil {
		st.inst = map[string]*shared{}
	}
	c := st.inst[name]
	if c == nil {
		c = &shared{}
		st.inst[name] = c
	}
	return c
}

// anyAttr is what may stand in an attribute of every object of a class, whatever was put into the object itself.
func (s *solver) anyAttr(id ir.ClassID, name string, reader ir.FuncID) *value.Value {
	var v *value.Value
	for _, t := range s.mro(id) {
		if t.Kind == semantic.TargetClass {
			c := s.anyCell(t.Class, name)
			c.read(reader)
			v = s.join(v, c.joined)
		}
	}
	return v
}

func (s *solver) anyCell(id ir.ClassID, name string) *shared {
	st := &s.classes[id]
	if st.anyInst == nil {
		st.anyInst = map[string]*shared{}
	}
	c := st.anyInst[name]
	if c == nil {
		c = &shared{}
		st.anyInst[name] = c
	}
	return c
}

// externalBases are the library classes that a class inherits from.
func (s *solver) externalBases(id ir.ClassID) []string {
	var out []string
	for _, t := range s.mro(id) {
		if t.Kind == semantic.TargetExternal {
			out = append(out, s.set.Canonical(t.Path))
		}
	}
	return out
}

func (s *solver) publicClassAttr(id ir.ClassID, name string) *value.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	if int(id) >= len(s.classes) {
		return nil
	}
	v, _ := s.classAttr(id, name, s.prog.Class(id).Body, ir.NoClass)
	return v
}

func (s *solver) classAttrNames(id ir.ClassID) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if int(id) >= len(s.classes) {
		return nil
	}
	s.runClassBody(s.prog.Class(id))
	return append([]string(nil), s.classes[id].order...)
}
