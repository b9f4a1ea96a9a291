package flask

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// readsEnvironment: pydantic's settings take each field from the environment, and the value in the class when it has none.
func (c *configReader) readsEnvironment(id ir.ClassID) bool {
	for _, t := range c.prog.MRO(id) {
		if t.Kind == semantic.TargetExternal && (t.Path == "pydantic_settings.BaseSettings" || t.Path == "pydantic.BaseSettings" || t.Path == "pydantic_settings.main.BaseSettings") {
			return true
		}
	}
	return false
}

// field is what such a class says of one of its fields.
type field struct {
	prefix, alias string
	def           ast.NodeID // of Field(default, …)
	file          *ast.File  // of def
	found         bool
}

// fieldOf looks a field up in a class and those it inherits from.
func (c *configReader) fieldOf(id ir.ClassID, name string) field {
	var out field
	for _, t := range c.prog.MRO(id) {
		if t.Kind != semantic.TargetClass {
			continue
		}
		class := c.prog.Classes[t.Class]
		file := class.Module.File
		if file == nil {
			continue
		}
		for _, s := range file.Body(class.Node) {
			id := ast.NodeID(s)
			if v := assignedTo(file, id, name); !out.found && (v != 0 || declares(file, id, name)) {
				out.found = true
				out.declared(file, v)
			}
			if out.prefix == "" {
				out.prefix = prefixIn(file, id)
			}
		}
	}
	return out
}

// declares: name: int, without a value.
func declares(file *ast.File, s ast.NodeID, name string) bool {
	t := file.SlotA(s)
	return file.Kind(s) == ast.AnnAssign && file.Kind(t) == ast.Name && file.IdentOf(t) == name
}

// declared reads Field(default, alias="NAME").
func (f *field) declared(file *ast.File, v ast.NodeID) {
	if v == 0 || file.Kind(v) != ast.Call || file.IdentOf(file.SlotA(v)) != "Field" {
		return
	}
	f.file = file
	for i, a := range file.ListB(v) {
		id := ast.NodeID(a)
		if file.Kind(id) != ast.Keyword {
			if i == 0 {
				f.def = id
			}
			continue
		}
		switch file.IdentOf(id) {
		case "default":
			f.def = file.SlotB(id)
		case "alias", "validation_alias", "env":
			if s, ok := file.Str(file.SlotB(id)); ok {
				f.alias = s
			}
		}
	}
}

// prefixIn finds env_prefix in model_config = SettingsConfigDict(…), in a dictionary there, or in class Config.
func prefixIn(file *ast.File, s ast.NodeID) string {
	if file.Kind(s) == ast.ClassDef && file.IdentOf(s) == "Config" {
		for _, inner := range file.Body(s) {
			if text, ok := file.Str(assignedTo(file, ast.NodeID(inner), "env_prefix")); ok {
				return text
			}
		}
		return ""
	}
	v := assignedTo(file, s, "model_config")
	switch {
	case v == 0:
	case file.Kind(v) == ast.Call:
		for _, a := range file.ListB(v) {
			if id := ast.NodeID(a); file.Kind(id) == ast.Keyword && file.IdentOf(id) == "env_prefix" {
				text, _ := file.Str(file.SlotB(id))
				return text
			}
		}
	case file.Kind(v) == ast.Dict:
		keys, values := file.ListA(v), file.ListB(v)
		for i := range min(len(keys), len(values)) {
			if k, _ := file.Str(ast.NodeID(keys[i])); k == "env_prefix" {
				text, _ := file.Str(ast.NodeID(values[i]))
				return text
			}
		}
	}
	return ""
}

// fromField is the value of a field as the environment may set it; nil when the class is no such class or has no such field.
// The names of variables have no case; they are written in capitals by custom.
func (c *configReader) fromField(id ir.ClassID, name string, def *value.Value) *value.Value {
	if !c.readsEnvironment(id) {
		return nil
	}
	f := c.fieldOf(id, name)
	if !f.found {
		return nil
	}
	variable := strings.ToUpper(f.prefix + name)
	if f.alias != "" {
		variable = strings.ToUpper(f.alias)
	}
	ref := &value.EnvRef{Name: variable, Default: def, HasDefault: def != nil}
	if f.def != 0 {
		ref.Default, ref.HasDefault = literalOf(f.file, f.def), true
	}
	return value.OfEnv(value.Value{AnyObj: true}, ref)
}

// literalOf is a literal as a value; anything else is not known.
func literalOf(file *ast.File, n ast.NodeID) *value.Value {
	if s, ok := file.Str(n); ok {
		return value.OfConsts([]ir.Const{{Kind: ir.ConstStr, Str: s}})
	}
	switch file.Text(n) {
	case "True", "False":
		k := ir.Const{Kind: ir.ConstBool}
		if file.Text(n) == "True" {
			k.Int = 1
		}
		return value.OfConsts([]ir.Const{k})
	case "None":
		return value.None()
	}
	return value.Unknown
}

// ofSettings: the value is an attribute of an object of such a class: app.config["DEBUG"] = settings.debug.
func (c *configReader) ofSettings(set *ConfigSet) {
	file := set.Module.File
	if file == nil || set.Expr == 0 || file.Kind(set.Expr) != ast.Attribute || file.Kind(file.SlotA(set.Expr)) != ast.Name {
		return
	}
	class, ok := c.classOfName(set, file.IdentOf(file.SlotA(set.Expr)))
	if !ok {
		return
	}
	if v := c.fromField(class, file.IdentOf(set.Expr), set.Arg.Value); v != nil {
		set.Arg.Value, set.Typed = v, true
	}
}

// classOfName is the class of the object that a name stands for: a variable of the function that is made there, or a name of
// the module.
func (c *configReader) classOfName(set *ConfigSet, name string) (ir.ClassID, bool) {
	file := set.Module.File
	if set.Func.Kind == ir.KindFunction {
		if v, _ := assignmentIn(file, set.Func.Node, name); file.Kind(v) == ast.Call {
			t := c.prog.ResolveName(set.Module, semantic.DottedName(file, file.SlotA(v)))
			if t.Kind == semantic.TargetClass {
				return t.Class, true
			}
		}
	}
	if v := c.res.ModuleGlobal(set.Module, name); v != nil && len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjInstance {
		return v.Objs[0].Class, true
	}
	return 0, false
}
