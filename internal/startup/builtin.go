package startup

import (
	"slices"
	"sort"
	"strings"

	"stopper/internal/semantic"
)

// builtin is a name that no scope of the program binds.
func (in *Interp) builtin(mod *Module, name string) Value {
	switch name {
	case "__name__":
		return Str{S: mod.Name}
	case "__file__", "__path__", "__doc__", "__package__":
		return library("?" + name)
	case "NotImplemented", "Ellipsis":
		return unknown
	}
	if fn, ok := in.builtins[name]; ok {
		return in.nativeFunc(name, fn)
	}
	if mod.isLib {
		if fn, ok := in.opt.Natives[name]; ok {
			return in.nativeFunc(name, fn)
		}
	}
	if !semantic.IsBuiltin(name) {
		return library("?" + name) // put there by whoever loads the module
	}
	return library("builtins." + name)
}

// nativeFunc is the one function object of a native.
func (in *Interp) nativeFunc(name string, fn Native) *Func {
	f := in.natives[name]
	if f == nil {
		f = &Func{Name: name, native: fn}
		in.natives[name] = f
	}
	return f
}

// builtins are the functions that start-up code leans on.
func builtins() map[string]Native {
	return map[string]Native{
		"len": builtinLen, "str": builtinStr, "list": builtinList, "tuple": builtinList, "set": builtinList, "frozenset": builtinList,
		"sorted": builtinSorted, "reversed": builtinReversed, "dict": builtinDict, "enumerate": builtinEnumerate, "zip": builtinZip,
		"range": builtinRange, "map": builtinMap, "filter": builtinFilter, "isinstance": builtinIsInstance,
		"issubclass": builtinIsSubclass, "callable": builtinCallable, "getattr": builtinGetattr, "setattr": builtinSetattr,
		"hasattr": builtinHasattr, "type": builtinType, "bool": builtinBool, "int": builtinInt, "any": builtinAny, "all": builtinAll,
		"dir": builtinDir, "vars": builtinVars, "globals": builtinGlobals, "iter": builtinList, "next": builtinNext,
		"print":        func(*Interp, Args) Value { return None{} },
		"property":     flagged(func(f *Func) { f.isProperty = true }),
		"staticmethod": flagged(func(f *Func) { f.isStatic = true }),
		"classmethod":  flagged(func(f *Func) { f.isClassMethod = true }),
	}
}

// Flagged are the decorators of the language, for stubs of functools and werkzeug too.
func flagged(set func(*Func)) Native {
	return func(_ *Interp, args Args) Value {
		if len(args.Pos) == 0 {
			return unknown
		}
		f, ok := args.Pos[0].(*Func)
		if !ok {
			return args.Pos[0]
		}
		c := *f
		set(&c)
		return &c
	}
}

func first(args Args) Value {
	if len(args.Pos) == 0 {
		return unknown
	}
	return args.Pos[0]
}

func builtinLen(in *Interp, args Args) Value {
	switch x := first(args).(type) {
	case Str:
		return Int{int64(len(x.S)), x.Soft}
	case *List:
		if !x.Open {
			return Int{N: int64(len(x.Elems))}
		}
	case *Dict:
		if !x.Open {
			return Int{N: int64(len(x.keys))}
		}
	}
	return unknown
}

func builtinStr(in *Interp, args Args) Value {
	if len(args.Pos) == 0 {
		return Str{}
	}
	return text(args.Pos[0])
}

func builtinList(in *Interp, args Args) Value {
	if len(args.Pos) == 0 {
		return &List{born: in.journaling}
	}
	elems, known := in.iterate(args.Pos[0])
	return &List{Elems: slices.Clone(elems), Open: !known, born: in.journaling}
}

// builtinSorted sorts texts; with a key the order stays, which is good enough for what registers.
func builtinSorted(in *Interp, args Args) Value {
	l := builtinList(in, args).(*List)
	if len(args.Kw) > 0 {
		return l
	}
	for _, e := range l.Elems {
		if _, ok := e.(Str); !ok {
			return l
		}
	}
	sort.SliceStable(l.Elems, func(i, j int) bool { return l.Elems[i].(Str).S < l.Elems[j].(Str).S })
	return l
}

