package rule

import (
	"stopper/internal/flow/value"
	"stopper/internal/models"
	"stopper/internal/project"
)

// WeakGuards are the checks that were made on the way to a sink and do not suffice.
func WeakGuards(h project.Hit) []value.WeakGuard {
	var out []value.WeakGuard
	for _, l := range h.Labels {
		for _, w := range l.Weak {
			if w.Kind == h.Kind || w.Kind == models.NoKind {
				out = append(out, w)
			}
		}
	}
	return out
}

// AllStored reports whether everything that reaches a hit was stored before.
func AllStored(h project.Hit) bool {
	for _, l := range h.Labels {
		if l.Origin.Source != models.Stored {
			return false
		}
	}
	return true
}
