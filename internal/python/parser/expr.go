package parser

import "stopper/internal/python/ast"

// Precedences of binary operators, from the loosest.
const (
	precOr uint8 = iota + 1
	precAnd
	precNot
	precCmp
	precBitOr
	precXor
	precAmp
	precShift
	precArith
	precTerm
	precUnary
)

var precedence = [numKinds]uint8{
	kOr: precOr, kAnd: precAnd,
	tLt: precCmp, tGt: precCmp, tLtE: precCmp, tGtE: precCmp, tEqEq: precCmp, tNotEq: precCmp,
	kIn: precCmp, kIs: precCmp, kNot: precCmp,
	tVBar: precBitOr, tCaret: precXor, tAmp: precAmp, tLShift: precShift, tRShift: precShift,
	tPlus: precArith, tMinus: precArith,
	tStar: precTerm, tSlash: precTerm, tDSlash: precTerm, tPercent: precTerm, tAt: precTerm,
}

var binOps = [numKinds]ast.Op{
	tVBar: ast.BitOr, tCaret: ast.BitXor, tAmp: ast.BitAnd, tLShift: ast.LShift, tRShift: ast.RShift,
	tPlus: ast.Add, tMinus: ast.Sub, tStar: ast.Mult, tSlash: ast.Div, tDSlash: ast.FloorDiv, tPercent: ast.Mod,
	tAt: ast.MatMult, tDStar: ast.Pow, kOr: ast.Or, kAnd: ast.And,
	tLt: ast.Lt, tGt: ast.Gt, tLtE: ast.LtE, tGtE: ast.GtE, tEqEq: ast.Eq, tNotEq: ast.NotEq,
	kIn: ast.In, kIs: ast.Is, kNot: ast.NotIn,
}

var unaryOps = [numKinds]ast.Op{tMinus: ast.USub, tPlus: ast.UAdd, tTilde: ast.Invert, kNot: ast.Not}

// endsExprs tells whether a comma in front of the current token was a trailing one.
func (p *Parser) endsExprs() bool {
	switch p.k {
	case tNewline, tRPar, tRSqb, tRBrace, tEq, tColon, tSemi, tEOF, tExcl, kIn:
		return true
	}
	return p.k >= tVBarEq && p.k <= tDStarEq
}

// starExprs reads expressions or starred expressions; several are a Tuple.
func (p *Parser) starExprs() id {
	st := p.pos()
	e := p.starExpr()
	if p.k != tComma {
		return e
	}
	return p.tupleTail(st, e, (*Parser).starExpr)
}

func (p *Parser) starNamedExprs() id {
	st := p.pos()
	e := p.starNamed()
	if p.k != tComma {
		return e
	}
	return p.tupleTail(st, e, (*Parser).starNamed)
}

// targetList reads the targets of a loop.
func (p *Parser) targetList() id {
	st := p.pos()
	e := p.target(ast.Store)
	if p.k != tComma {
		return e
	}
	n := p.tupleTail(st, e, func(p *Parser) id { return p.target(ast.Store) })
	p.nodes[n].Flag = ast.Store
	return n
}

// tupleTail reads the rest of a tuple without parentheses.
func (p *Parser) tupleTail(st uint32, first id, element func(*Parser) id) id {
	m := p.mark()
	p.pushID(first)
	for p.eat(tComma) {
		if p.endsExprs() {
			break
		}
		p.pushID(element(p))
	}
	l := p.list(m)
	return p.opNode(ast.Tuple, 0, st, l, 0, 0)
}

func (p *Parser) starExpr() id {
	if p.k == tStar {
		st := p.pos()
		p.next()
		e := p.binary(precBitOr)
		return p.opNode(ast.Starred, 0, st, uint32(e), 0, 0)
	}
	return p.expr()
}

func (p *Parser) starNamed() id {
	if p.k == tStar {
		return p.starExpr()
	}
	return p.namedExpr()
}