func builtinReversed(in *Interp, args Args) Value {
	l := builtinList(in, args).(*List)
	slices.Reverse(l.Elems)
	return l
}

func builtinDict(in *Interp, args Args) Value {
	d := in.newDict()
	if len(args.Pos) > 0 {
		switch x := args.Pos[0].(type) {
		case *Dict:
			d.merge(x)
		default:
			elems, known := in.iterate(x)
			d.Open = !known
			for _, e := range elems {
				if pair, ok := e.(*List); ok && len(pair.Elems) == 2 {
					d.set(pair.Elems[0], pair.Elems[1])
				}
			}
		}
	}
	for _, k := range args.Kw {
		d.set(Str{S: k.Name}, k.V)
	}
	d.Open = d.Open || args.Open
	return d
}

func builtinEnumerate(in *Interp, args Args) Value {
	elems, known := in.iterate(first(args))
	l := &List{Open: !known}
	start := int64(0)
	if v, ok := args.At(1, "start"); ok {
		if n, isInt := v.(Int); isInt {
			start = n.N
		}
	}
	for i, e := range elems {
		l.add(&List{Elems: []Value{Int{N: start + int64(i)}, e}})
	}
	return l
}

func builtinZip(in *Interp, args Args) Value {
	l := &List{}
	lists := make([][]Value, len(args.Pos))
	shortest := maxElems
	for i, a := range args.Pos {
		elems, known := in.iterate(a)
		lists[i] = elems
		shortest = min(shortest, len(elems))
		l.Open = l.Open || !known
	}
	for i := range shortest {
		if len(lists) == 0 {
			break
		}
		row := &List{}
		for _, e := range lists {
			row.add(e[i])
		}
		l.add(row)
	}
	return l
}

func builtinRange(in *Interp, args Args) Value {
	lo, hi := int64(0), int64(0)
	ns := make([]int64, 0, 3)
	for _, a := range args.Pos {
		n, ok := a.(Int)
		if !ok {
			return unknown
		}
		ns = append(ns, n.N)
	}
	switch len(ns) {
	case 1:
		hi = ns[0]
	case 2:
		lo, hi = ns[0], ns[1]
	default:
		return unknown
	}
	l := &List{}
	for i := lo; i < hi && len(l.Elems) < maxElems; i++ {
		l.add(Int{N: i})
	}
	return l
}

func builtinMap(in *Interp, args Args) Value {
	if len(args.Pos) != 2 {
		return unknown
	}
	elems, known := in.iterate(args.Pos[1])
	l := &List{Open: !known}
	for _, e := range elems {
		l.add(in.call(args.Pos[0], Args{Pos: []Value{e}}))
	}
	return l
}

func builtinFilter(in *Interp, args Args) Value {
	if len(args.Pos) != 2 {
		return unknown
	}
	elems, known := in.iterate(args.Pos[1])
	l := &List{Open: !known}
	for _, e := range elems {
		v := e
		if _, isNone := args.Pos[0].(None); !isNone {
			v = in.call(args.Pos[0], Args{Pos: []Value{e}})
		}
		if t := truthOf(v); t != no && t != likelyNo {
			l.add(e)
		}
	}
	return l
}

func builtinIsInstance(in *Interp, args Args) Value {
	if len(args.Pos) != 2 {
		return unknown
	}
	return each(args.Pos[0], func(v Value) Value { return in.isA(v, args.Pos[1]).value() })
}

func builtinIsSubclass(in *Interp, args Args) Value {
	if len(args.Pos) != 2 {
		return unknown
	}
	c, ok := args.Pos[0].(*Class)
	if !ok {
		return unknown
	}
	classes := []Value{args.Pos[1]}
	if l, isList := args.Pos[1].(*List); isList {
		classes = l.Elems
	}
	out := no
	for _, k := range classes {
		switch in.inherits(c, k) {
		case yes:
			return Bool{B: true}
		case maybe:
			out = maybe
		}
	}
	return out.value()
}

