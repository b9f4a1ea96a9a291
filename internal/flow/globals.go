package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// maxImportDepth bounds how deep module bodies run inside each other.
const maxImportDepth = 60

type modState struct {
	status  status
	globals map[string]*shared
	targets map[string]semantic.Target // what names lead to
	isTest  bool                       // left out, unless the program imports it
}

func (s *solver) globalCell(m *ir.Module, name string) *shared {
	st := &s.mods[m.Index]
	if st.globals == nil {
		st.globals = map[string]*shared{}
	}
	c := st.globals[name]
	if c == nil {
		c = &shared{}
		st.globals[name] = c
	}
	return c
}

// runModule executes a module body once, when the first import asks for it.
func (s *solver) runModule(m *ir.Module) {
	st := &s.mods[m.Index]
	if st.status != fresh || s.ctx.Err() != nil {
		return
	}
	if s.depth > maxImportDepth {
		s.trip(s.fn(m.Body), limitImportNest)
		return
	}
	st.status = running
	s.summary(m.Body)
	st.status = done
}

// finishModule gives the globals the values that they have at the end of the body.
func (f *frame) finishModule() {
	for _, name := range f.info.extraNames {
		i := f.info.extra[name]
		c := f.s.globalCell(f.fn.Module, name)
		if f.exit != nil && f.exit[i] != nil {
			c.joined = join(f.exit[i], c.foreign)
		}
	}
	f.touchShared()
	f.s.global.merge(&f.retHp)
}

func (f *frame) loadGlobal(in *ir.Instr) *value.Value {
	switch in.Name {
	case "__name__":
		// The file may be imported, or be the program that is run.
		return value.OfConsts([]ir.Const{strConst(f.fn.Module.Name), strConst("__main__")})
	case "__file__":
		return value.OfType("str")
	}
	if f.fn.Kind == ir.KindModule {
		if i, ok := f.info.extra[in.Name]; ok && f.vars[i] != nil {
			v := f.vars[i]
			if c := f.s.globalCell(f.fn.Module, in.Name); c.foreign != nil {
				v = join(v, c.foreign)
			}
			return v
		}
	}
	return f.s.global1(f.fn.Module, in.Name, f.fn.ID)
}

// global1 is a module-level name as another function sees it.
func (s *solver) global1(m *ir.Module, name string, reader ir.FuncID) *value.Value {
	if st := &s.mods[m.Index]; st.globals != nil {
		if c := st.globals[name]; c != nil && c.joined != nil {
			c.read(reader)
			return c.joined
		}
	}
	return s.target(s.resolve(m, name), reader)
}

// manyReaders is from where on the readers of a variable are looked up in a set.
const manyReaders = 16

// readers are the functions that read something, each once.
type readers struct {
	ids []ir.FuncID
	has []uint64 // once there are many: a bit for each function
}

func (r *readers) add(id ir.FuncID) {
	if n := len(r.ids); n > 0 && r.ids[n-1] == id { // nearly always who read it last
		return
	}
	switch {
	case r.has != nil:
		if w := int(id / 64); w < len(r.has) && r.has[w]>>(id%64)&1 != 0 {
			return
		}
		r.mark(id)
	case slices.Contains(r.ids, id):
		return
	case len(r.ids) >= manyReaders:
		for _, other := range r.ids {
			r.mark(other)
		}
		r.mark(id)
	}
	r.ids = append(r.ids, id)
}

func (r *readers) mark(id ir.FuncID) {
	w := int(id / 64)
	if w >= len(r.has) {
		r.has = append(r.has, make([]uint64, w+1-len(r.has))...)
	}
	r.has[w] |= 1 << (id % 64)
}

func (c *shared) read(id ir.FuncID) { c.readers.add(id) }

func ofModule(m *ir.Module) *value.Value {
	return value.OfObj(value.Obj{Kind: value.ObjModule, Func: m.Body})
}

