package startup_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stopper/internal/bug"
	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
	"stopper/internal/startup"
)

// prelude gives the interpreter the function out: its arguments as lists, dicts and constants.
const prelude = `
def plain(v):
    if isinstance(v, (list, tuple)): return "[" + ", ".join(map(plain, v)) + "]"
    if isinstance(v, dict): return "{" + ", ".join(plain(k) + ": " + plain(x) for k, x in v.items()) + "}"
    return v if isinstance(v, str) else repr(v)
def out(*a): print(" | ".join(map(plain, a)))
`

func stubs(top string) *ast.File {
	text, err := os.ReadFile("../flask/stubs/" + top + ".py")
	if err != nil {
		return nil
	}
	return parser.Parse(source.NewFile(top+".py", text), parser.Options{})
}

// run evaluates the files of a program and returns what they pass to out.
func run(t testing.TB, files map[string]string) string {
	t.Helper()
	var trees []*ast.File
	for name, text := range files {
		trees = append(trees, parser.Parse(source.NewFile(name, []byte(text)), parser.Options{}))
	}
	var lines strings.Builder
	bugs := &bug.Reporter{}
	var in *startup.Interp
	in = startup.New(semantic.Build(trees), startup.Options{
		Stubs: stubs, Natives: natives(), Bugs: bugs,
		Matters:   func(name string) bool { return name == "out" },
		Registers: func(name string) bool { return name == "out" },
		Param:     func(*startup.Interp, string) startup.Value { return nil },
		Unknown: func(_ *startup.Interp, callee *startup.Unknown, args startup.Args) (startup.Value, bool) {
			if callee.Path != "?out" {
				return nil, false
			}
			for i, a := range args.Pos {
				if i > 0 {
					lines.WriteString(" | ")
				}
				lines.WriteString(show(in, a, 0))
			}
			lines.WriteByte('\n')
			return startup.None{}, true
		},
	})
	in.Run()
	for _, f := range bugs.Faults() {
		t.Errorf("%s\n%s", f, f.Stack)
	}
	return lines.String()
}

// natives are those of the package and an environment in which nothing is set.
func natives() map[string]startup.Native {
	n := startup.Natives()
	n["__env__"] = func(_ *startup.Interp, args startup.Args) startup.Value { return startup.Soften(args.Pos[1]) }
	return n
}

