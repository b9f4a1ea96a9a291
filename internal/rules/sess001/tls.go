package sess001

import (
	"slices"

	"stopper/internal/finding"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// overTLS is where the tree shows that the application is reached over HTTPS: in the deployment files, or else in code that
// gives a certificate to a server. That may hang on a switch, so it says less.
func overTLS(p *rule.Pass) (at finding.Location, byCode, ok bool) {
	if p.ShowsTLS() {
		tls := p.Project.Deploy.TLS[0]
		return rule.LinePlace(tls.File, tls.Line, "ends TLS"), false, true
	}
	p.Find(func(s rule.Site) {
		if !ok && servesTLS(s) {
			at, byCode, ok = s.Place("gives the server a certificate"), true, true
		}
	}, "BuiltinSSLAdapter", "pyOpenSSLAdapter", "ssl_context", "certfile", "ssl_certfile")
	return at, byCode, ok
}

// servesTLS: an adapter of cheroot, or a server that is started with a certificate. "adhoc" is Werkzeug's for development.
func servesTLS(s rule.Site) bool {
	f := s.Module.File
	if f.Kind(s.Node) != ast.Call || rule.NamesDevelopment(s.Module.Source.Path) || rule.NamesDevelopment(s.Func) {
		return false
	}
	name := f.IdentOf(f.SlotA(s.Node))
	if name == "BuiltinSSLAdapter" || name == "pyOpenSSLAdapter" {
		return true
	}
	if !slices.Contains([]string{"run", "run_simple", "make_server", "serve", "WSGIServer", "ThreadedWSGIServer", "Server"}, name) {
		return false
	}
	for _, word := range [...]string{"ssl_context", "certfile", "ssl_certfile"} {
		v := f.KeywordArg(s.Node, word)
		if v == 0 {
			continue
		}
		if text, isText := f.Str(v); f.Kind(v) == ast.Constant && (!isText || text == "adhoc") {
			continue
		}
		return true
	}
	return false
}
