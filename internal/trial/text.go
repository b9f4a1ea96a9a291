package trial

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

func (m *machine) textMethod(s, name string, args []any, kw map[string]any) any {
	isKnown := true
	arg := func(i int) string {
		if i < len(args) {
			if t, ok := args[i].(string); ok {
				return t
			}
		}
		isKnown = false
		return ""
	}
	if r := m.plainMethod(s, name, arg, args, kw); isKnown {
		return r
	}
	return m.fail()
}

func (m *machine) plainMethod(s, name string, arg func(int) string, args []any, kw map[string]any) any {
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
	case "rpartition":
		if i := strings.LastIndex(s, arg(0)); i >= 0 {
			return texts([]string{s[:i], arg(0), s[i+len(arg(0)):]})
		}
		return texts([]string{"", "", s})
	case "rsplit":
		if i := strings.LastIndex(s, arg(0)); len(args) == 2 && args[1] == any(int64(1)) && arg(0) != "" {
			if i < 0 {
				return texts([]string{s})
			}
			return texts([]string{s[:i], s[i+len(arg(0)):]})
		}
	case "splitlines":
		return texts(strings.Split(s, "\n"))
	case "format":
		return m.format(s, args, kw)
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
	case "isdigit", "isnumeric", "isdecimal":
		return s != "" && strings.Trim(s, "0123456789") == ""
	case "isascii":
		return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
	case "removeprefix":
		return strings.TrimPrefix(s, arg(0))
	case "removesuffix":
		return strings.TrimSuffix(s, arg(0))
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

// format is "…{}…".format(…), with the values in order.
func (m *machine) format(s string, args []any, kw map[string]any) any {
	if len(kw) > 0 || strings.Count(s, "{") != len(args) || strings.Count(s, "{}") != len(args) {
		return m.fail()
	}
	for _, a := range args {
		t, ok := m.text(a).(string)
		if !ok {
			return m.fail()
		}
		before, behind, _ := strings.Cut(s, "{}")
		s = before + strings.ReplaceAll(t, "{", "") + behind
	}
	return m.bounded(s)
}

func texts(list_ []string) *list {
	l := &list{}
	for _, s := range list_ {
		l.elems = append(l.elems, s)
	}
	return l
}
