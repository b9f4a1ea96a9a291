package flask

import (
	"embed"
	"slices"
	"strings"

	"stopper/internal/bug"
	"stopper/internal/deploy/yamltree"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/source"
	"stopper/internal/startup"
)

// stubs stand for Flask, its extensions and the few parts of the standard library that start-up code leans on. A stub is
// flat: whatever module of the library a name lives in, it stands in the file of the top-level package.
//
//go:embed stubs/*.py
var stubs embed.FS

// stubOf names the file of a package that shares its stub with another one.
func stubOf(top string) string {
	switch top {
	case "quart":
		return "flask"
	case "flask_restful_swagger", "flask_restful_swagger_2":
		return "flask_restful"
	case "flask_restplus":
		return "flask_restx"
	case "flask_classy":
		return "flask_classful"
	}
	return top
}

func loadStub(top string) *ast.File {
	text, err := stubs.ReadFile("stubs/" + stubOf(top) + ".py")
	if err != nil {
		return nil
	}
	return parser.Parse(source.NewFile("stubs/"+top+".py", text), parser.Options{})
}

type builder struct {
	*Model
	getenv     func(string) (string, bool)
	started    func(string) bool
	readFile   func(path string) ([]byte, bool)
	documents  map[string]*yamltree.Node // of OpenAPI, by path
	operations int
	bugs       bug.Reporter
	in         *startup.Interp
	apps       []*startup.Instance
	blueprints []*startup.Instance
	apis       []*startup.Instance
	namespaces []*startup.Instance
	phantom    *startup.Instance
	phantomAPI startup.Value
	// late are routes whose view was to be set afterwards: app.view_functions["name"] = f.
	late  []lateView
	asked []string // variables of the environment, in the order in which they are read
	// noted are the objects and functions that stand in one of the lists.
	noted map[noteKey]bool
}

// noteKey is one of the applications, blueprints and other objects, or a function that answers in place of a view.
type noteKey struct {
	list *[]*startup.Instance
	made *startup.Instance
	fn   ir.FuncID
	// before is the blueprint before whose views the function runs.
	before string
	isHook bool
}

// isNew notes one, once.
func (b *builder) isNew(k noteKey) bool {
	if b.noted[k] {
		return false
	}
	if b.noted == nil {
		b.noted = map[noteKey]bool{}
	}
	b.noted[k] = true
	return true
}

type lateView struct {
	app   *startup.Instance
	route Route
	rule  startup.Value
	opts  *startup.Dict
	at    startup.Place
}

// evaluate runs start-up code and then registers what nobody registered.
func (b *builder) evaluate() {
	natives := startup.Natives()
	for name, fn := range b.natives() {
		natives[name] = fn
	}
	b.in = startup.New(b.prog, startup.Options{
		Stubs: loadStub, Natives: natives, Matters: matters, Registers: registers, Unknown: b.unknown, Param: b.param,
		Bugs: &b.bugs,
	})
	b.in.Run()
	b.orphans()
	b.in.Drain()
	for _, l := range b.late {
		b.addLate(l)
	}
	b.Limits, b.faults = slices.Compact(slices.Sorted(slices.Values(append(b.Limits, b.in.Limits()...)))), b.bugs.Faults()
}

// registers: a function that calls one of these is worth running even when nobody calls it.
func registers(name string) bool {
	switch name {
	case "route", "add_url_rule", "register_blueprint", "add_resource", "add_namespace", "register_api", "expose",
		"add_api", "register_view", "add_view", "add_view_no_menu", "resource", "url_rule",
		"Flask", "APIFlask", "OpenAPI", "Quart": // a factory, whose views may be hung on what it makes: @app.get
		return true
	}
	return strings.HasPrefix(name, "add_") && strings.HasSuffix(name, "_resource") // a method of a subclass of Api
}

// matters: a module or function that mentions one of these may register something.
func matters(name string) bool {
	if registers(name) {
		return true
	}
	switch name {
	case "Flask", "Blueprint", "Api", "Namespace", "APIBlueprint", "APIFlask", "OpenAPI", "MethodView", "as_view", "before_request",
		"before_app_request", "errorhandler", "app_errorhandler", "register_error_handler", "endpoint", "view_functions", "url_map", "record",
		"record_once", "register", "init_app", "import_module", "import_string", "Admin", "AppBuilder", "FlaskView", "Connexion",
		"FlaskApp", "App", "namespace", "CSRFProtect", "CsrfProtect", "SeaSurf", "exempt", "SwaggerView", "Quart", "url_prefix", "register_blueprints", "after_request":
		return true
	}
	return false
}

// appNames are what a parameter that is the application is called.
func (b *builder) param(_ *startup.Interp, name string) startup.Value {
	switch name {
	case "app", "application", "flask_app", "server", "_app", "flaskapp", "flask_application":
		return b.app()
	}
	return nil
}

// app is the application that a registration on something unknown is taken to be on: the first one that was made.
func (b *builder) app() *startup.Instance {
	if len(b.apps) > 0 {
		return b.apps[0]
	}
	if b.phantom == nil {
		b.phantom = b.makeLibrary("flask.Flask", startup.Args{Kw: []startup.Kw{{Name: "static_folder", V: startup.None{}}}})
		b.apps, b.Apps = nil, nil
	}
	return b.phantom
}

