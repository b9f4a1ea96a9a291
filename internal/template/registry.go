package template

import (
	"slices"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
	"stopper/internal/source"
)

// registry is what Python code gives to templates by name. It is read off the trees: who registers what does not depend on
// values, and must be known before anything is solved.
type registry struct {
	filters, globals map[string][]reference
	processors       map[string][]ir.FuncID // by the name of the context variable
	texts            []text
	names            map[string][]string // by variable: the names of templates that Python gives it
	// customEscape: the program decides itself which templates are escaped.
	customEscape bool
	// escapesAll: it escapes them all.
	escapesAll bool
	// newStyle: what gettext gives in a template counts as HTML, and what is put into it is escaped.
	newStyle bool
	// rendersMarkdown: an extension registers the filter `markdown`, whose result is HTML.
	rendersMarkdown bool
}

// reference is a Python function, or a module-level name; the zero value is something that is not followed.
type reference struct {
	isFunc bool
	fn     ir.FuncID
	// context: Jinja passes the context or its environment before the arguments.
	context bool
	module  *ir.Module
	name    string
}

// text is a template in a string of a Python file.
type text struct {
	module *ir.Module
	text   string
	span   source.Span // of the literal
	inner  uint32      // where its text begins, when it is written as it is; else 0
}

// place is where a part of the text stands in the Python file.
func (t *text) place(s source.Span) source.Span {
	if t.inner == 0 {
		return t.span
	}
	return source.Span{Start: t.inner + s.Start, End: t.inner + s.End}
}

// maxText bounds the strings that are looked at as templates.
const maxText = 256 << 10

func (r *registry) scan(prog *semantic.Program) {
	r.filters, r.globals, r.processors = map[string][]reference{}, map[string][]reference{}, map[string][]ir.FuncID{}
	r.names = map[string][]string{}
	for _, m := range prog.Modules {
		// Flask-Babel and its forks install gettext in the new style.
		r.newStyle = r.newStyle || slices.ContainsFunc(m.File.Names, func(name string) bool { return strings.HasPrefix(name, "flask_babel") })
		r.rendersMarkdown = r.rendersMarkdown || slices.ContainsFunc(m.Imports, registersMarkdown)
		s := scanner{r: r, prog: prog, m: m, f: m.File, info: prog.Info(m)}
		s.module()
	}
}

// registersMarkdown: Flask-Markdown and Flask-Misaka.
func registersMarkdown(im ir.Import) bool {
	return im.Module == "flaskext.markdown" || im.Module == "flask_markdown" || im.Module == "flask_misaka"
}

// scanner reads one Python file.
type scanner struct {
	r    *registry
	prog *semantic.Program
	m    *ir.Module
	f    *ast.File
	info *semantic.FileInfo
}

func (s *scanner) module() {
	hasText := false
	for id := range s.f.Nodes {
		n := ast.NodeID(id)
		switch s.f.Kind(n) {
		case ast.FunctionDef, ast.AsyncFunctionDef:
			s.function(n)
		case ast.Assign:
			s.assign(n)
		case ast.Call:
			switch name := s.f.IdentOf(s.f.SlotA(n)); name {
			case "render_template_string", "stream_template_string", "from_string", "Template":
				hasText = true
			case "render_template", "stream_template", "render", "dict":
				s.given(n)
			case "select_autoescape":
				s.r.customEscape = true
			case "install_gettext_callables", "install_gettext_translations", "install_null_translations":
				s.r.newStyle = s.r.newStyle || s.isTrue(s.f.KeywordArg(n, "newstyle"))
			default:
				s.call(n, name)
			}
		}
	}
	if hasText {
		s.texts()
	}
}

func (s *scanner) isTrue(n ast.NodeID) bool {
	return n != 0 && s.f.Kind(n) == ast.Constant && s.f.ConstKindOf(n) == ast.ConstTrue
}

