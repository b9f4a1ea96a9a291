package trial

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

func (m *machine) callExpr(id ast.NodeID) any {
	f := m.frame.mod.File
	if isLogging(f, f.SlotA(id)) {
		return none{} // what is told about an address changes nothing
	}
	callee := m.eval(f.SlotA(id))
	var args []any
	kw := map[string]any{}
	isKnown := true
	for _, w := range f.ListB(id) {
		switch a := ast.NodeID(w); f.Kind(a) {
		case ast.Keyword:
			v := m.eval(f.SlotB(a))
			isKnown = isKnown && f.IdentOf(a) != ""
			kw[f.IdentOf(a)] = v
		case ast.Starred:
			l, ok := m.eval(f.SlotA(a)).(*list)
			if isKnown = isKnown && ok; ok {
				args = append(args, l.elems...)
			}
		default:
			args = append(args, m.eval(a))
		}
	}
	if m.lost || m.raised {
		return none{}
	}
	if !isKnown {
		return m.fail()
	}
	return m.apply(callee, args, kw)
}

// isLogging recognises logger.warning, current_app.logger.info, logging.debug and the like.
func isLogging(f *ast.File, callee ast.NodeID) bool {
	if f.Kind(callee) == ast.Name {
		return f.IdentOf(callee) == "print"
	}
	if f.Kind(callee) != ast.Attribute {
		return false
	}
	switch f.IdentOf(callee) {
	case "debug", "info", "warning", "warn", "error", "exception", "critical":
		of := strings.ToLower(f.IdentOf(f.SlotA(callee)))
		return of == "logging" || of == "log" || strings.HasSuffix(of, "logger")
	}
	return false
}

// apply calls a value.
func (m *machine) apply(callee any, args []any, kw map[string]any) any {
	switch callee := callee.(type) {
	case function:
		return m.call(callee.id, args, kw)
	case bound:
		return m.call(callee.id, append([]any{callee.self}, args...), kw)
	case class:
		return m.instance(callee, args, kw)
	case external:
		return m.library(callee.path, args, kw)
	case method:
		return m.method(callee, args, kw)
	}
	return m.fail()
}

// attribute is v.name, or a dotted name of a module.
func (m *machine) attribute(id ast.NodeID) any {
	f := m.frame.mod.File
	if name := semantic.DottedName(f, id); name != "" {
		head, _, _ := strings.Cut(name, ".")
		if _, isLocal := m.frame.vars[head]; !isLocal {
			if t := m.prog.ResolveIn(m.frame.mod, m.frame.scope, name); t.Rest == "" {
				switch t.Kind {
				case semantic.TargetFunc:
					return m.funcOf(t.Func)
				case semantic.TargetVar:
					return m.variable(t)
				}
			}
		}
	}
	of, name := m.eval(f.SlotA(id)), f.IdentOf(id)
	if m.lost || m.raised {
		return none{}
	}
	return m.attr(of, name)
}

// attr is of.name.
func (m *machine) attr(of any, name string) any {
	switch v := of.(type) {
	case external:
		return m.known(v.path + "." + name)
	case module:
		return m.member(v, name)
	case *object:
		if a, ok := v.attrs[name]; ok {
			return a
		}
		return m.classAttr(v.of, name, v)
	case class:
		return m.classAttr(v.id, name, nil)
	case ipAddr:
		return m.ipAttr(v, name)
	case ipNet:
		return m.netAttr(v, name)
	case *address:
		if name == "port" {
			return m.port(v)
		}
		if r, ok := v.attr(name); ok {
			return r
		}
	case none:
		return m.raise("AttributeError")
	case unknown:
		return m.setting(name)
	}
	return method{of, name}
}

// known is something of a library that is a value of its own.
func (m *machine) known(path string) any {
	site := strings.TrimSuffix(m.base[strings.Index(m.base, "//")+2:], "/")
	switch strings.TrimPrefix(path, "flask.globals.") {
	case "flask.request.host_url", "flask.request.url_root", "flask.request.root_url":
		return m.base
	case "flask.request.url", "flask.request.base_url":
		return m.base + "here"
	case "flask.request.host", "flask.request.server.name":
		return site
	case "flask.request.path", "flask.request.full_path":
		return "/here"
	case "flask.request.scheme":
		return m.base[:strings.IndexByte(m.base, ':')]
	case "flask.request.referrer":
		return m.field(path)
	case "flask.request.is_secure":
		return strings.HasPrefix(m.base, "https:")
	}
	return external{path}
}