// moduleOf is the module that an object is.
func (s *solver) moduleOf(o *value.Obj) *ir.Module {
	m, _ := s.prog.Where(o.Func)
	return m
}

// target is the value of what a name resolves to.
func (s *solver) target(t semantic.Target, reader ir.FuncID) *value.Value {
	var v *value.Value
	switch t.Kind {
	case semantic.TargetModule:
		v = ofModule(t.Module)
	case semantic.TargetFunc:
		v = value.OfObj(value.Obj{Kind: value.ObjFunc, Func: t.Func})
	case semantic.TargetClass:
		v = value.OfObj(value.Obj{Kind: value.ObjClass, Class: t.Class})
	case semantic.TargetExternal:
		return s.external(t.Path)
	case semantic.TargetVar:
		s.runModule(t.Module)
		c := s.globalCell(t.Module, t.Name)
		c.read(reader)
		v = c.joined
	}
	if v == nil || t.Rest != "" {
		return value.Unknown
	}
	return v
}

func (s *solver) newExternal(path string) *value.Value {
	switch path {
	case "builtins.True":
		return value.Bool(true)
	case "builtins.False":
		return value.Bool(false)
	case "builtins.None":
		return value.None()
	case "os.sep", "os.path.sep":
		return value.Str("/")
	case "string.ascii_letters":
		return value.Str(lowerCase + upperCase)
	case "string.ascii_lowercase":
		return value.Str(lowerCase)
	case "string.ascii_uppercase":
		return value.Str(upperCase)
	case "string.digits":
		return value.Str("0123456789")
	case "string.hexdigits":
		return value.Str("0123456789abcdefABCDEF")
	case "os.linesep":
		return value.Str("\n")
	case "os.curdir", "os.path.curdir":
		return value.Str(".")
	case "os.pardir", "os.path.pardir":
		return value.Str("..")
	case "builtins.__debug__":
		return value.Bool(true)
	}
	path = s.set.Canonical(path)
	e := s.set.Lookup(path)
	if e != nil && e.HasConst {
		return value.Str(e.Const)
	}
	return value.OfObj(value.Obj{Kind: value.ObjExternal, Path: path, Entry: e})
}

func (f *frame) setGlobal(name string, v *value.Value) {
	if f.fn.Kind == ir.KindModule {
		c := f.s.globalCell(f.fn.Module, name)
		f.vars[f.info.extra[name]] = v
		c.write(closedPart(v))
		return
	}
	f.putGlobal(f.fn.Module, name, v)
}

// putGlobal is what a function puts into a variable of a module.
func (f *frame) putGlobal(m *ir.Module, name string, v *value.Value) {
	c := f.s.globalCell(m, name)
	if hasOwnParam(v, f.fn.ID) {
		f.effect(effect{module: m, name: name, v: v, class: ir.NoClass})
		v = f.dropParams(v)
	}
	v = stored(closedPart(v))
	f.outlive(v)
	if n := join(c.foreign, v); !equal(n, c.foreign) {
		c.foreign = n
	}
	if c.write(value.WithMark(v, value.MarkGlobal)) {
		f.s.dirty(c)
	}
}

func (f *frame) importName(in *ir.Instr) *value.Value {
	im := &f.fn.Module.Imports[in.Imm]
	if im.Local == nil {
		if im.Name != "" {
			return f.s.external(im.Module + "." + im.Name)
		}
		path := im.Module
		if im.TopOnly {
			path, _, _ = strings.Cut(path, ".")
		}
		return f.s.external(path)
	}
	f.s.runModule(im.Local)
	if im.Name == "" {
		return ofModule(im.Local)
	}
	return f.s.moduleAttr(im.Local, im.Name, f.fn.ID)
}

// moduleAttr is an attribute of a module of the program.
func (s *solver) moduleAttr(m *ir.Module, name string, reader ir.FuncID) *value.Value {
	s.runModule(m)
	if name == "__name__" {
		return value.Str(m.Name)
	}
	return s.global1(m, name, reader)
}

