package project

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/semantic"
	"stopper/internal/template"
)

// closeTemplates closes what only the variables of a template decide: HTML that a filter or another function of the program makes
// of them. Where their values come from is not asked, since most are objects that a view looked up.
func (p *Project) closeTemplates(add func(flow.Hit, []value.Label)) {
	if p.Templates == nil {
		return
	}
	known := map[template.Asked]bool{}
	for _, id := range p.Templates.Asking(func(a template.Asked) bool {
		is, asked := known[a]
		if !asked {
			is = p.mayMakeHTML(a)
			known[a] = is
		}
		return is
	}) {
		for _, h := range p.Flow.OpenHits(id) {
			if h.Kind != models.HTML || h.Emit != nil && !h.Emit.IsSafe {
				continue
			}
			if labels := p.variables(id, &h); len(labels) > 0 {
				add(h, labels)
			}
		}
	}
}

// mayMakeHTML: what a template uses of the program writes HTML of its own, or leads to a place that declares its parameters to be
// HTML. Most of it translates and formats, and a template that uses nothing else need not be followed for its variables.
func (p *Project) mayMakeHTML(a template.Asked) bool {
	if a.Module == nil {
		return p.makesHTML(a.Func)
	}
	switch t := p.Prog.ResolveName(a.Module, a.Name); t.Kind {
	case semantic.TargetFunc:
		return p.makesHTML(t.Func)
	case semantic.TargetVar:
		v := p.Flow.ModuleGlobal(t.Module, t.Name)
		isFunc := func(o value.Obj) bool {
			return o.Kind == value.ObjFunc || o.Kind == value.ObjBound || o.Kind == value.ObjPartial
		}
		if t.Rest == "" && v != nil && len(v.Objs) > 0 && !slices.ContainsFunc(v.Objs, func(o value.Obj) bool { return !isFunc(o) }) {
			return slices.ContainsFunc(p.Flow.Underlying(v), p.makesHTML)
		}
	case semantic.TargetExternal:
		return !strings.HasPrefix(t.Path, "builtins.")
	}
	return true
}

func (p *Project) makesHTML(id ir.FuncID) bool {
	return writesHTML(p.Flow.Func(id)) || slices.ContainsFunc(p.Flow.OpenHits(id), func(h flow.Hit) bool {
		return h.Kind == models.HTML && slices.ContainsFunc(h.Labels, isPlain)
	})
}

// isPlain: a label came all the way to HTML, and nothing on the way makes that doubtful.
func isPlain(l value.Label) bool { return !l.Cleared.Has(models.HTML) && l.Marks == 0 }

// variables turns the labels of a template's parameters into labels of its variables: those that a function of the program
// put into HTML on the way.
func (p *Project) variables(id ir.FuncID, h *flow.Hit) []value.Label {
	if h.Emit != nil && !p.wasBuilt(h) {
		return nil
	}
	var out []value.Label
	for _, l := range h.Labels {
		if l.Origin.Kind != value.OriginParam || l.Origin.Func != id || !isPlain(l) {
			continue
		}
		name := p.paramName(id, int(l.Origin.Param))
		if name == "" || template.IsGlobal(name) {
			continue
		}
		l.Origin = value.Origin{Kind: value.OriginSource, Func: id, Source: models.Stored, Name: "the template variable " + strconv.Quote(name)}
		out = append(out, l)
	}
	return out
}

// applied finds the functions of the program in the expression of a template: filters behind a bar, and what is called.
var applied = regexp.MustCompile(`\|\s*([A-Za-z_]\w*)|([A-Za-z_]\w*)\s*\(`)

// wasBuilt: the expression that a template writes goes through a function of the program that writes HTML.
func (p *Project) wasBuilt(h *flow.Hit) bool {
	for _, m := range applied.FindAllStringSubmatch(h.Func.Module.Source.Slice(h.Func.SpanOf(h.Node)), -1) {
		if slices.ContainsFunc(p.Templates.Registered(m[1]+m[2]), func(id ir.FuncID) bool { return writesHTML(p.Flow.Func(id)) }) {
			return true
		}
	}
	return false
}

// tag is the beginning of a tag in a text of a program, or the name of a library that writes them.
var tag = regexp.MustCompile(`</?[A-Za-z]|[Mm]arkdown|mistune|commonmark`)

func writesHTML(fn *ir.Func) bool {
	if fn == nil || fn.Kind == ir.KindTemplate || fn.Module.File == nil {
		return false
	}
	return tag.MatchString(fn.Module.Source.Slice(fn.SpanOf(fn.Node)))
}
