package trial

import "stopper/internal/python/ast"

// signal says how a statement ended.
type signal uint8

const (
	goOn signal = iota
	leave
	brk
	cont
)

func (m *machine) body(stmts []uint32) signal {
	for _, s := range stmts {
		if sig := m.stmt(ast.NodeID(s)); sig != goOn || m.lost || m.raised {
			return sig
		}
	}
	return goOn
}

func (m *machine) stmt(id ast.NodeID) signal {
	if !m.step() {
		return leave
	}
	f := m.frame.mod.File
	switch f.Kind(id) {
	case ast.Expr:
		m.eval(f.SlotA(id))
	case ast.Pass:
	case ast.Assign:
		v := m.eval(f.SlotB(id))
		for _, t := range f.ListA(id) {
			m.assign(ast.NodeID(t), v)
		}
	case ast.AnnAssign:
		if v := f.SlotC(id); v != 0 {
			m.assign(f.SlotA(id), m.eval(v))
		}
	case ast.AugAssign:
		v := m.binary(ast.Op(f.Node(id).Op), m.eval(f.SlotA(id)), m.eval(f.SlotB(id)))
		m.assign(f.SlotA(id), v)
	case ast.Return:
		if e := f.SlotA(id); e != 0 {
			m.frame.ret = m.eval(e)
		}
		return leave
	case ast.If:
		if m.truth(m.eval(f.SlotA(id))) {
			return m.body(f.Body(id))
		}
		return m.body(f.Orelse(id))
	case ast.For:
		return m.forStmt(id)
	case ast.Try:
		return m.try(id)
	case ast.Raise:
		m.raise()
	case ast.Break:
		return brk
	case ast.Continue:
		return cont
	case ast.Import, ast.ImportFrom: // names are resolved where they are read
	default:
		m.fail()
	}
	return goOn
}

func (m *machine) forStmt(id ast.NodeID) signal {
	f := m.frame.mod.File
	for _, v := range m.iterate(m.eval(f.SlotB(id))) {
		m.assign(f.SlotA(id), v)
		switch sig := m.body(f.Body(id)); {
		case m.lost || m.raised || sig == leave:
			return leave
		case sig == brk:
			return goOn
		}
	}
	return m.body(f.Orelse(id))
}

// try runs any handler: which exception it is does not matter to what a check answers.
func (m *machine) try(id ast.NodeID) signal {
	f := m.frame.mod.File
	sig := m.body(f.Body(id))
	handlers := f.Handlers(id)
	if m.raised && !m.lost && len(handlers) > 0 {
		m.raised = false
		sig = m.body(f.Body(ast.NodeID(handlers[0])))
	} else if sig == goOn && !m.raised && !m.lost {
		sig = m.body(f.Orelse(id))
	}
	if last := f.Finalbody(id); len(last) > 0 && !m.lost {
		was := m.raised
		m.raised = false
		if s := m.body(last); s != goOn {
			return s
		}
		m.raised = m.raised || was
	}
	return sig
}

func (m *machine) assign(target ast.NodeID, v any) {
	f := m.frame.mod.File
	switch f.Kind(target) {
	case ast.Name:
		m.frame.vars[f.IdentOf(target)] = v
	case ast.Tuple, ast.List:
		elems, targets := m.iterate(v), f.ListA(target)
		if len(elems) != len(targets) {
			m.fail()
			return
		}
		for i, t := range targets {
			m.assign(ast.NodeID(t), elems[i])
		}
	default:
		m.fail()
	}
}

// truth is bool(v).
func (m *machine) truth(v any) bool {
	switch v := v.(type) {
	case none:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case string:
		return v != ""
	case *list:
		return len(v.elems) > 0
	case dict:
		return len(v) > 0
	case *address, found, pattern:
		return true
	}
	m.fail()
	return false
}

// iterate lists the elements of a value.
func (m *machine) iterate(v any) []any {
	switch v := v.(type) {
	case *list:
		return v.elems
	case string:
		var out []any
		for _, r := range v {
			out = append(out, string(r))
		}
		return out
	case *address:
		return v.parts()
	}
	m.fail()
	return nil
}
