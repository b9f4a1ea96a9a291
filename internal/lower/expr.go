package lower

import (
	"strconv"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// opt evaluates an expression, if there is one, for its effects.
func (l *lowerer) opt(id ast.NodeID) {
	if id != 0 {
		l.expr(id)
	}
}

// expr lowers an expression to the register that holds its value.
func (l *lowerer) expr(id ast.NodeID) ir.Reg {
	l.depth++
	defer func() { l.depth-- }()
	if id == 0 || l.tooDeep() {
		return l.b.Const(ir.Const{Kind: ir.ConstEllipsis}, id)
	}
	f := l.f
	n := &f.Nodes[id]
	switch n.Kind {
	case ast.Name:
		return l.loadName(ast.Sym(n.A), id)
	case ast.Constant:
		return l.b.Const(Constant(f, id), id)
	case ast.Attribute:
		in := ir.Make(ir.OpAttr, id)
		in.A, in.Name = l.expr(ast.NodeID(n.A)), f.Names[n.B]
		return l.value(in)
	case ast.Call:
		return l.call(id)
	case ast.BinOp:
		return l.binOp(id)
	case ast.UnaryOp:
		return l.unaryOp(id)
	case ast.BoolOp:
		return l.boolOp(id)
	case ast.Compare:
		return l.compareExpr(id)
	case ast.IfExp:
		return l.ifExp(id)
	case ast.Subscript:
		return l.subscript(id)
	case ast.Slice:
		return l.sliceObject(id)
	case ast.JoinedStr, ast.TemplateStr:
		return l.format(id)
	case ast.FormattedValue, ast.Interpolation:
		return l.formatOf(id, []uint32{uint32(id)}, 0)
	case ast.List:
		return l.collection(id, ir.BuildList)
	case ast.Tuple:
		return l.collection(id, ir.BuildTuple)
	case ast.Set:
		return l.collection(id, ir.BuildSet)
	case ast.Dict:
		return l.dict(id)
	case ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp:
		return l.comprehension(id)
	case ast.Lambda:
		return l.funcObject(id)
	case ast.NamedExpr:
		return l.assign(ast.NodeID(n.A), l.expr(ast.NodeID(n.B)))
	case ast.Await:
		in := ir.Make(ir.OpCopy, id)
		in.Sub, in.A = ir.CopyAwait, l.expr(ast.NodeID(n.A))
		return l.b.Value(in)
	case ast.Yield, ast.YieldFrom:
		return l.yield(id)
	case ast.Starred:
		return l.expr(ast.NodeID(n.A))
	}
	return l.b.Const(ir.Const{Kind: ir.ConstEllipsis}, id)
}

// value emits an instruction that a broken tree may have left without its name.
func (l *lowerer) value(in ir.Instr) ir.Reg {
	if in.Name == "" {
		in.Name = "?"
	}
	return l.b.Value(in)
}

// Constant is the value of a Constant node.
func Constant(f *ast.File, id ast.NodeID) ir.Const {
	switch f.ConstKindOf(id) {
	case ast.ConstTrue:
		return ir.Const{Kind: ir.ConstBool, Int: 1}
	case ast.ConstFalse:
		return ir.Const{Kind: ir.ConstBool}
	case ast.ConstEllipsis:
		return ir.Const{Kind: ir.ConstEllipsis}
	case ast.ConstStr:
		text, _ := f.Str(id)
		return ir.Const{Kind: ir.ConstStr, Str: text}
	case ast.ConstBytes:
		text, _ := f.Str(id)
		return ir.Const{Kind: ir.ConstBytes, Str: text}
	case ast.ConstInt:
		return integer(f.Text(id))
	case ast.ConstFloat, ast.ConstComplex:
		return ir.Const{Kind: ir.ConstFloat, Str: strings.ReplaceAll(f.Text(id), "_", "")}
	}
	return ir.Const{Kind: ir.ConstNone}
}

func integer(text string) ir.Const {
	if strings.Contains(text, "_") {
		text = strings.ReplaceAll(text, "_", "")
	}
	i, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		return ir.Const{Kind: ir.ConstInt, IsBig: true, Str: text}
	}
	return ir.Const{Kind: ir.ConstInt, Int: i}
}

