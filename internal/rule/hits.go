package rule

import (
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/python/ast"
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
		for _, w := range l.Weak() {
			if w.Kind == h.Kind || w.Kind == models.NoKind || w.Kind == models.PathRead && h.Kind == models.PathWrite {
				out = append(out, w)
			}
		}
	}
	return out
}

// AllStored reports whether everything that reaches a hit was stored before.
func AllStored(h project.Hit) bool {
	for _, l := range h.Labels {
		if l.Origin.Source != models.Stored && l.Origin.Source != models.Written {
			return false
		}
	}
	return true
}

// oneLine are sources in which HTTP itself allows no line break.
var oneLine = [...]string{"request.headers", "request.cookies", "request.host", "request.method", "request.referrer", "request.user_agent",
	"request.origin", "request.url", "request.base_url", "request.remote_addr", "request.content_type", "request.mimetype", "request.query_string"}

// CanHoldLineBreaks reports whether some source of a hit can hold a line break.
func CanHoldLineBreaks(h project.Hit) bool {
	for _, l := range h.Labels {
		single := false
		for _, s := range oneLine {
			single = single || strings.HasPrefix(l.Origin.Name, s)
		}
		if !single {
			return true
		}
	}
	return false
}

// Text is the source text of a function, "" when there is none.
func Text(fn *ir.Func) string {
	if fn == nil || fn.Module.Source == nil {
		return ""
	}
	return fn.Module.Source.Slice(fn.SpanOf(fn.Node))
}

// TextAt is the source text of a node.
func TextAt(fn *ir.Func, node ast.NodeID) string {
	if fn == nil || fn.Module.Source == nil || node == 0 {
		return ""
	}
	return fn.Module.Source.Slice(fn.SpanOf(node))
}

// IsUnnamedHeader: of headers copied in a loop, one could be called Location or Content-Type, and none has to be.
func IsUnnamedHeader(h project.Hit) bool {
	if !strings.Contains(h.Callee, ".Headers.") || len(h.Args.Pos) == 0 {
		return false
	}
	_, known := h.Args.Pos[0].Value.ConstStr()
	return !known
}

// IsGuessed reports whether every way to a sink leads through a call that nobody knows.
func IsGuessed(h project.Hit) bool {
	for i := range h.Labels {
		if h.Labels[i].Marks&value.MarkUnknownCall == 0 {
			return false
		}
	}
	return true
}
