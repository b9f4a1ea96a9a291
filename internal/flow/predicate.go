package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// What a small predicate checks may suffice only for what its caller did to the argument before:
//
//	def is_within(path, folder): return path == folder or path.startswith(folder + os.sep)
//
//	path = os.path.realpath(name)
//	if not is_within(path, FOLDER): abort(404)

// maxPredicate bounds the instructions of a function that is looked at again for the arguments of one call.
const maxPredicate = 40

// maxPredicates bounds such functions that call one another: each call of each would run the next one again.
const maxPredicates = 2

// normal are the facts about a path that make a comparison with its folder suffice.
const normal = value.FactNormalized | value.FactReal | value.FactAbsolute

// predicate is what a small function without loops does, and checks, with arguments of which these facts hold; nil where nothing is gained.
func (f *frame) predicate(o *value.Obj, ops []ir.Arg) *summary {
	st := &f.s.funcs[o.Func]
	if f.s.predicates >= maxPredicates || st.ir == nil || st.ir.Kind > ir.KindLambda || st.info == nil || st.info.hasLoop || len(st.ir.Params) > 4 {
		return nil
	}
	args, any := make([]*value.Value, len(st.ir.Params)), false
	pos := 0
	if o.Kind == value.ObjBound {
		pos = 1
	}
	for _, a := range ops {
		i := pos
		if a.Kind == ir.ArgKeyword {
			i = paramNamed(st.ir, a.Name)
		} else {
			pos++
		}
		if i < 0 || i >= len(args) || a.Kind != ir.ArgPos && a.Kind != ir.ArgKeyword || st.ir.Params[i].Kind > ast.PosOrKeyword {
			return nil
		}
		v := f.get(a.Reg)
		known, typ := pathFacts(v), pathType(v)
		if known != 0 || typ != "" {
			args[i], any = &value.Value{AnyObj: typ == "", Facts: known, Type: typ}, true
		}
	}
	if !any || !isSmall(st.ir) {
		return nil
	}
	f.s.predicates++
	defer func() { f.s.predicates-- }()
	return f.s.run(st.ir, args, 0)
}

// pathFacts are those facts about a path. One that begins with a folder of the program's is absolute if that is, whatever is put below it.
func pathFacts(v *value.Value) value.Facts {
	known := v.Facts & normal
	if len(v.Taint) > 0 && strings.HasPrefix(v.Str.Prefix(), "/") {
		known |= value.FactAbsolute
	}
	return known
}

// pathType is the type of a path that is no text; "" for others.
func pathType(v *value.Value) string {
	if strings.HasPrefix(v.Type, "pathlib.") && len(v.Objs) == 0 && len(v.Taint) > 0 {
		return v.Type
	}
	return ""
}

func isSmall(fn *ir.Func) bool {
	n := 0
	for i := range fn.Blocks {
		n += len(fn.Blocks[i].Instrs)
	}
	return n <= maxPredicate
}
