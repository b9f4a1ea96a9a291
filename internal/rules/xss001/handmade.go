package xss001

import (
	"regexp"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

// handmade reports HTML that Python puts together from text of objects, such as a title or a name, without escaping it, where no
// flow says who wrote that text: what is given to Markup, what a widget or a view returns, and what a template shows with safe.
func handmade(p *rule.Pass) {
	shown := shownAsIs(p)
	widgets := widgetFuncs(p)
	p.Named(writesPages, func(at rule.Place) {
		f := at.Mod.File
		m := maker{at: at, f: f, pass: p}
		if f.Kind(at.Node) == ast.Return {
			isWidget := widgets[funcAt{at.Mod.Source.Path, m.function()}]
			if isWidget || p.Project.IsHandler(at.Func) {
				m.isWidget = isWidget
				m.judge(f.SlotA(at.Node), isWidget, "is written into the HTML that is returned here")
				m.byHelper(f.SlotA(at.Node))
			}
			return
		}
		args := f.ListB(at.Node)
		switch f.IdentOf(f.SlotA(at.Node)) {
		case "Markup", "HTMLString":
			if len(args) == 1 && !m.isPlainAgain() {
				m.whole = true
				m.judge(ast.NodeID(args[0]), true, "is part of what Markup declares to be HTML")
			}
		case "make_response", "Response":
			if len(args) > 0 && p.Project.IsHandler(at.Func) && f.KeywordArg(at.Node, "mimetype") == 0 && f.KeywordArg(at.Node, "content_type") == 0 {
				m.judge(ast.NodeID(args[0]), false, "is written into the HTML of this response")
				m.byHelper(ast.NodeID(args[0]))
			}
		case "render_template", "stream_template":
			for _, a := range args {
				if arg := ast.NodeID(a); f.Kind(arg) == ast.Keyword && shown[f.IdentOf(arg)] {
					m.judge(f.SlotB(arg), true, "is written into HTML that the template shows with safe")
				}
			}
		}
	}, ast.Call, ast.Return)
}

func writesPages(n project.Name) bool {
	switch n.Ident {
	case "", "Markup", "HTMLString", "make_response", "Response", "render_template", "stream_template":
		return true
	}
	return false
}

// isPlainAgain: str(Markup(…)) is plain text, and so is what Markup(…).unescape() gives.
func (m *maker) isPlainAgain() bool {
	at := m.f.Span(m.at.Node)
	text := m.at.Mod.Source.Text
	before, behind := string(text[:at.Start]), string(text[at.End:])
	return strings.HasSuffix(before, "str(") || strings.HasPrefix(behind, ".unescape(") || strings.HasPrefix(behind, ".striptags(")
}

// shownAsIs are the variables that some template writes with safe.
func shownAsIs(p *rule.Pass) map[string]bool {
	out := map[string]bool{}
	for text := range safeTexts(p) {
		if m := bareVariable.FindStringSubmatch(text); m != nil {
			out[m[1]] = true
		}
	}
	return out
}

var bareVariable = regexp.MustCompile(`^\s*([A-Za-z_]\w*)\s*\|\s*safe\b`)

// maker looks at one expression that becomes HTML.
type maker struct {
	at   rule.Place
	f    *ast.File
	pass *rule.Pass
	fn   ast.NodeID // the function around it
	// whole: the expression itself, without any tag around it, is declared to be HTML.
	whole bool
	// inside: what Markup holds is looked at as well, because somebody else declares the whole to be HTML.
	inside   bool
	isWidget bool
	isBare   bool // no tag stands around the expression
	hasTag   bool
	found    ast.NodeID // the first unescaped text
	name     string
	steps    int
}

// maxParts bounds the expressions that are looked at for one place.
const maxParts = 400

func (m *maker) function() ast.NodeID {
	if m.fn == 0 {
		m.fn = m.pass.Project.Prog.Info(m.at.Mod).Funcs[m.local()].Node
	}
	return m.fn
}

func (m *maker) local() uint32 {
	_, local := m.pass.Project.Prog.Where(m.at.Func)
	return local
}

// judge reports what an expression holds of unescaped text, once.
func (m *maker) judge(e ast.NodeID, isMarkup bool, says string) {
	if e == 0 {
		return
	}
	m.function()
	m.found, m.hasTag, m.steps, m.isBare = 0, false, 0, false
	m.parts(e, 0)
	if m.found == 0 && m.whole {
		m.isBare = true
		if name := m.text(e, 0); name != "" {
			m.found, m.name, m.hasTag = e, name, true
		}
	}
	if m.found == 0 || !m.hasTag || isMadeToBeShown(m.name) && !m.isJSON() || m.isSaid() {
		return
	}
	slug := "stored"
	if isMarkup {
		slug = "markup"
	}
	place := m.at
	place.Node = m.found
	if m.whole {
		place.Node = m.at.Node
	}
	f := place.Report(slug)
	f.Severity, f.Confidence, f.Verdict = finding.Medium, finding.ConfidenceLow, finding.Verify
	f.Message = m.name + " " + says + " without being escaped, and where its text comes from was not seen"
	f.Settle = "Look at who may write " + m.name + ", and whether it is cleaned before it is stored."
	f.Reasons = append(f.Reasons, "where the text comes from was not seen")
	m.pass.Report(f)
}

// unescaped is the name of text that a function puts into the HTML that it returns, and where; "" when there is none.
func unescaped(p *rule.Pass, id ir.FuncID) (name string, node ast.NodeID) {
	mod, local := p.Project.Prog.Where(id)
	m := maker{at: rule.Place{Mod: mod, Func: id}, f: mod.File, pass: p, inside: true, fn: p.Project.Prog.Info(mod).Funcs[local].Node}
	mod.File.Walk(m.fn, func(n ast.NodeID) bool {
		if mod.File.Kind(n) == ast.Return && node == 0 {
			m.found, m.hasTag, m.steps = 0, false, 0
			m.part(mod.File.SlotA(n), 0)
			if m.found != 0 && m.hasTag && !isMadeToBeShown(m.name) {
				name, node = m.name, m.found
			}
		}
		return node == 0
	})
	return name, node
}

// isSaid: a flow into this place was reported.
func (m *maker) isSaid() bool {
	at, found := m.f.Span(m.at.Node), m.f.Span(m.found)
	return slices.ContainsFunc(m.pass.Findings(), func(f *finding.Finding) bool {
		return f.Path == m.at.Mod.Source.Path && (f.Span.Start >= at.Start && f.Span.End <= at.End || f.Span.Start <= found.Start && f.Span.End >= found.End)
	})
}

// mayLook counts the expressions that are looked at for one place.
func (m *maker) mayLook() bool {
	if m.steps++; m.steps > maxParts {
		m.pass.Cut("expressions of one text", m.at.Func)
		return false
	}
	return true
}

// parts looks for text that is put between literals.
func (m *maker) parts(e ast.NodeID, depth int) {
	if e == 0 || depth > maxNames || !m.mayLook() || m.found != 0 && m.hasTag {
		return
	}
	f := m.f
	switch f.Kind(e) {
	case ast.Constant:
		s, _ := f.Str(e)
		m.hasTag = m.hasTag || htmlTag.MatchString(s)
	case ast.JoinedStr:
		for _, v := range f.ListA(e) {
			m.parts(ast.NodeID(v), depth)
		}
	case ast.FormattedValue:
		m.part(f.SlotA(e), depth)
	case ast.BinOp:
		m.parts(f.SlotA(e), depth)
		if ast.Op(f.Node(e).Op) == ast.Mod {
			m.each(f.SlotB(e), depth)
		} else {
			m.part(f.SlotB(e), depth)
		}
	case ast.IfExp:
		m.parts(f.SlotB(e), depth)
		m.parts(f.SlotC(e), depth)
	case ast.List, ast.Tuple:
		for _, v := range f.ListA(e) {
			m.part(ast.NodeID(v), depth)
		}
	case ast.ListComp, ast.GeneratorExp:
		m.part(f.SlotA(e), depth)
	case ast.Call:
		m.call(e, depth)
	case ast.Name:
		for _, v := range m.bound(f.IdentOf(e)) {
			m.parts(v, depth+1)
		}
	}
}

// each looks at the right side of text % values.
func (m *maker) each(e ast.NodeID, depth int) {
	switch m.f.Kind(e) {
	case ast.Tuple:
		for _, v := range m.f.ListA(e) {
			m.part(ast.NodeID(v), depth)
		}
	case ast.Dict:
		for i, v := range m.f.ListA(e) {
			if i%2 == 1 {
				m.part(ast.NodeID(v), depth)
			}
		}
	default:
		m.part(e, depth)
	}
}

// part is a value between literals: text of an object, or more HTML.
func (m *maker) part(e ast.NodeID, depth int) {
	if name := m.text(e, depth); name != "" && m.found == 0 {
		m.found, m.name = e, name
		return
	}
	m.parts(e, depth)
}

// call follows the calls that put text together: "…".format(…), "…".join(…). What others return was judged, or escaped, there.
func (m *maker) call(e ast.NodeID, depth int) {
	f := m.f
	callee := f.SlotA(e)
	if name := f.IdentOf(callee); (name == "str" || m.inside && isMarkupName(name)) && f.Kind(callee) == ast.Name {
		for _, a := range f.ListB(e) {
			m.part(ast.NodeID(a), depth)
		}
	}
	if f.Kind(callee) != ast.Attribute {
		return
	}
	switch f.IdentOf(callee) {
	case "format":
		if c := f.SlotA(callee); f.Kind(c) == ast.Call && isMarkupName(f.IdentOf(f.SlotA(c))) {
			return // Markup("…").format escapes
		}
		m.parts(f.SlotA(callee), depth)
		m.format(f.SlotA(callee))
		for _, a := range f.ListB(e) {
			arg := ast.NodeID(a)
			if f.Kind(arg) == ast.Keyword {
				arg = f.SlotB(arg)
			}
			m.part(arg, depth)
		}
	case "join":
		for _, a := range f.ListB(e) {
			m.parts(ast.NodeID(a), depth)
		}
	case "strip", "lstrip", "rstrip", "replace":
		m.parts(f.SlotA(callee), depth)
	}
}

// format looks for a tag in the text that gettext translates before it is filled in.
func (m *maker) format(e ast.NodeID) {
	if m.f.Kind(e) == ast.Call {
		for _, a := range m.f.ListB(e) {
			s, _ := m.f.Str(ast.NodeID(a))
			m.hasTag = m.hasTag || htmlTag.MatchString(s)
		}
	}
}

// maxNames is how many variables of the function are followed.
const maxNames = 6

var htmlTag = regexp.MustCompile(`</?[A-Za-z][^<]*`)

// bound are the values that a function gives to a variable, what it appends to it included.
func (m *maker) bound(name string) []ast.NodeID {
	var out []ast.NodeID
	f := m.f
	f.Walk(m.function(), func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.Assign:
			if slices.ContainsFunc(f.ListA(n), func(t uint32) bool { return isName(f, ast.NodeID(t), name) }) {
				out = append(out, f.SlotB(n))
			}
		case ast.AugAssign:
			if isName(f, f.SlotA(n), name) {
				out = append(out, f.SlotB(n))
			}
		case ast.Call:
			if c := f.SlotA(n); f.Kind(c) == ast.Attribute && isName(f, f.SlotA(c), name) && (f.IdentOf(c) == "append" || f.IdentOf(c) == "insert") {
				for _, a := range f.ListB(n) {
					out = append(out, ast.NodeID(a))
				}
			}
		}
		return true
	})
	return out
}

