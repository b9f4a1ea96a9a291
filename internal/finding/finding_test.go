package finding

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"stopper/internal/source"
)

func TestLineHashes(t *testing.T) {
	// Values of GitHub's own implementation for these texts.
	for _, tc := range []struct {
		text string
		want []string
	}{
		{"", []string{"c129715d7a2bc9a3:1"}},
		{" a\nb\n  \t\tc\n d", []string{"271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"}},
	} {
		if got := lineHashes(tc.text); strings.Join(got, " ") != strings.Join(tc.want, " ") {
			t.Errorf("%q: %v, want %v", tc.text, got, tc.want)
		}
	}
	unix := lineHashes("x = 1\ny = 2\n\nz = 3\n")
	for _, text := range []string{"x = 1\r\ny = 2\r\n\r\nz = 3\r\n", "x = 1\ry = 2\r\rz = 3\r", "x=1\ny\t=2\n  \nz=3\n"} {
		if got := lineHashes(text); strings.Join(got, " ") != strings.Join(unix, " ") {
			t.Errorf("line ends or blanks change the hash of %q", text)
		}
	}
	again := lineHashes(strings.Repeat("the same line over and over\n", 12))
	if again[0][:len(again[0])-2] != again[1][:len(again[1])-2] || !strings.HasSuffix(again[1], ":2") {
		t.Errorf("equal lines are not counted: %v", again[:2])
	}
}

func TestRedact(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{`SECRET_KEY = "hunter2"`, `SECRET_KEY = "[redacted]"`},
		{`app.config["SECRET_KEY"] = 'dev'`, `app.config["SECRET_KEY"] = '[redacted]'`},
		{`app.secret_key = b"\x00\"x"`, `app.secret_key = b"[redacted]"`},
		{`SECRET_KEY: str = "abc"`, `SECRET_KEY: str = "[redacted]"`},
		{`os.environ.get("SECRET_KEY", "fallback")`, `os.environ.get("SECRET_KEY", "[redacted]")`},
		{`os.getenv("SECRET_KEY") or "fallback"`, `os.getenv("SECRET_KEY") or "[redacted]"`},
		{`app.config.update(SECRET_KEY="abc", DEBUG=True)`, `app.config.update(SECRET_KEY="[redacted]", DEBUG=True)`},
		{`SECRET_KEY_FALLBACKS = ["old", "older"]`, `SECRET_KEY_FALLBACKS = [[redacted]]`},
		{`SECRET_KEY=abcdef`, `SECRET_KEY=[redacted]`},
		{`ENV DB_PASSWORD=abcdef APP=1`, `ENV DB_PASSWORD=[redacted] APP=1`},
		{`  - POSTGRES_PASSWORD=abcdef`, `  - POSTGRES_PASSWORD=[redacted]`},
		{`  POSTGRES_PASSWORD: abcdef`, `  POSTGRES_PASSWORD: [redacted]`},
		{`"postgresql://bob:hunter2@db/app"`, `"postgresql://bob:[redacted]@db/app"`},
		{`key = "AKIAABCDEFGHIJKLMNOP"`, `key = "[redacted]"`},
		{`{"password": "hunter2"}`, `{"password": "[redacted]"}`},
		{`if password == "hunter2":`, `if password == "[redacted]":`},
		// no secrets
		{`SECRET_KEY = os.environ["SECRET_KEY"]`, `SECRET_KEY = os.environ["SECRET_KEY"]`},
		{`SECRET_KEY = None`, `SECRET_KEY = None`},
		{`token = request.args.get("token", "")`, `token = request.args.get("token", "")`},
		{`"SELECT 1 FROM u WHERE password = '" + pw + "'"`, `"SELECT 1 FROM u WHERE password = '" + pw + "'"`},
		{`f"SELECT 1 FROM u WHERE password = '{pw}'"`, `f"SELECT 1 FROM u WHERE password = '{pw}'"`},
		{`"... WHERE token = '%s'" % t`, `"... WHERE token = '%s'" % t`},
		{`SECRET_KEY=${SECRET_KEY}`, `SECRET_KEY=${SECRET_KEY}`},
		{`url = "http://example.org:8080/a@b"`, `url = "http://example.org:8080/a@b"`},
	} {
		if got := Redact(tc.in); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.in, got, tc.want)
		}
	}
}

func TestNormaliseIgnoresFormatting(t *testing.T) {
	base := normalise(`f("a b", x, not y)`)
	for _, same := range []string{`f('a b', x, not y)`, "f(\n    'a b',  # why\n    x,\n    not  y,\n)", "f(\"a b\", \\\n x, not\ty)"} {
		if got := normalise(same); got != base {
			t.Errorf("%q gives %s, want %s", same, got, base)
		}
	}
	for _, other := range []string{`f("ab", x, not y)`, `f("a b", x, noty)`, `f("a b", x)`} {
		if normalise(other) == base {
			t.Errorf("%q looks like the base", other)
		}
	}
}

