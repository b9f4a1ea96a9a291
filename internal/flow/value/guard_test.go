package value

import (
	"fmt"
	"strings"
	"testing"

	"stopper/internal/models"
	"stopper/internal/python/ast"
)

func remote() *Value {
	return Tainted("str", Label{Origin: Origin{Kind: OriginSource, Name: `request.args["q"]`, Node: 3}})
}

func cleared(v *Value, k models.SinkKind) bool {
	for _, l := range v.Taint {
		if !l.Cleared.Has(k) {
			return false
		}
	}
	return true
}

func weak(v *Value, k models.SinkKind) bool {
	for _, l := range v.Taint {
		for _, w := range l.Weak() {
			if w.Kind == k || w.Kind == models.NoKind {
				return w.Defeats != ""
			}
		}
	}
	return false
}

func pureOf(t *testing.T, fn string, args ...*Value) *Value {
	t.Helper()
	v, ok := PureCall(fn, args, nil)
	if !ok {
		t.Fatal(fn)
	}
	return v
}

func attr(t *testing.T, v *Value, name string) *Value {
	t.Helper()
	r, ok := PureAttr(v, name)
	if !ok {
		t.Fatal(name)
	}
	return r
}

// last is what the innermost value became.
func last(t *testing.T, old, next *Value) *Value {
	t.Helper()
	ps := Pulled(old, next)
	if len(ps) == 0 {
		t.Fatal("nothing pulled")
	}
	return ps[len(ps)-1].New
}

func TestHostGuards(t *testing.T) {
	x := remote()
	u := pureOf(t, "urllib.parse.urlparse", x)
	netloc := attr(t, u, "netloc")

	in := RefineIn(netloc, []*Value{Str("a.example"), Str("b.example")}, true)
	if got := last(t, netloc, in); !in.IsConst || !cleared(got, models.URLRedirect) || cleared(got, models.SQL) {
		t.Errorf("allow list: %+v", *got)
	}
	empty, _ := RefineCompare(ast.Eq, netloc, Str(""), true)
	if got := last(t, netloc, empty); cleared(got, models.URLRedirect) || !weak(got, models.URLRedirect) {
		t.Errorf("empty netloc: %+v", *got)
	}
	if got := last(t, netloc, RefineTruth(netloc, false)); !weak(got, models.URLRedirect) {
		t.Errorf("not netloc: %+v", *got)
	}
	host := attr(t, u, "hostname")
	dotted, _ := RefineCall("endswith", host, []*Value{Str(".site.example")}, true)
	if got := last(t, host, dotted); !cleared(got, models.URLFetch) {
		t.Errorf("dotted suffix: %+v", *got)
	}
	bare, _ := RefineCall("endswith", host, []*Value{Str("site.example")}, true)
	if got := last(t, host, bare); cleared(got, models.URLFetch) || !weak(got, models.URLFetch) {
		t.Errorf("bare suffix: %+v", *got)
	}
}

func TestIsSafeURLIsWeak(t *testing.T) {
	x := remote()
	host := Tainted("str", Label{Origin: Origin{Kind: OriginSource, Name: "request.host"}})
	joined := pureOf(t, "urllib.parse.urljoin", host, x)
	netloc := attr(t, pureOf(t, "urllib.parse.urlparse", joined), "netloc")
	got, _ := RefineCompare(ast.Eq, netloc, host, true)
	if v := last(t, netloc, got); cleared(v, models.URLRedirect) || !weak(v, models.URLRedirect) {
		t.Errorf("%+v", *v)
	}
	direct := attr(t, pureOf(t, "urllib.parse.urlparse", x), "netloc")
	got, _ = RefineCompare(ast.Eq, direct, host, true)
	if v := last(t, direct, got); !cleared(v, models.URLRedirect) {
		t.Errorf("direct: %+v", *v)
	}
}

