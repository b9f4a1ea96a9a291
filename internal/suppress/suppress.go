// Package suppress reads suppression comments and applies them to findings.
//
//	cursor.execute(q)  # stopper: ignore[FLASK-INJECT-001/sql] reason="q is a constant" until=2027-01-01
//
// In: the comments of a file, and finished findings. Out: the findings with Suppressed set, and every suppression with
// what it did or why it did nothing. A comment on a line of its own speaks for the next line of code; one behind code
// speaks for the expressions on that line. The reason is required. A suppression that is expired, unused or
// malformed is reported, so that none lies around unseen. Prose that merely mentions the syntax is not a suppression.
//
// The comments are untrusted input: whoever can write them can hide a finding, which is why all of them are exported.
package suppress

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"stopper/internal/finding"
	"stopper/internal/report/result"
	"stopper/internal/source"
)

// maxComment bounds the text that is looked at: a suppression is one short line.
const maxComment = 2000

// Directive is one id of one suppression comment.
type Directive struct {
	Path   string
	Line   int // where the comment stands
	Target int // the line it speaks for
	ID     string
	Reason string
	Until  string
	Fault  string // malformed: why
}

var (
	// Other tools' comments may stand in front of ours on the same line.
	directive = regexp.MustCompile(`^#+\s*(?:(?:noqa|nosec|type|pylint|pragma|fmt|ruff|mypy)\b[^#]*#+\s*)*stopper:\s*ignore\b(.*)$`)
	ids       = regexp.MustCompile(`^\[([^\[\]]*)\](.*)$`)
	idForm    = regexp.MustCompile(`^[A-Z]+(?:-[A-Z0-9]+)+(?:/[a-z0-9-]+)?$`)
	option    = regexp.MustCompile(`^\s+(?:reason=(?:"([^"]*)"|'([^']*)')|until=(\S+))`)
)

// Scan reads the directives in the comments of a file; the comments are in order of place.
func Scan(f *source.File, comments []source.Span) []Directive {
	var out []Directive
	var targets []int
	for i, c := range comments {
		if c.End-c.Start > maxComment || !bytes.Contains(f.Text[c.Start:c.End], []byte("stopper:")) {
			continue
		}
		m := directive.FindStringSubmatch(body(f.Slice(c)))
		if m == nil {
			continue
		}
		if targets == nil {
			targets = findTargets(f, comments)
		}
		out = append(out, parse(Directive{Path: f.Path, Line: f.Line(c.Start), Target: targets[i]}, m[1])...)
	}
	return out
}

// body is a comment as it would stand in Python: the braces of Jinja's {#- … -#} are taken off, and the semicolons of INI.
func body(comment string) string {
	text := strings.TrimSpace(comment)
	if rest := strings.TrimLeft(text, ";"); len(rest) < len(text) {
		return "#" + rest
	}
	if inner, ok := strings.CutPrefix(text, "{#"); ok {
		inner = strings.TrimSuffix(inner, "#}")
		text = "#" + strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(inner, "-"), "-"))
	}
	return text
}

// findTargets gives the line that each comment speaks for: its own when code stands on it, else the next line that is
// neither blank nor a comment. It goes backwards, so that a file of nothing but comments costs linear time.
func findTargets(f *source.File, comments []source.Span) []int {
	out := make([]int, len(comments))
	last := f.LineCount()
	next, nextTarget := 0, 0 // the comment on a line of its own that was seen last, and its target
	for i := len(comments) - 1; i >= 0; i-- {
		line := f.Line(comments[i].Start)
		out[i] = line
		if !ownLine(f, comments[i]) {
			continue
		}
		below := f.Line(max(comments[i].Start, comments[i].End-1)) + 1
		for below < last && strings.TrimSpace(f.LineText(below)) == "" {
			below++
		}
		if below == next {
			below = nextTarget
		}
		out[i], next, nextTarget = below, line, below
	}
	return out
}

