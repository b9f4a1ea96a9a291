package config

import (
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
		{"stopper.toml", "colour = 1\n", `stopper.toml:1: unknown option "colour"; the options are fail_on, min_confidence, only, exclude, exclude_paths`},
		{"pyproject.toml", "[tool.x]\na=1\n[tool.stopper]\nfail-on = \"low\"\n", `pyproject.toml:4: unknown option "fail-on"; did you mean "fail_on"?`},
		{"stopper.toml", "fail_on = \"hi\"\n", `stopper.toml: fail_on = "hi": write one of critical, high, medium, low, none`},
		{"stopper.toml", "min_confidence = \"x\"\n", `stopper.toml: min_confidence = "x": write one of high, medium, low`},
		{"stopper.toml", "exclude_paths = [\"a/../../b\"]\n", `stopper.toml: exclude_paths: "a/../../b" leads out of the tree`},
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

func FuzzParse(f *testing.F) {
	f.Add("fail_on = \"low\"\n")
	f.Add("[tool.stopper]\nonly = [\"a\"]\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = Parse("stopper.toml", []byte(text))
		_, _ = Parse("pyproject.toml", []byte(text))
	})
}
