package rule

import (
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/visibility"
	"stopper/internal/workspace"
)

// Whole starts a finding about the whole project, placed where the application is made. There is one of a check at most.
func (p *Pass) Whole(slug string) *finding.Finding {
	f := p.Meta.NewFinding(slug)
	f.Whole = true
	for _, a := range p.Project.Flask.Apps {
		fn := a.Func
		if fn == nil || fn.Module.File == nil || fn.Module.IsTest || p.isExample(fn.Module) {
			continue
		}
		f.Path, f.Span = fn.Module.Source.Path, fn.SpanOf(a.Node)
		if fn.Kind != ir.KindModule && fn.Kind != ir.KindClassBody {
			f.Function = fn.QualName
		}
		return f
	}
	return f
}

func (p *Pass) isExample(m *ir.Module) bool {
	f, _ := p.Project.Work.Lookup(m.Source.Path)
	return f.IsExample
}

// NotVisible makes a finding one that the code cannot settle, and says what would.
func NotVisible(f *finding.Finding, question string) *finding.Finding {
	f.Verdict, f.Settle = finding.Verify, visibility.Sentence(question)
	f.Confidence = min(f.Confidence, finding.ConfidenceMedium)
	return f
}

// HasApp reports whether an application is made outside tests.
func (p *Pass) HasApp() bool {
	return p.Whole(p.Meta.Checks[0].Slug).Path != ""
}

// RendersHTML reports whether the application sends pages: it has templates, or calls that render one.
func (p *Pass) RendersHTML() bool {
	for _, f := range p.Project.Work.OfClass(workspace.Template) {
		l := strings.ToLower(f.Path)
		if !f.IsTest && !f.IsExample && (strings.HasSuffix(l, ".html") || strings.HasSuffix(l, ".htm") || strings.Contains(l, ".html.")) && !strings.Contains(l, "mail") {
			return true
		}
	}
	return len(p.Sites("render_template_string", "stream_template_string")) > 0
}

// Site is a node of a production module.
type Site struct {
	Module *ir.Module
	Node   ast.NodeID
	Func   string // the enclosing functions and classes, dotted
}

// Find visits every node of the production modules that hold one of the words as an identifier or a whole string. The
// names and strings of a file are in tables, so modules without the words cost next to nothing.
func (p *Pass) Find(visit func(Site), words ...string) {
	for _, m := range p.Project.Prog.Modules {
		if m.IsTest || m.File == nil || !holds(m.File, words) || p.isExample(m) {
			continue
		}
		walk(m, m.File.Root, "", 0, visit)
	}
}

// maxWalk bounds the nesting that is walked; the parser bounds it as well.
const maxWalk = 500

func walk(m *ir.Module, n ast.NodeID, fn string, depth int, visit func(Site)) {
	if depth > maxWalk {
		return
	}
	visit(Site{Module: m, Node: n, Func: fn})
	switch m.File.Kind(n) {
	case ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef:
		fn = strings.TrimPrefix(fn+"."+m.File.IdentOf(n), ".")
	}
	m.File.Children(n, func(c ast.NodeID) { walk(m, c, fn, depth+1, visit) })
}

func holds(f *ast.File, words []string) bool {
	lengths := uint64(0) // of the words: few names have one of them
	for _, w := range words {
		lengths |= 1 << min(len(w), 63)
	}
	for _, name := range f.Names {
		if lengths>>min(len(name), 63)&1 != 0 && slices.Contains(words, name) {
			return true
		}
	}
	for _, s := range f.Strings {
		if lengths>>min(len(s), 63)&1 != 0 && slices.ContainsFunc(words, func(w string) bool { return len(s) == len(w) && strings.EqualFold(s, w) }) {
			return true
		}
	}
	return false
}

// Sites are the nodes of production modules that use a name: calls of it, reads of it.
func (p *Pass) Sites(names ...string) []Site {
	var out []Site
	p.Find(func(s Site) {
		k := s.Module.File.Kind(s.Node)
		if (k == ast.Name || k == ast.Attribute) && slices.Contains(names, s.Module.File.IdentOf(s.Node)) {
			out = append(out, s)
		}
	}, names...)
	return out
}

