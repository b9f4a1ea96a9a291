package xss001

import (
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

// funcAt is a function by its place.
type funcAt struct {
	path string
	node ast.NodeID
}

// widgetFuncs are the functions and __call__ methods that forms use as widgets, and __html__ methods: what they return is shown
// as it is.
func widgetFuncs(p *rule.Pass) map[funcAt]bool {
	out := map[funcAt]bool{}
	for i := range p.Project.Prog.NumFuncs() {
		if id := ir.FuncID(i); p.Project.Prog.FuncName(id) == "__html__" {
			mod, local := p.Project.Prog.Where(id)
			out[funcAt{mod.Source.Path, p.Project.Prog.Info(mod).Funcs[local].Node}] = true
		}
	}
	p.Named(rule.Ident("", "widget", "option_widget"), func(at rule.Place) {
		f := at.Mod.File
		value := ast.NodeID(0)
		switch f.Kind(at.Node) {
		case ast.Keyword:
			if f.IdentOf(at.Node) != "" {
				value = f.SlotB(at.Node)
			}
		case ast.Assign:
			for _, t := range f.ListA(at.Node) {
				if isName(f, ast.NodeID(t), "widget") {
					value = f.SlotB(at.Node)
				}
			}
		}
		if value != 0 {
			addWidget(p, at, value, out)
		}
	}, ast.Keyword, ast.Assign)
	return out
}

func addWidget(p *rule.Pass, at rule.Place, value ast.NodeID, out map[funcAt]bool) {
	f := at.Mod.File
	if f.Kind(value) == ast.Call {
		value = f.SlotA(value)
	}
	name := semantic.DottedName(f, value)
	if name == "" {
		return
	}
	prog := p.Project.Prog
	t := prog.ResolveName(at.Mod, name)
	id := t.Func
	switch t.Kind {
	case semantic.TargetFunc:
	case semantic.TargetClass:
		m, ok := prog.ClassMember(prog.Class(t.Class), "__call__")
		if !ok {
			return
		}
		id = m
	default:
		return
	}
	mod, local := prog.Where(id)
	out[funcAt{mod.Source.Path, prog.Info(mod).Funcs[local].Node}] = true
}
