package markdown

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"stopper/internal/finding"
	"stopper/internal/report/result"
	"stopper/internal/report/sample"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, r *result.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, Options{MinConfidence: finding.ConfidenceMedium}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for name, r := range map[string]*result.Result{"shop": sample.Suppressed(), "empty": {}, "hostile": sample.Hostile()} {
		got, file := render(t, r), filepath.Join("testdata", name+".md")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs (run with -update and read the diff)", file)
		}
		if strings.Contains(got, "horse") {
			t.Error("a secret is shown")
		}
	}
}

// outside is the text without fences and code spans, read as a renderer does: a run of backticks is closed by the next
// run of the same length.
func outside(md string) string {
	var b strings.Builder
	fence := ""
	ticks := regexp.MustCompile("`+")
	for line := range strings.Lines(md) {
		run := ticks.FindString(line)
		switch {
		case fence != "":
			if strings.HasPrefix(line, fence) && strings.TrimSpace(strings.TrimLeft(line, "`")) == "" {
				fence = ""
			}
			continue
		case len(run) >= 3 && strings.HasPrefix(line, run):
			fence = run
			continue
		}
		for line != "" {
			at := ticks.FindStringIndex(line)
			if at == nil || at[0] > 0 && line[at[0]-1] == '\\' {
				break
			}
			run, rest := line[at[0]:at[1]], line[at[1]:]
			end := -1
			for _, m := range ticks.FindAllStringIndex(rest, -1) {
				if m[1]-m[0] == len(run) {
					end = m[1]
					break
				}
			}
			if end < 0 {
				break
			}
			b.WriteString(line[:at[0]])
			line = rest[end:]
		}
		b.WriteString(line)
	}
	return b.String()
}

func TestNothingOfTheTreeBecomesMarkup(t *testing.T) {
	md := render(t, sample.Hostile())
	if !utf8.ValidString(md) || strings.ContainsFunc(md, result.Hostile) {
		t.Error("control characters reach the text")
	}
	rest := outside(md)
	for _, bad := range []string{`<[a-z/]`, `@\w`, `[^\\]#\d`, `\n::`, `[^\\]\]\(javascript`} {
		if m := regexp.MustCompile(bad).FindString(rest); m != "" {
			i := strings.Index(rest, m)
			t.Errorf("%s: %q", bad, rest[max(0, i-60):min(len(rest), i+60)])
		}
	}
	for line := range strings.Lines(md) {
		if strings.HasPrefix(line, "| 1 |") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 5 {
			t.Errorf("a cell too many: %s", line)
		}
	}
}

func TestSpan(t *testing.T) {
	for in, want := range map[string]string{"a": "`a`", "a`b": "``a`b``", "`": "`` ` ``", "a|b": "`a\\|b`", "": "", " ": "", "``": "``` `` ```"} {
		if got := span(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
