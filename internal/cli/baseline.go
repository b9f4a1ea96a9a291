package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"stopper/internal/report/result"
	"stopper/internal/suppress"
)

func (a *app) baselineCommand() *cobra.Command {
	var output, osv string
	cmd := &cobra.Command{
		Use:   "baseline [PATH]",
		Short: "Write today's findings down as known, for audit --baseline",
		Args:  atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			conf, err := a.configure(pathOf(args), "")
			if err != nil {
				return err
			}
			r, err := a.run(cmd, AuditOptions{Path: pathOf(args), Config: conf, OSV: osv}, false)
			if err != nil {
				return err
			}
			if r.Incomplete() {
				a.messages(r, nil, pathOf(args))
				a.code = ExitFault
				return nil
			}
			return a.write(target{output: output}, func(w io.Writer) error {
				_, err := w.Write(suppress.WriteBaseline(r.Findings))
				return err
			})
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "`file` (default: standard output)")
	osvFlag(cmd, &osv)
	return cmd
}

func (a *app) applyBaseline(r *result.Result, file string) error {
	if file == "" {
		return nil
	}
	if a.ReadFile == nil {
		return fmt.Errorf("cannot read %s: this build reads no files", file)
	}
	b, err := a.ReadFile(file)
	if err != nil {
		return fmt.Errorf("cannot read the baseline: %w", err)
	}
	stale, err := suppress.ApplyBaseline(r.Findings, file, b)
	if err != nil {
		return err
	}
	r.Suppressions = append(r.Suppressions, stale...)
	return nil
}
