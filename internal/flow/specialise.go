package flow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
)

// closureEnv is what the owner of captured variables was called with, and where the owner itself was made.
type closureEnv struct {
	owner ir.FuncID
	args  []*value.Value
	outer *closureEnv
}

// of finds the environment that a function owns.
func (e *closureEnv) of(id ir.FuncID) *closureEnv {
	for e != nil && e.owner != id {
		e = e.outer
	}
	return e
}

func (s *solver) envOf(ctx uint32) *closureEnv {
	if ctx == 0 || int(ctx) > len(s.envs) {
		return nil
	}
	return s.envs[ctx-1]
}

// madeClosure is a function object that left the call that made it.
type madeClosure struct {
	fn  ir.FuncID
	ctx uint32
}

func (s *solver) made(fn ir.FuncID, ctx uint32) {
	if m := (madeClosure{fn, ctx}); ctx != 0 && !slices.Contains(s.closures, m) && len(s.closures) < maxEnvs {
		s.closures = append(s.closures, m)
	}
}

// solveClosures runs the closures that nobody of the program called, with what they captured: a decorator's function that stands
// in place of a view calls the view with more than the URL gives.
func (s *solver) solveClosures() {
	for i := 0; i < len(s.closures) && s.ctx.Err() == nil; i++ {
		c := s.closures[i]
		fn := s.fn(c.fn)
		st := &s.funcs[c.fn]
		if fn == nil || st.status != done || st.info == nil || s.stats.Instrs > maxTotalInstrs {
			continue
		}
		if k := fmt.Sprintf("env%d;", c.ctx); st.special[k] == nil && len(st.special) < maxSpecialised {
			s.copy(st, k, func() *summary { return s.runCopy(fn, nil, c.ctx) })
		}
	}
}

// closure numbers the environment of a function object that leaves the call that made it.
func (s *solver) closure(fn *ir.Func, args []*value.Value, f *frame, outer *closureEnv) uint32 {
	key := envKeyOf(fn.ID, outer, args)
	for _, id := range s.envsOf[key] {
		if e := s.envs[id-1]; e.outer == outer && equalAll(e.args, args) {
			return id
		}
	}
	if len(s.envs) >= maxEnvs {
		s.trip(fn, limitEnvs)
		return 0
	}
	makes := s.isFactory(fn.ID)
	for _, a := range args {
		switch {
		case a == nil:
		case makes:
			f.outlive(a)
		default:
			f.escape(a)
		}
	}
	s.envs = append(s.envs, &closureEnv{fn.ID, args, outer})
	id := uint32(len(s.envs))
	s.envsOf[key] = append(s.envsOf[key], id)
	return id
}

// envKey is what equal environments have in common: one decorator may wrap thousands of functions.
type envKey struct {
	fn    ir.FuncID
	outer *closureEnv
	hash  uint32
}

func envKeyOf(fn ir.FuncID, outer *closureEnv, args []*value.Value) envKey {
	k := envKey{fn: fn, outer: outer, hash: uint32(len(args))}
	for _, a := range args {
		if a != nil && len(a.Objs) > 0 {
			o := &a.Objs[0]
			k.hash = k.hash*31 + uint32(o.Func)*7 + uint32(o.Class)*5 + uint32(o.Site.Node)*3 + o.Site.Context
		}
	}
	return k
}

