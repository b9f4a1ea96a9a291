package deployment

import (
	"path"
	"strings"
)

// options is a command line taken apart.
type options struct {
	values map[string][]string // "--bind" → values, in order; a switch has ""
	rest   []string            // words that are no options
}

func (o options) last(names ...string) string {
	for _, n := range names {
		if v := o.values[n]; len(v) > 0 {
			return v[len(v)-1]
		}
	}
	return ""
}

func (o options) has(names ...string) bool {
	for _, n := range names {
		if len(o.values[n]) > 0 {
			return true
		}
	}
	return false
}

// parseOptions: every option takes a value except the switches, which is how the servers' own parsers have it.
func parseOptions(args []string, switches string) options {
	o := options{values: map[string][]string{}}
	isSwitch := map[string]bool{}
	for _, s := range strings.Fields(switches) {
		isSwitch[s] = true
	}
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			o.rest = append(o.rest, args[i+1:]...)
			return o
		case !strings.HasPrefix(a, "-") || a == "-":
			o.rest = append(o.rest, a)
		case strings.HasPrefix(a, "--") && strings.Contains(a, "="):
			name, v, _ := strings.Cut(a, "=")
			o.values[name] = append(o.values[name], v)
		case isSwitch[a] || strings.HasPrefix(a, "--no-"):
			o.values[a] = append(o.values[a], "")
		case !strings.HasPrefix(a, "--") && len(a) > 2:
			o.values[a[:2]] = append(o.values[a[:2]], strings.TrimPrefix(a[2:], "="))
		case i+1 < len(args):
			i++
			o.values[a] = append(o.values[a], args[i])
		default:
			o.values[a] = append(o.values[a], "")
		}
	}
	return o
}

// server recognises a command and adds its entry; false means that it is none of these.
func (f *folder) server(name string, argv []string, s scope) bool {
	args := argv[1:]
	switch name {
	case "flask":
		f.flask(args, argv, s)
	case "gunicorn", "gunicorn3", "gunicorn-3", "chaussette":
		f.gunicorn(args, argv, s)
	case "uwsgi", "uwsgi_python3", "pyuwsgi":
		f.uwsgi(args, argv, s)
	case "waitress-serve":
		o := parseOptions(args, "--call --asyncore-use-poll --expose-tracebacks --no-expose-tracebacks --ipv4 --ipv6 --clear-untrusted-proxy-headers --log-untrusted-proxy-headers --log-socket-errors")
		f.add(Entry{Kind: Waitress, Argv: argv, Target: strings.TrimPrefix(firstOf(o), "--call="), Bind: firstNonEmpty(o.last("--listen"), hostPort(o.last("--host"), o.last("--port"), "0.0.0.0:8080"))}, s)
	case "uvicorn", "hypercorn", "daphne", "granian", "twist", "twistd", "mod_wsgi-express", "gevent-wsgi", "bjoern", "cherryd", "eventlet":
		f.other(name, args, argv, s)
	default:
		if !isPython(name) {
			return false
		}
		f.python(args, argv, s)
	}
	return true
}

func isPython(name string) bool {
	rest, ok := strings.CutPrefix(strings.TrimSuffix(name, ".exe"), "python")
	if name == "pypy" || name == "pypy3" || name == "py" {
		return true
	}
	return ok && strings.Trim(rest, "0123456789.") == ""
}

func firstOf(o options) string {
	if len(o.rest) > 0 {
		return o.rest[0]
	}
	return ""
}

