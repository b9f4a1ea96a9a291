package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// facts say for which kinds each parameter was cleared at the returns, by the truth of what was returned.
type facts struct {
	seen            [2]bool // a return of a false, a true value
	isFalse, isTrue []models.KindSet
	weak            [2][][]value.WeakGuard // by truth, then parameter: checks that were made and do not suffice
	elems           []facts                // the same by the truth of the elements of a returned tuple: `return False, "bad name"`
	plain           bool                   // something else than such a tuple was returned
	attrs           [2][]attrFact          // by truth: attributes of parameters that were checked
}

// maxTuple bounds the returned tuples whose elements are told apart: (ok, error) and the like are short.
const maxTuple = 4

// clear reports whether any return clears a parameter for anything.
func (ft *facts) clear() bool {
	isSet := func(k models.KindSet) bool { return k != 0 }
	return slices.ContainsFunc(ft.isTrue, isSet) || slices.ContainsFunc(ft.isFalse, isSet)
}

func (ft *facts) public() ReturnFacts {
	r := ReturnFacts{True: ft.isTrue, False: ft.isFalse}
	switch {
	case ft.seen[0] && ft.seen[1]:
		r.Always = make([]models.KindSet, len(ft.isTrue))
		for i := range r.Always {
			r.Always[i] = ft.isTrue[i] & ft.isFalse[i]
		}
	case ft.seen[1]:
		r.Always = ft.isTrue
	default:
		r.Always = ft.isFalse
	}
	return r
}

// returnFacts joins the guards passed at one return.
func (f *frame) returnFacts(reg ir.Reg, v *value.Value) {
	if len(f.fn.Params) == 0 || len(f.fn.Params) > 16 || f.fn.Kind > ir.KindLambda {
		return
	}
	truth := value.Truth(v)
	f.tupleFacts(v)
	m := f.s.scratch.mark()
	defer f.s.scratch.release(m)
	saved := f.s.scratch.copyOf(f.vars)
	f.tentative++
	defer func() { f.tentative-- }()
	for i, branch := range [2]bool{false, true} {
		if truth == value.TriOf(!branch) {
			continue
		}
		f.noted = f.noted[:0]
		if truth == value.Maybe && reg >= 0 && !f.assume(reg, branch) {
			copy(f.vars, saved)
			continue
		}
		f.sum.facts.meetAttrs(i, f.clearedAttrs())
		f.sum.facts.meet(i, f.clearedParams(), f.weakParams())
		copy(f.vars, saved)
	}
}

// tupleFacts joins the guards passed at a return by the truth of each element of the tuple.
func (f *frame) tupleFacts(v *value.Value) {
	ft := &f.sum.facts
	elems, ok := f.elements(v)
	if !ok || len(elems) == 0 || len(elems) > maxTuple || ft.elems != nil && len(ft.elems) != len(elems) {
		ft.plain = true
		return
	}
	if ft.elems == nil {
		ft.elems = make([]facts, len(elems))
	}
	for j, e := range elems {
		for i, branch := range [2]bool{false, true} {
			if value.Truth(e) != value.TriOf(!branch) {
				ft.elems[j].meet(i, f.clearedParams(), f.weakParams())
			}
		}
	}
}

func (ft *facts) meet(i int, cleared []models.KindSet, weak [][]value.WeakGuard) {
	dst := &ft.isFalse
	if i == 1 {
		dst = &ft.isTrue
	}
	if !ft.seen[i] {
		ft.seen[i] = true
		*dst, ft.weak[i] = cleared, weak
		return
	}
	for j := range ft.weak[i] {
		ft.weak[i][j] = slices.DeleteFunc(ft.weak[i][j], func(w value.WeakGuard) bool { return !slices.Contains(weak[j], w) })
	}
	for j := range *dst {
		(*dst)[j] &= cleared[j]
	}
}

