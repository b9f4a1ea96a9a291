package gitlabci

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	p, problems := Parse(".gitlab-ci.yml", []byte(`spec:
  inputs: {stage: {default: test}}
---
include:
  - local: /ci/build.yml
  - remote: https://ci.example.org/all.yml
    integrity: sha256-abc
  - project: platform/ci
    ref: main
    file: deploy.yml
  - component: git.example.org/tools/scan@~latest
  - /ci/short.yml
  - https://ci.example.org/short.yml
stages: [test]
image: python:3.13
variables:
  COLOR: blue
  MODE: {value: fast, description: how}
default:
  before_script: [pip install .]
.shared: &shared
  - echo one
  - [echo two, [echo three]]
test:
  image: {name: shop/tools:1, entrypoint: [""]}
  services: [docker:dind, {name: postgres:17, alias: db}]
  variables: {A: b}
  script:
    - *shared
    - |
      echo four
      echo five
  after_script: echo six
child: {trigger: {include: x.yml}}
notes: {a: b}
`))
	if len(problems) > 0 || p == nil {
		t.Fatal(problems)
	}
	if n := len(p.Includes); n != 6 || p.Includes[1].Integrity == "" || p.Includes[2].Ref != "main" || p.Includes[3].Kind != Component || p.Includes[4].Kind != Local || p.Includes[5].Kind != Remote || p.Includes[1].Line != 6 {
		t.Errorf("%+v", p.Includes)
	}
	g := p.Global
	if g.Image.Text != "python:3.13" || len(g.Variables) != 2 || g.Variables[1].Value != "fast" || len(g.Script) != 1 {
		t.Errorf("%+v", g)
	}
	if len(p.Jobs) != 2 || p.Jobs[1].Name != "child" {
		t.Fatalf("%+v", p.Jobs)
	}
	j := p.Jobs[0]
	if j.Image.Text != "shop/tools:1" || len(j.Services) != 2 || j.Services[1].Text != "postgres:17" || len(j.Script) != 5 || j.Script[2].Text != "echo three" || j.Script[4].Text != "echo six" {
		t.Errorf("%+v", j)
	}
}

func TestOther(t *testing.T) {
	for _, text := range []string{"", "a: b", "[1, 2]", "version: 2\nupdates: []", "a: &a {b: *a}"} {
		if p, _ := Parse("x", []byte(text)); p != nil {
			t.Errorf("%q: %+v", text, p)
		}
	}
	if p, problems := Parse("x", []byte("a: [")); p != nil || len(problems) != 1 {
		t.Error(problems)
	}
	deep := "a: {script: " + strings.Repeat("[", 60) + "x" + strings.Repeat("]", 60) + "}\nb: {script: y}"
	if p, problems := Parse("x", []byte(deep)); p == nil || len(problems) != 1 {
		t.Error(p, problems)
	}
	// Lists that share their items grow no faster than the limit.
	var b strings.Builder
	b.WriteString(".a0: &a0 [x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 9; i++ {
		ref := "*a" + string(rune('0'+i-1))
		b.WriteString(".a" + string(rune('0'+i)) + ": &a" + string(rune('0'+i)) + " [" + strings.Repeat(ref+", ", 7) + ref + "]\n")
	}
	b.WriteString("job: {script: *a8}\n")
	if p, problems := Parse("x", []byte(b.String())); p == nil || len(problems) != 1 || len(p.Jobs[0].Script) > maxLines {
		t.Error(problems)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("include: [{local: x}]\nvariables: {A: {value: b}}\ntest: {image: {name: a}, services: [b], script: [c, [d]]}"))
	f.Fuzz(func(_ *testing.T, text []byte) { Parse("x", text) })
}
