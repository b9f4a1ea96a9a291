package examples_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"stopper/internal/engine"
	"stopper/internal/models"
	"stopper/internal/rules/all"
	"stopper/internal/workspace"
	modeldata "stopper/models"
)

// auditOf audits one of the shops and lists "RULE/check file:line".
func auditOf(t *testing.T, dir string, jobs int) []string {
	t.Helper()
	disk, opts, err := workspace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	ws, err := workspace.Load(disk, opts)
	if err != nil {
		t.Fatal(err)
	}
	set, err := models.Load(modeldata.Files)
	if err != nil {
		t.Fatal(err)
	}
	out, err := engine.Audit(context.Background(), ws, engine.Options{
		Jobs: jobs, Rules: all.Rules(), Models: set, Today: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range out.Result.Coverage.InternalErrors {
		t.Error(e)
	}
	var got []string
	for _, f := range out.Result.Findings {
		got = append(got, fmt.Sprintf("%s %s:%d", f.ID(), f.Path, f.Pos.Line))
	}
	return got
}

// Every flaw that the live test shows to work is found, and nothing else is said.
func TestAuditFindsEveryFlaw(t *testing.T) {
	text, err := os.ReadFile("expected_findings.json")
	if err != nil {
		t.Fatal(err)
	}
	var expected []struct {
		Rule string
		File string
		Line int
	}
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, e := range expected {
		want = append(want, fmt.Sprintf("%s %s:%d", e.Rule, e.File, e.Line))
	}
	got := auditOf(t, "shop", 2)
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("not found: %s", w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("not expected: %s", g)
		}
	}
}

func TestAuditOfSealedShopIsSilent(t *testing.T) {
	for _, g := range auditOf(t, "shop-sealed", 2) {
		t.Errorf("not expected: %s", g)
	}
}

func TestAuditDoesNotDependOnJobs(t *testing.T) {
	one, four := auditOf(t, "shop", 1), auditOf(t, "shop", 4)
	if slices.CompareFunc(one, four, cmp.Compare[string]) != 0 {
		t.Errorf("1 job: %v\n4 jobs: %v", one, four)
	}
}
