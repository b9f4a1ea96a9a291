package startup

import (
	"strings"

	"stopper/internal/python/ast"
)

// eval is the value of an expression.
func (in *Interp) eval(id ast.NodeID) Value {
	if id == 0 || !in.step() || in.tooDeep() {
		return unknown
	}
	file := in.frame.mod.file
	switch file.Kind(id) {
	case ast.Constant:
		return constant(file, id)
	case ast.Name:
		return in.load(in.frame.env, file.IdentOf(id))
	case ast.Attribute:
		return in.attr(in.nested(file.SlotA(id)), file.IdentOf(id))
	case ast.Call:
		return in.callExpr(id)
	case ast.List, ast.Tuple, ast.Set:
		return in.elements(file.ListA(id))
	case ast.Dict:
		return in.dict(id)
	case ast.JoinedStr:
		return in.joined(id)
	case ast.BinOp:
		return in.binOp(id)
	case ast.BoolOp:
		return in.boolOp(id)
	case ast.UnaryOp:
		return in.unary(id)
	case ast.Compare:
		return in.compare(id)
	case ast.IfExp:
		return in.ifExp(id)
	case ast.Subscript:
		return in.subscript(id)
	case ast.Lambda:
		return in.function(id)
	case ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp:
		return in.comprehension(id)
	case ast.NamedExpr:
		v := in.nested(file.SlotB(id))
		in.assign(file.SlotA(id), v)
		return v
	case ast.Await, ast.Starred:
		return in.nested(file.SlotA(id))
	case ast.Yield:
		v := Value(None{})
		if e := file.SlotA(id); e != 0 {
			v = in.nested(e)
		}
		return in.yielded(v)
	case ast.YieldFrom:
		elems, _ := in.iterate(in.nested(file.SlotA(id)))
		for _, e := range elems {
			in.yielded(e)
		}
	}
	return unknown
}

// nested evaluates a part; depth bounds the recursion through brackets and long chains.
func (in *Interp) nested(id ast.NodeID) Value {
	in.depth++
	defer func() { in.depth-- }()
	return in.eval(id)
}

func (in *Interp) yielded(v Value) Value {
	if in.frame.yield == nil {
		return unknown
	}
	return in.frame.yield(v)
}

func constant(file *ast.File, id ast.NodeID) Value {
	switch file.ConstKindOf(id) {
	case ast.ConstNone:
		return None{}
	case ast.ConstTrue:
		return Bool{B: true}
	case ast.ConstFalse:
		return Bool{}
	case ast.ConstStr:
		s, _ := file.Str(id)
		return textValue(s, false)
	case ast.ConstInt:
		return parseInt(file.Text(id))
	case ast.ConstFloat:
		return parseFloat(file.Text(id))
	}
	return unknown
}

func textValue(s string, soft bool) Value {
	if len(s) > maxText {
		return unknown
	}
	return Str{s, soft}
}

func (in *Interp) elements(words []uint32) Value {
	l := &List{born: in.journaling}
	file := in.frame.mod.file
	for _, w := range words {
		e := ast.NodeID(w)
		if file.Kind(e) != ast.Starred {
			l.add(in.nested(e))
			continue
		}
		elems, known := in.iterate(in.nested(file.SlotA(e)))
		for _, v := range elems {
			l.add(v)
		}
		l.Open = l.Open || !known
	}
	return l
}

func (in *Interp) dict(id ast.NodeID) Value {
	d := in.newDict()
	words := in.frame.mod.file.ListA(id)
	for i := 0; i+1 < len(words); i += 2 {
		v := in.nested(ast.NodeID(words[i+1]))
		if words[i] != 0 {
			d.set(in.nested(ast.NodeID(words[i])), v)
			continue
		}
		if o, ok := v.(*Dict); ok {
			d.merge(o)
		} else {
			d.Open = true
		}
	}
	return d
}

func (in *Interp) joined(id ast.NodeID) Value {
	file := in.frame.mod.file
	out := Value(Str{})
	for _, w := range file.ListA(id) {
		part := ast.NodeID(w)
		if file.Kind(part) == ast.FormattedValue {
			v := in.nested(file.SlotA(part))
			if file.SlotB(part) != 0 || file.Node(part).Flag&(ast.FlagFormatRepr|ast.FlagFormatASCII) != 0 {
				return unknown
			}
			out = binary(ast.Add, out, text(v))
			continue
		}
		out = binary(ast.Add, out, in.nested(part))
	}
	return out
}

