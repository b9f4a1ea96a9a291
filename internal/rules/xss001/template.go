package xss001

import (
	"slices"

	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/htmlctx"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// inTemplates reports values that a template writes where escaping does not help, or is off. A value that does harm in
// several ways at one place is reported once, in the order of kinds.
func inTemplates(p *rule.Pass) {
	kinds := []models.SinkKind{models.HTML, models.HTMLScript, models.HTMLAttr, models.HTMLURL, models.DoubleQuote, models.SingleQuote}
	type spot struct {
		fn   ir.FuncID
		node ast.NodeID
	}
	seen, said := map[spot]bool{}, map[place]bool{}
	for _, h := range p.Project.Hits(kinds...) {
		at := spot{h.Func.ID, h.Node}
		if h.Emit == nil || isMarkup(h) || seen[at] {
			continue
		}
		escapedByHand(&h)
		if h.Labels = slices.DeleteFunc(slices.Clone(h.Labels), func(l value.Label) bool { return isHarmless(h, l) }); len(h.Labels) > 0 {
			seen[at] = true
			said[place{h.Func.Module.Source.Path, h.Func.SpanOf(h.ArgNode).Start}] = true
			p.Report(notVerbatim(written(p, h), h))
		}
	}
	unseen(p, said)
}

// isMarkup: Python code declared the value to be HTML, and was judged there.
func isMarkup(h project.Hit) bool {
	const markup = "markupsafe.Markup"
	v := h.Value
	return h.Kind == models.HTML && v != nil && (v.Type == markup || len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjLibrary && v.Objs[0].Path == markup)
}

// isHarmless: words that nobody can choose for someone else's browser, words that begin with a scheme or slash where only
// the scheme matters, and what an unknown call made of a value (an object that was looked up by it, more often than not)
// or any item of a mapping may be.
func isHarmless(h project.Hit, l value.Label) bool {
	switch l.Origin.Name {
	case "request.script_root", "request.root_path", "request.host", "request.host_url", "request.url_root", "request.root_url", "request.scheme",
		"request.method", "request.endpoint", "request.blueprint", "request.access_route", "request.remote_addr":
		return true
	case "request.url", "request.base_url", "request.path", "request.full_path":
		if h.Kind == models.HTMLURL {
			return true
		}
	}
	if p := &h.Emit.Place; h.Kind == models.HTML && p.Attr != "" && p.Kind != htmlctx.Srcdoc {
		if p.Quote == '"' && l.Cleared.Has(models.DoubleQuote) || p.Quote == '\'' && l.Cleared.Has(models.SingleQuote) {
			return true // in an attribute nothing but its quote matters
		}
	}
	if (h.Kind == models.DoubleQuote || h.Kind == models.SingleQuote) && !l.Cleared.Has(models.HTML) && !l.Cleared.Has(models.HTMLTag) {
		return true // it was declared to be HTML as it is, and was judged there
	}
	return h.Kind != models.HTML && l.Marks&(value.MarkUnknownCall|value.MarkWeakUpdate) != 0
}

func written(p *rule.Pass, h project.Hit) *finding.Finding {
	what := rule.Sources(h)
	place := h.Emit.Place
	switch h.Kind {
	case models.DoubleQuote, models.SingleQuote:
		if place.Attr == "" {
			f := p.OnHit("script-context", h)
			f.Message = what + " brings quotes of its own into a script string, as what tojson gives does: they end the string"
			if place.Kind == htmlctx.ScriptTemplate {
				f.Message = what + " " + scriptMessage(place) + " from JSON too"
			}
			return sure(f, place)
		}
		f := p.OnHit("unquoted-attribute", h)
		f.Message = what + " is written as it is between quotes, and the quotes in it or around it end the attribute, as those of tojson do"
		return sure(f, place)
	case models.HTMLAttr:
		f := p.OnHit("unquoted-attribute", h)
		switch {
		case place.Kind == htmlctx.AttrName || place.Kind == htmlctx.TagName:
			f.Message = what + " is written into a tag outside quotes"
		default:
			f.Message = what + " is the value of an attribute without quotes, which a space ends"
		}
		return sure(f, place)
	case models.HTMLScript:
		f := p.OnHit("script-context", h)
		f.Message = what + " " + scriptMessage(place)
		if place.Kind == htmlctx.ScriptString && place.Attr == "" {
			f.Severity, f.Confidence = finding.Low, finding.ConfidenceLow
		}
		return sure(f, place)
	case models.HTMLURL:
		f := p.OnHit("url-context", h)
		f.Message = what + " is the address in " + place.Attr + " and may begin with javascript:"
		if place.Tag == "script" || place.Tag == "base" {
			f.Message = what + " chooses where scripts are loaded from"
		}
		return sure(f, place)
	}
	if h.Emit.IsTranslated {
		f := p.OnHit("safe-filter", h)
		f.Message = what + " is the message that gettext translates, and templates take what gettext gives for HTML"
		return f
	}
	if h.Emit.IsSafe {
		f := p.OnHit("safe-filter", h)
		f.Message = "the filter safe declares " + what + " to be HTML"
		if by := h.Emit.Filter; by != "" {
			f.Message = "the filter " + by + " leaves the HTML in " + what + " as it is"
		}
		inScript(f, place)
		return f
	}
	f := p.OnHit("autoescape-off", h)
	f.Message = what + " is written to the page, and this template does not escape"
	if h.Emit.Escape == ir.EscapeOff {
		f.Severity = finding.High
	}
	return sure(f, place)
}

// inScript gives the fix for what stands in a script element, where escaped quotes would stay as they are.
func inScript(f *finding.Finding, place htmlctx.Place) {
	switch place.Kind {
	case htmlctx.Script, htmlctx.JSON, htmlctx.Data, htmlctx.ScriptString, htmlctx.ScriptTemplate:
		if place.Attr == "" {
			f.Message += ": </script> in it ends the script"
			f.Fix = "Hand the template the object itself, not the text that json.dumps makes of it, and write {{ value|tojson }}: it also encodes <, > and &. " +
				"Where the text has to be made in Python, jinja2.utils.htmlsafe_json_dumps makes it, and |safe is not needed."
		}
	}
}

// sure lowers the confidence where the ways through the template leave the page in different states.
func sure(f *finding.Finding, p htmlctx.Place) *finding.Finding {
	if p.Unsure {
		f.Confidence = finding.ConfidenceLow
	}
	return f
}

func scriptMessage(p htmlctx.Place) string {
	switch {
	case p.Kind == htmlctx.Srcdoc:
		return "is decoded once more as the page in srcdoc"
	case p.Attr != "":
		return "is decoded in " + p.Attr + " and then run as script"
	case p.Kind == htmlctx.ScriptTemplate:
		return "stands in a script template, where ${…} runs"
	case p.Kind == htmlctx.ScriptComment:
		return "stands in a script comment, which a line break ends"
	case p.Kind == htmlctx.ScriptString:
		return "stands in a script string beside another value; a backslash in that one turns the quotes around"
	}
	return "is written into script as code"
}
