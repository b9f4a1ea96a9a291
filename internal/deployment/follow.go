package deployment

import (
	"path"
	"strconv"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/dockerfile"
	"stopper/internal/deploy/shell"
	"stopper/internal/deploy/systemd"
)

// The limits of following one start command. Real chains are three long; scripts that start each other in circles end here.
const (
	maxFollow  = 8
	maxSteps   = 2_000  // commands looked at per start command
	maxEntries = 1_000  // of the whole tree
	maxArgs    = 500    // words of one command
	maxEnv     = 2_000  // variables in one process
	maxTotal   = 50_000 // commands looked at in the whole tree
)

// scope is what one command runs in.
type scope struct {
	file        string
	line        int
	args        []string // "$@"; nil when unknown
	knowArgs    bool
	env         []EnvVar
	via         []Evidence
	dev         why
	service     string
	conditional bool
	unlinked    bool
	dir         string            // of the tree, where relative paths are looked up besides the root
	copies      []dockerfile.Copy // how paths of an image map to the tree
	workdir     string
	depth       int
	steps       *int
	funcs       map[string]bool // functions being run, against recursion
}

// command starts with what a file's reader found.
func (f *folder) command(c deploy.Command, s scope) {
	if c.IsZero() {
		return
	}
	s.line = c.Line
	s.steps = new(int)
	if len(c.Argv) > 0 {
		f.argv(c.Argv, s)
		return
	}
	f.shell(c.Shell, s)
}

// shell follows shell text that stands within another file: its lines are not known, the command's line is.
func (f *folder) shell(text string, s scope) {
	script, _ := shell.Parse(s.file, []byte(text))
	line := s.line
	for i := range script.Commands {
		at(script.Commands[i].Env, line)
	}
	f.script(script, s, func(int) int { return line })
}

// script runs the top-level commands of a script in order; functions when they are called.
func (f *folder) script(script *shell.Script, s scope, line func(int) int) {
	f.commands(script, "", s, line)
}

func (f *folder) commands(script *shell.Script, fn string, s scope, line func(int) int) {
	decided := map[*[]string]int{} // by case: its word is read once, before the arm's own "shift"
	branches := map[branch][]EnvVar{}
	for i := range script.Commands {
		c := &script.Commands[i]
		if c.Func != fn || f.exhausted(&s) {
			continue
		}
		inner := s
		inner.line = line(c.Line)
		conditional := c.Conditional && (fn == "" || c.When != "" || c.Choice != nil)
		inner.dev = firstWhy(s.dev, devCondition(c.When, c.Otherwise))
		switch decide(c.Choice, s, decided) {
		case chosen:
			conditional = false
		case otherArm:
			continue
		case undecided:
			inner.dev = firstWhy(inner.dev, devArm(c.Choice))
		}
		inner.conditional = s.conditional || conditional
		own := f.localEnv(c.Env, inner)
		key := branchOf(c)
		if len(c.Argv) == 0 {
			if conditional {
				branches[key] = appendEnv(branches[key], own)
			}
			s.env = appendEnv(s.env, lasting(own, s.env, conditional))
			continue
		}
		if conditional {
			inner.env = appendEnv(inner.env, branches[key])
		}
		inner.env = appendEnv(inner.env, own)
		argv := f.words(c.Argv, inner)
		if len(argv) == 0 {
			continue
		}
		switch name := argv[0]; {
		case name == "set" && len(argv) > 1 && argv[1] == "--":
			s.args, s.knowArgs = argv[2:], true
		case name == "shift" && len(s.args) > 0:
			s.args = s.args[1:]
		case script.HasFunc(name) && !s.funcs[name]:
			inner.args, inner.knowArgs = argv[1:], true
			inner.funcs = map[string]bool{name: true}
			for k := range s.funcs {
				inner.funcs[k] = true
			}
			f.commands(script, name, inner, line)
		default:
			f.argv(argv, inner)
		}
	}
}

// branch names one arm of one condition.
type branch struct {
	when      string
	otherwise bool
	choice    *shell.Choice
}

func branchOf(c *shell.Command) branch { return branch{c.When, c.Otherwise, c.Choice} }