// given notes the variables that a call sets to the names of templates: render_template("page.html", layout="wide.html").
func (s *scanner) given(call ast.NodeID) {
	for _, a := range s.f.ListB(call) {
		arg := ast.NodeID(a)
		if s.f.Kind(arg) != ast.Keyword {
			continue
		}
		value := s.f.SlotB(arg)
		values := []ast.NodeID{value}
		if s.f.Kind(value) == ast.IfExp {
			values = []ast.NodeID{s.f.SlotB(value), s.f.SlotC(value)}
		}
		for _, v := range values {
			s.nameOf(s.f.IdentOf(arg), v)
		}
	}
}

func (s *scanner) nameOf(variable string, value ast.NodeID) {
	known := s.r.names[variable]
	if text, ok := s.f.Str(value); ok && isTemplateName(text) && len(known) < maxReferences && !slices.Contains(known, text) {
		s.r.names[variable] = append(known, text)
	}
}

func isTemplateName(s string) bool {
	for _, ext := range [...]string{".html", ".htm", ".j2", ".jinja", ".jinja2", ".xml"} {
		if strings.HasSuffix(s, ext) {
			return true
		}
	}
	return false
}

// texts collects the strings that look like templates.
func (s *scanner) texts() {
	for id := range s.f.Nodes {
		t, ok := s.f.Str(ast.NodeID(id))
		if !ok || len(t) > maxText || !strings.Contains(t, "{{") && !strings.Contains(t, "{%") {
			continue
		}
		found := text{module: s.m, text: t, span: s.f.Span(ast.NodeID(id))}
		raw := s.f.Text(ast.NodeID(id))
		if i := strings.Index(raw, t); i > 0 && i <= 4 {
			found.inner = found.span.Start + uint32(i)
		}
		s.r.texts = append(s.r.texts, found)
	}
}

// function reads the decorators of a function.
func (s *scanner) function(n ast.NodeID) {
	for _, d := range s.f.Decorators(n) {
		dec := ast.NodeID(d)
		name := s.f.IdentOf(dec)
		as := s.f.IdentOf(n)
		if s.f.Kind(dec) == ast.Call {
			name = s.f.IdentOf(s.f.SlotA(dec))
			if given, ok := s.nameArg(dec, 0); ok {
				as = given
			}
		}
		switch name {
		case "template_filter", "app_template_filter":
			s.add(s.r.filters, as, s.funcRef(n))
		case "template_global", "app_template_global":
			s.add(s.r.globals, as, s.funcRef(n))
		case "context_processor", "app_context_processor":
			s.processor(n)
		}
	}
	if s.f.IdentOf(n) == "select_jinja_autoescape" {
		s.r.customEscape = true
	}
}

func (s *scanner) funcRef(n ast.NodeID) []reference {
	if local, ok := s.info.FuncOf(n); ok {
		return []reference{s.ofFunc(s.prog.FuncID(s.m, local))}
	}
	return nil
}

// ofFunc is a function of the program.
func (s *scanner) ofFunc(id ir.FuncID) reference {
	r := reference{isFunc: true, fn: id}
	m, local := s.prog.Where(id)
	if node := s.prog.Info(m).Funcs[local].Node; m.File.Kind(node) == ast.FunctionDef {
		r.context = slices.ContainsFunc(m.File.Decorators(node), func(d uint32) bool { return passesContext(m.File.IdentOf(ast.NodeID(d))) })
	}
	return r
}

// passesContext: a function with this decorator gets the context, the environment or the state of escaping first.
func passesContext(decorator string) bool {
	switch decorator {
	case "pass_context", "pass_environment", "pass_eval_context", "contextfilter", "contextfunction", "environmentfilter", "environmentfunction",
		"evalcontextfilter", "evalcontextfunction":
		return true
	}
	return false
}

// maxReferences bounds the functions that one name may stand for.
const maxReferences = 4

func (s *scanner) add(to map[string][]reference, name string, refs []reference) {
	if name == "" || len(refs) == 0 || len(to[name]) >= maxReferences || slices.Contains(to[name], refs[0]) {
		return
	}
	to[name] = append(to[name], refs[0])
}

