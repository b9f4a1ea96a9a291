package template

import (
	"strconv"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/jinja"
	"stopper/internal/python/ast"
)

// expr lowers an expression.
func (l *lowerer) expr(n *jinja.Node) ir.Reg {
	node := l.node(n)
	switch n.Kind {
	case jinja.Name:
		return l.read(n.Text, node)
	case jinja.Str, jinja.Int, jinja.Float, jinja.Bool, jinja.Null:
		return l.b.Const(constant(n), node)
	case jinja.Tuple:
		return l.build(ir.BuildTuple, n)
	case jinja.List:
		return l.build(ir.BuildList, n)
	case jinja.Dict:
		return l.build(ir.BuildDict, n)
	case jinja.GetAttr:
		if n.Text == "" {
			break
		}
		in := ir.Make(ir.OpAttr, node)
		in.A, in.Name = l.expr(n.Kids[0]), n.Text
		return l.b.Value(in)
	case jinja.GetItem:
		return l.item(n)
	case jinja.Call:
		return l.call(n)
	case jinja.Filter:
		return l.filter(n)
	case jinja.Test:
		for _, k := range n.Kids[1:] {
			l.expr(argument(k))
		}
		return l.unary(ast.Not, l.expr(n.Kids[0]), node) // a bool; which, nobody knows
	case jinja.Not:
		return l.unary(ast.Not, l.expr(n.Kids[0]), node)
	case jinja.Neg:
		return l.unary(ast.USub, l.expr(n.Kids[0]), node)
	case jinja.Pos:
		return l.unary(ast.UAdd, l.expr(n.Kids[0]), node)
	case jinja.And, jinja.Or:
		return l.boolean(n)
	case jinja.Cond:
		return l.condition(n)
	case jinja.Compare:
		return l.compare(n)
	case jinja.Binary:
		in := ir.Make(ir.OpBinary, node)
		in.Sub = uint8(binaryOp(n.Text))
		in.A, in.B = l.expr(n.Kids[0]), l.expr(n.Kids[1])
		return l.b.Value(in)
	case jinja.Concat:
		in := ir.Make(ir.OpFormat, node)
		var args []ir.Arg
		for _, k := range n.Kids {
			args = append(args, ir.Arg{Reg: l.expr(k), Node: l.node(k)})
		}
		l.b.SetArgs(&in, args)
		return l.b.Value(in)
	}
	return l.b.NewVar("")
}

// argument is the value of an argument, without star or keyword.
func argument(n *jinja.Node) *jinja.Node {
	switch n.Kind {
	case jinja.Keyword, jinja.Star, jinja.StarStar:
		return n.Kids[0]
	}
	return n
}

func constant(n *jinja.Node) ir.Const {
	switch n.Kind {
	case jinja.Str:
		return ir.Const{Kind: ir.ConstStr, Str: n.Text}
	case jinja.Int:
		i, err := strconv.ParseInt(strings.ReplaceAll(n.Text, "_", ""), 0, 64)
		return ir.Const{Kind: ir.ConstInt, Int: i, IsBig: err != nil, Str: bigText(n.Text, err)}
	case jinja.Float:
		return ir.Const{Kind: ir.ConstFloat, IsBig: true, Str: n.Text}
	case jinja.Bool:
		c := ir.Const{Kind: ir.ConstBool}
		if n.Text == "true" {
			c.Int = 1
		}
		return c
	}
	return ir.Const{Kind: ir.ConstNone}
}

func bigText(s string, err error) string {
	if err == nil {
		return ""
	}
	return s
}

func (l *lowerer) unary(op ast.Op, a ir.Reg, node ast.NodeID) ir.Reg {
	in := ir.Make(ir.OpUnary, node)
	in.Sub, in.A = uint8(op), a
	return l.b.Value(in)
}

func (l *lowerer) build(kind ir.BuildKind, n *jinja.Node) ir.Reg {
	in := ir.Make(ir.OpBuild, l.node(n))
	in.Sub = uint8(kind)
	var args []ir.Arg
	for _, k := range n.Kids {
		args = append(args, ir.Arg{Reg: l.expr(k), Node: l.node(k)})
	}
	l.b.SetArgs(&in, args)
	return l.b.Value(in)
}

