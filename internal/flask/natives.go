package flask

import (
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"stopper/internal/ir"
	"stopper/internal/startup"
)

// natives are the functions in which the stubs of Flask and its extensions end.
func (b *builder) natives() map[string]startup.Native {
	return map[string]startup.Native{
		"__route__": b.route, "__static__": b.static, "__hook__": b.hook, "__join__": join, "__endpoint__": endpointOf,
		"__dotted__": dotted, "__static_url__": staticURL, "__snake__": snake, "__library_view__": libraryView,
		"__app_made__": b.made(&b.apps), "__blueprint_made__": b.made(&b.blueprints), "__api_made__": b.made(&b.apis),
		"__namespace_made__": b.made(&b.namespaces), "__env__": b.env,
		"__app_of__": b.appOf, "__noted__": noted, "__notes__": notes, "__own_methods__": ownMethods, "__method_view__": methodView,
		"__name_of__": nameOf, "__openapi__": b.openAPI,
		"__configured__": b.configured,
		"__csrf__":       b.csrf, "__csrf_exempt__": b.csrfExempt,
	}
}

func (b *builder) made(list *[]*startup.Instance) startup.Native {
	return func(in *startup.Interp, args startup.Args) startup.Value {
		i, ok := args.Pos[0].(*startup.Instance)
		if !ok || !b.isNew(noteKey{list: list, made: i}) {
			return startup.None{}
		}
		*list = append(*list, i)
		if list == &b.apps && i.Made.Module != nil {
			b.Apps = append(b.Apps, App{Node: i.Made.Node, fn: i.Made.Func})
		}
		return startup.None{}
	}
}

// appOf is its argument if that is an application, else the application that is taken for the one.
func (b *builder) appOf(in *startup.Interp, args startup.Args) startup.Value {
	if i, ok := args.Pos[0].(*startup.Instance); ok {
		if _, isApp := in.Attr(i, "blueprints").(*startup.Dict); isApp {
			return i
		}
	}
	return b.app()
}

// env is an environment variable of production, as far as the tree tells, else the default.
func (b *builder) env(_ *startup.Interp, args startup.Args) startup.Value {
	if len(args.Pos) != 2 {
		return &startup.Unknown{}
	}
	if name, ok := str(args.Pos[0]); ok {
		b.asks(name)
		if text, known := b.getenv(name); known {
			return startup.Str{S: text, Soft: true}
		}
	}
	return startup.Soften(args.Pos[1])
}

func str(v startup.Value) (string, bool) {
	s, ok := v.(startup.Str)
	return s.S, ok
}

// strOrNone is a text, empty for None.
func strOrNone(v startup.Value) (string, bool) {
	if _, isNone := v.(startup.None); isNone {
		return "", true
	}
	return str(v)
}

// dotted joins the names that are not empty.
func dotted(_ *startup.Interp, args startup.Args) startup.Value {
	var parts []string
	for _, a := range args.Pos {
		if s, ok := str(a); ok && s != "" {
			parts = append(parts, s)
		}
	}
	return startup.Str{S: strings.Join(parts, ".")}
}

func endpointOf(in *startup.Interp, args startup.Args) startup.Value {
	if len(args.Pos) == 0 {
		return startup.None{}
	}
	switch args.Pos[0].(type) {
	case *startup.Func, *startup.Class, *startup.Instance:
		return in.Attr(args.Pos[0], "__name__")
	}
	return startup.None{}
}

// staticURL is where the files of a static folder are: under its explicit path, else under the name of the folder.
func staticURL(_ *startup.Interp, args startup.Args) startup.Value {
	if len(args.Pos) != 2 {
		return &startup.Unknown{}
	}
	url, ok := str(args.Pos[0])
	if !ok {
		if _, isNone := args.Pos[0].(startup.None); !isNone {
			return &startup.Unknown{}
		}
		folder, isStr := str(args.Pos[1])
		if !isStr {
			return &startup.Unknown{}
		}
		url = "/" + path.Base(folder)
	}
	return startup.Str{S: strings.TrimRight(url, "/") + "/<path:filename>"}
}

