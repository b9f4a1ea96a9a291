package xss001

import (
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

// rendererMethods are the methods that mistune calls with words of the page as they were typed. What is called text in some of them is
// HTML that other methods made.
var rendererMethods = map[string]bool{"block_code": true, "codespan": true, "link": false, "image": false, "autolink": false}

// renderers reports renderers of Markdown that write words of the page into their HTML without escaping them:
//
//	class Pages(mistune.HTMLRenderer):
//	    def block_code(self, code, info=None):
//	        return f"<pre class='{info}'>{mistune.escape(code)}</pre>"
func renderers(p *rule.Pass) {
	prog := p.Project.Prog
	for i := range prog.NumFuncs() {
		id := ir.FuncID(i)
		isTextRaw, ok := rendererMethods[prog.FuncName(id)]
		if !ok || prog.ClassOf(id) == ir.NoClass || !isRenderer(prog, prog.ClassOf(id)) {
			continue
		}
		if mod, _ := prog.Where(id); mod.IsTest {
			continue
		}
		sum := p.Project.Flow.Summary(id)
		if sum == nil {
			continue
		}
		for _, r := range sum.Returns {
			name := typedWords(sum.Func, r.Value, isTextRaw)
			if name == "" {
				continue
			}
			f := p.At("stored", sum.Func, r.Node)
			f.Severity, f.Confidence, f.Verdict = finding.Medium, finding.ConfidenceLow, finding.Verify
			f.Message = "the Markdown renderer writes " + name + " of the page into its HTML without escaping it"
			f.Settle = "Look at who may write the Markdown, and whether the HTML is cleaned before it is shown."
			f.Reasons = append(f.Reasons, "where the text comes from was not seen")
			p.Report(f)
			break
		}
	}
}

// isRenderer: the class derives from a renderer of mistune.
func isRenderer(prog *semantic.Program, class ir.ClassID) bool {
	return slices.ContainsFunc(prog.MRO(class), func(t semantic.Target) bool {
		return t.Kind == semantic.TargetExternal && strings.HasPrefix(t.Path, "mistune.") && strings.HasSuffix(t.Path, "Renderer")
	})
}

// typedWords is the parameter that stands between tags of a returned text as it was typed; "" when none does.
func typedWords(fn *ir.Func, v *value.Value, isTextRaw bool) string {
	if v == nil || v.Str == nil || !slices.ContainsFunc(v.Str.Parts, func(s value.Part) bool { return !s.IsHole && htmlTag.MatchString(s.Lit) }) {
		return ""
	}
	for _, l := range v.Taint {
		o := l.Origin
		if o.Kind != value.OriginParam || o.Func != fn.ID || o.Name != "" || o.Param <= 0 || int(o.Param) >= len(fn.Params) ||
			l.Cleared.Has(models.HTML) || l.Marks&(value.MarkUnknownCall|value.MarkWeakUpdate) != 0 {
			continue
		}
		if name := fn.Params[o.Param].Name; isTextRaw || name != "text" && name != "content" && name != "children" {
			return name
		}
	}
	return ""
}
