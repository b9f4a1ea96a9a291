package jinja

// tupleRules say how a list of expressions without brackets is read.
type tupleRules struct {
	simple    bool // names and literals only
	condexpr  bool // `a if b` is part of an element
	parens    bool // it stands in parentheses: it may be empty
	namespace bool // a dotted name is an attribute of a namespace
}

// nest bounds recursion; false when it is too deep, which is an error of the tag.
func (p *parser) nest() bool {
	if p.depth >= maxDepth {
		p.fail("nested too deep")
		return false
	}
	p.depth++
	return true
}

// bad is a node for an expression that is not there.
func (p *parser) bad() *Node {
	n := p.openAt(Bad, p.last)
	return p.close(n)
}

func (p *parser) expression() *Node { return p.condition() }

// tuple reads an expression, or several with commas between them.
func (p *parser) tuple(r tupleRules) *Node {
	start := p.peek().span.Start
	var args []*Node
	isTuple := false
	for {
		if len(args) > 0 {
			p.expectOp(",")
		}
		if p.failed || p.tupleEnd() {
			break
		}
		switch {
		case r.simple:
			args = append(args, p.primary(r.namespace))
		case r.condexpr || r.parens:
			args = append(args, p.expression())
		default:
			args = append(args, p.or())
		}
		if !p.isOp(",") {
			break
		}
		isTuple = true
	}
	if !isTuple {
		if len(args) > 0 {
			return args[0]
		}
		if !r.parens {
			p.fail("expected an expression")
			return p.bad()
		}
	}
	n := p.openAt(Tuple, start)
	n.Kids = args
	return p.close(n)
}

func (p *parser) tupleEnd() bool {
	t := p.cur()
	return t.kind == tVariableEnd || t.kind == tBlockEnd || p.isOp(")")
}

// condition is `a if b else c`; the chain of elses is a loop, since it may be long.
func (p *parser) condition() *Node {
	if !p.nest() {
		return p.bad()
	}
	defer func() { p.depth-- }()
	start := p.peek().span.Start
	left := p.or()
	for p.skipName("if") {
		n := p.openAt(Cond, start)
		test := p.or()
		n.Kids = []*Node{test, left, nil}
		if p.skipName("else") {
			n.Kids[2] = p.condition()
		}
		left = p.close(n)
	}
	return left
}

// chain reads operands with operators of one strength between them.
func (p *parser) chain(operand func() *Node, operator func() (Kind, string)) *Node {
	start := p.peek().span.Start
	left := operand()
	for length := 0; ; length++ {
		kind, text := operator()
		if kind == Bad {
			return left
		}
		if length == maxChain {
			p.fail("too long an expression")
			return left
		}
		n := p.openAt(kind, start)
		n.Text = text
		n.Kids = []*Node{left, operand()}
		left = p.close(n)
	}
}

// maxChain bounds the operators of one strength in a row, since they nest to the left: a walk of the tree goes as deep.
const maxChain = 2000

func (p *parser) word(name string, kind Kind) func() (Kind, string) {
	return func() (Kind, string) {
		if p.skipName(name) {
			return kind, ""
		}
		return Bad, ""
	}
}

func (p *parser) ops(list ...string) func() (Kind, string) {
	return func() (Kind, string) {
		for _, op := range list {
			if p.skipOp(op) {
				return Binary, op
			}
		}
		return Bad, ""
	}
}

func (p *parser) or() *Node    { return p.chain(p.and, p.word("or", Or)) }
func (p *parser) and() *Node   { return p.chain(p.not, p.word("and", And)) }
func (p *parser) sum() *Node   { return p.chain(p.concat, p.ops("+", "-")) }
func (p *parser) term() *Node  { return p.chain(p.power, p.ops("*", "/", "//", "%")) }
func (p *parser) power() *Node { return p.chain(p.unary, p.ops("**")) }

func (p *parser) not() *Node {
	if !p.isName("not") {
		return p.compare()
	}
	if !p.nest() {
		return p.bad()
	}
	defer func() { p.depth-- }()
	n := p.open(Not)
	p.next()
	n.Kids = []*Node{p.not()}
	return p.close(n)
}

func (p *parser) compare() *Node {
	start := p.peek().span.Start
	left := p.sum()
	var list []*Node
	for {
		at := p.peek().span.Start
		op := p.comparison()
		if op == "" {
			break
		}
		n := p.openAt(Operand, at)
		n.Text = op
		n.Kids = []*Node{p.sum()}
		list = append(list, p.close(n))
	}
	if len(list) == 0 {
		return left
	}
	n := p.openAt(Compare, start)
	n.Kids = append([]*Node{left}, list...)
	return p.close(n)
}

