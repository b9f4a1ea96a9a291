package value

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"stopper/internal/ir"
)

// Format is an f-string: parts in order, constant text among them; repr marks `!r` and `!a`, spec is a constant format
// specification ("" for none). repr and spec may be shorter than parts.
func Format(parts []*Value, repr []bool, spec []string) *Value {
	var b builder
	var used []*Value
	for i, v := range parts {
		if v == nil {
			continue
		}
		ps, from := formatOne(v, i < len(repr) && repr[i], at(spec, i))
		b.add(ps...)
		used = append(used, from)
	}
	return sealed(textValue("str", b.done(), used...), parts...)
}

func at(s []string, i int) string {
	if i < len(s) {
		return s[i]
	}
	return ""
}

// formatOne is format(v, spec), or format(repr(v), spec), and the value that gives its taint.
func formatOne(v *Value, repr bool, spec string) ([]Part, *Value) {
	sp, ok := parseSpec(spec)
	if ok && v.IsConst && len(v.Taint) == 0 {
		r := fold1(v, func(c ir.Const) (ir.Const, bool) {
			if repr {
				s, ok := reprOf(c)
				if !ok {
					return ir.Const{}, false
				}
				c = strConst(s)
			}
			s, ok := sp.text(c)
			return strConst(s), ok
		})
		if r != nil {
			return SkeletonOf(r).Parts, r
		}
	}
	switch {
	case ok && !repr && strings.IndexByte("bcdeEfFgGnoxX%", sp.verb) >= 0 && sp.verb != 0:
		return formattedNumber(v)
	case spec == "" && !repr:
		return SkeletonOf(v).Parts, v
	}
	return []Part{{IsHole: true, Taint: v.Taint}}, v
}

// formatSpec is a parsed format specification.
type formatSpec struct {
	empty       bool
	fill        rune
	align, sign byte
	sharp, zero bool
	group       byte
	width, prec int
	hasPrec     bool
	verb        byte
}

// parseSpec reads [[fill]align][sign][#][0][width][grouping][.precision][type]; false for anything else, such as the
// date formats of strftime.
func parseSpec(s string) (sp formatSpec, ok bool) {
	sp.fill, sp.empty = ' ', s == ""
	if r, n := utf8.DecodeRuneInString(s); n > 0 && len(s) > n && strings.IndexByte("<>^=", s[n]) >= 0 && r != utf8.RuneError {
		sp.fill, sp.align, s = r, s[n], s[n+1:]
	} else if s != "" && strings.IndexByte("<>^=", s[0]) >= 0 {
		sp.align, s = s[0], s[1:]
	}
	if s != "" && strings.IndexByte("+- ", s[0]) >= 0 {
		sp.sign, s = s[0], s[1:]
	}
	if strings.HasPrefix(s, "#") {
		sp.sharp, s = true, s[1:]
	}
	if strings.HasPrefix(s, "0") {
		sp.zero, s = true, s[1:]
	}
	sp.width, s = digits(s)
	if s != "" && (s[0] == ',' || s[0] == '_') {
		sp.group, s = s[0], s[1:]
	}
	if strings.HasPrefix(s, ".") {
		if len(s) < 2 || s[1] < '0' || s[1] > '9' {
			return sp, false
		}
		sp.hasPrec = true
		sp.prec, s = digits(s[1:])
	}
	if s != "" && strings.IndexByte("bcdeEfFgGnosxX%", s[0]) >= 0 {
		sp.verb, s = s[0], s[1:]
	}
	return sp, s == "" && sp.width <= maxText && sp.prec <= maxText
}

// text is format(c, spec); false when Python refuses or the rules are not worth having here.
func (sp *formatSpec) text(c ir.Const) (string, bool) {
	switch {
	case sp.empty:
		return strOf(c)
	case c.Kind == ir.ConstStr:
		return sp.str(c.Str)
	case isInt(c) && strings.IndexByte("\x00bdoxXc", sp.verb) >= 0:
		return sp.integer(c)
	case strings.IndexByte("fF%", sp.verb) >= 0 && sp.verb != 0:
		return sp.fixed(c)
	}
	return "", false
}

