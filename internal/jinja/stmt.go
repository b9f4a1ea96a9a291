package jinja

import (
	"slices"
	"strings"
)

// statement reads a tag and what it encloses.
func (p *parser) statement() *Node {
	n := p.open(Bad)
	p.next()
	if p.depth++; p.depth > maxDepth {
		p.fail("nested too deep")
		p.depth--
		p.endTag(tBlockEnd)
		return p.close(n)
	}
	if p.tag(n) {
		p.endTag(tBlockEnd)
	}
	p.depth--
	return p.close(n)
}

// tag reads a statement from its name on; false when the closing tag is missing, so that there is no tag left to end.
func (p *parser) tag(n *Node) bool {
	t := p.cur()
	if t.kind != tName {
		p.fail("expected the name of a tag")
		return true
	}
	p.next()
	switch t.text {
	case "for":
		return p.forTag(n)
	case "if":
		return p.ifTag(n)
	case "block":
		return p.blockTag(n)
	case "extends":
		n.Kind, n.Kids = Extends, []*Node{p.expression()}
	case "print":
		n.Kind, n.Kids = Print, p.printed()
	case "macro":
		n.Kind, n.Text = Macro, p.assignName()
		n.Kids = p.signature()
		return p.bodyUntil(n, "endmacro")
	case "include":
		p.include(n)
	case "import":
		n.Kind, n.Kids = Import, []*Node{p.expression()}
		p.expectWord("as")
		n.Text = p.assignName()
		p.importContext(n)
	case "from":
		p.fromImport(n)
	case "set":
		return p.set(n)
	case "with":
		return p.with(n)
	case "autoescape":
		n.Kind, n.Kids = Autoescape, []*Node{p.expression()}
		return p.bodyUntil(n, "endautoescape")
	case "call":
		return p.callBlock(n)
	case "filter":
		n.Kind, n.Kids = FilterTag, []*Node{p.filterChain(nil, p.peek().span.Start, true)}
		return p.bodyUntil(n, "endfilter")
	case "do":
		n.Kind, n.Kids = Do, []*Node{p.tuple(tupleRules{condexpr: true})}
	case "break":
		n.Kind = Break
	case "continue":
		n.Kind = Continue
	case "debug":
		n.Kind = Debug
	case "trans":
		return p.trans(n)
	default:
		n.Kind, n.Text = Unknown, t.text
		p.errorAt(t.span, "unknown tag "+t.text)
		p.failed = true // what it holds is not ours to read; endTag forgets this
	}
	return true
}

func (p *parser) forTag(n *Node) bool {
	n.Kind = For
	target := p.assignTarget(tupleRules{})
	p.expectWord("in")
	n.Kids = []*Node{target, p.tuple(tupleRules{}), nil}
	if p.skipName("if") {
		n.Kids[2] = p.expression()
	}
	if p.skipName("recursive") {
		n.Flag |= FlagRecursive
	}
	var found string
	if n.Body, found = p.body(n, "endfor", "else"); found == "else" {
		n.Else, found = p.body(n, "endfor")
	}
	return found != ""
}

func (p *parser) ifTag(n *Node) bool {
	n.Kind = If
	for top := n; ; {
		n.Kids = []*Node{p.tuple(tupleRules{})}
		var found string
		n.Body, found = p.body(n, "elif", "else", "endif")
		switch found {
		case "elif":
			elif := p.openAt(If, p.last-uint32(len("elif")))
			elif.Flag |= FlagElif
			n.Else = []*Node{elif}
			n = elif
			continue
		case "else":
			n.Else, found = p.body(n, "endif")
		}
		for e := top; len(e.Else) == 1 && e.Else[0].Has(FlagElif); {
			e = e.Else[0]
			p.close(e)
		}
		return found != ""
	}
}

func (p *parser) blockTag(n *Node) bool {
	n.Kind, n.Text = Block, p.expectName()
	if p.skipName("scoped") {
		n.Flag |= FlagScoped
	}
	if p.skipName("required") {
		n.Flag |= FlagRequired
	}
	if !p.bodyUntil(n, "endblock") {
		return false
	}
	if n.Has(FlagRequired) {
		for _, c := range n.Body {
			if c.Kind != Data || strings.TrimFunc(c.Text, isSpace) != "" {
				p.errorAt(c.Span, "a required block holds nothing but comments and white space")
				break
			}
		}
	}
	p.skipName(n.Text)
	return true
}

func (p *parser) printed() []*Node {
	var list []*Node
	for !p.failed && p.cur().kind != tBlockEnd {
		if len(list) > 0 {
			p.expectOp(",")
		}
		list = append(list, p.expression())
	}
	return list
}

