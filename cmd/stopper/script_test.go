package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"stopper": main})
}

// The scripts run the real program in a folder of their own. Beside testscript's commands they have those below.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			root, err := filepath.Abs("../..")
			e.Setenv("PROJECT", root)
			e.Setenv("NO_COLOR", "")
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":         code,
			"bytes":        writeBytes,
			"repeat":       repeat,
			"sparse":       sparse,
			"modules":      modules,
			"fifo":         fifo,
			"deaf":         deaf,
			"full":         full,
			"interrupt":    interrupt,
			"unprivileged": unprivileged,
		},
	})
}

// code N COMMAND... runs a command and demands an exit code. A death by signal is -1.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command...")
	}
	expect(ts, args[0], ts.Exec(args[1], args[2:]...))
}

func expect(ts *testscript.TestScript, want string, err error) {
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(got) != want {
		ts.Fatalf("exit code %d, want %s", got, want)
	}
}

// bytes FILE QUOTED writes a Go string literal's bytes.
func writeBytes(ts *testscript.TestScript, _ bool, args []string) {
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// repeat FILE N PREFIX UNIT MIDDLE UNIT SUFFIX writes prefix, n × unit, middle, n × unit, suffix; \n is a line break.
func repeat(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], `\n`, "\n")
	}
	text := args[2] + strings.Repeat(args[3], n) + args[4] + strings.Repeat(args[5], n) + args[6] + "\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// sparse FILE MEGABYTES makes a large file of zeros that takes no room.
func sparse(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(errors.Join(f.Truncate(n<<20), f.Close()))
}

// modules FOLDER N FILE copies a file into N modules of a folder.
func modules(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := ts.ReadFile(args[2])
	ts.Check(os.MkdirAll(ts.MkAbs(args[0]), 0o755))
	for i := range n {
		ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(args[0]), "m"+strconv.Itoa(i)+".py"), []byte(text), 0o644))
	}
}

func fifo(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o644))
}

// start runs stopper outside of testscript's own pipes.
func start(ts *testscript.TestScript, stdout io.Writer, args []string) (*exec.Cmd, *strings.Builder) {
	path, err := exec.LookPath("stopper")
	ts.Check(err)
	stderr := &strings.Builder{}
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), os.Environ(), stdout, stderr
	return cmd, stderr
}

func said(ts *testscript.TestScript, stderr *strings.Builder) {
	ts.Check(os.WriteFile(ts.MkAbs("said"), []byte(stderr.String()), 0o644))
}

// deaf N ARGS... runs stopper with a standard output whose reader has gone away. What it says is in the file said.
func deaf(ts *testscript.TestScript, _ bool, args []string) {
	r, w, err := os.Pipe()
	ts.Check(err)
	ts.Check(r.Close())
	cmd, stderr := start(ts, w, args[1:])
	err = cmd.Run()
	ts.Check(w.Close())
	said(ts, stderr)
	expect(ts, args[0], err)
}

// full N ARGS... runs stopper with a standard output that takes nothing.
func full(ts *testscript.TestScript, _ bool, args []string) {
	w, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	ts.Check(err)
	cmd, stderr := start(ts, w, args[1:])
	err = cmd.Run()
	ts.Check(w.Close())
	said(ts, stderr)
	expect(ts, args[0], err)
}

// interrupt N FIFO ARGS... runs stopper, which reads its configuration from the pipe FIFO, and interrupts it there: at
// that moment it is known to be running. The signal is handled while the audit begins, so the tree must not be tiny.
func interrupt(ts *testscript.TestScript, _ bool, args []string) {
	cmd, stderr := start(ts, nil, args[2:])
	ts.Check(cmd.Start())
	pipe, err := os.OpenFile(ts.MkAbs(args[1]), os.O_WRONLY, 0)
	ts.Check(err)
	ts.Check(cmd.Process.Signal(os.Interrupt))
	ts.Check(pipe.Close())
	err = cmd.Wait()
	said(ts, stderr)
	expect(ts, args[0], err)
}

// unprivileged N ARGS... runs stopper as a user who may not read everything.
func unprivileged(ts *testscript.TestScript, _ bool, args []string) {
	var out strings.Builder
	cmd, stderr := start(ts, &out, args[1:])
	if os.Geteuid() == 0 {
		reachable(ts, cmd.Path)
		reachable(ts, cmd.Dir)
		const nobody = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	err := cmd.Run()
	ts.Check(os.WriteFile(ts.MkAbs("printed"), []byte(out.String()), 0o644))
	said(ts, stderr)
	expect(ts, args[0], err)
}

// reachable lets everybody go through the temporary folders above a path.
func reachable(ts *testscript.TestScript, path string) {
	for dir := filepath.Dir(path); len(dir) > len(filepath.Clean(os.TempDir())); dir = filepath.Dir(dir) {
		ts.Check(os.Chmod(dir, 0o755))
	}
	ts.Check(os.Chmod(path, 0o755))
}
