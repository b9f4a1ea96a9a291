// Package nginx001 judges the nginx configuration in front of the application.
package nginx001

import (
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"stopper/internal/deploy/nginx"
	"stopper/internal/finding"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-NGINX-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run looks at every directive of each production configuration once.
func (Rule) Run(p *rule.Pass) {
	alike := p.Alike()
	for _, c := range p.Project.Deploy.Edge.Nginx {
		if c.Dev {
			continue
		}
		j := judge{p: p, seen: map[string]bool{}, alike: alike}
		if len(c.Directives) > 0 {
			j.headers(c.Directives[0].Parent)
		}
		nginx.Walk(c.Directives, j.directive)
	}
}

type judge struct {
	p     *rule.Pass
	seen  map[string]bool
	alike rule.Alike
}

// report reports a directive once, however often its file is included.
func (j judge) report(slug string, d *nginx.Directive, format string, args ...any) *finding.Finding {
	key := fmt.Sprintf("%s %s:%d", slug, d.File, d.Line)
	if j.seen[key] {
		return nil
	}
	j.seen[key] = true
	f := j.p.AtLine(slug, d.File, d.Line)
	f.Message = fmt.Sprintf(format, args...)
	switch slug {
	case "tls-version", "header-always", "host-variable", "autoindex":
		j.alike.Report(f)
	default:
		j.p.Report(f)
	}
	return f
}

func (j judge) directive(d *nginx.Directive) {
	switch d.Name {
	case "location", "server", "http", "if":
		j.headers(d)
	case "alias":
		j.alias(d)
	case "proxy_pass":
		j.proxyPass(d)
	case "return", "rewrite":
		j.split(d)
	case "ssl_protocols":
		j.protocols(d)
	case "root":
		j.root(d)
	case "autoindex":
		if d.Arg(0) == "on" {
			j.report("autoindex", d, "nginx lists the files of a folder")
		}
	case "proxy_set_header":
		if strings.EqualFold(d.Arg(0), "Host") && strings.EqualFold(d.Arg(1), "$http_host") {
			j.report("host-variable", d, "the application gets the Host header as it was sent, whatever server nginx chose")
		}
	}
}

// alias: location /static (no slash) with alias /srv/static/ serves /static../secrets from /srv/static/../secrets.
func (j judge) alias(d *nginx.Directive) {
	loc := d.Parent
	if loc == nil || loc.Name != "location" || len(loc.Args) == 0 {
		return
	}
	prefix := loc.Args[len(loc.Args)-1]
	if len(loc.Args) > 1 && loc.Args[0] != "^~" || strings.HasSuffix(prefix, "/") || !strings.HasSuffix(d.Arg(0), "/") || strings.ContainsAny(d.Arg(0), "$") {
		return
	}
	if f := j.report("alias-traversal", d, "%s../ leaves the folder: the location ends without a slash and the alias with one", prefix); f != nil {
		f.Related = append(f.Related, rule.LinePlace(loc.File, loc.Line, "needs a slash at its end"))
	}
}

// proxyPass: a location without a slash whose URI part is replaced joins what follows to the new path.
func (j judge) proxyPass(d *nginx.Directive) {
	target := d.Arg(0)
	_, rest, hasScheme := strings.Cut(target, "://")
	if !hasScheme {
		return
	}
	host, uri, hasURI := strings.Cut(rest, "/")
	if v := taintedVariable(host); v != "" {
		j.report("proxy-target", d, "the request chooses the host that nginx connects to (%s)", v)
		return
	}
	if v := splitting(uri); v != "" && hasURI {
		j.report("http-splitting", d, "%s is decoded: a line break in the path reaches the application's request", v)
	}
	loc := d.Parent
	if !hasURI || loc == nil || loc.Name != "location" || len(loc.Args) != 1 {
		return
	}
	prefix := loc.Args[0]
	if strings.HasPrefix(prefix, "/") && prefix != "/" && !strings.HasSuffix(prefix, "/") && strings.HasSuffix(target, "/") {
		j.report("wildcard-proxy", d, "%sadmin becomes /admin: the location ends without a slash and proxy_pass replaces it by one", prefix)
	}
}

// taintedVariable finds a variable in a host that a request fills.
func taintedVariable(host string) string {
	for _, v := range [...]string{"$arg_", "$http_", "$cookie_", "$1", "$2", "$host", "$uri", "$request_uri"} {
		if strings.Contains(host, v) {
			return v
		}
	}
	return ""
}

// splitting finds a variable that holds the decoded path.
func splitting(s string) string {
	for _, v := range [...]string{"$uri", "$document_uri"} {
		if i := strings.Index(s, v); i >= 0 {
			return v
		}
	}
	return ""
}

// split: return and rewrite put the decoded path into a header.
func (j judge) split(d *nginx.Directive) {
	target := d.Arg(1)
	if d.Name == "rewrite" && d.Arg(2) != "redirect" && d.Arg(2) != "permanent" || d.Name == "return" && !strings.HasPrefix(d.Arg(0), "3") {
		return
	}
	if v := splitting(target); v != "" {
		j.report("http-splitting", d, "%s is decoded: a line break in the path becomes a header line of the answer", v)
	}
}

func (j judge) protocols(d *nginx.Directive) {
	for _, a := range d.Args {
		switch a {
		case "SSLv2", "SSLv3", "TLSv1", "TLSv1.1":
			j.report("tls-version", d, "%s is accepted", a)
			return
		}
	}
}

// root: the folder of the application itself is no folder to serve from.
func (j judge) root(d *nginx.Directive) {
	target := strings.TrimSuffix(d.Arg(0), "/")
	if target == "" || strings.Contains(target, "$") {
		return
	}
	for _, img := range j.p.Project.Deploy.Images {
		for _, st := range img.Stages {
			if st.Workdir.Text == "" || path.Clean(st.Workdir.Text) != path.Clean(target) || !runsApplication(j.p, img.Path) {
				continue
			}
			if f := j.report("source-served", d, "nginx serves files from %s, the folder of the application's source", target); f != nil {
				f.Related = append(f.Related, rule.LinePlace(img.Path, st.Workdir.Line, "the application lives here"))
			}
		}
	}
}

func runsApplication(p *rule.Pass, file string) bool {
	for _, e := range p.Project.Deploy.Production() {
		if e.File == file || len(e.Via) > 0 && e.Via[0].File == file {
			return true
		}
	}
	return false
}

// protective are the response headers whose loss matters.
func protective(name string) bool {
	switch strings.ToLower(name) {
	case "content-security-policy", "x-frame-options", "x-content-type-options", "strict-transport-security", "referrer-policy", "permissions-policy":
		return true
	}
	return false
}

// headers: a block with one add_header of its own inherits none.
func (j judge) headers(d *nginx.Directive) {
	if !d.IsBlock {
		return
	}
	own := d.Own("add_header")
	var lost []string
	for _, h := range d.Lost("add_header") {
		if protective(h.Arg(0)) && !slices.ContainsFunc(own, func(o *nginx.Directive) bool { return strings.EqualFold(o.Arg(0), h.Arg(0)) }) {
			lost = append(lost, h.Arg(0))
		}
	}
	if len(lost) > 0 {
		if f := j.report("header-lost", own[0], "this block has add_header of its own, so it sends none of the outer ones: %s", strings.Join(lost, ", ")); f != nil {
			outer := d.Lost("add_header")[0]
			f.Related = append(f.Related, rule.LinePlace(outer.File, outer.Line, "is not inherited"))
		}
	}
	for _, h := range own {
		if protective(h.Arg(0)) && len(h.Args) == 2 && !strings.EqualFold(h.Arg(0), "Strict-Transport-Security") {
			j.report("header-always", h, "%s is missing on error pages: add_header without always counts for successful answers only", h.Arg(0))
			return // one is enough: the others stand beside it
		}
	}
}
