// Package proxy001 judges whom the application believes about where a request comes from.
package proxy001

import (
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"stopper/internal/deploy/nginx"
	"stopper/internal/deployment"
	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/visibility"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-PROXY-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run compares what the application trusts with what the proxies in the tree really send.
func (Rule) Run(p *rule.Pass) {
	fixes := proxyFixes(p)
	for _, e := range fixes {
		overTrust(p, e)
	}
	forwardedAllowIPs(p)
	waitress(p)
	byHand := clientIP(p)
	if len(fixes) == 0 && !byHand {
		noProxyFix(p)
	}
	edge(p)
	configWrites(p)
	identities(p)
}

func proxyFixes(p *rule.Pass) []*flow.Event {
	var out []*flow.Event
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if e.Callee == "werkzeug.middleware.proxy_fix.ProxyFix" && !e.Func.Module.IsTest {
			out = append(out, e)
		}
	}
	return out
}

// trusted is one header that ProxyFix believes, as often as its argument says.
type trusted struct {
	arg      string
	pos      int
	def      int64
	header   string
	severity finding.Severity
	gives    string
	instead  string // what nginx is to send
}

var trust = [...]trusted{
	{"x_for", 1, 1, "X-Forwarded-For", finding.High, "its address", "set it to $proxy_add_x_forwarded_for"},
	{"x_proto", 2, 1, "X-Forwarded-Proto", finding.Medium, "the scheme", "set it to $scheme"},
	{"x_host", 3, 0, "X-Forwarded-Host", finding.High, "the host name", "set it to $host"},
	{"x_port", 4, 0, "X-Forwarded-Port", finding.Medium, "the port", "set it to $server_port"},
	{"x_prefix", 5, 0, "X-Forwarded-Prefix", finding.Medium, "the path prefix", "set it to the prefix itself, or to \"\""},
}

// hops is how many proxies the call trusts for a header; false when it is not a constant.
func (t trusted) hops(e *flow.Event) (int64, bool) {
	a, ok := e.Args.At(t.pos, t.arg)
	if !ok {
		return t.def, !e.Args.HasStarStar && !e.Args.HasStar
	}
	v := a.Value
	if v == nil || !v.IsConst || len(v.Consts()) != 1 {
		return 0, false
	}
	return v.Consts()[0].Int, true
}

// overTrust compares a ProxyFix with the proxies: a header that nginx does not set comes from the visitor.
func overTrust(p *rule.Pass, e *flow.Event) {
	front := httpFront(p)
	published(p, e)
	for _, t := range trust {
		n, ok := t.hops(e)
		if !ok || n < 1 {
			continue
		}
		for _, pr := range front {
			set := sets(pr, t.header)
			if passesOn(set, t.header) && endsTLS(pr) {
				f := p.At("over-trust", e.Func, e.Node)
				f.Severity = t.severity
				f.Message = fmt.Sprintf("ProxyFix trusts %s, which nginx hands on as the visitor sent it: the visitor chooses %s", t.header, t.gives)
				f.Fix = "In " + set.File + ", " + t.instead + ": proxy_set_header replaces what the visitor sent. Or take " + t.arg + " out of ProxyFix."
				f.Related = append(f.Related, rule.LinePlace(set.File, set.Line, "hands it on"))
				p.Report(f)
				return
			}
			if set == nil {
				f := p.At("over-trust", e.Func, e.Node)
				f.Severity = t.severity
				f.Message = fmt.Sprintf("ProxyFix trusts %s, which nginx does not set: the visitor chooses %s", t.header, t.gives)
				f.Related = append(f.Related, rule.LinePlace(pr.Pass.File, pr.Pass.Line, "hands "+t.header+" on as the visitor sent it"))
				if lost := lostHeader(pr, t.header); lost != nil {
					f.Related = append(f.Related, rule.LinePlace(lost.File, lost.Line, "is not inherited, because the inner block has proxy_set_header of its own"))
				}
				p.Report(f)
				return
			}
		}
	}
	if n, ok := trust[0].hops(e); ok && n > 1 && len(p.Project.Deploy.Edge.Others) == 0 {
		f := rule.NotVisible(p.At("over-trust", e.Func, e.Node), visibility.EdgeForwarded)
		f.Message = fmt.Sprintf("ProxyFix trusts %d proxies, and one is seen: with one, the visitor chooses its address", n)
		p.Report(f)
	}
}

