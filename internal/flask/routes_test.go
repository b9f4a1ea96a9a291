package flask_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
	pymodels "stopper/models"
)

// build makes the model of the Python files of an archive.
func build(t testing.TB, ar *txtar.Archive) *flask.Model {
	t.Helper()
	set, err := models.Load(pymodels.Files)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, f := range ar.Files {
		if strings.HasSuffix(f.Name, ".py") {
			files = append(files, parser.Parse(source.NewFile(f.Name, f.Data), parser.Options{}))
		}
	}
	prog := semantic.Build(files)
	m := flask.Build(prog, set, flow.Analyze(context.Background(), prog, set, flow.Options{}), flask.Tree{ReadFile: func(path string) ([]byte, bool) {
		for _, f := range ar.Files {
			if f.Name == path {
				return f.Data, true
			}
		}
		return nil, false
	}})
	for _, f := range m.Faults() {
		t.Errorf("%s\n%s", f, f.Stack)
	}
	return m
}

// table is one line for each route, as the section "routes" of an archive has it.
func table(m *flask.Model) string {
	var b strings.Builder
	for _, r := range m.Routes {
		url := r.URL
		if !r.Resolved {
			url = "?"
		}
		line := r.Module.Source.Line(r.Module.File.Span(r.Node).Start)
		fmt.Fprintf(&b, "%s %s %s %s %s:%d", strings.Join(r.Methods, ","), url, or(r.Endpoint), or(r.Function), r.Module.Source.Path, line)
		if r.Reason != "" {
			b.WriteString(" (" + r.Reason + ")")
		}
		if r.Cond {
			b.WriteString(" cond")
		}
		if r.Host+r.Subdomain != "" {
			fmt.Fprintf(&b, " host=%s subdomain=%s", or(r.Host), or(r.Subdomain))
		}
		for _, g := range r.Guards {
			b.WriteString(" @" + g.Name)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func or(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Every archive is an application and the routes that it has: methods, URL, endpoint, function, place, "cond" if
// something decides whether it is there, and the decorators that stand in front of the view.
func TestRoutes(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			for _, f := range ar.Files {
				if f.Name == "routes" {
					want = string(f.Data)
				}
			}
			got := table(build(t, ar))
			if os.Getenv("UPDATE") != "" {
				update(t, path, ar, got)
				return
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// update rewrites the section "routes"; the change is to be read like code.
func update(t *testing.T, path string, ar *txtar.Archive, got string) {
	for i := range ar.Files {
		if ar.Files[i].Name == "routes" {
			ar.Files[i].Data = []byte(got)
		}
	}
	if err := os.WriteFile(path, txtar.Format(ar), 0o644); err != nil {
		t.Fatal(err)
	}
}
