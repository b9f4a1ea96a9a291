package actions

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	w, problems := Parse("w.yml", []byte(`name: test
on:
  push:
    branches: [main]
  pull_request_target:
permissions:
  contents: read
  packages: write
env:
  A: 1
jobs:
  build:
    runs-on: ubuntu-latest
    permissions: write-all
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${{ github.event.pull_request.head.sha }}
      - run: |
          echo "${{ github.event.issue.title }}"
        env: {B: x}
  deploy:
    uses: ./.github/workflows/deploy.yml
`))
	if len(problems) > 0 || !w.Has("pull_request_target") || !w.Has("push") || w.Has("schedule") {
		t.Fatal(problems, w)
	}
	if w.Permissions == nil || len(w.Permissions.Write) != 1 || w.Permissions.Write[0] != "packages" || w.Env[0].Name != "A" {
		t.Errorf("%+v", w.Permissions)
	}
	b := w.Jobs[0]
	if b.Permissions.All != "write-all" || len(b.Steps) != 2 || b.Steps[0].Uses.Text != "actions/checkout@v4" || b.Steps[0].Uses.Line != 16 || b.Steps[0].With[0].Name != "ref" {
		t.Errorf("%+v", b)
	}
	if !strings.Contains(b.Steps[1].Run.Text, "issue.title") || b.Steps[1].Env[0].Value != "x" || w.Jobs[1].Uses.Text == "" {
		t.Errorf("%+v", b.Steps[1])
	}
}

func TestOtherForms(t *testing.T) {
	for text, want := range map[string]int{"on: push\njobs: {a: {steps: []}}": 1, "on: [push, pull_request]\njobs: {}": 2, "'on': push\njobs: {}": 1, "jobs: 5": 0} {
		w, _ := Parse("w.yml", []byte(text))
		if w == nil || len(w.Triggers) != want {
			t.Errorf("%s: %+v", text, w)
		}
	}
	if w, p := Parse("d.yml", []byte("version: 2\nupdates: []\n")); w != nil || p != nil {
		t.Error("not a workflow")
	}
}

func TestBadInput(t *testing.T) {
	if w, p := Parse("w.yml", []byte("a: [")); w != nil || len(p) != 1 {
		t.Error(p)
	}
	w, p := Parse("w.yml", []byte("on: push\njobs:\n  a:\n    steps:\n"+strings.Repeat("      - run: x\n", maxSteps+5)))
	if len(p) != 1 || w == nil {
		t.Error(p)
	}
	Parse("w.yml", []byte("jobs: {a: [1, 2], b: {steps: {c: d}}, c: null}\non: {push: [1]}\npermissions: [write]"))
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("on: push\npermissions: read-all\njobs: {a: {steps: [{run: x, env: {A: b}}, {uses: a/b@c}]}}"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		if w, _ := Parse("x", text); w != nil {
			w.Has("push")
		}
	})
}
