package trial

import (
	"maps"
	"slices"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// module is a module of the program.
type module struct{ mod *ir.Module }

// member is an attribute of a module.
func (m *machine) member(of module, name string) any {
	t := m.prog.ResolveName(of.mod, name)
	switch {
	case t.Rest != "":
	case t.Kind == semantic.TargetFunc:
		return m.funcOf(t.Func)
	case t.Kind == semantic.TargetClass:
		return class{t.Class}
	case t.Kind == semantic.TargetModule:
		return module{t.Module}
	case t.Kind == semantic.TargetVar:
		return m.variable(t)
	case t.Kind == semantic.TargetExternal && !strings.HasPrefix(t.Path, "builtins."):
		return external{t.Path}
	}
	return m.setting(name)
}

// funcOf is a function by its name; a class method is bound to its class.
func (m *machine) funcOf(id ir.FuncID) any {
	if m.decorated(id, "classmethod") {
		return bound{id, class{m.prog.ClassOf(id)}}
	}
	return function{id}
}

func (m *machine) decorated(id ir.FuncID, name string) bool {
	mod, local := m.prog.Where(id)
	if mod == nil || mod.File == nil {
		return false
	}
	f := mod.File
	node := m.prog.Info(mod).Funcs[local].Node
	if f.Kind(node) != ast.FunctionDef {
		return false
	}
	return slices.ContainsFunc(f.Decorators(node), func(d uint32) bool { return semantic.DottedName(f, ast.NodeID(d)) == name })
}

// mro are a class and those above it: none where a function outside classes calls its first parameter self or cls.
func (m *machine) mro(id ir.ClassID) []semantic.Target {
	if id == ir.NoClass {
		return nil
	}
	return m.prog.MRO(id)
}

// classAttr is an attribute that a class gives itself, or an instance of it.
func (m *machine) classAttr(id ir.ClassID, name string, self *object) any {
	for _, t := range m.mro(id) {
		if t.Kind != semantic.TargetClass || t.Rest != "" {
			break
		}
		c := m.prog.Class(t.Class)
		if fn, ok := m.prog.ClassMember(c, name); ok {
			switch {
			case m.decorated(fn, "staticmethod"):
				return function{fn}
			case m.decorated(fn, "classmethod"):
				return bound{fn, class{id}}
			case self == nil:
				return function{fn}
			case m.decorated(fn, "property"):
				return m.call(fn, []any{self}, nil)
			}
			return bound{fn, self}
		}
		if v := m.classVariable(c, name); v != 0 {
			return m.inModule(c.Module, v)
		}
	}
	return m.setting(name)
}

// classVariable is what a class body assigns to a name, once.
func (m *machine) classVariable(c *ir.Class, name string) ast.NodeID {
	var found ast.NodeID
	for _, s := range c.Module.File.Body(c.Node) {
		if v := assigned(c.Module.File, ast.NodeID(s), name); v != 0 {
			if found != 0 {
				return 0
			}
			found = v
		}
	}
	return found
}

// inModule evaluates an expression that stands outside functions.
func (m *machine) inModule(mod *ir.Module, v ast.NodeID) any {
	if m.depth >= maxDepth {
		return m.fail()
	}
	up := m.frame
	m.frame, m.depth = &frame{mod: mod, vars: map[string]any{}}, m.depth+1
	r := m.eval(v)
	m.frame, m.depth = up, m.depth-1
	m.note(r)
	return r
}

// instance makes an object of a class.
func (m *machine) instance(c class, args []any, kw map[string]any) any {
	o := &object{of: c.id, attrs: map[string]any{}}
	for _, t := range m.mro(c.id) {
		if t.Kind != semantic.TargetClass {
			return m.fail()
		}
		if fn, ok := m.prog.ClassMember(m.prog.Class(t.Class), "__init__"); ok {
			m.call(fn, append([]any{o}, args...), kw)
			return o
		}
	}
	if len(args) > 0 {
		return m.fail()
	}
	maps.Copy(o.attrs, kw) // a data class
	return o
}

// OptsOut reports whether a name is that of an option by which whoever runs the program gives up a check of addresses:
// ALLOW_PRIVATE_HOSTS. Such options are off unless somebody switches them on who knows what that means.
func OptsOut(name string) bool {
	if !strings.Contains(name, "_") {
		return false
	}
	words := strings.FieldsFunc(strings.ToLower(name[strings.LastIndexByte(name, '.')+1:]), func(r rune) bool { return r == '_' })
	gives, reaches := false, false
	for _, w := range words {
		switch w {
		case "allow", "permit", "disable", "skip", "bypass", "unsafe", "insecure":
			gives = true
		case "private", "local", "localhost", "internal", "loopback", "intranet", "restricted", "ssrf", "lan":
			reaches = true
		}
	}
	return gives && reaches
}