func (p *parser) include(n *Node) {
	n.Kind, n.Kids = Include, []*Node{p.expression()}
	if look := p.look(); p.isName("ignore") && look.kind == tName && look.text == "missing" {
		p.next()
		p.next()
		n.Flag |= FlagIgnoreMissing
	}
	n.Flag |= FlagContext
	p.importContext(n)
}

// importContext reads `with context` or `without context`; false when there is neither.
func (p *parser) importContext(n *Node) bool {
	look := p.look()
	if !p.isName("with", "without") || look.kind != tName || look.text != "context" {
		return false
	}
	n.Flag &^= FlagContext
	if p.next().text == "with" {
		n.Flag |= FlagContext
	}
	p.next()
	return true
}

func (p *parser) fromImport(n *Node) {
	n.Kind, n.Kids = FromImport, []*Node{p.expression()}
	p.expectWord("import")
	for !p.failed {
		if len(n.Kids) > 1 {
			p.expectOp(",")
		}
		if p.cur().kind != tName {
			p.expectName()
			return
		}
		if p.importContext(n) {
			return
		}
		name := p.open(ImportName)
		if name.Text = p.assignName(); strings.HasPrefix(name.Text, "_") {
			p.errorAt(p.toks[p.at-1].span, "names that begin with an underscore cannot be imported")
		}
		if p.skipName("as") {
			alias := p.open(Alias)
			alias.Text = p.assignName()
			name.Kids = []*Node{p.close(alias)}
		}
		n.Kids = append(n.Kids, p.close(name))
		if p.importContext(n) || !p.isOp(",") {
			return
		}
	}
}

func (p *parser) set(n *Node) bool {
	target := p.assignTarget(tupleRules{namespace: true})
	if p.skipOp("=") {
		n.Kind, n.Kids = Set, []*Node{target, p.tuple(tupleRules{condexpr: true})}
		return true
	}
	n.Kind, n.Kids = SetBlock, []*Node{target, p.filterChain(nil, p.peek().span.Start, false)}
	if p.failed {
		n.Kind = Bad // whether a body follows cannot be known
		return true
	}
	return p.bodyUntil(n, "endset")
}

func (p *parser) with(n *Node) bool {
	n.Kind = With
	for !p.failed && p.cur().kind != tBlockEnd {
		if len(n.Kids) > 0 {
			p.expectOp(",")
		}
		target := p.assignTarget(tupleRules{})
		p.expectOp("=")
		n.Kids = append(n.Kids, target, p.expression())
	}
	return p.bodyUntil(n, "endwith")
}

func (p *parser) callBlock(n *Node) bool {
	n.Kind = CallBlock
	var params []*Node
	if p.isOp("(") {
		params = p.signature()
	}
	call := p.expression()
	if !p.failed && call.Kind != Call {
		p.errorAt(call.Span, "expected a call")
	}
	n.Kids = append([]*Node{call}, params...)
	return p.bodyUntil(n, "endcall")
}

// signature reads the parameters of a macro or call block.
func (p *parser) signature() []*Node {
	var params []*Node
	p.expectOp("(")
	defaults := false
	for !p.failed && !p.isOp(")") {
		if len(params) > 0 {
			p.expectOp(",")
		}
		n := p.open(Param)
		n.Text = p.assignName()
		if p.skipOp("=") {
			n.Kids, defaults = []*Node{p.expression()}, true
		} else if defaults {
			p.fail("a parameter without default after one with")
		}
		params = append(params, p.close(n))
	}
	p.expectOp(")")
	return params
}

// assignName takes a name that can be assigned to.
func (p *parser) assignName() string {
	name := p.expectName()
	if isConstant(name) {
		p.errorAt(p.toks[p.at-1].span, "cannot assign to "+name)
	}
	return name
}

func isConstant(name string) bool {
	return slices.Contains([]string{"true", "false", "none", "True", "False", "None"}, name)
}

// assignTarget takes what stands on the left of an assignment.
func (p *parser) assignTarget(r tupleRules) *Node {
	r.simple = true
	n := p.tuple(r)
	if !p.failed && !assignable(n) {
		p.errorAt(n.Span, "cannot assign to this")
	}
	return n
}

// assignable: names, attributes of namespaces, and tuples of those.
func assignable(n *Node) bool {
	switch n.Kind {
	case Name, GetAttr:
		return true
	case Tuple:
		return !slices.ContainsFunc(n.Kids, func(c *Node) bool { return !assignable(c) })
	}
	return false
}