// lasting is what of an assignment holds behind its branch. What may not have run is taken only where nothing else is
// known, and never switches debugging on.
func lasting(own, known []EnvVar, conditional bool) []EnvVar {
	if !conditional {
		return own
	}
	var out []EnvVar
	for _, v := range own {
		if _, ok := find(known, v.Name); !ok && v.Name != "FLASK_DEBUG" && v.Name != "FLASK_ENV" {
			out = append(out, v)
		}
	}
	return out
}

// exhausted counts a step and reports whether the budget is spent; the first time it is, that is listed.
func (f *folder) exhausted(s *scope) bool {
	*s.steps++
	f.total++
	over := *s.steps > maxSteps || f.total > maxTotal
	if over && !f.toldBudget {
		f.toldBudget = true
		f.d.Skipped = append(f.d.Skipped, Skip{File: s.file, Line: s.line, Message: "start commands lead to more commands than are followed"})
	}
	return over
}

type arm uint8

const (
	undecided arm = iota
	chosen
	otherArm
)

// decide picks the arm of a case whose subject is a known word, as entry scripts do with "$1".
func decide(c *shell.Choice, s scope, decided map[*[]string]int) arm {
	if c == nil || len(c.Arms) == 0 {
		return undecided
	}
	taken, ok := decided[&c.Arms[0]]
	if !ok {
		taken = pick(c, s)
		decided[&c.Arms[0]] = taken
	}
	switch taken {
	case unknownArm:
		return undecided
	case c.Arm:
		return chosen
	}
	return otherArm
}

const (
	unknownArm = -1
	noArm      = -2
)

func pick(c *shell.Choice, s scope) int {
	subject := expand(positional(c.Subject, s), s.env, 0)
	if strings.Contains(subject, "$") || !s.knowArgs && c.Subject == subject {
		return unknownArm
	}
	for i, patterns := range c.Arms {
		for _, p := range patterns {
			ok, err := path.Match(p, subject)
			if err != nil {
				return unknownArm
			}
			if ok || p == "*" {
				return i
			}
		}
	}
	return noArm
}

// positional replaces a word that is exactly one positional parameter.
func positional(w string, s scope) string {
	name, def, ok := reference(w)
	if !ok || !s.knowArgs {
		return w
	}
	n, err := strconv.Atoi(name)
	switch {
	case err != nil || n < 1:
		return w
	case n <= len(s.args):
		return s.args[n-1]
	}
	return def
}

// words replaces variables; "$@" becomes the arguments, and a variable that is a whole word splits as an unquoted one does.
func (f *folder) words(argv []string, s scope) []string {
	var out []string
	for _, w := range argv {
		if len(out) > maxArgs {
			break
		}
		if w == "$@" || w == "$*" || w == "${@}" || w == "${*}" {
			if s.knowArgs {
				out = append(out, s.args...)
			} else {
				out = append(out, w)
			}
			continue
		}
		p := positional(w, s)
		e := expand(p, s.env, 0)
		if _, _, whole := reference(w); whole && e != w {
			out = append(out, strings.Fields(e)...)
			continue
		}
		out = append(out, e)
	}
	return out
}

// localEnv reads assignments of a script: they belong to what it starts.
func (f *folder) localEnv(vars []deploy.Var, s scope) []EnvVar {
	if len(vars) == 0 {
		return nil
	}
	return f.envVars(s.file, s.service, s.dev, vars)
}

// appendEnv never writes into the slice that siblings share.
func appendEnv(env, more []EnvVar) []EnvVar {
	if len(more) == 0 || len(env) > maxEnv {
		return env
	}
	return append(env[:len(env):len(env)], more...)
}

// argv strips what only wraps a command, then runs a shell, a script, or recognises a server.
func (f *folder) argv(argv []string, s scope) {
	if f.exhausted(&s) {
		return
	}
	if len(argv) > maxArgs {
		argv = argv[:maxArgs]
	}
	for range maxArgs {
		if len(argv) == 0 {
			return
		}
		rest, set := unwrap(argv)
		s.env = appendEnv(s.env, f.localEnv(at(set, s.line), s))
		if rest == nil {
			break
		}
		argv = rest
	}
	name := path.Base(argv[0])
	switch name {
	case "sh", "bash", "dash", "ash", "ksh", "zsh", ".", "source":
		f.runShell(argv[1:], s)
		return
	case "eval":
		f.nested(strings.Join(argv[1:], " "), s)
		return
	case "honcho", "foreman", "heroku":
		return // it starts the Procfile, which is read for itself
	}
	if f.server(name, argv, s) {
		return
	}
	if p, ok := f.find(argv[0], s); ok {
		f.runFile(p, argv[1:], s)
	}
}

