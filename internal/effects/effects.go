// Package effects says what a function does besides returning a value: which state it changes, how it asks who is
// calling, and how it refuses.
//
// In: a linked program and its call graph. Out: per function a list of effects in source order, its own or those of what
// it calls too. It reads names and shapes, not values: `db.session.commit()` is a write because of what it is called on.
// An Analysis fills its memo as it is asked, behind a lock, and is safe for concurrent use.
package effects

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Kind tells effects apart.
type Kind uint32

// Effects.
const (
	// Write changes what is stored: a database, a mailbox, a task queue.
	Write Kind = 1 << iota
	// File changes the file system or starts a program.
	File
	// Shared looks like a change of something that outlives the request: store.data["x"] = …, api.stop_downloads().
	Shared
	// SignIn and SignOut change who the session stands for.
	SignIn
	SignOut
	// Renews throws the old session away; Takes takes one key out of it.
	Renews
	Takes
	// AsksSession reads the identity that a cookie stands for; AsksHeader a credential that scripts must send themselves.
	AsksSession
	AsksHeader
	// AsksCaller reads an identity that something else found out: g.user.
	AsksCaller
	// Refuses ends the request: abort, raise, a redirect to the login page, 401 or 403.
	Refuses
	// ChecksToken compares an anti-forgery token, a custom header or the Origin.
	ChecksToken
	// ChecksSecret verifies a signature or a password.
	ChecksSecret
	// ReadsForm takes a body that forms of other sites can send; ReadsJSON one that needs a content type they cannot set.
	ReadsForm
	ReadsJSON
	// NeedsSession takes the identity out of the session with brackets: without a sign-in the request fails there.
	NeedsSession
	// Unverified stands beside AsksSession and AsksHeader: what the request carried was read, and nobody has looked at it yet.
	Unverified
)

// Asks is any way of asking who is calling.
const Asks = AsksSession | AsksHeader | AsksCaller

// Effect is one thing that a function does.
type Effect struct {
	Kind Kind
	Func ir.FuncID // in which it stands
	Node ast.NodeID
	What string // in words, for a message: "commits to the database"
}

// Analysis answers what functions do.
type Analysis struct {
	bodies *Bodies
	prog   *semantic.Program
	flow   *flow.Result

	renewals map[ir.FuncID][]ast.NodeID // calls that empty the session, by value

	memo []atomic.Pointer[[]Effect] // of Of

	mu    *sync.Mutex
	reach map[reachKey][]Effect
	// reached are the limits that tripped.
	reached map[string]bool
	seen    *sync.Pool // of *ir.FuncSet
}

type reachKey struct {
	id    ir.FuncID
	depth int
}

// briefly stands in the place of a depth for what brief gives.
const briefly = 1 << 16

// New prepares an analysis; nothing is read before it is asked for. bodies may be nil.
func New(prog *semantic.Program, res *flow.Result, bodies *Bodies) *Analysis {
	if bodies == nil {
		bodies = NewBodies(prog)
	}
	return &Analysis{
		bodies: bodies, prog: prog, flow: res, renewals: renewals(res),
		memo: make([]atomic.Pointer[[]Effect], prog.NumFuncs()), mu: &sync.Mutex{}, reach: map[reachKey][]Effect{}, reached: map[string]bool{},
		seen: &sync.Pool{New: func() any { return &ir.FuncSet{} }},
	}
}

// renewals finds where the session is emptied whatever it is called there: a parameter, a local name.
func renewals(res *flow.Result) map[ir.FuncID][]ast.NodeID {
	out := map[ir.FuncID][]ast.NodeID{}
	for i := range res.Events {
		if e := &res.Events[i]; e.Callee == "flask.Session.clear" {
			out[e.Func.ID] = append(out[e.Func.ID], e.Node)
		}
	}
	return out
}

// imports reports whether any module of the program imports a package.
func imports(prog *semantic.Program, top string) bool {
	for _, m := range prog.Modules {
		for _, im := range m.Imports {
			if im.Module == top || strings.HasPrefix(im.Module, top+".") {
				return true
			}
		}
	}
	return false
}

// LoginByHeader: Flask-Login knows its user by a header alone.
func (a *Analysis) LoginByHeader() bool { return a.bodies.loginByHeader }

// LoginBySession: whoever is in flask.g was put there by an extension that keeps him in the session.
func (a *Analysis) LoginBySession() bool { return a.bodies.loginBySession }

// Of are the effects of a function's own body, functions inside it not counted.
func (a *Analysis) Of(id ir.FuncID) []Effect {
	if int(id) >= len(a.memo) {
		return a.read(id)
	}
	if known := a.memo[id].Load(); known != nil {
		return *known
	}
	e := a.read(id)
	a.memo[id].Store(&e)
	return e
}

// maxReach bounds how many functions are looked at below one: no level is begun past it, and none goes on past maxLevel.
const (
	maxReach = 400
	maxLevel = 1500
)

// Reach are the effects of a function and of what it calls, up to a number of calls deep. Nearer ones come first.
func (a *Analysis) Reach(id ir.FuncID, depth int) []Effect {
	k := reachKey{id, depth}
	a.mu.Lock()
	es, known := a.reach[k]
	a.mu.Unlock()
	if known {
		return es
	}
	es = a.search(id, depth, a.flow.Callees(id))
	a.mu.Lock()
	a.reach[k] = es
	a.mu.Unlock()
	return es
}