func (sp *formatSpec) str(s string) (string, bool) {
	if sp.verb != 0 && sp.verb != 's' || sp.sign != 0 || sp.sharp || sp.group != 0 || sp.align == '=' || !utf8.ValidString(s) {
		return "", false
	}
	// A leading zero pads text on the right from Python 3.10 on, and is an error before.
	if sp.zero {
		return "", false
	}
	if sp.hasPrec {
		s = firstRunes(s, sp.prec)
	}
	align := sp.align
	if align == 0 {
		align = '<'
	}
	return pad(s, sp.fill, align, sp.width), true
}

func (sp *formatSpec) integer(c ir.Const) (string, bool) {
	if sp.hasPrec || sp.sharp || sp.verb == 'c' {
		return "", false
	}
	base := map[byte]int{'b': 2, 'o': 8, 'x': 16, 'X': 16}[sp.verb]
	if base == 0 {
		base = 10
	}
	s := strconv.FormatInt(c.Int, base)
	if sp.verb == 'X' {
		s = strings.ToUpper(s)
	}
	if sp.group == ',' && base != 10 {
		return "", false
	}
	every := 3
	if base != 10 {
		every = 4
	}
	return sp.number(s, every)
}

func (sp *formatSpec) fixed(c ir.Const) (string, bool) {
	f, ok := floatOf(c)
	if !ok || sp.sharp {
		return "", false
	}
	prec, suffix := 6, ""
	if sp.hasPrec {
		prec = sp.prec
	}
	if sp.verb == '%' {
		f, suffix = f*100, "%"
	}
	if prec > 100 || sp.group != 0 {
		return "", false
	}
	return sp.number(strconv.FormatFloat(f, 'f', prec, 64)+suffix, 3)
}

// number puts grouping, sign and padding on digits.
func (sp *formatSpec) number(s string, every int) (string, bool) {
	sign := ""
	switch {
	case strings.HasPrefix(s, "-"):
		sign, s = "-", s[1:]
	case sp.sign == '+', sp.sign == ' ':
		sign = string(sp.sign)
	}
	if sp.group != 0 {
		if sp.zero || sp.align == '=' {
			return "", false
		}
		s = grouped(s, sp.group, every)
	}
	align, fill := sp.align, sp.fill
	if sp.zero && align == 0 {
		align, fill = '=', '0'
	}
	switch align {
	case '=':
		return sign + pad(s, fill, '>', sp.width-len(sign)), true
	case 0:
		align = '>'
	}
	if sp.zero && fill == ' ' {
		// "<05" pads with zeros on the right from 3.10 on: rare, and not worth a rule.
		return "", false
	}
	return pad(sign+s, fill, align, sp.width), true
}

