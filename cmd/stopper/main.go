// Command stopper finds the security holes in a Flask application, and says how to close them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"stopper/internal/cli"
)

const version = "0.1.0"

func main() {
	tuneGC()
	// A reader that went away (`stopper audit | head`) shows as an error of the write, not as a signal that kills us
	// before the exit code is known.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	code := cli.Run(ctx, os.Args[1:], environment())
	stop()
	os.Exit(code)
}

// environment is the real world: the only place that hands out standard streams and files.
func environment() cli.Env {
	env := cli.Env{
		Stdout:           os.Stdout,
		Stderr:           os.Stderr,
		Version:          version,
		Getenv:           os.Getenv,
		Stat:             os.Stat,
		Lstat:            os.Lstat,
		ReadFile:         os.ReadFile,
		WriteFile:        func(name string, data []byte) error { return os.WriteFile(name, data, 0o644) },
		StderrIsTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		env.StdoutWidth = width
	}
	wire(&env)
	return env
}
