package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stopper/internal/config"
	"stopper/internal/finding"
	"stopper/internal/report/result"
	"stopper/internal/report/sample"
	"stopper/internal/rule"
)

// world is an environment with a recorded result.
type world struct {
	Env
	out, err bytes.Buffer
	files    map[string]string
	asked    AuditOptions
	result   *result.Result
	failure  error
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{files: map[string]string{}, result: sample.Shop()}
	var pages []*rule.Meta
	for _, p := range sample.Rules() {
		m, err := rule.ParseMeta(p)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, m)
	}
	w.Rules = func() []*rule.Meta { return pages }
	w.Stdout, w.Stderr, w.Version = &w.out, &w.err, "0.0.0-test"
	w.Stat, w.Lstat = os.Stat, os.Lstat
	w.WriteFile = func(name string, b []byte) error { w.files[name] = string(b); return nil }
	w.ReadFile = func(name string) ([]byte, error) {
		if text, ok := w.files[name]; ok {
			return []byte(text), nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	w.Audit = func(_ context.Context, o AuditOptions) (*result.Result, error) {
		w.asked = o
		if o.Progress != nil {
			o.Progress("parse\x1b[2J\n" + strings.Repeat("x", 500))
		}
		return w.result, w.failure
	}
	return w
}

func (w *world) run(args ...string) int {
	w.out.Reset()
	w.err.Reset()
	return Run(context.Background(), args, w.Env)
}

func TestExitCodes(t *testing.T) {
	calm := &result.Result{Coverage: result.Coverage{Flask: true}}
	low := &result.Result{Findings: []*finding.Finding{{RuleID: "R", Severity: finding.High, Confidence: finding.ConfidenceLow}}, Coverage: result.Coverage{Flask: true}}
	hidden := &result.Result{Findings: []*finding.Finding{{RuleID: "R", Severity: finding.Critical, Confidence: finding.ConfidenceHigh, Suppressed: &finding.Suppression{}}}}
	broken := &result.Result{Coverage: result.Coverage{InternalErrors: []string{"internal error in a.py: boom"}}}
	for _, tc := range []struct {
		name   string
		result *result.Result
		args   []string
		code   int
		stderr string
	}{
		{"findings", sample.Shop(), []string{"audit"}, 1, ""},
		{"clean", calm, []string{"audit"}, 0, ""},
		{"fail on none", sample.Shop(), []string{"audit", "--fail-on", "none"}, 0, ""},
		{"fail on critical", sample.Shop(), []string{"audit", "--fail-on=Critical"}, 1, ""},
		{"hidden by confidence in text", low, []string{"audit"}, 0, ""},
		{"shown to machines", low, []string{"audit", "--format", "json"}, 1, ""},
		{"asked for", low, []string{"audit", "--min-confidence", "low"}, 1, ""},
		{"suppressed", hidden, []string{"audit"}, 0, ""},
		{"internal error", broken, []string{"audit"}, 3, "internal error in a.py: boom: results incomplete\n"},
		{"internal error in routes", broken, []string{"routes"}, 3, "results incomplete"},
		{"no command", calm, []string{"adit"}, 2, `there is no command "adit"; did you mean audit?`},
		{"no flag", calm, []string{"audit", "--nope"}, 2, `Run "stopper audit --help"`},
		{"version as a flag", calm, []string{"--version"}, 0, ""},
		{"no number", calm, []string{"audit", "--jobs", "many"}, 2, "it takes a number"},
		{"two paths", calm, []string{"audit", "a", "b"}, 2, `audit takes one argument: what is "b"?`},
		{"no severity", calm, []string{"audit", "--fail-on", "bad"}, 2, `--fail-on: unknown severity "bad": use critical, high, medium or low, or none`},
		{"no confidence", calm, []string{"audit", "--min-confidence", "bad"}, 2, `unknown confidence "bad"`},
		{"no format", calm, []string{"audit", "--format", "xml"}, 2, `there is no format "xml": use text, json, sarif`},
		{"two on stdout", calm, []string{"audit", "--format", "json", "--format", "sarif"}, 2, "only one format can go to standard output"},
		{"same file", calm, []string{"audit", "-f", "json", "-o", "x", "-f", "sarif", "-o", "x"}, 2, "same file x"},
		{"no rule", calm, []string{"audit", "--only", "FLASK-SSTO-001"}, 2, `there is no rule "FLASK-SSTO-001"; did you mean FLASK-SSTI-001?`},
		{"negative jobs", calm, []string{"audit", "--jobs", "-1"}, 2, "no number of cores"},
		{"no baseline", calm, []string{"audit", "--baseline", "gone"}, 2, "cannot read the baseline"},
		{"explain nothing", calm, []string{"explain"}, 2, "explain needs a rule"},
		{"explain unknown", calm, []string{"explain", "template-injection"}, 2, "did you mean FLASK-SSTI-001/template-injection?"},
		{"explain unknown check", calm, []string{"explain", "FLASK-SSTI-001/template-injektion"}, 2, "did you mean FLASK-SSTI-001/template-injection?"},
		{"version", calm, []string{"version"}, 0, ""},
		{"help", calm, []string{"--help"}, 0, ""},
		{"nothing", calm, nil, 0, ""},
		{"completion", calm, []string{"completion", "bash"}, 0, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.result = tc.result
			code := w.run(tc.args...)
			if code != tc.code || !strings.Contains(w.err.String(), tc.stderr) {
				t.Errorf("exit %d, want %d; stderr %s", code, tc.code, w.err.String())
			}
			if code == ExitUsage && w.out.Len() > 0 {
				t.Errorf("a usage error writes to standard output: %s", w.out.String())
			}
		})
	}
}