func equalAll(a, b []*value.Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// isInner: function id is defined somewhere inside outer.
func (s *solver) isInner(id, outer ir.FuncID) bool {
	for range 8 {
		fn := s.fn(id)
		if fn == nil || fn.Outer == id {
			return false
		}
		if fn.Outer == outer {
			return true
		}
		id = fn.Outer
	}
	return false
}

// throughEnv gives the symbolic parameters of the owner of a captured variable the meaning that they have for this
// closure.
func (f *frame) throughEnv(owner ir.FuncID, v *value.Value) *value.Value {
	env := f.s.envOf(f.env).of(owner)
	if env == nil {
		return v
	}
	b := f.s.binding()
	b.f, b.sum, b.fn, b.args = f, &summary{}, &ir.Func{ID: owner, Name: f.s.prog.FuncName(owner)}, env.args
	r := b.value(v)
	f.s.release(b)
	return r
}

// specialised solves a copy of a function for arguments that steer it; nil when the plain summary serves.
func (s *solver) specialised(f *frame, fn *ir.Func, args []*value.Value, ctx uint32) *summary {
	st := &s.funcs[fn.ID]
	if st.status != done || st.info == nil || s.depth >= maxDepth/2 || fn.Kind > ir.KindLambda {
		return nil
	}
	key := s.keyBuf[:0]
	var start []*value.Value
	if env := s.envOf(ctx); env != nil {
		key = strconv.AppendUint(append(key, "env"...), uint64(ctx), 10)
		key = append(key, ';')
	}
	for i, a := range args {
		if i >= 64 || a == nil || st.info.decisive>>i&1 == 0 || i == 0 && fn.Class != ir.NoClass && !st.info.isStatic && !isSubInstance(a, fn) {
			continue
		}
		v := s.steering(a)
		if v == nil {
			continue
		}
		if start == nil {
			start = make([]*value.Value, len(args))
		}
		start[i] = v
		key = append(strconv.AppendInt(key, int64(i), 10), ':')
		key = appendKey(key, v)
	}
	s.keyBuf = key
	if len(key) == 0 {
		return nil
	}
	if sum, ok := st.special[string(key)]; ok {
		return sum
	}
	if s.isTired() {
		return nil
	}
	k := string(key) // a copy inside the copy writes over the buffer
	if len(st.special) >= maxCopies(ctx) {
		s.trip(fn, limitSpecial)
		return nil
	}
	return s.copy(st, k, func() *summary { return s.runCopy(fn, start, ctx) })
}

// copy solves a copy of a function and keeps it. The copy may lean on a group that is forgotten meanwhile, and the function's
// copies with it; then the next call solves it again.
func (s *solver) copy(st *funcState, key string, run func() *summary) *summary {
	if st.special == nil {
		st.special = map[string]*summary{}
	}
	st.special[key] = nil // a recursive call takes the plain summary
	s.stats.Specialised++
	sum := run()
	if st.special != nil {
		st.special[key] = sum
	}
	return sum
}

// maxCopies bounds the copies of a function. A closure is another function for each environment: the one that a decorator puts
// around every task calls another task each time.
func maxCopies(ctx uint32) int {
	if ctx != 0 {
		return maxClosureCopies
	}
	return maxSpecialised
}

// isSubInstance: self is an instance of a subclass, whose methods differ.
func isSubInstance(a *value.Value, fn *ir.Func) bool {
	n := 0
	for i := range a.Objs {
		switch o := &a.Objs[i]; o.Kind {
		case value.ObjInstance, value.ObjClass:
			if o.Class == fn.Class {
				return false
			}
			n++
		case value.ObjParam:
		default:
			return false
		}
	}
	return n == 1
}

// steering is what a copy is made for: constants, functions, classes and library objects, without taint.
func (s *solver) steering(a *value.Value) *value.Value {
	if a.IsConst && len(a.Taint) == 0 {
		return a
	}
	if len(a.Objs) == 0 {
		return nil
	}
	if m := memberSteers(a); m != nil {
		return m
	}
	if a.AnyObj {
		return s.serviceSteers(a)
	}
	instance := -1
	for i := range a.Objs {
		switch a.Objs[i].Kind {
		case value.ObjInstance:
			instance = i
		case value.ObjParam:
		case value.ObjSite, value.ObjMember:
			return nil
		}
	}
	n := *a
	n.Taint = nil
	if instance < 0 {
		if hasParamObj(a) {
			return s.serviceSteers(a)
		}
		return &n
	}
	// The class is what steers; which instance it is, the summary leaves to the caller.
	n.Objs = nil
	for _, o := range a.Objs {
		switch o.Kind {
		case value.ObjParam:
			continue
		case value.ObjInstance:
			o.Site = value.Site{}
		}
		n.Objs = append(n.Objs, o)
	}
	if len(n.Objs) != 1 {
		if hasParamObj(a) {
			return nil
		}
		n.Objs = a.Objs
	}
	return &n
}

// serviceSteers: of what may be an object of a library, or whatever the caller's own instance holds in its place, the object
// steers, if a service is asked through it: self.session.query(Book), where the constructor was passed the session.
func (s *solver) serviceSteers(a *value.Value) *value.Value {
	var objs []value.Obj
	isService := false
	for i := range a.Objs {
		switch a.Objs[i].Kind {
		case value.ObjParam:
		case value.ObjLibrary, value.ObjClass:
			objs = append(objs, a.Objs[i])
			isService = isService || a.Objs[i].Kind == value.ObjLibrary && s.set.isService(a.Objs[i].Path)
		default:
			return nil
		}
	}
	if !isService {
		return nil
	}
	n := *a
	n.Taint, n.Objs = nil, objs
	return &n
}

// memberSteers: a method of an object of a library that is dangerous to call, passed as a function: retry(session.get, url). What
// the caller's own instance may hold in its place is left out, and of the object what it is of.
func memberSteers(a *value.Value) *value.Value {
	var m *value.Obj
	for i := range a.Objs {
		switch o := &a.Objs[i]; {
		case o.Kind == value.ObjParam:
		case m == nil && o.Kind == value.ObjMember && o.Entry != nil && len(o.Entry.Sinks) > 0 && isLibraryObj(o.Recv):
			m = o
		default:
			return nil
		}
	}
	if m == nil {
		return nil
	}
	n := *m
	n.Recv = value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: m.Recv.Objs[0].Path, Entry: m.Recv.Objs[0].Entry})
	return value.OfObj(n)
}