// text is the name of an expression that holds text of an object, as it is; "" for anything else.
func (m *maker) text(e ast.NodeID, depth int) string {
	if e == 0 || depth > maxNames || !m.mayLook() {
		return ""
	}
	f := m.f
	switch f.Kind(e) {
	case ast.Attribute:
		if isHumanText(f.IdentOf(e)) && m.isLocal(e) {
			return f.Text(e)
		}
	case ast.Subscript:
		if key, ok := f.Str(f.SlotB(e)); ok && isHumanText(key) && m.isLocal(f.SlotA(e)) {
			return f.Text(e)
		}
	case ast.Call:
		return m.callText(e, depth)
	case ast.Name:
		return m.nameText(e, depth)
	case ast.IfExp:
		if s := m.text(f.SlotB(e), depth); s != "" {
			return s
		}
		return m.text(f.SlotC(e), depth)
	case ast.BoolOp:
		for _, v := range f.ListA(e) {
			if s := m.text(ast.NodeID(v), depth); s != "" {
				return s
			}
		}
	}
	return ""
}

// callText is the text behind str(x.title), x.title.upper() and x.get("title").
func (m *maker) callText(e ast.NodeID, depth int) string {
	f := m.f
	callee, args := f.SlotA(e), f.ListB(e)
	if isName(f, callee, "str") && len(args) == 1 {
		return m.text(ast.NodeID(args[0]), depth)
	}
	if f.IdentOf(callee) == "dumps" && len(args) > 0 && !m.isBare {
		return m.jsonText(e, ast.NodeID(args[0]))
	}
	if f.Kind(callee) != ast.Attribute {
		return ""
	}
	switch f.IdentOf(callee) {
	case "get":
		if len(args) > 0 {
			if key, ok := f.Str(ast.NodeID(args[0])); ok && isHumanText(key) && m.isLocal(f.SlotA(callee)) {
				return f.Text(e)
			}
		}
	case "strip", "upper", "lower", "title", "capitalize", "encode", "decode":
		return m.text(f.SlotA(callee), depth)
	}
	return ""
}

