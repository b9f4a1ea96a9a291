// Package ast holds Python syntax trees.
//
// A tree is an arena without pointers: 24 bytes a node, so that the garbage collector never scans it and a whole
// repository stays in memory. A NodeID is an index into File.Nodes and means something only in its file. Node 0 is
// "absent". What A, B and C of a node hold depends on its kind; the table Fields says it, and typed accessors in
// access.go read it. Class names, field names and spans are those of CPython's ast module.
//
// A File is immutable after parsing and safe for concurrent use.
package ast

import "stopper/internal/source"

// Kind is the class of a node.
type Kind uint8

// The kinds, named as CPython's ast classes.
const (
	None Kind = iota
	Module
	FunctionDef
	AsyncFunctionDef
	ClassDef
	Return
	Delete
	Assign
	TypeAlias
	AugAssign
	AnnAssign
	For
	AsyncFor
	While
	If
	With
	AsyncWith
	Match
	Raise
	Try
	TryStar
	Assert
	Import
	ImportFrom
	Global
	Nonlocal
	Expr
	Pass
	Break
	Continue
	BoolOp
	NamedExpr
	BinOp
	UnaryOp
	Lambda
	IfExp
	Dict
	Set
	ListComp
	SetComp
	DictComp
	GeneratorExp
	Await
	Yield
	YieldFrom
	Compare
	Call
	FormattedValue
	JoinedStr
	TemplateStr
	Interpolation
	Constant
	Attribute
	Subscript
	Starred
	Name
	List
	Tuple
	Slice
	Comprehension
	ExceptHandler
	Arguments
	Arg
	Keyword
	Alias
	WithItem
	MatchCase
	MatchValue
	MatchSingleton
	MatchSequence
	MatchMapping
	MatchClass
	MatchStar
	MatchAs
	MatchOr
	TypeVar
	TypeVarTuple
	ParamSpec
	// Bad stands for a statement that did not parse; the error list says why.
	Bad
	NumKinds
)

// Op tells operators apart (BinOp, AugAssign, UnaryOp, BoolOp, and the elements of Compare).
type Op uint8

// Operators.
const (
	OpNone Op = iota
	Add
	Sub
	Mult
	MatMult
	Div
	Mod
	Pow
	LShift
	RShift
	BitOr
	BitXor
	BitAnd
	FloorDiv
	Invert
	Not
	UAdd
	USub
	And
	Or
	Eq
	NotEq
	Lt
	LtE
	Gt
	GtE
	Is
	IsNot
	In
	NotIn
)

// Context of a Name, Attribute, Subscript, Starred, List or Tuple, kept in Node.Flag's two lowest bits.
const (
	Load  uint16 = 0
	Store uint16 = 1
	Del   uint16 = 2

	ctxMask uint16 = 3
)

// Other flags of a node. Their meaning depends on the kind.
const (
	// FlagAsync marks a Comprehension clause with `async for`.
	FlagAsync uint16 = 1 << 2
	// FlagSimple marks an AnnAssign whose target is a plain name without parentheses.
	FlagSimple uint16 = 1 << 3
	// FlagLazy marks `lazy import` (PEP 810).
	FlagLazy uint16 = 1 << 4
	// FlagFormatStr, FlagFormatRepr and FlagFormatASCII are the conversions !s, !r and !a of a FormattedValue.
	FlagFormatStr   uint16 = 1 << 5
	FlagFormatRepr  uint16 = 1 << 6
	FlagFormatASCII uint16 = 1 << 7
)

// ConstKind tells constants apart; it is kept in the Op field of a Constant.
type ConstKind uint8

// Constants. For ConstStr and ConstBytes, Node.A indexes File.Strings (the decoded value; a lone surrogate is kept
// as its three-byte generalised UTF-8 form). For ConstInt, ConstFloat and ConstComplex, the value is read from the
// source text of the node. The implicit concatenation of literals is one Constant.
const (
	ConstNone ConstKind = iota
	ConstTrue
	ConstFalse
	ConstEllipsis
	ConstStr
	ConstBytes
	ConstInt
	ConstFloat
	ConstComplex
)

