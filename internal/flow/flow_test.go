package flow_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
	modeldata "stopper/models"
)

// modelRows say of the module flowtest what its Python source below does.
const modelRows = `doc = "https://example.org/"
types = [ { call = "flowtest.box", returns = "flowtest.Box" } ]
sources = [ { call = "flowtest.source", name = "source()" } ]
clean = ["flowtest.source", "flowtest.sink", "flowtest.stop"]
sinks = [ { call = "flowtest.{sink,Box.sink}", arg = "0|x", kind = "sql" } ]
noreturn = ["flowtest.stop"]
`

// oracle is flowtest for the interpreter: it prints the place of every sink call that the marker reaches.
const oracle = `import sys
def source(): return "MARK"
class Stop(Exception): pass
def stop(): raise Stop()
def sink(x=None):
    f = sys._getframe(1)
    if "MARK" in (x if isinstance(x, str) else repr(x)):
        print("%s:%d" % (f.f_code.co_filename.split("/")[-1], f.f_lineno))
class Box:
    def sink(self, x):
        f = sys._getframe(1)
        if "MARK" in str(x): print("%s:%d" % (f.f_code.co_filename.split("/")[-1], f.f_lineno))
def box(): return Box()
`

var expectation = regexp.MustCompile(`# (flow|no flow|want-miss|want-fp)$`)

// The interpreter runs every archive and says where the marker arrives; the engine must say the same, line by line.
// "# want-miss" is a flow that the engine does not see, "# want-fp" one that it sees and the interpreter does not.
func TestAgainstInterpreter(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	set, err := models.Load(modeldata.Files, []byte(modelRows))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range archives {
		t.Run(filepath.Base(path), func(t *testing.T) {
			ar, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want, runs := expectations(ar)
			if got := interpret(t, ar); got != nil && !slices.Equal(got, runs) {
				t.Errorf("the interpreter disagrees with the comments:\n%s", difference(got, runs))
			}
			if got := analyse(t, ar, set); !slices.Equal(got, want) {
				t.Errorf("the engine disagrees with the comments:\n%s", difference(got, want))
			}
		})
	}
}

// expectations are the places where the engine sees a flow, and where the interpreter does.
func expectations(ar *txtar.Archive) (engine, runs []string) {
	for _, f := range ar.Files {
		for i, line := range strings.Split(string(f.Data), "\n") {
			m := expectation.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			place := fmt.Sprintf("%s:%d", filepath.Base(f.Name), i+1)
			if m[1] == "flow" || m[1] == "want-fp" {
				engine = append(engine, place)
			}
			if m[1] == "flow" || m[1] == "want-miss" {
				runs = append(runs, place)
			}
		}
	}
	slices.Sort(engine)
	slices.Sort(runs)
	return engine, runs
}

func interpret(t *testing.T, ar *txtar.Archive) []string {
	python, err := exec.LookPath("python3")
	if err != nil {
		return nil
	}
	dir := t.TempDir()
	for _, f := range append(ar.Files, txtar.File{Name: "flowtest.py", Data: []byte(oracle)}) {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(python, "-S", "-B", "main.py")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Fields(string(out))
	slices.Sort(lines)
	return append([]string{}, slices.Compact(lines)...)
}

func parse(ar *txtar.Archive) *semantic.Program {
	var files []*ast.File
	for _, f := range ar.Files {
		files = append(files, parser.Parse(source.NewFile(f.Name, f.Data), parser.Options{}))
	}
	return semantic.Build(files)
}

func analyse(t *testing.T, ar *txtar.Archive, set *models.Set) []string {
	r := flow.Analyze(context.Background(), parse(ar), set, flow.Options{})
	for _, fault := range r.Faults() {
		t.Errorf("%s\n%s", fault, fault.Stack)
	}
	var got []string
	for _, h := range r.Hits {
		ours := func(l value.Label) bool { return l.Origin.Name == "source()" }
		if !strings.HasPrefix(h.Callee, "flowtest.") || !slices.ContainsFunc(h.Labels, ours) {
			continue // what the models know of the standard library
		}
		src := h.Func.Module.Source
		line := 1 + strings.Count(string(src.Text[:h.Func.SpanOf(h.Node).Start]), "\n")
		got = append(got, fmt.Sprintf("%s:%d", filepath.Base(src.Path), line))
	}
	slices.Sort(got)
	return slices.Compact(got)
}

func difference(got, want []string) string {
	var b strings.Builder
	for _, g := range got {
		if !slices.Contains(want, g) {
			fmt.Fprintf(&b, "  unexpected %s\n", g)
		}
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			fmt.Fprintf(&b, "  missing %s\n", w)
		}
	}
	return b.String()
}
