package tls001

import (
	"regexp"
	"slices"
	"strings"

	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// noCheck begins an address where no certificate is asked for, or where nobody stands in between.
var noCheck = regexp.MustCompile(`(?i)^[rfbu]*["']{1,3}(http://|(https|wss)://(localhost|127\.\d+\.\d+\.\d+|\[::1\])[:/"'])`)

// needsNoCheck: all addresses that the call may have begin so.
func needsNoCheck(s rule.Site) bool {
	f := s.Module.File
	if f.Kind(s.Node) != ast.Call {
		return false
	}
	address := f.KeywordArg(s.Node, "url")
	if args := f.ListB(s.Node); address == 0 {
		at := 0
		if f.IdentOf(f.SlotA(s.Node)) == "request" || f.IdentOf(f.SlotA(s.Node)) == "stream" {
			at = 1
		}
		if at >= len(args) || f.Kind(ast.NodeID(args[at])) == ast.Keyword {
			return false
		}
		address = ast.NodeID(args[at])
	}
	all := written(s, address)
	return len(all) > 0 && !slices.ContainsFunc(all, func(v ast.NodeID) bool { return !noCheck.MatchString(f.Text(v)) })
}

// written are the expressions that a name is given in the function around a site, or else at the top of the module; an
// expression that is no name is itself.
func written(s rule.Site, v ast.NodeID) []ast.NodeID {
	f := s.Module.File
	if f.Kind(v) != ast.Name {
		return []ast.NodeID{v}
	}
	name := f.IdentOf(v)
	if fn := s.Function(); fn != 0 {
		if all, bound := given(f, fn, name, false); bound {
			return all
		}
	}
	all, _ := given(f, f.Root, name, true)
	return all
}

// given are the expressions assigned to a name below a node, outside of functions and classes where only the top counts, and
// whether the name is bound there at all. One that gets a value in another way than by a plain assignment has none.
func given(f *ast.File, below ast.NodeID, name string, top bool) (out []ast.NodeID, bound bool) {
	otherwise := false
	f.Walk(below, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef:
			return n == below || !top
		case ast.Arg:
			otherwise = otherwise || f.IdentOf(n) == name
		case ast.Assign:
			for _, t := range f.ListA(n) {
				if id := ast.NodeID(t); f.Kind(id) == ast.Name && f.IdentOf(id) == name {
					out = append(out, f.SlotB(n))
					return true
				}
			}
		case ast.Name:
			if f.Ctx(n) == ast.Store && f.IdentOf(n) == name && !isAssigned(f, out, n) {
				otherwise = true
			}
		}
		return true
	})
	if otherwise {
		return nil, true
	}
	return out, len(out) > 0
}

// isAssigned: the name is the target of one of the assignments that were found.
func isAssigned(f *ast.File, values []ast.NodeID, name ast.NodeID) bool {
	return len(values) > 0 && f.Span(name).End <= f.Span(values[len(values)-1]).Start
}

// namesClientOnly: a dict of headers that say nothing but who asks and what is understood.
func namesClientOnly(f *ast.File, v ast.NodeID) bool {
	if f.Kind(v) != ast.Dict {
		return false
	}
	items := f.ListA(v)
	for i := 0; i < len(items); i += 2 {
		text := ""
		if key := ast.NodeID(items[i]); key != 0 {
			text, _ = f.Str(key)
		}
		switch strings.ToLower(text) {
		case "user-agent", "accept", "accept-language", "accept-encoding", "content-type", "connection", "cache-control", "range":
		default:
			return false
		}
	}
	return len(items) > 0
}