func show(in *startup.Interp, v startup.Value, depth int) string {
	if depth > 4 {
		return "…"
	}
	switch x := v.(type) {
	case startup.Str:
		return x.S
	case startup.Int:
		return fmt.Sprint(x.N)
	case startup.Bool:
		if x.B {
			return "True"
		}
		return "False"
	case startup.None:
		return "None"
	case *startup.List:
		var parts []string
		for _, e := range x.Elems[:min(len(x.Elems), 20)] {
			parts = append(parts, show(in, e, depth+1))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *startup.Dict:
		var parts []string
		keys, _ := in.Iterate(x)
		for _, k := range keys[:min(len(keys), 20)] {
			e, _ := x.Get(k)
			parts = append(parts, show(in, k, depth+1)+": "+show(in, e, depth+1))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case *startup.Union:
		var parts []string
		for _, a := range x.Alts {
			parts = append(parts, show(in, a, depth+1))
		}
		return strings.Join(parts, " or ")
	case *startup.Unknown:
		return "?" + x.Path
	}
	return fmt.Sprintf("%T", v)
}

// Python runs the file too, and prints the same.
func TestAgainstPython(t *testing.T) {
	text, err := os.ReadFile("testdata/python.py")
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, map[string]string{"python.py": string(text)})
	if strings.Contains(got, "?") {
		t.Errorf("something is not known:\n%s", got)
	}
	cmd := exec.Command("python3", "-c", prelude+string(text))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	want, err := cmd.Output()
	if err != nil {
		t.Skipf("python3: %v\n%s", err, stderr.String())
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Error(d)
	}
}

// What cannot be told is joined, what is likely wins, and what a branch that may not run does is taken back.
func TestConditions(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"both ways", "x = 1\nif unknown():\n    x = 2\nout(x)\n", "2 or 1"},
		{"one way returns", "def f():\n    if unknown():\n        return 1\n    return 2\nout(f())\n", "1 or 2"},
		{"an early return", "def f():\n    x = 1\n    if unknown():\n        return x\n    x = 2\n    return x\nout(f())\n", "1 or 2"},
		{"unset variable", "import os\nx = os.environ.get('X')\nout(1 if x else 2)\n", "2"},
		{"default of a variable", "import os\nout(os.getenv('X', 'd') + '/e')\n", "d/e"},
		{"unlikely way is looked at", "import os\nif os.getenv('X'):\n    out('x')\nout('y')\n", "x\ny"},
		{"unlikely writes are taken back", "import os\ny = 1\nif os.getenv('X'):\n    y = 2\nout(y)\n", "1"},
		{"the only write stays", "import os\nif os.getenv('X'):\n    y = 2\nout(y)\n", "2"},
		{"a program that needs a variable", "import os\nif not os.getenv('X'):\n    raise SystemExit\nout('on')\n", "on"},
		{"an import that may fail", "try:\n    import nothing_here as n\n    has = True\nexcept ImportError:\n    n, has = None, False\nout(has)\n", "True"},
		{"a dict in a branch", "import os\nd = {'a': 1}\nif os.getenv('X'):\n    d.pop('a')\nout(d)\n", "{a: 1}"},
		{"known to be false", "if False:\n    out('never')\nout('end')\n", "end"},
		{"a loop over the unknown", "for x in unknown():\n    out('once', x)\n", "once | ?"},
		{"text of the unknown", "out('a/' + unknown.x, f'{unknown}', 'ok')\n", "? | ? | ok"},
		{"or", "out(unknown.x or 'd')\n", "d"},
		{"an entry point", "def setup(app, flag=3):\n    out(app, flag)\n", "??app | 3"},
		{"called once, no entry point", "def setup(x):\n    out(x)\nsetup(1)\n", "1"},
		{"a cache gives what it wraps", "def memo(f):\n    cache = {}\n    def inner(*a):\n        return cache[key(a)]\n    return inner\n@memo\ndef f(x):\n    return x\nout(f(4))\n", "4"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := strings.TrimSpace(run(t, map[string]string{"m.py": tc.text})); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// Imports run once, in order, and circles end.
func TestModules(t *testing.T) {
	got := run(t, map[string]string{
		"pkg/__init__.py": "out('pkg')\nfrom pkg.a import A\nfrom .b import *\nout(A, B, pkg_name())\n",
		"pkg/a.py":        "import pkg\nout('a')\nA = 1\ndef late():\n    return pkg.B\n",
		"pkg/b.py":        "from pkg import a\nfrom pkg.a import late\nout('b', a.A)\nB = 2\ndef pkg_name():\n    return __name__ + str(late())\n",
	})
	if want := "pkg\na\nb | 1\n1 | 2 | pkg.b2\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A name that a module takes from one that takes everything from it is nowhere; the search for it ends, on however many ways.
func TestStarsInCircles(t *testing.T) {
	files := map[string]string{
		"one.py":  "from two import x\nout(x)\n",
		"two.py":  "from one import *\n",
		"main.py": "import one\n",
	}
	for i := range 40 { // each takes everything from all others
		var text strings.Builder
		for j := range 40 {
			fmt.Fprintf(&text, "from m%d import *\n", j)
		}
		if i == 39 {
			text.WriteString("last = 'found'\n")
		}
		files[fmt.Sprintf("m%d.py", i)] = text.String()
	}
	files["many.py"] = "from m0 import *\nout(nowhere, last)\n"
	if got := run(t, files); !strings.Contains(got, "found") {
		t.Error(got)
	}
}

// Whatever the text is, evaluating it ends without a fault.
func FuzzRun(f *testing.F) {
	text, err := os.ReadFile("testdata/python.py")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add("while 1: out(x)\n")
	f.Add("def f(*a, **k): return f(*a, *a, **k)\nout(f(f))\n")
	f.Add("class A(A, A): x = A()\nout(A().x.y)\n")
	f.Add("x = []\nx.append(x)\nx += x\nout(x == x, x in x, {**x}, [*x])\n")
	f.Add("with f() as (a, *b), c: yield from (yield)\n")
	f.Add("s = 'x'\nfor i in range(99): s = s + s\nout(s % s, s.format(s), s.join(s))\n")
	f.Add("@property\ndef p(self): return self.p\nout(p(p), p.setter(p))\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 1<<14 {
			run(t, map[string]string{"m.py": text, "pkg/__init__.py": "from m import *\n" + text})
		}
	})
}
