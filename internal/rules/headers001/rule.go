// Package headers001 judges the response headers that tell browsers what a page may do.
package headers001

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/deploy/nginx"
	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/rule"
	"stopper/internal/visibility"
	"stopper/internal/workspace"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-HEADERS-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// The headers.
const (
	csp      = "Content-Security-Policy"
	nosniff  = "X-Content-Type-Options"
	frame    = "X-Frame-Options"
	hsts     = "Strict-Transport-Security"
	referrer = "Referrer-Policy"
)

// Run says which headers nobody sets, then judges the values of those that are set.
func (Rule) Run(p *rule.Pass) {
	talisman := talismans(p)
	if p.HasApp() && p.RendersHTML() && (p.ShowsProduction() || p.Project.Deploy.Edge.Shown()) && len(talisman) == 0 && !usesLibrary(p) {
		absent(p)
	}
	for _, e := range talisman {
		options(p, e)
	}
	strictTransport(p, len(talisman) > 0)
	policies(p)
	outdated(p)
}

func talismans(p *rule.Pass) []*flow.Event {
	var out []*flow.Event
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if (e.Callee == "flask_talisman.Talisman" || e.Callee == "flask_talisman.Talisman.init_app") && !e.Func.Module.IsTest {
			out = append(out, e)
		}
	}
	return out
}

// usesLibrary: libraries whose purpose these headers are.
func usesLibrary(p *rule.Pass) bool {
	return p.Imports("secure", "secweb", "flask_csp", "flask_security_headers", "flask_talisman", "talisman")
}

// absent reports what neither the application nor its edge sets.
func absent(p *rule.Pass) {
	sets := func(name string) bool { return p.HoldsText(name) || p.EdgeSets(name) || inSettings(p, name) }
	if !sets(csp) {
		missing(p, "csp", "no Content-Security-Policy is set: a script that gets into a page runs without limits")
	}
	if !sets(frame) && !p.HoldsPart("frame-ancestors") && !edgeForbidsFrames(p) {
		missing(p, "frame", "neither X-Frame-Options nor frame-ancestors is set: other sites may show pages in a frame")
	}
	if !sets(nosniff) {
		missing(p, "nosniff", "X-Content-Type-Options is not set: browsers guess what a file is")
	}
}

// inSettings: a settings file of the application names the header, and something applies it.
func inSettings(p *rule.Pass, name string) bool {
	for _, f := range p.Project.Work.OfClass(workspace.Config) {
		if f.IsTest || f.IsExample || f.Size > maxSettings {
			continue
		}
		if text, err := p.Project.Work.Read(f.Path); err == nil && strings.Contains(string(text), name) {
			return true
		}
	}
	return false
}

// maxSettings bounds the settings files that are looked into.
const maxSettings = 128 << 10

func edgeForbidsFrames(p *rule.Pass) bool {
	for _, pr := range p.Project.Deploy.Front() {
		if slices.ContainsFunc(pr.Block.List("add_header"), func(d *nginx.Directive) bool { return strings.Contains(d.Arg(1), "frame-ancestors") }) {
			return true
		}
	}
	return false
}

// missing is a finding about the whole project; with an nginx in the tree that sets nothing, it is certain.
func missing(p *rule.Pass, slug, message string) {
	f := p.Whole(slug)
	f.Message = message
	if front := p.Project.Deploy.Front(); len(front) > 0 && len(p.Project.Deploy.Edge.Others) == 0 {
		f.Related = append(f.Related, rule.LinePlace(front[0].Pass.File, front[0].Pass.Line, "does not set it either"))
	} else {
		rule.NotVisible(f, visibility.EdgeHeaders)
	}
	p.Report(f)
}

// options judges what a Talisman is told to leave out.
func options(p *rule.Pass, e *flow.Event) {
	off := func(name string) bool {
		a, ok := e.Args.Keyword(name)
		return ok && (rule.IsFalse(a.Value) || isNone(a))
	}
	report := func(slug, message string) {
		f := p.At(slug, e.Func, e.Node)
		f.Message = message
		p.Report(f)
	}
	if off("content_security_policy") && !p.HoldsText(csp) && !p.EdgeSets(csp) {
		report("csp", "Talisman's Content-Security-Policy is switched off, and nothing else sets one")
	}
	if off("frame_options") && !p.HoldsText(frame) && !p.EdgeSets(frame) && !p.HoldsPart("frame-ancestors") {
		report("frame", "Talisman's X-Frame-Options is switched off, and no frame-ancestors is set")
	}
	if a, ok := e.Args.Keyword("content_security_policy"); ok {
		for _, k := range a.Keys {
			for _, text := range texts(k.Arg) {
				if why := weak(k.Key.Str + " " + text); why != "" {
					report("csp-weak", why)
					return
				}
			}
		}
	}
}

func isNone(a flow.Arg) bool {
	return a.Value != nil && a.Value.IsConst && len(a.Value.Consts()) == 1 && a.Value.Consts()[0].Kind == 0
}

