package flow_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// Programs that feed on themselves must end, without faults of ours.
func TestHostile(t *testing.T) {
	set, err := models.Load(fstest.MapFS{"python/flowtest.toml": {Data: []byte(modelRows)}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"self list":      "a = []\na.append(a)\nfor x in a:\n    a.append(x)\nprint(a, *a, **a)\n",
		"self dict":      "d = {}\nd['d'] = d\nd.update(d)\nf'{d}'\n'%s' % d\n",
		"self call":      "def f(g): return g(g)\nf(f)\n",
		"mutual":         "def a(x): return b([x])\ndef b(x): return a({1: x})\na(1)\n",
		"self class":     "class A(A):\n    x = A()\n    def f(self): return self.f().f\nA().f()\n",
		"property loop":  "class A:\n    @property\n    def p(self): return self.p.p.q\nA().p\n",
		"import loop":    "import main\nfrom main import *\nfrom main import x\nx = x\n",
		"growing string": "s = ''\nwhile True:\n    s = s + 'a' + s\n    def f(): return s\n    s = f() + s\n",
		"wrap forever":   "def w(f):\n    def g(): return w(g)\n    return g\nx = w(w)\nwhile x:\n    x = w(x)\nx()()()\n",
		"partial loop":   "import functools\np = print\nwhile p:\n    p = functools.partial(p, p)\np()\n",
		"bad targets":    "def f(*a, **k): f(*k, **a); a[0][1][2] = k; del a[f]; return a.b.c.d.e.f.g\nf(1, *f, **f)\n",
		"item of item": "from flowtest import source, sink\nclass D:\n    def __init__(self, d): self.d = d\n    def __getitem__(self, k): return self.d.get('a') or self.d['a']\n" +
			"d = D(None)\nd.d = d\ne = D(d)\nd.d = e\nsink(d['a'])\nsink(e['b'])\ndef f(x): return x.get('a')\nf(d)\nf(e)\nd.d = D(source())\nf(d)\n",
		"crowded heap": "import collections, dataclasses\n@dataclasses.dataclass\nclass D:\n    x: str = dataclasses.field(default='a')\n    y: list = dataclasses.field(default_factory=list)\n" +
			"P = collections.namedtuple('P', 'x y')\nclass C: pass\nclass E(Exception): pass\ndef f(p):\n" + strings.Repeat("    a = [p]\n", 1100) +
			"    d = D(p)\n    d.x = p\n    q = P(p, y=p)\n    c = C(p, k=p)\n    c.a = p\n    l = list(p)\n    l.append(p)\n    m = collections.defaultdict(list)\n" +
			"    m[p].append(l)\n    m['k'] = l\n    for x in m: l.append(x)\n    l[0] = p\n    try:\n        raise E(p)\n    except E as e:\n        l.extend(e.args)\n    return [q, *l], {**m}\nf('x')\n",
		"forgotten copy": "def q(x): return f(r, x)\ndef f(fn, x): return fn(x)\ndef r(x):\n    q(x)\n    if x: return [r(x), x]\n    return x\nq('x')\n",
		"items of items": "class L:\n    def __init__(self, items): self.items = items\n    def __iter__(self):\n        self.gather()\n        return self.items.__iter__()\n" +
			"    def gather(self):\n        for x in self.items:\n            for y in x: self.items.append(L([y, *x]))\nclass M(L):\n    def __iter__(self): return [z for z in self.items.__iter__()].__iter__()\n" +
			"a = M([L([])])\na.items.append(a)\nfor x in a:\n    for y in x: a = L([x, y])\n",
		"open record": "import dataclasses, flowtest\n@dataclasses.dataclass\nclass D:\n    x: str\n    y: str\ndef f(p):\n    d = D(**flowtest.nobody())\n    d.x = p\n" +
			"    flowtest.keep(d)\n    return d\nf('a')\n",
		"crowded store": "KEPT = []\nclass N: pass\ndef f(p):\n" + crowdedStore(100) + "f('a')\n",
		"self of dict": "class D(dict):\n    def __init__(self, **k):\n        super().__init__(**k)\n        self.__dict__ = self\n        self.__dict__.update(self)\n" +
			"    def __getattr__(self, n): return self[n]\n    def __setattr__(self, n, v): self[n] = v\nd = D(a=1)\nd['d'] = d\nd.d.d = d\nd.update(d)\nfor x in d: d[x] = d\nD(**d)\ndef f():\n    l = locals()\n    l = locals()\n    return {**locals()}\nf()\n",
		"refused often": "import os\n" + refusals(24, 8) + "def f(a):\n    p = os.path.realpath(os.path.join('/srv', a))\n    f0(p)\n    return open(p)\nf('a')\n",
		"truth of itself": "def f(x, y):\n    x = bool(x)\n    if x: y = x\n    x = bool(y)\n    y = bool(x)\n    if y: x = y\n    x = not x\n    if x: y = not x\n    y = not y\n    if not y: return x\n" +
			"    x = (x is True)\n    if x: pass\n    x = x is True\n    y = x is not False\n    x = y is True\n    if x and y: return all([x])\n    while x: x = bool(x)\n" +
			"    match bool(x):\n        case True: x = bool(x)\n    x = all(a for a in x)\n    if x: x = any(x)\n    if x: x = x and bool(x)\n    return x\nf(1, 2)\n",
		"cached class properties": "class cached:\n    cache = {}\n    def __init__(self, getter): self.getter = getter\n" +
			"    def __set_name__(self, owner, name): self.name = name\n    def __get__(self, instance, owner):\n        key = owner, self.name\n" +
			"        if key not in self.cache:\n            self.cache[key] = self.getter(owner)\n        return self.cache[key]\n\nclass M:\n    @cached\n" +
			"    def a(cls): return {**cls.b, **cls.c}\n    @cached\n    def b(cls): return {k: v for k, v in cls.c.items()}\n    @cached\n" +
			"    def c(cls): return [cls.d, cls.a]\n    @cached\n    def d(cls): return cls.a\n\nclass N(M):\n    @cached\n" +
			"    def b(cls): return {**cls.a, 'x': cls}\n\ndef f(m):\n    return m.a, m.b, m.c, m.d\nf(M)\nf(N())\n",
		"a thousand flags": "def f(x):\n" + manyFlags(1000, "    ") + "f('a')\n",
		"flags in loops":   "def f(x):\n    while x:\n        for y in x:\n" + manyFlags(120, "            ") + "            x = y\nf('a')\n",
		"flags of flags": "def f(x):\n    a = False\n    if x: a = True\n" + strings.Repeat("    b = a & a\n    a = b & b\n    a |= b\n    c = not a\n    a = not c\n", 40) +
			"    while a & b: a = a and b\n    if a | b: return x\n    e = []\n    e.append(e)\n    e += e\n    while e: e = e + e\n    return e, e, not e\nf('a')\n",
		"decorated": "def d(f): return d(f)\n@d\n@d\ndef f(): return f\nf()\n",
	} {
		t.Run(name, func(t *testing.T) {
			ar := &txtar.Archive{Files: []txtar.File{{Name: "main.py", Data: []byte(text)}}}
			analyse(t, ar, set)
		})
	}
}

// manyFlags are variables that say whether others were checked, all of which are asked at the end.
func manyFlags(n int, indent string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%sv%d = x[%d]\n%sa%d = None\n%sif v%d in ('a', 'b'): a%d = %d\n", indent, i, i, indent, i, indent, i, i, i)
	}
	for i := range n {
		fmt.Fprintf(&b, "%sif a%d is None or a%d == 'x': raise ValueError(v%d)\n", indent, i, i, i)
	}
	return b.String()
}