func truth(f *ast.File, id ast.NodeID) bool {
	switch c := Constant(f, id); c.Kind {
	case ir.ConstBool, ir.ConstInt:
		return c.IsBig || c.Int != 0
	case ir.ConstStr, ir.ConstBytes:
		return c.Str != ""
	case ir.ConstFloat:
		return strings.ContainsAny(c.Str, "123456789")
	case ir.ConstEllipsis:
		return true
	}
	return false
}

func (l *lowerer) binOp(id ast.NodeID) ir.Reg {
	n := &l.f.Nodes[id]
	in := ir.Make(ir.OpBinary, id)
	in.Sub = uint8(n.Op)
	in.A = l.expr(ast.NodeID(n.A))
	in.B = l.expr(ast.NodeID(n.B))
	return l.b.Value(in)
}

func (l *lowerer) unaryOp(id ast.NodeID) ir.Reg {
	n := &l.f.Nodes[id]
	operand := ast.NodeID(n.A)
	if n.Op == ast.USub && l.f.Kind(operand) == ast.Constant {
		switch c := Constant(l.f, operand); {
		case c.Kind == ir.ConstInt && !c.IsBig:
			c.Int = -c.Int
			return l.b.Const(c, id)
		case c.Kind == ir.ConstInt || c.Kind == ir.ConstFloat:
			c.Str = "-" + c.Str
			return l.b.Const(c, id)
		}
	}
	in := ir.Make(ir.OpUnary, id)
	in.Sub, in.A = uint8(n.Op), l.expr(operand)
	return l.b.Value(in)
}

// boolOp keeps the value of the operand that decides.
func (l *lowerer) boolOp(id ast.NodeID) ir.Reg {
	values := l.f.ListA(id)
	isAnd := l.f.Nodes[id].Op == ast.And
	result, done := l.b.NewVar(""), l.b.NewBlock()
	for i, w := range values {
		v := ast.NodeID(w)
		r := l.expr(v)
		test := l.b.Copy(result, r, v)
		if i == len(values)-1 {
			l.b.Jump(done, id)
			break
		}
		next := l.b.NewBlock()
		if isAnd {
			l.b.Branch(test, next, done, v)
		} else {
			l.b.Branch(test, done, next, v)
		}
		l.b.StartBlock(next)
	}
	l.b.Resume(done)
	return result
}

func (l *lowerer) compareExpr(id ast.NodeID) ir.Reg {
	left := l.expr(l.f.SlotA(id))
	ops := l.f.ListB(id)
	if len(ops) == 2 {
		return l.compare(id, ast.Op(ops[0]), left, l.expr(ast.NodeID(ops[1])))
	}
	result, done := l.b.NewVar(""), l.b.NewBlock()
	for i := 0; i+1 < len(ops); i += 2 {
		right := l.expr(ast.NodeID(ops[i+1]))
		test := l.b.Copy(result, l.compare(id, ast.Op(ops[i]), left, right), id)
		if i+2 >= len(ops) {
			l.b.Jump(done, id)
			break
		}
		next := l.b.NewBlock()
		l.b.Branch(test, next, done, id)
		l.b.StartBlock(next)
		left = right
	}
	l.b.Resume(done)
	return result
}

func (l *lowerer) ifExp(id ast.NodeID) ir.Reg {
	result, done := l.b.NewVar(""), l.b.NewBlock()
	yes, no := l.b.NewBlock(), l.b.NewBlock()
	l.cond(l.f.SlotA(id), yes, no)
	for _, side := range []struct {
		block ir.BlockID
		node  ast.NodeID
	}{{yes, l.f.SlotB(id)}, {no, l.f.SlotC(id)}} {
		l.b.Resume(side.block)
		if l.b.IsOpen() {
			l.b.Copy(result, l.expr(side.node), side.node)
			l.b.Jump(done, id)
		}
	}
	l.b.Resume(done)
	return result
}