// NodeID indexes File.Nodes. 0 means absent.
type NodeID uint32

// ListID indexes File.Lists: a length, then that many words. 0 means empty.
type ListID uint32

// Sym indexes File.Names. 0 is the empty name.
type Sym uint32

// Node is 24 bytes without pointers.
type Node struct {
	Start, End uint32
	A, B, C    uint32
	Kind       Kind
	Op         Op
	Flag       uint16
}

// SyntaxError is a place where the text is not Python, and why.
type SyntaxError struct {
	Span source.Span
	Msg  string
}

// File is the tree of one file.
type File struct {
	Src      *source.File
	Nodes    []Node
	Lists    []uint32
	Names    []string // by Sym
	Strings  []string // decoded values of string and bytes constants
	Root     NodeID   // a Module
	Comments []source.Span
	Errors   []SyntaxError
	// Python2 is set when the text is Python 2 rather than broken Python 3; the tree is then empty.
	Python2 bool
}

// FieldKind says what a slot of a node holds.
type FieldKind uint8

// Slot contents.
const (
	FieldNone  FieldKind = iota
	FieldNode            // a NodeID
	FieldList            // a ListID of NodeIDs (0 in it means None, as in Dict.keys)
	FieldName            // a Sym
	FieldNames           // a ListID of Syms
	FieldPairs           // a ListID of alternating Op and NodeID: the tail of a Compare
	FieldInt             // a plain number
	FieldStr             // an index into File.Strings
	FieldExtra           // a ListID whose words are the fields of Extra
)

// Field is one slot of a node: CPython's field name and what it holds.
type Field struct {
	Name string
	Kind FieldKind
}

// Shape describes the slots A, B, C of a kind, and the words of its extra list if one of them is FieldExtra.
type Shape struct {
	Slots [3]Field
	Extra []Field
}

func node(n string) Field  { return Field{n, FieldNode} }
func list(n string) Field  { return Field{n, FieldList} }
func name(n string) Field  { return Field{n, FieldName} }
func names(n string) Field { return Field{n, FieldNames} }
func extra() Field         { return Field{"", FieldExtra} }
func sh(f ...Field) Shape {
	var s Shape
	copy(s.Slots[:], f)
	return s
}
func shx(slots [3]Field, x ...Field) Shape { return Shape{Slots: slots, Extra: x} }

