package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// refineCompare is value.RefineCompare, and membership in a collection whose elements the heap knows.
func refineCompare(f *frame, op ast.Op, a, b *value.Value, truth bool) (*value.Value, *value.Value) {
	if op != ast.In && op != ast.NotIn {
		if v := refineDerived(op, a, b, truth); v != nil {
			return v, b
		}
		if v := refineDerived(op, b, a, truth); v != nil {
			return a, v
		}
		return value.RefineCompare(op, a, b, truth)
	}
	if truth == (op == ast.In) && (fromFolder(b) || f.isTracked(b) && fromFolder(f.deep(b))) {
		return value.Clear(a, models.Kinds(models.PathRead, models.PathWrite, models.PathParent)), b
	}
	list := f.ofClass(b)
	elems, ok := f.members(list)
	if !ok {
		if f.isTracked(list) && value.OwnWords(f.deep(list).Taint) && truth == (op == ast.In) {
			return value.RefineMember(a), b
		}
		return value.RefineCompare(op, a, b, truth)
	}
	return value.RefineIn(a, elems, truth == (op == ast.In)), b
}

// ofClass is self.names as the program fills it: what any instance holds there, without the symbol for what this one does.
func (f *frame) ofClass(v *value.Value) *value.Value {
	if f.fn.Class == ir.NoClass || len(v.Objs) < 2 || !f.isTracked(v) {
		return v
	}
	isSelf := func(fn ir.FuncID, param int32, path string) bool { return fn == f.fn.ID && param == 0 && path != "" }
	n := *v
	n.Objs = slices.DeleteFunc(slices.Clone(v.Objs), func(o value.Obj) bool { return o.Kind == value.ObjParam && isSelf(o.Func, o.Param, o.Path) })
	n.Taint = slices.DeleteFunc(slices.Clone(v.Taint), func(l value.Label) bool {
		return l.Origin.Kind == value.OriginParam && isSelf(l.Origin.Func, l.Origin.Param, l.Origin.Name)
	})
	return &n
}

// fromFolder: the collection lists what the program's own folder holds.
func fromFolder(v *value.Value) bool {
	for i := range v.Taint {
		if o := &v.Taint[i].Origin; o.Kind != value.OriginSource || o.Source != models.File {
			return false
		}
	}
	return len(v.Taint) > 0
}

// refineDerived handles what a comparison with a constant says of how a value was made: `re.match(…) is not None`,
// `os.path.commonpath([BASE, path]) == "/base"`. nil when it says nothing.
func refineDerived(op ast.Op, a, b *value.Value, truth bool) *value.Value {
	if a == nil || a.From() == nil {
		return nil
	}
	c, ok := oneConst(b)
	if !ok {
		return nil
	}
	equals := truth == (op == ast.Eq || op == ast.Is)
	switch a.From().How {
	case value.HowMatch:
		if c.Kind == ir.ConstNone {
			return value.RefineTruth(a, !equals)
		}
	case value.HowCommon, value.HowCommonPrefix:
		if c.Kind == ir.ConstStr && equals && (op == ast.Eq || op == ast.NotEq) {
			r, _ := value.RefineCompare(ast.Eq, a, b, true)
			return r
		}
	}
	return nil
}

// members are the elements of a collection, or the keys of a dict.
func (f *frame) members(v *value.Value) ([]*value.Value, bool) {
	if elems, ok := f.elements(v); ok {
		return elems, true
	}
	if len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjSite {
		return nil, false
	}
	k, _ := keyOf(&v.Objs[0])
	o := f.object(k)
	if o == nil || o.typ != "dict" || o.star != nil {
		return nil, false
	}
	var out []*value.Value
	for i := range o.cells {
		if o.cells[i].kind == cellItem {
			out = append(out, value.Of(o.cells[i].key))
		}
	}
	return out, true
}

func (f *frame) refineMethod(in *ir.Instr, recv *value.Value, truth bool) {
	var args []*value.Value
	for _, a := range f.fn.ArgsOf(in) {
		if a.Kind == ir.ArgPos {
			args = append(args, f.get(a.Reg))
		}
	}
	if len(args) == 1 && (in.Name == "startswith" || in.Name == "endswith") {
		if elems, ok := f.elements(args[0]); ok && len(elems) > 0 {
			f.refineAny(in, recv, elems, truth)
			return
		}
	}
	if x := f.resolvedHere(in.A); truth && in.Name == "is_relative_to" && x != ir.NoReg {
		f.refine(x, value.BelowFolder(f.get(x)))
		return
	}
	r, _ := value.RefineCall(in.Name, recv, args, truth)
	f.refine(in.A, value.PlaceWeak(r, f.fn.ID, in.Node))
}

// resolvedHere is x where a register holds `x.resolve()` and x is a parameter that nobody knows to be a path.
func (f *frame) resolvedHere(reg ir.Reg) ir.Reg {
	if reg < 0 {
		return ir.NoReg
	}
	def := f.info.defs[reg]
	if def == nil || def.Op != ir.OpMethod || def.Name != "resolve" {
		return ir.NoReg
	}
	for _, a := range f.fn.ArgsOf(def) {
		if a.Kind == ir.ArgPos {
			return ir.NoReg
		}
	}
	if v := f.get(def.A); v == nil || len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjParam || v.Type != "" {
		return ir.NoReg
	}
	return def.A
}

// refineAny is text.startswith((a, b)): one of them where it is true, none where it is false.
func (f *frame) refineAny(in *ir.Instr, recv *value.Value, elems []*value.Value, truth bool) {
	r := recv
	for i, e := range elems {
		switch one, _ := value.RefineCall(in.Name, recv, []*value.Value{e}, truth); {
		case !truth:
			r, _ = value.RefineCall(in.Name, r, []*value.Value{e}, false)
		case i == 0:
			r = one
		default:
			r = join(r, one)
		}
	}
	f.refine(in.A, value.PlaceWeak(r, f.fn.ID, in.Node))
}

func (f *frame) refineCall(path string, ops []ir.Arg, truth bool) {
	var args []*value.Value
	var regs []ir.Reg
	for _, a := range ops {
		if a.Kind == ir.ArgPos {
			args, regs = append(args, f.get(a.Reg)), append(regs, a.Reg)
		}
	}
	_, out := value.RefineCall(path, nil, args, truth)
	for i := range regs {
		if i < len(out) {
			f.refine(regs[i], out[i])
		}
	}
}

// isSetting: a register holds what the configuration of the application has under some key.
func (f *frame) isSetting(reg ir.Reg) bool {
	for range maxOption {
		if reg < 0 {
			return false
		}
		def := f.info.defs[reg]
		if def == nil {
			return false
		}
		if def.Op == ir.OpCopy {
			reg = def.A
			continue
		}
		if def.Op != ir.OpIndex && (def.Op != ir.OpMethod || def.Name != "get") {
			return false
		}
		config := f.get(def.A)
		return config != nil && len(config.Objs) == 1 && f.s.libraryType(&config.Objs[0]) == "flask.Config"
	}
	return false
}

// numberBeside is x where x < y did not raise, y being a number: no text is.
func numberBeside(x, y *value.Value) *value.Value {
	if x == nil || y == nil || len(x.Taint) == 0 || x.IsConst || !isNumber(y) && !isNumberConst(y) {
		return x
	}
	return value.Clear(x, models.AllKinds)
}

func isNumberConst(v *value.Value) bool {
	return v.IsConst && len(v.Consts()) > 0 && !slices.ContainsFunc(v.Consts(), func(c ir.Const) bool { return c.Kind != ir.ConstInt && c.Kind != ir.ConstFloat })
}
