package flask

import (
	"strings"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/semantic"
)

// objKey identifies an app, blueprint or API: where it was made.
type objKey struct {
	site  value.Site
	class ir.ClassID
	path  string
}

type builder struct {
	*Model
	registrars map[objKey]*Registrar
	order      []*Registrar
	getenv     func(string) (string, bool)
}

func keyOf(o *value.Obj) (objKey, bool) {
	switch o.Kind {
	case value.ObjLibrary:
		return objKey{site: o.Site, path: o.Path, class: ir.NoClass}, true
	case value.ObjInstance:
		return objKey{site: o.Site, class: o.Class}, true
	}
	return objKey{}, false
}

// libraryTypes are the library types that an object is an instance of: its own, or the outside bases of its class.
func (b *builder) libraryTypes(o *value.Obj) []string {
	switch o.Kind {
	case value.ObjLibrary:
		return []string{o.Path}
	case value.ObjInstance:
		return b.externalBases(o.Class)
	}
	return nil
}

func (m *Model) externalBases(id ir.ClassID) []string {
	var out []string
	for _, t := range m.prog.MRO(id) {
		if t.Kind == semantic.TargetExternal {
			out = append(out, m.set.Canonical(t.Path))
		}
	}
	return out
}

func registrarKind(path string) (RegistrarKind, bool) {
	last := path[strings.LastIndexByte(path, '.')+1:]
	switch {
	case path == "flask.Flask" || last == "APIFlask" || path == "flask_openapi3.OpenAPI":
		return KindApp, true
	case last == "Blueprint" || last == "APIBlueprint":
		return KindBlueprint, true
	case last == "Namespace" && (strings.HasPrefix(path, "flask_restx") || strings.HasPrefix(path, "flask_restplus")):
		return KindNamespace, true
	case last == "Api" && strings.HasPrefix(path, "flask_"):
		return KindAPI, true
	}
	return 0, false
}

// kindOf is the kind of registrar that an object is.
func (b *builder) kindOf(o *value.Obj) (RegistrarKind, bool) {
	for _, t := range b.libraryTypes(o) {
		if k, ok := registrarKind(t); ok {
			return k, true
		}
	}
	return 0, false
}

// registrar finds or makes the registrar of an object.
func (b *builder) registrar(o *value.Obj) *Registrar {
	key, ok := keyOf(o)
	if !ok {
		return nil
	}
	if r := b.registrars[key]; r != nil {
		return r
	}
	kind, ok := b.kindOf(o)
	if !ok {
		return nil
	}
	r := &Registrar{Kind: kind, PrefixKnown: true}
	b.registrars[key] = r
	b.order = append(b.order, r)
	if kind == KindApp {
		b.Apps = append(b.Apps, r)
	}
	return r
}

func (b *builder) registrarsOf(v *value.Value) []*Registrar {
	if v == nil {
		return nil
	}
	var out []*Registrar
	for i := range v.Objs {
		if r := b.registrar(&v.Objs[i]); r != nil {
			out = append(out, r)
		}
	}
	return out
}

// constructors reads the arguments with which apps, blueprints and APIs are made.
func (b *builder) constructors() {
	for i := range b.res.Events {
		e := &b.res.Events[i]
		if e.Result == nil {
			continue
		}
		for j := range e.Result.Objs {
			o := &e.Result.Objs[j]
			if _, isKind := b.kindOf(o); !isKind || !b.makes(e, o) {
				continue
			}
			if r := b.registrar(o); r != nil && r.Event == nil {
				r.Event = e
				b.readConstructor(r, e)
			}
		}
	}
}

// makes reports whether an event is the construction of an object rather than a call that returns it.
func (b *builder) makes(e *flow.Event, o *value.Obj) bool {
	for _, t := range b.libraryTypes(o) {
		if e.Callee == t || e.Callee == t+".__init__" {
			return true
		}
	}
	return false
}

func (b *builder) readConstructor(r *Registrar, e *flow.Event) {
	switch r.Kind {
	case KindBlueprint:
		if a, ok := e.Args.At(0, "name"); ok {
			r.Name, _ = a.Value.ConstStr()
		}
		b.readPrefix(r, e, -1, "url_prefix")
	case KindNamespace:
		name, _ := e.Args.At(0, "name")
		r.Name, _ = name.Value.ConstStr()
		r.Prefix = "/" + r.Name
		b.readPrefix(r, e, 2, "path")
	case KindAPI:
		b.readPrefix(r, e, -1, "prefix")
		if a, ok := e.Args.At(0, "app"); ok {
			b.hang(r, a.Value, "", false)
		}
		if a, ok := e.Args.Keyword("blueprint"); ok {
			b.hang(r, a.Value, "", false)
		}
	}
}

func (b *builder) readPrefix(r *Registrar, e *flow.Event, pos int, name string) {
	a, ok := e.Args.At(pos, name)
	if !ok {
		return
	}
	if s, known := textOf(a.Value); known {
		r.Prefix = s
		return
	}
	r.PrefixKnown = isNone(a.Value)
}

