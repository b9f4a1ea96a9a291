package parser

import (
	"stopper/internal/python/ast"
	"stopper/internal/source"
)

type id = ast.NodeID

func (p *Parser) set(i int) { p.i, p.k = i, p.t[i].kind }

func (p *Parser) next() {
	if p.k == tEOF {
		return // so that a production that runs off the end stays on it
	}
	p.i++
	p.k = p.t[p.i].kind
}

func (p *Parser) eat(k kind) bool {
	if p.k == k {
		p.next()
		return true
	}
	return false
}

func (p *Parser) want(k kind) {
	if p.k != k {
		p.unexpected()
	}
	p.next()
}

// peek is the kind of the token behind the current one.
func (p *Parser) peek() kind { return p.t[min(p.i+1, len(p.t)-1)].kind }

func (p *Parser) pos() uint32 { return p.t[p.i].start }

// wantName consumes a name and returns its symbol.
func (p *Parser) wantName() uint32 {
	s := p.t[p.i].sym
	p.want(tName)
	return s
}

// isWord tells whether the current token is the given soft keyword.
func (p *Parser) isWord(w string) bool { return p.k == tName && p.word(p.i) == w }

func (p *Parser) word(i int) string {
	t := &p.t[i]
	return string(p.lex.src[t.start:t.end])
}

// node makes a node that ends where the last consumed token ends. The line breaks and dedents behind a block do not
// count.
func (p *Parser) node(k ast.Kind, start, a, b, c uint32) id {
	e := p.i - 1
	for e > 0 && p.t[e].kind <= tDedent {
		e--
	}
	return p.nodeTo(k, start, p.t[e].end, a, b, c)
}

func (p *Parser) nodeTo(k ast.Kind, start, end, a, b, c uint32) id {
	n := id(len(p.nodes))
	p.nodes = append(p.nodes, ast.Node{Start: start, End: end, A: a, B: b, C: c, Kind: k})
	return n
}

// opNode makes a node of an expression, whose last token is never a line break.
func (p *Parser) opNode(k ast.Kind, op ast.Op, start, a, b, c uint32) id {
	n := id(len(p.nodes))
	p.nodes = append(p.nodes, ast.Node{Start: start, End: p.t[p.i-1].end, A: a, B: b, C: c, Kind: k, Op: op})
	return n
}

func (p *Parser) constant(k ast.ConstKind, start, value uint32) id {
	return p.opNode(ast.Constant, ast.Op(k), start, value, 0, 0)
}

func (p *Parser) push(x uint32)      { p.stack = append(p.stack, x) }
func (p *Parser) pushID(x id)        { p.stack = append(p.stack, uint32(x)) }
func (p *Parser) mark() int          { return len(p.stack) }
func (p *Parser) kind(n id) ast.Kind { return p.nodes[n].Kind }

// list moves what was pushed since the mark into a list.
func (p *Parser) list(mark int) uint32 {
	words := p.stack[mark:]
	if len(words) == 0 {
		return 0
	}
	l := uint32(len(p.lists))
	p.lists = append(p.lists, uint32(len(words)))
	p.lists = append(p.lists, words...)
	p.stack = p.stack[:mark]
	return l
}

// extra makes a list of the given words.
func (p *Parser) extra(words ...uint32) uint32 {
	l := uint32(len(p.lists))
	p.lists = append(p.lists, uint32(len(words)))
	p.lists = append(p.lists, words...)
	return l
}

func (p *Parser) words(l uint32) []uint32 {
	if l == 0 {
		return nil
	}
	return p.lists[l+1 : l+1+p.lists[l]]
}

// bail unwinds to the statement that does not parse.
type bail struct{}

// fatal reports an error at the current token and gives the statement up.
func (p *Parser) fatal(msg string) {
	n := len(p.errs)
	p.report(p.t[p.i].start, p.t[p.i].end, msg)
	p.told = len(p.errs) > n
	panic(bail{})
}

// report notes an error and goes on.
func (p *Parser) report(start, end uint32, msg string) {
	if len(p.errs) >= maxErrors {
		p.full = true
		return
	}
	p.errs = append(p.errs, ast.SyntaxError{Span: source.Span{Start: start, End: end}, Msg: msg})
}

func (p *Parser) reportNode(n id, msg string) { p.report(p.nodes[n].Start, p.nodes[n].End, msg) }

// enter counts one level of recursion; leave ends it.
func (p *Parser) enter() {
	p.depth++
	if p.depth > maxDepth {
		p.fatal("too deeply nested to analyse")
	}
}

func (p *Parser) leave() { p.depth-- }

// chain checks the length of something that grows the tree with every link.
func (p *Parser) chain(links int) {
	if links == 64 {
		p.tall = true
	}
	if links > maxChain {
		p.fatal("expression or statement has too many parts to analyse")
	}
}
