// Package sarif writes a result as SARIF 2.1.0, for code scanning services and editors.
//
// In: a finished result and the pages of the rules. Out: one run. Results name checks ("RULE/check"), each check is a
// descriptor with exactly one CWE tag, flows are code flows, what was not analysed is a notification. Columns
// count UTF-16 code units. Paths are relative to the audited root under the base id SRCROOT, whose value is left to the
// consumer: an absolute path would make the file differ from machine to machine.
//
// Standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
package sarif

import (
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/report/result"
	"stopper/internal/rule"
)

const (
	schemaURI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	baseID    = "SRCROOT"
	// fingerprintKey versions our fingerprint: consumers compare values only under the same key.
	fingerprintKey = "stopper/v1"
)

// Options chooses what is written.
type Options struct {
	MinConfidence finding.Confidence
}

// Write writes the audit.
func Write(w io.Writer, r *result.Result, rules []*rule.Meta, o Options) error {
	descriptors, index := describe(rules)
	out := run{
		Tool:               tool{driver{Name: r.Tool.Name, Version: r.Tool.Version, Rules: descriptors, Notifications: notices()}},
		Invocations:        []invocation{{ExecutionSuccessful: !r.Incomplete(), Notifications: notifications(r)}},
		OriginalURIBaseIDs: map[string]artifactLocation{baseID: {Description: &text{"The audited folder."}}},
		ColumnKind:         "utf16CodeUnits",
		DefaultEncoding:    "utf-8",
		Results:            []sarifResult{},
	}
	for _, f := range r.Findings {
		if f.Confidence >= o.MinConfidence {
			out.Results = append(out.Results, toResult(f, index))
		}
	}
	return result.Encode(w, document{schemaURI, "2.1.0", []run{out}})
}

func describe(rules []*rule.Meta) ([]descriptor, map[string]int) {
	out, index := []descriptor{}, map[string]int{}
	for _, m := range rules {
		for i := range m.Checks {
			d := describeCheck(m, &m.Checks[i])
			index[d.ID] = len(out)
			out = append(out, d)
		}
	}
	return out, index
}

func describeCheck(m *rule.Meta, c *rule.Check) descriptor {
	md := markdown(m, c)
	return descriptor{
		ID:                   m.ID + "/" + c.Slug,
		Name:                 pascal(c.Slug),
		ShortDescription:     &text{c.Title},
		FullDescription:      &text{rule.Plain(m.Text(rule.WhatItChecks, c.Slug))},
		Help:                 &help{rule.Plain(m.Text(rule.Impact, c.Slug)) + "\n\n" + rule.Plain(m.Text(rule.Fix, c.Slug)), md},
		DefaultConfiguration: &configuration{level(c.Severity)},
		Properties: &ruleProperties{
			Tags:             []string{"security", fmt.Sprintf("external/cwe/cwe-%d", c.CWE), "owasp/" + m.OWASP},
			SecuritySeverity: score(c.Severity),
			ProblemSeverity:  problem(c.Severity),
		},
	}
}

// markdown is the page as far as it concerns one check.
func markdown(m *rule.Meta, c *rule.Check) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s (%s/%s)\n", c.Title, m.ID, c.Slug)
	for _, s := range rule.Sections() {
		if t := m.Text(s, c.Slug); t != "" {
			fmt.Fprintf(&b, "\n## %s\n%s\n", s, t)
		}
	}
	return b.String()
}

