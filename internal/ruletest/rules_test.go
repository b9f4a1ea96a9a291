package ruletest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"stopper/internal/models"
	"stopper/internal/rule"
	"stopper/internal/rules/all"
	"stopper/internal/ruletest"
	modeldata "stopper/models"
)

func loadModels(t *testing.T) *models.Set {
	t.Helper()
	set, err := models.Load(modeldata.Files)
	if err != nil {
		t.Fatalf("models: %v", err)
	}
	return set
}

// Every archive under internal/rules/*/testdata runs with all rules, so that a fixture of one rule is a look-alike for the
// others.
func TestFixtures(t *testing.T) {
	set := loadModels(t)
	paths, err := filepath.Glob("../rules/*/testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, path := range paths {
		name := filepath.Base(filepath.Dir(filepath.Dir(path))) + "/" + strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			ruletest.Run(t, filepath.Base(filepath.Dir(filepath.Dir(path))), text, set, all.Rules())
		})
	}
}

// example is the archive of a page's block: what stands before the first file name is app.py.
func example(code string) []byte {
	ar := txtar.Parse([]byte(code))
	if len(ar.Comment) > 0 {
		ar.Files = append(ar.Files, txtar.File{Name: "app.py", Data: ar.Comment})
		ar.Comment = nil
	}
	return txtar.Format(ar)
}

// The examples of every page are what they say: Bad is found, Good is silent.
func TestPageExamples(t *testing.T) {
	set := loadModels(t)
	for _, r := range all.Rules() {
		m, err := rule.ParseMeta(r.Page())
		if err != nil {
			t.Errorf("%T: %v", r, err)
			continue
		}
		for _, s := range []rule.Section{rule.Bad, rule.Good} {
			for i, ex := range m.Examples(s) {
				t.Run(fmt.Sprintf("%s/%s%d", m.ID, s, i+1), func(t *testing.T) {
					if s == rule.Bad && !strings.Contains(ex.Code, "# want") {
						t.Error("the example wants nothing")
					}
					ruletest.Run(t, ruletest.Folder(m.ID), example(ex.Code), set, all.Rules())
				})
			}
		}
	}
}
