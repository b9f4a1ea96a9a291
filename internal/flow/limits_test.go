package flow_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"stopper/internal/flow"
	"stopper/internal/models"
	"stopper/internal/template"
	modeldata "stopper/models"
)

// each writes a line for each of n numbers.
func each(n int, line string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(line, "%d", strconv.Itoa(i)))
	}
	return b.String()
}

const (
	fromFlask = "from flask import Flask, request, render_template\nfrom flowtest import source, sink, box\napp = Flask(__name__)\n"
	table     = "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy(app)\nclass T(db.Model):\n"
)

// past are programs that reach each limit.
var past = map[string]string{
	"instructions": "def f(x):\n" + each(70_000, "    x = g(%d)\n"),
	"variables in all branches of one function":         "def f(x):\n" + each(2100, "    if x: v%d = x\n"),
	"what calls bring into one function":                "def g(p):\n    d = {}\n" + each(120, "    d['%d'] = p\n") + "    return d\ndef f(x):\n" + each(30, "    a%d = g(x); a%d['0']\n"),
	"calls within calls":                                each(130, "def f%d(x): return f%d_(x)\nf%d_ = lambda x: f%dn(x)\n") + chain(140) + "g0('x')\n",
	"functions that call each other":                    ring(60),
	"copies for different arguments":                    "def f(x):\n    if x: return x()\n" + each(12, "def g%d(): return %d\nf(g%d)\n"),
	"rounds of module and class variables":              each(9, "def f%d(x):\n    global G%d\n    G%d = [H%d, x]\n    return H%d\n") + rounds(9),
	"closures":                                          "def m(a):\n    def g(): return a\n    return g\n" + each(4200, "x%d = m('%d')\n"),
	"objects of one function":                           "def f(p):\n" + each(1100, "    a%d = [p]\n") + "    return [" + each(1100, "a%d, ") + "]\n",
	"open sinks of one function":                        "from flowtest import sink\ndef f(p):\n" + each(120, "    sink(p.a%d)\n"),
	"attribute writes of one function":                  "class C:\n    def f(self, p):\n" + each(120, "        self.a%d = p\n"),
	"templates of one call":                             fromFlask + "@app.get('/')\ndef f(): return render_template([" + each(12, "'%d.html', ") + "])\n",
	"what the calls of one function bring in":           "from flowtest import sink\ndef g(p, q, r):\n" + each(90, "    sink((p.a%d, q.a%d, r.a%d))\n") + each(40, "def f%d(x):\n    g(x.a, x.b, x.c)\n    g(x.d, x.e, x.f)\n"),
	"nested imports":                                    "import m0\n",
	"conditions in conditions":                          "def f(x, y):\n    x = bool(x)\n    if x: y = x\n    x = bool(y)\n    y = bool(x)\n    if y: x = y\n    while x: x = bool(x)\n    return x\n",
	"alternatives of one condition":                     "def f(x):\n    ok = not (x.a or x.b or x.c or x.d or x.e or x.f or x.g or x.h)\n    if ok: return 0\n    return x\ndef g(x):\n    ok = (x.a() or x.b() or x.c() or x.d() or x.e() or x.f() or x.g() or x.h())\n    if not ok: return 0\n    if not bool(x.a() or x.b() or x.c() or x.d() or x.e() or x.f() or x.g() or x.h()): return 0\n    return x\n",
	"columns that one mapping fills":                    fromFlask + table + each(80, "    c%d = db.Column(db.String)\n") + "@app.post('/')\ndef f():\n    db.session.add(T(**request.json))\n",
	"functions registered for types":                    "import functools\n@functools.singledispatch\ndef f(x): return x\n" + each(20, "@f.register\ndef _(x: C%d): return %d\n"),
	"collections in collections":                        "from flowtest import source, sink\nsink([[[[[[[[source()]]]]]]]])\n",
	"readings of one function that are told apart":      fromFlask + "@app.get('/')\ndef f():\n" + each(40, "    if request.args['a%d']: sink(request.args['a%d'])\n"),
	"decorators of one view":                            fromFlask + table + "    c = db.Column(db.String)\n" + each(40, "@app.get('/%d/<p>')\n") + "def f(p):\n    db.session.add(T(c=p))\n",
	"templates that the callers of one function choose": fromFlask + "def f(p):\n" + each(20, "    render_template(p, a=%d)\n"),
	"modules that one name may mean":                    fromFlask + "import importlib\n@app.post('/')\ndef f(): importlib.import_module('p.' + request.args['n']).h(request.args['x'])\n",
	"methods that one name may mean":                    fromFlask + "class C:\n" + each(60, "    def do_m%d(self, x): sink(x)\n") + "    def go(self): return getattr(self, 'do_' + request.args['n'])(request.args['x'])\nC().go()\n",
	"fields and validators of one form":                 fromFlask + "from pydantic import BaseModel\nclass S(BaseModel):\n    a: " + strings.Repeat("list[", 16) + "str" + strings.Repeat("]", 16) + "\n@app.post('/')\ndef f(): sink(S(**request.json).a)\n",
	"objects that one value takes along":                "def m():\n    l = []\n" + each(70, "    a%d = [1]\n    l.append(a%d)\n") + "    def g(): return l\n    return g\nG = m()\nL = [" + each(70, "[%d], ") + "]\ndef k():\n    global G\n    G = [" + each(70, "[%d], ") + "]\n",
	"elements of one argument":                          fromFlask + "app.config.update(A=[" + each(200, "%d, ") + "])\n",
	"attributes below attributes":                       below(9),
	"records in records":                                fromFlask + "D = {}\n@app.post('/')\ndef f():\n    D['k'] = [[[[[[request.args['x']]]]]]]\n",
	"texts that one check compares":                     "def f(p):\n    if p[0] in (" + each(40, "'%d', ") + "): raise ValueError\n    return open(p)\n",
	"rounds of one loop":                                "def f(x, g):\n" + each(20, "    a%d = 0\n") + "    while x:\n" + shifted(20) + "        a0 = g()\n    return a19\n",
	"variables that say which way was taken":            "def f(x):\n" + manyFlags(60, "    ") + "f('a')\n",
	"classes above one class":                           "class C0: pass\n" + inherited(120) + "C119().f()\n",
	"objects that outlive their function":               each(70, "import n%d\n"),
}