// passesOn: the header gets the value that the request had.
func passesOn(set *nginx.Directive, header string) bool {
	return set != nil && strings.EqualFold(set.Arg(1), "$http_"+strings.ReplaceAll(header, "-", "_"))
}

// endsTLS: visitors reach this server itself. One without TLS may stand behind a proxy that sets the headers.
func endsTLS(pr deployment.Proxy) bool {
	return pr.Server != nil && slices.ContainsFunc(pr.Server.Own("listen"), func(d *nginx.Directive) bool { return slices.Contains(d.Args, "ssl") })
}

// httpFront are the proxies that speak HTTP with the application: uwsgi_pass tells the address by itself.
func httpFront(p *rule.Pass) []deployment.Proxy {
	return slices.DeleteFunc(p.Project.Deploy.Front(), func(pr deployment.Proxy) bool { return pr.Pass.Name != "proxy_pass" })
}

// sets is the directive that gives a header to the application, nil when there is none.
func sets(pr deployment.Proxy, header string) *nginx.Directive {
	for _, h := range pr.Block.List("proxy_set_header") {
		if strings.EqualFold(h.Arg(0), header) {
			return h
		}
	}
	return nil
}

func lostHeader(pr deployment.Proxy, header string) *nginx.Directive {
	for _, h := range pr.Block.Lost("proxy_set_header") {
		if strings.EqualFold(h.Arg(0), header) {
			return h
		}
	}
	return nil
}

// published: ProxyFix, and the application's own port open to everybody, with no proxy in the tree or beside it.
func published(p *rule.Pass, e *flow.Event) {
	port, ok := openPort(p)
	if !ok {
		return
	}
	f := p.At("over-trust", e.Func, e.Node)
	if p.Project.Deploy.Edge.Shown() {
		f.Message = "ProxyFix believes X-Forwarded-* headers, and the application's port is open beside the proxy: whoever comes that way writes them"
	} else {
		rule.NotVisible(f, visibility.EdgeForwarded)
		f.Message = "ProxyFix believes X-Forwarded-* headers, and the application's port is open to everybody"
	}
	f.Severity = finding.Medium
	f.Fix = "Let only the proxy reach the application: take the published port away (services of one Compose file reach each other without it), write 127.0.0.1: in front of it, or bind the server to 127.0.0.1. " +
		"Where no proxy stands in front, take ProxyFix out."
	f.Related = append(f.Related, rule.LinePlace(port.File, port.Line, "opens the application's port on every address"))
	p.Report(f)
}

// openPort is a published port of a service that runs the application.
func openPort(p *rule.Pass) (deployment.Port, bool) {
	for _, port := range p.Project.Deploy.Ports {
		if port.Dev || strings.HasPrefix(port.Spec, "127.") || strings.HasPrefix(port.Spec, "localhost:") || strings.HasPrefix(port.Spec, "[::1]") || !strings.Contains(port.Spec, ":") {
			continue
		}
		for _, e := range p.Project.Deploy.Production() {
			if e.Service == port.Service && e.Service != "" {
				return port, true
			}
		}
	}
	return deployment.Port{}, false
}

// forwardedAllowIPs: gunicorn takes the scheme from whoever says so, on a port that is open to everybody.
func forwardedAllowIPs(p *rule.Pass) {
	port, open := openPort(p)
	if !open {
		return
	}
	for _, e := range p.Project.Deploy.Production() {
		if e.Kind != deployment.Gunicorn || !trustsEveryone(e) && !confTrustsEveryone(p, e) {
			continue
		}
		f := p.AtLine("over-trust", e.File, e.Line)
		f.Message = "gunicorn believes forwarded headers from every address, and its port is open to everybody"
		f.Related = append(f.Related, rule.LinePlace(port.File, port.Line, "publishes the application's port"))
		p.Report(f)
		return
	}
}

func trustsEveryone(e deployment.Entry) bool {
	if v, ok := option(e.Argv, "--forwarded-allow-ips"); ok {
		return v == "*"
	}
	for _, v := range e.Env {
		if v.Name == "FORWARDED_ALLOW_IPS" && v.Effective() == "*" {
			return true
		}
	}
	return false
}

