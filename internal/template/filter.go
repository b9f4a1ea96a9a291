package template

import (
	"regexp"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/jinja"
)

// filter is x|name(…): a call of the Python function that the program registers under the name, or of Jinja's own. What
// Jinja's filters do to a value is a matter of the library models.
func (l *lowerer) filter(n *jinja.Node) ir.Reg {
	of, isInner, isForced := ir.NoReg, l.inFilter, l.isForced
	l.inFilter = n.Text != "safe"
	// What Jinja's own filter escapes, it does not matter who called it safe before.
	l.isForced = isForced || n.Text == "forceescape" && len(l.set.reg.filters[n.Text]) == 0
	if n.Kids[0] == nil {
		of = l.b.NewVar("")
	} else {
		of = l.expr(n.Kids[0])
	}
	l.inFilter, l.isForced = isInner, isForced
	if n.Text == "join" && len(n.Kids) <= 2 && (len(n.Kids) == 1 || n.Kids[1].Kind != jinja.Keyword) {
		return l.join(n, of)
	}
	if r, ok := l.listFilter(n, of); ok {
		return r
	}
	if n.Text == "replace" && escapesOne(n) && len(l.set.reg.filters[n.Text]) == 0 {
		in := ir.Make(ir.OpMethod, l.node(n))
		in.A, in.Name = of, "replace"
		l.b.SetArgs(&in, l.args(n))
		return l.b.Value(in)
	}
	if n.Text == "safe" && !isForced {
		l.declared(n, of)
	}
	if n.Text == markdownFilter && l.set.reg.rendersMarkdown && len(l.set.reg.filters[n.Text]) == 0 {
		return l.rendered(n, of)
	}
	return l.applied(n.Text, n, of, l.args(n))
}

// escapesOne: x|replace("<", "&lt;") takes out of a text a character that means something in HTML, as str.replace does.
func escapesOne(n *jinja.Node) bool {
	if len(n.Kids) != 3 || n.Kids[1].Kind != jinja.Str || n.Kids[2].Kind != jinja.Str {
		return false
	}
	old := n.Kids[1].Text
	return len(old) == 1 && strings.Contains(`<>"'&`, old)
}

// markdownFilter is the filter that extensions for Markdown register when they are made of the application.
const markdownFilter = "markdown"

// rendered is x|markdown as such an extension has it: the HTML in the text stays, and none of the result is escaped. What a further
// filter makes of it decides.
func (l *lowerer) rendered(n *jinja.Node, of ir.Reg) ir.Reg {
	node := l.node(n)
	in := ir.Make(ir.OpCall, node)
	in.A = l.imported(ir.Import{Module: "markdown", Name: "markdown"}, node)
	l.b.SetArgs(&in, []ir.Arg{{Reg: of, Node: node}})
	r := l.b.Value(in)
	if place, _ := l.state.Hole(); !l.inFilter && l.escape != ir.EscapeNone {
		l.emit(r, n, ir.Emit{Place: place, Escape: l.escape, IsSafe: true, Filter: n.Text})
	}
	return l.applied("safe", n, r, nil)
}

// declared notes that safe is applied to a value.
func (l *lowerer) declared(n *jinja.Node, of ir.Reg) {
	if place, _ := l.state.Hole(); l.escape != ir.EscapeNone {
		l.emit(of, n, ir.Emit{Place: place, Escape: l.escape, IsSafe: true})
	}
}

// applied calls the filter of a name.
func (l *lowerer) applied(filter string, n *jinja.Node, of ir.Reg, given []ir.Arg) ir.Reg {
	node := l.node(n)
	callee := ir.NoReg
	refs := l.set.reg.filters[filter]
	if l.text != ir.NoReg && l.set.quotes(filter, refs) {
		callee = l.imported(ir.Import{Module: "stopper_templates", Name: "quoted"}, node)
	} else if len(refs) > 0 {
		callee = l.reference(refs, node)
	} else {
		module, name := filterName(filter)
		callee = l.imported(ir.Import{Module: module, Name: name}, node)
	}
	args := append([]ir.Arg{{Reg: of, Node: node}}, given...)
	if len(refs) > 0 && refs[0].context {
		args = append([]ir.Arg{{Reg: l.b.NewVar(""), Node: node}}, args...)
	}
	in := ir.Make(ir.OpCall, node)
	in.A = callee
	l.b.SetArgs(&in, args)
	return l.b.Value(in)
}

var (
	quotingName = regexp.MustCompile(`(?i)quote|literal|ident|escape|^sql`)
	quotingBody = regexp.MustCompile(`getquoted|adapt\(|sql\.Literal|sql\.Identifier|quote_ident|quote_literal|escape_string|mogrify|` +
		`replace\(\s*(?:"'"\s*,\s*"''"|'\\''\s*,\s*'\\'\\''|'"'\s*,\s*'""')`)
)

// quotes reports whether a filter makes a literal or a name of SQL out of anything: by what its functions do or, where they are
// not seen, by its name.
func (s *Set) quotes(name string, refs []reference) bool {
	if len(refs) == 0 {
		return false
	}
	for _, r := range refs {
		if !r.isFunc {
			if !quotingName.MatchString(name) {
				return false
			}
			continue
		}
		m, local := s.prog.Where(r.fn)
		if !quotingBody.MatchString(m.File.Text(s.prog.Info(m).Funcs[local].Node)) {
			return false
		}
	}
	return true
}

// join is x|join(d), which Python's own str.join does as well.
func (l *lowerer) join(n *jinja.Node, list ir.Reg) ir.Reg {
	node := l.node(n)
	in := ir.Make(ir.OpMethod, node)
	in.Name = "join"
	if len(n.Kids) == 2 {
		in.A = l.expr(argument(n.Kids[1]))
	} else {
		in.A = l.b.Const(ir.Const{Kind: ir.ConstStr}, node)
	}
	l.b.SetArgs(&in, []ir.Arg{{Reg: list, Node: node}})
	return l.b.Value(in)
}

// filterName is the Python function behind a filter of Jinja's own.
func filterName(name string) (module, attr string) {
	switch name {
	case "e", "escape":
		return "markupsafe", "escape"
	case "count", "length":
		return "builtins", "len"
	case "string":
		return "markupsafe", "soft_str"
	case "abs":
		return "builtins", "abs"
	case "d":
		name = "default"
	case "safe":
		name = "mark_safe"
	}
	switch name {
	case "attr", "batch", "capitalize", "center", "default", "dictsort", "filesizeformat", "first", "float", "forceescape", "format",
		"groupby", "indent", "int", "items", "join", "last", "list", "lower", "map", "mark_safe", "max", "min", "pprint", "random",
		"reject", "rejectattr", "replace", "reverse", "round", "select", "selectattr", "slice", "sort", "striptags", "sum", "title",
		"tojson", "trim", "truncate", "unique", "upper", "urlencode", "urlize", "wordcount", "wordwrap", "xmlattr":
		return "jinja2.filters", "do_" + name
	}
	return "template filter", name
}
