package github

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

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
	got, file := render(t, sample.Shop()), filepath.Join("testdata", "shop.txt")
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
		t.Errorf("%s differs (run with -update and read the diff); got\n%s", file, got)
	}
}

// A text of the tree that holds line breaks and colons stays inside its command.
func TestTextsCannotBeCommands(t *testing.T) {
	command := regexp.MustCompile(`^::(?:error|warning|notice) (?:[a-zA-Z]+=[^:,]*,?)+::[^\n]*\n$`)
	out := render(t, sample.Hostile())
	if strings.ContainsFunc(out, result.Hostile) {
		t.Error("control characters reach the log")
	}
	n := 0
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "stopper: ") {
			continue
		}
		if n++; !command.MatchString(line) {
			t.Errorf("no command of ours: %.200s", line)
		}
	}
	if want := 2 + 1; n != want { // two reasons for incomplete results, one finding
		t.Errorf("%d commands, want %d", n, want)
	}
}

func TestWorstFirst(t *testing.T) {
	out := render(t, sample.Shop())
	if !strings.HasPrefix(out, "::error file=examples/shop/shop/views/search.py,line=8,col=35,endColumn=67,title=Critical%3A FLASK-SSTI-001/template-injection::") {
		t.Errorf("%.200s", out)
	}
}
