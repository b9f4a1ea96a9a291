package value

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"stopper/internal/ir"
)

// maxPieces bounds the placeholders of one format string; more make the result one hole.
const maxPieces = 64

// conv is one placeholder of a %-format.
type conv struct {
	key            string
	hasKey         bool
	minus, zero    bool
	plus, space    bool
	sharp, hasPrec bool
	width, prec    int
	verb           byte
}

// piece is literal text, or a placeholder.
type piece struct {
	lit  string
	conv *conv
}

// parsePercent splits a %-format; false when Python would refuse it or it takes its widths from arguments.
func parsePercent(f string) ([]piece, bool) {
	var out []piece
	for f != "" {
		i := strings.IndexByte(f, '%')
		if i < 0 {
			return append(out, piece{lit: f}), true
		}
		if i > 0 {
			out = append(out, piece{lit: f[:i]})
		}
		c, rest, ok := parseConv(f[i+1:])
		if !ok || len(out) > maxPieces {
			return nil, false
		}
		if f = rest; c.verb == '%' {
			out = append(out, piece{lit: "%"})
		} else {
			out = append(out, piece{conv: &c})
		}
	}
	return out, true
}

func parseConv(f string) (c conv, rest string, ok bool) {
	if strings.HasPrefix(f, "(") {
		i := strings.IndexByte(f, ')')
		if i < 0 || strings.Contains(f[1:i], "(") {
			return c, "", false
		}
		c.key, c.hasKey, f = f[1:i], true, f[i+1:]
	}
	f = c.flags(f)
	c.width, f = digits(f)
	if strings.HasPrefix(f, ".") {
		c.hasPrec = true
		c.prec, f = digits(f[1:])
	}
	if f != "" && strings.IndexByte("hlL", f[0]) >= 0 {
		f = f[1:]
	}
	if f == "" || strings.IndexByte("diouxXeEfFgGcrsa%", f[0]) < 0 {
		return c, "", false
	}
	c.verb = f[0]
	return c, f[1:], c.width <= maxText && c.prec <= maxText && (c.verb != '%' || c == conv{verb: '%'})
}

func (c *conv) flags(f string) string {
	for f != "" {
		switch f[0] {
		case '-':
			c.minus = true
		case '0':
			c.zero = true
		case '+':
			c.plus = true
		case ' ':
			c.space = true
		case '#':
			c.sharp = true
		default:
			return f
		}
		f = f[1:]
	}
	return f
}

// digits reads a number; one that is absurd is more than maxText.
func digits(f string) (int, string) {
	n, i := 0, 0
	for ; i < len(f) && f[i] >= '0' && f[i] <= '9'; i++ {
		n = min(n*10+int(f[i]-'0'), maxText+1)
	}
	return n, f[i:]
}

// Percent is `format % (args…)`, or `format % {keys…}`. With neither the arguments are not known.
func Percent(format *Value, args []*Value, keys map[string]*Value) *Value {
	if format == nil {
		return nil
	}
	typ := textTypeOf(format)
	all := append([]*Value{format}, args...)
	all = append(all, sortedValues(keys)...)
	if len(format.Taint) > 0 || !format.IsConst {
		return opaqueText(typ, all...)
	}
	var r *Value
	for _, c := range format.Consts() {
		if !isText(c) {
			return opaque("", all...)
		}
		r = Join(r, percentOne(c.Str, typ, args, keys, all))
	}
	return r
}

func percentOne(f, typ string, args []*Value, keys map[string]*Value, all []*Value) *Value {
	pieces, ok := parsePercent(f)
	if !ok {
		return opaqueText(typ, all...)
	}
	var b builder
	var used []*Value
	n := 0
	for _, p := range pieces {
		if p.conv == nil {
			b.lit(p.lit)
			continue
		}
		v := percentValue(p.conv, &n, args, keys)
		if v == nil {
			v = opaque("", all...)
		}
		parts, from := convert(p.conv, v)
		b.add(parts...)
		used = append(used, from)
	}
	return textValue(typ, b.done(), used...)
}

func percentValue(c *conv, n *int, args []*Value, keys map[string]*Value) *Value {
	if c.hasKey {
		return keys[c.key]
	}
	if *n >= len(args) {
		return nil
	}
	*n++
	return args[*n-1]
}

