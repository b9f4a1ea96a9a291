package stopper_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every direct requirement has a line in docs/dependencies.md, and every line there is one.
func TestDependenciesAreExplained(t *testing.T) {
	doc := read(t, "docs/dependencies.md")
	known := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\s+(\S+\.\S+/\S+|mvdan\.cc/\S+|pgregory\.net/\S+) v\S+$`).FindAllStringSubmatch(read(t, "go.mod"), -1) {
		name := regexp.MustCompile(`/v\d+$`).ReplaceAllString(strings.TrimPrefix(m[1], "github.com/"), "")
		known[name] = true
		if !strings.Contains(doc, name) {
			t.Errorf("docs/dependencies.md does not say what %s is for", m[1])
		}
	}
	for line := range strings.Lines(doc) {
		cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		if !strings.HasPrefix(line, "| ") || !strings.Contains(cell, "/") || strings.HasPrefix(cell, "(ours)") {
			continue
		}
		for name := range strings.SplitSeq(cell, ", ") {
			if !known[regexp.MustCompile(`/v\d+$`).ReplaceAllString(name, "")] {
				t.Errorf("docs/dependencies.md explains %s, which go.mod does not require", name)
			}
		}
	}
}

// Links between the documents lead somewhere.
func TestDocumentsLinkToFilesThatExist(t *testing.T) {
	for _, doc := range []string{"README.md", "CONTRIBUTING.md", "docs/usage.md", "docs/architecture.md", "docs/adding-a-rule.md"} {
		for _, m := range regexp.MustCompile("`((?:docs|internal|models|scripts|schema|examples|spec|bench|cmd)/[a-z0-9_./-]*[a-z0-9])`").FindAllStringSubmatch(read(t, doc), -1) {
			if _, err := os.Stat(m[1]); err != nil && !strings.Contains(m[1], "demo001") {
				t.Errorf("%s names %s, which does not exist", doc, m[1])
			}
		}
	}
}

// The table of ranks in the architecture is the one that is tested.
func TestRanksAreWrittenDown(t *testing.T) {
	doc := read(t, "docs/architecture.md")
	for _, r := range ranks {
		name := strings.TrimSuffix(strings.TrimPrefix(r.path, "internal/"), "/")
		if _, err := os.Stat(strings.TrimSuffix(r.path, "/")); err != nil || strings.HasPrefix(name, "deploy") || name == "flow/value" {
			continue
		}
		if strings.HasSuffix(r.path, "/") {
			name += "/*"
		}
		row := regexp.MustCompile(fmt.Sprintf("(?m)^\\| %d \\| .*`%s`", r.rank, regexp.QuoteMeta(name)))
		if !row.MatchString(doc) && !row.MatchString(strings.ReplaceAll(doc, "`internal/", "`")) {
			t.Errorf("docs/architecture.md does not give %s the rank %d", r.path, r.rank)
		}
	}
}
