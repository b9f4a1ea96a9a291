// Package html writes a result as one page that needs nothing else: for reading, mailing and keeping with a build.
//
// In: a finished result. Out: HTML with its style sheet inside and no script. The page's Content-Security-Policy allows that
// style sheet by its hash and nothing more, so that even a mistake in escaping could load and run nothing. Everything that
// comes from the audited tree is cleaned of control characters and escaped; attributes hold only words and numbers of ours.
package html

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/report/result"
)

//go:embed style.css
var style string

// Options chooses what is written.
type Options struct {
	MinConfidence finding.Confidence
}

// Write writes the audit.
func Write(w io.Writer, r *result.Result, o Options) error {
	p := &page{logins: r.Logins()}
	c := r.Count(o.MinConfidence)
	p.top("Audit of", r.Root)
	p.summary(r, c)
	if len(c.Shown) > 0 {
		p.filter(c)
		p.index(c.Shown)
		p.raw("<main>\n")
		for i, f := range c.Shown {
			p.finding(i+1, f)
		}
		p.raw("</main>\n")
	}
	p.suppressions(r, c)
	p.routes(r.Routes)
	p.coverage(r)
	p.raw("</body>\n</html>\n")
	_, err := io.WriteString(w, p.String())
	return err
}

// WriteRoutes writes the endpoints alone.
func WriteRoutes(w io.Writer, r *result.Result) error {
	p := &page{}
	p.top("Routes of", r.Root)
	p.raw("<p>%s</p>\n", result.Plural(len(r.Routes), "route", "routes"))
	p.routeTable(r.Routes)
	p.raw("</body>\n</html>\n")
	_, err := io.WriteString(w, p.String())
	return err
}

type page struct {
	strings.Builder
	logins map[string]string // route → what refuses strangers
}

// raw writes markup of ours.
func (p *page) raw(format string, args ...any) { fmt.Fprintf(p, format, args...) }

// text escapes one line from wherever it comes.
func text(s string) string { return html.EscapeString(result.Clean(s)) }

func name(s string) string { return html.EscapeString(result.Name(s)) }

func message(s string) string {
	return html.EscapeString(result.Clip(result.Clean(s), result.MaxMessage))
}

func (p *page) top(title, root string) {
	sum := sha256.Sum256([]byte(style))
	p.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	p.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	p.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
	p.raw("<title>stopper: %s</title>\n<style>%s</style>\n</head>\n<body>\n", name(root), style)
	p.raw("<h1>%s <code>%s</code></h1>\n", title, name(root))
}

func (p *page) summary(r *result.Result, c result.Counts) {
	line := strings.Join(r.Coverage.Files(), ", ")
	p.raw("<p class=\"faint\">%s; %s of Python. %s %s</p>\n", text(line), result.Plural(r.Coverage.PythonLines, "line", "lines"), name(r.Tool.Name), name(r.Tool.Version))
	for _, e := range r.Coverage.Incomplete() {
		p.raw("<p class=\"alarm\"><b>Results incomplete:</b> %s</p>\n", message(e))
	}
	if !r.Coverage.Flask {
		p.raw("<p>Nothing here uses Flask: the rules for Flask applications found nothing to judge.</p>\n")
	}
	p.raw("<div class=\"tiles\">\n")
	for _, s := range finding.Severities() {
		p.raw("<div class=\"tile\"><b class=\"%s\">%d</b> %s</div>\n", class(s), c.By[s], s)
	}
	p.raw("</div>\n<p>%s%s</p>\n", text(c.Headline()), parenthesis(c.HiddenNote()))
}

func parenthesis(s string) string {
	if s == "" {
		return ""
	}
	return " (" + text(s) + ")"
}

// class is a severity as the style sheet calls it.
func class(s finding.Severity) string { return strings.ToLower(s.String()) }

// filter shows and hides by the style sheet alone; no script is needed.
func (p *page) filter(c result.Counts) {
	low := 0
	for _, f := range c.Shown {
		if f.Confidence == finding.ConfidenceLow {
			low++
		}
	}
	p.raw("<fieldset class=\"filter\"><legend>Show</legend>\n")
	for _, s := range finding.Severities() {
		if c.By[s] > 0 {
			p.raw("<label><input type=\"checkbox\" id=\"s-%s\" checked> %s</label>\n", class(s), s)
		}
	}
	if low > 0 {
		p.raw("<label><input type=\"checkbox\" id=\"c-low\" checked> low confidence (%d)</label>\n", low)
	}
	p.raw("</fieldset>\n")
}

