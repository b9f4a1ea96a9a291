package deployment

import (
	"path"
	"slices"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/dockerfile"
	"stopper/internal/deploy/dotenv"
	"stopper/internal/deploy/k8s"
	"stopper/internal/deploy/nginx"
	"stopper/internal/deploy/procfile"
	"stopper/internal/deploy/shell"
	"stopper/internal/deploy/supervisor"
	"stopper/internal/deploy/systemd"
	"stopper/internal/workspace"
)

// folder is the state of one Fold. It belongs to one goroutine.
type folder struct {
	ws          *workspace.Workspace
	d           *Deployment
	images      map[string]*dockerfile.File
	envFiles    map[string][]EnvVar
	linked      map[string]bool // scripts that something starts
	lines       map[string][]string
	replaced    map[inFolder]string // service → the production file that replaces its command
	overlaid    map[inFolder]string // service → the production file that says only what differs
	uses        map[string]imageUse // by the Dockerfile
	services    map[string]bool     // of all Compose files
	nginxFiles  map[string]*nginx.File
	k8sFiles    []*k8s.File
	objects     map[string][]object // of Kubernetes, by kind/name
	referred    int
	total       int
	toldBudget  bool
	toldEntries bool
}

// Fold reads the deployment files of a tree. It always answers; what it could not read is in Skipped.
func Fold(ws *workspace.Workspace) *Deployment {
	f := &folder{ws: ws, d: &Deployment{}, images: map[string]*dockerfile.File{}, envFiles: map[string][]EnvVar{}, linked: map[string]bool{}, lines: map[string][]string{}, replaced: map[inFolder]string{}, overlaid: map[inFolder]string{}, uses: map[string]imageUse{}, services: map[string]bool{}, objects: map[string][]object{}}
	f.each(workspace.Env, f.envFile)
	f.each(workspace.Dockerfile, f.image)
	f.each(workspace.Procfile, f.procfile)
	f.each(workspace.Systemd, f.systemd)
	f.each(workspace.Supervisor, f.supervisor)
	f.each(workspace.K8s, f.k8s)
	f.workloads()
	f.composeFiles()
	f.each(workspace.Shell, f.loose)
	f.uwsgiFiles()
	f.platforms()
	f.apache()
	f.nginx()
	f.pipes()
	f.finish()
	return f.d
}

func (f *folder) each(c workspace.Class, read func(path string, text []byte)) {
	for _, file := range f.ws.OfClass(c) {
		if text, ok := f.text(file.Path); ok {
			read(file.Path, text)
		}
	}
}

func (f *folder) text(p string) ([]byte, bool) {
	text, err := f.ws.Read(p)
	if err != nil {
		f.d.Skipped = append(f.d.Skipped, Skip{File: p, Message: strings.TrimPrefix(err.Error(), p+": ")})
		return nil, false
	}
	f.d.Files = append(f.d.Files, p)
	return text, true
}

func (f *folder) problems(p string, list []deploy.Problem) {
	for _, x := range list {
		if len(f.d.Skipped) < maxEntries {
			f.d.Skipped = append(f.d.Skipped, Skip{File: p, Line: x.Line, Message: x.Message})
		}
	}
}

// maxSnippets bounds the texts whose lines are kept at hand.
const maxSnippetFile = 256 << 10

// snippet is a line of a file, fit for printing.
func (f *folder) snippet(p string, line int) string {
	lines, ok := f.lines[p]
	if !ok {
		if text, err := f.ws.Read(p); err == nil && len(text) <= maxSnippetFile {
			lines = strings.Split(string(text), "\n")
		}
		f.lines[p] = lines
	}
	if line < 1 || line > len(lines) {
		return ""
	}
	return redactLine(lines[line-1])
}

func (f *folder) envFile(p string, text []byte) {
	file, problems := dotenv.Parse(p, text)
	f.problems(p, problems)
	f.envFiles[p] = f.envVars(p, "", f.devPath(p), file.Vars)
}

