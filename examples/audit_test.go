package examples_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"stopper/internal/engine"
	"stopper/internal/models"
	report "stopper/internal/report/json"
	"stopper/internal/rules/all"
	"stopper/internal/workspace"
	modeldata "stopper/models"
)

// audit runs our rules over a tree on a fixed day.
func audit(t *testing.T, dir string, opt engine.Options) *engine.Output {
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
	opt.Rules, opt.Models, opt.Today = all.Rules(), set, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	out, err := engine.Audit(context.Background(), ws, opt)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// auditOf audits one of the shops and lists "RULE/check file:line".
func auditOf(t *testing.T, dir string, jobs int) []string {
	t.Helper()
	out := audit(t, dir, engine.Options{Jobs: jobs})
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

// reportOf audits a tree and gives the bytes of the whole report: findings with their flows, routes, coverage.
func reportOf(t *testing.T, dir string, opt engine.Options) []byte {
	t.Helper()
	out := audit(t, dir, opt)
	var b bytes.Buffer
	if err := report.Write(&b, out.Result, report.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// trees are both shops and, when STOPPER_CORPUS names a folder of checkouts, those.
func trees(t *testing.T) []string {
	out := []string{"shop", "shop-sealed"}
	corpus := os.Getenv("STOPPER_CORPUS")
	if corpus == "" {
		return out
	}
	entries, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, filepath.Join(corpus, e.Name()))
	}
	return out
}

// The report is the same bytes for any number of jobs, from one run to the next.
func TestAuditDoesNotDependOnJobs(t *testing.T) {
	for _, dir := range trees(t) {
		want := reportOf(t, dir, engine.Options{Jobs: 1})
		for _, opt := range []engine.Options{{Jobs: 2}, {Jobs: 7}} {
			if got := reportOf(t, dir, opt); !bytes.Equal(got, want) {
				t.Errorf("%s: the report differs between 1 job and %d jobs", dir, opt.Jobs)
			}
		}
	}
}