// option is the value of an option of a command line, in either form.
func option(argv []string, name string) (string, bool) {
	for i, a := range argv {
		v, ok := strings.CutPrefix(a, name)
		switch {
		case !ok || v != "" && v[0] != '=':
		case v == "" && i+1 < len(argv):
			return strings.Trim(argv[i+1], `"'`), true
		default:
			return strings.Trim(v, `="'`), true
		}
	}
	return "", false
}

// confTrustsEveryone reads gunicorn's configuration, which is Python: the file that -c names, or gunicorn.conf.py.
func confTrustsEveryone(p *rule.Pass, e deployment.Entry) bool {
	name := path.Base(strings.TrimPrefix(e.Conf, "file:"))
	if e.Conf == "" {
		name = "gunicorn.conf.py"
	}
	for _, m := range p.Project.Prog.Modules {
		if path.Base(m.Source.Path) != name {
			continue
		}
		if s, ok := p.Project.Flow.ModuleGlobal(m, "forwarded_allow_ips").ConstStr(); ok && s == "*" {
			return true
		}
	}
	return false
}

// waitress believes forwarded headers from trusted_proxy; "*" is everybody.
func waitress(p *rule.Pass) {
	p.Find(func(s rule.Site) {
		f := s.Module.File
		if f.Kind(s.Node) != ast.Keyword || f.IdentOf(s.Node) != "trusted_proxy" {
			return
		}
		if text, ok := f.Str(f.SlotB(s.Node)); ok && text == "*" {
			r := rule.NotVisible(p.AtSite("over-trust", s), visibility.EdgeForwarded)
			r.Message = "waitress believes forwarded headers from every address"
			p.Report(r)
		}
	}, "trusted_proxy")
	for _, e := range p.Project.Deploy.Production() {
		if v, _ := option(e.Argv, "--trusted-proxy"); e.Kind == deployment.Waitress && v == "*" {
			r := rule.NotVisible(p.AtLine("over-trust", e.File, e.Line), visibility.EdgeForwarded)
			r.Message = "waitress believes forwarded headers from every address"
			p.Report(r)
		}
	}
}

// noProxyFix: behind nginx and without ProxyFix, every visitor has nginx's address and scheme.
func noProxyFix(p *rule.Pass) {
	front := httpFront(p)
	if len(front) == 0 || p.Imports("uwsgi") {
		return
	}
	uses := addressUses(p)
	if len(uses) == 0 {
		return
	}
	slices.SortStableFunc(uses, func(a, b rule.Site) int { return rank(a) - rank(b) })
	f := p.AtSite("no-proxyfix", uses[0])
	f.Message = "behind nginx and without ProxyFix, this is nginx's address for every visitor"
	if decides(uses[0]) {
		f.Severity = finding.High
		f.Message = "behind nginx and without ProxyFix, this decision is the same for every visitor: all have nginx's address"
	}
	f.Related = append(f.Related, rule.LinePlace(front[0].Pass.File, front[0].Pass.Line, "stands in front of the application"))
	p.Report(f)
}

// addressUses are the reads of the visitor's address and scheme.
func addressUses(p *rule.Pass) []rule.Site {
	var out []rule.Site
	for _, s := range p.Sites("remote_addr", "get_remote_address", "is_secure") {
		f := s.Module.File
		switch name := f.IdentOf(s.Node); {
		case name == "get_remote_address" && f.Kind(s.Node) == ast.Name && f.Ctx(s.Node) != ast.Store, s.Of("request"):
			out = append(out, s)
		}
	}
	return out
}

func rank(s rule.Site) int {
	if decides(s) {
		return 0
	}
	return 1
}

// decides reports whether the address is compared on its line.
func decides(s rule.Site) bool {
	line := lineOf(s)
	return strings.Contains(line, "==") || strings.Contains(line, "!=") || strings.Contains(line, " in ") && strings.Contains(line, "if ")
}

func lineOf(s rule.Site) string {
	src := s.Module.Source
	return src.LineText(src.Line(s.Module.File.Span(s.Node).Start))
}
