package value

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// fold1 applies f to every constant of v; nil when one of the results is not known.
func fold1(v *Value, f func(ir.Const) (ir.Const, bool)) *Value {
	if v == nil || !v.IsConst || len(v.Taint) > 0 {
		return nil
	}
	var out []ir.Const
	for _, c := range v.Consts() {
		r, ok := f(c)
		if !ok || len(r.Str) > maxText {
			return nil
		}
		out = unionConsts(out, []ir.Const{r})
	}
	return constsValue(out, v.Marks)
}

// fold2 applies f to every pair of constants; nil when one of the results is not known or there are too many.
func fold2(a, b *Value, f func(x, y ir.Const) (ir.Const, bool)) *Value {
	if a == nil || b == nil || !a.IsConst || !b.IsConst || len(a.Taint) > 0 || len(b.Taint) > 0 {
		return nil
	}
	var out []ir.Const
	for _, x := range a.Consts() {
		for _, y := range b.Consts() {
			r, ok := f(x, y)
			if !ok || len(r.Str) > maxText {
				return nil
			}
			out = unionConsts(out, []ir.Const{r})
		}
	}
	return constsValue(out, a.Marks|b.Marks)
}

func constsValue(cs []ir.Const, m Marks) *Value {
	if len(cs) == 0 || len(cs) > MaxConsts {
		return nil
	}
	v := &Value{more: &more{consts: cs}, IsConst: true, Marks: m}
	v.Type, _ = typeOf(v)
	return v
}

// Binary is a op b. Formatting with % and several arguments is Percent.
func Binary(op ast.Op, a, b *Value) *Value {
	if a == nil || b == nil {
		return nil
	}
	if r := fold2(a, b, func(x, y ir.Const) (ir.Const, bool) { return binaryConst(op, x, y) }); r != nil {
		return r
	}
	switch op {
	case ast.Add:
		return sealed(add(a, b), a, b)
	case ast.Mod:
		if textLike(a) {
			return sealed(Percent(a, percentArg(b), nil), a, b)
		}
	case ast.Mult:
		if r := repeat(a, b); r != nil {
			return r
		}
	case ast.Div:
		if isPurePath(a.Type) || isPurePath(b.Type) {
			return joinPath(pathType(a, b), []*Value{a, b})
		}
		if a.Type == "" && !a.IsConst && textLike(b) {
			return joinPath("pathlib.Path", []*Value{a, b}) // nothing else is divided by text
		}
	}
	return arithmetic(op, a, b)
}

// textLike: it is known to be text.
func textLike(v *Value) bool {
	if v.IsConst {
		return hasText(v.Consts())
	}
	return isTextType(v.Type) || v.Str != nil && v.Type == ""
}

func textTypeOf(vs ...*Value) string {
	for _, v := range vs {
		if t, _ := typeOf(v); t == "bytes" {
			return t
		}
	}
	return "str"
}

func add(a, b *Value) *Value {
	if a.IsConst && !hasText(a.Consts()) || b.IsConst && !hasText(b.Consts()) {
		// Python refuses it, if nothing else can stand there.
		return arithmetic(ast.Add, a, b)
	}
	if textLike(a) || textLike(b) {
		return Concat(textTypeOf(a, b), a, b)
	}
	return arithmetic(ast.Add, a, b)
}

// percentArg: a value that may be a tuple or dict fills any number of holes; the caller knows its elements and uses Percent.
func percentArg(b *Value) []*Value {
	if b.IsConst || isScalar(b.Type) {
		return []*Value{b}
	}
	return nil
}

func arithmetic(op ast.Op, a, b *Value) *Value {
	ta, _ := typeOf(a)
	tb, _ := typeOf(b)
	if !isNumberType(ta) || !isNumberType(tb) {
		return opaque("", a, b)
	}
	typ := "int"
	if ta == "float" || tb == "float" || op == ast.Div {
		typ = "float"
	}
	return opaque(typ, a, b)
}

