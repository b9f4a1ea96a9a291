package flask

import (
	"sort"
	"strings"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// config reads every way in which a configuration key gets a value in Python.
func (b *builder) config() {
	loaded := map[ir.ClassID]bool{}
	modules := map[*ir.Module]bool{}
	for i := range b.res.Events {
		e := &b.res.Events[i]
		if isConfigCallee(e.Callee) {
			b.configEvent(e, loaded, modules)
		}
	}
	b.configClasses(loaded)
	b.configModules(modules)
}

// isConfigCallee recognises app.config methods, item assignments on it, and the attributes of an app that are keys.
func isConfigCallee(callee string) bool {
	return strings.Contains(callee, "config.") || strings.Contains(callee, "Config.") || strings.HasSuffix(callee, ".__set__")
}

// keyOfAttribute maps the attributes of flask.Flask that forward to a configuration key.
var keyOfAttribute = map[string]string{
	"secret_key": "SECRET_KEY", "debug": "DEBUG", "testing": "TESTING",
	"permanent_session_lifetime": "PERMANENT_SESSION_LIFETIME", "session_cookie_name": "SESSION_COOKIE_NAME",
}

func (b *builder) configEvent(e *flow.Event, loaded map[ir.ClassID]bool, modules map[*ir.Module]bool) {
	switch m := method(e.Callee); m {
	case "__set__":
		attr := method(strings.TrimSuffix(e.Callee, ".__set__"))
		if key := keyOfAttribute[attr]; key != "" && len(e.Args.Pos) > 0 {
			b.set(e, key, e.Args.Pos[len(e.Args.Pos)-1])
		}
	case "__setitem__", "setdefault":
		if len(e.Args.Pos) == 2 {
			if key, ok := textOf(e.Args.Pos[0].Value); ok {
				b.set(e, key, e.Args.Pos[1])
			}
		}
	case "update", "from_mapping":
		for _, a := range e.Args.Pos {
			b.setKeys(e, a)
		}
		for _, kw := range e.Args.Kw {
			b.set(e, kw.Name, kw.Arg)
		}
	case "from_object":
		if len(e.Args.Pos) > 0 {
			b.fromObject(e.Func.Module, e.Args.Pos[0].Value, loaded, modules)
		}
	}
}

func (b *builder) setKeys(e *flow.Event, a flow.Arg) {
	for _, k := range a.Keys {
		if k.Key.Kind == ir.ConstStr {
			b.set(e, k.Key.Str, k.Arg)
		}
	}
}

func (b *builder) set(e *flow.Event, key string, a flow.Arg) {
	if key != strings.ToUpper(key) {
		return // Flask ignores keys that are not upper case
	}
	node := a.Node
	if node == 0 {
		node = e.Node
	}
	b.Config = append(b.Config, ConfigSet{
		Key: key, Arg: a, Func: e.Func, Node: node, Module: e.Func.Module, Order: e.Order, Cond: e.Cond, Loaded: true,
	})
}

func (b *builder) fromObject(from *ir.Module, v *value.Value, loaded map[ir.ClassID]bool, modules map[*ir.Module]bool) {
	if v == nil {
		return
	}
	for _, s := range textsOf(v) {
		b.loads(from, s, loaded, modules)
	}
	for i := range v.Objs {
		switch o := &v.Objs[i]; o.Kind {
		case value.ObjClass, value.ObjInstance:
			loaded[o.Class] = true
		case value.ObjModule:
			modules[o.Module] = true
		}
	}
}

// loads resolves the dotted name that from_object was given: a module, or a class in one.
func (b *builder) loads(from *ir.Module, dotted string, loaded map[ir.ClassID]bool, modules map[*ir.Module]bool) {
	if m := b.prog.Module(dotted); m != nil {
		modules[m] = true
		return
	}
	at, name := from, dotted
	if i := strings.LastIndexByte(dotted, '.'); i >= 0 {
		if m := b.prog.Module(dotted[:i]); m != nil {
			at, name = m, dotted[i+1:]
		}
	}
	switch t := b.prog.ResolveName(at, name); t.Kind {
	case semantic.TargetClass:
		loaded[t.Class] = true
	case semantic.TargetModule:
		modules[t.Module] = true
	}
}

// configKeys are the keys that tell a configuration class from any other class.
var configKeys = map[string]bool{
	"SECRET_KEY": true, "DEBUG": true, "TESTING": true, "SESSION_COOKIE_SECURE": true, "SESSION_COOKIE_HTTPONLY": true,
	"SESSION_COOKIE_SAMESITE": true, "SESSION_COOKIE_DOMAIN": true, "SQLALCHEMY_DATABASE_URI": true,
	"WTF_CSRF_ENABLED": true, "WTF_CSRF_SECRET_KEY": true, "REMEMBER_COOKIE_SECURE": true, "REMEMBER_COOKIE_HTTPONLY": true, "JWT_SECRET_KEY": true,
	"SECURITY_PASSWORD_SALT": true, "PERMANENT_SESSION_LIFETIME": true, "SERVER_NAME": true, "PREFERRED_URL_SCHEME": true,
}

// configClasses adds the keys of configuration classes: those that an app loads, and those that look like one, because
// which of them is loaded is often chosen by an environment variable.
func (b *builder) configClasses(loaded map[ir.ClassID]bool) {
	for _, c := range b.prog.Classes {
		names := b.res.ClassAttrs(c.ID)
		isConfig := loaded[c.ID] || strings.Contains(c.Name, "Config") || strings.Contains(c.Name, "Settings")
		for _, n := range names {
			if !isConfig || n != strings.ToUpper(n) || !loaded[c.ID] && !configKeys[n] {
				continue
			}
			v := b.res.ClassAttr(c.ID, n)
			b.Config = append(b.Config, ConfigSet{
				Key: n, Arg: b.res.Materialise(v), Func: b.res.Func(c.Body), Module: c.Module,
				Node: assignmentIn(c.Module.File, c.Node, n), Class: c.Name, Loaded: loaded[c.ID],
			})
		}
	}
}

// configModules adds the keys of modules loaded with from_object("package.settings").
func (b *builder) configModules(modules map[*ir.Module]bool) {
	var mods []*ir.Module
	for m := range modules {
		mods = append(mods, m)
	}
	sort.Slice(mods, func(i, j int) bool { return mods[i].Index < mods[j].Index })
	for _, m := range mods {
		for _, name := range b.globalNames(m) {
			if name != strings.ToUpper(name) {
				continue
			}
			if v := b.res.ModuleGlobal(m, name); v != nil {
				b.Config = append(b.Config, ConfigSet{
					Key: name, Arg: b.res.Materialise(v), Func: b.res.Func(m.Body), Module: m,
					Node: assignmentIn(m.File, m.File.Root, name), Loaded: true,
				})
			}
		}
	}
}

// assignmentIn is the value expression of the last direct assignment of a name in a body, or the body's owner.
func assignmentIn(file *ast.File, owner ast.NodeID, name string) ast.NodeID {
	found := owner
	for _, s := range file.Body(owner) {
		id := ast.NodeID(s)
		switch file.Kind(id) {
		case ast.Assign:
			for _, t := range file.ListA(id) {
				if file.Kind(ast.NodeID(t)) == ast.Name && file.IdentOf(ast.NodeID(t)) == name {
					found = file.SlotB(id)
				}
			}
		case ast.AnnAssign:
			if t := file.SlotA(id); file.Kind(t) == ast.Name && file.IdentOf(t) == name && file.SlotC(id) != 0 {
				found = file.SlotC(id)
			}
		}
	}
	return found
}

// globalNames are the names that a module binds.
func (b *builder) globalNames(m *ir.Module) []string {
	var out []string
	info := b.prog.Info(m)
	info.EachSymbol(0, func(_ uint32, s *semantic.Symbol) {
		if s.Flags&semantic.SymBound != 0 {
			out = append(out, info.File.Name(s.Sym))
		}
	})
	return out
}
