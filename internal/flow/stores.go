package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// What one request keeps under a name that the code gives, and another finds there: in the session of a visitor, a cache, Redis, a
// file. The name is all that is matched, so what is found is weaker than what a request brings itself.
//
//	session["back"] = request.args["back"]       # one view
//	return redirect(session.pop("back"))         # another, of the same visitor
//
//	cache.set(f"draft:{id}", request.form["text"])

// place keeps values by name. A session is the visitor's own, so that what is found in it is still his; the
// others are everybody's.
type place struct {
	kind, name string
	isOwn      bool
	isSetting  bool
}

func (p place) cell() string { return p.kind + "[" + p.name }

// String names the place for people.
func (p place) String() string {
	if p.kind == models.FilePlace {
		return "a file of the name " + p.name
	}
	return p.kind
}

// keep puts what a value holds into a store.
func (f *frame) keep(p place, v *value.Value, node ast.NodeID) {
	v = value.KeepLabels(taintOnly(f.deep(v)), func(l *value.Label) bool {
		return l.UnknownCalls() == 0 && (l.Origin.Kind == value.OriginParam || l.Origin.Source == models.Remote)
	})
	if v == nil || len(v.Taint) == 0 {
		return
	}
	f.keepIn(p, value.WithStep(v, f.fn.ID, node, "kept in "+p.String()))
}

// keepIn is keep for a value whose way is known. What a parameter holds is kept where the function is called.
func (f *frame) keepIn(p place, v *value.Value) {
	if p.isSetting {
		f.keepSetting(p, v)
		return
	}
	v = f.urlParts(v)
	if p.isOwn {
		v = value.WithMark(v, value.MarkSession)
	} else {
		v = written(v)
	}
	if hasParamLabel(v.Taint) {
		f.effect(effect{class: ir.NoClass, place: p, v: v})
	}
	if c := f.s.libAttr(p.kind, p.cell()); c.write(f.dropParams(v)) {
		f.s.dirty(c)
	}
}

// found is what any request kept in a store; nil when nothing is.
func (f *frame) found(p place, node ast.NodeID) *value.Value {
	c := f.s.libAttr(p.kind, p.cell())
	c.read(f.fn.ID)
	if c.joined == nil || len(c.joined.Taint) == 0 {
		return nil
	}
	first := *c.joined
	first.Taint = first.Taint[:min(maxWriters, len(first.Taint)):len(first.Taint)]
	return value.WithStep(derived(first.Marks, &first), f.fn.ID, node, "read again from "+p.String())
}

// minPrefix is the shortest beginning of a key that tells one kind of thing from others.
const minPrefix = 3

// keyName is a key as the code writes it: the whole text, or what stands before the first part that differs.
func keyName(v *value.Value) (string, bool) {
	if v == nil {
		return "", false
	}
	if s, ok := oneStr(v); ok && len(v.Taint) == 0 {
		return s, s != ""
	}
	p := v.Str.Prefix()
	return p + "*", len(p) >= minPrefix
}

// stored keeps what a call keeps, and adds to its result what was kept under the name.
func (f *frame) stored(e *models.Entry, recv *value.Value, args []arg, node ast.NodeID, r *value.Value) *value.Value {
	if s := e.Store; s != nil && !e.IsType {
		return f.keyed(s, recv, args, node, r)
	}
	if recv == nil || len(recv.Objs) != 1 || !isMappingMethod(e.Path[strings.LastIndexByte(e.Path, '.')+1:]) {
		return r
	}
	if o := &recv.Objs[0]; f.storeOf(o) != nil {
		return f.mappingCall(o, e.Path[strings.LastIndexByte(e.Path, '.')+1:], args, node, r)
	}
	return r
}

// keyed is a call that keeps or finds by a row of its own.
func (f *frame) keyed(s *models.Store, recv *value.Value, args []arg, node ast.NodeID, r *value.Value) *value.Value {
	p := place{kind: s.Place}
	keys := f.selectArgs(s.Key, recv, args)
	for _, m := range f.selectArgs(s.Mapping, recv, args) {
		f.keepMapping(s, p, keys, m.v, node)
	}
	if len(keys) == 0 {
		return r
	}
	key, ok := f.nameIn(s, keys[0].v)
	if !ok {
		return r
	}
	p.name = key
	fields := f.selectArgs(s.Field, recv, args)
	for _, a := range f.selectArgs(s.Value, recv, args) {
		v := value.Clear(a.v, s.Kinds)
		if s.Kinds != 0 {
			v = value.Clear(taintOnly(f.deep(a.v)), s.Kinds)
		}
		f.keep(p, v, node)
		if len(fields) > 0 {
			f.keep(p.field(fields[0].v), v, node)
		}
	}
	if !s.Finds {
		return r
	}
	if len(fields) > 0 {
		p = p.field(fields[0].v)
	}
	return f.withFound(p, node, r)
}

// keepMapping keeps the items of a dict: each under its own key, or as a field below the key.
func (f *frame) keepMapping(s *models.Store, p place, keys []arg, m *value.Value, node ast.NodeID) {
	key, isBelow := "", false
	if len(keys) > 0 {
		if key, isBelow = f.nameIn(s, keys[0].v); !isBelow {
			return
		}
		p.name = key
		f.keep(p, m, node)
	}
	for _, c := range f.itemsOf(m) {
		if isBelow {
			f.keep(p.field(value.Of(c.key)), c.value, node)
		} else if name, ok := keyName(value.Of(c.key)); ok {
			f.keep(place{kind: p.kind, name: name}, c.value, node)
		}
	}
}

// nameIn is the name that a key stands for: a file's is the last part of its path.
func (f *frame) nameIn(s *models.Store, key *value.Value) (string, bool) {
	if s.Place != models.FilePlace {
		return keyName(key)
	}
	if path := f.pathOf(key); path != nil {
		key = path
	}
	name := fileName(key)
	return name, name != ""
}

// field is the place of one field of a hash.
func (p place) field(name *value.Value) place {
	if s, ok := oneStr(name); ok {
		p.name += "[" + s
	}
	return p
}

func (f *frame) withFound(p place, node ast.NodeID, r *value.Value) *value.Value {
	if v := f.found(p, node); v != nil && r != nil {
		return value.AddLabels(r, v.Taint)
	}
	return r
}

// minFileName is the shortest name of a file that tells it from others.
const minFileName = 4

// fileName is the last part of a path, as the code writes it; empty when it is not known.
func fileName(path *value.Value) string {
	if path == nil {
		return ""
	}
	name, ok := oneStr(path)
	if !ok {
		name = path.Str.Suffix()
		if !strings.Contains(name, "/") {
			return ""
		}
	}
	if name = name[strings.LastIndexByte(name, '/')+1:]; len(name) < minFileName {
		return ""
	}
	return name
}

// pathOf is the path that an open file was opened at; nil when it is not known.
func (f *frame) pathOf(file *value.Value) *value.Value {
	if file == nil || len(file.Objs) != 1 {
		return nil
	}
	k, ok := keyOf(&file.Objs[0])
	if !ok {
		return nil
	}
	if o := f.object(k); o != nil {
		if c := o.find(cellAttr, "name", ir.Const{}); c != nil {
			return c.value
		}
	}
	return nil
}

// isForWriting: the call opens a file to write it.
func isForWriting(args []arg) bool {
	for i, a := range args {
		if i == 1 && a.kind == ir.ArgPos || a.kind == ir.ArgKeyword && a.name == "mode" {
			mode, ok := oneStr(a.v)
			return ok && strings.ContainsAny(mode, "wax")
		}
	}
	return false
}
