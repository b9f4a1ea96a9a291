package lower_test

import (
	"fmt"
	"strings"
	"testing"

	"stopper/internal/ir"
	"stopper/internal/lower"
)

// Text that is deep, long or repetitive costs time in proportion to its size, and never fails.
func TestHostile(t *testing.T) {
	elifs := "if x == 0:\n  pass\n" + strings.Repeat("elif x == 1:\n  y = 1\n", 20_000)
	tests := map[string]string{
		"elif chain":       elifs,
		"sum":              "x = " + strings.Repeat("1 + ", 50_000) + "1\n",
		"big table":        "T = {" + strings.Repeat("'k': ('a', -1),\n", 40_000) + "}\n",
		"big call list":    "T = [" + strings.Repeat("f('a', k=g),\n", 40_000) + "]\n",
		"nested brackets":  "x = " + strings.Repeat("(", 5000) + strings.Repeat(")", 5000) + "\n",
		"nested finally":   nestedFinally(40),
		"nested functions": nestedDefs(90),
		"dotted imports":   dottedImports(20_000),
		"star cycle":       "from m import *\nfrom m import *\n",
		"broken":           "class C(:\n  def f(self: return\nbreak\ncontinue\nreturn 1\nx = yield\ndef g(a, a): nonlocal q\n",
		"loose ends":       "for x in y:\n  try:\n    break\n  finally:\n    continue\nlambda: (yield)\ndel x.y[1:2], (a, b)\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			prog := build(map[string]string{"m.py": text})
			for id := range prog.NumFuncs() {
				for _, err := range ir.Verify(lower.Func(prog, ir.FuncID(id))) {
					t.Error(err)
				}
			}
		})
	}
}

func nestedFinally(n int) string {
	var b strings.Builder
	b.WriteString("def f(a):\n for q in a:\n")
	for i := range n {
		fmt.Fprintf(&b, "%stry:\n", strings.Repeat(" ", i+2))
	}
	fmt.Fprintf(&b, "%sif a: return 1\n%sif b: break\n%scontinue\n", strings.Repeat(" ", n+2), strings.Repeat(" ", n+2), strings.Repeat(" ", n+2))
	for i := n - 1; i >= 0; i-- {
		in := strings.Repeat(" ", i+2)
		fmt.Fprintf(&b, "%sfinally:\n%s try: g()\n%s finally: h()\n", in, in, in)
	}
	return b.String()
}

func nestedDefs(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%sdef f%d(a%d):\n", strings.Repeat(" ", i), i, i)
	}
	fmt.Fprintf(&b, "%sreturn [a%d for a0 in a1 if (lambda: a0)()]\n", strings.Repeat(" ", n), n/2)
	return b.String()
}

func dottedImports(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "import p%d.q\n", i)
	}
	return b.String()
}

// Long tables of constants keep their first entries and say so.
func TestTableIsPartial(t *testing.T) {
	prog := build(map[string]string{"m.py": "T = [" + strings.Repeat("1, ", 300) + "]\nS = [" + strings.Repeat("1, ", 200) + "]\n"})
	f := lower.Func(prog, prog.Modules[0].Body)
	var got []string
	for _, in := range f.Blocks[0].Instrs {
		if in.Op == ir.OpBuild {
			got = append(got, fmt.Sprint(in.ArgsLen, in.Imm))
		}
	}
	if strings.Join(got, ",") != "64 1,200 0" {
		t.Error(got)
	}
}
