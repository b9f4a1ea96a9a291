package parser

import "stopper/internal/python/ast"

// target reads one assignment or deletion target.
func (p *Parser) target(ctx uint16) id {
	var e id
	if p.k == tStar && ctx == ast.Store {
		e = p.starExpr()
	} else {
		e = p.binary(precBitOr)
	}
	p.setCtx(e, ctx)
	return e
}

// setCtx turns an expression that was read as a value into a target, and reports it if it cannot be one.
func (p *Parser) setCtx(e id, ctx uint16) {
	n := &p.nodes[e]
	switch n.Kind {
	case ast.Name, ast.Attribute, ast.Subscript:
	case ast.Starred:
		if ctx == ast.Del {
			p.reportNode(e, "cannot delete starred")
			return
		}
		p.setCtx(id(n.A), ctx)
	case ast.Tuple, ast.List:
		for _, w := range p.words(n.A) {
			p.setCtx(id(w), ctx)
		}
	default:
		if ctx == ast.Del {
			p.reportNode(e, "cannot delete this expression")
		} else {
			p.reportNode(e, "cannot assign to this expression")
		}
		return
	}
	n.Flag = n.Flag&^3 | ctx
}

// singleTarget is for the assignments that take one name, attribute or subscript.
func (p *Parser) singleTarget(e id, msg string) {
	switch p.kind(e) {
	case ast.Name, ast.Attribute, ast.Subscript:
		p.nodes[e].Flag = ast.Store
	default:
		p.reportNode(e, msg)
	}
}
