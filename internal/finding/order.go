package finding

import (
	"cmp"
	"slices"
	"strings"
)

// The spec's recommended audit order (§1.3) by the middle word of the rule id. A word that is missing here belongs to
// the last step.
func step(word string) int {
	switch word {
	case "DEPLOY", "DOCKER", "CI":
		return 1
	case "CONFIG", "SECRET":
		return 2
	case "AUTH", "SESS", "JWT", "TRUST":
		return 3
	case "CSRF":
		return 4
	case "XSS", "SSTI":
		return 5
	case "PATH", "UPLOAD", "ZIP":
		return 6
	case "INJECT", "CODE", "DESER", "XML", "XPATH", "LDAP", "NOSQL", "HEADER", "CSV", "MAIL", "REGEX", "LOG":
		return 7
	case "SSRF":
		return 8
	case "REDIRECT":
		return 9
	case "CORS", "HEADERS", "NGINX":
		return 10
	}
	return 11
}

// AuditStep is the 1-based step of the audit that a rule belongs to.
func AuditStep(ruleID string) int {
	_, rest, _ := strings.Cut(ruleID, "-")
	word, _, _ := strings.Cut(rest, "-")
	return step(word)
}

// Compare is the order of a report: the audit step, then the worst first, then the place. It is total over findings
// that differ in anything a reader can see.
func Compare(a, b *Finding) int {
	return cmp.Or(
		cmp.Compare(AuditStep(a.RuleID), AuditStep(b.RuleID)),
		cmp.Compare(b.Severity, a.Severity),
		cmp.Compare(a.Verdict, b.Verdict),
		cmp.Compare(b.Confidence, a.Confidence),
		cmp.Compare(a.RuleID, b.RuleID),
		cmp.Compare(a.Path, b.Path),
		cmp.Compare(a.Span.Start, b.Span.Start),
		cmp.Compare(a.Span.End, b.Span.End),
		cmp.Compare(a.Pos.Line, b.Pos.Line),
		cmp.Compare(a.Check, b.Check),
		cmp.Compare(a.Function, b.Function),
		cmp.Compare(a.Sink, b.Sink),
		cmp.Compare(a.Message, b.Message),
		compareFlows(a.Flow, b.Flow),
	)
}

// compareFlows puts the shorter flow first: it is the easier one to read.
func compareFlows(a, b []Step) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), slices.CompareFunc(a, b, compareSteps))
}

func compareSteps(a, b Step) int {
	return cmp.Or(
		cmp.Compare(a.Path, b.Path),
		cmp.Compare(a.Span.Start, b.Span.Start),
		cmp.Compare(a.Span.End, b.Span.End),
		cmp.Compare(a.Note, b.Note),
	)
}

func compareLocations(a, b Location) int {
	return cmp.Or(
		cmp.Compare(a.Path, b.Path),
		cmp.Compare(a.Span.Start, b.Span.Start),
		cmp.Compare(a.Span.End, b.Span.End),
		cmp.Compare(a.Pos.Line, b.Pos.Line),
		cmp.Compare(a.Note, b.Note),
	)
}

// Sort orders findings for a report.
func Sort(fs []*Finding) { slices.SortStableFunc(fs, Compare) }
