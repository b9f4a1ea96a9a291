package flow

import "stopper/internal/ir"

// What calls bring in is the work that can grow faster than the program: a class whose methods call each other in hundreds of
// ways hands the same sinks, attributes and objects to each of them, with every copy and in every round. Each run has a limit for
// it, and each function one for all its calls. All runs together have one that follows the size of the program: past half of it
// no round is added, past the whole the limits of a run are a fraction and no copies are made for certain arguments. The most that
// a mature application needs is a quarter of it.

const (
	effortBase    = 1_500_000
	effortPerFunc = 150
	tiredFraction = 16
	// maxBrought is what the calls of one function may bring in where one call brings in more than maxBroughtByOne on average.
	maxBrought      = 12_000
	maxBroughtByOne = 200
	// maxTiredValues bounds the values that calls bring into one run; further calls are calls of unknown functions.
	maxTiredValues = 256
)

// isTired: calls have brought in more, all together, than a program of this size has a use for.
func (s *solver) isTired() bool { return s.isPast(s.effort()) }

// isWeary: they have brought in so much that late readers of shared variables are not worth another round.
func (s *solver) isWeary() bool { return s.isPast(s.effort() / 2) }

func (s *solver) effort() int { return effortBase + effortPerFunc*len(s.funcs) }

func (s *solver) isPast(limit int) bool {
	if s.brought <= limit {
		return false
	}
	s.trip(nil, limitEffort)
	return true
}

// bound is a limit of one run, or what is left of it.
func (s *solver) bound(limit int) int {
	if s.isTired() {
		return limit / tiredFraction
	}
	return limit
}

// affords counts the cells that calls give to objects of a function. A program that rewrites large trees makes more of them
// with every call; no other comes near the limit.
func (f *frame) affords(o *object) bool {
	f.cells += o.size()
	f.s.brought += o.size()
	if f.cells <= f.s.bound(maxFuncCells) {
		return true
	}
	f.s.trip(f.fn, limitCells)
	return false
}

// hears: the calls of the function may still bring in sinks.
func (f *frame) hears() bool {
	if f.labels <= f.s.bound(maxFuncLabels) {
		return true
	}
	f.s.trip(f.fn, limitCells)
	return false
}

// carried counts the labels that a call translated.
func (f *frame) carried(n int) {
	f.labels += n
	f.s.brought += n
}

// follows: a further call of the function may be followed. Only a tired analysis minds.
func (f *frame) follows() bool {
	if f.values <= maxTiredValues || !f.s.isTired() {
		return true
	}
	f.s.trip(f.fn, limitCells)
	return false
}

// charge notes what one call of a function brought in.
func (s *solver) charge(id ir.FuncID, n int) {
	st := &s.funcs[id]
	st.brought += n
	st.timesCalled++
}

// isDear: the calls of a function have brought in so much that further ones only give something back.
func (s *solver) isDear(fn *ir.Func) bool {
	st := &s.funcs[fn.ID]
	if st.brought <= maxBrought || st.brought <= st.timesCalled*maxBroughtByOne {
		return false
	}
	s.trip(fn, limitDear)
	return true
}
