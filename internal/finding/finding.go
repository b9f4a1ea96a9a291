// Package finding defines what an audit reports: one flaw, with the evidence and the words that go with it.
//
// In: a rule fills a Finding with spans and text. Finish then merges the findings that share a root cause, turns spans
// into lines and columns, cuts redacted snippets, computes fingerprints and sorts. Out: a slice that reporters print as
// it is, without looking at a source file again.
//
// Invariants after Finish: the order is total, so the same findings always come out in the same order; no snippet holds
// a secret value that Redact recognises, an invalid UTF-8 sequence or more than a screenful of text; fingerprints
// are unique. A Finding is not safe for concurrent writing; after Finish nobody writes to it.
package finding

import "stopper/internal/source"

// Finding is one flaw with the spec's eight fields (rule, severity, location, evidence, impact, fix, mitigation, false
// positive notes) and what machines need beside them.
type Finding struct {
	RuleID string // FLASK-XSS-001
	Check  string // reflected
	Title  string // the check's title
	CWE    int
	OWASP  string // "A03:2021 Injection"

	Severity   Severity
	Confidence Confidence
	Reasons    []string // why the confidence is what it is
	Verdict    Verdict
	Settle     string // what would settle a Verify

	Message  string // one line, specific to this place
	Path     string // slash-separated, relative to the audited root; empty for a finding about the whole project
	Span     source.Span
	Secret   bool     // every string literal of the span is a secret and is never shown
	Whole    bool     // it speaks of what the whole project lacks; Path and Span are where the application is made, or where the lack could be mended
	Pos      Position // filled by Finish from Span; a rule without a span may set Pos.Line
	Function string   // qualified name of the enclosing function, or empty
	Routes   []string // "GET /search"

	// Evidence is cut from the source by Finish when the rule leaves it nil.
	Evidence []Line
	// Sink is the text that identifies the flaw for the fingerprint; Finish takes the span's text when it is empty.
	Sink string

	Impact             string
	Fix                string
	Mitigation         string
	FalsePositiveNotes string

	Flow      []Step   // source first, sink last; empty when nothing flows
	MoreFlows [][]Step // other ways into the same sink
	// OmittedRoutes counts the routes left out of Routes because of MaxRoutes.
	OmittedRoutes int
	// OmittedFlows counts the flows left out of MoreFlows because of MaxFlows.
	OmittedFlows int
	Related      []Location

	Fingerprint string // filled by Finish
	LineHash    string // GitHub's primaryLocationLineHash, filled by Finish
	Suppressed  *Suppression
}

// ID is the name users know: "FLASK-XSS-001/reflected".
func (f *Finding) ID() string { return f.RuleID + "/" + f.Check }

// Position is a range in one file, 1-based, the end exclusive. Columns count code points; the 16 variants count
// UTF-16 code units, as SARIF and the language server protocol do. Line 0 means "the file as a whole".
type Position struct {
	Line, Col, EndLine, EndCol int
	Col16, EndCol16            int
}

// Step is one station of a flow.
type Step struct {
	Path    string
	Span    source.Span
	Pos     Position // filled by Finish
	Snippet string   // the span's text on one line, redacted; filled by Finish when empty
	Note    string   // what happens here
}

// Location is a further place worth looking at.
type Location struct {
	Path    string
	Span    source.Span
	Pos     Position
	Snippet string
	Note    string
}

// Line is one line of evidence. Mark is the part to underline, in code points of Text, end exclusive; 0,0 means none.
type Line struct {
	Number   int
	Text     string
	From, To int
}

// Suppression says that the audited repository asks not to be told.
type Suppression struct {
	Reason string
	Until  string // YYYY-MM-DD or empty
	Path   string
	Line   int
	// External: Path is a baseline and not a file of the audited tree.
	External bool
}

// Lookup finds the text of a file of the audited tree; nil when there is none.
type Lookup func(path string) *source.File
