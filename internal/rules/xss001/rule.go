// Package xss001 judges HTML: what Python makes of it, what templates write where escaping does not help, and switched-off
// escaping.
package xss001

import (
	_ "embed"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-XSS-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every place where words from outside become HTML.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.HTML) {
		escapedByHand(&h)
		if h.Emit != nil || len(h.Labels) == 0 || typedLater(h) || namesOtherType(h.Args) || isUnescaped(h) || isDecoded(h) || isViewsAnswer(p, h) || typedByDefault(p, h) {
			continue
		}
		f := notVerbatim(onSink(p, h), h)
		if mayBeDict(p, h) {
			f.Confidence = finding.ConfidenceLow
			f.Reasons = append(f.Reasons, "make_response makes JSON of a dict, and that is what most methods of resources give it")
		}
		if typeIsComputed(h) {
			f.Confidence = finding.ConfidenceLow
			f.Reasons = append(f.Reasons, "which content type the answer has is computed")
		}
		p.Report(f)
	}
	inTemplates(p)
	contentTypes(p)
	for _, h := range p.Project.ReturnHits() {
		escapedByHand(&h)
		if len(h.Labels) == 0 || !isPage(h) || answersJSON(p, h) || madeJSON(p, h) {
			continue
		}
		f := p.OnHit(reflectedOrStored(h), h)
		f.Message = "the view returns " + rule.Sources(h) + " as HTML without escaping it"
		p.Report(notVerbatim(f, h))
	}
	autoescape(p)
	handmade(p)
	renderers(p)
	links(p)
	keptPages(p)
}

func onSink(p *rule.Pass, h project.Hit) *finding.Finding {
	if strings.HasPrefix(h.Callee, "markupsafe.") || strings.HasSuffix(h.Callee, ".Markup") {
		f := p.OnHit("markup", h)
		f.Message = "Markup declares " + rule.Sources(h) + " to be safe HTML"
		return f
	}
	f := p.OnHit(reflectedOrStored(h), h)
	f.Message = rule.Sources(h) + " is sent as HTML without escaping"
	if isMail(h.Callee) {
		mailed(f, rule.Sources(h))
	}
	return f
}

func isMail(callee string) bool {
	return strings.HasPrefix(callee, "email.mime.") || strings.HasPrefix(callee, "flask_mail.") || strings.HasPrefix(callee, "flask_mailman.")
}

// mailed tells what HTML in a mail can do: programs that show mails run no scripts.
func mailed(f *finding.Finding, what string) {
	f.Severity = finding.Medium
	f.Message = what + " stands in the HTML of a mail without escaping"
	f.Impact = "Programs that show mails run no scripts. But whoever writes the text writes a part of a mail that comes from you: links and forms that ask for a password, pictures that tell when it was read, and what hides the rest."
	f.Fix = "Render the mail from a template file that ends in .html and pass the text as a variable, or wrap each piece in markupsafe.escape(...)."
	f.Mitigation = "Send mails with such texts as plain text."
}

func reflectedOrStored(h project.Hit) string {
	if rule.AllStored(h) {
		return "stored"
	}
	return "reflected"
}

// isPage reports whether what a view returns is sent as text/html: a string, or a tuple that starts with one and names
// no other content type.
func isPage(h project.Hit) bool {
	body := h.Value
	if h.Args != nil && len(h.Args.Pos) > 0 {
		if namesOtherType(h.Args) {
			return false
		}
	}
	if body.IsConst || hasObject(body) {
		return false
	}
	return body.Str != nil && len(body.Str.Parts) > 0 || body.Type == "str" || body.Type == "bytes" || isField(h)
}

// isField reports whether a view returns one field of the request as it came, which is always text.
func isField(h project.Hit) bool {
	for _, l := range h.Labels {
		field, _, isItem := strings.Cut(l.Origin.Name, "[")
		switch field {
		case "request.args", "request.form", "request.values", "request.cookies", "request.headers":
		default:
			return false
		}
		if !isItem || h.Value.Marks != 0 || !isUnchanged(h, l) {
			return false
		}
	}
	return h.Value.Type == ""
}

// isUnchanged reports whether a value only went through variables of the view: what a call makes of it may be no text.
func isUnchanged(h project.Hit, l value.Label) bool {
	for s := l.Trace; s != nil; s = s.Prev {
		text := rule.TextAt(h.Func, s.Node)
		if s.Func != h.Func.ID || strings.Contains(strings.ReplaceAll(text, ".get(", "["), "(") {
			return false
		}
	}
	return true
}

