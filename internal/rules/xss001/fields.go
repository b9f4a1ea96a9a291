package xss001

import (
	"regexp"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// fieldText is the description or label of a field of a form, as the macros that draw forms show it. It is the program's own, unless
// the program puts something else into it.
var fieldText = regexp.MustCompile(`^(?:\w*_)?(?:sub)?field\.(description|label\.text)$`)

// described is text of an object that a program puts into the description of a field.
type described struct {
	mod  *ir.Module
	node ast.NodeID
	name string
}

// descriptions are the places where text of objects becomes the description or the label of a field:
//
//	form.reviewer.description = f"Last time: {paper.reviewer.name}"
func descriptions(p *rule.Pass) map[string]described {
	out := map[string]described{}
	p.Named(maySayField, func(at rule.Place) {
		f := at.Mod.File
		kind, value := describes(f, at.Node)
		if _, said := out[kind]; kind == "" || said {
			return
		}
		m := maker{at: at, f: f, pass: p}
		m.function()
		if m.part(value, 0); m.found != 0 {
			out[kind] = described{at.Mod, m.found, m.name}
		}
	}, ast.Assign, ast.Call)
	return out
}

func maySayField(n project.Name) bool {
	switch n.Target {
	case ast.None:
		return n.Ident == "" || strings.HasSuffix(n.Ident, "Field")
	case ast.Attribute:
		return n.Ident == "description" || n.Ident == "text"
	}
	return false
}

// describes recognises form.name.description = value, form.name.label.text = value and SomeField(description=value).
func describes(f *ast.File, n ast.NodeID) (kind string, value ast.NodeID) {
	if f.Kind(n) == ast.Call {
		if strings.HasSuffix(f.IdentOf(f.SlotA(n)), "Field") {
			return "description", f.KeywordArg(n, "description")
		}
		return "", 0
	}
	for _, t := range f.ListA(n) {
		to := ast.NodeID(t)
		if f.Kind(to) != ast.Attribute || f.Kind(f.SlotA(to)) != ast.Attribute {
			continue
		}
		switch of := f.SlotA(to); {
		case f.IdentOf(to) == "description" && isForm(f, f.SlotA(of)):
			return "description", f.SlotB(n)
		case f.IdentOf(to) == "text" && f.IdentOf(of) == "label" && f.Kind(f.SlotA(of)) == ast.Attribute && isForm(f, f.SlotA(f.SlotA(of))):
			return "label.text", f.SlotB(n)
		}
	}
	return "", 0
}

// isForm: a variable named after a form, or self.
func isForm(f *ast.File, n ast.NodeID) bool {
	name := strings.ToLower(f.IdentOf(n))
	return name == "self" || strings.HasSuffix(name, "form")
}

// fromField reports the description of a field that is shown with safe, when text of an object stands in some field's.
func fromField(p *rule.Pass, fn *ir.Func, n ast.NodeID, name string, d described) {
	f := p.At("safe-filter", fn, n)
	f.Severity, f.Confidence, f.Verdict = finding.Medium, finding.ConfidenceLow, finding.Verify
	f.Message = "the filter safe declares " + name + " to be HTML, and " + d.name + " stands in that of a field without being escaped"
	f.Settle = "Look at who may write " + d.name + ", and whether that form is drawn here."
	f.Reasons = append(f.Reasons, "where the text comes from was not seen")
	f.Flow = []finding.Step{
		{Path: d.mod.Source.Path, Span: d.mod.File.Span(d.node), Note: "put into the field's text as it is"},
		{Path: f.Path, Span: f.Span, Note: "declared to be HTML"},
	}
	p.Report(f)
}
