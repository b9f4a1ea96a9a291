// Package examples_test runs the two shops under the pinned Flask and attacks
// both. Every flaw that expected_findings.json lists must work against
// examples/shop and fail against examples/shop-sealed, and everything a
// customer does must work on both. Nothing leaves the loopback address.
package examples_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type expectedFinding struct {
	Rule  string `json:"rule"`
	File  string `json:"file"`
	Line  int    `json:"line"`
	Code  string `json:"code"`
	Proof string `json:"proof"`
}

func TestLiveShops(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), setupLimit)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "live/setup.sh").CombinedOutput(); err != nil {
		t.Fatalf("live/setup.sh: %v\n%s", err, out)
	}
	flawed := startShop(t, "shop", []string{"FLASK_DEBUG=1"}, func(port string) []string {
		return []string{"flask", "--app", "wsgi", "run", "--no-reload", "--host=127.0.0.1", "--port=" + port}
	})
	sealed := startShop(t, "shop-sealed", []string{"SECRET_KEY=" + strings.Repeat("4f1d", 16), "SHOP_HOSTS=127.0.0.1"}, func(port string) []string {
		return []string{"gunicorn", "--bind=127.0.0.1:" + port, "--workers=1", "wsgi:app"}
	})
	for name, s := range map[string]*site{"shop": flawed, "shop-sealed": sealed} {
		t.Run(name+"/serves customers", func(t *testing.T) { serveCustomer(t, s) })
	}
	for _, a := range attacks() {
		t.Run("shop/"+a.check, func(t *testing.T) {
			if worked, seen := a.run(t, flawed); !worked {
				t.Errorf("the flaw does not work; seen: %s", seen)
			}
		})
		t.Run("shop-sealed/"+a.check, func(t *testing.T) {
			if worked, seen := a.run(t, sealed); worked {
				t.Errorf("the sealed shop gives way: %s", seen)
			}
		})
	}
}

// A listed finding that nobody attacks is a claim without proof, and an attack
// on nothing listed is a flaw the audit is not asked to find.
func TestEveryExpectedFindingIsAttacked(t *testing.T) {
	listed, attacked := []string{notOnTheWire}, []string{notOnTheWire}
	for _, f := range readExpected(t) {
		listed = append(listed, f.Rule)
	}
	for _, a := range attacks() {
		attacked = append(attacked, a.check)
	}
	slices.Sort(listed)
	slices.Sort(attacked)
	listed, attacked = slices.Compact(listed), slices.Compact(attacked)
	if !slices.Equal(listed, attacked) {
		t.Errorf("listed   %v\nattacked %v", listed, attacked)
	}
}

// The list names lines; it must not drift from the shop's text.
func TestExpectedFindingsPointAtTheirCode(t *testing.T) {
	for _, f := range readExpected(t) {
		text, err := os.ReadFile(filepath.Join("shop", f.File))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		if f.Line < 1 || f.Line > len(lines) || !strings.Contains(lines[f.Line-1], f.Code) || f.Code == "" {
			t.Errorf("%s: %s:%d does not hold %q", f.Rule, f.File, f.Line, f.Code)
		}
		if f.Proof == "" {
			t.Errorf("%s: %s:%d has no proof", f.Rule, f.File, f.Line)
		}
	}
}

func readExpected(t *testing.T) []expectedFinding {
	t.Helper()
	text, err := os.ReadFile("expected_findings.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []expectedFinding
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list
}
