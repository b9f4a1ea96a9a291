package startup

import (
	"slices"

	"stopper/internal/python/ast"
)

// signal says how a statement ended.
type signal uint8

const (
	goOn  signal = iota
	leave        // return or raise: nothing more of the function
	brk
	cont
	raised
	// left: the function is likely over, and the rest is looked at for what it registers if the environment says so.
	left
)

// body runs statements one after the other.
func (in *Interp) body(stmts []uint32) signal {
	for i, s := range stmts {
		if in.stopped {
			return leave
		}
		switch sig := in.stmt(ast.NodeID(s)); sig {
		case goOn:
		case left:
			rets := in.frame.rets
			in.try(func() { in.body(stmts[i+1:]) })
			in.frame.rets = rets
			return left
		default:
			return sig
		}
	}
	return goOn
}

func (in *Interp) stmt(id ast.NodeID) signal {
	if !in.step() {
		return leave
	}
	file := in.frame.mod.file
	switch file.Kind(id) {
	case ast.Expr:
		in.eval(file.SlotA(id))
	case ast.Assign:
		v := in.eval(file.SlotB(id))
		for _, t := range file.ListA(id) {
			in.assign(ast.NodeID(t), v)
		}
	case ast.AnnAssign:
		if v := file.SlotC(id); v != 0 {
			in.assign(file.SlotA(id), in.eval(v))
		}
	case ast.AugAssign:
		in.augAssign(id)
	case ast.FunctionDef, ast.AsyncFunctionDef:
		in.bind(file.IdentOf(id), in.decorated(id, in.function(id)))
	case ast.ClassDef:
		in.bind(file.IdentOf(id), in.decorated(id, in.class(id)))
	case ast.Return:
		v := Value(None{})
		if e := file.SlotA(id); e != 0 {
			v = in.eval(e)
		}
		in.frame.rets = joinReturn(in.frame.rets, v)
		return leave
	case ast.If:
		return in.ifStmt(id)
	case ast.For, ast.AsyncFor:
		return in.forStmt(id)
	case ast.While:
		return in.while(id)
	case ast.Try, ast.TryStar:
		return in.tryStmt(id)
	case ast.With, ast.AsyncWith:
		return in.with(id, file.ListA(id))
	case ast.Match:
		return in.match(id)
	case ast.Import, ast.ImportFrom:
		in.imports(id)
	case ast.Global, ast.Nonlocal:
		in.declare(id)
	case ast.Delete:
		in.del(id)
	case ast.Raise:
		return raised
	case ast.Break:
		return brk
	case ast.Continue:
		return cont
	}
	return goOn
}

func joinReturn(old, v Value) Value {
	if v == nil {
		return old
	}
	if old == nil {
		return v
	}
	return join(old, v)
}

func (in *Interp) augAssign(id ast.NodeID) {
	file := in.frame.mod.file
	target := file.SlotA(id)
	old, v := in.eval(target), in.eval(file.SlotB(id))
	if l, ok := old.(*List); ok {
		elems, known := in.iterate(v)
		for _, e := range elems {
			l.add(e)
		}
		l.Open = l.Open || !known
		return
	}
	in.assign(target, binary(file.Node(id).Op, old, v))
}

func (in *Interp) declare(id ast.NodeID) {
	file, env := in.frame.mod.file, in.frame.env
	for _, w := range file.Words(ast.ListID(file.Node(id).A)) {
		name := file.Name(ast.Sym(w))
		owner := env.mod.env
		if file.Kind(id) == ast.Nonlocal {
			owner = nil
			for e := env.parent; e != nil; e = e.parent {
				if _, ok := e.vars.get(name); ok && !e.isClass {
					owner = e
					break
				}
			}
		}
		if owner == nil || owner == env {
			continue
		}
		if env.elsewhere == nil {
			env.elsewhere = map[string]*Env{}
		}
		env.elsewhere[name] = owner
	}
}

func (in *Interp) del(id ast.NodeID) {
	file := in.frame.mod.file
	for _, t := range file.ListA(id) {
		switch target := ast.NodeID(t); file.Kind(target) {
		case ast.Name:
			in.bind(file.IdentOf(target), nil)
		case ast.Subscript:
			if d, ok := in.eval(file.SlotA(target)).(*Dict); ok && !in.isOlder(d.born) {
				d.remove(in.eval(file.SlotB(target)))
			}
		}
	}
}

func (in *Interp) ifStmt(id ast.NodeID) signal {
	file := in.frame.mod.file
	return in.branch(truthOf(in.eval(file.SlotA(id))),
		func() signal { return in.body(file.Body(id)) }, func() signal { return in.body(file.Orelse(id)) })
}

