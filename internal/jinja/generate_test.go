package jinja_test

import (
	"math/rand"
	"strings"
)

// variants are the environments that generated templates are read with.
var variants = []map[string]any{
	nil,
	{"trim_blocks": true},
	{"lstrip_blocks": true},
	{"trim_blocks": true, "lstrip_blocks": true},
	{"line_statement_prefix": "#", "line_comment_prefix": "##"},
	{"line_statement_prefix": "%", "lstrip_blocks": true},
	{"block_start_string": "<%", "block_end_string": "%>", "variable_start_string": "<%=", "variable_end_string": "%>", "comment_start_string": "<#", "comment_end_string": "#>"},
	{"variable_start_string": "${", "variable_end_string": "}", "block_start_string": "[%", "block_end_string": "%]"},
}

// generator puts templates together at random. One piece in a few dozens is wrong on purpose.
type generator struct {
	r     *rand.Rand
	opt   map[string]any
	depth int
}

// pick chooses; an entry that begins with wrong is chosen rarely.
func (g *generator) pick(list ...string) string {
	for {
		s, isWrong := strings.CutPrefix(list[g.r.Intn(len(list))], wrong)
		if !isWrong || g.chance(25) {
			return s
		}
	}
}

const wrong = "!!"

func (g *generator) chance(n int) bool { return g.r.Intn(n) == 0 }

func (g *generator) delimiter(name, def string) string {
	if s, ok := g.opt[name].(string); ok {
		return s
	}
	return def
}

func (g *generator) template() string {
	var b strings.Builder
	for range 1 + g.r.Intn(6) {
		b.WriteString(g.piece())
	}
	return b.String()
}

func (g *generator) sign() string {
	if g.chance(4) {
		return g.pick("-", "+", "-")
	}
	return ""
}

func (g *generator) tag(inside string) string {
	if p, ok := g.opt["line_statement_prefix"].(string); ok && g.chance(2) {
		return "\n" + g.pick("", " ", "\t") + p + g.pick("", " ") + inside + g.pick("", ":", " ") + g.pick("\n", "\n\n  \n", " \n")
	}
	return g.delimiter("block_start_string", "{%") + g.sign() + g.space() + inside + g.space() + g.endSign() +
		g.delimiter("block_end_string", "%}")
}

func (g *generator) endSign() string {
	if g.chance(5) {
		return g.pick("-", "+")
	}
	return ""
}

func (g *generator) space() string { return g.pick(" ", " ", "", "\n", "  ") }

func (g *generator) piece() string {
	if g.depth > 4 {
		return "deep"
	}
	g.depth++
	defer func() { g.depth-- }()
	switch g.r.Intn(18) {
	case 0, 1, 2:
		return g.pick("<p>", "text ", "\n", "  \n\t", "a # b", "}}", "%}", "\r\n", "é", "{", "## c", " ")
	case 3, 4, 5:
		end := g.pick("", "", "", "-")
		return g.delimiter("variable_start_string", "{{") + g.sign() + " " + g.tuple() + " " + end + g.delimiter("variable_end_string", "}}")
	case 6:
		return g.delimiter("comment_start_string", "{#") + g.sign() + " note " + g.endSign() + g.delimiter("comment_end_string", "#}")
	case 7:
		return g.block(g.pick("raw", " raw "), "x {{ y }} ", "endraw")
	case 8, 9:
		return g.conditional()
	case 10, 11:
		s := g.tag("for "+g.target()+" in "+g.expr()+g.pick("", "", " if "+g.expr())+g.pick("", "", " recursive")) + g.piece()
		if g.chance(3) {
			s += g.tag("else") + g.piece()
		}
		return s + g.tag("endfor")
	case 12:
		return g.block("block "+g.name()+g.pick("", "", " scoped", wrong+" required", wrong+" scoped required", wrong+" required scoped"), g.piece(), g.pick("endblock", "endblock", wrong+"endblock x"))
	case 13:
		return g.block("macro "+g.name()+g.signature(), g.piece(), "endmacro")
	case 14:
		return g.block("call"+g.pick("", g.signature())+" "+g.pick("f(1)", wrong+g.expr()), g.piece(), "endcall")
	case 15:
		return g.enclosing()
	case 16:
		return g.block(g.pick("trans", "trans a, b=2", "trans trimmed x=1", "trans 'ctx' n", wrong+"trans a, trimmed", wrong+"trans a trimmed"),
			g.pick("hi", "hi {{ a }} 5%", "x {{ n }}"+g.tag(g.pick("pluralize", wrong+"pluralize n", wrong+"pluralize q"))+"many"), g.pick("endtrans", "endtrans", wrong+"endblock"))
	}
	return g.single()
}

func (g *generator) block(open, body, end string) string {
	s := g.tag(open) + body
	if g.chance(60) {
		return s
	}
	return s + g.tag(end)
}

