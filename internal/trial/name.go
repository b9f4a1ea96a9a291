package trial

import (
	"slices"
	"strings"

	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// name is a local variable, or what the module makes of the name.
func (m *machine) name(id ast.NodeID) any {
	f := m.frame.mod.File
	if v, ok := m.frame.vars[f.IdentOf(id)]; ok {
		return v
	}
	return m.dotted(f.IdentOf(id))
}

// dotted is what a name leads to that is no local variable.
func (m *machine) dotted(name string) any {
	t := m.prog.ResolveIn(m.frame.mod, m.frame.scope, name)
	switch t.Kind {
	case semantic.TargetFunc:
		if t.Rest == "" {
			return m.funcOf(t.Func)
		}
	case semantic.TargetClass:
		if t.Rest == "" {
			return class{t.Class}
		}
	case semantic.TargetExternal:
		return external{t.Path}
	case semantic.TargetModule:
		return module{t.Module}
	case semantic.TargetVar:
		if t.Rest == "" {
			return m.variable(t)
		}
	}
	return m.setting(name)
}

// setting is something that is not known. An option that permits what checks are there to refuse is off, as it is by default; a list of
// hosts that are allowed holds the site, when redirects are tried.
func (m *machine) setting(name string) any {
	if OptsOut(name) {
		return false
	}
	if name == "SERVER_NAME" {
		return site
	}
	if m.input != "" && namesHosts(name) && strings.HasSuffix(strings.ToLower(name), "s") && permits(name) {
		return &list{[]any{site}}
	}
	return m.fail()
}

// permits: what is called so lists what a check lets through.
func permits(name string) bool {
	name = strings.ToLower(name)
	for _, w := range [...]string{"allow", "trust", "safe", "permit", "valid", "whitelist"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// variable evaluates the one assignment of a module-level name.
func (m *machine) variable(t semantic.Target) any {
	f := t.Module.File
	var value ast.NodeID
	for _, s := range f.ListA(f.Root) {
		if v := assigned(f, ast.NodeID(s), t.Name); v != 0 {
			if value != 0 {
				return m.setting(t.Name)
			}
			value = v
		}
	}
	if value == 0 || m.depth >= maxDepth {
		return m.setting(t.Name)
	}
	up, asked, lost := m.frame, m.asked, m.lost
	m.frame, m.depth = &frame{mod: t.Module, vars: map[string]any{}}, m.depth+1
	v := m.eval(value)
	m.frame, m.depth = up, m.depth-1
	if m.raised { // a program that does not start answers nobody: what it lacked was there
		m.raised, m.class, v = false, nil, unknown{}
	}
	m.note(v)
	if l, isList := v.(*list); isVague(v) || m.asked > asked || isList && slices.ContainsFunc(l.elems, isVague) {
		if s := m.setting(t.Name); isVague(v) || !isVague(s) {
			m.asked, m.lost = asked, lost
			return s
		}
	}
	return v
}

// assigned is what a statement assigns to a name; 0 when it assigns nothing to it.
func assigned(f *ast.File, stmt ast.NodeID, name string) ast.NodeID {
	isName := func(n ast.NodeID) bool { return f.Kind(n) == ast.Name && f.IdentOf(n) == name }
	switch f.Kind(stmt) {
	case ast.Assign:
		if slices.ContainsFunc(f.ListA(stmt), func(n uint32) bool { return isName(ast.NodeID(n)) }) {
			return f.SlotB(stmt)
		}
	case ast.AnnAssign:
		if isName(f.SlotA(stmt)) {
			return f.SlotC(stmt)
		}
	}
	return 0
}
