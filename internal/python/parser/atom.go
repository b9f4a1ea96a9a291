package parser

import "stopper/internal/python/ast"

// name reads a Name in load context.
func (p *Parser) name() id {
	t := &p.t[p.i]
	if t.kind != tName {
		p.unexpected()
	}
	n := p.nodeTo(ast.Name, t.start, t.end, t.sym, 0, 0)
	p.next()
	return n
}

// primary reads an atom and the attributes, calls and subscripts behind it.
func (p *Parser) primary() id {
	st := p.pos()
	e := p.atom()
	for links := 1; ; links++ {
		switch p.k {
		case tDot:
			p.next()
			n := p.wantName()
			e = p.opNode(ast.Attribute, 0, st, uint32(e), n, 0)
		case tLPar:
			p.next()
			args := p.callArgs(true)
			e = p.opNode(ast.Call, 0, st, uint32(e), args, 0)
		case tLSqb:
			p.next()
			s := p.subscript()
			p.want(tRSqb)
			e = p.opNode(ast.Subscript, 0, st, uint32(e), uint32(s), 0)
		default:
			return e
		}
		p.chain(links)
	}
}

func (p *Parser) atom() id {
	st := p.pos()
	switch p.k {
	case tName:
		return p.name()
	case tNumber:
		k := ast.ConstKind(p.t[p.i].sym)
		p.next()
		return p.constant(k, st, 0)
	case tString, tFStart:
		return p.strings()
	case tLPar:
		return p.parens()
	case tLSqb:
		return p.listDisplay()
	case tLBrace:
		return p.braces()
	case kNone, kTrue, kFalse, tEllipsis:
		k := wordConstants[p.k]
		p.next()
		return p.constant(k, st, 0)
	}
	p.unexpected()
	return 0
}

var wordConstants = [numKinds]ast.ConstKind{
	kNone: ast.ConstNone, kTrue: ast.ConstTrue, kFalse: ast.ConstFalse, tEllipsis: ast.ConstEllipsis,
}

// parens reads a group, a tuple or a generator expression.
func (p *Parser) parens() id {
	st := p.pos()
	p.next()
	if p.eat(tRPar) {
		return p.opNode(ast.Tuple, 0, st, 0, 0, 0)
	}
	if p.k == kYield {
		e := p.yield()
		p.want(tRPar)
		return e
	}
	first := p.pos()
	e := p.starNamed()
	switch p.k {
	case kFor, kAsync:
		c := p.comprehension()
		p.want(tRPar)
		return p.opNode(ast.GeneratorExp, 0, st, uint32(e), c, 0)
	case tComma:
		m := p.mark()
		p.pushID(e)
		p.elements(tRPar)
		l := p.list(m)
		return p.opNode(ast.Tuple, 0, st, l, 0, 0)
	}
	if p.kind(e) == ast.Starred && p.nodes[e].Start == first {
		p.reportNode(e, "cannot use starred expression here")
	}
	p.want(tRPar)
	return e
}

// elements reads `, element, …` up to and with the closing bracket.
func (p *Parser) elements(end kind) {
	for p.eat(tComma) {
		if p.k == end {
			break
		}
		p.pushID(p.starNamed())
	}
	p.want(end)
}

func (p *Parser) listDisplay() id {
	st := p.pos()
	p.next()
	if p.eat(tRSqb) {
		return p.opNode(ast.List, 0, st, 0, 0, 0)
	}
	e := p.starNamed()
	if p.k == kFor || p.k == kAsync {
		c := p.comprehension()
		p.want(tRSqb)
		return p.opNode(ast.ListComp, 0, st, uint32(e), c, 0)
	}
	m := p.mark()
	p.pushID(e)
	p.elements(tRSqb)
	l := p.list(m)
	return p.opNode(ast.List, 0, st, l, 0, 0)
}