// refusals are functions that refuse a path, each of which calls the next one several times: looking at each again for each call
// would double and redouble.
func refusals(functions, calls int) string {
	var b strings.Builder
	for i := range functions {
		fmt.Fprintf(&b, "def f%d(p):\n    if not p.startswith('/srv/'): raise ValueError(p)\n", i)
		if i+1 < functions {
			b.WriteString(strings.Repeat(fmt.Sprintf("    f%d(p)\n", i+1), calls))
		}
		b.WriteString("    return p\n")
	}
	return b.String()
}

// crowdedStore writes objects that all hold each other, and are kept for other requests.
func crowdedStore(objects int) string {
	var b strings.Builder
	for i := range objects {
		fmt.Fprintf(&b, "    n%d = N()\n", i)
	}
	for i := range objects {
		for j := range objects {
			fmt.Fprintf(&b, "    n%d.a%d = n%d\n", i, j, j)
		}
	}
	return b.String() + "    n0.text = p\n    KEPT.append(n0)\n    return KEPT\n"
}

// A function of tens of thousands of loops, variables and lists: what is known of its loops beforehand must not take more than it
// is worth.
func TestCrowdedLoops(t *testing.T) {
	const loops = 20_000
	set, err := models.Load(fstest.MapFS{"python/flowtest.toml": {Data: []byte(modelRows)}})
	if err != nil {
		t.Fatal(err)
	}
	for name, line := range map[string]string{
		"one after the other": "    l%d = []\n    for i%[1]d in x: l%[1]d.append(i%[1]d)\n",
		"one list":            "    for i in x: l.append(%d)\n",
		"comprehensions":      "    l%d = [a for a in x]\n",
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString("from flowtest import source, sink\ndef f(x):\n    l = []\n")
			for i := range loops {
				fmt.Fprintf(&b, line, i)
			}
			b.WriteString("    return l\nsink(f([source()]))\n")
			ar := &txtar.Archive{Files: []txtar.File{{Name: "main.py", Data: []byte(b.String())}}}
			analyse(t, ar, set)
		})
	}
}

// A class whose methods call each other in hundreds of ways, each with attributes that hold objects of many places: what a
// summary keeps must not grow with the ways.
func TestCrowdedClass(t *testing.T) {
	const methods, callees = 40, 5
	set, err := models.Load(fstest.MapFS{"python/flowtest.toml": {Data: []byte(modelRows + `events = ["flowtest.Box.clear"]` + "\n")}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("from flowtest import sink, box, source\nclass Crowd:\n")
	for i := range methods {
		fmt.Fprintf(&b, "    def m%d(self, x):\n        self.a%d.clear()\n        self.a%d = Holder(self.a%d, x)\n        sink(self.a%d)\n", i, i, i, (i+1)%methods, (i+2)%methods)
		for j := range callees {
			fmt.Fprintf(&b, "        self.m%d(self.a%d)\n", (i+1+j*7)%methods, (i+j)%methods)
		}
	}
	b.WriteString("class Holder:\n    def __init__(self, a, b): self.a = a; self.b = b\n    def clear(self): self.a.clear(); self.b.clear()\nCrowd().m0(source())\n")
	r := flow.Analyze(context.Background(), parse(&txtar.Archive{Files: []txtar.File{{Name: "main.py", Data: []byte(b.String())}}}), set, flow.Options{})
	for _, fault := range r.Faults() {
		t.Error(fault)
	}
	events := 0
	for id := range r.NumFuncs() {
		if s := r.Summary(ir.FuncID(id)); s != nil {
			events = max(events, len(s.Events))
		}
	}
	if events == 0 || events > methods+2 { // one for each place that calls clear
		t.Errorf("one summary keeps %d events of %d places", events, methods+2)
	}
}