// branch runs one of two ways, or both where it cannot be told which.
func (in *Interp) branch(t truth, then, other func() signal) signal {
	switch t {
	case yes:
		return then()
	case no:
		return other()
	case likelyYes:
		return in.likely(then, other)
	case likelyNo:
		return in.likely(other, then)
	}
	var a, b signal
	first := in.try(func() { a = then() })
	second := in.try(func() { b = other() })
	switch {
	case a != goOn && b == goOn: // what comes next is what follows the other branch
		in.apply(second)
	case b != goOn && a == goOn:
		in.apply(first)
	default:
		in.either(first, second)
	}
	if a != goOn && b != goOn {
		return min(a, b)
	}
	if isOut(a) || isOut(b) {
		in.doubts++
	}
	return goOn
}

// isOut: the branch leaves the loop around it.
func isOut(s signal) bool { return s == leave || s == brk || s == raised }

// likely runs the unlikely way for what it registers, then the likely way.
func (in *Interp) likely(way, other func() signal) signal {
	rets := in.frame.rets
	unlikely := goOn
	in.unlikely++
	cs := in.try(func() { unlikely = other() })
	in.unlikely--
	in.frame.rets = nil
	sig := way()
	if in.frame.rets != nil {
		in.frame.rets = soften(in.frame.rets)
	}
	in.frame.rets = joinReturn(rets, in.frame.rets)
	if unlikely == goOn && sig == raised {
		in.apply(cs) // a program that refuses to start without a variable is given the variable
		return goOn
	}
	in.fill(cs)
	if unlikely == goOn && sig == leave {
		return left
	}
	return sig
}

func (in *Interp) forStmt(id ast.NodeID) signal {
	file := in.frame.mod.file
	elems, known := in.iterate(in.eval(file.SlotB(id)))
	once := func(v Value) signal {
		in.assign(file.SlotA(id), v)
		return in.body(file.Body(id))
	}
	if !known && len(elems) == 0 {
		elems = []Value{unknown}
	}
	for _, e := range elems {
		if in.stopped {
			return leave
		}
		var sig signal
		if known {
			sig = once(e)
		} else {
			in.cond++
			sig = once(e)
			in.cond--
		}
		switch {
		case sig == brk:
			return goOn
		case (sig == leave || sig == raised || sig == left) && known:
			return sig
		}
	}
	return in.body(file.Orelse(id))
}

func (in *Interp) while(id ast.NodeID) signal {
	file := in.frame.mod.file
	doubtful := 0 // rounds behind which nobody knows whether the loop is over
	for round := 0; ; round++ {
		if round == maxWhile {
			in.trip(limitWhile)
			break
		}
		doubts := in.doubts
		t := truthOf(in.eval(file.SlotA(id)))
		if t == no || t == likelyNo || in.stopped {
			break
		}
		if t == maybe {
			in.cond++
			in.body(file.Body(id))
			in.cond--
			break
		}
		switch sig := in.body(file.Body(id)); sig {
		case brk:
			return goOn
		case leave, raised, left:
			return sig
		}
		if in.doubts > doubts {
			if doubtful++; doubtful == maxDoubtful {
				break
			}
		}
	}
	return in.body(file.Orelse(id))
}

// tryStmt takes it that nothing fails, and looks into the handlers for what they register or bind.
func (in *Interp) tryStmt(id ast.NodeID) signal {
	file := in.frame.mod.file
	sig := in.body(file.Body(id))
	if sig == raised && len(file.Handlers(id)) > 0 {
		sig = goOn
		for _, h := range file.Handlers(id) {
			sig = in.handler(ast.NodeID(h))
			if sig == goOn {
				break
			}
		}
	} else {
		rets := in.frame.rets
		for _, h := range file.Handlers(id) {
			in.fill(in.try(func() { in.handler(ast.NodeID(h)) }))
		}
		in.frame.rets = rets
		if sig == goOn {
			sig = in.body(file.Orelse(id))
		}
	}
	if last := in.body(file.Finalbody(id)); last != goOn {
		return last
	}
	return sig
}

func (in *Interp) handler(h ast.NodeID) signal {
	file := in.frame.mod.file
	if name := file.IdentOf(h); name != "" {
		in.bind(name, unknown)
	}
	return in.body(file.Body(h))
}

