package flask

import (
	"slices"
	"sort"
	"strings"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// verbs are the HTTP methods that a class-based view can answer, and the shortcuts of apps and blueprints.
var verbs = [...]string{"get", "post", "put", "patch", "delete", "head", "options", "trace"}

func isVerb(name string) bool { return slices.Contains(verbs[:], name) }

// routes reads every form of registration.
func (b *builder) routes() {
	for i := range b.res.Events {
		e := &b.res.Events[i]
		switch m := method(e.Callee); {
		case m == "route" || m == "expose":
			b.decorated(e, nil)
		case isVerb(m):
			b.decorated(e, []string{strings.ToUpper(m)})
		case m == "add_url_rule":
			b.addURLRule(e)
		case m == "add_resource" || m == "resource":
			b.addResource(e)
		case isResponder(m) && e.HasDecorates:
			b.Responders = append(b.Responders, e.Decorates)
		}
	}
}

// isResponder recognises the registrations of functions whose result is sent to the visitor.
func isResponder(method string) bool {
	switch method {
	case "errorhandler", "app_errorhandler", "before_request", "before_app_request":
		return true
	}
	return false
}

// target is what a registration points at: a function, or the methods of a class.
type target struct {
	fn      ir.FuncID
	hasFn   bool
	class   *ir.Class
	methods []string
}

func (b *builder) decorated(e *flow.Event, methods []string) {
	arg, ok := e.Args.At(0, "rule")
	if !ok {
		return
	}
	if !b.isRegistration(e, arg) {
		return
	}
	if methods == nil {
		methods = methodsArg(e)
	}
	switch {
	case e.HasDecorates:
		b.add(e, arg, target{fn: e.Decorates, hasFn: true, methods: methods})
	case e.HasClass:
		for pos := range e.Args.Pos {
			b.addClass(e, e.Args.Pos[pos], b.prog.Class(e.DecoratesClass), methods)
		}
	}
}

// isRegistration keeps `client.get("/x")`, `requests.get("/x")` and the like out: a registration is on a registrar, or
// decorates something with a literal that starts with a slash.
func (b *builder) isRegistration(e *flow.Event, arg flow.Arg) bool {
	if !e.HasDecorates && !e.HasClass {
		return false
	}
	if len(b.registrarsOf(e.Recv)) > 0 {
		return true
	}
	for _, s := range textsOf(arg.Value) {
		if strings.HasPrefix(s, "/") {
			return true
		}
	}
	return false
}

func methodsArg(e *flow.Event) []string {
	a, ok := e.Args.Keyword("methods")
	if !ok {
		return nil
	}
	var out []string
	for _, el := range a.Elems {
		for _, s := range textsOf(el.Value) {
			out = append(out, strings.ToUpper(s))
		}
	}
	sort.Strings(out)
	return slices.Compact(out)
}

func (b *builder) addURLRule(e *flow.Event) {
	rule, ok := e.Args.At(0, "rule")
	if !ok {
		return
	}
	t := target{methods: methodsArg(e)}
	view, hasView := e.Args.At(2, "view_func")
	if !hasView {
		b.add(e, rule, t)
		return
	}
	if class := b.viewClass(e, view); class != nil {
		b.addClass(e, rule, class, t.methods)
		return
	}
	if ids := b.res.Underlying(view.Value); len(ids) > 0 {
		t.fn, t.hasFn = ids[0], true
	}
	b.add(e, rule, t)
}

// viewClass is the class C of an argument `C.as_view("name")`, also behind decorators: `login_required(C.as_view(…))`.
func (b *builder) viewClass(e *flow.Event, view flow.Arg) *ir.Class {
	file := e.Func.Module.File
	if file == nil || view.Node == 0 {
		return nil
	}
	return b.classOfAsView(e.Func.Module, file, view.Node, 0)
}

func (b *builder) classOfAsView(mod *ir.Module, file *ast.File, id ast.NodeID, depth int) *ir.Class {
	if depth > 4 {
		return nil
	}
	switch file.Kind(id) {
	case ast.Name:
		v := b.assignedIn(mod, file, file.IdentOf(id), id)
		if v == 0 {
			return nil
		}
		return b.classOfAsView(mod, file, v, depth+1)
	case ast.Call:
		fn := file.SlotA(id)
		if file.Kind(fn) == ast.Attribute && file.IdentOf(fn) == "as_view" {
			return b.classNamed(mod, file, file.SlotA(fn))
		}
		for _, a := range file.ListB(id) {
			if c := b.classOfAsView(mod, file, ast.NodeID(a), depth+1); c != nil {
				return c
			}
		}
	}
	return nil
}

// assignedIn finds the last plain assignment of a name above a place, for `view = C.as_view("x"); add_url_rule(…, view)`.
func (b *builder) assignedIn(mod *ir.Module, file *ast.File, name string, use ast.NodeID) ast.NodeID {
	var found ast.NodeID
	limit := file.Span(use).Start
	file.Walk(file.Root, func(id ast.NodeID) bool {
		if file.Kind(id) == ast.Assign && file.Span(id).Start < limit {
			for _, t := range file.ListA(id) {
				if file.Kind(ast.NodeID(t)) == ast.Name && file.IdentOf(ast.NodeID(t)) == name {
					found = file.SlotB(id)
				}
			}
		}
		return true
	})
	return found
}

func (b *builder) classNamed(mod *ir.Module, file *ast.File, id ast.NodeID) *ir.Class {
	dotted := dottedName(file, id)
	if dotted == "" {
		return nil
	}
	if t := b.prog.ResolveName(mod, dotted); t.Kind == semantic.TargetClass && t.Rest == "" {
		return b.prog.Class(t.Class)
	}
	return nil
}

func dottedName(file *ast.File, id ast.NodeID) string {
	switch file.Kind(id) {
	case ast.Name:
		return file.IdentOf(id)
	case ast.Attribute:
		if base := dottedName(file, file.SlotA(id)); base != "" {
			return base + "." + file.IdentOf(id)
		}
	}
	return ""
}

// addResource reads Api.add_resource(Class, "/a", "/b") and @api.resource("/a").
func (b *builder) addResource(e *flow.Event) {
	if e.HasClass {
		for _, a := range e.Args.Pos {
			b.addClass(e, a, b.prog.Class(e.DecoratesClass), nil)
		}
		return
	}
	if len(e.Args.Pos) == 0 {
		return
	}
	class := classOf(e.Args.Pos[0].Value, b)
	for _, a := range e.Args.Pos[1:] {
		b.addClass(e, a, class, nil)
	}
}

func classOf(v *value.Value, b *builder) *ir.Class {
	if v == nil {
		return nil
	}
	for i := range v.Objs {
		if v.Objs[i].Kind == value.ObjClass {
			return b.prog.Class(v.Objs[i].Class)
		}
	}
	return nil
}

// addClass adds one route for each HTTP method that a class answers.
func (b *builder) addClass(e *flow.Event, rule flow.Arg, class *ir.Class, methods []string) {
	if class == nil {
		b.add(e, rule, target{methods: methods})
		return
	}
	found := false
	for _, verb := range verbs {
		id, ok := b.methodOf(class, verb)
		if !ok {
			continue
		}
		up := strings.ToUpper(verb)
		if methods != nil && !slices.Contains(methods, up) {
			continue
		}
		found = true
		b.add(e, rule, target{fn: id, hasFn: true, class: class, methods: []string{up}})
	}
	if found {
		return
	}
	if id, ok := b.methodOf(class, "dispatch_request"); ok {
		b.add(e, rule, target{fn: id, hasFn: true, class: class, methods: b.classMethods(class, methods)})
	}
}

// classMethods are the methods of a plain View: what the registration says, else the class attribute `methods`.
func (b *builder) classMethods(class *ir.Class, methods []string) []string {
	if methods != nil {
		return methods
	}
	v := b.res.ClassAttr(class.ID, "methods")
	if v == nil {
		return nil
	}
	var out []string
	for _, el := range b.res.Materialise(v).Elems {
		for _, s := range textsOf(el.Value) {
			out = append(out, strings.ToUpper(s))
		}
	}
	return out
}

// methodOf finds a method in a class or its bases inside the program.
func (b *builder) methodOf(class *ir.Class, name string) (ir.FuncID, bool) {
	for _, t := range b.prog.MRO(class.ID) {
		if t.Kind != semantic.TargetClass {
			continue
		}
		if id, ok := b.prog.ClassMember(b.prog.Class(t.Class), name); ok {
			return id, true
		}
	}
	return 0, false
}

// add records one registration under every path that leads to its registrar.
func (b *builder) add(e *flow.Event, rule flow.Arg, t target) {
	texts := textsOf(rule.Value)
	at := b.places(e)
	if len(texts) == 0 {
		b.append(e, t, Route{Reason: "the rule is computed at run time", AllParams: true})
		return
	}
	for _, text := range texts {
		for _, m := range at {
			r := Route{URL: joinURL(m.prefix, text), Resolved: m.known, Params: parseRule(joinURL(m.prefix, text))}
			if !m.known {
				r.URL, r.Reason = "", "the prefix of its blueprint is computed at run time"
			}
			r.Endpoint = b.endpoint(e, m.name, t)
			b.append(e, t, r)
		}
	}
}

func (b *builder) places(e *flow.Event) []mounted {
	var at []mounted
	for _, r := range b.registrarsOf(e.Recv) {
		at = append(at, prefixes(r, 0)...)
	}
	if len(at) == 0 {
		at = []mounted{{known: true}}
	}
	return dedupMounted(at)
}

func (b *builder) endpoint(e *flow.Event, prefix string, t target) string {
	name := ""
	if a, ok := e.Args.Keyword("endpoint"); ok {
		name, _ = textOf(a.Value)
	} else if a, ok := e.Args.At(1, ""); ok && method(e.Callee) == "add_url_rule" {
		name, _ = textOf(a.Value)
	}
	if name == "" {
		switch {
		case t.class != nil:
			name = strings.ToLower(t.class.Name)
		case t.hasFn:
			name = b.prog.FuncName(t.fn)
		}
	}
	if prefix != "" && name != "" {
		return prefix + "." + name
	}
	return name
}

func (b *builder) append(e *flow.Event, t target, r Route) {
	r.Methods = t.methods
	if len(r.Methods) == 0 {
		r.Methods = []string{"GET"}
	}
	r.Event = e
	r.Module, r.Node = e.Func.Module, e.Node
	if t.hasFn {
		r.Handler, r.HasHandler = t.fn, true
		r.Function = b.prog.QualName(t.fn)
		mod, local := b.prog.Where(t.fn)
		r.Module, r.Node = mod, b.prog.Info(mod).Funcs[local].Node
	}
	b.Routes = append(b.Routes, r)
}

// finish puts the routes in order of place, drops repetitions, and indexes them by handler.
func (b *builder) finish() {
	sort.SliceStable(b.Routes, func(i, j int) bool {
		x, y := &b.Routes[i], &b.Routes[j]
		if x.Module != y.Module {
			return x.Module.Index < y.Module.Index
		}
		if x.Node != y.Node {
			return x.Module.File.Span(x.Node).Start < y.Module.File.Span(y.Node).Start
		}
		return x.URL < y.URL
	})
	b.Routes = slices.CompactFunc(b.Routes, func(x, y Route) bool {
		return x.Module == y.Module && x.Node == y.Node && x.URL == y.URL && x.Resolved == y.Resolved && slices.Equal(x.Methods, y.Methods)
	})
	for i, r := range b.Routes {
		if r.HasHandler {
			b.ByHandler[r.Handler] = append(b.ByHandler[r.Handler], i)
		}
	}
}