func firstNonEmpty(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// hostPort joins what was said with what is the server's default.
func hostPort(host, port, def string) string {
	i := strings.LastIndexByte(def, ':')
	return firstNonEmpty(host, def[:i]) + ":" + firstNonEmpty(port, def[i+1:])
}

// flask: only "run" serves. Options stand before it (flask --app x run) and behind it.
func (f *folder) flask(args, argv []string, s scope) {
	o := parseOptions(args, "--debug --reload --debugger --with-threads --without-threads --eager-loading --lazy-loading --version --help")
	if len(o.rest) == 0 || o.rest[0] != "run" {
		return
	}
	s.env = appendEnv(f.flaskenv(s), s.env)
	e := Entry{Kind: DevServer, Argv: argv, Target: firstNonEmpty(o.last("--app", "-A"), value(s.env, "FLASK_APP")), Reload: o.has("--reload")}
	e.Bind = hostPort(firstNonEmpty(o.last("--host", "-h"), value(s.env, "FLASK_RUN_HOST")), firstNonEmpty(o.last("--port", "-p"), value(s.env, "FLASK_RUN_PORT")), "127.0.0.1:5000")
	if o.has("--debug", "--debugger") {
		f.debugFlag(&e, s, "--debug")
	}
	f.add(e, s)
}

func value(env []EnvVar, name string) string {
	v, _ := find(env, name)
	return expand(v.Effective(), env, 0)
}

func (f *folder) debugFlag(e *Entry, s scope, text string) {
	e.Debug, e.DebugBy = true, Evidence{File: s.file, Line: s.line, Text: text}
}

func (f *folder) gunicorn(args, argv []string, s scope) {
	args = append(strings.Fields(value(s.env, "GUNICORN_CMD_ARGS")), args...)
	o := parseOptions(args, "--reload --preload --daemon -D --check-config --print-config --spew --no-sendfile --proxy-protocol --strip-header-spaces --enable-stdio-inheritance -R --capture-output --log-syslog --initgroups --reuse-port --suppress-ragged-eofs --do-handshake-on-connect --permit-unconventional-http-method --permit-unconventional-http-version --casefold-http-method --permit-obsolete-folding --tolerate-dangerous-framing --disable-redirect-access-to-syslog -v --version -h --help")
	if o.has("--version", "-v", "--check-config", "--print-config") {
		return
	}
	f.add(Entry{Kind: Gunicorn, Argv: argv, Target: firstOf(o), Bind: o.last("--bind", "-b"), Conf: o.last("--config", "-c"), Reload: o.has("--reload")}, s)
	if o.last("--certfile") != "" && s.dev == "" {
		f.tls(s.file, s.line, "gunicorn --certfile")
	}
}

func (f *folder) other(name string, args, argv []string, s scope) {
	o := parseOptions(args, "--reload --factory --proxy-headers --no-proxy-headers --debug --access-log --use-colors -r --insecure --version --h2 --http2")
	kind := map[string]Kind{"uvicorn": Uvicorn, "hypercorn": Hypercorn}[name]
	e := Entry{Kind: kind, Argv: argv, Target: firstOf(o), Reload: o.has("--reload")}
	if kind == "" {
		e.Kind = Other
	}
	e.Bind = firstNonEmpty(o.last("--bind", "-b"), o.last("--uds", "-u"))
	if e.Bind == "" && (o.has("--host", "--port") || name == "daphne") {
		e.Bind = hostPort(o.last("--host", "-b"), o.last("--port", "-p"), "127.0.0.1:8000")
	}
	if name == "mod_wsgi-express" && e.Target == "start-server" && len(o.rest) > 1 {
		e.Target = o.rest[1]
	}
	f.add(e, s)
}

// python: -m of a server is that server; -m of a module and a script of the tree are entries of their own.
func (f *folder) python(args, argv []string, s scope) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "-m" && i+1 < len(args):
			module := args[i+1]
			if module == "coverage" || module == "pdb" || module == "debugpy" || module == "cProfile" {
				return
			}
			name := strings.ReplaceAll(module, "waitress", "waitress-serve")
			if name != "" && f.server(name, append([]string{name}, args[i+2:]...), s) {
				return
			}
			f.pythonModule(module, args[i+2:], argv, s)
			return
		case a == "-c" && i+1 < len(args):
			f.pythonText(args[i+1], argv, s)
			return
		case a == "-W" || a == "-X":
			i++
		case strings.HasPrefix(a, "-"):
		default:
			p, ok := f.find(a, s)
			if !ok {
				return
			}
			f.pythonScript(p, args[i+1:], argv, s)
			return
		}
	}
}

