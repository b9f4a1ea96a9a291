package parser

import "stopper/internal/python/ast"

// statement pushes one or more statements on the stack: a line can hold several.
func (p *Parser) statement() {
	switch p.k {
	case kIf:
		p.pushID(p.ifStmt())
	case kWhile:
		p.pushID(p.whileStmt())
	case kFor:
		p.pushID(p.forStmt(p.pos(), ast.For))
	case kTry:
		p.pushID(p.tryStmt())
	case kWith:
		p.pushID(p.withStmt(p.pos(), ast.With))
	case kDef:
		p.pushID(p.funcDef(p.pos(), ast.FunctionDef, 0))
	case kClass:
		p.pushID(p.classDef(p.pos(), 0))
	case kAsync:
		p.pushID(p.asyncStmt(0))
	case tAt:
		p.pushID(p.decorated())
	case tIndent:
		p.unexpectedIndent()
	case tName:
		if p.isWord("match") && p.matchAhead() {
			p.matchStmt()
			return
		}
		p.simpleLine()
	default:
		p.simpleLine()
	}
}

func (p *Parser) unexpectedIndent() {
	p.report(p.pos(), p.t[p.i].end, "unexpected indent")
	p.next()
	p.suite(tDedent)
	p.eat(tDedent)
}

func (p *Parser) simpleLine() {
	p.pushID(p.simple())
	for p.eat(tSemi) {
		if p.k == tNewline {
			break
		}
		p.pushID(p.simple())
	}
	p.want(tNewline)
}

func (p *Parser) atEnd() bool { return p.k == tNewline || p.k == tSemi || p.k == tEOF }

func (p *Parser) simple() id {
	st := p.pos()
	switch p.k {
	case kReturn:
		p.next()
		var v id
		if !p.atEnd() {
			v = p.starExprs()
		}
		return p.node(ast.Return, st, uint32(v), 0, 0)
	case kImport, kFrom:
		return p.importStmt(st, 0)
	case kPass:
		return p.word1(ast.Pass)
	case kBreak:
		return p.word1(ast.Break)
	case kContinue:
		return p.word1(ast.Continue)
	case kRaise:
		return p.raiseStmt()
	case kAssert:
		return p.assertStmt()
	case kDel:
		return p.delStmt()
	case kGlobal:
		return p.scopeStmt(ast.Global)
	case kNonlocal:
		return p.scopeStmt(ast.Nonlocal)
	case tName:
		switch next := p.peek(); {
		case next == tName && p.isWord("type"):
			return p.typeAlias()
		case (next == kImport || next == kFrom) && p.isWord("lazy"):
			p.next()
			return p.importStmt(st, ast.FlagLazy)
		}
	}
	return p.exprStmt()
}

func (p *Parser) word1(k ast.Kind) id {
	st := p.pos()
	p.next()
	return p.node(k, st, 0, 0, 0)
}

func (p *Parser) raiseStmt() id {
	st := p.pos()
	p.next()
	var exc, cause id
	if !p.atEnd() {
		exc = p.expr()
		if p.eat(kFrom) {
			cause = p.expr()
		}
	}
	return p.node(ast.Raise, st, uint32(exc), uint32(cause), 0)
}

func (p *Parser) assertStmt() id {
	st := p.pos()
	p.next()
	test := p.expr()
	var msg id
	if p.eat(tComma) {
		msg = p.expr()
	}
	return p.node(ast.Assert, st, uint32(test), uint32(msg), 0)
}

func (p *Parser) delStmt() id {
	st := p.pos()
	p.next()
	m := p.mark()
	for {
		p.pushID(p.target(ast.Del))
		if !p.eat(tComma) || p.atEnd() {
			break
		}
	}
	l := p.list(m)
	return p.node(ast.Delete, st, l, 0, 0)
}

func (p *Parser) scopeStmt(k ast.Kind) id {
	st := p.pos()
	p.next()
	m := p.mark()
	for {
		p.push(p.wantName())
		if !p.eat(tComma) {
			break
		}
	}
	l := p.list(m)
	return p.node(k, st, l, 0, 0)
}

