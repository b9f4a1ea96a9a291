package deployment

import (
	"path"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/compose"
	"stopper/internal/deploy/yamltree"
	"stopper/internal/workspace"
)

func (f *folder) tls(file string, line int, text string) {
	f.d.TLS = append(f.d.TLS, Evidence{File: file, Line: line, Text: text})
}

// labels: traefik reads its routers from labels; caddy-docker-proxy and nginx-proxy's companion have theirs.
func (f *folder) labels(c *compose.Service, file string, dev why) {
	if dev != "" {
		return
	}
	f.traefik(c, file)
	for _, l := range c.Labels {
		name := strings.ToLower(l.Name)
		switch {
		case strings.HasPrefix(name, "traefik.") && strings.HasSuffix(name, ".tls") && l.Value == "true",
			strings.HasPrefix(name, "traefik.") && strings.Contains(name, ".tls.certresolver"),
			strings.HasPrefix(name, "traefik.") && strings.HasSuffix(name, ".entrypoints") && strings.Contains(l.Value, "websecure"):
			f.tls(file, l.Line, l.Name+"="+redact("", l.Value))
		}
	}
	for _, v := range c.Env {
		if v.Name == "LETSENCRYPT_HOST" {
			f.tls(file, v.Line, v.Name)
		}
	}
}

// platforms reads the few lines of hosting services' files that start something or tell of TLS.
func (f *folder) platforms() {
	for _, file := range f.ws.Files {
		base := strings.ToLower(path.Base(file.Path))
		switch base {
		case "caddyfile", "fly.toml", "app.yaml", "render.yaml", "heroku.yml":
		default:
			continue
		}
		text, ok := f.text(file.Path)
		if !ok || f.devPath(file.Path) != "" {
			continue
		}
		switch base {
		case "caddyfile":
			f.caddy(file.Path, string(text))
			f.caddyHeaders(file.Path, string(text))
		case "fly.toml":
			f.word(file.Path, string(text), "force_https", "true")
		default:
			f.platformYAML(file, base, text)
		}
	}
}

// caddy serves a named site over HTTPS unless it is told "http://" or a bare port.
func (f *folder) caddy(p, text string) {
	line, depth := 0, 0
	for raw := range strings.Lines(text) {
		line++
		s := strings.TrimSpace(raw)
		if depth == 0 && strings.HasSuffix(s, "{") && s != "{" && !strings.HasPrefix(s, "#") && !strings.HasPrefix(s, "(") {
			site := strings.Fields(s)[0]
			if !strings.HasPrefix(site, "http://") && !strings.HasPrefix(site, ":") && strings.Contains(site, ".") {
				f.tls(p, line, "Caddy serves HTTPS")
			}
		}
		depth = max(0, depth+strings.Count(s, "{")-strings.Count(s, "}"))
	}
}

func (f *folder) word(p, text, key, value string) {
	line := 0
	for raw := range strings.Lines(text) {
		line++
		if k, v, ok := strings.Cut(raw, "="); ok && strings.TrimSpace(k) == key && strings.HasPrefix(strings.TrimSpace(v), value) {
			f.tls(p, line, key+" = "+value)
		}
	}
}

func (f *folder) platformYAML(file workspace.File, base string, text []byte) {
	docs, err := yamltree.Parse(text)
	if err != nil || len(docs) == 0 {
		return
	}
	start := func(n *yamltree.Node, service string) {
		if n.Str() != "" {
			f.command(deploy.Command{Shell: n.Str(), Line: n.At(), EndLine: n.At()}, scope{file: file.Path, service: service, dir: path.Dir(file.Path)})
		}
	}
	doc := docs[0]
	f.otherEdge(file.Path, 1, "the hosting platform")
	switch base {
	case "app.yaml":
		start(doc.Get("entrypoint"), "")
		for _, h := range doc.Get("handlers").List() {
			if h.Get("secure").Str() == "always" {
				f.tls(file.Path, h.Get("secure").At(), "secure: always")
			}
		}
	case "render.yaml":
		for _, s := range doc.Get("services").List() {
			start(s.Get("startCommand"), s.Get("name").Str())
		}
	case "heroku.yml":
		for _, p := range doc.Get("run").Pairs() {
			start(p.Value, p.Key)
		}
	}
}
