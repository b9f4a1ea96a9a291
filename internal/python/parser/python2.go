package parser

import (
	"bytes"

	"stopper/internal/python/ast"
)

// A text that is Python 2 is read a second time with the grammar of Python 2, as far as it differs; the tree is the one
// that the same program would have in Python 3.

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
	return marks > 0 && 2*marks >= len(p.errs)-p.tabErrors()
}

// tabErrors counts the errors that Python 2 does not make of tabs among spaces: it knows how wide a tab is.
func (p *Parser) tabErrors() int {
	n := 0
	for _, e := range p.errs {
		if e.Msg == mixedTabs {
			n++
		}
	}
	return n
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

// statementOf2 tells whether the word at hand, print or exec, begins a statement of Python 2. Before a bracket it may as
// well be a call, which means the same.
func (p *Parser) statementOf2() bool {
	if !isStatementOf2(p.word(p.i)) {
		return false
	}
	switch next := p.peek(); next {
	case tRShift, tLSqb, tLBrace, tMinus, tPlus, tTilde:
		return true
	default:
		return beginsOperand(next)
	}
}

// callOf2 reads `print a, b`, `print >>file, a` and `exec code in names` as the calls that took their place.
func (p *Parser) callOf2() id {
	st := p.pos()
	isExec := p.isWord("exec")
	callee := p.name()
	m := p.mark()
	if isExec {
		p.execArgs()
	} else {
		p.printArgs()
	}
	args := p.list(m)
	call := p.opNode(ast.Call, 0, st, uint32(callee), args, 0)
	return p.node(ast.Expr, st, uint32(call), 0, 0)
}

func (p *Parser) printArgs() {
	st := p.pos()
	if p.eat(tRShift) {
		e := p.expr()
		p.pushID(p.opNode(ast.Keyword, 0, st, p.lex.names.intern([]byte("file")), uint32(e), 0))
		p.eat(tComma)
	}
	for !p.atEnd() {
		p.pushID(p.expr())
		if !p.eat(tComma) {
			break
		}
	}
}

func (p *Parser) execArgs() {
	p.pushID(p.binary(precBitOr))
	if !p.eat(kIn) {
		return
	}
	p.pushID(p.expr())
	if p.eat(tComma) {
		p.pushID(p.expr())
	}
}

// raiseOf2 reads the rest of `raise Error, value, traceback`, which raises Error(value).
func (p *Parser) raiseOf2(exc id) id {
	p.next()
	m := p.mark()
	p.pushID(p.expr())
	args := p.list(m)
	if p.eat(tComma) {
		p.expr()
	}
	return p.opNode(ast.Call, 0, p.nodes[exc].Start, uint32(exc), args, 0)
}

// caughtIn2 reads the name in `except Error, name`. Another target than a name is left without one.
func (p *Parser) caughtIn2() uint32 {
	if p.k == tName && p.peek() == tColon {
		return p.wantName()
	}
	p.expr()
	return 0
}

func (p *Parser) isBackquote(i int) bool {
	return p.lex.two && p.t[i].kind == tError && p.word(i) == "`"
}

// backquotes reads `x`, which is repr(x).
func (p *Parser) backquotes() id {
	p.enter()
	st := p.pos()
	callee := p.nodeTo(ast.Name, st, st+1, p.lex.names.intern([]byte("repr")), 0, 0)
	p.next()
	m := p.mark()
	for {
		p.pushID(p.expr())
		if !p.eat(tComma) {
			break
		}
	}
	args := p.list(m)
	if !p.isBackquote(p.i) {
		p.unexpected()
	}
	p.next()
	p.leave()
	return p.opNode(ast.Call, 0, st, uint32(callee), args, 0)
}

// tupleOf2 reads a parameter that is taken apart at once, `def f((a, b)):`. It gets a name that nobody can write; what
// it is taken apart to is not known.
func (p *Parser) tupleOf2(sig *signature, place ast.ParamKind) id {
	st := p.pos()
	p.set(p.closer(p.i))
	p.want(tRPar)
	return p.argOf(sig, st, p.lex.names.intern([]byte("(…)")), place, false)
}
