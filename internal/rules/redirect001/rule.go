// Package redirect001 judges redirects whose target comes from the request.
package redirect001

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/deps"
	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-REDIRECT-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every redirect that words from outside reach.
func (Rule) Run(p *rule.Pass) {
	inHeader := slices.DeleteFunc(p.Project.HeaderHits("Location", models.URLRedirect), isStayed)
	for _, h := range append(p.Project.Hits(models.URLRedirect), inHeader...) {
		if h.Value.Str.StaysOnSite() || rule.IsUnnamedHeader(h) || isBehindOwnHost(h) || isOwnAddress(p, h) {
			continue
		}
		p.Report(judge(p, h))
	}
}

// isStayed: browsers follow the address of an answer with a status from 300 to 399. `return note, 201, {"Location": url}` says
// where the new thing is.
func isStayed(h project.Hit) bool {
	for _, part := range h.Args.Pos[1:] {
		if part.Value == nil || !part.Value.IsConst || len(part.Value.Consts()) == 0 {
			continue
		}
		return !slices.ContainsFunc(part.Value.Consts(), isFollowed)
	}
	return false
}

// isFollowed: an answer with this status sends the browser on.
func isFollowed(status ir.Const) bool {
	switch status.Kind {
	case ir.ConstInt:
		return status.Int >= 300 && status.Int < 400
	case ir.ConstStr:
		return strings.HasPrefix(status.Str, "3")
	}
	return true
}

// isBehindOwnHost: the text begins with the root of the request's address and the slash that this ends with; what stands behind that
// is a path there.
func isBehindOwnHost(h project.Hit) bool {
	if h.Value.Str == nil || len(h.Value.Str.Parts) < 2 {
		return false
	}
	root, next := &h.Value.Str.Parts[0], &h.Value.Str.Parts[1]
	return root.IsHole && len(root.Taint) > 0 && !next.IsHole && strings.HasPrefix(next.Lit, "/") && !slices.ContainsFunc(root.Taint, func(l value.Label) bool {
		switch l.Origin.Name {
		case "request.url_root", "request.root_url", "request.host_url":
			return false
		}
		return true
	})
}

// isOwnAddress: the address of the request begins with the host that the browser asked for, which a link to this site
// cannot change.
func isOwnAddress(p *rule.Pass, h project.Hit) bool {
	for _, l := range h.Labels {
		if isFromQuery(p, l) {
			return false
		}
		switch l.Origin.Name {
		case "request.url", "request.base_url", "request.url_root", "request.root_url", "request.host_url":
		case "request.path", "request.full_path":
			// "//evil.example" is a path too, but not behind something else.
			if h.Value.Str.BeforeTaint() == "" {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// isFromQuery: on the way the query was taken out of an address, and each of its values is whatever the visitor wrote.
func isFromQuery(p *rule.Pass, l value.Label) bool {
	return slices.ContainsFunc(value.Steps(l.Trace), func(s *value.Step) bool {
		fn := p.Project.Flow.Func(s.Func)
		return fn != nil && s.Node != 0 && fn.Module.File != nil && strings.Contains(fn.Module.Source.Slice(fn.SpanOf(s.Node)), "parse_qs")
	})
}

// checkedBy are the libraries that hand out the address of the request after a check of their own, the first versions whose check
// refuses what we try, and what passes the others.
var checkedBy = [...]struct{ source, pkg, since, defeats string }{
	{"the address that Flask-Security checked", "flask-security-too", "5.9", "https:evil.example"},
	{"the address that Flask-Admin checked", "flask-admin", "", "////evil.example"},
}

// byLibrary judges a redirect to an address that a library checked; false when it is another one. A nil finding means that
// the library's check holds.
func byLibrary(p *rule.Pass, h project.Hit) (*finding.Finding, bool) {
	for _, c := range checkedBy {
		if slices.ContainsFunc(h.Labels, func(l value.Label) bool { return l.Origin.Name != c.source }) {
			continue
		}
		if d, ok := p.Project.Deps.Locked(c.pkg); ok && c.since != "" && !deps.Older(d.Version, c.since) {
			return nil, true
		}
		f := p.OnHit("weak-guard", h)
		f.Confidence = min(f.Confidence, finding.ConfidenceMedium)
		f.Message = "the redirect goes to " + c.source + ", and that check lets " + c.defeats + " through"
		return f, true
	}
	return nil, false
}

func judge(p *rule.Pass, h project.Hit) *finding.Finding {
	if f, ok := byLibrary(p, h); ok {
		return f
	}
	if weak := rule.WeakGuards(h); len(weak) > 0 {
		f := p.OnHit("weak-guard", h)
		f.Message = "the check of " + rule.Sources(h) + " before this redirect is not enough: " + weak[0].Name +
			" lets " + weak[0].Defeats + " through"
		return withGuard(p, f, weak[0])
	}
	if fromReferrer(h) {
		f := p.OnHit("referrer", h)
		f.Message = "the redirect goes wherever the Referer header says"
		return f
	}
	f := p.OnHit("open-redirect", h)
	f.Message = "the redirect goes wherever " + rule.Sources(h) + " says"
	return f
}

// withGuard shows the check among the steps of the flow.
func withGuard(p *rule.Pass, f *finding.Finding, w value.WeakGuard) *finding.Finding {
	fn := p.Project.Flow.Func(w.Func)
	if fn == nil || w.Node == 0 || len(f.Flow) == 0 {
		return f
	}
	span := fn.SpanOf(w.Node)
	if line, _, ok := strings.Cut(fn.Module.Source.Slice(span), "\n"); ok { // of a function, the line with its name
		span.End = span.Start + uint32(len(line))
	}
	step := finding.Step{Path: fn.Module.Source.Path, Span: span, Note: "checked here, which is not enough"}
	last := len(f.Flow) - 1
	f.Flow = slices.Insert(slices.Clone(f.Flow), last, step)
	return f
}

func fromReferrer(h project.Hit) bool {
	for _, l := range h.Labels {
		n := strings.ToLower(l.Origin.Name)
		if !strings.Contains(n, "referrer") && !strings.Contains(n, "referer") {
			return false
		}
	}
	return true
}
