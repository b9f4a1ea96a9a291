package startup

import (
	"slices"
)

// Iterate is what a loop over a value sees; false when there may be more.
func (in *Interp) Iterate(v Value) ([]Value, bool) { return in.iterate(v) }

func (in *Interp) iterate(v Value) ([]Value, bool) {
	switch x := v.(type) {
	case *List:
		in.charge(len(x.Elems))
		return slices.Clone(x.Elems), !x.Open
	case *Dict:
		in.charge(len(x.keys))
		return slices.Clone(x.keys), !x.Open
	case Str:
		if len(x.S) > 64 {
			return nil, false
		}
		var out []Value
		for _, r := range x.S {
			out = append(out, Str{string(r), x.Soft})
		}
		return out, true
	case *generator:
		var out []Value
		in.generate(x, func(v Value) Value {
			if len(out) < maxElems {
				out = append(out, v)
			}
			return None{}
		})
		return out, true
	case *Instance:
		if m := in.lookup(x.Class, "__iter__"); m != nil {
			if r := in.call(in.bound(m, x, x.Class), Args{}); r != Value(x) {
				return in.iterate(r)
			}
		}
	case *Union:
		var out []Value
		all := true
		for _, a := range x.Alts {
			elems, known := in.iterate(a)
			out = append(out, elems...)
			all = all && known
		}
		return out, all
	}
	return nil, false
}

func builtinDir(in *Interp, args Args) Value {
	l := &List{}
	var names []string
	switch x := first(args).(type) {
	case *Module:
		in.runModule(x)
		if x.env != nil {
			names = slices.Clone(x.env.vars.order)
			for _, s := range x.env.stars {
				in.runModule(s)
				names = append(names, s.env.vars.order...)
			}
		}
	case *Class:
		for _, k := range x.mro {
			if c, ok := k.(*Class); ok {
				names = append(names, c.attrs.order...)
			}
		}
		l.Open = x.hasUnknown
	case *Instance:
		return builtinDir(in, Args{Pos: []Value{x.Class}})
	default:
		return unknown
	}
	slices.Sort(names)
	for _, n := range slices.Compact(names) {
		l.add(Str{S: n})
	}
	return l
}

func builtinVars(in *Interp, args Args) Value {
	switch x := first(args).(type) {
	case *Module:
		in.runModule(x)
		return in.scopeDict(x.env)
	case *Class:
		return in.attrDict(x.attrs)
	case *Instance:
		return in.attrDict(x.attrs)
	}
	return unknown
}

func (in *Interp) scopeDict(e *Env) Value {
	d := newDict()
	for _, n := range slices.Clone(e.vars.order) {
		if v, ok := e.vars.get(n); ok {
			d.set(Str{S: n}, in.resolve(e, n, v))
		}
	}
	return d
}

func builtinGlobals(in *Interp, _ Args) Value {
	if in.frame == nil || in.frame.mod.env == nil {
		return unknown
	}
	return in.scopeDict(in.frame.mod.env)
}

func builtinNext(in *Interp, args Args) Value {
	elems, _ := in.iterate(first(args))
	if len(elems) > 0 {
		return elems[0]
	}
	if len(args.Pos) > 1 {
		return args.Pos[1]
	}
	return unknown
}
