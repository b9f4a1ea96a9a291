// Package text writes a result for people at a terminal.
//
// In: a finished result. Out: per finding what is wrong and where, the marked code, the way the value takes, what it means
// and what to change; then one summary. Texts that a check has said before are not said again. Everything that comes
// from the audited tree is cleaned: it cannot move the cursor, forge lines or hide itself.
package text

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"stopper/internal/finding"
	"stopper/internal/report/result"
)

// Options says how to write. The zero value writes every finding without colours, 100 columns wide.
type Options struct {
	Color         bool
	Width         int // of the terminal; 0 means unknown, then code is not cut
	MinConfidence finding.Confidence
	Timings       bool
	Brief         bool // one line for each finding, no summary
}

const (
	defaultWidth = 100
	// Longer lines of prose are hard to read, however wide the terminal.
	maxProse = 110
	minWidth = 40
	// labelWidth is the column of "impact", "fix" and the others.
	labelWidth = 8
	// maxMoreFlows is how many further flows are shown by their first step.
	maxMoreFlows = 3
)

type printer struct {
	w     *bufio.Writer
	o     Options
	s     styles
	prose int
	said  map[string]string // rule + label + text → where it was said
	login map[string]string // route → what refuses strangers
}

// Write writes the audit.
func Write(w io.Writer, r *result.Result, o Options) error {
	p := newPrinter(w, o)
	p.login = r.Logins()
	shown := 0
	for _, f := range r.Findings {
		if f.Suppressed != nil || f.Confidence < o.MinConfidence {
			continue
		}
		if o.Brief {
			p.brief(f)
			continue
		}
		if shown > 0 {
			p.line("")
		}
		p.finding(f)
		shown++
	}
	if !o.Brief {
		if shown > 0 {
			p.line("")
		}
		p.summary(r)
	}
	return p.w.Flush()
}

func newPrinter(w io.Writer, o Options) *printer {
	width := o.Width
	if width <= 0 {
		width = defaultWidth
	}
	return &printer{w: bufio.NewWriter(w), o: o, s: colours(o.Color), prose: min(max(width, minWidth), maxProse), said: map[string]string{}}
}

func (p *printer) line(parts ...string) {
	for _, s := range parts {
		_, _ = p.w.WriteString(s) // bufio keeps the first error for Flush
	}
	_ = p.w.WriteByte('\n')
}

func (p *printer) brief(f *finding.Finding) {
	p.line(where(f), ": ", f.Severity.String(), " ", result.Name(f.ID()), ": ", result.Clip(result.Clean(f.Message), result.MaxMessage))
}

func where(f *finding.Finding) string { return result.Name(result.Where(f)) }

func (p *printer) finding(f *finding.Finding) {
	p.head(f)
	p.evidence(f.Evidence)
	p.flow(f)
	p.related(f)
	p.texts(f)
}

func (p *printer) head(f *finding.Finding) {
	severity, id, cwe := result.Label(f), result.Clean(f.ID()), "CWE-"+strconv.Itoa(f.CWE)
	gap := p.prose - utf8.RuneCountInString(severity+id+cwe) - 2
	p.line(paint(p.s.severity(f.Severity), severity), "  ", paint(p.s.id, id), strings.Repeat(" ", max(2, gap)), paint(p.s.faint, cwe))
	for _, l := range wrap(result.Clip(result.Clean(f.Message), result.MaxMessage), p.prose) {
		p.line(paint(p.s.bold, l))
	}
	loc := paint(p.s.path, where(f))
	if f.Function != "" {
		loc += " in " + result.Name(f.Function)
	}
	way := routes(f, maxRoutes)
	if login := result.Login(p.login, f); login != "" {
		way += ", " + login
	}
	p.line(loc, paint(p.s.faint, way))
}

// maxRoutes is how many routes a heading names.
const maxRoutes = 3

func routes(f *finding.Finding, most int) string {
	rs := f.Routes
	if len(rs) == 0 {
		return ""
	}
	var shown []string
	for _, r := range rs[:min(len(rs), most)] {
		shown = append(shown, result.Name(r))
	}
	out := "  " + strings.Join(shown, ", ")
	if more := len(rs) - most + f.OmittedRoutes; more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	return out
}

// maxMarked is how many lines of a piece of code are underlined; of a longer one all that is shown is meant.
const maxMarked = 2

func (p *printer) evidence(lines []finding.Line) {
	gutter, marked := 5, 0
	for _, l := range lines {
		gutter = max(gutter, len(strconv.Itoa(l.Number)))
		if l.From < l.To {
			marked++
		}
	}
	code := 0
	if p.o.Width > 0 {
		code = max(p.o.Width, minWidth) - gutter - 3
	}
	for _, l := range lines {
		l = window(cleanMark(l), code)
		p.line(paint(p.s.faint, fmt.Sprintf("%*d │ ", gutter, l.Number)), l.Text)
		if l.From < l.To && marked <= maxMarked {
			p.line(paint(p.s.faint, strings.Repeat(" ", gutter)+" │ "), strings.Repeat(" ", l.From), paint(p.s.mark, strings.Repeat("^", l.To-l.From)))
		}
	}
}