// nameArg is the constant name that a call gives at a position or as name=.
func (s *scanner) nameArg(call ast.NodeID, pos int) (string, bool) {
	i := 0
	for _, a := range s.f.ListB(call) {
		arg := ast.NodeID(a)
		switch s.f.Kind(arg) {
		case ast.Keyword:
			if s.f.IdentOf(arg) == "name" {
				return s.f.Str(s.f.SlotB(arg))
			}
		default:
			if i == pos {
				return s.f.Str(arg)
			}
			i++
		}
	}
	return "", false
}

// processor reads which variables a context processor gives: the keys of the dicts that it writes.
func (s *scanner) processor(n ast.NodeID) {
	refs := s.funcRef(n)
	if len(refs) == 0 {
		return
	}
	give := func(name string) {
		if name != "" && len(s.r.processors[name]) < maxReferences && !slices.Contains(s.r.processors[name], refs[0].fn) {
			s.r.processors[name] = append(s.r.processors[name], refs[0].fn)
		}
	}
	s.f.Walk(n, func(c ast.NodeID) bool {
		switch s.f.Kind(c) {
		case ast.Dict:
			items := s.f.ListA(c)
			for i := 0; i+1 < len(items); i += 2 {
				if key, ok := s.f.Str(ast.NodeID(items[i])); ok {
					give(key)
				}
			}
		case ast.Keyword:
			give(s.f.IdentOf(c))
		}
		return true
	})
}

// table is filters or globals of an environment, when an expression names one.
func (s *scanner) table(n ast.NodeID) map[string][]reference {
	if s.f.Kind(n) != ast.Attribute {
		return nil
	}
	switch s.f.IdentOf(n) {
	case "filters":
		return s.r.filters
	case "globals":
		return s.r.globals
	}
	return nil
}

// assign reads env.filters["name"] = function, and env.autoescape = ….
func (s *scanner) assign(n ast.NodeID) {
	for _, t := range s.f.ListA(n) {
		target := ast.NodeID(t)
		switch s.f.Kind(target) {
		case ast.Attribute:
			switch owner := s.f.SlotA(target); s.f.IdentOf(target) {
			case "autoescape":
				s.escapes(s.f.SlotB(n), s.f.IdentOf(owner) == "jinja_env")
			case "jinja_options":
				s.jinjaOptions(s.f.SlotB(n))
			}
		case ast.Name:
			if s.f.IdentOf(target) == "jinja_options" { // of a class derived from Flask
				s.jinjaOptions(s.f.SlotB(n))
			}
		case ast.Subscript:
			if table := s.table(s.f.SlotA(target)); table != nil {
				if name, ok := s.f.Str(s.f.SlotB(target)); ok {
					s.add(table, name, s.value(s.f.SlotB(n)))
				}
			}
			if name, ok := s.f.Str(s.f.SlotB(target)); ok && name == "autoescape" && s.f.IdentOf(s.f.SlotA(target)) == "jinja_options" {
				s.escapes(s.f.SlotB(n), true)
			}
		}
	}
}

// escapes notes that the program decides on escaping; isApp: for all templates of the application.
func (s *scanner) escapes(value ast.NodeID, isApp bool) {
	if isApp && s.f.Kind(value) == ast.Constant && s.f.ConstKindOf(value) == ast.ConstTrue {
		s.r.escapesAll = true
		return
	}
	s.r.customEscape = true
}

// jinjaOptions reads what the application's environment is made with.
func (s *scanner) jinjaOptions(n ast.NodeID) {
	items(s.f, n, func(name string, value ast.NodeID) {
		if name == "autoescape" {
			s.escapes(value, true)
		}
	})
}

// value is the function or name that an expression leads to.
func (s *scanner) value(n ast.NodeID) []reference {
	switch s.f.Kind(n) {
	case ast.Lambda:
		return s.funcRef(n)
	case ast.Name, ast.Attribute:
		t := s.prog.ResolveName(s.m, semantic.DottedName(s.f, n))
		switch t.Kind {
		case semantic.TargetFunc:
			return []reference{s.ofFunc(t.Func)}
		case semantic.TargetVar:
			if t.Rest == "" {
				return []reference{{module: t.Module, name: t.Name}}
			}
		case semantic.TargetExternal, semantic.TargetClass, semantic.TargetModule:
			if s.f.Kind(n) == ast.Name {
				return []reference{{module: s.m, name: s.f.IdentOf(n)}}
			}
		}
	}
	return []reference{{}}
}

