package flow

import (
	"cmp"
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// maxFreeze bounds how deep collections are materialised into arguments, maxFrozen how many elements.
const (
	maxFreeze = 3
	maxFrozen = 128
)

// eventKey identifies an event: a place, what was called there, and on what.
type eventKey struct {
	fn     ir.FuncID
	node   ast.NodeID
	callee string
	recv   value.Site
	extra  string
	via    uint32
}

// freeze materialises a value.
func (f *frame) freeze(v *value.Value, node ast.NodeID, depth int) Arg {
	return freezer{f.s, f.object, f.fn.Module, f.fn}.freeze(v, node, depth)
}

// freezer shows what a module sees of collections.
type freezer struct {
	s      *solver
	object func(objKey) *object
	module *ir.Module
	fn     *ir.Func // that makes the call; nil behind the analysis
}

func (z freezer) freeze(v *value.Value, node ast.NodeID, depth int) Arg {
	a := Arg{Value: v, Node: node}
	if v == nil || depth >= maxFreeze || len(v.Objs) != 1 {
		return a
	}
	k, ok := keyOf(&v.Objs[0])
	if !ok || v.Objs[0].Kind != value.ObjSite {
		return a
	}
	o := z.object(k)
	if o == nil {
		return a
	}
	maker := z.s.fn(v.Objs[0].Site.Func)
	if o.typ == "dict" {
		a.IsDict = o.star == nil && len(v.Taint) == 0
		z.count(len(o.cells))
		for i := range o.cells[:min(len(o.cells), maxFrozen)] {
			if o.cells[i].kind == cellItem {
				a.Keys = append(a.Keys, KeyArg{o.cells[i].key, z.freeze(o.cells[i].value, z.here(maker, o.cells[i].node, node), depth+1)})
			}
		}
		return a
	}
	a.IsList = o.exact
	z.count(len(o.elems))
	for i, e := range o.elems[:min(len(o.elems), maxFrozen)] {
		a.Elems = append(a.Elems, z.freeze(e, z.here(maker, o.nodes[i], node), depth+1))
	}
	return a
}

func (z freezer) count(n int) {
	if n > maxFrozen && z.fn != nil {
		z.s.trip(z.fn, limitElements)
	}
}

// here is the node at which something was put into a collection, if that was in this module, else the one that holds the whole:
// node n of another file would be another place, or none, in this one.
func (z freezer) here(maker *ir.Func, n, whole ast.NodeID) ast.NodeID {
	if maker == nil || maker.Module != z.module || z.module.File != nil && int(n) >= len(z.module.File.Nodes) {
		return whole
	}
	return n
}

func (s *solver) materialiseGlobal(v *value.Value, m *ir.Module) Arg {
	s.mu.Lock()
	defer s.mu.Unlock()
	return freezer{s, s.global.get, m, nil}.freeze(v, 0, 0)
}

func (f *frame) freezeArgs(args []arg) CallArgs {
	var c CallArgs
	for _, a := range args {
		frozen := f.freeze(a.v, a.node, 0)
		switch a.kind {
		case ir.ArgKeyword:
			c.Kw = append(c.Kw, KwArg{a.name, frozen})
		case ir.ArgStar:
			c.HasStar = true
		case ir.ArgStarStar:
			c.HasStarStar = true
		default:
			c.Pos = append(c.Pos, frozen)
		}
	}
	return c
}

// registers are names by which routes are registered. Package startup evaluates those calls; here every `d.get(…)` on a
// parameter would be an event that nobody asks for.
func registers(name string) bool {
	switch name {
	case "route", "get", "post", "put", "patch", "delete", "add_url_rule", "register_blueprint", "add_resource", "resource", "expose",
		"add_view", "add_views", "register_api", "add_namespace", "namespace", "endpoint", "doc":
		return true
	}
	return false
}

// openEvent records a call of, or on, what the caller passed.
func (f *frame) openEvent(o *value.Obj, name string, args []arg, node ast.NodeID) {
	if name == "" || !f.s.isEventName(name) {
		return
	}
	f.event(&Event{Callee: "?." + name, Recv: value.OfObj(*o), Args: f.freezeArgs(args), Node: node, Open: true})
}

// nameEvents collects the names that events go by; registrations are no events, for start-up code is evaluated.
func (s *solver) nameEvents() {
	s.eventNames = map[string]bool{}
	for n := range s.set.EventNames() {
		s.eventNames[n] = !registers(n)
	}
}

func (s *solver) isEventName(name string) bool { return s.eventNames[name] }

// event records one event, once per place and receiver.
func (f *frame) event(e *Event) *Event {
	if !f.record || f.fn.Kind == ir.KindTemplate {
		return nil
	}
	e.Func = f.fn
	e.Cond = f.info.blocks[f.block].cond
	e.Open = e.Open || hasParamObj(e.Recv)
	return f.s.addEvent(e, f)
}

func (s *solver) addEvent(e *Event, f *frame) *Event {
	k := eventKey{fn: e.Func.ID, node: e.Node, callee: e.Callee}
	if e.Recv != nil && len(e.Recv.Objs) > 0 && !e.Open {
		k.recv = e.Recv.Objs[0].Site // what else a parameter may be is no reason to keep an open event twice
	}
	if len(e.Args.Pos) > 0 {
		if c, ok := oneStr(e.Args.Pos[0].Value); ok {
			k.extra = c
		}
	}
	if e.Open {
		k.via = 1
	}
	if old := s.seen[k]; old != nil {
		joinAssigned(e, old)
		order, dec, has, dc, hc := old.Order, old.Decorates, old.HasDecorates, old.DecoratesClass, old.HasClass
		*old = *e
		old.Order = order
		if !e.HasDecorates && !e.HasClass {
			old.Decorates, old.HasDecorates, old.DecoratesClass, old.HasClass = dec, has, dc, hc
		}
		e = old
	} else {
		s.order++
		e.Order = s.order
		s.seen[k] = e
		s.events = append(s.events, e)
	}
	if f != nil {
		if e.Open {
			f.sum.addEvent(e)
		}
		if f.events == nil {
			f.events = map[ast.NodeID]*Event{}
		}
		f.events[e.Node] = e
	}
	return e
}

// addEvent notes an event that callers give a receiver to; one event may come from several calls.
func (s *summary) addEvent(e *Event) {
	if !slices.Contains(s.events, e) {
		s.events = append(s.events, e)
	}
}

// joinAssigned keeps what another copy of the function, solved for other arguments, assigns at the same place.
func joinAssigned(e, old *Event) {
	n := len(e.Args.Pos)
	if n == 0 || n != len(old.Args.Pos) || !strings.HasSuffix(e.Callee, ".__setitem__") && !strings.HasSuffix(e.Callee, ".__set__") {
		return
	}
	last := &e.Args.Pos[n-1]
	last.Value = value.Join(last.Value, old.Args.Pos[n-1].Value)
}

func hasParamObj(v *value.Value) bool {
	if v == nil {
		return false
	}
	for i := range v.Objs {
		if v.Objs[i].Kind == value.ObjParam {
			return true
		}
	}
	return false
}

// applied links a decorator event to what it decorates: the result of the event's call is called with a function.
func (f *frame) applied(in *ir.Instr, args []arg) {
	if !f.record || f.events == nil && f.injecting == nil || len(args) != 1 || in.A < 0 {
		return
	}
	def := f.info.defs[in.A]
	if def == nil || def.Op != ir.OpCall && def.Op != ir.OpMethod {
		return
	}
	if in, ok := f.injecting[def.Node]; ok {
		f.injectInto(in, args[0].v)
	}
	if e := f.events[def.Node]; e != nil {
		f.decorates(e, args[0].v)
	}
}

func (f *frame) decorates(e *Event, v *value.Value) {
	for i := range v.Objs {
		if v.Objs[i].Kind == value.ObjClass {
			e.DecoratesClass, e.HasClass = v.Objs[i].Class, true
			return
		}
	}
	if ids := f.s.underlying(v); len(ids) > 0 {
		e.Decorates, e.HasDecorates = ids[len(ids)-1], true
	}
}

// assignEvent records app.secret_key = v and the like, and the sinks that assignment is.
func (f *frame) assignEvent(o *value.Obj, name string, w *value.Value, in *ir.Instr) {
	var e *models.Entry
	path := o.Path + "." + name
	switch o.Kind {
	case value.ObjLibrary:
		e = f.s.set.Member(o.Path, name)
	case value.ObjExternal:
		e = f.s.set.Lookup(path)
	case value.ObjParam:
		if !f.s.isEventName(name) {
			return
		}
		path = "?." + name
	}
	if e != nil {
		path = e.Path
		a := []arg{{v: w, node: in.Node}}
		for i := range e.Assign {
			f.sink(e, &e.Assign[i], path, nil, a, in.Node)
		}
	}
	if e != nil && e.Event || o.Kind == value.ObjParam || o.Kind == value.ObjLibrary && strings.HasPrefix(o.Path, "flask.") ||
		o.Path == "jinja2.Environment" {
		f.event(&Event{Callee: path + ".__set__", Entry: e, Recv: value.OfObj(*o), Args: CallArgs{Pos: []Arg{f.freeze(w, f.rhs(in), 0)}}, Node: in.Node})
	}
}

// rhs is the node of the value of an assignment, where the instruction's node is the statement.
func (f *frame) rhs(in *ir.Instr) ast.NodeID {
	if nodeKind(f.fn, in.Node) == ast.Assign {
		return f.fn.Module.File.SlotB(in.Node)
	}
	return in.Node
}

// itemEvent records config["KEY"] = v on a library object, and the sinks that __setitem__ is.
func (f *frame) itemEvent(v *value.Value, o *value.Obj, k, w *value.Value, in *ir.Instr) {
	args := []arg{{v: k, node: in.Node}, {v: w, node: in.Node}}
	if o.Kind == value.ObjParam {
		if s, ok := oneStr(k); ok && s != "" && (strings.HasSuffix(o.Path, "config") || strings.ToUpper(s) == s) {
			f.event(&Event{Callee: "?.__setitem__", Recv: value.OfObj(*o), Args: f.freezeArgs(args), Node: in.Node, Open: true})
		}
		return
	}
	f.keepItem(o, k, w, in.Node)
	typ := o.Path
	if o.Kind == value.ObjExternal { // `from flask import session`
		if a := f.s.set.Lookup(o.Path); a != nil {
			typ = a.Type
		}
	}
	e := f.s.set.Member(typ, "__setitem__")
	if e == nil {
		return
	}
	for i := range e.Sinks {
		f.sink(e, &e.Sinks[i], e.Path, value.OfObj(*o), args, in.Node)
	}
	if e.Event {
		f.event(&Event{Callee: e.Path, Entry: e, Recv: value.OfObj(*o), Args: f.freezeArgs(args), Node: in.Node})
	}
}

// finishEvents drops the open events of functions whose callers are known, and orders the rest.
func (s *solver) finishEvents() []Event {
	var out []Event
	for _, e := range s.events {
		if e.Open && s.funcs[e.Func.ID].called && e.Callee != "" && strings.HasPrefix(e.Callee, "?.") {
			continue
		}
		out = append(out, *e)
	}
	slices.SortStableFunc(out, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.Func.Module.Index, b.Func.Module.Index), cmp.Compare(a.Order, b.Order))
	})
	return out
}

// underlying are the functions behind a value, outermost first.
func (s *solver) underlying(v *value.Value) []ir.FuncID {
	var out []ir.FuncID
	s.walkFuncs(v, 0, &out)
	return out
}

func (s *solver) walkFuncs(v *value.Value, depth int, out *[]ir.FuncID) {
	if v == nil || depth > 8 || len(*out) > 32 {
		return
	}
	for i := range v.Objs {
		o := &v.Objs[i]
		switch o.Kind {
		case value.ObjFunc, value.ObjBound:
			if slices.Contains(*out, o.Func) {
				continue
			}
			*out = append(*out, o.Func)
			if env := s.envOf(o.Site.Context); env != nil {
				for _, a := range env.args {
					s.walkFuncs(a, depth+1, out)
				}
			}
		case value.ObjPartial, value.ObjMember:
			s.walkFuncs(o.Recv, depth+1, out)
		}
	}
}
