package flask

import (
	"cmp"
	"slices"
	"strings"

	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// ConfigSet is one assignment to a configuration key.
type ConfigSet struct {
	Key    string
	Arg    flow.Arg
	Func   *ir.Func
	Node   ast.NodeID // where the key is set
	Expr   ast.NodeID // the value's expression; 0 when there is none
	Branch bool       // Expr is in a branch: it is one of the values that the key may have
	Module *ir.Module
	// Order grows with the order of execution; a class or module has that of the call that loads it.
	Order int
	Cond  bool   // under a branch: it may not happen
	How   string // "app.config[…]", "from_object", … ; "class" for a class that no call was seen to load
	// Class is the configuration class that the value stands in.
	Class   string
	classID ir.ClassID
	// Variants are the loaded classes in which the value of Class is what counts; others replace it.
	Variants []string
	// ChosenBy is the environment variable that makes production load the class; "" where none that is known does.
	ChosenBy string
	// Loaded: an application is seen to load it.
	Loaded bool
	// Replaced: each class that is loaded, or a later unconditional assignment, gives the key another value.
	Replaced bool
	// Typed: the variable that gives the value is turned into the type of its default.
	Typed bool
	// Env is where the value applies, by the names of what it stands in and the conditions around it.
	Env Environment
}

// ConfigLoad is a call that takes configuration from somewhere that may lie outside the code.
type ConfigLoad struct {
	Method string // from_object, from_pyfile, from_envvar, from_prefixed_env, from_file, from_json, from_mapping, update
	Name   string // the file, the variable, the prefix, the dotted name; "" when not known
	// Seen: everything it loads is among the assignments.
	Seen   bool
	Silent bool // silent=True: the file may be absent
	Order  int
	Cond   bool
	Func   *ir.Func
	Node   ast.NodeID
	// Load is the argument of from_file that parses: "json.load", "tomllib.load".
	Load string
	Env  Environment
	// Files and Prefix are what dynaconf reads: the names of files, and how the variables begin.
	Files  []string
	Prefix string
}

// config reads every way in which a configuration key gets a value in Python.
func (b *builder) config() {
	c := &configReader{builder: b, classes: map[ir.ClassID]*classLoad{}, modules: map[*ir.Module]*ConfigLoad{}}
	for i := range b.res.Events {
		e := &b.res.Events[i]
		if isConfigCallee(e.Callee) {
			c.event(e)
		}
	}
	c.copies()
	c.dynaconf()
	c.loadedClasses()
	c.unloadedClasses()
	c.decided()
	c.loadedModules()
	slices.SortStableFunc(b.Config, func(x, y ConfigSet) int { return cmp.Compare(x.Order, y.Order) })
	b.Loads = distinct(b.Loads)
	b.replaced()
}

// distinct orders the loads and keeps one of each call: a factory's call is seen once with its parameter open and once for
// each caller, and what callers pass is what counts.
func distinct(loads []ConfigLoad) []ConfigLoad {
	type place struct {
		fn   *ir.Func
		node ast.NodeID
	}
	seen := map[place]bool{}
	for _, l := range loads {
		seen[place{l.Func, l.Node}] = seen[place{l.Func, l.Node}] || l.Seen
	}
	taken := map[place]bool{}
	loads = slices.DeleteFunc(loads, func(l ConfigLoad) bool {
		at := place{l.Func, l.Node}
		if taken[at] || l.Seen != seen[at] {
			return true
		}
		taken[at] = true
		return false
	})
	slices.SortStableFunc(loads, func(x, y ConfigLoad) int { return cmp.Compare(x.Order, y.Order) })
	return loads
}

// configReader gathers what is loaded before it reads classes and modules.
type configReader struct {
	*builder
	classes map[ir.ClassID]*classLoad
	modules map[*ir.Module]*ConfigLoad
}

// classLoad is the first call that loads a class.
type classLoad struct {
	ConfigLoad
	order int // among the classes
}

// isConfigCallee recognises app.config methods, item assignments on it, and the attributes of an app that are keys.
func isConfigCallee(callee string) bool {
	return strings.Contains(callee, "config.") || strings.Contains(callee, "Config.") || strings.HasSuffix(callee, ".__set__")
}

// keyOfAttribute maps the attributes of flask.Flask that forward to a configuration key.
func keyOfAttribute(attr string) string {
	switch attr {
	case "secret_key", "debug", "testing", "permanent_session_lifetime", "session_cookie_name", "send_file_max_age_default", "use_x_sendfile":
		return strings.ToUpper(attr)
	}
	return ""
}

func (c *configReader) event(e *flow.Event) {
	switch m := method(e.Callee); m {
	case "__set__":
		attr := method(strings.TrimSuffix(e.Callee, ".__set__"))
		if key := keyOfAttribute(attr); key != "" && len(e.Args.Pos) > 0 && !c.isOther(e) {
			c.set(e, key, e.Args.Pos[len(e.Args.Pos)-1], "app."+attr)
		}
	case "__setitem__", "setdefault":
		if len(e.Args.Pos) == 2 {
			for _, key := range textsOf(e.Args.Pos[0].Value) {
				c.set(e, key, e.Args.Pos[1], "app.config")
			}
		}
	case "update", "from_mapping":
		for _, a := range e.Args.Pos {
			c.setKeys(e, a, m)
		}
		for _, kw := range e.Args.Kw {
			c.set(e, kw.Name, kw.Arg, m)
		}
		if e.Args.HasStarStar || slices.ContainsFunc(e.Args.Pos, func(a flow.Arg) bool { return !a.IsDict }) {
			c.load(e, m, "")
		}
	case "from_object":
		if len(e.Args.Pos) > 0 {
			c.fromObject(e, e.Args.Pos[0].Value)
		}
	case "from_pyfile", "from_envvar", "from_prefixed_env", "from_file", "from_json":
		c.fromOutside(e, m)
	}
}

// isOther: the attribute is one of an object of the program that is no application, such as the object of the method itself.
func (c *configReader) isOther(e *flow.Event) bool {
	if strings.Contains(e.Callee, "Blueprint.") {
		return true
	}
	if !strings.HasPrefix(e.Callee, "?.") || e.Recv == nil || len(e.Recv.Objs) == 0 {
		return false
	}
	for i := range e.Recv.Objs {
		switch o := &e.Recv.Objs[i]; {
		case o.Kind == value.ObjInstance:
			if c.isFlask(o.Class) {
				return false
			}
		case o.Kind == value.ObjParam && o.Func == e.Func.ID && o.Param == 0 && o.Name == "" && e.Func.Class != ir.NoClass:
			if c.isFlask(e.Func.Class) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// isFlask: a class that inherits from one of Flask, or of a library around it.
func (c *configReader) isFlask(class ir.ClassID) bool {
	return slices.ContainsFunc(c.prog.MRO(class), func(t semantic.Target) bool {
		return t.Kind == semantic.TargetExternal && strings.Contains(strings.ToLower(t.Path), "flask")
	})
}

// copies joins what one assignment does in several copies of its function, which were solved for different arguments: it is
// one assignment, and its value is known if it is the same in all of them.
func (c *configReader) copies() {
	type place struct {
		module *ir.Module
		node   ast.NodeID
		key    string
	}
	at := map[place]int{}
	kept := c.Config[:0]
	for _, set := range c.Config {
		p := place{set.Module, set.Node, set.Key}
		i, ok := at[p]
		if !ok {
			at[p] = len(kept)
			kept = append(kept, set)
			continue
		}
		k := &kept[i]
		k.Arg.Value = value.Join(k.Arg.Value, set.Arg.Value)
		k.Cond = k.Cond || set.Cond
		k.Order = max(k.Order, set.Order)
		if k.Env != set.Env {
			k.Env = AnyEnvironment
		}
	}
	c.Config = kept
}

// fileNameOf is the name of a file or variable: of os.path.join(app.root_path, "settings.py"), where Flask looks anyway, the end.
func fileNameOf(v *value.Value) string {
	if name, ok := textOf(v); ok {
		return name
	}
	if v == nil || v.Str == nil || len(v.Taint) > 0 {
		return ""
	}
	end := v.Str.Suffix()
	return strings.TrimLeft(end[strings.LastIndexByte(end, '/')+1:], "/")
}

func (c *configReader) fromOutside(e *flow.Event, m string) {
	name := ""
	if a, ok := e.Args.At(0, map[string]string{"from_envvar": "variable_name", "from_prefixed_env": "prefix"}[m]); ok {
		name = fileNameOf(a.Value)
	} else if m == "from_prefixed_env" {
		name = "FLASK"
	}
	l := c.load(e, m, name)
	if a, ok := e.Args.At(1, "load"); ok && m == "from_file" && e.Func.Module.File != nil {
		l.Load = e.Func.Module.File.Text(a.Node)
	}
	if a, ok := e.Args.Keyword("silent"); ok {
		l.Silent, _ = a.Value.ConstBool()
	}
}

// load notes a call; the result is good until the next one.
func (c *configReader) load(e *flow.Event, m, name string) *ConfigLoad {
	c.Loads = append(c.Loads, ConfigLoad{
		Method: m, Name: name, Order: e.Order, Cond: e.Cond, Func: e.Func, Node: e.Node,
		Env: conditionEnv(e.Func.Module.File, e.Func.Node, e.Node),
	})
	return &c.Loads[len(c.Loads)-1]
}

func (c *configReader) setKeys(e *flow.Event, a flow.Arg, how string) {
	for _, k := range a.Keys {
		if k.Key.Kind == ir.ConstStr {
			c.set(e, k.Key.Str, k.Arg, how)
		}
	}
}

func (c *configReader) set(e *flow.Event, key string, a flow.Arg, how string) {
	if key != strings.ToUpper(key) || key == "" {
		return // Flask ignores keys that are not upper case
	}
	node := a.Node
	if node == 0 {
		node = e.Node
	}
	set := ConfigSet{
		Key: key, Arg: a, Func: e.Func, Node: node, Expr: assigned(e.Func.Module.File, node), Module: e.Func.Module, Order: e.Order, Cond: e.Cond, How: how, Loaded: true,
		Env: environmentOf(e.Func.Module, conditionEnv(e.Func.Module.File, e.Func.Node, e.Node), e.Func.QualName),
	}
	c.ofSettings(&set)
	c.Config = append(c.Config, set)
}

// assigned is the value of the assignment that a target stands in, or the node itself: app.config["KEY"] = value.
func assigned(file *ast.File, node ast.NodeID) ast.NodeID {
	if file == nil || file.Kind(node) != ast.Subscript && file.Kind(node) != ast.Attribute {
		return node
	}
	at := file.Span(node).Start
	list := file.Body(file.Root)
	for depth := 0; depth < maxConditions && list != nil; depth++ {
		var in ast.NodeID
		for _, s := range list {
			if sp := file.Span(ast.NodeID(s)); sp.Start <= at && at < sp.End {
				in = ast.NodeID(s)
			}
		}
		if in == 0 {
			return node
		}
		if file.Kind(in) == ast.Assign {
			for _, t := range file.ListA(in) {
				if ast.NodeID(t) == node {
					return file.SlotB(in)
				}
			}
			return node
		}
		list = nil
		for _, l := range bodies(file, in) {
			if within(file, l, at) {
				list = l
			}
		}
	}
	return node
}

// bodies are the lists of statements in a statement.
func bodies(file *ast.File, s ast.NodeID) [][]uint32 {
	out := [][]uint32{file.Body(s), file.Orelse(s)}
	if k := file.Kind(s); k == ast.Try || k == ast.TryStar {
		out = append(out, file.Finalbody(s))
		for _, h := range file.Handlers(s) {
			out = append(out, file.Body(ast.NodeID(h)))
		}
	}
	return out
}

// replaced marks the assignments after which another one, on every path, sets the same key.
func (b *builder) replaced() {
	last := map[string]int{} // the last unconditional assignment of each key
	for i := range b.Config {
		c := &b.Config[i]
		if c.Loaded && !c.Cond && c.Class == "" && c.Env != Development && c.Env != Testing {
			last[c.Key] = i
		}
	}
	for i := range b.Config {
		c := &b.Config[i]
		if j, ok := last[c.Key]; ok && b.Config[j].Order > c.Order && c.Loaded && sameApp(c, &b.Config[j]) {
			c.Replaced = true
		}
	}
}

// sameApp: two assignments of one module, or one in a class that the other's module may load, belong to the same app.
// Assignments in different functions of different modules may belong to different ones.
func sameApp(a, b *ConfigSet) bool { return a.Class != "" || a.Func == b.Func || a.Module == b.Module }