func (l *lowerer) item(n *jinja.Node) ir.Reg {
	of, key := l.expr(n.Kids[0]), n.Kids[1]
	if key.Kind != jinja.Slice {
		in := ir.Make(ir.OpIndex, l.node(n))
		in.A, in.B = of, l.expr(key)
		return l.b.Value(in)
	}
	in := ir.Make(ir.OpSlice, l.node(n))
	in.A = of
	args := make([]ir.Arg, 3)
	for i, k := range key.Kids {
		args[i].Reg = ir.NoReg
		if k != nil {
			args[i] = ir.Arg{Reg: l.expr(k), Node: l.node(k)}
		}
	}
	l.b.SetArgs(&in, args)
	return l.b.Value(in)
}

// args are the arguments of a call, from n.Kids[1] on.
func (l *lowerer) args(n *jinja.Node) []ir.Arg {
	var out []ir.Arg
	for _, k := range n.Kids[1:] {
		a := ir.Arg{Node: l.node(k)}
		switch k.Kind {
		case jinja.Keyword:
			a.Kind, a.Name = ir.ArgKeyword, k.Text
		case jinja.Star:
			a.Kind = ir.ArgStar
		case jinja.StarStar:
			a.Kind = ir.ArgStarStar
		}
		a.Reg = l.expr(argument(k))
		out = append(out, a)
	}
	return out
}

func (l *lowerer) call(n *jinja.Node) ir.Reg {
	callee := n.Kids[0]
	if u := l.macroOf(callee); u != nil {
		args := l.args(n)
		if u.fn.Module == l.file.mod || l.isShared(u) {
			args = l.context(u.fn, args, l.node(n))
		}
		return l.callFunc(u, args, l.node(n))
	}
	if callee.Kind == jinja.GetAttr && callee.Text != "" {
		in := ir.Make(ir.OpMethod, l.node(n))
		in.A, in.Name = l.expr(callee.Kids[0]), callee.Text
		l.b.SetArgs(&in, l.args(n))
		return l.b.Value(in)
	}
	in := ir.Make(ir.OpCall, l.node(n))
	in.A = l.expr(callee)
	args := l.args(n)
	l.translated(n, args)
	l.filledIn(n, args)
	if l.isGlobal(callee) && l.set.reg.globals[callee.Text][0].context {
		args = append([]ir.Arg{{Reg: l.b.NewVar(""), Node: l.node(n)}}, args...)
	}
	l.b.SetArgs(&in, args)
	return l.b.Value(in)
}

// translated writes what gettext is asked to translate: in the new style it gives HTML, so that a message that is no literal of the
// template is not escaped.
func (l *lowerer) translated(n *jinja.Node, args []ir.Arg) {
	if !l.writing || !l.set.reg.newStyle || l.escape == ir.EscapeNone || n.Kids[0].Kind != jinja.Name || !l.isFree(n.Kids[0].Text) {
		return
	}
	from, to := 0, 0
	switch n.Kids[0].Text {
	case "_", "gettext":
		to = 1
	case "ngettext":
		to = 2
	case "pgettext":
		from, to = 1, 2
	case "npgettext":
		from, to = 1, 3
	}
	for i := from; i < min(to, len(args)); i++ {
		if message := n.Kids[1+i]; args[i].Kind == ir.ArgPos && !isLiteral(message) {
			place, _ := l.state.Hole()
			l.emit(args[i].Reg, message, ir.Emit{Place: place, Escape: l.escape, IsSafe: true, IsTranslated: true})
		}
	}
}

// filledIn escapes what gettext puts into its message: in the new style the message is HTML, and what is put into HTML is escaped.
func (l *lowerer) filledIn(n *jinja.Node, args []ir.Arg) {
	if !l.set.reg.newStyle || l.escape == ir.EscapeNone || n.Kids[0].Kind != jinja.Name || !l.isFree(n.Kids[0].Text) {
		return
	}
	switch n.Kids[0].Text {
	case "_", "gettext", "ngettext", "pgettext", "npgettext":
	default:
		return
	}
	for i := range args {
		if args[i].Kind != ir.ArgKeyword {
			continue
		}
		in := ir.Make(ir.OpCall, args[i].Node)
		in.A = l.imported(ir.Import{Module: "markupsafe", Name: "escape"}, args[i].Node)
		l.b.SetArgs(&in, []ir.Arg{{Reg: args[i].Reg, Node: args[i].Node}})
		args[i].Reg = l.b.Value(in)
	}
}

// isFree: neither the template nor the program gives the name a meaning of its own.
func (l *lowerer) isFree(name string) bool {
	for s := l.scope; s != nil; s = s.outer {
		if _, bound := s.vars[name]; bound || s.unknown[name] {
			return false
		}
		if _, bound := s.macros[name]; bound {
			return false
		}
	}
	return len(l.set.reg.globals[name]) == 0 && len(l.set.reg.processors[name]) == 0
}

