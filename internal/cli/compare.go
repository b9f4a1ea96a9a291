package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"stopper/internal/finding"
	"stopper/internal/report/result"
	"stopper/internal/suppress"
)

func (a *app) compareCommand() *cobra.Command {
	t := &targets{}
	failOn := "high"
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Compare two JSON reports: what is new, what is gone",
		Long: `Compare matches the findings of two reports of "stopper audit --format json" by fingerprint, so that moved and reformatted code
stays the same finding. The exit code is 1 when something at or above --fail-on is new.`,
		Example: "  stopper compare before.json after.json",
		Args:    atMost(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return wrong(cmd, "compare needs two reports: OLD and NEW")
			}
			return a.compare(cmd, t, failOn, args[0], args[1])
		},
	}
	cmd.Flags().VarP(formatFlag{t}, "format", "f", "`format`: text or json")
	cmd.Flags().VarP(outputFlag{t}, "output", "o", "`file` (default: standard output)")
	cmd.Flags().StringVar(&failOn, "fail-on", failOn, "lowest `severity` of a new finding that makes the exit code 1: critical, high, medium, low, none")
	fixed(cmd, "format", []string{"text", "json"})
	fixed(cmd, "fail-on", []string{"critical", "high", "medium", "low", "none"})
	return cmd
}

func (a *app) compare(cmd *cobra.Command, ts *targets, failOn, before, after string) error {
	least := finding.Severity(0)
	if failOn != "none" {
		var err error
		if least, err = finding.ParseSeverity(failOn); err != nil {
			return wrong(cmd, "--fail-on: %w, or none", err)
		}
	}
	outs, err := ts.resolve(cmd, []string{"text", "json"})
	if err != nil {
		return err
	}
	x, err := a.report(before)
	if err != nil {
		return err
	}
	y, err := a.report(after)
	if err != nil {
		return err
	}
	d := suppress.Compare(x, y)
	for _, f := range d.New {
		if least != 0 && f.Severity >= least {
			a.code = ExitFindings
		}
	}
	if x.Incomplete || y.Incomplete {
		fmt.Fprintln(a.Stderr, "stopper: one of the audits was incomplete: a finding may be new or gone for that reason")
		a.code = ExitFault
	}
	return a.writeAll(outs, func(t target) func(io.Writer) error {
		return func(w io.Writer) error {
			if t.format == "json" {
				return result.Encode(w, struct {
					Schema string `json:"schema"`
					suppress.Delta
				}{"stopper/compare/v1", d})
			}
			_, err := io.WriteString(w, deltaText(d))
			return err
		}
	})
}

func (a *app) report(name string) (suppress.Report, error) {
	if a.ReadFile == nil {
		return suppress.Report{}, fmt.Errorf("cannot read %s: this build reads no files", name)
	}
	text, err := a.ReadFile(name)
	if err != nil {
		return suppress.Report{}, fmt.Errorf("cannot read the report: %w", err)
	}
	r, err := suppress.ReadReport(text)
	if err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

func deltaText(d suppress.Delta) string {
	var b strings.Builder
	list := func(title string, fs []suppress.Seen) {
		if len(fs) == 0 {
			return
		}
		fmt.Fprintf(&b, "%s\n", title)
		for _, f := range fs {
			place := "(project)"
			if f.Path != "" {
				place = fmt.Sprintf("%s:%d", result.Name(f.Path), f.Line)
			}
			fmt.Fprintf(&b, "  %-8s  %s  %s\n            %s\n", f.Severity, result.Name(f.ID), place, result.Clip(result.Clean(f.Message), result.MaxMessage))
		}
		b.WriteByte('\n')
	}
	list("New", d.New)
	list("Gone", d.Gone)
	fmt.Fprintf(&b, "%s new, %s gone, %s unchanged\n", result.Number(len(d.New)), result.Number(len(d.Gone)), result.Number(d.Unchanged))
	return b.String()
}

func (a *app) suppressionsCommand() *cobra.Command {
	t := &targets{}
	cmd := &cobra.Command{
		Use:   "suppressions [PATH]",
		Short: "List every suppression of a tree: what it hides, why, and whether it still has an effect",
		Long:  `Suppressions lists the comments that hide findings. The exit code is 1 when one of them is unused, expired or malformed.`,
		Args:  atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			outs, err := t.resolve(cmd, []string{"text", "json"})
			if err != nil {
				return err
			}
			conf, err := a.configure(pathOf(args), "")
			if err != nil {
				return err
			}
			r, err := a.run(cmd, AuditOptions{Path: pathOf(args), Config: conf}, false)
			if err != nil {
				return err
			}
			return a.suppressions(outs, r, pathOf(args))
		},
	}
	cmd.Flags().VarP(formatFlag{t}, "format", "f", "`format`: text or json")
	cmd.Flags().VarP(outputFlag{t}, "output", "o", "`file` (default: standard output)")
	fixed(cmd, "format", []string{"text", "json"})
	return cmd
}

// suppressionEntry is one suppression in `suppressions --format json`.
type suppressionEntry struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	ID     string `json:"id"`
	Reason string `json:"reason"`
	Until  string `json:"until,omitempty"`
	Used   int    `json:"used"`
	Fault  string `json:"fault,omitempty"`
}

func (a *app) suppressions(outs []target, r *result.Result, path string) error {
	list := []suppressionEntry{}
	for _, s := range r.Suppressions {
		list = append(list, suppressionEntry(s))
		if s.Fault != "" {
			a.code = ExitFindings
		}
	}
	if r.Incomplete() {
		a.code = ExitFault
	}
	a.messages(r, nil, path)
	return a.writeAll(outs, func(t target) func(io.Writer) error {
		return func(w io.Writer) error {
			if t.format == "json" {
				return result.Encode(w, map[string]any{"schema": "stopper/suppressions/v1", "suppressions": list})
			}
			_, err := io.WriteString(w, suppressionsText(list))
			return err
		}
	})
}

func suppressionsText(list []suppressionEntry) string {
	var b strings.Builder
	faults := 0
	for _, s := range list {
		effect := "hides " + result.Plural(s.Used, "finding", "findings")
		if s.Fault != "" {
			effect = result.Name(s.Fault)
			faults++
		}
		if s.Until != "" && s.Fault == "" {
			effect += " until " + result.Name(s.Until)
		}
		fmt.Fprintf(&b, "%s:%d  %s  %s\n", result.Name(s.Path), s.Line, result.Name(s.ID), effect)
		if s.Reason != "" {
			fmt.Fprintf(&b, "  %s\n", result.Name(s.Reason))
		}
	}
	fmt.Fprintf(&b, "%s, %s without effect\n", result.Plural(len(list), "suppression", "suppressions"), result.Number(faults))
	return b.String()
}
