package value

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"stopper/internal/ir"
	"stopper/internal/models"
)

// Builtin is the call of a builtin function that needs no heap; false for others.
func Builtin(name string, args []*Value, kwargs map[string]*Value) (*Value, bool) {
	for _, a := range args {
		if a == nil {
			return nil, isBuiltin(name)
		}
	}
	all := append(append([]*Value(nil), args...), sortedValues(kwargs)...)
	switch name {
	case "int", "float", "bool", "len", "ord", "hash", "abs", "round", "complex", "divmod", "pow":
		return numberBuiltin(name, args, all), true
	case "hex", "oct", "bin":
		return radixBuiltin(name, args), true
	case "isinstance", "issubclass", "callable", "hasattr", "any", "all":
		return OfType("bool"), true
	case "id":
		return OfType("int"), true
	case "str", "repr", "ascii", "format", "chr", "bytes", "bytearray":
		return textBuiltin(name, args, all), true
	case "min", "max":
		return extremum(name, args, all), true
	case "sum":
		return opaque("", all...), true
	case "sorted", "reversed":
		return opaque("list", all...), true
	case "type":
		return Unknown, true
	}
	return nil, false
}

func isBuiltin(name string) bool {
	_, ok := Builtin(name, nil, nil)
	return ok
}

func numberBuiltin(name string, args, all []*Value) *Value {
	typ := "int"
	switch name {
	case "bool":
		if len(args) == 0 {
			return Bool(false)
		}
		if t := Truth(args[0]); t != Maybe {
			return Bool(t == True)
		}
		return OfType("bool")
	case "float":
		typ = "float"
	case "complex":
		typ = "complex"
	case "abs", "round", "pow", "divmod":
		typ = ""
	}
	if len(args) == 1 {
		if r := fold1(args[0], func(c ir.Const) (ir.Const, bool) { return numberConst(name, c) }); r != nil {
			return r
		}
	}
	if name == "int" && len(args) == 2 {
		if r := fold2(args[0], args[1], intWithBase); r != nil {
			return r
		}
	}
	if typ == "" {
		return opaque("", all...)
	}
	return AddLabels(OfType(typ), guessable(all...))
}

// guessable are the labels that numbers keep: one that can be guessed stays so in any form.
func guessable(vs ...*Value) []Label {
	var out []Label
	for _, v := range vs {
		for i := range v.Taint {
			if v.Taint[i].Origin.Source == models.Guessable {
				out = append(out, v.Taint[i])
			}
		}
	}
	return NormalizeLabels(out)
}

// formattedNumber is v in a place of a format that takes numbers alone, and the value that gives its taint.
func formattedNumber(v *Value) ([]Part, *Value) {
	p := Part{IsHole: true, IsNumber: true, NoSlash: true}
	kept := guessable(v)
	if len(kept) == 0 {
		return []Part{p}, nil
	}
	p.Taint = kept
	return []Part{p}, AddLabels(OfType("int"), kept)
}

func numberConst(name string, c ir.Const) (ir.Const, bool) {
	switch name {
	case "int":
		return toInt(c)
	case "float":
		if c.Kind == ir.ConstStr {
			return ir.Const{}, false
		}
		f, ok := floatOf(c)
		if !ok {
			return ir.Const{}, false
		}
		return floatConst(f)
	case "len":
		return intConst(lenOf(c)), isText(c) && utf8.ValidString(c.Str) || c.Kind == ir.ConstBytes
	case "ord":
		r, n := utf8.DecodeRuneInString(c.Str)
		return intConst(int64(r)), c.Kind == ir.ConstStr && n == len(c.Str) && n > 0 && r != utf8.RuneError
	case "abs":
		if isInt(c) && c.Int != math.MinInt64 {
			return intConst(max(c.Int, -c.Int)), true
		}
	case "round":
		if isInt(c) {
			return intConst(c.Int), true
		}
	}
	return ir.Const{}, false
}

func toInt(c ir.Const) (ir.Const, bool) {
	switch {
	case isInt(c):
		return intConst(c.Int), true
	case c.Kind == ir.ConstStr:
		return intWithBase(c, intConst(10))
	case c.Kind == ir.ConstFloat:
		if f, ok := floatOf(c); ok && math.Abs(f) < 1<<62 {
			return intConst(int64(f)), true
		}
	}
	return ir.Const{}, false
}

func intWithBase(c, base ir.Const) (ir.Const, bool) {
	if c.Kind != ir.ConstStr || !isInt(base) || base.Int < 2 || base.Int > 36 || !isASCII(c.Str) || strings.Contains(c.Str, "_") {
		return ir.Const{}, false
	}
	s := strings.ToLower(strings.Trim(c.Str, blankChars))
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	switch base.Int {
	case 16:
		s = strings.TrimPrefix(s, "0x")
	case 8:
		s = strings.TrimPrefix(s, "0o")
	case 2:
		s = strings.TrimPrefix(s, "0b")
	}
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return ir.Const{}, false
	}
	n, err := strconv.ParseInt(sign+s, int(base.Int), 64)
	return intConst(n), err == nil
}

