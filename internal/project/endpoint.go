package project

import (
	"slices"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Endpoint is what there is to know about a route besides where it is.
type Endpoint struct {
	// Auth is what refuses strangers, CSRF what checks that a request came from the site's own pages ("exempt" when the view is
	// taken out of the protection), Limit what bounds how often it is called: in words, "" when nothing was seen.
	Auth, CSRF, Limit string
	// Inputs are the parts of the request that the view, or what it calls, reads: path, query, form, json, files, headers,
	// cookies, body. Sorted.
	Inputs []string
	// Templates are the files that the view, or what it calls, renders; Cookies the names of those it sets, "session" where it
	// writes the session. Both sorted.
	Templates, Cookies []string
	// ChangesState: the view, or what it calls, changes what outlives the request.
	ChangesState bool
}

// Endpoint puts together what stands before a view and what it does.
func (p *Project) Endpoint(r flask.Route) Endpoint {
	a := p.Access(r)
	e := Endpoint{Auth: a.Guard, CSRF: a.Token, Limit: limitOf(r)}
	if e.CSRF == "" && len(p.Flask.CSRF) > 0 && !r.IsLibrary {
		e.CSRF = p.Flask.CSRF[0].Name
		if p.Flask.IsExempt(r) != nil {
			e.CSRF = "exempt"
		}
	}
	u := used{}
	for _, c := range r.Params {
		u.inputs = append(u.inputs, inputOf[c.Where])
	}
	if r.HasHandler {
		p.collect(r.Handler, 0, map[ir.FuncID]bool{}, &u)
		e.ChangesState = effects.Has(p.Effects.Reach(r.Handler, accessDepth), effects.Write|effects.File|effects.Shared|effects.SignIn|effects.SignOut)
	}
	e.Inputs, e.Templates, e.Cookies = sorted(u.inputs), sorted(u.templates), sorted(u.cookies)
	return e
}

func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// used is what functions read of the request, render, and set.
type used struct{ inputs, templates, cookies []string }

// limitOf finds a decorator that bounds how often a view is called.
// inputOf is how the list of inputs calls what a parameter of a view is filled with.
var inputOf = map[string]string{
	"": "path", "query parameter": "query", "header": "headers", "cookie": "cookies", "form field": "form", "request body": "json",
}

func limitOf(r flask.Route) string {
	for _, g := range r.Guards {
		if name := strings.TrimSuffix(g.Name, "()"); isLimiter(name[strings.LastIndexByte(name, '.')+1:]) {
			return name
		}
	}
	return ""
}

// isLimiter reports whether a decorator is called after what bounds how often somebody comes: it refuses whoever comes too often,
// not strangers, although it asks who is coming.
func isLimiter(name string) bool {
	switch name {
	case "limit", "shared_limit", "rate_limit", "ratelimit", "ratelimited", "throttle":
		return true
	}
	return false
}

// maxCollected bounds the functions below one view.
const maxCollected = 1500

// collect notes what a function uses, and what it calls.
func (p *Project) collect(id ir.FuncID, depth int, seen map[ir.FuncID]bool, u *used) {
	if seen[id] || depth > accessDepth || len(seen) >= maxCollected {
		return
	}
	seen[id] = true
	own := p.uses(id)
	u.inputs, u.cookies = append(u.inputs, own.inputs...), append(u.cookies, own.cookies...)
	u.templates = append(u.templates, p.Flow.Renders(id)...)
	for _, c := range p.Flow.Callees(id) {
		if len(seen) >= maxCollected {
			p.mu.Lock()
			p.reached[limitCollected] = true
			p.mu.Unlock()
			break
		}
		p.collect(c.To, depth+1, seen, u)
	}
}

// uses are the parts of flask.request that a function itself reads, and the cookies that it sets.
func (p *Project) uses(id ir.FuncID) used {
	p.mu.Lock()
	u, known := p.used[id]
	p.mu.Unlock()
	if known {
		return u
	}
	mod, local := p.Prog.Where(id)
	if mod.File == nil {
		return used{}
	}
	r := usageReader{prog: p.Prog, mod: mod, file: mod.File}
	mod.File.Walk(p.Prog.Info(mod).Funcs[local].Node, func(n ast.NodeID) bool { r.node(n); return true })
	u = used{inputs: sorted(r.inputs), cookies: sorted(r.cookies)}
	p.mu.Lock()
	p.used[id] = u
	p.mu.Unlock()
	return u
}

type usageReader struct {
	prog *semantic.Program
	mod  *ir.Module
	file *ast.File
	used
}

func (r *usageReader) node(n ast.NodeID) {
	switch f := r.file; f.Kind(n) {
	case ast.Attribute:
		if part := partOf(f.IdentOf(n)); part != "" && r.is(f.SlotA(n), ".request") {
			r.inputs = append(r.inputs, part)
		}
	case ast.Call:
		callee, args := f.SlotA(n), f.ListB(n)
		if f.Kind(callee) != ast.Attribute {
			return
		}
		switch name := f.IdentOf(callee); name {
		case "set_cookie":
			if len(args) > 0 && f.Kind(ast.NodeID(args[0])) == ast.Constant {
				r.cookies = append(r.cookies, strings.Trim(f.Text(ast.NodeID(args[0])), `"'`))
			} else {
				r.cookies = append(r.cookies, "?")
			}
		case "update", "setdefault", "pop", "clear":
			if r.is(f.SlotA(callee), ".session") {
				r.cookies = append(r.cookies, "session")
			}
		}
	case ast.Assign, ast.Delete:
		for _, t := range f.ListA(n) {
			if target := ast.NodeID(t); f.Kind(target) == ast.Subscript && r.is(f.SlotA(target), ".session") {
				r.cookies = append(r.cookies, "session")
			}
		}
	}
}

// is reports whether a node is a name for something of Flask, such as flask.request.
func (r *usageReader) is(n ast.NodeID, suffix string) bool {
	if r.file.Kind(n) != ast.Name {
		return false
	}
	t := r.prog.ResolveName(r.mod, r.file.IdentOf(n))
	return t.Kind == semantic.TargetExternal && strings.HasSuffix(t.Path, suffix)
}

// partOf names the part of a request that an attribute of flask.request holds.
func partOf(attr string) string {
	switch attr {
	case "args", "query_string":
		return "query"
	case "form", "files", "headers", "cookies":
		return attr
	case "values":
		return "form"
	case "json", "get_json":
		return "json"
	case "data", "get_data", "stream":
		return "body"
	case "view_args":
		return "path"
	}
	return ""
}
