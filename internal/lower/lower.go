// Package lower turns Python trees into the register language of package ir, one function at a time.
//
// In: a linked program and the number of a function. Out: its ir.Func, which passes ir.Verify. What Python does with
// control flow and scoping is settled here: short circuits, chained comparisons and comprehensions become blocks, a
// finally body is copied onto every way out of its try, patterns become tests, names become registers, cells or globals.
// Func is pure and safe for concurrent use.
package lower

import (
	"strconv"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

const (
	// maxDepth bounds the recursion over expressions and statements, as in package semantic. Deeper code becomes an
	// Ellipsis and marks the function partial.
	maxDepth = 5000
	// maxFinallyCopies bounds how often finally bodies are copied in one function: nested ones would double each time. A
	// way out past the bound leaves without them, and the function is marked partial.
	maxFinallyCopies = 64
	// A literal of more than maxTable constants is data. Of that only the first keptOfTable entries are lowered.
	maxTable, keptOfTable = 256, 64
)

// Func lowers one function.
func Func(prog *semantic.Program, id ir.FuncID) *ir.Func {
	l, _ := prog.Scratch().Get().(*lowerer)
	if l == nil {
		l = &lowerer{}
	}
	fn := l.lower(prog, id)
	l.release()
	prog.Scratch().Put(l)
	return fn
}

// lowerer holds the buffers of one call.
type lowerer struct {
	prog   *semantic.Program
	m      *ir.Module
	fi     *semantic.FileInfo
	f      *ast.File
	info   *semantic.FuncInfo
	b      ir.Builder
	slot   []uint32 // by Sym: 1 + the symbol in the innermost open scope, valid when mark has the epoch
	mark   []uint32 // by Sym
	epoch  uint32
	regs   []ir.Reg // by symbol: the register of an uncaptured local of an open scope
	saved  []savedSlot
	frames []frame
	args   []ir.Arg // operands under construction
	scope  uint32
	depth  int
	copies int
	bound  map[ast.Sym]bool // the names that the class body has bound so far; nil outside class bodies
}

type savedSlot struct {
	sym        ast.Sym
	slot, mark uint32
}

func (l *lowerer) release() {
	l.prog, l.m, l.fi, l.f, l.info = nil, nil, nil, nil, nil
	l.saved, l.frames, l.args = l.saved[:0], l.frames[:0], l.args[:0]
}

func (l *lowerer) lower(prog *semantic.Program, id ir.FuncID) *ir.Func {
	m, local := prog.Where(id)
	l.prog, l.m, l.fi = prog, m, prog.Info(m)
	l.f, l.info = l.fi.File, &l.fi.Funcs[local]
	l.depth, l.copies, l.bound = 0, 0, nil
	if l.info.Kind == ir.KindClassBody {
		l.bound = map[ast.Sym]bool{}
	}
	fn := &ir.Func{ID: id, Kind: l.info.Kind, Name: l.fi.FuncName(local), QualName: l.fi.QualName(local), Module: m,
		Class: ir.NoClass, Outer: prog.FuncID(m, l.info.Outer), Node: l.info.Node, IsAsync: l.info.IsAsync,
		IsGenerator: l.info.IsGenerator}
	if l.info.Class >= 0 {
		fn.Class = prog.ClassID(m, uint32(l.info.Class))
	}
	l.b.Reset(fn)
	l.openTables()
	l.scope = l.info.Scope
	if l.info.Kind == ir.KindFunction || l.info.Kind == ir.KindLambda {
		l.params(fn)
	}
	l.locals()
	l.body(fn)
	return l.b.Finish()
}

func (l *lowerer) body(fn *ir.Func) {
	switch fn.Kind {
	case ir.KindLambda:
		body := l.f.SlotB(fn.Node)
		l.b.Return(l.expr(body), body)
	default:
		if fn.Node != 0 {
			l.stmts(l.f.Body(fn.Node))
		}
	}
}

func (l *lowerer) openTables() {
	if n := len(l.f.Names); len(l.mark) < n {
		l.slot, l.mark = make([]uint32, n+n/2), make([]uint32, n+n/2)
		l.epoch = 0
	}
	if n := len(l.fi.Symbols); len(l.regs) < n {
		l.regs = make([]ir.Reg, n+n/2)
	}
	if l.epoch++; l.epoch == 0 {
		clear(l.mark)
		l.epoch = 1
	}
}

func (l *lowerer) params(fn *ir.Func) {
	for _, w := range l.f.Params(fn.Node) {
		n := ast.NodeID(w)
		name := l.f.IdentOf(n)
		fn.Params = append(fn.Params, ir.Param{Name: name, Kind: l.f.ParamKindOf(n), Reg: l.b.NewVar(name),
			HasDefault: l.f.SlotC(n) != 0, Annotation: l.f.SlotB(n)})
	}
}

// locals gives registers to the variables of the function's scope. The parameters have theirs; a captured one is stored
// in its cell at once.
func (l *lowerer) locals() {
	l.fi.EachSymbol(l.scope, func(i uint32, y *semantic.Symbol) {
		l.slot[y.Sym], l.mark[y.Sym] = i+1, l.epoch
		if y.Flags&(semantic.SymLocal|semantic.SymCell|semantic.SymParam) == semantic.SymLocal {
			l.regs[i] = l.b.NewVar(l.f.Name(y.Sym))
		}
	})
	fn := l.b.Func()
	if len(fn.Params) == 0 {
		return
	}
	params := l.f.Params(fn.Node)
	for k := range fn.Params {
		p := &fn.Params[k]
		sym := ast.Sym(l.f.Nodes[params[k]].A)
		if l.mark[sym] != l.epoch {
			continue
		}
		i := l.slot[sym] - 1
		l.regs[i] = p.Reg
		if l.fi.Symbols[i].Flags&semantic.SymCell != 0 {
			l.storeName(sym, p.Reg, ast.NodeID(params[k]))
		}
	}
}

// openScope makes a comprehension's names visible; closeScope ends it.
func (l *lowerer) openScope(scope uint32) (outer uint32, saved int) {
	outer, saved = l.scope, len(l.saved)
	l.scope = scope
	l.fi.EachSymbol(scope, func(i uint32, y *semantic.Symbol) {
		l.saved = append(l.saved, savedSlot{y.Sym, l.slot[y.Sym], l.mark[y.Sym]})
		l.slot[y.Sym], l.mark[y.Sym] = i+1, l.epoch
		if y.Flags&semantic.SymLocal != 0 && y.Flags&semantic.SymCell == 0 {
			l.regs[i] = l.b.NewVar(l.variable(i))
		}
	})
	return outer, saved
}

func (l *lowerer) closeScope(outer uint32, saved int) {
	for i := len(l.saved) - 1; i >= saved; i-- {
		s := l.saved[i]
		l.slot[s.sym], l.mark[s.sym] = s.slot, s.mark
	}
	l.saved, l.scope = l.saved[:saved], outer
}

// variable is the name of a local variable in the function that holds it. A comprehension's is told apart from the
// function's own variables by the number of its scope.
func (l *lowerer) variable(symbol uint32) string {
	y := &l.fi.Symbols[symbol]
	sc := &l.fi.Scopes[y.Scope]
	name := l.f.Name(y.Sym)
	if sc.Kind == semantic.ScopeComprehension {
		name += "'" + strconv.Itoa(int(y.Scope-l.fi.Funcs[sc.Func].Scope))
	}
	return name
}

// place says where a name lives.
type place struct {
	op    ir.Op // OpCopy: in register reg; OpCell: in cell name of function owner; OpGlobal: a global
	reg   ir.Reg
	name  string
	owner ir.FuncID
}

func (l *lowerer) place(sym ast.Sym) place {
	global := place{op: ir.OpGlobal, name: l.f.Name(sym)}
	if l.mark[sym] != l.epoch {
		return global
	}
	i := l.slot[sym] - 1
	y := &l.fi.Symbols[i]
	if y.Flags&semantic.SymGlobal != 0 {
		return global
	}
	i = y.Owner
	y = &l.fi.Symbols[i]
	sc := &l.fi.Scopes[y.Scope]
	switch {
	case sc.Kind == semantic.ScopeTypeParams:
		return global
	case y.Flags&semantic.SymCell != 0:
		return place{op: ir.OpCell, name: l.variable(i), owner: l.prog.FuncID(l.m, sc.Func)}
	}
	return place{op: ir.OpCopy, reg: l.regs[i]}
}

// loadName reads a name; a local variable is its register.
func (l *lowerer) loadName(sym ast.Sym, node ast.NodeID) ir.Reg {
	p := l.place(sym)
	if p.op == ir.OpCopy {
		if l.bound == nil || l.bound[sym] {
			return p.reg
		}
		p = place{op: ir.OpGlobal, name: l.f.Name(sym)} // `name = name` in a class body reads the module's first
	}
	in := ir.Make(p.op, node)
	in.Name, in.Imm = p.name, uint32(p.owner)
	return l.b.Value(in)
}

// storeName binds a name and returns the register to read the value from afterwards.
func (l *lowerer) storeName(sym ast.Sym, src ir.Reg, node ast.NodeID) ir.Reg {
	p := l.place(sym)
	switch p.op {
	case ir.OpCopy:
		if l.bound != nil {
			l.bound[sym] = true
		}
		return l.b.Copy(p.reg, src, node)
	case ir.OpGlobal:
		if p.name == "" {
			return src
		}
		in := ir.Make(ir.OpSetGlobal, node)
		in.Name, in.A = p.name, src
		l.b.Emit(in)
	default:
		in := ir.Make(ir.OpSetCell, node)
		in.Name, in.Imm, in.A = p.name, uint32(p.owner), src
		l.b.Emit(in)
	}
	return src
}

func (l *lowerer) tooDeep() bool {
	if l.depth <= maxDepth {
		return false
	}
	l.b.Func().IsPartial = true
	return true
}
