package rule

import (
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Written is a text in the code that is one of the alternatives of a value.
type Written struct {
	Mod  *ir.Module
	Node ast.NodeID
	Text string
}

// Flow leads from the text to the place of a finding.
func (w Written) Flow(f *finding.Finding, note string) []finding.Step {
	return []finding.Step{
		{Path: w.Mod.Source.Path, Span: w.Mod.File.Span(w.Node), Note: "the key in the code"},
		{Path: f.Path, Span: f.Span, Note: note},
	}
}

// WrittenKey is a key in the code that an expression falls back to where nothing else gives one: an operand of `or`, the
// default of a look-up, or what is assigned to a name in it. Texts that are no keys are left out, and so are those with
// which the program refuses to start.
func (p *Pass) WrittenKey(m *ir.Module, in *ir.Func, n ast.NodeID) (Written, bool) {
	if n == 0 || m.File == nil {
		return Written{}, false
	}
	b := &backtrack{prog: p.Project.Prog}
	scope := uint32(0)
	if in != nil && in.Module == m {
		_, local := b.prog.Where(in.ID)
		scope = b.prog.Info(m).Funcs[local].Scope
	}
	b.expr(m, scope, n)
	i := slices.IndexFunc(b.found, func(w Written) bool { return isKey(w.Text) && !refused(w) })
	if i < 0 {
		return Written{}, false
	}
	return b.found[i], true
}

// isKey leaves out what is no key: nothing, and names of settings and files.
func isKey(text string) bool {
	return len(text) > 2 && !strings.ContainsAny(text, "{%/") && text != strings.ToUpper(text)
}

// refused: the program stops when the key still is the one that is written.
func refused(w Written) bool {
	f, found := w.Mod.File, false
	f.Walk(f.Root, func(n ast.NodeID) bool {
		if f.Kind(n) == ast.If && comparesText(f, f.SlotA(n), w.Text) && stops(f, f.Body(n)) {
			found = true
		}
		return !found
	})
	return found
}

func comparesText(f *ast.File, test ast.NodeID, text string) bool {
	isCompare, holds := false, false
	f.Walk(test, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.Compare:
			isCompare = true
		case ast.Constant:
			s, ok := f.Str(n)
			holds = holds || ok && s == text
		}
		return true
	})
	return isCompare && holds
}

func stops(f *ast.File, body []uint32) bool {
	for _, s := range body {
		n := ast.NodeID(s)
		if f.Kind(n) == ast.Raise {
			return true
		}
		if f.Kind(n) == ast.Expr && strings.HasPrefix(f.Text(n), "sys.exit(") {
			return true
		}
	}
	return false
}

// backtrack collects the texts that are alternatives of an expression.
type backtrack struct {
	prog  *semantic.Program
	found []Written
	depth int
	names []string // being followed
}

// maxBacktrack bounds how deep names and expressions are followed.
const maxBacktrack = 12

func (b *backtrack) expr(m *ir.Module, scope uint32, n ast.NodeID) {
	f := m.File
	if n == 0 || f == nil || b.depth > maxBacktrack {
		return
	}
	b.depth++
	defer func() { b.depth-- }()
	switch f.Kind(n) {
	case ast.Constant:
		if s, ok := f.Str(n); ok {
			b.found = append(b.found, Written{m, n, s})
		}
	case ast.BoolOp:
		for _, v := range f.ListA(n) {
			b.expr(m, scope, ast.NodeID(v))
		}
	case ast.IfExp:
		b.expr(m, scope, f.SlotB(n))
		b.expr(m, scope, f.SlotC(n))
	case ast.Call:
		b.call(m, scope, n)
	case ast.Name, ast.Attribute:
		b.name(m, scope, n)
	}
}

// call follows the default of a look-up, and what a conversion converts.
func (b *backtrack) call(m *ir.Module, scope uint32, n ast.NodeID) {
	f := m.File
	fn, args := f.SlotA(n), f.ListB(n)
	for _, name := range [...]string{"fallback", "default"} {
		if v := f.KeywordArg(n, name); v != 0 {
			b.expr(m, scope, v)
		}
	}
	switch f.IdentOf(fn) {
	case "get", "getenv", "pop", "setdefault":
		if len(args) > 1 && f.Kind(ast.NodeID(args[1])) != ast.Keyword && !b.isParser(m, scope, f.SlotA(fn)) {
			b.expr(m, scope, ast.NodeID(args[1]))
		}
	case "getattr":
		if len(args) > 2 {
			b.expr(m, scope, ast.NodeID(args[2]))
		}
	case "str", "bytes":
		if f.Kind(fn) == ast.Name && len(args) > 0 {
			b.expr(m, scope, ast.NodeID(args[0]))
		}
	case "encode", "strip":
		b.expr(m, scope, f.SlotA(fn))
	}
}

