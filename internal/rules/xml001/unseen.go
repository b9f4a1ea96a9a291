package xml001

import (
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// place is a call.
type place struct {
	fn   ir.FuncID
	node ast.NodeID
}

// unseen reports parsers that resolve external entities and read a file that a function is given the path of, where no code
// calls the function: what hands it the file, a watcher of a folder, a task of another process, a plug-in's host, was not seen.
func unseen(p *rule.Pass, seen map[place]bool) {
	for i := range p.Project.Prog.NumFuncs() {
		id := ir.FuncID(i)
		fn := p.Project.Flow.Func(id)
		if fn == nil || fn.Kind != ir.KindFunction || fn.Module.IsTest || isCalled(p, id) {
			continue
		}
		for _, h := range p.Project.Flow.OpenHits(id) {
			at := place{h.Func.ID, h.Node}
			if h.Kind != models.XML || seen[at] || h.Func.Module.IsTest || !isFromFile(&h, id) {
				continue
			}
			seen[at] = true
			ps, release := parserOf(p, project.Hit{Hit: h}), lxmlOf(p)
			if ps.external == yes || ps.external == depends && release != current {
				report(p, &h)
			}
		}
	}
}

func report(p *rule.Pass, h *flow.Hit) {
	f := p.At("external-entity", h.Func, h.Node)
	f.Severity, f.Confidence, f.Verdict = finding.Low, finding.ConfidenceLow, finding.Verify
	f.Message = "a file is read by an XML parser that resolves external entities, and who hands over the file was not seen"
	f.Settle = "Look at what calls " + h.Func.Name + ", and whether a document that somebody sent or stored can get there."
	f.Reasons = append(f.Reasons, "where the file comes from was not seen")
	p.Report(f)
}

// isCalled: somebody besides the function itself and the tests calls it.
func isCalled(p *rule.Pass, id ir.FuncID) bool {
	return slices.ContainsFunc(p.Project.Flow.Callers(id), func(c flow.CallEdge) bool {
		from := p.Project.Flow.Func(c.From)
		return c.From != id && from != nil && !from.Module.IsTest
	})
}

// isFromFile: the document is what a file holds whose path, or which upload, the function was given. A parser of texts that is given
// the parameter itself reads no file.
func isFromFile(h *flow.Hit, id ir.FuncID) bool {
	fromFile := false
	for i := range h.Labels {
		l := &h.Labels[i]
		if l.Origin.Kind != value.OriginParam || l.Origin.Func != id {
			continue
		}
		isRead := flow.IsContent(l.Origin.Name) || slices.ContainsFunc(value.Steps(l.Trace), func(s *value.Step) bool { return s.Note == flow.ReadNote })
		if !isRead && !strings.HasSuffix(h.Callee, "parse") {
			return false
		}
		fromFile = fromFile || isRead
	}
	return fromFile
}
