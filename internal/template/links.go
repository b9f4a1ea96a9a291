package template

import (
	"bytes"
	"slices"

	"stopper/internal/ir"
	"stopper/internal/jinja"
	"stopper/internal/python/ast"
)

// Place is a node of a template.
type Place struct {
	Module *ir.Module
	Node   ast.NodeID
}

// AbsoluteLinks are the calls of url_for in templates that ask for a whole address, whose host is that of the request. A
// program that registers another function of that name is left out.
func (s *Set) AbsoluteLinks() []Place {
	if len(s.reg.globals["url_for"]) > 0 {
		return nil
	}
	var out []Place
	for _, f := range s.files {
		if !bytes.Contains(f.tree.Src.Text, []byte("_external")) {
			continue
		}
		jinja.Walk(f.tree.Root, func(n *jinja.Node) bool {
			if n.Kind == jinja.Call && n.Kids[0].Kind == jinja.Name && n.Kids[0].Text == "url_for" && slices.ContainsFunc(n.Kids[1:], isExternal) {
				out = append(out, Place{f.mod, ast.NodeID(n.ID)})
			}
			return true
		})
	}
	return out
}

func isExternal(arg *jinja.Node) bool {
	if arg.Kind != jinja.Keyword || arg.Text != "_external" {
		return false
	}
	v := arg.Kids[0]
	return v.Kind == jinja.Bool && v.Text == "true"
}
