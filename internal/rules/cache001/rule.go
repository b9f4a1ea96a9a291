// Package cache001 judges whether an answer that was made for one visitor is kept for others.
package cache001

import (
	_ "embed"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-CACHE-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run looks at views whose answers Flask-Caching keeps.
func (Rule) Run(p *rule.Pass) {
	seen := map[ir.FuncID]bool{}
	for _, r := range p.Project.Flask.Routes {
		if !r.HasHandler || seen[r.Handler] || r.Module.IsTest {
			continue
		}
		for i, g := range r.Guards {
			if isCached(g) && !varies(p, g) {
				seen[r.Handler] = true
				judge(p, r, g, i)
			}
		}
	}
}

// isCached recognises @cache.cached() of Flask-Caching, and of its forerunner.
func isCached(g flask.Guard) bool {
	name := strings.TrimSuffix(g.Name, "()")
	return strings.HasSuffix(name, ".cached") && (strings.HasPrefix(name, "flask_caching.") || strings.HasPrefix(name, "flask_cache."))
}

// varies: the key of the cache depends on something that the program chose, or the cache can be left out.
func varies(p *rule.Pass, g flask.Guard) bool {
	f := g.Module.File
	call := g.Node
	if f == nil {
		return false
	}
	if f.Kind(call) != ast.Call {
		if f, call = kept(p, g); call == 0 {
			return false
		}
	}
	for _, name := range [...]string{"make_cache_key", "unless", "response_filter"} {
		if f.KeywordArg(call, name) != 0 {
			return true
		}
	}
	prefix := f.KeywordArg(call, "key_prefix")
	_, isText := f.Str(prefix)
	return prefix != 0 && !isText
}

// kept is the call that made a decorator which stands in a variable of a module: shared = cache.cached(timeout=60).
func kept(p *rule.Pass, g flask.Guard) (*ast.File, ast.NodeID) {
	t := p.Project.Prog.ResolveName(g.Module, g.Module.File.Dotted(g.Node))
	if t.Kind != semantic.TargetVar || t.Rest != "" || t.Module.File == nil {
		return nil, 0
	}
	f, call := t.Module.File, ast.NodeID(0)
	for _, s := range f.Body(f.Root) {
		st := ast.NodeID(s)
		if f.Kind(st) != ast.Assign || f.Kind(f.SlotB(st)) != ast.Call {
			continue
		}
		for _, target := range f.ListA(st) {
			if f.Kind(ast.NodeID(target)) == ast.Name && f.IdentOf(ast.NodeID(target)) == t.Name {
				call = f.SlotB(st)
			}
		}
	}
	return f, call
}

func judge(p *rule.Pass, r flask.Route, g flask.Guard, at int) {
	a := p.Project.Access(r)
	below := p.Project.Access(flask.Route{Guards: r.Guards[at+1:], Module: r.Module, Node: r.Node, Endpoint: "."})
	es := p.Project.Effects.Reach(r.Handler, 2)
	switch {
	case effects.Has(es, effects.AsksSession|effects.AsksCaller|effects.AsksHeader):
		report(p, r, g, "private", "the answer depends on who asks, and the cache gives it to everybody")
	case below.Guard != "":
		report(p, r, g, "private", "the cache stands in front of "+below.Guard+": whoever asks second gets the answer without it")
	case effects.Has(p.Project.Effects.Of(r.Handler), effects.Write|effects.ReadsForm) && a.Guard != "":
		report(p, r, g, "private", "the answer to one visitor's form is given to everybody")
	}
}

func report(p *rule.Pass, r flask.Route, g flask.Guard, slug, message string) {
	fn := p.Project.Flow.Func(r.Handler)
	f := p.At(slug, fn, g.Node)
	f.Message = message
	p.Report(f)
}
