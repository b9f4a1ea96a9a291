// Package host001 judges whether the application believes whatever a request says about its own host name.
package host001

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"stopper/internal/deploy/nginx"
	"stopper/internal/deployment"
	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/visibility"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-HOST-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges the value of TRUSTED_HOSTS first, then whether anything checks the host at all.
func (Rule) Run(p *rule.Pass) {
	decides(p)
	s := p.Project.Setting("TRUSTED_HOSTS")
	own := checksItself(p)
	if s.Set != nil && !own {
		traps(p, s)
	}
	if !p.HasApp() || own || s.Ignored == "" && !s.IsUnset() || s.Ignored != "" && s.Set != nil || edgeFixesHost(p) {
		return
	}
	if links := externalLinks(p); len(links) > 0 {
		external(p, s, links)
		return
	}
	if name := p.Project.Setting("SERVER_NAME"); name.Set != nil && !name.IsUnset() && p.ShowsProduction() {
		f := p.AtNode("server-name", name.Set.Module, name.Set.Node)
		f.Message = "SERVER_NAME does not refuse other host names, and nothing else does"
		p.Report(f)
		return
	}
	if p.ShowsProduction() {
		f := p.Whole("trusted-hosts")
		f.Message = "TRUSTED_HOSTS is not set: requests for any host name are answered"
		if s.Ignored != "" {
			f.Message = fmt.Sprintf("requests for any host name are answered: Flask %s has no TRUSTED_HOSTS", s.Ignored)
		}
		f.Confidence = finding.ConfidenceLow
		f.Reasons = append(f.Reasons, "no link is built from the request's host name")
		p.Report(notShown(p, s, f))
	}
}

// notShown: without an edge in the tree, one may refuse foreign host names.
func notShown(p *rule.Pass, s *project.Setting, f *finding.Finding) *finding.Finding {
	if s.Answer == visibility.NotVisible {
		return rule.NotVisible(f, visibility.EnvTrustedHosts)
	}
	if !p.Project.Deploy.Edge.Shown() {
		return rule.NotVisible(f, visibility.EdgeHost)
	}
	return f
}

// traps are values that check nothing, or that refuse everybody.
func traps(p *rule.Pass, s *project.Setting) {
	if s.Ignored != "" {
		f := p.AtNode("trusted-hosts", s.Set.Module, s.Set.Node)
		f.Message = fmt.Sprintf("Flask %s does not read TRUSTED_HOSTS: no host name is refused", s.Ignored)
		p.Report(f)
		return
	}
	if !s.Known {
		return
	}
	list, isList := s.Value.([]any)
	if one, ok := s.Value.(string); ok {
		list, isList = []any{one}, true
	}
	if !isList {
		return
	}
	if len(list) == 0 {
		f := p.AtNode("trusted-hosts", s.Set.Module, s.Set.Node)
		f.Message = "TRUSTED_HOSTS is empty, which checks nothing"
		p.Report(f)
		return
	}
	for _, v := range list {
		name, _ := v.(string)
		why := trap(name)
		if why == "" {
			continue
		}
		f := p.AtNode("trusted-hosts", s.Set.Module, s.Set.Node)
		f.Message = fmt.Sprintf("TRUSTED_HOSTS holds %q, %s", name, why)
		if s.Env == nil && name == "" {
			f.Message = "TRUSTED_HOSTS holds an empty name, with which every request is refused"
		}
		p.Report(f)
		return
	}
}

func trap(name string) string {
	switch {
	case name == "":
		return "with which every request is refused"
	case name == ".":
		return "which accepts every name that ends in a dot"
	case strings.Contains(name, "*"):
		return "which is no pattern: every request is refused; a leading dot stands for subdomains"
	case strings.Contains(name, "://"), strings.Contains(name, ","), strings.Contains(name, "/"):
		return "which is no host name: every request is refused"
	case name != strings.ToLower(name):
		return "which no request matches: names are compared in small letters"
	}
	return ""
}

// checksItself: the application compares the host by its own means.
func checksItself(p *rule.Pass) bool {
	for _, s := range p.Sites("trusted_hosts", "host_is_trusted", "host_matching") {
		if s.IsStore() || s.Module.File.IdentOf(s.Node) != "trusted_hosts" {
			return true
		}
	}
	return p.HoldsText("host_matching") || comparesHost(p)
}

// edgeFixesHost reports whether every way in through nginx hands over a host name that the visitor does not choose.
func edgeFixesHost(p *rule.Pass) bool {
	front := p.Project.Deploy.Front()
	for _, pr := range front {
		if !hostIsFixed(p, pr) {
			return false
		}
	}
	return len(front) > 0
}

// hostIsFixed: the Host that nginx passes on is written down, or is $host in a server that only answers for names it lists
// because another one takes the rest.
func hostIsFixed(p *rule.Pass, pr deployment.Proxy) bool {
	host := ""
	for _, h := range pr.Block.List("proxy_set_header") {
		if strings.EqualFold(h.Arg(0), "Host") {
			host = h.Arg(1)
		}
	}
	switch {
	case host == "" && pr.Pass.Name == "proxy_pass":
		return true // $proxy_host: the upstream's own name
	case !strings.Contains(host, "$") && host != "", host == "$server_name", host == "$proxy_host":
		return true
	case host == "$host" || host == "":
		return pr.Server != nil && listsNames(pr.Server) && defaultRefuses(p, pr.Server)
	}
	return false
}

