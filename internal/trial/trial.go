// Package trial tries out small functions of the program on texts of our choice, to see what a check lets through.
//
// In: a linked program, and one of its functions. Out: what the function answers for one text, or that this cannot be told.
// It understands what checks are written with: text, lists, urllib.parse, re, and other functions of the program. Anything
// else ends the trial without an answer, so an answer is what Python would give. Nothing of the audited program is executed by
// Python, read from disk or sent anywhere; steps, calls and texts are bounded.
//
// A Set of verdicts is immutable and safe for concurrent use.
package trial

import (
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Budgets of one trial. Past them there is no answer.
const (
	maxSteps = 4_000
	maxDepth = 12
	maxText  = 8 << 10
)

// machine is one trial.
type machine struct {
	prog  *semantic.Program
	base  string // the address of the application, which ends in a slash
	input string // what any field of the request holds
	steps int
	depth int
	// lost: something was met that is not understood; there is no answer.
	lost bool
	// raised: an exception is on its way up.
	raised bool
	frame  *frame
}

// frame is one running function.
type frame struct {
	mod   *ir.Module
	scope uint32
	vars  map[string]any
	ret   any
}

// none is Python's None.
type none struct{}

// list is a list, tuple or set.
type list struct{ elems []any }

// dict is a mapping with texts or numbers as keys.
type dict map[any]any

// external is something of a library, by its path.
type external struct{ path string }

// function is a function of the program; self is what a method is bound to.
type function struct {
	id ir.FuncID
}

// method is a method of a value.
type method struct {
	of   any
	name string
}

// fail ends the trial.
func (m *machine) fail() any {
	m.lost = true
	return none{}
}

// raise starts an exception.
func (m *machine) raise() any {
	m.raised = true
	return none{}
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
	if k := mod.File.Kind(node); k != ast.FunctionDef && k != ast.Lambda {
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