func pascal(slug string) string {
	var b strings.Builder
	for _, w := range strings.Split(slug, "-") {
		if w != "" {
			b.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	return b.String()
}

// score is the number by which GitHub sorts into critical (9.0 and up), high (7.0), medium (4.0) and low.
func score(s finding.Severity) string {
	switch s {
	case finding.Critical:
		return "9.5"
	case finding.High:
		return "8.0"
	case finding.Medium:
		return "5.5"
	}
	return "3.0"
}

func level(s finding.Severity) string {
	switch s {
	case finding.Critical, finding.High:
		return "error"
	case finding.Medium:
		return "warning"
	}
	return "note"
}

func problem(s finding.Severity) string {
	if l := level(s); l != "note" {
		return l
	}
	return "recommendation"
}

func toResult(f *finding.Finding, index map[string]int) sarifResult {
	out := sarifResult{
		RuleID:              f.ID(),
		Level:               level(f.Severity),
		Message:             text{message(f)},
		Locations:           []location{primary(f)},
		PartialFingerprints: map[string]string{fingerprintKey: f.Fingerprint},
		Suppressions:        []suppression{},
		Properties: properties{
			Severity: f.Severity.String(), SecuritySeverity: score(f.Severity), Confidence: f.Confidence.String(), Reasons: f.Reasons,
			Verdict: f.Verdict.String(), Settle: f.Settle, Route: f.Routes, Impact: f.Impact, Fix: f.Fix,
			Mitigation: f.Mitigation, FalsePositives: f.FalsePositiveNotes, OmittedFlows: f.OmittedFlows, OmittedRoutes: f.OmittedRoutes,
		},
	}
	if i, ok := index[f.ID()]; ok {
		out.RuleIndex = &i
	}
	if f.LineHash != "" {
		out.PartialFingerprints["primaryLocationLineHash"] = f.LineHash
	}
	for _, fl := range append([][]finding.Step{f.Flow}, f.MoreFlows...) {
		if len(fl) > 0 {
			out.CodeFlows = append(out.CodeFlows, flow(fl))
		}
	}
	for i, r := range f.Related {
		l := place(r.Path, r.Pos, r.Snippet)
		l.ID, l.Message = &i, &text{or(r.Note, r.Snippet, r.Path)}
		out.RelatedLocations = append(out.RelatedLocations, l)
	}
	if s := f.Suppressed; s != nil {
		out.Suppressions = append(out.Suppressions, suppressedBy(s))
	}
	return out
}

func message(f *finding.Finding) string {
	m := or(f.Message, f.Title, f.ID())
	if !strings.HasSuffix(m, ".") {
		m += "."
	}
	if f.Verdict == finding.Verify && f.Settle != "" {
		m += " " + f.Settle
	}
	return m
}

func primary(f *finding.Finding) location {
	l := place(f.Path, f.Pos, snippetOf(f.Evidence, f.Pos.Line))
	if f.Function != "" {
		l.Logical = []logicalLocation{{f.Function, "function"}}
	}
	return l
}

func snippetOf(lines []finding.Line, from int) string {
	var out []string
	for _, l := range lines {
		if l.Number >= from {
			out = append(out, l.Text)
		}
	}
	return strings.Join(out, "\n")
}

func flow(steps []finding.Step) codeFlow {
	var t threadFlow
	for i, s := range steps {
		l := place(s.Path, s.Pos, s.Snippet)
		l.Message = &text{or(s.Note, s.Snippet, "step")}
		importance := "important"
		if i == 0 || i == len(steps)-1 {
			importance = "essential"
		}
		t.Locations = append(t.Locations, threadFlowLocation{l, importance})
	}
	return codeFlow{[]threadFlow{t}}
}

// place is a location; a finding about the whole project points at the root folder.
func place(p string, pos finding.Position, snippet string) location {
	a := artifactLocation{URI: uri(p), URIBaseID: baseID}
	out := location{Physical: &physicalLocation{Artifact: a}}
	if pos.Line <= 0 {
		return out
	}
	r := &region{StartLine: pos.Line, StartColumn: pos.Col16, EndLine: pos.EndLine, EndColumn: pos.EndCol16}
	if r.EndLine < r.StartLine {
		r.EndLine, r.EndColumn = 0, 0
	}
	if snippet != "" {
		r.Snippet = &text{snippet}
	}
	out.Physical.Region = r
	return out
}

// uri makes a path relative to the root a valid URI reference.
func uri(p string) string {
	if p == "" {
		return "."
	}
	u := url.URL{Path: path.Clean(strings.ToValidUTF8(p, "�"))}
	return u.String() // "x:y.py" comes out as "./x:y.py", because x: would be a scheme
}

func suppressedBy(s *finding.Suppression) suppression {
	out := suppression{Kind: "external", Status: "accepted", Justification: s.Reason}
	if !s.External {
		l := place(s.Path, finding.Position{Line: s.Line}, "")
		out.Kind, out.Location = "inSource", &l
	}
	if s.Until != "" {
		out.Properties = &untilWhen{s.Until}
	}
	return out
}

func or(choices ...string) string {
	for _, c := range choices {
		if c != "" {
			return c
		}
	}
	return ""
}
