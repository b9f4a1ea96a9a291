// Package docker001 judges what the application's container image holds and what its containers may do.
package docker001

import (
	_ "embed"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/dockerfile"
	"stopper/internal/deployment"
	"stopper/internal/finding"
	"stopper/internal/rule"
	"stopper/internal/workspace"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-DOCKER-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges the images that run the application, then the services around it.
func (Rule) Run(p *rule.Pass) {
	given := map[string]*finding.Finding{}
	for _, img := range p.Project.Deploy.Images {
		if img.Dev || len(img.Stages) == 0 || !runsPython(p, img) {
			continue
		}
		user(p, img)
		secrets(p, img)
		arguments(p, img, given)
		context(p, img)
		base(p, img)
		for i := range img.Stages {
			fetches(p, img, &img.Stages[i])
		}
	}
	for _, c := range p.Project.Deploy.Containers {
		if !c.Dev {
			container(p, c)
		}
	}
	for _, s := range p.Project.Deploy.Services {
		if !s.Dev {
			privileges(p, s)
			if !developmentFile(p, s.File) {
				openStore(p, s)
			}
		}
	}
}

// developmentFile: a file that runs the application from the checkout opens its database for the developer as well.
func developmentFile(p *rule.Pass, file string) bool {
	return slices.ContainsFunc(p.Project.Deploy.Services, func(s deployment.Service) bool { return s.File == file && s.Dev })
}

// runsPython: the image starts the application, or is the only one and has Python in it.
func runsPython(p *rule.Pass, img deployment.Image) bool {
	for _, e := range p.Project.Deploy.Entries {
		if e.Runs(img.Path) {
			return true
		}
	}
	last := img.Effective(len(img.Stages) - 1)
	return len(p.Project.Deploy.Images) == 1 && strings.Contains(last.Base, "python")
}

// rootBases are images of the registry's own that run as root unless told otherwise.
var rootBase = regexp.MustCompile(`^(?:(?:[\w.-]+\.[a-z]+/)?(?:docker/)?(?:library/|fedora/)?(?:python|debian|ubuntu|alpine|fedora|fedora-minimal|centos|rockylinux|amazonlinux|pypy|node|buildpack-deps)|ghcr\.io/astral-sh/uv|tiangolo/\S+)(?:[:@]|$)`)

// user: the application's processes are root in the container.
func user(p *rule.Pass, img deployment.Image) {
	st := img.Effective(len(img.Stages) - 1)
	name, _, _ := strings.Cut(st.User.Text, ":")
	line := st.User.Line
	switch {
	case strings.Contains(st.User.Text, "$"):
		return
	case name == "" && !rootBase.MatchString(lastBase(img)):
		return
	case name == "":
		line = img.Stages[len(img.Stages)-1].Line
	case name != "root" && name != "0":
		return
	}
	if dropsRoot(p, img) {
		return
	}
	f := p.AtLine("root-user", img.Path, line)
	p.Report(f)
}

// lastBase follows the stages to the image that the last one is built from.
func lastBase(img deployment.Image) string {
	i := len(img.Stages) - 1
	for range img.Stages {
		next := img.Index(img.Stages[i].Base)
		if next < 0 || next >= i {
			break
		}
		i = next
	}
	return img.Stages[i].Base
}

// dropsRoot: an entry script, the server or the Compose file changes the user.
func dropsRoot(p *rule.Pass, img deployment.Image) bool {
	for _, e := range p.Project.Deploy.Entries {
		if e.Runs(img.Path) && (e.Kind == deployment.Gunicorn || e.Kind == deployment.UWSGI) && slices.ContainsFunc(e.Argv, isUserOption) {
			return true
		}
	}
	for _, s := range p.Project.Deploy.Services {
		if s.User.Text != "" && s.User.Text != "root" && s.User.Text != "0" && s.Build != nil {
			return true
		}
	}
	for _, c := range p.Project.Deploy.Containers {
		if c.Rights.NonRoot || c.Rights.User.Text != "" && c.Rights.User.Text != "0" {
			return true
		}
	}
	for _, f := range p.Project.Work.OfClass(workspace.Shell) {
		if text, err := p.Project.Work.Read(f.Path); err == nil && isEntryScript(p, img, f.Path) && changesUser.Match(text) {
			return true
		}
	}
	return false
}

func isUserOption(a string) bool {
	return a == "--user" || a == "-u" || a == "--uid" || strings.HasPrefix(a, "--user=") || strings.HasPrefix(a, "--uid=")
}

// isEntryScript: the image starts the script, or starts something that was not followed and the script may be it.
func isEntryScript(p *rule.Pass, img deployment.Image, script string) bool {
	followed := false
	for _, e := range p.Project.Deploy.Entries {
		if !e.Runs(img.Path) {
			continue
		}
		followed = true
		if e.File == script || slices.ContainsFunc(e.Via, func(v deployment.Evidence) bool { return v.File == script }) {
			return true
		}
	}
	if !followed {
		return true
	}
	last := img.Effective(len(img.Stages) - 1)
	words := slices.Concat(last.Entrypoint.Argv, last.Cmd.Argv, []string{last.Entrypoint.Shell, last.Cmd.Shell})
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, path.Base(script)) })
}