// field is what the request holds under any name.
func (m *machine) field(path string) any {
	switch path {
	case "flask.request.args", "flask.request.values", "flask.request.form", "flask.request.referrer", "flask.request.cookies":
		if m.input == "" {
			return none{}
		}
		return m.input
	}
	return m.fail()
}

// library calls something of a library.
func (m *machine) library(path string, args []any, kw map[string]any) any {
	name := path[strings.LastIndexByte(path, '.')+1:]
	switch {
	case strings.HasPrefix(path, "builtins."):
		return m.builtin(name, args)
	case strings.HasPrefix(path, "urllib.parse."), strings.HasPrefix(path, "six.moves.urllib.parse."), strings.HasPrefix(path, "urlparse."),
		strings.HasPrefix(path, "werkzeug.urls."):
		return m.urlCall(name, args)
	case strings.HasPrefix(path, "re."):
		return m.reCall(name, args, kw)
	case path == "unicodedata.category" && len(args) == 1:
		return m.category(args[0])
	case path == "unicodedata.normalize" && len(args) == 2:
		return args[1] // the addresses that are tried are ASCII
	case strings.HasPrefix(path, "flask.request.") && name == "get":
		if v := m.field(strings.TrimSuffix(path, ".get")); m.lost || v != (none{}) || len(args) < 2 {
			return v
		}
		return args[1]
	case path == "flask.current_app.config.get", path == "flask.session.get", path == "os.getenv", path == "os.environ.get":
		if len(args) > 1 {
			return args[1]
		}
		if v, ok := kw["default"]; ok {
			return v
		}
		return none{}
	case strings.HasPrefix(path, "socket."):
		return m.socketCall(name, args, kw)
	case strings.HasPrefix(path, "ipaddress."):
		return m.ipCall(name, args)
	case path == "flask.url_for":
		return "/made"
	case path == "flask.abort", path == "werkzeug.exceptions.abort":
		return m.raise("HTTPException")
	}
	return m.fail()
}

func (m *machine) builtin(name string, args []any) any {
	switch name {
	case "any", "all":
		if len(args) == 1 {
			for _, v := range m.iterate(args[0]) {
				if m.truth(v) == (name == "any") {
					return name == "any"
				}
			}
			return name == "all"
		}
	case "len":
		if len(args) == 1 && !isVague(args[0]) {
			return int64(len(m.iterate(args[0])))
		}
	case "bool":
		if len(args) == 1 && !isVague(args[0]) {
			return m.truth(args[0])
		}
	case "str":
		if len(args) == 1 {
			return m.text(args[0])
		}
	case "range":
		return m.numbers(args)
	case "ord":
		if s, ok := only(args); ok && utf8.RuneCountInString(s) == 1 {
			r, _ := utf8.DecodeRuneInString(s)
			return int64(r)
		}
	case "chr":
		if len(args) == 1 {
			if n, ok := args[0].(int64); ok && n >= 0 && n < 0x110000 {
				return string(rune(n))
			}
		}
	case "isinstance":
		if len(args) == 2 {
			return m.isInstance(args[0], args[1])
		}
	case "getattr":
		if len(args) > 1 {
			return m.getattr(args)
		}
	case "int":
		if len(args) == 1 {
			return m.number(args[0])
		}
	case "map", "filter":
		if len(args) == 2 {
			return m.mapped(name, args[0], args[1])
		}
	case "print":
		return none{}
	case "list", "tuple", "set", "frozenset", "sorted":
		if len(args) == 1 {
			if isVague(args[0]) {
				return m.fail()
			}
			l := &list{slices.Clone(m.iterate(args[0]))}
			m.note(l)
			return l
		}
		if len(args) == 0 {
			return &list{}
		}
	}
	return m.fail()
}

// numbers is range(…) without a step.
func (m *machine) numbers(args []any) any {
	var ends []int64
	for _, a := range args {
		n, ok := a.(int64)
		if !ok {
			return m.fail()
		}
		ends = append(ends, n)
	}
	if len(ends) == 1 {
		ends = append([]int64{0}, ends...)
	}
	if len(ends) != 2 || ends[1]-ends[0] > maxSteps {
		return m.fail()
	}
	out := &list{}
	for n := ends[0]; n < ends[1]; n++ {
		out.elems = append(out.elems, n)
	}
	return out
}

