package parser

import "stopper/internal/python/ast"

// block reads `: statements` on the same line or indented below.
func (p *Parser) block() uint32 {
	p.want(tColon)
	m := p.mark()
	if !p.eat(tNewline) {
		p.simpleLine()
		return p.list(m)
	}
	if p.k != tIndent {
		p.report(p.pos(), p.t[p.i].end, "expected an indented block")
		return 0
	}
	p.next()
	p.suite(tDedent)
	p.eat(tDedent)
	return p.list(m)
}

func (p *Parser) orelse() uint32 {
	if p.eat(kElse) {
		return p.block()
	}
	return 0
}

// ifStmt reads the arms first and builds the nested tree from the last to the first, without recursion.
func (p *Parser) ifStmt() id {
	m := p.mark()
	links := 0
	for {
		st := p.pos()
		p.next()
		test := p.namedExpr()
		body := p.block()
		p.stack = append(p.stack, st, uint32(test), body)
		if p.k != kElif {
			break
		}
		links++
		p.chain(links)
	}
	orelse := p.orelse()
	arms := p.stack[m:]
	var n id
	for i := len(arms) - 3; i >= 0; i -= 3 {
		n = p.node(ast.If, arms[i], arms[i+1], arms[i+2], orelse)
		if i > 0 {
			orelse = p.extra(uint32(n))
		}
	}
	p.stack = p.stack[:m]
	return n
}

func (p *Parser) whileStmt() id {
	st := p.pos()
	p.next()
	test := p.namedExpr()
	body := p.block()
	orelse := p.orelse()
	return p.node(ast.While, st, uint32(test), body, orelse)
}

func (p *Parser) asyncStmt(decorators uint32) id {
	st := p.pos()
	p.next()
	switch p.k {
	case kDef:
		return p.funcDef(st, ast.AsyncFunctionDef, decorators)
	case kFor:
		if decorators == 0 {
			return p.forStmt(st, ast.AsyncFor)
		}
	case kWith:
		if decorators == 0 {
			return p.withStmt(st, ast.AsyncWith)
		}
	}
	p.unexpected()
	return 0
}

func (p *Parser) forStmt(st uint32, k ast.Kind) id {
	p.next()
	target := p.targetList()
	p.want(kIn)
	iter := p.starExprs()
	body := p.block()
	orelse := p.orelse()
	return p.node(k, st, uint32(target), uint32(iter), p.extra(body, orelse))
}

func (p *Parser) tryStmt() id {
	st := p.pos()
	p.next()
	body := p.block()
	k := ast.Try
	m := p.mark()
	for p.k == kExcept {
		h, star := p.handler()
		if star != (k == ast.TryStar) && p.mark() > m {
			p.reportNode(h, "cannot have both 'except' and 'except*' on the same 'try'")
		}
		if star {
			k = ast.TryStar
		}
		p.pushID(h)
	}
	handlers := p.list(m)
	var orelse, final uint32
	if p.k == kElse && handlers == 0 {
		p.report(p.pos(), p.t[p.i].end, "expected 'except' or 'finally' block")
	}
	orelse = p.orelse()
	if p.eat(kFinally) {
		final = p.block()
	} else if handlers == 0 {
		p.report(st, st+3, "expected 'except' or 'finally' block")
	}
	return p.node(k, st, body, p.extra(handlers, orelse, final), 0)
}

func (p *Parser) handler() (h id, star bool) {
	st := p.pos()
	p.next()
	star = p.eat(tStar)
	var typ id
	var name uint32
	if p.k != tColon {
		typ = p.exceptType()
		if p.eat(kAs) {
			if p.kind(typ) == ast.Tuple && p.lex.src[p.nodes[typ].Start] != '(' {
				p.reportNode(typ, "multiple exception types must be parenthesized when using 'as'")
			}
			name = p.wantName()
		}
	} else if star {
		p.report(p.pos(), p.pos()+1, "expected one or more exception types")
	}
	body := p.block()
	return p.node(ast.ExceptHandler, st, uint32(typ), name, body), star
}

