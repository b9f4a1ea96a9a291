// Package flask is the model of the application: which function answers which URL, behind which decorators, and what
// every configuration key is set to.
//
// In: a linked program and the result of its flow analysis. Out: a Model. Routes come from evaluating what the program
// does when it starts (package startup), with stubs in place of Flask and its extensions; configuration comes from the
// events that the flow engine recorded. Nothing is solved again: the model only says which parameters of which functions
// an attacker controls, and the open hits of those functions close over that.
//
// A Model is immutable and safe for concurrent use.
package flask

import (
	"slices"
	"strings"

	"stopper/internal/bug"
	"stopper/internal/deploy/yamltree"
	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Route is one rule of the URL map and the function that answers it.
type Route struct {
	URL      string // with prefixes and converters, as Flask has it
	Resolved bool   // URL is known
	Reason   string // why it is not
	Tail     string // what is known of it where only its prefix is not
	Methods  []string
	Endpoint string

	Handler    ir.FuncID // valid if HasHandler
	HasHandler bool
	Function   string
	Module     *ir.Module
	Node       ast.NodeID // first decorator, def or registration
	// Cond: whether the route is there depends on configuration or on something nobody could tell.
	Cond bool
	// IsLibrary: the view belongs to a library, and is known from its documentation.
	IsLibrary bool
	// Guards are the decorators of the view; one that stands above the registration guards nothing and is not here.
	Guards []Guard

	// Params says what the URL can put into each parameter of the handler, by name.
	Params map[string]Converter
	// AllParams: every parameter may come from the request, because the rule is not known, or because the framework fills
	// parameters out of the query and the body as well.
	AllParams bool
	// Host and Subdomain limit the route to requests for a name; they may have variable parts like a URL.
	Host, Subdomain string
}

// IsUnsafe reports whether the route answers a method that is meant to change something.
func (r Route) IsUnsafe() bool {
	return slices.ContainsFunc(r.Methods, func(m string) bool { return m == "POST" || m == "PUT" || m == "PATCH" || m == "DELETE" })
}

// Converter is what a URL part can hold.
type Converter struct {
	Name string // "int", "path", "default", …
	// IsClean: no text of the attacker's choice gets through (int, float, uuid, any).
	IsClean bool
	// NoSlash: the part holds no slash.
	NoSlash bool
	// Where is what it is where it is no part of the URL: "query parameter".
	Where string
}

// App is an application object.
type App struct {
	Func *ir.Func   // in which it is made
	Node ast.NodeID // the call that makes it
	fn   ir.FuncID
}

// Guard is a decorator that a view went through, below its registration, from the outside in.
type Guard struct {
	// Name is the dotted name: of a library, such as "flask_login.login_required", or of the program.
	Name string
	// Func is the decorator's function, valid if HasFunc.
	Func    ir.FuncID
	HasFunc bool
	Module  *ir.Module
	Node    ast.NodeID
	// Registers: Func is no decorator, but what a decorator registered in place of the view, and what calls it.
	Registers bool
}

// Protection is something that checks an anti-forgery token before every view.
type Protection struct {
	Name string   // flask_wtf.csrf.CSRFProtect
	Func *ir.Func // in which it is made
	Node ast.NodeID
	fn   ir.FuncID
}

// Exemption takes views out of the protection: one view, the views of a blueprint, or what a dotted name stands for.
type Exemption struct {
	View      ir.FuncID // valid if HasView
	HasView   bool
	Blueprint string
	Dotted    string
	Module    *ir.Module
	Node      ast.NodeID
}

// exemptions finds them by what a route says of itself: the numbers of the first ones.
type exemptions struct {
	views      map[ir.FuncID]int
	blueprints map[string]int
	dotted     map[string][]int // by the last part
}

func indexExempt(all []Exemption) exemptions {
	x := exemptions{map[ir.FuncID]int{}, map[string]int{}, map[string][]int{}}
	for i := len(all) - 1; i >= 0; i-- {
		switch e := &all[i]; {
		case e.HasView:
			x.views[e.View] = i
		case e.Blueprint != "":
			x.blueprints[e.Blueprint] = i
		}
	}
	for i := range all {
		if d := all[i].Dotted; d != "" {
			last := d[strings.LastIndexByte(d, '.')+1:]
			x.dotted[last] = append(x.dotted[last], i)
		}
	}
	return x
}

// IsExempt finds the exemption that a route falls under, nil when it falls under none.
func (m *Model) IsExempt(r Route) *Exemption {
	first := len(m.Exempt)
	if i, ok := m.exempt.views[r.Handler]; ok && r.HasHandler {
		first = i
	}
	scope := strings.Split(r.Endpoint, ".")
	for _, blueprint := range scope[:len(scope)-1] {
		if i, ok := m.exempt.blueprints[blueprint]; ok {
			first = min(first, i)
		}
	}
	if len(m.exempt.dotted) > 0 && r.HasHandler {
		name := m.prog.QualName(r.Handler)
		for _, i := range m.exempt.dotted[name[strings.LastIndexByte(name, '.')+1:]] {
			if i < first && strings.HasSuffix(m.Exempt[i].Dotted, "."+name) {
				first = i
			}
		}
	}
	if first == len(m.Exempt) {
		return nil
	}
	return &m.Exempt[first]
}

// Hook is a function that runs before views and can answer in their place.
type Hook struct {
	Func ir.FuncID
	// Blueprint is the name of the blueprint whose views it runs before; empty for every view of the application.
	Blueprint string
	// Guards are the decorators of the hook itself: @bp.before_request above @login_required.
	Guards []Guard
}

// Model is what the program does with Flask.
type Model struct {
	Routes []Route
	Apps   []App
	// Config lists every assignment to a configuration key in order of execution.
	Config []ConfigSet
	// Loads lists the calls that load configuration from somewhere else, in order of execution.
	Loads []ConfigLoad
	// Starts are the configuration classes that the start loads.
	Starts []Start
	// Responders are functions besides route handlers whose result is sent: error handlers and hooks before a request.
	Responders []ir.FuncID
	// Hooks run before views.
	Hooks []Hook
	// CSRF is what checks anti-forgery tokens for every view; Exempt is what it leaves out.
	CSRF   []Protection
	Exempt []Exemption
	// ByHandler lists the indices of Routes by handler.
	ByHandler map[ir.FuncID][]int
	// Limits are those that were reached while start-up code was evaluated, so that routes may be missing.
	Limits []string
	// UsesFlask is false when nothing in the program imports Flask.
	UsesFlask bool

	exempt exemptions
	prog   *semantic.Program
	set    *models.Set
	res    *flow.Result
	faults []bug.Fault
}

// Build is Evaluate and Fold in one.
func Build(prog *semantic.Program, set *models.Set, res *flow.Result, tree Tree) *Model {
	return Evaluate(prog, set, tree).Fold(res)
}

// Evaluated is what start-up code registers, without what only the flow of values tells.
type Evaluated struct{ b *builder }

// Tree is what lies around the program.
type Tree struct {
	// Getenv is what production has in an environment variable, as far as the tree tells.
	Getenv func(name string) (string, bool)
	// Started reports whether the process of a production server is given an environment variable by the tree.
	Started func(name string) bool
	// ReadFile reads a file of the tree.
	ReadFile func(path string) ([]byte, bool)
}

// Evaluate runs start-up code. It needs no flow result and may run at the same time as the flow analysis.
//
// The functions of the tree may be nil.
func Evaluate(prog *semantic.Program, set *models.Set, tree Tree) *Evaluated {
	if tree.Getenv == nil {
		tree.Getenv = func(string) (string, bool) { return "", false }
	}
	if tree.Started == nil {
		tree.Started = func(string) bool { return false }
	}
	b := &builder{started: tree.Started, Model: &Model{prog: prog, set: set, ByHandler: map[ir.FuncID][]int{}}, getenv: tree.Getenv, readFile: tree.ReadFile, documents: map[string]*yamltree.Node{}}
	if b.UsesFlask = IsUsed(prog); b.UsesFlask {
		b.evaluate()
	}
	return &Evaluated{b}
}

// Fold adds the events of a flow result. The Evaluated is used up.
func (e *Evaluated) Fold(res *flow.Result) *Model {
	b := e.b
	b.res = res
	if !b.UsesFlask {
		return b.Model
	}
	for i := range b.Apps {
		b.Apps[i].Func = res.Func(b.Apps[i].fn)
	}
	if len(b.Apps) == 0 {
		b.Apps = madeLater(res)
	}
	for i := range b.CSRF {
		b.CSRF[i].Func = res.Func(b.CSRF[i].fn)
	}
	b.config()
	b.finish()
	return b.Model
}

// madeLater are the applications that only a function makes which no start-up code calls: the constructor of a thread, say.
func madeLater(res *flow.Result) []App {
	var out []App
	for i := range res.Events {
		if e := &res.Events[i]; e.Callee == "flask.Flask" && !e.Func.Module.IsTest {
			out = append(out, App{Func: e.Func, Node: e.Node})
		}
	}
	return out
}

// RoutesOf lists the routes that a function answers.
func (m *Model) RoutesOf(id ir.FuncID) []Route {
	var out []Route
	for _, i := range m.ByHandler[id] {
		out = append(out, m.Routes[i])
	}
	return out
}

// IsUsed: a module imports Flask.
func IsUsed(prog *semantic.Program) bool {
	return anyImport(prog, func(*ir.Module) bool { return true })
}

// UsedOutsideTests: a module that is no test imports Flask.
func UsedOutsideTests(prog *semantic.Program) bool {
	return anyImport(prog, func(m *ir.Module) bool { return !m.IsTest })
}

func anyImport(prog *semantic.Program, of func(*ir.Module) bool) bool {
	for _, m := range prog.Modules {
		if !of(m) {
			continue
		}
		for _, im := range m.Imports {
			if isFlaskModule(im.Module) {
				return true
			}
		}
	}
	return false
}

// Faults are our own mistakes that the evaluation of start-up code survived.
func (m *Model) Faults() []bug.Fault { return m.faults }
