package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"stopper/internal/config"
	"stopper/internal/explain"
	"stopper/internal/finding"
	"stopper/internal/report/result"
)

type auditFlags struct {
	targets       targets
	failOn        string
	minConfidence string
	only, exclude []string
	baseline      string
	config        string
	osv           string
	jobs          int
	stats         bool
	quiet         bool
	noColor       bool

	fail  finding.Severity // 0 means none
	least finding.Confidence
}

func (a *app) auditCommand() *cobra.Command {
	f := &auditFlags{}
	cmd := &cobra.Command{
		Use:   "audit [PATH]",
		Short: "Audit a whole application (default: the current folder)",
		Long: `Audit reads everything under PATH and reports what it finds, in the order in which an auditor would go through it.

Exit codes: 0 nothing at or above --fail-on, 1 findings at or above it, 2 wrong usage or environment, 3 an error of ours.`,
		Example: "  stopper audit\n  stopper audit src --fail-on medium\n  stopper audit --format sarif --output a.sarif --format text",
		Args:    atMost(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.audit(cmd, f, pathOf(args)) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.VarP(formatFlag{&f.targets}, "format", "f", "report `format`: "+strings.Join(auditFormats(), ", ")+"; repeat it with --output for several")
	flags.VarP(outputFlag{&f.targets}, "output", "o", "`file` for the format beside it (default: standard output)")
	flags.StringVar(&f.failOn, "fail-on", "high", "lowest `severity` that makes the exit code 1: critical, high, medium, low, none")
	flags.StringVar(&f.minConfidence, "min-confidence", "", "lowest `confidence` to show: high, medium, low (default: medium for text, markdown and github, low for the others)")
	flags.StringSliceVar(&f.only, "only", nil, "judge only these `rules` or checks (RULE or RULE/check, comma-separated)")
	flags.StringSliceVar(&f.exclude, "exclude", nil, "leave these `rules` or checks out")
	flags.StringVar(&f.baseline, "baseline", "", "`file` of known findings that are not reported again")
	flags.StringVar(&f.config, "config", "", "configuration `file` (default: stopper.toml or pyproject.toml in PATH)")
	osvFlag(cmd, &f.osv)
	flags.IntVarP(&f.jobs, "jobs", "j", 0, "how many `cores` to use (default: all)")
	flags.BoolVar(&f.stats, "stats", false, "print the time each phase took to standard error")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "one line for each finding, no summary, no progress")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also: the NO_COLOR environment variable)")
	fixed(cmd, "format", auditFormats())
	fixed(cmd, "fail-on", []string{"critical", "high", "medium", "low", "none"})
	fixed(cmd, "min-confidence", []string{"high", "medium", "low"})
	return cmd
}

func osvFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "osv", "", "`folder` of OSV records (*.json) about PyPI packages, joined with the advisories that come with stopper")
	// As with fixed, the only error is a flag that does not exist.
	_ = cmd.MarkFlagDirname("osv")
}

