package path001

import (
	"slices"

	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

// backslashes reports files that nothing but the URL's rule keeps in their folder: <name> holds no slash, and on Windows a
// backslash separates folders as well.
func backslashes(p *rule.Pass) {
	for _, kind := range [...]models.SinkKind{models.PathRead, models.PathWrite} {
		for _, h := range p.Project.Guarded(kind) {
			if probes(h.Callee) || !slices.ContainsFunc(h.Labels, onlyRoute) || !isOpenEnded(h.Value) {
				continue
			}
			f := p.OnHit("backslash", h)
			f.Confidence = finding.ConfidenceLow
			f.Verdict, f.Settle = finding.Verify, "Does the application run on Windows?"
			f.Message = "only the route keeps " + rule.Sources(h) + " in the folder: it holds no slash, and on Windows a backslash does"
			p.Report(f)
		}
	}
}

// isOpenEnded: the path ends with the name, and nothing was found out about that.
func isOpenEnded(v *value.Value) bool {
	if v == nil || v.Str == nil || len(v.Str.Parts) < 2 || v.Str.StaysBelow(models.NoKind, false) {
		return false
	}
	last := &v.Str.Parts[len(v.Str.Parts)-1]
	return last.IsHole && slices.ContainsFunc(last.Taint, func(l value.Label) bool {
		return l.Origin.Kind == value.OriginParam && !l.Cleared.Has(models.PathRead)
	})
}

func onlyRoute(l value.Label) bool {
	return !l.Cleared.Has(models.PathParent) && slices.ContainsFunc(l.Weak(), func(w value.WeakGuard) bool { return w.Name == project.OnlyRoute })
}
