package startup

import (
	"strings"

	"stopper/internal/python/ast"
)

// callExpr evaluates a call.
func (in *Interp) callExpr(id ast.NodeID) Value {
	file := in.frame.mod.file
	fn := file.SlotA(id)
	if file.Kind(fn) == ast.Name && file.IdentOf(fn) == "super" {
		return in.superOf(file.ListB(id))
	}
	callee := in.nested(fn)
	args := in.args(file.ListB(id))
	saved := in.frame.call
	in.frame.call = id
	in.depth++
	v := in.call(callee, args)
	in.depth--
	in.frame.call = saved
	return v
}

func (in *Interp) args(words []uint32) Args {
	var a Args
	file := in.frame.mod.file
	for _, w := range words {
		id := ast.NodeID(w)
		switch file.Kind(id) {
		case ast.Starred:
			elems, known := in.iterate(in.nested(file.SlotA(id)))
			a.Pos = append(a.Pos, elems...)
			a.Open = a.Open || !known
		case ast.Keyword:
			v := in.nested(file.SlotB(id))
			if name := file.IdentOf(id); name != "" {
				a.Kw = append(a.Kw, Kw{name, v})
				continue
			}
			a.spread(v)
		default:
			a.Pos = append(a.Pos, in.nested(id))
		}
	}
	return a
}

// spread is **v.
func (a *Args) spread(v Value) {
	d, ok := v.(*Dict)
	if !ok {
		a.Open = true
		return
	}
	for i, k := range d.keys {
		if s, isStr := k.(Str); isStr {
			a.Kw = append(a.Kw, Kw{s.S, d.vals[i]})
		}
	}
	a.Open = a.Open || d.Open
}

// Call calls a value, for natives. Outside of an evaluation it has a budget of its own.
func (in *Interp) Call(fn Value, args Args) Value {
	if in.limit > 0 {
		return in.call(fn, args)
	}
	v := Value(unknown)
	in.root(func() { v = in.call(fn, args) })
	return v
}

// call calls whatever a value may be.
func (in *Interp) call(fn Value, args Args) Value {
	if !in.step() || in.tooDeep() {
		return unknown
	}
	switch f := fn.(type) {
	case *Func:
		return in.callFunc(f, args)
	case *Class:
		return in.construct(f, args)
	case method:
		return in.callMethod(f, args)
	case *Instance:
		if m := in.lookup(f.Class, "__call__"); m != nil {
			return in.call(in.bound(m, f, f.Class), args)
		}
		return in.wrapUnknown(library(f.Class.Name), args)
	case *Union:
		return each(f, func(v Value) Value {
			if _, isNone := v.(None); isNone {
				return unknown
			}
			return in.call(v, args)
		})
	case *Unknown:
		if v, ok := in.opt.Unknown(in, f, args); ok {
			return v
		}
		return in.wrapUnknown(f, args)
	}
	return unknown
}

// wrapUnknown is what a library function gives: for a view alone, the view, because that is what decorators do.
func (in *Interp) wrapUnknown(callee *Unknown, args Args) Value {
	if len(args.Pos) == 1 && len(args.Kw) == 0 && !args.Open && !strings.HasPrefix(callee.Path, "builtins.") {
		if v := in.Wrapped(args.Pos[0], args.Pos[0], in.guard(callee.Path, nil)); v != nil {
			return v
		}
	}
	return callee.below("()")
}

func (in *Interp) guard(path string, fn *Func) *Guard {
	p := in.Place()
	g := &Guard{Path: path, Module: p.Module, Node: p.Node}
	if fn != nil {
		if id, ok := in.FuncID(fn); ok {
			g.Func, g.HasFunc = id, true
		}
	}
	return g
}

// Wrapped is wrapper as a decorator's result around view; nil when view is nothing that is decorated. The wrapper may be
// the view itself: the decorator is of a library and its result not visible.
func (in *Interp) Wrapped(wrapper, view Value, by *Guard) Value {
	if !isView(view) {
		return nil
	}
	switch w := wrapper.(type) {
	case *Func:
		c := *w
		if c.Under == nil || wrapper == view {
			c.Under = view
		}
		c.By = by
		return &c
	case *Instance:
		c := *w
		if c.Under == nil || wrapper == view {
			c.Under = view
		}
		c.By = by
		return &c
	}
	return view // a class: decorators of classes give the class back
}

// isView reports whether a value is something that a decorator decorates.
func isView(v Value) bool {
	switch x := v.(type) {
	case *Func:
		return x.native == nil
	case *Class:
		return true
	case *Instance:
		return x.Under != nil
	case *Union:
		return isView(x.view())
	}
	return false
}

// view is what a value is most likely to be that may be one of several: the one with most decorators, where it could not be
// told which of two a helper made.
func (u *Union) view() Value {
	best, most := u.Alts[0], -1
	for _, a := range u.Alts {
		f, ok := a.(*Func)
		if !ok || !isView(f) {
			continue
		}
		depth := 0
		for v := f; v != nil && depth < 64; depth++ {
			v, _ = v.Under.(*Func)
		}
		if depth > most {
			best, most = a, depth
		}
	}
	return best
}

