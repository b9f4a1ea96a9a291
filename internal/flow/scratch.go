package flow

// scratchChunk is the number of things that one piece of scratch memory holds.
const scratchChunk = 4096

// scratch hands out the variables and block states of frames. Frames end in the order opposite to their start, so that what a frame took is
// free again when it ends; nothing that outlives a frame may stand here.
type scratch[T any] struct {
	chunks [][]T
	at     int // chunk in use
	used   int // taken of it
}

// scratchMark is how much was taken at a moment.
type scratchMark struct{ at, used int }

func (s *scratch[T]) mark() scratchMark { return scratchMark{s.at, s.used} }

func (s *scratch[T]) release(m scratchMark) { s.at, s.used = m.at, m.used }

// take returns n empty ones.
func (s *scratch[T]) take(n int) []T {
	for s.at < len(s.chunks) && s.used+n > len(s.chunks[s.at]) {
		s.at, s.used = s.at+1, 0
	}
	if s.at == len(s.chunks) {
		s.chunks = append(s.chunks, make([]T, max(n, scratchChunk)))
	}
	vs := s.chunks[s.at][s.used : s.used+n : s.used+n]
	s.used += n
	clear(vs)
	return vs
}

// copyOf returns the same in a place of their own.
func (s *scratch[T]) copyOf(vs []T) []T {
	c := s.take(len(vs))
	copy(c, vs)
	return c
}
