package text

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"stopper/internal/finding"
	"stopper/internal/report/result"
	"stopper/internal/report/sample"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update and read the diff); got\n%s", name, got)
	}
}

func render(t *testing.T, r *result.Result, o Options, write func(io.Writer, *result.Result, Options) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	medium := Options{MinConfidence: finding.ConfidenceMedium}
	narrow, coloured, timed := medium, medium, medium
	narrow.Width = 60
	coloured.Color, coloured.Width = true, 120
	timed.Timings = true
	for _, tc := range []struct {
		name  string
		r     *result.Result
		o     Options
		write func(io.Writer, *result.Result, Options) error
	}{
		{"shop", sample.Shop(), medium, Write},
		{"narrow", sample.Shop(), narrow, Write},
		{"coloured", sample.Shop(), coloured, Write},
		{"timed", sample.Shop(), timed, Write},
		{"all", sample.Shop(), Options{}, Write},
		{"brief", sample.Shop(), Options{Brief: true}, Write},
		{"suppressed", sample.Suppressed(), medium, Write},
		{"empty", &result.Result{}, medium, Write},
		{"hostile", sample.Hostile(), narrow, Write},
		{"routes", sample.Shop(), Options{}, WriteRoutes},
		{"config", sample.Shop(), Options{}, WriteConfig},
		{"no-routes", &result.Result{}, Options{}, WriteRoutes},
	} {
		t.Run(tc.name, func(t *testing.T) { golden(t, tc.name+".txt", render(t, tc.r, tc.o, tc.write)) })
	}
}

func TestHostileTextsAreHarmless(t *testing.T) {
	for _, write := range []func(io.Writer, *result.Result, Options) error{Write, WriteRoutes, WriteConfig} {
		for _, o := range []Options{{}, {Width: 60}, {Brief: true}} {
			out := render(t, sample.Hostile(), o, write)
			if !utf8.ValidString(out) || strings.ContainsFunc(out, result.Hostile) {
				t.Errorf("%+v: control characters reach the terminal", o)
			}
			for line := range strings.Lines(out) {
				if strings.HasPrefix(line, "No findings.") {
					t.Errorf("%+v: a forged line: %s", o, line)
				}
			}
		}
	}
}

func TestWidthIsKept(t *testing.T) {
	for _, w := range []int{40, 60, 80, 200} {
		for line := range strings.Lines(render(t, sample.Shop(), Options{Width: w}, Write)) {
			line = strings.TrimSuffix(line, "\n")
			code := strings.Contains(line, "│")
			if n := utf8.RuneCountInString(line); code && n > w {
				t.Errorf("width %d: %d columns: %s", w, n, line)
			}
		}
	}
}

func TestWindowKeepsTheMark(t *testing.T) {
	l := finding.Line{Text: strings.Repeat("a", 100) + "MARK" + strings.Repeat("b", 100), From: 100, To: 104}
	for _, w := range []int{10, 40, 150, 204, 300} {
		got := window(l, w)
		if s := string([]rune(got.Text)[got.From:got.To]); s != "MARK" {
			t.Errorf("width %d shows %q of %q", w, s, got.Text)
		}
	}
}

func TestStepsOfOneExpressionAreOneRow(t *testing.T) {
	at := finding.Position{Line: 3}
	rows := flowRows([]finding.Step{
		{Path: "a.py", Pos: at, Snippet: "request.args", Note: "from outside"}, {Path: "a.py", Pos: at, Snippet: "request.args", Note: "reaches redirect"},
		{Path: "a.py", Pos: at, Snippet: "other"}, {Path: "b.py", Pos: at, Snippet: "other", Note: "x"},
	}, "a.py")
	want := []flowRow{{"a.py:3", "request.args", "from outside, reaches redirect"}, {"a.py:3", "other", ""}, {"b.py:3", "other", "x"}}
	if !slices.Equal(rows, want) {
		t.Errorf("%q", rows)
	}
}
