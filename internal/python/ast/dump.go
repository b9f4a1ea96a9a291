package ast

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// DumpOptions choose what Dump shows besides shape, names, contexts and constants.
type DumpOptions struct {
	// Spans adds `@line:column-line:column` behind the class, as CPython counts: lines from 1, columns in bytes
	// from 0.
	Spans bool
	// NoSpansInFStrings leaves them out below a JoinedStr, where CPython before 3.12 has no true ones.
	NoSpansInFStrings bool
	// NoAliasSpans leaves them out of the names of imports: CPython has them from 3.10.
	NoAliasSpans bool
	// OpaqueStrings hides the values of string constants.
	OpaqueStrings bool
}

// Dump writes a tree as ast.dump of CPython 3.13 and later does: on one line, absent fields and empty lists left
// out. Bad is a class of our own. Of a Bad subtree only the span is known.
func Dump(f *File, id NodeID, o DumpOptions) string {
	d := dumper{f: f, o: o}
	d.node(id)
	return string(d.out)
}

type dumper struct {
	f       *File
	o       DumpOptions
	out     []byte
	joined  int  // depth of JoinedStr
	started bool // the current node already shows a field
}

// classNames are CPython's, by kind.
var classNames = [NumKinds]string{
	None: "None", Module: "Module", FunctionDef: "FunctionDef", AsyncFunctionDef: "AsyncFunctionDef",
	ClassDef: "ClassDef", Return: "Return", Delete: "Delete", Assign: "Assign", TypeAlias: "TypeAlias",
	AugAssign: "AugAssign", AnnAssign: "AnnAssign", For: "For", AsyncFor: "AsyncFor", While: "While", If: "If",
	With: "With", AsyncWith: "AsyncWith", Match: "Match", Raise: "Raise", Try: "Try", TryStar: "TryStar",
	Assert: "Assert", Import: "Import", ImportFrom: "ImportFrom", Global: "Global", Nonlocal: "Nonlocal",
	Expr: "Expr", Pass: "Pass", Break: "Break", Continue: "Continue", BoolOp: "BoolOp", NamedExpr: "NamedExpr",
	BinOp: "BinOp", UnaryOp: "UnaryOp", Lambda: "Lambda", IfExp: "IfExp", Dict: "Dict", Set: "Set",
	ListComp: "ListComp", SetComp: "SetComp", DictComp: "DictComp", GeneratorExp: "GeneratorExp", Await: "Await",
	Yield: "Yield", YieldFrom: "YieldFrom", Compare: "Compare", Call: "Call", FormattedValue: "FormattedValue",
	JoinedStr: "JoinedStr", TemplateStr: "TemplateStr", Interpolation: "Interpolation", Constant: "Constant",
	Attribute: "Attribute", Subscript: "Subscript", Starred: "Starred", Name: "Name", List: "List", Tuple: "Tuple",
	Slice: "Slice", Comprehension: "comprehension", ExceptHandler: "ExceptHandler", Arguments: "arguments",
	Arg: "arg", Keyword: "keyword", Alias: "alias", WithItem: "withitem", MatchCase: "match_case",
	MatchValue: "MatchValue", MatchSingleton: "MatchSingleton", MatchSequence: "MatchSequence",
	MatchMapping: "MatchMapping", MatchClass: "MatchClass", MatchStar: "MatchStar", MatchAs: "MatchAs",
	MatchOr: "MatchOr", TypeVar: "TypeVar", TypeVarTuple: "TypeVarTuple", ParamSpec: "ParamSpec", Bad: "Bad",
}

