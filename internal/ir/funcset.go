package ir

// FuncSet is a set of functions that costs nothing to empty, for those who search the call graph over and over.
type FuncSet struct {
	round uint32
	seen  []uint32 // by FuncID: the round in which it was added last
}

// Reset empties the set and makes room for the functions below n; others are not kept.
func (s *FuncSet) Reset(n int) {
	if s.round++; n > len(s.seen) || s.round == 0 {
		s.seen, s.round = make([]uint32, n), 1
	}
}

// Add puts a function in and reports whether it is new.
func (s *FuncSet) Add(id FuncID) bool {
	if int(id) >= len(s.seen) || s.seen[id] == s.round {
		return false
	}
	s.seen[id] = s.round
	return true
}