// clearedParams are the kinds that the parameters, as they are now, were cleared for.
func (f *frame) clearedParams() []models.KindSet {
	out := make([]models.KindSet, len(f.fn.Params))
	for i := range f.fn.Params {
		v := f.vars[f.fn.Params[i].Reg]
		if v == nil {
			continue
		}
		if v.IsConst && len(v.Taint) == 0 {
			out[i] = models.AllKinds
			continue
		}
		if len(v.Taint) == 0 {
			if (i > 0 || !f.isMethod()) && slices.ContainsFunc(v.Objs, func(o value.Obj) bool { return f.isParam(&o, i) }) {
				out[i] = models.AllKinds // all of its elements were checked
			}
			continue
		}
		out[i] = models.AllKinds
		for _, l := range v.Taint {
			out[i] &= l.Cleared
		}
	}
	return out
}

// isParam: the object is what parameter i itself was given.
func (f *frame) isParam(o *value.Obj, i int) bool {
	return o.Kind == value.ObjParam && o.Func == f.fn.ID && o.Param == int32(i) && o.Path == ""
}

// weakParams are the insufficient guards that the parameters, as they are now, have passed.
func (f *frame) weakParams() [][]value.WeakGuard {
	out := make([][]value.WeakGuard, len(f.fn.Params))
	for i := range f.fn.Params {
		v := f.vars[f.fn.Params[i].Reg]
		if v == nil {
			continue
		}
		for _, l := range v.Taint {
			out[i] = append(out[i], l.Weak()...)
		}
	}
	return out
}

// assume refines the variables by the truth of a condition; false when it cannot be.
func (f *frame) assume(reg ir.Reg, truth bool) bool {
	if reg < 0 {
		return true
	}
	def := f.info.defs[reg]
	if op := f.info.bools[reg]; op != nil {
		if c := f.operand(op); c != nil { // the branch between two operands, of which the later ones have not run
			return f.assumeDef(c, c.Dst, truth)
		}
		if op.isOr == truth {
			f.assumeOne(op, truth)
			return true
		}
		for _, c := range op.conds {
			f.assumeDef(c, c.Dst, truth)
		}
		return true
	}
	if def == nil || def.Op == ir.OpCopy && int(def.A) < f.fn.NumVars && def.A >= 0 && f.info.defs[def.A] == nil {
		r := reg
		if def != nil {
			r = def.A
		}
		f.assumeTruth(r, truth)
		return true
	}
	return f.assumeDef(def, reg, truth)
}

// operand is the operand of a condition that the current block computes; nil behind all of them.
func (f *frame) operand(op *boolOp) *ir.Instr {
	in := f.fn.Blocks[f.block].Instrs
	if len(in) < 2 || in[len(in)-1].Op != ir.OpBranch {
		return nil
	}
	for _, c := range op.conds {
		if c == &in[len(in)-2] {
			return c
		}
	}
	return nil
}

// maxAlternatives bounds the operands of which one is known to hold.
const maxAlternatives = 6

// assumeOne: one operand of `a or b` is true (of `a and b` false), the first that is so. What holds whichever it is holds.
func (f *frame) assumeOne(op *boolOp, truth bool) {
	if len(op.conds) > maxAlternatives {
		return
	}
	m := f.s.scratch.mark()
	defer f.s.scratch.release(m)
	vars, temps := f.s.scratch.copyOf(f.vars), f.s.scratch.copyOf(f.temps)
	out := f.s.scratch.copyOf(f.vars)
	noted := len(f.noted)
	f.tentative++
	defer func() { f.tentative--; f.noted = f.noted[:noted] }()
	for i, c := range op.conds {
		for _, before := range op.conds[:i] {
			f.assumeDef(before, before.Dst, !truth)
		}
		f.assumeDef(c, c.Dst, truth)
		for j, v := range f.vars {
			switch {
			case i == 0:
				out[j] = v
			case out[j] != v:
				out[j] = value.Join(out[j], v)
			}
		}
		copy(f.vars, vars)
		copy(f.temps, temps)
	}
	copy(f.vars, out)
}

