package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/htmlctx"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/template"
)

// templateCell is the attribute under which a template object remembers what it was made from.
const templateCell = "'template"

// addTemplates puts the functions of templates behind those of the program.
func (s *solver) addTemplates() {
	if s.opt.Templates != nil {
		s.templates = s.opt.Templates()
	}
	if s.templates == nil {
		return
	}
	for _, fn := range s.templates.Funcs() {
		s.funcs = append(s.funcs, funcState{ir: fn})
		s.funcs[len(s.funcs)-1].lowered.Store(true)
	}
}

// renders handles the calls that render templates. The context goes into the template's parameters; what the call returns
// is a page, of which the rules see the parts where they are written, unless the template is one of a statement: then the text
// is returned.
func (f *frame) renders(e *models.Entry, recv *value.Value, args []arg, node ast.NodeID, result *value.Value) *value.Value {
	if f.s.templates == nil {
		return nil
	}
	switch e.Path {
	case "flask.render_template", "flask.stream_template":
		name, context := f.templateArgs(args, "template_name_or_list")
		if isStatement(name) {
			return f.renderNames(name, context, node)
		}
		if name != nil && f.record {
			f.render(rendering{what: name, context: context}, node)
		}
	case "flask.render_template_string", "flask.stream_template_string":
		if text, context := f.templateArgs(args, "source"); text != nil && f.record {
			f.render(rendering{what: text, isText: true, context: context}, node)
		}
	case "jinja2.Environment.get_template", "jinja2.Environment.get_or_select_template", "jinja2.Environment.select_template":
		if len(args) > 0 {
			f.remember(result, "name", args[0].v)
		}
	case "jinja2.Environment.from_string", "jinja2.sandbox.SandboxedEnvironment.from_string", "jinja2.Template":
		if len(args) > 0 {
			f.remember(result, "text", args[0].v)
		}
	case "jinja2.Template.render", "jinja2.Template.generate", "jinja2.Template.stream", "jinja2.Template.render_async":
		if recv != nil {
			return f.renderObject(recv, args, node)
		}
	}
	return nil
}

// isStatement: the name is that of a template of SQL.
func isStatement(name *value.Value) bool {
	if name == nil {
		return false
	}
	if name.Str != nil && strings.HasSuffix(name.Str.Suffix(), ".sql") {
		return true
	}
	return slices.ContainsFunc(constStrings(name), func(s string) bool { return strings.HasSuffix(s, ".sql") })
}

// rendering is the rendering of a template by name or text.
type rendering struct {
	what    *value.Value
	isText  bool
	context []arg
}

// maxOpenRenderings bounds the renderings of one summary whose template only the callers know.
const maxOpenRenderings = 16

// templateArgs tells the name of a template, which may stand behind a star or a keyword, from its context.
func (f *frame) templateArgs(args []arg, keyword string) (*value.Value, []arg) {
	var name *value.Value
	var context []arg
	for _, a := range args {
		switch {
		case a.kind == ir.ArgPos && name == nil, a.kind == ir.ArgKeyword && a.name == keyword:
			name = a.v
		case a.kind == ir.ArgStar && name == nil:
			name = f.loadIndex(a.v, value.Int(0), a.node)
		case a.kind == ir.ArgKeyword || a.kind == ir.ArgStarStar:
			context = append(context, a)
		}
	}
	return name, context
}

// render renders what is known, and leaves to the callers what a parameter decides.
func (f *frame) render(r rendering, node ast.NodeID) {
	switch {
	case hasParamObj(r.what):
		if len(f.sum.renders) >= maxOpenRenderings {
			f.s.trip(f.fn, limitRenderings)
			return
		}
		r.context = slices.Clone(r.context) // the arguments of a call are gone after it
		f.sum.renders = append(f.sum.renders, r)
	case r.isText:
		f.renderText(r.what, r.context, node)
	default:
		f.renderNames(r.what, r.context, node)
	}
}

// renders are the renderings of a callee whose template this call decides.
func (b *binding) renders() {
	for _, r := range b.sum.renders {
		n := rendering{what: b.value(r.what), isText: r.isText, context: make([]arg, len(r.context))}
		for i, a := range r.context {
			a.v = b.value(a.v)
			n.context[i] = a
		}
		b.f.render(n, b.node)
	}
}

// remember keeps the name or text of a template with the object.
func (f *frame) remember(v *value.Value, how string, what *value.Value) {
	f.noteOn(v, templateCell+how, what)
}

// noteOn keeps something with an object, under a name that no attribute can have.
func (f *frame) noteOn(v *value.Value, name string, what *value.Value) {
	if v == nil || len(v.Objs) != 1 {
		return
	}
	k, ok := keyOf(&v.Objs[0])
	if !ok {
		return
	}
	o := f.object(k)
	if o == nil {
		o = &object{}
	}
	f.heap.put(k, o.set(cell{kind: cellAttr, name: name, value: what}, false))
}

