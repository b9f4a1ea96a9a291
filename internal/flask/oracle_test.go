package flask_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// driver imports the files of each folder it is given under real Flask, in a process of its own that has Flask loaded, and
// writes the URL maps of the applications that they make to the file "real".
const driver = `
import importlib, os, sys, traceback
import flask
apps = []
init = flask.Flask.__init__
def noting(self, *a, **k):
    init(self, *a, **k)
    apps.append(self)
flask.Flask.__init__ = noting

def run(out):
    sys.path.insert(0, os.getcwd())
    modules = []
    for root, _, files in sorted(os.walk(".")):
        for f in sorted(files):
            if f.endswith(".py") and "tests" not in root:
                name = os.path.join(root, f)[2:-3].replace(os.sep, ".").removesuffix(".__init__")
                modules.append(importlib.import_module(name))
    for module in modules:
        if not apps and hasattr(module, "create_app"):
            module.create_app()
    for app in apps:
        for rule in app.url_map.iter_rules():
            print(",".join(sorted(rule.methods - {"HEAD", "OPTIONS"})), rule.rule, rule.endpoint, file=out)

for folder in sys.argv[1:]:
    if os.fork() == 0:
        os.chdir(folder)
        with open("real", "w") as out:
            try:
                run(out)
            except ModuleNotFoundError as e:
                print("missing", e.name, file=out)
            except Exception:
                print("failed", traceback.format_exc(), file=out)
        os._exit(0)
    os.wait()
`

// notRun are archives that real Flask would refuse, or that show what static reading adds: blueprints nobody registers,
// functions nobody calls, both ways of a condition.
var notRun = []string{"blueprint_cycle", "blueprint_orphan", "computed", "conditions", "config_prefix", "extension_init_app", "hostile_classes",
	"hostile_loops", "hostile_registrations", "unknown_app", "look_alikes"}

// Real Flask, where an interpreter has it, says which rules and methods each archive registers, and must be agreed with.
// STOPPER_FLASK_PYTHON names an interpreter with the extensions; without them their archives are left out.
func TestAgainstFlask(t *testing.T) {
	python := os.Getenv("STOPPER_FLASK_PYTHON")
	if python == "" {
		python = "python3"
	}
	if err := exec.Command(python, "-c", "import flask").Run(); err != nil {
		t.Skipf("%s has no Flask", python)
	}
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	args := []string{"-W", "ignore", "-c", driver}
	tables := map[string]string{}
	for _, path := range archives {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		if slices.Contains(notRun, name) {
			continue
		}
		tables[name] = extract(t, path, filepath.Join(tmp, name))
		args = append(args, filepath.Join(tmp, name))
	}
	if out, err := exec.Command(python, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, table := range tables {
		t.Run(name, func(t *testing.T) { compare(t, table, filepath.Join(tmp, name, "real")) })
	}
}

// extract writes the files of an archive to a folder and returns its table of routes.
func extract(t *testing.T, path, dir string) string {
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	table := ""
	for _, f := range ar.Files {
		if f.Name == "routes" {
			table = string(f.Data)
			continue
		}
		to := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

func compare(t *testing.T, want, real string) {
	out, err := os.ReadFile(real)
	if err != nil {
		t.Fatal(err)
	}
	if m, missing := strings.CutPrefix(string(out), "missing "); missing {
		t.Skip("not installed: " + strings.TrimSpace(m))
	}
	if m, failed := strings.CutPrefix(string(out), "failed "); failed {
		t.Fatal(m)
	}
	got, has := pairs(want), pairs(string(out))
	for _, p := range got {
		if !slices.Contains(has, p) {
			t.Errorf("Flask has no %s", p)
		}
	}
	for _, p := range has {
		if !slices.Contains(got, p) {
			t.Errorf("Flask has %s", p)
		}
	}
}

// pairs are the distinct "METHOD rule endpoint" of a table.
func pairs(table string) []string {
	var out []string
	for line := range strings.SplitSeq(strings.TrimSpace(table), "\n") {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		for m := range strings.SplitSeq(f[0], ",") {
			out = append(out, m+" "+f[1]+" "+f[2])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
