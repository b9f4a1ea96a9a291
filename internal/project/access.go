package project

import (
	"regexp"
	"slices"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Access is how a view finds out who is calling, and what stands before it.
type Access struct {
	// ByCookie: the caller is known by a cookie, which browsers send by themselves; ByHeader: by a credential that the
	// client has to send on purpose.
	ByCookie, ByHeader bool
	// NeedsHeader: a decorator refuses whoever sends no credential in a header, whatever a cookie says.
	NeedsHeader bool
	// Guard is what refuses strangers, in words; "" when nothing was seen.
	Guard string
	// ByDecorator: the guard is a decorator of this view, not something that stands before many.
	ByDecorator bool
	// Declined: a decorator of the view was told not to ask: @register("/ping", require_auth=False).
	Declined bool
	// Token is what compares an anti-forgery token, a custom header or the Origin; "" when nothing was seen.
	Token string

	byCaller bool // asks for somebody whom something else found out: g.user
}

// ByItself is the guard of a view that asks and refuses on its own, as one does that takes a name and a password.
const ByItself = "the view itself"

// Known reports whether the view asks who is calling at all.
func (a Access) Known() bool { return a.ByCookie || a.ByHeader }

// accessDepth is how many calls below a view or a hook the questions are looked for.
const accessDepth = 3

// Access judges the decorators of a view, the hooks that run before it, and what the view does itself.
func (p *Project) Access(r flask.Route) Access {
	k := accessKey{r.Module, r.Node, r.Handler, r.Endpoint, len(r.Guards)}
	p.mu.Lock()
	a, known := p.access[k]
	p.mu.Unlock()
	if known {
		return a
	}
	a = p.judgeAccess(r)
	p.mu.Lock()
	p.access[k] = a
	p.mu.Unlock()
	return a
}

// accessKey is what the answer to Access depends on.
type accessKey struct {
	mod      *ir.Module
	node     ast.NodeID
	handler  ir.FuncID
	endpoint string
	guards   int
}

func (p *Project) judgeAccess(r flask.Route) Access {
	var a Access
	for _, g := range r.Guards {
		if g.Registers && asksForNoGuard(r) {
			a.Declined = true
			continue
		}
		p.decorated(&a, g)
	}
	a.ByDecorator = a.Guard != ""
	for _, blueprint := range scopes(r) {
		p.hooked(&a, blueprint)
	}
	if r.HasHandler {
		p.inView(&a, r.Handler)
		p.aroundMethod(&a, r)
	}
	// Who is in g.user then is known by the session of the extension that put him there.
	a.ByCookie = a.ByCookie || a.byCaller && !a.ByHeader && p.Effects.LoginBySession()
	return a
}

// asksForNoGuard: a decorator of the view is told not to ask who is calling: @register("/ping", require_auth=False).
func asksForNoGuard(r flask.Route) bool {
	f := r.Module.File
	if k := f.Kind(r.Node); k != ast.FunctionDef && k != ast.AsyncFunctionDef {
		return false
	}
	for _, d := range f.Decorators(r.Node) {
		n := ast.NodeID(d)
		if f.Kind(n) != ast.Call {
			continue
		}
		for _, a := range f.ListB(n) {
			v := f.SlotB(ast.NodeID(a))
			if f.Kind(ast.NodeID(a)) == ast.Keyword && f.Kind(v) == ast.Constant && f.ConstKindOf(v) == ast.ConstFalse && NamesGuard(f.IdentOf(ast.NodeID(a))) {
				return true
			}
		}
	}
	return false
}

// aroundMethod judges what a class does before its method answers: dispatch_request and its like, of the class or its bases.
func (p *Project) aroundMethod(a *Access, r flask.Route) {
	class := p.classOf(r)
	if class == ir.NoClass {
		return
	}
	p.mu.Lock()
	around, known := p.around[class]
	if !known {
		around = p.dispatchers(class)
		p.around[class] = around
	}
	p.mu.Unlock()
	for _, id := range around {
		if id != r.Handler {
			p.before(a, id, "the method "+p.Prog.FuncName(id))
		}
	}
}

// classOf is the class that answers a route: the one that was registered, else the one that holds the method.
func (p *Project) classOf(r flask.Route) ir.ClassID {
	if r.Module.File != nil && r.Module.File.Kind(r.Node) == ast.ClassDef {
		if n, ok := p.Prog.Info(r.Module).ClassOf(r.Node); ok {
			return p.Prog.ClassID(r.Module, n)
		}
	}
	return p.Prog.ClassOf(r.Handler)
}

// dispatchNames are the methods that run before the one for the HTTP method.
var dispatchNames = [...]string{"dispatch_request", "dispatch", "process", "handle", "__call__", "prepare", "check_access", "_check_access"}

// dispatching are those of one class, each with whether it has it.
type dispatching [len(dispatchNames)]struct {
	id  ir.FuncID
	has bool
}

// dispatching are those that a class has itself, nil when it has none.
func (p *Project) dispatching(class ir.ClassID) *dispatching {
	var own *dispatching
	for i, name := range dispatchNames {
		if id, ok := p.Prog.ClassMember(p.Prog.Class(class), name); ok {
			if own == nil {
				own = &dispatching{}
			}
			own[i].id, own[i].has = id, true
		}
	}
	return own
}

// dispatchers are the methods of those names of a class or its bases.
func (p *Project) dispatchers(class ir.ClassID) []ir.FuncID {
	var found dispatching
	for _, t := range p.Prog.MRO(class) {
		if t.Kind != semantic.TargetClass {
			continue
		}
		own, known := p.inClass[t.Class]
		if !known {
			own = p.dispatching(t.Class)
			p.inClass[t.Class] = own
		}
		if own == nil {
			continue
		}
		for i := range own {
			if own[i].has && !found[i].has {
				found[i] = own[i]
			}
		}
	}
	var out []ir.FuncID
	for _, d := range found {
		if d.has {
			out = append(out, d.id)
		}
	}
	return out
}

// before judges a function that runs before the view.
func (p *Project) before(a *Access, id ir.FuncID, what string) {
	es := p.Effects.Reach(id, accessDepth)
	a.asks(es)
	if effects.Has(es, effects.Refuses) && effects.Has(es, effects.Asks|effects.ChecksSecret) {
		a.guard(what)
	}
	if e := effects.First(es, effects.ChecksToken); e != nil && effects.Has(es, effects.Refuses) {
		a.token(what + " " + e.What)
	}
}

// inView judges the view itself. It guards when it both asks and refuses in its own body; what it calls may ask for it.
func (p *Project) inView(a *Access, view ir.FuncID) {
	own, all := p.Effects.Of(view), p.Effects.Reach(view, accessDepth)
	a.asks(all)
	// A view that signs somebody in refuses wrong passwords, not strangers.
	if effects.Has(own, effects.Refuses) && effects.Has(all, effects.Asks|effects.ChecksSecret) && !effects.Has(own, effects.SignIn) {
		a.guard(ByItself)
	}
	if e := effects.First(all, effects.ChecksToken); e != nil {
		a.token("the view " + e.What)
	}
}

// decorated judges one decorator: by what it is known to do, by what its code does, or else by its name.
func (p *Project) decorated(a *Access, g flask.Guard) {
	top, _, _ := strings.Cut(g.Name, ".")
	if g.Registers {
		top = ""
	}
	switch top {
	case "flask_login", "flask_security", "flask_user", "flask_appbuilder", "flask_principal":
		if top == "flask_login" && p.Effects.LoginByHeader() {
			a.ByHeader = true
		} else {
			a.ByCookie = true
		}
		a.libraryGuard(g)
		return
	case "flask_jwt_extended", "flask_jwt", "flask_httpauth", "flask_praetorian", "authlib", "flask_oidc", "flask_simplelogin":
		a.ByHeader = true
		a.libraryGuard(g)
		a.NeedsHeader = a.NeedsHeader || a.Guard == g.Name && p.readsHeaderAlone(top)
		return
	}
	name := g.Name[strings.LastIndexByte(g.Name, '.')+1:]
	if isLimiter(strings.TrimSuffix(name, "()")) {
		return
	}
	var es []effects.Effect
	if g.HasFunc {
		es = p.Effects.Inside(g.Func, accessDepth)
		a.asks(es)
		a.needs(p.Effects.Inside(g.Func, 0)) // not what the view does
		if e := effects.First(es, effects.ChecksToken); e != nil {
			a.token("@" + name + " " + e.What)
		}
	}
	if effects.Has(es, effects.Refuses) && effects.Has(es, effects.Asks|effects.ChecksSecret) || NamesGuard(name) && (!g.HasFunc || p.mayRefuse(g.Func)) {
		a.guard("@" + name)
	}
}

// readsHeaderAlone: the decorators of a library let nobody pass for a cookie. Flask-JWT-Extended reads cookies where it is told to.
func (p *Project) readsHeaderAlone(library string) bool {
	switch library {
	case "flask_httpauth", "flask_jwt", "flask_praetorian":
		return true
	case "flask_jwt_extended":
		return !slices.ContainsFunc(p.Flask.Config, func(c flask.ConfigSet) bool { return c.Key == "JWT_TOKEN_LOCATION" })
	}
	return false
}

// libraryGuard judges a decorator of a library whose decorators refuse strangers, apart from those that say that they do not:
// @jwt_optional, @jwt_required(optional=True), and those with other tasks, such as @rison and @safe.
func (a *Access) libraryGuard(g flask.Guard) {
	name := strings.TrimSuffix(g.Name[strings.LastIndexByte(g.Name, '.')+1:], "()")
	if strings.HasSuffix(name, "_optional") || !NamesGuard(name) && !strings.HasPrefix(name, "has_access") || isOptional(g) {
		return
	}
	a.guard(g.Name)
}

// isOptional reports whether a decorator is told to let strangers pass: optional=True.
func isOptional(g flask.Guard) bool {
	if g.Module == nil || g.Module.File == nil || g.Module.File.Kind(g.Node) != ast.Call {
		return false
	}
	file := g.Module.File
	v := file.KeywordArg(g.Node, "optional")
	return v != 0 && file.Kind(v) == ast.Constant && file.ConstKindOf(v) == ast.ConstTrue
}

// IsGuard reports whether a decorator refuses strangers: by what its code does where that is seen, else by its name.
func (p *Project) IsGuard(mod *ir.Module, decorator ast.NodeID) bool {
	file := mod.File
	if file.Kind(decorator) == ast.Call {
		decorator = file.SlotA(decorator)
	}
	name := file.IdentOf(decorator)
	if isLimiter(name) {
		return false
	}
	if d := file.Dotted(decorator); d != "" {
		if t := p.Prog.ResolveName(mod, d); t.Kind == semantic.TargetFunc && t.Rest == "" {
			es := p.Effects.Inside(t.Func, accessDepth)
			return effects.Has(es, effects.Refuses) && effects.Has(es, effects.Asks|effects.ChecksSecret) || NamesGuard(name) && p.mayRefuse(t.Func)
		}
	}
	return NamesGuard(name)
}

// refusing are names of functions that may refuse somebody.
var refusing = regexp.MustCompile(`(?i)(^|_)(abort|check|checks|verify|ensure|assert|demand|validate|refuse|deny)(_|$)`)

// mayRefuse reports whether a decorator does more than to call what it decorates: it takes a decision, raises, or leaves
// that to something that is called so. A log or a cache does not, whatever its name.
func (p *Project) mayRefuse(id ir.FuncID) bool {
	mod, local := p.Prog.Where(id)
	file := mod.File
	if file == nil {
		return true
	}
	found := false
	file.Walk(p.Prog.Info(mod).Funcs[local].Node, func(n ast.NodeID) bool {
		switch file.Kind(n) {
		case ast.If, ast.IfExp, ast.BoolOp, ast.Raise, ast.Assert, ast.While, ast.Match:
			found = true
		case ast.Call:
			name := calleeName(file, n)
			found = found || name == "" || NamesGuard(name) || refusing.MatchString(name)
		case ast.With, ast.AsyncWith:
			found = found || NamesGuard(file.Text(n)[:min(len(file.Text(n)), maxCondition)])
		}
		return !found
	})
	return found
}

// guardWords in the name of a decorator say that it refuses strangers.
var guardWords = regexp.MustCompile(`(?i)(^|_)(login|logged|auth|authenticated|authorized|authorised|authenticate|authorize|admin|admins|admins_only|authed|role|roles|permission|permissions|perms?|jwt|token|api_?key|require[sd]?|protect(ed)?|restricted|private|superuser|staff|owner|oauth|acl|access|signed_in|verified|session)($|_)`)

// NamesGuard reports whether a decorator's name says that it refuses strangers.
func NamesGuard(name string) bool { return guardWords.MatchString(name) }

func (a *Access) asks(es []effects.Effect) {
	a.ByCookie = a.ByCookie || effects.Has(es, effects.AsksSession)
	a.ByHeader = a.ByHeader || effects.Has(es, effects.AsksHeader)
	a.byCaller = a.byCaller || effects.Has(es, effects.AsksCaller)
}

// needs: what asks a header and refuses, and asks no session, cannot be passed with a cookie instead.
func (a *Access) needs(es []effects.Effect) {
	a.NeedsHeader = a.NeedsHeader || effects.Has(es, effects.AsksHeader) && effects.Has(es, effects.Refuses) && !effects.Has(es, effects.AsksSession)
}

func (a *Access) guard(what string) {
	if a.Guard == "" {
		a.Guard = what
	}
}

func (a *Access) token(what string) {
	if a.Token == "" {
		a.Token = what
	}
}