func texts(a flow.Arg) []string {
	if s, ok := a.Value.ConstStr(); ok {
		return []string{s}
	}
	var words []string
	for _, e := range a.Elems {
		if s, ok := e.Value.ConstStr(); ok {
			words = append(words, s)
		}
	}
	if len(words) == 0 {
		return nil
	}
	return []string{strings.Join(words, " ")}
}

// strictTransport: an nginx that ends TLS in front of the application and sends no HSTS, which nothing else sends either.
func strictTransport(p *rule.Pass, talisman bool) {
	if talisman || p.HoldsText(hsts) || usesLibrary(p) {
		return
	}
	for _, pr := range p.Project.Deploy.Front() {
		if pr.Server == nil || rule.ProxyAdds(pr, hsts) {
			continue
		}
		for _, l := range pr.Server.Own("listen") {
			if slices.Contains(l.Args, "ssl") {
				f := p.AtLine("hsts", l.File, l.Line)
				f.Whole = true
				p.Report(f)
				return
			}
		}
	}
}

// outdated reports headers that browsers no longer read, or that do harm.
func outdated(p *rule.Pass) {
	for _, h := range [...]struct {
		name, why string
		harmful   func(value string) bool
	}{
		{"X-XSS-Protection", "X-XSS-Protection switches on a filter that browsers removed because pages could be attacked through it", func(v string) bool { return strings.HasPrefix(v, "1") }},
		{"Public-Key-Pins", "Public-Key-Pins is gone from browsers, and old ones can be locked out by it", always},
		{"Expect-CT", "Expect-CT is no longer read", always},
		{"X-Content-Security-Policy", "X-Content-Security-Policy was never read by today's browsers: the name is Content-Security-Policy", always},
	} {
		for _, s := range p.HeaderSets(h.name) {
			if text, ok := s.Text(); ok && h.harmful(text) {
				f := p.AtSite("deprecated", s.At())
				f.Message = h.why
				p.Report(f)
			}
		}
		alike := p.Alike()
		for _, d := range edgeHeaders(p, h.name) {
			if h.harmful(strings.TrimSpace(d.Arg(1))) {
				f := p.AtLine("deprecated", d.File, d.Line)
				f.Message = h.why
				alike.Report(f)
			}
		}
	}
}

func always(string) bool { return true }

// edgeHeaders are the directives of production's nginx that add a header.
func edgeHeaders(p *rule.Pass, name string) []*nginx.Directive {
	var out []*nginx.Directive
	for _, c := range p.Project.Deploy.Edge.Nginx {
		if c.Dev {
			continue
		}
		nginx.Walk(c.Directives, func(d *nginx.Directive) {
			if d.Name == "add_header" && strings.EqualFold(d.Arg(0), name) {
				out = append(out, d)
			}
		})
	}
	return out
}

// policies judges the values of Content-Security-Policy and Referrer-Policy.
func policies(p *rule.Pass) {
	for _, s := range p.HeaderSets(csp) {
		if text, ok := s.Text(); ok {
			if why := weak(text); why != "" {
				f := p.AtSite("csp-weak", s.At())
				f.Message, f.Severity = why, weight(why)
				p.Report(f)
			}
		}
	}
	alike := p.Alike()
	for _, d := range edgeHeaders(p, csp) {
		if why := weak(d.Arg(1)); why != "" {
			f := p.AtLine("csp-weak", d.File, d.Line)
			f.Message, f.Severity = why, weight(why)
			alike.Report(f)
		}
	}
	for _, s := range p.HeaderSets(referrer) {
		if text, ok := s.Text(); ok && strings.EqualFold(text, "unsafe-url") {
			p.Report(p.AtSite("referrer", s.At()))
		}
	}
	for _, d := range edgeHeaders(p, referrer) {
		if strings.EqualFold(d.Arg(1), "unsafe-url") {
			p.Report(p.AtLine("referrer", d.File, d.Line))
		}
	}
}

func weight(why string) finding.Severity {
	if strings.Contains(why, "every") || strings.Contains(why, "no script-src") {
		return finding.Medium
	}
	return finding.Low
}

// weak says how a policy fails to hold scripts back; "" when it does not.
func weak(policy string) string {
	if strings.ContainsAny(policy, "{$") {
		return "" // a template: its nonces are filled in later
	}
	scripts, found := directive(policy, "script-src")
	if !found {
		scripts, found = directive(policy, "default-src")
	}
	if !found {
		return ""
	}
	bound := slices.ContainsFunc(scripts, func(s string) bool {
		return strings.HasPrefix(s, "'nonce-") || strings.HasPrefix(s, "'sha") || s == "'strict-dynamic'"
	})
	for _, s := range scripts {
		switch {
		case bound:
		case s == "'unsafe-inline'":
			return "the policy allows inline scripts: a script that gets into a page still runs"
		case s == "*" || s == "https:" || s == "http:" || s == "data:":
			return "the policy allows scripts from every site"
		}
	}
	return ""
}

// directive finds the sources of a directive in a policy.
func directive(policy, name string) ([]string, bool) {
	for _, part := range strings.Split(policy, ";") {
		words := strings.Fields(strings.ToLower(part))
		if len(words) > 0 && words[0] == name {
			return words[1:], true
		}
	}
	return nil, false
}
