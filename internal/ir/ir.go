// Package ir is the register language that the flow engine runs on.
//
// Lowering pays once for Python's control flow and scoping: try/finally, with, generators, match, comprehensions,
// decorators and class bodies all come out as about twenty instructions in a control-flow graph. A Jinja template lowers
// to the same language, so that one engine follows data through both.
//
// A Func is immutable once lowered and safe for concurrent use.
package ir

import (
	"stopper/internal/python/ast"
	"stopper/internal/source"
)

// Reg is a register of one function. Registers below Func.NumVars are local variables and live across blocks; the others
// are temporaries that are written once and read in the same block only.
type Reg int32

// NoReg is an absent operand.
const NoReg Reg = -1

// Op is the operation of an instruction.
type Op uint8

// The instructions. "Name" is Instr.Name, "args" is Func.ArgsOf(instr).
const (
	// OpNop does nothing.
	OpNop Op = iota
	// OpConst: Dst = Func.Consts[Imm].
	OpConst
	// OpCopy: Dst = A. With Sub == CopyAwait it is `await A`.
	OpCopy
	// OpGlobal: Dst = the module-level name Name of this module, or the builtin of that name.
	OpGlobal
	// OpSetGlobal: module-level Name = A. In a module body every binding is one.
	OpSetGlobal
	// OpCell: Dst = variable Name of the enclosing function Func.ID == Imm (a captured variable).
	OpCell
	// OpSetCell: captured variable Name of function Imm = A. The owner writes its own captured variables so as well.
	OpSetCell
	// OpAttr: Dst = A.Name
	OpAttr
	// OpSetAttr: A.Name = B
	OpSetAttr
	// OpIndex: Dst = A[B]. Sub == IndexUnpack marks the constant positions of a tuple target.
	OpIndex
	// OpSetIndex: A[B] = C
	OpSetIndex
	// OpSlice: Dst = A[lo:hi:step], args are the three bounds (NoReg where absent).
	OpSlice
	// OpCall: Dst = A(args…)
	OpCall
	// OpMethod: Dst = A.Name(args…). An attribute that is called at once.
	OpMethod
	// OpBinary: Dst = A (ast.Op)Sub B. Augmented assignments carry Imm == 1.
	OpBinary
	// OpUnary: Dst = (ast.Op)Sub A
	OpUnary
	// OpCompare: Dst = A (ast.Op)Sub B. Chains are lowered to branches.
	OpCompare
	// OpBuild: Dst = a new collection of kind (BuildKind)Sub from args; for BuildDict the args alternate key and value,
	// and an ArgStarStar stands alone. Imm == 1 marks a table of constants of which only the first entries are here.
	OpBuild
	// OpFormat: Dst = an f-string of args in order; constant parts are registers of constants. ArgRepr marks `!r`.
	// Sub == FormatTemplate is a t-string.
	OpFormat
	// OpIter: Dst = an element of iterating over A. It stands at the start of a loop's body, so that the loop's exit
	// does not see it.
	OpIter
	// OpFunc: Dst = a function object for function Imm; args are its default values (ArgKeyword, Name = parameter).
	OpFunc
	// OpClass: Dst = a class object for class Imm; args are bases and keywords. Its body (Class.Body) runs here.
	OpClass
	// OpImport: Dst = the module, or the name in a module, that Func.Module.Imports[Imm] says.
	OpImport
	// OpYield: Dst = yield A. Sub == YieldFrom delegates.
	OpYield
	// OpExcept: Dst = the exception caught at the start of a handler's body; A is the type expression or NoReg.
	OpExcept
	// OpEnter: Dst = what `with A as Dst` binds.
	OpEnter
	// OpExit is the end of `with A`, where the body comes to its own.
	OpExit
	// OpDelete: forget variable A; with Name: `del A.Name`; with B: `del A[B]`. Deleting a global or a captured variable
	// has no instruction.
	OpDelete

	// OpJump, OpBranch, OpReturn and OpRaise end a block.

	// OpJump goes to Succs[0].
	OpJump
	// OpBranch goes to Succs[0] when A is true and to Succs[1] when it is false. With A == NoReg either may be taken:
	// a loop has one more element or has ended, an except clause matches or the next one is asked.
	OpBranch
	// OpReturn returns A (NoReg: None).
	OpReturn
	// OpRaise raises A (NoReg: re-raise).
	OpRaise
	// OpEmit: a template writes A into its output, in the way that Func.Emits[Imm] says.
	OpEmit
	numOps
)

// Values of Instr.Sub.
const (
	CopyAwait   uint8 = 1
	IndexUnpack uint8 = 1
	YieldFrom   uint8 = 1
	// FormatTemplate marks an OpFormat that makes a string.templatelib.Template.
	FormatTemplate uint8 = 1
)

// BuildKind is the kind of collection that OpBuild makes.
type BuildKind uint8

// Collections.
const (
	BuildList BuildKind = iota
	BuildTuple
	BuildSet
	BuildDict
	// BuildListComp, BuildSetComp, BuildDictComp and BuildGenerator start empty; the loop that fills them calls the
	// methods append, add or uses OpSetIndex on them.
	BuildListComp
	BuildSetComp
	BuildDictComp
	BuildGenerator
)

// ArgKind tells the operands of a call, a build or a format apart.
type ArgKind uint8

