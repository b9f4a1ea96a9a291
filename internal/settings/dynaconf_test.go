package settings

import (
	"fmt"
	"strings"
	"testing"
)

func TestReadDynaconf(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a.toml": {"debug = true\n[default]\nname = \"shop\" # why\n'quoted' = \"@int 3\"\ntable = {a = 1}\n[default.inner]\nx = 1\n[production]\nname = \"live\"\n[tool]\ny = 1\n",
			": DEBUG=true@1; default: NAME=shop@3 QUOTED=3@4; production: NAME=live@9"},
		"a.yaml":  {"default:\n  name: shop\n  on: \"true\"\n  inner: {a: 1}\nproduction:\n  name:\n", ": ; default: NAME=shop@2 ON=true@3; production: NAME=<nil>@6"},
		"a.json":  {`{"default": {"NAME": "shop", "n": 3}}`, ": ; default: NAME=shop@1 N=3@1"},
		"a.ini":   {"[default]\nname = \"shop\"\n; no\n[production]\nn = @bool off\n", ": ; default: NAME=shop@2; production: N=false@5"},
		"a.py":    {"NAME = 'shop'\nlower = 1\n", ": NAME=shop@1"},
		"b.yaml":  {"x: '@jinja {{ this }}'\n", ": X=?@1"},
		"c.toml":  {"[[[", ""},
		"c.yaml":  {"a: [", ""},
		"c.json":  {strings.Repeat("[", 100_000), ""},
		"big.ini": {"a = " + strings.Repeat("x", maxFile), ""},
		"c.txt":   {"a = 1", ""},
	} {
		var parts []string
		for _, s := range ReadDynaconf(name, []byte(c.text), func(string) (string, bool) { return "", false }) {
			var entries []string
			for _, e := range s.Entries {
				v := "?"
				if e.Known {
					v = fmt.Sprint(e.Value)
				}
				entries = append(entries, fmt.Sprintf("%s=%s@%d", e.Key, v, e.Line))
			}
			parts = append(parts, s.Env+": "+strings.Join(entries, " "))
		}
		if got := strings.Join(parts, "; "); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func FuzzReadDynaconf(f *testing.F) {
	f.Add("a.toml", "[default]\na = 1\n")
	f.Add("a.yaml", "default: {a: 1}")
	f.Add("a.ini", "[default]\na = @int 1\n")
	f.Fuzz(func(_ *testing.T, name, text string) {
		ReadDynaconf(name, []byte(text), func(string) (string, bool) { return "", false })
	})
}
