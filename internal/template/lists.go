package template

import (
	"strings"

	"stopper/internal/ir"
	"stopper/internal/jinja"
)

// listFilter lowers the filters of Jinja's own that give items of a list, or the list with fewer items or others in their place, so
// that what their items are is not lost. False for other filters, and for those that the program replaces.
func (l *lowerer) listFilter(n *jinja.Node, of ir.Reg) (ir.Reg, bool) {
	if len(l.set.reg.filters[n.Text]) > 0 {
		return ir.NoReg, false
	}
	switch n.Text {
	case "first", "last", "random":
		return l.each(of, n), true
	case "list", "sort", "unique", "select", "reject", "selectattr", "rejectattr":
		l.args(n)
		return of, true
	case "map":
		return l.mapped(n, of)
	}
	return ir.NoReg, false
}

// each is any item of a list.
func (l *lowerer) each(of ir.Reg, n *jinja.Node) ir.Reg {
	in := ir.Make(ir.OpIter, l.node(n))
	in.A = of
	return l.b.Value(in)
}

// maxAttributes bounds the attributes of map(attribute="a.b.c").
const maxAttributes = 4

// mapped is x|map("filter", …) and x|map(attribute="a.b"): a list of what becomes of any item.
func (l *lowerer) mapped(n *jinja.Node, of ir.Reg) (ir.Reg, bool) {
	if len(n.Kids) < 2 {
		return ir.NoReg, false
	}
	var item ir.Reg
	switch k := n.Kids[1]; {
	case k.Kind == jinja.Str:
		item = l.each(of, n)
		if k.Text == "safe" {
			l.declared(n, item)
		}
		item = l.applied(k.Text, n, item, l.args(n)[1:])
	case k.Kind == jinja.Keyword && k.Text == "attribute" && k.Kids[0].Kind == jinja.Str:
		names := strings.Split(k.Kids[0].Text, ".")
		if len(names) > maxAttributes {
			return ir.NoReg, false
		}
		item = l.each(of, n)
		for _, name := range names {
			if name == "" {
				return ir.NoReg, false
			}
			in := ir.Make(ir.OpAttr, l.node(n))
			in.A, in.Name = item, name
			item = l.b.Value(in)
		}
	default:
		return ir.NoReg, false
	}
	in := ir.Make(ir.OpBuild, l.node(n))
	in.Sub = uint8(ir.BuildList)
	l.b.SetArgs(&in, []ir.Arg{{Reg: item, Node: l.node(n)}})
	return l.b.Value(in), true
}
