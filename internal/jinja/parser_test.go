package jinja_test

import (
	"strings"
	"testing"

	"stopper/internal/jinja"
	"stopper/internal/source"
)

func parse(text string) *jinja.Tree {
	return jinja.Parse(source.NewFile("t.html", []byte(text)), jinja.Options{})
}

// TestRecovery: what stands around a mistake is read as if it were not there.
func TestRecovery(t *testing.T) {
	for _, c := range []struct{ text, dump, err string }{
		{"{{ a b }}{{ c }}", "(Template {(Output (Name a))(Output (Name c))})", "expected the end of the tag"},
		{"{{ (a }}x{{ c }}", "(Template {(Output (Name a))(Data x)(Output (Name c))})", "unexpected '}'"},
		{"{% if %}x{% endif %}{{ c }}", "(Template {(If (Bad) {(Data x)})(Output (Name c))})", "expected an expression"},
		{"{% if a %}x{{ c }}", "(Template {(If (Name a) {(Data x)(Output (Name c))})})", "no elif or else or endif for this tag"},
		{"{% block b %}{% if a %}x{% endblock %}y", "(Template {(Block b {(If (Name a) {(Data x)})})(Data y)})", "no elif or else or endif for this tag"},
		{"{% cache 300 %}{{ a }}{% endcache %}", "(Template {(Unknown cache)(Output (Name a))(Unknown endcache)})", "unknown tag cache"},
		{"{{ $ }}{{ c }}", "(Template {(Output (Bad))(Output (Name c))})", "unexpected character"},
		{"{{ 'a }}{{ c }}", "(Template {(Output (Bad))(Output (Name c))})", "the string is not closed"},
		{"a{{", "(Template {(Data a)(Output (Bad))})", "the tag is not closed"},
		{"a{#b", "(Template {(Data a)})", "the comment is not closed"},
	} {
		tree := parse(c.text)
		if got := jinja.Dump(tree.Root); got != c.dump {
			t.Errorf("%s:\n got  %s\n want %s", c.text, got, c.dump)
		}
		if len(tree.Errors) == 0 || tree.Errors[0].Msg != c.err {
			t.Errorf("%s: errors %v, want %q first", c.text, tree.Errors, c.err)
		}
		if err := jinja.CheckSpans(tree); err != nil {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}

// TestHostile: nesting and length end in an error, not in a crash.
func TestHostile(t *testing.T) {
	const n = 100_000
	for name, text := range map[string]string{
		"brackets": "{{ " + strings.Repeat("(", n) + "a" + strings.Repeat(")", n) + " }}",
		"signs":    "{{ " + strings.Repeat("-", n) + "a }}",
		"nots":     "{{ " + strings.Repeat("not ", n) + "a }}",
		"sum":      "{{ a" + strings.Repeat(" + a", n) + " }}",
		"filters":  "{{ a" + strings.Repeat("|e", n) + " }}",
		"calls":    "{{ a" + strings.Repeat("()", n) + " }}",
		"elses":    "{{ a" + strings.Repeat(" if b else c", n) + " }}",
		"blocks":   strings.Repeat("{% if a %}", n) + strings.Repeat("{% endif %}", n),
	} {
		tree := parse(text)
		if len(tree.Errors) == 0 {
			t.Errorf("%s: no error", name)
		}
		if err := jinja.CheckSpans(tree); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestManyBrokenTags: a text whose every tag runs on to its end is not read over and over.
func TestManyBrokenTags(t *testing.T) {
	text := strings.Repeat("% (\n", 100_000)
	tree := jinja.Parse(source.NewFile("t.html", []byte(text)), jinja.Options{LineStatement: "%"})
	if n := len(tree.Errors); n == 0 || tree.Errors[n-1].Msg != "too many broken tags" {
		t.Errorf("%d errors", n)
	}
}

// TestComments: comments are kept with their place, since suppressions stand in them.
func TestComments(t *testing.T) {
	text := "a{# stopper: ignore[X] #}b {#- two -#} c"
	tree := parse(text)
	var got []string
	for _, c := range tree.Comments {
		got = append(got, c.Text+"|"+text[c.Span.Start:c.Span.End])
	}
	want := []string{" stopper: ignore[X] |{# stopper: ignore[X] #}", " two -|{#- two -#}"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSpans: the span of an expression is the text of it.
func TestSpans(t *testing.T) {
	text := "<p>{{- user.name|default('x') if (user is defined) else [1] -}} {% set a, b = f(1, k=2) %}{% if x %}y{% elif z %}w{% endif %}"
	want := map[jinja.Kind][]string{
		jinja.Output:  {"{{- user.name|default('x') if (user is defined) else [1] -}}"},
		jinja.Filter:  {"user.name|default('x')"},
		jinja.Test:    {"user is defined"},
		jinja.List:    {"[1]"},
		jinja.Tuple:   {"a, b"},
		jinja.Call:    {"f(1, k=2)"},
		jinja.Keyword: {"k=2"},
		jinja.If:      {"{% if x %}y{% elif z %}w{% endif %}", "elif z %}w{% endif"},
		jinja.Set:     {"{% set a, b = f(1, k=2) %}"},
	}
	got := map[jinja.Kind][]string{}
	jinja.Walk(parse(text).Root, func(n *jinja.Node) bool {
		got[n.Kind] = append(got[n.Kind], text[n.Span.Start:n.Span.End])
		return true
	})
	for k, w := range want {
		if strings.Join(got[k], "\n") != strings.Join(w, "\n") {
			t.Errorf("%s: got %q, want %q", k, got[k], w)
		}
	}
}
