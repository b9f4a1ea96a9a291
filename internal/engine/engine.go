// Package engine runs the stages of an audit in order, and in parallel where they do not depend on each other.
//
// In: options. Out: a result.Result and a lookup of the texts it speaks of. The result is the same bytes for any number of
// jobs: work is handed out by index and collected by index.
//
// This is the only package besides the protocol servers that starts goroutines. Each unit of work runs under bug.Recover: a
// fault of ours in one file or rule is printed with the result and does not take the others with it.
package engine

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"stopper/internal/bug"
	"stopper/internal/deployment"
	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/report/result"
	"stopper/internal/rule"
	"stopper/internal/semantic"
	"stopper/internal/source"
	"stopper/internal/suppress"
	"stopper/internal/workspace"
)

// Options steer one audit.
type Options struct {
	Root    string
	Version string
	Jobs    int // 0: as many as there are processors
	Rules   []rule.Rule
	Models  *models.Set
	// Enabled reports whether a check is wanted; nil means all.
	Enabled func(ruleID, check string) bool
	Today   time.Time // for the expiry of suppressions
	NoSkip  bool      // analyse every function, also those that cannot matter
	// Progress is called when a phase begins; may be nil.
	Progress func(phase string)
}

// Output is the outcome of an audit: what reporters print, and the bundle behind it.
type Output struct {
	Result  *result.Result
	Lookup  finding.Lookup
	Project *project.Project
	Metas   []*rule.Meta
}

// run is the state of one audit.
type run struct {
	opt    Options
	bugs   *bug.Reporter
	ws     *workspace.Workspace
	files  []*ast.File
	infos  []*semantic.FileInfo
	byPath map[string]*source.File
	mu     sync.Mutex // guards byPath for texts that reporters ask for later
	res    *result.Result
	start  time.Time
}