func (f *folder) pythonModule(module string, args, argv []string, s scope) {
	file := strings.ReplaceAll(module, ".", "/")
	for _, try := range []string{file + ".py", file + "/__main__.py", "src/" + file + ".py", "src/" + file + "/__main__.py"} {
		for _, dir := range []string{s.dir, ""} {
			p := path.Join(dir, try)
			if _, ok := f.ws.Lookup(p); ok {
				f.pythonScript(p, args, argv, s)
				return
			}
		}
	}
}

// pythonText: python -c "from app import app; app.run(debug=True)".
func (f *folder) pythonText(text string, argv []string, s scope) {
	if !strings.Contains(text, ".run(") && !strings.Contains(text, "run_simple(") {
		return
	}
	e := Entry{Kind: DevServer, Argv: argv}
	if t := strings.ReplaceAll(text, " ", ""); strings.Contains(t, "debug=True") || strings.Contains(t, "use_debugger=True") {
		f.debugFlag(&e, s, "debug=True")
	}
	f.add(e, s)
}

// pythonScript: the first argument says whether a management script serves. Others (db upgrade, test) do not.
func (f *folder) pythonScript(p string, args, argv []string, s scope) {
	o := parseOptions(args, "--debug --reload --debugger -d -r -D -R --threaded")
	e := Entry{Kind: Python, Argv: argv, Target: p, Reload: o.has("--reload")}
	switch firstOf(o) {
	case "runserver", "run_server", "run-server":
		e.Kind = DevServer
		e.Bind = hostPort(o.last("--host", "-h"), o.last("--port", "-p"), "127.0.0.1:5000")
	case "", "run", "serve", "start", "server", "web":
	default:
		return
	}
	if base := path.Base(p); isSetupScript(base) {
		return
	}
	if o.has("--debug", "--debugger") || e.Kind == DevServer && o.has("-d") {
		f.debugFlag(&e, s, "--debug")
	}
	f.add(e, s)
}

// isSetupScript: scripts that entry scripts run before the server, which serve nothing.
func isSetupScript(base string) bool {
	for _, w := range []string{"ping", "wait", "migrat", "setup.py", "init_db", "create_db", "seed", "upgrade", "healthcheck", "worker", "scheduler", "celery", "prestart", "pre_start", "bootstrap", "populate", "check"} {
		if strings.Contains(base, w) {
			return true
		}
	}
	return false
}

// add completes an entry from its scope.
func (f *folder) add(e Entry, s scope) {
	if len(f.d.Entries) >= maxEntries {
		if !f.toldEntries {
			f.d.Skipped = append(f.d.Skipped, Skip{File: s.file, Line: s.line, Message: "more start commands than are listed"})
		}
		f.toldEntries = true
		return
	}
	e.File, e.Line, e.Via, e.Service = s.file, s.line, s.via, s.service
	e.Dev, e.DevWhy = s.dev != "", string(s.dev)
	e.Conditional, e.Unlinked = s.conditional, s.unlinked
	e.Snippet = f.snippet(s.file, s.line)
	e.Env = s.env
	if !e.Debug {
		e.debugFromEnv()
	}
	f.d.Entries = append(f.d.Entries, e)
}

func (e *Entry) debugFromEnv() {
	evidence := func(v EnvVar, value string) Evidence {
		if len(value) > 12 {
			value = "…" // nobody writes a switch that long: it may be anything
		}
		return Evidence{File: v.File, Line: v.Line, Text: v.Name + "=" + value}
	}
	debug, hasDebug := find(e.Env, "FLASK_DEBUG")
	if value := expand(debug.Effective(), e.Env, 0); hasDebug {
		if debug.IsSet && truthy(value) && !strings.Contains(value, "$") {
			e.Debug, e.DebugBy = true, evidence(debug, value)
		}
		return
	}
	if env, ok := find(e.Env, "FLASK_ENV"); ok && expand(env.Effective(), e.Env, 0) == "development" {
		e.DebugLegacy, e.DebugBy = true, evidence(env, "development")
	}
}
