package engine_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"

	"stopper/internal/engine"
	"stopper/internal/models"
	"stopper/internal/rule"
	"stopper/internal/rules/all"
	"stopper/internal/vfs"
	"stopper/internal/workspace"
	modeldata "stopper/models"
)

const shop = `from flask import Flask, render_template_string, request

app = Flask(__name__)


@app.get("/")
def home():
    return render_template_string(shout(request.args["q"]))


def shout(text):
    return text.upper()
`

func audit(t *testing.T, ctx context.Context, fsys vfs.FS, opt engine.Options) *engine.Output {
	t.Helper()
	set, err := models.Load(modeldata.Files)
	if err != nil {
		t.Fatal(err)
	}
	ws, err := workspace.Load(fsys, workspace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	opt.Models, opt.Jobs = set, 2
	if opt.Rules == nil {
		opt.Rules = all.Rules()
	}
	out, err := engine.Audit(ctx, ws, opt)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ids(out *engine.Output) []string {
	var list []string
	for _, f := range out.Result.Findings {
		list = append(list, f.ID())
	}
	return list
}

// brokenRule fails after its first finding, or before it has a page.
type brokenRule struct {
	rule.Rule
	page []byte
}

func (b brokenRule) Page() []byte {
	if b.page == nil {
		panic("no page")
	}
	return b.page
}

func (b brokenRule) Run(p *rule.Pass) {
	p.Report(p.AtLine(p.Meta.Checks[0].Slug, "app.py", 1))
	panic("boom")
}

// failingFS stands for a reader of ours that fails on one file.
type failingFS struct {
	vfs.FS
	name string
}

func (f failingFS) ReadFile(name string, limit int64) ([]byte, error) {
	if name == f.name {
		panic("boom")
	}
	return f.FS.ReadFile(name, limit)
}

// failingContext fails when a function is asked for in the middle of the analysis of another.
type failingContext struct {
	context.Context
	in string
}

func (c failingContext) Err() error {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, c.in) {
			panic("boom")
		}
		if !more {
			return nil
		}
	}
}

func TestFaultsAreReportedAndCostOnlyTheirPart(t *testing.T) {
	page := slices.Concat(all.Rules()[0].Page())
	first, err := rule.ParseMeta(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		ctx  context.Context
		fs   vfs.FS
		opt  engine.Options
		want string // in the message
		kept string // a finding that is still there
	}{
		{"rule", t.Context(), vfs.Map{"app.py": shop}, engine.Options{Rules: append(all.Rules(), brokenRule{page: page})}, "internal error in rule engine_test.brokenRule: boom", "FLASK-SSTI-001/template-injection"},
		{"a rule's page", t.Context(), vfs.Map{"app.py": shop}, engine.Options{Rules: append(all.Rules(), brokenRule{})}, "internal error in rule engine_test.brokenRule: no page", "FLASK-SSTI-001/template-injection"},
		{"what a rule had found", t.Context(), vfs.Map{"app.py": shop}, engine.Options{Rules: []rule.Rule{brokenRule{page: page}}}, "boom", first.ID + "/"},
		{"parser", t.Context(), failingFS{vfs.Map{"app.py": shop, "bad.py": "x = 1\n"}, "bad.py"}, engine.Options{}, "internal error in parsing bad.py: boom", "FLASK-SSTI-001/template-injection"},
		{"function", failingContext{t.Context(), "flow.(*frame).callFunc"}, vfs.Map{"app.py": shop, "other.py": strings.ReplaceAll(shop, "shout(request.args[\"q\"])", "request.args[\"q\"]")}, engine.Options{}, "internal error in analysing home: boom", "FLASK-SSTI-001/template-injection"},
		{"phase", failingContext{t.Context(), "flow.(*solver).solveAll"}, vfs.Map{"app.py": shop}, engine.Options{}, "internal error in the phase flow: boom", ""},
		{"deployment", t.Context(), failingFS{vfs.Map{"app.py": shop, "Dockerfile": "FROM x\n"}, "Dockerfile"}, engine.Options{}, "internal error in the phase deployment: boom", "FLASK-SSTI-001/template-injection"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := audit(t, tc.ctx, tc.fs, tc.opt)
			errors := out.Result.Coverage.InternalErrors
			if !out.Result.Incomplete() || !slices.ContainsFunc(errors, func(e string) bool { return strings.Contains(e, tc.want) }) {
				t.Errorf("faults %q, want %q", errors, tc.want)
			}
			if tc.kept != "" && !strings.Contains(strings.Join(ids(out), " "), tc.kept) {
				t.Errorf("findings %v, want %s", ids(out), tc.kept)
			}
		})
	}
}

func TestSkippedPartsAreListed(t *testing.T) {
	out := audit(t, t.Context(), vfs.Map{"app.py": shop, "docker-compose.yml": "services: [\n", "bin.py": "x\x00y", "broken.py": "def (:\n"}, engine.Options{})
	c := out.Result.Coverage
	var skipped []string
	for _, s := range c.Skipped {
		skipped = append(skipped, s.Path)
	}
	if !slices.Equal(skipped, []string{"bin.py", "docker-compose.yml"}) {
		t.Errorf("skipped: %+v", c.Skipped)
	}
	if len(c.ParseErrors) == 0 || c.ParseErrors[0].Path != "broken.py" || out.Result.Incomplete() {
		t.Errorf("%+v", c)
	}
}
