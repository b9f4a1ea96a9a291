package lower

import (
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// match lowers the cases in order: every pattern is a series of tests, each of which goes to the next case when it fails.
// Names are captured as soon as their part of the pattern matches, as CPython may do too.
func (l *lowerer) match(id ast.NodeID) {
	subject := l.expr(l.f.SlotA(id))
	after := l.b.NewBlock()
	for _, w := range l.f.ListB(id) {
		if !l.b.IsOpen() {
			break
		}
		c := ast.NodeID(w)
		fail := l.b.NewBlock()
		l.pattern(l.f.SlotA(c), subject, fail)
		if guard := l.f.SlotB(c); guard != 0 {
			yes := l.b.NewBlock()
			l.cond(guard, yes, fail)
			l.b.Resume(yes)
		}
		l.stmts(l.f.Body(c))
		l.jump(after, c)
		l.b.Resume(fail)
	}
	l.jump(after, id)
	l.b.Resume(after)
}

// test goes on in a new block when r is true.
func (l *lowerer) test(r ir.Reg, fail ir.BlockID, node ast.NodeID) {
	next := l.b.NewBlock()
	l.b.Branch(r, next, fail, node)
	l.b.StartBlock(next)
}

func (l *lowerer) pattern(p ast.NodeID, subject ir.Reg, fail ir.BlockID) {
	l.depth++
	defer func() { l.depth-- }()
	if p == 0 || l.tooDeep() {
		return
	}
	f := l.f
	n := &f.Nodes[p]
	switch n.Kind {
	case ast.MatchValue:
		l.test(l.compare(p, ast.Eq, subject, l.expr(ast.NodeID(n.A))), fail, p)
	case ast.MatchSingleton:
		l.test(l.compare(p, ast.Is, subject, l.expr(ast.NodeID(n.A))), fail, p)
	case ast.MatchSequence:
		l.sequencePattern(p, subject, fail)
	case ast.MatchMapping:
		l.mappingPattern(p, subject, fail)
	case ast.MatchClass:
		l.classPattern(p, subject, fail)
	case ast.MatchAs:
		l.pattern(ast.NodeID(n.A), subject, fail)
		l.capture(n.B, subject, p)
	case ast.MatchOr:
		l.orPattern(p, subject, fail)
	case ast.MatchStar:
		l.capture(n.A, subject, p)
	}
}

// capture copies: the name and the subject are two variables.
func (l *lowerer) capture(name uint32, value ir.Reg, node ast.NodeID) {
	if name == 0 {
		return
	}
	in := ir.Make(ir.OpCopy, node)
	in.A = value
	l.storeName(ast.Sym(name), l.b.Value(in), node)
}

func (l *lowerer) orPattern(p ast.NodeID, subject ir.Reg, fail ir.BlockID) {
	matched := l.b.NewBlock()
	alternatives := l.f.ListA(p)
	for i, a := range alternatives {
		if i == len(alternatives)-1 {
			l.pattern(ast.NodeID(a), subject, fail)
			l.jump(matched, p)
			break
		}
		next := l.b.NewBlock()
		l.pattern(ast.NodeID(a), subject, next)
		l.jump(matched, p)
		l.b.StartBlock(next)
	}
	l.b.Resume(matched)
}

func (l *lowerer) sequencePattern(p ast.NodeID, subject ir.Reg, fail ir.BlockID) {
	patterns := l.f.ListA(p)
	star := -1
	for i, e := range patterns {
		if l.f.Kind(ast.NodeID(e)) == ast.MatchStar {
			star = i
		}
	}
	op, size := ast.Eq, len(patterns)
	if star >= 0 {
		op, size = ast.GtE, size-1
	}
	length := l.callGlobal("len", p, ir.Arg{Reg: subject, Node: p})
	want := l.b.Const(ir.Const{Kind: ir.ConstInt, Int: int64(size)}, p)
	l.test(l.compare(p, op, length, want), fail, p)
	for i, w := range patterns {
		e := ast.NodeID(w)
		switch {
		case i == star:
			if name := l.f.Nodes[e].A; name != 0 {
				l.capture(name, l.middle(e, subject, i, len(patterns)-1-i), e)
			}
		case star >= 0 && i > star:
			l.pattern(e, l.element(e, subject, i-len(patterns)), fail)
		default:
			l.pattern(e, l.element(e, subject, i), fail)
		}
	}
}

func (l *lowerer) mappingPattern(p ast.NodeID, subject ir.Reg, fail ir.BlockID) {
	f := l.f
	items := f.ListA(p)
	for i := 0; i+1 < len(items); i += 2 {
		k, e := ast.NodeID(items[i]), ast.NodeID(items[i+1])
		key := l.expr(k)
		l.test(l.compare(k, ast.In, key, subject), fail, p)
		in := ir.Make(ir.OpIndex, e)
		in.A, in.B = subject, key
		l.pattern(e, l.b.Value(in), fail)
	}
	if len(items) == 0 {
		dict := ir.Make(ir.OpGlobal, p)
		dict.Name = "dict"
		r := l.b.Value(dict)
		l.test(l.callGlobal("isinstance", p, ir.Arg{Reg: subject, Node: p}, ir.Arg{Reg: r, Node: p}), fail, p)
	}
	l.capture(f.Nodes[p].B, subject, p)
}

func (l *lowerer) classPattern(p ast.NodeID, subject ir.Reg, fail ir.BlockID) {
	f := l.f
	cls := f.SlotA(p)
	r := l.expr(cls)
	l.test(l.callGlobal("isinstance", p, ir.Arg{Reg: subject, Node: p}, ir.Arg{Reg: r, Node: cls}), fail, p)
	for i, w := range f.ListB(p) {
		e := ast.NodeID(w)
		if f.Kind(cls) == ast.Name && isOwnPattern(f.IdentOf(cls)) {
			l.pattern(e, subject, fail)
			continue
		}
		// The attribute that __match_args__ names at this place, as if the object were a tuple of them.
		l.pattern(e, l.element(e, subject, i), fail)
	}
	names, patterns := f.ExtraList(p, 0), f.ExtraList(p, 1)
	for i := range min(len(names), len(patterns)) {
		e := ast.NodeID(patterns[i])
		in := ir.Make(ir.OpAttr, e)
		in.A, in.Name = subject, f.Name(ast.Sym(names[i]))
		l.pattern(e, l.value(in), fail)
	}
}

// isOwnPattern: str(x) binds the subject itself.
func isOwnPattern(name string) bool {
	switch name {
	case "bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple":
		return true
	}
	return false
}
