package semantic

import "stopper/internal/python/ast"

// ScopeKind tells scopes apart.
type ScopeKind uint8

// Scopes. A class scope is not seen by the scopes inside it, apart from the type parameters of its own methods.
const (
	ScopeModule ScopeKind = iota
	ScopeFunction
	ScopeLambda
	ScopeClass
	ScopeComprehension
	ScopeTypeParams
)

// Scope is one region of names.
type Scope struct {
	Kind   ScopeKind
	Node   ast.NodeID
	Parent uint32 // itself for the module
	Func   uint32 // the function whose code it belongs to: a comprehension runs in the function around it
	end    uint32 // the scopes after it and below this number lie inside it
	first  int32  // its symbols, a list linked by Symbol.next; -1 when empty
	last   int32
}

// SymbolFlag is a set of facts about a name in a scope.
type SymbolFlag uint16

// Facts. The first group is read from the scope's own text, the second follows from the scopes around it.
const (
	SymUsed SymbolFlag = 1 << iota
	SymBound
	SymParam
	SymGlobalDecl
	SymNonlocalDecl
	SymImported

	// SymLocal, SymFree and SymGlobal: exactly one of them holds.
	SymLocal
	SymFree
	SymGlobal
	// SymCell marks a local variable that another function captures.
	SymCell
)

// Symbol is one name in one scope.
type Symbol struct {
	Sym   ast.Sym
	Scope uint32
	Flags SymbolFlag
	// Owner is the symbol that holds the variable: itself when local, the symbol of the enclosing scope when free.
	Owner  uint32
	next   int32 // in the same scope
	shadow int32 // the symbol of the same name in the nearest scope around that was open
}

// EachSymbol visits the symbols of a scope in the order of their first occurrence.
func (fi *FileInfo) EachSymbol(scope uint32, visit func(i uint32, s *Symbol)) {
	for i := fi.Scopes[scope].first; i >= 0; i = fi.Symbols[i].next {
		visit(uint32(i), &fi.Symbols[i])
	}
}

// Lookup finds a name in a scope; in the module scope only names that are bound.
func (fi *FileInfo) Lookup(scope uint32, name string) (uint32, bool) {
	if scope == 0 {
		i, ok := fi.top[name]
		return i, ok
	}
	if names := fi.crowded[scope]; names != nil {
		i, ok := names[name]
		return i, ok
	}
	for i := fi.Scopes[scope].first; i >= 0; i = fi.Symbols[i].next {
		if fi.File.Name(fi.Symbols[i].Sym) == name {
			return uint32(i), true
		}
	}
	return 0, false
}

// find is Lookup by number in any scope but the module's; -1 when the name does not occur.
func (fi *FileInfo) find(scope uint32, name ast.Sym) int32 {
	if names := fi.crowded[scope]; names != nil {
		if i, ok := names[fi.File.Name(name)]; ok {
			return int32(i)
		}
		return -1
	}
	i := fi.Scopes[scope].first
	for i >= 0 && fi.Symbols[i].Sym != name {
		i = fi.Symbols[i].next
	}
	return i
}

// touch records that a name occurs in a scope. It is the scope that is open, or, for a walrus inside a comprehension, one
// around it.
func (s *scanner) touch(scope uint32, sym ast.Sym, flags SymbolFlag) uint32 {
	syms := s.fi.Symbols
	above, at := int32(-1), s.cur[sym]
	for at >= 0 && syms[at].Scope > scope {
		above, at = at, syms[at].shadow
	}
	if at >= 0 && syms[at].Scope == scope {
		syms[at].Flags |= flags
		return uint32(at)
	}
	i := int32(len(syms))
	s.fi.Symbols = append(syms, Symbol{Sym: sym, Scope: scope, Flags: flags, Owner: uint32(i), next: -1, shadow: at})
	if above >= 0 {
		s.fi.Symbols[above].shadow = i
	} else {
		s.cur[sym] = i
	}
	sc := &s.fi.Scopes[scope]
	if sc.last >= 0 {
		s.fi.Symbols[sc.last].next = i
	} else {
		sc.first = i
	}
	sc.last = i
	return uint32(i)
}

func (s *scanner) openScope(kind ScopeKind, node ast.NodeID, fn uint32) (outer uint32) {
	outer = s.scope
	s.scope = uint32(len(s.fi.Scopes))
	s.fi.Scopes = append(s.fi.Scopes, Scope{Kind: kind, Node: node, Parent: outer, Func: fn, first: -1, last: -1})
	return outer
}

func (s *scanner) closeScope(outer uint32) {
	sc := &s.fi.Scopes[s.scope]
	sc.end = uint32(len(s.fi.Scopes))
	for i := sc.first; i >= 0; i = s.fi.Symbols[i].next {
		s.cur[s.fi.Symbols[i].Sym] = s.fi.Symbols[i].shadow
	}
	s.scope = outer
}

// resolve decides for every symbol whether it is local, free or global. It goes through the scopes in source order with
// the innermost visible binding of every name in s.cur (-1: the module or a builtin).
func (s *scanner) resolve() {
	fi := s.fi
	var open []uint32
	for sc := range fi.Scopes {
		for len(open) > 0 && fi.Scopes[open[len(open)-1]].end <= uint32(sc) {
			s.leave(open[len(open)-1])
			open = open[:len(open)-1]
		}
		s.enter(uint32(sc))
		open = append(open, uint32(sc))
	}
}

func (s *scanner) enter(scope uint32) {
	fi := s.fi
	sc := &fi.Scopes[scope]
	for i := sc.first; i >= 0; i = fi.Symbols[i].next {
		y := &fi.Symbols[i]
		y.shadow = s.cur[y.Sym]
		s.classify(y, sc)
		switch {
		case sc.Kind == ScopeModule || sc.Kind == ScopeClass:
		case y.Flags&SymGlobalDecl != 0:
			s.cur[y.Sym] = -1
		case y.Flags&SymLocal != 0:
			s.cur[y.Sym] = i
		}
	}
}

func (s *scanner) classify(y *Symbol, sc *Scope) {
	outer := s.cur[y.Sym]
	switch {
	case sc.Kind == ScopeModule || y.Flags&SymGlobalDecl != 0:
		y.Flags |= SymGlobal
	case y.Flags&SymBound != 0 && y.Flags&SymNonlocalDecl == 0:
		y.Flags |= SymLocal
	case outer < 0:
		y.Flags |= SymGlobal
	default:
		y.Flags |= SymFree
		y.Owner = uint32(outer)
		owner := &s.fi.Symbols[outer]
		if s.fi.Scopes[owner.Scope].Func != sc.Func {
			owner.Flags |= SymCell
		}
	}
}

func (s *scanner) leave(scope uint32) {
	for i := s.fi.Scopes[scope].first; i >= 0; i = s.fi.Symbols[i].next {
		s.cur[s.fi.Symbols[i].Sym] = s.fi.Symbols[i].shadow
	}
}
