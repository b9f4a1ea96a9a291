package parser

import "stopper/internal/python/ast"

// matchAhead tells a match statement from a use of the name: the line ends with a colon and the block below begins
// with `case`.
func (p *Parser) matchAhead() bool {
	switch p.peek() {
	case tEq, tDot, tComma, tNewline, tRPar, tColon, kIn, kIs, kAnd, kOr, tSemi:
		return false
	}
	i := p.i + 1
	for p.t[i].kind != tNewline && p.t[i].kind != tEOF {
		i++
	}
	if p.t[i].kind == tEOF || p.t[i-1].kind != tColon || p.t[i+1].kind != tIndent {
		return false
	}
	return p.t[i+2].kind == tName && p.word(i+2) == "case"
}

// matchStmt pushes the statement, and behind it what a broken case has left.
func (p *Parser) matchStmt() {
	st := p.pos()
	p.next()
	subject := p.starNamedExprs()
	if p.kind(subject) == ast.Starred {
		p.reportNode(subject, "cannot use starred expression here")
	}
	p.want(tColon)
	p.want(tNewline)
	p.want(tIndent)
	m := p.mark()
	p.guarded(tDedent, true)
	p.eat(tDedent)
	var rest []uint32
	cases := p.stack[m:m]
	for _, n := range p.stack[m:] {
		if p.kind(id(n)) == ast.MatchCase {
			cases = append(cases, n)
		} else {
			rest = append(rest, n)
		}
	}
	p.stack = p.stack[:m+len(cases)]
	l := p.list(m)
	p.pushID(p.node(ast.Match, st, uint32(subject), l, 0))
	p.stack = append(p.stack, rest...)
}

func (p *Parser) caseInMatch() {
	if !p.isWord("case") {
		p.unexpected()
	}
	p.pushID(p.matchCase())
}

func (p *Parser) matchCase() id {
	st := p.pos()
	p.next()
	pattern := p.openPattern()
	var guard id
	if p.eat(kIf) {
		guard = p.namedExpr()
	}
	body := p.block()
	return p.node(ast.MatchCase, st, uint32(pattern), uint32(guard), body)
}

// openPattern is a pattern or a sequence of them without brackets.
func (p *Parser) openPattern() id {
	st := p.pos()
	e := p.starPattern()
	if p.k != tComma {
		if p.kind(e) == ast.MatchStar {
			p.unexpected()
		}
		return e
	}
	m := p.mark()
	p.pushID(e)
	for p.eat(tComma) {
		if p.k == tColon || p.k == kIf {
			break
		}
		p.pushID(p.starPattern())
	}
	l := p.list(m)
	return p.opNode(ast.MatchSequence, 0, st, l, 0, 0)
}

func (p *Parser) starPattern() id {
	if p.k != tStar {
		return p.pattern()
	}
	st := p.pos()
	p.next()
	n := p.captureName()
	return p.opNode(ast.MatchStar, 0, st, n, 0, 0)
}

// captureName reads a name; `_` captures nothing and is 0.
func (p *Parser) captureName() uint32 {
	wild := p.isWord("_")
	n := p.wantName()
	if wild {
		return 0
	}
	return n
}

func (p *Parser) pattern() id {
	p.enter()
	st := p.pos()
	e := p.closedPattern()
	if p.k == tVBar {
		m := p.mark()
		p.pushID(e)
		for p.eat(tVBar) {
			p.pushID(p.closedPattern())
		}
		l := p.list(m)
		e = p.opNode(ast.MatchOr, 0, st, l, 0, 0)
	}
	if p.eat(kAs) {
		if p.isWord("_") {
			p.report(p.pos(), p.t[p.i].end, "cannot use '_' as a target")
		}
		n := p.wantName()
		e = p.opNode(ast.MatchAs, 0, st, uint32(e), n, 0)
	}
	p.leave()
	return e
}

func (p *Parser) closedPattern() id {
	st := p.pos()
	switch p.k {
	case kNone, kTrue, kFalse:
		v := p.atom()
		return p.opNode(ast.MatchSingleton, 0, st, uint32(v), 0, 0)
	case tNumber, tMinus, tString, tFStart:
		v := p.literalPattern()
		return p.opNode(ast.MatchValue, 0, st, uint32(v), 0, 0)
	case tName:
		return p.namePattern()
	case tLPar:
		return p.sequencePattern(tRPar)
	case tLSqb:
		return p.sequencePattern(tRSqb)
	case tLBrace:
		return p.mappingPattern()
	}
	p.unexpected()
	return 0
}

