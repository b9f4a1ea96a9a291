package parser

import (
	"bytes"

	"stopper/internal/python/ast"
	"stopper/internal/source"
)

// isPython2 decides whether a text with errors is Python 2. One print statement among good Python 3 is a mistake of
// its author; a file counts as Python 2 when its errors are about as many as its marks of Python 2, or when its
// first line says so.
func (p *Parser) isPython2() bool {
	line, _, _ := bytes.Cut(p.lex.src[:p.lex.n], []byte("\n"))
	if bytes.HasPrefix(line, []byte("#!")) {
		if bytes.Contains(line, []byte("python3")) {
			return false
		}
		if bytes.Contains(line, []byte("python2")) {
			return true
		}
	}
	marks := p.python2Marks()
	return marks > 0 && 2*marks >= len(p.errs)
}

// python2Marks counts the places that are Python 2 and nothing else.
func (p *Parser) python2Marks() int {
	marks := 0
	begin := true // of a statement
	for i := range p.t[:len(p.t)-1] {
		t, next := &p.t[i], &p.t[i+1]
		switch t.kind {
		case tName:
			if begin && isStatementOf2(p.word(i)) && beginsOperand(next.kind) {
				marks++
			}
			if next.kind == tString && next.start == t.end && (p.word(i) == "ur" || p.word(i) == "UR") {
				marks++
			}
		case kExcept, kRaise:
			marks += p.commaMark(i)
		case tNumber:
			if c := p.lex.src[t.end-1]; c == 'L' || c == 'l' || p.isOldOctal(t) {
				marks++
			}
		case tError:
			if s := p.word(i); s == "<>" || s == "`" {
				marks++
			}
		}
		begin = t.kind == tNewline || t.kind == tSemi || t.kind == tIndent || t.kind == tDedent || t.kind == tColon
	}
	return marks
}

func isStatementOf2(w string) bool { return w == "print" || w == "exec" }

func beginsOperand(k kind) bool {
	return k == tName || k == tNumber || k == tString || k == kNot || k == kNone || k == kTrue || k == kFalse || k == kLambda || k == tError
}

// commaMark finds `except Error, name:` and `raise Error, "text"`.
func (p *Parser) commaMark(i int) int {
	k := p.t[i].kind
	i++
	for p.t[i].kind == tName || p.t[i].kind == tDot {
		i++
	}
	if p.t[i].kind != tComma {
		return 0
	}
	// `except A, B:` is Python 3.14; the name of a caught exception begins with a small letter.
	if k == kRaise || p.t[i+1].kind == tName && p.t[i+2].kind == tColon && p.word(i + 1)[0] >= 'a' {
		return 1
	}
	return 0
}

func (p *Parser) isOldOctal(t *token) bool {
	s := p.lex.src[t.start:t.end]
	if len(s) < 2 || s[0] != '0' || ast.ConstKind(t.sym) != ast.ConstInt {
		return false
	}
	for _, c := range s[1:] {
		if c < '0' || c > '7' {
			return false
		}
	}
	return s[1] != '0' || len(bytes.Trim(s, "0")) > 0
}

func (p *Parser) python2(src *source.File) *ast.File {
	at := source.Span{}
	if len(p.errs) > 0 {
		at = p.errs[0].Span
	}
	p.errs = append(p.errs[:0], ast.SyntaxError{Span: at, Msg: "Python 2 file, not analysed"})
	f := p.empty(src)
	f.Python2 = true
	return f
}
