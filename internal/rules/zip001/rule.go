// Package zip001 judges archives from outside that are unpacked.
package zip001

import (
	_ "embed"
	"regexp"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-ZIP-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// sizeCheck are words of code that limits what it unpacks.
var sizeCheck = regexp.MustCompile(`(?i)file_size|max_length|max_size|maxsize|\.size\b|(?:\b|_)(?:ratio|limits?|limited)(?:\b|_)`)

// Run judges every archive from outside by how it is unpacked. Only members of tar files can leave the folder: zipfile
// takes their names apart itself.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.Archive) {
		if !holdsData(h) {
			continue
		}
		if !strings.HasPrefix(h.Callee, "tarfile.") && !strings.HasPrefix(h.Callee, "shutil.") {
			continue
		}
		if filtered, known := p.AtLeast("python", "3.14"); known && filtered {
			continue // the filter "data" is the default
		}
		f := p.OnHit("slip", h)
		f.Message = "an archive from " + rule.Sources(h) + " is unpacked without a filter: its members may leave the folder"
		if weak := rule.WeakGuards(h); len(weak) > 0 {
			f = p.OnHit("weak-guard", h)
			f.Message = "the check of the names in an archive from " + rule.Sources(h) + " is not enough: " + weak[0].Name + ", so " + weak[0].Defeats + " passes"
		}
		if _, chosen := h.Args.Keyword("members"); chosen {
			f.Confidence = min(f.Confidence, finding.ConfidenceLow)
			f.Reasons = append(f.Reasons, "the members are chosen first, and what is left out was not followed")
		}
		p.Report(f)
	}
	seen := map[ir.FuncID]bool{}
	for _, h := range p.Project.Hits(models.Decompress) {
		if !seen[h.Func.ID] && holdsData(h) && !isLimited(p, h.Func) {
			seen[h.Func.ID] = true // one limit closes them all
			p.ReportHit("bomb", h, " is unpacked whatever its size becomes")
		}
	}
}

// membersCheck is what code that looks at the members of an archive says; what a helper is called says nothing.
var membersCheck = regexp.MustCompile(`\.file_size\b|\.size\b|infolist\(|getmembers\(|max_length`)

// calledName is a name that is called.
var calledName = regexp.MustCompile(`[A-Za-z_]\w*\(`)

// maxHelpers bounds the helpers of one function that are looked at.
const maxHelpers = 64

// isLimited: a function limits what it unpacks, or a helper of the program that it calls looks at the members.
func isLimited(p *rule.Pass, fn *ir.Func) bool {
	helpers := p.Project.Flow.Callees(fn.ID)
	own := map[string]bool{}
	if len(helpers) > maxHelpers {
		p.Cut("helpers of one function", fn.ID)
		helpers = helpers[:maxHelpers]
	}
	for _, c := range helpers {
		helper := p.Project.Flow.Func(c.To)
		if helper == nil || c.To == fn.ID {
			continue
		}
		own[p.Project.Prog.FuncName(c.To)+"("] = true
		if membersCheck.MatchString(rule.Text(helper)) {
			return true
		}
	}
	text := calledName.ReplaceAllStringFunc(rule.Text(fn), func(called string) string {
		if own[called] {
			return "("
		}
		return called
	})
	return sizeCheck.MatchString(text)
}

// holdsData reports whether the content comes from outside. A path from outside names an archive that is there already,
// which FLASK-PATH-001 judges.
func holdsData(h project.Hit) bool {
	if h.Kind == models.Decompress && strings.HasSuffix(h.Callee, ".decompress") {
		return true
	}
	for _, l := range h.Labels {
		n := l.Origin.Name
		if strings.Contains(n, "file") || strings.Contains(n, "data") || strings.Contains(n, "stream") || strings.Contains(n, "json") {
			return true
		}
	}
	return false
}