// makeLibrary makes an object of a stub; where even that fails, one of which nothing is known.
func (b *builder) makeLibrary(path string, args startup.Args) *startup.Instance {
	if i, ok := b.in.Call(b.in.External(path), args).(*startup.Instance); ok {
		return i
	}
	return startup.Opaque()
}

// unknown answers for registrations on something that could not be followed: `def setup(app)` that nobody calls, an
// attribute set elsewhere, an extension without a stub.
func (b *builder) unknown(in *startup.Interp, callee *startup.Unknown, args startup.Args) (startup.Value, bool) {
	name := callee.Last()
	if !strings.HasSuffix(callee.Path, "."+name) || len(args.Pos) == 0 || !b.mayBeFlask(in, callee, name) {
		return nil, false
	}
	switch name {
	case "route", "get", "post", "put", "patch", "delete", "add_url_rule":
		if s, ok := args.Pos[0].(startup.Str); ok && strings.HasPrefix(s.S, "/") {
			return b.register(b.app(), name, args)
		}
	case "register_blueprint":
		if isInstance(args.Pos[0]) {
			return b.register(b.app(), name, args)
		}
	case "add_resource":
		if _, ok := args.Pos[0].(*startup.Class); ok && len(args.Pos) > 1 {
			if b.phantomAPI == nil {
				b.phantomAPI = b.makeLibrary("flask_restful.Api", startup.Args{Pos: []startup.Value{b.app()}})
			}
			return b.register(b.phantomAPI, name, args)
		}
	}
	return nil, false
}

// register calls a method of an object of a stub. Where the stub could not be evaluated any more, nothing is known of the object either.
func (b *builder) register(on startup.Value, name string, args startup.Args) (startup.Value, bool) {
	method := b.in.Attr(on, name)
	if _, isUnknown := method.(*startup.Unknown); isUnknown {
		return nil, false
	}
	return b.in.Call(method, args), true
}

func isInstance(v startup.Value) bool { _, ok := v.(*startup.Instance); return ok }

// mayBeFlask: the receiver is no object of another library, and the file is not one of another framework.
func (b *builder) mayBeFlask(in *startup.Interp, callee *startup.Unknown, name string) bool {
	top, _, _ := strings.Cut(callee.Path, ".")
	if top != "" && !strings.HasPrefix(top, "?") && !isFlaskModule(strings.TrimSuffix(top, "()")) {
		return false
	}
	m := in.Place().Module
	if m == nil {
		return false
	}
	flask := false
	for _, im := range m.Imports {
		if isOtherFramework(im.Module) {
			return false
		}
		flask = flask || isFlaskModule(im.Module)
	}
	return flask || name != "get" && name != "post" && name != "put" && name != "patch" && name != "delete"
}

// isOtherFramework reports whether a module belongs to a framework whose registrations look like Flask's.
func isOtherFramework(name string) bool {
	top, _, _ := strings.Cut(name, ".")
	switch top {
	case "fastapi", "starlette", "bottle", "sanic", "aiohttp", "tornado", "django", "falcon", "litestar", "robyn", "blacksheep", "chalice":
		return true
	}
	return false
}

// orphans are blueprints and APIs that nothing registers where we can see it: through a plugin manager, an entry point, a
// scan of a folder. They are taken to be registered as they are.
func (b *builder) orphans() {
	if len(b.blueprints) > maxOrphans {
		b.trip(limitBlueprints)
	}
	for i := 0; i < len(b.blueprints) && i < maxOrphans; i++ {
		bp := b.blueprints[i]
		if b.has(bp, "states") || b.has(bp, "has_parent") || !b.has(bp, "has_rules") && !b.has(bp, "nested") {
			continue
		}
		b.in.LaterAt(bp.Made, b.in.Attr(bp, "register"), startup.Args{Pos: []startup.Value{b.app(), b.in.Call(b.in.External("builtins.dict"), startup.Args{})}})
	}
	for _, api := range b.apis {
		if !b.has(api, "mounted") {
			b.in.LaterAt(api.Made, b.in.Attr(api, "mount_all"), startup.Args{Pos: []startup.Value{b.app()}})
		}
	}
}

// trip notes that a limit was reached.
func (b *builder) trip(what string) {
	if !slices.Contains(b.Limits, what) {
		b.Limits = append(b.Limits, what)
	}
}

// What tripped, in the words of the report.
const (
	limitBlueprints = "blueprints"
	limitLoads      = "configurations that are loaded"
	limitVariables  = "variables of the environment"
	limitOperations = "operations of OpenAPI documents"
	limitDocuments  = "OpenAPI documents"
)

// maxOrphans bounds blueprints made in a loop.
const maxOrphans = 2000

// has reports whether an attribute of an object of a stub is set to something that is not empty.
func (b *builder) has(i *startup.Instance, name string) bool {
	switch v := b.in.Attr(i, name).(type) {
	case *startup.List:
		return len(v.Elems) > 0
	case startup.Bool:
		return v.B
	}
	return false
}

func method(callee string) string { return callee[strings.LastIndexByte(callee, '.')+1:] }

// textOf is the one string that a value of the flow engine can be.
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
	for _, c := range v.Consts() {
		if c.Kind != ir.ConstStr {
			return nil
		}
		out = append(out, c.Str)
	}
	return out
}
