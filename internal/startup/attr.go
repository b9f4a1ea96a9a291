package startup

import (
	"slices"
	"strings"
)

// Attr is v.name, for natives.
func (in *Interp) Attr(v Value, name string) Value { return in.attr(v, name) }

// attr is v.name.
func (in *Interp) attr(v Value, name string) Value {
	switch x := v.(type) {
	case *Instance:
		return in.instAttr(x, name)
	case *Class:
		return in.classAttr(x, name)
	case *Module:
		if got := in.moduleAttr(x, name); got != nil {
			return got
		}
		if name == "__name__" {
			return Str{S: x.Name}
		}
		return library(x.Name + "." + name)
	case *Func:
		return in.funcAttr(x, name)
	case super:
		return in.superAttr(x, name)
	case *Unknown:
		if name != "" && name[0] >= 'A' && name[0] <= 'Z' && isModulePath(x.Path) { // sqla.ModelView, after from flask_admin.contrib import sqla
			if c, ok := in.external(x.Path + "." + name).(*Class); ok {
				return c
			}
		}
		return x.below("." + name)
	case *Union:
		return each(x, func(v Value) Value {
			if _, isNone := v.(None); isNone {
				return unknown
			}
			return in.attr(v, name)
		})
	case Str, *List, *Dict, Int:
		return method{v, name}
	}
	return unknown
}

// isModulePath: what a library has under the path may be a module, and is no call or class.
func isModulePath(path string) bool {
	return path != "" && strings.Trim(path, "abcdefghijklmnopqrstuvwxyz0123456789_.") == ""
}

// lookup finds an attribute along the order of resolution; nil when no class that is known has it.
func (in *Interp) lookup(c *Class, name string) Value {
	for _, k := range c.mro {
		if k, ok := k.(*Class); ok {
			if v, has := k.attrs.get(name); has {
				return in.resolveAttr(k, name, v)
			}
		}
	}
	return nil
}

// resolveAttr looks up an import in a class body.
func (in *Interp) resolveAttr(c *Class, name string, v Value) Value {
	if l, ok := v.(lazy); ok {
		if got := in.moduleAttr(l.mod, l.name); got != nil {
			return got
		}
		return unknown
	}
	return v
}

// bound binds a function found in a class.
func (in *Interp) bound(v Value, self Value, c *Class) Value {
	f, ok := v.(*Func)
	if !ok {
		return v
	}
	switch {
	case f.isStatic, f.self != nil:
		return f
	case f.isClassMethod:
		b := *f
		b.self = c
		return &b
	case self == nil:
		return f
	case f.isProperty:
		return in.callFunc(&Func{Mod: f.Mod, Node: f.Node, Name: f.Name, env: f.env, class: f.class, defaults: f.defaults, hasDefaults: f.hasDefaults, native: f.native}, Args{Pos: []Value{self}})
	}
	b := *f
	b.self = self
	return &b
}

func (in *Interp) instAttr(x *Instance, name string) Value {
	if v, ok := x.attrs.get(name); ok {
		return v
	}
	switch name {
	case "__class__":
		return x.Class
	case "__dict__":
		return in.attrDict(x.attrs)
	}
	if v := in.lookup(x.Class, name); v != nil {
		return in.bound(v, x, x.Class)
	}
	if x.Under != nil {
		return in.attr(x.Under, name)
	}
	for _, k := range x.Class.mro {
		if u, ok := k.(*Unknown); ok && u.Path != "" && u.Path != "builtins.object" {
			return u.below("()." + name)
		}
		if c, ok := k.(*Class); ok && c.Mod != nil && c.Mod.isLib {
			return library(c.Mod.Name + "." + c.Name + "." + name)
		}
	}
	return library("." + name)
}

func (in *Interp) attrDict(a *attrs) Value {
	d := newDict()
	for _, n := range a.order {
		if v, ok := a.get(n); ok {
			d.set(Str{S: n}, v)
		}
	}
	return d
}

func (in *Interp) classAttr(c *Class, name string) Value {
	if v := in.lookup(c, name); v != nil {
		return in.bound(v, nil, c)
	}
	switch name {
	case "__name__", "__qualname__":
		return Str{S: c.Name}
	case "__module__":
		if c.Mod != nil {
			return Str{S: c.Mod.Name}
		}
	case "__dict__":
		return in.attrDict(c.attrs)
	case "__mro__":
		return &List{Elems: c.mro}
	case "__subclasses__":
		return method{c, name}
	case "__doc__":
		return None{}
	}
	for _, k := range c.mro {
		if u, ok := k.(*Unknown); ok && u.Path != "" && u.Path != "builtins.object" {
			return u.below("." + name)
		}
	}
	return unknown
}