func (l *lowerer) subscript(id ast.NodeID) ir.Reg {
	value := l.expr(l.f.SlotA(id))
	slice := l.f.SlotB(id)
	if l.f.Kind(slice) == ast.Slice {
		in := ir.Make(ir.OpSlice, id)
		in.A = value
		args := l.bounds(slice, false)
		l.b.SetArgs(&in, args[:])
		return l.b.Value(in)
	}
	in := ir.Make(ir.OpIndex, id)
	in.A, in.B = value, l.expr(slice)
	return l.b.Value(in)
}

// bounds are the three operands of a slice; an absent one is NoReg, or None for a slice object.
func (l *lowerer) bounds(slice ast.NodeID, none bool) [3]ir.Arg {
	n := l.f.Nodes[slice]
	var args [3]ir.Arg
	for i, b := range [3]uint32{n.A, n.B, n.C} {
		args[i] = ir.Arg{Reg: ir.NoReg, Node: slice}
		switch {
		case b != 0:
			args[i] = ir.Arg{Reg: l.expr(ast.NodeID(b)), Node: ast.NodeID(b)}
		case none:
			args[i].Reg = l.b.Const(ir.Const{}, slice)
		}
	}
	return args
}

// sliceObject is a slice where a value is needed: in a[1:2, 3], in a[1:2] = x, in del a[1:2].
func (l *lowerer) sliceObject(id ast.NodeID) ir.Reg {
	args := l.bounds(id, true)
	return l.callGlobal("slice", id, args[:]...)
}

func (l *lowerer) call(id ast.NodeID) ir.Reg {
	f := l.f
	callee := f.SlotA(id)
	in := ir.Make(ir.OpCall, id)
	if f.Kind(callee) == ast.Attribute {
		in.Op, in.A, in.Name = ir.OpMethod, l.expr(f.SlotA(callee)), f.IdentOf(callee)
	} else {
		in.A = l.expr(callee)
	}
	l.operands(&in, f.ListB(id))
	return l.value(in)
}

// operands lowers positional, starred and keyword arguments, or the elements of a collection.
func (l *lowerer) operands(in *ir.Instr, words []uint32) {
	base := len(l.args)
	for _, w := range words {
		a := l.operand(ast.NodeID(w))
		l.args = append(l.args, a)
	}
	l.b.SetArgs(in, l.args[base:])
	l.args = l.args[:base]
}

func (l *lowerer) operand(n ast.NodeID) ir.Arg {
	f := l.f
	switch f.Kind(n) {
	case ast.Starred:
		v := f.SlotA(n)
		return ir.Arg{Kind: ir.ArgStar, Reg: l.expr(v), Node: v}
	case ast.Keyword:
		v := f.SlotB(n)
		if name := f.IdentOf(n); name != "" {
			return ir.Arg{Kind: ir.ArgKeyword, Name: name, Reg: l.expr(v), Node: v}
		}
		return ir.Arg{Kind: ir.ArgStarStar, Reg: l.expr(v), Node: v}
	}
	return ir.Arg{Reg: l.expr(n), Node: n}
}

func (l *lowerer) collection(id ast.NodeID, kind ir.BuildKind) ir.Reg {
	in := ir.Make(ir.OpBuild, id)
	in.Sub = uint8(kind)
	elts := l.f.ListA(id)
	if len(elts) > maxTable && l.allConstant(elts, 0) {
		elts, in.Imm = elts[:keptOfTable], 1
	}
	l.operands(&in, elts)
	return l.b.Value(in)
}