// repeat is text * count.
func repeat(a, b *Value) *Value {
	if !textLike(a) {
		a, b = b, a
	}
	if !textLike(a) || textLike(b) {
		return nil
	}
	if n, ok := oneInt(b); ok && n >= 0 && n <= MaxSkeleton {
		vs := make([]*Value, n)
		for i := range vs {
			vs[i] = a
		}
		return Concat(textTypeOf(a), vs...)
	}
	s := SkeletonOf(a)
	return textValue(textTypeOf(a), &Skeleton{Parts: []Part{restHole(s.Parts)}}, a, b)
}

// oneInt is the only int that v can be.
func oneInt(v *Value) (int64, bool) {
	if v != nil && v.IsConst && len(v.Consts()) == 1 && isInt(v.Consts()[0]) {
		return v.Consts()[0].Int, true
	}
	return 0, false
}

// OneStr is the only text that v can be.
func OneStr(v *Value) (string, bool) {
	if v != nil && v.IsConst && len(v.Consts()) == 1 && isText(v.Consts()[0]) {
		return v.Consts()[0].Str, true
	}
	return "", false
}

func binaryConst(op ast.Op, x, y ir.Const) (ir.Const, bool) {
	switch {
	case isInt(x) && isInt(y):
		return intOp(op, x, y)
	case isText(x) && x.Kind == y.Kind && op == ast.Add:
		return ir.Const{Kind: x.Kind, Str: x.Str + y.Str}, len(x.Str)+len(y.Str) <= maxText
	case isText(x) && isInt(y) && op == ast.Mult:
		return repeatConst(x, y.Int)
	case isInt(x) && isText(y) && op == ast.Mult:
		return repeatConst(y, x.Int)
	case x.Kind == ir.ConstStr && op == ast.Mod:
		return percentConst(x.Str, y)
	}
	f, ok1 := floatOf(x)
	g, ok2 := floatOf(y)
	if !ok1 || !ok2 {
		return ir.Const{}, false
	}
	return floatOp(op, f, g)
}

func repeatConst(x ir.Const, n int64) (ir.Const, bool) {
	n = max(n, 0)
	if len(x.Str) > 0 && n > maxText/int64(len(x.Str)) {
		return ir.Const{}, false
	}
	if len(x.Str) == 0 {
		n = 0
	}
	return ir.Const{Kind: x.Kind, Str: strings.Repeat(x.Str, int(n))}, true
}

func intOp(op ast.Op, x, y ir.Const) (ir.Const, bool) {
	a, b := x.Int, y.Int
	bools := x.Kind == ir.ConstBool && y.Kind == ir.ConstBool
	switch op {
	case ast.Add:
		return intConst(a + b), (a+b > a) == (b > 0)
	case ast.Sub:
		return intConst(a - b), (a-b < a) == (b > 0)
	case ast.Mult:
		return mulInt(a, b)
	case ast.Div:
		return floatOp(op, float64(a), float64(b))
	case ast.FloorDiv, ast.Mod:
		return divInt(op, a, b)
	case ast.Pow:
		return powInt(a, b)
	case ast.LShift:
		if b < 0 || b > 62 || a > math.MaxInt64>>uint(b) || a < math.MinInt64>>uint(b) {
			return ir.Const{}, false
		}
		return intConst(a << uint(b)), true
	case ast.RShift:
		return intConst(a >> uint(min(max(b, 0), 63))), b >= 0
	case ast.BitOr:
		return intOrBool(a|b, bools), true
	case ast.BitAnd:
		return intOrBool(a&b, bools), true
	case ast.BitXor:
		return intOrBool(a^b, bools), true
	}
	return ir.Const{}, false
}

func intOrBool(i int64, isBool bool) ir.Const {
	if isBool {
		return boolConst(i != 0)
	}
	return intConst(i)
}