// call reads env.filters.update(name=function), and add_template_filter(function, name).
func (s *scanner) call(n ast.NodeID, name string) {
	args := s.f.ListB(n)
	switch name {
	case "update":
		callee := s.f.SlotA(n)
		if s.f.Kind(callee) != ast.Attribute {
			return
		}
		if s.f.IdentOf(s.f.SlotA(callee)) == "jinja_options" {
			for _, a := range args {
				s.jinjaOptions(ast.NodeID(a))
			}
			return
		}
		table := s.table(s.f.SlotA(callee))
		if table == nil {
			return
		}
		for _, a := range args {
			s.updated(table, ast.NodeID(a))
		}
	case "init_app":
		s.r.customEscape = s.r.customEscape || s.isSetUpElsewhere(n)
	case "add_template_filter", "add_app_template_filter":
		s.addCall(s.r.filters, n, args)
	case "add_template_global", "add_app_template_global":
		s.addCall(s.r.globals, n, args)
	}
}

// isSetUpElsewhere: something ready-made of a package outside the tree gets the application, which is how an organisation sets all of
// its applications up; which templates are escaped is decided there. An extension is made by the program first, or one of Flask.
//
//	from house import kit
//	kit.init_app(app)
func (s *scanner) isSetUpElsewhere(call ast.NodeID) bool {
	callee := s.f.SlotA(call)
	if s.f.Kind(callee) != ast.Attribute || len(s.f.ListB(call)) == 0 || s.m.IsTest {
		return false
	}
	t := s.prog.ResolveName(s.m, semantic.DottedName(s.f, s.f.SlotA(callee)))
	return t.Kind == semantic.TargetExternal && t.Path != "" && !strings.HasPrefix(strings.ToLower(t.Path), "flask")
}

func (s *scanner) updated(table map[string][]reference, arg ast.NodeID) {
	switch s.f.Kind(arg) {
	case ast.Keyword:
		s.add(table, s.f.IdentOf(arg), s.value(s.f.SlotB(arg)))
	case ast.Dict:
		items := s.f.ListA(arg)
		for i := 0; i+1 < len(items); i += 2 {
			if key, ok := s.f.Str(ast.NodeID(items[i])); ok {
				s.add(table, key, s.value(ast.NodeID(items[i+1])))
			}
		}
	case ast.Call: // dict(name=function)
		for _, a := range s.f.ListB(arg) {
			s.updated(table, ast.NodeID(a))
		}
	case ast.Name:
		s.filled(table, s.f.IdentOf(arg))
	}
}

// filled reads a dict that the file fills under a name: filters = {}; filters["bold"] = bold.
func (s *scanner) filled(table map[string][]reference, name string) {
	for id := range s.f.Nodes {
		n := ast.NodeID(id)
		if s.f.Kind(n) != ast.Assign {
			continue
		}
		for _, t := range s.f.ListA(n) {
			target := ast.NodeID(t)
			switch value := s.f.SlotB(n); {
			case s.f.Kind(target) == ast.Name && s.f.IdentOf(target) == name && s.f.Kind(value) != ast.Name:
				s.updated(table, value)
			case s.f.Kind(target) == ast.Subscript && s.f.Kind(s.f.SlotA(target)) == ast.Name && s.f.IdentOf(s.f.SlotA(target)) == name:
				if key, ok := s.f.Str(s.f.SlotB(target)); ok {
					s.add(table, key, s.value(value))
				}
			}
		}
	}
}

func (s *scanner) addCall(table map[string][]reference, n ast.NodeID, args []uint32) {
	if len(args) == 0 {
		return
	}
	fn := ast.NodeID(args[0])
	name, ok := s.nameArg(n, 1)
	if !ok {
		name = s.f.IdentOf(fn)
	}
	s.add(table, name, s.value(fn))
}
