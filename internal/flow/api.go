// Package flow follows values through a program: what each expression may be, where it came from, and which sinks it
// reaches.
//
// In: a linked semantic.Program, whose functions lower on demand, and a set of library models. Out: a Result with hits
// (tainted or interesting arguments at sinks), events (framework calls with their abstract arguments, from which the
// framework model is folded), per-function summaries and the call graph. The package knows no framework: parameters are
// symbolic, and OpenHits lets the framework model say later which of them an attacker controls.
//
// Invariants: the result does not depend on map order, time or the number of jobs; budgets are counted in instructions;
// a Result is immutable after Analyze, except that asking for a function that nothing called analyses it, behind a lock.
package flow

import (
	"context"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
	"stopper/internal/template"
)

// Options steer one analysis.
type Options struct {
	// Tests: functions of test modules are entries of the program like any others.
	Tests bool
	// Parallel calls work with 0 to n-1, on several processors; nil does it here. The result does not depend on it.
	Parallel func(n int, work func(i int))
	// Templates are followed where a call renders them. They are asked for once, after the program was lowered; may be nil.
	Templates func() *template.Set
	// AtLeast says whether production has a release of a package that is not older than a version, if that is known; may be nil.
	AtLeast func(pkg, version string) (yes, known bool)
}

// Analyze solves the whole program. It stops early when ctx is cancelled; what was found until then is returned.
func Analyze(ctx context.Context, prog *semantic.Program, set *models.Set, opt Options) *Result {
	return analyze(ctx, prog, set, opt)
}

// Result is what one analysis found.
type Result struct {
	// Hits are closed: at least one label comes from a source, or the sink speaks of its constants. Ordered by place.
	Hits []Hit
	// Events are framework events, instantiated where callers are known. Ordered by module, then by execution.
	Events  []Event
	Budgets []Budget
	Stats   Stats

	s *solver
}

// Budget is a limit that was hit: results of the function are incomplete.
type Budget struct {
	Func *ir.Func // nil: of the whole program
	What string   // "instructions", "calls within calls": what the limit is of
}

// Stats count the work.
type Stats struct {
	Functions   int // of the program
	Tests       int // test modules that were left out
	Analysed    int // solver runs, specialised copies and fixpoint rounds included
	Specialised int
	Instrs      int // instructions executed
}

// Hit is a call of a sink, with the argument that the sink is about.
type Hit struct {
	Kind    models.SinkKind
	Sink    *models.Sink
	Callee  string // canonical path, such as "subprocess.run"
	Func    *ir.Func
	Node    ast.NodeID // the call
	ArgNode ast.NodeID // the argument
	Value   *value.Value
	Recv    *value.Value // of a method, nil otherwise
	Args    *CallArgs    // all arguments, so that a rule sees shell=, timeout=, mimetype= …
	Labels  []value.Label
	Marks   value.Marks
	Emit    *ir.Emit // how a template writes the value; nil for the other sinks
}

// Event is a call (or a set of an attribute or item) that a framework model wants to see.
type Event struct {
	Callee string        // canonical path; "flask.Flask.config.__setitem__", "flask.Flask.secret_key.__set__"; "?.route" on an unknown receiver
	Entry  *models.Entry // nil for the generic ones
	Recv   *value.Value
	Args   CallArgs
	Result *value.Value
	Func   *ir.Func
	Node   ast.NodeID
	// Order grows with the order of execution within one run of the program's modules.
	Order int
	// Open means that an argument still depends on a parameter whose callers are not known.
	Open bool
	// Decorates is the function (or Class the class) that the result of the call was applied to as a decorator.
	Decorates      ir.FuncID
	HasDecorates   bool
	DecoratesClass ir.ClassID
	HasClass       bool
	// Cond: the call stands under a branch, loop or handler.
	Cond bool
}

// CallArgs are the arguments of a call, frozen at the call.
type CallArgs struct {
	Pos         []Arg
	Kw          []KwArg
	HasStar     bool
	HasStarStar bool
}

// Keyword finds an argument by name.
func (c *CallArgs) Keyword(name string) (Arg, bool) {
	if c == nil {
		return Arg{}, false
	}
	for i := range c.Kw {
		if c.Kw[i].Name == name {
			return c.Kw[i].Arg, true
		}
	}
	return Arg{}, false
}

