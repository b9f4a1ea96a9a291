package config

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"stopper/internal/vfs"
)

func TestLoad(t *testing.T) {
	full := "fail_on = \"medium\"\nmin_confidence = \"low\"\nonly = [\"FLASK-XSS-001\"]\nexclude = [\"FLASK-SESS-001/secure\"]\nexclude_paths = [\"legacy/\"]\n"
	want := Options{FailOn: "medium", MinConfidence: "low", Only: []string{"FLASK-XSS-001"}, Exclude: []string{"FLASK-SESS-001/secure"}, ExcludePaths: []string{"legacy/"}}
	for _, c := range []struct {
		files vfs.Map
		file  string
	}{
		{vfs.Map{"stopper.toml": full}, "stopper.toml"},
		{vfs.Map{"pyproject.toml": "[project]\nname = \"x\"\n[tool.other]\nfail_onn = 1\n[tool.stopper]\n" + full}, "pyproject.toml"},
		{vfs.Map{"stopper.toml": full, "pyproject.toml": "[tool.stopper]\nfail_on = \"low\"\n"}, "stopper.toml"},
	} {
		got, err := Load(c.files)
		want.File = c.file
		got.text = ""
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v: %+v, %v", c.file, got, err)
		}
	}
	for _, m := range []vfs.Map{{}, {"pyproject.toml": "[tool.black]\nx = 1\n"}, {"pyproject.toml": "# stopper\n[tool.black]\nx = 1\n"}} {
		if got, err := Load(m); err != nil || got.File != "" {
			t.Error(got, err)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"stopper.toml", "\nexlude = []\n", `stopper.toml:2: unknown option "exlude"; did you mean "exclude"?`},
		{"stopper.toml", "colour = 1\n", `stopper.toml:1: unknown option "colour"; the options are fail_on, min_confidence, only, exclude, exclude_paths, severity, paths`},
		{"pyproject.toml", "[tool.x]\na=1\n[tool.stopper]\nfail-on = \"low\"\n", `pyproject.toml:4: unknown option "fail-on"; did you mean "fail_on"?`},
		{"stopper.toml", "fail_on = \"hi\"\n", `stopper.toml:1: fail_on = "hi": write one of critical, high, medium, low, none`},
		{"stopper.toml", "min_confidence = \"x\"\n", `stopper.toml:1: min_confidence = "x": write one of high, medium, low`},
		{"stopper.toml", "exclude_paths = [\"a/../../b\"]\n", `stopper.toml:1: exclude_paths: "a/../../b" leads out of the tree`},
		{"stopper.toml", "[severity]\nFLASK-XSS-001 = \"bad\"\n", `stopper.toml:2: severity of FLASK-XSS-001 = "bad": write one of critical, high, medium, low`},
		{"stopper.toml", "[severity]\nFLASK-XSS-001 = 3\n", `stopper.toml:2: `},
		{"stopper.toml", "[[paths]]\nmach = [\"a\"]\n", `stopper.toml:2: unknown option "mach"; did you mean "match"?`},
		{"pyproject.toml", "[[tool.stopper.paths]]\nfail_on = \"low\"\n", `pyproject.toml:2: unknown option "fail_on"; the options are match, exclude, severity`},
		{"stopper.toml", "[[paths]]\nexclude = [\"FLASK-XSS-001\"]\n", `stopper.toml:1: [[paths]]: write match = `},
		{"stopper.toml", "[[paths]]\nmatch = [\"../a\"]\n", `stopper.toml:2: match: "../a" leads out of the tree`},
		{"stopper.toml", "[[paths]]\nmatch = [\"a\"]\nseverity.\"FLASK-XSS-001/reflected\" = \"none\"\n", `stopper.toml:3: severity of FLASK-XSS-001/reflected = "none"`},
		{"stopper.toml", "x = \n", "stopper.toml:1: "},
		{"stopper.toml", "only = 3\n", "stopper.toml:1: "},
		{"stopper.toml", "a = " + strings.Repeat("[", 500_000), "stopper.toml:1: nested more than 64 levels deep"},
		{"stopper.toml", "[tool.stopper]\nfail_on = \"low\"\n", `stopper.toml:1: unknown option "tool"`},
		{"stopper.toml", "\xff\x00", "stopper.toml"},
	} {
		_, err := Parse(c.name, []byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%.40q: %v", c.text, err)
		}
	}
}

func TestTables(t *testing.T) {
	const text = "[severity]\nxss-001 = \"low\"\n\"FLASK-SESS-001/secure\" = \"high\"\n[[paths]]\nmatch = [\"tests/\", \"*.j2\"]\nexclude = [\"xss-001\"]\n[[paths]]\nmatch = [\"/legacy\"]\n[paths.severity]\nssrf-001 = \"medium\"\n"
	got, err := Parse("stopper.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	err = got.Resolve(func(id string) (string, error) {
		if strings.HasPrefix(id, "FLASK-") {
			return id, nil
		}
		return "FLASK-" + strings.ToUpper(id), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Options{
		Severity: map[string]string{"FLASK-XSS-001": "low", "FLASK-SESS-001/secure": "high"},
		Paths: []PathOptions{
			{Match: []string{"tests/", "*.j2"}, Exclude: []string{"FLASK-XSS-001"}},
			{Match: []string{"/legacy"}, Severity: map[string]string{"FLASK-SSRF-001": "medium"}},
		},
		File: "stopper.toml", text: text,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	err = got.Resolve(func(id string) (string, error) {
		if id == "FLASK-SSRF-001" {
			return "", errors.New("no such rule")
		}
		return id, nil
	})
	if err == nil || err.Error() != "stopper.toml: no such rule" {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("fail_on = \"low\"\n")
	f.Add("[tool.stopper]\nonly = [\"a\"]\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = Parse("stopper.toml", []byte(text))
		_, _ = Parse("pyproject.toml", []byte(text))
	})
}