// innermost is the function or class below all decorators.
func innermost(v Value) Value {
	for range 64 {
		switch x := v.(type) {
		case *Func:
			if x.Under == nil {
				return x
			}
			v = x.Under
		case *Instance:
			if x.Under == nil {
				return x
			}
			v = x.Under
		case *Union:
			v = x.view()
		default:
			return v
		}
	}
	return v
}

// Innermost is the function or class below all decorators, and the decorators from the outside in.
func Innermost(v Value) (Value, []Guard) {
	var gs []Guard
	for range 64 {
		var under Value
		var by *Guard
		switch x := v.(type) {
		case *Func:
			under, by = x.Under, x.By
		case *Instance:
			under, by = x.Under, x.By
		case *Union:
			under = x.view()
		}
		if by != nil {
			gs = append(gs, *by)
		}
		if under == nil {
			break
		}
		v = under
	}
	return v, gs
}

// callFunc calls a function of the program, of a stub, or a native one.
func (in *Interp) callFunc(f *Func, args Args) Value {
	if f.pos != nil || f.kw != nil {
		args = Args{Pos: append(append([]Value(nil), f.pos...), args.Pos...), Kw: append(append([]Kw(nil), f.kw...), args.Kw...), Open: args.Open}
	}
	if f.self != nil {
		args.Pos = append([]Value{f.self}, args.Pos...)
	}
	if f.native != nil {
		return f.native(in, args)
	}
	if f.Under != nil && f.Node == 0 {
		return in.call(f.Under, args)
	}
	if in.isGenerator(f) {
		return &generator{f, args}
	}
	v := in.run(f, args, nil)
	if under, ok := f.Under.(*Func); ok && isUnknown(v) && under.Node != f.Node && under.native == nil {
		return in.callFunc(under, args) // a cache, a timer: what it wraps says more
	}
	return v
}

// run evaluates a body in a new scope.
func (in *Interp) run(f *Func, args Args, yield func(Value) Value) Value {
	if !in.mayCall(f) {
		return unknown
	}
	u, limit, steps, led := in.calls[funcKey{f.Mod, f.Node}], in.limit, in.steps, in.led
	if yield == nil {
		in.limit = in.allowed(f, u)
	}
	if f.Mod.isLib && !pure[f.Mod.Name] {
		in.led++
	}
	up := in.frame
	env := newEnv(f.Mod, f.env)
	env.vars.born = in.clock
	in.frame = &frame{up: up, mod: f.Mod, fn: f, env: env, call: f.Node, yield: yield}
	in.depth++
	in.bindParams(f, env, args)
	var v Value = None{}
	sig := goOn
	if f.Mod.file.Kind(f.Node) == ast.Lambda {
		v = in.eval(f.Mod.file.SlotB(f.Node))
	} else {
		sig = in.body(f.Mod.file.Body(f.Node))
		if in.frame.rets != nil {
			v = in.frame.rets
		} else if sig == raised {
			v = unknown
		}
	}
	in.depth--
	in.frame = up
	in.limit = limit
	if in.stopped && in.steps <= limit {
		in.stopped = false
		v = unknown
	}
	in.note(u, steps, led)
	return in.closure(f, args, env, v)
}

// closure marks a function that was made in a call with a view as argument as a wrapper of that view.
func (in *Interp) closure(f *Func, args Args, env *Env, v Value) Value {
	w, ok := v.(*Func)
	if !ok || f.Mod.isLib || !within(w.env, env) {
		return v
	}
	first := args.Pos
	if f.self != nil && len(first) > 0 {
		first = first[1:]
	}
	if len(first) == 0 || !isView(first[0]) {
		return v
	}
	return attach(w, first[0], in.guard(in.decoratorName(f), f), env, 0)
}

// attach puts the view under a wrapper, also where the wrapper was decorated itself before it was returned.
func attach(w *Func, view Value, by *Guard, env *Env, depth int) *Func {
	c := *w
	if under, ok := w.Under.(*Func); ok && depth < 8 && within(under.env, env) {
		c.Under = attach(under, view, by, env, depth+1)
		return &c
	}
	if c.Under == nil {
		c.Under = view
	}
	c.By = by
	return &c
}

func within(e, owner *Env) bool {
	for ; e != nil; e = e.parent {
		if e == owner {
			return true
		}
	}
	return false
}

// decoratorName is the dotted name of a decorator: of the outermost function, for one that a factory made.
func (in *Interp) decoratorName(f *Func) string {
	id, ok := in.FuncID(f)
	if !ok {
		return f.Name
	}
	name, _, _ := strings.Cut(in.prog.QualName(id), ".<locals>")
	name = strings.TrimSuffix(name, ".__call__") // an instance of a class that decorates
	return f.Mod.Name + "." + name
}

// tooDeep: calls and brackets are nested deeper than anybody writes them.
func (in *Interp) tooDeep() bool {
	if in.depth <= maxDepth*4 {
		return false
	}
	in.trip(limitDepth)
	return true
}

