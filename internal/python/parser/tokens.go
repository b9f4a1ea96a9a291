package parser

// kind is the class of a token. The order matters: ranges of it are tested.
type kind uint8

const (
	tEOF kind = iota
	tNewline
	tIndent
	tDedent
	// tError stands for text that is no token; the lexer has reported it.
	tError
	tName
	tNumber
	tString
	tFStart
	tFMiddle
	tFEnd

	tLPar
	tRPar
	tLSqb
	tRSqb
	tLBrace
	tRBrace
	tColon
	tComma
	tSemi
	tDot
	tEllipsis
	tArrow
	tColonEq
	tExcl
	tEq

	// Binary operators, then the same operators as augmented assignments.
	tVBar
	tCaret
	tAmp
	tLShift
	tRShift
	tPlus
	tMinus
	tStar
	tSlash
	tDSlash
	tPercent
	tAt
	tDStar
	tTilde
	tVBarEq
	tCaretEq
	tAmpEq
	tLShiftEq
	tRShiftEq
	tPlusEq
	tMinusEq
	tStarEq
	tSlashEq
	tDSlashEq
	tPercentEq
	tAtEq
	tDStarEq

	tLt
	tGt
	tLtE
	tGtE
	tEqEq
	tNotEq

	kFalse
	kNone
	kTrue
	kAnd
	kAs
	kAssert
	kAsync
	kAwait
	kBreak
	kClass
	kContinue
	kDef
	kDel
	kElif
	kElse
	kExcept
	kFinally
	kFor
	kFrom
	kGlobal
	kIf
	kImport
	kIn
	kIs
	kLambda
	kNonlocal
	kNot
	kOr
	kPass
	kRaise
	kReturn
	kTry
	kWhile
	kWith
	kYield
	numKinds
)

// keywords in the order of their kinds; the interner gives them its first numbers.
var keywords = [...]string{
	"False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
	"elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
	"not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
}

// onlyStatement tells the keywords that no expression can contain: inside brackets they prove that one was not
// closed. `for`, `if`, `else`, `async`, `from`, `as` and the like do occur in expressions.
var onlyStatement = [numKinds]bool{
	kAssert: true, kBreak: true, kClass: true, kContinue: true, kDef: true, kDel: true, kElif: true, kExcept: true,
	kFinally: true, kGlobal: true, kImport: true, kNonlocal: true, kPass: true, kRaise: true, kReturn: true,
	kTry: true, kWhile: true, kWith: true,
}

// token is 16 bytes. sym is the name's number in the file; for a number it is the ast.ConstKind.
type token struct {
	start, end uint32
	sym        uint32
	kind       kind
	flag       uint8
}

// Flags of string tokens.
const (
	sRaw uint8 = 1 << iota
	sBytes
	sF
	sT
	sU
	sTriple
	// sEscape: the body holds a backslash or a carriage return, so the value is not the text itself.
	sEscape
)

// Classes of bytes.
const (
	cOther uint8 = iota
	cIdent
	cDigit
	cSpace
	cNewline
	cQuote
	cOp
	cHash
	cBackslash
	cNul
	cHigh
)

var classes = func() (t [256]uint8) {
	for i := range t {
		c := byte(i)
		switch {
		case c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z':
			t[i] = cIdent
		case c >= '0' && c <= '9':
			t[i] = cDigit
		case c == ' ' || c == '\t' || c == '\f':
			t[i] = cSpace
		case c == '\n' || c == '\r':
			t[i] = cNewline
		case c == '"' || c == '\'':
			t[i] = cQuote
		case c == '#':
			t[i] = cHash
		case c == '\\':
			t[i] = cBackslash
		case c == 0:
			t[i] = cNul
		case c >= 0x80:
			t[i] = cHigh
		}
	}
	for _, c := range []byte("()[]{}:,;.=+-*/|&^~%<>!@") {
		t[c] = cOp
	}
	return
}()

var identPart = func() (t [256]bool) {
	for i := range t {
		t[i] = classes[i] == cIdent || classes[i] == cDigit
	}
	return
}()
