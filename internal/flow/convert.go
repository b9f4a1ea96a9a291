package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// converted is what request.args.get(name, default, type=int) gives: a number, or the default. Nil when nothing is
// converted, or into something that may still hold any text.
func (f *frame) converted(e *models.Entry, args []arg) *value.Value {
	if !strings.HasPrefix(e.Path, "werkzeug.MultiDict.get") {
		return nil
	}
	isList := e.Path == "werkzeug.MultiDict.getlist"
	var typ, def *value.Value
	pos := 0
	for i := range args {
		switch {
		case args[i].kind == ir.ArgKeyword && args[i].name == "type":
			typ = args[i].v
		case args[i].kind == ir.ArgKeyword && args[i].name == "default", args[i].kind == ir.ArgPos && pos == 1 && !isList:
			def = args[i].v
		case args[i].kind == ir.ArgPos && (pos == 2 || pos == 1 && isList):
			typ = args[i].v
		}
		if args[i].kind == ir.ArgPos {
			pos++
		}
	}
	if typ == nil || len(typ.Objs) != 1 || typ.AnyObj || typ.Objs[0].Kind != value.ObjExternal {
		return nil
	}
	var r *value.Value
	switch typ.Objs[0].Path {
	case "builtins.int", "builtins.float", "builtins.bool":
		r = value.OfType(strings.TrimPrefix(typ.Objs[0].Path, "builtins."))
	default:
		return nil
	}
	if isList {
		return value.WithType(value.Unknown, "list")
	}
	if def == nil {
		def = value.None()
	}
	return join(r, def)
}