func (f *frame) renderObject(recv *value.Value, args []arg, node ast.NodeID) *value.Value {
	var out *value.Value
	for i := range recv.Objs {
		k, ok := keyOf(&recv.Objs[i])
		if !ok {
			continue
		}
		o := f.object(k)
		if o == nil {
			continue
		}
		c := o.find(cellAttr, templateCell+"name", ir.Const{})
		if c != nil && isStatement(c.value) {
			out = join(out, f.renderNames(c.value, args, node))
			continue
		}
		if c != nil && f.record {
			f.render(rendering{what: c.value, context: args}, node)
		}
		if c := o.find(cellAttr, templateCell+"text", ir.Const{}); c != nil && f.record {
			f.render(rendering{what: c.value, isText: true, context: args}, node)
		}
	}
	return out
}

// constStrings are the texts that a value may be, or the elements of a list of them.
func constStrings(v *value.Value) []string {
	if v == nil || !v.IsConst {
		return nil
	}
	var out []string
	for _, c := range v.Consts() {
		if c.Kind == ir.ConstStr {
			out = append(out, c.Str)
		}
	}
	return out
}

// renderNames renders templates by name, and gives the text of those that are statements.
func (f *frame) renderNames(names *value.Value, context []arg, node ast.NodeID) *value.Value {
	list := constStrings(names)
	if elems, ok := f.elements(names); ok {
		for _, e := range elems {
			list = append(list, constStrings(e)...)
		}
	}
	isGuess := len(list) == 0
	if isGuess && names != nil && names.Str != nil {
		// A name of which only the end is known, such as f"{theme}/page.html": the nearest file that ends so.
		if _, end, ok := strings.Cut(names.Str.Suffix(), "/"); ok && end != "" {
			list = append(list, end)
		}
	}
	if len(list) > maxTemplateNames {
		f.s.trip(f.fn, limitTemplates)
		list = list[:maxTemplateNames]
	}
	var out *value.Value
	for _, name := range list {
		if fn, ok := f.s.templates.Find(name, f.fn.Module.Source.Path); ok {
			if v := f.renderWith(fn, context, node); isStatement(names) && v != nil {
				out = join(out, v)
			}
		}
	}
	if isGuess {
		out = value.WithMark(out, value.MarkDynamic)
	}
	return out
}

func (f *frame) renderText(text *value.Value, context []arg, node ast.NodeID) {
	for _, t := range constStrings(text) {
		if fn, ok := f.s.templates.FindText(t); ok {
			f.renderWith(fn, context, node)
		}
	}
}

// renderWith calls the template's function. A variable that the call does not name may stand in a mapping that it spreads,
// unless every template has one of that name, or come from a context processor.
func (f *frame) renderWith(fn *ir.Func, context []arg, node ast.NodeID) *value.Value {
	var args []arg
	var spread []*value.Value
	for _, a := range context {
		if a.kind == ir.ArgKeyword {
			args = append(args, a)
		} else {
			spread = append(spread, a.v) // **mapping, or Template.render(mapping)
		}
	}
	for i := range fn.Params {
		name := fn.Params[i].Name
		if slices.ContainsFunc(args, func(a arg) bool { return a.name == name }) {
			continue
		}
		v := f.contextValue(name, node)
		if v == nil && !template.IsGlobal(name) {
			for _, m := range spread {
				v = join(v, f.spreadItem(m, name, node))
			}
		}
		if v != nil {
			args = append(args, arg{kind: ir.ArgKeyword, name: name, v: v, node: node})
		}
	}
	was := f.dead
	v := f.callFunc(fn.ID, 0, args, node)
	f.dead = was
	return v
}

// spreadItem is what a mapping gives a name. Of one whose keys are not known it may be any item.
func (f *frame) spreadItem(m *value.Value, name string, node ast.NodeID) *value.Value {
	if len(m.Objs) == 1 {
		if k, ok := keyOf(&m.Objs[0]); ok {
			if o := f.object(k); o != nil {
				if c := o.find(cellItem, "", strConst(name)); c != nil {
					return c.value
				}
			}
		}
	}
	v := f.loadIndex(m, value.Str(name), node)
	if isParam(m) {
		return v
	}
	return value.WithMark(v, value.MarkWeakUpdate)
}

// contextValue is what the context processors give a variable.
func (f *frame) contextValue(name string, node ast.NodeID) *value.Value {
	var out *value.Value
	for _, id := range f.s.templates.Contexts(name) {
		was := f.dead
		v := f.callFunc(id, 0, nil, node)
		f.dead = was
		if v != nil {
			out = join(out, f.loadIndex(v, value.Str(name), node))
		}
	}
	return out
}

