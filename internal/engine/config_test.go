package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"stopper/internal/config"
	"stopper/internal/engine"
	"stopper/internal/vfs"
)

func parseConfig(t *testing.T, text string) config.Options {
	t.Helper()
	conf, err := config.Parse("stopper.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return conf
}

func listing(out *engine.Output) string {
	var list []string
	for _, f := range out.Result.Findings {
		list = append(list, fmt.Sprintf("%s %s %s", f.Path, f.ID(), f.Severity))
	}
	return strings.Join(list, "\n")
}

func TestConfigurationIsApplied(t *testing.T) {
	const found = "FLASK-SSTI-001/template-injection"
	tree := vfs.Map{"app.py": shop, "old/app.py": shop}
	for _, tc := range []struct {
		name, text string
		opt        engine.Options
		want       []string
		notes      string
	}{
		{"nothing", "", engine.Options{}, []string{"app.py " + found + " Critical", "old/app.py " + found + " Critical"}, ""},
		{"exclude a rule", `exclude = ["FLASK-SSTI-001"]`, engine.Options{}, nil, "stopper.toml: only and exclude leave out 2 findings"},
		{"exclude a check", `exclude = ["` + found + `"]`, engine.Options{}, nil, "stopper.toml: only and exclude leave out 2 findings"},
		{"another rule", `exclude = ["FLASK-XSS-001"]`, engine.Options{}, []string{"app.py " + found + " Critical", "old/app.py " + found + " Critical"}, ""},
		{"only", `only = ["FLASK-XSS-001"]`, engine.Options{}, nil, "stopper.toml: only and exclude leave out 2 findings"},
		{"the command line's only wins", `only = ["FLASK-XSS-001"]`, engine.Options{Only: []string{found}}, []string{"app.py " + found + " Critical", "old/app.py " + found + " Critical"}, ""},
		{"the command line's exclude", "", engine.Options{Exclude: []string{"FLASK-SSTI-001"}}, nil, ""},
		{"severity", "[severity]\nFLASK-SSTI-001 = \"low\"\n", engine.Options{}, []string{"app.py " + found + " Low", "old/app.py " + found + " Low"}, "stopper.toml: severity is changed for 2 findings"},
		{"a check's severity wins", "[severity]\nFLASK-SSTI-001 = \"low\"\n\"" + found + "\" = \"high\"\n", engine.Options{}, []string{"app.py " + found + " High", "old/app.py " + found + " High"}, "stopper.toml: severity is changed for 2 findings"},
		{"some paths", "[[paths]]\nmatch = [\"old/\"]\nexclude = [\"FLASK-SSTI-001\"]\n", engine.Options{}, []string{"app.py " + found + " Critical"}, "stopper.toml: only and exclude leave out 1 finding"},
		{"severity of some paths", "[severity]\nFLASK-SSTI-001 = \"high\"\n[[paths]]\nmatch = [\"old/*.py\"]\nseverity.FLASK-SSTI-001 = \"low\"\n", engine.Options{}, []string{"app.py " + found + " High", "old/app.py " + found + " Low"}, "stopper.toml: severity is changed for 2 findings"},
		{"levels are told", "fail_on = \"none\"\nmin_confidence = \"high\"\n", engine.Options{}, []string{"app.py " + found + " Critical", "old/app.py " + found + " Critical"}, "stopper.toml: fail_on = \"none\"\nstopper.toml: min_confidence = \"high\""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			opt := tc.opt
			opt.Config = parseConfig(t, tc.text)
			out := audit(t, t.Context(), tree, opt)
			got := strings.Split(listing(out), "\n")
			got = slices.DeleteFunc(got, func(s string) bool { return !strings.Contains(s, found) })
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			notes := strings.Join(slices.DeleteFunc(out.Result.Coverage.Configuration, func(s string) bool {
				return tc.notes != "" && !strings.Contains(tc.notes, s)
			}), "\n")
			if tc.notes != "" && notes != tc.notes {
				t.Errorf("notes %q, want %q", out.Result.Coverage.Configuration, tc.notes)
			}
		})
	}
}

func TestSuppressionsInEveryKindOfFile(t *testing.T) {
	const dockerfile = "FROM python:3.12\n# stopper: ignore[FLASK-DEPLOY-001] reason=\"internal tool\"\nCMD [\"flask\", \"--app\", \"app\", \"run\", \"--host=0.0.0.0\"]\n"
	out := audit(t, t.Context(), vfs.Map{
		"app.py":             shop,
		"Dockerfile":         dockerfile,
		"docker-compose.yml": "services:\n  web:\n    build: .\n    environment:\n      FLASK_DEBUG: \"1\"  # stopper: ignore[FLASK-DEPLOY-002/env-debug] reason=\"staging only\"\n",
		"nginx.conf":         "server {\n  # stopper: ignore[FLASK-NGINX-001] reason=\"nothing here\"\n  listen 80;\n}\n",
		"templates/a.html":   "{# stopper: ignore[FLASK-XSS-001/safe-filter] reason=\"nothing here\" #}\n<p>x</p>\n",
		"web.service":        "[Service]\n; stopper: ignore[FLASK-DEPLOY-001]\nExecStart=/bin/true\n",
		"package.json":       "{\"a\": \" # stopper: ignore[FLASK-XSS-001] reason='json has no comments'\"}\n",
	}, engine.Options{})
	for _, f := range out.Result.Findings {
		if strings.HasPrefix(f.RuleID, "FLASK-DEPLOY") && f.Suppressed == nil {
			t.Errorf("not suppressed: %s %s:%d", f.ID(), f.Path, f.Pos.Line)
		}
	}
	var got []string
	for _, s := range out.Result.Suppressions {
		got = append(got, fmt.Sprintf("%s:%d used=%v %s", s.Path, s.Line, s.Used > 0, s.Fault))
	}
	want := []string{
		"Dockerfile:2 used=true ", "docker-compose.yml:5 used=true ",
		"nginx.conf:2 used=false unused: no such finding on line 3",
		"templates/a.html:1 used=false unused: no such finding on line 2",
		"web.service:2 used=false it needs reason=\"…\"",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
