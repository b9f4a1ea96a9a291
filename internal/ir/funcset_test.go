package ir_test

import (
	"testing"

	"stopper/internal/ir"
)

func TestFuncSet(t *testing.T) {
	var s ir.FuncSet
	for round := range 3 {
		s.Reset(4 + round)
		if !s.Add(3) || s.Add(3) || !s.Add(0) {
			t.Errorf("round %d: a function is new once", round)
		}
		if s.Add(99) {
			t.Errorf("round %d: a function that the set has no room for", round)
		}
	}
}
