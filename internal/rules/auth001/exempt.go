package auth001

import (
	"fmt"
	"slices"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// exemptions reports guards that let a request pass because a text occurs somewhere in its endpoint or its URL, where that
// also lets views pass that were not meant.
func exemptions(p *rule.Pass) {
	p.Nodes(func(at rule.Place) {
		ms := matches(at, at.Mod.File.SlotA(at.Node))
		if len(ms) == 0 || !isGuard(p, at.Func) {
			return
		}
		for _, m := range ms {
			if m.lets(at) {
				loose(p, at, m)
			}
		}
	}, ast.If)
}

// isGuard: the function refuses somebody, and asks who is calling.
func isGuard(p *rule.Pass, id ir.FuncID) bool {
	own := p.Project.Effects.Of(id)
	return effects.Has(own, effects.Refuses) && effects.Has(p.Project.Effects.Reach(id, 2), effects.Asks|effects.ChecksSecret)
}

// match is one test of a condition: a text is (not) somewhere in a part of the request.
type match struct {
	node    ast.NodeID
	part    string // endpoint, path, url, …
	texts   []string
	negated bool
	atEnd   bool // the part has to end with the text
}

// matches finds the tests in a condition.
func matches(at rule.Place, test ast.NodeID) []match {
	var out []match
	f := at.Mod.File
	f.Walk(test, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.Lambda:
			return false
		case ast.Compare:
			if m, ok := contains(at, test, n); ok {
				out = append(out, m)
			}
		case ast.Call:
			if m, ok := endsWith(at, test, n); ok {
				out = append(out, m)
			}
		}
		return true
	})
	return out
}

// contains is "text" in request.endpoint.
func contains(at rule.Place, test, n ast.NodeID) (match, bool) {
	f := at.Mod.File
	words := f.ListB(n)
	if len(words) != 2 || ast.Op(words[0]) != ast.In && ast.Op(words[0]) != ast.NotIn {
		return match{}, false
	}
	part := requestPart(at, ast.NodeID(words[1]))
	texts := texts(at, test, f.SlotA(n))
	m := match{node: n, part: part, texts: texts, negated: ast.Op(words[0]) == ast.NotIn || isNegated(f, test, n)}
	return m, part != "" && len(texts) > 0
}

// endsWith is request.path.endswith("text").
func endsWith(at rule.Place, test, n ast.NodeID) (match, bool) {
	f := at.Mod.File
	fn, args := f.SlotA(n), f.ListB(n)
	if f.Kind(fn) != ast.Attribute || f.IdentOf(fn) != "endswith" || len(args) == 0 {
		return match{}, false
	}
	part := requestPart(at, f.SlotA(fn))
	texts := texts(at, test, ast.NodeID(args[0]))
	return match{node: n, part: part, texts: texts, atEnd: true, negated: isNegated(f, test, n)}, part != "" && len(texts) > 0
}

// isNegated: a not stands in front of the test.
func isNegated(f *ast.File, test, n ast.NodeID) bool {
	found := false
	f.Walk(test, func(m ast.NodeID) bool {
		if f.Kind(m) == ast.UnaryOp && f.Node(m).Op == ast.Not && f.Span(m).Start <= f.Span(n).Start && f.Span(n).End <= f.Span(m).End {
			found = true
		}
		return !found
	})
	return found
}

// requestPart names the part of the request that an expression is; empty for anything else.
func requestPart(at rule.Place, n ast.NodeID) string {
	f := at.Mod.File
	if f.Kind(n) == ast.Call { // str(request.url_rule), request.path.lower()
		if args := f.ListB(n); f.Kind(f.SlotA(n)) == ast.Name && len(args) == 1 {
			return requestPart(at, ast.NodeID(args[0]))
		}
		if fn := f.SlotA(n); f.Kind(fn) == ast.Attribute && (f.IdentOf(fn) == "lower" || f.IdentOf(fn) == "strip") {
			return requestPart(at, f.SlotA(fn))
		}
		return ""
	}
	switch path := at.Path(n); path {
	case "flask.request.endpoint", "flask.request.path", "flask.request.url", "flask.request.full_path", "flask.request.base_url":
		return strings.TrimPrefix(path, "flask.request.")
	}
	return ""
}

// texts are the constants that an expression stands for: a text, a tuple of texts, or the variable of a loop over one.
func texts(at rule.Place, test, n ast.NodeID) []string {
	f := at.Mod.File
	switch f.Kind(n) {
	case ast.Constant:
		if s, ok := f.Str(n); ok && s != "" {
			return []string{s}
		}
	case ast.Tuple, ast.List, ast.Set:
		var out []string
		for _, e := range f.ListA(n) {
			if s, ok := f.Str(ast.NodeID(e)); ok && s != "" {
				out = append(out, s)
			}
		}
		return out
	case ast.Name:
		name := f.IdentOf(n)
		if list := loopOver(f, test, name); list != 0 {
			if f.Kind(list) == ast.Name {
				list = moduleConstant(f, f.IdentOf(list))
			}
			return texts(at, 0, list)
		}
		if c := moduleConstant(f, name); c != 0 && c != n {
			return texts(at, 0, c)
		}
	}
	return nil
}

// loopOver is what a comprehension in the condition takes a variable from.
func loopOver(f *ast.File, test ast.NodeID, name string) ast.NodeID {
	var found ast.NodeID
	if test == 0 {
		return 0
	}
	f.Walk(test, func(n ast.NodeID) bool {
		if f.Kind(n) == ast.Comprehension && f.Kind(f.SlotA(n)) == ast.Name && f.IdentOf(f.SlotA(n)) == name {
			found = f.SlotB(n)
		}
		return true
	})
	return found
}