func at(file *source.File, sink string) source.Span {
	i := strings.Index(string(file.Text), sink)
	return source.Span{Start: uint32(i), End: uint32(i + len(sink))}
}

func finish(text, sink string) *Finding {
	file := source.NewFile("app.py", []byte(text))
	f := &Finding{RuleID: "FLASK-XSS-001", Check: "reflected", Path: "app.py", Span: at(file, sink), Function: "view"}
	return Finish([]*Finding{f}, func(string) *source.File { return file })[0]
}

func TestFingerprintSurvivesWhatDoesNotMatter(t *testing.T) {
	base := finish("def view():\n    return render(q)\n", "render(q)")
	moved := finish("# a comment\n\nimport os\n\ndef view():\n    return render( q )\n", "render( q )")
	if base.Fingerprint != moved.Fingerprint || len(base.Fingerprint) != 32 {
		t.Errorf("%s and %s", base.Fingerprint, moved.Fingerprint)
	}
	if other := finish("def view():\n    return render(r)\n", "render(r)"); other.Fingerprint == base.Fingerprint {
		t.Error("another sink has the same fingerprint")
	}
}

func TestPlace(t *testing.T) {
	text := "def view():\n\tq = args['é']\n\n\treturn render('😀', q,\n\t    more)\n"
	file := source.NewFile("app.py", []byte(text))
	f := &Finding{RuleID: "R", Path: "app.py", Span: at(file, "render('😀', q,\n\t    more)"),
		Flow: []Step{{Path: "app.py", Span: at(file, "args['é']")}, {Path: "app.py", Span: at(file, "q,\n")}}}
	Finish([]*Finding{f}, func(string) *source.File { return file })
	if f.Pos.Line != 4 || f.Pos.Col != 9 || f.Pos.EndLine != 5 || f.Pos.EndCol != 11 {
		t.Errorf("position %+v", f.Pos)
	}
	if f.Flow[1].Pos.Col+1 != f.Flow[1].Pos.Col16 {
		t.Errorf("UTF-16 column %+v", f.Flow[1].Pos)
	}
	want := []Line{{2, "    q = args['é']", 0, 0}, {4, "    return render('😀', q,", 11, 25}, {5, "        more)", 8, 13}}
	for i, l := range f.Evidence {
		if i >= len(want) || l != want[i] {
			t.Errorf("evidence %d: %+v", i, l)
		}
	}
	if f.Flow[0].Snippet != "args['é']" {
		t.Errorf("snippet %q", f.Flow[0].Snippet)
	}
}

func TestMarkMovesWithRedaction(t *testing.T) {
	f := finish(`connect(password="hunter2-hunter2", host=q)`, "host=q")
	l := f.Evidence[0]
	if got := string([]rune(l.Text)[l.From:l.To]); got != "host=q" || strings.Contains(l.Text, "hunter2") {
		t.Errorf("mark %q in %q", got, l.Text)
	}
	g := finish(`x = 1; SECRET_KEY = "hunter2"`, `"hunter2"`)
	if l := g.Evidence[0]; l.Text != `x = 1; SECRET_KEY = "[redacted]"` || string([]rune(l.Text)[l.From:l.To]) != `"[redacted]"` {
		t.Errorf("%+v", l)
	}
	if strings.Contains(g.Sink, "hunter2") {
		t.Error("the sink text holds the secret")
	}
}

func TestSecretFindingHidesLiteralsOnEveryLine(t *testing.T) {
	for _, sink := range []string{"'hunter2'\n    \"hunter3\"", "\"\"\"hunter2\n   hunter3\n  hunter4\"\"\""} {
		secretIsHidden(t, sink)
	}
}

func secretIsHidden(t *testing.T, sink string) {
	t.Helper()
	file := source.NewFile("app.py", []byte("X = (\n    "+sink+"\n)\n"))
	span := at(file, sink)
	f := &Finding{RuleID: "R", Path: "app.py", Span: span, Secret: true, Flow: []Step{{Path: "app.py", Span: span}}}
	Finish([]*Finding{f}, func(string) *source.File { return file })
	all := f.Sink + f.Flow[0].Snippet
	for _, l := range f.Evidence {
		all += l.Text
	}
	if strings.Contains(all, "hunter") || len(f.Evidence) < 2 {
		t.Errorf("%q %+v", all, f.Evidence)
	}
}

