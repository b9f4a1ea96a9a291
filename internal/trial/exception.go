package trial

import (
	"slices"
	"strings"

	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// raise starts an exception; without a name it is one of a class that is not known.
func (m *machine) raise(name string) any {
	m.raised, m.class = true, nil
	if name != "" {
		m.class = above(name)
	}
	return none{}
}

// above is a class of exceptions of Python's, and those it inherits from.
func above(name string) []string {
	switch name {
	case "gaierror", "herror", "timeout", "OSError", "IOError", "EnvironmentError", "error":
		return []string{name, "OSError", "IOError", "EnvironmentError", "error"}
	case "AddressValueError", "NetmaskValueError", "UnicodeError", "UnicodeDecodeError", "UnicodeEncodeError", "JSONDecodeError":
		return []string{name, "UnicodeError", "ValueError"}
	case "KeyError", "IndexError":
		return []string{name, "LookupError"}
	}
	return []string{name}
}

// raiseStmt is `raise X(…)`.
func (m *machine) raiseStmt(id ast.NodeID) {
	f := m.frame.mod.File
	exc := f.SlotA(id)
	if exc != 0 && f.Kind(exc) == ast.Call {
		exc = f.SlotA(exc)
	}
	name := ""
	if exc != 0 {
		name = semantic.DottedName(f, exc)
	}
	m.raise("")
	if name == "" {
		return
	}
	t := m.prog.ResolveIn(m.frame.mod, m.frame.scope, name)
	if t.Kind != semantic.TargetClass {
		m.class = above(name[strings.LastIndexByte(name, '.')+1:])
		return
	}
	for _, b := range m.prog.MRO(t.Class) {
		switch b.Kind {
		case semantic.TargetClass:
			m.class = append(m.class, m.prog.Class(b.Class).Name)
		case semantic.TargetExternal:
			m.class = append(m.class, above(b.Path[strings.LastIndexByte(b.Path, '.')+1:])...)
		}
	}
}

// handler is the first of some handlers that catches what was raised; 0 when none does.
func (m *machine) handler(handlers []uint32) ast.NodeID {
	if !m.raised || m.lost {
		return 0
	}
	f := m.frame.mod.File
	for _, w := range handlers {
		h := ast.NodeID(w)
		typ := f.SlotA(h)
		if typ == 0 || m.catches(f, typ) {
			return h
		}
		if k := f.Kind(typ); k == ast.Tuple && slices.ContainsFunc(f.ListA(typ), func(e uint32) bool { return m.catches(f, ast.NodeID(e)) }) {
			return h
		}
	}
	return 0
}

func (m *machine) catches(f *ast.File, typ ast.NodeID) bool {
	name := semantic.DottedName(f, typ)
	name = name[strings.LastIndexByte(name, '.')+1:]
	return len(m.class) == 0 || name == "Exception" || name == "BaseException" || slices.Contains(m.class, name)
}