// What tripped, in the words of the report.
const (
	limitReach = "functions below one function"
	limitBrief = "effects of one function that its callers have"
)

// trip notes that a limit was reached.
func (a *Analysis) trip(what string) {
	a.mu.Lock()
	a.reached[what] = true
	a.mu.Unlock()
}

// Limits are the limits that were reached, in no order.
func (a *Analysis) Limits() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Keys(a.reached))
}

// search looks at a function, at the first calls of it that it is given, and at all that those call.
func (a *Analysis) search(id ir.FuncID, depth int, first []flow.CallEdge) []Effect {
	seen := a.seen.Get().(*ir.FuncSet)
	defer a.seen.Put(seen)
	seen.Reset(a.flow.NumFuncs())
	seen.Add(id)
	level, n := []ir.FuncID{id}, 1
	var out []Effect
	for ; depth >= 0 && len(level) > 0; depth-- {
		if n >= maxReach {
			a.trip(limitReach)
			break
		}
		var next []ir.FuncID
		for _, f := range level {
			out = append(out, a.brief(f)...)
			calls := first
			if f != id {
				calls = a.flow.Callees(f)
			}
			for _, c := range calls {
				if n >= maxLevel {
					a.trip(limitReach)
					break
				}
				if seen.Add(c.To) {
					n++
					next = append(next, c.To)
				}
			}
		}
		level = next
	}
	return out
}

const (
	// maxBrief is how many effects of a function all of its callers have; of more, maxKind of each kind.
	maxBrief = 64
	maxKind  = 8
)

// brief is Of for the callers of a function: a helper that does one thing a thousand times does it once for each view that calls it.
func (a *Analysis) brief(id ir.FuncID) []Effect {
	all := a.Of(id)
	if len(all) <= maxBrief {
		return all
	}
	k := reachKey{id, briefly}
	a.mu.Lock()
	defer a.mu.Unlock()
	if es, known := a.reach[k]; known {
		return es
	}
	a.reached[limitBrief] = true
	count := map[Kind]int{}
	var es []Effect
	for _, e := range all {
		if count[e.Kind]++; count[e.Kind] <= maxKind {
			es = append(es, e)
		}
	}
	a.reach[k] = es
	return es
}

// Inside are the effects of a function, of the functions written inside it, and of what they call: what a decorator does
// around a view. What the view does, or the next decorator around it, is not counted.
func (a *Analysis) Inside(id ir.FuncID, depth int) []Effect {
	mod, local := a.prog.Where(id)
	if mod.File == nil {
		return a.Reach(id, depth)
	}
	k := reachKey{id, -1 - depth}
	a.mu.Lock()
	out, known := a.reach[k]
	a.mu.Unlock()
	if known {
		return out
	}
	info := a.prog.Info(mod)
	out = a.search(id, depth, a.ownCalls(mod, local))
	for i := range info.Funcs {
		if n := uint32(i); n != local && isWithin(info, n, local) {
			out = append(out, a.search(a.prog.FuncID(mod, n), depth, a.ownCalls(mod, n))...)
		}
	}
	a.mu.Lock()
	a.reach[k] = out
	a.mu.Unlock()
	return out
}

// ownCalls are the calls of a function without those of what it, or the function around it, was passed: `f(*args, **kwargs)`.
func (a *Analysis) ownCalls(mod *ir.Module, local uint32) []flow.CallEdge {
	info, file := a.prog.Info(mod), mod.File
	var passed []string
	for _, fn := range []uint32{local, info.Funcs[local].Outer} {
		node := info.Funcs[fn].Node
		if kind := file.Kind(node); kind != ast.FunctionDef && kind != ast.AsyncFunctionDef && kind != ast.Lambda {
			continue
		}
		for _, p := range file.Params(node) {
			passed = append(passed, file.IdentOf(ast.NodeID(p)))
		}
	}
	return slices.DeleteFunc(slices.Clone(a.flow.Callees(a.prog.FuncID(mod, local))), func(e flow.CallEdge) bool {
		callee := file.SlotA(e.Node)
		return file.Kind(e.Node) == ast.Call && file.Kind(callee) == ast.Name && slices.Contains(passed, file.IdentOf(callee))
	})
}

func isWithin(info *semantic.FileInfo, inner, outer uint32) bool {
	for range 8 {
		up := info.Funcs[inner].Outer
		if up == inner {
			return false
		}
		if up == outer {
			return true
		}
		inner = up
	}
	return false
}

// Has reports whether a list has an effect of any of some kinds.
func Has(es []Effect, kinds Kind) bool { return First(es, kinds) != nil }

// First is the first effect of any of some kinds, nil when there is none.
func First(es []Effect, kinds Kind) *Effect {
	i := slices.IndexFunc(es, func(e Effect) bool { return e.Kind&kinds != 0 })
	if i < 0 {
		return nil
	}
	return &es[i]
}

func (a *Analysis) read(id ir.FuncID) []Effect {
	b := a.bodies.of(id)
	out := b.out
	if n := a.renewals[id]; len(n) > 0 && !Has(out, Renews) {
		out = append(slices.Clip(out), Effect{Renews | SignOut, id, n[0], "clears the session"})
	}
	if Has(out, Refuses) {
		out = append(slices.Clip(out), b.looks...)
	}
	return out
}
