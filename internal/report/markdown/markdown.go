// Package markdown writes a result as GitHub-flavoured Markdown: for job summaries, merge request comments and issues.
//
// In: a finished result. Out: text that stays what it is wherever it is rendered. What comes from the audited tree stands in
// code spans and fences that its own backticks cannot close; in running text everything that Markdown or HTML would read as
// markup is escaped, and names cannot call people (@name) or refer to issues (#1).
package markdown

import (
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/report/result"
)

// Options chooses what is written.
type Options struct {
	MinConfidence finding.Confidence
}

// Write writes the audit.
func Write(w io.Writer, r *result.Result, o Options) error {
	p := &page{said: map[string]int{}, logins: r.Logins()}
	c := r.Count(o.MinConfidence)
	p.summary(r, c)
	for i, f := range c.Shown {
		p.finding(i+1, f)
	}
	p.coverage(r, c)
	_, err := io.WriteString(w, p.String())
	return err
}

type page struct {
	strings.Builder
	said   map[string]int    // rule + text → the finding that has said it
	logins map[string]string // route → what refuses strangers
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// escaper is for running text. An empty comment breaks mentions and references, which a backslash does not; two colons at
// the start of a line would be a command to a runner that logs the report.
func escaper() *strings.Replacer {
	pairs := []string{"@", "@<!-- -->", "#", "\\#<!-- -->", "<", "&lt;", ">", "&gt;", "&", "&amp;"}
	for _, c := range "\\`*_[]|~$" {
		pairs = append(pairs, string(c), `\`+string(c))
	}
	return strings.NewReplacer(append(pairs, "://", ":<!-- -->//", "www.", "www<!-- -->.", "::", `\:\:`)...)
}

func text(s string) string { return escaper().Replace(result.Clean(s)) }

func paragraph(s string) string { return text(result.Clip(s, result.MaxParagraph)) }

// span is a code span: its fence is longer than any run of backticks inside.
func span(s string) string {
	s = strings.ReplaceAll(result.Name(s), "|", "\\|") // also inside code a bar ends the cell of a table
	if strings.TrimSpace(s) == "" {
		return ""
	}
	ticks := strings.Repeat("`", longest(s, '`')+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return ticks + s + ticks
}

func longest(s string, c byte) int {
	most, n := 0, 0
	for i := range len(s) {
		if n++; s[i] != c {
			n = 0
		}
		most = max(most, n)
	}
	return most
}

// fence is a block of code.
func (p *page) fence(language string, lines []string) {
	ticks := "```"
	for _, l := range lines {
		ticks = strings.Repeat("`", max(len(ticks), longest(l, '`')+1))
	}
	p.line("%s%s", ticks, language)
	for _, l := range lines {
		p.line("%s", result.Clip(result.Clean(l), result.MaxMessage))
	}
	p.line("%s", ticks)
}

func (p *page) summary(r *result.Result, c result.Counts) {
	p.line("# Audit of %s\n", span(r.Root))
	headline := c.Headline()
	if note := c.HiddenNote(); note != "" {
		headline += " (" + note + ")"
	}
	p.line("**%s**\n", text(headline))
	for _, e := range r.Coverage.Incomplete() {
		p.line("> **Results incomplete:** %s\n", span(e))
	}
	if !r.Coverage.Flask {
		p.line("Nothing here uses Flask: the rules for Flask applications found nothing to judge.\n")
	}
	if len(c.Shown) == 0 {
		return
	}
	p.line("| | severity | finding | where |\n|---|---|---|---|")
	for i, f := range c.Shown {
		p.line("| %d | %s | %s | %s |", i+1, result.Label(f), span(f.ID()), span(result.Where(f)))
	}
	p.line("")
}

func (p *page) finding(n int, f *finding.Finding) {
	p.line("## %d. %s %s\n", n, result.Label(f), span(f.ID()))
	p.line("**%s**\n", text(result.Clip(f.Message, result.MaxMessage)))
	where := span(result.Where(f))
	if f.Function != "" {
		where += " in " + span(f.Function)
	}
	for i, r := range f.Routes {
		if i == maxRoutes {
			where += fmt.Sprintf(" and %d more", len(f.Routes)-maxRoutes+f.OmittedRoutes)
			break
		}
		where += ", " + span(r)
	}
	if login := result.Login(p.logins, f); login != "" {
		where += ", " + text(login)
	}
	p.line("%s · [CWE-%d](https://cwe.mitre.org/data/definitions/%d.html)\n", where, f.CWE, f.CWE)
	p.evidence(f)
	if len(f.Flow) > 1 {
		p.flow(f.Flow)
	}
	if more := len(f.MoreFlows) + f.OmittedFlows; more > 0 {
		p.line("%s into the same place.\n", result.Plural(more, "more way", "more ways"))
	}
	for _, r := range f.Related {
		p.line("See %s: %s\n", span(place(r.Path, r.Pos)), text(result.Clip(r.Note, result.MaxName)))
	}
	p.texts(n, f)
}

// maxRoutes is how many routes a heading names.
const maxRoutes = 3

func (p *page) evidence(f *finding.Finding) {
	if len(f.Evidence) == 0 {
		return
	}
	language := ""
	if path.Ext(f.Path) == ".py" {
		language = "python"
	}
	var lines []string
	for _, l := range f.Evidence {
		lines = append(lines, l.Text)
	}
	p.fence(language, lines)
	p.line("")
}

func place(path string, pos finding.Position) string {
	if pos.Line <= 0 {
		return path
	}
	return path + ":" + strconv.Itoa(pos.Line)
}

func (p *page) flow(steps []finding.Step) {
	for i, s := range steps {
		p.line("%d. %s %s %s", i+1, span(place(s.Path, s.Pos)), span(s.Snippet), text(result.Clip(s.Note, result.MaxName)))
	}
	p.line("")
}

// texts says each text of a rule once and refers to it afterwards.
func (p *page) texts(n int, f *finding.Finding) {
	for _, t := range result.Texts(f) {
		key := f.RuleID + "\x00" + t.Title + "\x00" + t.Text
		if before := p.said[key]; before > 0 {
			p.line("**%s:** as at %d.\n", t.Title, before)
			continue
		}
		p.said[key] = n
		p.line("**%s:**", t.Title)
		for _, b := range result.Blocks(t.Text) {
			switch b.Kind {
			case 'i':
				p.line("- %s", paragraph(b.Text))
			case 'c':
				p.line("")
				p.fence("", strings.Split(b.Text, "\n"))
			default:
				p.line("%s", paragraph(b.Text))
			}
		}
		p.line("")
	}
}

// maxListed is how many entries of a gap are named.
const maxListed = 20

func (p *page) coverage(r *result.Result, c result.Counts) {
	p.line("## Coverage\n")
	p.line("%s; %s of Python.\n", text(strings.Join(r.Coverage.Files(), ", ")), result.Plural(r.Coverage.PythonLines, "line", "lines"))
	for _, note := range r.Coverage.Configuration {
		p.line("- %s", span(note))
	}
	for _, f := range c.Suppressed {
		p.line("- suppressed: %s at %s: %s", span(f.ID()), span(result.Where(f)), span(f.Suppressed.Reason))
	}
	for _, s := range r.Suppressions {
		if s.Fault != "" {
			p.line("- %s: suppression of %s: %s", span(s.Path+":"+strconv.Itoa(s.Line)), span(s.ID), span(s.Fault))
		}
	}
	for _, g := range r.Coverage.Gaps() {
		p.line("- %s (%s)", g.Title, result.Number(len(g.Entries)))
		for i, e := range g.Entries {
			if i == maxListed {
				p.line("  - and %s more", result.Number(len(g.Entries)-i))
				break
			}
			p.line("  - %s", span(e))
		}
	}
}
