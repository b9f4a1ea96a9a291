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

// besideFolder is what a register holds, seen as what is compared with another one.
func (f *frame) besideFolder(reg, other ir.Reg) *value.Value {
	v := f.get(reg)
	if v == nil || v.From() == nil {
		return v
	}
	n := value.CommonBeside(v, f.get(other))
	if n != v {
		f.learn(reg, n)
	}
	return n
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
	if path == "builtins.isinstance" && truth && len(args) == 2 {
		if types, ok := f.elements(args[1]); ok && len(types) > 0 { // one of several types
			var v *value.Value
			for _, t := range types {
				_, one := value.RefineCall(path, nil, []*value.Value{args[0], t}, true)
				v = join(v, one[0])
			}
			out = []*value.Value{v}
		}
	}
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

// wasTemp is what a temporary register held before a condition was assumed.
type wasTemp struct {
	at  int
	was *value.Value
}

// untry gives the temporary registers back what the truth of a condition has said of them: where it is false, nothing of that holds.
func (f *frame) untry() {
	for i := len(f.undo) - 1; i >= 0; i-- {
		f.temps[f.undo[i].at] = f.undo[i].was
	}
	f.trying = false
}

// learn puts what a condition says of a register there.
func (f *frame) learn(reg ir.Reg, v *value.Value) {
	if at := int(reg) - f.fn.NumVars; f.trying && at >= 0 {
		f.undo = append(f.undo, wasTemp{at, f.temps[at]})
	}
	f.put(reg, v)
}

// refine writes what is now known back to where the value came from.
func (f *frame) refine(reg ir.Reg, v *value.Value) {
	old := f.get(reg)
	if v == nil || v == old {
		return
	}
	f.checked(old, v)
	if text := value.Sealed(old, v); text != nil {
		f.signed(text)
	}
	f.memberChecked(f.info.def(reg), old, v)
	f.weakBehind(v)
	f.learn(reg, v)
	if r := f.variable(reg); r != reg {
		f.learn(r, v)
	}
	for i, w := range f.vars {
		if w == old {
			f.vars[i] = v
		}
	}
	for _, p := range value.Pulled(old, v) {
		f.checked(p.Old, p.New)
		f.attrsBehind(p.Old, p.New)
		f.membersBehind(p.Old, p.New)
		replacePulled(f.vars, p)
		f.replaceTemps(p)
	}
	def := f.info.defs[reg]
	if def != nil && (def.Op == ir.OpCell || def.Op == ir.OpGlobal) {
		if i, ok := f.info.extra[def.Name]; ok {
			f.vars[i] = v
		}
	}
}

// signed: the text is signed with the program's key, and so is all that it was put together of, or that was taken out of it.
func (f *frame) signed(text *value.Value) {
	for i, w := range f.vars {
		if w != nil && len(w.Taint) > 0 && !slices.ContainsFunc(w.Taint, func(l value.Label) bool {
			return !slices.ContainsFunc(text.Taint, func(m value.Label) bool { return m.Origin == l.Origin })
		}) {
			f.vars[i] = value.Clear(w, models.Kinds(models.Deserialize))
		}
	}
}

// replaceTemps is replacePulled for the temporary registers.
func (f *frame) replaceTemps(p value.Pair) {
	for i, w := range f.temps {
		if f.trying && w != nil && (w == p.Old || w.From() != nil && w.From().Of == p.Old) {
			f.undo = append(f.undo, wasTemp{i, w})
		}
	}
	replacePulled(f.temps, p)
}

// replacePulled puts in what is now known of a value, also where another value was made of it: the next check of that one
// speaks about the refined value.
func replacePulled(vars []*value.Value, p value.Pair) {
	for i, w := range vars {
		switch {
		case w == p.Old:
			vars[i] = p.New
		case w != nil && w.From() != nil && w.From().Of == p.Old:
			from := *w.From()
			from.Of = p.New
			vars[i] = value.WithFrom(w, from)
		}
	}
}
