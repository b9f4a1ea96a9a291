package startup

import (
	"strconv"
	"strings"

	"stopper/internal/python/ast"
)

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }

func parseInt(s string) Value {
	n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 0, 64)
	if err != nil {
		return unknown
	}
	return Int{N: n}
}

// maxFloat is what Python still writes without an exponent.
const maxFloat = 1e15

func parseFloat(s string) Value {
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil || f >= maxFloat {
		return unknown
	}
	return Float{F: f}
}

// formatFloat is what Python writes: 1.0, not 1.
func formatFloat(f float64) string {
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// percent is text % args for %s, %d and %(name)s.
func percent(format Str, args Value) Value {
	var elems []Value
	switch a := args.(type) {
	case *List:
		elems = a.Elems
	case *Dict:
		return percentNames(format, a)
	default:
		elems = []Value{args}
	}
	out, rest := Value(Str{Soft: format.Soft}), format.S
	for {
		i := strings.IndexByte(rest, '%')
		if i < 0 || i+1 >= len(rest) {
			return binary(ast.Add, out, Str{S: rest})
		}
		out = binary(ast.Add, out, Str{S: rest[:i]})
		switch verb := rest[i+1]; {
		case verb == '%':
			out = binary(ast.Add, out, Str{S: "%"})
		case (verb == 's' || verb == 'd') && len(elems) > 0:
			out = binary(ast.Add, out, text(elems[0]))
			elems = elems[1:]
		default:
			return unknown
		}
		rest = rest[i+2:]
	}
}

func percentNames(format Str, d *Dict) Value {
	out, rest := Value(Str{Soft: format.Soft}), format.S
	for {
		i := strings.Index(rest, "%(")
		if i < 0 {
			return binary(ast.Add, out, Str{S: rest})
		}
		end := strings.IndexByte(rest[i:], ')')
		if end < 0 || i+end+1 >= len(rest) || rest[i+end+1] != 's' && rest[i+end+1] != 'd' {
			return unknown
		}
		v, ok := d.get(Str{S: rest[i+2 : i+end]})
		if !ok {
			return unknown
		}
		out = binary(ast.Add, binary(ast.Add, out, Str{S: rest[:i]}), text(v))
		rest = rest[i+end+2:]
	}
}

// format is text.format(…) without format specifications.
func format(s Str, args Args) Value {
	out, rest := Value(Str{Soft: s.Soft}), s.S
	next := 0
	for {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			return binary(ast.Add, out, Str{S: rest})
		}
		out = binary(ast.Add, out, Str{S: rest[:i]})
		if i+1 < len(rest) && rest[i+1] == rest[i] {
			out = binary(ast.Add, out, Str{S: rest[i : i+1]})
			rest = rest[i+2:]
			continue
		}
		end := strings.IndexByte(rest[i:], '}')
		if rest[i] == '}' || end < 0 {
			return unknown
		}
		field := rest[i+1 : i+end]
		rest = rest[i+end+1:]
		var v Value
		if n, err := strconv.Atoi(field); field == "" || err == nil {
			if field == "" {
				n = next
				next++
			}
			if n >= 0 && n < len(args.Pos) {
				v = args.Pos[n]
			}
		} else {
			v, _ = args.Keyword(field)
		}
		if v == nil {
			return unknown
		}
		out = binary(ast.Add, out, text(v))
	}
}

// textMethod is a method of str.
func (in *Interp) textMethod(s Str, name string, args Args) Value {
	arg := func(i int) (string, bool) {
		if i < len(args.Pos) {
			t, ok := args.Pos[i].(Str)
			s.Soft = s.Soft || t.Soft
			return t.S, ok
		}
		return "", false
	}
	str := func(t string) Value { return textValue(t, s.Soft) }
	switch name {
	case "format":
		return format(s, args)
	case "lower", "casefold":
		return str(strings.ToLower(s.S))
	case "upper":
		return str(strings.ToUpper(s.S))
	case "capitalize":
		if s.S == "" {
			return s
		}
		return str(strings.ToUpper(s.S[:1]) + strings.ToLower(s.S[1:]))
	case "title":
		return str(titled(s.S))
	case "isidentifier", "isdigit", "isalpha":
		return unknown
	case "encode", "decode", "__str__":
		return s
	case "strip", "lstrip", "rstrip":
		return in.strip(s, name, args)
	case "join":
		return in.joinList(s, args)
	case "split", "rsplit", "splitlines", "partition", "rpartition":
		return split(s, name, args)
	}
	a, ok := arg(0)
	if !ok {
		return in.affixes(s, name, args)
	}
	switch name {
	case "startswith":
		return Bool{strings.HasPrefix(s.S, a), s.Soft}
	case "endswith":
		return Bool{strings.HasSuffix(s.S, a), s.Soft}
	case "removeprefix":
		return str(strings.TrimPrefix(s.S, a))
	case "removesuffix":
		return str(strings.TrimSuffix(s.S, a))
	case "replace":
		if b, ok := arg(1); ok && len(s.S)*(len(b)+1) <= maxText*8 {
			return str(strings.ReplaceAll(s.S, a, b))
		}
	case "count":
		return Int{int64(strings.Count(s.S, a)), s.Soft}
	case "find":
		return Int{int64(strings.Index(s.S, a)), s.Soft}
	case "rfind":
		return Int{int64(strings.LastIndex(s.S, a)), s.Soft}
	}
	return unknown
}