// braces reads a dict, a set, or a comprehension of one of them.
func (p *Parser) braces() id {
	st := p.pos()
	p.next()
	if p.eat(tRBrace) {
		return p.opNode(ast.Dict, 0, st, 0, 0, 0)
	}
	if p.k == tDStar {
		return p.dict(st)
	}
	first := p.pos()
	e := p.starNamed()
	if p.k == tColon {
		if k := p.kind(e); (k == ast.NamedExpr || k == ast.Starred) && p.nodes[e].Start == first {
			p.unexpected()
		}
		return p.dictFrom(st, e)
	}
	if p.k == kFor || p.k == kAsync {
		c := p.comprehension()
		p.want(tRBrace)
		return p.opNode(ast.SetComp, 0, st, uint32(e), c, 0)
	}
	m := p.mark()
	p.pushID(e)
	p.elements(tRBrace)
	l := p.list(m)
	return p.opNode(ast.Set, 0, st, l, 0, 0)
}

// dict reads a dict that begins with `**`.
func (p *Parser) dict(st uint32) id {
	p.next()
	v := p.binary(precBitOr)
	return p.dictRest(st, 0, v)
}

// dictFrom reads a dict whose first key is read.
func (p *Parser) dictFrom(st uint32, key id) id {
	p.next()
	return p.dictRest(st, key, p.expr())
}

func (p *Parser) dictRest(st uint32, key, value id) id {
	if p.k == kFor || p.k == kAsync {
		c := p.comprehension()
		p.want(tRBrace)
		return p.opNode(ast.DictComp, 0, st, uint32(key), uint32(value), c)
	}
	m := p.mark()
	p.pushID(key)
	p.pushID(value)
	for p.eat(tComma) && p.k != tRBrace {
		if p.eat(tDStar) {
			p.push(0)
			p.pushID(p.binary(precBitOr))
			continue
		}
		p.pushID(p.expr())
		p.want(tColon)
		p.pushID(p.expr())
	}
	p.want(tRBrace)
	l := p.list(m)
	return p.opNode(ast.Dict, 0, st, l, 0, 0)
}

// comprehension reads the `for` clauses.
func (p *Parser) comprehension() uint32 {
	m := p.mark()
	for p.k == kFor || p.k == kAsync {
		p.pushID(p.clause())
	}
	return p.list(m)
}

func (p *Parser) clause() id {
	st := p.pos()
	var flag uint16
	if p.eat(kAsync) {
		flag = ast.FlagAsync
	}
	p.want(kFor)
	target := p.targetList()
	p.want(kIn)
	iter := p.binary(precOr)
	m := p.mark()
	for p.eat(kIf) {
		p.pushID(p.binary(precOr))
	}
	ifs := p.list(m)
	n := p.opNode(ast.Comprehension, 0, st, uint32(target), uint32(iter), ifs)
	p.nodes[n].Flag = flag
	return n
}

func (p *Parser) subscript() id {
	st := p.pos()
	e := p.slice()
	if p.k != tComma && (p.kind(e) != ast.Starred || p.nodes[e].Start != st) {
		return e
	}
	m := p.mark()
	p.pushID(e)
	for p.eat(tComma) {
		if p.k == tRSqb {
			break
		}
		p.pushID(p.slice())
	}
	l := p.list(m)
	return p.opNode(ast.Tuple, 0, st, l, 0, 0)
}

func (p *Parser) slice() id {
	st := p.pos()
	var lower, upper, step id
	if p.k == tStar {
		p.next()
		e := p.expr()
		return p.opNode(ast.Starred, 0, st, uint32(e), 0, 0)
	}
	if p.k != tColon {
		lower = p.namedExpr()
		if p.k != tColon {
			return lower
		}
		if p.kind(lower) == ast.NamedExpr && p.nodes[lower].Start == st {
			p.unexpected()
		}
	}
	p.next()
	if p.k != tColon && p.k != tComma && p.k != tRSqb {
		upper = p.expr()
	}
	if p.eat(tColon) && p.k != tComma && p.k != tRSqb {
		step = p.expr()
	}
	return p.opNode(ast.Slice, 0, st, uint32(lower), uint32(upper), uint32(step))
}
