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
	in := map[string]bool{}
	if len(r.Params) > 0 {
		in["path"] = true
	}
	if r.HasHandler {
		p.inputs(r.Handler, 0, map[ir.FuncID]bool{}, in)
		e.ChangesState = effects.Has(p.Effects.Reach(r.Handler, accessDepth), effects.Write|effects.File|effects.Shared|effects.SignIn|effects.SignOut)
	}
	for name := range in {
		e.Inputs = append(e.Inputs, name)
	}
	slices.Sort(e.Inputs)
	return e
}

// limitOf finds a decorator that bounds how often a view is called.
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

// inputs notes the parts of flask.request that a function reads, and those of what it calls.
func (p *Project) inputs(id ir.FuncID, depth int, seen map[ir.FuncID]bool, in map[string]bool) {
	if seen[id] || depth > accessDepth {
		return
	}
	seen[id] = true
	for _, part := range p.reads(id) {
		in[part] = true
	}
	for _, c := range p.Flow.Callees(id) {
		p.inputs(c.To, depth+1, seen, in)
	}
}

// reads are the parts of flask.request that a function itself reads.
func (p *Project) reads(id ir.FuncID) []string {
	p.mu.Lock()
	parts, known := p.parts[id]
	p.mu.Unlock()
	if known {
		return parts
	}
	mod, local := p.Prog.Where(id)
	file := mod.File
	if file == nil {
		return nil
	}
	file.Walk(p.Prog.Info(mod).Funcs[local].Node, func(n ast.NodeID) bool {
		if file.Kind(n) != ast.Attribute || file.Kind(file.SlotA(n)) != ast.Name {
			return true
		}
		part := partOf(file.IdentOf(n))
		if part == "" || slices.Contains(parts, part) {
			return true
		}
		if t := p.Prog.ResolveName(mod, file.IdentOf(file.SlotA(n))); t.Kind == semantic.TargetExternal && strings.HasSuffix(t.Path, ".request") {
			parts = append(parts, part)
		}
		return true
	})
	p.mu.Lock()
	p.parts[id] = parts
	p.mu.Unlock()
	return parts
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