// literalPattern reads strings, a signed number, or a complex number written as a sum.
func (p *Parser) literalPattern() id {
	st := p.pos()
	if p.k == tString || p.k == tFStart {
		return p.strings()
	}
	e := p.signedNumber()
	if p.k != tPlus && p.k != tMinus {
		return e
	}
	op := binOps[p.k]
	p.next()
	if p.k != tNumber {
		p.unexpected()
	}
	r := p.atom()
	return p.opNode(ast.BinOp, op, st, uint32(e), uint32(r), 0)
}

func (p *Parser) signedNumber() id {
	st := p.pos()
	minus := p.eat(tMinus)
	if p.k != tNumber {
		p.unexpected()
	}
	e := p.atom()
	if minus {
		e = p.opNode(ast.UnaryOp, ast.USub, st, uint32(e), 0, 0)
	}
	return e
}

// namePattern is a capture, a wildcard, a dotted value or a class.
func (p *Parser) namePattern() id {
	st := p.pos()
	if next := p.peek(); next != tDot && next != tLPar {
		n := p.captureName()
		return p.opNode(ast.MatchAs, 0, st, 0, n, 0)
	}
	e := p.dottedValue()
	if p.eat(tLPar) {
		return p.classPattern(st, e)
	}
	return p.opNode(ast.MatchValue, 0, st, uint32(e), 0, 0)
}

func (p *Parser) dottedValue() id {
	st := p.pos()
	e := p.name()
	for links := 1; p.eat(tDot); links++ {
		n := p.wantName()
		e = p.opNode(ast.Attribute, 0, st, uint32(e), n, 0)
		p.chain(links)
	}
	return e
}

func (p *Parser) classPattern(st uint32, cls id) id {
	var names, keywords []uint32
	m := p.mark()
	for p.k != tRPar {
		if p.k == tName && p.peek() == tEq {
			names = append(names, p.wantName())
			p.next()
			keywords = append(keywords, uint32(p.pattern()))
		} else {
			e := p.pattern()
			if names != nil {
				p.reportNode(e, "positional patterns follow keyword patterns")
			}
			p.pushID(e)
		}
		if !p.eat(tComma) {
			break
		}
	}
	p.want(tRPar)
	patterns := p.list(m)
	var attrs, values uint32
	if names != nil {
		attrs, values = p.extra(names...), p.extra(keywords...)
	}
	return p.opNode(ast.MatchClass, 0, st, uint32(cls), patterns, p.extra(attrs, values))
}

func (p *Parser) sequencePattern(end kind) id {
	st := p.pos()
	p.next()
	m := p.mark()
	comma := false
	for p.k != end {
		p.pushID(p.starPattern())
		if !p.eat(tComma) {
			break
		}
		comma = true
	}
	p.want(end)
	if end == tRPar && !comma && p.mark() == m+1 && p.kind(id(p.stack[m])) != ast.MatchStar {
		e := id(p.stack[m])
		p.stack = p.stack[:m]
		return e
	}
	l := p.list(m)
	return p.opNode(ast.MatchSequence, 0, st, l, 0, 0)
}

func (p *Parser) mappingPattern() id {
	st := p.pos()
	p.next()
	m := p.mark()
	var rest uint32
	for p.k != tRBrace {
		if p.eat(tDStar) {
			rest = p.wantName()
		} else {
			p.pushID(p.patternKey())
			p.want(tColon)
			p.pushID(p.pattern())
		}
		if !p.eat(tComma) {
			break
		}
		if rest != 0 && p.k != tRBrace {
			p.report(p.pos(), p.t[p.i].end, "double star pattern must be the last one")
		}
	}
	p.want(tRBrace)
	l := p.list(m)
	return p.opNode(ast.MatchMapping, 0, st, l, rest, 0)
}

func (p *Parser) patternKey() id {
	switch p.k {
	case tName:
		if p.peek() != tDot {
			p.unexpected()
		}
		return p.dottedValue()
	case kNone, kTrue, kFalse:
		return p.atom()
	}
	return p.literalPattern()
}