// IsStore reports whether the name is assigned to.
func (s Site) IsStore() bool { return s.Module.File.Ctx(s.Node) == ast.Store }

// Of reports whether a site is an attribute of something of that name: files of request.
func (s Site) Of(name string) bool {
	f := s.Module.File
	return f.Kind(s.Node) == ast.Attribute && f.IdentOf(f.SlotA(s.Node)) == name
}

// Names reports whether a production module uses an identifier, whatever for.
func (p *Pass) Names(name string) bool {
	for _, m := range p.Project.Prog.Modules {
		if !m.IsTest && m.File != nil && slices.Contains(m.File.Names, name) {
			return true
		}
	}
	return false
}

// HoldsRead reports whether a production module reads an attribute of an attribute: form.website.data.
func (p *Pass) HoldsRead(of, attr string) bool {
	for _, s := range p.Sites(attr) {
		if s.Of(of) && !s.IsStore() {
			return true
		}
	}
	return false
}

// Conditions are the tests of the if statements around a site, outer ones first.
func (s Site) Conditions() []string {
	f := s.Module.File
	at := f.Span(s.Node)
	var out []string
	f.Walk(f.Root, func(n ast.NodeID) bool {
		sp := f.Span(n)
		if n != f.Root && (sp.Start > at.Start || sp.End < at.End) {
			return false
		}
		switch f.Kind(n) {
		case ast.If:
			if test := f.SlotA(n); f.Span(test).End <= at.Start {
				out = append(out, f.Text(test))
			}
		case ast.IfExp: // a if test else b
			if test := f.Span(f.SlotA(n)); at.End <= test.Start || at.Start >= test.End {
				out = append(out, f.Text(f.SlotA(n)))
			}
		}
		return true
	})
	return out
}

// Function is the innermost function around a site; 0 at the top of a module.
func (s Site) Function() ast.NodeID {
	f := s.Module.File
	at := f.Span(s.Node)
	var found ast.NodeID
	f.Walk(f.Root, func(n ast.NodeID) bool {
		sp := f.Span(n)
		if n != f.Root && (sp.Start > at.Start || sp.End < at.End) {
			return false
		}
		if k := f.Kind(n); k == ast.FunctionDef || k == ast.AsyncFunctionDef {
			found = n
		}
		return true
	})
	return found
}

// HoldsText reports whether a production module holds a text as a string, whatever its case.
func (p *Pass) HoldsText(text string) bool {
	for _, m := range p.Project.Prog.Modules {
		if !m.IsTest && m.File != nil && holds(m.File, []string{text}) {
			return true
		}
	}
	return false
}

// Imports reports whether a production module imports a package.
func (p *Pass) Imports(packages ...string) bool {
	for _, m := range p.Project.Prog.Modules {
		if m.IsTest {
			continue
		}
		for _, im := range m.Imports {
			top, _, _ := strings.Cut(im.Module, ".")
			if im.Local == nil && slices.Contains(packages, top) {
				return true
			}
		}
	}
	return false
}

// AtSite starts a finding of a check at a site.
func (p *Pass) AtSite(slug string, s Site) *finding.Finding {
	f := p.AtNode(slug, s.Module, s.Node)
	f.Function = s.Func
	return f
}

// Place is a site as a further location of a finding.
func (s Site) Place(note string) finding.Location {
	l := finding.Location{Path: s.Module.Source.Path, Note: note}
	if s.Module.File != nil {
		l.Span = s.Module.File.Span(s.Node)
	} else if int(s.Node) < len(s.Module.Spans) {
		l.Span = s.Module.Spans[s.Node]
	}
	return l
}

// LinePlace is a line of another file as a further location of a finding.
func LinePlace(path string, line int, note string) finding.Location {
	return finding.Location{Path: path, Pos: finding.Position{Line: line}, Note: note}
}