var changesUser = regexp.MustCompile(`\b(?:gosu|su-exec|setpriv|runuser|su)\s+[-\w"$]`)

// secretName is a variable that holds a secret, and no path or switch about one.
func secretName(name string) bool {
	n := strings.ToUpper(name)
	for _, w := range [...]string{"_FILE", "_PATH", "_NAME", "_URL", "_ALGORITHM", "_LENGTH", "_EXPIRES", "PUBLIC"} {
		if strings.HasSuffix(n, w) {
			return false
		}
	}
	for _, w := range [...]string{"SECRET", "PASSWORD", "PASSWD", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY"} {
		if strings.Contains(n, w) {
			return true
		}
	}
	return false
}

// secrets: ENV and ARG values stay readable in the image's history.
func secrets(p *rule.Pass, img deployment.Image) {
	for i := range img.Stages {
		st := &img.Stages[i]
		for _, list := range [][]deploy.Var{st.Env, st.Args} {
			for _, v := range list {
				if v.NoValue || v.Value == "" || !secretName(v.Name) || strings.ContainsAny(v.Value, "$<{") || isPlaceholder(v.Value) || signsFlask(v.Name) {
					continue
				}
				f := p.AtLine("secret-in-layer", img.Path, v.Line)
				f.Secret = true
				f.Message = v.Name + " is written into the image, where everybody who has the image reads it"
				p.Report(f)
			}
		}
		for _, c := range st.Copies {
			for _, s := range c.Sources {
				if c.From == "" && isSecretFile(s) {
					f := p.AtLine("secret-in-layer", img.Path, c.Line)
					f.Message = s + " is copied into the image, where everybody who has the image reads it"
					p.Report(f)
				}
			}
		}
	}
}

// arguments: a secret that is given to the build as an argument stands in the history of each step that runs with it. Stages
// that the last one is not built on are not part of the image. One finding speaks of all images that are given it.
func arguments(p *rule.Pass, img deployment.Image, given map[string]*finding.Finding) {
	at := len(img.Stages) - 1
	for range img.Stages {
		st := &img.Stages[at]
		for _, v := range st.Args[:min(len(st.Args), maxArguments)] {
			if !v.NoValue && v.Value != "" || !secretName(v.Name) || !usedIn(st, v.Name) {
				continue
			}
			if f := given[v.Name]; f != nil {
				if len(f.Related) < maxRelated {
					f.Related = append(f.Related, rule.LinePlace(img.Path, v.Line, "another image is given it as well"))
				}
				continue
			}
			f := p.AtLine("secret-in-layer", img.Path, v.Line)
			given[v.Name] = f
			f.Severity, f.Confidence = finding.Medium, finding.ConfidenceMedium
			f.Message = "the value that " + v.Name + " gets stays in the history of the image"
			p.Report(f)
		}
		next := img.Index(st.Base)
		if next < 0 || next >= at {
			return
		}
		at = next
	}
}

// maxRelated bounds how many further images are listed, maxArguments how many arguments of a stage are looked for.
const (
	maxRelated   = 20
	maxArguments = 200
)