func radixBuiltin(name string, args []*Value) *Value {
	base, prefix := 16, "0x"
	switch name {
	case "oct":
		base, prefix = 8, "0o"
	case "bin":
		base, prefix = 2, "0b"
	}
	if len(args) == 1 {
		r := fold1(args[0], func(c ir.Const) (ir.Const, bool) {
			if c.Int < 0 {
				return ir.Const{}, false
			}
			return strConst(prefix + strconv.FormatInt(c.Int, base)), isInt(c)
		})
		if r != nil {
			return r
		}
	}
	kept := guessable(args...)
	return &Value{Type: "str", Taint: kept, Str: &Skeleton{Parts: []Part{{Lit: prefix}, {IsHole: true, NoSlash: true, Taint: kept}}}}
}

func textBuiltin(name string, args, all []*Value) *Value {
	if len(args) == 0 {
		return textValue(bytesOrStr(name), &Skeleton{})
	}
	v := args[0]
	switch name {
	case "str":
		if len(args) > 1 || len(all) > 1 {
			r, _ := StrMethod(v, "decode", args[1:], nil)
			return r
		}
		return ToStr(v)
	case "repr", "ascii":
		if r := fold1(v, func(c ir.Const) (ir.Const, bool) {
			s, ok := reprOf(c)
			return strConst(s), ok && (name == "repr" || isASCII(s))
		}); r != nil {
			return r
		}
		return Clear(opaqueText("str", v), models.Kinds(models.Log)) // line breaks of text are written as \n
	case "format":
		spec := ""
		if len(args) > 1 {
			var ok bool
			if spec, ok = OneStr(args[1]); !ok {
				return opaqueText("str", all...)
			}
		}
		parts, from := formatOne(v, false, spec)
		var b builder
		b.add(parts...)
		return textValue("str", b.done(), from)
	case "chr":
		if r := fold1(v, func(c ir.Const) (ir.Const, bool) {
			s, ok := charOf(c)
			return strConst(s), ok && isInt(c)
		}); r != nil {
			return r
		}
		return opaqueText("str", v)
	}
	if t, _ := typeOf(v); isNumberType(t) {
		return opaqueText("bytes")
	}
	if t, _ := typeOf(v); t == "bytes" && name == "bytes" {
		return v
	}
	return retype(v, "bytes")
}

func bytesOrStr(name string) string {
	if strings.HasPrefix(name, "bytes") || name == "bytearray" {
		return "bytes"
	}
	return "str"
}

// ToStr is str(v).
func ToStr(v *Value) *Value {
	if v == nil || v.IsConst && v.Type == "str" {
		return v
	}
	if r := fold1(v, func(c ir.Const) (ir.Const, bool) { s, ok := strOf(c); return strConst(s), ok }); r != nil {
		return r
	}
	if isNumberType(v.Type) {
		return textValue("str", &Skeleton{Parts: []Part{holeOf(v)}}, v)
	}
	if v.Type == "str" && !v.Loose {
		return v
	}
	if v.Str == nil {
		r := opaqueText("str", v)
		r.Str.Parts[0].Param = paramOf(v)
		if v.Facts&FactRelative != 0 {
			// Only of a text is it known how it begins, and str() leaves a text as it is.
			r.Facts |= v.Facts & (FactRelative | FactNoClimb | FactBasename)
			r.Str.Parts[0].NoClimb = v.Facts&FactNoClimb != 0
		}
		if len(v.Taint) > 0 && v.From() == nil {
			return derive(r, HowStr, v) // what a pattern says of the text holds for what the text is of
		}
		return r
	}
	if v.Type == "str" {
		return v
	}
	r := *v
	r.Type, r.Objs, r.AnyObj, r.Loose = "str", nil, false, false
	if isPurePath(v.Type) {
		return derive(&r, HowStr, v)
	}
	return &r
}

// extremum: one of the arguments, or an element of the only one. A number on one side proves that all are numbers.
func extremum(name string, args, all []*Value) *Value {
	if len(args) < 2 {
		return opaque("", all...)
	}
	var r *Value
	number := false
	for _, a := range args {
		r = Join(r, a)
		t, _ := typeOf(a)
		number = number || isNumberType(t)
	}
	if number {
		r = Clear(r, models.AllKinds)
	}
	if len(args) == 2 {
		op := func(x, y ir.Const) (ir.Const, bool) {
			if !isInt(x) || !isInt(y) {
				return ir.Const{}, false
			}
			if (x.Int < y.Int) == (name == "min") {
				return x, true
			}
			return y, x != y
		}
		if f := fold2(args[0], args[1], op); f != nil {
			return f
		}
	}
	return r
}
