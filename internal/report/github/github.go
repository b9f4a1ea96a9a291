// Package github writes findings as workflow commands, which GitHub Actions turns into annotations of the changed lines.
//
// In: a finished result. Out: one command a line, the worst finding first, because GitHub shows only the first ten of a kind and
// step; then the sum as a plain line. A text of the audited tree cannot end its command or begin another one: line
// breaks and the separators of properties are encoded as the runner decodes them.
//
// Format: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
package github

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/report/result"
)

// Options chooses what is written.
type Options struct {
	MinConfidence finding.Confidence
}

// Write writes the annotations.
func Write(w io.Writer, r *result.Result, o Options) error {
	out := bufio.NewWriter(w)
	c := r.Count(o.MinConfidence)
	for _, e := range r.Coverage.Incomplete() {
		fmt.Fprintf(out, "::error title=stopper::%s\n", data(result.Name(e)+": results incomplete"))
	}
	for _, f := range c.Worst(len(c.Shown)) {
		fmt.Fprintf(out, "::%s %s::%s\n", command(f.Severity), properties(r, f), data(body(f)))
	}
	note := c.HiddenNote()
	if note != "" {
		note = " (" + note + ")"
	}
	fmt.Fprintf(out, "stopper: %s%s\n", c.Headline(), note)
	return out.Flush() // bufio keeps the first error
}

func command(s finding.Severity) string {
	switch s {
	case finding.Critical, finding.High:
		return "error"
	case finding.Medium:
		return "warning"
	}
	return "notice"
}

func properties(r *result.Result, f *finding.Finding) string {
	var list []string
	add := func(key, value string) { list = append(list, key+"="+property(value)) }
	if f.Path != "" {
		add("file", result.Clean(r.FromRepository(f.Path)))
	}
	if f.Pos.Line > 0 {
		add("line", fmt.Sprint(f.Pos.Line))
		if f.Pos.EndLine > f.Pos.Line {
			add("endLine", fmt.Sprint(f.Pos.EndLine))
		} else if f.Pos.Col > 0 { // columns count only within one line
			add("col", fmt.Sprint(f.Pos.Col))
			if f.Pos.EndCol > f.Pos.Col {
				add("endColumn", fmt.Sprint(f.Pos.EndCol))
			}
		}
	}
	add("title", result.Label(f)+": "+f.ID())
	return strings.Join(list, ",")
}

// body says what is wrong, the way into the sink, and the fix.
func body(f *finding.Finding) string {
	lines := []string{result.Clip(result.Clean(f.Message), result.MaxMessage)}
	if len(f.Flow) > 1 {
		first := f.Flow[0]
		lines = append(lines, fmt.Sprintf("From %s:%d: %s", result.Name(first.Path), first.Pos.Line, result.Name(first.Snippet)))
	}
	for _, b := range result.Blocks(f.Fix) {
		lead := map[byte]string{'i': "- ", 'c': "    "}[b.Kind]
		for line := range strings.SplitSeq(b.Text, "\n") {
			lines = append(lines, lead+result.Clip(result.Clean(line), result.MaxMessage))
		}
	}
	return strings.Join(lines, "\n")
}

// data and property encode as the runner's own toolkit does.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