// isGlobal: the name means what the program registered as a global, not a variable of the template.
func (l *lowerer) isGlobal(n *jinja.Node) bool {
	if n.Kind != jinja.Name || len(l.set.reg.globals[n.Text]) == 0 {
		return false
	}
	for s := l.scope; s != nil; s = s.outer {
		if _, bound := s.vars[n.Text]; bound || s.unknown[n.Text] {
			return false
		}
		if _, bound := s.params[n.Text]; bound {
			return false
		}
	}
	return true
}

// macroOf is the macro that an expression names, as it is in the state of the page at this place.
func (l *lowerer) macroOf(n *jinja.Node) *unit {
	var k unitKey
	switch n.Kind {
	case jinja.Name:
		k = l.bound(n.Text)
	case jinja.GetAttr:
		if n.Kids[0].Kind == jinja.Name {
			if m := l.bound(n.Kids[0].Text); m.file != nil && m.part == nil {
				k = unitKey{file: m.file, part: m.file.macros[n.Text]}
			}
		}
	}
	if k.part == nil {
		return nil
	}
	k.state = l.state
	u := l.set.unit(k)
	if u == nil || !u.done {
		return nil
	}
	l.asks = ask(l.asks, u.asks...)
	return u
}

// bound is the macro or template that a name is bound to.
func (l *lowerer) bound(name string) unitKey {
	for s := l.scope; s != nil; s = s.outer {
		if k, ok := s.macros[name]; ok {
			return k
		}
		if s.own != nil && !s.hidden[name] && s.own.macros[name] != nil {
			return unitKey{file: s.own, part: s.own.macros[name]}
		}
		if _, ok := s.vars[name]; ok {
			break
		}
	}
	return unitKey{}
}

// boolean is `a and b` or `a or b`, which give one of their operands.
func (l *lowerer) boolean(n *jinja.Node) ir.Reg {
	v, more, after := l.b.NewVar(""), l.b.NewBlock(), l.b.NewBlock()
	l.b.Copy(v, l.expr(n.Kids[0]), l.node(n))
	if n.Kind == jinja.And {
		l.b.Branch(v, more, after, l.node(n))
	} else {
		l.b.Branch(v, after, more, l.node(n))
	}
	l.b.StartBlock(more)
	l.b.Copy(v, l.expr(n.Kids[1]), l.node(n))
	l.b.Jump(after, l.node(n))
	l.b.StartBlock(after)
	return v
}

func (l *lowerer) condition(n *jinja.Node) ir.Reg {
	v := l.b.NewVar("")
	yes, no, after := l.b.NewBlock(), l.b.NewBlock(), l.b.NewBlock()
	l.b.Branch(l.expr(n.Kids[0]), yes, no, l.node(n.Kids[0]))
	l.b.StartBlock(yes)
	l.b.Copy(v, l.expr(n.Kids[1]), l.node(n))
	l.b.Jump(after, l.node(n))
	l.b.StartBlock(no)
	if n.Kids[2] != nil {
		l.b.Copy(v, l.expr(n.Kids[2]), l.node(n))
	} else {
		l.b.Copy(v, l.b.Const(ir.Const{Kind: ir.ConstStr}, l.node(n)), l.node(n))
	}
	l.b.Jump(after, l.node(n))
	l.b.StartBlock(after)
	return v
}

// compare keeps the first comparison of a chain; the others are evaluated for what they call.
func (l *lowerer) compare(n *jinja.Node) ir.Reg {
	in := ir.Make(ir.OpCompare, l.node(n))
	in.A = l.expr(n.Kids[0])
	in.Sub = uint8(compareOp(n.Kids[1].Text))
	in.B = l.expr(n.Kids[1].Kids[0])
	for _, more := range n.Kids[2:] {
		l.expr(more.Kids[0])
	}
	return l.b.Value(in)
}

func binaryOp(s string) ast.Op {
	switch s {
	case "-":
		return ast.Sub
	case "*":
		return ast.Mult
	case "/":
		return ast.Div
	case "//":
		return ast.FloorDiv
	case "%":
		return ast.Mod
	case "**":
		return ast.Pow
	}
	return ast.Add
}

func compareOp(s string) ast.Op {
	switch s {
	case "!=":
		return ast.NotEq
	case "<":
		return ast.Lt
	case "<=":
		return ast.LtE
	case ">":
		return ast.Gt
	case ">=":
		return ast.GtE
	case "in":
		return ast.In
	case "not in":
		return ast.NotIn
	}
	return ast.Eq
}
