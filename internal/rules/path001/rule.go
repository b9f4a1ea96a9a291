// Package path001 judges file names and folders that come from outside.
package path001

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-PATH-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every path that words from outside reach.
func (Rule) Run(p *rule.Pass) {
	staticUploads(p)
	for _, h := range p.Project.Hits(models.PathRead, models.PathWrite) {
		if h.Kind == models.PathWrite && intoStatic(h) {
			continue // said by staticUploads
		}
		slug := check(h)
		f := p.OnHit(slug, h)
		switch {
		case slug == "weak-guard":
			w := attempts(h)[0]
			f.Message = "the check of " + rule.Sources(h) + " before this file access is not enough: " + w.Name +
				" lets " + w.Defeats + " through"
		case h.Kind == models.PathWrite:
			f.Message = rule.Sources(h) + " decides which file is written"
		default:
			f.Message = rule.Sources(h) + " decides which file is read"
		}
		p.Report(f)
	}
}

// staticUploads reports files from outside that are stored where the application serves them as they are.
func staticUploads(p *rule.Pass) {
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		if !strings.HasSuffix(e.Callee, "FileStorage.save") || len(e.Args.Pos) == 0 || !below(e.Args.Pos[0].Value, e.Func, e.Args.Pos[0].Node) {
			continue
		}
		f := p.At("static-uploads", e.Func, e.Args.Pos[0].Node)
		f.Message = "the upload is stored in the static folder, which serves it with whatever type its name says"
		p.Report(f)
	}
}

func intoStatic(h project.Hit) bool {
	return strings.HasSuffix(h.Callee, "FileStorage.save") && below(h.Value, h.Func, h.ArgNode)
}

// below reports whether a path lies in the static folder: by its text, or by the attribute it is built from.
func below(v *value.Value, fn *ir.Func, node ast.NodeID) bool {
	if v != nil && (strings.HasPrefix(v.Str.Prefix(), "static/") || strings.Contains(v.Str.Prefix(), "/static/")) {
		return true
	}
	return fn.Module.File != nil && node != 0 && strings.Contains(fn.Module.File.Text(node), ".static_folder")
}

// attempts are the checks that tried to keep the path in its place; that a file exists is asked for other reasons.
func attempts(h project.Hit) []value.WeakGuard {
	return slices.DeleteFunc(rule.WeakGuards(h), func(w value.WeakGuard) bool { return strings.Contains(w.Name, "exists") })
}

func check(h project.Hit) string {
	switch {
	case len(attempts(h)) > 0:
		return "weak-guard"
	case strings.HasSuffix(h.Callee, ".send_file"), strings.HasSuffix(h.Callee, ".send_from_directory"):
		return "send-file"
	}
	return "traversal"
}