// snake is the default endpoint of Flask-RESTX: namespace_class_name.
func snake(_ *startup.Interp, args startup.Args) startup.Value {
	if len(args.Pos) != 2 {
		return &startup.Unknown{}
	}
	ns, _ := str(args.Pos[0])
	class, _ := str(args.Pos[1])
	var out strings.Builder
	rs := []rune(class)
	for i, r := range rs {
		isUpper := unicode.IsUpper(r)
		if isUpper && i > 0 && (unicode.IsLower(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	if ns == "" {
		return startup.Str{S: out.String()}
	}
	return startup.Str{S: strings.ReplaceAll(ns, "/", "_") + "_" + out.String()}
}

// library is a view that a library brings.
type library struct{ name string }

func libraryView(_ *startup.Interp, args startup.Args) startup.Value {
	name, _ := str(args.Pos[0])
	return library{name}
}

// hook notes functions whose result is sent to the visitor, or that run before every view.
func (b *builder) hook(in *startup.Interp, args startup.Args) startup.Value {
	if len(args.Pos) != 3 {
		return startup.None{}
	}
	kind, _ := str(args.Pos[0])
	inner, guards := startup.Innermost(args.Pos[2])
	f, ok := inner.(*startup.Func)
	if !ok {
		return startup.None{}
	}
	id, ok := in.FuncID(f)
	if !ok || kind == "after_request" {
		return startup.None{}
	}
	if b.isNew(noteKey{fn: id}) {
		b.Responders = append(b.Responders, id)
	}
	if kind == "before_request" || kind == "before_app_request" {
		b.addHook(in, kind, id, args.Pos[1], guardsOf(guards))
	}
	return startup.None{}
}

// addHook notes a function that runs before views: before every one when it hangs on an application, or was asked to.
func (b *builder) addHook(in *startup.Interp, kind string, id ir.FuncID, owner startup.Value, guards []Guard) {
	h := Hook{Func: id, Guards: guards}
	if i, ok := owner.(*startup.Instance); ok && kind == "before_request" && b.noted[noteKey{list: &b.blueprints, made: i}] {
		if h.Blueprint, ok = str(in.Attr(i, "name")); !ok {
			return
		}
	}
	if b.isNew(noteKey{fn: id, before: h.Blueprint, isHook: true}) {
		b.Hooks = append(b.Hooks, h)
	}
}

// csrf notes protection against forged requests: its kind, and where it is made.
func (b *builder) csrf(_ *startup.Interp, args startup.Args) startup.Value {
	if len(args.Pos) != 2 {
		return startup.None{}
	}
	if i, ok := args.Pos[1].(*startup.Instance); ok && i.Made.Module != nil {
		name, _ := str(args.Pos[0])
		b.CSRF = append(b.CSRF, Protection{Name: name, Node: i.Made.Node, fn: i.Made.Func})
	}
	return startup.None{}
}

// csrfExempt notes a view, a blueprint or a dotted name that the protection leaves out.
func (b *builder) csrfExempt(in *startup.Interp, args startup.Args) startup.Value {
	at := in.Place()
	if len(args.Pos) != 1 || at.Module == nil {
		return startup.None{}
	}
	e := Exemption{Module: at.Module, Node: at.Node}
	switch x, _ := startup.Innermost(args.Pos[0]); x := x.(type) {
	case *startup.Func:
		id, ok := in.FuncID(x)
		if !ok {
			return startup.None{}
		}
		e.View, e.HasView = id, true
	case *startup.Instance:
		e.Blueprint, _ = str(in.Attr(x, "name"))
	case startup.Str:
		e.Dotted = x.S
	}
	b.Exempt = append(b.Exempt, e)
	return startup.None{}
}

// static adds the route of a static folder.
func (b *builder) static(in *startup.Interp, args startup.Args) startup.Value {
	if len(args.Pos) != 4 {
		return startup.None{}
	}
	rule := join(in, startup.Args{Pos: []startup.Value{args.Pos[1], args.Pos[3]}})
	name, _ := str(args.Pos[2])
	b.place(rule, in.Place(), Route{Endpoint: name, Function: "send_static_file", Methods: []string{"GET"}, IsLibrary: true})
	return startup.None{}
}

// place adds a route under every text that its rule can be.
func (b *builder) place(rule startup.Value, at startup.Place, r Route) {
	if at.Module == nil {
		return
	}
	if r.Module == nil {
		r.Module, r.Node = at.Module, at.Node
	}
	r.Cond = at.Cond
	for _, v := range startup.Alternatives(rule) {
		n := r
		text, ok := str(v)
		below, isBelow := v.(tail)
		if ok {
			if !strings.HasPrefix(text, "/") {
				text = "/" + text
			}
			n.URL, n.Resolved, n.Params = text, true, parseRule(text)
			maps.Copy(n.Params, parseRule(r.Host+r.Subdomain))
			for name, c := range r.Params {
				if _, isPart := n.Params[name]; !isPart {
					n.Params[name] = c
				}
			}
			if r.AllParams { // what the framework's own check of the login fills
				n.Params["user"], n.Params["token_info"] = Converter{IsClean: true}, Converter{IsClean: true}
			}
		} else if isBelow && r.HasHandler {
			n.Tail = "/" + strings.TrimLeft(below.rule, "/")
			n.Reason, n.AllParams = "the prefix is computed at run time: "+n.Tail, true
			n.Params = parseRule(below.rule)
		} else if _, isUnknown := v.(*startup.Unknown); isUnknown && r.HasHandler {
			n.Reason, n.AllParams = "the rule is computed at run time", true
		} else {
			continue // no rule at all, or nothing that it leads to
		}
		b.Routes = append(b.Routes, n)
	}
}

// route is add_url_rule of an application: (app, rule, endpoint, view, options).
func (b *builder) route(in *startup.Interp, args startup.Args) startup.Value {
	if len(args.Pos) != 5 {
		return startup.None{}
	}
	app, _ := args.Pos[0].(*startup.Instance)
	opts, _ := args.Pos[4].(*startup.Dict)
	rule, view := args.Pos[1], args.Pos[3]
	r := Route{}
	r.Endpoint, _ = str(args.Pos[2])
	if opts != nil {
		r.Host, r.Subdomain = option(opts, "host"), option(opts, "subdomain")
		declared, given := opts.Get(startup.Str{S: "all_params"})
		if list, isList := declared.(*startup.List); isList {
			r.Params = filled(list)
		} else {
			r.AllParams = given
		}
	}
	if _, isNone := view.(startup.None); isNone {
		b.late = append(b.late, lateView{app, r, rule, opts, in.Place()})
		return startup.None{}
	}
	for _, v := range startup.Alternatives(view) {
		b.addView(r, rule, v, opts, in.Place())
	}
	return startup.None{}
}

func option(opts *startup.Dict, name string) string {
	v, _ := opts.Get(startup.Str{S: name})
	s, _ := str(v)
	return s
}

// addLate finds the view that was set by endpoint name.
func (b *builder) addLate(l lateView) {
	var view startup.Value = &startup.Unknown{}
	if d, ok := b.in.Attr(l.app, "view_functions").(*startup.Dict); ok {
		if v, known := d.Get(startup.Str{S: l.route.Endpoint}); known {
			view = v
		}
	}
	b.addView(l.route, l.rule, view, l.opts, l.at)
}

// addView adds the routes of one view: one for a function, one for each method that a class answers.
func (b *builder) addView(r Route, rule, view startup.Value, opts *startup.Dict, at startup.Place) {
	if l, ok := view.(library); ok {
		r.Function, r.IsLibrary, r.Methods = l.name, true, b.methodsOf(view, opts)
		if r.Methods == nil {
			r.Methods = []string{"GET"}
		}
		if _, isText := str(rule); !isText {
			return // whether and where it is, is configuration
		}
		b.place(rule, at, r)
		return
	}
	methods := b.methodsOf(view, opts)
	inner, guards := startup.Innermost(view)
	r.Guards = append(b.registering(view), guardsOf(guards)...)
	if r.Endpoint == "" {
		r.Endpoint, _ = str(endpointOf(b.in, startup.Args{Pos: []startup.Value{view}}))
	}
	switch x := inner.(type) {
	case *startup.Func, *startup.Instance:
		if c, ok := b.in.Attr(inner, "view_class").(*startup.Class); ok {
			b.addClass(r, rule, c, methods, at)
			return
		}
	case *startup.Class:
		b.addOther(r, rule, x, methods, at)
		return
	}
	if methods == nil {
		methods = []string{"GET"}
	}
	r.Methods = methods
	if f, ok := inner.(*startup.Func); ok {
		b.setHandler(&r, f)
	}
	if i, ok := inner.(*startup.Instance); ok {
		if f, isFunc := b.in.Attr(i, "__call__").(*startup.Func); isFunc {
			b.setHandler(&r, f)
		}
	}
	b.place(rule, at, r)
}

func guardsOf(gs []startup.Guard) []Guard {
	var out []Guard
	for _, g := range gs {
		out = append(out, Guard{Name: g.Path, Func: g.Func, HasFunc: g.HasFunc, Module: g.Module, Node: g.Node})
	}
	return out
}

func (b *builder) setHandler(r *Route, f *startup.Func) {
	id, ok := b.in.FuncID(f)
	if !ok {
		return
	}
	r.Handler, r.HasHandler = id, true
	r.Function = b.prog.QualName(id)
	mod, local := b.prog.Where(id)
	r.Module, r.Node = mod, b.prog.Info(mod).Funcs[local].Node
}

// methodsOf are the methods that a registration or its view names; nil when neither does.
func (b *builder) methodsOf(view startup.Value, opts *startup.Dict) []string {
	if opts != nil {
		if v, ok := opts.Get(startup.Str{S: "methods"}); ok {
			if ms := b.names(v); len(ms) > 0 {
				return ms
			}
		}
	}
	switch view.(type) {
	case *startup.Func, *startup.Instance:
		return b.names(b.in.Attr(view, "methods"))
	}
	return nil
}

// names are the texts of a list in upper case, sorted.
func (b *builder) names(v startup.Value) []string {
	elems, _ := b.in.Iterate(v)
	if _, isText := str(v); isText {
		elems = []startup.Value{v}
	}
	var out []string
	for _, e := range elems {
		for _, a := range startup.Alternatives(e) {
			if s, ok := str(a); ok && len(out) < len(verbs) {
				out = append(out, strings.ToUpper(s))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// verbs are the HTTP methods that a class-based view can answer.
var verbs = [...]string{"get", "post", "put", "patch", "delete", "head", "options", "trace"}

// addClass adds one route for each HTTP method that a class-based view answers.
func (b *builder) addClass(r Route, rule startup.Value, c *startup.Class, methods []string, at startup.Place) {
	found := false
	for _, verb := range verbs {
		f := b.methodOf(c, verb)
		up := strings.ToUpper(verb)
		if f == nil || methods != nil && !slices.Contains(methods, up) {
			continue
		}
		found = true
		b.addMethod(r, rule, c, f, []string{up}, at)
	}
	if b.addInherited(r, rule, c, methods, at) || found {
		return
	}
	if methods == nil {
		methods = []string{"GET"}
	}
	if f := b.methodOf(c, "dispatch_request"); f != nil {
		b.addMethod(r, rule, c, f, methods, at)
		return
	}
	r.Methods, r.Function = methods, c.Name
	b.place(rule, at, r)
}

// addInherited adds the routes of methods that a class has from a library, which says so in its stub. Their place is the class.
func (b *builder) addInherited(r Route, rule startup.Value, c *startup.Class, methods []string, at startup.Place) bool {
	inherited := b.names(b.in.Lookup(c, "library_methods"))
	if len(inherited) == 0 {
		return false
	}
	name := c.Name
	if id, ok := b.in.ClassID(c); ok {
		class := b.prog.Class(id)
		r.Module, r.Node, name = class.Module, class.Node, class.QualName
	}
	for _, verb := range inherited {
		lower := strings.ToLower(verb)
		if b.methodOf(c, lower) != nil || methods != nil && !slices.Contains(methods, verb) {
			continue
		}
		r.Methods, r.Function = []string{verb}, name+"."+lower
		b.place(rule, at, r)
	}
	return true
}

func (b *builder) addMethod(r Route, rule startup.Value, c *startup.Class, f startup.Value, methods []string, at startup.Place) {
	for _, d := range b.methodDecorators(c, methods) {
		if v := b.in.Call(d, startup.Args{Pos: []startup.Value{f}}); isFunc(v) {
			f = v
		}
	}
	inner, guards := startup.Innermost(f)
	r.Methods = methods
	r.Guards = append(slices.Clone(r.Guards), guardsOf(guards)...)
	if fn, ok := inner.(*startup.Func); ok {
		b.setHandler(&r, fn)
	}
	b.place(rule, at, r)
}

// methodDecorators are those that Flask-RESTful puts around each method of a resource: a list, or a dict by method.
func (b *builder) methodDecorators(c *startup.Class, methods []string) []startup.Value {
	v := b.in.Lookup(c, "method_decorators")
	if d, ok := v.(*startup.Dict); ok && len(methods) == 1 {
		v, _ = d.Get(startup.Str{S: strings.ToLower(methods[0])})
	}
	if v == nil {
		return nil
	}
	ds, _ := b.in.Iterate(v)
	return ds
}

func isFunc(v startup.Value) bool { _, ok := v.(*startup.Func); return ok }

// methodOf is a method of a class of the program; nil when it has none or only one of a stub.
func (b *builder) methodOf(c *startup.Class, name string) startup.Value {
	v := b.in.Lookup(c, name)
	if v == nil {
		return nil
	}
	inner, _ := startup.Innermost(v)
	f, ok := inner.(*startup.Func)
	if !ok {
		return nil
	}
	if _, own := b.in.FuncID(f); !own {
		return nil
	}
	return v
}

// handlerNames are the methods that a class outside Flask's own scheme answers requests with, in order of preference.
var handlerNames = [...]string{"_process", "process", "dispatch_request", "handle", "__call__"}

// addOther adds the route of a class that a helper turns into a view. The place is the class; the handler is the method
// of the most derived class that answers.
func (b *builder) addOther(r Route, rule startup.Value, c *startup.Class, methods []string, at startup.Place) {
	if methods == nil {
		methods = []string{"GET"}
	}
	r.Methods = methods
	for _, name := range handlerNames {
		if f := b.methodOf(c, name); f != nil {
			inner, _ := startup.Innermost(f)
			b.setHandler(&r, inner.(*startup.Func))
			break
		}
	}
	if id, ok := b.in.ClassID(c); ok {
		class := b.prog.Class(id)
		r.Module, r.Node, r.Function = class.Module, class.Node, class.QualName
	}
	b.place(rule, at, r)
}
