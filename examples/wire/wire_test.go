// Package wire_test runs a pair of small applications for each rule: one that violates it and one that does not. The same requests
// go to both, over a socket, and the answers must show the flaw in one and its absence in the other. Then both are audited: the rule
// must speak of the first and be silent about the second. Nothing leaves the loopback address once setup.sh has run.
package wire_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"stopper/internal/models"
	"stopper/internal/rule"
	"stopper/internal/rules/all"
	"stopper/internal/ruletest"
	"stopper/internal/vfs"
	modeldata "stopper/models"
)

// TestClaims sends the requests of every pair to both of its applications.
func TestClaims(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), setupLimit)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "./setup.sh").CombinedOutput(); err != nil {
		t.Fatalf("setup.sh: %v\n%s", err, out)
	}
	f, others := startForker(t), startOthers(t)
	t.Run("pairs", func(t *testing.T) {
		for _, p := range readPairs(t) {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				t.Logf("%s: %s", p.check, p.claim)
				for _, side := range p.sides {
					s := p.start(t, f, side, others)
					for _, st := range p.steps {
						s.do(t, st)
					}
				}
			})
		}
	})
}

// TestAuditOfPairs: the audit says of the bad application what was shown of it, and of the good one nothing under that rule.
// Findings of other rules about the whole project are not compared: a pair is cut down to one behaviour.
func TestAuditOfPairs(t *testing.T) {
	set, err := models.Load(modeldata.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range readPairs(t) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			if p.check == "" {
				return
			}
			bad, good := audit(t, p, "bad", set), audit(t, p, "good", set)
			want := append([]string{p.check}, p.also...)
			slices.Sort(want)
			if !slices.Equal(bad, want) {
				t.Errorf("the audit of the bad application says\n  %s\nand not\n  %s", strings.Join(bad, " "), strings.Join(want, " "))
			}
			own, _, _ := strings.Cut(p.check, "/")
			for _, id := range good {
				if strings.HasPrefix(id, own) {
					t.Errorf("the audit of the good application says %s", id)
				}
			}
			if len(good) > 0 {
				t.Logf("of the good application: %s", strings.Join(good, " "))
			}
		})
	}
}

func audit(t *testing.T, p *pair, side string, set *models.Set) []string {
	t.Helper()
	own, _, _ := strings.Cut(p.check, "/")
	tree := txtar.Format(&txtar.Archive{Files: p.files[side]})
	var ids []string
	for _, f := range ruletest.Audit(t, vfs.Txtar(tree), set, all.Rules()).Result.Findings {
		if f.Whole && f.RuleID != own {
			continue
		}
		t.Logf("%s: %s %s:%d", side, f.ID(), f.Path, f.Pos.Line)
		ids = append(ids, f.ID())
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// TestEveryCheckIsAccountedFor: a check is proven by a pair, or elsewhere.txt says why no request can show it.
func TestEveryCheckIsAccountedFor(t *testing.T) {
	proven := map[string]string{}
	for _, p := range readPairs(t) {
		if p.check != "" {
			proven[p.check] = p.name
		}
	}
	excused := readExcuses(t)
	checks, rules, shown := 0, 0, 0
	for _, r := range all.Rules() {
		page, err := rule.ParseMeta(r.Page())
		if err != nil {
			t.Fatal(err)
		}
		ruleShown := false
		for _, c := range page.Checks {
			id := page.ID + "/" + c.Slug
			checks++
			switch {
			case proven[id] != "" && excused[id] != "":
				t.Errorf("%s is proven by %s: take it out of elsewhere.txt", id, proven[id])
			case proven[id] != "":
				t.Logf("%-40s %s", id, proven[id])
				ruleShown, shown = true, shown+1
			case excused[id] != "":
				t.Logf("%-40s not shown: %s", id, excused[id])
			default:
				t.Errorf("%s is neither proven by a pair nor listed in elsewhere.txt", id)
			}
			delete(excused, id)
			delete(proven, id)
		}
		if ruleShown {
			rules++
		}
	}
	for id := range excused {
		t.Errorf("elsewhere.txt names %s, which does not exist", id)
	}
	for id, name := range proven {
		t.Errorf("%s names %s, which does not exist", name, id)
	}
	t.Logf("%d of %d rules and %d of %d checks are shown", rules, len(all.Rules()), shown, checks)
}

// readExcuses reads lines of an id, a blank and a reason.
func readExcuses(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("elsewhere.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, reason, _ := strings.Cut(line, " ")
		if !idPattern.MatchString(id) || strings.TrimSpace(reason) == "" {
			t.Fatal(fmt.Errorf("elsewhere.txt: no id and reason: %q", line))
		}
		out[id] = strings.TrimSpace(reason)
	}
	return out
}