// index lists all findings with links, for pages that are longer than a screen or two.
func (p *page) index(fs []*finding.Finding) {
	p.raw("<details><summary>Index</summary>\n<table>\n<tr><th>Severity</th><th>Finding</th><th>Where</th></tr>\n")
	for i, f := range fs {
		p.raw("<tr class=\"f-%s c-%s\"><td class=\"%[1]s\">%[3]s</td><td><a href=\"#f%[4]d\">%[5]s</a></td><td><code>%[6]s</code></td></tr>\n",
			class(f.Severity), f.Confidence, f.Severity, i+1, name(f.ID()), name(result.Where(f)))
	}
	p.raw("</table>\n</details>\n")
}

func (p *page) finding(n int, f *finding.Finding) {
	p.raw("<article class=\"finding %[1]s f-%[1]s c-%[2]s\" id=\"f%[3]d\">\n<div class=\"head\">\n", class(f.Severity), f.Confidence, n)
	p.raw("<div class=\"meta\"><span class=\"badge %s\">%s</span> <code>%s</code> <span class=\"cwe faint\">CWE-%d · %s</span></div>\n",
		class(f.Severity), result.Label(f), name(f.ID()), f.CWE, name(f.OWASP))
	p.raw("<h3>%s</h3>\n<p><code>%s</code>", message(f.Message), name(result.Where(f)))
	if f.Function != "" {
		p.raw(" in <code>%s</code>", name(f.Function))
	}
	if len(f.Routes) > 0 {
		way := routeList(f)
		if login := result.Login(p.logins, f); login != "" {
			way += ", " + name(login)
		}
		p.raw(" <span class=\"faint\">%s</span>", way)
	}
	p.raw("</p>\n</div>\n<div class=\"body\">\n")
	p.evidence(f.Evidence)
	p.flows(f)
	p.related(f.Related)
	p.texts(f)
	p.raw("</div>\n</article>\n")
}

// maxRoutes is how many routes a heading names.
const maxRoutes = 5

func routeList(f *finding.Finding) string {
	rs := f.Routes
	var out []string
	for _, r := range rs[:min(len(rs), maxRoutes)] {
		out = append(out, name(r))
	}
	s := strings.Join(out, ", ")
	if more := len(rs) - maxRoutes + f.OmittedRoutes; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

func (p *page) evidence(lines []finding.Line) {
	if len(lines) == 0 {
		return
	}
	p.raw("<pre>")
	for i, l := range lines {
		if i > 0 {
			p.raw("\n")
		}
		r := []rune(l.Text)
		from, to := min(l.From, len(r)), min(l.To, len(r))
		p.raw("<span class=\"n\">%d</span>", l.Number)
		if from >= to {
			p.raw("%s", text(l.Text))
			continue
		}
		p.raw("%s<mark>%s</mark>%s", text(string(r[:from])), text(string(r[from:to])), text(string(r[to:])))
	}
	p.raw("</pre>\n")
}

func (p *page) flows(f *finding.Finding) {
	if len(f.Flow) > 1 {
		p.flow(f.Flow)
	}
	more := len(f.MoreFlows) + f.OmittedFlows
	if more == 0 {
		return
	}
	p.raw("<details><summary>%s into the same place</summary>\n", result.Plural(more, "more way", "more ways"))
	for _, fl := range f.MoreFlows {
		p.flow(fl)
	}
	p.raw("</details>\n")
}

func (p *page) flow(steps []finding.Step) {
	p.raw("<ol class=\"flow\">\n")
	for _, s := range steps {
		p.raw("<li><code>%s</code> <code>%s</code> <span class=\"faint\">%s</span></li>\n", place(s.Path, s.Pos), name(s.Snippet), name(s.Note))
	}
	p.raw("</ol>\n")
}

func place(path string, pos finding.Position) string {
	if pos.Line <= 0 {
		return name(path)
	}
	return name(path) + ":" + strconv.Itoa(pos.Line)
}

func (p *page) related(rs []finding.Location) {
	if len(rs) == 0 {
		return
	}
	p.raw("<p class=\"faint\">See also:</p>\n<ul>\n")
	for _, r := range rs {
		p.raw("<li><code>%s</code> %s</li>\n", place(r.Path, r.Pos), name(r.Note))
	}
	p.raw("</ul>\n")
}

func (p *page) texts(f *finding.Finding) {
	p.raw("<dl>\n")
	for _, t := range result.Texts(f) {
		p.raw("<dt>%s</dt><dd>", t.Title)
		p.blocks(t.Text)
		p.raw("</dd>\n")
	}
	for _, reason := range f.Reasons {
		p.raw("<dt>Confidence</dt><dd>%s: %s</dd>\n", f.Confidence, message(reason))
	}
	p.raw("</dl>\n")
}

func (p *page) blocks(s string) {
	inList := false
	for _, b := range result.Blocks(s) {
		if inList != (b.Kind == 'i') {
			inList = !inList
			if inList {
				p.raw("<ul>")
			} else {
				p.raw("</ul>")
			}
		}
		switch b.Kind {
		case 'i':
			p.raw("<li>%s</li>", paragraph(b.Text))
		case 'c':
			p.raw("<pre>%s</pre>", code(b.Text))
		default:
			p.raw("<p>%s</p>", paragraph(b.Text))
		}
	}
	if inList {
		p.raw("</ul>")
	}
}

func paragraph(s string) string {
	return html.EscapeString(result.Clip(result.Clean(s), result.MaxParagraph))
}

func code(s string) string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		out = append(out, message(line))
	}
	return strings.Join(out, "\n")
}