func listsNames(server *nginx.Directive) bool {
	names := server.Own("server_name")
	for _, n := range names {
		if slices.ContainsFunc(n.Args, func(a string) bool {
			return a == "_" || a == "" || strings.HasPrefix(a, "~") || strings.Contains(a, "$")
		}) {
			return false
		}
	}
	return len(names) > 0
}

// defaultRefuses: a server of the same configuration is the default one and hands nothing to the application.
func defaultRefuses(p *rule.Pass, server *nginx.Directive) bool {
	refuses := false
	for _, c := range p.Project.Deploy.Edge.Nginx {
		nginx.Walk(c.Directives, func(d *nginx.Directive) {
			if d.Name != "server" || !d.IsBlock || d == server {
				return
			}
			isDefault := slices.ContainsFunc(d.Own("listen"), func(l *nginx.Directive) bool {
				return slices.Contains(l.Args, "default_server") || slices.Contains(l.Args, "default")
			})
			code := ""
			for _, r := range d.Own("return") {
				code = r.Arg(0)
			}
			refuses = refuses || isDefault && (strings.HasPrefix(code, "4") || len(d.Own("ssl_reject_handshake")) > 0)
		})
	}
	return refuses
}

// externalLinks are the places that build absolute URLs from the request's host.
func externalLinks(p *rule.Pass) []rule.Site {
	var out []rule.Site
	p.Find(func(s rule.Site) {
		f := s.Module.File
		switch f.Kind(s.Node) {
		case ast.Call:
			if isFlaskURLFor(s) && hasTrue(f, s.Node, "_external") {
				out = append(out, s)
			}
		case ast.Attribute:
			if name := f.IdentOf(s.Node); (name == "host_url" || name == "url_root" || name == "root_url") && s.Of("request") && !compares(s) {
				out = append(out, s)
			}
		}
	}, "_external", "host_url", "url_root", "root_url")
	if p.Project.Templates != nil {
		for _, l := range p.Project.Templates.AbsoluteLinks() {
			out = append(out, rule.Site{Module: l.Module, Node: l.Node})
		}
	}
	return out
}

// isFlaskURLFor: a function of the same name in the program often puts a configured host in front.
func isFlaskURLFor(s rule.Site) bool {
	f := s.Module.File
	fn := f.SlotA(s.Node)
	if f.IdentOf(fn) != "url_for" {
		return false
	}
	return f.Kind(fn) == ast.Attribute || slices.ContainsFunc(s.Module.Imports, func(im ir.Import) bool { return im.Module == "flask" && im.Name == "url_for" })
}

// hasTrue reports whether a call has a keyword argument that is the constant True.
func hasTrue(f *ast.File, call ast.NodeID, name string) bool {
	return slices.ContainsFunc(f.ListB(call), func(w uint32) bool {
		a := ast.NodeID(w)
		return f.Kind(a) == ast.Keyword && f.IdentOf(a) == name && f.Kind(f.SlotB(a)) == ast.Constant && f.ConstKindOf(f.SlotB(a)) == ast.ConstTrue
	})
}

// compares: the host of the request is what a redirect's target is compared with, no link.
func compares(s rule.Site) bool {
	src := s.Module.Source
	line := src.LineText(src.Line(s.Module.File.Span(s.Node).Start))
	return strings.Contains(line, "urlparse(") || strings.Contains(line, "urlsplit(") || strings.Contains(line, "startswith(") || strings.Contains(line, "==")
}

// mailWords in the name of a function or module say that a link leaves the site: it reaches somebody other than the
// sender of the request.
var mailWords = [...]string{"mail", "reset", "invite", "confirm", "verif", "activat", "notif", "token", "password"}

func isMailed(s rule.Site) bool {
	l := strings.ToLower(s.Func + " " + s.Module.Name)
	return slices.ContainsFunc(mailWords[:], func(w string) bool { return strings.Contains(l, w) })
}

func external(p *rule.Pass, s *project.Setting, links []rule.Site) {
	slices.SortStableFunc(links, func(a, b rule.Site) int { return rank(a) - rank(b) })
	f := p.AtSite("external-url", links[0])
	f.Message = "an absolute link takes its host from the request, and any host name is accepted"
	if s.Ignored != "" {
		f.Message = fmt.Sprintf("an absolute link takes its host from the request; Flask %s has no TRUSTED_HOSTS", s.Ignored)
	}
	if !isMailed(links[0]) {
		f.Severity = finding.Low
		f.Reasons = append(f.Reasons, "nothing shows that the link is sent to somebody else")
	}
	for _, l := range links[1:min(len(links), maxRelated)] {
		f.Related = append(f.Related, l.Place("another such link"))
	}
	if len(p.Project.Deploy.Front()) > 0 {
		pr := p.Project.Deploy.Front()[0]
		f.Related = append(f.Related, rule.LinePlace(pr.Pass.File, pr.Pass.Line, "hands over the host name that the visitor sends"))
	}
	p.Report(notShown(p, s, f))
}

// maxRelated bounds how many links are listed.
const maxRelated = 5

func rank(s rule.Site) int {
	if isMailed(s) {
		return 0
	}
	return 1
}
