package value

import (
	"strings"
	"unicode/utf8"

	"stopper/internal/ir"
)

// methodConst is c.name(args…) on constants. Text outside ASCII is folded only where Unicode tables do not matter.
func methodConst(c ir.Const, name string, args []ir.Const) (ir.Const, bool) {
	if !isText(c) || c.Kind == ir.ConstStr && !utf8.ValidString(c.Str) {
		return ir.Const{}, false
	}
	switch name {
	case "encode", "decode":
		return recode(c, name, args)
	case "hex":
		return ir.Const{}, false
	}
	for _, a := range args {
		if isText(a) && a.Kind != c.Kind {
			return ir.Const{}, false
		}
	}
	switch textMethod(name) {
	case returnsBool:
		return boolMethod(c, name, args)
	case returnsInt:
		return intMethod(c, name, args)
	}
	s, ok := textMethodConst(c.Str, name, args)
	return ir.Const{Kind: c.Kind, Str: s}, ok
}

func recode(c ir.Const, name string, args []ir.Const) (ir.Const, bool) {
	codec := "utf-8"
	if len(args) > 0 {
		codec = strings.ToLower(strings.ReplaceAll(args[0].Str, "_", "-"))
	}
	if codec != "utf-8" && codec != "utf8" && !(isASCII(c.Str) && (codec == "ascii" || codec == "latin-1")) {
		return ir.Const{}, false
	}
	switch {
	case name == "encode" && c.Kind == ir.ConstStr:
		return ir.Const{Kind: ir.ConstBytes, Str: c.Str}, true
	case name == "decode" && c.Kind == ir.ConstBytes && utf8.ValidString(c.Str):
		return strConst(c.Str), true
	}
	return ir.Const{}, false
}

func boolMethod(c ir.Const, name string, args []ir.Const) (ir.Const, bool) {
	s := c.Str
	if len(args) == 1 && isText(args[0]) {
		switch name {
		case "startswith":
			return boolConst(strings.HasPrefix(s, args[0].Str)), true
		case "endswith":
			return boolConst(strings.HasSuffix(s, args[0].Str)), true
		case "__contains__":
			return boolConst(strings.Contains(s, args[0].Str)), true
		case "__eq__":
			return boolConst(s == args[0].Str), true
		}
		return ir.Const{}, false
	}
	if len(args) > 0 {
		return ir.Const{}, false
	}
	if name == "isascii" {
		return boolConst(isBytesASCII(s)), true
	}
	if !isBytesASCII(s) {
		return ir.Const{}, false
	}
	switch name {
	case "isdigit", "isdecimal", "isnumeric":
		return boolConst(every(s, isDigit)), true
	case "isalpha":
		return boolConst(every(s, isAlpha)), true
	case "isalnum":
		return boolConst(every(s, func(b byte) bool { return isAlpha(b) || isDigit(b) })), true
	case "isspace":
		return boolConst(every(s, func(b byte) bool { return isSpace(b) || c.Kind == ir.ConstStr && b >= 0x1c && b <= 0x1f })), true
	case "isupper":
		return boolConst(strings.ToUpper(s) == s && strings.ToLower(s) != s), true
	case "islower":
		return boolConst(strings.ToLower(s) == s && strings.ToUpper(s) != s), true
	case "isidentifier":
		return boolConst(s != "" && !isDigit(s[0]) && every(s, func(b byte) bool { return isAlpha(b) || isDigit(b) || b == '_' })), true
	case "isprintable":
		return boolConst(s == "" || every(s, func(b byte) bool { return b >= ' ' && b < 0x7f })), true
	}
	return ir.Const{}, false
}

func isBytesASCII(s string) bool {
	return s == "" || every(s, func(b byte) bool { return b < 0x80 })
}

