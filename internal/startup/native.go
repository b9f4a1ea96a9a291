package startup

import (
	"slices"
	"strings"

	"stopper/internal/python/ast"
)

// Natives are the functions that stubs of the standard library need: __wraps__, __soft__, __import_module__ and the like.
// A caller adds its own.
func Natives() map[string]Native {
	return map[string]Native{
		"__wraps__": wraps, "__partial__": partial, "__soft__": func(_ *Interp, a Args) Value { return soften(first(a)) },
		"__import_module__": importModule, "__import_string__": importString, "__place__": placeOf, "__at__": atPlace,
		"__later__": later, "__property__": flagged(func(f *Func) { f.isProperty = true }), "__required__": required,
		"__unknown__": func(*Interp, Args) Value { return unknown }, "__uppers__": uppers,
		"__isclass__": func(in *Interp, a Args) Value {
			return each(first(a), func(v Value) Value {
				_, ok := v.(*Class)
				return softless(ok || isUnknown(v), isUnknown(v))
			})
		},
		"__isfunction__": func(in *Interp, a Args) Value {
			return each(first(a), func(v Value) Value {
				_, ok := v.(*Func)
				return softless(ok, isUnknown(v))
			})
		},
	}
}

func softless(b, isUnknown bool) Value {
	if isUnknown {
		return unknown
	}
	return Bool{B: b}
}

// wraps is functools.wraps: its argument is what the decorated function wraps.
func wraps(_ *Interp, args Args) Value {
	view := first(args)
	return &Func{Name: "wraps", native: func(_ *Interp, a Args) Value {
		f, ok := first(a).(*Func)
		if !ok || !isView(view) {
			return first(a)
		}
		c := *f
		c.Under = view
		return &c
	}}
}

func partial(in *Interp, args Args) Value {
	f, ok := first(args).(*Func)
	if !ok {
		return first(args)
	}
	in.charge(8 * (len(f.pos) + len(f.kw)))
	c := *f
	c.pos = append(append([]Value(nil), f.pos...), args.Pos[1:]...)
	c.kw = append(append([]Kw(nil), f.kw...), args.Kw...)
	return &c
}

func importModule(in *Interp, args Args) Value {
	return each(first(args), func(v Value) Value {
		name, ok := v.(Str)
		if !ok {
			return unknown
		}
		full := name.S
		if strings.HasPrefix(full, ".") {
			pkg, _ := args.At(1, "package")
			p, isStr := pkg.(Str)
			if !isStr {
				return unknown
			}
			full = relative(p.S, full)
		}
		if m := in.ImportModule(full); m != nil {
			return m
		}
		return in.external(full)
	})
}

func relative(pkg, name string) string {
	up := len(name) - len(strings.TrimLeft(name, "."))
	for range up - 1 {
		i := strings.LastIndexByte(pkg, '.')
		if i < 0 {
			return name
		}
		pkg = pkg[:i]
	}
	return strings.TrimSuffix(pkg+"."+name[up:], ".")
}

// importString is werkzeug.utils.import_string: "package.module:name" or "package.module.name".
func importString(in *Interp, args Args) Value {
	return each(first(args), func(v Value) Value {
		s, ok := v.(Str)
		if !ok {
			return unknown
		}
		name := strings.Replace(s.S, ":", ".", 1)
		if m := in.ImportModule(name); m != nil {
			return m
		}
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return unknown
		}
		if m := in.ImportModule(name[:i]); m != nil {
			return in.attr(m, name[i+1:])
		}
		return in.external(name)
	})
}

func placeOf(in *Interp, _ Args) Value { return in.Place() }

func atPlace(in *Interp, args Args) Value {
	if len(args.Pos) < 2 {
		return unknown
	}
	p, ok := args.Pos[0].(Place)
	v := Value(unknown)
	if ok {
		in.at(p, func() { v = in.call(args.Pos[1], Args{Pos: args.Pos[2:]}) })
	}
	return v
}

func later(in *Interp, args Args) Value {
	if len(args.Pos) > 0 {
		in.Later(args.Pos[0], Args{Pos: args.Pos[1:], Kw: args.Kw})
	}
	return None{}
}

// params are the names of a function's parameters, self left out.
// required are the pairs of name and URL part of the parameters of a method that have no default: `<name>`, `<int:name>`.
func required(in *Interp, args Args) Value {
	l := &List{}
	f, ok := innermost(first(args)).(*Func)
	if !ok || f.Node == 0 {
		return l
	}
	file := f.Mod.file
	for _, p := range file.Params(f.Node) {
		id := ast.NodeID(p)
		name, kind := file.IdentOf(id), file.ParamKindOf(id)
		if name == "self" || kind != ast.PosOnly && kind != ast.PosOrKeyword || file.Nodes[id].C != 0 {
			continue
		}
		part := "<" + name + ">"
		switch t := file.Nodes[id].B; {
		case t == 0 || file.Nodes[t].Kind != ast.Name:
		case file.IdentOf(ast.NodeID(t)) == "str":
			part = "<string:" + name + ">"
		case slices.Contains([]string{"int", "float"}, file.IdentOf(ast.NodeID(t))):
			part = "<" + file.IdentOf(ast.NodeID(t)) + ":" + name + ">"
		case file.IdentOf(ast.NodeID(t)) == "UUID":
			part = "<uuid:" + name + ">"
		}
		l.add(&List{Elems: []Value{Str{S: name}, Str{S: part}}})
	}
	return l
}

// uppers are the attributes with upper-case names of a class, module or what a dotted name leads to.
func uppers(in *Interp, args Args) Value {
	v := first(args)
	if _, ok := v.(Str); ok {
		v = importString(in, args)
	}
	if c, ok := v.(*Instance); ok {
		v = c.Class
	}
	out := newDict()
	names, _ := in.iterate(builtinDir(in, Args{Pos: []Value{v}}))
	for _, n := range names {
		if s, ok := n.(Str); ok && s.S == strings.ToUpper(s.S) && !strings.HasPrefix(s.S, "_") {
			out.set(s, in.attr(v, s.S))
		}
	}
	return out
}
