package ir

// presence says whether an operation has an operand.
type presence uint8

const (
	absent presence = iota
	optional
	required
)

// shape is what an operation needs; shapes is checked by Verify and read by the dump.
type shape struct {
	name      bool // Instr.Name must be set
	args      bool // may have operands
	dst       presence
	a, b, c   presence
	mnemonic  string
	endsBlock bool
}

// shapes is never written to.
var shapes = [numOps]shape{
	OpNop:       {mnemonic: "nop"},
	OpConst:     {mnemonic: "const", dst: required},
	OpCopy:      {mnemonic: "copy", dst: required, a: required},
	OpGlobal:    {mnemonic: "global", dst: required, name: true},
	OpSetGlobal: {mnemonic: "setglobal", a: required, name: true},
	OpCell:      {mnemonic: "cell", dst: required, name: true},
	OpSetCell:   {mnemonic: "setcell", a: required, name: true},
	OpAttr:      {mnemonic: "attr", dst: required, a: required, name: true},
	OpSetAttr:   {mnemonic: "setattr", a: required, b: required, name: true},
	OpIndex:     {mnemonic: "index", dst: required, a: required, b: required},
	OpSetIndex:  {mnemonic: "setindex", a: required, b: required, c: required},
	OpSlice:     {mnemonic: "slice", dst: required, a: required, args: true},
	OpCall:      {mnemonic: "call", dst: required, a: required, args: true},
	OpMethod:    {mnemonic: "method", dst: required, a: required, args: true, name: true},
	OpBinary:    {mnemonic: "binary", dst: required, a: required, b: required},
	OpUnary:     {mnemonic: "unary", dst: required, a: required},
	OpCompare:   {mnemonic: "compare", dst: required, a: required, b: required},
	OpBuild:     {mnemonic: "build", dst: required, args: true},
	OpFormat:    {mnemonic: "format", dst: required, args: true},
	OpIter:      {mnemonic: "iter", dst: required, a: required},
	OpFunc:      {mnemonic: "func", dst: required, args: true},
	OpClass:     {mnemonic: "class", dst: required, args: true},
	OpImport:    {mnemonic: "import", dst: required},
	OpYield:     {mnemonic: "yield", dst: required, a: optional},
	OpExcept:    {mnemonic: "except", dst: required, a: optional},
	OpEnter:     {mnemonic: "enter", dst: required, a: required},
	OpExit:      {mnemonic: "exit", a: required},
	OpDelete:    {mnemonic: "delete", a: required, b: optional},
	OpJump:      {mnemonic: "jump", endsBlock: true},
	OpBranch:    {mnemonic: "branch", a: optional, endsBlock: true},
	OpReturn:    {mnemonic: "return", a: optional, endsBlock: true},
	OpRaise:     {mnemonic: "raise", a: optional, endsBlock: true},
	OpEmit:      {mnemonic: "emit", a: required},
}

// EndsBlock reports whether the operation is the last of a block.
func (op Op) EndsBlock() bool { return op < numOps && shapes[op].endsBlock }

// String is the operation's name in dumps.
func (op Op) String() string { return opName(op) }

func opName(op Op) string {
	if op >= numOps {
		return "?"
	}
	return shapes[op].mnemonic
}
