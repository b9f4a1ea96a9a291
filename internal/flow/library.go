package flow

import (
	"slices"
	"strconv"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

func itoa(i int64) string { return strconv.FormatInt(i, 10) }

// callPath calls something of a library by its path.
func (f *frame) callPath(o *value.Obj, args []arg, node ast.NodeID) *value.Value {
	path := f.s.set.Canonical(o.Path)
	if r, ok := f.builtin(path, args, node); ok {
		if e := f.s.set.Lookup(path); e != nil && (len(e.Sinks) > 0 || e.Event) {
			f.callEntry(e, e.Path, nil, args, node, r)
		}
		return r
	}
	e := f.s.set.Lookup(path)
	if e == nil {
		if r, ok := f.pureCall(path, args, node); ok {
			return f.note(r, node)
		}
		name := path[strings.LastIndexByte(path, '.')+1:]
		f.sinkByName(name, args, node)
		if isLookup(name) {
			return f.unknownLookup(nil, args, node)
		}
		r := f.unknownCall(nil, args, node)
		if bindsValues(name, args) {
			r = value.Clear(r, models.Kinds(models.SQL))
		}
		return r
	}
	var recv *value.Value
	if e.Loading != nil {
		recv = o.Recv
	}
	return f.callEntry(e, path, recv, args, node, nil)
}

// pureCall computes the result of a library function whose result depends on its arguments alone.
func (f *frame) pureCall(path string, args []arg, node ast.NodeID) (*value.Value, bool) {
	if (path == "os.path.commonpath" || path == "os.path.commonprefix") && len(args) == 1 {
		if elems, ok := f.elements(args[0].v); ok {
			return value.CommonPath(path, elems), true
		}
	}
	if path == "os.path.join" || path == "posixpath.join" {
		args = f.twice(args)
	}
	for i := range args {
		if args[i].kind > ir.ArgKeyword {
			return nil, false
		}
	}
	pos, kw := f.plainArgs(args)
	switch path {
	case "urllib.parse.urlencode", "urllib.parse.urlunsplit", "urllib.parse.urlunparse":
		if len(pos) > 0 {
			pos[0] = f.deep(pos[0])
		}
	}
	if elems, ok := value.PureTuple(path, pos); ok {
		return f.alloc("tuple", node, exactly(elems)), true
	}
	r, ok := value.PureCall(path, pos, kw)
	return r, ok && r != nil
}

// twice puts two elements in the place of *parts: what one part can do before another one shows then.
func (f *frame) twice(args []arg) []arg {
	if !slices.ContainsFunc(args, func(a arg) bool { return a.kind == ir.ArgStar }) {
		return args
	}
	var out []arg
	for _, a := range args {
		if a.kind == ir.ArgStar {
			e := arg{v: f.iterate(a.v, a.node), node: a.node}
			out = append(out, e, e)
			continue
		}
		out = append(out, a)
	}
	return out
}

// typedMethod is a method of a value of which only the library type is known; false when there is none such.
func (f *frame) typedMethod(recv *value.Value, name string, args []arg, node ast.NodeID) (*value.Value, bool) {
	if len(recv.Objs) > 0 || !strings.Contains(recv.Type, ".") {
		return nil, false
	}
	pos, kw := f.plainArgs(args)
	r, ok := value.PathMethod(recv, name, pos)
	if !ok {
		r, ok = value.PatternMethod(recv, name, pos, kw)
	}
	if !ok {
		r, ok = value.MACMethod(recv, name)
	}
	if e := f.s.set.Member(recv.Type, name); e != nil {
		if !ok {
			r = nil
		}
		return f.callEntry(e, e.Path, recv, args, node, r), true
	}
	return f.note(r, node), ok
}

// callEntry calls something that the models know. result overrides what the call gives.
func (f *frame) callEntry(e *models.Entry, path string, recv *value.Value, args []arg, node ast.NodeID, result *value.Value) *value.Value {
	for i := range e.Sinks {
		f.sink(e, &e.Sinks[i], e.Path, recv, args, node)
	}
	r := result
	if r == nil && recv != nil {
		if b, ok := f.builtin(e.Path, args, node); ok {
			r = b // os.environ.get
		}
	}
	if r == nil {
		r = f.entryResult(e, path, recv, args, node)
		if isMapper(e.Path) {
			r = f.rows(e, recv, args, node, r)
		}
	}
	switch {
	case e.IsSpec:
		r = f.specified(e, recv, args, node)
	case e.Loading != nil:
		r = f.loaded(e, recv, args, node, r)
	}
	r = f.stored(e, recv, args, node, f.readsFile(e, recv, args, node, r))
	f.writesRows(e, recv, args, node, r)
	if e.Returns == "io.TextIOWrapper" {
		f.opened(r, args)
	}
	for i := range e.Callbacks {
		r = f.callback(&e.Callbacks[i], recv, args, node, r)
	}
	if e.Event {
		ev := f.event(&Event{Callee: e.Path, Entry: e, Recv: recv, Args: f.freezeArgs(args), Result: r, Node: node})
		isApplied := f.decorator || nodeKind(f.fn, node) != ast.Call
		if ev != nil && len(args) > 0 && isApplied {
			f.decorates(ev, args[0].v)
		}
		if ev != nil && len(args) == 1 && isApplied {
			r = join(args[0].v, nil)
		}
	}
	if e.Injects != nil {
		f.injects(e, args, node)
	}
	if e.Hook != models.NoHook && len(args) == 1 && isDefinition(args[0].v) {
		r = args[0].v
	}
	if v := f.renders(e, recv, args, node, r); v != nil {
		r = v
	}
	r = f.rendersMarkdown(e, recv, args, r, node)
	if v := f.flashed(e, args, node); v != nil {
		r = v
	}
	f.raiseGuards(e, recv, args)
	if e.NoReturn {
		f.dead, f.deadCall = true, true
		return nil
	}
	return r
}

func (f *frame) entryResult(e *models.Entry, path string, recv *value.Value, args []arg, node ast.NodeID) *value.Value {
	var r *value.Value
	site := f.site(node)
	switch {
	case e.ReturnsSelf && recv != nil:
		r = recv
	case e.Returns != "":
		r = f.ofType(e.Returns, site)
	case e.IsType:
		r = f.ofType(e.Path, site)
	case e.Elem != "":
		r = f.alloc("list", node, &object{star: f.ofType(e.Elem, site)})
	}
	if recv == nil && e.CallSource == nil {
		if p, ok := f.pureCall(path, args, node); ok {
			if len(p.Taint) > 0 {
				p = f.cleaned(e, p, recv, args)
			}
			return f.note(p, node)
		}
	}
	if r == nil {
		r = value.Unknown
	}
	var in []*value.Value
	marks := value.Marks(0)
	if e.FlowKnown || len(e.Flows) > 0 {
		for i := range e.Flows {
			if !e.Flows[i].ToReturn {
				f.flowInto(&e.Flows[i], recv, args)
				continue
			}
			for _, a := range f.selectArgs(e.Flows[i].From, recv, args) {
				if !isText(a.v) || !e.Contents { // what lies in a file is not made of its path
					in = append(in, a.v)
				}
			}
		}
	} else if len(e.Sanitizers) == 0 && !e.IsType && e.CallSource == nil {
		marks = value.MarkUnknownCall
		if recv != nil {
			in = append(in, recv)
		}
		for _, a := range args {
			in = append(in, a.v)
		}
	}
	for _, v := range in {
		if v = f.deep(v); v != nil && len(v.Taint) > 0 {
			r = value.AddLabels(r, v.Taint)
		}
	}
	r = f.cleaned(e, r, recv, args)
	if marks != 0 && len(r.Taint) > 0 {
		r = value.WithMark(r, marks)
	}
	if len(r.Taint) > 0 && len(args) > 0 && recv != nil {
		key, isConst := oneConst(args[0].v)
		r = f.nameKey(r, key, isConst, node)
	}
	if marks != 0 {
		r = value.WithStep(r, f.fn.ID, node, value.NoteUnknownCall)
	}
	switch e.Path {
	case "werkzeug.MultiDict.to_dict":
		r = value.AddLabels(f.alloc("dict", node, &object{star: r}), r.Taint)
	case "werkzeug.MultiDict.items", "werkzeug.MultiDict.values", "werkzeug.MultiDict.getlist": // the fields as they are
	default:
		r = f.note(r, node)
	}
	if e.CallSource != nil {
		r = f.sourceValue(r, e.CallSource, e.Path, node)
	}
	if c := f.converted(e, args); c != nil {
		return c
	}
	return r
}

// cleaned applies the sanitizers of a call. Where the conditions of none hold, the value comes out as it went in.
func (f *frame) cleaned(e *models.Entry, r, recv *value.Value, args []arg) *value.Value {
	any := false
	for i := range e.Sanitizers {
		if s := &e.Sanitizers[i]; f.condsHold(s.Conds, args) {
			r, any = f.sanitize(s, r, recv, args), true
		}
	}
	if !any && !e.FlowKnown {
		for i := range e.Sanitizers {
			r = f.sanitize(&models.Sanitizer{From: e.Sanitizers[i].From}, r, recv, args)
		}
	}
	return r
}

// sanitize clears what comes from a sanitizer's argument.
func (f *frame) sanitize(s *models.Sanitizer, r, recv *value.Value, args []arg) *value.Value {
	for _, a := range f.selectArgs(s.From, recv, args) {
		a.v = f.deep(a.v)
		if a.v == nil || len(a.v.Taint) == 0 {
			continue
		}
		r = value.AddLabels(r, value.Clear(a.v, s.Kinds).Taint)
		r = mapTaint(r, func(ls []value.Label) []value.Label {
			out := append([]value.Label(nil), ls...)
			for i := range out {
				for _, l := range a.v.Taint {
					if out[i].Origin == l.Origin {
						out[i].Cleared |= s.Kinds
					}
				}
			}
			return out
		})
	}
	return r
}

// flowInto is a flow from one argument into another, or into the receiver.
func (f *frame) flowInto(fl *models.Flow, recv *value.Value, args []arg) {
	for _, from := range f.selectArgs(fl.From, recv, args) {
		v := f.deep(from.v)
		if v == nil || len(v.Taint) == 0 {
			continue
		}
		for _, to := range f.selectArgs(fl.To, recv, args) {
			for i := range to.v.Objs {
				if k, ok := keyOf(&to.v.Objs[i]); ok {
					o := f.object(k)
					if o == nil {
						o = &object{}
					}
					f.heap.put(k, o.add(derived(0, v)))
				}
			}
		}
	}
}

// raiseGuards: a call that raises unless its argument is fine has returned.
func (f *frame) raiseGuards(e *models.Entry, recv *value.Value, args []arg) {
	for i := range e.Guards {
		if g := &e.Guards[i]; g.Raises {
			for _, a := range f.selectArgs(g.Arg, recv, args) {
				f.clearEverywhere(a.v, g.Kinds)
			}
		}
	}
}

// clearEverywhere clears a value in every variable that holds it.
func (f *frame) clearEverywhere(v *value.Value, kinds models.KindSet) {
	if v == nil || len(v.Taint) == 0 {
		return
	}
	for i, w := range f.vars {
		if w == v || w != nil && sameOrigins(w, v) {
			f.vars[i] = value.Clear(w, kinds)
		}
	}
}

// isNumeral: the variables that hold the value hold the text of a number, since int() or float() of it has returned. What was
// cut out of something else says nothing of the rest.
func (f *frame) isNumeral(v *value.Value) {
	if v == nil || len(v.Taint) == 0 {
		return
	}
	for i, w := range f.vars {
		if w == v {
			f.vars[i] = value.Clear(w, models.AllKinds)
		}
	}
	f.checked(v, value.Clear(v, models.AllKinds))
}

// sameOrigins: both hold the same taint and are no parts of something bigger.
func sameOrigins(a, b *value.Value) bool {
	if len(a.Taint) == 0 || len(a.Taint) != len(b.Taint) || a.Str != nil && len(a.Str.Parts) > 1 {
		return false
	}
	for i := range a.Taint {
		if a.Taint[i].Origin != b.Taint[i].Origin || a.Taint[i].Trace != b.Taint[i].Trace {
			return false
		}
	}
	return true
}

// libraryItem is lib[k]: its __getitem__, or what the models say of its elements.
func (f *frame) libraryItem(v *value.Value, o *value.Obj, k *value.Value, node ast.NodeID) *value.Value {
	path := o.Path
	if hk, ok := keyOf(o); ok {
		if obj := f.object(hk); obj != nil {
			key, isConst := oneConst(k)
			if c := obj.find(cellItem, "", key); isConst && c != nil {
				return c.value
			}
			if obj.typ == configParser {
				return obj.item(key, isConst)
			}
		}
	}
	if path == "os.environ" || path == "os._Environ" {
		if name, ok := oneStr(k); ok {
			return value.OfEnv(value.Value{Type: "str", Taint: v.Taint}, &value.EnvRef{Name: name})
		}
	}
	kept := f.keptItem(o, k, node)
	if o.Kind == value.ObjExternal || kept != nil {
		return kept
	}
	if e := f.s.set.Member(path, "__getitem__"); e != nil {
		return f.callEntry(e, e.Path, value.AddLabels(value.OfObj(*o), v.Taint), []arg{{v: k, node: node}}, node, nil)
	}
	return nil
}

// libraryElem is an element of iterating over something of a library.
func (f *frame) libraryElem(v *value.Value, o *value.Obj, node ast.NodeID) *value.Value {
	if rows := rowsIn(o); rows != nil {
		return rows
	}
	r := value.Unknown
	if o.Entry != nil && o.Entry.Elem != "" {
		r = f.ofType(o.Entry.Elem, f.site(node))
	} else if e := f.s.set.Member(o.Path, "__iter__"); e != nil && e.Returns != "" {
		r = f.ofType(e.Returns, f.site(node))
	}
	for _, name := range []string{"__next__", "__iter__"} {
		if e := f.s.set.Member(o.Path, name); e != nil && e.CallSource != nil {
			self := value.AddLabels(value.OfObj(*o), v.Taint)
			r = value.AddLabels(r, f.callEntry(e, e.Path, self, nil, node, nil).Taint)
			break
		}
	}
	return value.AddLabels(r, f.deep(v).Taint)
}

// inheritedElem is an element of iterating over an instance of a class with a base of a library: the fields of a form.
func (f *frame) inheritedElem(o *value.Obj, node ast.NodeID) *value.Value {
	for _, base := range f.s.externalBases(o.Class) {
		for _, t := range f.s.set.Line(base) {
			if e := f.s.set.Lookup(t); e != nil && e.IsType && e.Elem != "" {
				return f.ofType(e.Elem, f.site(node))
			}
		}
	}
	return nil
}
