package parser

import (
	"strings"
	"testing"

	"stopper/internal/source"
)

// accepted holds syntax by the version that brought it, and old syntax that newer keywords must not break.
var accepted = []string{
	// 3.8: PEP 570 and 572
	"def f(a, b=1, /, c=2, *, d, e=3, **k): pass\n",
	"lambda a, /, *b, c=1: 0\n",
	"if (n := len(a)) > 10: pass\n",
	"x[a := 1, b]\n", "{a := 1, 2}\n", "f(a := 1)\n", "[y := 1, y ** 2]\n",
	"def f(*a: *b): return *a, b\n", "for x in *a, b: pass\n",
	"f'{x=}' f'{x = !r:>{w}}'\n",
	// 3.9 and 3.10: decorators, parenthesised with, PEP 634
	"@a[0].b\ndef f(): pass\n", "@(x := y)\nclass C: pass\n",
	"with (a as b, c as d,): pass\n", "with (a, b): pass\n", "with (a): pass\n", "with (a, b) as c: pass\n",
	"with (yield x): pass\n", "with (a := b): pass\n", "with (x for x in y): pass\n", "with (a, *b): pass\n",
	"match x:\n    case 1 | 2 if y: pass\n    case {'a': b, **c}: pass\n    case C(x, y=z) as w: pass\n    case [a, *_]: pass\n    case -1+2j: pass\n    case _: pass\n",
	"match x, *y:\n case a.b, *c: pass\n", "match (x):\n case (1): pass\n", "match -x:\n case ((1,)): pass\n",
	"match = 1\nmatch[0]\nmatch(x)\nmatch.y\nprint(match, case)\ncase = type = _ = match\n", "match * a, b\n",
	// 3.11: PEP 654 and 646
	"try: pass\nexcept* (A, B) as e: pass\n", "a[*b]\n", "a[*b and c]\n", "x: tuple[*Ts]\n",
	// 3.12: PEP 695, 701
	"type X = int\ntype Y[T: int, *Ts, **P] = list[T]\n", "type = 1\ntype(x)\n",
	"def f[T: (int, str)](x: T) -> T: pass\n", "class C[T](B, metaclass=M): pass\n",
	"f'{f'{f'{1}'}'}'\n", "f'{\"\\n\".join(x)}'\n", "f'{x # comment\n}'\n", "f'''{\nx\n}'''\n", "f'{{}}{x!r:{y}.{z}}'\n",
	"rf'\\{x}\\N{y}'\n", "f'\\N{BULLET}{x}'\n", "f'{lambda_: x}'\n", "f'{(lambda x: 1)}'\n", "f'{x:%H:%M}'\n", "f'{a[\"b\"]}'\n",
	// 3.13: PEP 696
	"class C[T = int, *Ts = *tuple[int], **P = [int]]: pass\n",
	// 3.14: PEP 750, 758, 765
	"t'{x!r:>{w}}' t'{y=}'\n", "try: pass\nexcept A, B: pass\nexcept C,: pass\n",
	"try: pass\nfinally:\n    return 1\n",
	// 3.15: PEP 798, 810
	"[*x for x in y]\n", "{*x for x in y}\n", "{**x for x in y}\n", "(*x for x in y)\n", "f(*x for x in y)\n",
	"lazy import a.b as c\nlazy from a import (b, c)\nlazy = 1\nlazy.x\n",
	// lines, blanks and bytes
	"\xef\xbb\xbfx = 1\n", "x = 1\r\nif x:\r\n    y\r\n", "x = 1\rif x:\r    y\r", "\fx\n\f  \nif x:\n\f    y\n", "if x:\n\ty\n\tz\n",
	"x = \\\n  1\n", "if x:\n    y\\\n\n    z\n", "if x:\n  \\\n    y\n  z\n", "# only a comment", "", "\n\n", "x", "x;", "'''a\r\nb'''",
	"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
	"\u00aa\u2118x\u0301 = 1\n", "1if x else 2\n", "0xfor x\n", "1_000.0_1e1_0j\n", "00\n",
	"async def f():\n    async with a as b, c: pass\n    async for x in y: await z ** 2\n    return [x async for x in y if x if y]\n",
	"a = b, *c = d = yield\n", "x: int\n(x): int = 1\na.b: int\n", "(a) += 1\n", "del (a, [b]), c.d,\n", "*a, = b\n",
	"not a in b, a not in b, a is not b, not a\n", "-a ** -b\n", "a if b else c if d else lambda: e\n", "print >>f, x\n",
	"def f(): yield\n", "x = yield from a\n", "global a, b\n", "f(*a, b, **c, d=1, **e)\n", "f(a for a in b)\n", "f(a, (b for b in c))\n",
}