func TestFormatsAndOutputsPairUp(t *testing.T) {
	for _, tc := range []struct {
		args   string
		stdout string // a beginning
		files  map[string]string
	}{
		{"audit", "High  FLASK", nil},
		{"audit --format sarif --output a.sarif --format json --output a.json", "", map[string]string{"a.sarif": "{\n  \"$schema\"", "a.json": "{\n  \"schema\""}},
		{"audit --format sarif --output a.sarif --format text", "High  FLASK", map[string]string{"a.sarif": "{\n  \"$schema\""}},
		{"audit --output a.json --format json", "", map[string]string{"a.json": "{\n  \"schema\""}},
		{"audit --output a.txt", "", map[string]string{"a.txt": "High  FLASK"}},
		{"audit --format json --output -", "{\n  \"schema\"", nil},
		{"routes --format json --output r.json", "", map[string]string{"r.json": "{\n  \"schema\": \"stopper/routes/v1\""}},
		{"rules --format json", "{\n  \"checks\"", nil},
	} {
		t.Run(tc.args, func(t *testing.T) {
			w := newWorld(t)
			if code := w.run(strings.Fields(tc.args)...); code > 1 {
				t.Fatalf("exit %d: %s", code, w.err.String())
			}
			if !strings.HasPrefix(w.out.String(), tc.stdout) || tc.stdout == "" && w.out.Len() > 0 {
				t.Errorf("stdout %.80s", w.out.String())
			}
			for name, start := range tc.files {
				if !strings.HasPrefix(w.files[name], start) {
					t.Errorf("%s: %.80s", name, w.files[name])
				}
			}
			if len(w.files) != len(tc.files) {
				t.Errorf("files %v", w.files)
			}
		})
	}
}

func TestMachineOutputIsAlone(t *testing.T) {
	w := newWorld(t)
	w.StderrIsTerminal = true
	w.result.Coverage.Flask = false
	w.run("audit", "--format", "json", "--stats")
	if !json.Valid(w.out.Bytes()) {
		t.Error("standard output is not JSON")
	}
	for _, want := range []string{"nothing in . uses Flask", "parse", "total"} {
		if !strings.Contains(w.err.String(), want) {
			t.Errorf("stderr lacks %q: %s", want, w.err.String())
		}
	}
}

