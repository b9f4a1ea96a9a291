// Package project is the read-only bundle that rules judge: the program, what flows where in it, the Flask model, and
// the deployment files.
//
// In: the results of the stages below. Out: Project, whose Hits are closed: every label names something outside the
// program that puts words of its choice into the sink. A Project is immutable and safe for concurrent use.
package project

import (
	"slices"
	"sort"
	"strings"
	"sync"

	"stopper/internal/deployment"
	"stopper/internal/deps"
	"stopper/internal/effects"
	"stopper/internal/flask"
	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
	"stopper/internal/template"
	"stopper/internal/workspace"
)

// Project is what rules see.
type Project struct {
	Work   *workspace.Workspace
	Prog   *semantic.Program
	Models *models.Set
	Flow   *flow.Result
	Flask  *flask.Model
	Deploy *deployment.Deployment
	Deps   *deps.Set
	// Advisories are the published flaws that versions are compared with.
	Advisories *deps.Advisories
	// Effects says what functions do: writes, sign-ins, refusals.
	Effects *effects.Analysis
	// Nodes and Bodies may be nil.
	Nodes  *Nodes
	Bodies *effects.Bodies
	// Templates is nil when there was a fault in reading them.
	Templates *template.Set

	hits     []Hit
	guarded  []Hit
	injected map[ir.FuncID]string // see injected
	byKind   map[models.SinkKind][]int
	mu       *sync.Mutex                 // guards the memos, which rules fill as they ask
	around   map[ir.ClassID][]ir.FuncID  // memo of what runs before the methods of a class
	inClass  map[ir.ClassID]*dispatching // memo of the same of one class
	hooks    map[ir.FuncID]Access        // memo of hook
	hooksOf  map[string][]flask.Hook     // by blueprint
	hookedBy map[string]Access           // memo of hooked
	access   map[accessKey]Access        // memo of Access
	callers  map[ir.FuncID][]string      // memo of RoutesReaching
	used     map[ir.FuncID]used          // memo of uses
	names    []string                    // memo of routeName
	seen     ir.FuncSet                  // of RoutesReaching
	reached  map[string]bool             // limits that tripped

	settings  map[string]*Setting // memo of Setting
	files     []configFile
	filesOnce *sync.Once
}

// Hit is a sink that words from outside reach, and how.
type Hit struct {
	flow.Hit
	// Routes are the rules of the URL map from which the sink is reachable, such as "GET /search".
	Routes []string
}

// New bundles the stages and closes the open hits of route handlers.
func New(p Project) *Project {
	p.mu, p.callers, p.around, p.reached = &sync.Mutex{}, map[ir.FuncID][]string{}, map[ir.ClassID][]ir.FuncID{}, map[string]bool{}
	p.access, p.used = map[accessKey]Access{}, map[ir.FuncID]used{}
	p.inClass, p.hooks, p.names = map[ir.ClassID]*dispatching{}, map[ir.FuncID]Access{}, nil
	p.seen = ir.FuncSet{}
	p.hooksOf, p.hookedBy = hooksOf(p.Flask), map[string]Access{}
	p.settings, p.filesOnce = map[string]*Setting{}, &sync.Once{}
	if p.Deps == nil {
		p.Deps = Dependencies(p.Work)
	}
	if p.Advisories == nil {
		if p.Advisories, _ = deps.LoadAdvisories(); p.Advisories == nil { // a test of package deps reads the data
			p.Advisories = &deps.Advisories{}
		}
	}
	p.Effects = effects.New(p.Prog, p.Flow, p.Bodies)
	p.injected = injected(p.Flow.Events)
	p.hits, p.guarded = p.closeHits()
	p.byKind = map[models.SinkKind][]int{}
	for i := range p.hits {
		h := &p.hits[i]
		h.Routes = p.routesOf(h)
		p.byKind[h.Kind] = append(p.byKind[h.Kind], i)
	}
	return &p
}

