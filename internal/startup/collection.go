package startup

import "slices"

// callMethod calls a method of a constant or collection.
func (in *Interp) callMethod(m method, args Args) Value {
	switch x := m.recv.(type) {
	case Str:
		return in.textMethod(x, m.name, args)
	case *List:
		return in.listMethod(x, m.name, args)
	case *Dict:
		return in.dictMethod(x, m.name, args)
	case *Class:
		return in.subclasses(x)
	}
	return unknown
}

func (in *Interp) listMethod(l *List, name string, args Args) Value {
	switch name {
	case "append", "add", "appendleft":
		if len(args.Pos) == 1 && (name != "add" || in.contains(l, args.Pos[0]) != yes) {
			l.add(args.Pos[0])
		}
	case "insert":
		if len(args.Pos) == 2 {
			if n, ok := args.Pos[0].(Int); ok && n.N >= 0 && n.N <= int64(len(l.Elems)) && len(l.Elems) < maxElems {
				l.Elems = slices.Insert(l.Elems, int(n.N), args.Pos[1])
			} else {
				l.add(args.Pos[1])
			}
		}
	case "extend", "update":
		for _, a := range args.Pos {
			elems, known := in.iterate(a)
			for _, e := range elems {
				l.add(e)
			}
			l.Open = l.Open || !known
		}
	case "union", "__add__":
		n := &List{Elems: slices.Clone(l.Elems), Open: l.Open}
		in.listMethod(n, "update", args)
		return n
	case "copy":
		return &List{Elems: slices.Clone(l.Elems), Open: l.Open, born: in.journaling}
	case "pop", "popleft":
		return in.pop(l, name, args)
	case "remove", "discard":
		if len(args.Pos) == 1 && !in.isOlder(l.born) {
			l.Elems = slices.DeleteFunc(l.Elems, func(e Value) bool { return same(e, args.Pos[0]) })
		}
	case "clear":
		if !in.isOlder(l.born) {
			l.Elems = nil
		}
	case "reverse":
		slices.Reverse(l.Elems)
	case "sort":
	case "index", "count":
		return unknown
	default:
		return unknown
	}
	return None{}
}

func (in *Interp) pop(l *List, name string, args Args) Value {
	n := len(l.Elems)
	if n == 0 {
		return unknown
	}
	at := n - 1
	if name == "popleft" {
		at = 0
	}
	if len(args.Pos) == 1 {
		i, ok := args.Pos[0].(Int)
		if !ok || i.N < 0 || i.N >= int64(n) {
			return unknown
		}
		at = int(i.N)
	}
	v := l.Elems[at]
	if in.isOlder(l.born) {
		return v
	}
	l.Elems = slices.Delete(l.Elems, at, at+1)
	return v
}

func (in *Interp) dictMethod(d *Dict, name string, args Args) Value {
	switch name {
	case "get", "pop", "setdefault":
		return in.takeItem(d, name, args)
	case "items":
		l := &List{Open: d.Open}
		for i := range d.keys {
			l.add(&List{Elems: []Value{d.keys[i], d.vals[i]}})
		}
		return l
	case "keys":
		return &List{Elems: slices.Clone(d.keys), Open: d.Open}
	case "values":
		return &List{Elems: slices.Clone(d.vals), Open: d.Open}
	case "copy":
		n := in.newDict()
		n.merge(d)
		return n
	case "update":
		if o, ok := builtinDict(in, args).(*Dict); ok {
			for i, k := range o.keys {
				in.setKey(d, k, o.vals[i])
			}
			d.Open = d.Open || o.Open
		}
		return None{}
	case "clear":
		if !in.isOlder(d.born) {
			*d = *in.newDict()
		}
		return None{}
	}
	return unknown
}

func (in *Interp) takeItem(d *Dict, name string, args Args) Value {
	if len(args.Pos) == 0 {
		return unknown
	}
	v, ok := d.get(args.Pos[0])
	def := Value(None{})
	if len(args.Pos) > 1 {
		def = args.Pos[1]
	}
	switch {
	case ok && name == "pop" && !in.isOlder(d.born):
		d.remove(args.Pos[0])
		return v
	case ok:
		return v
	case name == "setdefault":
		in.setKey(d, args.Pos[0], def)
		return def
	case isUnknown(args.Pos[0]):
		return unknown
	case d.Open:
		return join(unknown, def)
	}
	return def
}

// subclasses are the classes of the modules that have run.
func (in *Interp) subclasses(c *Class) Value {
	l := &List{}
	for _, m := range in.mods {
		if m.env == nil {
			continue
		}
		for _, n := range m.env.vars.order {
			v, _ := m.env.vars.get(n)
			if k, ok := v.(*Class); ok && k != c && k.Mod == m && slices.Contains(k.mro[1:], Value(c)) {
				l.add(k)
			}
		}
	}
	return l
}

func (in *Interp) newDict() *Dict {
	d := newDict()
	d.born = in.journaling
	return d
}

// isOlder reports whether a collection was there before the branch that is being tried.
func (in *Interp) isOlder(born int) bool { return in.journaling > born }

// setKey is d[k] = v. In a branch that may not run, what was there stays as well.
func (in *Interp) setKey(d *Dict, k, v Value) {
	if old, ok := d.get(k); ok && in.isOlder(d.born) {
		if in.unlikely > 0 {
			return
		}
		v = join(old, v)
	}
	d.set(k, v)
}