func (p *page) suppressions(r *result.Result, c result.Counts) {
	if len(c.Suppressed) == 0 && len(r.Suppressions) == 0 {
		return
	}
	p.raw("<h2>Suppressions</h2>\n<table>\n<tr><th>Where</th><th>What</th><th>Reason</th><th>Effect</th></tr>\n")
	for _, s := range r.Suppressions {
		effect := result.Plural(s.Used, "finding", "findings")
		if s.Fault != "" {
			effect = s.Fault
		}
		p.raw("<tr><td><code>%s:%d</code></td><td><code>%s</code></td><td>%s</td><td>%s</td></tr>\n", name(s.Path), s.Line, name(s.ID), name(s.Reason), name(effect))
	}
	p.raw("</table>\n")
}

func (p *page) routes(rs []result.Route) {
	if len(rs) == 0 {
		return
	}
	p.raw("<details><summary>%s</summary>\n", result.Plural(len(rs), "route", "routes"))
	p.routeTable(rs)
	p.raw("</details>\n")
}

func (p *page) routeTable(rs []result.Route) {
	p.raw("<table>\n<tr><th>URL</th><th>Methods</th><th>Endpoint</th><th>View</th><th>Where</th><th>Login</th><th>CSRF</th><th>Limit</th><th>Reads</th><th>Renders</th><th>Sets</th><th>Changes</th></tr>\n")
	for _, r := range rs {
		url := "not resolved: " + r.Reason
		if r.URL != nil {
			url = *r.URL
		}
		p.raw("<tr><td><code>%s</code></td><td>%s</td><td>%s</td><td><code>%s</code></td><td><code>%s:%d</code></td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
			name(url), name(strings.Join(r.Methods, " ")), name(r.Endpoint), name(r.Function), name(r.File), r.Line, name(r.Auth),
			name(r.CSRF), name(r.Limit), list(r.Inputs), list(r.Templates), list(r.Cookies), mark(r.ChangesState))
	}
	p.raw("</table>\n")
}

func list(names []string) string { return name(strings.Join(names, ", ")) }

func mark(is bool) string {
	if is {
		return "state"
	}
	return ""
}

// coverage is a full list here: there is room for it.
func (p *page) coverage(r *result.Result) {
	gaps := r.Coverage.Gaps()
	if len(r.Coverage.Configuration) > 0 {
		gaps = append([]result.Gap{{Title: "Changed by the configuration of the tree", Entries: r.Coverage.Configuration}}, gaps...)
	}
	if len(gaps) == 0 {
		return
	}
	p.raw("<h2>What was not analysed</h2>\n")
	for _, g := range gaps {
		p.raw("<details><summary>%s (%s)</summary>\n<ul>\n", g.Title, result.Number(len(g.Entries)))
		for _, e := range g.Entries {
			p.raw("<li>%s</li>\n", message(e))
		}
		p.raw("</ul>\n</details>\n")
	}
}
