package stopper_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// ranks is the one direction of the program: a package imports only packages of a strictly lower rank. A name ending in
// "/" stands for every package below it.
var ranks = []struct {
	path string
	rank int
}{
	{"internal/source", 0},
	{"internal/bug", 0},
	{"internal/finding", 1},
	{"internal/visibility", 1},
	{"internal/vfs", 1},
	{"internal/python/ast", 1},
	{"internal/htmlctx", 1},
	{"models", 1},
	{"internal/config", 2},
	{"internal/workspace", 2},
	{"internal/python/parser", 2},
	{"internal/jinja", 2},
	{"internal/deploy", 1},
	{"internal/deploy/yamltree", 1},
	{"internal/deploy/", 2},
	{"internal/deps", 2},
	{"internal/models", 2},
	{"internal/ir", 2},
	{"internal/semantic", 3},
	{"internal/settings", 3},
	{"internal/lower", 4},
	{"internal/startup", 4},
	{"internal/trial", 4},
	{"internal/template", 4},
	{"internal/flow/value", 4},
	{"internal/flow", 5},
	{"internal/effects", 6},
	{"internal/flask", 6},
	{"internal/deployment", 6},
	{"internal/project", 7},
	{"internal/rule", 8},
	{"internal/fix", 8},
	{"internal/suppress", 8},
	{"internal/report/result", 2},
	{"internal/report/", 9},
	{"internal/engine", 11},
	{"internal/rules/all", 10},
	{"internal/rules/", 9},
	{"internal/ruletest", 12},
	{"internal/explain", 11},
	{"internal/review", 11},
	{"internal/cli", 12},
	{"schema", 0},
	{"spec", 0},
	{"cmd/stopper", 13},
	{"bench", 13},
}

// testOnly packages hold tests or fixtures and are outside the order.
var testOnly = []string{"examples"}

func rankOf(path string) (int, bool) {
	best, rank := -1, 0
	for _, r := range ranks {
		below, isTree := strings.CutSuffix(r.path, "/")
		match := path == r.path || isTree && strings.HasPrefix(path, below+"/")
		if match && len(r.path) > best {
			best, rank = len(r.path), r.rank
		}
	}
	return rank, best >= 0
}

type listed struct {
	ImportPath string
	Module     *struct{ Path string }
	Imports    []string
	GoFiles    []string
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Module,Imports,GoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	var all []listed
	for {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

func isTestOnly(path string) bool {
	for _, p := range testOnly {
		if path == p || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}

func TestLayers(t *testing.T) {
	for _, p := range listPackages(t) {
		path := strings.TrimPrefix(p.ImportPath, "stopper/")
		if len(p.GoFiles) == 0 || isTestOnly(path) {
			continue
		}
		rank, known := rankOf(path)
		if !known {
			t.Errorf("%s has no rank: add it to the table in layers_test.go and to docs/architecture.md", path)
			continue
		}
		for _, imp := range p.Imports {
			to, local := strings.CutPrefix(imp, "stopper/")
			if !local {
				continue
			}
			if r, _ := rankOf(to); r >= rank {
				t.Errorf("%s (rank %d) imports %s (rank %d)", path, rank, to, r)
			}
		}
	}
}
