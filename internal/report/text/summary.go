package text

import (
	"fmt"
	"slices"
	"strconv"
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
		p.line(fmt.Sprintf("%s by a comment in the code.", plural(c.suppressed, "finding is suppressed", "findings are suppressed")))
	}
	p.faults(r.Suppressions)
	if len(c.verify) > 0 {
		p.list(plural(len(c.verify), "thing", "things")+" the code cannot show (stopper explain --verify)", c.verify)
	}
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
	return plural(c.total, "finding", "findings") + ": " + strings.Join(parts, ", ")
}

func (c counts) hiddenNote(least finding.Confidence) string {
	if c.hidden == 0 {
		return ""
	}
	below, flag := "low confidence", finding.ConfidenceLow
	if least == finding.ConfidenceHigh {
		below = "medium or low confidence"
	}
	return fmt.Sprintf(" (%s more at %s: --min-confidence %s)", number(c.hidden), below, flag)
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
	shown := entries[:min(len(entries), maxListed)]
	text := heading + ": " + strings.Join(shown, "; ")
	if more := len(entries) - len(shown); more > 0 {
		text += fmt.Sprintf("; and %s more", number(more))
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
	line += fmt.Sprintf("; %s of Python", plural(c.PythonLines, "line", "lines"))
	if p.o.Timings {
		line += " in " + r.Stats.Duration.Round(time.Millisecond).String()
	}
	p.line(line + ".")
	if !c.Flask {
		p.line("Nothing here uses Flask: the rules for Flask applications found nothing to judge.")
	}
	if len(c.ParseErrors) > 0 {
		p.list("Syntax errors", parseErrors(c.ParseErrors))
	}
	if len(c.Skipped) > 0 {
		p.list("Not read", skipped(c.Skipped))
	}
	if len(c.Unresolved) > 0 {
		p.list("Not resolved", c.Unresolved)
	}
	if len(c.Budgets) > 0 {
		p.list("Limits reached, findings may be missing behind them", c.Budgets)
	}
	for _, e := range c.InternalErrors {
		p.line(paint(p.s.critical, clip(clean(e), maxMessage)))
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
			out = append(out, plural(by[n], "Python file", "Python files"))
		case "template":
			out = append(out, plural(by[n], "template", "templates"))
		default:
			out = append(out, plural(by[n], name(n)+" file", name(n)+" files"))
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

func skipped(ss []result.Skip) []string {
	var out []string
	for _, s := range ss {
		out = append(out, fmt.Sprintf("%s (%s)", s.Path, s.Reason))
	}
	return out
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// number writes 4120 as 4,120.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