func mulInt(a, b int64) (ir.Const, bool) {
	if a == 0 || b == 0 {
		return intConst(0), true
	}
	r := a * b
	ok := r/b == a && !(a == -1 && b == math.MinInt64) && !(b == -1 && a == math.MinInt64)
	return intConst(r), ok
}

// divInt rounds towards minus infinity, as Python does.
func divInt(op ast.Op, a, b int64) (ir.Const, bool) {
	if b == 0 || a == math.MinInt64 && b == -1 {
		return ir.Const{}, false
	}
	q, r := a/b, a%b
	if r != 0 && (r < 0) != (b < 0) {
		q, r = q-1, r+b
	}
	if op == ast.Mod {
		return intConst(r), true
	}
	return intConst(q), true
}

func powInt(a, b int64) (ir.Const, bool) {
	if b < 0 {
		if a == 0 {
			return ir.Const{}, false
		}
		return floatConst(math.Pow(float64(a), float64(b)))
	}
	switch {
	case a == 0 || a == 1:
		if b == 0 {
			return intConst(1), true
		}
		return intConst(a), true
	case a == -1:
		return intConst(1 - 2*(b&1)), true
	case b > 63:
		return ir.Const{}, false
	}
	r := intConst(1)
	for range b {
		var ok bool
		if r, ok = mulInt(r.Int, a); !ok {
			return ir.Const{}, false
		}
	}
	return r, true
}

func floatOp(op ast.Op, a, b float64) (ir.Const, bool) {
	switch op {
	case ast.Add:
		return floatConst(a + b)
	case ast.Sub:
		return floatConst(a - b)
	case ast.Mult:
		return floatConst(a * b)
	case ast.Div:
		if b == 0 {
			return ir.Const{}, false
		}
		return floatConst(a / b)
	}
	return ir.Const{}, false
}

// Unary is op a.
func Unary(op ast.Op, a *Value) *Value {
	if a == nil {
		return nil
	}
	if op == ast.Not {
		if t := Truth(a); t != Maybe {
			return Bool(t == False)
		}
		return OfType("bool")
	}
	if r := fold1(a, func(c ir.Const) (ir.Const, bool) { return unaryConst(op, c) }); r != nil {
		return r
	}
	if t, _ := typeOf(a); isNumberType(t) {
		return opaque(t, a)
	}
	return opaque("", a)
}

func unaryConst(op ast.Op, c ir.Const) (ir.Const, bool) {
	switch {
	case isInt(c) && op == ast.USub && c.Int != math.MinInt64:
		return intConst(-c.Int), true
	case isInt(c) && op == ast.UAdd:
		return intConst(c.Int), true
	case isInt(c) && op == ast.Invert:
		return intConst(^c.Int), true
	case c.Kind == ir.ConstFloat && op == ast.USub:
		f, ok := floatOf(c)
		if !ok {
			return ir.Const{}, false
		}
		return floatConst(-f)
	}
	return ir.Const{}, false
}

// Compare is a op b: a constant when it is decided, else a clean bool.
func Compare(op ast.Op, a, b *Value) *Value {
	if a == nil || b == nil {
		return nil
	}
	if t := compare(op, a, b); t != Maybe {
		return Bool(t == True)
	}
	return OfType("bool")
}

func compare(op ast.Op, a, b *Value) Tri {
	switch op {
	case ast.Is:
		return is(a, b)
	case ast.IsNot:
		return is(a, b).Not()
	case ast.NotIn:
		return compare(ast.In, a, b).Not()
	case ast.NotEq:
		return compare(ast.Eq, a, b).Not()
	}
	if a.IsConst && b.IsConst && len(a.Taint)+len(b.Taint) == 0 {
		return comparePairs(op, a, b)
	}
	if op == ast.Eq && (disjointTypes(a, b) || disjointShapes(a, b)) {
		return False
	}
	return Maybe
}

func comparePairs(op ast.Op, a, b *Value) Tri {
	t := Maybe
	for i, x := range a.Consts() {
		for j, y := range b.Consts() {
			u := compareConsts(op, x, y)
			if u == Maybe || (i > 0 || j > 0) && u != t {
				return Maybe
			}
			t = u
		}
	}
	return t
}

