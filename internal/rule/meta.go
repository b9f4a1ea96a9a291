// Package rule defines what a rule is: its page, and its judgement.
//
// This file reads the page. In: the bytes of rule.md, TOML front matter between two +++ lines and Markdown after it. Out:
// a Meta, from which everything that is said about the rule is taken: terminal page, SARIF help, catalogue, the texts
// of each finding. A Meta is immutable and safe for concurrent use.
//
// The page is strict: an unknown key, a missing section, a wrong severity or a text for a check that does not exist is
// an error that names the line, so that a rule cannot ship half described.
package rule

import (
	"slices"

	"stopper/internal/finding"
)

// Meta is a rule's page.
type Meta struct {
	ID    string // FLASK-XSS-001
	Title string
	Spec  string // the clause of the spec, or "extension"
	OWASP string // "A03:2021 Injection"
	Fix   FixLevel
	Since string // the version that brought the rule

	Checks []Check
	Intro  string // prose between the front matter and the first section

	sections map[string]section
}

// Check is one kind of flaw within a rule. It has exactly one CWE.
type Check struct {
	Slug     string // reflected
	Title    string
	CWE      int
	Severity finding.Severity // the default
	// Lowest and Highest bound what the check may report; both equal Severity unless the page gives a range.
	Lowest, Highest finding.Severity
	Kinds           []string // sink kinds it consumes
	Message         string   // the finding's one line, when the judgement has nothing more specific
}

// FixLevel says how much `fix` may do on its own.
type FixLevel string

// The levels: Safe keeps behaviour for honest users, Suggested may change it, Manual has no edit.
const (
	FixSafe      FixLevel = "safe"
	FixSuggested FixLevel = "suggested"
	FixManual    FixLevel = "manual"
)

// Section is a heading of the page.
type Section string

// The sections, in the order a page has them.
const (
	WhatItChecks   Section = "What it checks"
	Impact         Section = "Impact"
	Bad            Section = "Bad"
	Good           Section = "Good"
	Fix            Section = "Fix"
	Mitigation     Section = "Mitigation"
	FalsePositives Section = "False positives"
	References     Section = "References"
)

// Sections lists the headings in page order.
func Sections() []Section {
	return []Section{WhatItChecks, Impact, Bad, Good, Fix, Mitigation, FalsePositives, References}
}

type section struct {
	general string
	byCheck map[string]string
}

// Check finds a check by its slug, nil when there is none.
func (m *Meta) Check(slug string) *Check {
	i := slices.IndexFunc(m.Checks, func(c Check) bool { return c.Slug == slug })
	if i < 0 {
		return nil
	}
	return &m.Checks[i]
}

// Text is the Markdown of a section for a check: the check's own when the page has one, else the general one. The slug
// may be empty.
func (m *Meta) Text(s Section, slug string) string {
	sec := m.sections[string(s)]
	if own, ok := sec.byCheck[slug]; ok {
		return own
	}
	return sec.general
}

// HasOwn reports whether a section has a text of its own for a check.
func (m *Meta) HasOwn(s Section, slug string) bool {
	_, ok := m.sections[string(s)].byCheck[slug]
	return ok
}

// NewFinding starts a finding of a check with everything the page says. The caller adds the place and the evidence.
// It returns nil for a slug the page does not have.
func (m *Meta) NewFinding(slug string) *finding.Finding {
	c := m.Check(slug)
	if c == nil {
		return nil
	}
	return &finding.Finding{
		RuleID:             m.ID,
		Check:              slug,
		Title:              c.Title,
		CWE:                c.CWE,
		OWASP:              m.OWASP,
		Severity:           c.Severity,
		Confidence:         finding.ConfidenceHigh,
		Message:            c.Message,
		Impact:             Plain(m.Text(Impact, slug)),
		Fix:                Plain(m.Text(Fix, slug)),
		Mitigation:         Plain(m.Text(Mitigation, slug)),
		FalsePositiveNotes: Plain(m.Text(FalsePositives, slug)),
	}
}