// hasObject reports whether the value is a response, a collection (which becomes JSON) or another object.
func hasObject(v *value.Value) bool {
	for i := range v.Objs {
		if v.Objs[i].Kind != value.ObjParam {
			return true
		}
	}
	return false
}

// namesOtherType: the headers of an answer name a type that is not HTML. A tuple that is made a response says so itself.
func namesOtherType(args *flow.CallArgs) bool {
	if args == nil || len(args.Pos) == 0 {
		return false
	}
	rest := args.Pos[1:]
	if whole := args.Pos[0]; len(rest) == 0 && whole.IsList && len(whole.Elems) > 1 {
		rest = whole.Elems[1:]
	}
	for _, a := range rest {
		if t, ok := contentType(a); ok {
			return !strings.Contains(strings.ToLower(t), "html")
		}
	}
	return false
}

func contentType(headers flow.Arg) (string, bool) {
	for _, k := range headers.Keys {
		if k.Key.Kind == ir.ConstStr && strings.EqualFold(k.Key.Str, "content-type") {
			if t, ok := k.Value.ConstStr(); ok || k.Value == nil {
				return t, ok
			}
			t := k.Value.Str.Prefix()
			return t, strings.HasPrefix(t, "image/") && !strings.HasPrefix(t, "image/svg") && len(k.Value.Taint) == 0
		}
	}
	for _, pair := range headers.Elems {
		if len(pair.Elems) != 2 {
			continue
		}
		if name, ok := pair.Elems[0].Value.ConstStr(); ok && strings.EqualFold(name, "content-type") {
			return pair.Elems[1].Value.ConstStr()
		}
	}
	return "", false
}

// autoescape reports escaping that is switched off for a whole environment.
func autoescape(p *rule.Pass) {
	for i := range p.Project.Flow.Events {
		e := &p.Project.Flow.Events[i]
		switch {
		case strings.HasSuffix(e.Callee, "autoescape.__set__"):
			if len(e.Args.Pos) > 0 {
				switchedOff(p, e, e.Args.Pos[len(e.Args.Pos)-1])
			}
		case e.Callee == "jinja2.Environment" && hasOwnDelimiters(e):
		case e.Callee == "jinja2.Environment", e.Callee == "flask.Flask.jinja_options.update":
			a, ok := e.Args.Keyword("autoescape")
			if ok {
				switchedOff(p, e, a)
				overlooked(p, e, a)
			} else if e.Callee == "jinja2.Environment" && !e.Args.HasStarStar && !e.Func.Module.IsTest && !loadsNoPages(p, e) {
				unloaded(report(p, e), e)
			}
		}
	}
}

// unloaded lowers a finding about an environment that is given no templates, and so renders texts of the program, whatever
// those are.
func unloaded(f *finding.Finding, e *flow.Event) {
	if _, ok := e.Args.Keyword("loader"); ok || len(e.Args.Pos) > 0 || strings.Contains(string(e.Func.Module.Source.Text), ".loader") {
		return
	}
	f.Severity, f.Confidence = finding.Medium, finding.ConfidenceLow
	f.Reasons = append(f.Reasons, "the environment loads no templates, and which texts it renders was not seen")
}

// hasOwnDelimiters: nobody writes HTML with \VAR{…}; such an environment makes LaTeX, configuration or code.
func hasOwnDelimiters(e *flow.Event) bool {
	a, ok := e.Args.Keyword("variable_start_string")
	if !ok {
		return false
	}
	s, known := a.Value.ConstStr()
	return known && strings.Contains(s, "\\")
}

func switchedOff(p *rule.Pass, e *flow.Event, a flow.Arg) {
	if e.Callee == "jinja2.Environment" && loadsNoPages(p, e) {
		return
	}
	v := a.Value
	if v == nil || !v.IsConst || len(v.Consts()) != 1 || v.Consts()[0].Kind != ir.ConstBool || v.Consts()[0].Int != 0 {
		return
	}
	report(p, e)
}

func report(p *rule.Pass, e *flow.Event) *finding.Finding {
	f := p.At("autoescape-off", e.Func, e.Node)
	f.Message = "escaping is switched off for every template of this environment"
	if e.Callee == "jinja2.Environment" && e.Func.Kind < ir.KindModule && len(f.Routes) == 0 && len(p.Project.Flask.Routes) > 0 {
		f.Severity, f.Confidence = finding.Medium, finding.ConfidenceLow
		f.Reasons = append(f.Reasons, "no route was seen that leads here")
	}
	p.Report(f)
	return f
}
