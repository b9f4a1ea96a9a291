// Package cli is the command line: it reads arguments, asks for an audit, writes reports and chooses the exit code.
//
// In: arguments and an Env, which holds everything outside this process that a command may touch. Out: bytes on Stdout
// and Stderr, files only where the user names them, and an exit code: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage
// or environment, 3 our own fault. Reports never mix with messages: the first go to Stdout, the others to Stderr.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"stopper/internal/config"
	"stopper/internal/report/result"
	"stopper/internal/rule"
)

// The exit codes.
const (
	ExitClean    = 0
	ExitFindings = 1
	ExitUsage    = 2
	ExitFault    = 3
)

// AuditOptions is what the user asked for.
type AuditOptions struct {
	Path    string
	Config  config.Options // what the project's configuration file says, its rule ids validated
	Jobs    int            // 0 means one per core
	Only    []string       // rule ids or RULE/check, validated; empty means all
	Exclude []string
	OSV     string // a folder of OSV records; "" for none
	// RoutesOnly says that only Routes and Coverage of the result are of interest.
	RoutesOnly bool
	// Settings asks for the effective configuration.
	Settings bool
	// Progress takes a few words on what is going on; nil when nobody watches. Safe to call from several goroutines.
	Progress func(string)
}

// Env is the world of a command. All functions may be nil, then the command that needs them says so.
type Env struct {
	Stdout, Stderr io.Writer
	Version        string
	Rules          func() []*rule.Meta // sorted as the catalogue shows them; asked for once, by commands that need them
	Audit          func(context.Context, AuditOptions) (*result.Result, error)
	// Configure reads the configuration of the tree at path, or of the file that the user named.
	Configure func(path, file string) (config.Options, error)

	Getenv    func(string) string
	Stat      func(string) (fs.FileInfo, error)
	Lstat     func(string) (fs.FileInfo, error)
	ReadFile  func(string) ([]byte, error)
	WriteFile func(string, []byte) error
	// StdoutWidth is the width of the terminal behind Stdout, 0 when there is none. Progress is drawn on Stderr only
	// when that is a terminal.
	StdoutWidth      int
	StderrIsTerminal bool
}

// Run runs one command and returns the exit code. It does not panic.
func Run(ctx context.Context, args []string, env Env) (code int) {
	defer func() {
		if cause := recover(); cause != nil {
			fmt.Fprintf(env.Stderr, "stopper: internal error: %v: results incomplete\n%s", cause, debug.Stack())
			code = ExitFault
		}
	}()
	a := &app{Env: env}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	if err := root.ExecuteContext(ctx); err != nil {
		return a.fail(err)
	}
	return a.code
}

// app is one run.
type app struct {
	Env
	code  int
	pages []*rule.Meta // memo of rules
}

func (a *app) rules() []*rule.Meta {
	if a.pages == nil && a.Rules != nil {
		a.pages = a.Rules()
	}
	return a.pages
}

// usage is a mistake in the arguments; its message ends with where help is.
type usage struct {
	err     error
	command string
}

func (u usage) Error() string { return u.err.Error() }
func (u usage) Unwrap() error { return u.err }

func wrong(cmd *cobra.Command, format string, args ...any) error {
	return usage{fmt.Errorf(format, args...), cmd.CommandPath()}
}

func (a *app) fail(err error) int {
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	fmt.Fprintf(a.Stderr, "stopper: %s\n", oneLine(err.Error()))
	if u := (usage{}); errors.As(err, &u) {
		fmt.Fprintf(a.Stderr, "Run \"%s --help\" for what it takes.\n", u.command)
	}
	return ExitUsage
}

// oneLine keeps the line breaks of our own lists, and shows every other control character as an escape: messages quote
// file names and arguments.
func oneLine(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "�") {
		if result.Hostile(r) {
			fmt.Fprintf(&b, `\x%02x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return strings.TrimRight(b.String(), "\n")
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "stopper",
		Short: "Find the security holes in a Flask application, and say how to close them",
		Long: `stopper reads a Flask application with its templates and deployment files, and reports what an attacker could use:
where it is, how it is reached, what it means and what to change. It never runs the code it reads, and opens no network
connection.`,
		Example:       "  stopper audit .\n  stopper audit --format sarif --output stopper.sarif\n  stopper explain FLASK-SSTI-001",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			msg := fmt.Sprintf("there is no command %q", args[0])
			if s := cmd.SuggestionsFor(args[0]); len(s) > 0 {
				msg += "; did you mean " + strings.Join(s, " or ") + "?"
			}
			return wrong(cmd, "%s", msg)
		},
	}
	// A flag of our own: cobra's takes a template, whose reflection adds 2.7 MB to the binary.
	asksVersion := root.Flags().BoolP("version", "v", false, "print the version")
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		if *asksVersion {
			return a.printVersion()
		}
		return cmd.Help()
	}
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		msg, _, isNumber := strings.Cut(err.Error(), ": strconv.")
		if isNumber {
			msg += ": it takes a number"
		}
		return wrong(cmd, "%s", msg)
	})
	root.AddCommand(a.auditCommand(), a.routesCommand(), a.configCommand(), a.explainCommand(), a.rulesCommand(), a.baselineCommand(), a.suppressionsCommand(), a.compareCommand(), a.versionCommand())
	return root
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: atMost(0),
		RunE: func(*cobra.Command, []string) error { return a.printVersion() },
	}
}

func (a *app) printVersion() error { return a.print([]byte("stopper " + a.Version + "\n")) }

func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			most := [...]string{"no arguments", "one argument", "two arguments"}[n]
			return wrong(cmd, "%s takes %s: what is %q?", cmd.Name(), most, args[n])
		}
		return nil
	}
}

func (a *app) getenv(name string) string {
	if a.Getenv == nil {
		return ""
	}
	return a.Getenv(name)
}
