package all_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stopper/internal/rule"
	"stopper/internal/rules/all"
)

// Every folder with a page is in the generated list; `go generate ./internal/rules/all` mends it.
func TestGeneratedListIsFresh(t *testing.T) {
	pages, err := filepath.Glob("../*/rule.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("all.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		name := filepath.Base(filepath.Dir(p))
		if !strings.Contains(string(text), "\t\t"+name+".Rule{},\n") {
			t.Errorf("%s is missing in all.go: run go generate ./internal/rules/all", name)
		}
	}
	if got := len(all.Rules()); got != len(pages) {
		t.Errorf("all.go lists %d rules, there are %d pages: run go generate ./internal/rules/all", got, len(pages))
	}
}

func TestPagesAreValid(t *testing.T) {
	ids := map[string]bool{}
	for _, r := range all.Rules() {
		m, err := rule.ParseMeta(r.Page())
		if err != nil {
			t.Errorf("%T: %v", r, err)
			continue
		}
		if strings.Contains(string(r.Page()), "WRITE:") {
			t.Errorf("the page of %s still has a text to write", m.ID)
		}
		if ids[m.ID] {
			t.Errorf("two rules are called %s", m.ID)
		}
		ids[m.ID] = true
	}
}
