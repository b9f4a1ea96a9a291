package parser

import (
	"stopper/internal/python/ast"
)

// Recovery works by statements. A production that cannot go on reports why and panics with bail; the innermost
// suite that is being read catches it, puts an ast.Bad in the place of the statement, and continues behind the
// statement's line. If an indented block follows that line, as it does behind a broken header, its statements are
// kept and become siblings of the Bad: what they call and assign still matters to an analysis.

// suite reads statements onto the stack up to the token end, which is tDedent or tEOF.
func (p *Parser) suite(end kind) { p.guarded(end, false) }

// guarded reads statements, or the cases of a match, with recovery.
func (p *Parser) guarded(end kind, cases bool) {
	for {
		open, done := p.statements(end, cases)
		if done {
			return
		}
		p.resync(open)
	}
}

// statements reads until end and returns true, or until a statement fails. Then a Bad is pushed, and open is the
// number of blocks that the statement had opened.
func (p *Parser) statements(end kind, cases bool) (open int, done bool) {
	start, at := p.i, p.checkpoint()
	defer func() {
		if done {
			return
		}
		if r := recover(); r != nil {
			if _, is := r.(bail); !is {
				panic(r)
			}
		}
		p.rewind(at)
		open = p.badStatement(start)
	}()
	for p.k != end && p.k != tEOF {
		if p.full {
			p.set(len(p.t) - 1)
			break
		}
		start, at = p.i, p.checkpoint()
		switch {
		case cases:
			p.caseInMatch()
		case p.k == tDedent: // left over by a broken block
			p.next()
		default:
			p.statement()
		}
	}
	return 0, true
}

// checkpoint is the state of what a statement appends to.
type checkpoint struct{ stack, nodes, lists, text, ends, depth int }

func (p *Parser) checkpoint() checkpoint {
	return checkpoint{len(p.stack), len(p.nodes), len(p.lists), len(p.text), len(p.ends), p.depth}
}

// rewind forgets what was built since the checkpoint, but not the errors.
func (p *Parser) rewind(c checkpoint) {
	p.stack, p.nodes, p.lists = p.stack[:c.stack], p.nodes[:c.nodes], p.lists[:c.lists]
	p.text, p.ends, p.lit = p.text[:c.text], p.ends[:c.ends], p.lit[:0]
	p.depth = c.depth
}

// badStatement pushes a Bad from a token to the end of the line on which the parser stopped, or, if it stopped in
// front of a line, to the end of the line before. It returns how many blocks are open there.
func (p *Parser) badStatement(start int) int {
	i := max(p.i, start)
	if i == start || p.t[i-1].kind != tNewline && p.t[i-1].kind != tDedent {
		for p.t[i].kind != tNewline && p.t[i].kind != tEOF {
			i++
		}
	}
	p.set(i)
	open, lexical, last := 0, false, start
	for j := start; j < i; j++ {
		switch k := p.t[j].kind; k {
		case tIndent:
			open++
		case tDedent:
			open--
		case tNewline:
		default:
			lexical = lexical || k == tError
			last = j
		}
	}
	if lexical && p.told {
		p.errs = p.errs[:len(p.errs)-1] // the lexer has said the cause
	}
	p.told = false
	from := p.t[start].start
	p.pushID(p.nodeTo(ast.Bad, from, max(from, p.t[last].end), 0, 0, 0))
	return max(open, 0)
}

// resync continues behind a failed statement. The rest of the blocks that it had opened is read as statements too.
func (p *Parser) resync(open int) {
	p.eat(tNewline)
	if p.k == tIndent {
		p.next()
		open++
	}
	for range open {
		p.suite(tDedent)
		p.eat(tDedent)
	}
}

// unexpected reports the current token. What the lexer has already reported is not reported twice.
func (p *Parser) unexpected() {
	switch p.k {
	case tError:
		panic(bail{})
	case tEOF:
		p.fatal("unexpected end of file")
	case tNewline:
		p.fatal("unexpected end of line")
	case tIndent:
		p.fatal("unexpected indent")
	case tDedent:
		p.fatal("unexpected end of block")
	}
	p.fatal("invalid syntax")
}