func at(vars []deploy.Var, line int) []deploy.Var {
	for i := range vars {
		vars[i].Line = line
	}
	return vars
}

func (f *folder) nested(text string, s scope) {
	if s.depth++; s.depth <= maxFollow {
		f.shell(text, s)
	}
}

// runShell: sh -c "text" args…, or sh script args….
func (f *folder) runShell(args []string, s scope) {
	for i, a := range args {
		switch {
		case strings.HasPrefix(a, "-") && !strings.HasPrefix(a, "--") && strings.Contains(a, "c") && i+1 < len(args):
			if len(args) > i+3 {
				s.args, s.knowArgs = args[i+3:], true // the word behind the text is $0
			}
			f.nested(args[i+1], s)
			return
		case strings.HasPrefix(a, "-"):
		default:
			if p, ok := f.find(a, s); ok {
				f.runFile(p, args[i+1:], s)
			}
			return
		}
	}
}

// runFile follows a script of the tree; Python files are entries.
func (f *folder) runFile(p string, args []string, s scope) {
	if s.depth++; s.depth > maxFollow {
		return
	}
	if file, _ := f.ws.Lookup(p); strings.HasSuffix(p, ".py") || file.Class.String() == "python" {
		f.pythonScript(p, args, append([]string{p}, args...), s)
		return
	}
	text, err := f.ws.Read(p)
	if err != nil {
		return
	}
	script, problems := shell.Parse(p, text)
	f.problems(p, problems)
	f.linked[p] = true
	s.via = append(s.via[:len(s.via):len(s.via)], Evidence{File: s.file, Line: s.line, Text: f.snippet(s.file, s.line)})
	s.file, s.args, s.knowArgs = p, args, true
	s.funcs = nil
	f.script(script, s, func(l int) int { return l })
}

// unwrap removes one wrapper in front of a command. nil means that there is none.
func unwrap(argv []string) (rest []string, set []deploy.Var) {
	name := path.Base(argv[0])
	switch name {
	case "exec", "nohup", "command", "setsid", "time", "catchsegv", "ddtrace-run", "opentelemetry-instrument", "sentry-run", "builtin", "unbuffer":
		return flags(argv[1:], ""), nil
	case "tini", "tini-static", "dumb-init", "catatonit":
		return flags(argv[1:], "-p -e"), nil
	case "nice", "ionice", "stdbuf", "chrt", "timeout", "setpriv":
		rest = flags(argv[1:], "-n -c -s -k")
		if name == "timeout" && len(rest) > 0 {
			rest = rest[1:]
		}
		return rest, nil
	case "gosu", "su-exec", "chpst", "setuser", "s6-setuidgid":
		if rest = flags(argv[1:], "-u"); name != "chpst" && len(rest) > 0 {
			rest = rest[1:]
		}
		return rest, nil
	case "sudo", "doas", "runuser":
		return flags(argv[1:], "-u -g -h -p"), nil
	case "env":
		return env(argv[1:])
	case "poetry", "pipenv", "pdm", "rye", "hatch", "uv", "pixi":
		rest = flags(argv[1:], "--project --directory -C -p")
		if len(rest) > 1 && rest[0] == "run" {
			return flags(rest[1:], "--with --extra --group --python -p --env-file --package --index --directory --project -e --only-group --no-group"), nil
		}
	case "newrelic-admin":
		if len(argv) > 2 && argv[1] == "run-program" {
			return argv[2:], nil
		}
	case "conda", "mamba", "micromamba":
		if len(argv) > 2 && argv[1] == "run" {
			return flags(argv[2:], "-n --name -p --prefix --cwd"), nil
		}
	case "doppler", "infisical", "chamber", "op", "aws-vault", "dockerize", "wait-for-it", "wait-for-it.sh", "wait-for", "wait-for.sh", "watchmedo", "s6-env", "dotenv", "berglas":
		return behindDashes(argv[1:]), nil
	}
	if n, v, ok := strings.Cut(argv[0], "="); ok && isVarName(n) { // a wrapper's argument: A=1 gunicorn
		return argv[1:], []deploy.Var{{Name: n, Value: v}}
	}
	return nil, nil
}