func (in *Interp) funcAttr(f *Func, name string) Value {
	if v, ok := f.attrs.get(name); ok {
		return v
	}
	switch name {
	case "__name__", "__qualname__":
		if u, ok := f.Under.(*Func); ok && f.Node == u.Node {
			return in.funcAttr(u, name)
		}
		if c, ok := f.Under.(*Class); ok {
			return Str{S: c.Name}
		}
		if u, ok := f.Under.(*Func); ok {
			return in.funcAttr(u, name)
		}
		return Str{S: f.Name}
	case "__module__":
		if f.Mod != nil {
			return Str{S: f.Mod.Name}
		}
	case "__wrapped__":
		if f.Under != nil {
			return f.Under
		}
	case "__func__":
		return f
	case "__self__":
		if f.self != nil {
			return f.self
		}
	case "__doc__":
		return None{}
	case "setter", "getter", "deleter":
		if f.isProperty {
			return &Func{Name: name, native: func(*Interp, Args) Value { return f }}
		}
	}
	if f.Under != nil {
		return in.attr(f.Under, name)
	}
	return unknown
}

func (in *Interp) superAttr(s super, name string) Value {
	var c *Class
	switch self := s.self.(type) {
	case *Instance:
		c = self.Class
	case *Class:
		c = self
	default:
		return unknown
	}
	found := false
	for _, k := range c.mro {
		if !found {
			found = k == Value(s.after)
			continue
		}
		switch k := k.(type) {
		case *Class:
			if v, ok := k.attrs.get(name); ok {
				if inst, isInst := s.self.(*Instance); isInst {
					return in.bound(v, inst, c)
				}
				return in.bound(v, nil, c)
			}
		case *Unknown:
			if k.Path != "" && k.Path != "builtins.object" {
				return k.below("." + name)
			}
		}
	}
	return unknown
}

// IsA reports whether a value is an instance of a library class or of one derived from it; known is false when that cannot
// be told. The class is named by its stub or by its dotted path.
func (in *Interp) isA(v, class Value) truth {
	if l, ok := class.(*List); ok {
		out := no
		for _, c := range l.Elems {
			switch in.isA(v, c) {
			case yes:
				return yes
			case maybe:
				out = maybe
			}
		}
		return out
	}
	return in.isOneA(v, class)
}

func (in *Interp) isOneA(v, class Value) truth {
	name := ""
	if u, ok := class.(*Unknown); ok {
		name = strings.TrimPrefix(u.Path, "builtins.")
	}
	if f, ok := class.(*Func); ok && f.native != nil {
		name = f.Name
	}
	switch x := v.(type) {
	case Str:
		return of(name == "str" || name == "basestring")
	case Int:
		return of(name == "int")
	case Bool:
		return of(name == "bool" || name == "int")
	case *List:
		if name == "list" || name == "tuple" || name == "set" || name == "frozenset" {
			return yes
		}
		if name == "str" || name == "dict" || name == "int" {
			return no
		}
		return maybe
	case *Dict:
		return of(name == "dict" || name == "Mapping")
	case None:
		return no
	case *Module:
		return of(name == "types.ModuleType" || strings.HasSuffix(name, "ModuleType"))
	case *Func:
		return of(strings.HasSuffix(name, "FunctionType") || strings.HasSuffix(name, "Callable"))
	case *Class:
		return of(name == "type" || strings.HasSuffix(name, "ClassType"))
	case *Instance:
		return in.inherits(x.Class, class)
	}
	return maybe
}

func (in *Interp) inherits(c *Class, class Value) truth {
	if slices.Contains(c.mro, class) {
		return yes
	}
	if u, ok := class.(*Unknown); ok {
		for _, k := range c.mro {
			if b, isUnknown := k.(*Unknown); isUnknown && b.Path == u.Path && u.Path != "" {
				return yes
			}
		}
		if u.Path == "" {
			return maybe
		}
	}
	if c.hasUnknown {
		if _, isClass := class.(*Class); !isClass {
			return maybe
		}
	}
	return no
}

// Opaque is an object of which nothing is known.
func Opaque() *Instance {
	return &Instance{Class: &Class{attrs: &attrs{}, mro: []Value{unknown}, hasUnknown: true}, attrs: &attrs{}}
}

// SetAttr is obj.name = v, for natives.
func (in *Interp) SetAttr(obj Value, name string, v Value) { in.setAttr(obj, name, v) }

// Bases are the classes of the order of resolution that are known, the class itself first.
func (c *Class) Bases() []*Class {
	var out []*Class
	for _, k := range c.mro {
		if k, ok := k.(*Class); ok {
			out = append(out, k)
		}
	}
	return out
}

// Names are the attributes of the class's own body, in order.
func (c *Class) Names() []string { return c.attrs.order }
