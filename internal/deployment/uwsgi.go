package deployment

import (
	"path"
	"slices"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/uwsgi"
)

// uwsgi starts what a command line says, and the configuration of the tree that it names for what it leaves open.
func (f *folder) uwsgi(args, argv []string, s scope) {
	o := parseOptions(args, "--master --enable-threads --need-app --vacuum --die-on-term --single-interpreter --lazy-apps --lazy --thunder-lock -M --py-autoreload --http-keepalive --no-orphans --disable-logging --strict -L --manage-script-name")
	e := Entry{Kind: UWSGI, Argv: argv, Conf: firstNonEmpty(o.last("--ini", "--yaml", "--yml", "--xml", "--json"), confOf(o))}
	file := &uwsgi.File{}
	if p, ok := f.find(e.Conf, s); ok {
		f.linked[p] = true
		if read := f.uwsgiFile(p); read != nil {
			file = read
			s.env = appendEnv(s.env, f.envVars(p, s.service, s.dev, file.Env()))
		}
	}
	for _, v := range o.values["--env"] {
		if name, value, ok := strings.Cut(v, "="); ok {
			s.env = appendEnv(s.env, f.envVars(s.file, s.service, s.dev, []deploy.Var{{Name: name, Value: value, Line: s.line}}))
		}
	}
	get := func(names ...string) string {
		for _, n := range names {
			if v := firstNonEmpty(o.last("--"+n), file.Get(n)); v != "" {
				return v
			}
		}
		return ""
	}
	f.serveUWSGI(e, s, o, get)
}

func (f *folder) serveUWSGI(e Entry, s scope, o options, get func(names ...string) string) {
	e.Target = firstNonEmpty(o.last("-w"), get("module", "wsgi", "wsgi-file", "file"))
	if _, target, ok := strings.Cut(get("mount"), "="); ok && e.Target == "" { // mount = /path=module:app
		e.Target = target
	}
	if c := get("callable"); c != "" && e.Target != "" && !strings.Contains(e.Target, ":") {
		e.Target += ":" + c
	}
	e.Bind = firstNonEmpty(get("http", "http-socket", "https", "https-socket", "socket", "uwsgi-socket"), o.last("-s"))
	reload := get("py-autoreload", "python-autoreload")
	e.Reload = o.has("--py-autoreload") || reload != "" && reload != "0"
	f.add(e, s)
	if get("https", "https-socket") != "" && s.dev == "" {
		f.tls(s.file, s.line, "uwsgi https")
	}
}

// confOf is a configuration that stands among the words of the command line.
func confOf(o options) string {
	for _, r := range o.rest {
		if isUWSGIExt(path.Ext(r)) {
			return r
		}
	}
	return ""
}

func isUWSGIExt(ext string) bool {
	return slices.Contains([]string{".ini", ".yaml", ".yml", ".xml", ".json"}, strings.ToLower(ext))
}

func (f *folder) uwsgiFile(p string) *uwsgi.File {
	text, ok := f.text(p)
	if !ok {
		return nil
	}
	file, problems := uwsgi.Parse(p, text)
	f.problems(p, problems)
	return file
}

// uwsgiFiles lists the configurations that nothing in the tree starts: an emperor, or a service of the machine, may do so.
func (f *folder) uwsgiFiles() {
	for _, w := range f.ws.Files {
		base := strings.ToLower(path.Base(w.Path))
		if !strings.Contains(base, "uwsgi") || !isUWSGIExt(path.Ext(base)) || f.linked[w.Path] {
			continue
		}
		file := f.uwsgiFile(w.Path)
		if file == nil {
			continue
		}
		s := scope{file: w.Path, line: file.Options[0].Line, unlinked: true, dev: f.devPath(w.Path), dir: path.Dir(w.Path), steps: new(int)}
		s.env = f.envVars(w.Path, "", s.dev, file.Env())
		get := func(names ...string) string { return file.Get(names...) }
		f.serveUWSGI(Entry{Kind: UWSGI, Conf: w.Path}, s, options{}, get)
	}
}