func (l *lowerer) dict(id ast.NodeID) ir.Reg {
	in := ir.Make(ir.OpBuild, id)
	in.Sub = uint8(ir.BuildDict)
	items := l.f.ListA(id)
	if len(items) > 2*maxTable && l.allConstant(items, 0) {
		items, in.Imm = items[:2*keptOfTable], 1
	}
	base := len(l.args)
	for i := 0; i+1 < len(items); i += 2 {
		k, v := ast.NodeID(items[i]), ast.NodeID(items[i+1])
		if k == 0 {
			a := ir.Arg{Kind: ir.ArgStarStar, Reg: l.expr(v), Node: v}
			l.args = append(l.args, a)
			continue
		}
		key := ir.Arg{Reg: l.expr(k), Node: k}
		value := ir.Arg{Reg: l.expr(v), Node: v}
		l.args = append(l.args, key, value)
	}
	l.b.SetArgs(&in, l.args[base:])
	l.args = l.args[:base]
	return l.b.Value(in)
}

// allConstant reports whether nodes are constants or literals made of constants.
func (l *lowerer) allConstant(words []uint32, depth int) bool {
	for _, w := range words {
		n := &l.f.Nodes[w]
		switch n.Kind {
		case ast.Constant:
			continue
		case ast.UnaryOp:
			if l.f.Kind(ast.NodeID(n.A)) == ast.Constant {
				continue
			}
		case ast.List, ast.Tuple, ast.Set, ast.Dict:
			if depth < 8 && l.allConstant(l.f.ListA(ast.NodeID(w)), depth+1) {
				continue
			}
		}
		return false
	}
	return true
}

func (l *lowerer) format(id ast.NodeID) ir.Reg {
	sub := uint8(0)
	if l.f.Kind(id) == ast.TemplateStr {
		sub = ir.FormatTemplate
	}
	return l.formatOf(id, l.f.ListA(id), sub)
}

func (l *lowerer) formatOf(id ast.NodeID, parts []uint32, sub uint8) ir.Reg {
	in := ir.Make(ir.OpFormat, id)
	in.Sub = sub
	base := len(l.args)
	for _, w := range parts {
		l.formatPart(ast.NodeID(w))
	}
	l.b.SetArgs(&in, l.args[base:])
	l.args = l.args[:base]
	return l.b.Value(in)
}

func (l *lowerer) formatPart(id ast.NodeID) {
	f := l.f
	n := &f.Nodes[id]
	if n.Kind != ast.FormattedValue && n.Kind != ast.Interpolation {
		a := ir.Arg{Reg: l.expr(id), Node: id}
		l.args = append(l.args, a)
		return
	}
	a := ir.Arg{Reg: l.expr(ast.NodeID(n.A)), Node: ast.NodeID(n.A)}
	spec := ast.NodeID(n.B)
	switch {
	case n.Flag&(ast.FlagFormatRepr|ast.FlagFormatASCII) != 0:
		a.Kind = ir.ArgRepr
	case spec != 0 && l.constantSpec(spec, &a.Name):
		a.Kind = ir.ArgSpec
	}
	l.args = append(l.args, a)
	if spec != 0 && a.Kind == ir.ArgPos {
		l.specParts(spec)
	}
}

// specParts: in f"{x:{width}}" the width becomes part of the text too.
func (l *lowerer) specParts(spec ast.NodeID) {
	if l.f.Kind(spec) != ast.JoinedStr {
		return
	}
	for _, w := range l.f.ListA(spec) {
		if l.f.Kind(ast.NodeID(w)) != ast.Constant {
			l.formatPart(ast.NodeID(w))
		}
	}
}

func (l *lowerer) constantSpec(spec ast.NodeID, text *string) bool {
	parts := []uint32{uint32(spec)}
	if l.f.Kind(spec) == ast.JoinedStr {
		parts = l.f.ListA(spec)
	}
	for _, w := range parts {
		s, ok := l.f.Str(ast.NodeID(w))
		if !ok {
			*text = ""
			return false
		}
		*text += s
	}
	return true
}

func (l *lowerer) yield(id ast.NodeID) ir.Reg {
	in := ir.Make(ir.OpYield, id)
	if v := l.f.SlotA(id); v != 0 {
		in.A = l.expr(v)
	}
	if l.f.Kind(id) == ast.YieldFrom {
		in.Sub = ir.YieldFrom
	}
	return l.b.Value(in)
}
