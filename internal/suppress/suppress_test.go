package suppress

import (
	"strings"
	"testing"

	"stopper/internal/finding"
	"stopper/internal/source"
)

// comments finds every # of a test text that opens a comment; the texts have no # in strings.
func comments(text string) []source.Span {
	var out []source.Span
	off := 0
	for line := range strings.Lines(text) {
		if i := strings.IndexByte(line, '#'); i >= 0 {
			out = append(out, source.Span{Start: uint32(off + i), End: uint32(off + len(strings.TrimRight(line, "\r\n")))})
		}
		off += len(line)
	}
	return out
}

func TestApply(t *testing.T) {
	const id = "FLASK-XSS-001/reflected"
	for _, tc := range []struct {
		name, text string
		line       int // of the finding
		suppressed bool
		fault      string
	}{
		{"same line", `x()  # stopper: ignore[FLASK-XSS-001/reflected] reason="escaped above"`, 1, true, ""},
		{"line above", "# stopper: ignore[FLASK-XSS-001/reflected] reason=\"ok\"\nx()", 2, true, ""},
		{"whole rule", `x()  # stopper: ignore[FLASK-XSS-001] reason='ok'`, 1, true, ""},
		{"until later", `x()  # stopper: ignore[FLASK-XSS-001] reason="ok" until=2027-01-01`, 1, true, ""},
		{"until today", `x()  # stopper: ignore[FLASK-XSS-001] until=2026-06-01 reason="ok"`, 1, true, ""},
		{"another comment between", "# stopper: ignore[FLASK-XSS-001] reason=\"ok\"\n# why\n\nx()", 4, true, ""},
		{"behind noqa", `x()  # noqa: E501  # stopper: ignore[FLASK-XSS-001] reason="ok"`, 1, true, ""},
		{"CRLF", "# stopper: ignore[FLASK-XSS-001] reason=\"ok\"\r\nx()\r\n", 2, true, ""},
		{"expired", `x()  # stopper: ignore[FLASK-XSS-001] reason="ok" until=2026-05-31`, 1, false, "expired on 2026-05-31"},
		{"no reason", `x()  # stopper: ignore[FLASK-XSS-001]`, 1, false, "needs reason"},
		{"empty reason", `x()  # stopper: ignore[FLASK-XSS-001] reason=" "`, 1, false, "needs reason"},
		{"no id", `x()  # stopper: ignore reason="all"`, 1, false, "malformed"},
		{"star", `x()  # stopper: ignore[*] reason="all"`, 1, false, "malformed"},
		{"no date", `x()  # stopper: ignore[FLASK-XSS-001] reason="ok" until=soon`, 1, false, "is no date"},
		{"trailing words", `x()  # stopper: ignore[FLASK-XSS-001] reason="ok" please`, 1, false, "cannot read"},
		{"other rule", `x()  # stopper: ignore[FLASK-SSTI-001] reason="ok"`, 1, false, "unused"},
		{"other check", `x()  # stopper: ignore[FLASK-XSS-001/stored] reason="ok"`, 1, false, "unused"},
		{"line below", "x()\n# stopper: ignore[FLASK-XSS-001] reason=\"ok\"\n", 1, false, "unused"},
		{"comment behind code above", "y()  # stopper: ignore[FLASK-XSS-001] reason=\"ok\"\nx()", 2, false, "unused"},
		{"prose", `x()  # write "stopper: ignore[FLASK-XSS-001]" with reason="ok" to hide it`, 1, false, ""},
		{"other tool", `x()  # stopper: note[FLASK-XSS-001] reason="ok"`, 1, false, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &finding.Finding{RuleID: "FLASK-XSS-001", Check: "reflected", Path: "a.py", Pos: finding.Position{Line: tc.line, EndLine: tc.line}}
			if f.ID() != id {
				t.Fatal(f.ID())
			}
			src := source.NewFile("a.py", []byte(tc.text))
			got := Apply([]*finding.Finding{f}, Scan(src, comments(tc.text)), "2026-06-01", judged)
			if (f.Suppressed != nil) != tc.suppressed {
				t.Errorf("suppressed = %v: %+v", f.Suppressed, got)
			}
			fault := ""
			if len(got) > 0 {
				fault = got[0].Fault
			}
			if !strings.Contains(fault, tc.fault) || (tc.fault == "") != (fault == "") {
				t.Errorf("fault %q, want %q", fault, tc.fault)
			}
		})
	}
}

