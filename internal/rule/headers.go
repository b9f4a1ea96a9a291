package rule

import (
	"slices"
	"strings"

	"stopper/internal/deploy/nginx"
	"stopper/internal/deployment"
	"stopper/internal/python/ast"
)

// HeaderSet is a place that gives a response a header.
type HeaderSet struct {
	Site
	Value ast.NodeID
}

// At is where a finding about the header belongs: an item of a dict stands for itself.
func (h HeaderSet) At() Site {
	at := h.Site
	if at.Module.File.Kind(at.Node) == ast.Dict {
		at.Node = h.Value
	}
	return at
}

// Text is the header's value when it is one text.
func (h HeaderSet) Text() (string, bool) { return h.Module.File.Str(h.Value) }

// HeaderSets finds the places in production modules that set a header.
func (p *Pass) HeaderSets(name string) []HeaderSet {
	var out []HeaderSet
	p.Find(func(s Site) {
		for _, v := range s.SetsHeader(name) {
			out = append(out, HeaderSet{s, v})
		}
	}, name)
	return out
}

// SetsHeader finds the values that a node gives to a header: headers["Name"] = value, headers.set("Name", value), and
// {"Name": value}.
func (s Site) SetsHeader(name string) []ast.NodeID {
	f := s.Module.File
	isName := func(n ast.NodeID) bool {
		text, ok := f.Str(n)
		return ok && strings.EqualFold(text, name)
	}
	switch f.Kind(s.Node) {
	case ast.Assign:
		for _, t := range f.ListA(s.Node) {
			if id := ast.NodeID(t); f.Kind(id) == ast.Subscript && isName(f.SlotB(id)) {
				return []ast.NodeID{f.SlotB(s.Node)}
			}
		}
	case ast.Call:
		args := f.ListB(s.Node)
		switch f.IdentOf(f.SlotA(s.Node)) {
		case "set", "add", "setdefault", "add_header", "append":
			if len(args) == 2 && isName(ast.NodeID(args[0])) {
				return []ast.NodeID{ast.NodeID(args[1])}
			}
		}
	case ast.Dict:
		items := f.ListA(s.Node)
		for i := 0; i+1 < len(items); i += 2 {
			if items[i] != 0 && isName(ast.NodeID(items[i])) {
				return []ast.NodeID{ast.NodeID(items[i+1])}
			}
		}
	}
	return nil
}

// EdgeSets reports whether everything in front of the application sets a header: each nginx location that leads to it, or
// another edge.
func (p *Pass) EdgeSets(name string) bool {
	if slices.ContainsFunc(p.Project.Deploy.Edge.Headers, func(h deployment.EdgeHeader) bool { return strings.EqualFold(h.Name, name) }) {
		return true
	}
	isSet := false
	for _, pr := range p.Project.Deploy.Front() {
		switch {
		case ProxyAdds(pr, name):
			isSet = true
		case !loses(pr, name): // what it loses, FLASK-NGINX-001 tells
			return false
		}
	}
	return isSet
}

// loses: an outer block adds the header, and this one does not inherit it.
func loses(pr deployment.Proxy, name string) bool {
	return slices.ContainsFunc(pr.Block.Lost("add_header"), func(h *nginx.Directive) bool { return strings.EqualFold(h.Arg(0), name) })
}

// ProxyAdds reports whether nginx adds a header where it hands requests to the application.
func ProxyAdds(pr deployment.Proxy, name string) bool {
	for _, d := range [...]string{"add_header", "more_set_headers"} {
		for _, h := range pr.Block.List(d) {
			if field, _, _ := strings.Cut(h.Arg(0), ":"); strings.EqualFold(field, name) {
				return true
			}
		}
	}
	return false
}

// HoldsPart reports whether a string of a production module contains a text.
func (p *Pass) HoldsPart(part string) bool {
	for _, m := range p.Project.Prog.Modules {
		if !m.IsTest && m.File != nil && slices.ContainsFunc(m.File.Strings, func(s string) bool { return strings.Contains(s, part) }) {
			return true
		}
	}
	return false
}
