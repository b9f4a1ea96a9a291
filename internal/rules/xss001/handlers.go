package xss001

import (
	"regexp"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/htmlctx"
	"stopper/internal/ir"
	"stopper/internal/rule"
)

// handlerText is an attribute or item of an object behind nothing but filters that leave quotes as they are: {{ link.title|trim }}.
var handlerText = regexp.MustCompile(`^\s*([A-Za-z_]\w*(?:\.\w+|\[[^\]()]*\])+)\s*(?:\|\s*(?:trim|string|upper|lower|title|capitalize|e|escape|safe|truncate\([^()]*\)|default\([^()]*\))\s*)*$`)

// unseenInHandlers reports text of objects in the strings of event handlers, where no flow says who wrote it: a browser undoes the
// escaping of an attribute before it runs what stands there, and a quote ends the string.
//
//	<a onclick="ask('{{ item.title }}')">
func unseenInHandlers(p *rule.Pass, fn *ir.Func, said map[place]bool) {
	once := map[string]bool{}
	for i := range fn.Blocks {
		for j := range fn.Blocks[i].Instrs {
			in := &fn.Blocks[i].Instrs[j]
			if in.Op != ir.OpEmit || !isHandlerString(&fn.Emits[in.Imm].Place) {
				continue
			}
			m := handlerText.FindStringSubmatch(fn.Module.Source.Slice(fn.SpanOf(in.Node)))
			at := place{fn.Module.Source.Path, fn.SpanOf(in.Node).Start}
			if m == nil || said[at] || isMadeToBeShown(m[1]) || !isHumanText(lastName(m[1])) || isOfForm(m[1]) {
				continue
			}
			said[at] = true
			if once[m[1]] {
				continue
			}
			once[m[1]] = true
			f := p.At("script-context", fn, in.Node)
			f.Severity, f.Confidence, f.Verdict = finding.Medium, finding.ConfidenceLow, finding.Verify
			f.Message = m[1] + " stands in a string of the script in " + fn.Emits[in.Imm].Place.Attr + ", where escaping does not help, and where its text comes from was not seen"
			f.Settle = "Look at who may write " + m[1] + "; a data- attribute that the script reads holds any text."
			f.Reasons = append(f.Reasons, "where the text comes from was not seen")
			p.Report(f)
		}
	}
}

// isHandlerString: a string of the script in an attribute such as onclick.
func isHandlerString(p *htmlctx.Place) bool {
	return p.Kind == htmlctx.ScriptString && strings.HasPrefix(strings.ToLower(p.Attr), "on")
}

// lastName is the attribute or key that an expression reads last.
func lastName(expr string) string {
	names := lastNames(expr)
	return names[strings.LastIndexByte(names, '.')+1:]
}

// isOfForm: names and labels of form fields are the program's own.
func isOfForm(expr string) bool {
	first, _, _ := strings.Cut(expr, ".")
	return strings.HasSuffix(first, "form") || strings.HasSuffix(first, "field") || strings.Contains(expr, ".label")
}