func isLibraryObj(v *value.Value) bool {
	return v != nil && len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjLibrary
}

// appendKey writes what a copy is known by: once for each call, so without fmt.
func appendKey(b []byte, v *value.Value) []byte {
	number := func(n int64) { b = append(strconv.AppendInt(b, n, 10), '.') }
	for i := range v.Consts() {
		c := &v.Consts()[i]
		number(int64(c.Kind))
		number(c.Int)
		b = append(strconv.AppendQuote(b, c.Str), ';')
	}
	for i := range v.Objs {
		o := &v.Objs[i]
		number(int64(o.Kind))
		number(int64(o.Func))
		number(int64(o.Class))
		number(int64(o.Site.Func))
		number(int64(o.Site.Node))
		number(int64(o.Site.Context))
		b = append(b, o.Path...)
		b = append(b, ';')
	}
	return b
}

// openEvents give the events of a callee that depend on its parameters the receiver that this call passes.
func (b *binding) openEvents() {
	for _, e := range b.sum.events {
		recv := b.value(e.Recv)
		if recv == nil || equal(recv, e.Recv) {
			continue
		}
		n := *e
		n.Recv, n.Open = recv, false
		if name, ok := strings.CutPrefix(e.Callee, "?."); ok {
			b.resolveEvent(&n, name)
		}
		n.Open = hasParamObj(n.Recv)
		n.Args = b.callArgs(e.Args)
		saved := n.Func
		added := b.f.s.addEvent(&n, nil)
		added.Func = saved
		if n.Open {
			b.f.sum.addEvent(added)
		}
	}
}

// resolveEvent finds the library path of an event whose receiver is known now.
func (b *binding) resolveEvent(e *Event, name string) {
	for i := range e.Recv.Objs {
		o := &e.Recv.Objs[i]
		attr, set := strings.CutSuffix(name, ".__set__")
		if o.Kind != value.ObjLibrary {
			continue
		}
		if m := b.f.s.set.Member(o.Path, attr); m != nil {
			e.Callee, e.Entry = m.Path, m
			if set {
				e.Callee += ".__set__"
			}
			return
		}
		e.Callee = o.Path + "." + name
	}
}

func (b *binding) callArgs(c CallArgs) CallArgs {
	n := c
	n.Pos = append([]Arg(nil), c.Pos...)
	for i := range n.Pos {
		n.Pos[i].Value = b.value(n.Pos[i].Value)
	}
	n.Kw = append([]KwArg(nil), c.Kw...)
	for i := range n.Kw {
		n.Kw[i].Value = b.value(n.Kw[i].Value)
	}
	return n
}
