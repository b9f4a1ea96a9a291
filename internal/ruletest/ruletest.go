// Package ruletest runs rules over fixtures and compares what they report with what the fixtures want.
//
// A fixture is a txtar archive of a small application. A comment `# want "RULE/check"` says that a finding of that check
// begins on its line, `# want-below` on the next (for formats without comments behind a value); several ids may follow one another. Every finding must be wanted and every want must be found.
// `# want-miss "RULE/check"` records a finding that ought to be there and is not, `# want-fp "RULE/check"` one that is there and
// ought not to be; both fail as soon as they are no longer true.
package ruletest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"stopper/internal/engine"
	"stopper/internal/models"
	"stopper/internal/rule"
	"stopper/internal/vfs"
	"stopper/internal/workspace"
)

var (
	wantPattern = regexp.MustCompile(`(?:#|;|//|--|<!--|\{#)\s*(want|want-below|want-miss|want-fp)((?:\s+"[A-Z0-9-]+/[a-z0-9-]+")+)`)
	idPattern   = regexp.MustCompile(`"([^"]+)"`)
)

type expectation struct {
	path string
	line int
	id   string
}

func (e expectation) String() string { return fmt.Sprintf("%s:%d: %s", e.path, e.line, e.id) }

// Wants are the expectations of a fixture, by kind: want, want-miss, want-fp.
func wants(ar *txtar.Archive) map[string][]expectation {
	out := map[string][]expectation{}
	for _, f := range ar.Files {
		for i, line := range strings.Split(string(f.Data), "\n") {
			for _, m := range wantPattern.FindAllStringSubmatch(line, -1) {
				for _, id := range idPattern.FindAllStringSubmatch(m[2], -1) {
					kind, at := m[1], i+1
					if kind == "want-below" {
						kind, at = "want", at+1
					}
					out[kind] = append(out[kind], expectation{f.Name, at, id[1]})
				}
			}
		}
	}
	return out
}

// Run audits one archive with some rules and reports every difference from what it wants. Own is the folder of the rule that
// the archive belongs to: findings of other rules about the whole project are not compared, because an archive is cut down
// to one behaviour and lacks nearly everything that an application ought to have.
func Run(t *testing.T, own string, archive []byte, set *models.Set, rules []rule.Rule) {
	t.Helper()
	ar := txtar.Parse(archive)
	out := Audit(t, vfs.Txtar(archive), set, rules)
	var found []expectation
	for _, f := range out.Result.Findings {
		if f.Whole && Folder(f.RuleID) != own {
			continue
		}
		found = append(found, expectation{f.Path, f.Pos.Line, f.ID()})
	}
	expected := wants(ar)
	for _, e := range found {
		if !slices.Contains(expected["want"], e) && !slices.Contains(expected["want-fp"], e) {
			t.Errorf("not wanted: %s", e)
		}
	}
	for _, e := range append(expected["want"], expected["want-fp"]...) {
		if !slices.Contains(found, e) {
			t.Errorf("not found: %s", e)
		}
	}
	for _, e := range expected["want-miss"] {
		if slices.Contains(found, e) {
			t.Errorf("found, so write want instead of want-miss: %s", e)
		}
	}
}

// Folder is the folder of a rule: headers001 for FLASK-HEADERS-001.
func Folder(id string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(id, "FLASK-"), "-", ""))
}

// Audit runs the engine over a file system and fails the test on any fault of ours.
func Audit(t *testing.T, fsys vfs.FS, set *models.Set, rules []rule.Rule) *engine.Output {
	t.Helper()
	ws, err := workspace.Load(fsys, workspace.Options{})
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	out, err := engine.Audit(context.Background(), ws, engine.Options{
		Jobs: 1, Rules: rules, Models: set, Today: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatalf("audit: %v", err)
	}
	for _, e := range out.Result.Coverage.InternalErrors {
		t.Errorf("%s", e)
	}
	return out
}
