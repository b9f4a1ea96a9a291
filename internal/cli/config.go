package cli

import (
	"io"

	"github.com/spf13/cobra"

	"stopper/internal/report/json"
	"stopper/internal/report/text"
)

func (a *app) configCommand() *cobra.Command {
	t := &targets{}
	var jobs int
	var noColor bool
	cmd := &cobra.Command{
		Use:   "config [PATH]",
		Short: "Show the configuration that production gets: each key, its value, and what sets it",
		Long: `Config prints the configuration keys of the application as production has them: the value, every place that sets it in
the order in which they take effect, and what replaces what. Secrets are not shown.`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.config(cmd, t, AuditOptions{Path: pathOf(args), Jobs: jobs, RoutesOnly: true, Settings: true}, noColor)
		},
	}
	cmd.Flags().VarP(formatFlag{t}, "format", "f", "`format`: text or json")
	cmd.Flags().VarP(outputFlag{t}, "output", "o", "`file` (default: standard output)")
	cmd.Flags().IntVarP(&jobs, "jobs", "j", 0, "how many `cores` to use (default: all)")
	cmd.Flags().BoolVar(&noColor, "no-color", false, "no colours")
	fixed(cmd, "format", []string{"text", "json"})
	return cmd
}

func (a *app) config(cmd *cobra.Command, ts *targets, o AuditOptions, noColor bool) error {
	outs, err := ts.resolve(cmd, []string{"text", "json"})
	if err != nil {
		return err
	}
	if o.Config, err = a.configure(o.Path, ""); err != nil {
		return err
	}
	r, err := a.run(cmd, o, false)
	if err != nil {
		return err
	}
	for _, t := range outs {
		err := a.write(t, func(w io.Writer) error {
			if t.format == "json" {
				return json.WriteConfig(w, r)
			}
			return text.WriteConfig(w, r, a.textOptions(t, noColor))
		})
		if err != nil {
			return err
		}
	}
	a.messages(r, nil, o.Path)
	if r.Incomplete() {
		a.code = ExitFault
	}
	return nil
}