func (p *Parser) typeAlias() id {
	st := p.pos()
	p.next()
	n := p.name()
	p.nodes[n].Flag = ast.Store
	params := p.typeParams()
	p.want(tEq)
	v := p.expr()
	return p.node(ast.TypeAlias, st, uint32(n), params, uint32(v))
}

// exprStmt is an expression, or an assignment of one of the three sorts.
func (p *Parser) exprStmt() id {
	st := p.pos()
	e := p.yieldOrExprs()
	switch {
	case p.k == tEq:
		return p.assign(st, e)
	case p.k >= tVBarEq && p.k <= tDStarEq:
		return p.augAssign(st, e)
	case p.k == tColon:
		return p.annAssign(st, e)
	}
	return p.node(ast.Expr, st, uint32(e), 0, 0)
}

func (p *Parser) yieldOrExprs() id {
	if p.k == kYield {
		return p.yield()
	}
	return p.starExprs()
}

func (p *Parser) assign(st uint32, e id) id {
	m := p.mark()
	for p.eat(tEq) {
		p.setCtx(e, ast.Store)
		p.pushID(e)
		e = p.yieldOrExprs()
	}
	l := p.list(m)
	return p.node(ast.Assign, st, l, uint32(e), 0)
}

func (p *Parser) augAssign(st uint32, e id) id {
	op := binOps[p.k-(tVBarEq-tVBar)]
	p.singleTarget(e, "illegal expression for augmented assignment")
	p.next()
	v := p.yieldOrExprs()
	return p.opNode(ast.AugAssign, op, st, uint32(e), uint32(v), 0)
}

func (p *Parser) annAssign(st uint32, e id) id {
	p.singleTarget(e, "illegal target for annotation")
	p.next()
	ann := p.expr()
	var v id
	if p.eat(tEq) {
		v = p.yieldOrExprs()
	}
	n := p.node(ast.AnnAssign, st, uint32(e), uint32(ann), uint32(v))
	if p.kind(e) == ast.Name && p.nodes[e].Start == st {
		p.nodes[n].Flag |= ast.FlagSimple
	}
	return n
}

func (p *Parser) importStmt(st uint32, flag uint16) id {
	var n id
	if p.eat(kImport) {
		m := p.mark()
		for {
			p.pushID(p.alias(true))
			if !p.eat(tComma) {
				break
			}
		}
		l := p.list(m)
		n = p.node(ast.Import, st, l, 0, 0)
	} else {
		n = p.importFrom(st)
	}
	p.nodes[n].Flag |= flag
	return n
}

func (p *Parser) importFrom(st uint32) id {
	p.next()
	level := uint32(0)
	for p.k == tDot || p.k == tEllipsis {
		level++
		if p.k == tEllipsis {
			level += 2
		}
		p.next()
	}
	var module uint32
	if p.k == tName || level == 0 {
		module = p.dotted()
	}
	p.want(kImport)
	m := p.mark()
	p.importNames()
	l := p.list(m)
	return p.node(ast.ImportFrom, st, module, l, level)
}

func (p *Parser) importNames() {
	if p.k == tStar {
		st := p.pos()
		p.next()
		p.pushID(p.node(ast.Alias, st, p.lex.names.intern([]byte("*")), 0, 0))
		return
	}
	inParens := p.eat(tLPar)
	for {
		p.pushID(p.alias(false))
		if !p.eat(tComma) || inParens && p.k == tRPar {
			break
		}
	}
	if inParens {
		p.want(tRPar)
	}
}

func (p *Parser) alias(dotted bool) id {
	st := p.pos()
	var n, as uint32
	if dotted {
		n = p.dotted()
	} else {
		n = p.wantName()
	}
	if p.eat(kAs) {
		as = p.wantName()
	}
	return p.node(ast.Alias, st, n, as, 0)
}

// dotted reads a module path and returns the symbol of the whole, written without blanks.
func (p *Parser) dotted() uint32 {
	sym := p.wantName()
	if p.k != tDot {
		return sym
	}
	path := []byte(p.lex.names.local[sym])
	for p.eat(tDot) {
		path = append(append(path, '.'), p.lex.names.local[p.wantName()]...)
	}
	return p.lex.names.intern(path)
}
