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
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"stopper/internal/bug"
	"stopper/internal/config"
	"stopper/internal/deployment"
	"stopper/internal/deps"
	"stopper/internal/effects"
	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/jinja"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/python/parser"
	"stopper/internal/report/result"
	"stopper/internal/rule"
	"stopper/internal/semantic"
	"stopper/internal/source"
	"stopper/internal/template"
	"stopper/internal/vfs"
	"stopper/internal/workspace"
)

// Options steer one audit.
type Options struct {
	Root    string
	Version string
	Jobs    int // 0: as many as there are processors
	Rules   []rule.Rule
	Models  *models.Set
	// Config is what the project asks for; Only and Exclude (rule ids, or RULE/check) come from the command line.
	Config        config.Options
	Only, Exclude []string
	Today         time.Time // for the expiry of suppressions
	// OSV is a folder of OSV records that the user has, nil for none; OSVName is what the user calls it.
	OSV     vfs.FS
	OSVName string
	// Settings: list the effective configuration in the result.
	Settings bool
	Before   []result.Phase // what the caller did, for the statistics
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

	r.phase("parse", func() string { return r.parse(ctx) })
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := r.nothing(ctx)
	r.phase("link", func() string {
		p.Prog = semantic.LinkBeside(r.infos, r.opt.Models.KnowsModule)
		return fmt.Sprintf("%d modules", len(p.Prog.Modules))
	})
	r.phase("deployment", func() string {
		p.Deploy = deployment.Fold(ws)
		return fmt.Sprintf("%d start commands", len(p.Deploy.Entries))
	})
	if opt.OSV != nil {
		var err error
		r.phase("advisories", func() (note string) {
			note, err = r.advisories(&p)
			return note
		})
		if err != nil {
			return nil, err
		}
	}
	var trees []*jinja.Tree
	r.phase("templates", func() string {
		trees = r.parseTemplates(ctx, template.Options(p.Prog))
		return fmt.Sprintf("%d files", len(trees))
	})
	templates := later(r, "lowering templates", func() *template.Set { return template.New(p.Prog, trees) })
	startup := later(r, "evaluating start-up code", func() *flask.Evaluated {
		return flask.Evaluate(p.Prog, opt.Models, flask.Tree{Getenv: p.Deploy.Getenv, Started: p.Deploy.Given, ReadFile: r.treeFile})
	})
	nodes := later(r, "listing the nodes of the trees", func() *project.Nodes { return project.NewNodes(p.Prog) })
	p.Bodies = effects.NewBodies(p.Prog)
	manifests := later(r, "reading the dependencies", func() *deps.Set { return project.Dependencies(ws) })
	directives := later(r, "reading suppression comments", r.directives)
	var solved atomic.Bool
	// Lowering takes all processors, and flow waits for it and for the templates only.
	lowered, isLowered := context.WithCancel(ctx)
	defer isLowered()
	usesFlask := flask.IsUsed(p.Prog)
	r.ahead(usesFlask, func() {
		templates()
		<-lowered.Done()
		startup()
		nodes()
		manifests()
		directives()
		defer bug.Recover(r.bugs, "reading what functions do")
		p.Bodies.Ahead(solved.Load)
	})
	r.phase("flow", func() string {
		if !usesFlask { // nothing is judged then
			return "no module imports Flask"
		}
		options := r.flowOptions(p.Prog)
		options.Templates = func() *template.Set {
			isLowered()
			return templates()
		}
		options.AtLeast = func(pkg, version string) (yes, known bool) {
			if p.Deps != nil {
				return p.Deps.AtLeast(pkg, version)
			}
			return manifests().AtLeast(pkg, version)
		}
		p.Flow = flow.Analyze(ctx, p.Prog, opt.Models, options)
		solved.Store(true)
		p.Templates = templates()
		s := p.Flow.Stats
		return fmt.Sprintf("%d functions, %d runs, %d instructions", s.Functions, s.Analysed, s.Instrs)
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.phase("flask", func() string {
		if !usesFlask {
			return "no module imports Flask"
		}
		if e := startup(); e != nil {
			p.Flask = e.Fold(p.Flow)
		}
		return fmt.Sprintf("%d routes", len(p.Flask.Routes))
	})
	r.phase("rules", func() string {
		p.Nodes = nodes()
		if p.Deps == nil {
			p.Deps = manifests()
		}
		out.Project = project.New(p)
		out.Metas = r.judge(out.Project, directives)
		return fmt.Sprintf("%d findings", len(r.res.Findings))
	})
	if out.Project == nil {
		out.Project = project.New(r.nothing(ctx))
	}
	r.coverage(out.Project)
	if opt.Settings {
		r.res.Settings = settingsOf(out.Project)
	}
	r.res.Stats.Duration = time.Since(r.start)
	for _, p := range opt.Before {
		r.res.Stats.Duration += p.Duration
	}
	r.res.Stats.Phases = slices.Concat(opt.Before, r.res.Stats.Phases)
	return out, nil
}

// later is work that is done once, when somebody asks for its result, which is nil after a fault of ours.
func later[T any](r *run, what string, work func() *T) func() *T {
	return sync.OnceValue(func() (out *T) {
		defer bug.Recover(r.bugs, what)
		return work()
	})
}

// ahead asks for results that are needed later on a processor that the next stage leaves idle.
func (r *run) ahead(isNeeded bool, ask func()) {
	if isNeeded && r.opt.Jobs > 1 {
		go ask()
	}
}

func (r *run) flowOptions(prog *semantic.Program) flow.Options {
	return flow.Options{Tests: !flask.UsedOutsideTests(prog), Parallel: func(n int, work func(int)) {
		parallel(r.opt.Jobs, n, func() struct{} { return struct{}{} }, func(_ struct{}, i int) { work(i) })
	}}
}

// nothing is the project of an empty tree: what the later stages see of a stage that failed.
func (r *run) nothing(ctx context.Context) project.Project {
	p := project.Project{Work: r.ws, Models: r.opt.Models, Prog: semantic.Link(nil), Flask: &flask.Model{}, Deploy: &deployment.Deployment{}}
	p.Flow = flow.Analyze(ctx, p.Prog, r.opt.Models, flow.Options{})
	return p
}

// phase runs one stage. A fault of ours in it leaves the stage's place empty; what the other stages found is still reported.
func (r *run) phase(name string, work func() string) {
	if r.opt.Progress != nil {
		r.opt.Progress(name)
	}
	start, note := time.Now(), ""
	func() {
		defer bug.Recover(r.bugs, "the phase "+name)
		note = work()
	}()
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

func (r *run) parse(ctx context.Context) string {
	files := r.ws.OfClass(workspace.Python)
	trees := make([]*ast.File, len(files))
	infos := make([]*semantic.FileInfo, len(files))
	skips := make([]*result.Skip, len(files))
	type worker struct {
		parser  *parser.Parser
		scanner *semantic.Scanner
	}
	parallel(r.opt.Jobs, len(files), func() *worker { return &worker{} }, func(w *worker, i int) {
		if ctx.Err() != nil {
			return
		}
		defer bug.Recover(r.bugs, "parsing "+files[i].Path)
		text, err := r.ws.Read(files[i].Path)
		if err != nil {
			skips[i] = skipOf(files[i].Path, err)
			return
		}
		p, s := w.parser, w.scanner
		if p == nil {
			p, s = parser.New(), &semantic.Scanner{}
		}
		w.parser = nil // one that failed is not used again
		trees[i] = p.Parse(source.NewFile(files[i].Path, text))
		infos[i] = s.Scan(trees[i])
		w.parser, w.scanner = p, s
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

func skipOf(path string, err error) *result.Skip {
	if s, ok := errors.AsType[*workspace.SkipError](err); ok {
		return &result.Skip{Path: path, Reason: inWords(s.Skip)}
	}
	return &result.Skip{Path: path, Reason: err.Error()}
}

// treeFile reads a file that the program names.
func (r *run) treeFile(path string) ([]byte, bool) {
	if _, ok := r.ws.Lookup(path); !ok {
		return nil, false
	}
	text, err := r.ws.Read(path)
	return text, err == nil
}

// lookup is the text of a file of the tree, for evidence and reports. It may be called from several goroutines; a file is
// then read twice at worst.
func (r *run) lookup(path string) *source.File {
	r.mu.Lock()
	f := r.byPath[path]
	r.mu.Unlock()
	if f != nil {
		return f
	}
	text, err := r.ws.Read(path)
	if err != nil {
		return nil
	}
	f = source.NewFile(path, text)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byPath[path] = f
	return f
}
