package settings

import (
	"fmt"
	"strings"
	"testing"

	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/source"
)

func env(vars map[string]string) func(string) (string, bool) {
	return func(n string) (string, bool) { s, ok := vars[n]; return s, ok }
}

func TestEvaluate(t *testing.T) {
	getenv := env(map[string]string{"ON": "true", "N": "16", "HOSTS": "a.example,b.example"})
	for expr, want := range map[string]string{
		`16 * 1024 ** 2`:                             "16777216",
		`os.environ["ON"] == "true"`:                 "true",
		`os.environ.get("OFF", "1") != "0"`:          "true",
		`os.environ.get("OFF", "0") in ("1", "yes")`: "false",
		`os.getenv("OFF") or "fallback"`:             "?",
		`int(os.getenv("N", 1)) << 20`:               "16777216",
		`os.environ["HOSTS"].split(",")`:             "[a.example b.example]",
		`env.bool("ON", default=False)`:              "true",
		`config("NOPE", default=True, cast=bool)`:    "true",
		`config("ON", cast=bool)`:                    "true",
		`strtobool(os.environ.get("OFF", "no"))`:     "false",
		`not os.environ.get("OFF", "")`:              "true",
		`timedelta(days=31, hours=1)`:                "745h0m0s",
		`timedelta(days=10**9)`:                      "876000h0m0s",
		`"a" "b" + "c"`:                              "abc",
		`"x" if env("ON") == "true" else "y"`:        "x",
		`["a", None, -1, 1.5]`:                       "[a <nil> -1 1]",
		`os.urandom(24)`:                             "?",
		`2 ** 200`:                                   "?",
		`1 << 100`:                                   "?",
		`unknown`:                                    "?",
		`str(True).lower()`:                          "?",
		`0x10`:                                       "16",
		strings.Repeat("not ", 100) + "True":         "?",
	} {
		file := parser.New().Parse(source.NewFile("x.py", []byte("x = "+expr)))
		got := "?"
		body := file.Body(file.Root)
		if len(body) == 1 {
			if r := Evaluate(file, file.SlotB(ast.NodeID(body[0])), getenv, nil); r.Known {
				got = fmt.Sprint(r.Value)
			}
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", expr, got, want)
		}
	}
}

func TestReadFile(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a.cfg":  {"import os\nSIZE = 4\nMAX = SIZE * 2\nlower = 1\nKEY = os.environ['K']\nX = Y = 'z'\n", "2 SIZE=4;3 MAX=8;5 KEY=?;6 X=z;6 Y=z;"},
		"a.json": {"{\n \"DEBUG\": true,\n \"HOSTS\": [\"a\"], \"low\": 1\n}", "2 DEBUG=true;3 HOSTS=[a];"},
		"a.toml": {"DEBUG = false\nN = 5\n[table]\nDEBUG = true\n", "1 DEBUG=false;2 N=5;"},
		"b.json": {strings.Repeat("[", 10_000), ""},
		"b.toml": {"x = ", ""},
		"b.cfg":  {strings.Repeat("A = [", 10_000), ""},
		"c.cfg":  {"\x00\xff", ""},
	} {
		got := ""
		for _, e := range ReadFile(name, []byte(c.text), env(nil)) {
			if !e.Known {
				e.Value = "?"
			}
			got += fmt.Sprintf("%d %s=%v;", e.Line, e.Key, e.Value)
		}
		if name != "b.cfg" && got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	if ReadFile("x.cfg", make([]byte, maxFile+1), env(nil)) != nil {
		t.Error("size")
	}
}

func TestParseText(t *testing.T) {
	for in, want := range map[string]string{"true": "true", "5": "5", "[\"a\"]": "[a]", "plain": "plain", `"q"`: "q", "{\"a\":1}": "{\"a\":1}"} {
		if got := fmt.Sprint(ParseText(in)); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add(0, "A = 1 if os.environ.get('X', '1') else [2, 'x'.split(',')]\n")
	f.Add(1, `{"A": [1, null]}`)
	f.Add(2, "A = 1\n")
	f.Fuzz(func(t *testing.T, i int, text string) {
		name := []string{"a.cfg", "a.json", "a.toml"}[uint(i)%3]
		for _, e := range ReadFile(name, []byte(text), env(map[string]string{"X": "y"})) {
			if e.Line < 1 {
				t.Error(e)
			}
		}
	})
}
