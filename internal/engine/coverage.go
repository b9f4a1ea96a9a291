package engine

import (
	"fmt"
	"slices"
	"strings"

	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/project"
	"stopper/internal/report/result"
	"stopper/internal/workspace"
)

// coverage says how far the audit could see: what was read, and whatever was not, with the reason.
func (r *run) coverage(p *project.Project) {
	c := &r.res.Coverage
	c.Flask = p.Flask.UsesFlask
	c.FilesByClass = map[string]int{}
	for _, f := range r.ws.Files {
		if f.Class != workspace.Other {
			c.FilesByClass[f.Class.String()]++
		}
	}
	if n := p.Flow.Stats.Tests; n > 0 {
		c.FilesByClass["test"] = n
		c.FilesByClass[workspace.Python.String()] -= n
	}
	r.syntaxErrors(c)
	r.skipped(c, p)
	for _, rt := range p.Flask.Routes {
		if !rt.Resolved {
			c.Unresolved = append(c.Unresolved, fmt.Sprintf("%s:%d: %s", rt.Module.Source.Path, lineOf(rt), rt.Reason))
		}
	}
	for _, what := range p.Flask.Limits {
		c.Budgets = append(c.Budgets, fmt.Sprintf("start-up code: the limit of %s was reached; routes may be missing", what))
	}
	if p.Prog.StarsCut {
		c.Budgets = append(c.Budgets, "star imports: they bring too many names; the last of them were taken to bring none")
	}
	limits(c, p.Flow.Budgets)
	for _, f := range slices.Concat(r.bugs.Faults(), p.Flow.Faults(), p.Flask.Faults()) {
		c.InternalErrors = append(c.InternalErrors, f.String())
	}
	for _, list := range []*[]string{&c.Unresolved, &c.Budgets, &c.Cut, &c.InternalErrors} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

// maxLimitsShown is up to how many functions that reached a limit are named.
const maxLimitsShown = 3

// firstOf names the first function that reached a limit; the limit may have been reached between functions before.
func firstOf(all []flow.Budget) string {
	for _, b := range all {
		if b.Func != nil {
			return fmt.Sprintf(", first in %s: %s", b.Func.Module.Source.Path, b.Func.QualName)
		}
	}
	return ""
}

// limits tells, once for each limit of the flow analysis, which functions reached it. They come sorted by limit.
func limits(c *result.Coverage, all []flow.Budget) {
	for len(all) > 0 {
		what, n := all[0].What, 0
		for n < len(all) && all[n].What == what {
			n++
		}
		var lines []string
		for _, b := range all[:min(n, maxLimitsShown)] {
			text := fmt.Sprintf("the limit of %s was reached", what)
			if b.Func != nil {
				text = fmt.Sprintf("%s: %s: %s", b.Func.Module.Source.Path, b.Func.QualName, text)
			}
			lines = append(lines, text)
		}
		if n > maxLimitsShown {
			lines = []string{fmt.Sprintf("%d functions: the limit of %s was reached%s", n, what, firstOf(all[:n]))}
		}
		if what == flow.LimitTotal { // from here on nothing was analysed
			c.Cut = append(c.Cut, lines...)
		} else {
			c.Budgets = append(c.Budgets, lines...)
		}
		all = all[n:]
	}
}

// maxErrorsShown bounds the syntax errors listed of one file: a broken file repeats itself.
const maxErrorsShown = 3

func (r *run) syntaxErrors(c *result.Coverage) {
	for _, f := range r.files {
		c.PythonLines += f.Src.LineCount()
		for _, e := range f.Errors[:min(len(f.Errors), maxErrorsShown)] {
			c.ParseErrors = append(c.ParseErrors, result.ParseError{
				Path: f.Src.Path, Line: f.Src.Line(e.Span.Start), Message: e.Msg, WholeFile: len(f.Body(f.Root)) == 0,
			})
		}
	}
	slices.SortStableFunc(c.ParseErrors, func(a, b result.ParseError) int { return strings.Compare(a.Path, b.Path) })
}

// skipped lists what the walk left out, what a reader refused, and the parts of deployment files that were not understood.
func (r *run) skipped(c *result.Coverage, p *project.Project) {
	for _, s := range r.ws.Skipped {
		if s.Reason == workspace.Limit {
			c.Cut = append(c.Cut, s.Path+": "+inWords(s))
		}
		if s.Reason.IsGap() {
			c.Skipped = append(c.Skipped, result.Skip{Path: s.Path, Reason: inWords(s)})
		}
	}
	for _, s := range p.Deploy.Skipped {
		c.Skipped = append(c.Skipped, result.Skip{Path: s.File, Line: s.Line, Reason: s.Message})
	}
	slices.SortStableFunc(c.Skipped, func(a, b result.Skip) int {
		if d := strings.Compare(a.Path, b.Path); d != 0 {
			return d
		}
		return a.Line - b.Line
	})
	c.Skipped = slices.Compact(c.Skipped)
}

func inWords(s workspace.Skip) string {
	if s.Detail == "" {
		return s.Reason.String()
	}
	return s.Reason.String() + ": " + s.Detail
}

func lineOf(rt flask.Route) int {
	if rt.Module.File == nil {
		return 0
	}
	return rt.Module.Source.Line(rt.Module.File.Span(rt.Node).Start)
}

func routes(p *project.Project) []result.Route {
	out := make([]result.Route, 0, len(p.Flask.Routes))
	for _, rt := range p.Flask.Routes {
		r := result.Route{
			Reason: rt.Reason, Methods: rt.Methods, Endpoint: rt.Endpoint, Function: rt.Function,
			File: rt.Module.Source.Path, Line: lineOf(rt), Conditional: rt.Cond, Library: rt.IsLibrary,
			Host: rt.Host, Subdomain: rt.Subdomain,
		}
		e := p.Endpoint(rt)
		r.Auth, r.CSRF, r.Limit, r.Inputs, r.ChangesState = e.Auth, e.CSRF, e.Limit, e.Inputs, e.ChangesState
		r.Templates, r.Cookies = e.Templates, e.Cookies
		for _, g := range rt.Guards {
			r.Decorators = append(r.Decorators, g.Name)
		}
		if rt.Resolved {
			url := strings.Clone(rt.URL)
			r.URL = &url
		}
		out = append(out, r)
	}
	result.SortRoutes(out)
	return out
}
