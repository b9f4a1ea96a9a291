package engine

import (
	"slices"
	"testing"

	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/report/result"
	"stopper/internal/source"
)

// A limit may have been reached between functions before any function reached it.
func TestLimitsOfNoFunction(t *testing.T) {
	f := &ir.Func{QualName: "load", Module: &ir.Module{Source: &source.File{Path: "shop.py"}}}
	var c result.Coverage
	limits(&c, []flow.Budget{{What: "a"}, {Func: f, What: "a"}, {Func: f, What: "a"}, {Func: f, What: "a"}, {What: "b"}, {What: "b"}, {What: "b"}, {What: "b"}})
	want := []string{"4 functions: the limit of a was reached, first in shop.py: load", "4 functions: the limit of b was reached"}
	if !slices.Equal(c.Budgets, want) {
		t.Errorf("got %q", c.Budgets)
	}
}