// Captured variables.

func (s *solver) cell(fn ir.FuncID, name string) *shared {
	k := cellName{fn, name}
	c := s.cells[k]
	if c == nil {
		c = &shared{}
		s.cells[k] = c
	}
	return c
}

func (f *frame) loadCell(owner ir.FuncID, name string) *value.Value {
	c := f.s.cell(owner, name)
	if owner == f.fn.ID {
		v := c.foreign
		if i, ok := f.info.extra[name]; ok {
			v = join(f.vars[i], v)
		}
		if v == nil {
			return value.Unknown
		}
		return v
	}
	c.read(f.fn.ID)
	if c.joined == nil {
		return value.Unknown
	}
	return f.throughEnv(owner, c.joined)
}

func (f *frame) setCell(owner ir.FuncID, name string, v *value.Value) {
	c := f.s.cell(owner, name)
	i, isOwn := f.info.extra[name]
	isOwn = isOwn && owner == f.fn.ID
	if isOwn {
		f.vars[i] = v
		if len(v.Objs) > 0 && !hasParamObj(v) && f.s.isFactory(owner) {
			f.outlive(v)
		}
	} else {
		if hasOwnParam(v, f.fn.ID) {
			f.effect(effect{isCell: true, owner: owner, name: name, v: v, class: ir.NoClass})
			v = f.dropParams(v)
		}
		f.escape(v)
		c.foreign = join(c.foreign, v)
	}
	if c.write(v) {
		f.s.dirty(c)
	}
}

// hasOwnParam: only the caller of function id can say what v is.
func hasOwnParam(v *value.Value, id ir.FuncID) bool {
	for i := range v.Taint {
		if o := &v.Taint[i].Origin; o.Kind == value.OriginParam && o.Func == id {
			return true
		}
	}
	for i := range v.Objs {
		if o := &v.Objs[i]; o.Kind == value.ObjParam && o.Func == id {
			return true
		}
	}
	return false
}

// makeFunc makes a function object; defaults are part of the summary's environment.
func (f *frame) makeFunc(in *ir.Instr) *value.Value {
	id := ir.FuncID(in.Imm)
	for _, a := range f.fn.ArgsOf(in) {
		v := f.get(a.Reg)
		f.escape(v)
		closed := closedPart(v)
		f.s.defaults(id, a.Name, closed)
		if closed != v && len(f.inner) < maxCells {
			f.inner = append(f.inner, innerDefault{id, a.Name, v})
		}
	}
	return value.OfObj(value.Obj{Kind: value.ObjFunc, Func: id, Site: value.Site{Context: f.env}})
}

// defaults keeps the default value of a parameter.
func (s *solver) defaults(id ir.FuncID, name string, v *value.Value) {
	s.cell(id, "="+name).write(v)
}

func (s *solver) defaultOf(id ir.FuncID, name string) *value.Value {
	if c := s.cells[cellName{id, "=" + name}]; c != nil {
		return c.joined
	}
	return nil
}

// escape copies what a value points to into the global heap.
func (f *frame) escape(v *value.Value) {
	e := escape{f: f, to: &f.s.global, room: maxEscape}
	e.value(v, 0)
}

// maxEscape bounds the objects that one value takes along, maxEscapeDepth objects in objects.
const (
	maxEscape      = 64
	maxEscapeDepth = 4
)

// escape is what one value takes along.
type escape struct {
	f    *frame
	to   *store
	room int
	// lasts: what is taken along is there for all requests.
	lasts bool
}

