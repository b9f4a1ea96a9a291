package template

import (
	"path"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/jinja"
	"stopper/internal/python/ast"
)

// isSQL: a program renders the file to have a statement, not a page.
func (f *file) isSQL() bool { return strings.Contains(strings.ToLower(path.Base(f.path))+".", ".sql.") }

// startText begins a text that the function puts together.
func (l *lowerer) startText() {
	l.text = l.b.NewVar("")
	l.b.Copy(l.text, l.b.Const(ir.Const{Kind: ir.ConstStr}, 0), 0)
}

// say writes a value to the text.
func (l *lowerer) say(v ir.Reg, n *jinja.Node) { l.append(v, l.node(n)) }

func (l *lowerer) append(v ir.Reg, node ast.NodeID) {
	if l.text == ir.NoReg {
		return
	}
	in := ir.Make(ir.OpFormat, node)
	l.b.SetArgs(&in, []ir.Arg{{Reg: l.text, Node: node}, {Reg: v, Node: node}})
	l.b.Copy(l.text, l.b.Value(in), node)
}
