// Package deser001 judges data from outside that is turned into objects by a loader which can run code.
package deser001

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-DESER-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every loader of objects that words from outside reach.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.Deserialize) {
		v := judge(p, h)
		if v.harmless {
			continue
		}
		if isPassedName(h) {
			reportChosen(p, h)
			continue
		}
		f := p.ReportHit("unsafe-load", h, " is turned into objects by "+h.Callee+", which can run code"+v.when)
		if v.mild {
			f.Severity = finding.Medium
		}
		if v.reason != "" {
			f.Confidence = min(f.Confidence, finding.ConfidenceMedium)
			f.Reasons = append(f.Reasons, v.reason)
		}
	}
}

// isPassedName: words from outside are passed to a function that loads the file of that name.
func isPassedName(h project.Hit) bool {
	return !slices.ContainsFunc(h.Labels, func(l value.Label) bool { return !l.Cleared.Has(models.PathRead) })
}

// reportChosen tells that a visitor chooses among stored files that are loaded: whoever can place one of them runs code.
func reportChosen(p *rule.Pass, h project.Hit) {
	f := p.OnHit("unsafe-load", h)
	f.Severity, f.Confidence, f.Verdict = finding.Low, finding.ConfidenceLow, finding.Verify
	f.Message = rule.Sources(h) + " chooses which stored file is turned into objects by " + h.Callee + ", which can run code"
	f.Settle = "Look at who else can write such files, and whether the content is signed and the signature checked before it is loaded."
	f.Reasons = append(f.Reasons, "who writes the files was not seen")
	p.Report(f)
}

// isFullLoader recognises PyYAML's middle way: it builds Python objects, but since 5.4 none that act.
func isFullLoader(h project.Hit) bool {
	if strings.HasPrefix(h.Callee, "yaml.full_load") {
		return true
	}
	a, ok := h.Args.At(1, "Loader")
	if !ok || a.Value == nil {
		return false
	}
	for _, o := range a.Value.Objs {
		if !strings.HasSuffix(o.Path, ".FullLoader") {
			return false
		}
	}
	return len(a.Value.Objs) > 0
}