func TestProgressOnlyOnATerminal(t *testing.T) {
	w := newWorld(t)
	w.run("audit")
	if w.err.Len() > 0 || w.asked.Progress != nil {
		t.Errorf("progress without a terminal: %q", w.err.String())
	}
	w.StderrIsTerminal = true
	w.run("audit", "--quiet")
	if w.err.Len() > 0 {
		t.Errorf("progress although quiet: %q", w.err.String())
	}
	w.run("audit")
	if got := w.err.String(); !strings.HasPrefix(got, "\r\x1b[Kparse") || !strings.HasSuffix(got, "\r\x1b[K") || strings.Contains(got, "[2J\n") || strings.Count(got, "\x1b") != 2 {
		t.Errorf("%q", got)
	}
}

func TestColour(t *testing.T) {
	w := newWorld(t)
	env := map[string]string{}
	w.Getenv = func(k string) string { return env[k] }
	coloured := func(args ...string) bool {
		w.run(args...)
		return strings.Contains(w.out.String(), "\x1b[")
	}
	if coloured("audit") {
		t.Error("colours without a terminal")
	}
	w.StdoutWidth = 90
	if !coloured("audit") || !coloured("explain", "ssti-001") {
		t.Error("no colours on a terminal")
	}
	if coloured("audit", "--no-color") || coloured("audit", "--format", "json") {
		t.Error("colours although not wanted")
	}
	env["NO_COLOR"] = "1"
	if coloured("audit") || coloured("explain", "ssti-001") {
		t.Error("NO_COLOR is not obeyed")
	}
	env["NO_COLOR"], env["TERM"] = "", "dumb"
	if coloured("audit") {
		t.Error("colours on a dumb terminal")
	}
}

func TestOptionsReachTheEngine(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	w.run("audit", dir, "--jobs", "3", "--only", "ssti-001, FLASK-INJECT-001/sql", "--exclude", "inject-001")
	if w.asked.Path != dir || w.asked.Jobs != 3 || w.asked.RoutesOnly ||
		strings.Join(w.asked.Only, " ") != "FLASK-SSTI-001 FLASK-INJECT-001/sql" || strings.Join(w.asked.Exclude, " ") != "FLASK-INJECT-001" {
		t.Errorf("%+v", w.asked)
	}
	if w.run("routes"); !w.asked.RoutesOnly || w.asked.Path != "." {
		t.Errorf("%+v", w.asked)
	}
}

func TestConfiguration(t *testing.T) {
	w := newWorld(t)
	text, named := "", ""
	w.Configure = func(_, file string) (config.Options, error) {
		named = file
		return config.Parse("stopper.toml", []byte(text))
	}
	for _, tc := range []struct {
		name, text, args string
		code             int
		stderr           string
	}{
		{"fail_on", `fail_on = "none"`, "audit", 0, ""},
		{"the flag wins", `fail_on = "none"`, "audit --fail-on high", 1, ""},
		{"min_confidence", `min_confidence = "high"`, "audit --format json --exclude ssti-001", 1, ""},
		{"unknown key", `fail_onn = "none"`, "audit", 2, `stopper.toml:1: unknown option "fail_onn"; did you mean "fail_on"?`},
		{"unknown key for routes", `fail_onn = "none"`, "routes", 2, `did you mean "fail_on"?`},
		{"unknown key for baseline", `fail_onn = "none"`, "baseline", 2, `did you mean "fail_on"?`},
		{"unknown rule", `exclude = ["FLASK-SSTY-001"]`, "audit", 2, `stopper.toml:1: there is no rule "FLASK-SSTY-001"; did you mean FLASK-SSTI-001?`},
		{"unknown rule of a severity", "\n[severity]\nssti-002 = \"low\"", "audit", 2, `stopper.toml:3: there is no rule "ssti-002"`},
		{"named", "", "audit --config c.toml", 1, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text = tc.text
			if code := w.run(strings.Fields(tc.args)...); code != tc.code || !strings.Contains(w.err.String(), tc.stderr) {
				t.Errorf("exit %d, want %d; %s", code, tc.code, w.err.String())
			}
		})
	}
	if named != "c.toml" {
		t.Errorf("the named file is %q", named)
	}
	text = `exclude = ["ssti-001"]`
	if w.run("audit"); strings.Join(w.asked.Config.Exclude, " ") != "FLASK-SSTI-001" {
		t.Errorf("%+v", w.asked.Config)
	}
}

