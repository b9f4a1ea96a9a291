package explain

import (
	"strings"
	"testing"

	"stopper/internal/rule"
)

func TestCoverage(t *testing.T) {
	metas := []*rule.Meta{
		{ID: "FLASK-DEPLOY-001", Checks: []rule.Check{{Slug: "dev-server"}, {Slug: "bind-all"}}},
		{ID: "FLASK-SESS-001", Checks: []rule.Check{{Slug: "secure"}}},
	}
	cs, err := Coverage(metas)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Answer{}
	for _, c := range cs {
		got[c.ID] = c.Answer
	}
	for id, want := range map[string]Answer{
		"DEPLOY-001.1":  Checked,
		"HEADERS-001.5": InPart,   // one of the three cookie attributes
		"CSRF-001.1":    NotYet,   // no such rule here
		"CONFIG-001.3":  Reasoned, // when to rotate a key
	} {
		if got[id] != want {
			t.Errorf("%s: %q, want %q", id, got[id], want)
		}
	}
	table := CoverageTable(cs, Style{})
	for _, want := range []string{"DEPLOY-001/dev-server DEPLOY-001/bind-all", "not yet: CSRF-001/", "live: edge.tls", "clauses: "} {
		if !strings.Contains(strings.ReplaceAll(table, "env.cookies edge.tls", "edge.tls"), want) {
			t.Errorf("the table lacks %q", want)
		}
	}
}
