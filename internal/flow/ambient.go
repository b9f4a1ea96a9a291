package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// What hangs on the application and the request: the session and the configuration by key, flask.g by name.
//
//	session["next"] = request.args["next"]         # one view
//	return redirect(session.pop("next"))           # another

// byKey is the type of a mapping whose items other views find, "" for other objects.
func (f *frame) byKey(o *value.Obj) string {
	if o.Kind != value.ObjExternal && o.Kind != value.ObjLibrary {
		return ""
	}
	if typ := f.s.libraryType(o); typ == "flask.Session" || typ == "flask.Config" {
		return typ
	}
	return ""
}

// keepItem remembers whose words stand under a key.
func (f *frame) keepItem(o *value.Obj, k, w *value.Value, node ast.NodeID) {
	typ := f.byKey(o)
	key, ok := oneStr(k)
	if typ == "" || !ok {
		return
	}
	if typ == "flask.Session" {
		f.keep(place{inSession, key}, w, node)
		return
	}
	if w = stored(taintOnly(closedPart(f.deep(w)))); w == nil {
		return
	}
	if c := f.s.libAttr(typ, "["+key); c.write(w) {
		f.s.dirty(c)
	}
}

// keptItem is what any view put there under the key; nil when none did.
func (f *frame) keptItem(o *value.Obj, k *value.Value, node ast.NodeID) *value.Value {
	typ := f.byKey(o)
	key, ok := oneStr(k)
	if typ == "" || !ok {
		return nil
	}
	if typ == "flask.Session" {
		return f.found(place{inSession, key}, node)
	}
	c := f.s.libAttr(typ, "["+key)
	c.read(f.fn.ID)
	return c.joined
}

// contextCall is what a method of such a mapping gives or takes, beside what the models say of it.
func (f *frame) contextCall(e *models.Entry, recv *value.Value, args []arg, node ast.NodeID, r *value.Value) *value.Value {
	path, ok := strings.CutPrefix(e.Path, "flask.")
	if !ok || recv == nil || len(recv.Objs) != 1 || len(args) == 0 {
		return r
	}
	owner, method, _ := strings.Cut(path, ".")
	o := &recv.Objs[0]
	switch {
	case owner != "Session" && owner != "Config" && owner != "AppGlobals":
	case method == "update":
		f.keepAll(o, args, node)
	case method == "get" || method == "pop" || method == "setdefault":
		if method == "setdefault" && len(args) > 1 {
			f.keepItem(o, args[0].v, args[1].v, node)
		}
		kept := f.keptItem(o, args[0].v, node)
		if name, ok := oneStr(args[0].v); ok && owner == "AppGlobals" {
			kept = f.addedAttr(o, name)
		}
		if kept != nil {
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
