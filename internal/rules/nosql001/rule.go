// Package nosql001 judges queries to document, search and graph databases that words from outside give a shape to.
package nosql001

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-NOSQL-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every query that words from outside reach. A text is only a value; a mapping may hold operators.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.NoSQL) {
		if isText(h) {
			p.ReportHit("query-text", h, " becomes part of the text of the query")
			continue
		}
		j := judge{p: p, h: h}
		j.look(argOf(h), false)
		switch {
		case j.code:
			p.ReportHit("query-text", h, " becomes part of a script that the database runs")
		case len(j.operators) > 0:
			h.Labels = j.operators
			p.ReportHit("operators", h, " may bring query operators along")
		}
	}
}

// isText recognises calls whose query is a text: Cypher, and functions in JavaScript.
func isText(h project.Hit) bool {
	if strings.HasPrefix(h.Callee, "neo4j.") {
		return true
	}
	switch h.Callee[strings.LastIndexByte(h.Callee, '.')+1:] {
	case "eval", "map_reduce", "inline_map_reduce", "where", "exec_js":
		return true
	}
	return false
}

// argOf is the argument of a hit with what is in it.
func argOf(h project.Hit) flow.Arg {
	for _, a := range h.Args.Pos {
		if a.Node == h.ArgNode {
			return a
		}
	}
	for _, a := range h.Args.Kw {
		if a.Node == h.ArgNode {
			return a.Arg
		}
	}
	return flow.Arg{Value: h.Value}
}

// judge walks a query and finds what is not the program's own in it.
type judge struct {
	p         *rule.Pass
	h         project.Hit
	operators []value.Label // what may bring operators along
	code      bool
}

// look goes through a query.
func (j *judge) look(a flow.Arg, inScript bool) {
	for _, k := range a.Keys {
		if !j.isClause(k.Key) {
			j.look(k.Arg, inScript || isScript(k.Key))
		}
	}
	for _, e := range a.Elems {
		j.look(e, inScript)
	}
	if a.Value == nil || len(a.Keys) > 0 || a.IsList {
		return
	}
	for _, l := range a.Value.Taint {
		if l.Cleared.Has(models.NoSQL) {
			continue
		}
		j.code = j.code || inScript
		for _, from := range j.cameFrom(l) {
			if !isScalar(a.Value) && !j.isFlat(from) && !slices.ContainsFunc(j.operators, func(o value.Label) bool { return o.Origin == from.Origin }) {
				j.operators = append(j.operators, from)
			}
		}
	}
}

// cameFrom are the sources behind a label: of a parameter, those that its callers pass.
func (j *judge) cameFrom(l value.Label) []value.Label {
	if l.Origin.Kind == value.OriginParam {
		return j.h.Labels
	}
	return []value.Label{l}
}

func isScalar(v *value.Value) bool {
	return v.Type == "str" || v.Type == "bytes" || v.Type == "int" || v.Type == "float" || v.Type == "bool" ||
		v.Str != nil && len(v.Str.Parts) > 1
}

// isScript recognises the operators whose operand is JavaScript.
func isScript(key ir.Const) bool {
	switch key.Str {
	case "$where", "$function", "$accumulator", "source", "inline":
		return key.Kind == ir.ConstStr
	}
	return false
}

// isClause reports whether a key of a search names a clause that takes values: whatever document stands there asks nothing else. A list
// of terms is none, for it may be looked up in another index.
func (j *judge) isClause(key ir.Const) bool {
	if key.Kind != ir.ConstStr || !strings.HasPrefix(j.h.Callee, "elasticsearch.") && !strings.HasPrefix(j.h.Callee, "opensearchpy.") {
		return false
	}
	switch key.Str {
	case "ids", "term", "match", "match_phrase", "match_phrase_prefix", "multi_match", "prefix", "wildcard", "regexp", "fuzzy", "range", "exists",
		"query_string", "simple_query_string", "_source", "from", "size", "track_total_hits":
		return true
	}
	return false
}

// flatSources give texts only, once an entry is read out of them.
var flatSources = [...]string{"request.args", "request.form", "request.values", "request.cookies", "request.headers",
	"request.view_args", "request.files"}

// isFlat reports whether a source yields nothing but text: one field of a form, not a parsed document. What a callee that nobody
// knows made of a form (an object with fields, as a rule) is taken for text too.
func (j *judge) isFlat(l value.Label) bool {
	name := l.Origin.Name
	for _, s := range flatSources {
		if rest, ok := strings.CutPrefix(name, s); ok {
			// request.args["q"], and not request.args as a whole
			return (rest != "" || l.Marks&value.MarkUnknownCall != 0 || j.isRead(l)) && !j.isParsed(l)
		}
	}
	if strings.Contains(name, "json") || strings.Contains(name, "payload") || strings.HasPrefix(name, "request.data") ||
		strings.HasPrefix(name, "request.get_data") {
		return false
	}
	return !j.isParsed(l)
}

// isRead reports whether an entry was read on the way out of a mapping that was passed on as a whole.
func (j *judge) isRead(l value.Label) bool {
	return l.WentThrough(func(s *value.Step) bool {
		fn := j.p.Project.Flow.Func(s.Func)
		if fn == nil || fn.Module.Source == nil || s.Node == 0 {
			return false
		}
		src := fn.Module.Source // of a loop the step is the variable, and what it goes through stands beside it
		span := fn.SpanOf(s.Node)
		return readsEntry.MatchString(src.Slice(span)) || readsEntry.MatchString(src.LineText(src.Line(span.Start)))
	})
}

var readsEntry = regexp.MustCompile(`\.get(?:list)?\(|\w\[["']`)

// isParsed reports whether a text was turned into objects on the way.
func (j *judge) isParsed(l value.Label) bool {
	return l.WentThrough(func(s *value.Step) bool {
		text := rule.TextAt(j.p.Project.Flow.Func(s.Func), s.Node)
		return strings.Contains(text, "loads(") || strings.Contains(text, "literal_eval(")
	})
}
