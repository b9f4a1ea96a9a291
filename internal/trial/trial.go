// Package trial tries out small functions of the program on texts of our choice, to see what a check lets through.
//
// In: a linked program, and one of its functions. Out: what the function answers for one text, or that this cannot be told.
// It understands what checks are written with: text, lists, urllib.parse, re, ipaddress, the resolver, and other functions of
// the program. The rest has a value that is not known, and a condition on such a value is answered both ways, so that what all
// ways agree on is what Python would give. Nothing of the audited program is executed by Python, read from disk or sent
// anywhere; names are resolved from a table of ours; steps, calls, ways and texts are bounded.
//
// Verdicts are immutable and safe for concurrent use.
package trial

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stopper/internal/bug"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Budgets of one trial. Past them there is no answer.
const (
	maxSteps = 4_000
	maxDepth = 12
	maxText  = 8 << 10
	maxAsked = 24 // conditions on what is not known, of one run
)

// survive turns a mistake of ours in the trial of one function into a fault: there is no verdict on that one.
func survive(prog *semantic.Program, rep *bug.Reporter, id ir.FuncID, try func()) {
	defer bug.Recover(rep, "trying "+prog.QualName(id))
	try()
}

// machine is one trial.
type machine struct {
	prog  *semantic.Program
	base  string // the address of the application, which ends in a slash
	input string // what any field of the request holds
	steps int
	depth int
	// lost: something was met that is not understood; there is no answer.
	lost bool
	// raised: an exception is on its way up; its class and all above it, empty when that is not known.
	raised bool
	class  []string
	// plan holds the answers to the conditions that hang on what is not known, of which so many came up.
	plan  []bool
	asked int
	// seen are texts of the program's own collections, which may be names of hosts that are allowed.
	seen  []string
	frame *frame
}

// frame is one running function.
type frame struct {
	mod   *ir.Module
	scope uint32
	vars  map[string]any
	ret   any
	yield *list // what a generator gave
}

// unknown is what no trial can tell: the answer of a library, a setting. It may be known to be true.
type unknown struct{ isTrue bool }

// none is Python's None.
type none struct{}

// list is a list, tuple or set.
type list struct{ elems []any }

// dict is a mapping with texts or numbers as keys.
type dict map[any]any

// keys are the keys in an order of their own.
func (d dict) keys() []any {
	out := make([]any, 0, len(d))
	for k := range d {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b any) int {
		return cmp.Or(strings.Compare(fmt.Sprint(a), fmt.Sprint(b)), strings.Compare(fmt.Sprintf("%T", a), fmt.Sprintf("%T", b)))
	})
	return out
}

// external is something of a library, by its path.
type external struct{ path string }

// function is a function of the program; bound is a method of it with what it is called on.
type (
	function struct{ id ir.FuncID }
	bound    struct {
		id   ir.FuncID
		self any
	}
)

// class is a class of the program, object an instance of one.
type (
	class  struct{ id ir.ClassID }
	object struct {
		of    ir.ClassID
		attrs map[string]any
	}
)

// method is a method of a value.
type method struct {
	of   any
	name string
}

// fail is the value of what is not understood.
func (m *machine) fail() any { return unknown{} }

// choose answers a condition on what is not known.
func (m *machine) choose() bool {
	if m.asked >= maxAsked {
		m.lost = true
		return false
	}
	m.asked++
	if m.asked > len(m.plan) {
		m.plan = append(m.plan, false)
	}
	return m.plan[m.asked-1]
}

// nextPlan is the next way through the conditions that came up; false when all have been gone.
func (m *machine) nextPlan() ([]bool, bool) {
	for i := m.asked - 1; i >= 0; i-- {
		if !m.plan[i] {
			return append(slices.Clone(m.plan[:i]), true), true
		}
	}
	return nil, false
}

// step counts one evaluated node; false when the trial is over.
func (m *machine) step() bool {
	m.steps++
	if m.steps > maxSteps {
		m.lost = true
	}
	return !m.lost && !m.raised
}

// call runs a function of the program.
func (m *machine) call(id ir.FuncID, args []any, kw map[string]any) any {
	mod, local := m.prog.Where(id)
	if mod == nil || mod.File == nil || m.depth >= maxDepth {
		return m.fail()
	}
	info := &m.prog.Info(mod).Funcs[local]
	node := info.Node
	if k := mod.File.Kind(node); k != ast.FunctionDef && k != ast.AsyncFunctionDef && k != ast.Lambda {
		return m.fail()
	}
	fr := &frame{mod: mod, scope: info.Scope, vars: map[string]any{}, ret: none{}}
	up := m.frame
	m.frame, m.depth = fr, m.depth+1
	defer func() { m.frame, m.depth = up, m.depth-1 }()
	if !m.bind(node, args, kw) {
		return m.fail()
	}
	if mod.File.Kind(node) == ast.Lambda {
		return m.eval(mod.File.SlotB(node))
	}
	m.body(mod.File.Body(node))
	if fr.yield != nil {
		return fr.yield
	}
	return fr.ret
}

// bind gives the parameters their values; false when one has none.
func (m *machine) bind(fn ast.NodeID, args []any, kw map[string]any) bool {
	f := m.frame.mod.File
	for _, p := range f.Params(fn) {
		id := ast.NodeID(p)
		name := f.IdentOf(id)
		switch f.ParamKindOf(id) {
		case ast.VarArgs:
			m.frame.vars[name], args = &list{args}, nil
			continue
		case ast.VarKeyword:
			rest := dict{}
			for k, v := range kw {
				rest[k] = v
			}
			m.frame.vars[name] = rest
			continue
		case ast.KeywordOnly:
		default:
			if len(args) > 0 {
				m.frame.vars[name], args = args[0], args[1:]
				continue
			}
		}
		if v, ok := kw[name]; ok {
			m.frame.vars[name] = v
			continue
		}
		def := f.SlotC(id)
		if def == 0 {
			return false
		}
		m.frame.vars[name] = m.eval(def)
	}
	return len(args) == 0
}