func (g *generator) conditional() string {
	s := g.tag("if "+g.expr()) + g.piece()
	for g.chance(3) {
		s += g.tag("elif "+g.expr()) + g.piece()
	}
	if g.chance(2) {
		s += g.tag("else") + g.piece()
	}
	return s + g.tag("endif")
}

func (g *generator) enclosing() string {
	switch g.r.Intn(4) {
	case 0:
		return g.block("with "+g.pick("", "a="+g.expr(), "a=1, b="+g.expr(), wrong+"a, b = c"), g.piece(), "endwith")
	case 1:
		return g.block("autoescape "+g.pick("true", "false", g.expr()), g.piece(), "endautoescape")
	case 2:
		return g.block("filter "+g.pick("upper", "e|replace('a', 'b')", "x.y(1)"), g.piece(), "endfilter")
	}
	return g.block("set "+g.target()+g.pick("", "|upper", " | a | b(1)"), g.piece(), "endset")
}

func (g *generator) single() string {
	return g.tag(g.pick(
		"set "+g.target()+" = "+g.tuple(), "do "+g.tuple(), "break", "continue", "debug", "print "+g.tuple(), "print",
		"include "+g.expr()+g.pick("", " ignore missing", " with context", " ignore missing without context", wrong+" without"),
		"import "+g.expr()+" as "+g.name()+g.pick("", " with context"),
		"from 'm' import "+g.pick("a", "a as b", "a, b as c with context", wrong+"_a", wrong+"a,", wrong+"a b", wrong+"with context"),
		"extends "+g.expr(), wrong+"nothing", wrong+"endif", wrong+"1", wrong+""))
}

func (g *generator) signature() string {
	return g.pick("()", "(a)", "(a, b=1)", wrong+"(a=1, b)", wrong+"(a,)", "(a, b='x', c=[1])", wrong+"(none)")
}

func (g *generator) name() string {
	return g.pick("a", "b", "user", "loop", "x1", "_y", "ü", "not", "in", "if", wrong+"true", wrong+"None", "is", "self")
}

func (g *generator) target() string {
	return g.pick("a", "a, b", "(a, b)", "a, (b, c)", "ns.x", wrong+"a.b.c", wrong+"none", "a,", wrong+"1", wrong+"f()", wrong+"[a]", wrong+"true, b", "ns.x, y")
}

func (g *generator) tuple() string {
	s := g.expr()
	for g.chance(6) {
		s += ", " + g.expr()
	}
	if g.chance(20) {
		s += ","
	}
	return s
}

func (g *generator) expr() string {
	if g.depth > 7 {
		return "deep"
	}
	g.depth++
	defer func() { g.depth-- }()
	if g.chance(300) {
		return g.pick("", "(", "]", "a b", "a..b", "|", "a|", "a is", "a if", "'open", "é²", "$", "a not b", "{{", "}}")
	}
	switch g.r.Intn(20) {
	case 0, 1, 2, 3:
		return g.pick("a", "user.name", "a.b.c", "items[0]", "a.0.b", "a.1.2", "x[1:2]", "x[:, 1]", "x[::2]", "x[::]", "x[]", "loop.index")
	case 4, 5:
		return g.pick("1", "1.5", "1e3", "0x1F", "1_000", "00", "'s'", `"d\n\x41"`, `'\u00e9' "b"`, "true", "none", "0b1", wrong+"1.", wrong+"'\\x4'", wrong+"1__0", wrong+"0xg", "'a\\\nb'")
	case 6:
		return g.expr() + " " + g.pick("+", "-", "*", "/", "//", "%", "**", "~") + " " + g.expr()
	case 7:
		return g.expr() + g.pick(" == ", " != ", "<", ">=", " in ", " not in ", " not  in ") + g.expr()
	case 8:
		return g.expr() + g.pick(" and ", " or ") + g.expr()
	case 9:
		return "not " + g.expr()
	case 10:
		return g.expr() + " if " + g.expr() + g.pick("", " else "+g.expr())
	case 11, 12, 13:
		return g.expr() + "|" + g.pick("upper", "e", "default('x')", "join(', ', attribute=1)", "a.b", "f()()", "x(*a, **b)", "not")
	case 14, 15:
		return g.expr() + " is " + g.pick("", "not ") + g.pick("defined", "divisibleby 3", "eq(1)", "in [1]", "none", "sameas x.y[0]", wrong+"a is b", "string or b", wrong+"odd else")
	case 16:
		return g.name() + "(" + g.pick("", g.expr(), "a, b=1", "*a", "**b", wrong+"a=1, b", wrong+"*a, *b", "a, ", wrong+"**a, b=1", "*a, k=1", wrong+"a=1, *b", wrong+",") + ")"
	case 17:
		return g.pick("[1, a]", "[]", "{}", "{'a': 1, b: 2,}", wrong+"{'a'}", "(1,)", "()", "(a)", "[1,]", wrong+"[,]", "{1: {2: 3}}", wrong+"(a, b")
	case 18:
		return g.pick("-", "+", "- ") + g.expr()
	}
	return "(" + g.tuple() + ")" + g.pick("", ".x", "()", "|e")
}
