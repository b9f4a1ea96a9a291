package flask

import (
	"slices"
	"sort"
	"strings"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// fromObject notes the classes and modules that a call loads. A name that is read from the environment is looked up there.
func (c *configReader) fromObject(e *flow.Event, v *value.Value) {
	if v == nil {
		return
	}
	l := ConfigLoad{
		Method: "from_object", Order: e.Order, Cond: e.Cond, Func: e.Func, Node: e.Node,
		Env: environmentOf(e.Func.Module, conditionEnv(e.Func.Module.File, e.Func.Node, e.Node), ""),
	}
	names := append(textsOf(v), c.parameterDefault(e, l)...)
	if v.Env() != nil {
		if s, ok := c.getenv(v.Env().Name); ok {
			names = []string{s}
		} else {
			names = append(names, textsOf(v.Env().Default)...)
			l.Name = "$" + v.Env().Name
		}
	}
	for _, s := range names {
		l.Seen = c.loads(e.Func.Module, s, l) || l.Seen
		if l.Name == "" {
			l.Name = s
		}
	}
	for i := range v.Objs {
		switch o := &v.Objs[i]; o.Kind {
		case value.ObjClass, value.ObjInstance:
			c.loadClass(o.Class, l)
			l.Seen = true
		case value.ObjModule:
			m, _ := c.prog.Where(o.Func)
			c.loadModule(m, l)
			l.Seen = true
		}
	}
	if s, ok := c.startAt(e.Func.Module, e.Node); ok && !l.Seen {
		c.loadClass(s.Class, l)
		if l.Seen = s.IsSet || s.Variable == ""; !l.Seen && l.Name == "" {
			l.Name = "$" + s.Variable
		}
		c.Loads = append(c.Loads, l)
		return
	}
	l.Seen = l.Seen && !v.AnyObj && (v.Env() == nil || !strings.HasPrefix(l.Name, "$"))
	c.Loads = append(c.Loads, l)
}

// parameterDefault: create_app(config_class=Config) loads Config whenever a caller names nothing else. Texts are returned,
// classes and modules are loaded at once.
func (c *configReader) parameterDefault(e *flow.Event, l ConfigLoad) []string {
	file := e.Func.Module.File
	if file == nil || len(e.Args.Pos) == 0 || e.Args.Pos[0].Node == 0 || file.Kind(e.Args.Pos[0].Node) != ast.Name || e.Func.Kind != ir.KindFunction {
		return nil
	}
	name := file.IdentOf(e.Args.Pos[0].Node)
	for _, w := range file.Params(e.Func.Node) {
		param := ast.NodeID(w)
		def := file.SlotC(param)
		if file.IdentOf(param) != name || def == 0 {
			continue
		}
		if s, ok := file.Str(def); ok {
			return []string{s}
		}
		switch t := c.prog.ResolveName(e.Func.Module, semantic.DottedName(file, def)); t.Kind {
		case semantic.TargetClass:
			c.loadClass(t.Class, l)
		case semantic.TargetModule:
			c.loadModule(t.Module, l)
		}
	}
	return nil
}

func (c *configReader) loadClass(id ir.ClassID, l ConfigLoad) {
	if c.classes[id] == nil {
		c.classes[id] = &classLoad{ConfigLoad: l, order: len(c.classes)}
	}
}

func (c *configReader) loadModule(m *ir.Module, l ConfigLoad) {
	if c.modules[m] == nil {
		c.modules[m] = &l
	}
}

// loads resolves the dotted name that from_object was given: a module, or a class in one.
func (c *configReader) loads(from *ir.Module, dotted string, l ConfigLoad) bool {
	if m := c.prog.Module(dotted); m != nil {
		c.loadModule(m, l)
		return true
	}
	at, name := from, dotted
	if i := strings.LastIndexByte(dotted, '.'); i >= 0 {
		if m := c.prog.Module(dotted[:i]); m != nil {
			at, name = m, dotted[i+1:]
		}
	}
	switch t := c.prog.ResolveName(at, name); t.Kind {
	case semantic.TargetClass:
		c.loadClass(t.Class, l)
		return true
	case semantic.TargetModule:
		c.loadModule(t.Module, l)
		return true
	}
	return c.loadsValue(c.res.ModuleGlobal(at, name), l)
}

// loadsValue: the name is one of a module that stands for an object: Config = Production().
func (c *configReader) loadsValue(v *value.Value, l ConfigLoad) bool {
	if v == nil {
		return false
	}
	found := false
	for i := range v.Objs {
		if o := &v.Objs[i]; o.Kind == value.ObjClass || o.Kind == value.ObjInstance {
			c.loadClass(o.Class, l)
			found = true
		}
	}
	return found
}

// isSecurityKey: the keys that tell a configuration class from any other class.
func isSecurityKey(key string) bool {
	switch key {
	case "SECRET_KEY", "DEBUG", "TESTING", "SQLALCHEMY_DATABASE_URI", "JWT_SECRET_KEY", "SECURITY_PASSWORD_SALT", "PERMANENT_SESSION_LIFETIME", "SERVER_NAME",
		"PREFERRED_URL_SCHEME", "TRUSTED_HOSTS", "MAX_CONTENT_LENGTH", "MAX_FORM_MEMORY_SIZE", "MAX_FORM_PARTS", "PROPAGATE_EXCEPTIONS", "TRAP_HTTP_EXCEPTIONS":
		return true
	}
	for _, p := range [...]string{"SESSION_COOKIE_", "REMEMBER_COOKIE_", "WTF_CSRF_", "JWT_COOKIE_", "CORS_"} {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

// definition is a key in the body of a class.
type definition struct {
	class ir.ClassID
	key   string
}

// loadedClasses adds the keys of the classes that an app loads. A class body gives a value to each loaded class that
// inherits it; a value that each of them replaces is kept, and marked.
func (c *configReader) loadedClasses() {
	ids := make([]ir.ClassID, 0, len(c.classes))
	for id := range c.classes {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return c.classes[ids[i]].order < c.classes[ids[j]].order })
	index := map[definition]int{}
	for _, id := range ids {
		taken := map[string]bool{}
		for _, t := range c.prog.MRO(id) {
			if t.Kind != semantic.TargetClass {
				continue
			}
			for _, n := range c.res.ClassAttrs(t.Class) {
				if n != strings.ToUpper(n) {
					continue
				}
				d := definition{t.Class, n}
				i, ok := index[d]
				if !ok {
					i = len(c.Config)
					index[d] = i
					set := c.classSet(t.Class, n)
					set.Order, set.Cond, set.How, set.Loaded = c.classes[id].Order, c.classes[id].Cond, "from_object", true
					c.Config = append(c.Config, set)
				}
				if !taken[n] {
					taken[n] = true
					c.Config[i].Variants = append(c.Config[i].Variants, c.prog.Classes[id].Name)
				}
			}
		}
	}
	production := slices.ContainsFunc(ids, func(id ir.ClassID) bool {
		e := namedEnvironment(c.prog.Classes[id].Name)
		return e == AnyEnvironment || e == Production
	})
	for _, i := range index {
		s := &c.Config[i]
		s.Replaced = len(s.Variants) == 0
		s.Env = environmentOf(s.Module, variantsEnv(s.Variants, s.Class), "")
		if !production { // which class production loads was not seen: the names alone speak
			s.Replaced, s.Env = false, environmentOf(s.Module, namedEnvironment(s.Class), "")
		}
	}
}

func (c *configReader) classSet(id ir.ClassID, key string) ConfigSet {
	class := c.prog.Classes[id]
	v := c.res.ClassAttr(id, key)
	isTyped := false
	if v != nil && v.Env() == nil {
		if w := c.fromField(id, key, v); w != nil {
			v, isTyped = w, true
		}
	}
	set := ConfigSet{Key: key, Arg: c.res.Materialise(v, class.Module), Func: c.res.Func(class.Body), Module: class.Module, Class: class.Name, classID: id, Typed: isTyped}
	set.Node, set.Branch = assignmentIn(class.Module.File, class.Node, key)
	set.Expr = set.Node
	return set
}

// unloadedClasses adds the security keys of classes that look like configuration and that no call is seen to load: which
// of them is loaded is often chosen in a way that cannot be followed.
func (c *configReader) unloadedClasses() {
	inherited := map[ir.ClassID]bool{}
	for id := range c.classes {
		for _, t := range c.prog.MRO(id) {
			if t.Kind == semantic.TargetClass {
				inherited[t.Class] = true
			}
		}
	}
	for _, class := range c.prog.Classes {
		if inherited[class.ID] || c.isEnum(class.ID) || !strings.Contains(class.Name, "Config") && !strings.Contains(class.Name, "Settings") {
			continue
		}
		for _, n := range c.res.ClassAttrs(class.ID) {
			if n == strings.ToUpper(n) && isSecurityKey(n) {
				set := c.classSet(class.ID, n)
				set.How, set.Variants = "class", []string{class.Name}
				set.Env = environmentOf(set.Module, variantsEnv(set.Variants, class.Name), "")
				c.Config = append(c.Config, set)
			}
		}
	}
}

// isEnum: the names of an enumeration are no keys.
func (c *configReader) isEnum(class ir.ClassID) bool {
	return slices.ContainsFunc(c.prog.MRO(class), func(t semantic.Target) bool {
		return t.Kind == semantic.TargetExternal && strings.HasPrefix(t.Path, "enum.")
	})
}

// loadedModules adds the keys of modules loaded with from_object("package.settings").
func (c *configReader) loadedModules() {
	var mods []*ir.Module
	for m := range c.modules {
		mods = append(mods, m)
	}
	sort.Slice(mods, func(i, j int) bool { return mods[i].Index < mods[j].Index })
	for _, m := range mods {
		l := c.modules[m]
		for _, name := range c.globalNames(m) {
			if name != strings.ToUpper(name) {
				continue
			}
			v := c.res.ModuleGlobal(m, name)
			if v == nil {
				continue
			}
			node, branch := assignmentIn(m.File, m.File.Root, name)
			expr := node
			if node == m.File.Root {
				expr = 0 // bound by an import or a statement
			}
			c.Config = append(c.Config, ConfigSet{
				Key: name, Arg: c.res.Materialise(v, m), Func: c.res.Func(m.Body), Module: m, Node: node, Expr: expr, Branch: branch,
				Order: l.Order, Cond: l.Cond, How: "from_object", Loaded: true,
				Env: environmentOf(m, conditionEnv(m.File, m.File.Root, node), ""),
			})
		}
	}
}

// assignmentIn finds the value that the body of a class or module gives a name: of the last assignment that always runs,
// else of the first in a branch; the body's owner when there is none.
func assignmentIn(file *ast.File, owner ast.NodeID, name string) (value ast.NodeID, branch bool) {
	found := ast.NodeID(0)
	for _, s := range file.Body(owner) {
		if v := assignedTo(file, ast.NodeID(s), name); v != 0 {
			found = v
		}
	}
	if found != 0 {
		return found, false
	}
	if v := inBranch(file, file.Body(owner), name, 0); v != 0 {
		return v, true
	}
	return owner, false
}

func inBranch(file *ast.File, list []uint32, name string, depth int) ast.NodeID {
	for _, s := range list {
		id := ast.NodeID(s)
		if v := assignedTo(file, id, name); v != 0 {
			return v
		}
		switch file.Kind(id) {
		case ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While:
			if depth == maxConditions {
				return 0
			}
			for _, body := range bodies(file, id) {
				if v := inBranch(file, body, name, depth+1); v != 0 {
					return v
				}
			}
		}
	}
	return 0
}

// OnlyAssignment is the value of the one assignment at the top of a module that gives a name its value; 0 when there are
// several, or a branch gives it one as well.
func OnlyAssignment(file *ast.File, name string) ast.NodeID {
	found := ast.NodeID(0)
	for _, s := range file.Body(file.Root) {
		v := assignedTo(file, ast.NodeID(s), name)
		if v == 0 && inBranch(file, []uint32{s}, name, 0) == 0 {
			continue
		}
		if v == 0 || found != 0 {
			return 0
		}
		found = v
	}
	return found
}

// assignedTo is the value that a statement gives a name; 0 when it gives it none.
func assignedTo(file *ast.File, s ast.NodeID, name string) ast.NodeID {
	switch file.Kind(s) {
	case ast.Assign:
		for _, t := range file.ListA(s) {
			if file.Kind(ast.NodeID(t)) == ast.Name && file.IdentOf(ast.NodeID(t)) == name {
				return file.SlotB(s)
			}
		}
	case ast.AnnAssign:
		if t := file.SlotA(s); file.Kind(t) == ast.Name && file.IdentOf(t) == name {
			return file.SlotC(s)
		}
	}
	return 0
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
