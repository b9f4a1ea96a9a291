package yamltree

import (
	"fmt"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) *Node {
	t.Helper()
	docs, err := Parse([]byte(text))
	if err != nil || len(docs) == 0 {
		t.Fatalf("%v, %d documents", err, len(docs))
	}
	return docs[0]
}

func TestValuesAndLines(t *testing.T) {
	n := parse(t, "a: 1\nb:\n  - x\n  - \"y z\"\nc: &c\n  k: v\n  l: true\nd:\n  <<: *c\n  k: own\ne: |\n  one\n  two\nf: [p, q]\ng:\n")
	for _, c := range []struct {
		got  *Node
		text string
		line int
	}{
		{n.Get("a"), "1", 1}, {n.Get("b").Items[1], "y z", 4}, {n.Path("c", "k"), "v", 6}, {n.Path("d", "k"), "own", 10}, {n.Path("d", "l"), "true", 7},
		{n.Get("f").Items[1], "q", 14}, {n.Get("none"), "", 0}, {n.Path("none", "x"), "", 0}, {n.Get("e"), "one\ntwo\n", 11},
	} {
		if c.got.Str() != c.text || c.got.At() != c.line {
			t.Errorf("%q on %d, want %q on %d", c.got.Str(), c.got.At(), c.text, c.line)
		}
	}
	if n.Get("g") == nil || n.Get("g").Kind != Null || len(n.Get("d").Pairs()) != 2 {
		t.Error(n.Get("g"), n.Get("d").Pairs())
	}
}

func TestMergeList(t *testing.T) {
	n := parse(t, "a: &a {x: 1}\nb: &b {x: 2, y: 3}\nc:\n  <<: [*a, *b]\n")
	if n.Path("c", "x").Str() != "1" || n.Path("c", "y").Str() != "3" {
		t.Error(n.Get("c").Pairs())
	}
}

func TestHostileInputIsBounded(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := range 40 {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 9), ","))
	}
	merges := "m0: &m0 {k: v}\n"
	for i := range 40 {
		merges += fmt.Sprintf("m%d: &m%d\n  <<: [*m%d, *m%d]\n", i+1, i+1, i, i)
	}
	deep := ""
	for i := range 700 {
		deep += strings.Repeat(" ", i) + "a:\n"
	}
	for name, text := range map[string]string{
		"aliases": bomb, "merges": merges, "self": "a: &a [*a]\n", "brackets": strings.Repeat("[", 200_000), "braces": strings.Repeat("{a: ", 50_000),
		"dashes": strings.Repeat("- ", 200_000), "questions": strings.Repeat("? ", 100_000), "tags": strings.Repeat("!a ", 100_000), "anchors": strings.Repeat("&a ", 100_000),
		"deep": deep, "long": "a: " + strings.Repeat("x", 400_000), "nul": "a\x00b: c", "bad": "a: [", "tabs": "\ta: b", "latin": "a: \xff\xfe", "large": strings.Repeat("a", MaxBytes+1),
		"colons": strings.Repeat("a: ", 100_000), "quotes": strings.Repeat("'", 100_001), "keys": strings.Repeat("k: v\n", 20_000), "docs": strings.Repeat("---\n", 50_000),
	} {
		t.Logf("%s", name) // the last one named is the one that hangs
		docs, _ := Parse([]byte(text))
		for _, d := range docs {
			d.Get("m40").Pairs()
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a: &x [1, 2]\nb: *x\n")
	f.Add("- a\n- {b: c}\n--- \nd: |\n  e\n")
	f.Add("<<: {a: b}\n? k\n: v\n")
	f.Fuzz(func(t *testing.T, text string) {
		docs, _ := Parse([]byte(text))
		for _, d := range docs {
			d.Get("a").List()
		}
	})
}
