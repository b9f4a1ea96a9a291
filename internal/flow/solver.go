package flow

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"stopper/internal/bug"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/lower"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
	"stopper/internal/template"
)

type status uint8

const (
	fresh status = iota
	running
	done
)

// funcState is what the solver knows of one function.
type funcState struct {
	ir       *ir.Func
	lowered  atomic.Bool // ir is there, or there is none
	info     *funcInfo
	status   status
	recurs   bool // a call met it while it was running
	at, head int  // its frame, and the lowest frame that it leans on: see recursion.go
	sum      *summary
	special  map[string]*summary
	calls    []CallEdge
	called   bool
	isDirty  bool
	makes    int8                           // 1: a factory of views, -1: none, 0: not looked at
	lasts    bool                           // something that it makes is there for all requests
	attrs    small[paramPath, *value.Value] // what the attributes of its parameters are to it
	inCalled []CallEdge
	// brought is what calls of it have brought in, timesCalled how many there were: see effort.go.
	brought, timesCalled int
}

// solver is one analysis.
type solver struct {
	spare
	joins
	ignoresAnswers *bool // see answersIgnored; nil before somebody asked
	hostsAsWritten *bool // Werkzeug takes any Host header; asked for once

	mu         sync.Mutex
	ctx        context.Context
	prog       *semantic.Program
	lines      *semantic.Linearizer
	set        *catalog
	opt        Options
	templates  *template.Set // nil when there are none
	funcs      []funcState
	mods       []modState
	classes    []classState
	cells      map[cellName]*shared
	keys       *keyTable
	scratch    scratch[*value.Value]
	externals  map[string]*value.Value
	predicates int // how many small functions are looked at again within one another
	pathItems  map[string]*value.Value
	states     scratch[state]
	args       scratch[arg]
	labelBuf   []value.Label // where label sets are put together
	keyBuf     []byte        // where the key of a specialised copy is put together
	global     store         // objects that outlived their function
	closed     map[hitKey]*Hit
	events     []*Event
	seen       map[eventKey]*Event
	order      int
	depth      int
	nested     int // calls that are being made, one because of the other
	brought    int // values, labels and cells that calls brought in: see effort.go
	held       int // values at the starts of blocks, of all functions that run
	forcing    int // objects being instantiated, one because of the other
	following  int // attribute paths of labels being followed, one because of the other
	bugs       *bug.Reporter
	budgets    []Budget
	tripped    map[Budget]bool
	isCut      bool
	isSolved   bool        // calls are in order from now on: rules ask for the same ones over and over
	group      []ir.FuncID // solved functions that lean on one that is running
	envsOf     map[envKey][]uint32
	stats      Stats
	envs       []*closureEnv
	frames     []*frame // running, innermost last
	subsReady  bool
	injected   map[ir.FuncID][]injection // what decorators pass to functions
	byType     map[ir.FuncID][]ir.FuncID // what functools.singledispatch may call instead
	libAttrs   map[string]*shared        // attributes that the program adds to library objects: flask.g.db
	plugins    map[string][]*ir.Module   // by pattern: the modules that a name may mean
	formatSink *models.Sink
	emitSink   *models.Sink
	eventNames map[string]bool
	closures   []madeClosure
	lookers    map[objKey]*readers     // by collection of the process: who looked into it
	unseen     map[value.Site]unseen   // see unseen.go
	setters    map[ir.FuncID]ir.FuncID // by property: the function behind an assignment
	trials     trials
	users      *ir.ClassID            // the model of those who sign in, nil when there is not exactly one
	namesakes  map[string][]ir.FuncID // see guess.go
	methods    map[string]int         // see results.go
}

type cellName struct {
	fn   ir.FuncID
	name string
}

// shared is a variable that several functions see: a module global, a captured variable, an attribute of a class.
type shared struct {
	joined  *value.Value
	writes  int
	foreign *value.Value // written by functions other than the owner
	readers readers
}

func (c *shared) write(v *value.Value) bool {
	c.writes++
	old := c.joined
	n := join(old, value.Disown(v))
	if n == old || equal(n, old) {
		return false
	}
	c.joined = n
	// Readers are solved again for what can make a finding: new taint, something new to call, or the first text.
	if old == nil {
		return len(n.Taint) > 0 || len(n.Objs) > 0 || isText(n)
	}
	return len(n.Taint) > len(old.Taint) || len(n.Objs) > len(old.Objs)
}

func analyze(ctx context.Context, prog *semantic.Program, set *models.Set, opt Options) *Result {
	s := newSolver(ctx, prog, set, opt)
	s.solveProgram()
	return s.result()
}