func compareConsts(op ast.Op, x, y ir.Const) Tri {
	if x.IsBig && x.Kind == ir.ConstInt || y.IsBig && y.Kind == ir.ConstInt {
		return Maybe
	}
	if op == ast.In {
		if !isText(x) || x.Kind != y.Kind {
			return Maybe
		}
		return TriOf(strings.Contains(y.Str, x.Str))
	}
	if isText(x) && x.Kind == y.Kind {
		return ordered(op, strings.Compare(x.Str, y.Str))
	}
	f, ok1 := floatOf(x)
	g, ok2 := floatOf(y)
	switch {
	case isInt(x) && isInt(y):
		return ordered(op, cmpInt(x.Int, y.Int))
	case ok1 && ok2:
		return ordered(op, cmpFloat(f, g))
	case op == ast.Eq:
		return TriOf(x == y)
	}
	return Maybe
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func ordered(op ast.Op, c int) Tri {
	switch op {
	case ast.Eq:
		return TriOf(c == 0)
	case ast.Lt:
		return TriOf(c < 0)
	case ast.LtE:
		return TriOf(c <= 0)
	case ast.Gt:
		return TriOf(c > 0)
	case ast.GtE:
		return TriOf(c >= 0)
	}
	return Maybe
}

// is decides identity with None, and of True and False; other constants may or may not be interned.
func is(a, b *Value) Tri {
	if !b.IsConst || len(b.Consts()) != 1 {
		if a.IsConst && len(a.Consts()) == 1 {
			a, b = b, a
		} else {
			return Maybe
		}
	}
	if !b.IsConst || len(b.Consts()) != 1 {
		return Maybe
	}
	c := b.Consts()[0]
	if c.Kind != ir.ConstNone && c.Kind != ir.ConstBool && c.Kind != ir.ConstEllipsis {
		return Maybe
	}
	if a.IsConst {
		switch has := slices.Contains(a.Consts(), c); {
		case !has:
			return False
		case len(a.Consts()) == 1:
			return True
		}
		return Maybe
	}
	if len(a.Objs) > 0 && !a.AnyObj && !a.Loose && !hasParam(a.Objs) {
		return False
	}
	return Maybe
}

// hasParam: what a caller passed may be None after all.
func hasParam(os []Obj) bool {
	return slices.ContainsFunc(os, func(o Obj) bool { return o.Kind == ObjParam || o.Kind == ObjMember || o.Kind == ObjExternal })
}

// disjointTypes: text never equals a number or an object known to be no text.
func disjointTypes(a, b *Value) bool {
	if !b.IsConst {
		a, b = b, a
	}
	return b.IsConst && hasText(b.Consts()) && len(b.Consts()) == 1 && !a.IsConst && allSites(a)
}

// allSites: functions, classes, modules and collections, which equal no constant.
func allSites(v *Value) bool {
	if len(v.Objs) == 0 || v.AnyObj || v.Loose {
		return false
	}
	return !slices.ContainsFunc(v.Objs, func(o Obj) bool {
		return o.Kind != ObjFunc && o.Kind != ObjClass && o.Kind != ObjModule && o.Kind != ObjSite
	})
}

// disjointShapes: a text whose literal beginning or end differs from every constant on the other side.
func disjointShapes(a, b *Value) bool {
	if !b.IsConst {
		a, b = b, a
	}
	if !b.IsConst || a.IsConst || a.Str == nil || len(a.Str.Parts) == 0 {
		return false
	}
	p, q := a.Str.Prefix(), a.Str.Suffix()
	for _, c := range b.Consts() {
		if !isText(c) || !utf8.ValidString(c.Str) || strings.HasPrefix(c.Str, p) && strings.HasSuffix(c.Str, q) {
			return false
		}
	}
	return true
}
