package rule

import (
	"slices"
	"strings"

	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

const (
	// maxDerive bounds the names that an expression is followed through, maxDerived the nodes that are looked at for one.
	maxDerive  = 6
	maxDerived = 4000
)

// Derives reports whether an expression is made of something: a node of that kind stands in it, or in what the function
// assigns to the names in it. It follows names, not values, so that it also sees what a comparison makes of a value.
func (at Place) Derives(n ast.NodeID, from func(ast.NodeID) bool) bool {
	d := deriver{at: at, from: from, seen: map[string]bool{}, left: maxDerived}
	return d.expr(n, 0)
}

// FromRequest reports whether an expression is made of a part of a route's URL that counts, or of the request.
func (at Place) FromRequest(n ast.NodeID, r flask.Route, counts func(flask.Converter) bool) bool {
	f := at.Mod.File
	return at.Derives(n, func(m ast.NodeID) bool {
		switch f.Kind(m) {
		case ast.Name:
			c, isPart := r.Params[f.IdentOf(m)]
			return isPart && counts(c)
		case ast.Attribute:
			return strings.HasPrefix(at.Path(m), "flask.request.")
		}
		return false
	})
}

type deriver struct {
	at   Place
	from func(ast.NodeID) bool
	seen map[string]bool
	left int
}

func (d *deriver) expr(root ast.NodeID, depth int) bool {
	f, found := d.at.Mod.File, false
	f.Walk(root, func(n ast.NodeID) bool {
		d.left--
		switch {
		case found || f.Kind(n) == ast.Lambda:
			return false
		case d.left < 0:
			d.at.pass.Cut("expressions that one is made of", d.at.Func)
			return false
		case d.from(n):
			found = true
		case f.Kind(n) == ast.Name && f.Ctx(n) == ast.Load && depth < maxDerive:
			found = d.name(f.IdentOf(n), depth)
		}
		return !found
	})
	return found
}

// name follows a local name to what the function assigns to it.
func (d *deriver) name(name string, depth int) bool {
	if d.seen[name] {
		return false
	}
	d.seen[name] = true
	prog := d.at.pass.Project.Prog
	_, local := prog.Where(d.at.Func)
	if k := d.at.Mod.File.Kind(prog.Info(d.at.Mod).Funcs[local].Node); k != ast.FunctionDef && k != ast.AsyncFunctionDef {
		return false
	}
	return slices.ContainsFunc(d.at.Assigned(name), func(v ast.NodeID) bool { return d.expr(v, depth+1) })
}

// Assigned are the expressions that the function of a place assigns to a name, in the order in which they stand: of two tuples
// what stands in the same position, of a loop what it goes through.
func (at Place) Assigned(name string) []ast.NodeID {
	p := at.pass
	names, known := p.assigned[at.Func]
	if !known {
		names = map[string][]ast.NodeID{}
		f := at.Mod.File
		at.InFunction(func(n ast.NodeID) {
			switch f.Kind(n) {
			case ast.Assign:
				for _, t := range f.ListA(n) {
					bind(f, names, ast.NodeID(t), f.SlotB(n))
				}
			case ast.NamedExpr, ast.For, ast.AsyncFor:
				bind(f, names, f.SlotA(n), f.SlotB(n))
			}
		})
		if p.assigned == nil {
			p.assigned = map[ir.FuncID]map[string][]ast.NodeID{}
		}
		p.assigned[at.Func] = names
	}
	return names[name]
}

// bind adds what the names of a target are given where v is assigned to it.
func bind(f *ast.File, names map[string][]ast.NodeID, target, v ast.NodeID) {
	switch f.Kind(target) {
	case ast.Name:
		names[f.IdentOf(target)] = append(names[f.IdentOf(target)], v)
	case ast.Tuple, ast.List:
		targets := f.ListA(target)
		for i, t := range targets {
			item := v
			if k := f.Kind(v); (k == ast.Tuple || k == ast.List) && len(f.ListA(v)) == len(targets) {
				item = ast.NodeID(f.ListA(v)[i])
			}
			bind(f, names, ast.NodeID(t), item)
		}
	}
}

// Header is the name of the request header that an expression reads, in the form of the environment without HTTP_ (such as
// X_FORWARDED_PROTO); empty for anything else.
func (at Place) Header(n ast.NodeID) string {
	f := at.Mod.File
	var key ast.NodeID
	var of ast.NodeID
	switch f.Kind(n) {
	case ast.Subscript:
		of, key = f.SlotA(n), f.SlotB(n)
	case ast.Call:
		fn, args := f.SlotA(n), f.ListB(n)
		if f.Kind(fn) != ast.Attribute || f.IdentOf(fn) != "get" || len(args) == 0 {
			return ""
		}
		of, key = f.SlotA(fn), ast.NodeID(args[0])
	default:
		return ""
	}
	name, ok := f.Str(key)
	if k := f.Kind(of); !ok || k != ast.Name && k != ast.Attribute {
		return ""
	}
	switch at.Path(of) {
	case "flask.request.headers":
		return headerName(name)
	case "flask.request.environ":
		if len(name) > 5 && name[:5] == "HTTP_" {
			return headerName(name[5:])
		}
	}
	return ""
}

func headerName(name string) string {
	out := []byte(name)
	for i, c := range out {
		switch {
		case c == '-':
			out[i] = '_'
		case 'a' <= c && c <= 'z':
			out[i] = c - 'a' + 'A'
		}
	}
	return string(out)
}