// At is the argument at position pos (if not negative), else the keyword name (if not empty).
func (c *CallArgs) At(pos int, name string) (Arg, bool) {
	if c != nil && pos >= 0 && pos < len(c.Pos) {
		return c.Pos[pos], true
	}
	if name == "" {
		return Arg{}, false
	}
	return c.Keyword(name)
}

// Arg is one argument with the elements of a tracked collection, to a depth of three.
type Arg struct {
	Value  *value.Value
	Node   ast.NodeID
	Elems  []Arg
	Keys   []KeyArg
	IsList bool // Elems is complete: list, tuple or set
	IsDict bool // Keys are the known constant keys
}

// Key finds the value of a constant string key of a dict.
func (a Arg) Key(name string) (Arg, bool) {
	for _, k := range a.Keys {
		if k.Key.Kind == ir.ConstStr && k.Key.Str == name {
			return k.Arg, true
		}
	}
	return Arg{}, false
}

// KeyArg is one item of a dict.
type KeyArg struct {
	Key ir.Const
	Arg
}

// KwArg is one keyword argument.
type KwArg struct {
	Name string
	Arg
}

// CallEdge is one resolved call.
type CallEdge struct {
	From, To ir.FuncID
	Node     ast.NodeID // the call, in From
}

// Summary is what a call of a function may do.
type Summary struct {
	Func     *ir.Func
	Returns  []Return
	Ret      *value.Value // joined; nil when it does not return
	NoReturn bool
	Hits     []Hit   // in or below the function; parameters are symbolic
	Events   []Event // those that depend on parameters, and those under it
	Facts    ReturnFacts
	Marks    value.Marks

	sum *summary
}

// Return is one return statement.
type Return struct {
	Node  ast.NodeID
	Value *value.Value
	Arg   Arg // the value with its elements: (body, status, headers)
}

// ReturnFacts say for which sink kinds each parameter is safe after the call.
type ReturnFacts struct {
	// Always holds whenever the call returns normally, True when it returned a true value, False when a false one.
	Always, True, False []models.KindSet // by parameter
}

// Summary returns the summary of a function, analysing it if it was skipped; nil when it cannot be lowered.
func (r *Result) Summary(id ir.FuncID) *Summary { return r.s.publicSummary(id) }

// OpenHits are the hits in or below function id that have a label of one of its parameters.
func (r *Result) OpenHits(id ir.FuncID) []Hit { return r.s.openHits(id) }

// Callers are the resolved calls of a function, in order.
func (r *Result) Callers(id ir.FuncID) []CallEdge { return r.s.callers(id) }

// Callees are the resolved calls of program functions in a function, in order; templates are none.
func (r *Result) Callees(id ir.FuncID) []CallEdge { return r.s.callees(id) }

// ModuleGlobal is the joined final value of a module-level name; nil when the module does not bind it.
func (r *Result) ModuleGlobal(mod *ir.Module, name string) *value.Value {
	return r.s.moduleGlobal(mod, name)
}

// ClassAttr is the value of a class attribute, through the bases of the class; nil when there is none.
func (r *Result) ClassAttr(class ir.ClassID, name string) *value.Value {
	return r.s.publicClassAttr(class, name)
}

// ClassAttrs are the names that the class body binds, in order of first binding.
func (r *Result) ClassAttrs(class ir.ClassID) []string { return r.s.classAttrNames(class) }

// Renders are the paths of the templates that a function itself renders, sorted.
func (r *Result) Renders(id ir.FuncID) []string { return r.s.templatesOf(id) }

// Func is the lowered function, nil when the id is not of the program.
func (r *Result) Func(id ir.FuncID) *ir.Func { return r.s.publicFunc(id) }

// NumFuncs is how many functions and templates there are; their ids count from 0.
func (r *Result) NumFuncs() int { return len(r.s.funcs) }

// Underlying are the functions behind a value: itself, what a decorator wrapped, the methods behind bound objects.
func (r *Result) Underlying(v *value.Value) []ir.FuncID { return r.s.underlying(v) }

// Materialise shows the elements of a collection value that outlived its function, as a module sees them: a module global, a class
// attribute.
func (r *Result) Materialise(v *value.Value, m *ir.Module) Arg { return r.s.materialiseGlobal(v, m) }
