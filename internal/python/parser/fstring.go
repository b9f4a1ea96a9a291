package parser

import "stopper/internal/python/ast"

// pending is the literal text that stands before the next replacement field of an f-string. Adjacent pieces are one
// Constant: those of neighbouring literals, and the text of a `{x=}` field. The bytes wait in Parser.lit behind mark.
type pending struct {
	mark       int
	some       bool
	start, end uint32
}

func (p *Parser) pending() pending { return pending{mark: len(p.lit)} }

// cover extends the pending constant's span over a piece.
func (l *pending) cover(start, end uint32) {
	if !l.some {
		l.start, l.some = start, true
	}
	l.end = end
}

// flush pushes the pending constant, unless it is empty.
func (p *Parser) flush(l *pending) {
	if len(p.lit) > l.mark {
		p.text = append(p.text, p.lit[l.mark:]...)
		n := p.nodeTo(ast.Constant, l.start, l.end, p.endString(), 0, 0)
		p.nodes[n].Op = ast.Op(ast.ConstStr)
		p.pushID(n)
	}
	p.lit = p.lit[:l.mark]
	l.some = false
}

// joined reads adjacent literals of which at least one is an f-string or t-string.
func (p *Parser) joined(st uint32) id {
	m := p.mark()
	l := p.pending()
	kind := ast.JoinedStr
	if p.hasTemplate() {
		kind = ast.TemplateStr
	}
	for p.k == tString || p.k == tFStart {
		t := p.t[p.i]
		if t.flag&sBytes != 0 || (t.flag&sT != 0) != (kind == ast.TemplateStr) {
			p.report(t.start, t.end, "cannot mix these kinds of string literals")
		}
		if p.k == tString {
			p.lit = p.decodeBody(p.lit, &t)
			l.cover(t.start, t.end)
			p.next()
			continue
		}
		p.next()
		p.pieces(&l, fieldKind(t.flag))
		p.want(tFEnd)
	}
	p.flush(&l)
	list := p.list(m)
	return p.opNode(kind, 0, st, list, 0, 0)
}

// hasTemplate looks for a t-string among the adjacent literals. What nests in their fields does not matter: the
// first token decides, or the one behind the plain literals.
func (p *Parser) hasTemplate() bool {
	i := p.i
	for p.t[i].kind == tString {
		i++
	}
	return p.t[i].flag&sT != 0
}

func fieldKind(flag uint8) ast.Kind {
	if flag&sT != 0 {
		return ast.Interpolation
	}
	return ast.FormattedValue
}

// pieces reads literal text and fields up to what ends the string or specification.
func (p *Parser) pieces(l *pending, field ast.Kind) {
	for {
		switch p.k {
		case tFMiddle:
			t := &p.t[p.i]
			p.lit = p.decodeText(p.lit, t.start, t.end, t.flag)
			l.cover(t.start, t.end)
			p.next()
		case tLBrace:
			p.field(l, field)
		default:
			return
		}
	}
}

// field reads `{expression=!r:spec}`.
func (p *Parser) field(l *pending, kind ast.Kind) {
	st := p.pos()
	p.next()
	v := p.yieldOrExprs()
	debug := p.eat(tEq)
	stop := p.pos()
	var flag uint16
	if p.eat(tExcl) {
		flag = p.conversion()
	}
	var spec id
	if p.k == tColon {
		spec = p.formatSpec()
	}
	p.want(tRBrace)
	if debug {
		p.lit = p.decodeText(p.lit, st+1, stop, sRaw|sEscape)
		l.cover(st+1, stop)
		if flag == 0 && spec == 0 {
			flag = ast.FlagFormatRepr
		}
	}
	p.flush(l)
	n := p.opNode(kind, 0, st, uint32(v), uint32(spec), 0)
	p.nodes[n].Flag = flag
	p.pushID(n)
}

func (p *Parser) conversion() uint16 {
	var flag uint16
	switch p.word(p.i) {
	case "s":
		flag = ast.FlagFormatStr
	case "r":
		flag = ast.FlagFormatRepr
	case "a":
		flag = ast.FlagFormatASCII
	default:
		p.report(p.pos(), p.t[p.i].end, "invalid conversion: expected 's', 'r' or 'a'")
	}
	p.want(tName)
	return flag
}

func (p *Parser) formatSpec() id {
	st := p.pos()
	p.next()
	m := p.mark()
	l := p.pending()
	p.pieces(&l, ast.FormattedValue)
	p.flush(&l)
	list := p.list(m)
	return p.opNode(ast.JoinedStr, 0, st, list, 0, 0)
}
