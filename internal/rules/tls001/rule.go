// Package tls001 judges whether outgoing connections make sure whom they talk to.
package tls001

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-TLS-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run looks at every place that names one of the switches.
func (Rule) Run(p *rule.Pass) {
	p.Find(func(s rule.Site) {
		slug, message := judge(s)
		if slug == "" {
			return
		}
		if env := flask.EnvironmentOfNode(s.Module, s.Node); env == flask.Development || env == flask.Testing {
			return
		}
		if slices.ContainsFunc(s.Conditions(), isSwitch) || slug == "unverified" && (inspects(s) || needsNoCheck(s)) {
			return // the operator asks for it, the certificate itself is what is wanted, or there is none to check
		}
		f := p.AtSite(slug, s)
		f.Message = message
		if slug == "unverified" && s.Module.File.Kind(s.Node) == ast.Call {
			weigh(f, s)
		}
		p.Report(f)
	}, "verify", "verify_ssl", "ssl", "cert_reqs", "CERT_NONE", "_create_unverified_context", "_create_default_https_context", "AutoAddPolicy", "WarningPolicy",
		"PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1", "PROTOCOL_SSLv3", "PROTOCOL_SSLv2", "TLSv1", "TLSv1_1", "check_hostname", "assert_hostname")
}

// inspects: the function reads the certificate of the other side.
func inspects(s rule.Site) bool {
	f := s.Module.File
	found := false
	if fn := s.Function(); fn != 0 {
		f.Walk(fn, func(n ast.NodeID) bool {
			found = found || f.Kind(n) == ast.Attribute && f.IdentOf(n) == "getpeercert"
			return true
		})
	}
	return found
}

// isSwitch: the condition is a setting that is about the check itself.
func isSwitch(test string) bool {
	l := strings.ToLower(test)
	for _, w := range [...]string{"verify", "insecure", "strict", "skip", "self_signed", "selfsigned", "validate_cert", "ignore_cert"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// weigh lowers what hands over nothing worth stealing, and what only those can abuse who hold a certificate that is believed.
func weigh(f *finding.Finding, s rule.Site) {
	file := s.Module.File
	switch {
	case !sends(s):
		f.Severity = finding.Medium
	case file.KeywordArg(s.Node, "ca_certs") != 0 && file.KeywordArg(s.Node, "assert_hostname") != 0:
		f.Severity = finding.Medium
		f.Message = "assert_hostname= is off: whoever holds any certificate of the given authority is believed to be the other side"
	}
}

// sends reports whether a call hands over more than an address.
func sends(s rule.Site) bool {
	f := s.Module.File
	if name := f.IdentOf(f.SlotA(s.Node)); name != "get" && name != "head" && name != "options" {
		return true
	}
	return slices.ContainsFunc(f.ListB(s.Node), func(w uint32) bool {
		a := ast.NodeID(w)
		if f.Kind(a) != ast.Keyword {
			return false
		}
		switch f.IdentOf(a) {
		case "auth", "cookies", "cert":
			return true
		case "headers":
			return !slices.ContainsFunc(written(s, f.SlotB(a)), func(v ast.NodeID) bool { return namesClientOnly(f, v) })
		}
		return false
	})
}

func judge(s rule.Site) (slug, message string) {
	f := s.Module.File
	switch f.Kind(s.Node) {
	case ast.Call:
		return call(f, s.Node)
	case ast.Assign:
		return assignment(f, s.Node)
	case ast.Attribute, ast.Name:
		switch name := f.IdentOf(s.Node); name {
		case "_create_unverified_context":
			return "unverified", "the context accepts every certificate"
		case "AutoAddPolicy", "WarningPolicy":
			return "host-key", "the key of an unknown SSH server is accepted"
		case "PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1", "PROTOCOL_SSLv3", "PROTOCOL_SSLv2":
			return "old-protocol", name + " is a protocol with known flaws"
		case "TLSv1", "TLSv1_1":
			if f.Kind(s.Node) == ast.Attribute && f.IdentOf(f.SlotA(s.Node)) == "TLSVersion" {
				return "old-protocol", "connections with TLS 1.0 or 1.1 are allowed"
			}
		}
	}
	return "", ""
}

// call: requests.get(…, verify=False), aiohttp's ssl=False, urllib3's cert_reqs="CERT_NONE".
func call(f *ast.File, n ast.NodeID) (slug, message string) {
	fn := f.IdentOf(f.SlotA(n))
	if !connects(fn) {
		return "", ""
	}
	for _, w := range f.ListB(n) {
		a := ast.NodeID(w)
		if f.Kind(a) != ast.Keyword {
			continue
		}
		v := f.SlotB(a)
		switch name := f.IdentOf(a); name {
		case "verify", "verify_ssl", "assert_hostname":
			if isFalse(f, v) {
				return "unverified", fmt.Sprintf("%s= is off: whoever answers is believed to be the other side", name)
			}
		case "ssl":
			if isFalse(f, v) && (fn == "get" || fn == "post" || fn == "put" || fn == "request" || fn == "TCPConnector") {
				return "unverified", "ssl=False: whoever answers is believed to be the other side"
			}
		case "cert_reqs":
			if text, _ := f.Str(v); text == "CERT_NONE" || text == "none" || f.IdentOf(v) == "CERT_NONE" {
				return "unverified", "certificates are not asked for: whoever answers is believed to be the other side"
			}
		}
	}
	return "", ""
}

// connects: functions that take verify= for a connection. Elsewhere the word has other meanings: jwt.decode(verify=False).
func connects(fn string) bool {
	switch fn {
	case "get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream", "Client", "AsyncClient", "client", "resource", "Session",
		"TCPConnector", "ClientSession", "PoolManager", "ProxyManager", "HTTPSConnectionPool", "wrap_socket", "urlopen", "StrictRedis", "Redis", "Elasticsearch", "OpenSearch", "MongoClient", "connect", "HTTPTransport", "Consul", "KazooClient":
		return true
	}
	return false
}

func isFalse(f *ast.File, v ast.NodeID) bool {
	return f.Kind(v) == ast.Constant && f.ConstKindOf(v) == ast.ConstFalse
}

// assignment: session.verify = False, context.verify_mode = ssl.CERT_NONE, ssl._create_default_https_context = ….
func assignment(f *ast.File, n ast.NodeID) (slug, message string) {
	v := f.SlotB(n)
	for _, t := range f.ListA(n) {
		id := ast.NodeID(t)
		if f.Kind(id) != ast.Attribute {
			continue
		}
		switch f.IdentOf(id) {
		case "verify":
			if of := f.IdentOf(f.SlotA(id)); isFalse(f, v) && of != "self" {
				return "unverified", "verify is off for the whole session: whoever answers is believed to be the other side"
			}
		case "verify_mode":
			if f.IdentOf(v) == "CERT_NONE" {
				return "unverified", "the context accepts every certificate"
			}
		}
	}
	return "", ""
}