func only(args []any) (string, bool) {
	if len(args) != 1 {
		return "", false
	}
	s, ok := args[0].(string)
	return s, ok
}

// category is unicodedata.category of one character, as far as checks of URLs ask.
func (m *machine) category(v any) any {
	s, ok := v.(string)
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case !ok || size != len(s) || size == 0:
		return m.fail()
	case unicode.Is(unicode.Cc, r):
		return "Cc"
	case unicode.Is(unicode.Cf, r):
		return "Cf"
	case unicode.IsUpper(r):
		return "Lu"
	case unicode.IsLower(r):
		return "Ll"
	case unicode.IsDigit(r):
		return "Nd"
	case unicode.Is(unicode.Zs, r):
		return "Zs"
	}
	return "Po"
}

// isInstance answers for the types that checks of addresses ask about.
func (m *machine) isInstance(v, of any) any {
	types := []any{of}
	if l, ok := of.(*list); ok {
		types = l.elems
	}
	for _, t := range types {
		e, ok := t.(external)
		if !ok || isVague(v) {
			return m.fail()
		}
		is := false
		switch x := v.(type) {
		case string:
			is = e.path == "builtins.str"
		case int64:
			is = e.path == "builtins.int"
		case *list:
			is = e.path == "builtins.list" || e.path == "builtins.tuple" || e.path == "builtins.set"
		case dict:
			is = e.path == "builtins.dict"
		case ipAddr:
			is = e.path == "ipaddress.IPv4Address" && x.Is4() || e.path == "ipaddress.IPv6Address" && x.Is6()
		}
		if is {
			return true
		}
	}
	return false
}

// getattr is getattr(of, name[, default]).
func (m *machine) getattr(args []any) any {
	name, ok := args[1].(string)
	if !ok {
		return m.fail()
	}
	v := m.attr(args[0], name)
	if len(args) > 2 && m.raised && !m.lost && slices.Contains(m.class, "AttributeError") {
		m.raised = false
		return args[2]
	}
	if _, isNone := v.(method); isNone {
		return m.fail()
	}
	return v
}

// number is int(v).
func (m *machine) number(v any) any {
	switch v := v.(type) {
	case int64:
		return v
	case string:
		if n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64); err == nil {
			return n
		}
		return m.raise("ValueError")
	}
	return m.fail()
}

// mapped is map(f, v), or filter(f, v).
func (m *machine) mapped(name string, fn, v any) any {
	out := &list{}
	for _, e := range m.iterate(v) {
		r := m.apply(fn, []any{e}, nil)
		switch {
		case m.lost || m.raised:
			return none{}
		case name == "map":
			out.elems = append(out.elems, r)
		case m.truth(r):
			out.elems = append(out.elems, e)
		}
	}
	return out
}

// method calls a method of a value.
func (m *machine) method(c method, args []any, kw map[string]any) any {
	switch of := c.of.(type) {
	case string:
		return m.textMethod(of, c.name, args, kw)
	case *list:
		switch c.name {
		case "append", "add":
			if len(args) == 1 {
				of.elems = append(of.elems, args[0])
				return none{}
			}
		case "extend", "update":
			if len(args) == 1 {
				of.elems = append(of.elems, m.iterate(args[0])...)
				return none{}
			}
		}
	case dict:
		switch c.name {
		case "get":
			return m.dictGet(of, args)
		case "keys":
			return &list{of.keys()}
		}
	case pattern:
		return m.match(of.re, c.name, args)
	case found:
		if c.name == "group" && len(args) == 0 {
			return of.text
		}
	case *address:
		if c.name == "geturl" {
			return of.String()
		}
		if c.name == "_replace" {
			return m.replaced(of, kw)
		}
	}
	return m.fail()
}

func (m *machine) dictGet(d dict, args []any) any {
	if len(args) == 0 {
		return m.fail()
	}
	switch args[0].(type) {
	case string, int64:
	default:
		return m.fail()
	}
	if v, ok := d[args[0]]; ok {
		return v
	}
	if len(args) > 1 {
		return args[1]
	}
	return none{}
}