// hang records that a registrar is registered on whatever parents a value may be.
func (b *builder) hang(r *Registrar, parents *value.Value, prefix string, hasOwn bool) {
	for _, p := range b.registrarsOf(parents) {
		if p != r && len(r.parents) < maxMounts {
			r.parents = append(r.parents, mount{parent: p, prefix: prefix, hasOwn: hasOwn, resolved: true})
		}
	}
}

// maxMounts bounds how often one blueprint may be registered; a generated tree of a thousand would multiply its routes.
const maxMounts = 16

// mounts reads register_blueprint, add_namespace and init_app.
func (b *builder) mounts() {
	for i := range b.res.Events {
		e := &b.res.Events[i]
		switch method(e.Callee) {
		case "register_blueprint", "register_api":
			b.mountBlueprint(e)
		case "add_namespace":
			b.mountChild(e, 0, "ns", 1, "path")
		case "init_app":
			if a, ok := e.Args.At(0, "app"); ok {
				for _, api := range b.registrarsOf(e.Recv) {
					if api.Kind == KindAPI {
						b.hang(api, b.orApp(a.Value), "", false)
					}
				}
			}
		}
	}
}

func (b *builder) mountBlueprint(e *flow.Event) {
	b.mountChild(e, 0, "blueprint", -1, "url_prefix")
}

func (b *builder) mountChild(e *flow.Event, pos int, name string, prefixPos int, prefixName string) {
	child, ok := e.Args.At(pos, name)
	if !ok {
		return
	}
	prefix, hasOwn := "", false
	if a, given := e.Args.At(prefixPos, prefixName); given && !isNone(a.Value) {
		prefix, hasOwn = textOf(a.Value)
	}
	for _, r := range b.registrarsOf(child.Value) {
		b.hang(r, b.orApp(e.Recv), prefix, hasOwn)
	}
}

// orApp replaces a receiver that is only known as a parameter (`def init_app(app): …`, called by nobody we can see) by
// the application.
func (b *builder) orApp(v *value.Value) *value.Value {
	if len(b.registrarsOf(v)) > 0 {
		return v
	}
	if app := b.app(); app != nil {
		return app
	}
	return v
}

// app is a value that stands for the program's first application, nil when none was seen.
func (b *builder) app() *value.Value {
	for i := range b.res.Events {
		e := &b.res.Events[i]
		if e.Result == nil {
			continue
		}
		for j := range e.Result.Objs {
			if k, ok := b.kindOf(&e.Result.Objs[j]); ok && k == KindApp {
				return e.Result
			}
		}
	}
	return nil
}

// prefixes are the paths from the application down to a registrar, each with the blueprint names on the way.
func prefixes(r *Registrar, depth int) []mounted {
	if depth > maxDepth {
		return nil
	}
	if r.Kind == KindApp {
		return []mounted{{known: true}}
	}
	if len(r.parents) == 0 {
		return []mounted{{prefix: r.Prefix, name: r.ownName(), known: r.PrefixKnown}}
	}
	var out []mounted
	for _, m := range r.parents {
		own, known := r.Prefix, r.PrefixKnown
		if m.hasOwn {
			own, known = m.prefix, true
		}
		for _, above := range prefixes(m.parent, depth+1) {
			p := mounted{prefix: own, name: above.name, known: known && above.known}
			if above.prefix != "" {
				p.prefix = joinURL(above.prefix, own)
			}
			if n := r.ownName(); n != "" {
				p.name = strings.TrimPrefix(above.name+"."+n, ".")
			}
			out = append(out, p)
		}
	}
	return dedupMounted(out)
}

// maxDepth bounds the nesting of blueprints, which a hostile tree could make a cycle.
const maxDepth = 8

type mounted struct {
	prefix, name string
	known        bool
}

func (r *Registrar) ownName() string {
	if r.Kind == KindBlueprint {
		return r.Name
	}
	return ""
}

func dedupMounted(in []mounted) []mounted {
	seen := map[mounted]bool{}
	out := in[:0]
	for _, m := range in {
		if !seen[m] {
			seen[m] = true
			out = append(out, m)
		}
	}
	return out
}

func method(callee string) string { return callee[strings.LastIndexByte(callee, '.')+1:] }

func isNone(v *value.Value) bool {
	return v != nil && v.IsConst && len(v.Consts) == 1 && v.Consts[0].Kind == ir.ConstNone
}

// textOf is the one string that a value can be.
func textOf(v *value.Value) (string, bool) {
	if v == nil {
		return "", false
	}
	return v.ConstStr()
}

// textsOf are the strings that a value can be; nil when it can be others.
func textsOf(v *value.Value) []string {
	if v == nil || !v.IsConst {
		return nil
	}
	var out []string
	for _, c := range v.Consts {
		if c.Kind != ir.ConstStr {
			return nil
		}
		out = append(out, c.Str)
	}
	return out
}