// Shapes is the node table: what each kind's slots hold. It is never written to.
var Shapes = [NumKinds]Shape{
	Module:           sh(list("body")),
	FunctionDef:      shx([3]Field{name("name"), node("args"), extra()}, list("decorator_list"), list("type_params"), node("returns"), list("body")),
	AsyncFunctionDef: shx([3]Field{name("name"), node("args"), extra()}, list("decorator_list"), list("type_params"), node("returns"), list("body")),
	// args of a ClassDef: bases and keywords mixed in source order, as in a Call.
	ClassDef:       shx([3]Field{name("name"), list("args"), extra()}, list("decorator_list"), list("type_params"), list("body")),
	Return:         sh(node("value")),
	Delete:         sh(list("targets")),
	Assign:         sh(list("targets"), node("value")),
	TypeAlias:      sh(node("name"), list("type_params"), node("value")),
	AugAssign:      sh(node("target"), node("value")),
	AnnAssign:      sh(node("target"), node("annotation"), node("value")),
	For:            shx([3]Field{node("target"), node("iter"), extra()}, list("body"), list("orelse")),
	AsyncFor:       shx([3]Field{node("target"), node("iter"), extra()}, list("body"), list("orelse")),
	While:          sh(node("test"), list("body"), list("orelse")),
	If:             sh(node("test"), list("body"), list("orelse")),
	With:           sh(list("items"), list("body")),
	AsyncWith:      sh(list("items"), list("body")),
	Match:          sh(node("subject"), list("cases")),
	Raise:          sh(node("exc"), node("cause")),
	Try:            shx([3]Field{list("body"), extra()}, list("handlers"), list("orelse"), list("finalbody")),
	TryStar:        shx([3]Field{list("body"), extra()}, list("handlers"), list("orelse"), list("finalbody")),
	Assert:         sh(node("test"), node("msg")),
	Import:         sh(list("names")),
	ImportFrom:     sh(name("module"), list("names"), Field{"level", FieldInt}),
	Global:         sh(names("names")),
	Nonlocal:       sh(names("names")),
	Expr:           sh(node("value")),
	BoolOp:         sh(list("values")),
	NamedExpr:      sh(node("target"), node("value")),
	BinOp:          sh(node("left"), node("right")),
	UnaryOp:        sh(node("operand")),
	Lambda:         sh(node("args"), node("body")),
	IfExp:          sh(node("test"), node("body"), node("orelse")),
	Dict:           sh(list("items")), // key, value, key, value, …; a key of 0 is `**value`
	Set:            sh(list("elts")),
	ListComp:       sh(node("elt"), list("generators")),
	SetComp:        sh(node("elt"), list("generators")),
	DictComp:       sh(node("key"), node("value"), list("generators")), // key 0: `{**value for …}` (PEP 798)
	GeneratorExp:   sh(node("elt"), list("generators")),
	Await:          sh(node("value")),
	Yield:          sh(node("value")),
	YieldFrom:      sh(node("value")),
	Compare:        sh(node("left"), Field{"ops", FieldPairs}),
	Call:           sh(node("func"), list("args")), // positional, Starred and Keyword nodes in source order
	FormattedValue: sh(node("value"), node("format_spec")),
	JoinedStr:      sh(list("values")),
	TemplateStr:    sh(list("values")),
	Interpolation:  sh(node("value"), node("format_spec")), // the text of the expression is the value's span
	Constant:       sh(Field{"value", FieldStr}),
	Attribute:      sh(node("value"), name("attr")),
	Subscript:      sh(node("value"), node("slice")),
	Starred:        sh(node("value")),
	Name:           sh(name("id")),
	List:           sh(list("elts")),
	Tuple:          sh(list("elts")),
	Slice:          sh(node("lower"), node("upper"), node("step")),
	Comprehension:  sh(node("target"), node("iter"), list("ifs")),
	ExceptHandler:  sh(node("type"), name("name"), list("body")),
	// Words of args: Arg nodes; Node.Op of an Arg tells its place, see ParamKind.
	Arguments:      sh(list("args")),
	Arg:            sh(name("arg"), node("annotation"), node("default")),
	Keyword:        sh(name("arg"), node("value")), // name 0: `**value`
	Alias:          sh(name("name"), name("asname")),
	WithItem:       sh(node("context_expr"), node("optional_vars")),
	MatchCase:      sh(node("pattern"), node("guard"), list("body")),
	MatchValue:     sh(node("value")),
	MatchSingleton: sh(node("value")), // a Constant
	MatchSequence:  sh(list("patterns")),
	MatchMapping:   sh(list("items"), name("rest")), // key, pattern, key, pattern, …
	MatchClass:     shx([3]Field{node("cls"), list("patterns"), extra()}, names("kwd_attrs"), list("kwd_patterns")),
	MatchStar:      sh(name("name")),
	MatchAs:        sh(node("pattern"), name("name")),
	MatchOr:        sh(list("patterns")),
	TypeVar:        sh(name("name"), node("bound"), node("default_value")),
	TypeVarTuple:   sh(name("name"), Field{}, node("default_value")),
	ParamSpec:      sh(name("name"), Field{}, node("default_value")),
}

// ParamKind is the place of a parameter in its signature, kept in the Op field of an Arg.
type ParamKind uint8

// Places, in the order in which parameters are written.
const (
	PosOnly ParamKind = iota
	PosOrKeyword
	VarArgs // *args
	KeywordOnly
	VarKeyword // **kwargs
)
