package value

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"stopper/internal/ir"
)

// maxText bounds a text that folding makes. Longer ones ("a" * 10**9) become a hole.
const maxText = 16 << 10

func floatConst(f float64) (ir.Const, bool) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return ir.Const{}, false
	}
	return ir.Const{Kind: ir.ConstFloat, IsBig: true, Str: floatRepr(f)}, true
}

func intConst(i int64) ir.Const  { return ir.Const{Kind: ir.ConstInt, Int: i} }
func boolConst(b bool) ir.Const  { return ir.Const{Kind: ir.ConstBool, Int: boolInt(b)} }
func strConst(s string) ir.Const { return ir.Const{Kind: ir.ConstStr, Str: s} }

// floatRepr writes a float as Python does.
func floatRepr(f float64) string {
	e := strconv.FormatFloat(f, 'e', -1, 64)
	exp, _ := strconv.Atoi(e[strings.IndexByte(e, 'e')+1:])
	if f != 0 && (exp < -4 || exp >= 16) {
		return e
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// floatOf is the number of a bool, small int or float constant.
func floatOf(c ir.Const) (float64, bool) {
	switch {
	case c.Kind == ir.ConstFloat:
		f, err := strconv.ParseFloat(strings.ReplaceAll(c.Str, "_", ""), 64)
		return f, err == nil && !strings.ContainsAny(c.Str, "xX")
	case isInt(c) && c.Int <= 1<<53 && c.Int >= -(1<<53):
		return float64(c.Int), true
	}
	return 0, false
}

// isInt: a bool or an int that fits.
func isInt(c ir.Const) bool {
	return (c.Kind == ir.ConstInt || c.Kind == ir.ConstBool) && !c.IsBig
}

// strOf is str(c); false when it is not worth knowing.
func strOf(c ir.Const) (string, bool) {
	if c.Kind == ir.ConstStr {
		return c.Str, true
	}
	return reprOf(c)
}

// reprOf is repr(c).
func reprOf(c ir.Const) (string, bool) {
	switch c.Kind {
	case ir.ConstNone:
		return "None", true
	case ir.ConstBool:
		if c.Int != 0 {
			return "True", true
		}
		return "False", true
	case ir.ConstInt:
		return strconv.FormatInt(c.Int, 10), !c.IsBig
	case ir.ConstFloat:
		f, ok := floatOf(c)
		if !ok || math.IsInf(f, 0) || math.IsNaN(f) {
			return "", false
		}
		return floatRepr(f), true
	case ir.ConstStr:
		return quoteText(c.Str)
	case ir.ConstBytes:
		return "b" + quoteBytes(c.Str), true
	}
	return "Ellipsis", true
}

func quoteMark(s string) byte {
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		return '"'
	}
	return '\''
}

// quoteText is repr of a str. Unprintable characters outside ASCII are left alone: which they are depends on the
// Unicode version.
func quoteText(s string) (string, bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	q := quoteMark(s)
	b := []byte{q}
	for _, r := range s {
		switch {
		case r < 0x80:
			b = quoteByte(b, byte(r), q)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b = utf8.AppendRune(b, r)
		default:
			return "", false
		}
	}
	return string(append(b, q)), true
}

func quoteBytes(s string) string {
	q := quoteMark(s)
	b := []byte{q}
	for i := range len(s) {
		b = quoteByte(b, s[i], q)
	}
	return string(append(b, q))
}

func quoteByte(b []byte, c, q byte) []byte {
	switch {
	case c == q || c == '\\':
		return append(b, '\\', c)
	case c == '\n':
		return append(b, '\\', 'n')
	case c == '\r':
		return append(b, '\\', 'r')
	case c == '\t':
		return append(b, '\\', 't')
	case c < ' ' || c >= 0x7f:
		return fmt.Appendf(b, `\x%02x`, c)
	}
	return append(b, c)
}

// Tri is a truth value that may be unknown.
type Tri uint8

// Truth values.
const (
	Maybe Tri = iota
	True
	False
)

// TriOf is the known truth value of b.
func TriOf(b bool) Tri {
	if b {
		return True
	}
	return False
}

// Not is the opposite.
func (t Tri) Not() Tri {
	switch t {
	case True:
		return False
	case False:
		return True
	}
	return Maybe
}

func truthOf(c ir.Const) Tri {
	switch c.Kind {
	case ir.ConstNone:
		return False
	case ir.ConstBool, ir.ConstInt:
		return TriOf(c.IsBig || c.Int != 0)
	case ir.ConstStr, ir.ConstBytes:
		return TriOf(c.Str != "")
	case ir.ConstFloat:
		if f, ok := floatOf(c); ok {
			return TriOf(f != 0)
		}
		return Maybe
	}
	return True
}

// Truth is bool(v) where it is decided.
func Truth(v *Value) Tri {
	if v == nil {
		return Maybe
	}
	if v.IsConst {
		t := Maybe
		for i, c := range v.Consts() {
			u := truthOf(c)
			if i > 0 && u != t {
				return Maybe
			}
			t = u
		}
		return t
	}
	if len(v.Objs) > 0 && !v.AnyObj && !v.Loose {
		for i := range v.Objs {
			if !alwaysTrue(v.Objs[i].Kind) {
				return Maybe
			}
		}
		return True
	}
	// A shape with a literal part is no proof: joining with None keeps the shape.
	return Maybe
}

// alwaysTrue: objects without a length or a truth value of their own.
func alwaysTrue(k ObjKind) bool {
	return k == ObjFunc || k == ObjClass || k == ObjModule || k == ObjBound
}