func (p *parser) comparison() string {
	t, look := p.cur(), p.look()
	switch {
	case t.kind == tOperator:
		switch t.text {
		case "==", "!=", "<", "<=", ">", ">=":
			p.next()
			return t.text
		}
	case p.skipName("in"):
		return "in"
	case p.isName("not") && look.kind == tName && look.text == "in":
		p.next()
		p.next()
		return "not in"
	}
	return ""
}

func (p *parser) concat() *Node {
	start := p.peek().span.Start
	first := p.term()
	if !p.isOp("~") {
		return first
	}
	list := []*Node{first}
	for p.skipOp("~") {
		list = append(list, p.term())
	}
	n := p.openAt(Concat, start)
	n.Kids = list
	return p.close(n)
}

func (p *parser) unary() *Node { return p.filtered(true) }

// filtered reads a sign, a primary and what follows it; filters and tests bind to the outermost sign.
func (p *parser) filtered(withFilter bool) *Node {
	if !p.nest() {
		return p.bad()
	}
	defer func() { p.depth-- }()
	start := p.peek().span.Start
	var n *Node
	if p.isOp("-") || p.isOp("+") {
		n = p.open(Neg)
		if p.next().text == "+" {
			n.Kind = Pos
		}
		n.Kids = []*Node{p.filtered(false)}
		p.close(n)
	} else {
		n = p.primary(false)
	}
	n = p.postfix(n, start)
	if withFilter {
		n = p.filters(n, start)
	}
	return n
}

func (p *parser) primary(namespace bool) *Node {
	t := p.cur()
	n := p.open(Bad)
	switch t.kind {
	case tName:
		p.next()
		n.Kind, n.Text = Name, t.text
		switch {
		case t.text == "true" || t.text == "True":
			n.Kind, n.Text = Bool, "true"
		case t.text == "false" || t.text == "False":
			n.Kind, n.Text = Bool, "false"
		case t.text == "none" || t.text == "None":
			n.Kind, n.Text = Null, ""
		case namespace && p.skipOp("."):
			p.close(n)
			attr := p.openAt(GetAttr, n.Span.Start)
			attr.Text, attr.Kids = p.expectName(), []*Node{n}
			n = attr
		}
	case tString:
		n.Kind = Str
		for p.cur().kind == tString {
			n.Text += p.next().text
		}
	case tInteger:
		n.Kind, n.Text = Int, p.next().text
	case tFloat:
		n.Kind, n.Text = Float, p.next().text
	case tOperator:
		return p.bracketed(n)
	default:
		p.fail("expected an expression")
	}
	return p.close(n)
}

// bracketed reads a parenthesis, a list or a dict.
func (p *parser) bracketed(n *Node) *Node {
	switch {
	case p.skipOp("("):
		inner := p.tuple(tupleRules{parens: true})
		p.expectOp(")")
		if inner.Kind == Tuple {
			inner.Span.Start = n.Span.Start
			return p.close(inner)
		}
		return inner
	case p.skipOp("["):
		n.Kind = List
		for !p.failed && !p.isOp("]") {
			if len(n.Kids) > 0 {
				p.expectOp(",")
			}
			if p.isOp("]") {
				break
			}
			n.Kids = append(n.Kids, p.expression())
		}
		p.expectOp("]")
	case p.skipOp("{"):
		n.Kind = Dict
		for !p.failed && !p.isOp("}") {
			if len(n.Kids) > 0 {
				p.expectOp(",")
			}
			if p.isOp("}") {
				break
			}
			key := p.expression()
			p.expectOp(":")
			n.Kids = append(n.Kids, key, p.expression())
		}
		p.expectOp("}")
	default:
		p.fail("expected an expression")
	}
	return p.close(n)
}

// postfix reads attributes, subscripts and calls.
func (p *parser) postfix(n *Node, start uint32) *Node {
	for length := 0; ; length++ {
		if length == maxChain {
			p.fail("too long an expression")
			return n
		}
		switch {
		case p.isOp("."), p.isOp("["):
			n = p.subscript(n, start)
		case p.isOp("("):
			n = p.call(n, start)
		default:
			return n
		}
	}
}

// filters reads filters and tests, and calls of their results.
func (p *parser) filters(n *Node, start uint32) *Node {
	for length := 0; ; length++ {
		if length == maxChain {
			p.fail("too long an expression")
			return n
		}
		switch {
		case p.isOp("|"):
			n = p.filterChain(n, start, false)
		case p.isName("is"):
			n = p.test(n, start)
		case p.isOp("("):
			n = p.call(n, start)
		default:
			return n
		}
	}
}

