package lower_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"stopper/internal/ir"
	"stopper/internal/lower"
	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
)

// stdlib parses the standard library of the machine's Python; it skips the test when there is none.
func stdlib(t testing.TB, every int) []*ast.File {
	t.Helper()
	out, err := exec.Command("python3", "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))").Output()
	if err != nil {
		t.Skip("no python3")
	}
	root := strings.TrimSpace(string(out))
	var files []*ast.File
	p := parser.New()
	n := 0
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if d.IsDir() && d.Name() == "site-packages" {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".py") {
			return nil
		}
		if n++; n%every != 0 {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		rel, _ := filepath.Rel(root, path)
		files = append(files, p.Parse(source.NewFile(filepath.ToSlash(rel), text)))
		return nil
	})
	return files
}

// Every function of the standard library lowers to a function that holds to the rules of package ir.
func TestStdlib(t *testing.T) {
	every := 4
	if os.Getenv("STOPPER_FULL") != "" {
		every = 1
	}
	prog := semantic.Build(stdlib(t, every))
	bad := 0
	for id := range prog.NumFuncs() {
		f := lower.Func(prog, ir.FuncID(id))
		for _, err := range ir.Verify(f) {
			t.Errorf("%s: %v", f.Module.Source.Path, err)
			if bad++; bad > 20 {
				t.FailNow()
			}
		}
		if f.IsPartial {
			t.Logf("%s: %s is partial", f.Module.Source.Path, f.QualName)
		}
	}
	t.Logf("%d modules, %d functions", len(prog.Modules), prog.NumFuncs())
}

func BenchmarkFunc(b *testing.B) {
	files := stdlib(b, 8)
	lines := 0
	for _, f := range files {
		lines += f.Src.LineCount()
	}
	prog := semantic.Build(files)
	b.ReportAllocs()
	for b.Loop() {
		for id := range prog.NumFuncs() {
			lower.Func(prog, ir.FuncID(id))
		}
	}
	b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mlines/s")
}

// Functions of one program lower on several goroutines to the same text.
func TestParallel(t *testing.T) {
	prog := build(map[string]string{"m.py": strings.Repeat("def f(a):\n  return [lambda: x for x in a if a], 1, 'a'\n", 200)})
	want := make([]string, prog.NumFuncs())
	for id := range want {
		want[id] = ir.Dump(lower.Func(prog, ir.FuncID(id)))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for id := range want {
				if ir.Dump(lower.Func(prog, ir.FuncID(id))) != want[id] {
					t.Error("differs", id)
				}
			}
		})
	}
	wg.Wait()
}
