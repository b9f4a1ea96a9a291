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
	case ast.While:
		return m.while(id)
	case ast.With:
		return m.with(id)
	case ast.Raise:
		m.raiseStmt(id)
	case ast.Break:
		return brk
	case ast.Continue:
		return cont
	case ast.Import, ast.ImportFrom, ast.FunctionDef: // names are resolved where they are read
	case ast.Assert: // python -O leaves it out
	default:
		m.lost = true
	}
	return goOn
}

// round runs the body of a loop once; isOver says that there is no next round.
func (m *machine) round(id ast.NodeID) (sig signal, isOver bool) {
	switch sig := m.body(m.frame.mod.File.Body(id)); {
	case m.lost || m.raised || sig == leave:
		return leave, true
	case sig == brk:
		return goOn, true
	}
	return goOn, false
}

func (m *machine) while(id ast.NodeID) signal {
	f := m.frame.mod.File
	for m.step() && m.truth(m.eval(f.SlotA(id))) {
		if sig, isOver := m.round(id); isOver {
			return sig
		}
	}
	return m.body(f.Orelse(id))
}

// with runs a block under context managers, of which suppress alone changes what comes of it.
func (m *machine) with(id ast.NodeID) signal {
	f := m.frame.mod.File
	swallows := false
	for _, w := range f.ListA(id) {
		item := ast.NodeID(w)
		if call := f.SlotA(item); f.Kind(call) == ast.Call {
			e, _ := m.eval(f.SlotA(call)).(external)
			swallows = swallows || e.path == "contextlib.suppress"
		}
		if v := f.SlotB(item); v != 0 {
			m.assign(v, unknown{})
		}
	}
	sig := m.body(f.Body(id))
	if swallows && m.raised {
		m.raised, sig = false, goOn
	}
	return sig
}

func (m *machine) forStmt(id ast.NodeID) signal {
	f := m.frame.mod.File
	for _, v := range m.iterate(m.eval(f.SlotB(id))) {
		m.assign(f.SlotA(id), v)
		if sig, isOver := m.round(id); isOver {
			return sig
		}
	}
	return m.body(f.Orelse(id))
}

// try runs the first handler that catches what was raised.
func (m *machine) try(id ast.NodeID) signal {
	f := m.frame.mod.File
	sig := m.body(f.Body(id))
	if h := m.handler(f.Handlers(id)); h != 0 {
		m.raised = false
		if name := f.IdentOf(h); name != "" {
			m.frame.vars[name] = unknown{}
		}
		sig = m.body(f.Body(h))
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
		m.unpack(f.ListA(target), v)
	case ast.Attribute:
		if o, ok := m.eval(f.SlotA(target)).(*object); ok {
			o.attrs[f.IdentOf(target)] = v
		}
	case ast.Subscript:
		switch box := m.eval(f.SlotA(target)).(type) {
		case dict:
			m.setKey(box, m.eval(f.SlotB(target)), v)
		case *list:
			m.lost = true
		}
	default:
		m.lost = true
	}
}

// unpack gives targets the elements of a value.
func (m *machine) unpack(targets []uint32, v any) {
	if _, isUnknown := v.(unknown); isUnknown {
		for _, t := range targets {
			m.assign(ast.NodeID(t), v)
		}
		return
	}
	elems := m.iterate(v)
	if len(elems) != len(targets) {
		m.raise("ValueError")
		return
	}
	for i, t := range targets {
		m.assign(ast.NodeID(t), elems[i])
	}
}

// truth is bool(v).
func (m *machine) truth(v any) bool {
	switch v := v.(type) {
	case none:
		return false
	case unknown:
		return v.isTrue || m.choose()
	case external:
		return !OptsOut(v.path) && m.choose()
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
	case *address, found, pattern, ipAddr, ipNet, function, bound, class, *object:
		return true
	}
	return m.choose()
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
	case dict:
		return v.keys()
	case *address:
		return v.parts()
	}
	if m.choose() {
		return []any{unknown{}}
	}
	return nil
}