// assumeDef refines by the instruction that made the condition.
func (f *frame) assumeDef(def *ir.Instr, reg ir.Reg, truth bool) bool {
	if truth && f.optsOut(def, maxOption) && value.OwnWords(f.get(reg).Taint) {
		f.unchecked()
	}
	switch def.Op {
	case ir.OpCopy:
		return f.assume(def.A, truth)
	case ir.OpUnary:
		if ast.Op(def.Sub) == ast.Not {
			return f.assume(def.A, !truth)
		}
	case ir.OpCompare:
		f.assumeCompare(def, truth)
	case ir.OpAttr:
		if isAddressFlag(def.Name) { // one operand of `ip.is_private or ip.is_loopback`
			f.addressChecked(addressFlag(f.get(def.A), def.Name), truth)
		}
		if f.info.bools[reg] == nil {
			f.assumeTruth(reg, truth)
		}
	case ir.OpIndex:
		f.assumeElement(def, truth)
		if f.info.bools[reg] == nil {
			f.assumeTruth(reg, truth)
		}
	case ir.OpCall, ir.OpMethod:
		f.assumeCall(def, truth)
		if f.info.bools[reg] == nil {
			f.assumeTruth(reg, truth)
		}
	default:
		if f.info.bools[reg] == nil {
			f.assumeTruth(reg, truth)
		}
	}
	return true
}

// assumeTruth: a variable was tested by itself.
func (f *frame) assumeTruth(reg ir.Reg, truth bool) {
	v := f.get(reg)
	f.addressChecked(v, truth)
	if r := value.RefineTruth(v, truth); r != v {
		f.refine(reg, r)
		return
	}
	if v == nil || !v.IsConst || len(v.Consts()) < 2 {
		return
	}
	var keep []ir.Const
	for _, c := range v.Consts() {
		if t := value.Truth(value.Of(c)); t == value.Maybe || (t == value.True) == truth {
			keep = append(keep, c)
		}
	}
	if len(keep) > 0 && len(keep) < len(v.Consts()) {
		f.put(reg, value.WithConsts(v, keep))
	}
}

// variable is the variable that a register was read from.
func (f *frame) variable(reg ir.Reg) ir.Reg {
	for range 4 {
		if reg < 0 || int(reg) < f.fn.NumVars {
			return reg
		}
		def := f.info.defs[reg]
		if def == nil || def.Op != ir.OpCopy {
			return reg
		}
		reg = def.A
	}
	return reg
}

