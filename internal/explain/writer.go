package explain

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"stopper/internal/rule"
)

type writer struct {
	strings.Builder
	style Style
	width int
}

func (w *writer) sgr(code, s string) string {
	if !w.style.Color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (w *writer) bold(s string) string { return w.sgr("1", s) }

func (w *writer) head(m *rule.Meta, c *rule.Check) {
	id, title := m.ID, m.Title
	if c != nil {
		id, title = m.ID+"/"+c.Slug, c.Title
	}
	fmt.Fprintf(w, "%s  %s\n", w.bold(id), title)
	fmt.Fprintf(w, "%s · fixes: %s · since %s\n", m.OWASP, m.Fix, m.Since)
	for i := range m.Checks {
		if x := &m.Checks[i]; c == nil || c == x {
			fmt.Fprintf(w, "  %-22s %-10s CWE-%-5d %s\n", x.Slug, severities(*x), x.CWE, x.Title)
		}
	}
}

func (w *writer) section(m *rule.Meta, c *rule.Check, s rule.Section) {
	slug := ""
	if c != nil {
		slug = c.Slug
	}
	text := m.Text(s, slug)
	own := c == nil && hasOwn(m, s)
	if text == "" && !own {
		return
	}
	fmt.Fprintf(w, "\n%s\n", w.sgr("1;4", string(s)))
	w.markdown(text, "  ")
	if !own {
		return
	}
	for _, x := range m.Checks {
		if m.HasOwn(s, x.Slug) {
			fmt.Fprintf(w, "  %s\n", w.bold(x.Slug))
			w.markdown(m.Text(s, x.Slug), "    ")
		}
	}
}

func hasOwn(m *rule.Meta, s rule.Section) bool {
	for _, x := range m.Checks {
		if m.HasOwn(s, x.Slug) {
			return true
		}
	}
	return false
}

// markdown writes paragraphs wrapped, lists with a hanging indent, code as it stands.
func (w *writer) markdown(md, indent string) {
	var para []string
	inCode := false
	flush := func() {
		w.paragraph(strings.Join(para, " "), indent)
		para = nil
	}
	for _, line := range strings.Split(md, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			flush()
			inCode = !inCode
		case inCode:
			w.WriteString(strings.TrimRight(indent+"  "+w.sgr("36", line), " ") + "\n")
		case trimmed == "":
			flush()
		case strings.HasPrefix(trimmed, "- "):
			flush()
			para = append(para, trimmed)
		default:
			para = append(para, trimmed)
		}
	}
	flush()
}

func (w *writer) paragraph(text, indent string) {
	hang := indent
	if strings.HasPrefix(text, "- ") {
		hang += "  "
	}
	line := indent
	for _, word := range strings.Fields(w.inline(text)) {
		if visible(line)+1+visible(word) > w.width && strings.TrimSpace(line) != "" {
			w.WriteString(strings.TrimRight(line, " ") + "\n")
			line = hang
		}
		if strings.TrimSpace(line) != "" {
			line += " "
		}
		line += word
	}
	if strings.TrimSpace(line) != "" {
		w.WriteString(line + "\n")
	}
}

var (
	sgrPattern  = regexp.MustCompile("\x1b\\[[0-9;]*m")
	linkPattern = regexp.MustCompile(`\[([^\]]+)\]\(([^)\s]+)\)`)
	boldPattern = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	codePattern = regexp.MustCompile("`([^`]+)`")
)

func visible(s string) int { return utf8.RuneCountInString(sgrPattern.ReplaceAllString(s, "")) }

// inline resolves links, bold and code. Code keeps its quotes where there is no colour to set it apart.
func (w *writer) inline(s string) string {
	s = linkPattern.ReplaceAllString(s, "$1 <$2>")
	s = boldPattern.ReplaceAllStringFunc(s, func(m string) string { return w.bold(m[2 : len(m)-2]) })
	if !w.style.Color {
		return s
	}
	return codePattern.ReplaceAllStringFunc(s, func(m string) string {
		words := strings.Fields(m[1 : len(m)-1]) // each word on its own, so that a line break cannot split an escape
		for i := range words {
			words[i] = w.sgr("36", words[i])
		}
		return strings.Join(words, " ")
	})
}