// fixed offers a flag's values to the shell's completion.
func fixed(cmd *cobra.Command, flag string, values []string) {
	// The only error is a flag that does not exist, which the tests would show.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func pathOf(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

func (a *app) audit(cmd *cobra.Command, f *auditFlags, path string) error {
	outs, err := f.check(cmd)
	if err != nil {
		return err
	}
	if f.only, err = a.ruleIDs(cmd, f.only); err != nil {
		return err
	}
	if f.exclude, err = a.ruleIDs(cmd, f.exclude); err != nil {
		return err
	}
	conf, err := a.configure(path, f.config)
	if err != nil {
		return err
	}
	if err := f.defaults(cmd, conf); err != nil {
		return err
	}
	if f.osv != "" {
		if err := a.checkPath(f.osv); err != nil {
			return fmt.Errorf("--osv: %w", err)
		}
	}
	r, err := a.run(cmd, AuditOptions{Path: path, Config: conf, Jobs: f.jobs, Only: f.only, Exclude: f.exclude, OSV: f.osv}, f.quiet)
	if err != nil {
		return err
	}
	if err := a.applyBaseline(r, f.baseline); err != nil {
		return err
	}
	a.code = exitCode(r, f, outs)
	err = a.writeAll(outs, func(t target) func(io.Writer) error { return a.render(t, r, f) })
	a.messages(r, outs, path)
	if f.stats {
		printStats(a.Stderr, r.Stats)
	}
	return err
}

func (f *auditFlags) check(cmd *cobra.Command) ([]target, error) {
	if err := f.levels(cmd); err != nil {
		return nil, err
	}
	if f.jobs < 0 {
		return nil, wrong(cmd, "--jobs: %d is no number of cores", f.jobs)
	}
	return f.targets.resolve(cmd, auditFormats())
}

func (f *auditFlags) levels(cmd *cobra.Command) (err error) {
	f.fail = 0
	if f.failOn != "none" {
		if f.fail, err = finding.ParseSeverity(f.failOn); err != nil {
			return wrong(cmd, "--fail-on: %w, or none", err)
		}
	}
	if f.minConfidence != "" {
		if f.least, err = finding.ParseConfidence(f.minConfidence); err != nil {
			return wrong(cmd, "--min-confidence: %w", err)
		}
	}
	return nil
}

// ruleIDs turns what the user wrote into ids that exist.
func (a *app) ruleIDs(cmd *cobra.Command, names []string) ([]string, error) {
	var out []string
	for _, n := range names {
		id, err := a.ruleID(strings.TrimSpace(n))
		if err != nil {
			return nil, wrong(cmd, "%w", err)
		}
		out = append(out, id)
	}
	return out, nil
}

func (a *app) ruleID(name string) (string, error) {
	m, c, err := explain.Find(a.rules(), name)
	if err != nil {
		return "", err
	}
	if c != nil {
		return m.ID + "/" + c.Slug, nil
	}
	return m.ID, nil
}

// configure reads the configuration and replaces its rule ids by those of the catalogue.
func (a *app) configure(path, file string) (config.Options, error) {
	if err := a.checkPath(path); err != nil || a.Configure == nil {
		return config.Options{}, err
	}
	conf, err := a.Configure(path, file)
	if err != nil {
		return conf, explainPath(path, err)
	}
	err = conf.Resolve(func(id string) (string, error) { return a.ruleID(id) })
	return conf, err
}

// defaults takes from the configuration what the command line leaves open.
func (f *auditFlags) defaults(cmd *cobra.Command, conf config.Options) (err error) {
	if conf.FailOn != "" && !cmd.Flags().Changed("fail-on") {
		f.failOn = conf.FailOn
	}
	if conf.MinConfidence != "" && !cmd.Flags().Changed("min-confidence") {
		f.minConfidence = conf.MinConfidence
	}
	return f.levels(cmd)
}

// run audits, with progress on a terminal.
func (a *app) run(cmd *cobra.Command, o AuditOptions, quiet bool) (*result.Result, error) {
	if err := a.checkPath(o.Path); err != nil {
		return nil, err
	}
	if a.Audit == nil {
		return nil, fmt.Errorf("this build cannot audit")
	}
	if a.StderrIsTerminal && !quiet {
		p := &progress{w: a.Stderr}
		o.Progress = p.show
		defer p.clear()
	}
	r, err := a.Audit(cmd.Context(), o)
	if err != nil {
		return nil, explainPath(o.Path, err)
	}
	return r, nil
}

// progress draws one line that overwrites itself.
type progress struct {
	mu    sync.Mutex
	w     io.Writer
	drawn bool
}

// maxProgress keeps the line on one row of the narrowest usual terminal.
const maxProgress = 72

func (p *progress) show(words string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := []rune(strings.ReplaceAll(oneLine(words), "\n", " "))
	fmt.Fprintf(p.w, "\r\x1b[K%s", string(r[:min(len(r), maxProgress)]))
	p.drawn = true
}

func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// messages says on standard error what the reader of a machine format would otherwise not be told.
func (a *app) messages(r *result.Result, outs []target, path string) {
	textShown := slices.ContainsFunc(outs, func(t target) bool { return t.format == "text" && t.output == "" })
	if !r.Coverage.Flask && !textShown {
		fmt.Fprintf(a.Stderr, "stopper: nothing in %s uses Flask\n", oneLine(path))
	}
	if why := r.Coverage.Incomplete(); len(why) > 0 {
		fmt.Fprintf(a.Stderr, "stopper: %s: results incomplete", oneLine(why[0]))
		if n := len(why); n > 1 {
			fmt.Fprintf(a.Stderr, " (and %d more)", n-1)
		}
		fmt.Fprintln(a.Stderr)
	}
}

func printStats(w io.Writer, s result.Stats) {
	for _, p := range s.Phases {
		fmt.Fprintf(w, "%-14s %9.1f ms  %s\n", p.Name, ms(p.Duration), p.Note)
	}
	fmt.Fprintf(w, "%-14s %9.1f ms\n", "total", ms(s.Duration))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// exitCode counts what at least one of the reports shows.
func exitCode(r *result.Result, f *auditFlags, outs []target) int {
	if r.Incomplete() {
		return ExitFault
	}
	least := finding.ConfidenceHigh
	for _, t := range outs {
		least = min(least, leastConfidence(t.format, f.least))
	}
	for _, x := range r.Findings {
		if f.fail != 0 && x.Severity >= f.fail && x.Confidence >= least && x.Suppressed == nil {
			return ExitFindings
		}
	}
	return ExitClean
}