func every(s string, f func(byte) bool) bool {
	for i := range len(s) {
		if !f(s[i]) {
			return false
		}
	}
	return s != ""
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
func isAlpha(b byte) bool { b |= 0x20; return b >= 'a' && b <= 'z' }
func isSpace(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }

// intMethod counts in characters for str and in bytes for bytes.
func intMethod(c ir.Const, name string, args []ir.Const) (ir.Const, bool) {
	if name == "__len__" && len(args) == 0 {
		return intConst(lenOf(c)), true
	}
	if len(args) != 1 || !isText(args[0]) {
		return ir.Const{}, false
	}
	s, sub := c.Str, args[0].Str
	i := 0
	switch name {
	case "count":
		if c.Kind == ir.ConstBytes && sub == "" {
			return intConst(int64(len(s)) + 1), true
		}
		return intConst(int64(strings.Count(s, sub))), true
	case "find", "index":
		i = strings.Index(s, sub)
	case "rfind", "rindex":
		i = strings.LastIndex(s, sub)
	}
	if i < 0 {
		return intConst(-1), strings.HasSuffix(name, "find")
	}
	return intConst(lenOf(ir.Const{Kind: c.Kind, Str: s[:i]})), true
}

func lenOf(c ir.Const) int64 {
	if c.Kind == ir.ConstBytes {
		return int64(len(c.Str))
	}
	return int64(utf8.RuneCountInString(c.Str))
}

func textMethodConst(s, name string, args []ir.Const) (string, bool) {
	switch name {
	case "strip", "lstrip", "rstrip":
		return stripConst(s, name, args)
	case "removeprefix":
		return strings.TrimPrefix(s, argText(args, 0)), len(args) == 1 && isText(args[0])
	case "removesuffix":
		return strings.TrimSuffix(s, argText(args, 0)), len(args) == 1 && isText(args[0])
	case "replace":
		return replaceConst(s, args)
	}
	if !isBytesASCII(s) {
		return "", false
	}
	if len(args) > 0 {
		return padConst(s, name, args)
	}
	switch name {
	case "lower", "casefold":
		return strings.ToLower(s), true
	case "upper":
		return strings.ToUpper(s), true
	case "capitalize":
		if s == "" {
			return "", true
		}
		return strings.ToUpper(s[:1]) + strings.ToLower(s[1:]), true
	case "swapcase", "title":
		return recase(s, name), true
	}
	return "", false
}

func argText(args []ir.Const, i int) string {
	if i < len(args) {
		return args[i].Str
	}
	return ""
}

func recase(s, name string) string {
	b := []byte(s)
	inWord := false
	for i, c := range b {
		if !isAlpha(c) {
			inWord = false
			continue
		}
		up := name == "title" && !inWord || name == "swapcase" && c >= 'a'
		if b[i] = c | 0x20; up {
			b[i] = c &^ 0x20
		}
		inWord = true
	}
	return string(b)
}

func stripConst(s, name string, args []ir.Const) (string, bool) {
	cut := " \t\n\r\v\f"
	switch {
	case len(args) == 1 && isText(args[0]):
		if cut = args[0].Str; !utf8.ValidString(cut) || !utf8.ValidString(s) {
			return "", false
		}
	case len(args) > 0 && args[0].Kind != ir.ConstNone:
		return "", false
	case !isBytesASCII(s) || strings.ContainsAny(s, "\x1c\x1d\x1e\x1f"):
		return "", false
	}
	if name != "rstrip" {
		s = strings.TrimLeft(s, cut)
	}
	if name != "lstrip" {
		s = strings.TrimRight(s, cut)
	}
	return s, true
}

func replaceConst(s string, args []ir.Const) (string, bool) {
	if len(args) < 2 || !isText(args[0]) || !isText(args[1]) || !utf8.ValidString(s) {
		return "", false
	}
	n := int64(-1)
	if len(args) == 3 {
		if !isInt(args[2]) {
			return "", false
		}
		n = args[2].Int
	}
	old, repl := args[0].Str, args[1].Str
	if (strings.Count(s, old)+1)*len(repl)+len(s) > 4*maxText || old == "" && !isBytesASCII(s) {
		return "", false
	}
	return strings.Replace(s, old, repl, int(min(n, int64(len(s))+1))), true
}

func padConst(s, name string, args []ir.Const) (string, bool) {
	if !isInt(args[0]) || args[0].Int > maxText || len(args) > 2 {
		return "", false
	}
	width, fill := int(max(args[0].Int, 0)), ' '
	if len(args) == 2 {
		r, n := utf8.DecodeRuneInString(args[1].Str)
		if n == 0 || n != len(args[1].Str) || r == utf8.RuneError || name == "zfill" {
			return "", false
		}
		fill = r
	}
	switch name {
	case "ljust":
		return pad(s, fill, '<', width), true
	case "rjust":
		return pad(s, fill, '>', width), true
	case "center":
		// CPython puts the odd fill character to the left when the width is odd.
		n := max(width-len(s), 0)
		left := n/2 + n&width&1
		return strings.Repeat(string(fill), left) + s + strings.Repeat(string(fill), n-left), true
	case "zfill":
		if s != "" && (s[0] == '-' || s[0] == '+') {
			return s[:1] + pad(s[1:], '0', '>', width-1), true
		}
		return pad(s, '0', '>', width), true
	}
	return "", false
}
