package lower

import (
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

func (l *lowerer) assignStmt(id ast.NodeID) {
	targets, value := l.f.ListA(id), l.f.SlotB(id)
	if len(targets) == 1 && l.parallel(ast.NodeID(targets[0]), value) {
		return
	}
	r := l.expr(value)
	for _, t := range targets {
		r = l.assign(ast.NodeID(t), r)
	}
}

// parallel lowers `a, b = x, y` without the tuple. A value that is a variable is copied first, for `a, b = b, a`.
func (l *lowerer) parallel(target, value ast.NodeID) bool {
	f := l.f
	if f.Kind(target) != ast.Tuple || f.Kind(value) != ast.Tuple {
		return false
	}
	targets, values := f.ListA(target), f.ListA(value)
	if len(targets) != len(values) {
		return false
	}
	for i := range targets {
		if f.Kind(ast.NodeID(targets[i])) == ast.Starred || f.Kind(ast.NodeID(values[i])) == ast.Starred {
			return false
		}
	}
	regs := make([]ir.Reg, len(values))
	for i, v := range values {
		regs[i] = l.expr(ast.NodeID(v))
		if !l.b.IsTemp(regs[i]) {
			in := ir.Make(ir.OpCopy, ast.NodeID(v))
			in.A = regs[i]
			regs[i] = l.b.Value(in)
		}
	}
	for i, t := range targets {
		l.assign(ast.NodeID(t), regs[i])
	}
	return true
}

// assign binds a target and returns the register to read the value from afterwards.
func (l *lowerer) assign(target ast.NodeID, src ir.Reg) ir.Reg {
	l.depth++
	defer func() { l.depth-- }()
	if l.tooDeep() {
		return src
	}
	f := l.f
	n := &f.Nodes[target]
	switch n.Kind {
	case ast.Name:
		return l.storeName(ast.Sym(n.A), src, target)
	case ast.Attribute:
		in := ir.Make(ir.OpSetAttr, target)
		in.A, in.B, in.Name = l.expr(ast.NodeID(n.A)), src, f.Names[n.B]
		if in.Name != "" {
			l.b.Emit(in)
		}
	case ast.Subscript:
		in := ir.Make(ir.OpSetIndex, target)
		in.A = l.expr(ast.NodeID(n.A))
		in.B, in.C = l.expr(ast.NodeID(n.B)), src
		l.b.Emit(in)
	case ast.Tuple, ast.List:
		l.unpack(f.ListA(target), src)
	case ast.Starred:
		return l.assign(ast.NodeID(n.A), src)
	}
	return src
}

// unpack assigns the elements of a tuple target; those after a star are counted from the end.
func (l *lowerer) unpack(targets []uint32, src ir.Reg) {
	star := -1
	for i, t := range targets {
		if l.f.Kind(ast.NodeID(t)) == ast.Starred {
			star = i
			break
		}
	}
	for i, w := range targets {
		t := ast.NodeID(w)
		switch {
		case i == star:
			l.assign(l.f.SlotA(t), l.middle(t, src, i, len(targets)-1-i))
		case star >= 0 && i > star:
			l.assign(t, l.element(t, src, i-len(targets)))
		default:
			l.assign(t, l.element(t, src, i))
		}
	}
}

func (l *lowerer) element(node ast.NodeID, src ir.Reg, i int) ir.Reg {
	in := ir.Make(ir.OpIndex, node)
	in.Sub, in.A = ir.IndexUnpack, src
	in.B = l.b.Const(ir.Const{Kind: ir.ConstInt, Int: int64(i)}, node)
	return l.b.Value(in)
}

// middle is what a starred target takes: all but the first and the last few elements.
func (l *lowerer) middle(node ast.NodeID, src ir.Reg, before, after int) ir.Reg {
	in := ir.Make(ir.OpSlice, node)
	in.A = src
	args := [3]ir.Arg{{Reg: ir.NoReg, Node: node}, {Reg: ir.NoReg, Node: node}, {Reg: ir.NoReg, Node: node}}
	if before > 0 {
		args[0].Reg = l.b.Const(ir.Const{Kind: ir.ConstInt, Int: int64(before)}, node)
	}
	if after > 0 {
		args[1].Reg = l.b.Const(ir.Const{Kind: ir.ConstInt, Int: int64(-after)}, node)
	}
	l.b.SetArgs(&in, args[:])
	return l.b.Value(in)
}

func (l *lowerer) augAssign(id ast.NodeID) {
	f := l.f
	n := &f.Nodes[id]
	target, value := ast.NodeID(n.A), ast.NodeID(n.B)
	in := ir.Make(ir.OpBinary, id)
	in.Sub, in.Imm = uint8(n.Op), 1
	t := &f.Nodes[target]
	switch t.Kind {
	case ast.Name:
		in.A = l.loadName(ast.Sym(t.A), target)
		in.B = l.expr(value)
		l.storeName(ast.Sym(t.A), l.b.Value(in), target)
	case ast.Attribute:
		obj := l.expr(ast.NodeID(t.A))
		get := ir.Make(ir.OpAttr, target)
		get.A, get.Name = obj, f.Names[t.B]
		in.A = l.value(get)
		in.B = l.expr(value)
		set := ir.Make(ir.OpSetAttr, target)
		set.A, set.B, set.Name = obj, l.b.Value(in), get.Name
		if set.Name != "" {
			l.b.Emit(set)
		}
	case ast.Subscript:
		obj, key := l.expr(ast.NodeID(t.A)), l.expr(ast.NodeID(t.B))
		get := ir.Make(ir.OpIndex, target)
		get.A, get.B = obj, key
		in.A = l.b.Value(get)
		in.B = l.expr(value)
		set := ir.Make(ir.OpSetIndex, target)
		set.A, set.B, set.C = obj, key, l.b.Value(in)
		l.b.Emit(set)
	default:
		l.opt(value)
	}
}