// Dependencies reads the manifests and lock files of a tree.
func Dependencies(ws *workspace.Workspace) *deps.Set {
	set := &deps.Set{}
	for _, c := range [...]workspace.Class{workspace.Lock, workspace.Requirements} {
		for _, f := range ws.OfClass(c) {
			text, err := ws.Read(f.Path)
			if err != nil {
				continue // coverage lists what could not be read
			}
			if file, _ := deps.Parse(f.Path, text); file != nil {
				if f.IsTest || f.IsExample {
					file.Dev = true
					for i := range file.Deps {
						file.Deps[i].Dev = true
					}
				}
				set.Files = append(set.Files, file)
			}
		}
	}
	return set
}

// Hits are the closed hits of some sink kinds, in order of place.
func (p *Project) Hits(kinds ...models.SinkKind) []Hit {
	var out []Hit
	for _, k := range kinds {
		for _, i := range p.byKind[k] {
			out = append(out, p.hits[i])
		}
	}
	return out
}

// Guarded are the sinks of a kind that words from outside reach only after they were cleared for it.
func (p *Project) Guarded(kind models.SinkKind) []Hit {
	var out []Hit
	for i := range p.guarded {
		if p.guarded[i].Kind == kind {
			out = append(out, p.guarded[i])
		}
	}
	return out
}

// place identifies a sink: hits of one place are one finding.
type place struct {
	fn   ir.FuncID
	node ast.NodeID
	arg  ast.NodeID
	kind models.SinkKind
}

func (p *Project) closeHits() (hits, guarded []Hit) {
	byPlace := map[place]int{}
	var out, safe []Hit
	add := func(h flow.Hit, all []value.Label) {
		if h.Func.Module.IsTest || isInMemory(&h) {
			return
		}
		labels := p.dangerous(h, all)
		if len(labels) == 0 {
			if h.Labels = cleared(h.Kind, all); len(h.Labels) > 0 {
				safe = append(safe, Hit{Hit: h})
			}
			return
		}
		at := place{h.Func.ID, h.Node, h.ArgNode, h.Kind}
		if i, ok := byPlace[at]; ok {
			out[i].Labels = mergeLabels(out[i].Labels, labels)
			out[i].Value = value.Join(out[i].Value, p.harmful(h))
			return
		}
		h.Value = p.harmful(h)
		h.Labels = labels
		byPlace[at] = len(out)
		out = append(out, Hit{Hit: h})
	}
	for _, h := range p.Flow.Hits {
		uncover(&h)
		add(h, h.Labels)
	}
	for _, id := range append(p.handlers(), p.otherEntries()...) {
		for _, h := range p.Flow.OpenHits(id) {
			uncover(&h)
			add(h, p.closeParams(id, h))
		}
	}
	p.closeTemplates(add)
	sort.SliceStable(out, func(i, j int) bool { return before(&out[i].Hit, &out[j].Hit) })
	for i := range out {
		out[i].Labels = SurestFirst(out[i].Labels)
	}
	for i := range safe {
		h := &safe[i]
		if _, isHit := byPlace[place{h.Func.ID, h.Node, h.ArgNode, h.Kind}]; !isHit {
			guarded = append(guarded, *h)
		}
	}
	return out, guarded
}

// cleared are the labels from outside that were cleared for a kind.
func cleared(kind models.SinkKind, labels []value.Label) []value.Label {
	var out []value.Label
	for _, l := range labels {
		if l.Origin.Kind == value.OriginSource && isOutside(l.Origin.Source) && l.Cleared.Has(kind) && !l.Cleared.Has(models.NoKind) {
			out = append(out, l)
		}
	}
	return out
}

func before(a, b *flow.Hit) bool {
	if a.Func.Module != b.Func.Module {
		return a.Func.Module.Index < b.Func.Module.Index
	}
	x, y := a.Func.SpanOf(a.ArgNode), b.Func.SpanOf(b.ArgNode)
	if x != y {
		return x.Start < y.Start
	}
	return a.Kind < b.Kind
}