// convert is what one placeholder makes of a value, and the value that gives its taint: numbers carry none.
func convert(c *conv, v *Value) ([]Part, *Value) {
	if v.IsConst && len(v.Taint) == 0 {
		var s *Skeleton
		for _, k := range v.Consts() {
			t, ok := c.text(k)
			if !ok {
				s = nil
				break
			}
			if l := literal(t); s == nil {
				s = l
			} else {
				s = joinSkeletons(s, l)
			}
		}
		if s != nil {
			return s.Parts, v
		}
	}
	switch {
	case strings.IndexByte("diouxXeEfFgG", c.verb) >= 0:
		return formattedNumber(v)
	case c.verb == 's' && c.width == 0 && !c.hasPrec:
		return SkeletonOf(v).Parts, v
	}
	return []Part{{IsHole: true, Taint: v.Taint}}, v
}

func percentConst(f string, arg ir.Const) (ir.Const, bool) {
	pieces, ok := parsePercent(f)
	if !ok {
		return ir.Const{}, false
	}
	var b strings.Builder
	used := false
	for _, p := range pieces {
		if p.conv == nil {
			b.WriteString(p.lit)
			continue
		}
		t, ok := p.conv.text(arg)
		if !ok || used || p.conv.hasKey {
			return ir.Const{}, false
		}
		used = true
		b.WriteString(t)
	}
	return strConst(b.String()), used
}

// text is one constant formatted; false when Python refuses or the rules are not worth having here.
func (c *conv) text(k ir.Const) (string, bool) {
	var s string
	ok := true
	switch c.verb {
	case 's':
		s, ok = strOf(k)
	case 'r', 'a':
		s, ok = reprOf(k)
		ok = ok && (c.verb == 'r' || isASCII(s))
	case 'd', 'i', 'u', 'x', 'X', 'o':
		return c.integer(k)
	case 'c':
		s, ok = charOf(k)
	case 'f', 'F':
		return c.fixed(k)
	default:
		return "", false
	}
	if !ok || !utf8.ValidString(s) {
		return "", false
	}
	if c.hasPrec && c.verb != 'c' {
		s = firstRunes(s, c.prec)
	}
	return pad(s, ' ', c.side(), c.width), true
}

func (c *conv) side() byte {
	if c.minus {
		return '<'
	}
	return '>'
}

func charOf(k ir.Const) (string, bool) {
	switch {
	case k.Kind == ir.ConstStr:
		return k.Str, utf8.RuneCountInString(k.Str) == 1
	case isInt(k) && k.Int >= 0 && k.Int <= utf8.MaxRune && utf8.ValidRune(rune(k.Int)):
		return string(rune(k.Int)), true
	}
	return "", false
}

func (c *conv) integer(k ir.Const) (string, bool) {
	if !isInt(k) || c.sharp || c.hasPrec {
		return "", false
	}
	base := 10
	switch c.verb {
	case 'x', 'X':
		base = 16
	case 'o':
		base = 8
	}
	s := strconv.FormatInt(k.Int, base)
	if c.verb == 'X' {
		s = strings.ToUpper(s)
	}
	return c.number(s), true
}

func (c *conv) fixed(k ir.Const) (string, bool) {
	f, ok := floatOf(k)
	if !ok || c.sharp {
		return "", false
	}
	prec := 6
	if c.hasPrec {
		prec = min(c.prec, 100)
	}
	return c.number(strconv.FormatFloat(f, 'f', prec, 64)), c.prec <= 100
}

// number puts sign and padding on digits.
func (c *conv) number(s string) string {
	sign := ""
	switch {
	case strings.HasPrefix(s, "-"):
		sign, s = "-", s[1:]
	case c.plus:
		sign = "+"
	case c.space:
		sign = " "
	}
	if c.zero && !c.minus {
		return sign + pad(s, '0', '>', c.width-len(sign))
	}
	return pad(sign+s, ' ', c.side(), c.width)
}

// pad fills s to width characters; side is <, > or ^.
func pad(s string, fill rune, side byte, width int) string {
	n := width - utf8.RuneCountInString(s)
	if n <= 0 {
		return s
	}
	left := n
	switch side {
	case '<':
		left = 0
	case '^':
		left = n / 2
	}
	return strings.Repeat(string(fill), left) + s + strings.Repeat(string(fill), n-left)
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

func sortedValues(m map[string]*Value) []*Value {
	if len(m) == 0 {
		return nil
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out := make([]*Value, len(keys))
	for i, k := range keys {
		out[i] = m[k]
	}
	return out
}