// mayCall counts calls and keeps recursion short.
func (in *Interp) mayCall(f *Func) bool {
	k := funcKey{f.Mod, f.Node}
	u := in.calls[k]
	if u == nil {
		u = &use{}
		in.calls[k] = u
	}
	if in.tooDeep() {
		return false
	}
	if u.calls >= maxCalls && !f.Mod.isLib {
		in.trip(limitCalls)
		return false
	}
	depth, same := 0, 0
	for fr := in.frame; fr != nil; fr = fr.up {
		depth++
		if fr.fn != nil && fr.fn.Node == f.Node && fr.fn.Mod == f.Mod {
			same++
		}
	}
	if depth >= maxDepth {
		in.trip(limitDepth)
		return false
	}
	if same >= maxSame {
		return false
	}
	u.calls++
	return true
}

// isSide reports whether a function cannot lead to a registration.
func (in *Interp) isSide(f *Func) bool {
	id, ok := in.FuncID(f)
	if !ok || in.relevant[id] {
		return false
	}
	// What a relevant function defines inside itself belongs to it.
	mod, local := in.prog.Where(id)
	outer := in.prog.Info(mod).Funcs[local].Outer
	return outer == 0 || !in.relevant[in.prog.FuncID(mod, outer)]
}

func (in *Interp) isGenerator(f *Func) bool {
	if f.Mod.isLib {
		return false
	}
	id, ok := in.FuncID(f)
	if !ok {
		return false
	}
	mod, local := in.prog.Where(id)
	return in.prog.Info(mod).Funcs[local].IsGenerator
}

// generate runs a generator and hands what it yields to a function.
func (in *Interp) generate(g *generator, yield func(Value) Value) {
	in.run(g.fn, g.args, yield)
}

// bindParams gives the parameters their arguments.
func (in *Interp) bindParams(f *Func, env *Env, args Args) {
	file := f.Mod.file
	used := make([]bool, len(args.Kw))
	pos := 0
	params := file.Params(f.Node)
	env.vars.grow(len(params) + minAttrs)
	for _, p := range params {
		id := ast.NodeID(p)
		name := file.IdentOf(id)
		switch kind := file.ParamKindOf(id); kind {
		case ast.VarArgs:
			l := &List{Open: args.Open, born: in.journaling}
			if pos < len(args.Pos) {
				l.Elems = append(l.Elems, args.Pos[pos:]...)
				pos = len(args.Pos)
			}
			env.vars.set(name, l)
		case ast.VarKeyword:
			d := in.newDict()
			d.Open = args.Open
			for i, k := range args.Kw {
				if !used[i] {
					d.set(Str{S: k.Name}, k.V)
				}
			}
			env.vars.set(name, d)
		default:
			env.vars.set(name, in.param(f, id, kind, &pos, used, args))
		}
	}
}

func (in *Interp) param(f *Func, id ast.NodeID, kind ast.ParamKind, pos *int, used []bool, args Args) Value {
	name := f.Mod.file.IdentOf(id)
	if kind != ast.KeywordOnly && *pos < len(args.Pos) {
		v := args.Pos[*pos]
		*pos++
		return v
	}
	if kind != ast.PosOnly {
		for i, k := range args.Kw {
			if k.Name == name {
				used[i] = true
				return k.V
			}
		}
	}
	if v, ok := f.defaults[id]; ok {
		return v
	}
	if d := f.Mod.file.SlotC(id); d != 0 && !f.hasDefaults {
		return unknown
	}
	return &Unknown{Path: "?" + name, Open: true}
}

// function makes a function object.
func (in *Interp) function(id ast.NodeID) *Func {
	f := &Func{Mod: in.frame.mod, Node: id, env: in.frame.env, hasDefaults: true}
	file := f.Mod.file
	if file.Kind(id) == ast.Lambda {
		f.Name = "<lambda>"
	} else {
		f.Name = file.IdentOf(id)
	}
	for _, p := range file.Params(id) {
		if d := file.SlotC(ast.NodeID(p)); d != 0 {
			if f.defaults == nil {
				f.defaults = map[ast.NodeID]Value{}
			}
			f.defaults[ast.NodeID(p)] = in.eval(d)
		}
	}
	return f
}

// decorated applies the decorators of a definition, the last one first.
func (in *Interp) decorated(id ast.NodeID, v Value) Value {
	file := in.frame.mod.file
	decs := file.Decorators(id)
	if len(decs) == 0 {
		return v
	}
	fns := make([]Value, len(decs))
	for i, d := range decs {
		fns[i] = in.eval(ast.NodeID(d))
	}
	saved := in.frame.call
	for i := len(decs) - 1; i >= 0; i-- {
		in.frame.call = ast.NodeID(decs[i])
		r := in.call(fns[i], Args{Pos: []Value{v}})
		if !isUnknown(r) {
			if _, isNone := r.(None); !isNone {
				v = r
			}
		}
	}
	in.frame.call = saved
	return v
}
