package auth002

import (
	"slices"
	"strings"

	"stopper/internal/flask"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// words tells which expressions of one function are what the request said: itself, a part of it, or the same as a number or a
// text. A row that was found by it is not.
type words struct {
	at   rule.Place
	from func(ast.NodeID) bool
}

const (
	// maxWord bounds the names and calls that a word is followed through, maxWords the expressions that are looked at for one.
	maxWord  = 12
	maxWords = 2000
)

func (w words) is(n ast.NodeID) bool {
	f := follower{w, map[string]bool{}, maxWords}
	return f.expr(n, 0)
}

// follower is one question to words.
type follower struct {
	words
	seen map[string]bool
	left int
}

func (w *follower) expr(n ast.NodeID, depth int) bool {
	f := w.at.Mod.File
	if w.left--; n == 0 || depth > maxWord || w.left < 0 {
		return false
	}
	if w.from(n) {
		return true
	}
	any := func(list []uint32) bool {
		return slices.ContainsFunc(list, func(e uint32) bool { return w.expr(ast.NodeID(e), depth+1) })
	}
	switch f.Kind(n) {
	case ast.Name:
		name := f.IdentOf(n)
		if w.seen[name] {
			return false
		}
		w.seen[name] = true
		return slices.ContainsFunc(w.at.Assigned(name), func(v ast.NodeID) bool { return w.expr(v, depth+1) })
	case ast.Attribute, ast.Subscript, ast.FormattedValue, ast.Await, ast.Keyword, ast.Starred:
		inner := f.SlotA(n)
		if f.Kind(n) == ast.Keyword {
			inner = f.SlotB(n)
		}
		return w.expr(inner, depth+1)
	case ast.BoolOp, ast.JoinedStr, ast.Tuple, ast.List, ast.Dict:
		return any(f.ListA(n))
	case ast.BinOp:
		return w.expr(f.SlotA(n), depth+1) || w.expr(f.SlotB(n), depth+1)
	case ast.IfExp:
		return w.expr(f.SlotB(n), depth+1) || w.expr(f.SlotC(n), depth+1)
	case ast.NamedExpr:
		return w.expr(f.SlotB(n), depth+1)
	case ast.Call:
		fn := f.SlotA(n)
		switch f.IdentOf(fn) {
		case "get", "getlist", "pop", "strip", "lower", "upper", "get_json", "to_dict", "first":
			return f.Kind(fn) == ast.Attribute && w.expr(f.SlotA(fn), depth+1)
		case "format":
			return any(f.ListB(n))
		case "int", "str", "float", "UUID", "ObjectId", "loads", "unquote", "escape", "text", "list", "set":
			return any(f.ListB(n))
		}
	}
	return false
}

// ofView are the words of a view: the parts of its URL, the request, a form that was filled from it, what a parser made of it;
// all parameters of one that is called with the fields of the request.
func ofView(p *rule.Pass, at rule.Place, r flask.Route) words {
	f := at.Mod.File
	var filled []string
	if isFilled(p, r) {
		filled = paramsOf(p, at)
	}
	return words{at, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.Name:
			_, isPart := r.Params[f.IdentOf(n)]
			return isPart || slices.Contains(filled, f.IdentOf(n))
		case ast.Attribute:
			if f.IdentOf(n) == "data" && strings.HasSuffix(strings.ToLower(f.Dotted(f.DottedHead(n))), "form") {
				return true
			}
			return readsInput(at.Outside(n))
		case ast.Call:
			return f.IdentOf(f.SlotA(n)) == "parse_args"
		}
		return false
	}}
}

// isFilled: what a decorator registered in place of the view reads the body or the query, and calls the view with a mapping.
func isFilled(p *rule.Pass, r flask.Route) bool {
	return slices.ContainsFunc(r.Guards, func(g flask.Guard) bool {
		at, ok := p.PlaceIn(g.Func, 0)
		if !g.Registers || !ok {
			return false
		}
		f, reads, unpacks := at.Mod.File, false, false
		at.InFunction(func(n ast.NodeID) {
			switch f.Kind(n) {
			case ast.Attribute:
				reads = reads || readsInput(at.Outside(n))
			case ast.Call:
				unpacks = unpacks || slices.ContainsFunc(f.ListB(n), func(a uint32) bool {
					return f.Kind(ast.NodeID(a)) == ast.Keyword && f.IdentOf(ast.NodeID(a)) == "" && f.Kind(f.SlotA(n)) == ast.Name
				})
			}
		})
		return reads && unpacks
	})
}

// ofParams are the words of a function that gets them by its parameters.
func ofParams(at rule.Place, named map[string]bool) words {
	f := at.Mod.File
	return words{at, func(n ast.NodeID) bool { return f.Kind(n) == ast.Name && named[f.IdentOf(n)] }}
}

// readsInput: of the request, what a stranger chooses for this call alone: headers and cookies say who is calling.
func readsInput(path string) bool {
	what, ok := strings.CutPrefix(path, "flask.request.")
	what, _, _ = strings.Cut(what, ".")
	switch what {
	case "args", "form", "values", "json", "get_json", "view_args", "data", "get_data", "query_string":
		return ok
	}
	return false
}