// nameText is the text that a variable of the function holds, unless some assignment makes something else of it.
func (m *maker) nameText(e ast.NodeID, depth int) string {
	f, name := m.f, m.f.IdentOf(e)
	values := m.bound(name)
	found := ""
	for _, v := range values {
		if k := f.Kind(v); k == ast.Call && m.text(v, depth+1) == "" {
			return "" // escaped, perhaps
		}
		if s := m.text(v, depth+1); s != "" && found == "" {
			found = s
		}
		if k := f.Kind(v); found == "" && (k == ast.JoinedStr || k == ast.BinOp) {
			inner := *m
			inner.found, inner.hasTag = 0, false
			inner.parts(v, depth+1)
			m.steps = inner.steps
			if inner.found != 0 {
				found = inner.name
			}
		}
	}
	if found == "" && len(values) == 0 && m.isWidget && name != "value" && isHumanText(name) && m.isUnpacked(name) {
		return name
	}
	if found == "" && len(values) == 0 && m.whole && !m.isBare && isHumanText(name) && m.isPassedText(name) {
		return name
	}
	return found
}

// isUnpacked: a loop of the function takes the variable out of the choices of a field.
func (m *maker) isUnpacked(name string) bool {
	found := false
	f := m.f
	f.Walk(m.function(), func(n ast.NodeID) bool {
		if f.Kind(n) == ast.For && strings.Contains(f.Text(f.SlotB(n)), "choices") {
			f.Walk(f.SlotA(n), func(t ast.NodeID) bool {
				found = found || isName(f, t, name)
				return true
			})
		}
		return !found
	})
	return found
}

