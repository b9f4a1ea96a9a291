package deployment

import (
	"path"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/compose"
	"stopper/internal/deploy/dockerfile"
	"stopper/internal/deploy/systemd"
	"stopper/internal/workspace"
)

type composeFile struct {
	*compose.File
	dir string
}

// inFolder names something of the Compose files of one folder.
type inFolder struct{ dir, name string }

// composeFiles reads all before it judges one, because a production file may lie over another.
func (f *folder) composeFiles() {
	var files []composeFile
	f.each(workspace.Compose, func(p string, text []byte) {
		file, problems := compose.Parse(p, text)
		f.problems(p, problems)
		files = append(files, composeFile{file, path.Dir(p)})
	})
	for _, file := range files {
		for i := range file.Services {
			s := &file.Services[i]
			f.services[s.Name] = true
			if !prodWord(path.Base(file.Path)) {
				continue
			}
			key := inFolder{file.dir, s.Name}
			if !(s.Command.IsZero() && s.Entrypoint.IsZero()) {
				f.replaced[key] = file.Path
			}
			if s.Build == nil && s.Image.Text == "" {
				f.overlaid[key] = file.Path
			}
		}
	}
	for _, file := range files {
		for i := range file.Services {
			f.service(file, &file.Services[i], files)
		}
	}
}

// layer is a service of a file that another one lies over.
type layer struct {
	file composeFile
	*compose.Service
}

// below finds what a service of a production file lies over when it says neither what it is built from nor its image: the
// service of that name in the file that "docker compose" reads by itself, else in another one of the folder.
func (f *folder) below(file composeFile, c *compose.Service, files []composeFile) *layer {
	if f.overlaid[inFolder{file.dir, c.Name}] != file.Path {
		return nil
	}
	var found *layer
	for _, other := range files {
		if other.dir != file.dir || prodWord(path.Base(other.Path)) || f.devPath(other.Path) != "" {
			continue
		}
		for i := range other.Services {
			if s := &other.Services[i]; s.Name == c.Name && (found == nil || isDefaultCompose(other.Path)) {
				found = &layer{other, s}
			}
		}
	}
	return found
}

func isDefaultCompose(p string) bool {
	switch path.Base(p) {
	case "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml":
		return true
	}
	return false
}

// developmentService says why a service is one for development.
func (f *folder) developmentService(file composeFile, c *compose.Service) why {
	dev := firstWhy(f.devPath(file.Path), devName("service", c.Name))
	for _, p := range c.Profiles {
		dev = firstWhy(dev, devName("profile", p))
	}
	if f.overlaid[inFolder{file.dir, c.Name}] == "" { // else what lies over it is production
		dev = firstWhy(dev, sourceMount(c))
	}
	if c.Build != nil {
		dev = firstWhy(dev, devName("build target", c.Build.Target), devName("Dockerfile", path.Base(c.Build.Dockerfile)))
	}
	return dev
}

func (f *folder) service(file composeFile, c *compose.Service, files []composeFile) {
	dev := f.developmentService(file, c)
	f.d.Services = append(f.d.Services, Service{Service: c, File: file.Path, Dev: dev != ""})
	f.ports(c, file.Path, dev)
	key := inFolder{file.dir, c.Name}
	if by := f.replaced[key]; by != "" && by != file.Path {
		dev = firstWhy(dev, why(by+" replaces its command"))
	}
	if by := f.overlaid[key]; by != "" && by != file.Path {
		dev = firstWhy(dev, why(by+" lies over it"))
	}
	s := scope{file: file.Path, line: c.Line, service: c.Name, dev: dev, dir: file.dir}
	merged := *c
	if base := f.below(file, c, files); base != nil {
		s.env = f.serviceEnv(base.file, base.Service, dev)
		if merged.Build = base.Build; c.Command.IsZero() && c.Entrypoint.IsZero() {
			merged.Command, merged.Entrypoint, s.file = base.Command, base.Entrypoint, base.file.Path
		}
	}
	s.env = append(s.env, f.serviceEnv(file, c, dev)...)
	for _, cmd := range []deploy.Command{merged.Command, merged.Entrypoint} {
		if !cmd.IsZero() {
			s.line = cmd.Line // the place to look at, when the service says what it runs
		}
	}
	f.labels(c, file.Path, dev)
	before := len(f.d.Entries)
	f.run(file, &merged, s)
	if c.Network.Text == "host" {
		f.hostPorts(file.Path, c, f.d.Entries[before:])
	}
}