// text is str(v).
func text(v Value) Value {
	return each(v, func(v Value) Value {
		switch x := v.(type) {
		case Str:
			return x
		case Int:
			return Str{formatInt(x.N), x.Soft}
		case Bool:
			if x.B {
				return Str{"True", x.Soft}
			}
			return Str{"False", x.Soft}
		case Float:
			return Str{formatFloat(x.F), x.Soft}
		case None:
			if !x.Soft { // else something that is not set here, and is no text "None" where it is
				return Str{S: "None"}
			}
		}
		return unknown
	})
}

func (in *Interp) binOp(id ast.NodeID) Value {
	file := in.frame.mod.file
	a, b := in.nested(file.SlotA(id)), in.nested(file.SlotB(id))
	op := file.Node(id).Op
	if s, ok := a.(Str); ok && op == ast.Mod {
		return percent(s, b)
	}
	if l, ok := a.(*List); ok && op == ast.Add {
		out := &List{Elems: append([]Value(nil), l.Elems...), Open: l.Open}
		elems, known := in.iterate(b)
		for _, e := range elems {
			out.add(e)
		}
		out.Open = out.Open || !known
		return out
	}
	return binary(op, a, b)
}

// binary works on constants and dicts; anything else is unknown.
func binary(op ast.Op, a, b Value) Value {
	return each(a, func(a Value) Value {
		return each(b, func(b Value) Value {
			soft := isSoft(a) || isSoft(b)
			switch x := a.(type) {
			case Str:
				if y, ok := b.(Str); ok && op == ast.Add {
					return textValue(x.S+y.S, soft)
				}
				if y, ok := b.(Int); ok && op == ast.Mult && y.N >= 0 && int64(len(x.S))*y.N <= maxText && y.N <= maxText {
					return Str{strings.Repeat(x.S, int(y.N)), soft}
				}
			case Int:
				if y, ok := b.(Int); ok {
					return arithmetic(op, x.N, y.N, soft)
				}
			case *Dict:
				if y, ok := b.(*Dict); ok && op == ast.BitOr {
					n := newDict()
					n.merge(x)
					n.merge(y)
					return n
				}
			case *List:
				if y, ok := b.(*List); ok && (op == ast.Add || op == ast.BitOr) {
					return &List{Elems: append(append([]Value(nil), x.Elems...), y.Elems[:min(len(y.Elems), maxElems)]...), Open: x.Open || y.Open}
				}
			}
			return unknown
		})
	})
}

func arithmetic(op ast.Op, a, b int64, soft bool) Value {
	switch op {
	case ast.Add:
		return Int{a + b, soft}
	case ast.Sub:
		return Int{a - b, soft}
	case ast.Mult:
		return Int{a * b, soft}
	}
	return unknown
}

func (in *Interp) boolOp(id ast.NodeID) Value {
	file := in.frame.mod.file
	isOr := file.Node(id).Op == ast.Or
	var out Value
	soft := false
	words := file.ListA(id)
	for i, w := range words {
		v := in.nested(ast.NodeID(w))
		t := truthOf(v)
		if isOr {
			t = t.not()
		}
		// For `and` t says whether to go on.
		switch {
		case i == len(words)-1, t == no:
			return softIf(join(out, v), soft)
		case t == likelyNo:
			return soften(join(out, v))
		case t == maybe:
			out = join(out, v)
		case t == likelyYes:
			soft = true
		}
	}
	return unknown
}

func (in *Interp) unary(id ast.NodeID) Value {
	file := in.frame.mod.file
	v := in.nested(file.SlotA(id))
	switch file.Node(id).Op {
	case ast.Not:
		return truthOf(v).not().value()
	case ast.USub:
		if n, ok := v.(Int); ok {
			return Int{-n.N, n.Soft}
		}
	}
	return unknown
}

func (in *Interp) ifExp(id ast.NodeID) Value {
	file := in.frame.mod.file
	var out Value
	way := func(e ast.NodeID) func() signal {
		return func() signal {
			out = joinReturn(out, in.nested(e))
			return goOn
		}
	}
	switch t := truthOf(in.nested(file.SlotA(id))); t {
	case likelyYes:
		return soften(in.nested(file.SlotB(id)))
	case likelyNo:
		return soften(in.nested(file.SlotC(id)))
	default:
		in.branch(t, way(file.SlotB(id)), way(file.SlotC(id)))
	}
	return out
}

