package flow

// spare are the tables that one call after another puts to use: most are done with when the call is.
type spare struct {
	bindings     []*binding
	translations []*translated
	collector    *collector
	idle         []*frame
}

func (s *spare) frame() *frame {
	n := len(s.idle)
	if n == 0 {
		return &frame{}
	}
	f := s.idle[n-1]
	s.idle = s.idle[:n-1]
	return f
}

// translation is an empty one. The tables of one call serve the next.
func (s *spare) translation() *translated {
	n := len(s.translations)
	if n == 0 {
		return &translated{}
	}
	t := s.translations[n-1]
	s.translations = s.translations[:n-1]
	return t
}

func (s *spare) untranslate(t *translated) {
	*t = translated{values: t.values.emptied(), origins: t.origins[:0], sets: t.sets[:0], room: t.room[:0]}
	s.translations = append(s.translations, t)
}

// binding is an empty one. Most end with their call.
func (s *spare) binding() *binding {
	n := len(s.bindings)
	if n == 0 {
		return &binding{translated: s.translation()}
	}
	b := s.bindings[n-1]
	s.bindings = s.bindings[:n-1]
	b.translated = s.translation()
	return b
}

// release ends a call. What nobody needs any more serves the next one.
func (s *spare) release(b *binding) {
	s.untranslate(b.translated)
	b.translated = nil
	if !b.isHeld {
		*b = binding{done: b.done.emptied()}
		s.bindings = append(s.bindings, b)
	}
}
