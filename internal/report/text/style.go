package text

import (
	"strings"
	"unicode/utf8"

	"stopper/internal/finding"
	"stopper/internal/report/result"
)

// styles is the whole colour scheme: the SGR parameters of each role. The basic eight colours follow the user's theme.
type styles struct {
	critical, high, medium, low string
	id, path, mark, label       string
	faint, bold                 string
}

func colours(on bool) styles {
	if !on {
		return styles{}
	}
	return styles{
		critical: "1;31", high: "31", medium: "33", low: "36",
		id: "1", path: "36", mark: "1;31", label: "2", faint: "2", bold: "1",
	}
}

func (s styles) severity(v finding.Severity) string {
	switch v {
	case finding.Critical:
		return s.critical
	case finding.High:
		return s.high
	case finding.Medium:
		return s.medium
	}
	return s.low
}

func paint(style, s string) string {
	if style == "" || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

// cleanMark cleans a line of code and moves its mark along.
func cleanMark(l finding.Line) finding.Line {
	r := []rune(l.Text)
	from, to := min(l.From, len(r)), min(l.To, len(r))
	if from >= to {
		return finding.Line{Number: l.Number, Text: result.Clean(l.Text)}
	}
	before, inside, after := result.Clean(string(r[:from])), result.Clean(string(r[from:to])), result.Clean(string(r[to:]))
	start := utf8.RuneCountInString(before)
	return finding.Line{Number: l.Number, Text: before + inside + after, From: start, To: start + utf8.RuneCountInString(inside)}
}

// wrap breaks a paragraph at blanks so that no line is longer than width, except for a word that is.
func wrap(s string, width int) []string {
	var lines []string
	line, n := "", 0
	for _, word := range strings.Fields(s) {
		w := utf8.RuneCountInString(word)
		if n > 0 && n+1+w > width {
			lines = append(lines, line)
			line, n = "", 0
		}
		if n > 0 {
			line, n = line+" ", n+1
		}
		line, n = line+word, n+w
	}
	if n > 0 {
		lines = append(lines, line)
	}
	return lines
}

// window cuts a line of code to a width, keeping the start of the mark in view.
func window(l finding.Line, width int) finding.Line {
	r := []rune(l.Text)
	if width <= 0 || len(r) <= width {
		return l
	}
	lo := 0
	if l.To > width {
		lo = max(0, min(l.From-width/4, len(r)-width))
	}
	hi := min(len(r), lo+width)
	part := append([]rune{}, r[lo:hi]...)
	if lo > 0 {
		part[0] = '…'
	}
	if hi < len(r) {
		part[len(part)-1] = '…'
	}
	l.Text = string(part)
	l.From, l.To = max(0, l.From-lo), min(max(0, l.To-lo), len(part))
	return l
}

func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}