// chain are functions that call the next one.
func chain(n int) string {
	return each(n, "def g%d(x): return G[%d](x)\n") + "G = [" + each(n, "lambda x: h%d(x), ") + "]\n" + func() string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "def h%d(x): return h%d([x])\n", i, i+1)
		}
		return b.String()
	}() + "h0(1)\n"
}

// shifted are values that each round of a loop hands on by one.
func shifted(n int) string {
	var b strings.Builder
	for i := n - 1; i > 0; i-- {
		fmt.Fprintf(&b, "        a%d = a%d\n", i, i-1)
	}
	return b.String()
}

// below are classes each of which asks the object that it holds.
func below(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "class C%d:\n    def __init__(self): self.n = C%d()\n    def m%d(self): return self.n.m%d()\n", i, i+1, i, i+1)
	}
	fmt.Fprintf(&b, "class C%d:\n    def m%d(self): return input\ndef f(x): return x.m0()\nf(C0())\n", n, n)
	return b.String()
}

// inherited are classes that inherit from the one before.
func inherited(n int) string {
	var b strings.Builder
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "class C%d(C%d): pass\n", i, i-1)
	}
	return b.String()
}

// ring are functions that call the first one and the next one.
func ring(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "def f%d(x):\n    f0([x])\n    return [f%d(x), x]\n", i, (i+1)%n)
	}
	return b.String()
}

// rounds are variables that are each filled by a reader of the next one.
func rounds(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "class K%d:\n    v = None\n    def r(self): K%d.v = K%d.v\n", i, i, i+1)
	}
	fmt.Fprintf(&b, "class K%d:\n    v = None\n    def r(self): K%d.v = [input]\n", n, n)
	return b.String()
}

func TestLimitsAreTold(t *testing.T) {
	set, err := models.Load(modeldata.Files, []byte(modelRows))
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range past {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			ar := &txtar.Archive{Files: []txtar.File{{Name: "main.py", Data: []byte(text)}}}
			switch what {
			case "nested imports":
				for i := range 70 {
					ar.Files = append(ar.Files, txtar.File{Name: fmt.Sprintf("m%d.py", i), Data: fmt.Appendf(nil, "import m%d\n", i+1)})
				}
			case "modules that one name may mean":
				for i := range 140 {
					ar.Files = append(ar.Files, txtar.File{Name: fmt.Sprintf("p/m%d.py", i), Data: []byte("def h(x): return x\n")})
				}
			case "objects that outlive their function":
				for i := range 70 {
					ar.Files = append(ar.Files, txtar.File{Name: fmt.Sprintf("n%d.py", i), Data: []byte(each(1000, "a%d = [1]\n"))})
				}
			}
			prog := parse(ar)
			opt := flow.Options{Templates: func() *template.Set { return template.New(prog, nil) }}
			r := flow.Analyze(context.Background(), prog, set, opt)
			for _, fault := range r.Faults() {
				t.Errorf("%s\n%s", fault, fault.Stack)
			}
			if !slices.ContainsFunc(r.Budgets, func(b flow.Budget) bool { return b.What == what }) {
				t.Errorf("not told; told are %v", r.Budgets)
			}
		})
	}
}