// isLocal: the expression begins with a variable of the function, not with something of a module.
func (m *maker) isLocal(e ast.NodeID) bool {
	f := m.f
	for f.Kind(e) == ast.Attribute || f.Kind(e) == ast.Subscript {
		e = f.SlotA(e)
	}
	if f.Kind(e) != ast.Name {
		return false
	}
	switch name := f.IdentOf(e); name {
	case "cls", "app", "current_app", "config", "e", "err", "error", "exc", "exception":
		return false
	default:
		if strings.HasSuffix(name, "field") || strings.HasSuffix(name, "form") {
			return false // its label and description are the program's own
		}
		t := m.pass.Project.Prog.ResolveIn(m.at.Mod, 0, name)
		return t.Kind == semantic.TargetUnknown || isProxy(t)
	}
}

// isHumanText: an attribute, column or key of this name holds what somebody typed.
func isHumanText(name string) bool {
	name = strings.ToLower(name)
	switch name[strings.LastIndexAny(name, "_-. ")+1:] {
	case "name", "title", "label", "description", "text", "comment", "message", "subject", "content", "body", "summary", "username", "fullname",
		"nickname", "caption", "note", "notes", "error", "reason", "bio", "signature", "author", "address", "email", "topic", "headline", "question",
		"answer", "feedback", "filename", "value":
		return true
	}
	return false
}

func isMarkupName(name string) bool { return name == "Markup" || name == "HTMLString" }
