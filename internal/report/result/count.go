package result

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"stopper/internal/finding"
)

// Counts are the findings of a report by what happens to them.
type Counts struct {
	Shown      []*finding.Finding // in the order of the report
	Hidden     int                // below the confidence
	Suppressed []*finding.Finding
	By         map[finding.Severity]int
	Verify     []string // what the code cannot show, each once

	least finding.Confidence
}

// Count sorts the findings for a report that shows those from a confidence up.
func (r *Result) Count(least finding.Confidence) Counts {
	c := Counts{By: map[finding.Severity]int{}, least: least}
	for _, f := range r.Findings {
		switch {
		case f.Suppressed != nil:
			c.Suppressed = append(c.Suppressed, f)
		case f.Confidence < least:
			c.Hidden++
		default:
			c.Shown = append(c.Shown, f)
			c.By[f.Severity]++
			if topic := topicOf(f); f.Verdict == finding.Verify && !slices.Contains(c.Verify, topic) {
				c.Verify = append(c.Verify, topic)
			}
		}
	}
	return c
}

// topicOf is what a finding asks to verify: the question's own words when it is one of those, else the title.
func topicOf(f *finding.Finding) string {
	if asks, ok := strings.CutPrefix(f.Settle, "Not visible in app code: "); ok {
		asks, _, _ = strings.Cut(asks, ". ")
		return asks
	}
	return f.Title
}

// Headline is the sum in one line: "17 findings: 2 critical, 5 high, 7 medium, 3 low".
func (c Counts) Headline() string {
	if len(c.Shown) == 0 {
		return "No findings."
	}
	var parts []string
	for _, s := range finding.Severities() {
		if n := c.By[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ToLower(s.String())))
		}
	}
	return Plural(len(c.Shown), "finding", "findings") + ": " + strings.Join(parts, ", ")
}

// HiddenNote says what the confidence hides, and is empty when it hides nothing.
func (c Counts) HiddenNote() string {
	if c.Hidden == 0 {
		return ""
	}
	below, flag := "low confidence", finding.ConfidenceLow
	if c.least == finding.ConfidenceHigh {
		below = "medium or low confidence"
	}
	return fmt.Sprintf("%s more at %s: --min-confidence %s", Number(c.Hidden), below, flag)
}

// Worst lists the n worst findings that are shown.
func (c Counts) Worst(n int) []*finding.Finding {
	list := slices.Clone(c.Shown)
	slices.SortStableFunc(list, func(a, b *finding.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Verdict, b.Verdict))
	})
	return list[:min(len(list), n)]
}

// Where is the place of a finding as people write it. The path is not cleaned.
func Where(f *finding.Finding) string {
	switch {
	case f.Path == "":
		return "(project)"
	case f.Pos.Line == 0:
		return f.Path
	}
	return f.Path + ":" + strconv.Itoa(f.Pos.Line)
}

// Label is the severity with what qualifies it: "High, verify, medium confidence".
func Label(f *finding.Finding) string {
	s := f.Severity.String()
	if f.Verdict == finding.Verify {
		s += ", verify"
	}
	if f.Confidence != 0 && f.Confidence < finding.ConfidenceHigh {
		s += ", " + f.Confidence.String() + " confidence"
	}
	return s
}

// Logins says for each route, as findings name them, what refuses strangers; "" when nothing was seen.
func (r *Result) Logins() map[string]string {
	out := map[string]string{}
	for _, x := range r.Routes {
		if x.URL == nil {
			continue
		}
		key := strings.Join(x.Methods, ",") + " " + *x.URL
		if before, ok := out[key]; ok && before == "" {
			continue // two views under one rule: the weaker one counts
		}
		out[key] = x.Auth
	}
	return out
}

// Login says who can reach a finding: "no login seen" when one of its routes is open, else what guards the first. It is empty when
// nothing is known about the routes.
func Login(logins map[string]string, f *finding.Finding) string {
	guard := ""
	for _, route := range f.Routes {
		auth, known := logins[route]
		switch {
		case known && auth == "":
			return "no login seen"
		case known && guard == "":
			guard = "login: " + Name(auth)
		}
	}
	if f.OmittedRoutes > 0 {
		return "" // one of those may be open
	}
	return guard
}

// FromRepository is a path of the tree as seen from the folder where the audit was started, for services that know files by
// their place in the repository. A root that lies elsewhere leaves the path as it is.
func (r *Result) FromRepository(path string) string {
	if root := filepath.ToSlash(filepath.Clean(r.Root)); filepath.IsLocal(r.Root) && root != "." {
		return strings.TrimSuffix(root+"/"+path, "/")
	}
	if path == "" {
		return "."
	}
	return path
}

// Text is one of the texts that go with a finding.
type Text struct {
	Label, Title, Text string
}

// Texts are the impact, fix, mitigation and notes of a finding, as far as there are any.
func Texts(f *finding.Finding) []Text {
	return slices.DeleteFunc([]Text{
		{"impact", "Impact", f.Impact},
		{"fix", "Fix", f.Fix},
		{"until", "Until then", f.Mitigation},
		{"verify", "Verify", f.Settle},
		{"check", "When this may be wrong", f.FalsePositiveNotes},
	}, func(t Text) bool { return t.Text == "" })
}

// Block is a paragraph, a list item or lines of code of a text.
type Block struct {
	Kind byte // 'p', 'i' or 'c'
	Text string
}

// Blocks takes a text apart: lines that begin with a dash are items, lines indented by four are code.
func Blocks(text string) []Block {
	var out []Block
	for _, line := range strings.Split(text, "\n") {
		code, isCode := strings.CutPrefix(line, "    ")
		item, isItem := strings.CutPrefix(line, "- ")
		last := len(out) - 1
		switch {
		case isCode && last >= 0 && out[last].Kind == 'c':
			out[last].Text += "\n" + code
		case isCode:
			out = append(out, Block{'c', code})
		case isItem:
			out = append(out, Block{'i', item})
		case strings.TrimSpace(line) != "":
			out = append(out, Block{'p', line})
		}
	}
	return out
}