// bounds say of each bound of the engine which limit tells of it, or why nobody needs to know.
var bounds = map[string]string{
	"maxFuncInstrs": "instructions", "maxFuncStates": "variables in all branches of one function", "maxStates": "variables in all branches of one function",
	"maxFuncCells": "what calls bring into one function", "maxFuncLabels": "what calls bring into one function", "maxTiredValues": "what calls bring into one function",
	"maxDepth": "calls within calls", "maxNested": "calls within calls", "maxRounds": "functions that call each other", "maxGroup": "functions that call each other",
	"maxSpecialised": "copies for different arguments", "maxClosureCopies": "copies for different arguments", "maxGlobalRounds": "rounds of module and class variables",
	"maxEnvs": "closures", "maxHeapObjs": "objects of one function", "maxSharedObjs": "objects that outlive their function", "maxOpenHits": "open sinks of one function",
	"maxEffects": "attribute writes of one function", "maxParamWrites": "attribute writes of one function", "maxTemplateNames": "templates of one call",
	"maxBrought": "what the calls of one function bring in", "maxBroughtByOne": "what the calls of one function bring in", "maxImportDepth": "nested imports",
	"maxAssuming": "conditions in conditions", "maxAlternatives": "alternatives of one condition", "maxFilledColumns": "columns that one mapping fills",
	"maxByType": "functions registered for types", "maxDeep": "collections in collections", "maxDeepObjs": "collections in collections",
	"maxReads": "readings of one function that are told apart", "maxReadings": "readings of one function that are told apart", "maxRules": "decorators of one view",
	"maxOpenRenderings": "templates that the callers of one function choose", "maxChosen": "methods that one name may mean", "maxPlugins": "modules that one name may mean",
	"maxSpec": "fields and validators of one form", "maxAsked": "fields and validators of one form",
	"maxEscape": "objects that one value takes along", "maxEscapeDepth": "objects that one value takes along", "maxFrozen": "elements of one argument",
	"maxFollowing": "attributes below attributes", "maxNestedPaths": "attributes below attributes", "maxNestedObjects": "attributes below attributes", "maxUnseenDepth": "records in records", "maxKept": "records in records",
	"maxFlags": "variables that say which way was taken", "maxPartWork": "variables that say which way was taken", "maxAssumed": "conditions in conditions",
	"maxStarts": "texts that one check compares", "maxVisits": "rounds of one loop", "maxTotalInstrs": "total instructions", // see TestWholeIsBounded

	// Of one value: it is widened past them, with a mark.
	"maxCells": quiet, "maxParamPath": quiet, "maxFreeze": quiet, "maxItemPath": quiet, "maxName": quiet,
	// Past them a thing is like others: nothing is lost that was seen.
	"maxParts": quiet, "maxPartVars": quiet, "maxWritten": quiet, "maxFlagDepth": quiet, "maxTuple": quiet, "maxRoundsOf": quiet, "maxRoundInstrs": quiet, "maxPredicate": quiet, "maxPredicates": quiet,
	// They say what a word in the code means: a name that more things have, or one further away, tells nothing.
	"maxNamesakes": quiet, "maxListed": quiet, "maxAlike": quiet, "maxFilled": quiet, "maxReceivers": quiet, "maxOption": quiet, "maxPathsBack": quiet,
	"maxWriters": quiet, "maxWriterGuesses": quiet,
	// They cost time and no findings.
	"maxJoined": quiet, "maxSmall": quiet, "maxGathered": quiet, "maxGatherWork": quiet, "maxBehind": quiet, "maxLiveWords": quiet,
}

const quiet = "quiet"

// Who adds a bound tells of it when it trips, or says above why not.
func TestBoundsAreKnown(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.ValueSpec)
			if !ok || len(s.Names) != 1 || len(s.Values) != 1 {
				return true
			}
			name := s.Names[0].Name
			seen[name] = true
			if strings.HasPrefix(name, "max") && bounds[name] == "" {
				t.Errorf("%s: nobody says which limit tells of %s", path, name)
			}
			lit, _ := s.Values[0].(*ast.BasicLit)
			if strings.HasPrefix(name, "limit") && lit != nil {
				if what, err := strconv.Unquote(lit.Value); err == nil && past[what] == "" && what != "what all calls bring in" {
					t.Errorf("%s: nothing reaches %s", path, name)
				}
			}
			return true
		})
	}
	for name, what := range bounds {
		if !seen[name] {
			t.Errorf("there is no bound %s any more", name)
		}
		if what != quiet && what != "total instructions" && past[what] == "" {
			t.Errorf("%s: there is no limit of %s", name, what)
		}
	}
}
