package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"stopper/internal/explain"
	"stopper/internal/report/html"
	"stopper/internal/report/json"
	"stopper/internal/report/result"
	"stopper/internal/report/text"
	"stopper/internal/visibility"
)

func (a *app) routesCommand() *cobra.Command {
	t := &targets{}
	var jobs int
	var noColor bool
	cmd := &cobra.Command{
		Use:   "routes [PATH]",
		Short: "List every endpoint: URL, methods, endpoint, function, where",
		Args:  atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.routes(cmd, t, AuditOptions{Path: pathOf(args), Jobs: jobs, RoutesOnly: true}, noColor)
		},
	}
	cmd.Flags().VarP(formatFlag{t}, "format", "f", "`format`: text, json or html")
	cmd.Flags().VarP(outputFlag{t}, "output", "o", "`file` (default: standard output)")
	cmd.Flags().IntVarP(&jobs, "jobs", "j", 0, "how many `cores` to use (default: all)")
	cmd.Flags().BoolVar(&noColor, "no-color", false, "no colours")
	fixed(cmd, "format", routeFormats())
	return cmd
}

func routeFormats() []string { return []string{"text", "json", "html"} }

func (a *app) routes(cmd *cobra.Command, ts *targets, o AuditOptions, noColor bool) error {
	outs, err := ts.resolve(cmd, routeFormats())
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
	if r.Incomplete() {
		a.code = ExitFault
	}
	err = a.writeAll(outs, func(t target) func(io.Writer) error {
		return func(w io.Writer) error {
			switch t.format {
			case "json":
				return json.WriteRoutes(w, r)
			case "html":
				return html.WriteRoutes(w, r)
			}
			return text.WriteRoutes(w, r, a.textOptions(t, noColor))
		}
	})
	a.messages(r, nil, o.Path)
	return err
}

func (a *app) explainCommand() *cobra.Command {
	var verify bool
	cmd := &cobra.Command{
		Use:     "explain ID[/check]",
		Short:   "Show a rule's page: what it means, bad and good code, the fix",
		Example: "  stopper explain FLASK-SSTI-001\n  stopper explain xss-001/reflected",
		Args:    atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if verify {
				return a.questions()
			}
			if len(args) == 0 {
				return wrong(cmd, "explain needs a rule: `stopper rules` lists them")
			}
			return a.explain(cmd, args[0])
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, m := range a.rules() {
				ids = append(ids, m.ID)
				for _, c := range m.Checks {
					ids = append(ids, m.ID+"/"+c.Slug)
				}
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.Flags().BoolVar(&verify, "verify", false, "list what code cannot show, and how to find it out")
	return cmd
}

func (a *app) explain(cmd *cobra.Command, id string) error {
	m, c, err := explain.Find(a.rules(), id)
	if err != nil {
		return wrong(cmd, "%w", err)
	}
	return a.print([]byte(explain.Page(m, c, a.pageStyle())))
}

func (a *app) pageStyle() explain.Style {
	o := a.textOptions(target{}, false)
	return explain.Style{Color: o.Color, Width: o.Width}
}

func (a *app) questions() error {
	var b strings.Builder
	for _, q := range visibility.Questions() {
		fmt.Fprintf(&b, "%s\n  %s\n", q.Asks, q.Settle)
	}
	return a.print([]byte(b.String()))
}

func (a *app) rulesCommand() *cobra.Command {
	t := &targets{}
	var clauses bool
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules and their checks",
		Args:  atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			outs, err := t.resolve(cmd, []string{"text", "json"})
			if err != nil {
				return err
			}
			list := a.catalogue
			if clauses {
				list = a.coverage
			}
			return a.writeAll(outs, func(o target) func(io.Writer) error {
				return func(w io.Writer) error { return list(w, o.format) }
			})
		},
	}
	cmd.Flags().VarP(formatFlag{t}, "format", "f", "`format`: text or json")
	cmd.Flags().VarP(outputFlag{t}, "output", "o", "`file` (default: standard output)")
	cmd.Flags().BoolVar(&clauses, "spec", false, "list the clauses of the Flask security spec, and what looks at each")
	fixed(cmd, "format", []string{"text", "json"})
	return cmd
}

// coverageEntry is one clause in `rules --spec --format json`.
type coverageEntry struct {
	ID      string   `json:"id"`
	Level   string   `json:"level"`
	Says    string   `json:"says"`
	Answer  string   `json:"answer"`
	Checks  []string `json:"checks"`
	Missing []string `json:"missing"`
	Live    []string `json:"live"`
	Reason  string   `json:"reason,omitempty"`
}

func (a *app) coverage(w io.Writer, format string) error {
	cs, err := explain.Coverage(a.rules())
	if err != nil {
		return err
	}
	if format != "json" {
		_, err := io.WriteString(w, explain.CoverageTable(cs, a.pageStyle()))
		return err
	}
	list := []coverageEntry{}
	for _, c := range cs {
		list = append(list, coverageEntry{c.ID, c.Level, c.Says, string(c.Answer), append([]string{}, c.Have...), append([]string{}, c.Missing...),
			append([]string{}, c.Live...), c.Reason})
	}
	return result.Encode(w, map[string]any{"schema": "stopper/spec/v1", "clauses": list})
}

// catalogueEntry is one check in `rules --format json`.
type catalogueEntry struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Severity string   `json:"severity"`
	CWE      int      `json:"cwe"`
	OWASP    string   `json:"owasp"`
	Spec     string   `json:"spec"`
	Fix      string   `json:"fix"`
	Kinds    []string `json:"kinds"`
}

func (a *app) catalogue(w io.Writer, format string) error {
	if format != "json" {
		_, err := io.WriteString(w, explain.Catalogue(a.rules(), a.pageStyle()))
		return err
	}
	list := []catalogueEntry{}
	for _, m := range a.rules() {
		for _, c := range m.Checks {
			kinds := append([]string{}, c.Kinds...)
			list = append(list, catalogueEntry{m.ID + "/" + c.Slug, c.Title, strings.ToLower(c.Severity.String()), c.CWE, m.OWASP, m.Spec, string(m.Fix), kinds})
		}
	}
	return result.Encode(w, map[string]any{"schema": "stopper/rules/v1", "checks": list})
}