// devPath adds to the path's own words that tests and examples are not production.
func (f *folder) devPath(p string) why {
	if w := devFile(p); w != "" {
		return w
	}
	if file, _ := f.ws.Lookup(p); file.IsTest || file.IsExample {
		return "a test or an example"
	}
	return ""
}

// flaskenv is what "flask run" loads by itself when python-dotenv is installed: .env, then .flaskenv; neither overrides.
func (f *folder) flaskenv(s scope) []EnvVar {
	var out []EnvVar
	for _, name := range []string{".flaskenv", ".env"} {
		out = append(out, f.envFiles[name]...)
		if s.dir != "" && s.dir != "." {
			out = append(out, f.envFiles[path.Join(s.dir, name)]...)
		}
	}
	return out
}

func (f *folder) image(p string, text []byte) {
	file, problems := dockerfile.Parse(p, text)
	f.problems(p, problems)
	f.images[p] = file
	f.d.Images = append(f.d.Images, Image{File: file, Dev: f.devPath(p) != ""})
	if n := len(file.Stages); n > 0 {
		f.stage(file, n-1, scope{file: p, dev: firstWhy(f.devPath(p), devName("stage", file.Stages[n-1].Name))}, path.Dir(p), deploy.Command{}, deploy.Command{})
	}
}

// stage starts what an image starts: ENTRYPOINT with CMD as its arguments. A command given from outside replaces CMD, an
// entry point given from outside replaces both.
func (f *folder) stage(file *dockerfile.File, i int, s scope, dir string, entrypoint, cmd deploy.Command) {
	st := file.Effective(i)
	outside := s.file
	own := scope{file: file.Path, dev: s.dev, service: s.service}
	s.env = append(f.envVars(file.Path, s.service, s.dev, withArgs(st.Env, st.Args)), s.env...)
	s.dir, s.copies, s.workdir = dir, st.Copies, st.Workdir.Text
	at := outside
	switch {
	case !entrypoint.IsZero():
	case !cmd.IsZero():
		entrypoint = st.Entrypoint
		if !entrypoint.IsZero() && outside != file.Path {
			s.via = append(s.via, Evidence{File: file.Path, Line: entrypoint.Line, Text: f.snippet(file.Path, entrypoint.Line)})
		}
	default:
		entrypoint, cmd, at = st.Entrypoint, st.Cmd, own.file
	}
	if outside != file.Path && at == own.file && s.line > 0 {
		s.via = append(s.via, Evidence{File: outside, Line: s.line, Text: f.snippet(outside, s.line)})
	}
	s.file = at
	f.container(entrypoint, cmd, s)
}

// withArgs puts the default of a build argument in the place of a variable that only repeats it: ENV DEBUG=${DEBUG}.
func withArgs(vars, args []deploy.Var) []deploy.Var {
	out := slices.Clone(vars)
	for i := range out {
		name, def, ok := reference(out[i].Value)
		if !ok || def != "" {
			continue
		}
		for _, a := range args {
			if a.Name == name && !a.NoValue {
				out[i].Value = a.Value
			}
		}
	}
	return out
}

// container joins an entry point and a command as Docker does: the shell form of an entry point ignores the command.
func (f *folder) container(entrypoint, cmd deploy.Command, s scope) {
	switch {
	case entrypoint.IsZero():
		f.command(cmd, s)
	case len(entrypoint.Argv) == 0:
		f.command(entrypoint, s)
	default:
		args := cmd.Argv
		if cmd.Shell != "" {
			args = []string{"sh", "-c", cmd.Shell}
		}
		joined := entrypoint
		joined.Argv = append(slices.Clone(entrypoint.Argv), args...)
		if cmd.Line > 0 {
			joined.Line = cmd.Line
		}
		f.command(joined, s)
	}
}

