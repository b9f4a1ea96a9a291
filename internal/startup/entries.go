package startup

import (
	"slices"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// findRelevant marks by name the functions that could lead to a registration, and the modules that hold a word of one.
func (in *Interp) findRelevant() {
	p := in.prog
	in.relevant = make([]bool, p.NumFuncs())
	in.matters = make([]bool, len(p.Modules))
	w := wordTable{known: map[string]uint32{}, hits: []bool{false}, matters: in.opt.Matters}
	for changed := true; changed; {
		changed = false
		for _, m := range p.Modules {
			fi := p.Info(m)
			for fn := range fi.Funcs {
				id := p.FuncID(m, uint32(fn))
				if in.relevant[id] || !w.mentioned(m.Index, fi, uint32(fn)) {
					continue
				}
				in.matters[m.Index] = !m.IsTest
				// A decorator that registers does so in a function inside it, which it only gives back.
				for at, up := uint32(fn), 0; fi.Funcs[at].Kind == ir.KindFunction && up < maxInside; at, up = fi.Funcs[at].Outer, up+1 {
					in.relevant[p.FuncID(m, at)] = true
					if n := fi.FuncName(at); !common[n] {
						changed = w.hit(n) || changed
					}
				}
				in.relevant[id] = true
			}
		}
	}
}

// maxInside bounds how far out of a function that may register something the functions around it are taken to do so too.
const maxInside = 4

// wordTable numbers the names that functions call and read, and says which of them lead to a registration.
type wordTable struct {
	known   map[string]uint32
	hits    []bool
	bySym   [][]uint32 // by module and Sym of its file: the number, 0 when it has none yet
	matters func(string) bool
}

func (w *wordTable) number(name string) uint32 {
	i, ok := w.known[name]
	if !ok {
		i = uint32(len(w.hits))
		w.known[name], w.hits = i, append(w.hits, w.matters(name))
	}
	return i
}

// hit marks a name and reports whether that is new.
func (w *wordTable) hit(name string) bool {
	i := w.number(name)
	isNew := !w.hits[i]
	w.hits[i] = true
	return isNew
}

// mentioned: a function calls or reads a name that is marked.
func (w *wordTable) mentioned(module int, fi *semantic.FileInfo, fn uint32) bool {
	for len(w.bySym) <= module {
		w.bySym = append(w.bySym, nil)
	}
	if w.bySym[module] == nil {
		w.bySym[module] = make([]uint32, len(fi.File.Names))
	}
	numbers := w.bySym[module]
	for _, list := range [2][]ast.Sym{fi.Calls(fn), fi.Attrs(fn)} {
		for _, s := range list {
			if numbers[s] == 0 {
				numbers[s] = w.number(fi.File.Name(s))
			}
			if w.hits[numbers[s]] {
				return true
			}
		}
	}
	return false
}

// common names say nothing about which function is called.
var common = map[string]bool{
	"__init__": true, "get": true, "post": true, "put": true, "patch": true, "delete": true, "wrapper": true, "decorator": true,
	"run": true, "main": true, "update": true, "add": true, "save": true, "create": true, "index": true, "set": true, "close": true,
	"start": true, "process": true, "__call__": true, "__enter__": true, "to_dict": true, "execute": true,
}

// runEntries calls the functions that register something and that nothing called so far, callers first.
func (in *Interp) runEntries() {
	todo := in.registering()
	for _, id := range in.callersFirst(todo) {
		in.enter(id)
	}
	for _, id := range todo {
		in.enter(id)
	}
}

// registering are the functions whose own body registers something.
func (in *Interp) registering() []ir.FuncID {
	var out []ir.FuncID
	for _, m := range in.prog.Modules {
		fi := in.prog.Info(m)
		for fn := range fi.Funcs {
			if fi.Funcs[fn].Kind != ir.KindFunction || m.IsTest {
				continue
			}
			for _, s := range fi.Calls(uint32(fn)) {
				if in.opt.Registers(fi.File.Name(s)) {
					out = append(out, in.prog.FuncID(m, uint32(fn)))
					break
				}
			}
		}
	}
	return out
}

// maxClimb bounds how far above a registering function its entry point is looked for.
const maxClimb = 6

// callersFirst climbs from functions to those that call them by name, and lists what nobody calls first.
func (in *Interp) callersFirst(ids []ir.FuncID) []ir.FuncID {
	callers := in.callersByName()
	height := map[ir.FuncID]int{}
	var climb func(id ir.FuncID, h int)
	climb = func(id ir.FuncID, h int) {
		if old, ok := height[id]; ok && old >= h || h > maxClimb {
			return
		}
		height[id] = h
		for _, c := range callers[in.prog.FuncName(id)] {
			if c != id {
				climb(c, h+1)
			}
		}
	}
	for _, id := range ids {
		climb(id, 0)
	}
	out := make([]ir.FuncID, 0, len(height))
	for id := range height {
		out = append(out, id)
	}
	slices.SortFunc(out, func(a, b ir.FuncID) int {
		if height[a] != height[b] {
			return height[b] - height[a]
		}
		return int(a) - int(b)
	})
	return out
}

// maxNamesakes: a name that more functions call says nothing about who calls what.
const maxNamesakes = 12

func (in *Interp) callersByName() map[string][]ir.FuncID {
	out := map[string][]ir.FuncID{}
	for _, m := range in.prog.Modules {
		fi := in.prog.Info(m)
		for fn := range fi.Funcs {
			id := in.prog.FuncID(m, uint32(fn))
			if fi.Funcs[fn].Kind != ir.KindFunction || !in.relevant[id] || m.IsTest {
				continue
			}
			for _, s := range fi.Calls(uint32(fn)) {
				n := fi.File.Name(s)
				if in.opt.Matters(n) && !in.opt.Registers(n) || common[n] {
					continue
				}
				out[n] = append(out[n], id)
			}
		}
	}
	for n, ids := range out {
		if len(ids) > maxNamesakes {
			delete(out, n)
		}
	}
	return out
}

// enter calls a function with what its parameters say about themselves, unless it has been called.
func (in *Interp) enter(id ir.FuncID) {
	m, local := in.prog.Where(id)
	fi := in.prog.Info(m)
	mod := in.mods[m.Index]
	if in.wasCalled(mod, fi.Funcs[local].Node) {
		return
	}
	in.root(func() {
		in.runModule(mod)
		fn := in.findFunc(mod, local)
		if fn == nil || in.wasCalled(mod, fn.Node) {
			return
		}
		in.callFunc(fn, in.entryArgs(fn))
	})
}

// findFunc is the object of a function of a module: a global, or a method of a class. Functions inside functions come
// with their owners.
func (in *Interp) findFunc(mod *Module, local uint32) *Func {
	fi := in.prog.Info(mod.IR)
	f := &fi.Funcs[local]
	if f.Class < 0 {
		if f.Outer != 0 {
			return nil
		}
		v, _ := mod.env.vars.get(fi.FuncName(local))
		return undecorated(v, f.Node)
	}
	class := in.findClass(mod, uint32(f.Class))
	if class == nil {
		return nil
	}
	v, _ := class.attrs.get(fi.FuncName(local))
	own := undecorated(v, f.Node)
	if own == nil || own.isProperty {
		return nil
	}
	fn := *own
	switch {
	case fn.isClassMethod:
		fn.self = class
	case !fn.isStatic:
		fn.self = &Instance{Class: class, attrs: &attrs{}}
	}
	return &fn
}

// undecorated is the function of a definition below its decorators.
func undecorated(v Value, node ast.NodeID) *Func {
	if f, ok := innermost(v).(*Func); ok && f.Node == node {
		return f
	}
	return nil
}

func (in *Interp) findClass(mod *Module, local uint32) *Class {
	fi := in.prog.Info(mod.IR)
	if v, ok := mod.env.vars.get(fi.File.IdentOf(fi.Classes[local].Node)); ok {
		if c, isClass := v.(*Class); isClass && c.Node == fi.Classes[local].Node {
			return c
		}
	}
	return nil
}

// entryArgs leaves defaults alone and asks the caller of Run about the rest.
func (in *Interp) entryArgs(fn *Func) Args {
	var a Args
	file := fn.Mod.file
	skip := fn.self != nil
	for _, p := range file.Params(fn.Node) {
		id := ast.NodeID(p)
		kind := file.ParamKindOf(id)
		if kind == ast.VarArgs || kind == ast.VarKeyword {
			continue
		}
		if skip {
			skip = false
			continue
		}
		name := file.IdentOf(id)
		if file.SlotC(id) != 0 && in.opt.Param(in, name) == nil {
			continue
		}
		v := in.opt.Param(in, name)
		if v == nil {
			v = &Unknown{Path: "?" + name, Open: true}
		}
		a.Kw = append(a.Kw, Kw{name, v})
	}
	return a
}
