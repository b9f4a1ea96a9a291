package jinja

import (
	"slices"
	"strings"

	"stopper/internal/source"
)

// maxDepth bounds how deep expressions and tags may nest. Jinja itself stops at a few hundred, where Python's stack ends;
// what is nested deeper becomes Bad with an error.
const maxDepth = 150

// parser is a recursive descent over the tokens. After an error inside a tag, current is a token that no production
// accepts, so that everything returns at once; the end of the tag is then looked for and the next tag read as if nothing
// had happened.
type parser struct {
	src    *source.File
	toks   []token
	at     int
	failed bool
	depth  int
	last   uint32 // where the last token that was taken ended
	spans  []source.Span
	errors []SyntaxError
	ends   [][]string // of the open tags: the names that may end or continue each
}

// Parser reads one template after another into the same buffers. It belongs to one goroutine.
type Parser struct{ toks []token }

// Parse reads a template.
func Parse(src *source.File, opt Options) *Tree { return new(Parser).Parse(src, opt) }

// Parse reads a template.
func (r *Parser) Parse(src *source.File, opt Options) *Tree {
	l := lex(string(src.Text), opt.withDefaults(), r.toks[:0])
	r.toks = l.toks
	p := &parser{src: src, toks: l.toks, errors: l.errors, spans: make([]source.Span, 1, len(l.toks)+2)}
	root := p.open(Template)
	root.Span.Start = 0
	for {
		root.Body = append(root.Body, p.statements(nil)...)
		if p.peek().kind == tEOF {
			break
		}
	}
	p.last = uint32(len(src.Text))
	p.close(root)
	slices.SortStableFunc(p.errors, func(a, b SyntaxError) int { return int(a.Span.Start) - int(b.Span.Start) })
	return &Tree{Src: src, Root: root, Spans: p.spans, Comments: l.comments, Errors: p.errors}
}

// open makes a node that begins at the current token.
func (p *parser) open(k Kind) *Node {
	return p.openAt(k, p.peek().span.Start)
}

func (p *parser) openAt(k Kind, start uint32) *Node {
	n := &Node{ID: NodeID(len(p.spans)), Kind: k, Span: source.Span{Start: start, End: start}}
	p.spans = append(p.spans, n.Span)
	return n
}

// close ends a node at the last token that was taken. A node of which nothing was there stands behind that token.
func (p *parser) close(n *Node) *Node {
	n.Span = source.Span{Start: min(n.Span.Start, p.last), End: p.last}
	p.spans[n.ID] = n.Span
	return n
}

// peek is the token that comes next, whatever happened before.
func (p *parser) peek() *token { return &p.toks[min(p.at, len(p.toks)-1)] }

// cur is the token that productions look at: none that they know after an error.
func (p *parser) cur() token {
	if p.failed {
		return token{kind: tBroken}
	}
	return *p.peek()
}

// look is the token after the current one.
func (p *parser) look() token {
	if p.failed || p.at+1 >= len(p.toks) {
		return token{kind: tBroken}
	}
	return p.toks[p.at+1]
}

func (p *parser) next() token {
	t := p.cur()
	if !p.failed && t.kind != tEOF {
		p.last = t.span.End
		p.at++
	}
	return t
}

func (p *parser) isOp(op string) bool {
	t := p.cur()
	return t.kind == tOperator && t.text == op
}

func (p *parser) isName(names ...string) bool {
	t := p.cur()
	return t.kind == tName && slices.Contains(names, t.text)
}

func (p *parser) skipOp(op string) bool {
	ok := p.isOp(op)
	if ok {
		p.next()
	}
	return ok
}

func (p *parser) skipName(name string) bool {
	ok := p.isName(name)
	if ok {
		p.next()
	}
	return ok
}

func (p *parser) expectOp(op string) {
	if !p.skipOp(op) {
		p.fail("expected '" + op + "'")
	}
}

func (p *parser) expectWord(name string) {
	if !p.skipName(name) {
		p.fail("expected '" + name + "'")
	}
}

// expectName takes a name, "" after an error.
func (p *parser) expectName() string {
	if t := p.cur(); t.kind == tName {
		p.next()
		return t.text
	}
	p.fail("expected a name")
	return ""
}

// fail notes the first error of a tag. One that the lexer has noted stands for itself.
func (p *parser) fail(msg string) {
	if p.failed {
		return
	}
	p.failed = true
	t := p.peek()
	if t.kind == tBroken {
		return
	}
	if t.kind == tEOF {
		msg += ", but the template ends"
	}
	p.errors = append(p.errors, SyntaxError{t.span, msg})
}

// errorAt notes an error that does not end the tag.
func (p *parser) errorAt(s source.Span, msg string) {
	p.errors = append(p.errors, SyntaxError{s, msg})
}

// endTag takes the end of a tag and forgets an error inside it.
func (p *parser) endTag(kind tokenKind) {
	if !p.failed && p.cur().kind == kind {
		p.next()
		return
	}
	p.fail("expected the end of the tag")
	p.failed = false
	for {
		switch t := p.peek(); t.kind {
		case tVariableEnd, tBlockEnd:
			p.next()
			return
		case tEOF, tData, tVariableBegin, tBlockBegin:
			return
		}
		p.next()
	}
}

// statements reads up to a tag whose name is among the ends, and takes the beginning of that tag. When an outer tag ends
// first, or the text does, it stops before that; so it does at an end of nothing when no tag is open.
func (p *parser) statements(ends []string) []*Node {
	p.ends = append(p.ends, ends)
	defer func() { p.ends = p.ends[:len(p.ends)-1] }()
	var body []*Node
	for {
		switch t := p.peek(); t.kind {
		case tEOF:
			return body
		case tData:
			n := p.open(Data)
			n.Text = t.text
			p.next()
			body = append(body, p.close(n))
		case tVariableBegin:
			body = append(body, p.output())
		case tBlockBegin:
			switch name := p.toks[p.at+1]; {
			case name.kind == tName && slices.Contains(ends, name.text):
				p.next()
				return body
			case name.kind == tName && p.endsOuter(name.text):
				return body
			default:
				body = append(body, p.statement())
			}
		default:
			p.at++ // an end without a beginning: the lexer never makes one
		}
	}
}

func (p *parser) endsOuter(name string) bool {
	for _, ends := range p.ends {
		if slices.Contains(ends, name) {
			return true
		}
	}
	return false
}

func (p *parser) output() *Node {
	n := p.open(Output)
	p.next()
	n.Kids = []*Node{p.tuple(tupleRules{condexpr: true})}
	p.endTag(tVariableEnd)
	return p.close(n)
}

// body ends the tag of a statement and reads what it encloses up to one of the ends. The name of the tag that was found
// is returned, "" when there is none; that tag has been taken up to its name, and is to be ended by the caller.
func (p *parser) body(n *Node, ends ...string) ([]*Node, string) {
	p.skipOp(":")
	p.endTag(tBlockEnd)
	body := p.statements(ends)
	t := p.peek()
	if t.kind == tName && slices.Contains(ends, t.text) && p.at > 0 && p.toks[p.at-1].kind == tBlockBegin {
		p.next()
		return body, t.text
	}
	p.errorAt(source.Span{Start: n.Span.Start, End: min(n.Span.Start+2, uint32(len(p.src.Text)))},
		"no "+strings.Join(ends, " or ")+" for this tag")
	return body, ""
}

// bodyUntil reads a body with one possible end and leaves the closing tag to be ended; false when it is missing.
func (p *parser) bodyUntil(n *Node, end string) bool {
	var found string
	n.Body, found = p.body(n, end)
	return found != ""
}
