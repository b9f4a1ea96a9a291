package template_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"stopper/internal/ir"
	"stopper/internal/jinja"
	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
	"stopper/internal/template"
)

// load lowers an archive of Python files and templates.
func load(text string) *template.Set {
	var files []*ast.File
	var trees []*jinja.Tree
	for _, f := range txtar.Parse([]byte(text)).Files {
		src := source.NewFile(f.Name, f.Data)
		if strings.HasSuffix(f.Name, ".py") {
			files = append(files, parser.New().Parse(src))
		} else {
			trees = append(trees, jinja.Parse(src, jinja.Options{}))
		}
	}
	return template.New(semantic.Build(files), trees)
}

func verify(t *testing.T, s *template.Set) {
	t.Helper()
	for _, fn := range s.Funcs() {
		for _, err := range ir.Verify(fn) {
			t.Errorf("%s: %v", fn.Module.Source.Path, err)
		}
		for i := range fn.Blocks {
			for _, in := range fn.Blocks[i].Instrs {
				if in.Op == ir.OpEmit && int(in.Imm) >= len(fn.Emits) {
					t.Errorf("%s: no emit %d", fn.QualName, in.Imm)
				}
				if s := fn.Span(&in); s.End > uint32(len(fn.Module.Source.Text)) {
					t.Errorf("%s: an instruction at %v leaves the file", fn.QualName, s)
				}
			}
		}
	}
}

// shown lists what a template writes: the place, how it is escaped, and the text of the expression.
func shown(fn *ir.Func) string {
	var b strings.Builder
	for i := range fn.Blocks {
		for _, in := range fn.Blocks[i].Instrs {
			if in.Op == ir.OpEmit {
				e := &fn.Emits[in.Imm]
				safe := ""
				if e.IsSafe {
					safe = " safe"
				}
				fmt.Fprintf(&b, "%s%s%s: %s\n", e.Place.Kind, map[ir.Escape]string{ir.EscapeOff: " off", ir.EscapeNone: " none", ir.EscapeUnknown: " unknown"}[e.Escape], safe, fn.Module.Source.Slice(fn.Span(&in)))
			}
		}
	}
	return b.String()
}

func TestPlacesFollowTheTemplate(t *testing.T) {
	set := load(`
-- t/base.html --
<title>{% block title %}{{ a }}{% endblock %}</title><script>{% block js %}{% endblock %}</script>{% block body %}{% endblock %}
-- t/page.html --
{% extends "base.html" %}
{% from "macros.html" import field %}
{% block js %}{{ b }}{% endblock %}
{% block body %}<a href="{% if c %}{{ c }}{% else %}/{% endif %}" title={{ field(d) }}>{% for e in f %}<b class='{{ e }}'>{% endfor %}{{ g|safe }}{% endblock %}
-- t/macros.html --
{% macro field(v) %}{{ v }}{% endmacro %}
-- t/mail.txt --
{{ a }}
-- t/page.html.j2 --
<p>{{ a }}</p>{% autoescape true %}{{ b }}{% endautoescape %}
-- t/x.jinja2 --
{{ a }}
`)
	verify(t, set)
	got := map[string]string{}
	for _, fn := range set.Funcs() {
		got[fn.QualName] += shown(fn)
	}
	for name, want := range map[string]string{
		"title":          "text: a\n", // of base.html, which page.html does not replace
		"js":             "script: b\n",
		"body":           "url: c\nattr: field(d)\nattr: e\ntext safe: g|safe\n",
		"field":          "attr: v\n",
		"t/mail.txt":     "text none: a\n",
		"t/page.html.j2": "text off: a\ntext: b\n",
		"t/x.jinja2":     "text none: a\n",
	} {
		if got[name] != want {
			t.Errorf("%s: got\n%swant\n%s", name, got[name], want)
		}
	}
}

func TestContextBecomesParameters(t *testing.T) {
	set := load(`
-- a.html --
{% set own = given %}{{ own }}{% for x in list %}{{ x }}{{ loop.index }}{% endfor %}{% include "b.html" %}{{ request.args }}
-- b.html --
{{ passed }}{{ own }}
`)
	verify(t, set)
	fn, ok := set.Find("a.html", "")
	if !ok {
		t.Fatal("not found")
	}
	var names []string
	for _, p := range fn.Params {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "given own list passed" {
		t.Errorf("parameters %q", got)
	}
}

func TestFind(t *testing.T) {
	set := load(`
-- app/templates/index.html --
-- app/admin/templates/index.html --
-- app/admin/templates/admin/users.html --
-- themes/dark/templates/page/index.html --
`)
	for _, c := range []struct{ name, from, want string }{
		{"index.html", "app/views.py", "app/templates/index.html"},
		{"index.html", "app/admin/views.py", "app/admin/templates/index.html"},
		{"admin/users.html", "app/views.py", "app/admin/templates/admin/users.html"},
		{"dark/page/index.html", "app/views.py", "themes/dark/templates/page/index.html"},
		{"./users.html", "x.py", "app/admin/templates/admin/users.html"},
		{"sers.html", "x.py", ""},
		{"../../etc/passwd", "x.py", ""},
	} {
		fn, ok := set.Find(c.name, c.from)
		got := ""
		if ok {
			got = fn.Module.Source.Path
		}
		if got != c.want {
			t.Errorf("%s from %s: got %q, want %q", c.name, c.from, got, c.want)
		}
	}
}

// TestHostile: templates that include, extend and call themselves end.
func TestHostile(t *testing.T) {
	deep := strings.Repeat("{% if a %}<b>", 140) + "{{ x }}" + strings.Repeat("{% endif %}", 140)
	loops := strings.Repeat("{% for a in b %}<i title='", 60) + "{{ x }}" + strings.Repeat("{% endfor %}", 60)
	set := load("-- a.html --\n{% extends 'b.html' %}{% block x %}{% include 'a.html' %}{{ super() }}{% endblock %}\n" +
		"-- b.html --\n{% extends 'a.html' %}{% block x %}{{ m(m) }}{% endblock %}{% macro m(v) %}{{ m(v) }}{% include 'c.html' %}{% endmacro %}\n" +
		"-- c.html --\n{% include 'c.html' %}{% include 'd.html' %}{% import 'c.html' as c %}{{ c.q() }}{% break %}\n-- d.html --\n{% include 'c.html' %}\n" +
		"-- e.html --\n" + deep + "\n-- f.html --\n" + loops + "\n")
	verify(t, set)
}

// TestCorpus lowers every template below the folder that STOPPER_CORPUS names and verifies the result.
func TestCorpus(t *testing.T) {
	root := os.Getenv("STOPPER_CORPUS")
	if root == "" {
		t.Skip("STOPPER_CORPUS names no folder")
	}
	var trees []*jinja.Tree
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.HasSuffix(path, ".html") {
			return err
		}
		text, err := os.ReadFile(path)
		trees = append(trees, jinja.Parse(source.NewFile(path, text), jinja.Options{}))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	set := template.New(semantic.Build(nil), trees)
	verify(t, set)
	t.Logf("%d templates, %d functions", len(trees), len(set.Funcs()))
}
