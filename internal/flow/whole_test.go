package flow

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"

	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/semantic"
	"stopper/internal/source"
)

// What bounds the whole analysis takes half a minute to reach; here it begins just below.
func TestWholeIsBounded(t *testing.T) {
	text := "def f(x): return [x]\ndef g(x): return f(f(x))\ng(1)\ndef h(): pass\n"
	set, err := models.Load(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	for what, spend := range map[string]func(*solver){
		LimitTotal:  func(s *solver) { s.stats.Instrs = maxTotalInstrs - 1 },
		limitEffort: func(s *solver) { s.brought = s.effort() },
	} {
		t.Run(what, func(t *testing.T) {
			prog := semantic.Build([]*ast.File{parser.Parse(source.NewFile("main.py", []byte(text)), parser.Options{})})
			s := newSolver(context.Background(), prog, set, Options{})
			spend(s)
			s.solveProgram()
			r := s.result()
			if !slices.ContainsFunc(r.Budgets, func(b Budget) bool { return b.What == what }) {
				t.Errorf("told are %v", r.Budgets)
			}
			for _, fault := range r.Faults() {
				t.Error(fault)
			}
		})
	}
}
