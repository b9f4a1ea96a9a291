package engine

import (
	"context"

	"stopper/internal/bug"
	"stopper/internal/jinja"
	"stopper/internal/report/result"
	"stopper/internal/source"
	"stopper/internal/workspace"
)

// parseTemplates reads all templates.
func (r *run) parseTemplates(ctx context.Context, opt jinja.Options) []*jinja.Tree {
	files := r.ws.OfClass(workspace.Template)
	trees := make([]*jinja.Tree, len(files))
	skips := make([]*result.Skip, len(files))
	parallel(r.opt.Jobs, len(files), func() *jinja.Parser { return &jinja.Parser{} }, func(p *jinja.Parser, i int) {
		if ctx.Err() != nil {
			return
		}
		defer bug.Recover(r.bugs, "parsing "+files[i].Path)
		text, err := r.ws.Read(files[i].Path)
		if err != nil {
			skips[i] = skipOf(files[i].Path, err)
			return
		}
		trees[i] = p.Parse(source.NewFile(files[i].Path, text), opt)
	})
	kept := trees[:0]
	for i, t := range trees {
		switch {
		case skips[i] != nil:
			r.res.Coverage.Skipped = append(r.res.Coverage.Skipped, *skips[i])
		case t != nil:
			r.byPath[files[i].Path] = t.Src
			kept = append(kept, t)
			r.templateErrors(t)
		}
	}
	return kept
}

// templateErrors lists what Jinja would refuse in a template, or what an extension that we do not know adds to it: the rest of the
// file is read as if that were not there.
func (r *run) templateErrors(t *jinja.Tree) {
	for _, e := range t.Errors[:min(len(t.Errors), maxErrorsShown)] {
		r.res.Coverage.ParseErrors = append(r.res.Coverage.ParseErrors, result.ParseError{Path: t.Src.Path, Line: t.Src.Line(e.Span.Start), Message: e.Msg})
	}
}