func newSolver(ctx context.Context, prog *semantic.Program, set *models.Set, opt Options) *solver {
	s := &solver{ctx: ctx, prog: prog, lines: prog.Linearizer(), set: newCatalog(set), opt: opt, cells: map[cellName]*shared{}, keys: newKeyTable(),
		externals: map[string]*value.Value{}, pathItems: map[string]*value.Value{}, closed: map[hitKey]*Hit{},
		seen: map[eventKey]*Event{}, envsOf: map[envKey][]uint32{}, tripped: map[Budget]bool{}, bugs: &bug.Reporter{}, libAttrs: map[string]*shared{}, injected: map[ir.FuncID][]injection{}, byType: map[ir.FuncID][]ir.FuncID{},
		setters:    map[ir.FuncID]ir.FuncID{},
		formatSink: &models.Sink{Kind: models.Format, Arg: models.ArgSel{Pos: models.NoPos, Self: true}}}
	s.global, s.joins = newStore(s.keys), newJoins()
	s.emitSink = &models.Sink{Kind: models.HTML, Arg: models.ArgSel{Pos: 0}}
	s.funcs = make([]funcState, prog.NumFuncs())
	s.mods = make([]modState, len(prog.Modules))
	s.classes = make([]classState, len(prog.Classes))
	s.stats.Functions = len(s.funcs)
	s.nameEvents()
	s.trials = tryOut(prog, s.bugs)
	s.namesakes, s.methods = s.nameMethods(), s.ownMethods()
	s.users = s.userModel()
	return s
}

// fn lowers a function on demand.
func (s *solver) fn(id ir.FuncID) *ir.Func {
	if int(id) >= len(s.funcs) {
		return nil
	}
	st := &s.funcs[id]
	if !st.lowered.Load() {
		func() {
			defer s.recover("lowering", id)
			st.ir = lower.Func(s.prog, id)
		}()
		st.lowered.Store(true)
	}
	return st.ir
}