func grouped(s string, sep byte, every int) string {
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && (len(s)-i)%every == 0 {
			b.WriteByte(sep)
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// field is one replacement field of str.format.
type field struct {
	lit     string
	isField bool
	name    string // "" for the next positional
	path    string // .attribute and [index] that follow
	repr    bool
	spec    string
	nested  bool // the specification holds fields of its own
}

// parseFormat splits the template of str.format; false when Python would refuse it.
func parseFormat(f string) ([]field, bool) {
	var out []field
	for f != "" {
		i := strings.IndexAny(f, "{}")
		if i < 0 {
			return append(out, field{lit: f}), true
		}
		if i > 0 {
			out = append(out, field{lit: f[:i]})
		}
		switch {
		case len(f) > i+1 && f[i+1] == f[i]:
			out = append(out, field{lit: f[i : i+1]})
			f = f[i+2:]
			continue
		case f[i] == '}', len(out) > maxPieces:
			return nil, false
		}
		end := fieldEnd(f[i+1:])
		if end < 0 {
			return nil, false
		}
		fl, ok := parseField(f[i+1 : i+1+end])
		if !ok {
			return nil, false
		}
		out = append(out, fl)
		f = f[i+2+end:]
	}
	return out, true
}

// fieldEnd is where the closing brace stands; braces nest, and between brackets they do not count.
func fieldEnd(f string) int {
	depth, bracket := 0, false
	for i := range len(f) {
		switch {
		case f[i] == '[' && depth == 0:
			bracket = true
		case f[i] == ']' && depth == 0:
			bracket = false
		case bracket:
		case f[i] == '{':
			depth++
		case f[i] == '}' && depth == 0:
			return i
		case f[i] == '}':
			depth--
		}
	}
	return -1
}

func parseField(f string) (field, bool) {
	fl := field{isField: true}
	i := strings.IndexAny(f, "!:[")
	for i >= 0 && f[i] == '[' {
		end := strings.IndexByte(f[i:], ']')
		if end < 0 {
			return fl, false
		}
		next := strings.IndexAny(f[i+end:], "!:[")
		if next < 0 {
			i = -1
			break
		}
		i += end + next
	}
	name, rest := f, ""
	if i >= 0 {
		name, rest = f[:i], f[i:]
	}
	if j := strings.IndexAny(name, ".["); j >= 0 {
		name, fl.path = name[:j], f[j:]
		if i >= 0 {
			fl.path = f[j:i]
		}
	}
	if strings.ContainsAny(name, "{}]") {
		return fl, false
	}
	fl.name = name
	if strings.HasPrefix(rest, "!") {
		if len(rest) < 2 || strings.IndexByte("rsa", rest[1]) < 0 {
			return fl, false
		}
		fl.repr = rest[1] != 's'
		if rest[1] == 'a' || rest[1] == 's' && len(rest) > 2 {
			// !a escapes, and !s before a specification makes a number text: neither is folded.
			fl.nested = true
		}
		if rest = rest[2:]; rest != "" && rest[0] != ':' {
			return fl, false
		}
	}
	if strings.HasPrefix(rest, ":") {
		fl.spec = rest[1:]
		fl.nested = fl.nested || strings.ContainsAny(fl.spec, "{}")
	}
	return fl, true
}

// FormatMethod is recv.format(args…, kwargs…). Star arguments are the caller's to avoid.
func FormatMethod(recv *Value, args []*Value, kwargs map[string]*Value) *Value {
	return FormatWith(recv, args, kwargs, nil)
}

// FormatWith is FormatMethod with a reader of the attributes and items that fields name: path is `[key].attribute`. A nil
// result says that nothing is known.
func FormatWith(recv *Value, args []*Value, kwargs map[string]*Value, follow func(v *Value, path string) *Value) *Value {
	if recv == nil {
		return nil
	}
	all := append(append([]*Value{recv}, args...), sortedValues(kwargs)...)
	if len(recv.Taint) > 0 || !recv.IsConst {
		return opaqueText("str", all...)
	}
	var r *Value
	for _, c := range recv.Consts() {
		if c.Kind != ir.ConstStr {
			return opaque("", all...)
		}
		r = Join(r, formatText(c.Str, args, kwargs, all, follow))
	}
	return r
}

func formatText(f string, args []*Value, kwargs map[string]*Value, all []*Value, follow func(*Value, string) *Value) *Value {
	fields, ok := parseFormat(f)
	if !ok {
		return opaqueText("str", all...)
	}
	var b builder
	var used []*Value
	next := 0
	for i := range fields {
		fl := &fields[i]
		if !fl.isField {
			b.lit(fl.lit)
			continue
		}
		v := fieldValue(fl, &next, args, kwargs)
		isOpen := v == nil || fl.nested
		if fl.path != "" && v != nil {
			if w := followed(v, fl.path, follow); w != nil {
				v = w
			} else {
				isOpen = true
			}
		}
		if isOpen {
			v = holeFor(v, fl, all)
			b.add(Part{IsHole: true, Taint: v.Taint})
			used = append(used, v)
			continue
		}
		parts, from := formatOne(v, fl.repr, fl.spec)
		b.add(parts...)
		used = append(used, from)
	}
	return textValue("str", b.done(), used...)
}

func followed(v *Value, path string, follow func(*Value, string) *Value) *Value {
	if follow == nil {
		return nil
	}
	return follow(v, path)
}

// holeFor is what an open field may hold: what its argument carries, or, with a missing argument or a computed
// specification, what any argument does.
func holeFor(v *Value, fl *field, all []*Value) *Value {
	if v == nil || fl.nested {
		return opaqueText("str", all...)
	}
	return opaqueText("str", v)
}

func fieldValue(fl *field, next *int, args []*Value, kwargs map[string]*Value) *Value {
	if fl.name == "" {
		*next++
		if *next <= len(args) {
			return args[*next-1]
		}
		return nil
	}
	if n, err := strconv.Atoi(fl.name); err == nil {
		if n >= 0 && n < len(args) {
			return args[n]
		}
		return nil
	}
	return kwargs[fl.name]
}