func TestBadPaths(t *testing.T) {
	dir := t.TempDir()
	file, link, loop := filepath.Join(dir, "a.py"), filepath.Join(dir, "link"), filepath.Join(dir, "loop")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Symlink("gone", link), os.Symlink("loop", loop)); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	for _, tc := range []struct{ path, want string }{
		{filepath.Join(dir, "nope"), "there is no folder " + filepath.Join(dir, "nope")},
		{file, file + " is a file: give the folder that holds the application, for example " + dir},
		{link, "is a link to something that does not exist"},
		{loop, "loop"},
		{dir + "/x\x1b[2J", `there is no folder ` + dir + `/x\x1b[2J`},
	} {
		for _, command := range []string{"audit", "routes", "baseline"} {
			code := w.run(command, tc.path)
			if code != ExitUsage || !strings.Contains(w.err.String(), tc.want) || strings.Contains(w.err.String(), "\x1b") {
				t.Errorf("%s %q: exit %d, %q", command, tc.path, code, w.err.String())
			}
		}
	}
	w.failure = &fs.PathError{Op: "open", Path: dir, Err: fs.ErrPermission}
	if code := w.run("audit", dir); code != ExitUsage || !strings.Contains(w.err.String(), "permission denied") {
		t.Errorf("exit %d, %s", code, w.err.String())
	}
}

func TestFailures(t *testing.T) {
	w := newWorld(t)
	w.Audit = func(context.Context, AuditOptions) (*result.Result, error) { panic("boom") }
	if code := w.run("audit"); code != ExitFault || !strings.Contains(w.err.String(), "internal error: boom") {
		t.Errorf("panic: exit %d, %s", code, w.err.String())
	}
	w.Audit = func(context.Context, AuditOptions) (*result.Result, error) { return nil, context.Canceled }
	if code := w.run("audit"); code != ExitUsage || w.err.String() != "stopper: interrupted\n" {
		t.Errorf("interrupt: exit %d, %s", code, w.err.String())
	}
	w = newWorld(t)
	w.WriteFile = func(string, []byte) error { return errors.New("disk full") }
	if code := w.run("audit", "-f", "json", "-o", "x"); code != ExitUsage || !strings.Contains(w.err.String(), "cannot write the report: disk full") {
		t.Errorf("write: exit %d, %s", code, w.err.String())
	}
}