// publicFunc is fn for rules, which ask side by side: the functions of tests are lowered when somebody asks for them.
func (s *solver) publicFunc(id ir.FuncID) *ir.Func {
	if int(id) < len(s.funcs) && !s.funcs[id].lowered.Load() {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	return s.fn(id)
}

func (s *solver) recover(what string, id ir.FuncID) {
	if r := recover(); r != nil {
		s.bugs.Report(fmt.Sprintf("%s %s", what, s.prog.QualName(id)), r, debug.Stack())
	}
}

// summary solves a function when it has not been yet. In a recursion it returns what is known so far, nil at first.
func (s *solver) summary(id ir.FuncID) *summary {
	st := &s.funcs[id]
	switch {
	case st.status == done:
		if st.head != noHead {
			s.lean(st.head)
		}
		return st.sum
	case st.status == running:
		st.recurs = true
		s.lean(st.at)
		return st.sum
	}
	fn := s.fn(id)
	switch {
	case fn == nil || s.ctx.Err() != nil:
		return nil
	case s.statesOf(fn) > maxFuncStates, s.statesOf(fn)+s.held > maxStates:
		s.trip(fn, limitStates)
		return nil
	case s.depth >= maxDepth:
		s.trip(fn, limitDepth)
		return nil
	case s.stats.Instrs > maxTotalInstrs:
		if !s.isCut {
			s.isCut = true
			s.trip(fn, LimitTotal)
		}
		return nil
	}
	s.look(id)
	s.solveGroup(id, fn)
	return st.sum
}

// statesOf is how many values a run of a function keeps at the starts of its blocks.
func (s *solver) statesOf(fn *ir.Func) int {
	return (fn.NumVars + len(s.look(fn.ID).extra)) * len(fn.Blocks)
}

// run executes one function body. args overrides the symbolic parameters of a specialised copy.
func (s *solver) run(fn *ir.Func, args []*value.Value, env uint32) *summary {
	return s.runAs(fn, args, env, false)
}

// runCopy is run of a copy that calls take instead of the function: what each return says is asked of the function itself.
func (s *solver) runCopy(fn *ir.Func, args []*value.Value, env uint32) *summary {
	return s.runAs(fn, args, env, true)
}

func (s *solver) runAs(fn *ir.Func, args []*value.Value, env uint32, isBrief bool) (sum *summary) {
	s.depth++
	s.stats.Analysed++
	held := s.held
	s.held += s.statesOf(fn)
	depth, frames, mark, states, passed := s.depth-1, len(s.frames), s.scratch.mark(), s.states.mark(), s.args.mark()
	defer func() {
		s.depth, s.held = depth, held
		s.scratch.release(mark)
		s.states.release(states)
		s.args.release(passed)
		s.frames = s.frames[:frames]
		if r := recover(); r != nil {
			s.bugs.Report("analysing "+fn.QualName, r, debug.Stack())
			sum = &summary{fn: fn, ret: value.Unknown}
		}
	}()
	f := newFrame(s, fn, args, env)
	f.isCopy, f.isBrief = args != nil || env != 0, isBrief
	s.frames = append(s.frames, f)
	if f.info.readsCut {
		s.trip(fn, limitReads)
	}
	dropped := s.keys.dropped
	f.solve()
	if s.keys.dropped > dropped {
		s.trip(fn, limitHeap)
	}
	sum = f.finish()
	if !f.isHeld {
		s.idle = append(s.idle, f)
	}
	return sum
}

// dirty marks the readers of a shared variable that grew.
func (s *solver) dirty(c *shared) {
	for _, id := range c.readers.ids {
		s.funcs[id].isDirty = true
	}
}

// resolveDirty solves again what read a shared variable before it had its final value. Callers follow in the next round,
// and only where the summary came out different.
func (s *solver) resolveDirty() bool {
	var work []ir.FuncID
	var old []*summary
	for id := range s.funcs {
		st := &s.funcs[id]
		if st.isDirty && st.status == done && st.ir != nil && (st.ir.Kind <= ir.KindLambda || st.ir.Kind == ir.KindTemplate) {
			work, old = append(work, ir.FuncID(id)), append(old, st.sum)
			st.status, st.special = fresh, nil
		}
		st.isDirty = false
	}
	if len(work) == 0 || s.ctx.Err() != nil {
		return false
	}
	for i, id := range work {
		if sameSummary(old[i], s.summary(id)) {
			continue
		}
		for _, e := range s.funcs[id].inCalled {
			s.funcs[e.From].isDirty = true
		}
	}
	s.solveClosures()
	return true
}

// sameSummary: callers would see no difference.
func sameSummary(a, b *summary) bool {
	if a == nil || b == nil {
		return a == b
	}
	return equal(a.ret, b.ret) && len(a.hits) == len(b.hits) && len(a.effects) == len(b.effects)
}

func (s *solver) edge(from, to ir.FuncID, node ast.NodeID) {
	e := CallEdge{from, to, node}
	st := &s.funcs[from]
	if slices.Contains(st.calls, e) {
		return
	}
	st.calls = append(st.calls, e)
	s.funcs[to].inCalled = append(s.funcs[to].inCalled, e)
	if s.isSolved { // somebody asked for more: who has read the edges keeps what he has
		st.calls, s.funcs[to].inCalled = sortedEdges(st.calls), sortedEdges(s.funcs[to].inCalled)
	}
}

func (s *solver) result() *Result {
	s.closeOwn()
	r := &Result{Budgets: s.sortedBudgets(), Stats: s.stats, s: s}
	for _, h := range s.closed {
		r.Hits = append(r.Hits, *h)
	}
	slices.SortFunc(r.Hits, compareHits)
	r.Events = s.finishEvents()
	for i := range s.funcs {
		slices.SortFunc(s.funcs[i].calls, compareEdges)
		slices.SortFunc(s.funcs[i].inCalled, compareEdges)
	}
	s.isSolved = true
	return r
}

// Faults are our own mistakes that the analysis survived.
func (r *Result) Faults() []bug.Fault { return r.s.bugs.Faults() }

func (s *solver) callers(id ir.FuncID) []CallEdge {
	if int(id) >= len(s.funcs) {
		return nil
	}
	return slices.Clip(s.funcs[id].inCalled)
}

func (s *solver) callees(id ir.FuncID) []CallEdge {
	if int(id) >= len(s.funcs) {
		return nil
	}
	isTemplate := func(e CallEdge) bool { return int(e.To) >= s.prog.NumFuncs() }
	out := s.funcs[id].calls
	if slices.ContainsFunc(out, isTemplate) {
		out = slices.DeleteFunc(slices.Clone(out), isTemplate)
	}
	return slices.Clip(out)
}

// sortedEdges are calls in order, in a slice of their own.
func sortedEdges(edges []CallEdge) []CallEdge {
	edges = slices.Clone(edges)
	slices.SortFunc(edges, compareEdges)
	return edges
}

// templatesOf are the files of templates among the callees of a function.
func (s *solver) templatesOf(id ir.FuncID) []string {
	if int(id) >= len(s.funcs) {
		return nil
	}
	var out []string
	for _, e := range s.funcs[id].calls {
		if fn := s.funcs[e.To].ir; int(e.To) >= s.prog.NumFuncs() && fn != nil && fn.Module.File == nil {
			out = append(out, fn.Module.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func compareEdges(a, b CallEdge) int {
	switch {
	case a.From != b.From:
		return cmp.Compare(a.From, b.From)
	case a.Node != b.Node:
		return cmp.Compare(a.Node, b.Node)
	}
	return cmp.Compare(a.To, b.To)
}