func (p *Parser) namedExpr() id {
	if p.k == tName && p.peek() == tColonEq {
		st := p.pos()
		n := p.name()
		p.nodes[n].Flag = ast.Store
		p.next()
		v := p.expr()
		return p.opNode(ast.NamedExpr, 0, st, uint32(n), uint32(v), 0)
	}
	return p.expr()
}

func (p *Parser) expr() id {
	if p.k == kLambda {
		return p.lambda()
	}
	st := p.pos()
	e := p.binary(precOr)
	if p.k != kIf {
		return e
	}
	p.enter()
	p.next()
	test := p.binary(precOr)
	p.want(kElse)
	orelse := p.expr()
	p.leave()
	return p.opNode(ast.IfExp, 0, st, uint32(test), uint32(e), uint32(orelse))
}

func (p *Parser) lambda() id {
	p.enter()
	st := p.pos()
	p.next()
	args := p.params(tColon, false)
	p.want(tColon)
	body := p.expr()
	p.leave()
	return p.opNode(ast.Lambda, 0, st, uint32(args), uint32(body), 0)
}

func (p *Parser) yield() id {
	st := p.pos()
	p.next()
	if p.eat(kFrom) {
		v := p.expr()
		return p.opNode(ast.YieldFrom, 0, st, uint32(v), 0, 0)
	}
	var v id
	if !p.endsExprs() {
		v = p.starExprs()
	}
	return p.opNode(ast.Yield, 0, st, uint32(v), 0, 0)
}

// binary reads an expression whose operators bind at least as tight as least.
func (p *Parser) binary(least uint8) id {
	p.enter()
	st := p.pos()
	e := p.unary(least)
	links := 0
	for {
		prec := precedence[p.k]
		if prec == 0 || prec < least || p.k == kNot && p.peek() != kIn {
			break
		}
		switch prec {
		case precOr, precAnd:
			e = p.boolOp(st, e, prec)
		case precCmp:
			e = p.compare(st, e)
		default:
			op := binOps[p.k]
			p.next()
			r := p.binary(prec + 1)
			e = p.opNode(ast.BinOp, op, st, uint32(e), uint32(r), 0)
		}
		links++
		p.chain(links)
	}
	p.leave()
	return e
}

func (p *Parser) unary(least uint8) id {
	st := p.pos()
	var e id
	switch p.k {
	case kNot:
		if least > precNot {
			p.unexpected()
		}
		p.next()
		x := p.binary(precNot)
		return p.opNode(ast.UnaryOp, ast.Not, st, uint32(x), 0, 0)
	case tMinus, tPlus, tTilde:
		op := unaryOps[p.k]
		p.next()
		x := p.binary(precUnary)
		return p.opNode(ast.UnaryOp, op, st, uint32(x), 0, 0)
	case kAwait:
		p.next()
		x := p.primary()
		e = p.opNode(ast.Await, 0, st, uint32(x), 0, 0)
	default:
		e = p.primary()
	}
	if p.k != tDStar {
		return e
	}
	p.next()
	r := p.binary(precUnary)
	return p.opNode(ast.BinOp, ast.Pow, st, uint32(e), uint32(r), 0)
}

func (p *Parser) boolOp(st uint32, e id, prec uint8) id {
	k := p.k
	m := p.mark()
	p.pushID(e)
	for p.eat(k) {
		p.pushID(p.binary(prec + 1))
	}
	l := p.list(m)
	return p.opNode(ast.BoolOp, binOps[k], st, l, 0, 0)
}

func (p *Parser) compare(st uint32, left id) id {
	m := p.mark()
	for precedence[p.k] == precCmp {
		op := binOps[p.k]
		if p.k == kNot && p.peek() != kIn {
			break
		}
		if op == ast.NotIn {
			p.next()
		}
		p.next()
		if op == ast.Is && p.eat(kNot) {
			op = ast.IsNot
		}
		p.push(uint32(op))
		p.pushID(p.binary(precBitOr))
	}
	l := p.list(m)
	return p.opNode(ast.Compare, 0, st, uint32(left), l, 0)
}
