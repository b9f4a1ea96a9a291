// Package limits001 judges how much of a request the application is willing to read.
package limits001

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"stopper/internal/deploy/nginx"
	"stopper/internal/deployment"
	"stopper/internal/finding"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/visibility"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-LIMITS-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges the application's own limit, the limits of forms, and the limit of nginx.
func (Rule) Run(p *rule.Pass) {
	if p.HasApp() {
		body(p)
		form(p)
	}
	edge(p)
}

// large is a limit at the edge that stops nobody: a hundred such requests at once fill a server's memory.
const large = 100 << 20

func body(p *rule.Pass) {
	s := p.Project.Setting("MAX_CONTENT_LENGTH")
	if !s.IsUnset() || overridden(p) || edgeLimits(p) {
		return
	}
	up := uploads(p)
	if len(up) == 0 && s.Set == nil && !p.ShowsProduction() && !p.Project.Deploy.Edge.Shown() {
		return // nothing says that it is meant for production, or that large bodies are welcome
	}
	f := p.Whole("body")
	f.Message = "MAX_CONTENT_LENGTH is not set: a request body of any size is read"
	if s.Set != nil {
		f = p.AtNode("body", s.Set.Module, s.Set.Node)
		f.Message = "MAX_CONTENT_LENGTH is None: a request body of any size is read"
	}
	if len(up) > 0 {
		f.Severity = finding.Medium
		f.Related = append(f.Related, up[0].Place("takes uploads"))
	} else if s.Set == nil {
		f.Confidence = min(f.Confidence, finding.ConfidenceMedium)
		f.Reasons = append(f.Reasons, "no upload was seen, so only JSON, raw bodies and long forms are concerned")
	}
	if !p.Project.Deploy.Edge.Shown() {
		rule.NotVisible(f, visibility.EdgeBodyLimit)
	}
	if s.Answer == visibility.NotVisible {
		f.Confidence = min(f.Confidence, finding.ConfidenceLow)
		f.Reasons = append(f.Reasons, "it may be set by "+s.On)
	}
	p.Report(f)
}

// overridden: a limit of the application's own, in a request class, for each request, or by hand.
func overridden(p *rule.Pass) bool {
	for _, s := range p.Sites("max_content_length") {
		inClass := s.Func != "" && s.Func[strings.LastIndexByte(s.Func, '.')+1] < 'a'
		if s.IsStore() && (inClass || s.Module.File.Kind(s.Node) == ast.Attribute) {
			return true
		}
	}
	for _, s := range p.Sites("content_length") {
		if s.Of("request") {
			return true
		}
	}
	return false
}

// uploads are the places that take files.
func uploads(p *rule.Pass) []rule.Site {
	var out []rule.Site
	for _, s := range p.Sites("files", "FileField", "MultipleFileField") {
		if s.Module.File.IdentOf(s.Node) != "files" || s.Of("request") {
			out = append(out, s)
		}
	}
	return out
}

// edgeLimits reports whether every way in through nginx has a limit that is one.
func edgeLimits(p *rule.Pass) bool {
	front := p.Project.Deploy.Front()
	for _, pr := range front {
		if n, ok := bodySize(pr); ok && (n == 0 || n > large) {
			return false
		}
	}
	return len(front) > 0
}

// bodySize is client_max_body_size where requests are handed over; 1 MB when nothing says otherwise.
func bodySize(pr deployment.Proxy) (int64, bool) {
	d := pr.Block.Value("client_max_body_size")
	if d == nil {
		return 1 << 20, true
	}
	return size(d.Arg(0))
}

// size reads nginx's sizes: 10m, 512k, 1g, 0.
func size(s string) (int64, bool) {
	unit := int64(1)
	if s == "" {
		return 0, false
	}
	switch strings.ToLower(s[len(s)-1:]) {
	case "k":
		unit = 1 << 10
	case "m":
		unit = 1 << 20
	case "g":
		unit = 1 << 30
	}
	n, err := strconv.ParseInt(strings.TrimRight(s, "kKmMgG"), 10, 64)
	if err != nil || n < 0 || n > 1<<30 {
		return 0, false
	}
	return n * unit, true
}

func form(p *rule.Pass) {
	for _, key := range [...]string{"MAX_FORM_MEMORY_SIZE", "MAX_FORM_PARTS"} {
		s := p.Project.Setting(key)
		switch {
		case s.Set == nil:
		case s.Ignored != "":
			f := p.AtNode("form", s.Set.Module, s.Set.Node)
			f.Message = fmt.Sprintf("Flask %s does not read %s: the setting has no effect", s.Ignored, key)
			p.Report(f)
		case s.Is(nil) && unlimited(p.Project.Setting("MAX_CONTENT_LENGTH")):
			f := p.AtNode("form", s.Set.Module, s.Set.Node)
			f.Message = key + " is None: a form may hold as much as is sent"
			p.Report(f)
		}
	}
}

func unlimited(s *project.Setting) bool { return s.IsUnset() }

// edge reports limits of nginx that are none, once for each directive.
func edge(p *rule.Pass) {
	seen := map[*nginx.Directive]bool{}
	for _, pr := range p.Project.Deploy.Front() {
		d := pr.Block.Value("client_max_body_size")
		n, ok := bodySize(pr)
		if d == nil || !ok || n > 0 && n <= large || seen[d] {
			continue
		}
		seen[d] = true
		f := p.AtLine("edge", d.File, d.Line)
		f.Message = "nginx hands over request bodies of any size"
		if n > 0 {
			f.Message = fmt.Sprintf("nginx hands over request bodies of up to %d MB", n>>20)
		}
		if app := p.Project.Setting("MAX_CONTENT_LENGTH"); !app.IsUnset() {
			f.Confidence = finding.ConfidenceMedium
			f.Reasons = append(f.Reasons, "the application has a limit of its own; nginx still stores the whole body first")
		}
		p.Report(f)
	}
}