// String is CPython's name of the class.
func (k Kind) String() string {
	if k < NumKinds {
		return classNames[k]
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

var opNames = [...]string{
	"None", "Add", "Sub", "Mult", "MatMult", "Div", "Mod", "Pow", "LShift", "RShift", "BitOr", "BitXor", "BitAnd",
	"FloorDiv", "Invert", "Not", "UAdd", "USub", "And", "Or", "Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "Is",
	"IsNot", "In", "NotIn",
}

// String is CPython's name of the operator.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return "Op(" + strconv.Itoa(int(o)) + ")"
}

// hasNoSpan tells the classes that have no position in CPython.
func hasNoSpan(k Kind) bool {
	switch k {
	case Module, Arguments, Comprehension, WithItem, MatchCase:
		return true
	}
	return false
}

func (d *dumper) str(s string) { d.out = append(d.out, s...) }

// open begins a field.
func (d *dumper) open(name string) {
	if d.started {
		d.str(", ")
	}
	d.started = true
	d.str(name)
	d.str("=")
}

func (d *dumper) node(id NodeID) {
	if id == 0 {
		d.str("None")
		return
	}
	n := d.f.Nodes[id]
	d.str(n.Kind.String())
	if d.showsSpan(n.Kind) {
		d.span(&n)
	}
	d.str("(")
	outer := d.started
	d.started = false
	if n.Kind == JoinedStr || n.Kind == TemplateStr {
		d.joined++
	}
	d.fields(id, &n)
	if n.Kind == JoinedStr || n.Kind == TemplateStr {
		d.joined--
	}
	d.started = outer
	d.str(")")
}

func (d *dumper) showsSpan(k Kind) bool {
	return d.o.Spans && !hasNoSpan(k) && (d.joined == 0 || !d.o.NoSpansInFStrings) && (k != Alias || !d.o.NoAliasSpans)
}

func (d *dumper) span(n *Node) {
	d.str("@")
	d.position(n.Start)
	d.str("-")
	d.position(n.End)
}

// position counts the first line without a byte order mark, as CPython does.
func (d *dumper) position(off uint32) {
	line := d.f.Src.Line(off)
	col := off - d.f.Src.Offset(line)
	if line == 1 && strings.HasPrefix(string(d.f.Src.Text[:min(3, len(d.f.Src.Text))]), "\ufeff") {
		col -= min(col, 3)
	}
	d.out = strconv.AppendInt(d.out, int64(line), 10)
	d.out = append(d.out, ':')
	d.out = strconv.AppendInt(d.out, int64(col), 10)
}

func (d *dumper) child(name string, id uint32) {
	if id != 0 {
		d.open(name)
		d.node(NodeID(id))
	}
}

func (d *dumper) list(name string, ids []uint32) {
	if len(ids) == 0 {
		return
	}
	d.open(name)
	d.str("[")
	for i, id := range ids {
		if i > 0 {
			d.str(", ")
		}
		d.node(NodeID(id))
	}
	d.str("]")
}

func (d *dumper) name(name string, s uint32) {
	if s != 0 {
		d.open(name)
		d.quote(d.f.Names[s])
	}
}

func (d *dumper) names(name string, syms []uint32) {
	if len(syms) == 0 {
		return
	}
	d.open(name)
	d.str("[")
	for i, s := range syms {
		if i > 0 {
			d.str(", ")
		}
		d.quote(d.f.Names[s])
	}
	d.str("]")
}

func (d *dumper) number(name string, v int) {
	d.open(name)
	d.out = strconv.AppendInt(d.out, int64(v), 10)
}

func (d *dumper) word(name, w string) {
	d.open(name)
	d.str(w)
}

func (d *dumper) op(o Op) { d.word("op", o.String()+"()") }

func (d *dumper) ctx(n *Node) {
	d.word("ctx", [...]string{"Load()", "Store()", "Del()", "?"}[n.Flag&ctxMask])
}

// constant writes the value as CPython's repr does.
func (d *dumper) constant(n *Node) {
	text := func() string { return strings.ReplaceAll(string(d.f.Src.Text[n.Start:n.End]), "_", "") }
	switch ConstKind(n.Op) {
	case ConstNone:
		d.str("None")
	case ConstTrue:
		d.str("True")
	case ConstFalse:
		d.str("False")
	case ConstEllipsis:
		d.str("Ellipsis")
	case ConstStr:
		if d.o.OpaqueStrings {
			d.str("str")
			return
		}
		d.quote(d.f.Strings[n.A])
	case ConstBytes:
		d.str("b")
		d.quoteBytes(d.f.Strings[n.A])
	case ConstInt:
		v, ok := new(big.Int).SetString(text(), 0)
		if !ok { // 00 is valid Python
			v = new(big.Int)
		}
		d.str(v.String())
	case ConstFloat:
		d.str(floatRepr(text(), true))
	case ConstComplex:
		t := text()
		d.str(floatRepr(t[:len(t)-1], false) + "j")
	}
}

// floatRepr is the shortest text of the value, with an exponent below 1e-4 and from 1e16.
func floatRepr(text string, point bool) string {
	v, _ := strconv.ParseFloat(text, 64)
	if math.IsInf(v, 0) {
		return "inf"
	}
	if v != 0 && (v < 1e-4 || v >= 1e16) {
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if point && !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// quote writes a string as CPython's ascii does.
func (d *dumper) quote(s string) {
	q := d.quoteMark(s)
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			d.quoteByte(s[i], q)
			i++
			continue
		}
		r, w := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && w == 1 {
			r, w = surrogate(s[i:])
		}
		d.escape(r)
		i += w
	}
	d.out = append(d.out, q)
}

// surrogate decodes the three bytes of a lone surrogate.
func surrogate(s string) (rune, int) {
	if len(s) >= 3 && s[0] == 0xED {
		return rune(s[0]&0xF)<<12 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	return rune(s[0]), 1
}

func (d *dumper) escape(r rune) {
	letter, digits := 'x', 2
	switch {
	case r > 0xFFFF:
		letter, digits = 'U', 8
	case r > 0xFF:
		letter, digits = 'u', 4
	}
	h := strconv.FormatInt(int64(r), 16)
	d.out = append(d.out, '\\', byte(letter))
	d.str(strings.Repeat("0", max(0, digits-len(h))) + h)
}

func (d *dumper) quoteMark(s string) byte {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	d.out = append(d.out, q)
	return q
}

func (d *dumper) quoteByte(c, q byte) {
	switch {
	case c == q || c == '\\':
		d.out = append(d.out, '\\', c)
	case c == '\n':
		d.str(`\n`)
	case c == '\r':
		d.str(`\r`)
	case c == '\t':
		d.str(`\t`)
	case c < 0x20 || c >= 0x7F:
		d.escape(rune(c))
	default:
		d.out = append(d.out, c)
	}
}

func (d *dumper) quoteBytes(s string) {
	q := d.quoteMark(s)
	for i := range len(s) {
		d.quoteByte(s[i], q)
	}
	d.out = append(d.out, q)
}
