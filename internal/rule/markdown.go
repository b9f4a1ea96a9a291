package rule

import (
	"regexp"
	"slices"
	"strings"
)

// Example is a fenced block of the Bad or Good section. Its wants are the comments `# want "RULE/check"`.
type Example struct {
	Check string // the sub-section it stands in, or empty
	Lang  string // python
	Code  string
}

// Examples lists the ```python blocks of a section: the general ones, then those of each check in page order.
func (m *Meta) Examples(s Section) []Example {
	sec := m.sections[string(s)]
	out := blocks(sec.general, "")
	for _, c := range m.Checks {
		out = append(out, blocks(sec.byCheck[c.Slug], c.Slug)...)
	}
	return slices.DeleteFunc(out, func(e Example) bool { return e.Lang != "python" })
}

func blocks(text, check string) []Example {
	var out []Example
	var open *Example
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "```") && open == nil:
			open = &Example{Check: check, Lang: strings.TrimSpace(line[3:])}
		case strings.HasPrefix(line, "```"):
			out = append(out, *open)
			open = nil
		case open != nil:
			open.Code += line
		}
	}
	return out
}

var (
	linkPattern = regexp.MustCompile(`\[([^\]]+)\]\([^)\s]+\)`)
	boldPattern = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	codePattern = regexp.MustCompile("`([^`]+)`")
)

// Plain turns a section's Markdown into plain text for a finding: each paragraph on one line, list items kept, code
// blocks kept with their indentation, marks removed.
func Plain(md string) string {
	var out []string
	var para []string
	inCode := false
	flush := func() {
		if len(para) > 0 {
			out = append(out, inline(strings.Join(para, " ")))
			para = nil
		}
	}
	for _, line := range strings.Split(md, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			flush()
			inCode = !inCode
		case inCode:
			out = append(out, "    "+line)
		case trimmed == "":
			flush()
		case strings.HasPrefix(trimmed, "- ") || strings.HasPrefix(trimmed, "* "):
			flush()
			para = []string{"- " + trimmed[2:]}
		default:
			para = append(para, trimmed)
		}
	}
	flush()
	return strings.Join(out, "\n")
}

func inline(s string) string {
	s = linkPattern.ReplaceAllString(s, "$1")
	s = boldPattern.ReplaceAllString(s, "$1")
	return codePattern.ReplaceAllString(s, "$1")
}