func (f *folder) procfile(p string, text []byte) {
	file, problems := procfile.Parse(p, text)
	f.problems(p, problems)
	for _, proc := range file.Processes {
		f.command(proc.Command, scope{file: p, service: proc.Type, dir: path.Dir(p), dev: firstWhy(f.devPath(p), devName("process", proc.Type))})
	}
}

func (f *folder) systemd(p string, text []byte) {
	unit, problems := systemd.Parse(p, text)
	f.problems(p, problems)
	f.d.Units = append(f.d.Units, Unit{Unit: unit, Dev: f.devPath(p) != ""})
	name := path.Base(p)
	s := scope{file: p, service: name, dir: path.Dir(p), dev: f.devPath(p)}
	s.env = f.envVars(p, name, s.dev, unit.Env)
	for _, e := range unit.EnvFiles {
		s.env = append(s.env, f.envOf(name, strings.TrimPrefix(e.Text, "-"), path.Dir(p))...)
	}
	if wd, ok := unit.Get("Service", "WorkingDirectory"); ok {
		s.workdir = wd.Value
	}
	for _, c := range unit.ExecStart {
		f.command(c, s)
	}
}

func (f *folder) supervisor(p string, text []byte) {
	file, problems := supervisor.Parse(p, text)
	f.problems(p, problems)
	for i := range file.Programs {
		prog := &file.Programs[i]
		dev := firstWhy(f.devPath(p), devName("program", prog.Name))
		f.command(prog.Command, scope{file: p, service: prog.Name, dir: path.Dir(p), workdir: prog.Directory.Text, dev: dev, env: f.envVars(p, prog.Name, dev, prog.Env)})
		f.d.Programs = append(f.d.Programs, Program{Program: prog, File: p, Dev: dev != ""})
	}
}

// k8s only reads a file: a container may take its environment from an object of another one.
func (f *folder) k8s(p string, text []byte) {
	file, problems := k8s.Parse(p, text)
	f.problems(p, problems)
	f.k8sFiles = append(f.k8sFiles, file)
	dev := f.devPath(p)
	for _, d := range file.Data {
		for _, v := range d.Vars {
			if name := d.Kind + "/" + d.Name; len(f.objects[name]) < maxEnv {
				f.objects[name] = append(f.objects[name], object{p, dev, v})
			}
			if d.Kind == "Secret" && !v.NoValue && len(f.d.Secrets) < maxReferred {
				f.d.Secrets = append(f.d.Secrets, EnvVar{Name: v.Name, value: v.Value, IsSet: true, File: p, Line: v.Line, Dev: dev != "", DevWhy: string(dev)})
			}
		}
	}
}

// maxReferred bounds what is looked at for the references of all containers of Kubernetes together.
const maxReferred = 200_000

// object is one value of a Secret or ConfigMap.
type object struct {
	file string
	dev  why
	v    deploy.Var
}

// refs are the variables that a container takes from objects of the tree.
func (f *folder) refs(c *k8s.Container, dev why) []EnvVar {
	var out []EnvVar
	for _, r := range c.Refs {
		for _, o := range f.objects[r.Kind+"/"+r.Object] {
			if f.referred++; f.referred > maxReferred {
				return out
			}
			v := o.v
			switch r.Key {
			case "":
				v.Name = r.Name + v.Name
			case v.Name:
				v.Name = r.Name
			default:
				continue
			}
			out = append(out, f.envVars(o.file, c.Workload, firstWhy(dev, o.dev), []deploy.Var{v})...)
		}
	}
	return out
}

func (f *folder) workloads() {
	for _, file := range f.k8sFiles {
		f.workloadsOf(file)
	}
}

