// Package regex001 judges patterns that come from a request, and patterns that take for ever on some of its texts.
package regex001

import (
	_ "embed"

	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-REGEX-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every pattern that words from outside reach, then every text from outside by the pattern it meets.
func (Rule) Run(p *rule.Pass) {
	p.ReportHits(models.Regex, "pattern", " is used as a regular expression")
	for _, h := range p.Project.Hits(models.RegexSubject) {
		if text, ok := patternOf(h); ok && explodes(text, isWhole(h)) {
			p.ReportHit("backtracking", h, " is matched by a pattern that can take exponential time: "+clip(text))
		}
	}
}

// patternOf is the constant pattern of a hit: its first argument, or what the receiver was compiled from.
func patternOf(h project.Hit) (string, bool) {
	if h.Recv == nil {
		a, _ := h.Args.At(0, "pattern")
		return a.Value.ConstStr()
	}
	if h.Recv.From() == nil {
		return "", false
	}
	return h.Recv.From().Of.ConstStr()
}

func isWhole(h project.Hit) bool {
	return h.Callee == "re.fullmatch" || h.Callee == "re.Pattern.fullmatch"
}

// maxShown is how much of a pattern a message quotes.
const maxShown = 60

func clip(s string) string {
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return s
}
