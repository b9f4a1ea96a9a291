package flow

// What calls bring in is the work that can grow faster than the program: a class whose methods call each other in hundreds of
// ways hands the same sinks, attributes and objects to each of them, with every copy and in every round. Each run has a limit
// for it, and all runs together have one that follows the size of the program; past that, the limits of a run are a fraction,
// no copies are made for certain arguments, and no round is added. The most that a mature
// application needs is half of it.

const (
	effortBase    = 500_000
	effortPerFunc = 100
	tiredFraction = 16
	// maxTiredValues bounds the values that calls bring into one run; further calls are calls of unknown functions.
	maxTiredValues = 256
)

// isTired: calls have brought in more, all together, than a program of this size has a use for.
func (s *solver) isTired() bool {
	if s.brought <= effortBase+effortPerFunc*len(s.funcs) {
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