func (p *parser) subscript(of *Node, start uint32) *Node {
	if p.skipOp(".") {
		t := p.next()
		switch t.kind {
		case tName:
			n := p.openAt(GetAttr, start)
			n.Text, n.Kids = t.text, []*Node{of}
			return p.close(n)
		case tInteger:
			index := p.openAt(Int, t.span.Start)
			index.Text = t.text
			n := p.openAt(GetItem, start)
			n.Kids = []*Node{of, p.close(index)}
			return p.close(n)
		}
		p.fail("expected a name or a number after the dot")
		return of
	}
	n := p.openAt(GetItem, start)
	p.expectOp("[")
	from := p.peek().span.Start
	var args []*Node
	for !p.failed && !p.isOp("]") {
		if len(args) > 0 {
			p.expectOp(",")
		}
		args = append(args, p.subscribed())
	}
	n.Kids = []*Node{of, nil}
	if len(args) == 1 {
		n.Kids[1] = args[0]
	} else {
		t := p.openAt(Tuple, from)
		t.Kids = args
		n.Kids[1] = p.close(t)
	}
	p.expectOp("]")
	return p.close(n)
}

// subscribed reads an index or a slice.
func (p *parser) subscribed() *Node {
	start := p.peek().span.Start
	var lower *Node
	if !p.isOp(":") {
		if lower = p.expression(); !p.isOp(":") {
			return lower
		}
	}
	p.next()
	n := p.openAt(Slice, start)
	n.Kids = []*Node{lower, nil, nil}
	bound := func() *Node {
		if p.failed || p.isOp("]") || p.isOp(",") || p.isOp(":") {
			return nil
		}
		return p.expression()
	}
	n.Kids[1] = bound()
	if p.skipOp(":") && !p.isOp(":") {
		n.Kids[2] = bound()
	}
	return p.close(n)
}

func (p *parser) call(fn *Node, start uint32) *Node {
	n := p.openAt(Call, start)
	n.Kids = append([]*Node{fn}, p.arguments()...)
	return p.close(n)
}

// arguments reads (a, *b, c=d, **e); positional ones come first, and of either star there is one at most.
func (p *parser) arguments() []*Node {
	var args []*Node
	var hasKeyword, hasStar, hasStarStar bool
	ensure := func(ok bool) {
		if !ok {
			p.fail("the arguments are in a wrong order")
		}
	}
	p.expectOp("(")
	for !p.failed && !p.isOp(")") {
		if len(args) > 0 {
			p.expectOp(",")
			if p.isOp(")") {
				break
			}
		}
		n := p.open(Keyword)
		look := p.look()
		switch {
		case p.isOp("*"):
			ensure(!hasStar && !hasStarStar)
			p.next()
			hasStar, n.Kind, n.Kids = true, Star, []*Node{p.expression()}
		case p.isOp("**"):
			ensure(!hasStarStar)
			p.next()
			hasStarStar, n.Kind, n.Kids = true, StarStar, []*Node{p.expression()}
		case p.cur().kind == tName && look.kind == tOperator && look.text == "=":
			ensure(!hasStarStar)
			n.Text = p.next().text
			p.next()
			hasKeyword, n.Kids = true, []*Node{p.expression()}
		default:
			ensure(!hasStar && !hasStarStar && !hasKeyword)
			n = p.expression()
			args = append(args, n)
			continue
		}
		args = append(args, p.close(n))
	}
	p.expectOp(")")
	return args
}

// filterChain reads filters; inline, the first stands without its bar. nil when there is none.
func (p *parser) filterChain(of *Node, start uint32, inline bool) *Node {
	for length := 0; inline || p.isOp("|"); length++ {
		if length == maxChain {
			p.fail("too long an expression")
			return of
		}
		if !inline {
			p.next()
		}
		inline = false
		n := p.openAt(Filter, start)
		n.Text = p.dottedName()
		n.Kids = []*Node{of}
		if p.isOp("(") {
			n.Kids = append(n.Kids, p.arguments()...)
		}
		of = p.close(n)
	}
	return of
}

func (p *parser) dottedName() string {
	name := p.expectName()
	for p.skipOp(".") {
		name += "." + p.expectName()
	}
	return name
}

// test reads `is name`, `is not name`, with arguments in parentheses or one without.
func (p *parser) test(of *Node, start uint32) *Node {
	p.next()
	negated := p.skipName("not")
	n := p.openAt(Test, start)
	n.Text = p.dottedName()
	n.Kids = []*Node{of}
	switch t := p.cur(); {
	case p.isOp("("):
		n.Kids = append(n.Kids, p.arguments()...)
	case p.isName("else", "or", "and"):
	case p.isName("is"):
		p.fail("tests cannot be chained")
	case t.kind == tName, t.kind == tString, t.kind == tInteger, t.kind == tFloat, p.isOp("["), p.isOp("{"):
		from := t.span.Start
		n.Kids = append(n.Kids, p.postfix(p.primary(false), from))
	}
	p.close(n)
	if !negated {
		return n
	}
	not := p.openAt(Not, start)
	not.Kids = []*Node{n}
	return p.close(not)
}
