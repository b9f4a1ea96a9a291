// Package flask folds the events that the flow engine recorded into a model of the application: which Flask apps,
// blueprints and REST APIs there are, how they nest, and which function answers which URL.
//
// In: a linked program and the result of its flow analysis. Out: a Model. Nothing is solved again: the model only says
// which parameters of which functions an attacker controls, and the open hits of those functions close over that.
//
// A Model is immutable and safe for concurrent use.
package flask

import (
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
	Methods  []string
	Endpoint string

	Handler    ir.FuncID // valid if HasHandler
	HasHandler bool
	Function   string
	Module     *ir.Module
	Node       ast.NodeID // first decorator, def or registration
	Event      *flow.Event

	// Params says what the URL can put into each parameter of the handler, by name.
	Params map[string]Converter
	// AllParams: the rule is not known, so every parameter may come from the URL.
	AllParams bool
}

// Converter is what a URL part can hold.
type Converter struct {
	Name string // "int", "path", "default", …
	// IsClean: no text of the attacker's choice gets through (int, float, uuid, any).
	IsClean bool
	// NoSlash: the part holds no slash.
	NoSlash bool
}

// Registrar is something routes are registered on.
type Registrar struct {
	Kind   RegistrarKind
	Name   string // blueprint name
	Prefix string
	// PrefixKnown is false when the prefix is an expression nobody could evaluate.
	PrefixKnown bool
	Event       *flow.Event // the constructor call
	parents     []mount
}

// RegistrarKind tells registrars apart.
type RegistrarKind uint8

// Registrars.
const (
	KindApp RegistrarKind = iota
	KindBlueprint
	KindAPI
	KindNamespace
)

// mount is a place at which a registrar hangs: the parent, and the prefix that replaces or extends its own.
type mount struct {
	parent   *Registrar
	prefix   string
	hasOwn   bool // prefix replaces the registrar's own
	resolved bool
}

// Model is what the program does with Flask.
type Model struct {
	Routes []Route
	Apps   []*Registrar
	// Config lists every assignment to a configuration key in order of execution.
	Config []ConfigSet
	// Loads lists the calls that load configuration from somewhere else, in order of execution.
	Loads []ConfigLoad
	// Responders are functions besides route handlers whose result is sent: error handlers and hooks before a request.
	Responders []ir.FuncID
	// ByHandler lists the indices of Routes by handler.
	ByHandler map[ir.FuncID][]int
	// UsesFlask is false when nothing in the program imports Flask.
	UsesFlask bool

	prog *semantic.Program
	set  *models.Set
	res  *flow.Result
}

// Build folds the events of a flow result.
//
// Getenv is what production has in an environment variable, as far as the tree tells; it may be nil.
func Build(prog *semantic.Program, set *models.Set, res *flow.Result, getenv func(string) (string, bool)) *Model {
	if getenv == nil {
		getenv = func(string) (string, bool) { return "", false }
	}
	b := &builder{
		Model:      &Model{prog: prog, set: set, res: res, ByHandler: map[ir.FuncID][]int{}},
		getenv:     getenv,
		registrars: map[objKey]*Registrar{},
	}
	b.UsesFlask = usesFlask(prog)
	if !b.UsesFlask {
		return b.Model
	}
	b.constructors()
	b.mounts()
	b.routes()
	b.config()
	b.finish()
	return b.Model
}

// RoutesOf lists the routes that a function answers.
func (m *Model) RoutesOf(id ir.FuncID) []Route {
	var out []Route
	for _, i := range m.ByHandler[id] {
		out = append(out, m.Routes[i])
	}
	return out
}

func usesFlask(prog *semantic.Program) bool {
	for _, m := range prog.Modules {
		for _, im := range m.Imports {
			if isFlaskModule(im.Module) {
				return true
			}
		}
	}
	return false
}
