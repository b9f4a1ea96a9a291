package xss001

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/htmlctx"
	"stopper/internal/models"
	"stopper/internal/project"
)

// escapedByHand leaves out what the program took the "<" out of itself, where that is enough: between tags, and between quotes that it
// took out as well.
//
//	"<p>" + text.replace("&", "&amp;").replace("<", "&lt;") + "</p>"
func escapedByHand(h *project.Hit) {
	if h.Kind != models.HTML || !slices.ContainsFunc(h.Labels, func(l value.Label) bool { return l.Cleared.Has(models.HTMLTag) }) {
		return
	}
	h.Labels = slices.DeleteFunc(slices.Clone(h.Labels), func(l value.Label) bool {
		return l.Cleared.Has(models.HTMLTag) && everywhere(h, &l)
	})
}

// everywhere: wherever a label stands in what is written, nothing is left in it that could end that place.
func everywhere(h *project.Hit, l *value.Label) bool {
	if h.Emit != nil {
		return isHeld(h.Emit.Place, l)
	}
	if h.Value == nil || h.Value.Str == nil {
		return true
	}
	found := false
	at := htmlctx.Start()
	for _, part := range h.Value.Str.Parts {
		if !part.IsHole {
			at = at.Text(part.Lit)
			continue
		}
		var place htmlctx.Place
		place, at = at.Hole()
		if slices.ContainsFunc(part.Taint, func(o value.Label) bool { return o.Origin == l.Origin }) {
			if found = true; !isHeld(place, l) {
				return false
			}
		}
	}
	return found
}

func isHeld(place htmlctx.Place, l *value.Label) bool {
	switch {
	case place.Kind == htmlctx.Text:
		return true
	case place.Kind != htmlctx.Attr:
		return false
	case place.Quote == '"':
		return l.Cleared.Has(models.DoubleQuote)
	case place.Quote == '\'':
		return l.Cleared.Has(models.SingleQuote)
	}
	return false
}
