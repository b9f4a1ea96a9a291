package template

import (
	"stopper/internal/jinja"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Options are the delimiters and the white space control that a program sets for the templates of its application: on
// app.jinja_env, or in jinja_options. Environments that it makes besides are for other things, such as mails.
func Options(prog *semantic.Program) jinja.Options {
	var o jinja.Options
	for _, m := range prog.Modules {
		f := m.File
		for id := range f.Nodes {
			n := ast.NodeID(id)
			switch f.Kind(n) {
			case ast.Assign:
				for _, t := range f.ListA(n) {
					readOption(f, ast.NodeID(t), f.SlotB(n), &o)
				}
			case ast.Call:
				callee := f.SlotA(n)
				if f.Kind(callee) == ast.Attribute && f.IdentOf(callee) == "update" && f.IdentOf(f.SlotA(callee)) == "jinja_options" {
					for _, a := range f.ListB(n) {
						readTable(f, ast.NodeID(a), &o)
					}
				}
			}
		}
	}
	return o
}

// readOption reads app.jinja_env.name = value, and jinja_options = {…}.
func readOption(f *ast.File, target, value ast.NodeID, o *jinja.Options) {
	if k := f.Kind(target); k != ast.Attribute && k != ast.Name {
		return
	}
	switch {
	case f.IdentOf(target) == "jinja_options":
		readTable(f, value, o)
	case f.Kind(target) == ast.Attribute && f.IdentOf(f.SlotA(target)) == "jinja_env":
		setOption(f, f.IdentOf(target), value, o)
	}
}

func readTable(f *ast.File, n ast.NodeID, o *jinja.Options) {
	items(f, n, func(name string, value ast.NodeID) { setOption(f, name, value, o) })
}

// items are those of a dict, written in either way.
func items(f *ast.File, n ast.NodeID, each func(name string, value ast.NodeID)) {
	f.Walk(n, func(c ast.NodeID) bool {
		switch f.Kind(c) {
		case ast.Keyword:
			each(f.IdentOf(c), f.SlotB(c))
		case ast.Dict:
			items := f.ListA(c)
			for i := 0; i+1 < len(items); i += 2 {
				if key, ok := f.Str(ast.NodeID(items[i])); ok {
					each(key, ast.NodeID(items[i+1]))
				}
			}
		}
		return true
	})
}

func setOption(f *ast.File, name string, value ast.NodeID, o *jinja.Options) {
	text, _ := f.Str(value)
	yes := f.Kind(value) == ast.Constant && f.ConstKindOf(value) == ast.ConstTrue
	switch name {
	case "block_start_string":
		o.BlockStart = text
	case "block_end_string":
		o.BlockEnd = text
	case "variable_start_string":
		o.VariableStart = text
	case "variable_end_string":
		o.VariableEnd = text
	case "comment_start_string":
		o.CommentStart = text
	case "comment_end_string":
		o.CommentEnd = text
	case "line_statement_prefix":
		o.LineStatement = text
	case "line_comment_prefix":
		o.LineComment = text
	case "trim_blocks":
		o.TrimBlocks = yes
	case "lstrip_blocks":
		o.LstripBlocks = yes
	}
}