func TestSeveralIDsAreCountedApart(t *testing.T) {
	text := `x()  # stopper: ignore[FLASK-XSS-001, FLASK-SSTI-001/format-string] reason="ok"`
	f := &finding.Finding{RuleID: "FLASK-XSS-001", Check: "reflected", Path: "a.py", Pos: finding.Position{Line: 1}}
	got := Apply([]*finding.Finding{f}, Scan(source.NewFile("a.py", []byte(text)), comments(text)), "", judged)
	if len(got) != 2 || got[0].Used != 0 || got[1].Used != 1 {
		t.Errorf("%+v", got)
	}
}

func TestExpressionOverSeveralLines(t *testing.T) {
	text := "x(\n  a,  # stopper: ignore[FLASK-XSS-001] reason=\"ok\"\n)"
	f := &finding.Finding{RuleID: "FLASK-XSS-001", Check: "reflected", Path: "a.py", Pos: finding.Position{Line: 1, EndLine: 3}}
	Apply([]*finding.Finding{f}, Scan(source.NewFile("a.py", []byte(text)), comments(text)), "", judged)
	if f.Suppressed == nil {
		t.Error("a comment within the expression does not count")
	}
}

func hash(f *source.File) []source.Span { return LineComments(f, "#") }

func ini(f *source.File) []source.Span { return LineComments(f, "#;") }

func TestOtherComments(t *testing.T) {
	const id = "FLASK-XSS-001/safe-filter"
	for _, tc := range []struct {
		name, text string
		find       func(*source.File) []source.Span
		line       int
	}{
		{"template, same line", `<p>{{ x|safe }}</p> {# stopper: ignore[FLASK-XSS-001/safe-filter] reason="ok" #}`, JinjaComments, 1},
		{"template, line above", "{#- stopper: ignore[FLASK-XSS-001/safe-filter] reason=\"ok\" -#}\n<p>{{ x|safe }}</p>", JinjaComments, 2},
		{"template, in front", `{# stopper: ignore[FLASK-XSS-001] reason="ok" #}{{ x|safe }}`, JinjaComments, 1},
		{"Dockerfile", "FROM x\n# stopper: ignore[FLASK-XSS-001] reason=\"ok\"\nUSER root\n", hash, 3},
		{"YAML", "a: b#c # stopper: ignore[FLASK-XSS-001] reason=\"ok\"\n", hash, 1},
		{"nginx", "listen 80;  # stopper: ignore[FLASK-XSS-001] reason=\"ok\"\n", hash, 1},
		{"INI", "[program:web]\n;; stopper: ignore[FLASK-XSS-001] reason=\"ok\"\ncommand = x\n", ini, 3},
		{"INI, same line", "command = x ; stopper: ignore[FLASK-XSS-001] reason=\"ok\"\n", ini, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src := source.NewFile("f", []byte(tc.text))
			f := &finding.Finding{RuleID: "FLASK-XSS-001", Check: "safe-filter", Path: "f", Pos: finding.Position{Line: tc.line}}
			if got := Apply([]*finding.Finding{f}, Scan(src, tc.find(src)), "", judged); f.Suppressed == nil || f.ID() != id {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestManyDirectivesCostLinearTime(t *testing.T) {
	text := strings.Repeat("# stopper: ignore[FLASK-XSS-001] reason=\"ok\"\n\n", 50_000) + "x()\n"
	ds := Scan(source.NewFile("a.py", []byte(text)), comments(text))
	if len(ds) != 50_000 || ds[0].Target != 100_001 || ds[49_999].Target != 100_001 {
		t.Errorf("%d directives, first speaks for line %d", len(ds), ds[0].Target)
	}
}

func FuzzScan(f *testing.F) {
	f.Add(`x()  # stopper: ignore[FLASK-XSS-001] reason="ok" until=2027-01-01`)
	f.Fuzz(func(_ *testing.T, text string) {
		f := source.NewFile("a.py", []byte(text))
		Scan(f, comments(text))
		Scan(f, ini(f))
		Scan(f, JinjaComments(f))
	})
}

func judged(string, string) bool { return true }

// Nobody looked for what the suppression names, so nobody can say that it is of no use.
func TestNotLookedFor(t *testing.T) {
	text := "x = 1  # stopper: ignore[FLASK-XSS-001] reason=\"a\"\ny = 1  # stopper: ignore[FLASK-SSRF-001]\n"
	ds := Scan(source.NewFile("a.py", []byte(text)), comments(text))
	got := Apply(nil, ds, "", func(id, path string) bool { return id != "FLASK-XSS-001" || path != "a.py" })
	if len(got) != 2 || got[0].Fault != "" || got[1].Fault == "" {
		t.Errorf("%+v", got)
	}
}
