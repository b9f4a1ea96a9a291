package parser

import (
	"strings"
	"testing"

	"stopper/internal/python/ast"
	"stopper/internal/source"
)

// recoveryCases show what is left of broken files: the classes of the statements, blocks in brackets, and how many
// errors are told.
var recoveryCases = []struct {
	name, src, want string
	errors          int
}{
	{"one bad line", "a = 1\nb = = 2\nc = 3\n", "Assign Bad Assign", 1},
	{"bad line in a block", "def f():\n    a = 1\n    b c\n    d()\nx()\n", "FunctionDef(Assign Bad Expr) Expr", 1},
	{"bad header keeps its block", "def f(a b):\n    a = 1\n    g()\nx()\n", "Bad Assign Expr Expr", 1},
	{"bad header in a class", "class C:\n    def f(self:\n        a()\n    def g(self): pass\n", "ClassDef(Bad FunctionDef(Pass))", 1},
	{"open bracket", "x = f(1,\ndef g():\n    return 1\n", "Bad FunctionDef(Return)", 1},
	{"open bracket in a method", "class C:\n    def f(self):\n        x = g(1\n    def h(self):\n        return 2\ny = 1\n", "ClassDef(FunctionDef(Bad) FunctionDef(Return)) Assign", 1},
	{"open bracket at the end", "a = 1\nx = (1,\n", "Assign Bad", 1},
	{"stray bracket", "a = 1)\nb = 2\n", "Bad Assign", 1},
	{"wrong bracket", "a = f([1)\nb = 2\n", "Bad Assign", 1},
	{"open string", "a = 'x\nb = 2\n", "Bad Assign", 1},
	{"open f-string", "a = f'{x} y\nb = 2\n", "Bad Assign", 1},
	{"open field", "a = f'{x\ndef f(): pass\n", "Bad FunctionDef(Pass)", 1},
	{"lone brace", "a = f'x}'\nb = 2\n", "Assign Assign", 1},
	{"open triple", "a = 1\nb = '''x\ny = 2\n", "Assign Bad", 1},
	{"unexpected indent", "a = 1\n    b = 2\n    c = 3\nd = 4\n", "Assign Assign Assign Assign", 1},
	{"missing block", "if x:\ny = 1\n", "If Assign", 1},
	{"wrong dedent", "if x:\n    a\n  b\nc\n", "If(Expr) Expr Expr", 1},
	{"try alone", "try:\n    a()\nb()\n", "Try(Expr) Expr", 1},
	{"bad header with an open bracket", "def f(:\n    g()\ndef h(): pass\n", "Bad FunctionDef(Pass)", 1},
	{"bad handler", "try:\n    a()\nexcept A B:\n    b()\nc()\n", "Bad Expr Expr", 1},
	{"error deep inside", "def f():\n  if x:\n    try:\n      y = = 1\n    finally:\n      z\n  w\n", "FunctionDef(If(Try(Bad)) Expr)", 1},
	{"indented function under a decorator", "class C:\n  @a\n    def f(): pass\n  def g(): pass\n", "ClassDef(Bad FunctionDef(Pass) FunctionDef(Pass))", 1},
	{"bad case", "match x:\n    case 1 2:\n        a()\n    case 3: c()\nb()\n", "Match Bad Expr Expr", 1},
	{"merge conflict", "a = 1\n<<<<<<< ours\nb = 2\n=======\nb = 3\n>>>>>>> theirs\nc = 4\n", "Assign Bad Assign Bad Assign Bad Assign", 3},
	{"bad decorator", "@\ndef f(): pass\n", "Bad FunctionDef(Pass)", 1},
	{"strange byte", "a = $x\nb = 1\n", "Bad Assign", 1},
	{"bad target stays", "f() = 1\nb = 1\n", "Assign Assign", 1},
	{"two on a line", "a = 1; b = = 2\nc\n", "Bad Expr", 1},
	{"last line", "a\nb = ", "Expr Bad", 1},
}

func TestRecovery(t *testing.T) {
	for _, c := range recoveryCases {
		f := Parse(source.NewFile("a.py", []byte(c.src)), Options{})
		if got := outline(f, f.Body(f.Root)); got != c.want || len(f.Errors) != c.errors {
			t.Errorf("%s: got %s with %d errors %v, want %s with %d", c.name, got, len(f.Errors), f.Errors, c.want, c.errors)
		}
		if err := ast.CheckSpans(f); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func outline(f *ast.File, body []uint32) string {
	var parts []string
	for _, s := range body {
		k := f.Kind(ast.NodeID(s)).String()
		if inner := f.Body(ast.NodeID(s)); len(inner) > 0 {
			k += "(" + outline(f, inner) + ")"
		}
		parts = append(parts, k)
	}
	return strings.Join(parts, " ")
}

func TestPython2(t *testing.T) {
	for src, want := range map[string]bool{
		"print 'a'\nprint 'b'\n":                      true,
		"try:\n    x()\nexcept A, e:\n    print e\n":  true,
		"raise E, 'x'\n":                              true,
		"x = 0777\ny = 10L\n":                         true,
		"if a <> b: pass\n":                           true,
		"print `x`\n":                                 true,
		"exec 'x' in d\n":                             true,
		"#!/usr/bin/env python2\nx = = 1\n":           true,
		"#!/usr/bin/env python3\nprint 'a'\n":         false,
		"x = = 1\n":                                   false,
		"print('a')\nx = = 1\n":                       false,
		"print 'a'\nx = = 1\ny = = 2\nz = = 3\n":      false,
		"try:\n    x()\nexcept A, B:\n    print(1)\n": false,
	} {
		f := Parse(source.NewFile("a.py", []byte(src)), Options{})
		if f.Python2 != want {
			t.Errorf("%q: Python2 is %v: %v", src, f.Python2, f.Errors)
		}
		if f.Python2 && len(f.Body(f.Root)) > 0 {
			t.Errorf("%q: the tree must be empty", src)
		}
	}
}

func TestValues(t *testing.T) {
	for src, want := range map[string]string{
		`'a' "b" r'\n'`:                `'ab\\n'`,
		`'\x41\101\u00e9\U0001F600\q'`: `'AA\xe9\U0001f600\\q'`,
		`b'\xff\777\u0041'`:            `b'\xff\xff\\u0041'`,
		`'\ud800x'`:                    `'\ud800x'`,
		"'''a\r\nb\rc'''":              `'a\nb\nc'`,
		"'a\\\r\nb'":                   `'ab'`,
		`0xFF`:                         `255`,
		`1_0`:                          `10`,
		`0o17`:                         `15`,
		`1e400`:                        `inf`,
		`1e16`:                         `1e+16`,
		`.5`:                           `0.5`,
		`10j`:                          `10j`,
	} {
		f := Parse(source.NewFile("a.py", []byte(src+"\n")), Options{})
		want = "Module(body=[Expr(value=Constant(value=" + want + "))])"
		if got := ast.Dump(f, f.Root, ast.DumpOptions{}); got != want {
			t.Errorf("%s: got %s, want %s", src, got, want)
		}
	}
}

func TestCommentsAndDecoding(t *testing.T) {
	f := Parse(source.NewFile("a.py", []byte("# coding: latin-1\nx = f(  # \xe9t\xe9\r\n  1)#end")), Options{})
	var got []string
	for _, s := range f.Comments {
		got = append(got, f.Src.Slice(s))
	}
	if want := "# coding: latin-1|# été|#end"; strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
	if len(f.Errors) > 0 {
		t.Error(f.Errors)
	}
}
