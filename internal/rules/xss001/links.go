package xss001

import (
	"regexp"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/htmlctx"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

// links reports fields of forms that take an address without looking at its scheme, where templates make links of what has the
// field's name: href="{{ shop.website }}".
func links(p *rule.Pass) {
	shown := linkedNames(p)
	if len(shown) == 0 {
		return
	}
	p.Named(func(n project.Name) bool { return n.Target == ast.None || len(shown[n.Ident]) > 0 }, func(at rule.Place) {
		f := at.Mod.File
		name, call := "", f.SlotB(at.Node)
		for _, t := range f.ListA(at.Node) {
			if f.Kind(ast.NodeID(t)) == ast.Name {
				name = f.IdentOf(ast.NodeID(t))
			}
		}
		if len(shown[name]) == 0 || f.Kind(call) != ast.Call || !isTextField(f.IdentOf(f.SlotA(call)), name) || checksAddress(f, call) {
			return
		}
		if inForm(p, at, name) && p.HoldsRead(name, "data") {
			reportLink(p, at, name, shown[name])
		}
	}, ast.Assign)
}

func reportLink(p *rule.Pass, at rule.Place, name string, places []linkPlace) {
	f := at.Report("url-context")
	f.Confidence, f.Verdict = finding.ConfidenceLow, finding.Verify
	f.Message = "the field " + name + " takes any address, and a link of a template shows what has its name; it may begin with javascript:"
	f.Settle = "Look whether what the form saves as " + name + " is what the template shows."
	f.Reasons = append(f.Reasons, "the way from the form to the template was not seen")
	field := finding.Step{Path: f.Path, Span: f.Span, Note: "takes any address"}
	for i, l := range places {
		steps := []finding.Step{field, {Path: l.fn.Module.Source.Path, Span: l.fn.SpanOf(l.node), Note: "shown as a link"}}
		if i == 0 {
			f.Flow = steps
		} else if len(f.MoreFlows) < finding.MaxFlows {
			f.MoreFlows = append(f.MoreFlows, steps)
		}
	}
	p.Report(f)
}

// linkPlace is where a template writes an attribute as a link.
type linkPlace struct {
	fn   *ir.Func
	node ast.NodeID
}

var attributeOf = regexp.MustCompile(`^\s*[A-Za-z_][\w.]*\.([A-Za-z_]\w*)\s*$`)

// linkedNames are the attributes that templates write as links which run what begins with javascript:, by name.
func linkedNames(p *rule.Pass) map[string][]linkPlace {
	out := map[string][]linkPlace{}
	seen := map[place]bool{}
	for id := p.Project.Prog.NumFuncs(); id < p.Project.Flow.NumFuncs(); id++ { // templates
		fn := p.Project.Flow.Func(ir.FuncID(id))
		if fn == nil || fn.Kind != ir.KindTemplate {
			continue
		}
		for i := range fn.Blocks {
			for j := range fn.Blocks[i].Instrs {
				in := &fn.Blocks[i].Instrs[j]
				if in.Op != ir.OpEmit || !runsLinks(fn.Emits[in.Imm].Place) {
					continue
				}
				at := place{fn.Module.Source.Path, fn.SpanOf(in.Node).Start}
				if m := attributeOf.FindStringSubmatch(fn.Module.Source.Slice(fn.SpanOf(in.Node))); m != nil && !seen[at] {
					seen[at] = true
					out[m[1]] = append(out[m[1]], linkPlace{fn, in.Node})
				}
			}
		}
	}
	return out
}

// runsLinks: following the address runs script when it is one.
func runsLinks(p htmlctx.Place) bool {
	return p.Kind == htmlctx.URL && (p.Attr == "href" || p.Attr == "action" || p.Attr == "formaction" || p.Attr == "src" && p.Tag == "iframe")
}

// isTextField: the field takes text that is an address, by its type or name.
func isTextField(typ, name string) bool {
	switch typ {
	case "URLField":
		return true
	case "StringField", "TextField", "TextAreaField":
		name = strings.ToLower(name)
		for _, w := range [...]string{"url", "link", "website", "homepage", "href"} {
			if strings.Contains(name, w) {
				return true
			}
		}
	}
	return false
}

// checksAddress: a validator of the field may look at the address; those of WTForms that do not are known.
func checksAddress(f *ast.File, call ast.NodeID) bool {
	list := f.KeywordArg(call, "validators")
	if args := f.ListB(call); list == 0 && len(args) > 1 && f.Kind(ast.NodeID(args[1])) != ast.Keyword {
		list = ast.NodeID(args[1])
	}
	if list == 0 {
		return false
	}
	if k := f.Kind(list); k != ast.List && k != ast.Tuple {
		return true
	}
	return slices.ContainsFunc(f.ListA(list), func(v uint32) bool {
		n := ast.NodeID(v)
		if f.Kind(n) == ast.Call {
			n = f.SlotA(n)
		}
		switch strings.ToLower(f.IdentOf(n)) {
		case "datarequired", "inputrequired", "required", "optional", "length", "noneof":
			return false
		}
		return true
	})
}

// inForm: the assignment stands in a form's class that has no method of its own to check the field.
func inForm(p *rule.Pass, at rule.Place, name string) bool {
	class := p.Project.Prog.ClassOf(at.Func)
	if class == ir.NoClass {
		return false
	}
	if _, ok := p.Project.Prog.ClassMember(p.Project.Prog.Class(class), "validate_"+name); ok {
		return false
	}
	return slices.ContainsFunc(p.Project.Prog.MRO(class), func(t semantic.Target) bool {
		return t.Kind == semantic.TargetExternal && strings.HasSuffix(t.Path, "Form")
	})
}
