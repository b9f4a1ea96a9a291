package parser

import "stopper/internal/python/ast"

// Arguments have an order: positional, then keywords, with `*x` between and `**x` after them.
const (
	argPositional uint8 = iota
	argKeyword
	argDoubleStar
)

// callArgs reads arguments up to and with the closing parenthesis. A generator expression may stand in a call's own
// parentheses if it is the only argument; in the bases of a class it may not.
func (p *Parser) callArgs(isCall bool) uint32 {
	open := p.t[p.i-1].start
	m := p.mark()
	seen := argPositional
	for p.k != tRPar {
		p.pushID(p.argument(&seen, open, isCall && p.mark() == m))
		if !p.eat(tComma) {
			break
		}
	}
	p.want(tRPar)
	return p.list(m)
}

func (p *Parser) argument(seen *uint8, open uint32, first bool) id {
	st := p.pos()
	switch p.k {
	case tStar:
		return p.starArgument(*seen, open, first)
	case tDStar:
		*seen = argDoubleStar
		p.next()
		e := p.expr()
		return p.opNode(ast.Keyword, 0, st, 0, uint32(e), 0)
	case tName:
		if p.peek() == tEq {
			*seen = max(*seen, argKeyword)
			n := p.wantName()
			p.next()
			e := p.expr()
			return p.opNode(ast.Keyword, 0, st, n, uint32(e), 0)
		}
	}
	e := p.namedExpr()
	if *seen != argPositional {
		p.reportNode(e, "positional argument follows keyword argument")
	}
	return p.generatorArg(e, st, open, first)
}

func (p *Parser) starArgument(seen uint8, open uint32, first bool) id {
	st := p.pos()
	p.next()
	e := p.expr()
	n := p.opNode(ast.Starred, 0, st, uint32(e), 0, 0)
	if seen == argDoubleStar {
		p.reportNode(n, "iterable argument unpacking follows keyword argument unpacking")
	}
	return p.generatorArg(n, st, open, first)
}

// generatorArg reads the clauses of a generator expression without parentheses of its own.
func (p *Parser) generatorArg(e id, st, open uint32, first bool) id {
	if p.k != kFor && p.k != kAsync {
		return e
	}
	c := p.comprehension()
	g := p.opNode(ast.GeneratorExp, 0, st, uint32(e), c, 0)
	if !first || p.k != tRPar {
		p.reportNode(g, "generator expression must be parenthesized")
		return g
	}
	p.nodes[g].Start, p.nodes[g].End = open, p.t[p.i].end
	return g
}
