package semantic

import (
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// TargetKind says what a name leads to.
type TargetKind uint8

// Targets.
const (
	// TargetUnknown: the name is bound nowhere that we see.
	TargetUnknown TargetKind = iota
	TargetModule
	TargetFunc
	TargetClass
	// TargetVar is a module-level variable, or a class attribute that is not a method.
	TargetVar
	// TargetExternal is outside the program; builtins are there too, such as builtins.len.
	TargetExternal
)

// Target is what a dotted name leads to. It is comparable.
type Target struct {
	Kind   TargetKind
	Module *ir.Module // of TargetModule and TargetVar
	Func   ir.FuncID
	Class  ir.ClassID
	Name   string // of TargetVar: the variable
	Path   string // of TargetExternal: the absolute dotted path, such as flask.views.MethodView
	// Rest is what is left of the dotted name behind a variable, a function or a class: "config.update" of app.config.update.
	Rest string
}

// maxHops bounds the imports, aliases and re-exports that a name is followed through.
const maxHops = 32

type resolver struct {
	p    *Program
	hops int
}

// ResolveName follows a dotted name from the module scope of a module through imports, re-exports and plain aliases
// (`Base = models.Base`).
func (p *Program) ResolveName(m *ir.Module, dotted string) Target {
	r := resolver{p: p}
	return r.inModule(m, dotted)
}

// ResolveIn is ResolveName from any scope of a module, such as that of a class inside an application factory.
func (p *Program) ResolveIn(m *ir.Module, scope uint32, dotted string) Target {
	r := resolver{p: p}
	return r.inScope(m, scope, dotted)
}

// ResolveNode is ResolveIn for a chain of names in the tree of the module; the zero Target for any other expression. Most chains
// begin with a local variable, which is seen without putting their text together.
func (p *Program) ResolveNode(m *ir.Module, scope uint32, n ast.NodeID) Target {
	fi := p.Info(m)
	head := fi.File.DottedHead(n)
	if head == 0 || fi.isLocal(scope, ast.Sym(fi.File.Nodes[head].A)) {
		return Target{}
	}
	if dotted := fi.File.Dotted(n); dotted != "" {
		return p.ResolveIn(m, scope, dotted)
	}
	return Target{}
}

// IsLocal: a name is a parameter or a variable of a function, and is no import or definition there.
func (p *Program) IsLocal(m *ir.Module, scope uint32, n ast.NodeID) bool {
	fi := p.Info(m)
	return fi.File.Kind(n) == ast.Name && fi.isLocal(scope, ast.Sym(fi.File.Nodes[n].A))
}

// isLocal: the innermost scope that gives a name a value is that of a function, and what it gives there leads nowhere.
func (fi *FileInfo) isLocal(scope uint32, name ast.Sym) bool {
	for s := scope; s != 0; s = fi.Scopes[s].Parent {
		if s != scope && fi.Scopes[s].Kind == ScopeClass {
			continue
		}
		if i := fi.find(s, name); i >= 0 {
			if y := &fi.Symbols[i]; y.Flags&SymBound != 0 && y.Flags&SymGlobal == 0 {
				return fi.final[i] < 0
			}
		}
	}
	return false
}

// ResolveImport is what import i of a module binds.
func (p *Program) ResolveImport(m *ir.Module, i uint32) Target {
	r := resolver{p: p}
	return r.imported(m, i, "")
}

// DottedName is the text of a Name or of attributes of one; "" for anything else.
func DottedName(f *ast.File, n ast.NodeID) string {
	switch f.Kind(n) {
	case ast.Name:
		return f.IdentOf(n)
	case ast.Attribute:
		var parts []string
		for f.Kind(n) == ast.Attribute && len(parts) < maxHops {
			parts = append(parts, f.IdentOf(n))
			n = f.SlotA(n)
		}
		if f.Kind(n) != ast.Name {
			return ""
		}
		var b strings.Builder
		b.WriteString(f.IdentOf(n))
		for i := len(parts) - 1; i >= 0; i-- {
			b.WriteByte('.')
			b.WriteString(parts[i])
		}
		return b.String()
	}
	return ""
}

func (r *resolver) spent() bool {
	r.hops++
	return r.hops > maxHops
}

func (r *resolver) inScope(m *ir.Module, scope uint32, dotted string) Target {
	fi := r.p.Info(m)
	head, rest, _ := strings.Cut(dotted, ".")
	for s := scope; s != 0; s = fi.Scopes[s].Parent {
		if s != scope && fi.Scopes[s].Kind == ScopeClass {
			continue
		}
		i, ok := fi.Lookup(s, head)
		if !ok || fi.Symbols[i].Flags&SymBound == 0 || fi.Symbols[i].Flags&SymGlobal != 0 {
			continue
		}
		if t := r.binding(m, i, rest); t.Kind != TargetUnknown {
			return t
		}
		return Target{} // a local variable
	}
	return r.inModule(m, dotted)
}

func (r *resolver) inModule(m *ir.Module, dotted string) Target {
	if r.spent() {
		return Target{}
	}
	fi := r.p.Info(m)
	head, rest, _ := strings.Cut(dotted, ".")
	if i, ok := fi.Lookup(0, head); ok {
		if t := r.binding(m, i, rest); t.Kind != TargetUnknown {
			return t
		}
		return Target{Kind: TargetVar, Module: m, Name: head, Rest: rest}
	}
	return r.unbound(m, head, rest)
}

// unbound: a star import may bring the name, or it is a submodule of the package, or a builtin.
func (r *resolver) unbound(m *ir.Module, head, rest string) Target {
	if j, ok := r.p.starred[m.Index][head]; ok {
		return r.imported(m, j, rest)
	}
	if m.IsPackage {
		if sub, _ := r.p.dirs[m.Index].descend(head); sub != nil {
			return r.member(sub, rest)
		}
	}
	switch {
	case IsBuiltin(head):
		return external("builtins."+head, rest)
	case r.p.outside[m.Index] != "":
		return external(r.p.outside[m.Index]+"."+head, rest)
	}
	return Target{}
}

func lastPart(dotted string) string { return dotted[strings.LastIndexByte(dotted, '.')+1:] }

func external(path, rest string) Target {
	if rest != "" {
		path += "." + rest
	}
	return Target{Kind: TargetExternal, Path: path}
}

// member is a dotted name inside a module; "" is the module itself.
func (r *resolver) member(m *ir.Module, dotted string) Target {
	if dotted == "" {
		return Target{Kind: TargetModule, Module: m}
	}
	return r.inModule(m, dotted)
}

// binding chooses among the bindings of a symbol: the last one that always runs, then, where that leads nowhere, the others
// in order (the body of a try before its except clause).
func (r *resolver) binding(m *ir.Module, symbol uint32, rest string) Target {
	fi := r.p.Info(m)
	best := fi.final[symbol]
	if best < 0 || r.spent() {
		return Target{}
	}
	if t := r.bound(m, &fi.Bindings[best], rest); t.Kind != TargetUnknown {
		return t
	}
	for i := fi.binds[symbol]; i >= 0 && !r.spent(); i = fi.Bindings[i].next {
		if i == best || fi.Bindings[i].Kind == BindVar {
			continue
		}
		if t := r.bound(m, &fi.Bindings[i], rest); t.Kind != TargetUnknown {
			return t
		}
	}
	return Target{}
}

func (r *resolver) bound(m *ir.Module, b *Binding, rest string) Target {
	switch b.Kind {
	case BindFunc:
		return Target{Kind: TargetFunc, Func: r.p.FuncID(m, b.At), Rest: rest}
	case BindClass:
		return r.inClass(m, b.At, rest)
	case BindImport:
		return r.imported(m, b.At, rest)
	}
	fi := r.p.Info(m)
	y := &fi.Symbols[b.Symbol]
	alias := DottedName(fi.File, b.Value)
	if head, _, _ := strings.Cut(alias, "."); alias == "" || head == fi.File.Name(y.Sym) {
		return Target{}
	}
	return r.inScope(m, y.Scope, join(alias, rest))
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + "." + b
}

// inClass follows a dotted name into a class body.
func (r *resolver) inClass(m *ir.Module, class uint32, rest string) Target {
	self := Target{Kind: TargetClass, Class: r.p.ClassID(m, class), Rest: rest}
	if rest == "" || r.spent() {
		return self
	}
	fi := r.p.Info(m)
	head, tail, _ := strings.Cut(rest, ".")
	i, ok := fi.Lookup(fi.Funcs[fi.Classes[class].Body].Scope, head)
	if !ok || fi.binds[i] < 0 {
		return self
	}
	switch b := &fi.Bindings[fi.binds[i]]; b.Kind {
	case BindFunc:
		return Target{Kind: TargetFunc, Func: r.p.FuncID(m, b.At), Rest: tail}
	case BindClass:
		return r.inClass(m, b.At, tail)
	}
	return self
}

func (r *resolver) imported(m *ir.Module, i uint32, rest string) Target {
	if r.spent() {
		return Target{}
	}
	im := &m.Imports[i]
	switch {
	case im.TopOnly:
		return r.topOnly(m, im, rest)
	case im.Local == nil:
		return external(join(im.Module, im.Name), rest)
	case im.Name == "":
		return r.member(im.Local, rest)
	}
	t := r.inModule(im.Local, join(im.Name, rest))
	if t.Kind == TargetExternal && strings.HasPrefix(t.Path, "builtins.") {
		return Target{} // a module does not export the builtins
	}
	return t
}

// topOnly: after `import a.b`, the name a.b.x may lead through a folder without __init__.
func (r *resolver) topOnly(m *ir.Module, im *ir.Import, rest string) Target {
	top, _, _ := strings.Cut(im.Module, ".")
	full := join(top, rest)
	for name := full; ; {
		if sub, _ := r.p.find(m, name); sub != nil {
			return r.member(sub, strings.TrimPrefix(strings.TrimPrefix(full, name), "."))
		}
		cut := strings.LastIndexByte(name, '.')
		if cut < 0 {
			break
		}
		name = name[:cut]
	}
	return external(top, rest)
}

// ClassMember finds a function that a class body defines under a name, by its last binding.
func (p *Program) ClassMember(c *ir.Class, name string) (ir.FuncID, bool) {
	fi := p.Info(c.Module)
	_, body := p.Where(c.Body)
	i, ok := fi.Lookup(fi.Funcs[body].Scope, name)
	if !ok {
		return 0, false
	}
	fn, found := ir.FuncID(0), false
	for j := fi.binds[i]; j >= 0; j = fi.Bindings[j].next {
		if fi.Bindings[j].Kind == BindFunc {
			fn, found = p.FuncID(c.Module, fi.Bindings[j].At), true
		}
	}
	return fn, found
}
