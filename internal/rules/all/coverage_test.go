package all_test

import (
	"slices"
	"strings"
	"testing"

	"stopper/internal/rule"
	"stopper/internal/rules/all"
	"stopper/internal/visibility"
	"stopper/spec"
)

// Every clause of the spec has an answer, and every check of a rule of the spec belongs to a clause.
func TestEveryClauseHasAnAnswer(t *testing.T) {
	clauses, err := spec.Clauses()
	if err != nil {
		t.Fatal(err)
	}
	seen, used := map[string]bool{}, map[string]bool{}
	for _, c := range clauses {
		if seen[c.ID] || c.Says == "" || !slices.Contains([]string{"must", "should", "may"}, c.Level) {
			t.Errorf("clause %s is repeated or incomplete", c.ID)
		}
		seen[c.ID] = true
		if len(c.Checks)+len(c.Live) == 0 && c.Reason == "" {
			t.Errorf("clause %s: no check, no live check, no reason", c.ID)
		}
		for _, q := range c.Live {
			if _, ok := visibility.Find(q); !ok {
				t.Errorf("clause %s: unknown question %s", c.ID, q)
			}
		}
		for _, k := range c.Checks {
			used[k] = true
		}
	}
	for _, r := range all.Rules() {
		m, err := rule.ParseMeta(r.Page())
		if err != nil {
			t.Fatal(err)
		}
		short := strings.TrimPrefix(m.ID, "FLASK-")
		for _, c := range m.Checks {
			if k := short + "/" + c.Slug; seen[short+".1"] && !used[k] {
				t.Errorf("check %s belongs to no clause of spec/coverage.toml", k)
			}
		}
	}
}