func TestPathGuards(t *testing.T) {
	base := Str("/srv/files")
	p := pureOf(t, "os.path.join", base, remote())
	if p.Str.HasBase() || p.Str.Prefix() != "/srv/files/" {
		t.Errorf("join: %v", p.Str)
	}
	raw, _ := RefineCall("startswith", p, []*Value{Str("/srv/files/")}, true)
	real := pureOf(t, "os.path.realpath", p)
	sep, _ := RefineCall("startswith", real, []*Value{Str("/srv/files/")}, true)
	nosep, _ := RefineCall("startswith", real, []*Value{base}, true)
	bareReal := pureOf(t, "os.path.abspath", remote())
	bare, _ := RefineCall("startswith", bareReal, []*Value{Str("/srv/files/")}, true)
	if cleared(raw, models.PathRead) || !weak(raw, models.PathRead) {
		t.Error("startswith before normalisation")
	}
	if joined := Pulled(real, sep)[0].New; !cleared(sep, models.PathRead) || !cleared(joined, models.PathRead) {
		t.Error("realpath + startswith with separator")
	}
	name := last(t, real, sep)
	again, elsewhere := pureOf(t, "os.path.join", base, name), pureOf(t, "os.path.join", Str("/srv/other"), name)
	if !cleared(again, models.PathRead) || cleared(elsewhere, models.PathRead) || cleared(name, models.PathRead) {
		t.Error("a name that stays in one folder")
	}
	if cleared(nosep, models.PathRead) || !weak(last(t, real, nosep), models.PathRead) {
		t.Error("startswith without separator")
	}
	if !cleared(bare, models.PathRead) {
		t.Error("abspath + startswith, used itself")
	}
	for _, pr := range Pulled(bareReal, bare) {
		if cleared(pr.New, models.PathRead) {
			t.Error("abspath(name) checked, name used elsewhere")
		}
	}
	b := pureOf(t, "os.path.basename", p)
	if !cleared(b, models.PathWrite) {
		t.Error("basename")
	}
}

func TestDotDotGuard(t *testing.T) {
	_, x := RefineCompare(ast.In, Str(".."), remote(), false)
	if cleared(x, models.PathRead) || x.Facts&FactNoClimb == 0 {
		t.Fatalf("%+v", *x)
	}
	below := Concat("str", Str("/srv/"), x)
	if !below.Str.PathSafe(models.PathRead) {
		t.Error("a literal base is enough")
	}
	joined := pureOf(t, "os.path.join", Str("/srv"), x)
	if joined.Str.PathSafe(models.PathRead) {
		t.Error("os.path.join lets an absolute path through")
	}
	_, next := RefineCompare(ast.In, Str(".."), Concat("str", Str("/srv/"), remote()), false)
	if !cleared(next, models.PathRead) {
		t.Error("checked after joining")
	}
}

func TestRegexGuards(t *testing.T) {
	for _, tc := range []struct {
		fn, pattern string
		kind        models.SinkKind
		want        bool
	}{
		{"re.fullmatch", `[a-z0-9_]+`, models.PathRead, true},
		{"re.match", `^[a-z0-9_]+\Z`, models.Log, true},
		{"re.match", `^[a-z0-9_]+$`, models.Log, false},
		{"re.match", `^[a-z0-9_]+$`, models.SQL, true},
		{"re.match", `[a-z0-9_]+`, models.SQL, false},
		{"re.search", `[a-z]+$`, models.SQL, false},
		{"re.search", `^\w+\Z`, models.Shell, true},
		{"re.fullmatch", `.*`, models.HTML, false},
		{"re.fullmatch", `[^<>"'=]+`, models.HTML, false},
		{"re.fullmatch", "[^<>\"'`=]+", models.HTML, true},
		{"re.fullmatch", `(?:foo|bar)-\d{1,3}`, models.SQL, true},
		{"re.fullmatch", `[\w./]+`, models.PathRead, false},
		{"re.fullmatch", `[\w.]+`, models.PathRead, true},
		{"re.match", `/(?![/\\])[^\\\x00-\x20\x7f]*\Z`, models.Log, true},
		{"re.fullmatch", `a|.*`, models.SQL, false},
		{"re.match", `^a$|b`, models.SQL, false},
	} {
		x := remote()
		m := pureOf(t, tc.fn, Str(tc.pattern), x)
		after := x
		for _, pr := range Pulled(m, RefineTruth(m, true)) {
			after = pr.New
		}
		if got := cleared(after, tc.kind); got != tc.want {
			t.Errorf("%s(%q) clears %v: %v", tc.fn, tc.pattern, tc.kind, got)
		}
	}
	sub := pureOf(t, "re.sub", Str(`[^\w-]`), Str(""), remote())
	dots := pureOf(t, "re.sub", Str(`[^\w./-]`), Str(""), remote())
	if !cleared(sub, models.PathRead) || cleared(dots, models.PathRead) {
		t.Error("re.sub")
	}
}