// isParser: the names that get() of a ConfigParser takes are those of a section and of an option in it.
func (b *backtrack) isParser(m *ir.Module, scope uint32, of ast.NodeID) bool {
	name := m.File.Dotted(of)
	if name == "" {
		return false
	}
	if t := b.prog.ResolveIn(m, scope, name); t.Kind == semantic.TargetVar && t.Rest == "" && t.Module.File != nil {
		m, name = t.Module, t.Name
	}
	f, found := m.File, false
	f.Walk(f.Root, func(n ast.NodeID) bool {
		if k := f.Kind(n); k == ast.Assign || k == ast.AnnAssign {
			v := valueFor(f, n, name)
			found = found || v != 0 && f.Kind(v) == ast.Call && strings.HasSuffix(f.IdentOf(f.SlotA(v)), "ConfigParser")
		}
		return !found
	})
	return found
}

// name follows a variable to what is assigned to it.
func (b *backtrack) name(m *ir.Module, scope uint32, n ast.NodeID) {
	d := m.File.Dotted(n)
	if d == "" || slices.Contains(b.names, m.Name+":"+d) {
		return
	}
	b.names = append(b.names, m.Name+":"+d)
	defer func() { b.names = b.names[:len(b.names)-1] }()
	info := b.prog.Info(m)
	if m.File.Kind(n) == ast.Name {
		for i := range info.Funcs { // its own scope first: a local variable, or another attribute of the same class
			if info.Funcs[i].Scope == scope && b.assigned(m, scope, info.Funcs[i].Node, d) {
				return
			}
		}
	}
	switch t := b.prog.ResolveIn(m, scope, d); {
	case t.Kind == semantic.TargetVar && t.Rest == "":
		b.assigned(t.Module, b.prog.Info(t.Module).Funcs[0].Scope, t.Module.File.Root, t.Name)
	case t.Kind == semantic.TargetClass && t.Rest != "" && !strings.Contains(t.Rest, "."):
		c := b.prog.Class(t.Class)
		_, local := b.prog.Where(c.Body)
		b.assigned(c.Module, b.prog.Info(c.Module).Funcs[local].Scope, c.Node, t.Rest)
	}
}

// assigned follows the assignments to a name in a body, in order: one that happens in any case replaces what came before it.
func (b *backtrack) assigned(m *ir.Module, scope uint32, owner ast.NodeID, name string) bool {
	f := m.File
	var values []ast.NodeID
	if f == nil {
		return false
	}
	for _, s := range f.Body(owner) {
		f.Walk(ast.NodeID(s), func(n ast.NodeID) bool {
			switch f.Kind(n) {
			case ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda:
				return false
			case ast.Assign, ast.AnnAssign:
				if v := valueFor(f, n, name); v != 0 {
					if n == ast.NodeID(s) && !mentionsName(f, v, name) {
						values = nil
					}
					values = append(values, v)
				}
			}
			return true
		})
	}
	for _, v := range values {
		b.expr(m, scope, v)
	}
	return len(values) > 0
}

func valueFor(f *ast.File, n ast.NodeID, name string) ast.NodeID {
	if f.Kind(n) == ast.AnnAssign {
		if f.Kind(f.SlotA(n)) == ast.Name && f.IdentOf(f.SlotA(n)) == name {
			return f.SlotC(n)
		}
		return 0
	}
	for _, t := range f.ListA(n) {
		if f.Kind(ast.NodeID(t)) == ast.Name && f.IdentOf(ast.NodeID(t)) == name {
			return f.SlotB(n)
		}
	}
	return 0
}

func mentionsName(f *ast.File, root ast.NodeID, name string) bool {
	found := false
	f.Walk(root, func(n ast.NodeID) bool {
		found = found || f.Kind(n) == ast.Name && f.IdentOf(n) == name
		return !found
	})
	return found
}
