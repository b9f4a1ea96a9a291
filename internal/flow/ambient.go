package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// Mappings that hang on the application, the request or a file: what is put under a key, another function finds there. Rows say
// which classes are such, and whose words are found: the session's are the visitor's own, those of a shelf whoever's wrote them.
//
//	session["next"] = request.args["next"]         # one view
//	return redirect(session.pop("next"))           # another

// storeOf is what the rows say of the class of a mapping whose items other functions find, nil for other objects.
func (f *frame) storeOf(o *value.Obj) *models.Store {
	if o.Kind != value.ObjExternal && o.Kind != value.ObjLibrary {
		return nil
	}
	for _, t := range f.s.set.Line(f.s.libraryType(o)) {
		if e := f.s.set.Lookup(t); e != nil && e.IsType && e.Store != nil {
			return e.Store
		}
	}
	return nil
}

// placeOf is where such a mapping keeps what stands under a key; false where the key does not say.
func placeOf(s *models.Store, k *value.Value) (place, bool) {
	if s.Words == models.WordsWritten {
		name, ok := keyName(k)
		return place{kind: s.Place, name: name}, ok
	}
	name, ok := oneStr(k)
	return place{kind: s.Place, name: name, isOwn: s.Words == models.WordsOwn, isSetting: s.Words == models.WordsSetting}, ok
}

// keepItem remembers whose words stand under a key.
func (f *frame) keepItem(o *value.Obj, k, w *value.Value, node ast.NodeID) {
	s := f.storeOf(o)
	if s == nil || s.Words == models.WordsAttributes {
		return
	}
	p, ok := placeOf(s, k)
	if !ok {
		return
	}
	if p.isSetting {
		f.keepSetting(p, w)
	} else {
		f.keep(p, w, node)
	}
}

// keepSetting puts words, and objects such as the state of an extension, where the whole process finds them:
//
//	app.extensions["store"] = self
func (f *frame) keepSetting(p place, w *value.Value) {
	if w == nil {
		return
	}
	if hasOwnParam(w, f.fn.ID) {
		f.effect(effect{class: ir.NoClass, place: p, v: w})
	}
	if w = join(f.lastingObjs(w), stored(taintOnly(closedPart(f.deep(w))))); w == nil {
		return
	}
	if c := f.s.libAttr(p.kind, p.cell()); c.write(w) {
		f.s.dirty(c)
	}
}

// lastingObjs are the objects of a value that are there as long as the process from now on; nil for text. Where the caller knows which
// instance self is, any instance of its class says nothing. Lists and filled dicts are settings; an empty dict is there to be filled.
func (f *frame) lastingObjs(w *value.Value) *value.Value {
	isKnown := slices.ContainsFunc(w.Objs, func(o value.Obj) bool {
		return o.Kind == value.ObjParam || o.Kind == value.ObjInstance && o.Site != value.Site{}
	})
	var out *value.Value
	for i := range w.Objs {
		switch o := &w.Objs[i]; o.Kind {
		case value.ObjInstance:
			if isKnown && o.Site == (value.Site{}) {
				continue
			}
			out = join(out, value.OfObj(*o))
		case value.ObjSite:
			if k, ok := keyOf(o); ok && o.Path == "dict" && f.object(k).isVacant() {
				out = join(out, value.OfObj(*o))
			}
		case value.ObjLibrary:
			out = join(out, value.OfObj(*o))
		}
	}
	if out != nil {
		f.outlive(out)
	}
	return out
}

// keptItem is what any function put there under the key; nil when none did.
func (f *frame) keptItem(o *value.Obj, k *value.Value, node ast.NodeID) *value.Value {
	s := f.storeOf(o)
	if s == nil {
		return nil
	}
	if s.Words == models.WordsAttributes {
		if name, ok := oneStr(k); ok {
			return f.addedAttr(o, name)
		}
		return nil
	}
	p, ok := placeOf(s, k)
	if !ok {
		return nil
	}
	if s.Words != models.WordsSetting {
		return f.found(p, node)
	}
	c := f.s.libAttr(p.kind, p.cell())
	c.read(f.fn.ID)
	return c.joined
}

func isMappingMethod(name string) bool {
	return slices.Contains([]string{"update", "get", "pop", "setdefault"}, name)
}

// mappingCall is what a method of such a mapping gives or takes, beside what the models say of it.
func (f *frame) mappingCall(o *value.Obj, method string, args []arg, node ast.NodeID, r *value.Value) *value.Value {
	switch {
	case len(args) == 0:
	case method == "update":
		f.keepAll(o, args, node)
	default:
		if method == "setdefault" && len(args) > 1 {
			f.keepItem(o, args[0].v, args[1].v, node)
		}
		if kept := f.keptItem(o, args[0].v, node); kept != nil {
			r = f.note(join(r, kept), node)
		}
	}
	return r
}

// keepAll remembers what update(…) puts into the mapping.
func (f *frame) keepAll(o *value.Obj, args []arg, node ast.NodeID) {
	for _, a := range args {
		if a.kind == ir.ArgKeyword {
			f.keepItem(o, value.Str(a.name), a.v, node)
			continue
		}
		for i := range a.v.Objs {
			k, ok := keyOf(&a.v.Objs[i])
			if from := f.object(k); ok && from != nil && from.typ == "dict" {
				for _, c := range from.cells {
					f.keepItem(o, value.Of(c.key), c.value, node)
				}
			}
		}
	}
}

// keepItems: what a callee put into such a mapping that it was given, or got from what it was given: app.extensions["store"] = self.
func (b *binding) keepItems(to *value.Obj, o *object) {
	if b.f.storeOf(to) == nil {
		return
	}
	for i := range o.cells {
		if c := &o.cells[i]; c.kind == cellItem {
			b.f.keepItem(to, value.Of(c.key), b.value(c.value), b.node)
		}
	}
}

// contextVar is the type of a variable of the request: what one function sets, others get, by its name.
const contextVar = "contextvars.ContextVar"

// contextMethod is variable.set(value) or variable.get().
func (f *frame) contextMethod(o *value.Obj, name string, args []arg) (*value.Value, bool) {
	p := place{kind: contextVar, name: o.Name, isOwn: true}
	c := f.s.libAttr(p.kind, p.cell())
	switch {
	case name == "get":
		c.read(f.fn.ID)
		return orUnknown(join(c.joined, firstArg(args))), true
	case name == "set" && len(args) > 0:
		f.escape(args[0].v)
		if hasOwnParam(args[0].v, f.fn.ID) {
			f.effect(effect{class: ir.NoClass, place: p, v: taintOnly(f.deep(args[0].v))})
		}
		if c.write(f.dropParams(args[0].v)) {
			f.s.dirty(c)
		}
		return value.Unknown, true
	}
	return nil, false
}
