package trial

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

func (m *machine) callExpr(id ast.NodeID) any {
	f := m.frame.mod.File
	callee := m.eval(f.SlotA(id))
	var args []any
	kw := map[string]any{}
	for _, w := range f.ListB(id) {
		switch a := ast.NodeID(w); f.Kind(a) {
		case ast.Keyword:
			if f.IdentOf(a) == "" {
				return m.fail()
			}
			kw[f.IdentOf(a)] = m.eval(f.SlotB(a))
		case ast.Starred:
			return m.fail()
		default:
			args = append(args, m.eval(a))
		}
	}
	if m.lost || m.raised {
		return none{}
	}
	switch callee := callee.(type) {
	case function:
		return m.call(callee.id, args, kw)
	case external:
		return m.library(callee.path, args, kw)
	case method:
		return m.method(callee, args)
	}
	return m.fail()
}

// attribute is v.name, or a dotted name of a module.
func (m *machine) attribute(id ast.NodeID) any {
	f := m.frame.mod.File
	if name := semantic.DottedName(f, id); name != "" {
		head, _, _ := strings.Cut(name, ".")
		if _, isLocal := m.frame.vars[head]; !isLocal {
			if t := m.prog.ResolveIn(m.frame.mod, m.frame.scope, name); t.Kind == semantic.TargetFunc && t.Rest == "" {
				return function{id: t.Func}
			}
		}
	}
	of, name := m.eval(f.SlotA(id)), f.IdentOf(id)
	if m.lost || m.raised {
		return none{}
	}
	switch v := of.(type) {
	case external:
		return m.known(v.path + "." + name)
	case *address:
		if r, ok := v.attr(name); ok {
			return r
		}
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
		return m.reCall(name, args)
	case path == "unicodedata.category" && len(args) == 1:
		return m.category(args[0])
	case strings.HasPrefix(path, "flask.request.") && name == "get":
		if v := m.field(strings.TrimSuffix(path, ".get")); m.lost || v != (none{}) || len(args) < 2 {
			return v
		}
		return args[1]
	case path == "flask.current_app.config.get", path == "flask.session.get":
		if len(args) > 1 {
			return args[1]
		}
		return none{}
	case path == "flask.url_for":
		return "/made"
	case path == "flask.abort", path == "werkzeug.exceptions.abort":
		return m.raise()
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
		if len(args) == 1 {
			return int64(len(m.iterate(args[0])))
		}
	case "bool":
		if len(args) == 1 {
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
			if e, ok := args[1].(external); ok && e.path == "builtins.str" {
				_, isText := args[0].(string)
				return isText
			}
		}
	case "list", "tuple", "set", "frozenset":
		if len(args) == 1 {
			return &list{slices.Clone(m.iterate(args[0]))}
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

// method calls a method of a value.
func (m *machine) method(c method, args []any) any {
	switch of := c.of.(type) {
	case string:
		return m.textMethod(of, c.name, args)
	case *list:
		switch c.name {
		case "append", "add":
			if len(args) == 1 {
				of.elems = append(of.elems, args[0])
				return none{}
			}
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
		if c.name == "_asdict" {
			break
		}
	}
	return m.fail()
}

func (m *machine) textMethod(s, name string, args []any) any {
	arg := func(i int) string {
		if i < len(args) {
			if t, ok := args[i].(string); ok {
				return t
			}
		}
		m.fail()
		return ""
	}
	switch name {
	case "strip", "lstrip", "rstrip":
		return m.strip(s, name, args)
	case "lower", "casefold":
		return strings.ToLower(s)
	case "upper":
		return strings.ToUpper(s)
	case "startswith", "endswith":
		return m.affix(s, name == "startswith", args)
	case "replace":
		return m.bounded(strings.ReplaceAll(s, arg(0), arg(1)))
	case "find":
		return int64(strings.Index(s, arg(0)))
	case "count":
		return int64(strings.Count(s, arg(0)))
	case "join":
		return m.join(s, args)
	case "split":
		if len(args) == 1 && arg(0) != "" {
			return texts(strings.Split(s, arg(0)))
		}
		if len(args) == 2 && args[1] == any(int64(1)) && arg(0) != "" {
			return texts(strings.SplitN(s, arg(0), 2))
		}
		if len(args) == 0 {
			return texts(strings.Fields(s))
		}
	case "partition":
		if a, b, ok := strings.Cut(s, arg(0)); ok {
			return texts([]string{a, arg(0), b})
		}
		return texts([]string{s, "", ""})
	case "translate":
		return m.translate(s, args)
	case "encode", "decode", "__str__":
		return s
	case "isalnum":
		return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	case "isprintable":
		return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
	case "isspace":
		return s != "" && strings.TrimFunc(s, unicode.IsSpace) == ""
	case "removeprefix":
		return strings.TrimPrefix(s, arg(0))
	}
	return m.fail()
}

// translate is s.translate({ord(c): …}).
func (m *machine) translate(s string, args []any) any {
	table, ok := dict(nil), false
	if len(args) == 1 {
		table, ok = args[0].(dict)
	}
	if !ok {
		return m.fail()
	}
	out := ""
	for _, r := range s {
		switch v, has := table[int64(r)]; v := v.(type) {
		case string:
			out += v
		case none:
		default:
			if has {
				return m.fail()
			}
			out += string(r)
		}
	}
	return out
}

func (m *machine) strip(s, name string, args []any) any {
	cut := " \t\n\r\v\f\x1c\x1d\x1e\x1f"
	if len(args) == 1 {
		c, ok := args[0].(string)
		if !ok {
			return m.fail()
		}
		cut = c
	}
	if name != "rstrip" {
		s = strings.TrimLeft(s, cut)
	}
	if name != "lstrip" {
		s = strings.TrimRight(s, cut)
	}
	return s
}

func (m *machine) affix(s string, isPrefix bool, args []any) any {
	if len(args) != 1 {
		return m.fail()
	}
	choices := []any{args[0]}
	if l, ok := args[0].(*list); ok {
		choices = l.elems
	}
	for _, c := range choices {
		t, ok := c.(string)
		if !ok {
			return m.fail()
		}
		if isPrefix && strings.HasPrefix(s, t) || !isPrefix && strings.HasSuffix(s, t) {
			return true
		}
	}
	return false
}

func (m *machine) join(sep string, args []any) any {
	if len(args) != 1 {
		return m.fail()
	}
	var out []string
	for _, v := range m.iterate(args[0]) {
		s, ok := v.(string)
		if !ok {
			return m.fail()
		}
		out = append(out, s)
	}
	return m.bounded(strings.Join(out, sep))
}

func texts(list_ []string) *list {
	l := &list{}
	for _, s := range list_ {
		l.elems = append(l.elems, s)
	}
	return l
}
