package flow

// markRelevant decides which functions can matter.
func (s *solver) markRelevant() {
	s.eventNames = map[string]bool{}
	for n := range s.set.EventNames() {
		s.eventNames[n] = true
	}
	s.stats.Relevant = len(s.funcs)
}