// usedIn: a step runs with the argument, or it becomes a variable of the image.
func usedIn(st *dockerfile.Stage, name string) bool {
	for _, r := range st.Runs {
		text := r.Shell + strings.Join(r.Argv, " ")
		if strings.Contains(text, "$"+name) || strings.Contains(text, "${"+name) {
			return true
		}
	}
	return slices.ContainsFunc(st.Env, func(v deploy.Var) bool {
		return strings.Contains(v.Value, "$"+name) || strings.Contains(v.Value, "${"+name)
	})
}

// signsFlask: FLASK-CONFIG-001 speaks of these keys wherever they stand.
func signsFlask(name string) bool {
	switch name {
	case "SECRET_KEY", "FLASK_SECRET_KEY", "WTF_CSRF_SECRET_KEY", "JWT_SECRET_KEY", "SECURITY_PASSWORD_SALT", "JWT_SECRET":
		return true
	}
	return false
}

func isPlaceholder(s string) bool {
	l := strings.ToLower(s)
	for _, w := range [...]string{"change", "example", "dummy", "placeholder", "your", "xxx", "none", "null", "unset", "build", "test", "not-a", "fake", "todo"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return len(s) < 4
}

func isSecretFile(name string) bool {
	base := strings.ToLower(path.Base(name))
	switch {
	case strings.HasSuffix(base, ".example"), strings.HasSuffix(base, ".sample"), strings.HasSuffix(base, ".template"), strings.HasSuffix(base, ".dist"):
		return false
	case base == ".env", base == "id_rsa", base == "id_ed25519", base == ".netrc", base == ".pgpass", base == ".pypirc":
		return true
	}
	return strings.HasPrefix(base, ".env.") || strings.HasSuffix(base, ".key") || strings.HasSuffix(base, ".p12")
}

// base: an image without a version is another one tomorrow.
func base(p *rule.Pass, img deployment.Image) {
	for _, st := range img.Stages {
		b := st.Base
		if b == "" || b == "scratch" || img.Index(b) >= 0 || strings.ContainsAny(b, "$@") {
			continue
		}
		tag := ""
		if i := strings.LastIndexByte(b, ':'); i > strings.LastIndexByte(b, '/') {
			tag = b[i+1:]
		}
		if tag == "" || tag == "latest" {
			f := p.AtLine("unpinned-base", img.Path, st.Line)
			f.Message = fmt.Sprintf("the base image %s has no version", b)
			p.Report(f)
		}
	}
}

var (
	pipedShell = regexp.MustCompile(`(?:curl|wget)\s[^|;&]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b`)
	noCheck    = regexp.MustCompile(`\bcurl\b[^|;&]*\s(?:-k|--insecure)\b|--no-check-certificate\b|--trusted-host\b`)
)

// fetches: what is downloaded during the build is believed without a check.
func fetches(p *rule.Pass, img deployment.Image, st *dockerfile.Stage) {
	for _, r := range st.Runs {
		text := r.Shell + strings.Join(r.Argv, " ")
		if len(text) > maxRun {
			continue
		}
		switch {
		case noCheck.MatchString(text):
			f := p.AtLine("unchecked-download", img.Path, r.Line)
			f.Message = "the build downloads without checking who answers"
			p.Report(f)
		case pipedShell.MatchString(text):
			f := p.AtLine("unchecked-download", img.Path, r.Line)
			f.Confidence = finding.ConfidenceMedium
			f.Message = "the build runs a script as it comes from the network"
			p.Report(f)
		}
	}
	for _, c := range st.Copies {
		for _, s := range c.Sources {
			if c.IsAdd && strings.HasPrefix(s, "http://") {
				f := p.AtLine("unchecked-download", img.Path, c.Line)
				f.Message = "ADD downloads over plain HTTP"
				p.Report(f)
			}
		}
	}
}

// maxRun bounds the text that patterns look at.
const maxRun = 20_000

// privileges: a container that is the host.
func privileges(p *rule.Pass, s deployment.Service) {
	for _, v := range s.Volumes {
		if host, _, ok := strings.Cut(v.Text, ":"); ok && isSocket(host) && !isProxyImage(s.Image.Text) {
			f := p.AtLine("docker-socket", s.File, v.Line)
			f.Message = "the service " + s.Name + " may start any container on the host, and so is root there"
			p.Report(f)
		}
	}
	if s.Privileged.Text == "true" {
		f := p.AtLine("privileged", s.File, s.Privileged.Line)
		f.Message = "the container of " + s.Name + " has all rights on the host"
		p.Report(f)
	}
}

// container: the same of a workload of Kubernetes.
func container(p *rule.Pass, c deployment.Container) {
	if c.Rights.Privileged.Text == "true" {
		f := p.AtLine("privileged", c.File, c.Rights.Privileged.Line)
		f.Message = fmt.Sprintf("the container %s of %s has all rights on the machine", c.Name, c.Workload)
		p.Report(f)
	}
	for _, h := range c.Rights.HostPaths {
		if isSocket(h.Text) && !isProxyImage(c.Image.Text) {
			f := p.AtLine("docker-socket", c.File, h.Line)
			f.Message = fmt.Sprintf("the container %s of %s may start any container on the machine, and so is root there", c.Name, c.Workload)
			p.Report(f)
		}
	}
	if c.Rights.User.Text == "0" {
		f := p.AtLine("root-user", c.File, c.Rights.User.Line)
		f.Message = fmt.Sprintf("the container %s of %s runs as root", c.Name, c.Workload)
		p.Report(f)
	}
}

// isSocket: the socket of a container engine, or the folder of the machine that it is in.
func isSocket(host string) bool {
	switch strings.TrimSuffix(host, "/") {
	case "/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/var/run/crio/crio.sock", "/run/crio/crio.sock", "", "/var/run", "/run":
		return host != ""
	}
	return false
}

// isProxyImage: these are made to watch the other containers; read-only proxies of the socket exist for them.
func isProxyImage(image string) bool {
	for _, w := range [...]string{"traefik", "nginx-proxy", "portainer", "watchtower", "docker-socket-proxy", "autoheal", "ofelia", "dozzle", "cadvisor", "docker-gen", "acme-companion"} {
		if strings.Contains(image, w) {
			return true
		}
	}
	return false
}

// stores are images of data stores and the ports at which they answer.
var stores = [...]struct{ image, ports string }{
	{"postgres", "5432"}, {"postgis", "5432"}, {"timescaledb", "5432"}, {"pgvector", "5432"}, {"mysql", "3306"}, {"mariadb", "3306"}, {"redis", "6379"}, {"valkey", "6379"},
	{"mongo", "27017"}, {"memcached", "11211"}, {"elasticsearch", "9200"}, {"opensearch", "9200"}, {"rabbitmq", "5672"}, {"couchdb", "5984"}, {"minio", "9000"},
}

// consoles are images that show or change what stores or the host hold.
var consoles = [...]struct{ image, ports string }{
	{"adminer", "8080"}, {"phpmyadmin", "80"}, {"pgadmin4", "80"}, {"mongo-express", "8081"}, {"redis-commander", "8081"}, {"redisinsight", "5540"}, {"flower", "5555"},
}

// openStore: a data store, or a console for one, whose port is open to everybody who reaches the host.
func openStore(p *rule.Pass, s deployment.Service) {
	image := imageName(s.Image.Text)
	if img := p.Project.Deploy.ImageOf(s); img != nil && len(img.Stages) > 0 {
		image = imageName(lastBase(*img))
	}
	for _, st := range stores {
		if image == st.image {
			open(p, s, st.ports, s.Name+" is reachable by everybody who reaches the host", "")
		}
	}
	for _, c := range consoles {
		if image == c.image {
			open(p, s, c.ports, s.Name+" is open to everybody who reaches the host: a console, beside the data that it shows",
				"Take ports away, write 127.0.0.1: in front, or put the console into a profile that only developers start.")
		}
	}
}

// imageName is the last part of an image's name, without its version.
func imageName(image string) string {
	name := image[strings.LastIndexByte(image, '/')+1:]
	name, _, _ = strings.Cut(name, ":")
	name, _, _ = strings.Cut(name, "@")
	return name
}

func open(p *rule.Pass, s deployment.Service, inside, message, fix string) {
	for _, port := range s.Ports {
		parts := strings.Split(strings.Split(port.Text, "/")[0], ":")
		if parts[len(parts)-1] != inside || len(parts) == 3 && strings.HasPrefix(parts[0], "127.") || len(parts) == 1 {
			continue
		}
		f := p.AtLine("open-store", s.File, port.Line)
		f.Message = message
		if fix != "" {
			f.Fix = fix
		}
		p.Report(f)
	}
}
