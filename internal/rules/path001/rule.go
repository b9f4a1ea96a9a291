// Package path001 judges file names and folders that come from outside.
package path001

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"stopper/internal/finding"
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
	backslashes(p)
	hits := p.Project.Hits(models.PathRead, models.PathWrite)
	hits = slices.DeleteFunc(hits, staysBelow)
	used := opened(hits)
	same := map[useKey]*finding.Finding{}
	for _, h := range hits {
		if h.Kind == models.PathWrite && intoStatic(h) {
			continue // said by staticUploads
		}
		slug := check(h)
		if slug == "probe" {
			if used.has(h) {
				continue // the file access, or an earlier look at the same path, says it
			}
			used.add(h)
		}
		f := p.OnHit(slug, h)
		if !atOption(f, h) {
			continue
		}
		f.Message = message(slug, h)
		if s := worst(h); s < f.Severity {
			f.Severity = s
			unproven(p, f, h)
		}
		words, call := useOf(slug, h)
		first := same[words]
		if first == nil {
			first = same[call]
		}
		if first != nil {
			first.Related = append(first.Related, finding.Location{Path: f.Path, Span: f.Span, Note: "uses the same path"})
			continue
		}
		same[words], same[call] = f, f
		p.Report(f)
	}
}

// useKey is what one check of a path settles: within a function, every use of what the same words decide, and every
// argument of one call.
type useKey struct {
	fn      ir.FuncID
	slug    string
	call    ast.NodeID
	origins string
}

func useOf(slug string, h project.Hit) (words, call useKey) {
	words, call = useKey{fn: h.Func.ID, slug: slug}, useKey{fn: h.Func.ID, slug: slug, call: h.Node}
	for _, l := range h.Labels {
		words.origins += fmt.Sprint(l.Origin.Func, ".", l.Origin.Node, " ")
	}
	return words, call
}

func message(slug string, h project.Hit) string {
	switch {
	case slug == "weak-guard":
		w := attempts(h)[0]
		return "the check of " + rule.Sources(h) + " before this file access is not enough: " + w.Name +
			", so " + w.Defeats + " passes"
	case slug == "probe":
		return rule.Sources(h) + " decides which path is looked up, and the answer tells whether it exists"
	}
	out := rule.Sources(h) + " decides which file is read"
	if h.Kind == models.PathWrite {
		out = rule.Sources(h) + " decides which file is written"
	}
	if isOneUp(h) {
		out += `: as "..", one in the folder above`
	}
	return out
}

// isOneUp: everything from outside is a part of the URL without a slash, so that ".." is the worst it can be.
func isOneUp(h project.Hit) bool {
	return !slices.ContainsFunc(h.Labels, func(l value.Label) bool {
		return !slices.ContainsFunc(l.Weak(), func(w value.WeakGuard) bool { return w.Name == project.OneUp })
	})
}

// accesses are the words from outside that decide which file is used, by the route that brings them.
type accesses map[access]bool

type access struct {
	origin value.Origin
	route  string
}

func (a accesses) add(h project.Hit) {
	a.each(h, func(k access) bool { a[k] = true; return false })
}

func (a accesses) has(h project.Hit) bool { return a.each(h, func(k access) bool { return a[k] }) }

func (a accesses) each(h project.Hit, f func(access) bool) bool {
	for _, l := range h.Labels {
		if len(h.Routes) == 0 && f(access{origin: l.Origin}) {
			return true
		}
		for _, r := range h.Routes {
			if f(access{l.Origin, r}) {
				return true
			}
		}
	}
	return false
}

// opened are the accesses that read or write a file, and do not only look it up.
func opened(hits []project.Hit) accesses {
	out := accesses{}
	for _, h := range hits {
		if !probes(h.Callee) {
			out.add(h)
		}
	}
	return out
}

// staysBelow reports a path that cannot leave the directory that stands before the words from outside. A name without "../"
// can still be "..": that matters where a directory is worth having.
func staysBelow(h project.Hit) bool {
	isDir := project.TakesDirectory(h.Callee)
	if h.Value == nil || !h.Value.Str.StaysBelow(h.Kind, isDir) {
		return false
	}
	return !isDir || !slices.ContainsFunc(attempts(h), func(w value.WeakGuard) bool { return strings.Contains(w.Name, `"../"`) })
}

// worst is how bad it is that the checks of a path do not suffice: one folder up at most, or a folder beside the base whose name
// begins as its name does, is less than any file.
func worst(h project.Hit) finding.Severity {
	out := finding.Low
	for i := range h.Labels {
		s := finding.High
		for _, w := range h.Labels[i].Weak() {
			switch w.Name {
			case value.NoSeparator, value.NoComponents:
				s = finding.Low
			case project.TwoDots, project.OneUp, value.Unproven:
				s = min(s, finding.Medium)
			}
		}
		out = max(out, s)
	}
	return out
}

// probes: the call looks whether something exists, or how big it is.
func probes(callee string) bool {
	switch callee[strings.LastIndexByte(callee, '.')+1:] {
	case "exists", "lexists", "isfile", "isdir", "islink", "ismount", "getsize", "getmtime", "getatime", "getctime", "stat", "lstat",
		"access", "is_file", "is_dir", "is_symlink", "is_mount":
		return true
	}
	return false
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
	return slices.DeleteFunc(rule.WeakGuards(h), func(w value.WeakGuard) bool {
		return strings.Contains(w.Name, "exists") || w.Name == value.Unproven || w.Name == project.OneUp
	})
}

// unproven names the function that looked at the path before, where there is one.
func unproven(p *rule.Pass, f *finding.Finding, h project.Hit) {
	for _, w := range rule.WeakGuards(h) {
		fn := p.Project.Flow.Func(w.Func)
		if w.Name != value.Unproven || fn == nil {
			continue
		}
		f.Verdict = finding.Verify
		f.Settle = "Read " + fn.Name + ": does it refuse this path in the configuration that runs?"
		f.Reasons = append(f.Reasons, fn.Name+" compares the path with a folder before; whether that is enough, and whether a setting switches it off, was not seen")
		f.Related = append(f.Related, finding.Location{Path: fn.Module.Source.Path, Span: fn.SpanOf(fn.Node), Note: "looks at the path"})
		return
	}
}

func check(h project.Hit) string {
	switch {
	case probes(h.Callee):
		return "probe"
	case len(attempts(h)) > 0:
		return "weak-guard"
	case strings.HasSuffix(h.Callee, ".send_file"), strings.HasSuffix(h.Callee, ".send_from_directory"):
		return "send-file"
	}
	return "traversal"
}
