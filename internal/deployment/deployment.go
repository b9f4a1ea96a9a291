// Package deployment folds the deployment files of a tree into one answer: what starts the application in production, with
// which environment, and whether anything shows TLS in front of it.
//
// In goes a Workspace; out comes an immutable Deployment in a fixed order. Start commands are followed the way a machine
// would follow them, without running anything: a Dockerfile's CMD into the script it names, through "sh -c", exec, env,
// poetry run and the like, until a server is reached. Every value keeps the file and line it was written on. What could not
// be followed is listed, not guessed.
package deployment

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/compose"
	"stopper/internal/deploy/dockerfile"
	"stopper/internal/deploy/k8s"
	"stopper/internal/deploy/supervisor"
	"stopper/internal/deploy/systemd"
)

// Kind is what serves requests.
type Kind string

// The kinds of entries.
const (
	DevServer Kind = "dev-server" // flask run, python -m flask run, manage.py runserver
	Python    Kind = "python"     // python app.py: the development server if the target's main block calls app.run
	Gunicorn  Kind = "gunicorn"
	UWSGI     Kind = "uwsgi"
	Waitress  Kind = "waitress"
	Hypercorn Kind = "hypercorn"
	Uvicorn   Kind = "uvicorn"
	Other     Kind = "other" // another WSGI or ASGI server: daphne, granian, mod_wsgi-express, …
)

// Evidence is a place that shows something.
type Evidence struct {
	File string
	Line int
	Text string // without secrets
}

// Entry is one command that starts the application.
type Entry struct {
	Kind   Kind
	Argv   []string // variables replaced where the tree tells their value
	Target string   // module:app, a module, or a script's path in the tree; "" when the command names none
	Bind   string   // host:port or unix:path; "" when not said
	Conf   string   // gunicorn -c, uwsgi --ini: as written

	Debug       bool // --debug, --debugger or a true FLASK_DEBUG reaches the process
	DebugLegacy bool // only FLASK_ENV=development does, which Flask 2.3 and later ignore
	DebugBy     Evidence
	Reload      bool

	Dev         bool   // a development variant: its file, service, stage or condition says so
	DevWhy      string // in words
	Conditional bool   // only on some path through a script
	Unlinked    bool   // a script that nothing in the tree starts: may or may not be used in production

	File    string // where the server's command is written
	Line    int
	Snippet string
	Via     []Evidence // from the outermost: Dockerfile CMD, then the script it runs, …
	Service string     // Compose service, Procfile type, unit, program or workload; "" for a Dockerfile alone
	Env     []EnvVar   // what this process is known to get, later ones win
}

// Runs reports whether the start leads through a file.
func (e *Entry) Runs(file string) bool {
	return e.File == file || slices.ContainsFunc(e.Via, func(v Evidence) bool { return v.File == file })
}

// Platform reports whether a hosting platform starts it, which sets variables of its own.
func (e *Entry) Platform() bool {
	switch base := path.Base(e.File); {
	case strings.HasPrefix(base, "Procfile"), base == "render.yaml", base == "fly.toml", base == "app.yaml", base == "railway.json", base == "railway.toml":
		return true
	}
	return false
}

// HasUnseenEnv reports whether the start reads an environment file that is not in the tree.
func (d *Deployment) HasUnseenEnv(e Entry) bool {
	return slices.Contains(d.unseenEnv, e.Service) && e.Service != ""
}

// EnvVar is one setting of an environment variable.
type EnvVar struct {
	Name    string
	Default string // from ${NAME:-default}: the value when nothing outside sets it
	IsSet   bool   // false: the name alone, passed on from outside
	File    string
	Line    int
	Dev     bool
	DevWhy  string
	Service string // "" for a file that serves all
	value   string
}

// Raw is the value as written. It may be a secret: compare it, never print it.
func (v EnvVar) Raw() string { return v.value }

// Effective is the value a process gets when nothing outside the tree interferes; like Raw, it may be a secret.
func (v EnvVar) Effective() string {
	if v.Default != "" {
		return v.Default
	}
	return v.value
}

// Redacted is fit for printing: switches and numbers as they are, anything that could be secret by its length only.
func (v EnvVar) Redacted() string { return redact(v.Name, v.value) }

// Skip is a deployment file, or a part of one, that could not be used.
type Skip struct {
	File    string
	Line    int
	Message string
}