// refine writes what is now known back to where the value came from.
func (f *frame) refine(reg ir.Reg, v *value.Value) {
	old := f.get(reg)
	if v == nil || v == old {
		return
	}
	f.checked(old, v)
	f.put(reg, v)
	if r := f.variable(reg); r != reg {
		f.put(r, v)
	}
	for i, w := range f.vars {
		if w == old {
			f.vars[i] = v
		}
	}
	for _, p := range value.Pulled(old, v) {
		f.checked(p.Old, p.New)
		f.attrsBehind(p.Old, p.New)
		replacePulled(f.vars, p)
		replacePulled(f.temps, p)
	}
	def := f.info.defs[reg]
	if def != nil && (def.Op == ir.OpCell || def.Op == ir.OpGlobal) {
		if i, ok := f.info.extra[def.Name]; ok {
			f.vars[i] = v
		}
	}
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

func (f *frame) assumeCompare(in *ir.Instr, truth bool) {
	a, b := f.get(in.A), f.get(in.B)
	na, nb := refineCompare(f, ast.Op(in.Sub), a, b, truth)
	f.refine(in.A, value.PlaceWeak(na, f.fn.ID, in.Node))
	f.refine(in.B, value.PlaceWeak(nb, f.fn.ID, in.Node))
}

// assumeCall: a call with this truth value checked its arguments.
func (f *frame) assumeCall(in *ir.Instr, truth bool) {
	ops := f.fn.ArgsOf(in)
	var callee *value.Value
	var recv *value.Value
	if in.Op == ir.OpMethod {
		recv = f.get(in.A)
		callee = f.quietAttr(recv, in.Name)
		f.refineMethod(in, recv, truth)
		if truth && (in.Name == "validate" || in.Name == "validate_on_submit") && f.isForm(recv) {
			f.refine(in.A, value.WithFacts(recv, value.FactValidated))
		}
	} else {
		callee = f.get(in.A)
	}
	if callee == nil || len(callee.Objs) != 1 {
		return
	}
	o := &callee.Objs[0]
	if o.Kind == value.ObjExternal && (o.Path == "builtins.all" && truth || o.Path == "builtins.any" && !truth) {
		f.allChecked(in, truth)
	}
	switch o.Kind {
	case value.ObjFunc, value.ObjBound:
		f.factsOf(o, ops, truth)
	case value.ObjExternal, value.ObjMember:
		e := o.Entry
		if e == nil {
			e = f.s.set.Lookup(o.Path)
		}
		if e != nil {
			f.entryGuards(e, in, ops, truth)
		}
		if o.Kind == value.ObjExternal {
			f.refineCall(o.Path, ops, truth)
		}
	}
}

// quietAttr finds the method behind an attribute without running properties.
func (f *frame) quietAttr(recv *value.Value, name string) *value.Value {
	if len(recv.Objs) != 1 {
		return nil
	}
	switch o := &recv.Objs[0]; o.Kind {
	case value.ObjInstance:
		v, external := f.s.classAttr(o.Class, name, f.fn.ID, ir.NoClass)
		if v == nil && external != "" { // a method of the library class that the program's own builds on
			return value.OfObj(value.Obj{Kind: value.ObjExternal, Path: f.s.set.Canonical(external + "." + name)})
		}
		if v != nil && len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjFunc {
			return value.OfObj(value.Obj{Kind: value.ObjBound, Func: v.Objs[0].Func, Recv: recv})
		}
	case value.ObjModule, value.ObjExternal, value.ObjLibrary, value.ObjClass:
		return f.loadAttr(recv, name, 0)
	}
	return nil
}

// factsOf applies what the summary of a function of the program says about its returns.
func (f *frame) factsOf(o *value.Obj, ops []ir.Arg, truth bool) {
	st := &f.s.funcs[o.Func]
	if st.sum == nil || st.ir == nil {
		return
	}
	f.applyFacts(o, ops, &st.sum.facts, truth)
	if more := f.predicate(o, ops); more != nil {
		f.applyFacts(o, ops, more, truth)
	}
}

func (f *frame) applyFacts(o *value.Obj, ops []ir.Arg, ft *facts, truth bool) {
	set, weak := ft.isFalse, ft.weak[0]
	if truth {
		set, weak = ft.isTrue, ft.weak[1]
	}
	f.clearArgs(o, ops, set, weak)
	if truth {
		f.clearAttrs(o, ft.attrs[1])
	} else {
		f.clearAttrs(o, ft.attrs[0])
	}
}

// assumeElement: an element of the tuple that a call returned is true or false: `ok, error = validate(name)`.
func (f *frame) assumeElement(in *ir.Instr, truth bool) {
	i, ok := oneConst(f.get(in.B))
	call := f.info.defs[in.A]
	for call != nil && call.Op == ir.OpCopy && call.A >= 0 {
		call = f.info.defs[call.A]
	}
	if !ok || i.Kind != ir.ConstInt || call == nil || call.Op != ir.OpCall && call.Op != ir.OpMethod {
		return
	}
	callee := f.get(call.A)
	if call.Op == ir.OpMethod {
		callee = f.quietAttr(callee, call.Name)
	}
	if callee == nil || len(callee.Objs) != 1 {
		return
	}
	o := &callee.Objs[0]
	if o.Kind != value.ObjFunc && o.Kind != value.ObjBound {
		return
	}
	if st := &f.s.funcs[o.Func]; st.sum != nil && st.ir != nil && !st.sum.facts.plain && i.Int >= 0 && i.Int < int64(len(st.sum.facts.elems)) {
		f.applyFacts(o, f.fn.ArgsOf(call), &st.sum.facts.elems[i.Int], truth)
	}
}

// clearArgs clears the arguments of a call by parameter.
func (f *frame) clearArgs(o *value.Obj, ops []ir.Arg, set []models.KindSet, weak [][]value.WeakGuard) {
	st := &f.s.funcs[o.Func]
	if st.ir == nil || len(set) == 0 {
		return
	}
	shift := 0
	if o.Kind == value.ObjBound {
		shift = 1
	}
	pos := 0
	for _, a := range ops {
		i := -1
		switch a.Kind {
		case ir.ArgPos:
			i = pos + shift
			pos++
		case ir.ArgKeyword:
			i = paramNamed(st.ir, a.Name)
		}
		if i < 0 || i >= len(set) {
			continue
		}
		v := value.Clear(f.get(a.Reg), set[i])
		if i < len(weak) {
			for _, w := range weak[i] {
				if f.othersTainted(ops, a.Reg) {
					v = value.WithWeak(v, w)
				} else {
					v = value.Checked(v, w)
				}
			}
		}
		f.refine(a.Reg, v)
		f.hostChecked(v, set[i])
	}
}

// othersTainted: another argument of the call, such as the folder that a path is compared with, is not the program's own.
func (f *frame) othersTainted(ops []ir.Arg, reg ir.Reg) bool {
	return slices.ContainsFunc(ops, func(a ir.Arg) bool {
		return a.Reg != reg && slices.ContainsFunc(f.get(a.Reg).Taint, func(l value.Label) bool {
			return l.Origin.Source != models.Env && l.Origin.Source != models.Written
		})
	})
}

// entryGuards applies the guards of a library function.
func (f *frame) entryGuards(e *models.Entry, in *ir.Instr, ops []ir.Arg, truth bool) {
	for i := range e.Guards {
		g := &e.Guards[i]
		if g.Raises || truth == g.Negate {
			continue
		}
		if g.Arg.Self && in.Op == ir.OpMethod {
			f.refine(in.A, value.Clear(f.get(in.A), g.Kinds))
		}
		pos := 0
		for _, a := range ops {
			if a.Kind == ir.ArgPos && pos == g.Arg.Pos || a.Kind == ir.ArgKeyword && a.Name == g.Arg.Name || g.Arg.Any {
				f.refine(a.Reg, value.Clear(f.get(a.Reg), g.Kinds))
			}
			if a.Kind == ir.ArgPos {
				pos++
			}
		}
	}
}

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
	r, _ := value.RefineCall(in.Name, recv, args, truth)
	f.refine(in.A, value.PlaceWeak(r, f.fn.ID, in.Node))
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

// isAssertion: the block is where an assert statement fails.
func (f *frame) isAssertion(id ir.BlockID) bool {
	in := f.fn.Blocks[id].Instrs
	return len(in) > 0 && in[len(in)-1].Op == ir.OpRaise && nodeKind(f.fn, in[len(in)-1].Node) == ast.Assert
}

// unasserted gives the variables that an assert cleared their taint back: python -O leaves the check out. What it says of
// types and constants of the program stays.
func (f *frame) unasserted(before []*value.Value) {
	for i, v := range f.vars {
		if old := before[i]; v != old && old != nil && v != nil && len(old.Taint) > 0 && !sameCleared(old, v) {
			f.vars[i] = value.WithWeak(old, value.WeakGuard{Name: "an assert is left out", Defeats: "any input to python -O", Func: f.fn.ID, Node: f.branchNode()})
		}
	}
}

func sameCleared(a, b *value.Value) bool {
	return slices.EqualFunc(a.Taint, b.Taint, func(x, y value.Label) bool { return x.Origin == y.Origin && x.Cleared == y.Cleared })
}

// branchNode is the condition of the current block.
func (f *frame) branchNode() ast.NodeID {
	in := f.fn.Blocks[f.block].Instrs
	return in[len(in)-1].Node
}
