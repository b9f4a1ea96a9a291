package models

import (
	"slices"
	"strings"
	"testing"
)

func TestParseArg(t *testing.T) {
	for text, want := range map[string]ArgSel{
		"0":                   {Pos: 0},
		"sql":                 {Pos: NoPos, Name: "sql"},
		"0|sql":               {Pos: 0, Name: "sql"},
		"12|last":             {Pos: 12, Name: "last"},
		"*":                   {Pos: EveryPos},
		"1*":                  {Pos: EveryPos, Min: 1},
		"any":                 {Pos: NoPos, Any: true},
		"self":                {Pos: NoPos, Self: true},
		"self[]":              {Pos: NoPos, Self: true, Elem: true},
		"0[]":                 {Pos: 0, Elem: true},
		"0|args[0]":           {Pos: 0, Name: "args", First: true},
		"0|args[1:]":          {Pos: 0, Name: "args", Rest: true},
		"2|headers[Location]": {Pos: 2, Name: "headers", Key: "Location"},
	} {
		got, err := parseArg(text)
		if err != nil || got != want {
			t.Errorf("parseArg(%q) = %+v, %v; want %+v", text, got, err, want)
		}
		if got.IsNone() {
			t.Errorf("%q selects nothing", text)
		}
	}
	for _, text := range []string{"", "|", "0|", "|sql", "-1", "65", "999999999999999999999", "0[", "0]", "[0]", "0[0][1]", "0[*]", "a b", "a.b", "**", "x*", "0|1", "0|self|x", "é"} {
		if got, err := parseArg(text); err == nil {
			t.Errorf("parseArg(%q) = %+v, want an error", text, got)
		}
	}
}

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		text        string
		yes, no     string // values that match and do not, "" to skip
		absentHolds bool
	}{
		{"shell=True", "True", "False", false},
		{"8|shell=True|1", "1", "0", false},
		{"shell?=False", "False", "True", true},
		{"1|mode~w|a", "wb", "rb", false},
		{"1|mode?!~w|a", "rb", "ab", true},
		{"mimetype!=text/plain", "text/html", "text/plain", true},
		{"!filter", "", "data", true},
		{"filter", "data", "", false},
		{"2|headers[Content-Type]?~html", "text/html", "application/json", true},
	} {
		got, err := parseCond(c.text)
		if err != nil {
			t.Errorf("parseCond(%q): %v", c.text, err)
			continue
		}
		if c.yes != "" && !got.Match(c.yes) || c.no != "" && got.Match(c.no) || got.MatchAbsent() != c.absentHolds {
			t.Errorf("%q: Match(%q)=%v Match(%q)=%v MatchAbsent=%v", c.text, c.yes, got.Match(c.yes), c.no, got.Match(c.no), got.MatchAbsent())
		}
	}
	for _, text := range []string{"", "=", "x=", "x?", "!x=1", "x!1", "*=1", "self=1", "0[]=1", "any=1", "x?x=1"} {
		if got, err := parseCond(text); err == nil {
			t.Errorf("parseCond(%q) = %+v, want an error", text, got)
		}
	}
}

func TestExpand(t *testing.T) {
	for pattern, want := range map[string][]string{
		"a.b":              {"a.b"},
		"a.{b,c}":          {"a.b", "a.c"},
		"{a,b}.x{1,2}":     {"a.x1", "a.x2", "b.x1", "b.x2"},
		"a.{b.c,d}.e":      {"a.b.c.e", "a.d.e"},
		"a.{b}":            {"a.b"},
		"os.exec{l,v}{,e}": {"os.execl", "os.execle", "os.execv", "os.execve"},
	} {
		got, err := expand(pattern)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("expand(%q) = %q, %v; want %q", pattern, got, err, want)
		}
	}
	bomb := strings.Repeat("{a,b}", 40)
	for _, pattern := range []string{"", "a.{b", "a.b}", "a.{b,{c}}", ".a", "a..b", "a b", "1a", bomb, "a." + strings.Repeat("x", 400)} {
		if got, err := expand(pattern); err == nil {
			t.Errorf("expand(%.40q) = %d paths, want an error", pattern, len(got))
		}
	}
}

func FuzzSelectors(f *testing.F) {
	for _, seed := range []string{"0|sql", "2|headers[Location]", "1|mode?!~w|a", "a.{b,c}.d", "{a,b}{c,d}", "0[1:]", "!x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := parseArg(text); err == nil && (a.IsNone() || a.Pos > maxPos || a.Pos < EveryPos) {
			t.Errorf("parseArg(%q) = %+v", text, a)
		}
		if c, err := parseCond(text); err == nil {
			if c.Op == CondPresent && c.Match("x") == c.MatchAbsent() {
				t.Errorf("parseCond(%q) = %+v", text, c)
			}
		}
		paths, err := expand(text)
		if err != nil {
			return
		}
		if len(paths) == 0 || len(paths) > maxExpand {
			t.Errorf("expand(%q): %d paths", text, len(paths))
		}
		for _, p := range paths {
			if !isPath(p) {
				t.Errorf("expand(%q) holds %q", text, p)
			}
		}
	})
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`doc = "x"` + "\n" + `sinks = [{ call = "a.b", arg = "0|x", kind = "sql", when = ["y=1"] }]`))
	f.Add([]byte("[[types]]\nclass = \"a.B\"\nbases = [\"a.B\"]\n"))
	f.Add([]byte("aliases = [{ from = \"a\", to = \"a.a\" }]\nclean = [\"a.b\"]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := newCompiler()
		if c.add("fuzz.toml", data) != nil {
			return
		}
		set, err := c.finish()
		if err != nil {
			return
		}
		for e := range set.Entries() {
			set.Lookup(e.Path)
			set.Lookup(e.Path + ".x.y")
			set.Member(e.Path, "x")
			set.IsSubtype(e.Path, "a")
		}
	})
}
