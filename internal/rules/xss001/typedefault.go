package xss001

import (
	"strings"

	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// typedByDefault reports whether the response is given the content type that a parameter names, whose default is not HTML, and no
// call in the program names HTML:
//
//	def reply(text, content_type="application/json"):
//	    r = make_response(text)
//	    r.headers["Content-Type"] = content_type
func typedByDefault(p *rule.Pass, h project.Hit) bool {
	file := h.Func.Module.File
	if file == nil || h.Node == 0 {
		return false
	}
	name := boundTo(file, h.Func.Node, h.Node)
	if name == "" {
		name = filled(file, h.Node)
	}
	param := ""
	file.Walk(h.Func.Node, func(n ast.NodeID) bool {
		if name != "" && file.Kind(n) == ast.Assign && file.Kind(file.SlotB(n)) == ast.Name {
			for _, t := range file.ListA(n) {
				if isTypeOf(file, ast.NodeID(t), name) {
					param = file.IdentOf(file.SlotB(n))
				}
			}
		}
		return param == ""
	})
	return param != "" && hasPlainDefault(file, h.Func.Node, param) && !isCalledForHTML(p, h.Func.Name)
}

// hasPlainDefault: the parameter of a function has a default that is a content type other than HTML.
func hasPlainDefault(file *ast.File, fn ast.NodeID, param string) bool {
	plain := false
	file.Walk(fn, func(n ast.NodeID) bool {
		if file.Kind(n) == ast.Arg && file.IdentOf(n) == param {
			text, ok := file.Str(file.SlotC(n))
			plain = plain || ok && text != "" && !isMarkupType(text)
		}
		return !plain
	})
	return plain
}

// isCalledForHTML: some call of a function of that name is given a text that names a type of markup.
func isCalledForHTML(p *rule.Pass, fn string) bool {
	found := false
	p.Find(func(s rule.Site) {
		f := s.Module.File
		if f.Kind(s.Node) != ast.Call || f.IdentOf(f.SlotA(s.Node)) != fn {
			return
		}
		for _, w := range f.ListB(s.Node) {
			a := ast.NodeID(w)
			if f.Kind(a) == ast.Keyword {
				a = f.SlotB(a)
			}
			text, ok := f.Str(a)
			found = found || ok && strings.Contains(text, "/") && isMarkupType(text)
		}
	}, fn)
	return found
}
