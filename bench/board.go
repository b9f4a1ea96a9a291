package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// print writes the board as tables.
func (b *board) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	defer w.Flush()
	row := func(cells ...any) { fmt.Fprintln(w, strings.TrimSuffix(fmt.Sprintln(joined(cells)...), "\n")) }
	if len(b.Speed) > 0 {
		row("speed", "seconds", "MB", "lines", "lines/s", "critical", "high", "per 10k lines", "all")
		for i, s := range b.Speed {
			n := b.Noise[i]
			row(s.App, fmt.Sprintf("%.2f", s.Seconds), int(s.MB), s.Lines, s.LinesPerSecond, n.Critical, n.High, fmt.Sprintf("%.1f", n.PerTenThousand), n.All)
		}
	}
	for _, app := range slices.Sorted(maps.Keys(b.Peers)) {
		for _, tool := range slices.Sorted(maps.Keys(b.Peers[app])) {
			u := b.Peers[app][tool]
			row("  "+app+" "+tool, fmt.Sprintf("%.2f", u.Seconds), int(u.MB))
		}
	}
	if len(b.Routes) > 0 {
		row("routes", "truth", "recall", "precision", "right line")
		for _, r := range b.Routes {
			row(r.App, r.Truth, fmt.Sprintf("%.3f", r.Recall), fmt.Sprintf("%.3f", r.Precision), fmt.Sprintf("%.3f", r.Line))
		}
	}
	if b.OWASP != nil {
		row("BenchmarkPython", "found", "of", "false", "of", "score")
		for _, c := range b.OWASP.Categories {
			row(c.Name, c.Found, c.Flaws, c.False, c.Safe, fmt.Sprintf("%.1f", c.Score))
		}
		row("mean", "", "", "", "", fmt.Sprintf("%.1f", b.OWASP.Mean))
	}
	if b.Real != nil {
		b.Real.print(row)
	}
}

func (b *realBoard) print(row func(...any)) {
	row("real vulnerabilities", "found", "of", "silent after the fix", "of")
	var sum familyRow
	for _, f := range b.Families {
		row(f.Family, f.Found, f.Expected, f.Silent, f.Fixed)
		sum.Found, sum.Expected, sum.Silent, sum.Fixed = sum.Found+f.Found, sum.Expected+f.Expected, sum.Silent+f.Silent, sum.Fixed+f.Fixed
	}
	row("all", sum.Found, sum.Expected, sum.Silent, sum.Fixed)
	for _, e := range b.Entries {
		row("  "+fmt.Sprint(e.N)+" "+e.Family, e.ID, e.Before, e.After)
	}
}

func joined(cells []any) []any {
	out := make([]any, 0, 2*len(cells))
	for i, c := range cells {
		if i > 0 {
			out = append(out, "\t")
		}
		out = append(out, c)
	}
	return []any{fmt.Sprint(out...)}
}

// notBelow compares with an earlier board: every score that both have must be as high as it was.
func (b *board) notBelow(path string) error {
	var old board
	if err := readJSON(path, &old); err != nil {
		return err
	}
	var lower []string
	drop := func(what string, was, is float64) {
		if is < was-1e-9 {
			lower = append(lower, fmt.Sprintf("%s: %.3f, was %.3f", what, is, was))
		}
	}
	for _, o := range old.Routes {
		for _, r := range b.Routes {
			if r.App == o.App {
				drop(r.App+" routes recall", o.Recall, r.Recall)
				drop(r.App+" routes precision", o.Precision, r.Precision)
			}
		}
	}
	if old.OWASP != nil && b.OWASP != nil {
		drop("BenchmarkPython mean", old.OWASP.Mean, b.OWASP.Mean)
	}
	if old.Real != nil && b.Real != nil {
		for _, o := range old.Real.Families {
			for _, f := range b.Real.Families {
				if f.Family == o.Family {
					drop(f.Family+" found", ratio(o.Found, o.Expected), ratio(f.Found, f.Expected))
				}
			}
		}
	}
	if len(lower) > 0 {
		return fmt.Errorf("scores fell:\n  %s", strings.Join(lower, "\n  "))
	}
	return nil
}
