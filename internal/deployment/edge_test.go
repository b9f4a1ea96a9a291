package deployment

import (
	"fmt"
	"strings"
	"testing"

	"stopper/internal/vfs"
)

func describeEdge(d *Deployment) string {
	var b strings.Builder
	for _, p := range d.Edge.Proxies {
		fmt.Fprintf(&b, "%s:%d %s in %q dev=%v", p.Pass.File, p.Pass.Line, p.Pass.Text(), p.Block.Text(), p.Dev)
		for _, h := range p.Block.List("proxy_set_header") {
			fmt.Fprintf(&b, " %s:%d", h.File, h.Line)
		}
		b.WriteByte('\n')
	}
	for _, h := range d.Edge.Headers {
		fmt.Fprintf(&b, "%s:%d %s=%s\n", h.File, h.Line, h.Name, h.Value)
	}
	for _, o := range d.Edge.Others {
		fmt.Fprintf(&b, "%s:%d %s\n", o.File, o.Line, o.Text)
	}
	return b.String()
}

func TestEdge(t *testing.T) {
	for name, c := range map[string]struct {
		files vfs.Map
		want  string
	}{
		"includes": {vfs.Map{
			"deploy/nginx/nginx.conf":           "http { include /etc/nginx/conf.d/*.conf; include /etc/nginx/mime.types; }",
			"deploy/nginx/conf.d/shop.conf":     "upstream app { server 127.0.0.1:8000; }\nserver { location / { proxy_pass http://app; include /etc/nginx/snippets/proxy; } }",
			"deploy/nginx/snippets/proxy":       "proxy_set_header Host $host;",
			"deploy/nginx/conf.d/nginx-dev.txt": "",
		}, `deploy/nginx/conf.d/shop.conf:2 proxy_pass http://app in "location /" dev=false deploy/nginx/snippets/proxy:1` + "\n"},
		"another service": {vfs.Map{
			"docker-compose.yml": "services:\n  web:\n    image: x\n    command: gunicorn app:app\n  grafana:\n    image: grafana/grafana\n",
			"nginx.conf":         "server {\n location / { proxy_pass http://web:8000; }\n location /g { proxy_pass http://grafana:3000; }\n}",
		}, `nginx.conf:2 proxy_pass http://web:8000 in "location /" dev=false` + "\n"},
		"development": {vfs.Map{"nginx.dev.conf": "server { location / { uwsgi_pass unix:/run/x.sock; } }"},
			`nginx.dev.conf:1 uwsgi_pass unix:/run/x.sock in "location /" dev=true` + "\n"},
		"caddy": {vfs.Map{"Caddyfile": "shop.example {\n reverse_proxy web:8000\n header X-Frame-Options DENY\n header /x/* {\n  Referrer-Policy \"same-origin\"\n  -Server\n }\n}\n"},
			"Caddyfile:3 X-Frame-Options=DENY\nCaddyfile:5 Referrer-Policy=same-origin\nCaddyfile:2 Caddy\n"},
		"traefik": {vfs.Map{"docker-compose.yml": "services:\n  web:\n    image: x\n    labels:\n      - traefik.http.routers.web.rule=Host(`a.example`)\n      - traefik.http.middlewares.h.headers.stsSeconds=300\n      - traefik.http.middlewares.h.headers.customResponseHeaders.X-A=b\n"},
			"docker-compose.yml:6 Strict-Transport-Security=300\ndocker-compose.yml:7 x-a=b\ndocker-compose.yml:5 Traefik\n"},
		"apache": {vfs.Map{"apache/site.conf": "ProxyPass / http://127.0.0.1:8000/\nHeader always set X-Content-Type-Options \"nosniff\"\n"},
			"apache/site.conf:2 X-Content-Type-Options=nosniff\napache/site.conf:1 Apache\n"},
		"circle": {vfs.Map{"nginx.conf": "include nginx/a.conf;", "nginx/a.conf": "include ../nginx.conf;\nserver { proxy_pass http://x; }"},
			`nginx/a.conf:2 proxy_pass http://x in "server" dev=false` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := describeEdge(fold(t, c.files)); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