func (e *escape) value(v *value.Value, depth int) {
	if v == nil {
		return
	}
	f, to := e.f, e.to
	for i := range v.Objs {
		k, ok := keyOf(&v.Objs[i])
		if !ok || k.kind == value.ObjParam {
			continue
		}
		isLeft := f.fn.Kind <= ir.KindLambda && f.s.isShared(k)
		if e.lasts && v.Objs[i].Kind != value.ObjLibrary {
			f.s.lastsFrom(k.site)
		}
		id, ok := f.s.keys.find(k)
		if !ok {
			continue
		}
		o := f.find(id)
		if o == nil || to.at(id) == o || isLeft {
			continue // what belongs to the process is left behind at the end of the function
		}
		if e.room--; e.room < 0 || depth > maxEscapeDepth {
			f.s.trip(f.fn, limitTaken)
			return
		}
		old := to.at(id)
		n := joinObjects(old, e.f.withoutParams(o))
		if old != nil && equalObjects(old, n) {
			continue
		}
		to.put(id, n)
		for j := range o.cells {
			e.value(o.cells[j].value, depth+1)
		}
		for _, elem := range o.elems {
			e.value(elem, depth+1)
		}
		e.value(o.star, depth+1)
	}
}

// object finds the cells of an object in the frame, then among what outlived its function.
func (f *frame) object(k objKey) *object {
	id, ok := f.s.keys.find(k)
	if !ok && !f.s.isShared(k) {
		return nil
	}
	if ok {
		if o := f.find(id); o != nil {
			return o
		}
		if !f.s.isShared(k) {
			o := f.s.global.at(id)
			if o != nil && k.kind == value.ObjSite && (o.typ == queueType || int(k.site.Func) < len(f.s.funcs) && f.s.funcs[k.site.Func].lasts) {
				f.s.reads(k, f.fn.ID)
			}
			return o
		}
	}
	f.s.reads(k, f.fn.ID)
	for _, outer := range f.s.frames {
		if outer.fn.ID == k.site.Func && outer != f {
			// The body that makes it is still running, and calls this function.
			if o := outer.heap.get(k); o != nil {
				return o
			}
		}
	}
	return f.s.global.get(k)
}

func (s *solver) moduleGlobal(m *ir.Module, name string) *value.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m == nil || m.Index >= len(s.mods) {
		return nil
	}
	if c := s.mods[m.Index].globals[name]; c != nil {
		return c.joined
	}
	if t := s.prog.ResolveName(m, name); t.Kind == semantic.TargetFunc || t.Kind == semantic.TargetClass {
		return s.target(t, m.Body)
	}
	return nil
}

// annotated is the value that an annotation promises: an instance of a class of the program or of a library type.
func (f *frame) annotated(n ast.NodeID) *value.Value {
	file := f.fn.Module.File
	if n == 0 || file == nil {
		return nil
	}
	name := semantic.DottedName(file, n)
	if name == "" {
		return nil
	}
	t := f.s.prog.ResolveName(f.fn.Module, name)
	switch {
	case t.Kind == semantic.TargetClass && t.Rest == "":
		return value.OfObj(value.Obj{Kind: value.ObjInstance, Class: t.Class})
	case t.Kind == semantic.TargetExternal:
		switch t.Path {
		case "builtins.int", "builtins.bool", "builtins.float":
			return nil
		}
		path := f.s.set.Canonical(t.Path)
		if e := f.s.set.Lookup(path); e != nil && e.IsType {
			return value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: path, Entry: e})
		}
	}
	return nil
}

// withoutParams is an object as functions see it that know nothing of this one's parameters: what the caller passed would be the
// words of nobody there, and leave no room for those of others.
func (f *frame) withoutParams(o *object) *object {
	isOpen := func(v *value.Value) bool { return v != nil && hasParamLabel(v.Taint) }
	if !isOpen(o.star) && !slices.ContainsFunc(o.elems, isOpen) && !slices.ContainsFunc(o.cells, func(c cell) bool { return isOpen(c.value) }) {
		return o
	}
	n := o.clone()
	for i := range n.cells {
		n.cells[i].value = f.dropParams(n.cells[i].value)
	}
	n.elems = slices.Clone(n.elems)
	for i := range n.elems {
		n.elems[i] = f.dropParams(n.elems[i])
	}
	n.star = f.dropParams(n.star)
	return n
}
