// Package error001 judges what visitors learn from errors.
package error001

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/source"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-ERROR-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run looks at what views and error handlers return.
func (Rule) Run(p *rule.Pass) {
	answers := map[ir.FuncID]bool{}
	for _, r := range p.Project.Flask.Routes {
		if r.HasHandler {
			answers[r.Handler] = true
		}
	}
	for _, id := range p.Project.Flask.Responders {
		answers[id] = true
	}
	j := &judge{pass: p, names: map[ir.FuncID]*leaks{}}
	p.Named(func(n project.Name) bool { return n.Ident == "" || n.Path == flash }, func(at rule.Place) {
		if answers[at.Func] {
			j.answer(at)
		}
	}, ast.Return, ast.Call)
	j.report("stack-trace", "the visitor is shown the stack trace", j.traced)
	j.report("exception-text", "the visitor is shown the text of an unexpected exception", j.texts)
}

// flash shows a message on the next page.
const flash = "flask.flash"

// judge remembers, per function, which names hold internals.
type judge struct {
	pass   *rule.Pass
	names  map[ir.FuncID]*leaks
	traced []rule.Place
	texts  []rule.Place
}

// leaks are the names of a function that hold the text of an error.
type leaks struct {
	traces map[string]bool // tb = traceback.format_exc()
	errors []caught        // except Exception as e
}

// caught is a broad handler: its name, and the part of the function in which it is bound.
type caught struct {
	name       string
	start, end uint32
}

// answer judges what a return statement, or a flash() call, shows.
func (j *judge) answer(at rule.Place) {
	f := at.Mod.File
	shown := f.SlotA(at.Node)
	if f.Kind(at.Node) == ast.Call {
		if at.Path(f.SlotA(at.Node)) != flash || len(f.ListB(at.Node)) == 0 {
			return
		}
		shown = ast.NodeID(f.ListB(at.Node)[0])
	}
	if shown == 0 {
		return
	}
	(&looker{j, at, j.leaksOf(at), f.Span(at.Node)}).look(shown)
}

// looker goes through one expression that the visitor is shown.
type looker struct {
	*judge
	at    rule.Place
	leaks *leaks
	span  source.Span
}

func (l *looker) look(n ast.NodeID) {
	f := l.at.Mod.File
	switch f.Kind(n) {
	case ast.Call:
		l.call(n)
		return
	case ast.Name:
		name := f.IdentOf(n)
		if l.leaks.traces[name] {
			l.add("stack-trace", n)
		} else if l.isCaught(name) {
			l.add("exception-text", n)
		}
	}
	f.Children(n, l.look)
}

// call looks at the arguments. An exception that is handed to a function as it is may be shown or not: only functions that
// turn it into text, and those of Flask that show it, count.
func (l *looker) call(n ast.NodeID) {
	f := l.at.Mod.File
	fn := f.SlotA(n)
	if isTrace(l.at.Path(fn)) {
		l.add("stack-trace", n)
		return
	}
	if hidesArguments(f, fn) {
		return
	}
	if f.Kind(fn) == ast.Attribute {
		l.look(f.SlotA(fn))
	}
	for _, a := range f.ListB(n) {
		arg := ast.NodeID(a)
		if f.Kind(arg) == ast.Keyword {
			arg = f.SlotB(arg)
		}
		if f.Kind(arg) != ast.Name || l.shows(fn) || l.leaks.traces[f.IdentOf(arg)] {
			l.look(arg)
		}
	}
}

func (l *looker) isCaught(name string) bool {
	return slices.ContainsFunc(l.leaks.errors, func(c caught) bool {
		return c.name == name && c.start <= l.span.Start && l.span.End <= c.end
	})
}

// shows: the function turns its arguments into text for the visitor.
func (l *looker) shows(fn ast.NodeID) bool {
	if strings.HasPrefix(l.at.Path(fn), "flask.") {
		return true
	}
	switch l.at.Mod.File.IdentOf(fn) {
	case "str", "repr", "format", "_", "gettext", "lazy_gettext", "escape", "Markup", "dict":
		return true
	}
	return false
}