// Audit runs all stages over a workspace.
func Audit(ctx context.Context, ws *workspace.Workspace, opt Options) (*Output, error) {
	if opt.Jobs <= 0 {
		opt.Jobs = runtime.GOMAXPROCS(0)
	}
	r := &run{opt: opt, ws: ws, bugs: &bug.Reporter{}, byPath: map[string]*source.File{}, start: time.Now()}
	r.res = &result.Result{Tool: result.Tool{Name: "stopper", Version: opt.Version}, Root: opt.Root}
	out := &Output{Result: r.res, Lookup: r.lookup}

	r.phase("parse", r.parse)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := project.Project{Work: ws, Models: opt.Models}
	r.phase("link", func() string {
		p.Prog = semantic.Link(r.infos)
		return fmt.Sprintf("%d modules", len(p.Prog.Modules))
	})
	r.phase("flow", func() string {
		p.Flow = flow.Analyze(ctx, p.Prog, opt.Models, flow.Options{Jobs: opt.Jobs, NoSkip: opt.NoSkip})
		s := p.Flow.Stats
		return fmt.Sprintf("%d of %d functions, %d runs, %d instructions", s.Relevant, s.Functions, s.Analysed, s.Instrs)
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.phase("flask", func() string {
		p.Flask = flask.Build(p.Prog, opt.Models, p.Flow)
		return fmt.Sprintf("%d routes", len(p.Flask.Routes))
	})
	r.phase("deployment", func() string {
		p.Deploy = deployment.Fold(ws)
		return fmt.Sprintf("%d start commands", len(p.Deploy.Entries))
	})
	r.phase("rules", func() string {
		out.Project = project.New(p)
		out.Metas = r.judge(out.Project)
		return fmt.Sprintf("%d findings", len(r.res.Findings))
	})
	r.coverage(out.Project)
	r.res.Routes = routes(out.Project)
	r.res.Stats.Duration = time.Since(r.start)
	return out, nil
}

func (r *run) phase(name string, work func() string) {
	if r.opt.Progress != nil {
		r.opt.Progress(name)
	}
	start := time.Now()
	note := work()
	r.res.Stats.Phases = append(r.res.Stats.Phases, result.Phase{Name: name, Duration: time.Since(start), Note: note})
}

// parallel hands out indices to jobs. Each worker gets a state of its own, such as a parser with its buffers.
func parallel[S any](jobs, n int, newState func() S, work func(S, int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(jobs, n) {
		wg.Go(func() {
			state := newState()
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				work(state, i)
			}
		})
	}
	wg.Wait()
}

func (r *run) parse() string {
	files := r.ws.OfClass(workspace.Python)
	trees := make([]*ast.File, len(files))
	infos := make([]*semantic.FileInfo, len(files))
	skips := make([]*result.Skip, len(files))
	parallel(r.opt.Jobs, len(files), parser.New, func(p *parser.Parser, i int) {
		defer bug.Recover(r.bugs, "parsing "+files[i].Path)
		text, err := r.ws.Read(files[i].Path)
		if err != nil {
			skips[i] = &result.Skip{Path: files[i].Path, Reason: reason(err)}
			return
		}
		trees[i] = p.Parse(source.NewFile(files[i].Path, text))
		infos[i] = semantic.Scan(trees[i])
	})
	bytes := 0
	for i := range files {
		switch {
		case skips[i] != nil:
			r.res.Coverage.Skipped = append(r.res.Coverage.Skipped, *skips[i])
		case trees[i] != nil && infos[i] != nil:
			r.files = append(r.files, trees[i])
			r.infos = append(r.infos, infos[i])
			r.byPath[files[i].Path] = trees[i].Src
			bytes += len(trees[i].Src.Text)
		}
	}
	return fmt.Sprintf("%d files, %.1f MB", len(r.files), float64(bytes)/1e6)
}

func reason(err error) string {
	var skip *workspace.SkipError
	if s, ok := err.(*workspace.SkipError); ok {
		skip = s
		return skip.Reason.String()
	}
	return err.Error()
}

// judge runs the rules and finishes their findings.
func (r *run) judge(p *project.Project) []*rule.Meta {
	metas := make([]*rule.Meta, len(r.opt.Rules))
	found := make([][]*finding.Finding, len(r.opt.Rules))
	parallel(r.opt.Jobs, len(r.opt.Rules), func() struct{} { return struct{}{} }, func(_ struct{}, i int) {
		defer bug.Recover(r.bugs, fmt.Sprintf("rule %T", r.opt.Rules[i]))
		meta, err := rule.ParseMeta(r.opt.Rules[i].Page())
		if err != nil {
			r.bugs.Report(fmt.Sprintf("the page of rule %T", r.opt.Rules[i]), err, nil)
			return
		}
		metas[i] = meta
		if !p.Flask.UsesFlask {
			return
		}
		pass := &rule.Pass{Project: p, Meta: meta}
		r.opt.Rules[i].Run(pass)
		found[i] = pass.Findings()
	})
	var all []*finding.Finding
	for _, fs := range found {
		for _, f := range fs {
			if r.opt.Enabled == nil || r.opt.Enabled(f.RuleID, f.Check) {
				all = append(all, f)
			}
		}
	}
	all = finding.Finish(all, r.lookup)
	r.res.Findings, r.res.Suppressions = r.suppress(all)
	return slices.DeleteFunc(metas, func(m *rule.Meta) bool { return m == nil })
}

func (r *run) suppress(all []*finding.Finding) ([]*finding.Finding, []result.Suppression) {
	var directives []suppress.Directive
	for _, f := range r.files {
		if len(f.Comments) > 0 {
			directives = append(directives, suppress.Scan(f.Src, f.Comments)...)
		}
	}
	return all, suppress.Apply(all, directives, r.opt.Today.Format(time.DateOnly))
}

// lookup is the text of a file of the tree, for evidence and reports.
func (r *run) lookup(path string) *source.File {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.byPath[path]; f != nil {
		return f
	}
	text, err := r.ws.Read(path)
	if err != nil {
		return nil
	}
	f := source.NewFile(path, text)
	r.byPath[path] = f
	return f
}

func (r *run) coverage(p *project.Project) {
	c := &r.res.Coverage
	c.Flask = p.Flask.UsesFlask
	c.FilesByClass = map[string]int{}
	for _, f := range r.ws.Files {
		if f.Class != workspace.Other {
			c.FilesByClass[f.Class.String()]++
		}
	}
	for _, s := range r.ws.Skipped {
		if s.Reason.IsGap() {
			text := s.Reason.String()
			if s.Detail != "" {
				text += ": " + s.Detail
			}
			c.Skipped = append(c.Skipped, result.Skip{Path: s.Path, Reason: text})
		}
	}
	for _, f := range r.files {
		c.PythonLines += f.Src.LineCount()
		for i, e := range f.Errors {
			if i == maxErrorsShown {
				break
			}
			c.ParseErrors = append(c.ParseErrors, result.ParseError{
				Path: f.Src.Path, Line: f.Src.Line(e.Span.Start), Message: e.Msg, WholeFile: len(f.Body(f.Root)) == 0,
			})
		}
	}
	for _, rt := range p.Flask.Routes {
		if !rt.Resolved {
			c.Unresolved = append(c.Unresolved, fmt.Sprintf("%s:%d: %s", rt.Module.Source.Path, lineOf(rt), rt.Reason))
		}
	}
	for _, b := range p.Flow.Budgets {
		c.Budgets = append(c.Budgets, fmt.Sprintf("%s: %s: the limit of %s was reached", b.Func.Module.Source.Path, b.Func.QualName, b.What))
	}
	for _, f := range r.bugs.Faults() {
		c.InternalErrors = append(c.InternalErrors, f.String())
	}
	slices.Sort(c.InternalErrors)
}

// maxErrorsShown bounds the syntax errors listed of one file: a broken file repeats itself.
const maxErrorsShown = 3

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
			File: rt.Module.Source.Path, Line: lineOf(rt),
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
