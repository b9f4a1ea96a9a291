package deployment

import (
	"path"
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/deploy/compose"
)

// maxHeaders bounds how many headers of other edges are kept.
const maxHeaders = 500

func (f *folder) edgeHeader(name, value, file string, line int) {
	name = strings.Trim(name, `"'+-?>:`)
	if name != "" && len(f.d.Edge.Headers) < maxHeaders {
		f.d.Edge.Headers = append(f.d.Edge.Headers, EdgeHeader{Name: name, Value: strings.Trim(value, `"' {`), File: file, Line: line})
	}
}

func (f *folder) otherEdge(file string, line int, text string) {
	f.d.Edge.Others = append(f.d.Edge.Others, Evidence{File: file, Line: line, Text: text})
}

// caddyHeaders reads `header [matcher] Name "value"` and the lines of a header block, and whether it proxies at all.
func (f *folder) caddyHeaders(p, text string) {
	line, block := 0, false
	for raw := range strings.Lines(text) {
		line++
		words := strings.Fields(raw)
		switch {
		case len(words) == 0 || words[0][0] == '#':
		case words[0] == "reverse_proxy":
			f.otherEdge(p, line, "Caddy")
		case words[0] == "header" && strings.HasSuffix(strings.TrimSpace(raw), "{"):
			block = true
		case words[0] == "header" && len(words) > 1:
			words = words[1:]
			if strings.HasPrefix(words[0], "/") || strings.HasPrefix(words[0], "@") || words[0] == "*" {
				words = words[1:]
			}
			f.headerLine(words, p, line)
		case block && words[0] == "}":
			block = false
		case block:
			f.headerLine(words, p, line)
		}
	}
}

func (f *folder) headerLine(words []string, p string, line int) {
	if len(words) > 1 && !strings.HasPrefix(words[0], "-") {
		f.edgeHeader(words[0], strings.Join(words[1:], " "), p, line)
	}
}

// apacheHeaders reads "Header always set Name value" of an Apache configuration that proxies or runs the application.
func (f *folder) apacheHeaders(p, text string) {
	line := 0
	for raw := range strings.Lines(text) {
		line++
		words := strings.Fields(raw)
		switch {
		case len(words) < 2:
		case strings.EqualFold(words[0], "ProxyPass") || strings.EqualFold(words[0], "WSGIScriptAlias"):
			f.otherEdge(p, line, "Apache")
		case strings.EqualFold(words[0], "SSLCertificateFile"):
			f.tls(p, line, "SSLCertificateFile")
		case strings.EqualFold(words[0], "Header"):
			words = words[1:]
			if len(words) > 1 && (words[0] == "always" || words[0] == "onsuccess") {
				words = words[1:]
			}
			if len(words) > 2 && (words[0] == "set" || words[0] == "add" || words[0] == "append" || words[0] == "setifempty") {
				f.edgeHeader(words[1], strings.Join(words[2:], " "), p, line)
			}
		}
	}
}

// traefikHeaders are the options of Traefik's headers middleware and the response headers they set.
func traefikHeader(option string) string {
	switch option {
	case "stsseconds":
		return "Strict-Transport-Security"
	case "framedeny", "customframeoptionsvalue":
		return "X-Frame-Options"
	case "contenttypenosniff":
		return "X-Content-Type-Options"
	case "contentsecuritypolicy":
		return "Content-Security-Policy"
	case "referrerpolicy":
		return "Referrer-Policy"
	}
	return ""
}

// traefik reads the labels of a service that Traefik stands in front of.
func (f *folder) traefik(c *compose.Service, file string) {
	for _, l := range c.Labels {
		name := strings.ToLower(l.Name)
		if !strings.HasPrefix(name, "traefik.") {
			continue
		}
		if strings.HasPrefix(name, "traefik.http.routers.") && strings.HasSuffix(name, ".rule") {
			f.otherEdge(file, l.Line, "Traefik")
		}
		_, option, ok := strings.Cut(name, ".headers.")
		if !ok {
			continue
		}
		if header, ok := strings.CutPrefix(option, "customresponseheaders."); ok {
			f.edgeHeader(header, l.Value, file, l.Line)
		} else if header := traefikHeader(option); header != "" {
			f.edgeHeader(header, l.Value, file, l.Line)
		}
	}
}

// apache finds the configurations of Apache among the files that no narrower class names.
func (f *folder) apache() {
	for _, file := range f.ws.Files {
		base := strings.ToLower(path.Base(file.Path))
		isApache := base == ".htaccess" || strings.HasSuffix(base, ".conf") && (strings.Contains(base, "apache") || strings.Contains(base, "httpd") || strings.Contains(strings.ToLower(path.Dir(file.Path)), "apache"))
		if !isApache || f.devPath(file.Path) != "" || file.Size > deploy.MaxFile {
			continue
		}
		if text, ok := f.text(file.Path); ok {
			f.apacheHeaders(file.Path, string(text))
		}
	}
}
