package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"stopper/internal/finding"
	"stopper/internal/report/github"
	"stopper/internal/report/gitlab"
	"stopper/internal/report/html"
	"stopper/internal/report/json"
	"stopper/internal/report/markdown"
	"stopper/internal/report/result"
	"stopper/internal/report/sarif"
	"stopper/internal/report/text"
)

// target is one --format with its --output; an empty output means standard output.
type target struct {
	format, output string
}

func (t target) rank() int {
	if t.output == "" {
		return 1
	}
	return 0
}

// targets are the pairs in the order of the command line.
type targets struct {
	list []target
}

// formatFlag and outputFlag fill the same list: each --output belongs to the --format beside it.
type (
	formatFlag struct{ *targets }
	outputFlag struct{ *targets }
)

func (formatFlag) Type() string   { return "name" }
func (formatFlag) String() string { return "" }
func (outputFlag) Type() string   { return "file" }
func (outputFlag) String() string { return "" }

func (f formatFlag) Set(s string) error {
	if n := len(f.list); n > 0 && f.list[n-1].format == "" {
		f.list[n-1].format = s
		return nil
	}
	f.list = append(f.list, target{format: s})
	return nil
}

func (f outputFlag) Set(s string) error {
	if s == "" {
		return fmt.Errorf("a file name is needed; - is standard output")
	}
	if n := len(f.list); n > 0 && f.list[n-1].output == "" {
		f.list[n-1].output = s
		return nil
	}
	f.list = append(f.list, target{output: s})
	return nil
}

// resolve fills in defaults and refuses what cannot work.
func (t *targets) resolve(cmd *cobra.Command, known []string) ([]target, error) {
	list := t.list
	if len(list) == 0 {
		list = []target{{}}
	}
	standard := 0
	seen := map[string]bool{}
	for i := range list {
		x := &list[i]
		if x.format == "" {
			x.format = byName(x.output, known)
		}
		if !slices.Contains(known, x.format) {
			return nil, wrong(cmd, "there is no format %q: use %s", x.format, strings.Join(known, ", "))
		}
		if x.output == "-" {
			x.output = ""
		}
		if x.output == "" {
			standard++
		} else if seen[x.output] {
			return nil, wrong(cmd, "two reports cannot go to the same file %s", x.output)
		}
		seen[x.output] = true
	}
	if standard > 1 {
		return nil, wrong(cmd, "only one format can go to standard output: give the others an --output")
	}
	return list, nil
}

// byName is the format of a file for which none was given: what its name promises, else text.
func byName(output string, known []string) string {
	format := map[string]string{".json": "json", ".sarif": "sarif", ".html": "html", ".md": "markdown"}[strings.ToLower(filepath.Ext(output))]
	if format == "" || !slices.Contains(known, format) {
		return "text"
	}
	return format
}

func auditFormats() []string {
	return []string{"text", "json", "sarif", "html", "markdown", "gitlab", "github"}
}

// writeAll writes the files first and standard output last, and goes on after a failure: one report that cannot be written
// does not take the others with it.
func (a *app) writeAll(outs []target, render func(target) func(io.Writer) error) error {
	outs = slices.Clone(outs)
	slices.SortStableFunc(outs, func(x, y target) int { return x.rank() - y.rank() })
	var first error
	for _, t := range outs {
		if err := a.write(t, render(t)); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// write renders a report completely before the first byte leaves, so that a failure leaves no half file.
func (a *app) write(t target, render func(io.Writer) error) error {
	var buf bytes.Buffer
	if err := render(&buf); err != nil {
		return err
	}
	if t.output == "" {
		return a.print(buf.Bytes())
	}
	if a.WriteFile == nil {
		return fmt.Errorf("cannot write %s: this build writes no files", t.output)
	}
	if err := a.WriteFile(t.output, buf.Bytes()); err != nil {
		return fmt.Errorf("cannot write the report: %w", err)
	}
	return nil
}

// print writes to standard output. A reader that has seen enough and closed the pipe is no error: the exit code still says
// what the audit found.
func (a *app) print(b []byte) error {
	if _, err := a.Stdout.Write(b); err != nil && !errors.Is(err, syscall.EPIPE) {
		return fmt.Errorf("cannot write to standard output: %w", err)
	}
	return nil
}

// leastConfidence is what a format shows when the user does not say: machines get everything, people what is likely.
func leastConfidence(format string, asked finding.Confidence) finding.Confidence {
	switch {
	case asked != 0:
		return asked
	case format == "text", format == "markdown", format == "github":
		return finding.ConfidenceMedium
	}
	return finding.ConfidenceLow
}

func (a *app) render(t target, r *result.Result, f *auditFlags) func(io.Writer) error {
	least := leastConfidence(t.format, f.least)
	return func(w io.Writer) error {
		switch t.format {
		case "json":
			return json.Write(w, r, json.Options{MinConfidence: least, Timings: f.stats})
		case "sarif":
			return sarif.Write(w, r, a.rules(), sarif.Options{MinConfidence: least})
		case "html":
			return html.Write(w, r, html.Options{MinConfidence: least})
		case "markdown":
			return markdown.Write(w, r, markdown.Options{MinConfidence: least})
		case "gitlab":
			return gitlab.Write(w, r, gitlab.Options{MinConfidence: least})
		case "github":
			return github.Write(w, r, github.Options{MinConfidence: least})
		}
		o := a.textOptions(t, f.noColor)
		o.MinConfidence, o.Brief = least, f.quiet
		o.Timings = f.stats || o.Width > 0
		return text.Write(w, r, o)
	}
}

// textOptions looks at the terminal, if the report goes to one.
func (a *app) textOptions(t target, noColor bool) text.Options {
	if t.output != "" || a.StdoutWidth == 0 {
		return text.Options{}
	}
	return text.Options{
		Width: a.StdoutWidth,
		Color: !noColor && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb",
	}
}