// add notes a leak; each place is noted once.
func (l *looker) add(slug string, n ast.NodeID) {
	at := l.at
	at.Node = n
	list := &l.texts
	if slug == "stack-trace" {
		list = &l.traced
	}
	if len(*list) == 0 || (*list)[len(*list)-1].Mod != at.Mod || at.Mod.Source.Line(at.Mod.File.Span((*list)[len(*list)-1].Node).Start) != at.Mod.Source.Line(at.Mod.File.Span(n).Start) {
		*list = append(*list, at)
	}
}

// maxSingle is how many places are reported one by one. A habit that runs through the whole program is one finding.
const (
	maxSingle  = 6
	maxRelated = 12
)

func (j *judge) report(slug, message string, places []rule.Place) {
	single := places
	if len(places) > maxSingle {
		single = places[:1]
		message += fmt.Sprintf(", here and in %d other places", len(places)-1)
	}
	for _, at := range single {
		f := at.Report(slug)
		f.Message = message
		if len(single) < len(places) {
			for _, other := range places[1:min(len(places), maxRelated+1)] {
				f.Related = append(f.Related, finding.Location{Path: other.Mod.Source.Path, Span: other.Mod.File.Span(other.Node), Note: "shown here too"})
			}
		}
		j.pass.Report(f)
	}
}

func isTrace(path string) bool {
	return strings.HasPrefix(path, "traceback.format_") || path == "sys.exc_info"
}

// hidesArguments: a call that tells something about the error without its text, such as isinstance(e, X) and log(e).
func hidesArguments(f *ast.File, fn ast.NodeID) bool {
	switch f.IdentOf(fn) {
	case "isinstance", "type", "len", "getattr", "hasattr", "capture_exception", "exception", "error", "warning", "abort":
		return true
	}
	return false
}

func (j *judge) leaksOf(at rule.Place) *leaks {
	if l := j.names[at.Func]; l != nil {
		return l
	}
	l := &leaks{traces: map[string]bool{}}
	j.names[at.Func] = l
	f := at.Mod.File
	fn := j.pass.Project.Flow.Func(at.Func)
	f.Walk(fn.Node, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.Assign:
			targets, v := f.ListA(n), f.SlotB(n)
			if len(targets) == 1 && f.Kind(v) == ast.Call && isTrace(at.Path(f.SlotA(v))) {
				l.traces[f.IdentOf(ast.NodeID(targets[0]))] = true
			}
		case ast.ExceptHandler:
			if name := f.IdentOf(n); name != "" && isBroad(at, f.SlotA(n)) {
				s := f.Span(n)
				l.errors = append(l.errors, caught{name, s.Start, s.End})
			}
		}
		return true
	})
	if name := unexpectedParam(at, fn); name != "" {
		s := f.Span(fn.Node)
		l.errors = append(l.errors, caught{name, s.Start, s.End})
	}
	return l
}

// isBroad: the handler takes what nobody wrote for visitors to read: any exception, or one of a database or the system.
func isBroad(at rule.Place, typ ast.NodeID) bool {
	f := at.Mod.File
	if f.Kind(typ) == ast.Tuple {
		return slices.ContainsFunc(f.ListA(typ), func(t uint32) bool { return isBroad(at, ast.NodeID(t)) })
	}
	path := strings.TrimPrefix(at.Path(typ), "builtins.")
	top, _, _ := strings.Cut(path, ".")
	switch top {
	case "Exception", "BaseException", "OSError", "IOError", "RuntimeError":
		return true
	case "sqlalchemy", "sqlite3", "psycopg2", "psycopg", "pymysql", "MySQLdb", "mysql", "pymongo", "redis", "subprocess":
		return true
	}
	return false
}

// unexpectedParam is the parameter of an error handler for Exception or status 500; empty for other functions.
func unexpectedParam(at rule.Place, fn *ir.Func) string {
	f := at.Mod.File
	if k := f.Kind(fn.Node); k != ast.FunctionDef && k != ast.AsyncFunctionDef || len(fn.Params) == 0 {
		return ""
	}
	for _, d := range f.Decorators(fn.Node) {
		call := ast.NodeID(d)
		if f.Kind(call) != ast.Call || !strings.HasSuffix(f.IdentOf(f.SlotA(call)), "errorhandler") || len(f.ListB(call)) == 0 {
			continue
		}
		what := ast.NodeID(f.ListB(call)[0])
		if f.Text(what) == "500" || isBroad(at, what) {
			return fn.Params[0].Name
		}
	}
	return ""
}