func TestHostileText(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("a", 3<<20) + "SINK" + strings.Repeat("b", 1<<20),
		"\xff\xfe SINK \x80",
		"\x1b[2JSINK\r",
		strings.Repeat("\n", 1<<16) + "SINK",
	} {
		f := finish(text, "SINK")
		for _, l := range f.Evidence {
			if !utf8.ValidString(l.Text) || len(l.Text) > 4*maxLine || l.To > utf8.RuneCountInString(l.Text) {
				t.Errorf("line of %d bytes, mark %d–%d", len(l.Text), l.From, l.To)
			}
			if got := string([]rune(l.Text)[l.From:l.To]); got != "SINK" {
				t.Errorf("mark shows %q", got)
			}
		}
	}
}

func TestSpanBeyondTheFile(t *testing.T) {
	file := source.NewFile("app.py", []byte("x"))
	f := &Finding{RuleID: "R", Path: "app.py", Span: source.Span{Start: 50, End: 10}, Flow: []Step{{Path: "gone.py", Span: source.Span{Start: 1, End: 2}}}}
	Finish([]*Finding{f}, func(p string) *source.File {
		if p == "app.py" {
			return file
		}
		return nil
	})
	if f.Pos.Line != 1 {
		t.Errorf("%+v", f.Pos)
	}
}

func TestFindingWithALineOnly(t *testing.T) {
	file := source.NewFile("Dockerfile", []byte("FROM x\nENV SECRET_KEY=abcdef\n"))
	f := &Finding{RuleID: "R", Path: "Dockerfile", Pos: Position{Line: 2}}
	Finish([]*Finding{f}, func(string) *source.File { return file })
	if len(f.Evidence) != 1 || f.Evidence[0].Text != "ENV SECRET_KEY=[redacted]" {
		t.Errorf("%+v", f.Evidence)
	}
}

func many() []*Finding {
	var out []*Finding
	for i := range 40 {
		s := source.Span{Start: uint32(i % 5), End: uint32(i%5 + 1)}
		out = append(out, &Finding{
			RuleID: []string{"FLASK-XSS-001", "FLASK-DEPLOY-001", "FLASK-CORS-001"}[i%3], Check: "c", Path: "a.py", Span: s,
			Severity: Severity(1 + i%4), Confidence: Confidence(1 + i%2), Routes: []string{"GET /" + string(rune('a'+i%7))},
			Flow: []Step{{Path: "a.py", Span: source.Span{Start: uint32(100 + i), End: uint32(200 + i)}}, {Path: "a.py", Span: s}},
		})
	}
	return out
}

func TestOrderDoesNotDependOnInput(t *testing.T) {
	dump := func(fs []*Finding) string {
		var b strings.Builder
		for _, f := range fs {
			b.WriteString(f.ID() + f.Severity.String() + f.Fingerprint + strings.Join(f.Routes, ","))
			for _, fl := range append([][]Step{f.Flow}, f.MoreFlows...) {
				b.WriteString(" " + string(rune(fl[0].Span.Start)))
			}
			b.WriteByte('\n')
		}
		return b.String()
	}
	want := dump(Finish(many(), nil))
	for range 20 {
		fs := many()
		rand.Shuffle(len(fs), func(i, j int) { fs[i], fs[j] = fs[j], fs[i] })
		if got := dump(Finish(fs, nil)); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	}
	if fs := Finish(many(), nil); len(fs) != 15 || fs[0].RuleID != "FLASK-DEPLOY-001" || fs[14].RuleID != "FLASK-CORS-001" {
		t.Errorf("%d findings, first %s", len(fs), fs[0].RuleID)
	}
}

func TestFurtherFlowsAreBounded(t *testing.T) {
	var fs []*Finding
	for i := range 100 {
		fs = append(fs, &Finding{RuleID: "R", Path: "a.py", Flow: []Step{{Path: "a.py", Span: source.Span{Start: uint32(i), End: 200}}}})
	}
	f := Finish(fs, nil)[0]
	if len(f.MoreFlows) != MaxFlows || f.OmittedFlows != 99-MaxFlows {
		t.Errorf("%d kept, %d omitted", len(f.MoreFlows), f.OmittedFlows)
	}
}