// hostPorts: on the network of the host, the port that a server listens on is the host's own.
func (f *folder) hostPorts(file string, c *compose.Service, started []Entry) {
	for i := range started {
		host, port, ok := strings.Cut(started[i].Bind, ":")
		if ok && (host == "0.0.0.0" || host == "") && port != "" && !strings.Contains(port, ":") {
			f.d.Ports = append(f.d.Ports, Port{Service: c.Name, Spec: "0.0.0.0:" + port + ":" + port, File: file, Line: c.Network.Line, Dev: started[i].Dev})
		}
	}
}

// run starts what a service starts: its command in the image that the tree builds for it.
func (f *folder) run(file composeFile, c *compose.Service, s scope) {
	img, dir := f.built(file, c)
	if img == nil {
		f.container(composeCommand(c.Entrypoint), composeCommand(c.Command), s)
		return
	}
	i := len(img.Stages) - 1
	if c.Build != nil && c.Build.Target != "" {
		if t := img.Index(c.Build.Target); t >= 0 {
			i = t
		}
	}
	before := len(f.d.Entries)
	f.stage(img, i, s, dir, composeCommand(c.Entrypoint), composeCommand(c.Command))
	if s.dev != "" {
		return
	}
	use := f.uses[img.Path]
	use.keeps = use.keeps || c.Command.IsZero() && c.Entrypoint.IsZero()
	for i := before; i < len(f.d.Entries); i++ {
		switch e := &f.d.Entries[i]; {
		case !e.isDevelopmentServer():
			use.replacedBy = s.file
		case e.Debug || e.DebugLegacy || e.Reload:
			if f.startsServer(img.Path) {
				e.Dev, e.DevWhy = true, "it replaces the server that "+img.Path+" starts by one that reloads or debugs"
				f.forDevelopment(s, e.DevWhy)
			}
		}
	}
	f.uses[img.Path] = use
}

// forDevelopment marks what a service sets and opens, once its command shows what it is for.
func (f *folder) forDevelopment(s scope, reason string) {
	for i := range f.d.Env {
		if v := &f.d.Env[i]; v.Service == s.service && v.File == s.file && !v.Dev {
			v.Dev, v.DevWhy = true, reason
		}
	}
	for i := range f.d.Ports {
		if p := &f.d.Ports[i]; p.Service == s.service && p.File == s.file {
			p.Dev = true
		}
	}
	for i := range f.d.Services {
		if c := &f.d.Services[i]; c.Name == s.service && c.File == s.file {
			c.Dev = true
		}
	}
}

// isDevelopmentServer: Flask's own server, or a Python file that may start it.
func (e *Entry) isDevelopmentServer() bool { return e.Kind == DevServer || e.Kind == Python }

// startsServer: an image starts a production server when nothing else is said.
func (f *folder) startsServer(image string) bool {
	for i := range f.d.Entries {
		if e := &f.d.Entries[i]; e.ofImage() == image && !e.Dev && !e.isDevelopmentServer() {
			return true
		}
	}
	return false
}

// ofImage is the Dockerfile that starts it by itself; "" for what something else starts.
func (e *Entry) ofImage() string {
	switch {
	case e.Service != "":
		return ""
	case len(e.Via) > 0:
		return e.Via[0].File
	}
	return e.File
}

// imageUse is how the production services of Compose files use an image of the tree.
type imageUse struct {
	keeps      bool   // one of them starts what the image starts
	replacedBy string // the file in which one starts a production server
}

// replacedCommands: the development server that an image starts by itself is no start in production where every service
// that uses it starts something else, and one of them a production server.
func (f *folder) replacedCommands() {
	for i := range f.d.Entries {
		e := &f.d.Entries[i]
		if use := f.uses[e.ofImage()]; !e.Dev && e.isDevelopmentServer() && use.replacedBy != "" && !use.keeps {
			e.Dev, e.DevWhy = true, use.replacedBy+" replaces its command"
		}
	}
}

