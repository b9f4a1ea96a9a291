package xss001

import (
	"slices"

	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/project"
)

// notVerbatim lowers the confidence where every way leads through two calls that nobody knows, in whatever function: the answer of
// another server, or a text that something was found by, hardly holds the tags that were sent.
func notVerbatim(f *finding.Finding, h project.Hit) *finding.Finding {
	if f.Confidence > finding.ConfidenceLow && !slices.ContainsFunc(h.Labels, func(l value.Label) bool { return !isGuessedTwice(l) }) {
		f.Confidence = finding.ConfidenceLow
		f.Reasons = append(f.Reasons, "several calls of unknown effect follow one another")
	}
	return f
}

func isGuessedTwice(l value.Label) bool {
	if l.Marks&value.MarkUnknownCall == 0 {
		return false
	}
	n := 0
	for _, s := range value.Steps(l.Trace) {
		if s.Note == value.NoteUnknownCall {
			n++
		}
	}
	return n > 1
}