// rejected holds what no version from 3.8 to 3.15 accepts.
var rejected = []string{
	"x = \n", "if x\n    y\n", "def f(:\n    pass\n", "class C(\n", "f(a b)\n", "x = (1\ny = 2\n", "x = 1)\n", "x = [1)\n",
	"'abc\n", "'''abc\n", "f'{x\n", "f'{x'\n", "f'}'\n", "f'{}'\n", "f'{x!z}'\n", "f'{lambda x: 1}'\n", "f'{x:{y'\n",
	"1 = x\n", "f() = 1\n", "a + b = c\n", "None = 1\n", "(a, 1) = b\n", "x = yield = 1\n", "f() += 1\n", "(a, b): int\n", "del f()\n", "del *a\n",
	"for 1 in x: pass\n", "with a as 1: pass\n", "(x := 1) = 2\n", "x := 1\n", "(*a)\n", "[x for x in y if z := 1]\n",
	"f(a=1, b)\n", "f(**a, *b)\n", "f(**a, b)\n", "f(x for x in y, 1)\n", "f(1, x for x in y)\n", "class C(x for x in y): pass\n", "f(a.b=1)\n",
	"def f(a=1, b): pass\n", "def f(*): pass\n", "def f(/, a): pass\n", "def f(a, /, b, /): pass\n", "def f(**a, b): pass\n", "def f(*a, *b): pass\n", "def f(*a=1): pass\n",
	"try: pass\n", "try: pass\nelse: pass\n", "try: pass\nexcept A: pass\nexcept* B: pass\n", "try: pass\nexcept A, B as c: pass\n", "else: pass\n", "case 1: pass\n",
	"  x\n", "if x:\ny\n", "if x:\n    y\n  z\n", "if x:\n\ty\n        z\n", "if 1:\n        x\n\ty\n", "x = 0777\n", "1__0\n", "1_\n", "0x\n", "0b2\n", "1abc\n", "1.e\n",
	"import a.b.\n", "from a import b,\n", "from . import *, a\n", "import a as b.c\n", "from import a\n", "raise a, b\n", "print 'x'\n", "exec 'x'\n", "a <> b\n", "`a`\n", "x = $\n", "x ? y\n",
	"{a: 1, 2}\n", "{1, 2: 3}\n", "{**a: 1}\n", "{*a: 1}\n", "{a := 1: 2}\n", "a[b:=1:2]\n", "lambda: yield\n", "b'a' 'b'\n", "b'\u00e9'\n", "'\\x1'\n", "'\\u12'\n", "'\\N'\n", "ub'x'\n", "t'a' 'b'\n",
	"match x:\n    case a.b(c=1, d): pass\n", "match x:\n    case 1 as _: pass\n", "match x:\n    case a, b | : pass\n", "match x:\n    case *a: pass\n", "match *x:\n    case a: pass\n",
	"not\n", "a not b\n", "a + not b\n", "await -x ** \n", "\x00\n", "x = \\ 1\n", "x\\", "@a\nx = 1\n", "async x\n", "pass pass\n", "return return\n", "type X\n", "lazy import\n",
	"# coding: no-such-encoding\nx = 1\n", "\xef\xbb\xbf# coding: latin-1\nx\n", "x = '\xe9'\n",
}

func TestAccepted(t *testing.T) {
	p := New()
	for _, s := range accepted {
		if f := p.Parse(source.NewFile("a.py", []byte(s))); len(f.Errors) > 0 {
			t.Errorf("%q: %s", s, f.Errors[0].Msg)
		}
	}
}

func TestRejected(t *testing.T) {
	p := New()
	for _, s := range rejected {
		if f := p.Parse(source.NewFile("a.py", []byte(s))); len(f.Errors) == 0 {
			t.Errorf("%q: accepted", s)
		}
	}
}

// Every limit must end in a message, whatever the text.
func TestLimits(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	indents := ""
	for i := range 120 {
		indents += many(" ", i) + "if x:\n"
	}
	for name, s := range map[string]string{
		"brackets":     many("(", 300) + many(")", 300) + "\n",
		"open":         many("[", 100000),
		"indents":      indents + many(" ", 120) + "pass\n",
		"sum":          "x = a" + many(" + a", 100000) + "\n",
		"attributes":   "x" + many(".a", 100000) + "\n",
		"calls":        "x" + many("()", 100000) + "\n",
		"not":          many("not ", 100000) + "x\n",
		"minus":        many("-", 100000) + "x\n",
		"power":        "x" + many("**x", 100000) + "\n",
		"lambda":       many("lambda:", 100000) + "x\n",
		"ternary":      many("x if x else ", 100000) + "x\n",
		"elif":         "if x: pass\n" + many("elif x: pass\n", 100000),
		"nested sums":  many("(", 150) + "a" + many(many("+a", 3000)+")", 150) + "\n",
		"f-strings":    many("f'{", 1000) + "x" + many("}'", 1000) + "\n",
		"specs":        "f'" + many("{x:", 1000) + many("}", 1000) + "'\n",
		"patterns":     "match x:\n case " + many("[", 1000) + many("]", 1000) + ": pass\n",
		"wrong bytes":  many("$\n", 1000000),
		"returns":      many("#\r", 1000000) + "x = = 1",
		"names":        "'" + many("\\N{", 1000000) + "'",
		"closers":      many("(", 300000) + many("]", 300000),
		"fields":       many("f'{", 300000),
		"wrong lines":  many("x = = 1\n", 100000),
		"wrong blocks": many("def f(:\n  x\n", 20000),
	} {
		f := Parse(source.NewFile(name, []byte(s)), Options{})
		if len(f.Errors) == 0 {
			t.Errorf("%s: no message", name)
		}
		if len(f.Errors) > 2*maxErrors {
			t.Errorf("%s: %d messages", name, len(f.Errors))
		}
	}
	small := Parse(source.NewFile("t", []byte(many("x = 1\n", 100))), Options{MaxTokens: 50})
	if len(small.Errors) == 0 || len(small.Body(small.Root)) < 5 {
		t.Error("the token limit must keep what stands before it and say so")
	}
	if f := Parse(source.NewFile("t", []byte("x = 1\n")), Options{MaxBytes: 3}); len(f.Errors) != 1 {
		t.Error("the size limit must be said")
	}
}
