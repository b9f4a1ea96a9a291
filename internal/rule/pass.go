package rule

import (
	"fmt"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/python/ast"
)

// Rule is one rule: its page and its judgement. A judgement keeps no state and may run beside others; its Pass is its own.
type Rule interface {
	Page() []byte
	Run(*Pass)
}

// Pass gives a rule the project and takes its findings.
type Pass struct {
	Project  *project.Project
	Meta     *Meta
	findings []*finding.Finding
	cuts     []Cut
	// assigned is what functions assign to their names, of those that somebody asked about.
	assigned map[ir.FuncID]map[string][]ast.NodeID
}

// Findings are what the rule reported.
func (p *Pass) Findings() []*finding.Finding { return p.findings }

// Cut is a limit that a rule reached, with the first function where it did: behind it findings may be missing.
type Cut struct {
	What string // in the words of the report: "the limit of … was reached"
	In   ir.FuncID
}

// Cuts are the limits that were reached.
func (p *Pass) Cuts() []Cut { return p.cuts }

// Cut notes that a limit was reached while a function was looked at.
func (p *Pass) Cut(what string, in ir.FuncID) {
	if !slices.ContainsFunc(p.cuts, func(c Cut) bool { return c.What == what }) {
		p.cuts = append(p.cuts, Cut{what, in})
	}
}

// Report takes a finding.
func (p *Pass) Report(f *finding.Finding) {
	if f == nil {
		return
	}
	if file, ok := p.Project.Work.Lookup(f.Path); ok && file.IsExample {
		f.Severity = lower(f.Severity)
		f.Reasons = append(f.Reasons, "the file belongs to documentation or examples")
	}
	p.findings = append(p.findings, f)
}

// lower is the next milder severity: for code that is seldom deployed, and flows of which half was seen.
func lower(s finding.Severity) finding.Severity { return max(finding.Low, s-1) }

// At starts a finding of a check at a node of a function's file.
func (p *Pass) At(slug string, fn *ir.Func, node ast.NodeID) *finding.Finding {
	f := p.AtNode(slug, fn.Module, node)
	if fn.Kind < ir.KindModule || isMacro(fn) {
		f.Function = fn.QualName
	}
	f.Routes = p.Project.RoutesReaching(fn.ID)
	return f
}

// isMacro: of the parts of a template, a macro is a function whatever page shows it; a block is not, which stands in its page or apart.
func isMacro(fn *ir.Func) bool {
	return fn.Kind == ir.KindTemplate && strings.HasPrefix(fn.Name, "macro ")
}

// AtNode starts a finding of a check at a node of a module.
func (p *Pass) AtNode(slug string, mod *ir.Module, node ast.NodeID) *finding.Finding {
	f := p.Meta.NewFinding(slug)
	f.Path = mod.Source.Path
	if mod.File != nil {
		f.Span = mod.File.Span(node)
	} else if int(node) < len(mod.Spans) {
		f.Span = mod.Spans[node]
	}
	return f
}

// AtLine starts a finding of a check at a line of a file that is not Python.
func (p *Pass) AtLine(slug, path string, line int) *finding.Finding {
	f := p.Meta.NewFinding(slug)
	f.Path = path
	f.Pos.Line = line
	return f
}

// OnHit starts a finding of a check at a sink, with the flow that leads to it.
func (p *Pass) OnHit(slug string, h project.Hit) *finding.Finding {
	f := p.At(slug, h.Func, h.ArgNode)
	if f.Span.IsZero() {
		f.Span = h.Func.SpanOf(h.Node)
	}
	f.Routes = h.Routes
	h.Labels = project.SurestFirst(h.Labels)
	for i, l := range h.Labels {
		steps := p.steps(l, h)
		if i == 0 {
			f.Flow = steps
		} else if len(f.MoreFlows) < finding.MaxFlows {
			f.MoreFlows = append(f.MoreFlows, steps)
		}
	}
	p.weigh(f, h)
	return f
}

