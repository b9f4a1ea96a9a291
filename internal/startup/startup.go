// Package startup works out what a program does when it starts: it evaluates module bodies, factories and what they call,
// and leaves out what only a request would run.
//
// Routes are registered by code, not by declarations: in loops over lists, by helpers that add a prefix, by subclasses of
// Blueprint, through functions found by name. The flow engine joins what a loop's variable may be, which is right for
// taint and useless for a table of URLs. So this package runs the code, with real lists and strings, and takes both ways
// where a condition cannot be told.
//
// In: a linked program, and stubs: Python sources that stand for libraries and end in native functions of the caller.
// Out: nothing but the calls of those natives, in a fixed order. Nothing of the audited program is executed by Python,
// read from disk or sent anywhere; every loop, call, collection and text is bounded, and the bounds are counted.
//
// An Interp serves one goroutine.
package startup

import (
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"

	"stopper/internal/bug"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Budgets, counted in evaluated nodes. Past them a value is unknown and the rest of a body is not seen.
const (
	maxSteps     = 12_000_000 // of the whole program
	maxRootSteps = 1_500_000  // of one module body or entry point
	maxSideSteps = 16_000     // of one call that cannot lead to a registration
	maxIdleSteps = 200_000    // of all calls of a function that led to no registration so far
	maxIdleCall  = 2_000      // of one call of it past that
	maxDepth     = 48         // of calls
	maxImports   = 300        // of module bodies that import each other
	maxSame      = 3          // of one function in the stack
	maxCalls     = 50_000     // of one function altogether
	maxWhile     = 256        // rounds of a while loop
	maxDoubtful  = 4          // those behind which the loop may be over
)

// What tripped, in the words of the report.
const (
	limitSteps   = "evaluated nodes"
	limitDepth   = "calls within calls"
	limitImports = "modules that import each other"
	limitCalls   = "calls of one function"
	limitWhile   = "rounds of a while loop"
	limitQueue   = "work that is put off"
)

// Options are what the caller brings.
type Options struct {
	// Stubs finds the source that stands for a top-level library package, nil when there is none.
	Stubs func(top string) *ast.File
	// Natives are the functions that stubs may call, by name.
	Natives map[string]Native
	// Matters reports whether a name, called or read in a function, makes it worth evaluating.
	Matters func(name string) bool
	// Registers reports whether a name, called in a function, makes the function an entry point when nobody calls it.
	Registers func(name string) bool
	// Unknown is asked about a call of something unknown; false means that it has nothing to say.
	Unknown func(in *Interp, callee *Unknown, args Args) (Value, bool)
	// Param is what an entry point gets for a parameter that it cannot know.
	Param func(in *Interp, name string) Value
	Bugs  *bug.Reporter
}

// Interp is one evaluation.
type Interp struct {
	prog     *semantic.Program
	opt      Options
	mods     []*Module // by ir.Module.Index
	stubs    map[string]*Module
	builtins map[string]Native
	natives  map[string]*Func // by name: those that were asked for

	steps, limit int // of the current root; those of modules that it imports are their own
	total        int
	reached      map[string]bool // limits that tripped
	stopped      bool
	depth        int // of calls and of brackets, within one module
	modDepth     int // module bodies that run inside each other
	cond         int // conditions that nobody could tell, around the current point
	frame        *frame
	journal      []undo
	journaling   int // branches around the current point of which nobody knows whether they run
	clock, since int // counts the branches that were begun; its value at the beginning of the innermost one
	doubts       int // ways out of a function or loop that nobody could tell whether they are taken
	unlikely     int // those that the environment would have to ask for
	queue        []queued
	calls        map[funcKey]*use
	led          int                 // calls of what stands for a framework
	starred      map[starSearch]bool // by the search that is going on
	relevant     []bool              // by FuncID
	matters      []bool              // by Module.Index
}

type funcKey struct {
	mod  *Module
	node ast.NodeID
}

// frame is one function call or module body.
type frame struct {
	up    *frame
	mod   *Module
	fn    *Func // nil for a module body
	env   *Env
	call  ast.NodeID // the call being evaluated
	rets  Value
	yield func(Value) Value
}

type queued struct {
	at Place
	fn Value
	to Args
}

// New prepares an evaluation.
func New(prog *semantic.Program, opt Options) *Interp {
	in := &Interp{prog: prog, opt: opt, stubs: map[string]*Module{}, builtins: builtins(), natives: map[string]*Func{}, calls: map[funcKey]*use{}, reached: map[string]bool{}}
	in.mods = make([]*Module, len(prog.Modules))
	for i, m := range prog.Modules {
		in.mods[i] = &Module{IR: m, file: m.File, Name: m.Name}
	}
	return in
}

// Run evaluates every module that could register something, in order of path and of import, what they put off, and then
// the functions that register something and that nobody called.
func (in *Interp) Run() {
	in.findRelevant()
	for i, m := range in.mods {
		if in.matters[i] {
			in.runModule(m)
		}
	}
	in.Drain()
	in.runEntries()
	in.Drain()
}

// Limits are the limits that were reached, sorted; behind them something may be missing.
func (in *Interp) Limits() []string { return slices.Sorted(maps.Keys(in.reached)) }

// trip notes that a limit was reached.
func (in *Interp) trip(what string) {
	if !in.reached[what] {
		in.reached[what] = true
	}
}

// Drain runs what stubs put off with __later__, in order, until nothing is left.
func (in *Interp) Drain() {
	for i := 0; i < len(in.queue); i++ {
		q := in.queue[i]
		in.root(func() { in.at(q.at, func() { in.call(q.fn, q.to) }) })
	}
	in.queue = nil
}

// maxQueue bounds deferred work that defers itself again.
const maxQueue = 20_000

// Later puts a call off to Drain.
func (in *Interp) Later(fn Value, to Args) {
	in.LaterAt(in.Place(), fn, to)
}

// LaterAt is Later as if asked at a place.
func (in *Interp) LaterAt(at Place, fn Value, to Args) {
	if len(in.queue) >= maxQueue {
		in.trip(limitQueue)
		return
	}
	in.queue = append(in.queue, queued{at, fn, to})
}

// External is something of a library by its dotted path.
func (in *Interp) External(path string) Value {
	if name, ok := strings.CutPrefix(path, "builtins."); ok {
		if fn := in.builtins[name]; fn != nil {
			return &Func{Name: name, native: fn}
		}
	}
	return in.external(path)
}

// Lookup finds an attribute of a class along its order of resolution, unbound; nil when there is none.
func (in *Interp) Lookup(c *Class, name string) Value { return in.lookup(c, name) }

// root runs work with a budget of its own; a fault of ours ends it and is reported.
func (in *Interp) root(work func()) {
	steps, limit, depth, frame := in.steps, in.limit, in.depth, in.frame
	in.steps, in.limit = 0, min(maxRootSteps, maxSteps-in.total)
	defer func() {
		if in.stopped {
			in.trip(limitSteps)
		}
		in.total += in.steps
		in.steps, in.limit, in.stopped = steps, limit, in.total >= maxSteps
		in.depth, in.frame = depth, frame
		if r := recover(); r != nil {
			in.journal, in.journaling, in.unlikely, in.cond = nil, 0, 0, 0
			in.opt.Bugs.Report("evaluating start-up code", r, debug.Stack())
		}
	}()
	work()
}

// step counts one node; false when the budget is spent.
func (in *Interp) step() bool {
	in.steps++
	if in.steps > in.limit {
		in.stopped = true
	}
	return !in.stopped
}

// charge counts work on a collection: a loop over large ones is as expensive as a long loop.
func (in *Interp) charge(n int) { in.steps += n / 8 }

// runModule evaluates a module body once. What runs the module may stand in a branch; the module does not.
func (in *Interp) runModule(m *Module) {
	if m.state != fresh {
		return
	}
	m.state = running
	if m.env == nil {
		m.env = newEnv(m, nil)
	}
	if m.file == nil || in.modDepth >= maxImports {
		if m.file != nil {
			in.trip(limitImports)
		}
		m.state = done
		return
	}
	journal, journaling, unlikely, cond, up, depth, starred := in.journal, in.journaling, in.unlikely, in.cond, in.frame, in.depth, in.starred
	in.starred = nil
	in.journal, in.journaling, in.unlikely, in.cond, in.depth = nil, 0, 0, 0, 0
	in.modDepth++
	in.root(func() {
		in.frame = &frame{mod: m, env: m.env, call: m.file.Root}
		in.body(m.file.Body(m.file.Root))
	})
	in.modDepth--
	in.journal, in.journaling, in.unlikely, in.cond, in.frame, in.depth = journal, journaling, unlikely, cond, up, depth
	in.starred = starred
	m.state = done
}

// module is the Module of a file of the program, evaluated if what it does on import may matter.
func (in *Interp) module(m *ir.Module, run bool) *Module {
	mod := in.mods[m.Index]
	if run && in.matters[m.Index] {
		in.runModule(mod)
	}
	return mod
}

// ImportModule is importlib.import_module for a dotted name; nil when the program has no such module.
func (in *Interp) ImportModule(name string) *Module {
	m := in.prog.Module(name)
	if m == nil {
		return nil
	}
	mod := in.mods[m.Index]
	in.runModule(mod)
	return mod
}

// stub is the module that stands for a library package, nil when there is none.
func (in *Interp) stub(top string) *Module {
	if m, ok := in.stubs[top]; ok {
		return m
	}
	in.stubs[top] = nil
	f := in.opt.Stubs(top)
	if f == nil {
		return nil
	}
	m := &Module{file: f, Name: top, isLib: true}
	in.stubs[top] = m
	in.runModule(m)
	return m
}

// external is something of a library by its dotted path. Stubs are flat: flask.views.MethodView is MethodView of stub
// flask.
func (in *Interp) external(path string) Value {
	top, rest, has := strings.Cut(path, ".")
	m := in.stub(top)
	if m == nil {
		return library(path)
	}
	if !has {
		return m
	}
	if v, ok := m.env.vars.get(rest[strings.LastIndexByte(rest, '.')+1:]); ok {
		return v
	}
	return library(path)
}

// Place is the innermost point of the program, outside stubs.
func (in *Interp) Place() Place {
	f := in.frame
	for f != nil && (f.mod.isLib || f.mod.IR == nil) {
		f = f.up
	}
	if f == nil {
		return Place{Cond: in.cond > 0}
	}
	return Place{Module: f.mod.IR, Func: in.funcOf(f.mod, f.fn), Node: f.call, Cond: in.cond > 0}
}

// at runs work as if it stood at a place.
func (in *Interp) at(p Place, work func()) {
	up, cond := in.frame, in.cond
	if p.Module != nil {
		m := in.mods[p.Module.Index]
		in.frame = &frame{up: up, mod: m, fn: in.atFunc(p), env: m.env, call: p.Node}
	}
	if p.Cond {
		in.cond++
	}
	work()
	in.frame, in.cond = up, cond
}

// atFunc is a stand-in for the function of a place.
func (in *Interp) atFunc(p Place) *Func {
	mod, local := in.prog.Where(p.Func)
	if local == 0 {
		return nil
	}
	return &Func{Mod: in.mods[mod.Index], Node: in.prog.Info(mod).Funcs[local].Node}
}

func (in *Interp) funcOf(m *Module, fn *Func) ir.FuncID {
	if fn != nil && fn.Mod == m && fn.Node != 0 {
		if local, ok := in.prog.Info(m.IR).FuncOf(fn.Node); ok {
			return in.prog.FuncID(m.IR, local)
		}
	}
	return m.IR.Body
}

// FuncID is the program-wide number of a function; false for builtins and functions of stubs.
func (in *Interp) FuncID(f *Func) (ir.FuncID, bool) {
	if f.Mod == nil || f.Mod.IR == nil || f.Node == 0 {
		return 0, false
	}
	local, ok := in.prog.Info(f.Mod.IR).FuncOf(f.Node)
	if !ok {
		return 0, false
	}
	return in.prog.FuncID(f.Mod.IR, local), true
}

// ClassID is the program-wide number of a class; false for classes of stubs and dynamic ones.
func (in *Interp) ClassID(c *Class) (ir.ClassID, bool) {
	if c.Mod == nil || c.Mod.IR == nil || c.Node == 0 {
		return 0, false
	}
	local, ok := in.prog.Info(c.Mod.IR).ClassOf(c.Node)
	if !ok {
		return 0, false
	}
	return in.prog.ClassID(c.Mod.IR, local), true
}

// String names a place, for tests.
func (p Place) String() string {
	if p.Module == nil {
		return "?"
	}
	return fmt.Sprintf("%s:%d", p.Module.Source.Path, p.Module.Source.Line(p.Module.File.Span(p.Node).Start))
}
