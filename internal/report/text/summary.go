package text

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"stopper/internal/finding"
	"stopper/internal/report/result"
)

const (
	// maxListed is how many of a kind the summary names before it counts the rest.
	maxListed = 5
	// fewFindings are seen at a glance; only more than these are worth a list of the worst.
	fewFindings = 4
)

func (p *printer) summary(r *result.Result) {
	c := r.Count(p.o.MinConfidence)
	if len(c.Shown) > fewFindings {
		p.worst(c.Worst(maxListed))
	}
	note := c.HiddenNote()
	if note != "" {
		note = " (" + note + ")"
	}
	p.line(paint(p.s.bold, c.Headline()), note)
	p.list(result.Plural(len(c.Verify), "thing", "things")+" the code cannot show (stopper explain --verify)", c.Verify)
	p.suppressed(c.Suppressed)
	for _, s := range r.Suppressions {
		if s.Fault != "" {
			p.line(fmt.Sprintf("%s:%d: suppression of %s: %s", result.Name(s.Path), s.Line, result.Name(s.ID), result.Name(s.Fault)))
		}
	}
	p.coverage(r)
}

// worst lists where to begin: a terminal shows the end of a long report.
func (p *printer) worst(fs []*finding.Finding) {
	wide, broad := 0, 0
	for _, f := range fs {
		wide = max(wide, utf8.RuneCountInString(f.ID()))
		broad = max(broad, utf8.RuneCountInString(result.Name(result.Where(f))))
	}
	p.line(paint(p.s.bold, "Begin with"))
	for _, f := range fs {
		place := result.Name(result.Where(f))
		if len(f.Routes) > 0 {
			place = pad(place, broad)
		}
		p.line("  ", paint(p.s.severity(f.Severity), pad(f.Severity.String(), len("Critical"))), "  ", pad(f.ID(), wide), "  ",
			paint(p.s.path, place), paint(p.s.faint, routes(f, 1)))
	}
	p.line("")
}

func (p *printer) suppressed(fs []*finding.Finding) {
	var list []string
	for _, f := range fs {
		list = append(list, fmt.Sprintf("%s %s (%s)", f.ID(), result.Where(f), f.Suppressed.Reason))
	}
	p.list(result.Plural(len(fs), "finding is suppressed", "findings are suppressed"), list)
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
	p.hanging(result.Clip(result.Clean(text), result.MaxParagraph))
}

func (p *printer) hanging(text string) {
	indent := ""
	for _, l := range wrap(text, p.prose-2) {
		p.line(indent, l)
		indent = "  "
	}
}

func (p *printer) coverage(r *result.Result) {
	c := &r.Coverage
	line := strings.Join(c.Files(), ", ")
	if line == "" {
		line = "No files"
	}
	line += fmt.Sprintf("; %s of Python", result.Plural(c.PythonLines, "line", "lines"))
	if p.o.Timings {
		line += " in " + r.Stats.Duration.Round(time.Millisecond).String()
	}
	p.hanging(line + ".")
	if !c.Flask {
		p.line("Nothing here uses Flask: the rules for Flask applications found nothing to judge.")
	}
	for _, note := range c.Configuration {
		p.line(result.Clip(result.Clean(note), result.MaxMessage), ".")
	}
	for _, g := range c.Gaps() {
		p.list(g.Title, g.Entries)
	}
	for _, e := range c.Incomplete() {
		p.line(paint(p.s.critical, result.Clip(result.Clean(e), result.MaxMessage)+": results incomplete"))
	}
}