func builtinCallable(in *Interp, args Args) Value {
	switch x := first(args).(type) {
	case *Func, *Class:
		return Bool{B: true}
	case Str, Int, Bool, None, *List, *Dict, *Module:
		return Bool{}
	case *Instance:
		if in.lookup(x.Class, "__call__") != nil {
			return Bool{B: true}
		}
		if !x.Class.hasUnknown {
			return Bool{}
		}
	}
	return unknown
}

func builtinGetattr(in *Interp, args Args) Value {
	if len(args.Pos) < 2 {
		return unknown
	}
	name, ok := args.Pos[1].(Str)
	if !ok {
		return unknown
	}
	if len(args.Pos) == 3 && in.has(args.Pos[0], name.S) == no {
		return args.Pos[2]
	}
	return in.attr(args.Pos[0], name.S)
}

func builtinSetattr(in *Interp, args Args) Value {
	if len(args.Pos) == 3 {
		if name, ok := args.Pos[1].(Str); ok {
			in.setAttr(args.Pos[0], name.S, args.Pos[2])
		}
	}
	return None{}
}

func builtinHasattr(in *Interp, args Args) Value {
	if len(args.Pos) == 2 {
		if name, ok := args.Pos[1].(Str); ok {
			return in.has(args.Pos[0], name.S).value()
		}
	}
	return unknown
}

// has reports whether an object has an attribute.
func (in *Interp) has(v Value, name string) truth {
	switch x := v.(type) {
	case *Instance:
		if _, ok := x.attrs.get(name); ok || in.lookup(x.Class, name) != nil {
			return yes
		}
		if x.Class.hasUnknown || in.lookup(x.Class, "__getattr__") != nil {
			return maybe
		}
		return no
	case *Class:
		if in.lookup(x, name) != nil {
			return yes
		}
		if x.hasUnknown {
			return maybe
		}
		return no
	case *Module:
		return of(in.moduleAttr(x, name) != nil)
	case *Func:
		if _, ok := x.attrs.get(name); ok {
			return yes
		}
		if strings.HasPrefix(name, "__") {
			return maybe
		}
		if x.Under != nil {
			return in.has(x.Under, name)
		}
		return no
	case Str, Int, Bool, None, *List, *Dict:
		if strings.HasPrefix(name, "__") {
			return maybe
		}
		return no
	}
	return maybe
}

func builtinType(in *Interp, args Args) Value {
	if len(args.Pos) == 1 {
		if x, ok := args.Pos[0].(*Instance); ok {
			return x.Class
		}
		return unknown
	}
	if len(args.Pos) != 3 || in.frame == nil {
		return unknown
	}
	name, _ := args.Pos[0].(Str)
	c := &Class{Mod: in.frame.mod, Name: name.S, attrs: &attrs{}}
	bases, _ := in.iterate(args.Pos[1])
	c.linearize(bases)
	if d, ok := args.Pos[2].(*Dict); ok {
		for i, k := range d.keys {
			if s, isStr := k.(Str); isStr {
				c.attrs.set(s.S, d.vals[i])
			}
		}
	}
	return c
}

func builtinBool(in *Interp, args Args) Value {
	if len(args.Pos) == 0 {
		return Bool{}
	}
	return truthOf(args.Pos[0]).value()
}

func builtinInt(in *Interp, args Args) Value {
	switch x := first(args).(type) {
	case Int:
		return x
	case Str:
		return softIf(parseInt(strings.TrimSpace(x.S)), x.Soft)
	case Float:
		return Int{int64(x.F), x.Soft}
	}
	return unknown
}

func builtinAny(in *Interp, args Args) Value { return quantify(in, args, yes, no) }
func builtinAll(in *Interp, args Args) Value { return quantify(in, args, no, yes) }

func quantify(in *Interp, args Args, stop, otherwise truth) Value {
	elems, known := in.iterate(first(args))
	for _, e := range elems {
		switch t := truthOf(e); {
		case t == stop:
			return stop.value()
		case t != yes && t != no:
			return unknown
		}
	}
	if !known {
		return unknown
	}
	return otherwise.value()
}