// Findings share lists of routes: naming some of many, or joining two lists, leaves those of the others alone.
func TestRoutesAreBoundedAndShared(t *testing.T) {
	shared := make([]string, 0, 2*MaxRoutes)
	for i := range MaxRoutes + 7 {
		shared = append(shared, fmt.Sprintf("GET /%04d", i))
	}
	before := slices.Clone(shared)
	fs := Finish([]*Finding{{RuleID: "R", Path: "a.py", Routes: shared[:20]}, {RuleID: "R", Path: "a.py", Routes: []string{"GET /", "GET /0003"}},
		{RuleID: "R", Path: "b.py", Routes: shared}}, nil)
	if !slices.Equal(shared, before) {
		t.Error("the shared list was changed")
	}
	if got := fs[0].Routes; len(got) != 21 || got[0] != "GET /" {
		t.Errorf("joined: %v", got)
	}
	if f := fs[1]; len(f.Routes) != MaxRoutes || f.OmittedRoutes != 7 {
		t.Errorf("%d routes, %d omitted", len(f.Routes), f.OmittedRoutes)
	}
}

func TestAuditStep(t *testing.T) {
	for id, want := range map[string]int{
		"FLASK-DEPLOY-002": 1, "FLASK-CONFIG-001": 2, "FLASK-SESS-001": 3, "FLASK-CSRF-001": 4, "FLASK-SSTI-001": 5, "FLASK-PATH-001": 6,
		"FLASK-INJECT-002": 7, "FLASK-SSRF-001": 8, "FLASK-REDIRECT-001": 9, "FLASK-HEADERS-001": 10, "FLASK-SUPPLY-001": 11, "odd": 11, "": 11,
	} {
		if got := AuditStep(id); got != want {
			t.Errorf("%s: step %d, want %d", id, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, s := range Severities() {
		if got, err := ParseSeverity(strings.ToUpper(s.String())); err != nil || got != s {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	if _, err := ParseSeverity("none"); err == nil {
		t.Error("none is a severity")
	}
	if _, err := ParseConfidence("sure"); err == nil {
		t.Error("sure is a confidence")
	}
}

func FuzzRedact(f *testing.F) {
	f.Add(`SECRET_KEY = "x"`)
	f.Fuzz(func(t *testing.T, s string) {
		before, inside, after := redactParts(s, len(s)/3, len(s)/2, hidden{literals: len(s)%2 == 0})
		_ = before + inside + after
		normalise(s)
		if Redact(s) == "" && s != "" {
			t.Error("nothing is left")
		}
	})
}

// Names of settings and plain words stay readable in the code of a secret; whatever may be its value does not.
func TestRedactLiterals(t *testing.T) {
	for code, want := range map[string]string{
		`SECRET_KEY = cast(ini["server"]["SECRET_KEY"])`:                   `SECRET_KEY = cast(ini["server"]["SECRET_KEY"])`,
		`API_TOKEN = get_config("API_TOKEN", default="s3cret")`:            `API_TOKEN = get_config("API_TOKEN", default="[redacted]")`,
		`ALLOW_CREDENTIALS = os.environ.get("ALLOW_CREDENTIALS", "false")`: `ALLOW_CREDENTIALS = os.environ.get("ALLOW_CREDENTIALS", "false")`,
		`KEYS = old or["s3cret"]`:                                          `KEYS = old or["[redacted]"]`,
		`SECRET_KEY = env.str("SECRET_KEY", "s3cret")`:                     `SECRET_KEY = env.str("SECRET_KEY", "[redacted]")`,
		`KEYS = ["s3cret"]`:                                                `KEYS = ["[redacted]"]`,
		`KEYS = f(["s3cret"])`:                                             `KEYS = f(["[redacted]"])`,
		`TOKEN = get_token("s3cret-word")`:                                 `TOKEN = get_token("[redacted]")`,
		`TOKEN = table["s3cret" + x]`:                                      `TOKEN = table["[redacted]" + x]`,
	} {
		if got := RedactLiterals(code); got != want {
			t.Errorf("%s", got)
		}
	}
}

// In Python a bare name beside other code is no text, and hiding it would hide which call is meant.
func TestBareCodeIsShown(t *testing.T) {
	for line, want := range map[string]string{
		`s = Serializer(key, expires_in=week)`: `s = Serializer(key, expires_in=week)`,
		`app.key = "hidden"`:                   `app.key = "hidden"`,
		`kept_text_of_several_lines`:           Redacted,
		`s = make("hidden", week)`:             `s = make("[redacted]", week)`,
	} {
		from, to := max(0, strings.Index(line, "= ")+2), len(line)
		if strings.HasPrefix(line, "app.key") {
			from, to = 0, len("app.key")
		} else if !strings.Contains(line, "= ") {
			from = 0
		}
		before, inside, after := redactParts(line, from, to, hidden{code: true, literals: true})
		if got := before + inside + after; got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
		if _, inside, _ := redactParts("KEY=kept_text", 4, 13, hidden{literals: true}); inside != Redacted {
			t.Errorf("an environment file shows %s", inside)
		}
	}
}
