// Package ssrf001 judges URLs that the server fetches and words from outside decide.
package ssrf001

import (
	_ "embed"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-SSRF-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every outgoing request whose URL words from outside reach.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Guarded(models.URLFetch) {
		withoutTimeout(p, h)
		followsRedirects(p, h)
	}
	for _, h := range p.Project.Hits(models.URLFetch) {
		if h.Value.Str.HostFixed() || chosenByProgram(h.Value.Str.BeforeTaint()) {
			withoutTimeout(p, h)
			continue // only the path behind a host of the program's choice
		}
		p.Report(judge(p, h))
	}
}

func judge(p *rule.Pass, h project.Hit) *finding.Finding {
	slug, says := "full", " decides where the server sends a request"
	switch {
	case namesHost(h.Value.Str):
		slug, says = "partial", " is part of the host name the server sends a request to"
	case strings.HasPrefix(h.Callee, "urllib.request."):
		slug, says = "scheme", " decides the whole URL, and urllib also opens file: and ftp:"
	}
	f := p.OnHit(slug, h)
	f.Message = rule.Sources(h) + says
	return f
}

// namesHost reports whether the text in front of the words from outside goes further than the scheme.
func namesHost(s *value.Skeleton) bool {
	before := strings.ToLower(strings.TrimSpace(s.BeforeTaint()))
	isScheme := before == "" || before == "http://" || before == "https://"
	return !isScheme || before != "" && strings.Contains(s.Suffix(), ".")
}

// chosenByProgram reports whether a whole value of the program's own, such as one looked up in a table, and a slash stand in
// front of the words from outside.
func chosenByProgram(before string) bool {
	_, host, isURL := strings.Cut(before, "://")
	if !isURL {
		host = before
	}
	rest, ok := strings.CutPrefix(host, "…")
	return ok && strings.HasPrefix(rest, "/")
}

// followsRedirects reports a checked address that is fetched with a client that goes on to wherever the answer sends it.
func followsRedirects(p *rule.Pass, h project.Hit) {
	if _, ok := h.Args.Keyword("hooks"); ok {
		return // what looks at every answer may look where it leads to
	}
	a, ok := h.Args.Keyword("allow_redirects")
	if ok && !rule.IsTrue(a.Value) || !strings.HasPrefix(h.Callee, "requests.") || h.Args.HasStarStar {
		return
	}
	f := p.OnHit("redirects", h)
	f.Span = h.Func.SpanOf(h.Node)
	f.Message = "the address was checked, but the server follows the answer's redirect to any other"
	p.Report(f)
}

// endless are the clients that wait for ever unless they are told not to; httpx, for one, gives up after five seconds.
var endless = [...]string{"requests.", "urllib.request.", "urllib3."}

// withoutTimeout reports a request to a host of the program's choice that a stranger can make hang: each one blocks a worker.
func withoutTimeout(p *rule.Pass, h project.Hit) {
	if _, ok := h.Args.Keyword("timeout"); ok || h.Args.HasStarStar {
		return
	}
	for _, lib := range endless {
		if strings.HasPrefix(h.Callee, lib) {
			f := p.OnHit("timeout", h)
			f.Span = h.Func.SpanOf(h.Node)
			f.Message = "the request has no timeout: a host that never answers holds a worker for ever"
			p.Report(f)
			return
		}
	}
}