// with enters context managers one after the other. A generator made by contextlib.contextmanager runs around the body.
func (in *Interp) with(id ast.NodeID, items []uint32) signal {
	file := in.frame.mod.file
	if len(items) == 0 {
		return in.body(file.Body(id))
	}
	item := ast.NodeID(items[0])
	ctx := in.eval(file.SlotA(item))
	sig := goOn
	inner := func(v Value) {
		if t := file.SlotB(item); t != 0 {
			in.assign(t, v)
		}
		sig = in.with(id, items[1:])
	}
	switch c := ctx.(type) {
	case *generator:
		f, ran := in.frame, false
		in.generate(c, func(v Value) Value {
			if ran {
				return None{}
			}
			ran = true
			saved := in.frame
			in.frame = f
			inner(v)
			in.frame = saved
			return None{}
		})
		if !ran {
			inner(unknown)
		}
	case *Instance:
		enter := in.attr(c, "__enter__")
		if isUnknown(enter) {
			inner(c)
			break
		}
		inner(in.call(enter, Args{}))
		in.call(in.attr(c, "__exit__"), Args{Pos: []Value{None{}, None{}, None{}}})
	default:
		inner(ctx)
	}
	return sig
}

// match tells constants apart; anything else is a branch that may be taken.
func (in *Interp) match(id ast.NodeID) signal {
	file := in.frame.mod.file
	subject := in.eval(file.SlotA(id))
	for _, c := range file.ListB(id) {
		mc := ast.NodeID(c)
		t := in.matches(subject, file.SlotA(mc))
		if g := file.SlotB(mc); g != 0 && t != no {
			t = maybe
		}
		if t == yes {
			return in.body(file.Body(mc))
		}
		if t != no {
			cs := in.try(func() { in.body(file.Body(mc)) })
			in.either(cs, nil)
		}
	}
	return goOn
}

func (in *Interp) matches(v Value, p ast.NodeID) truth {
	file := in.frame.mod.file
	switch file.Kind(p) {
	case ast.MatchValue, ast.MatchSingleton:
		return equalValues(v, in.eval(file.SlotA(p)))
	case ast.MatchOr:
		out := no
		for _, alt := range file.ListA(p) {
			switch in.matches(v, ast.NodeID(alt)) {
			case yes:
				return yes
			case maybe:
				out = maybe
			}
		}
		return out
	case ast.MatchAs:
		if file.SlotA(p) == 0 {
			if name := file.IdentOf(p); name != "" {
				in.bind(name, v)
			}
			return yes
		}
	}
	return maybe
}

// imports binds what an import statement brings, and runs modules of the program whose body could register something.
func (in *Interp) imports(id ast.NodeID) {
	m := in.frame.mod
	file := m.file
	if m.isLib {
		in.stubImport(id)
		return
	}
	fi := in.prog.Info(m.IR)
	for _, a := range aliases(file, id) {
		i, ok := fi.ImportOf(ast.NodeID(a))
		if !ok {
			continue
		}
		im := &m.IR.Imports[i]
		own := &fi.Imports[i]
		switch {
		case im.IsStar && im.Local != nil:
			in.frame.env.stars = append(in.frame.env.stars, in.module(im.Local, true))
		case im.IsStar:
			in.starOfStub(im.Module)
		case im.Local == nil && im.TopOnly:
			in.bind(own.Bound(), in.external(own.Bound()))
		case im.Local == nil && im.Name != "":
			in.bind(own.Bound(), in.external(im.Module+"."+im.Name))
		case im.Local == nil:
			in.bind(own.Bound(), in.external(im.Module))
		case im.Name == "":
			v := in.module(im.Local, true)
			if im.TopOnly {
				if sub := in.prog.Module(im.Module); sub != nil {
					in.module(sub, true)
				}
			}
			in.bind(own.Bound(), v)
		default:
			in.bind(own.Bound(), lazy{in.module(im.Local, true), im.Name})
		}
	}
}

func aliases(file *ast.File, id ast.NodeID) []uint32 {
	if file.Kind(id) == ast.ImportFrom {
		return file.ListB(id)
	}
	return file.ListA(id)
}

// stubImport is `from flask import MethodView` in another stub.
func (in *Interp) stubImport(id ast.NodeID) {
	file := in.frame.mod.file
	if file.Kind(id) != ast.ImportFrom {
		return
	}
	from := file.Name(ast.Sym(file.Node(id).A))
	for _, a := range file.ListB(id) {
		name := file.IdentOf(ast.NodeID(a))
		as := file.Name(ast.Sym(file.Node(ast.NodeID(a)).B))
		if as == "" {
			as = name
		}
		in.bind(as, in.external(from+"."+name))
	}
}

func (in *Interp) starOfStub(path string) {
	for i, c := range path {
		if c == '.' {
			path = path[:i]
			break
		}
	}
	if m := in.stub(path); m != nil && !slices.Contains(in.frame.env.stars, m) {
		in.frame.env.stars = append(in.frame.env.stars, m)
	}
}
