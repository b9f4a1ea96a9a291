package circleci

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	c, problems := Parse(".circleci/config.yml", []byte(`version: 2.1
orbs:
  node: circleci/node@5.2
  own:
    commands:
      hello: {steps: [{run: echo own}]}
steps: &steps
  - checkout
  - run: echo shared
executors:
  small:
    docker:
      - image: cimg/python:3.13
        environment: {A: b}
jobs:
  build:
    docker: [{image: shop/tools}]
    environment:
      COLOR: blue
    steps:
      - run:
          name: named
          command: |
            echo one
          environment: {B: c}
      - when:
          condition: << pipeline.git.tag >>
          steps: [{run: echo two}]
  again: {steps: *steps}
workflows: {all: {jobs: [build]}}
`))
	if len(problems) > 0 || c == nil {
		t.Fatal(problems)
	}
	if len(c.Orbs) != 1 || c.Orbs[0].Ref != "circleci/node@5.2" || len(c.Images) != 2 || len(c.Env) != 3 || c.Env[1].Line != 19 {
		t.Errorf("%+v", c)
	}
	var runs []string
	for _, r := range c.Runs {
		runs = append(runs, r.Job+": "+strings.TrimSpace(r.Command.Text))
	}
	if got := strings.Join(runs, ", "); got != "own: echo own, steps: echo shared, build: echo one, build: echo two" {
		t.Error(got)
	}
}

func TestOther(t *testing.T) {
	for _, text := range []string{"", "jobs: {a: {steps: []}}", "[1]"} {
		if c, p := Parse("x", []byte(text)); c != nil || p != nil {
			t.Errorf("%q: %+v %v", text, c, p)
		}
	}
	if _, p := Parse("x", []byte("a: [")); len(p) != 1 {
		t.Error(p)
	}
	if c, p := Parse("x", []byte("version: 2\njobs: {a: {steps: [1, {run: [2]}, {run: {command: {}}}], environment: 5}}\norbs: [x]")); c == nil || p != nil || len(c.Runs) != 0 {
		t.Error(c, p)
	}
	if c, p := Parse("x", []byte("version: 2\njobs:\n  a:\n    steps:\n"+strings.Repeat("    - run: x\n", maxRuns+1))); len(p) != 1 || len(c.Runs) != maxRuns {
		t.Error(p)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("version: 2.1\norbs: {a: b/c@1}\njobs: {a: {docker: [{image: x, environment: {A: b}}], steps: [{run: x}, {run: {command: y}}]}}"))
	f.Fuzz(func(_ *testing.T, text []byte) { Parse("x", text) })
}
