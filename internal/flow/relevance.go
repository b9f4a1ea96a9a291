package flow

// markRelevant collects the names that events go by.
//
// TODO(relevance): skipping functions by name is worth it once the names of sources and sinks are told apart by the types
// that own them; "get", "query" or "update" alone keep two functions in three.
func (s *solver) markRelevant() {
	s.eventNames = map[string]bool{}
	for n := range s.set.EventNames() {
		s.eventNames[n] = !registers(n)
	}
	s.stats.Relevant = len(s.funcs)
}
