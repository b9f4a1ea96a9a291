package lower_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"stopper/internal/ir"
	"stopper/internal/lower"
	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
)

var update = flag.Bool("update", false, "rewrite the golden dumps")

func build(files map[string]string) *semantic.Program {
	var asts []*ast.File
	for path, text := range files {
		asts = append(asts, parser.Parse(source.NewFile(path, []byte(text)), parser.Options{}))
	}
	return semantic.Build(asts)
}

// Every archive holds Python files and the dump of all their functions.
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, path := range archives {
		t.Run(filepath.Base(path), func(t *testing.T) { golden(t, path) })
	}
}

func golden(t *testing.T, path string) {
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files, want := map[string]string{}, ""
	kept := ar.Files[:0]
	for _, f := range ar.Files {
		if f.Name == "dump" {
			want = string(f.Data)
			continue
		}
		kept = append(kept, f)
		files[f.Name] = string(f.Data)
	}
	prog := build(files)
	got := dump(t, prog)
	if *update {
		ar.Files = append(kept, txtar.File{Name: "dump", Data: []byte(got)})
		if err := os.WriteFile(path, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("the dump differs; run with -update and review\n%s", firstDifference(got, want))
	}
}

func dump(t *testing.T, prog *semantic.Program) string {
	var b strings.Builder
	for _, m := range prog.Modules {
		if len(m.File.Errors) > 0 {
			t.Errorf("%s: %s", m.Source.Path, m.File.Errors[0].Msg)
		}
	}
	for id := range prog.NumFuncs() {
		f := lower.Func(prog, ir.FuncID(id))
		for _, err := range ir.Verify(f) {
			t.Error(err)
		}
		if f.Kind == ir.KindModule && len(f.Blocks) == 1 && onlyDefs(f) {
			continue
		}
		b.WriteString(ir.Dump(f))
	}
	return b.String()
}

// onlyDefs: the body of a module that only defines functions says nothing.
func onlyDefs(f *ir.Func) bool {
	for i := range f.Blocks[0].Instrs {
		switch in := &f.Blocks[0].Instrs[i]; in.Op {
		case ir.OpSetGlobal, ir.OpReturn:
		case ir.OpFunc:
			if in.ArgsLen > 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + strings.Join(w[min(i, len(w)):min(i+1, len(w))], "")
		}
	}
	return "want more: " + w[len(g)]
}
