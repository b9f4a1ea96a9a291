package xss001

import (
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// plainValue is an attribute or item of something behind nothing but safe and filters that leave the text as it is:
// entry.comments[0].text|safe. What a call or another filter gives may well be HTML that was made to be shown.
var plainValue = regexp.MustCompile(`^\s*([A-Za-z_]\w*(?:\.\w+|\[[^\]()]*\])+(?:\.replace\([^()]*\))?)\s*(?:\|\s*(?:trim|default\([^()]*\)|string|upper|lower|title|capitalize)\s*)*\|\s*safe\b`)

// madeToBeShown are words in the name of a value that is HTML by its nature, and judged where it is made.
var madeToBeShown = [...]string{"html", "markup", "render", "safe", "clean", "escaped", "svg", "json", "schema", "config.", "form.", "loop."}

// unseen reports text that safe declares to be HTML although no flow says where it comes from: a column of a row, mostly, that
// somebody filled in.
func unseen(p *rule.Pass, said map[place]bool) {
	// Few programs have what these are asked about.
	methods := sync.OnceValue(func() map[string][]ir.FuncID { return methodsByName(p) })
	fields := sync.OnceValue(func() map[string]described { return descriptions(p) })
	escaped := sync.OnceValue(func() map[string]bool { return escapedNames(p) })
	for id := p.Project.Prog.NumFuncs(); id < p.Project.Flow.NumFuncs(); id++ { // templates
		fn := p.Project.Flow.Func(ir.FuncID(id))
		if fn == nil || fn.Kind != ir.KindTemplate {
			continue
		}
		unseenInHandlers(p, fn, said)
		for n := range safeEmits(fn) {
			text := fn.Module.Source.Slice(fn.SpanOf(n))
			at := place{fn.Module.Source.Path, fn.SpanOf(n).Start}
			if m := methodResult.FindStringSubmatch(text); m != nil && !said[at] {
				said[at] = fromMethod(p, fn, n, methods()[m[1]])
			}
			m := plainValue.FindStringSubmatch(text)
			if m == nil || said[at] || isMadeToBeShown(m[1]) || escaped()[lastNames(m[1])] {
				continue
			}
			said[at] = true
			if of := fieldText.FindStringSubmatch(m[1]); of != nil {
				if d, ok := fields()[of[1]]; ok {
					fromField(p, fn, n, m[1], d)
				}
				continue
			}
			f := p.At("safe-filter", fn, n)
			f.Severity, f.Confidence, f.Verdict = finding.Medium, finding.ConfidenceLow, finding.Verify
			f.Message = "the filter safe declares " + m[1] + " to be HTML, and where its text comes from was not seen"
			f.Settle = "Look at who may write " + m[1] + ", and whether it is cleaned before it is stored."
			f.Reasons = append(f.Reasons, "where the text comes from was not seen")
			p.Report(f)
		}
	}
}

// escapedNames are the attributes and keys that a function of the program escapes before pages show them, result["title"] =
// escape(…), and fills with nothing else. What other functions put there is what it escapes.
func escapedNames(p *rule.Pass) map[string]bool {
	type written struct {
		fn   ir.FuncID
		name string
	}
	all := map[written]bool{}
	p.Named(rule.Into(ast.Attribute, ast.Subscript), func(at rule.Place) {
		f := at.Mod.File
		for _, t := range f.ListA(at.Node) {
			name, to := "", ast.NodeID(t)
			switch f.Kind(to) {
			case ast.Attribute:
				name = f.IdentOf(to)
			case ast.Subscript:
				name, _ = f.Str(f.SlotB(to))
			}
			if name == "" {
				continue
			}
			w := written{at.Func, f.IdentOf(f.SlotA(to)) + "." + name}
			before, again := all[w]
			all[w] = (before || !again) && escapes(f, f.SlotB(at.Node))
		}
	}, ast.Assign)
	out := map[string]bool{}
	for w, isEscaped := range all {
		out[w.name] = out[w.name] || isEscaped
	}
	return out
}

// escapes: all text in the value is escaped, cleaned or the program's own. What a function makes of escaped text, or a method of
// it, is taken for HTML that was made on purpose.
func escapes(f *ast.File, n ast.NodeID) bool {
	switch f.Kind(n) {
	case ast.Constant:
		return true
	case ast.BinOp:
		return escapes(f, f.SlotA(n)) && escapes(f, f.SlotB(n))
	case ast.IfExp:
		return escapes(f, f.SlotB(n)) && escapes(f, f.SlotC(n))
	case ast.Call:
	default:
		return false
	}
	callee := f.SlotA(n)
	switch of := f.SlotA(callee); f.IdentOf(callee) {
	case "escape":
		return f.Kind(callee) == ast.Name || slices.Contains([]string{"html", "markupsafe", "flask", "jinja2", "Markup", "cgi"}, f.IdentOf(of))
	case "escape_silent", "html_escape", "escape_html", "sanitize_html", "clean_html":
		return true
	case "clean":
		return f.Kind(callee) == ast.Attribute && (f.IdentOf(of) == "bleach" || f.IdentOf(of) == "nh3")
	}
	if f.Kind(callee) == ast.Attribute && f.Kind(f.SlotA(callee)) == ast.Call && escapes(f, f.SlotA(callee)) {
		return true
	}
	args := f.ListB(n)
	return len(args) > 0 && f.Kind(ast.NodeID(args[0])) == ast.Call && escapes(f, ast.NodeID(args[0]))
}

// lastNames are the attribute or key that an expression reads last, and what it is read from: post.title of blog.post["title"].
func lastNames(expr string) string {
	names := strings.FieldsFunc(expr, func(r rune) bool { return strings.ContainsRune(`.[]'" `, r) })
	return strings.Join(names[max(0, len(names)-2):], ".")
}

// methodResult is what a method gives, behind nothing but safe: entry.errors(full=True)|safe.
var methodResult = regexp.MustCompile(`^\s*\w[\w.]*\.(\w+)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*\|\s*safe\b`)

// methodsByName are the methods of the program's classes whose names no other class uses.
func methodsByName(p *rule.Pass) map[string][]ir.FuncID {
	out := map[string][]ir.FuncID{}
	for i := range p.Project.Prog.NumFuncs() {
		id := ir.FuncID(i)
		if mod, _ := p.Project.Prog.Where(id); mod.File != nil && !mod.IsTest && p.Project.Prog.ClassOf(id) != ir.NoClass {
			name := p.Project.Prog.FuncName(id)
			out[name] = append(out[name], id)
		}
	}
	return out
}

// fromMethod reports a method of a name that only one class has, when it puts text into HTML without escaping it.
func fromMethod(p *rule.Pass, fn *ir.Func, n ast.NodeID, methods []ir.FuncID) bool {
	if len(methods) != 1 {
		return false
	}
	name, node := unescaped(p, methods[0])
	if node == 0 {
		return false
	}
	method := p.Project.Flow.Func(methods[0])
	f := p.At("safe-filter", fn, n)
	f.Severity, f.Confidence, f.Verdict = finding.Medium, finding.ConfidenceLow, finding.Verify
	f.Message = "the filter safe declares what " + method.QualName + "() returns to be HTML, and " + name + " stands in it without being escaped"
	f.Settle = "Look at who may write " + name + ", and whether it is cleaned before it is stored."
	f.Reasons = append(f.Reasons, "where the text comes from was not seen")
	f.Flow = []finding.Step{
		{Path: method.Module.Source.Path, Span: method.SpanOf(node), Note: "put into HTML as it is"},
		{Path: f.Path, Span: f.Span, Note: "declared to be HTML"},
	}
	p.Report(f)
	return true
}

// safeEmits are the expressions to which a template applies safe.
func safeEmits(fn *ir.Func) iter.Seq[ast.NodeID] {
	return func(yield func(ast.NodeID) bool) {
		for i := range fn.Blocks {
			for j := range fn.Blocks[i].Instrs {
				in := &fn.Blocks[i].Instrs[j]
				if in.Op == ir.OpEmit && fn.Emits[in.Imm].IsSafe && !yield(in.Node) {
					return
				}
			}
		}
	}
}

// safeTexts are the expressions to which templates apply safe, as they are written.
func safeTexts(p *rule.Pass) iter.Seq[string] {
	return func(yield func(string) bool) {
		for id := p.Project.Prog.NumFuncs(); id < p.Project.Flow.NumFuncs(); id++ { // templates
			fn := p.Project.Flow.Func(ir.FuncID(id))
			if fn == nil || fn.Kind != ir.KindTemplate {
				continue
			}
			for n := range safeEmits(fn) {
				if !yield(fn.Module.Source.Slice(fn.SpanOf(n))) {
					return
				}
			}
		}
	}
}

func isMadeToBeShown(name string) bool {
	l := strings.ToLower(name)
	if strings.HasPrefix(l, "config[") { // of the application itself; what a program calls its settings may come from anywhere
		return true
	}
	for _, w := range madeToBeShown {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// place is where a template applies the filter; templates are read once for each way to them.
type place struct {
	path  string
	start uint32
}
