package ir

import "stopper/internal/htmlctx"

// Escape says whether a template escapes what it writes.
type Escape uint8

// Escaping. EscapeNone is that of a template which is no page, so that there is nothing to escape.
const (
	EscapeOn Escape = iota
	EscapeOff
	EscapeUnknown
	EscapeNone
)

// Emit is how a template writes a value.
type Emit struct {
	Place  htmlctx.Place
	Escape Escape
	// IsSafe: the filter `safe` is applied here, which declares the value to be HTML. It writes nothing by itself.
	IsSafe bool
	// Filter is the one that makes HTML of the value in the place of `safe`; empty for that.
	Filter string
	// IsTranslated: gettext translates the value here, and what it gives counts as HTML like what safe is applied to.
	IsTranslated bool
}