// Operand kinds.
const (
	ArgPos ArgKind = iota
	ArgKeyword
	ArgStar
	ArgStarStar
	// ArgRepr is an operand of OpFormat with `!r` or `!a`.
	ArgRepr
	// ArgSpec is an operand of OpFormat with a constant format specification in Name, such as "d".
	ArgSpec
)

// Arg is one operand of a call, build or format.
type Arg struct {
	Kind ArgKind
	Reg  Reg
	Name string
	Node ast.NodeID
}

// Instr is one instruction.
type Instr struct {
	Op      Op
	Sub     uint8
	ArgsLen uint16
	Dst     Reg
	A, B, C Reg
	Imm     uint32
	ArgsAt  uint32
	Node    ast.NodeID // where it comes from
	Name    string
}

// BlockID indexes Func.Blocks. Block 0 is the entry.
type BlockID int32

// NoBlock is an absent block.
const NoBlock BlockID = -1

// Block is a straight run of instructions; the last one is OpJump, OpBranch, OpReturn or OpRaise.
type Block struct {
	Instrs []Instr
	Succs  []BlockID
	// Handler is where an exception raised in this block goes: the first block of the except clauses, or of a finally
	// copy; NoBlock when it leaves the function. Statements inside a try body start blocks of their own, so that the
	// handler sees the state between them.
	Handler BlockID
	// IsLoopHead marks the target of a back edge.
	IsLoopHead bool
}

// FuncKind tells what a Func was lowered from.
type FuncKind uint8

// Function kinds.
const (
	KindFunction FuncKind = iota
	KindLambda
	KindModule
	KindClassBody
	KindTemplate
)

// FuncID and ClassID number the functions and classes of a program, densely and in a deterministic order.
type (
	FuncID  uint32
	ClassID uint32
)

// NoClass is the Class of a function outside any class body.
const NoClass ClassID = 1<<32 - 1

// Param is a parameter of a function. Its register is a variable.
type Param struct {
	Name       string
	Kind       ast.ParamKind
	Reg        Reg
	HasDefault bool
	Annotation ast.NodeID
}

// ConstKind is the Python type of a Const.
type ConstKind uint8

// Constant types.
const (
	ConstNone ConstKind = iota
	ConstBool
	ConstInt
	ConstFloat
	ConstStr
	ConstBytes
	ConstEllipsis
)

// Const is a Python constant. Int holds bools (0, 1) and ints that fit; other numbers carry their text in Str and
// have IsBig set. It is comparable, so that constants can be interned and used as map keys.
type Const struct {
	Kind  ConstKind
	IsBig bool
	Int   int64
	Str   string
}

// Import is what an import statement binds: module Module, or name Name of it. Local is the module of the audited
// program, nil when it is outside.
type Import struct {
	Module string // absolute dotted name, relative imports resolved
	Name   string // "" for `import x`; "*" never occurs: star imports are expanded or left as Star
	IsStar bool
	// TopOnly: `import a.b` binds a. Module is then all of a.b, and Local the module of a.
	TopOnly bool
	Local   *Module
}

// Module is one Python file, or one template.
type Module struct {
	Name      string // dotted; unique in the program
	IsPackage bool
	IsTest    bool
	File      *ast.File // nil for a template
	Source    *source.File
	// Spans are the source ranges of a template's nodes, by the NodeIDs that its functions' instructions carry.
	Spans   []source.Span
	Body    FuncID
	Imports []Import
	Index   int // position in Program.Modules
}

// Class is one class statement.
type Class struct {
	ID       ClassID
	Name     string
	QualName string // within its module, such as "Outer.Inner"
	Module   *Module
	Node     ast.NodeID
	Body     FuncID // a KindClassBody function: its variables become the class's attributes
}

// Func is one function, lambda, class body, module body or template.
type Func struct {
	ID       FuncID
	Kind     FuncKind
	Name     string
	QualName string // within its module, such as "Shop.checkout" or "outer.<locals>.inner"
	Module   *Module
	Class    ClassID // the class whose body holds the def, or NoClass
	Outer    FuncID  // the function, class body or module that holds it; itself for a module
	Node     ast.NodeID

	Params  []Param
	NumVars int
	NumRegs int
	// VarNames are the names of the variables. A comprehension's variable has a quote in it, such as x'1, and a value
	// that merely crosses blocks has the empty name; neither is an attribute when the function is a class body.
	VarNames    []string
	Blocks      []Block
	Consts      []Const
	Args        []Arg
	Emits       []Emit // of a template
	IsAsync     bool
	IsGenerator bool
	// IsPartial is set when some code was nested too deep, or too much of it, to be lowered.
	IsPartial bool
}

// ArgsOf returns the operands of an instruction.
func (f *Func) ArgsOf(in *Instr) []Arg { return f.Args[in.ArgsAt : in.ArgsAt+uint32(in.ArgsLen)] }

// Span is the source range of an instruction.
func (f *Func) Span(in *Instr) source.Span { return f.SpanOf(in.Node) }

// SpanOf is the source range of a node of the function's file.
func (f *Func) SpanOf(n ast.NodeID) source.Span {
	switch {
	case n == 0:
	case f.Module.File != nil:
		return f.Module.File.Span(n)
	case int(n) < len(f.Module.Spans):
		return f.Module.Spans[n]
	}
	return source.Span{}
}
