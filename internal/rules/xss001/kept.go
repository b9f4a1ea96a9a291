package xss001

import (
	"regexp"
	"strings"
	"sync"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// keptPages reports views that send something kept (a snapshot, the content of an object) as text/html on purpose, where no flow
// says who wrote it.
func keptPages(p *rule.Pass) {
	methods := sync.OnceValue(func() map[string][]ir.FuncID { return methodsByName(p) })
	p.Named(rule.Ident("", "make_response", "Response"), func(at rule.Place) {
		f := at.Mod.File
		if f.Kind(at.Node) == ast.Return {
			keptReturn(p, at, methods)
			return
		}
		name := f.IdentOf(f.SlotA(at.Node))
		args := f.ListB(at.Node)
		if name != "make_response" && name != "Response" || len(args) == 0 || !p.Project.IsHandler(at.Func) || f.Kind(ast.NodeID(args[0])) == ast.Keyword {
			return
		}
		m := maker{at: at, f: f, pass: p}
		body := m.keptBody(ast.NodeID(args[0]))
		if body == 0 || !m.isTypedHTML() {
			return
		}
		m.found = body
		if m.isSaid() {
			return
		}
		found := at.Report("stored")
		found.Severity, found.Confidence, found.Verdict = finding.Medium, finding.ConfidenceLow, finding.Verify
		found.Message = "what " + f.Text(f.SlotA(body)) + "() gives is sent as text/html, and who wrote it was not seen"
		found.Settle = "Look at where the text comes from; text/plain, an attachment or a Content-Security-Policy with sandbox keeps it from running."
		found.Reasons = append(found.Reasons, "where the text comes from was not seen")
		p.Report(found)
	}, ast.Call, ast.Return)
}

// keptReturn reports a view that returns what a method of the program gives that sounds like the content of something, and makes no
// response of it: the text is sent as text/html.
func keptReturn(p *rule.Pass, at rule.Place, methods func() map[string][]ir.FuncID) {
	f := at.Mod.File
	call := f.SlotA(at.Node)
	if f.Kind(call) != ast.Call || f.Kind(f.SlotA(call)) != ast.Attribute || !p.Project.IsHandler(at.Func) {
		return
	}
	m := maker{at: at, f: f, pass: p, found: call}
	m.function()
	if m.keptBody(call) == 0 {
		return
	}
	of := methods()[f.IdentOf(f.SlotA(call))]
	if len(of) != 1 || !givesText(p, of[0]) || m.isSaid() {
		return
	}
	found := at.Report("stored")
	found.Severity, found.Confidence, found.Verdict = finding.Medium, finding.ConfidenceLow, finding.Verify
	found.Message = "what " + f.Text(f.SlotA(call)) + "() gives is returned as text/html, and who wrote it was not seen"
	found.Settle = "Look at where the text comes from; text/plain, an attachment or a Content-Security-Policy with sandbox keeps it from running."
	found.Reasons = append(found.Reasons, "where the text comes from was not seen")
	p.Report(found)
}

// notText are names in a function that makes something else than text: a response, JSON, a page that is escaped.
var notText = regexp.MustCompile(`[Rr]esponse|jsonify|render|redirect|send_f|dumps|return\s*[\[{]|escape|sanitiz|clean|Markup|yield`)

// givesText: nothing in the method says that it gives something else than text.
func givesText(p *rule.Pass, id ir.FuncID) bool {
	mod, local := p.Project.Prog.Where(id)
	text := mod.File.Text(p.Project.Prog.Info(mod).Funcs[local].Node)
	return strings.Contains(text, "return ") && !notText.MatchString(text)
}

var keptName = regexp.MustCompile(`^(?:get|fetch|load|read)_\w*(?:html|content|body|page|snapshot|raw)`)

// keptBody is the call of a method that gives something kept, when the expression is one or a variable that holds one.
func (m *maker) keptBody(e ast.NodeID) ast.NodeID {
	f := m.f
	if f.Kind(e) == ast.Name {
		for _, v := range m.bound(f.IdentOf(e)) {
			if call := m.keptBody(v); call != 0 && f.Kind(v) == ast.Call && f.Span(v).Start < f.Span(m.at.Node).Start {
				return call
			}
		}
		return 0
	}
	if f.Kind(e) == ast.Call && f.Kind(f.SlotA(e)) == ast.Attribute && keptName.MatchString(f.IdentOf(f.SlotA(e))) && m.isLocal(f.SlotA(f.SlotA(e))) {
		return e
	}
	return 0
}

// isTypedHTML: the response is said to be HTML, in the call or right behind it.
func (m *maker) isTypedHTML() bool {
	f := m.f
	for _, k := range [...]string{"mimetype", "content_type"} {
		if s, ok := f.Str(f.KeywordArg(m.at.Node, k)); ok {
			return strings.Contains(s, "html")
		}
	}
	name := boundTo(f, m.function(), m.at.Node)
	if name == "" {
		return false
	}
	first, found := ast.NodeID(0), false
	after := f.Span(m.at.Node).End
	f.Walk(m.function(), func(n ast.NodeID) bool {
		if f.Kind(n) == ast.Assign && f.Span(n).Start > after && first == 0 {
			for _, t := range f.ListA(n) {
				if isTypeOf(f, ast.NodeID(t), name) {
					s, _ := f.Str(f.SlotB(n))
					first, found = n, strings.Contains(s, "html")
				}
			}
		}
		return first == 0
	})
	return found
}
