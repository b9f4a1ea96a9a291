package semantic

import (
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

func (s *scanner) stmts(words []uint32) {
	for _, w := range words {
		if w != 0 {
			s.stmt(ast.NodeID(w))
		}
	}
}

func (s *scanner) stmt(id ast.NodeID) {
	if s.depth++; s.depth > maxDepth {
		s.fi.IsPartial = true
		s.depth--
		return
	}
	f := s.f
	switch f.Kind(id) {
	case ast.FunctionDef:
		s.function(id, false)
	case ast.AsyncFunctionDef:
		s.function(id, true)
	case ast.ClassDef:
		s.classDef(id)
	case ast.Import, ast.ImportFrom:
		s.imports(id)
	case ast.Assign:
		s.assign(id)
	case ast.AugAssign:
		s.augAssign(id)
	case ast.AnnAssign:
		s.annAssign(id)
	case ast.TypeAlias:
		s.opt(f.SlotA(id))
		outer, typed := s.typeParams(id, f.ListB(id))
		s.opt(f.SlotC(id))
		if typed {
			s.closeScope(outer)
		}
	case ast.Global, ast.Nonlocal:
		s.declare(id)
	case ast.If:
		s.ifChain(id)
	case ast.Try, ast.TryStar:
		s.try(id)
	case ast.For, ast.AsyncFor:
		s.opt(f.SlotB(id))
		s.opt(f.SlotA(id))
		s.stmts(f.Body(id))
		s.stmts(f.Orelse(id))
	case ast.While:
		s.opt(f.SlotA(id))
		s.stmts(f.Body(id))
		s.stmts(f.Orelse(id))
	case ast.With, ast.AsyncWith:
		s.list(f.ListA(id))
		s.stmts(f.Body(id))
	case ast.Match:
		s.opt(f.SlotA(id))
		for _, c := range f.ListB(id) {
			s.opt(f.SlotA(ast.NodeID(c)))
			s.opt(f.SlotB(ast.NodeID(c)))
			s.stmts(f.Body(ast.NodeID(c)))
		}
	default:
		s.children(id)
	}
	s.depth--
}

func (s *scanner) declare(id ast.NodeID) {
	flag := SymGlobalDecl
	if s.f.Kind(id) == ast.Nonlocal {
		flag = SymNonlocalDecl
	}
	for _, n := range s.f.ListA(id) {
		s.touch(s.scope, ast.Sym(n), flag)
		if flag == SymGlobalDecl && s.scope != 0 {
			s.touch(0, ast.Sym(n), 0)
		}
	}
}

// ifChain loops over `elif`, of which there may be thousands.
func (s *scanner) ifChain(id ast.NodeID) {
	was := s.fallback
	for {
		s.opt(s.f.SlotA(id))
		s.stmts(s.f.Body(id))
		s.fallback = true
		orelse := s.f.Orelse(id)
		if len(orelse) != 1 || s.f.Kind(ast.NodeID(orelse[0])) != ast.If {
			s.stmts(orelse)
			break
		}
		id = ast.NodeID(orelse[0])
	}
	s.fallback = was
}

func (s *scanner) try(id ast.NodeID) {
	f, was := s.f, s.fallback
	s.stmts(f.Body(id))
	s.fallback = true
	for _, h := range f.Handlers(id) {
		s.opt(f.SlotA(ast.NodeID(h)))
		if name := ast.Sym(f.Nodes[h].B); name != 0 {
			s.store(name)
		}
		s.stmts(f.Body(ast.NodeID(h)))
	}
	s.fallback = was
	s.stmts(f.Orelse(id))
	s.stmts(f.Finalbody(id))
}

func (s *scanner) assign(id ast.NodeID) {
	f := s.f
	value := f.SlotB(id)
	s.opt(value)
	for _, t := range f.ListA(id) {
		if f.Kind(ast.NodeID(t)) != ast.Name {
			s.expr(ast.NodeID(t))
			continue
		}
		s.value = value
		s.store(ast.Sym(f.Nodes[t].A))
		s.value = 0
		if s.scope == 0 && f.Names[f.Nodes[t].A] == "__all__" {
			s.fi.All, s.fi.HasAll = appendStrings(s.fi.All[:0], f, value), true
		}
	}
}

func (s *scanner) augAssign(id ast.NodeID) {
	f := s.f
	target := f.SlotA(id)
	s.opt(f.SlotB(id))
	s.opt(target)
	if s.scope == 0 && f.Kind(target) == ast.Name && f.IdentOf(target) == "__all__" {
		s.fi.All, s.fi.HasAll = appendStrings(s.fi.All, f, f.SlotB(id)), true
	}
}

// appendStrings adds the string elements of a list or tuple, or of several joined by `+`.
func appendStrings(to []string, f *ast.File, value ast.NodeID) []string {
	switch f.Kind(value) {
	case ast.List, ast.Tuple:
		for _, e := range f.ListA(value) {
			if text, ok := f.Str(ast.NodeID(e)); ok {
				to = append(to, text)
			}
		}
	case ast.BinOp:
		if f.Kind(f.SlotA(value)) != ast.BinOp { // a long chain is not worth following
			to = appendStrings(to, f, f.SlotA(value))
		}
		to = appendStrings(to, f, f.SlotB(value))
	}
	return to
}

func (s *scanner) annAssign(id ast.NodeID) {
	f := s.f
	target, value := f.SlotA(id), f.SlotC(id)
	s.opt(f.SlotB(id))
	s.opt(value)
	if f.Kind(target) != ast.Name {
		s.opt(target)
		return
	}
	sym := ast.Sym(f.Nodes[target].A)
	switch {
	case value != 0:
		s.value = value
		s.store(sym)
		s.value = 0
	case f.Nodes[id].Flag&ast.FlagSimple != 0:
		s.touch(s.scope, sym, SymBound)
	}
}

func (s *scanner) opt(id ast.NodeID) {
	if id != 0 {
		s.expr(id)
	}
}

// expr reads an expression, a pattern, or any other node below a statement.
func (s *scanner) expr(id ast.NodeID) {
	if s.depth++; s.depth > maxDepth {
		s.fi.IsPartial = true
		s.depth--
		return
	}
	n := &s.f.Nodes[id]
	switch n.Kind {
	case ast.Name:
		if s.f.Ctx(id) == ast.Load {
			s.touch(s.scope, ast.Sym(n.A), SymUsed)
		} else {
			s.store(ast.Sym(n.A))
		}
	case ast.Constant, ast.None:
	case ast.Attribute:
		s.attrs = append(s.attrs, ast.Sym(n.B))
		s.expr(ast.NodeID(n.A))
	case ast.Call:
		s.call(n)
	case ast.Keyword:
		s.opt(ast.NodeID(n.B))
	case ast.Lambda:
		s.lambda(id)
	case ast.ListComp, ast.SetComp, ast.GeneratorExp:
		s.comprehension(id, s.f.ListB(id), n.A, 0)
	case ast.DictComp:
		s.comprehension(id, s.f.ListC(id), n.A, n.B)
	case ast.NamedExpr:
		s.walrus(n)
	case ast.Yield, ast.YieldFrom:
		s.fi.Funcs[s.fn].IsGenerator = true
		s.opt(ast.NodeID(n.A))
	case ast.MatchAs:
		s.opt(ast.NodeID(n.A))
		s.capture(n.B)
	case ast.MatchStar:
		s.capture(n.A)
	case ast.MatchMapping:
		s.list(s.f.ListA(id))
		s.capture(n.B)
	default:
		s.children(id)
	}
	s.depth--
}

func (s *scanner) capture(sym uint32) {
	if sym != 0 {
		s.store(ast.Sym(sym))
	}
}

func (s *scanner) call(n *ast.Node) {
	switch callee := &s.f.Nodes[n.A]; callee.Kind {
	case ast.Name:
		s.calls = append(s.calls, ast.Sym(callee.A))
		s.expr(ast.NodeID(n.A))
	case ast.Attribute:
		s.calls = append(s.calls, ast.Sym(callee.B))
		s.attrs = append(s.attrs, ast.Sym(callee.B))
		s.fi.extendsPath = s.fi.extendsPath || extendsSysPath(s.f, n)
		s.expr(ast.NodeID(callee.A))
	default:
		s.opt(ast.NodeID(n.A))
	}
	s.list(s.f.Words(ast.ListID(n.B)))
}

func (s *scanner) lambda(id ast.NodeID) {
	params := s.f.Params(id)
	for _, p := range params {
		s.opt(s.f.SlotC(ast.NodeID(p)))
	}
	s.node(id, len(s.fi.Funcs))
	o := s.openFunc(FuncInfo{Node: id, Kind: ir.KindLambda, Class: s.class}, ScopeLambda)
	s.params(params)
	s.opt(s.f.SlotB(id))
	s.closeFunc(o)
}

// comprehension: the first iterable is evaluated outside, everything else in a scope of its own.
func (s *scanner) comprehension(id ast.NodeID, clauses []uint32, elts ...uint32) {
	if len(clauses) > 0 {
		s.opt(s.f.SlotB(ast.NodeID(clauses[0])))
	}
	s.node(id, len(s.fi.Scopes))
	outer := s.openScope(ScopeComprehension, id, s.fn)
	for i, c := range clauses {
		if i > 0 {
			s.opt(s.f.SlotB(ast.NodeID(c)))
		}
		s.opt(s.f.SlotA(ast.NodeID(c)))
		s.list(s.f.ListC(ast.NodeID(c)))
	}
	for _, e := range elts {
		s.opt(ast.NodeID(e))
	}
	s.closeScope(outer)
}

// walrus binds in the nearest scope that is not a comprehension.
func (s *scanner) walrus(n *ast.Node) {
	s.opt(ast.NodeID(n.B))
	sym, scope := ast.Sym(s.f.Nodes[n.A].A), s.scope
	if s.f.Kind(ast.NodeID(n.A)) != ast.Name {
		s.opt(ast.NodeID(n.A))
		return
	}
	for s.fi.Scopes[scope].Kind == ScopeComprehension {
		s.touch(scope, sym, 0)
		scope = s.fi.Scopes[scope].Parent
	}
	inner := s.scope
	s.scope = scope
	s.store(sym)
	s.scope = inner
}

// children reads what has no rule of its own. It repeats ast.File.Children without a closure, for speed.
func (s *scanner) children(id ast.NodeID) {
	n := &s.f.Nodes[id]
	shape := &ast.Shapes[n.Kind]
	slots := [3]uint32{n.A, n.B, n.C}
	for i := range shape.Slots {
		if shape.Slots[i].Kind != ast.FieldExtra {
			s.field(shape.Slots[i].Kind, slots[i])
			continue
		}
		for j, w := range s.f.Words(ast.ListID(slots[i])) {
			s.field(shape.Extra[j].Kind, w)
		}
	}
}

func (s *scanner) field(kind ast.FieldKind, w uint32) {
	switch kind {
	case ast.FieldNode:
		if w != 0 {
			s.expr(ast.NodeID(w))
		}
	case ast.FieldList:
		s.list(s.f.Words(ast.ListID(w)))
	case ast.FieldPairs:
		words := s.f.Words(ast.ListID(w))
		for i := 1; i < len(words); i += 2 {
			s.expr(ast.NodeID(words[i]))
		}
	}
}