// emit is a value that a template writes: a hit where escaping does not make it harmless.
func (f *frame) emit(in *ir.Instr) {
	if !f.record {
		return
	}
	e := &f.fn.Emits[in.Imm]
	v := f.deep(f.get(in.A))
	if kinds := emitKinds(e, v != nil && isMarkup(v)); len(kinds) > 0 {
		f.writes(in, e, v, kinds)
		f.writes(in, e, f.shown(v, false), kinds)
	}
	if e.Escape != ir.EscapeNone {
		f.writes(in, e, f.shown(v, true), []models.SinkKind{models.HTML})
	}
}

// writes are the hits of a value that a template writes.
func (f *frame) writes(in *ir.Instr, e *ir.Emit, v *value.Value, kinds []models.SinkKind) {
	if v == nil || len(v.Taint) == 0 || isNumber(v) {
		return
	}
	for _, kind := range kinds {
		h := &Hit{Kind: kind, Sink: f.s.emitSink, Callee: "the page", Func: f.fn, Node: in.Node, ArgNode: in.Node, Value: v, Args: &CallArgs{},
			Labels: v.Taint, Marks: v.Marks, Emit: e}
		if h.choosesScheme() {
			f.addHit(h)
		}
	}
}

// isMarkup: escaping leaves the value as it is.
func isMarkup(v *value.Value) bool {
	return v.Type == markup || len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjLibrary && v.Objs[0].Path == markup
}

const markup = "markupsafe.Markup"

// choosesScheme keeps of the labels of a URL in a page those that can choose its scheme; false when none can. Of other
// hits it says nothing.
func (h *Hit) choosesScheme() bool {
	if h.Kind != models.HTMLURL || h.Value == nil || h.Value.Str == nil {
		return true
	}
	first := h.Value.Str.SchemeTaint()
	h.Labels = slices.DeleteFunc(slices.Clone(h.Labels), func(l value.Label) bool {
		return !slices.ContainsFunc(first, func(k value.Label) bool { return k.Origin == l.Origin })
	})
	return len(h.Labels) > 0
}

func isNumber(v *value.Value) bool { return v.Type == "int" || v.Type == "float" || v.Type == "bool" }

// emitKinds are the kinds of harm that a value can do where a template writes it; none when escaping prevents it.
func emitKinds(e *ir.Emit, isMarkup bool) []models.SinkKind {
	if e.Escape == ir.EscapeNone {
		return nil
	}
	var kinds []models.SinkKind
	raw := e.IsSafe || isMarkup // it is not escaped here
	if e.IsSafe || e.Escape == ir.EscapeOff {
		kinds = append(kinds, models.HTML)
	}
	if k := placeKind(&e.Place, raw); k != models.NoKind && (e.IsSafe || e.Escape != ir.EscapeUnknown) {
		kinds = append(kinds, k)
	}
	if raw {
		if k := quoteKind(&e.Place); k != models.NoKind {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// quoteKind is the quote that ends what stands around a place, of an attribute or of a string in a script. What tojson gives has
// double quotes of its own, and leaves the ${…} of a script's template as it is.
func quoteKind(p *htmlctx.Place) models.SinkKind {
	quote := p.Quote
	switch {
	case p.Attr != "":
	case p.Kind == htmlctx.ScriptTemplate:
		return models.DoubleQuote
	case p.Kind == htmlctx.ScriptString:
		quote = p.InString
	}
	switch quote {
	case '"':
		return models.DoubleQuote
	case '\'':
		return models.SingleQuote
	}
	return models.NoKind
}

// placeKind is the harm that escaping does not prevent at a place.
func placeKind(p *htmlctx.Place, raw bool) models.SinkKind {
	switch p.Kind {
	case htmlctx.URL:
		if p.Unquoted() && raw {
			return models.HTMLAttr
		}
		return models.HTMLURL
	case htmlctx.Srcdoc, htmlctx.Script, htmlctx.ScriptTemplate, htmlctx.ScriptRegex, htmlctx.ScriptComment:
		return models.HTMLScript
	case htmlctx.ScriptString:
		// In a script element the quotes cannot be closed, since entities are not decoded there; in an attribute they are.
		// A backslash in one string makes the next one code.
		if p.Attr != "" || p.AfterHole {
			return models.HTMLScript
		}
	case htmlctx.TagName, htmlctx.AttrName:
		return models.HTMLAttr
	default:
		if p.Unquoted() {
			return models.HTMLAttr
		}
	}
	return models.NoKind
}

// member is v.name as a template reads it: an attribute, or an item of a mapping.
func (f *frame) member(v *value.Value, name string, node ast.NodeID) *value.Value {
	if v == nil {
		return nil
	}
	for i := range v.Objs {
		if o := &v.Objs[i]; o.Kind == value.ObjSite && strings.HasPrefix(o.Path, "dict") {
			if r := f.loadIndex(v, value.Str(name), node); r != nil {
				return r
			}
		}
	}
	return f.loadAttr(v, name, node)
}