// Port is a port that a container publishes on the host.
type Port struct {
	Service, Spec string // Spec as written: "127.0.0.1:8000:8000"
	File          string
	Line          int
	Dev           bool
}

// Image is a Dockerfile.
type Image struct {
	*dockerfile.File
	Dev bool
}

// Service is a service of a Compose file.
type Service struct {
	*compose.Service
	File string
	Dev  bool
}

// Unit is a systemd unit.
type Unit struct {
	*systemd.Unit
	Dev bool
}

// Program is a program of supervisord.
type Program struct {
	*supervisor.Program
	File string
	Dev  bool
}

// Container is a container of a workload of Kubernetes.
type Container struct {
	*k8s.Container
	File string
	Dev  bool
}

// Deployment is the answer. Lists are ordered by file and line.
type Deployment struct {
	Entries []Entry
	Env     []EnvVar
	Ports   []Port
	TLS     []Evidence
	Edge    Edge

	Images   []Image
	Services []Service
	Units    []Unit
	Programs []Program
	Pipes    Pipes
	// Containers and Secrets are those of Kubernetes.
	Containers []Container
	Secrets    []EnvVar
	Skipped    []Skip
	Files      []string // the deployment files that were read

	unseenEnv []string // services and units that read an environment file which is not in the tree
}

// ImageOf is the Dockerfile of the tree that a service is built from; nil when there is none.
func (d *Deployment) ImageOf(s Service) *Image {
	if s.Build == nil {
		return nil
	}
	at := path.Join(path.Dir(s.File), s.Build.Context, cmp.Or(s.Build.Dockerfile, "Dockerfile"))
	for i := range d.Images {
		if d.Images[i].Path == at {
			return &d.Images[i]
		}
	}
	return nil
}

// TLSShown reports whether anything in the tree ends TLS for the application.
func (d *Deployment) TLSShown() bool { return len(d.TLS) > 0 }

// Production lists the entries that are meant for production as far as the tree tells.
func (d *Deployment) Production() []Entry {
	var out []Entry
	for _, e := range d.Entries {
		if !e.Dev && !e.Unlinked {
			out = append(out, e)
		}
	}
	return out
}

// Given reports whether the process of a production server is given a variable.
func (d *Deployment) Given(name string) bool {
	v, ok := d.ProductionVar(name)
	return ok && d.Starts(v)
}

// Starts reports whether the process of a production server gets a setting from the place that it stands in.
func (d *Deployment) Starts(v EnvVar) bool {
	for i := range d.Entries {
		if e := &d.Entries[i]; !e.Dev && !e.Unlinked {
			if own, ok := find(e.Env, v.Name); ok && own.File == v.File && own.Line == v.Line {
				return true
			}
		}
	}
	return false
}

// Lookup lists the settings of one variable.
func (d *Deployment) Lookup(name string) []EnvVar {
	var out []EnvVar
	for _, v := range d.Env {
		if v.Name == name {
			out = append(out, v)
		}
	}
	return out
}

// Getenv is the value that production has in a variable, when the tree says so: the last one set that does not itself
// come from outside. It may be a secret.
func (d *Deployment) Getenv(name string) (string, bool) {
	v, ok := d.ProductionVar(name)
	return v.Effective(), ok
}

// ProductionVar is the setting that Getenv reads. What a server's own process gets comes before what stands elsewhere.
func (d *Deployment) ProductionVar(name string) (EnvVar, bool) {
	for i := len(d.Entries) - 1; i >= 0; i-- {
		if e := &d.Entries[i]; !e.Dev && !e.Unlinked {
			if v, ok := find(e.Env, name); ok && v.IsSet && !v.Dev && !strings.Contains(v.Effective(), "$") {
				return v, true
			}
		}
	}
	for i := len(d.Env) - 1; i >= 0; i-- {
		v := d.Env[i]
		if v.Name == name && v.IsSet && !v.Dev && !strings.Contains(v.Effective(), "$") {
			return v, true
		}
	}
	return EnvVar{}, false
}

func (f *folder) envVars(file, service string, dev why, vars []deploy.Var) []EnvVar {
	var out []EnvVar
	for _, v := range vars {
		e := EnvVar{Name: v.Name, value: v.Value, IsSet: !v.NoValue, File: file, Line: v.Line, Dev: dev != "", DevWhy: string(dev), Service: service}
		if name, def, ok := reference(v.Value); ok && name != "" {
			e.Default = def
		}
		out = append(out, e)
	}
	f.d.Env = append(f.d.Env, out...)
	return out
}