// moduleConstant is the literal that the module assigns to a name at its top.
func moduleConstant(f *ast.File, name string) ast.NodeID {
	for _, s := range f.Body(f.Root) {
		n := ast.NodeID(s)
		if f.Kind(n) != ast.Assign {
			continue
		}
		for _, t := range f.ListA(n) {
			if f.Kind(ast.NodeID(t)) != ast.Name || f.IdentOf(ast.NodeID(t)) != name {
				continue
			}
			switch v := f.SlotB(n); f.Kind(v) {
			case ast.Constant, ast.Tuple, ast.List, ast.Set:
				return v
			}
		}
	}
	return 0
}

// lets reports whether the test is what lets a request pass: where it holds, the guard leaves without refusing; where it is
// negated, the guard refuses only without it.
func (m match) lets(at rule.Place) bool {
	f := at.Mod.File
	body := f.Body(at.Node)
	if len(body) == 0 {
		return false
	}
	last := ast.NodeID(body[len(body)-1])
	refuses := refusing(f, last)
	if m.negated {
		return refuses
	}
	if f.Kind(f.SlotA(at.Node)) == ast.BoolOp && f.Node(f.SlotA(at.Node)).Op == ast.And && asksToo(f.Text(f.SlotA(at.Node))) {
		return false
	}
	return f.Kind(last) == ast.Return && !refuses || f.Kind(last) == ast.Pass && len(body) == 1
}

// asksToo: the condition also asks who is calling.
func asksToo(test string) bool {
	return strings.Contains(test, "current_user") || strings.Contains(test, "session") || strings.Contains(test, "g.user")
}

func refusing(f *ast.File, last ast.NodeID) bool {
	switch f.Kind(last) {
	case ast.Raise:
		return true
	case ast.Return, ast.Expr:
		text := strings.ToLower(f.Text(last))
		for _, w := range [...]string{"abort", "redirect", "unauthorized", "forbidden", "401", "403"} {
			if strings.Contains(text, w) {
				return true
			}
		}
	}
	return false
}

func loose(p *rule.Pass, at rule.Place, m match) {
	if m.part == "url" || m.part == "full_path" {
		f := at.Report("loose-exemption")
		f.Message = fmt.Sprintf("request.%s holds the query string as well: %q somewhere in it lets any request pass the guard", m.part, m.texts[0])
		p.Report(f)
		return
	}
	for _, text := range m.texts {
		open := m.unmeant(p, text)
		if len(open) == 0 {
			continue
		}
		f := p.At("loose-exemption", p.Project.Flow.Func(at.Func), m.node)
		f.Message = fmt.Sprintf("%q somewhere in request.%s lets more pass than was meant: %s", text, m.part, open[0].say())
		f.Routes = nil
		for _, o := range open[:min(len(open), maxOpen)] {
			f.Routes = append(f.Routes, project.RouteName(o.route))
		}
		slices.Sort(f.Routes)
		f.Confidence = finding.ConfidenceMedium
		f.Reasons = append(f.Reasons, "whether the view is public on purpose is for its authors to say")
		p.Report(f)
		return
	}
}

// maxOpen bounds the views that a finding names.
const maxOpen = 12

// opened is a view that a loose text lets through.
type opened struct {
	route   flask.Route
	byParam string // the part of the URL that the visitor chooses
}

func (o opened) say() string {
	if o.byParam != "" {
		return fmt.Sprintf("the visitor writes it into <%s> of %s", o.byParam, project.RouteName(o.route))
	}
	return project.RouteName(o.route)
}

// unmeant are the views that a text lets through although they are not those that it names.
func (m match) unmeant(p *rule.Pass, text string) []opened {
	var out []opened
	for _, r := range p.Project.Flask.Routes {
		if r.IsLibrary || !r.HasHandler || !r.Resolved || r.Module.IsTest || isPublic(r) {
			continue
		}
		if m.part == "endpoint" {
			if m.inName(r.Endpoint, text) && changes(p, r) {
				out = append(out, opened{route: r})
			}
			continue
		}
		if at := strings.Index(r.URL, text); at >= 0 {
			if at > 0 && !m.atEnd && changes(p, r) {
				out = append(out, opened{route: r})
			}
		} else if param := m.writable(r, text); param != "" {
			out = append(out, opened{r, param})
		}
	}
	return out
}

// inName: the text occurs in an endpoint without being it, the name of the view, or that of the blueprint.
func (m match) inName(endpoint, text string) bool {
	if m.atEnd {
		return false
	}
	parts := strings.Split(endpoint, ".")
	return strings.Contains(endpoint, text) && endpoint != text && parts[len(parts)-1] != text && !slices.Contains(parts, strings.Trim(text, ".")) &&
		!(strings.HasSuffix(text, ".") && strings.HasPrefix(endpoint, text))
}

// writable is a parameter of a URL into which the visitor can write the text; empty when there is none.
func (m match) writable(r flask.Route, text string) string {
	for name, c := range r.Params {
		if c.IsClean || c.NoSlash && strings.Contains(text, "/") {
			continue
		}
		if !strings.Contains(r.URL, name+">") || m.atEnd && !strings.HasSuffix(r.URL, name+">") {
			continue
		}
		return name
	}
	return ""
}

// changes: a view that only shows something may be meant by a loose text.
func changes(p *rule.Pass, r flask.Route) bool {
	return r.IsUnsafe() || effects.Has(p.Project.Effects.Reach(r.Handler, 3), effects.Write|effects.File)
}