// TestRegexOracle: whatever CPython's fullmatch accepts must lie in the class.
func TestRegexOracle(t *testing.T) {
	patterns := []string{`[a-c]+`, `\d*x?`, `(?i)ab`, `[^/]+`, `a|b.`, `(?:x|y){2}`, `(a)\1`, `[\w-]+`, `[]a]+`, `[a\]]`, `\.\.`, `(?=a).+`,
		`a{,2}b`, `a{x}`, `[\x41-\x43]`, `^a\Z`, `[^\W\d]+`, `(?P<n>a+)/(?P<m>b)`, `\S+`, `a*?b`, `(?#note)c`}
	var samples []string
	for _, a := range []string{"", "a", "b", "A", "x", "/", ".", "-", "]", "_", "1", "\n", "é", "B", "c", "{x}", "y"} {
		for _, b := range []string{"", "a", "b", "/", ".", "/b", "B", "y", "]"} {
			samples = append(samples, a+b)
		}
	}
	var es []expr
	for _, p := range patterns {
		l, ok := analyseRegex(p, false, false)
		if !ok {
			t.Errorf("%q not understood", p)
			continue
		}
		for _, s := range samples {
			if fits(s, &l) {
				continue
			}
			// The analysis rules it out: CPython must refuse it.
			es = append(es, expr{fmt.Sprintf("__import__('re').fullmatch(%s, %s) is not None", repr(strConst(p)), repr(strConst(s))), Bool(false)})
		}
	}
	checkOracle(t, es, 1)
}

func fits(s string, l *language) bool {
	if s == "" {
		return l.nullable
	}
	for i := range len(s) {
		if s[i] < 0x80 && !l.any.has(s[i]) || s[i] >= 0x80 && !l.any.other {
			return false
		}
	}
	return l.first.has(s[0]) || s[0] >= 0x80 && l.first.other
}

