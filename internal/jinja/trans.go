package jinja

import (
	"slices"

	"stopper/internal/source"
)

// trans reads {% trans %}: variables, the text for one and the text for many.
func (p *parser) trans(n *Node) bool {
	n.Kind = Trans
	if t := p.cur(); t.kind == tString {
		n.Text = t.text
		p.next()
	}
	p.transVars(n)
	p.endTag(tBlockEnd)
	ok := true
	n.Body, ok = p.transBody(n, true)
	if ok && p.skipName("pluralize") {
		n.Flag |= FlagPlural
		p.pluralize(n)
		p.endTag(tBlockEnd)
		n.Else, ok = p.transBody(n, false)
	}
	if !ok {
		return false
	}
	p.expectWord("endtrans")
	return true
}

func (p *parser) transVars(n *Node) {
	trimmed := false
	for !p.failed && p.cur().kind != tBlockEnd {
		if len(n.Kids) > 0 {
			p.expectOp(",")
		}
		if p.skipOp(":") {
			return
		}
		v := p.open(TransVar)
		v.Text = p.expectName()
		if p.failed {
			return
		}
		if transVar(n, v.Text) {
			p.errorAt(p.toks[p.at-1].span, "the variable "+v.Text+" is defined twice")
		}
		switch {
		case p.skipOp("="):
			v.Kids = []*Node{p.expression()}
		case !trimmed && (v.Text == "trimmed" || v.Text == "notrimmed"):
			trimmed = true
			if v.Text == "trimmed" {
				n.Flag |= FlagTrimmed
			}
			continue
		default:
			name := p.openAt(Name, v.Span.Start)
			name.Text = v.Text
			v.Kids = []*Node{p.close(name)}
		}
		n.Kids = append(n.Kids, p.close(v))
	}
}

func transVar(n *Node, name string) bool {
	return slices.ContainsFunc(n.Kids, func(v *Node) bool { return v.Text == name })
}

func (p *parser) pluralize(n *Node) {
	if p.cur().kind != tBlockEnd {
		if name := p.expectName(); !p.failed && !transVar(n, name) {
			p.errorAt(p.toks[p.at-1].span, "there is no variable "+name+" to count by")
		}
		return
	}
	refers := slices.ContainsFunc(n.Body, func(c *Node) bool { return c.Kind == Output })
	if len(n.Kids) == 0 && !refers {
		p.errorAt(n.Span, "a plural without variables")
	}
}

// transBody reads text and names up to endtrans or pluralize and takes the beginning of that tag. Other tags are errors
// and end the text; false when there is no end.
func (p *parser) transBody(n *Node, plural bool) ([]*Node, bool) {
	var body []*Node
	for {
		switch t := p.peek(); t.kind {
		case tEOF:
			p.errorAt(source.Span{Start: n.Span.Start, End: n.Span.Start}, "no endtrans for this tag")
			return body, false
		case tData:
			d := p.open(Data)
			d.Text = t.text
			p.next()
			body = append(body, p.close(d))
		case tVariableBegin:
			out := p.open(Output)
			p.next()
			name := p.open(Name)
			name.Text = p.expectName()
			out.Kids = []*Node{p.close(name)}
			p.endTag(tVariableEnd)
			body = append(body, p.close(out))
		case tBlockBegin:
			name := p.toks[p.at+1]
			if name.kind == tName && (name.text == "endtrans" || plural && name.text == "pluralize") {
				p.next()
				return body, true
			}
			if name.kind == tName && p.endsOuter(name.text) {
				p.errorAt(name.span, "no endtrans before this tag")
				return body, false
			}
			p.next()
			p.fail("no tags inside a translated text")
			p.endTag(tBlockEnd)
		default:
			p.at++
		}
	}
}
