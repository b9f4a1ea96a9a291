package rule

import (
	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/models"
	"stopper/internal/project"
)

// ReportHits reports every sink of a kind that words from outside reach; says follows the names of the sources in the message.
func (p *Pass) ReportHits(kind models.SinkKind, slug, says string) {
	for _, h := range p.Project.Hits(kind) {
		p.ReportHit(slug, h, says)
	}
}

// ReportHit reports one sink, and returns the finding for what is special about it.
func (p *Pass) ReportHit(slug string, h project.Hit, says string) *finding.Finding {
	f := p.OnHit(slug, h)
	f.Message = Sources(h) + says
	p.Report(f)
	return f
}

// WeakGuards are the checks that were made on the way to a sink and do not suffice.
func WeakGuards(h project.Hit) []value.WeakGuard {
	var out []value.WeakGuard
	for _, l := range h.Labels {
		for _, w := range l.Weak {
			if w.Kind == h.Kind || w.Kind == models.NoKind {
				out = append(out, w)
			}
		}
	}
	return out
}

// AllStored reports whether everything that reaches a hit was stored before.
func AllStored(h project.Hit) bool {
	for _, l := range h.Labels {
		if l.Origin.Source != models.Stored {
			return false
		}
	}
	return true
}
