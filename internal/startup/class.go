package startup

import (
	"stopper/internal/python/ast"
)

// class runs a class body.
func (in *Interp) class(id ast.NodeID) *Class {
	m := in.frame.mod
	file := m.file
	c := &Class{Mod: m, Node: id, Name: file.IdentOf(id), attrs: &attrs{}}
	var bases []Value
	for _, a := range file.ListB(id) {
		if n := ast.NodeID(a); file.Kind(n) != ast.Keyword {
			bases = append(bases, in.eval(n))
		}
	}
	c.linearize(bases)
	saved := in.frame.env
	env := newEnv(m, saved)
	env.isClass, env.vars = true, c.attrs
	in.frame.env = env
	in.body(file.Body(id))
	in.frame.env = saved
	for _, name := range c.attrs.order {
		v, _ := c.attrs.get(name)
		if f, ok := v.(*Func); ok && f.class == nil && f.native == nil {
			f.class = c
			own(f, c)
		}
	}
	return c
}

// own tells the functions below decorators which class they stand in.
func own(f *Func, c *Class) {
	for range 64 {
		under, ok := f.Under.(*Func)
		if !ok || under.class != nil {
			return
		}
		under.class = c
		f = under
	}
}

// linearize computes the order in which attributes are looked up: C3 where it exists, else depth first.
func (c *Class) linearize(bases []Value) {
	c.mro = []Value{c}
	var lists [][]Value
	var direct []Value
	for _, b := range bases {
		switch b := b.(type) {
		case *Class:
			lists = append(lists, b.mro)
			direct = append(direct, b)
			c.hasUnknown = c.hasUnknown || b.hasUnknown
		default:
			u, ok := b.(*Unknown)
			if !ok {
				u = unknown
			}
			c.hasUnknown = c.hasUnknown || u.Path != "builtins.object"
			lists = append(lists, []Value{u})
			direct = append(direct, u)
		}
	}
	lists = append(lists, direct)
	for len(c.mro) < 64 {
		next := nextClass(lists)
		if next == nil {
			return
		}
		c.mro = append(c.mro, next)
		for i := range lists {
			if len(lists[i]) > 0 && lists[i][0] == next {
				lists[i] = lists[i][1:]
			}
		}
	}
}

// nextClass is the first head that is in no tail; the first head when there is none.
func nextClass(lists [][]Value) Value {
	var first Value
	for _, l := range lists {
		if len(l) == 0 {
			continue
		}
		if first == nil {
			first = l[0]
		}
		inTail := false
		for _, o := range lists {
			for i := 1; i < len(o); i++ {
				inTail = inTail || o[i] == l[0]
			}
		}
		if !inTail {
			return l[0]
		}
	}
	return first
}

// construct makes an instance and runs __init__.
func (in *Interp) construct(c *Class, args Args) Value {
	inst := &Instance{Class: c, attrs: &attrs{}, Made: in.Place()}
	if init := in.lookup(c, "__init__"); init != nil {
		in.call(in.bound(init, inst, c), args)
	}
	if len(args.Pos) == 1 && isView(args.Pos[0]) && !c.isLib() {
		if _, isClass := args.Pos[0].(*Class); !isClass {
			if w := in.Wrapped(inst, args.Pos[0], in.guard(c.Mod.Name+"."+c.Name, nil)); w != nil {
				inst.Under, inst.By = args.Pos[0], w.(*Instance).By
			}
		}
	}
	return inst
}

func (c *Class) isLib() bool { return c.Mod == nil || c.Mod.isLib }

// superOf is super() or super(C, self).
func (in *Interp) superOf(words []uint32) Value {
	f := in.frame
	for f != nil && (f.fn == nil || f.fn.class == nil) {
		f = f.up
		if f != nil && f.mod != in.frame.mod {
			return unknown
		}
	}
	if f == nil {
		return unknown
	}
	params := f.mod.file.Params(f.fn.Node)
	if len(params) == 0 {
		return unknown
	}
	self, _ := f.env.vars.get(f.mod.file.IdentOf(ast.NodeID(params[0])))
	after := f.fn.class
	if len(words) == 2 {
		if c, ok := in.eval(ast.NodeID(words[0])).(*Class); ok {
			after = c
		}
	}
	return super{after, self}
}