// affixes are startswith and endswith with a tuple.
func (in *Interp) affixes(s Str, name string, args Args) Value {
	if len(args.Pos) == 0 || name != "startswith" && name != "endswith" {
		return unknown
	}
	l, ok := args.Pos[0].(*List)
	if !ok {
		return unknown
	}
	for _, e := range l.Elems {
		t, isStr := e.(Str)
		if !isStr {
			return unknown
		}
		if name == "startswith" && strings.HasPrefix(s.S, t.S) || name == "endswith" && strings.HasSuffix(s.S, t.S) {
			return Bool{true, s.Soft}
		}
	}
	return Bool{false, s.Soft}
}

func titled(s string) string {
	b := []byte(strings.ToLower(s))
	for i := range b {
		if (i == 0 || !isLetter(b[i-1])) && b[i] >= 'a' && b[i] <= 'z' {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (in *Interp) strip(s Str, name string, args Args) Value {
	cut := " \t\r\n\v\f"
	if len(args.Pos) > 0 {
		t, ok := args.Pos[0].(Str)
		if !ok {
			return unknown
		}
		cut = t.S
	}
	switch name {
	case "strip":
		return Str{strings.Trim(s.S, cut), s.Soft}
	case "lstrip":
		return Str{strings.TrimLeft(s.S, cut), s.Soft}
	}
	return Str{strings.TrimRight(s.S, cut), s.Soft}
}

func (in *Interp) joinList(sep Str, args Args) Value {
	if len(args.Pos) != 1 {
		return unknown
	}
	elems, known := in.iterate(args.Pos[0])
	if !known {
		return unknown
	}
	out := Value(Str{Soft: sep.Soft})
	for i, e := range elems {
		if i > 0 {
			out = binary(ast.Add, out, sep)
		}
		out = binary(ast.Add, out, e)
	}
	return out
}

func split(s Str, name string, args Args) Value {
	sep, limit := "", -1
	if len(args.Pos) > 0 {
		switch t := args.Pos[0].(type) {
		case Str:
			sep = t.S
		case None:
		default:
			return unknown
		}
	}
	if len(args.Pos) > 1 {
		n, ok := args.Pos[1].(Int)
		if !ok {
			return unknown
		}
		limit = int(n.N)
	}
	l := &List{}
	switch name {
	case "partition", "rpartition":
		i := strings.Index(s.S, sep)
		if name == "rpartition" {
			i = strings.LastIndex(s.S, sep)
		}
		parts := []string{s.S, "", ""}
		if i >= 0 {
			parts = []string{s.S[:i], sep, s.S[i+len(sep):]}
		} else if name == "rpartition" {
			parts = []string{"", "", s.S}
		}
		for _, p := range parts {
			l.add(Str{p, s.Soft})
		}
		return l
	case "splitlines":
		sep = "\n"
	}
	for _, p := range pieces(s.S, sep, limit, name == "rsplit") {
		l.add(Str{p, s.Soft})
	}
	return l
}

func pieces(s, sep string, limit int, fromRight bool) []string {
	if sep == "" {
		return strings.Fields(s)
	}
	if limit < 0 {
		return strings.Split(s, sep)
	}
	if !fromRight {
		return strings.SplitN(s, sep, limit+1)
	}
	all := strings.Split(s, sep)
	if len(all) <= limit+1 {
		return all
	}
	cut := len(all) - limit
	return append([]string{strings.Join(all[:cut], sep)}, all[cut:]...)
}
