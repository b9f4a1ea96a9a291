// Package graphql001 judges what strangers can ask a GraphQL endpoint.
package graphql001

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-GRAPHQL-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run looks at each GraphQL view, and at what bounds queries anywhere in the program.
func (Rule) Run(p *rule.Pass) {
	bounded, hidden := names(p, limits[:]), names(p, hiding[:])
	told := false
	p.Named(mayBeView, func(at rule.Place) {
		e, ok := endpoint(at)
		if !ok {
			return
		}
		f := at.Mod.File
		if isOn(f, e.console) || e.shownByDefault && e.console == 0 && !starStar(f, at.Node) {
			console(p, at, e)
		}
		if isOn(f, f.KeywordArg(at.Node, "batch")) {
			p.Report(at.Report("batch"))
		}
		if told {
			return // what is missing is missing once
		}
		if !bounded {
			told = true
			r := at.Report("unbounded")
			r.Confidence = finding.ConfidenceMedium
			r.Reasons = append(r.Reasons, "whether the types of the schema lead back to themselves was not seen")
			p.Report(r)
		}
		if !hidden && isOff(f, e.console) {
			told = true
			r := at.Report("introspection")
			r.Confidence = finding.ConfidenceMedium
			p.Report(r)
		}
	}, ast.Call)
}

// limits and hiding are the names by which the libraries bound queries and refuse questions about the schema.
var (
	limits = [...]string{"depth_limit_validator", "QueryDepthLimiter", "MaxTokensLimiter", "MaxAliasesLimiter", "cost_validator", "CostLimit",
		"query_cost", "depth_limit", "max_depth", "cost_analysis", "QueryComplexity"}
	hiding = [...]string{"DisableIntrospection", "NoSchemaIntrospectionCustomRule", "IntrospectionDisabled", "introspection"}
)

func names(p *rule.Pass, words []string) bool { return slices.ContainsFunc(words, p.Names) }

// view is a call that makes or answers a GraphQL endpoint.
type view struct {
	console ast.NodeID // what switches the console in the browser; 0 when nothing does
	// shownByDefault: the library shows its console unless it is told otherwise.
	shownByDefault bool
}

func mayBeView(n project.Name) bool {
	return n.Ident == "as_view" || strings.HasPrefix(n.Path, "ariadne.")
}

// endpoint recognises GraphQLView.as_view(…) of the libraries, and Ariadne's functions.
func endpoint(at rule.Place) (view, bool) {
	f := at.Mod.File
	fn := f.SlotA(at.Node)
	switch at.Path(fn) {
	case "ariadne.graphql_sync", "ariadne.graphql":
		return view{}, true
	}
	if f.Kind(fn) != ast.Attribute || f.IdentOf(fn) != "as_view" {
		return view{}, false
	}
	for _, b := range at.Bases(f.SlotA(fn)) {
		switch b {
		case "flask_graphql.GraphQLView", "graphql_server.flask.GraphQLView", "graphql_server.flask.graphqlview.GraphQLView":
			return view{console: f.KeywordArg(at.Node, "graphiql")}, true
		case "strawberry.flask.views.GraphQLView", "strawberry.flask.views.AsyncGraphQLView":
			v := view{console: f.KeywordArg(at.Node, "graphql_ide"), shownByDefault: true}
			if v.console == 0 {
				v.console = f.KeywordArg(at.Node, "graphiql")
			}
			return v, true
		}
	}
	return view{}, false
}

func console(p *rule.Pass, at rule.Place, e view) {
	fn := p.Project.Flow.Func(at.Func)
	if rule.NamesDevelopment(at.Mod.Source.Path) || rule.NamesDevelopment(fn.QualName) {
		return
	}
	where := e.console
	if where == 0 {
		where = at.Node
	}
	p.Report(p.At("console", fn, where))
}

// starStar: keywords come out of a mapping, and may switch it.
func starStar(f *ast.File, call ast.NodeID) bool {
	return slices.ContainsFunc(f.ListB(call), func(a uint32) bool {
		n := ast.NodeID(a)
		return f.Kind(n) == ast.Keyword && f.IdentOf(n) == ""
	})
}

// isOn: the constant True, or the name of a console.
func isOn(f *ast.File, n ast.NodeID) bool {
	if n == 0 || f.Kind(n) != ast.Constant {
		return false
	}
	text, isText := f.Str(n)
	return isText && text != "" || f.ConstKindOf(n) == ast.ConstTrue
}

// isOff: the constant False or None: whoever wrote it wanted to show less.
func isOff(f *ast.File, n ast.NodeID) bool {
	return n != 0 && f.Kind(n) == ast.Constant && (f.ConstKindOf(n) == ast.ConstFalse || f.ConstKindOf(n) == ast.ConstNone)
}
