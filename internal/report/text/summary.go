package text

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stopper/internal/finding"
	"stopper/internal/report/result"
)

// maxListed is how many of a kind the summary names before it counts the rest.
const maxListed = 5

func (p *printer) summary(r *result.Result) {
	c := count(r, p.o.MinConfidence)
	p.line(paint(p.s.bold, c.headline()), c.hiddenNote(p.o.MinConfidence))
	if c.suppressed > 0 {
		p.line(fmt.Sprintf("%s by a comment in the code.", result.Plural(c.suppressed, "finding is suppressed", "findings are suppressed")))
	}
	p.faults(r.Suppressions)
	p.list(result.Plural(len(c.verify), "thing", "things")+" the code cannot show (stopper explain --verify)", c.verify)
	p.coverage(r)
}

type counts struct {
	total, hidden, suppressed int
	by                        map[finding.Severity]int
	verify                    []string
}

func count(r *result.Result, least finding.Confidence) counts {
	c := counts{by: map[finding.Severity]int{}}
	for _, f := range r.Findings {
		switch {
		case f.Suppressed != nil:
			c.suppressed++
		case f.Confidence < least:
			c.hidden++
		default:
			c.total++
			c.by[f.Severity]++
			if f.Verdict == finding.Verify && !slices.Contains(c.verify, f.Title) {
				c.verify = append(c.verify, f.Title)
			}
		}
	}
	return c
}

func (c counts) headline() string {
	if c.total == 0 {
		return "No findings."
	}
	var parts []string
	for _, s := range finding.Severities() {
		if n := c.by[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ToLower(s.String())))
		}
	}
	return result.Plural(c.total, "finding", "findings") + ": " + strings.Join(parts, ", ")
}

func (c counts) hiddenNote(least finding.Confidence) string {
	if c.hidden == 0 {
		return ""
	}
	below, flag := "low confidence", finding.ConfidenceLow
	if least == finding.ConfidenceHigh {
		below = "medium or low confidence"
	}
	return fmt.Sprintf(" (%s more at %s: --min-confidence %s)", result.Number(c.hidden), below, flag)
}

func (p *printer) faults(ss []result.Suppression) {
	for _, s := range ss {
		if s.Fault != "" {
			p.line(fmt.Sprintf("%s:%d: suppression of %s: %s", name(s.Path), s.Line, name(s.ID), name(s.Fault)))
		}
	}
}

// list prints a heading and the first few entries on one wrapped line.
func (p *printer) list(heading string, entries []string) {
	if len(entries) == 0 {
		return
	}
	shown := entries[:min(len(entries), maxListed)]
	text := heading + ": " + strings.Join(shown, "; ")
	if more := len(entries) - len(shown); more > 0 {
		text += fmt.Sprintf("; and %s more", result.Number(more))
	}
	indent := ""
	for _, l := range wrap(clip(clean(text), maxParagraph), p.prose-2) {
		p.line(indent, l)
		indent = "  "
	}
}

func (p *printer) coverage(r *result.Result) {
	c := r.Coverage
	line := strings.Join(classes(c.FilesByClass), ", ")
	if line == "" {
		line = "No files"
	}
	line += fmt.Sprintf("; %s of Python", result.Plural(c.PythonLines, "line", "lines"))
	if p.o.Timings {
		line += " in " + r.Stats.Duration.Round(time.Millisecond).String()
	}
	p.line(line + ".")
	if !c.Flask {
		p.line("Nothing here uses Flask: the rules for Flask applications found nothing to judge.")
	}
	for _, note := range c.Configuration {
		p.line(clip(clean(note), maxMessage), ".")
	}
	p.list("Syntax errors", parseErrors(c.ParseErrors))
	p.list("Not read", skipped(c.Skipped, false))
	p.list("Not understood", skipped(c.Skipped, true))
	p.list("Not resolved", c.Unresolved)
	p.list("Limits reached, findings may be missing behind them", c.Budgets)
	for _, e := range c.Incomplete() {
		p.line(paint(p.s.critical, clip(clean(e), maxMessage)+": results incomplete"))
	}
}

// classes names file classes with their counts, code first.
func classes(by map[string]int) []string {
	order := []string{"python", "template", "deployment", "manifest", "config"}
	names := make([]string, 0, len(by))
	for k := range by {
		names = append(names, k)
	}
	slices.SortFunc(names, func(a, b string) int { return compareClass(order, a, b) })
	var out []string
	for _, n := range names {
		if by[n] == 0 {
			continue
		}
		switch n {
		case "python":
			out = append(out, result.Plural(by[n], "Python file", "Python files"))
		case "template":
			out = append(out, result.Plural(by[n], "template", "templates"))
		default:
			out = append(out, result.Plural(by[n], name(n)+" file", name(n)+" files"))
		}
	}
	return out
}

func compareClass(order []string, a, b string) int {
	rank := func(s string) int {
		if i := slices.Index(order, s); i >= 0 {
			return i
		}
		return len(order)
	}
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

func parseErrors(es []result.ParseError) []string {
	var out []string
	for _, e := range es {
		text := fmt.Sprintf("%s:%d %s", e.Path, e.Line, e.Message)
		if e.WholeFile {
			text += " (whole file not analysed)"
		}
		out = append(out, text)
	}
	return out
}

// skipped lists whole files, or the parts of files that were not understood.
func skipped(ss []result.Skip, parts bool) []string {
	var out []string
	for _, s := range ss {
		switch {
		case s.Line > 0 != parts:
		case parts:
			out = append(out, fmt.Sprintf("%s:%d (%s)", s.Path, s.Line, s.Reason))
		default:
			out = append(out, fmt.Sprintf("%s (%s)", s.Path, s.Reason))
		}
	}
	return out
}
