package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// Modules that the program imports by a text. Where only the beginning of the name is known, any module of the package may be meant:
//
//	plugin = importlib.import_module(f"plugins.{name}")
//	plugin.handler(request.get_data())

// pluginType is the Path of an object that stands for any module whose name fits the pattern in Name.
const pluginType = "module by name"

// maxPlugins bounds the modules that one name may mean.
const maxPlugins = 128

// importedByName is importlib.import_module(…); nil when nothing is known of the name.
func (f *frame) importedByName(args []arg) *value.Value {
	name := firstArg(args)
	if name == nil || len(args) == 0 || args[0].kind != ir.ArgPos {
		return nil
	}
	if name.IsConst && len(name.Taint) == 0 {
		var out *value.Value
		for _, c := range name.Consts() {
			if m := f.s.prog.Module(f.absolute(c.Str, args)); c.Kind == ir.ConstStr && m != nil {
				out = join(out, ofModule(m))
			}
		}
		return out
	}
	prefix, suffix := f.absolute(name.Str.Prefix(), args), name.Str.Suffix()
	if !strings.Contains(prefix, ".") || strings.Contains(prefix, anyName) || strings.Contains(suffix, anyName) {
		return nil
	}
	pattern := prefix + anyName + suffix
	if len(f.s.modulesNamed(pattern, f.fn)) == 0 {
		return nil
	}
	return value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: pluginType, Name: pattern})
}

// absolute is the name of a module, or the beginning of one, without the dots in front that stand for the package.
func (f *frame) absolute(name string, args []arg) string {
	rest := strings.TrimLeft(name, ".")
	if rest == name {
		return name
	}
	base := ""
	for i, a := range args {
		if s, ok := oneStr(a.v); ok && i > 0 && (a.kind == ir.ArgPos || a.name == "package") {
			base = s
		}
	}
	if base == "" && f.fn.Module != nil {
		base = f.fn.Module.Name
		if !f.fn.Module.IsPackage {
			base = base[:max(strings.LastIndexByte(base, '.'), 0)]
		}
	}
	for range len(name) - len(rest) - 1 {
		base = base[:max(strings.LastIndexByte(base, '.'), 0)]
	}
	return base + "." + rest
}

// modulesNamed are the modules of the program whose names fit a pattern.
func (s *solver) modulesNamed(pattern string, asking *ir.Func) []*ir.Module {
	if found, ok := s.plugins[pattern]; ok {
		return found
	}
	prefix, suffix, _ := strings.Cut(pattern, anyName)
	var out []*ir.Module
	for _, m := range s.prog.Modules {
		if m.IsTest || len(m.Name) <= len(prefix)+len(suffix) || !strings.HasPrefix(m.Name, prefix) || !strings.HasSuffix(m.Name, suffix) {
			continue
		}
		if len(out) == maxPlugins {
			s.trip(asking, limitPlugins)
			break
		}
		out = append(out, m)
	}
	if s.plugins == nil {
		s.plugins = map[string][]*ir.Module{}
	}
	s.plugins[pattern] = out
	return out
}

// pluginMethod calls what a name means in each of the modules.
func (f *frame) pluginMethod(o *value.Obj, name string, args []arg, node ast.NodeID) (*value.Value, bool) {
	given := slices.Clone(args)
	for i := range given {
		given[i].v = value.WithMark(given[i].v, value.MarkDynamic)
	}
	var out *value.Value
	for _, m := range f.s.modulesNamed(o.Name, f.fn) {
		member := f.s.moduleAttr(m, name, f.fn.ID)
		if member == nil || !slices.ContainsFunc(member.Objs, func(o value.Obj) bool { return o.Kind == value.ObjFunc || o.Kind == value.ObjClass }) {
			continue
		}
		was, before := f.dead, f.heap.fork()
		r := f.call(member, given, node)
		f.dead, f.deadCall = was, false
		f.heap.merge(&before)
		out = join(out, value.WithMark(orUnknown(r), value.MarkDynamic))
	}
	return out, out != nil
}
