// Package unicode001 judges whether source text reads as it runs.
package unicode001

import (
	"bytes"
	_ "embed"
	"fmt"
	"unicode/utf8"

	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-UNICODE-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run looks for controls that change the order in which text is shown.
func (Rule) Run(p *rule.Pass) {
	for _, mod := range p.Project.Prog.Modules {
		if mod.IsTest || mod.Source == nil || !mayHold(mod.Source.Text) {
			continue
		}
		for i, line := range bytes.Split(mod.Source.Text, []byte("\n")) {
			if r, ok := unbalanced(line); ok {
				f := p.AtLine("bidi-control", mod.Source.Path, i+1)
				f.Message = fmt.Sprintf("the line holds U+%04X, which changes the order in which it is shown but not in which it runs", r)
				p.Report(f)
			}
		}
	}
}

// mayHold is a quick look for the first bytes of the controls.
func mayHold(text []byte) bool {
	return bytes.Contains(text, []byte("\xe2\x80")) || bytes.Contains(text, []byte("\xe2\x81"))
}

// unbalanced finds a control that is still in force where the line ends: it reaches into what stands around the text that
// it was meant for. Balanced ones stand in quotations of right-to-left languages.
func unbalanced(line []byte) (first rune, found bool) {
	if !bytes.ContainsAny(line, "\u202a\u202b\u202d\u202e\u2066\u2067\u2068") {
		return 0, false
	}
	var open []rune
	for len(line) > 0 {
		r, n := utf8.DecodeRune(line)
		line = line[n:]
		switch r {
		case '\u202a', '\u202b', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068':
			open = append(open, r)
		case '\u202c', '\u2069':
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		case '"', '\'', '#':
			// The end of a literal and the start of a comment do not end a control: this is what such attacks use.
			if len(open) > 0 {
				return open[0], true
			}
		}
	}
	if len(open) > 0 {
		return open[0], true
	}
	return 0, false
}