func TestBaseline(t *testing.T) {
	w := newWorld(t)
	if code := w.run("baseline", "--output", "base"); code != 0 {
		t.Fatal(w.err.String())
	}
	base := w.files["base"]
	if !strings.HasPrefix(base, "# stopper baseline v1: 5\n") {
		t.Fatalf("%s", base)
	}
	w.result = sample.Shop()
	if code := w.run("audit", "--baseline", "base"); code != 0 || !strings.Contains(w.out.String(), "No findings.\n5 findings are suppressed") {
		t.Errorf("exit %d: %s", code, w.out.String())
	}
	w.result = sample.Shop()
	w.result.Findings = w.result.Findings[1:]
	if w.run("audit", "--baseline", "base"); !strings.Contains(w.out.String(), "stale: no such finding any more") {
		t.Errorf("%s", w.out.String())
	}
	for _, broken := range []string{"", "# stopper baseline v1: 4\n" + base[strings.Index(base, "\n")+1:], base + "junk\n"} {
		w.files["base"] = broken
		if code := w.run("audit", "--baseline", "base"); code != ExitUsage || !strings.Contains(w.err.String(), "baseline base: ") {
			t.Errorf("exit %d: %s", code, w.err.String())
		}
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	for _, tc := range []struct {
		args  []string
		wants []string
	}{
		{[]string{"version"}, []string{"stopper 0.0.0-test\n"}},
		{[]string{"rules"}, []string{"FLASK-SSTI-001  Templates come", "template-injection  Critical  CWE-1336"}},
		{[]string{"explain", "FLASK-SSTI-001"}, []string{"What it checks\n  The *first* argument", "\nBad\n    bad()\n", "- See the manual <https://flask.palletsprojects.com/>."}},
		{[]string{"explain", "inject-001/sql"}, []string{"FLASK-INJECT-001/sql  A request decides what SQL says\n"}},
		{[]string{"explain", "--verify"}, []string{"TLS at the edge\n  Open the site"}},
		{[]string{"routes"}, []string{"/search", "GET POST", "2 routes in 2 files, 1 conditional, 1 with a URL that could not be resolved"}},
		{[]string{"audit", "--quiet"}, []string{"shop/views/search.py:8: Critical FLASK-SSTI-001/template-injection: "}},
	} {
		if code := w.run(tc.args...); code > 1 {
			t.Errorf("%v: exit %d: %s", tc.args, code, w.err.String())
		}
		for _, want := range tc.wants {
			if !strings.Contains(w.out.String(), want) {
				t.Errorf("%v lacks %q:\n%s", tc.args, want, w.out.String())
			}
		}
	}
}

func TestCompare(t *testing.T) {
	w := newWorld(t)
	w.run("audit", "--format", "json", "--output", "old.json")
	w.result = sample.Shop()
	w.result.Findings = append(w.result.Findings[2:], &finding.Finding{RuleID: "FLASK-XSS-001", Check: "new", Fingerprint: "f", Severity: finding.Medium, Confidence: finding.ConfidenceHigh, Path: "x\x1b.py", Message: "a new one"})
	w.run("audit", "--format", "json", "--output", "new.json")
	if code := w.run("compare", "old.json", "new.json"); code != 0 || !strings.HasSuffix(w.out.String(), "1 new, 2 gone, 3 unchanged\n") || strings.Contains(w.out.String(), "\x1b") {
		t.Errorf("exit %d: %s", code, w.out.String())
	}
	if code := w.run("compare", "old.json", "new.json", "--fail-on", "medium", "--format", "json"); code != 1 || !json.Valid(w.out.Bytes()) {
		t.Errorf("exit %d: %s", code, w.out.String())
	}
	w.result.Coverage.InternalErrors = []string{"boom"}
	w.run("audit", "--format", "json", "--output", "new.json")
	if code := w.run("compare", "old.json", "new.json"); code != 3 || !strings.Contains(w.err.String(), "incomplete") {
		t.Errorf("exit %d: %s", code, w.err.String())
	}
	w.files["bad"] = "{}"
	for _, args := range [][]string{{"old.json"}, {"old.json", "gone"}, {"old.json", "bad"}, {"old.json", "new.json", "--fail-on", "x"}, {"a", "b", "c"}} {
		if code := w.run(append([]string{"compare"}, args...)...); code != ExitUsage {
			t.Errorf("%v: exit %d", args, code)
		}
	}
}

func TestSuppressions(t *testing.T) {
	w := newWorld(t)
	if code := w.run("suppressions"); code != 1 || w.out.String() != "shop/a.py:7  FLASK-XSS-001  expired on 2020-01-01\n  old\n1 suppression, 1 without effect\n" {
		t.Errorf("exit %d: %s", code, w.out.String())
	}
	w.result.Suppressions = []result.Suppression{{Path: "a.py", Line: 1, ID: "X", Reason: "why", Until: "2030-01-01", Used: 2}}
	if code := w.run("suppressions"); code != 0 || w.out.String() != "a.py:1  X  hides 2 findings until 2030-01-01\n  why\n1 suppression, 0 without effect\n" {
		t.Errorf("exit %d: %s", code, w.out.String())
	}
	if code := w.run("suppressions", "--format", "json"); code != 0 || !json.Valid(w.out.Bytes()) {
		t.Errorf("exit %d: %s", code, w.out.String())
	}
}
