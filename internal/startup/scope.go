package startup

import (
	"stopper/internal/python/ast"
)

// undo is one write that a branch made.
type undo struct {
	a    *attrs
	name string
	old  Value
	had  bool
}

// write sets a name and remembers the old value while a branch is being tried, unless the branch itself made the name space:
// there is nothing to go back to.
func (in *Interp) write(a *attrs, name string, v Value) {
	if in.journaling > 0 && a.born < in.since {
		old, had := a.get(name)
		in.journal = append(in.journal, undo{a, name, old, had})
	}
	if v == nil {
		a.unset(name)
		return
	}
	a.set(name, v)
}

// change is what a branch left in a name.
type change struct {
	a    *attrs
	name string
	v    Value // nil: deleted
	old  Value // before the branch, nil: not there
}

// try runs a branch and takes its writes back; it returns them.
func (in *Interp) try(work func()) []change {
	mark, since := len(in.journal), in.since
	in.clock++
	in.since = in.clock
	in.journaling++
	in.cond++
	work()
	in.cond--
	in.journaling--
	in.since = since
	var out []change
	seen := map[undoKey]int{}
	for i := len(in.journal) - 1; i >= mark; i-- {
		u := in.journal[i]
		k := undoKey{u.a, u.name}
		at, ok := seen[k]
		if !ok {
			v, _ := u.a.get(u.name)
			at = len(out)
			seen[k] = at
			out = append(out, change{a: u.a, name: u.name, v: v})
		}
		out[at].old = u.old
		if u.had {
			u.a.set(u.name, u.old)
		} else {
			u.a.unset(u.name)
		}
	}
	in.journal = in.journal[:mark]
	return out
}

type undoKey struct {
	a    *attrs
	name string
}

// either makes the writes of two branches of which nobody knows which one runs.
func (in *Interp) either(first, second []change) {
	byKey := map[undoKey]change{}
	for _, c := range second {
		byKey[undoKey{c.a, c.name}] = c
	}
	for _, c := range first {
		k := undoKey{c.a, c.name}
		if o, ok := byKey[k]; ok {
			in.write(c.a, c.name, join(c.v, o.v))
			delete(byKey, k)
			continue
		}
		in.write(c.a, c.name, join(c.v, c.old))
	}
	for _, c := range second {
		if _, ok := byKey[undoKey{c.a, c.name}]; ok {
			in.write(c.a, c.name, join(c.v, c.old))
		}
	}
}

// apply makes the writes of a branch that is the only one to go on.
func (in *Interp) apply(cs []change) {
	for _, c := range cs {
		in.write(c.a, c.name, c.v)
	}
}

// fill makes the writes of an unlikely branch where the likely one left nothing.
func (in *Interp) fill(cs []change) {
	for _, c := range cs {
		if v, ok := c.a.get(c.name); (!ok || isUnknown(v)) && c.v != nil {
			in.write(c.a, c.name, c.v)
		}
	}
}

// load is the value of a name.
func (in *Interp) load(env *Env, name string) Value {
	if e := env.elsewhere[name]; e != nil {
		env = e
	}
	first := true
	for e := env; e != nil; e = e.parent {
		if e.isClass && !first {
			continue
		}
		first = false
		if v, ok := e.vars.get(name); ok {
			return in.resolve(e, name, v)
		}
		if v := in.fromStars(e, name); v != nil {
			return v
		}
	}
	return in.builtin(env.mod, name)
}

// resolve looks an imported name up at last.
func (in *Interp) resolve(e *Env, name string, v Value) Value {
	l, ok := v.(lazy)
	if !ok {
		return v
	}
	got := in.moduleAttr(l.mod, l.name)
	if got == nil {
		return unknown
	}
	if l.mod.state == done {
		e.vars.set(name, got)
	}
	return got
}

// starSearch is a name that was looked up among the star imports of a scope.
type starSearch struct {
	e    *Env
	name string
}

