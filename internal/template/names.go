package template

import (
	"stopper/internal/ir"
	"stopper/internal/jinja"
	"stopper/internal/python/ast"
)

// read is the value of a name: bound by the template, global, or a context variable.
func (l *lowerer) read(name string, node ast.NodeID) ir.Reg {
	for s := l.scope; s != nil; s = s.outer {
		if r, ok := s.vars[name]; ok {
			return r
		}
		if s.unknown[name] {
			return l.b.NewVar("")
		}
		if r, ok := s.params[name]; ok {
			return r
		}
	}
	if module, attr := globalName(name); module != "" {
		return l.imported(ir.Import{Module: module, Name: attr}, node)
	}
	if refs := l.set.reg.globals[name]; len(refs) > 0 {
		return l.reference(refs, node)
	}
	switch name {
	case "loop", "super", "self", "caller":
		return l.b.NewVar("")
	}
	return l.param(name, ast.KeywordOnly, false)
}

// IsGlobal reports whether every template of a Flask application has a name, unless a call gives it another value.
func IsGlobal(name string) bool {
	switch name {
	case "config", "request", "session", "g", "url_for", "get_flashed_messages", "current_user", "csrf_token", "range", "dict", "lipsum",
		"cycler", "joiner", "namespace", "_", "gettext", "ngettext":
		return true
	}
	return false
}

// globalName is where a name that every template of a Flask application has comes from.
func globalName(name string) (module, attr string) {
	switch name {
	case "request", "session", "g", "url_for", "get_flashed_messages":
		return "flask", name
	case "range", "dict":
		return "builtins", name
	case "current_user":
		return "flask_login", name
	}
	return "", ""
}

// imported loads something of a Python module.
func (l *lowerer) imported(im ir.Import, node ast.NodeID) ir.Reg {
	key := im.Module + ":" + im.Name
	i, ok := l.file.imports[key]
	if !ok {
		i = uint32(len(l.file.mod.Imports))
		l.file.mod.Imports = append(l.file.mod.Imports, im)
		l.file.imports[key] = i
	}
	in := ir.Make(ir.OpImport, node)
	in.Imm = i
	return l.b.Value(in)
}

// reference loads one of the Python objects that are registered under a name; when there are several, any of them.
func (l *lowerer) reference(refs []reference, node ast.NodeID) ir.Reg {
	if len(refs) == 1 {
		return l.load(refs[0], node)
	}
	v, after := l.b.NewVar(""), l.b.NewBlock()
	for i, r := range refs {
		l.b.Copy(v, l.load(r, node), node)
		if i == len(refs)-1 {
			break
		}
		next := l.b.NewBlock()
		l.b.Branch(ir.NoReg, after, next, node)
		l.b.StartBlock(next)
	}
	l.b.Jump(after, node)
	l.b.StartBlock(after)
	return v
}

func (l *lowerer) load(r reference, node ast.NodeID) ir.Reg {
	if r == (reference{}) {
		return l.b.NewVar("")
	}
	if r.isFunc {
		l.asks = ask(l.asks, Asked{Func: r.fn})
		in := ir.Make(ir.OpFunc, node)
		in.Imm = uint32(r.fn)
		return l.b.Value(in)
	}
	l.asks = ask(l.asks, Asked{Module: r.module, Name: r.name})
	return l.imported(ir.Import{Module: r.module.Name, Name: r.name, Local: r.module}, node)
}

// assign binds the names of a target.
func (l *lowerer) assign(target *jinja.Node, v ir.Reg) {
	node := l.node(target)
	switch target.Kind {
	case jinja.Name:
		l.declare(target.Text, v, node)
	case jinja.GetAttr: // an attribute of a namespace
		in := ir.Make(ir.OpSetAttr, node)
		in.A, in.B, in.Name = l.expr(target.Kids[0]), v, target.Text
		if in.Name != "" {
			l.b.Emit(in)
		}
	case jinja.Tuple:
		for i, t := range target.Kids {
			in := ir.Make(ir.OpIndex, node)
			in.A, in.Sub = v, ir.IndexUnpack
			in.B = l.b.Const(ir.Const{Kind: ir.ConstInt, Int: int64(i)}, node)
			l.assign(t, l.b.Value(in))
		}
	}
}

// declare binds a name in the innermost scope. In the outermost, it writes the context variable, so that includes and
// parents see it.
func (l *lowerer) declare(name string, v ir.Reg, node ast.NodeID) {
	delete(l.scope.macros, name)
	if l.scope.own != nil {
		l.scope.hidden[name] = true
	}
	delete(l.scope.unknown, name)
	r, ok := l.scope.vars[name]
	if !ok && l.scope.outer == nil {
		if r, ok = l.scope.params[name]; !ok {
			r, ok = l.param(name, ast.KeywordOnly, false), true
		}
	}
	if !ok {
		r = l.b.NewVar(name)
		l.scope.vars[name] = r
	}
	l.b.Copy(r, v, node)
}
