// Package deser001 judges data from outside that is turned into objects by a loader which can run code.
package deser001

import (
	_ "embed"
	"strings"

	"stopper/internal/finding"
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