// ownLine: nothing else stands on the lines of a comment.
func ownLine(f *source.File, c source.Span) bool {
	start, end := c.Start, max(c.End, f.Offset(f.Line(c.Start)+1))
	for start > 0 && (f.Text[start-1] == ' ' || f.Text[start-1] == '\t' || f.Text[start-1] == '\f') {
		start--
	}
	return start == f.Offset(f.Line(c.Start)) && len(bytes.TrimLeft(f.Text[c.End:end], " \t\f\r\n")) == 0
}

func parse(d Directive, text string) []Directive {
	m := ids.FindStringSubmatch(text)
	if m == nil {
		d.Fault = "malformed: write ignore[RULE/check] with the id in brackets"
		return []Directive{d}
	}
	d.options(m[2])
	var out []Directive
	for _, id := range strings.Split(m[1], ",") {
		one := d
		one.ID = strings.TrimSpace(id)
		if !idForm.MatchString(one.ID) {
			one.Fault = fmt.Sprintf("malformed: %q is no rule id; write for example FLASK-XSS-001/reflected", one.ID)
		}
		out = append(out, one)
	}
	return out
}

func (d *Directive) options(text string) {
	for strings.TrimSpace(text) != "" {
		m := option.FindStringSubmatch(text)
		if m == nil {
			d.Fault = fmt.Sprintf("malformed: cannot read %q; write reason=\"…\" and, if it should end, until=YYYY-MM-DD", strings.TrimSpace(text))
			return
		}
		d.Reason = cmp.Or(d.Reason, strings.TrimSpace(m[1]+m[2]))
		d.Until = cmp.Or(d.Until, m[3])
		text = text[len(m[0]):]
	}
	if d.Reason == "" {
		d.Fault = `it needs reason="…"`
		return
	}
	if _, err := time.Parse(time.DateOnly, d.Until); d.Until != "" && err != nil {
		d.Fault = fmt.Sprintf("until=%s is no date: write YYYY-MM-DD", d.Until)
	}
}

// Apply marks the findings that directives suppress and reports on each directive, sorted by place. Today is
// YYYY-MM-DD; empty means that nothing expires. One for something that isJudged denies is not called unused: nobody looked.
func Apply(fs []*finding.Finding, ds []Directive, today string, isJudged func(id, path string) bool) []result.Suppression {
	byPath := map[string][]*finding.Finding{}
	for _, f := range fs {
		byPath[f.Path] = append(byPath[f.Path], f)
	}
	ds = slices.Clone(ds)
	slices.SortStableFunc(ds, func(a, b Directive) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.ID, b.ID))
	})
	out := make([]result.Suppression, 0, len(ds))
	for _, d := range ds {
		s := d.apply(byPath[d.Path], today)
		if s.Used == 0 && s.Fault == "" && isJudged(d.ID, d.Path) {
			s.Fault = fmt.Sprintf("unused: no such finding on line %d", d.Target)
		}
		out = append(out, s)
	}
	return out
}

func (d Directive) apply(fs []*finding.Finding, today string) result.Suppression {
	s := result.Suppression{Path: d.Path, Line: d.Line, ID: d.ID, Reason: d.Reason, Until: d.Until, Fault: d.Fault}
	if s.Fault == "" && d.Until != "" && today != "" && d.Until < today {
		s.Fault = "expired on " + d.Until
	}
	if s.Fault != "" {
		return s
	}
	for _, f := range fs {
		if d.covers(f) {
			s.Used++
			f.Suppressed = &finding.Suppression{Reason: d.Reason, Until: d.Until, Path: d.Path, Line: d.Line}
		}
	}
	return s
}

func (d Directive) covers(f *finding.Finding) bool {
	if d.ID != f.RuleID && d.ID != f.ID() {
		return false
	}
	return f.Pos.Line <= d.Target && d.Target <= max(f.Pos.Line, f.Pos.EndLine)
}