// behindDashes is what follows "--": the command of a wrapper whose options are its own.
func behindDashes(args []string) []string {
	for i, a := range args {
		if a == "--" {
			return args[i+1:]
		}
	}
	for i, a := range args {
		switch path.Base(a) {
		case "gunicorn", "flask", "uwsgi", "waitress-serve", "python", "python3", "uvicorn", "hypercorn", "sh", "bash":
			return args[i:]
		}
	}
	return nil
}

// flags drops leading options; those listed take a value.
func flags(args []string, withValue string) []string {
	takes := strings.Fields(withValue)
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" {
		a := args[0]
		args = args[1:]
		if a == "--" {
			break
		}
		for _, t := range takes {
			if a == t && len(args) > 0 {
				args = args[1:]
				break
			}
		}
	}
	return args
}

func env(args []string) ([]string, []deploy.Var) {
	var set []deploy.Var
	for len(args) > 0 {
		switch {
		case args[0] == "-S" && len(args) > 1:
			return append(systemd.Split(args[1]), args[2:]...), set
		case args[0] == "-u" && len(args) > 1:
			args = args[2:]
			continue
		case strings.HasPrefix(args[0], "-"):
		default:
			name, value, ok := strings.Cut(args[0], "=")
			if !ok {
				return args, set
			}
			set = append(set, deploy.Var{Name: name, Value: value})
		}
		args = args[1:]
	}
	return []string{}, set
}

func isVarName(s string) bool {
	for i := range len(s) {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return s != "" && (s[0] < '0' || s[0] > '9')
}

// find maps a path of a command to a file of the tree: as written, through the image's COPY lines, then by dropping
// leading folders ("/app/bin/run" → "bin/run"), because where an image puts the tree is often all that differs.
func (f *folder) find(name string, s scope) (string, bool) {
	if name == "" || strings.ContainsAny(name, "$`*") || len(name) > 1000 {
		return "", false
	}
	clean := strings.TrimPrefix(path.Clean("/"+name), "/")
	if clean == "" {
		return "", false
	}
	if !strings.Contains(name, "/") && !strings.Contains(name, ".") && !f.copied(name, s) {
		return "", false // a program on the PATH
	}
	var tries []string
	abs := name
	if !path.IsAbs(name) {
		tries = append(tries, path.Join(s.dir, clean), clean)
		abs = path.Join("/", s.workdir, name)
	}
	for i := len(s.copies) - 1; i >= 0; i-- {
		tries = append(tries, fromCopy(s.copies[i], abs, s.dir, s.workdir)...)
	}
	for rest := clean; rest != ""; {
		tries = append(tries, path.Join(s.dir, rest), rest)
		_, rest, _ = strings.Cut(rest, "/")
	}
	for _, p := range tries {
		if _, ok := f.ws.Lookup(p); ok {
			return p, true
		}
	}
	return "", false
}

// copied: a bare name may be a script that the image copied to a folder of its PATH.
func (f *folder) copied(name string, s scope) bool {
	for _, c := range s.copies {
		if path.Base(c.Dest) == name {
			return true
		}
		for _, src := range c.Sources {
			if path.Base(src) == name {
				return true
			}
		}
	}
	return false
}

func fromCopy(c dockerfile.Copy, abs, dir, workdir string) []string {
	if c.From != "" {
		return nil
	}
	dest := c.Dest
	if !path.IsAbs(dest) {
		dest = path.Join("/", workdir, dest) + map[bool]string{true: "/"}[strings.HasSuffix(dest, "/")]
	}
	var out []string
	for _, src := range c.Sources {
		switch {
		case path.Clean(dest) == abs || path.Base(dest) == abs[strings.LastIndexByte(abs, '/')+1:] && path.Base(dest) != "/":
			out = append(out, path.Join(dir, src))
		case path.Base(src) == path.Base(abs):
			out = append(out, path.Join(dir, src))
		}
		if below, ok := strings.CutPrefix(abs, strings.TrimSuffix(path.Clean(dest), "/")+"/"); ok {
			out = append(out, path.Join(dir, src, below))
		}
	}
	return out
}
