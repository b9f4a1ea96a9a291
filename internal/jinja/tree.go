// Package jinja reads Jinja templates.
//
// In: the bytes of a template and the delimiters that its environment uses. Out: a Tree, always, with a list of the places
// where Jinja 3.1 would refuse the text. Nothing is rendered and no name is looked up; which template extends which is the
// business of later stages. The extensions do, loopcontrols, i18n and debug are always on, because a template does not say
// which of them its environment has.
//
// A Tree is immutable after Parse and safe for concurrent use.
package jinja

import "stopper/internal/source"

// Kind is the class of a node.
type Kind uint8

// The kinds. What Text, Kids, Body and Else hold is said beside each; an entry of Kids may be nil where it says "or nil".
const (
	// Bad stands for a tag that did not parse; the error list says why.
	Bad Kind = iota

	Template   // Body
	Data       // Text: the literal text, after whitespace control
	Output     // {{ Kids[0] }}
	Print      // {% print Kids… %}
	Extends    // Kids[0]: the parent's name
	Block      // Text: its name; Body; FlagScoped, FlagRequired
	Include    // Kids[0]; FlagIgnoreMissing, FlagContext
	Import     // Kids[0]; Text: the name it is bound to; FlagContext
	FromImport // Kids[0]: the template, then ImportName…; FlagContext
	Macro      // Text: its name; Kids: Param…; Body
	CallBlock  // Kids[0]: the Call, then Param…; Body
	FilterTag  // Kids[0]: a Filter whose innermost operand is nil; Body
	Set        // Kids: target, value
	SetBlock   // Kids: target, a Filter whose innermost operand is nil, or nil; Body
	For        // Kids: target, iterable, test or nil; Body; Else; FlagRecursive
	If         // Kids[0]: the test; Body; Else. An elif is a single If in Else with FlagElif
	With       // Kids alternate target and value; Body
	Autoescape // Kids[0]; Body
	Do         // Kids[0]
	Break
	Continue
	Trans   // Text: the message context; Kids: TransVar…; Body: the singular, Else: the plural; FlagTrimmed, FlagPlural
	Debug   // {% debug %}
	Unknown // Text: the name of a tag of no known extension; what follows it is not read

	ImportName // Text: the name, Kids: an Alias or nothing
	Alias      // Text
	Param      // Text: its name; Kids: the default or nothing
	TransVar   // Text: its name; Kids[0]: its value, a Name when none is written

	Name // Text
	Str  // Text: the decoded value
	Int  // Text: as written
	Float
	Bool // Text: "true" or "false"
	Null
	Tuple
	List
	Dict     // Kids alternate key and value
	GetAttr  // Kids[0].Text
	GetItem  // Kids[0][Kids[1]]
	Slice    // Kids: lower, upper, step, each or nil
	Call     // Kids[0](Kids[1:]…)
	Filter   // Kids[0] or nil | Text(Kids[1:]…)
	Test     // Kids[0] is Text(Kids[1:]…)
	Keyword  // Text=Kids[0], an argument
	Star     // *Kids[0], an argument
	StarStar // **Kids[0], an argument
	Not
	Neg
	Pos
	And
	Or
	Compare // Kids[0], then Operand…
	Operand // Text: == != < <= > >= in "not in"; Kids[0]
	Binary  // Text: + - * / // % **; Kids: left, right
	Concat  // Kids joined by ~
	Cond    // Kids: test, then, else or nil
	numKinds
)

var kindNames = [numKinds]string{
	"Bad", "Template", "Data", "Output", "Print", "Extends", "Block", "Include", "Import", "FromImport", "Macro", "CallBlock",
	"FilterTag", "Set", "SetBlock", "For", "If", "With", "Autoescape", "Do", "Break", "Continue", "Trans", "Debug", "Unknown",
	"ImportName", "Alias", "Param", "TransVar", "Name", "Str", "Int", "Float", "Bool", "Null", "Tuple", "List", "Dict", "GetAttr",
	"GetItem", "Slice", "Call", "Filter", "Test", "Keyword", "Star", "StarStar", "Not", "Neg", "Pos", "And", "Or", "Compare",
	"Operand", "Binary", "Concat", "Cond",
}

// String is the kind's name in dumps.
func (k Kind) String() string { return kindNames[min(k, numKinds-1)] }

// Flags are yes-or-no properties of a node; which of them apply is said beside the kinds.
type Flags uint16

// Flags of nodes.
const (
	FlagScoped Flags = 1 << iota
	FlagRequired
	FlagIgnoreMissing
	FlagContext
	FlagRecursive
	FlagElif
	FlagTrimmed
	FlagPlural
)

// NodeID numbers the nodes of one tree in the order in which they were made. 0 is no node.
type NodeID uint32

// Node is a statement or an expression.
type Node struct {
	ID   NodeID
	Kind Kind
	Flag Flags
	Span source.Span
	Text string
	Kids []*Node
	Body []*Node
	Else []*Node
}

// Has reports whether all of the flags are set.
func (n *Node) Has(f Flags) bool { return n.Flag&f == f }

// SyntaxError is a place where Jinja would refuse the text, and why.
type SyntaxError struct {
	Span source.Span
	Msg  string
}

// Comment is a {# comment #} or a line comment; Span covers its delimiters.
type Comment struct {
	Span source.Span
	Text string // without the delimiters
}

// Tree is one template.
type Tree struct {
	Src      *source.File
	Root     *Node // a Template
	Spans    []source.Span
	Comments []Comment
	Errors   []SyntaxError
}

// Walk visits a node and everything below it, in source order of Kids, Body and Else; visit returns whether to go below.
func Walk(n *Node, visit func(*Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	for _, list := range [...][]*Node{n.Kids, n.Body, n.Else} {
		for _, c := range list {
			Walk(c, visit)
		}
	}
}
