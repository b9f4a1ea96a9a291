package deployment

import (
	"path"
	"slices"
	"strings"

	"stopper/internal/deploy/nginx"
	"stopper/internal/workspace"
)

// Edge is what stands between visitors and the application, as far as the tree shows it.
type Edge struct {
	// Nginx are the configurations that no other one includes, their includes resolved.
	Nginx []NginxConfig
	// Proxies are the places that hand requests to the application, production first.
	Proxies []Proxy
	// Headers are response headers that other edges set: Caddy, Traefik, Apache, hosting platforms.
	Headers []EdgeHeader
	// Others are edges whose settings are not read further: a Caddyfile, a load balancer.
	Others []Evidence
}

// NginxConfig is one nginx configuration.
type NginxConfig struct {
	Path       string
	Directives []*nginx.Directive
	Dev        bool
}

// Proxy is a place in an nginx configuration that hands requests to the application.
type Proxy struct {
	Pass   *nginx.Directive // proxy_pass, uwsgi_pass
	Block  *nginx.Directive // the location, or whatever block Pass stands in
	Server *nginx.Directive // nil in a fragment
	Dev    bool
}

// EdgeHeader is a response header that an edge sets.
type EdgeHeader struct {
	Name, Value string
	File        string
	Line        int
}

// Front lists the proxies of production.
func (d *Deployment) Front() []Proxy {
	var out []Proxy
	for _, p := range d.Edge.Proxies {
		if !p.Dev {
			out = append(out, p)
		}
	}
	return out
}

// Shown reports whether the tree shows an edge in front of the production application.
func (e *Edge) Shown() bool {
	if len(e.Others) > 0 {
		return true
	}
	return slices.ContainsFunc(e.Proxies, func(p Proxy) bool { return !p.Dev })
}

// nginx reads the configurations, joins them, and finds what leads to the application.
func (f *folder) nginx() {
	f.nginxFiles = map[string]*nginx.File{}
	f.each(workspace.Nginx, func(p string, text []byte) { f.parseNginx(p, text) })
	included := map[string]bool{}
	join := func(p string) NginxConfig {
		return NginxConfig{Path: p, Dev: f.devPath(p) != "", Directives: nginx.Join(f.nginxFiles[p], func(from, pattern string) []*nginx.File {
			files := f.included(from, pattern)
			for _, x := range files {
				included[x.Path] = true
			}
			return files
		})}
	}
	paths := sortedKeys(f.nginxFiles)
	configs := map[string]NginxConfig{}
	for _, p := range paths {
		configs[p] = join(p)
	}
	roots := map[string]bool{}
	for _, p := range paths {
		roots[p] = !included[p]
	}
	clear(included)
	for _, p := range paths {
		if roots[p] {
			join(p) // to learn what the roots reach
		}
	}
	for _, p := range paths {
		if roots[p] || !included[p] { // the second: files that include each other in a circle
			join(p)
			f.d.Edge.Nginx = append(f.d.Edge.Nginx, configs[p])
			f.proxies(configs[p])
			f.nginxTLS(configs[p])
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (f *folder) parseNginx(p string, text []byte) *nginx.File {
	file, problems := nginx.Parse(p, text)
	f.problems(p, problems)
	f.nginxFiles[p] = file
	return file
}

// included finds the files of the tree that an include names. Absolute paths are those of the machine that nginx runs on:
// they are looked for by their last parts, below the folders around the file that includes.
func (f *folder) included(from, pattern string) []*nginx.File {
	if strings.HasSuffix(pattern, "mime.types") || strings.HasSuffix(pattern, "fastcgi_params") || pattern == "" || strings.ContainsAny(pattern, "$\\") {
		return nil
	}
	if !path.IsAbs(pattern) {
		if found := f.matching(path.Join(path.Dir(from), pattern), from); len(found) > 0 {
			return found
		}
	}
	parts := strings.Split(strings.Trim(path.Clean(pattern), "/"), "/")
	for i := max(0, len(parts)-3); i < len(parts); i++ {
		for dir := path.Dir(from); ; dir = path.Dir(dir) {
			if found := f.matching(path.Join(dir, path.Join(parts[i:]...)), from); len(found) > 0 {
				return found
			}
			if dir == "." || dir == "/" {
				break
			}
		}
	}
	return nil
}

func (f *folder) matching(pattern, from string) []*nginx.File {
	if !strings.ContainsAny(pattern, "*?[") {
		if file := f.nginxFile(pattern); file != nil && pattern != from {
			return []*nginx.File{file}
		}
		return nil
	}
	var out []*nginx.File
	for _, p := range sortedKeys(f.nginxFiles) {
		if ok, err := path.Match(pattern, p); ok && err == nil && p != from {
			out = append(out, f.nginxFiles[p])
		}
	}
	return out
}

// nginxFile reads a file that only an include tells to be nginx's, such as snippets/proxy-headers.
func (f *folder) nginxFile(p string) *nginx.File {
	if file := f.nginxFiles[p]; file != nil {
		return file
	}
	if _, ok := f.ws.Lookup(p); !ok {
		return nil
	}
	text, ok := f.text(p)
	if !ok {
		return nil
	}
	return f.parseNginx(p, text)
}

func (f *folder) nginxTLS(c NginxConfig) {
	if c.Dev {
		return
	}
	nginx.Walk(c.Directives, func(d *nginx.Directive) {
		switch {
		case d.Name == "ssl_certificate":
			f.tls(d.File, d.Line, "ssl_certificate")
		case d.Name == "listen" && (slices.Contains(d.Args, "ssl") || slices.Contains(d.Args, "quic")):
			f.tls(d.File, d.Line, "listen … ssl")
		}
	})
}

// proxies finds the places that lead to the application.
func (f *folder) proxies(c NginxConfig) {
	upstreams := map[string][]string{}
	nginx.Walk(c.Directives, func(d *nginx.Directive) {
		if d.Name == "upstream" && d.IsBlock {
			for _, s := range d.Own("server") {
				upstreams[d.Arg(0)] = append(upstreams[d.Arg(0)], s.Arg(0))
			}
		}
	})
	nginx.Walk(c.Directives, func(d *nginx.Directive) {
		if d.Name != "proxy_pass" && d.Name != "uwsgi_pass" || d.Parent.Name == "" || len(d.Args) == 0 {
			return
		}
		host := UpstreamHost(d.Arg(0))
		names := []string{host}
		if list := upstreams[host]; len(list) > 0 {
			names = list
		}
		if !slices.ContainsFunc(names, f.isApplication) {
			return
		}
		server := d.Enclosing("server")
		f.d.Edge.Proxies = append(f.d.Edge.Proxies, Proxy{Pass: d, Block: d.Parent, Server: server, Dev: c.Dev})
	})
}

// UpstreamHost is the host of a proxy_pass: "web" of http://web:8000/x; "unix" for a socket.
func UpstreamHost(target string) string {
	if _, rest, ok := strings.Cut(target, "://"); ok {
		target = rest
	}
	if strings.HasPrefix(target, "unix:") {
		return "unix"
	}
	host, _, _ := strings.Cut(target, "/")
	host, _, _ = strings.Cut(host, ":")
	return host
}

// isApplication: an upstream is the application unless it is known to be another service of a Compose file.
func (f *folder) isApplication(target string) bool {
	host := UpstreamHost(target)
	if host == "" {
		return false
	}
	if !f.services[host] {
		return true
	}
	runs, any := false, false
	for _, e := range f.d.Entries {
		any = any || e.Service != ""
		runs = runs || e.Service == host
	}
	return runs || !any
}