func (f *folder) serviceEnv(file composeFile, c *compose.Service, dev why) []EnvVar {
	var out []EnvVar
	for _, e := range c.EnvFiles {
		out = append(out, f.envOf(c.Name, e.Text, file.dir)...)
	}
	return append(out, f.envVars(file.Path, c.Name, dev, c.Env)...)
}

func (f *folder) ports(c *compose.Service, file string, dev why) {
	for _, p := range c.Ports {
		f.d.Ports = append(f.d.Ports, Port{Service: c.Name, Spec: p.Text, File: file, Line: p.Line, Dev: dev != ""})
	}
}

// composeCommand: Compose splits a string into words and starts no shell. One that needs a shell is followed as if it had
// one, for what its author meant.
func composeCommand(c deploy.Command) deploy.Command {
	c.Shell = strings.ReplaceAll(c.Shell, "$$", "$")
	if c.Shell != "" && !strings.ContainsAny(c.Shell, "&;|<>\n`") {
		c.Argv, c.Shell = systemd.Split(c.Shell), ""
	}
	for i := range c.Argv {
		c.Argv[i] = strings.ReplaceAll(c.Argv[i], "$$", "$")
	}
	return c
}

// built finds the Dockerfile of a service in the tree.
func (f *folder) built(file composeFile, c *compose.Service) (*dockerfile.File, string) {
	if c.Build == nil {
		return f.pushed(c.Image.Text)
	}
	dir := path.Join(file.dir, c.Build.Context)
	if strings.HasPrefix(dir, "..") {
		return nil, ""
	}
	name := firstNonEmpty(c.Build.Dockerfile, "Dockerfile")
	if img := f.images[path.Join(dir, name)]; img != nil && len(img.Stages) > 0 {
		return img, dir
	}
	return nil, ""
}

// pushed finds the Dockerfile of an image that the tree's own pipelines push: the only one, or the one at the top.
func (f *folder) pushed(image string) (*dockerfile.File, string) {
	name := repository(image)
	if name == "" || !f.names(name) {
		return nil, ""
	}
	var only *dockerfile.File
	for _, p := range sortedKeys(f.images) {
		img := f.images[p]
		switch {
		case len(img.Stages) == 0 || f.devPath(p) != "":
		case p == "Dockerfile":
			return img, "."
		case only != nil:
			return nil, ""
		default:
			only = img
		}
	}
	if only == nil {
		return nil, ""
	}
	return only, path.Dir(only.Path)
}

// repository is owner/name of an image; "" for one of the registry's own, such as redis:7.
func repository(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		image = image[:i]
	}
	parts := strings.Split(image, "/")
	if n := len(parts); n > 1 && !strings.ContainsAny(parts[n-1]+parts[n-2], "${}") && parts[n-1] != "" && parts[n-2] != "" {
		return parts[n-2] + "/" + parts[n-1]
	}
	return ""
}

// names reports whether a pipeline of the tree names a repository of images.
func (f *folder) names(name string) bool {
	for _, file := range f.ws.OfClass(workspace.CI) {
		if text, err := f.ws.Read(file.Path); err == nil && strings.Contains(strings.ToLower(string(text)), strings.ToLower(name)) {
			return true
		}
	}
	return false
}

// sourceMount: a container that runs from the checkout itself is a development set-up.
func sourceMount(c *compose.Service) why {
	for _, v := range c.Volumes {
		host, _, ok := strings.Cut(v.Text, ":")
		if !ok {
			continue
		}
		switch strings.TrimSuffix(host, "/") {
		case ".", "..", "$PWD", "${PWD}", "./src", "./app", "./backend", "./web":
			return "mounts the source folder"
		}
		if c.Build != nil && (strings.HasPrefix(host, ".") || strings.HasPrefix(c.Build.Context, host)) && path.Clean(host) == path.Clean(c.Build.Context) {
			return "mounts the folder it is built from"
		}
	}
	return ""
}
