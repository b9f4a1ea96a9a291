package parser

import "stopper/internal/python/ast"

// signature is what params has seen of a parameter list.
type signature struct {
	place    ast.ParamKind
	slash    bool
	star     bool
	bareStar bool // a `*` that still wants a name
	def      bool // a default among the positional parameters
}

// params reads the parameters of a function up to end, which stays.
func (p *Parser) params(end kind, annotated bool) id {
	st := p.pos()
	m := p.mark()
	sig := signature{place: ast.PosOrKeyword}
	for p.k != end {
		p.param(&sig, m, annotated)
		if !p.eat(tComma) {
			break
		}
	}
	if sig.bareStar {
		p.report(p.pos(), p.t[p.i].end, "named parameters must follow bare *")
	}
	l := p.list(m)
	return p.nodeTo(ast.Arguments, st, max(st, p.pos()), l, 0, 0)
}

func (p *Parser) param(sig *signature, m int, annotated bool) {
	if sig.place == ast.VarKeyword {
		p.report(p.pos(), p.t[p.i].end, "parameters cannot follow var-keyword parameter")
	}
	place := sig.place
	switch p.k {
	case tSlash:
		p.slash(sig, m)
		return
	case tStar:
		p.next()
		if sig.star {
			p.report(p.pos(), p.t[p.i].end, "* parameter may appear only once")
		}
		sig.star, sig.place, place = true, ast.KeywordOnly, ast.VarArgs
		if p.k != tName {
			sig.bareStar = true
			return
		}
	case tDStar:
		p.next()
		if sig.bareStar {
			p.report(p.pos(), p.t[p.i].end, "named parameters must follow bare *")
		}
		sig.place, place = ast.VarKeyword, ast.VarKeyword
	}
	sig.bareStar = false
	p.pushID(p.arg(sig, place, annotated))
}

func (p *Parser) slash(sig *signature, m int) {
	if sig.slash || sig.star || p.mark() == m {
		p.report(p.pos(), p.t[p.i].end, "/ must follow the positional parameters, once")
	}
	sig.slash = true
	for _, a := range p.stack[m:] {
		if n := &p.nodes[a]; ast.ParamKind(n.Op) == ast.PosOrKeyword {
			n.Op = ast.Op(ast.PosOnly)
		}
	}
	p.next()
}

func (p *Parser) arg(sig *signature, place ast.ParamKind, annotated bool) id {
	st := p.pos()
	n := p.wantName()
	var ann, def id
	if annotated && p.eat(tColon) {
		if place == ast.VarArgs {
			ann = p.starExpr()
		} else {
			ann = p.expr()
		}
	}
	end := p.t[p.i-1].end
	if p.k == tEq {
		if place == ast.VarArgs || place == ast.VarKeyword {
			p.report(p.pos(), p.t[p.i].end, "var-positional and var-keyword parameters cannot have a default")
		}
		p.next()
		def = p.expr()
	}
	if place == ast.PosOrKeyword {
		if def == 0 && sig.def {
			p.report(st, end, "parameter without a default follows parameter with a default")
		}
		sig.def = sig.def || def != 0
	}
	a := p.nodeTo(ast.Arg, st, end, n, uint32(ann), uint32(def))
	p.nodes[a].Op = ast.Op(place)
	return a
}