func TestHostFixed(t *testing.T) {
	q := remote()
	for _, tc := range []struct {
		parts []*Value
		want  bool
	}{
		{[]*Value{Str("https://api.example/"), q}, true},
		{[]*Value{Str("https://api.example"), q}, false},
		{[]*Value{Str("https://"), q, Str("@api.example/")}, false},
		{[]*Value{Str("https://user@"), q}, false},
		{[]*Value{Str("https://api.example?x="), q}, true},
		{[]*Value{Str("//"), q}, false},
		{[]*Value{Str("/"), q}, false},
		{[]*Value{Str("/u/"), q}, true},
		{[]*Value{Str("//api.example/"), q}, true},
		{[]*Value{Str("/\\"), q}, false},
		{[]*Value{Str("page?x="), q}, true},
		{[]*Value{Str("javascript:"), q}, false},
		{[]*Value{OfType("str"), Str("/v1/"), q}, true},
		{[]*Value{OfType("str"), q}, false},
		{[]*Value{Str("https://"), OfType("int"), Str("/"), q}, true},
		{[]*Value{q}, false},
		{[]*Value{Str("x")}, true},
	} {
		v := Concat("str", tc.parts...)
		s := SkeletonOf(v)
		if got := s.HostFixed(); got != tc.want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestShapes(t *testing.T) {
	q := remote()
	sql := Percent(Str("SELECT * FROM t WHERE n = '%s' AND i = %d"), []*Value{q, q}, nil)
	if sql.Str.InQuotes(1) != '\'' || sql.Str.FirstTainted(models.SQL) != 1 || len(sql.Str.Parts) != 4 || len(sql.Str.Parts[3].Taint) != 0 {
		t.Errorf("%v", sql.Str)
	}
	if n := Percent(Str("id=%d"), []*Value{q}, nil); len(n.Taint) != 0 {
		t.Error("a number placeholder takes numbers only")
	}
	f := FormatMethod(Str("{base}/{0}.{ext}"), []*Value{q}, map[string]*Value{"base": Str("/srv"), "ext": Str("txt")})
	if f.Str.String() != "/srv/◦.txt" || f.Str.BaseDir() != "/srv/" {
		t.Errorf("%v", f.Str)
	}
	if s := Slice(f, Int(1), Int(-4), nil); s.Str.String() != "srv/◦" {
		t.Errorf("%v", s.Str)
	}
	if s := Join(Concat("str", Str("/a/b"), q), Concat("str", Str("/a/c"), q)); s.Str.Prefix() != "/a/" {
		t.Errorf("%v", s.Str)
	}
	if s := Join(None(), f); s.Str.String() != "/srv/◦.txt" {
		t.Errorf("%v", s.Str)
	}
	env := OfEnv(Value{Type: "str", AnyObj: true}, &EnvRef{Name: "KEY"})
	if v := Join(env, Str("dev")); v.Env() == nil || !v.Env().HasDefault {
		t.Error("or-default lost")
	}
}

func TestTextMethodsKeepTaint(t *testing.T) {
	for _, m := range []string{"strip", "upper", "replace", "encode", "title", "zfill", "join", "format"} {
		args := []*Value{Str("a"), Str("b")}
		if m == "strip" || m == "upper" || m == "title" || m == "encode" {
			args = nil
		}
		if v, ok := StrMethod(remote(), m, args, nil); !ok || len(v.Taint) != 1 {
			t.Error(m)
		}
	}
	for _, m := range []string{"isdigit", "startswith", "find", "count"} {
		if v, ok := StrMethod(remote(), m, []*Value{Str("a")}, nil); !ok || len(v.Taint) != 0 {
			t.Error(m)
		}
	}
	if v, _ := Builtin("int", []*Value{remote()}, nil); len(v.Taint) != 0 || v.Type != "int" {
		t.Error("int")
	}
	if d, _ := RefineCall("isdigit", remote(), nil, true); len(d.Taint) != 0 {
		t.Error("isdigit")
	}
}

// Sizes that a program could never compute are not computed here either.
func TestHostileSizes(*testing.T) {
	a := Str("a")
	for _, n := range []int64{1 << 30, 1 << 62, -5} {
		Binary(ast.Mult, a, Int(n))
		Binary(ast.Pow, Int(2), Int(n))
		Binary(ast.LShift, Int(1), Int(n))
		Format([]*Value{a}, nil, []string{fmt.Sprint(n)})
		Percent(Str(fmt.Sprintf("%%%ds", n)), []*Value{a}, nil)
		StrMethod(a, "ljust", []*Value{Int(n)}, nil)
		Slice(a, Int(n), nil, Int(n))
		Slice(a, nil, nil, Int(-n))
	}
	v := a
	for range 64 {
		v = Binary(ast.Add, v, v)
	}
	analyseRegex(strings.Repeat("(", 1000), false, false)
}

func FuzzFormats(f *testing.F) {
	for _, s := range []string{"%s %(a)5.2f", "{0!r:>{w}} {{}} {a.b[c]}", "[^a-z]+(?P<n>x|y{2,})$", "%", "{", "[", "(?", "\\", "{:\xff5}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := remote()
		args := []*Value{q, Int(3), Str("x")}
		Percent(Str(s), args, map[string]*Value{"a": q})
		FormatMethod(Str(s), args, map[string]*Value{"a": q})
		Format(args, []bool{true}, []string{s, s, s})
		analyseRegex(s, true, false)
		oneClass(s, false)
		for _, m := range []string{"split", "replace", "strip", "partition", "title", "find"} {
			StrMethod(Str(s), m, []*Value{Str("/"), Str(s)}, nil)
			StrMethodList(Str(s), m, []*Value{Str("/")}, nil)
		}
		for _, p := range []string{"join", "normpath", "dirname", "basename"} {
			PureCall("os.path."+p, []*Value{Str(s), q}, nil)
		}
		RefineCall("startswith", q, []*Value{Str(s)}, true)
		RefineCompare(ast.In, Str(s), q, false)
		Concat("str", Str(s), q).Str.HostFixed()
	})
}

func BenchmarkJoinSame(b *testing.B) {
	x, y := remote(), remote()
	for b.Loop() {
		Join(x, y)
	}
}

func BenchmarkJoinNew(b *testing.B) {
	x, y := remote(), OfObj(Obj{Kind: ObjFunc})
	for b.Loop() {
		Join(x, y)
	}
}