// Sources names what reaches a hit, for messages: `request.args["q"]`.
func Sources(h project.Hit) string {
	var names []string
	for _, l := range h.Labels {
		if len(names) == maxNamed {
			names = append(names, "…")
			break
		}
		if n := l.Origin.Name; n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

// maxNamed is how many sources a message names.
const maxNamed = 3

// steps turns a label's trace into the steps of a finding, source first.
func (p *Pass) steps(l value.Label, h project.Hit) []finding.Step {
	var out []finding.Step
	if step, ok := p.step(l.Origin.Func, l.Origin.Node, "from outside: "+l.Origin.Name); ok {
		out = append(out, step)
	}
	for _, s := range value.Steps(l.Trace) {
		step, ok := p.step(s.Func, s.Node, s.Note)
		if n := len(out); ok && (n == 0 || out[n-1].Path != step.Path || out[n-1].Span != step.Span) {
			out = append(out, step)
		}
	}
	if step, ok := p.step(h.Func.ID, h.ArgNode, "reaches "+h.Callee); ok {
		if n := len(out); n > 1 && out[n-1].Path == step.Path && out[n-1].Span == step.Span {
			out = out[:n-1]
		}
		out = append(out, step)
	}
	return out
}

func (p *Pass) step(id ir.FuncID, node ast.NodeID, note string) (finding.Step, bool) {
	fn := p.Project.Flow.Func(id)
	if fn == nil || node == 0 {
		return finding.Step{}, false
	}
	return finding.Step{Path: fn.Module.Source.Path, Span: fn.SpanOf(node), Note: note}, true
}

// markReasons are the words for approximations, in order of value.Marks.
var markReasons = [...]struct {
	mark value.Marks
	text string
}{
	{value.MarkUnknownCall, "the value passes through a call whose effect is not known"},
	{value.MarkWidened, "the value was simplified, because it has too many forms"},
	{value.MarkWeakUpdate, "the value is kept in a place that holds several values"},
	{value.MarkDynamic, "the call was resolved by guessing among several targets"},
	{value.MarkBudget, "the analysis stopped at a limit"},
	{value.MarkGlobal, "the value passes through a variable that several functions write"},
	{value.MarkSession, "another request of the same visitor left the value in the session"},
	{value.MarkNamesake, "the method was found by its name alone: what it is called on is not known"},
}

// weigh sets the confidence from the marks of the surest label, which is the first, and says why.
func (p *Pass) weigh(f *finding.Finding, h project.Hit) {
	first := &h.Labels[0]
	marks, guesses := first.Marks|h.Marks, first.Guesses()
	stored, written := first.Origin.Source != models.Remote && first.Origin.Source != models.Guessable, false
	for i := range h.Labels {
		l := &h.Labels[i]
		if (l.Marks | h.Marks) < marks {
			marks = l.Marks | h.Marks
		}
		written = written || l.Origin.Source == models.Written
	}
	for _, m := range markReasons {
		if marks&m.mark != 0 {
			f.Confidence = finding.ConfidenceMedium
			f.Reasons = append(f.Reasons, m.text)
		}
	}
	if guesses > 1 {
		f.Confidence = finding.ConfidenceLow
	}
	if stored {
		f.Confidence = finding.ConfidenceLow
		f.Severity, f.Verdict = lower(f.Severity), finding.Verify
		if written {
			f.Reasons = append(f.Reasons, "second order: one request writes the value, another reads it, and records are matched by the names of their fields")
		} else {
			f.Reasons = append(f.Reasons, "the value comes from storage, and who wrote it there was not followed")
		}
	}
	if len(h.Routes) == 0 {
		f.Confidence = min(f.Confidence, finding.ConfidenceMedium)
		f.Reasons = append(f.Reasons, "no route was seen that leads here")
	}
	if n := len(f.Reasons); n > 0 {
		f.FalsePositiveNotes = strings.TrimSpace(fmt.Sprintf("Verify: %s. %s", strings.Join(f.Reasons, "; "), f.FalsePositiveNotes))
	}
}