// flow shows the way into the sink, one station a line in three columns.
func (p *printer) flow(f *finding.Finding) {
	if len(f.Flow) > 1 {
		p.steps(f.Flow, f.Path)
	}
	for i, fl := range f.MoreFlows {
		if i == maxMoreFlows {
			p.row("also", fmt.Sprintf("from %d more places", len(f.MoreFlows)-i+f.OmittedFlows))
			return
		}
		if len(fl) > 0 {
			p.row("also", "from "+short(fl[0].Path, fl[0].Pos, "")+"  "+result.Clean(fl[0].Snippet))
		}
	}
}

// short names a place; the folder is left out where it is the finding's own.
func short(file string, pos finding.Position, beside string) string {
	if beside != "" && path.Dir(file) == path.Dir(beside) {
		file = path.Base(file)
	}
	if pos.Line <= 0 {
		return result.Name(file)
	}
	return result.Name(file) + ":" + strconv.Itoa(pos.Line)
}

// The column of code in a flow: long enough to recognise an expression, so short that the notes stay on the screen.
const (
	maxColumn = 44
	minColumn = 16
)

// row of a flow: place, code, what happens.
type flowRow struct{ at, code, note string }

func (p *printer) steps(steps []finding.Step, beside string) {
	for _, s := range steps {
		if path.Dir(s.Path) != path.Dir(beside) {
			beside = "" // one folder for all, or every path in full
			break
		}
	}
	rows := flowRows(steps, beside)
	wide, broad := p.columns(rows)
	label := "flow"
	for i, r := range rows {
		row := fmt.Sprintf("%2d  %s  %s", i+1, paint(p.s.path, pad(r.at, wide)), pad(result.Clip(r.code, broad), broad))
		if r.note != "" {
			row += "  " + paint(p.s.faint, r.note)
		}
		p.line("  ", paint(p.s.label, pad(label, labelWidth-1)), strings.TrimRight(row, " "))
		label = ""
	}
}

// flowRows joins steps of the same expression: where a value comes from and where it goes is then one row.
func flowRows(steps []finding.Step, beside string) []flowRow {
	var rows []flowRow
	for _, s := range steps {
		r := flowRow{short(s.Path, s.Pos, beside), result.Clean(s.Snippet), result.Name(s.Note)}
		if n := len(rows); n > 0 && rows[n-1].at == r.at && rows[n-1].code == r.code && r.code != "" {
			if rows[n-1].note != "" && r.note != "" {
				r.note = rows[n-1].note + ", " + r.note
			}
			rows[n-1] = r
			continue
		}
		rows = append(rows, r)
	}
	return rows
}

// columns gives the widths of places and code; on a narrow terminal the code gives way to the notes.
func (p *printer) columns(rows []flowRow) (wide, broad int) {
	notes := 0
	for _, r := range rows {
		wide, broad = max(wide, utf8.RuneCountInString(r.at)), max(broad, utf8.RuneCountInString(r.code))
		notes = max(notes, utf8.RuneCountInString(r.note))
	}
	broad = min(broad, maxColumn)
	if p.o.Width > 0 {
		const between = 2 + labelWidth - 1 + 2 + 2 + 2 + 2 // label, number, and the gaps
		broad = min(broad, max(minColumn, p.o.Width-between-wide-notes))
	}
	return wide, broad
}

func (p *printer) related(f *finding.Finding) {
	for _, r := range f.Related {
		p.row("see", short(r.Path, r.Pos, f.Path)+"  "+result.Name(first(r.Note, r.Snippet)))
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// texts says what the flaw means and what to do, as far as it has not been said for the same rule.
func (p *printer) texts(f *finding.Finding) {
	if f.Confidence < finding.ConfidenceHigh {
		p.text("unsure", strings.Join(unsaid(f), "; "))
	}
	var order []string // places where a text was said before
	same := map[string][]string{}
	for _, t := range result.Texts(f) {
		key := f.RuleID + "\x00" + t.Label + "\x00" + t.Text
		before, ok := p.said[key]
		if !ok {
			p.said[key] = where(f)
			p.text(t.Label, t.Text)
			continue
		}
		if same[before] == nil {
			order = append(order, before)
		}
		same[before] = append(same[before], t.Label)
	}
	for _, at := range order {
		p.row("as at", at+": "+strings.Join(same[at], ", "))
	}
}

// unsaid are the reasons of the confidence that the notes below do not name anyway.
func unsaid(f *finding.Finding) []string {
	var out []string
	for _, r := range f.Reasons {
		if !strings.Contains(f.FalsePositiveNotes, r) {
			out = append(out, r)
		}
	}
	return out
}

// text prints a labelled text: paragraphs wrapped, code as it is.
func (p *printer) text(label, s string) {
	for _, para := range strings.Split(s, "\n") {
		if strings.HasPrefix(para, "    ") {
			p.row(label, result.Clip(result.Clean(para[2:]), result.MaxMessage))
			label = ""
			continue
		}
		hang := ""
		for _, l := range wrap(result.Clip(result.Clean(para), result.MaxParagraph), p.prose-labelWidth-2) {
			p.row(label, hang+l)
			label = ""
			if strings.HasPrefix(para, "- ") {
				hang = "  "
			}
		}
	}
}

func (p *printer) row(label, s string) {
	p.line(strings.TrimRight("  "+paint(p.s.label, pad(label, labelWidth))+s, " "))
}
