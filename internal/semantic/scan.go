package semantic

import (
	"slices"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// maxDepth bounds the recursion over a tree. The parser bounds nesting far below it; what can get this deep is a chain of
// operators. What lies deeper is not read, and the result is marked partial.
const maxDepth = 10_000

// scanner walks one file once. Nested scopes are entered where they stand, so that all numbers follow the source.
type scanner struct {
	fi        *FileInfo
	f         *ast.File
	cur       []int32 // by Sym: the innermost open symbol, or -1
	scope     uint32
	fn        uint32
	class     int32
	depth     int
	value     ast.NodeID // the value of the assignment whose plain name is being bound
	fallback  bool       // inside an except clause or an else
	attrs     []ast.Sym  // of the functions that are open, innermost last
	calls     []ast.Sym
	seen      []uint32 // by Sym: the last set that got it
	setNo     uint32
	symByName map[string]ast.Sym // made when it is needed
}

// Scan reads one file. It is pure.
func Scan(f *ast.File) *FileInfo { return (&Scanner{}).Scan(f) }

// Scanner reads files one after another, in buffers of its own. One that failed is not used again.
type Scanner struct {
	room  FileInfo
	cur   []int32
	seen  []uint32
	attrs []ast.Sym
	calls []ast.Sym
}

// Scan reads one file.
func (r *Scanner) Scan(f *ast.File) *FileInfo {
	fi := &r.room
	*fi = FileInfo{File: f, Funcs: fi.Funcs[:0], Classes: fi.Classes[:0], Scopes: fi.Scopes[:0], Symbols: fi.Symbols[:0],
		Imports: fi.Imports[:0], Bindings: fi.Bindings[:0], nodes: fi.nodes[:0], facts: fi.facts[:0]}
	s := scanner{fi: fi, f: f, class: -1, attrs: r.attrs[:0], calls: r.calls[:0]}
	r.cur, r.seen = cleared(r.cur, len(f.Names)), cleared(r.seen, len(f.Names))
	s.cur, s.seen = r.cur, r.seen
	s.file()
	r.attrs, r.calls = s.attrs, s.calls
	out := *fi
	out.Funcs, out.Classes, out.Scopes, out.Symbols = fitted(fi.Funcs), fitted(fi.Classes), fitted(fi.Scopes), fitted(fi.Symbols)
	out.Imports, out.Bindings, out.nodes, out.facts = fitted(fi.Imports), fitted(fi.Bindings), fitted(fi.nodes), fitted(fi.facts)
	return &out
}

// cleared is a buffer of n zeros.
func cleared[T any](buf []T, n int) []T {
	buf = slices.Grow(buf[:0], n)[:n]
	clear(buf)
	return buf
}

// fitted copies what stands in a buffer.
func fitted[T any](buf []T) []T {
	if len(buf) == 0 {
		return nil
	}
	return append(make([]T, 0, len(buf)), buf...)
}

func (s *scanner) file() {
	f := s.f
	for i := range s.cur {
		s.cur[i] = -1
	}
	s.openScope(ScopeModule, f.Root, 0)
	s.fi.Scopes[0].Parent = 0
	s.fi.Funcs = append(s.fi.Funcs, FuncInfo{Node: f.Root, Kind: ir.KindModule, Class: -1})
	if int(f.Root) < len(f.Nodes) && f.Root != 0 {
		s.stmts(f.Body(f.Root))
	}
	s.closeScope(0)
	s.closeFacts(0, 0, 0)
	s.finish()
}

func (s *scanner) finish() {
	fi := s.fi
	for i := range s.cur {
		s.cur[i] = -1
	}
	s.resolve()
	s.globals()
	byNode := func(a, b nodeRef) int { return int(a.node) - int(b.node) }
	if !slices.IsSortedFunc(fi.nodes, byNode) {
		slices.SortFunc(fi.nodes, byNode)
	}
	fi.top = map[string]uint32{}
	fi.EachSymbol(0, func(i uint32, y *Symbol) {
		if y.Flags&SymBound != 0 {
			fi.top[fi.File.Name(y.Sym)] = i
		}
	})
	s.crowded()
	fi.binds, fi.final = make([]int32, len(fi.Symbols)), make([]int32, len(fi.Symbols))
	for i := range fi.binds {
		fi.binds[i], fi.final[i] = -1, -1
	}
	for i := len(fi.Bindings) - 1; i >= 0; i-- {
		b := &fi.Bindings[i]
		b.next, fi.binds[b.Symbol] = fi.binds[b.Symbol], int32(i)
		if f := &fi.final[b.Symbol]; *f < 0 || fi.Bindings[*f].IsFallback {
			*f = int32(i)
		}
	}
}

// maxListed is up to how many symbols of a scope are looked through for a name.
const maxListed = 64

// crowded makes tables of the scopes that have more.
func (s *scanner) crowded() {
	fi := s.fi
	count := make([]int32, len(fi.Scopes))
	for i := range fi.Symbols {
		count[fi.Symbols[i].Scope]++
	}
	for scope := 1; scope < len(count); scope++ {
		if count[scope] <= maxListed {
			continue
		}
		if fi.crowded == nil {
			fi.crowded = map[uint32]map[string]uint32{}
		}
		names := make(map[string]uint32, count[scope])
		fi.EachSymbol(uint32(scope), func(i uint32, y *Symbol) { names[fi.File.Name(y.Sym)] = i })
		fi.crowded[uint32(scope)] = names
	}
}

// globals collects the module-level names of every function from the scopes that belong to it.
func (s *scanner) globals() {
	fi := s.fi
	wanted := func(y *Symbol) bool { return y.Flags&SymGlobal != 0 && (y.Scope != 0 || y.Flags&SymUsed != 0) }
	for i := range fi.Symbols {
		if y := &fi.Symbols[i]; wanted(y) {
			fi.Funcs[fi.Scopes[y.Scope].Func].globals.hi++
		}
	}
	at := uint32(len(fi.facts))
	for i := range fi.Funcs {
		g := &fi.Funcs[i].globals
		g.lo, g.hi, at = at, at, at+g.hi
	}
	fi.facts = append(fi.facts, make([]ast.Sym, at-uint32(len(fi.facts)))...)
	for i := range fi.Symbols {
		if y := &fi.Symbols[i]; wanted(y) {
			g := &fi.Funcs[fi.Scopes[y.Scope].Func].globals
			fi.facts[g.hi] = y.Sym
			g.hi++
		}
	}
}

// openFunc starts the code of a function; the returned marks go to closeFunc.
type opened struct {
	fn, scope    uint32
	class        int32
	attrs, calls int
	fallback     bool
}

func (s *scanner) openFunc(f FuncInfo, kind ScopeKind) opened {
	o := opened{fn: s.fn, class: s.class, attrs: len(s.attrs), calls: len(s.calls), fallback: s.fallback}
	f.Outer = s.fn
	s.fn = uint32(len(s.fi.Funcs))
	o.scope = s.openScope(kind, f.Node, s.fn)
	f.Scope = s.scope
	s.fi.Funcs = append(s.fi.Funcs, f)
	s.class, s.fallback = -1, false
	return o
}

func (s *scanner) closeFunc(o opened) {
	s.closeScope(o.scope)
	s.closeFacts(s.fn, o.attrs, o.calls)
	s.fn, s.class, s.fallback = o.fn, o.class, o.fallback
}

func (s *scanner) closeFacts(fn uint32, attrs, calls int) {
	f := &s.fi.Funcs[fn]
	f.attrs, f.calls = s.dedup(s.attrs[attrs:]), s.dedup(s.calls[calls:])
	s.attrs, s.calls = s.attrs[:attrs], s.calls[:calls]
}

func (s *scanner) dedup(names []ast.Sym) span {
	s.setNo++
	lo := uint32(len(s.fi.facts))
	for _, n := range names {
		if s.seen[n] != s.setNo {
			s.seen[n] = s.setNo
			s.fi.facts = append(s.fi.facts, n)
		}
	}
	return span{lo, uint32(len(s.fi.facts))}
}

func (s *scanner) node(n ast.NodeID, at int) { s.fi.nodes = append(s.fi.nodes, nodeRef{n, uint32(at)}) }

func (s *scanner) bind(kind BindingKind, symbol uint32, at uint32, value ast.NodeID) {
	s.fi.Bindings = append(s.fi.Bindings, Binding{Kind: kind, IsFallback: s.fallback, Symbol: symbol, At: at, Value: value})
}

// store binds a plain name in the open scope.
func (s *scanner) store(sym ast.Sym) {
	i := s.touch(s.scope, sym, SymBound)
	switch kind := s.fi.Scopes[s.scope].Kind; {
	case s.fi.Symbols[i].Flags&SymGlobalDecl != 0:
		i = s.touch(0, sym, SymBound)
	case kind != ScopeModule && kind != ScopeClass:
		return
	}
	s.bind(BindVar, i, 0, s.value)
}

func (s *scanner) list(words []uint32) {
	for _, w := range words {
		if w != 0 {
			s.expr(ast.NodeID(w))
		}
	}
}

func (s *scanner) function(id ast.NodeID, isAsync bool) {
	f := s.f
	s.list(f.Decorators(id))
	params := f.Params(id)
	for _, p := range params {
		s.opt(f.SlotC(ast.NodeID(p)))
	}
	symbol := s.touch(s.scope, ast.Sym(f.Nodes[id].A), SymBound)
	outer, typed := s.typeParams(id, f.ExtraList(id, 1))
	for _, p := range params {
		s.opt(f.SlotB(ast.NodeID(p)))
	}
	s.opt(ast.NodeID(f.Extra(id, 2)))
	s.node(id, len(s.fi.Funcs))
	at := uint32(len(s.fi.Funcs))
	o := s.openFunc(FuncInfo{Node: id, Kind: ir.KindFunction, IsAsync: isAsync, Class: s.class}, ScopeFunction)
	s.params(params)
	s.stmts(f.Body(id))
	s.closeFunc(o)
	if typed {
		s.closeScope(outer)
	}
	s.bindDef(BindFunc, symbol, at)
}

func (s *scanner) bindDef(kind BindingKind, symbol, at uint32) {
	if y := &s.fi.Symbols[symbol]; y.Flags&SymGlobalDecl != 0 {
		symbol = s.touch(0, y.Sym, SymBound)
	}
	s.bind(kind, symbol, at, 0)
}

func (s *scanner) params(params []uint32) {
	for _, p := range params {
		s.touch(s.scope, ast.Sym(s.f.Nodes[p].A), SymBound|SymParam)
	}
}

func (s *scanner) typeParams(id ast.NodeID, params []uint32) (outer uint32, opened bool) {
	if len(params) == 0 {
		return 0, false
	}
	outer = s.openScope(ScopeTypeParams, id, s.fn)
	for _, p := range params {
		s.touch(s.scope, ast.Sym(s.f.Nodes[p].A), SymBound)
	}
	for _, p := range params {
		s.children(ast.NodeID(p))
	}
	return outer, true
}

func (s *scanner) classDef(id ast.NodeID) {
	f := s.f
	s.list(f.Decorators(id))
	symbol := s.touch(s.scope, ast.Sym(f.Nodes[id].A), SymBound)
	at := uint32(len(s.fi.Classes))
	s.node(id, len(s.fi.Classes))
	s.fi.Classes = append(s.fi.Classes, ClassInfo{Node: id, Scope: s.scope})
	outer, typed := s.typeParams(id, f.ExtraList(id, 1))
	s.list(f.ListB(id))
	o := s.openFunc(FuncInfo{Node: id, Kind: ir.KindClassBody, Class: int32(at)}, ScopeClass)
	s.class = int32(at)
	s.fi.Classes[at].Body = s.fn
	s.stmts(f.Body(id))
	s.closeFunc(o)
	if typed {
		s.closeScope(outer)
	}
	s.bindDef(BindClass, symbol, at)
}

func (s *scanner) imports(id ast.NodeID) {
	f, n := s.f, &s.f.Nodes[id]
	im := ImportInfo{Scope: s.scope}
	list := ast.ListID(n.A)
	if n.Kind == ast.ImportFrom {
		im.IsFrom, im.Module, im.Level = true, f.Names[n.A], int(n.C)
		list = ast.ListID(n.B)
	}
	aliases := f.Words(list)
	for _, a := range aliases {
		alias := &f.Nodes[a]
		im.Node, im.As = ast.NodeID(a), f.Names[alias.B]
		if im.IsFrom {
			im.Name = f.Names[alias.A]
		} else {
			im.Module = f.Names[alias.A]
		}
		s.node(ast.NodeID(a), len(s.fi.Imports))
		at := uint32(len(s.fi.Imports))
		s.fi.Imports = append(s.fi.Imports, im)
		s.importBinding(alias, &im, at)
	}
}

func (s *scanner) importBinding(alias *ast.Node, im *ImportInfo, at uint32) {
	if im.Name == "*" {
		return
	}
	sym := ast.Sym(alias.B)
	if sym == 0 {
		sym = ast.Sym(alias.A)
		if bound := im.Bound(); bound != s.f.Names[sym] {
			sym = s.symOf(bound)
		}
	}
	symbol := s.touch(s.scope, sym, SymBound|SymImported)
	s.bindDef(BindImport, symbol, at)
}

// symOf finds the symbol of `a` in `import a.b`. The parser interns it whenever the name is used; otherwise nothing in
// the file can refer to it, and the whole dotted name stands in.
func (s *scanner) symOf(name string) ast.Sym {
	if s.symByName == nil {
		s.symByName = make(map[string]ast.Sym, len(s.f.Names))
		for i, n := range s.f.Names {
			s.symByName[n] = ast.Sym(i)
		}
	}
	return s.symByName[name]
}