// fromStars finds a name that a star import brought. Modules import each other in circles and on many ways: one search
// asks each of them once.
func (in *Interp) fromStars(e *Env, name string) Value {
	k := starSearch{e, name}
	if len(e.stars) == 0 || in.starred[k] {
		return nil
	}
	if in.starred == nil {
		in.starred = map[starSearch]bool{}
		defer func() { in.starred = nil }()
	}
	in.starred[k] = true
	for i := len(e.stars) - 1; i >= 0; i-- {
		m := e.stars[i]
		in.runModule(m)
		if v, ok := m.env.vars.get(name); ok {
			return in.resolve(m.env, name, v)
		}
		if m.env != e && len(m.env.stars) > 0 && in.depth < maxDepth {
			in.depth++
			v := in.fromStars(m.env, name)
			in.depth--
			if v != nil {
				return v
			}
		}
	}
	return nil
}

// moduleAttr is module.name: a global, or a submodule; nil when there is neither.
func (in *Interp) moduleAttr(m *Module, name string) Value {
	in.runModule(m)
	if m.env != nil {
		if v, ok := m.env.vars.get(name); ok {
			if l, isLazy := v.(lazy); isLazy && l.mod == m && l.name == name {
				return nil
			}
			if in.depth >= maxDepth {
				return unknown
			}
			in.depth++
			defer func() { in.depth-- }()
			return in.resolve(m.env, name, v)
		}
		if v := in.fromStars(m.env, name); v != nil {
			return v
		}
	}
	if m.isLib {
		return nil
	}
	if sub := in.prog.Module(m.Name + "." + name); sub != nil && m.IR.IsPackage {
		return in.module(sub, true)
	}
	return nil
}

// bind gives a name of the current scope a value.
func (in *Interp) bind(name string, v Value) {
	env := in.frame.env
	if e := env.elsewhere[name]; e != nil {
		env = e
	}
	in.write(env.vars, name, v)
}

// assign stores into a target.
func (in *Interp) assign(target ast.NodeID, v Value) {
	file := in.frame.mod.file
	switch file.Kind(target) {
	case ast.Name:
		in.bind(file.IdentOf(target), v)
	case ast.Attribute:
		obj := in.eval(file.SlotA(target))
		in.setAttr(obj, file.IdentOf(target), v)
	case ast.Subscript:
		in.setItem(in.eval(file.SlotA(target)), in.eval(file.SlotB(target)), v)
	case ast.Tuple, ast.List:
		in.unpack(file.ListA(target), v)
	case ast.Starred:
		in.assign(file.SlotA(target), v)
	}
}

func (in *Interp) unpack(targets []uint32, v Value) {
	file := in.frame.mod.file
	elems, ok := in.iterate(v)
	star := -1
	for i, t := range targets {
		if file.Kind(ast.NodeID(t)) == ast.Starred {
			star = i
		}
	}
	for i, t := range targets {
		switch {
		case !ok || star < 0 && len(elems) != len(targets) || len(elems) < len(targets)-1:
			in.assign(ast.NodeID(t), unknown)
		case star >= 0 && i == star:
			end := len(elems) - (len(targets) - 1 - star)
			in.assign(ast.NodeID(t), &List{Elems: append([]Value(nil), elems[star:max(star, end)]...)})
		case star >= 0 && i > star:
			in.assign(ast.NodeID(t), elems[len(elems)-(len(targets)-i)])
		default:
			in.assign(ast.NodeID(t), elems[i])
		}
	}
}

func (in *Interp) setAttr(obj Value, name string, v Value) {
	switch o := obj.(type) {
	case *Instance:
		if in.lookup(o.Class, "__setattr__") != nil && !o.Class.isLib() {
			return // whatever it does
		}
		in.write(o.attrs, name, v)
	case *Class:
		in.write(o.attrs, name, v)
	case *Func:
		if o.attrs == nil {
			o.attrs = &attrs{}
		}
		in.write(o.attrs, name, v)
	case *Module:
		if o.env != nil {
			in.write(o.env.vars, name, v)
		}
	case *Union:
		for _, a := range o.Alts {
			in.setAttr(a, name, v)
		}
	}
}

func (in *Interp) setItem(obj, key, v Value) {
	switch o := obj.(type) {
	case *Dict:
		in.setKey(o, key, v)
	case *List:
		if n, ok := key.(Int); ok && n.N >= 0 && n.N < int64(len(o.Elems)) {
			o.Elems[n.N] = v
			return
		}
		o.Open = true
	case *Instance:
		if m := in.attr(o, "__setitem__"); !isUnknown(m) {
			in.call(m, Args{Pos: []Value{key, v}})
		}
	}
}