func (p *Project) handlers() []ir.FuncID {
	ids := make([]ir.FuncID, 0, len(p.Flask.ByHandler))
	for id := range p.Flask.ByHandler {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	return ids
}

// dangerous keeps the labels that come from outside and were not cleared for the sink.
func (p *Project) dangerous(h flow.Hit, labels []value.Label) []value.Label {
	var out []value.Label
	for _, l := range labels {
		if l.Origin.Kind == value.OriginSource && !l.Cleared.Has(h.Kind) && minds(h.Kind, l.Origin.Source) && !p.isStaticPath(l) &&
			isPlausible(&h, &l) {
			out = append(out, l)
		}
	}
	return out
}

// isStaticPath: in a view that only rules without variable parts lead to, the path of the request is one of those rules.
func (p *Project) isStaticPath(l value.Label) bool {
	if l.Origin.Name != "request.path" {
		return false
	}
	routes := p.Flask.RoutesOf(l.Origin.Func)
	for _, r := range routes {
		if !r.Resolved || len(r.Params) > 0 {
			return false
		}
	}
	return len(routes) > 0
}

// isOutside: files, the environment and the command line are the operator's, not the attacker's.
// minds reports whether a sink minds words of this kind of source.
func minds(sink models.SinkKind, source models.SourceKind) bool {
	if sink == models.SecretName {
		return source == models.Guessable
	}
	return isOutside(source)
}

func isOutside(k models.SourceKind) bool {
	return k == models.Remote || k == models.Stored || k == models.Written
}

func mergeLabels(a, b []value.Label) []value.Label {
	for _, l := range b {
		known := false
		for i := range a {
			known = known || a[i].Origin == l.Origin
		}
		if !known && len(a) < value.MaxLabels {
			a = append(a, l)
		}
	}
	return a
}

// closeParams turns the labels of a handler's parameters into labels of URL parts.
func (p *Project) closeParams(id ir.FuncID, h flow.Hit) []value.Label {
	var out []value.Label
	for _, l := range h.Labels {
		if l.Origin.Kind != value.OriginParam || l.Origin.Func != id || flow.IsContent(l.Origin.Name) {
			continue // a name in the URL chooses a file, and writes none
		}
		if strings.HasSuffix(l.Origin.Name, "__html__()") {
			continue // a text has no HTML of its own
		}
		if _, isPart := p.converter(id, int(l.Origin.Param)); isPart && isAttribute(l.Origin.Name) {
			continue // text has none, and what a converter of the program makes of a part is found by it, not made of it
		}
		if name, c, ok := p.fill(id, int(l.Origin.Param)); ok {
			param := l.Origin.Param
			l.Origin = value.Origin{
				Kind: value.OriginSource, Func: id, Node: p.paramNode(id, int(l.Origin.Param)),
				Source: models.Remote, Name: name,
			}
			if c.NoSlash {
				oneSegment(&l, &h, id, param)
			}
			if !slices.ContainsFunc(out, func(k value.Label) bool { return k.Origin == l.Origin && k.Cleared == l.Cleared }) {
				out = append(out, l)
			}
		}
	}
	return out
}

// oneSegment says what is known of a path that a URL part without a slash decides. It cannot leave its directory: ".." alone names a
// directory, not a file.
func oneSegment(l *value.Label, h *flow.Hit, fn ir.FuncID, param int32) {
	switch yes, behind := climbs(h, fn, param); {
	case !yes:
		if !l.Cleared.Has(h.Kind) && len(l.Weak()) == 0 {
			l.AddWeak([]value.WeakGuard{{Kind: h.Kind, Name: OnlyRoute, Defeats: `..\secret`}})
		}
		l.Cleared = l.Cleared.With(models.PathRead).With(models.PathWrite)
	case behind:
		l.AddWeak([]value.WeakGuard{{Kind: h.Kind, Name: OneUp, Defeats: ".."}})
	}
}

// isAttribute: the path below a parameter begins with an attribute, or a method, that text has not got.
func isAttribute(path string) bool {
	name, _, _ := strings.Cut(path, ".")
	name = strings.TrimSuffix(name, "()")
	return name != "" && name != "*" && name[0] != '[' && !value.IsStrMethod(name)
}

// converter says what the URL can put into a parameter of a handler; false when it puts nothing of the attacker's there.
func (p *Project) converter(id ir.FuncID, param int) (flask.Converter, bool) {
	name := p.paramName(id, param)
	if name == "" || param == 0 && (name == "self" || name == "cls") {
		return flask.Converter{}, false
	}
	best, found := flask.Converter{NoSlash: true}, false
	for _, i := range p.Flask.ByHandler[id] {
		r := &p.Flask.Routes[i]
		c, ok := r.Params[name]
		if !ok && r.AllParams {
			c, ok = flask.Converter{}, true
		}
		if ok && !c.IsClean {
			found = true
			best.NoSlash, best.Where = best.NoSlash && c.NoSlash, c.Where
		}
	}
	return best, found
}

func (p *Project) paramName(id ir.FuncID, param int) string {
	f := p.Flow.Func(id)
	if f == nil || param < 0 || param >= len(f.Params) {
		return ""
	}
	return f.Params[param].Name
}

func (p *Project) paramNode(id ir.FuncID, param int) ast.NodeID {
	f := p.Flow.Func(id)
	if f == nil || f.Module.File == nil {
		return 0
	}
	if args := f.Module.File.Params(f.Node); param < len(args) {
		return ast.NodeID(args[param])
	}
	return f.Node
}

// RouteName is how a route is shown: its methods and its URL.
func RouteName(r flask.Route) string {
	url := r.URL
	switch {
	case r.Resolved:
	case r.Tail != "":
		url = "…" + r.Tail
	default:
		url = "(computed URL)"
	}
	return strings.Join(r.Methods, ",") + " " + url
}

// IsHandler reports whether a function answers a route.
func (p *Project) IsHandler(id ir.FuncID) bool { return len(p.Flask.ByHandler[id]) > 0 }

// ReturnHits are the values that route handlers return, as far as words from outside reach them. Args holds the elements
// of a returned tuple: body, status, headers.
func (p *Project) ReturnHits() []Hit {
	var out []Hit
	for _, id := range append(p.handlers(), p.Flask.Responders...) {
		sum := p.Flow.Summary(id)
		if sum == nil {
			continue
		}
		for _, r := range sum.Returns {
			if h, ok := p.returnHit(id, sum.Func, r); ok {
				out = append(out, h)
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return before(&out[i].Hit, &out[j].Hit) })
	return out
}

func (p *Project) returnHit(id ir.FuncID, fn *ir.Func, r flow.Return) (Hit, bool) {
	body, args := r.Value, &flow.CallArgs{}
	node := r.Node
	if r.Arg.IsList && len(r.Arg.Elems) > 0 {
		args.Pos = r.Arg.Elems
		body = r.Arg.Elems[0].Value
	}
	if body == nil {
		return Hit{}, false
	}
	h := flow.Hit{Kind: models.HTML, Callee: "the response body", Func: fn, Node: node, ArgNode: node, Value: body, Args: args, Labels: body.Taint}
	return p.returned(id, h)
}

// returned closes a hit at what a view returns.
func (p *Project) returned(id ir.FuncID, h flow.Hit) (Hit, bool) {
	labels := append(p.dangerous(h, h.Labels), p.closeParams(id, h)...)
	kept := labels[:0]
	for _, l := range labels {
		if !l.Cleared.Has(h.Kind) {
			kept = append(kept, l)
		}
	}
	if len(kept) == 0 {
		return Hit{}, false
	}
	h.Labels = kept
	hit := Hit{Hit: h}
	hit.Routes = p.routesOf(&hit)
	return hit, true
}