func (f *folder) workloadsOf(file *k8s.File) {
	p, dev := file.Path, f.devPath(file.Path)
	for i := range file.Containers {
		c := &file.Containers[i]
		s := scope{file: p, service: c.Workload, dev: firstWhy(dev, devName("container", c.Name)), env: f.envVars(p, c.Workload, dev, c.Env)}
		s.env = appendEnv(f.refs(c, dev), s.env)
		f.d.Containers = append(f.d.Containers, Container{Container: c, File: p, Dev: s.dev != ""})
		switch {
		case !c.Command.IsZero():
			f.container(c.Command, c.Args, s)
		case !c.Args.IsZero():
			f.container(deploy.Command{}, c.Args, s)
		}
	}
	for _, t := range file.TLS {
		if dev == "" {
			f.tls(p, t.Line, t.Text)
		}
	}
}

// envOf is what a service reads from an environment file. One that is not in the tree may set anything.
func (f *folder) envOf(service, name, dir string) []EnvVar {
	env := f.namedEnv(name, dir)
	if env == nil {
		f.d.unseenEnv = append(f.d.unseenEnv, service)
	}
	return env
}

// namedEnv finds an env file by the path it has where the application runs.
func (f *folder) namedEnv(name, dir string) []EnvVar {
	for _, p := range []string{path.Join(dir, name), path.Clean(name), path.Base(name)} {
		if v, ok := f.envFiles[p]; ok {
			return v
		}
		if _, ok := f.ws.Lookup(p); ok && name != "" {
			if text, ok := f.text(p); ok {
				f.envFile(p, text)
				return f.envFiles[p]
			}
		}
	}
	return nil
}

// loose lists scripts that nothing starts.
func (f *folder) loose(p string, text []byte) {
	if f.linked[p] {
		return
	}
	script, problems := shell.Parse(p, text)
	f.problems(p, problems)
	s := scope{file: p, unlinked: true, dev: f.devPath(p), dir: path.Dir(p), steps: new(int)}
	f.script(script, s, func(l int) int { return l })
}

// finish puts everything in order and drops what several ways lead to.
func (f *folder) finish() {
	for i := range f.d.Entries {
		e := &f.d.Entries[i]
		if e.Unlinked && f.linked[e.File] { // it was started by a script that was read later
			e.Kind = ""
		}
	}
	f.replacedCommands()
	d := f.d
	d.Entries = slices.DeleteFunc(d.Entries, func(e Entry) bool { return e.Kind == "" })
	slices.SortStableFunc(d.Entries, func(a, b Entry) int {
		if c := strings.Compare(a.File, b.File); c != 0 || a.Line != b.Line {
			return 2*c + sign(a.Line-b.Line)
		}
		if a.Dev != b.Dev {
			return boolOrder(a.Dev, b.Dev) // the production one stands first, and is kept
		}
		return boolOrder(a.Service == "", b.Service == "") // then the one that a service starts: its environment and ports are known
	})
	d.Entries = slices.CompactFunc(d.Entries, func(a, b Entry) bool {
		return a.File == b.File && a.Line == b.Line && a.Kind == b.Kind && a.Target == b.Target && a.Debug == b.Debug && a.DebugLegacy == b.DebugLegacy
	})
	slices.SortStableFunc(d.Env, func(a, b EnvVar) int {
		return 4*strings.Compare(a.File, b.File) + 2*sign(a.Line-b.Line) + strings.Compare(a.Name, b.Name)
	})
	d.Env = slices.CompactFunc(d.Env, func(a, b EnvVar) bool {
		return a.File == b.File && a.Line == b.Line && a.Name == b.Name && a.value == b.value
	})
	slices.SortStableFunc(d.TLS, func(a, b Evidence) int { return 2*strings.Compare(a.File, b.File) + sign(a.Line-b.Line) })
	d.TLS = slices.Compact(d.TLS)
	slices.SortStableFunc(d.Skipped, func(a, b Skip) int { return 2*strings.Compare(a.File, b.File) + sign(a.Line-b.Line) })
	d.Skipped = slices.Compact(d.Skipped)
	slices.Sort(d.Files)
	d.Files = slices.Compact(d.Files)
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
