package flask

import (
	"regexp/syntax"
	"slices"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// customConverters judges the converters that a program registers: app.url_map.converters["sku"] = Sku.
func customConverters(prog *semantic.Program) map[string]Converter {
	out := map[string]Converter{}
	for _, m := range prog.Modules {
		if m.File == nil || !slices.Contains(m.File.Names, "converters") {
			continue
		}
		for id := range m.File.Nodes {
			name, class, ok := registeredConverter(m.File, ast.NodeID(id))
			if !ok {
				continue
			}
			if t := prog.ResolveName(m, semantic.DottedName(m.File, class)); t.Kind == semantic.TargetClass && t.Rest == "" {
				c := judgeConverter(prog, t.Class)
				c.Name = name
				out[name] = c
			}
		}
	}
	return out
}

// registeredConverter reads X.converters["name"] = Class.
func registeredConverter(f *ast.File, n ast.NodeID) (name string, class ast.NodeID, ok bool) {
	if f.Kind(n) != ast.Assign {
		return "", 0, false
	}
	for _, t := range f.ListA(n) {
		target := ast.NodeID(t)
		if f.Kind(target) != ast.Subscript {
			continue
		}
		if box := f.SlotA(target); f.Kind(box) == ast.Attribute && f.IdentOf(box) == "converters" {
			name, ok = f.Str(f.SlotB(target))
			return name, f.SlotB(n), ok
		}
	}
	return "", 0, false
}

// judgeConverter: a class is clean that builds on a clean converter, whose expression lets letters, digits and the like through
// only, or that makes a number or an identifier of what the URL holds.
func judgeConverter(prog *semantic.Program, id ir.ClassID) Converter {
	c := Converter{NoSlash: true}
	for _, t := range prog.MRO(id) {
		switch t.Kind {
		case semantic.TargetExternal:
			switch t.Path[strings.LastIndexByte(t.Path, '.')+1:] {
			case "IntegerConverter", "FloatConverter", "UUIDConverter", "AnyConverter", "NumberConverter":
				c.IsClean = true
			case "PathConverter":
				c.NoSlash = false
			}
		case semantic.TargetClass:
			class := prog.Class(t.Class)
			if text, ok := classRegex(class); ok {
				c.IsClean, c.NoSlash = c.IsClean || isTame(text, `<>"'&/\:%.;()`), c.NoSlash && isTame(text, "/")
			}
			c.IsClean = c.IsClean || converts(prog, class)
		}
	}
	return c
}

// classRegex is the expression that a converter matches.
func classRegex(class *ir.Class) (string, bool) {
	f := class.Module.File
	for _, s := range f.Body(class.Node) {
		id := ast.NodeID(s)
		if f.Kind(id) != ast.Assign {
			continue
		}
		for _, t := range f.ListA(id) {
			if f.Kind(ast.NodeID(t)) == ast.Name && f.IdentOf(ast.NodeID(t)) == "regex" {
				return f.Str(f.SlotB(id))
			}
		}
	}
	return "", false
}

// isTame reports whether an expression matches none of some characters; one that is not understood matches them all.
func isTame(text, wild string) bool {
	re, err := syntax.Parse(text, syntax.Perl)
	return err == nil && !matchesAny(re, wild)
}

func matchesAny(re *syntax.Regexp, wild string) bool {
	switch re.Op {
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	case syntax.OpLiteral:
		return slices.ContainsFunc(re.Rune, func(r rune) bool { return strings.ContainsRune(wild, r) })
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune); i += 2 {
			if strings.ContainsFunc(wild, func(r rune) bool { return re.Rune[i] <= r && r <= re.Rune[i+1] }) {
				return true
			}
		}
	}
	return slices.ContainsFunc(re.Sub, func(s *syntax.Regexp) bool { return matchesAny(s, wild) })
}

// converts: to_python hands the text to something that raises unless it is a number or an identifier.
func converts(prog *semantic.Program, class *ir.Class) bool {
	id, ok := prog.ClassMember(class, "to_python")
	if !ok {
		return false
	}
	m, local := prog.Where(id)
	fn := prog.Info(m).Funcs[local].Node
	params := m.File.Params(fn)
	if len(params) < 2 {
		return false
	}
	name, found := m.File.IdentOf(ast.NodeID(params[1])), false
	m.File.Walk(fn, func(n ast.NodeID) bool {
		if m.File.Kind(n) == ast.Call && len(m.File.ListB(n)) == 1 {
			arg := ast.NodeID(m.File.ListB(n)[0])
			switch m.File.IdentOf(m.File.SlotA(n)) {
			case "UUID", "int", "float", "ObjectId", "Decimal", "fromisoformat":
				found = found || m.File.Kind(arg) == ast.Name && m.File.IdentOf(arg) == name
			}
		}
		return !found
	})
	return found
}

// useConverters puts what is known of the program's own converters into the routes that use them.
func (b *builder) useConverters() {
	var own map[string]Converter
	for i := range b.Routes {
		for name, c := range b.Routes[i].Params {
			if c.Name == "" || c.IsClean || c.Name == "default" || c.Name == "path" {
				continue
			}
			if own == nil {
				own = customConverters(b.prog)
			}
			if k, ok := own[c.Name]; ok {
				b.Routes[i].Params[name] = k
			}
		}
	}
}