// exceptType reads one type or, without parentheses, several (PEP 758).
func (p *Parser) exceptType() id {
	st := p.pos()
	e := p.expr()
	if p.k != tComma {
		return e
	}
	m := p.mark()
	p.pushID(e)
	for p.eat(tComma) {
		if p.k == tColon || p.k == kAs {
			break
		}
		p.pushID(p.expr())
	}
	l := p.list(m)
	return p.node(ast.Tuple, st, l, 0, 0)
}

func (p *Parser) withStmt(st uint32, k ast.Kind) id {
	p.next()
	m := p.mark()
	if p.k != tLPar || !p.withParens() {
		p.pushID(p.withItem())
		for p.eat(tComma) {
			p.pushID(p.withItem())
		}
	}
	items := p.list(m)
	body := p.block()
	return p.node(k, st, items, body, 0)
}

// withParens reads `(a as b, c as d)` in front of the colon. If the parentheses turn out to belong to an expression,
// it takes everything back and returns false.
func (p *Parser) withParens() bool {
	if p.t[p.closer(p.i)+1].kind != tColon {
		return false
	}
	switch p.peek() {
	case tStar, kYield, tRPar:
		return false
	}
	i, at := p.i, p.checkpoint()
	p.next()
	for {
		p.pushID(p.withItem())
		if p.k == tRPar {
			p.next()
			return true
		}
		if p.k != tComma {
			break
		}
		p.next()
		if p.k == tRPar {
			p.next()
			return true
		}
		if p.k == tStar {
			break
		}
	}
	p.set(i)
	p.rewind(at)
	return false
}

// closer is the index of the token that closes the bracket at i, or of the line's end.
func (p *Parser) closer(i int) int {
	depth := 0
	for ; ; i++ {
		switch p.t[i].kind {
		case tLPar, tLSqb, tLBrace:
			depth++
		case tRPar, tRSqb, tRBrace:
			depth--
			if depth == 0 {
				return i
			}
		case tNewline:
			return i
		case tEOF:
			return i - 1
		}
	}
}

func (p *Parser) withItem() id {
	st := p.pos()
	e := p.expr()
	var t id
	if p.eat(kAs) {
		t = p.target(ast.Store)
	}
	return p.node(ast.WithItem, st, uint32(e), uint32(t), 0)
}

func (p *Parser) decorated() id {
	m := p.mark()
	for p.eat(tAt) {
		p.pushID(p.namedExpr())
		p.want(tNewline)
	}
	d := p.list(m)
	switch p.k {
	case kDef:
		return p.funcDef(p.pos(), ast.FunctionDef, d)
	case kClass:
		return p.classDef(p.pos(), d)
	case kAsync:
		return p.asyncStmt(d)
	}
	p.unexpected()
	return 0
}

func (p *Parser) funcDef(st uint32, k ast.Kind, decorators uint32) id {
	p.next()
	n := p.wantName()
	tp := p.typeParams()
	p.want(tLPar)
	args := p.params(tRPar, true)
	p.want(tRPar)
	var returns id
	if p.eat(tArrow) {
		returns = p.expr()
	}
	body := p.block()
	return p.node(k, st, n, uint32(args), p.extra(decorators, tp, uint32(returns), body))
}

func (p *Parser) classDef(st, decorators uint32) id {
	p.next()
	n := p.wantName()
	tp := p.typeParams()
	var args uint32
	if p.eat(tLPar) {
		args = p.callArgs(false)
	}
	body := p.block()
	return p.node(ast.ClassDef, st, n, args, p.extra(decorators, tp, body))
}

func (p *Parser) typeParams() uint32 {
	if !p.eat(tLSqb) {
		return 0
	}
	m := p.mark()
	for {
		p.pushID(p.typeParam())
		if !p.eat(tComma) || p.k == tRSqb {
			break
		}
	}
	p.want(tRSqb)
	return p.list(m)
}

func (p *Parser) typeParam() id {
	st := p.pos()
	k := ast.TypeVar
	if p.eat(tStar) {
		k = ast.TypeVarTuple
	} else if p.eat(tDStar) {
		k = ast.ParamSpec
	}
	n := p.wantName()
	var bound, def id
	if k == ast.TypeVar && p.eat(tColon) {
		bound = p.expr()
	}
	if p.eat(tEq) {
		if k == ast.TypeVarTuple {
			def = p.starExpr()
		} else {
			def = p.expr()
		}
	}
	return p.node(k, st, n, uint32(bound), uint32(def))
}
