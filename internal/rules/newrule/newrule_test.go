package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const kindFile = "../../models/kind.go"

func demo() request {
	return request{id: "FLASK-DEMO-001", slug: "host-command", title: "A request writes a command", kind: "shell", cwe: 78, imports: "subprocess",
		sink: "subprocess.run(value, shell=True)", since: "0.1.0"}
}

// harness runs the fixtures and the page's examples of the scaffold, with the new rule alone.
const harness = `package demo001_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stopper/internal/models"
	"stopper/internal/rule"
	"stopper/internal/rules/demo001"
	"stopper/internal/ruletest"
	modeldata "stopper/models"
)

func TestScaffold(t *testing.T) {
	set, err := models.Load(modeldata.Files)
	if err != nil {
		t.Fatal(err)
	}
	rules := []rule.Rule{demo001.Rule{}}
	fixtures, err := filepath.Glob(filepath.Join(os.Getenv("NEWRULE_FOLDER"), "testdata", "*.txtar"))
	if err != nil || len(fixtures) != 2 {
		t.Fatalf("fixtures %v, %v", fixtures, err)
	}
	for _, f := range fixtures {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		ruletest.Run(t, "demo001", text, set, rules)
	}
	m, err := rule.ParseMeta(demo001.Rule{}.Page())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []rule.Section{rule.Bad, rule.Good} {
		for _, ex := range m.Examples(s) {
			if wants := strings.Contains(ex.Code, "# want"); wants != (s == rule.Bad) {
				t.Errorf("%s: wants something: %v", s, wants)
			}
			ruletest.Run(t, "demo001", []byte("-- app.py --\n"+ex.Code), set, rules)
		}
	}
}
`

// The scaffold compiles, its page is complete and its fixtures hold. It is laid over the module for one test run, so that the
// tree is not touched.
func TestScaffoldCompilesAndItsFixturesRun(t *testing.T) {
	if testing.Short() {
		t.Skip("links a test binary of its own")
	}
	files, err := scaffold(demo(), kindFile)
	if err != nil {
		t.Fatal(err)
	}
	files["demo_test.go"] = []byte(harness)
	dir, overlay := t.TempDir(), map[string]string{}
	target, err := filepath.Abs("../demo001")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(target, name)] = file
	}
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	listFile := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(listFile, list, 0o644); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "demo.test")
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", listFile, "-o", program, "stopper/internal/rules/demo001").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.Command(program)
	run.Env = append(os.Environ(), "NEWRULE_FOLDER="+dir)
	if out, err := run.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestWrongRequests(t *testing.T) {
	for want, change := range map[string]func(*request){
		"must look like FLASK-DEMO-001":   func(r *request) { r.id = "DEMO-1" },
		"must be lower-case words":        func(r *request) { r.slug = "Host Command" },
		`there is no sink kind "shel"`:    func(r *request) { r.kind = "shel" },
		"-cwe is missing":                 func(r *request) { r.cwe = 0 },
		"one line that uses the variable": func(r *request) { r.sink = "run(x)" },
		"no such file or directory":       nil,
	} {
		r, file := demo(), kindFile
		if change == nil {
			file = "nowhere.go"
		} else {
			change(&r)
		}
		if _, err := scaffold(r, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