// comprehension evaluates [elt for …] clause by clause.
func (in *Interp) comprehension(id ast.NodeID) Value {
	file := in.frame.mod.file
	kind := file.Kind(id)
	outer := in.frame.env
	in.frame.env = newEnv(outer.mod, outer)
	defer func() { in.frame.env = outer }()
	if kind == ast.DictComp {
		d := in.newDict()
		open := in.clauses(file.ListC(id), func() {
			if k := file.SlotA(id); k != 0 {
				d.set(in.nested(k), in.nested(file.SlotB(id)))
			}
		})
		d.Open = d.Open || open
		return d
	}
	l := &List{born: in.journaling}
	open := in.clauses(file.ListB(id), func() { l.add(in.nested(file.SlotA(id))) })
	l.Open = l.Open || open
	return l
}

// clauses runs the loops of a comprehension; true when there may be more rounds than it ran.
func (in *Interp) clauses(list []uint32, innermost func()) bool {
	if len(list) == 0 {
		innermost()
		return false
	}
	file := in.frame.mod.file
	c := ast.NodeID(list[0])
	elems, known := in.iterate(in.nested(file.SlotB(c)))
	if !known && len(elems) == 0 {
		elems = []Value{unknown}
	}
	open := !known
	for _, e := range elems {
		if in.stopped {
			return true
		}
		in.assign(file.SlotA(c), e)
		keep := yes
		for _, cond := range file.ListC(c) {
			if t := truthOf(in.nested(ast.NodeID(cond))); t == no || t == likelyNo {
				keep = no
				break
			} else if t == maybe {
				keep = maybe
			}
		}
		if keep != no {
			open = in.clauses(list[1:], innermost) || open
		}
	}
	return open
}

func (in *Interp) subscript(id ast.NodeID) Value {
	file := in.frame.mod.file
	box := in.nested(file.SlotA(id))
	if s := file.SlotB(id); file.Kind(s) == ast.Slice {
		return in.slice(box, s)
	}
	return in.item(box, in.nested(file.SlotB(id)))
}

func (in *Interp) item(box, key Value) Value {
	return each(box, func(box Value) Value {
		switch b := box.(type) {
		case *Dict:
			return each(key, func(k Value) Value {
				v, ok := b.get(k)
				if !ok {
					return unknown
				}
				switch v.(type) {
				case Bool, None:
					return soften(v) // a setting, as long as nobody changes it
				}
				return v
			})
		case *List:
			if n, ok := key.(Int); ok {
				if n.N < 0 {
					n.N += int64(len(b.Elems))
				}
				if n.N >= 0 && n.N < int64(len(b.Elems)) {
					return b.Elems[n.N]
				}
			}
		case Str:
			if n, ok := key.(Int); ok {
				if n.N < 0 {
					n.N += int64(len(b.S))
				}
				if n.N >= 0 && n.N < int64(len(b.S)) {
					return Str{b.S[n.N : n.N+1], b.Soft}
				}
			}
		case *Instance:
			if m := in.attr(b, "__getitem__"); !isUnknown(m) {
				return in.call(m, Args{Pos: []Value{key}})
			}
		case *Class:
			return b // Generic[T]
		case *Unknown:
			return b.below("[]")
		}
		return unknown
	})
}

func (in *Interp) slice(box Value, s ast.NodeID) Value {
	file := in.frame.mod.file
	bound := func(id ast.NodeID, size, def int) (int, bool) {
		if id == 0 {
			return def, true
		}
		n, ok := in.nested(id).(Int)
		if n.N < 0 {
			n.N += int64(size)
		}
		return int(max(0, min(n.N, int64(size)))), ok
	}
	if file.SlotC(s) != 0 {
		return unknown
	}
	cut := func(size int) (int, int, bool) {
		lo, ok := bound(file.SlotA(s), size, 0)
		hi, ok2 := bound(file.SlotB(s), size, size)
		return lo, max(lo, hi), ok && ok2
	}
	switch b := box.(type) {
	case Str:
		if lo, hi, ok := cut(len(b.S)); ok {
			return Str{b.S[lo:hi], b.Soft}
		}
	case *List:
		if lo, hi, ok := cut(len(b.Elems)); ok {
			return &List{Elems: append([]Value(nil), b.Elems[lo:hi]...), Open: b.Open}
		}
	}
	return unknown
}
