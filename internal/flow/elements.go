package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// Checks of every element speak of the whole:
//
//	if not all(n in ALLOWED for n in names): abort(400)
//	if any(not c.isalnum() for c in name): abort(400)
//	for n in names: validate(n)

// allChecked is all(cond(e) for e in x) that came out true, or any(…) that came out false.
func (f *frame) allChecked(in *ir.Instr, truth bool) {
	ops := f.fn.ArgsOf(in)
	if len(ops) != 1 {
		return
	}
	c := f.info.comprehension(f.fn, ops[0].Reg)
	if c == nil {
		if def := f.info.def(ops[0].Reg); def != nil && def.Op == ir.OpBuild && def.Sub <= uint8(ir.BuildSet) {
			for _, a := range f.fn.ArgsOf(def) { // all([NAME.match(name), kind in KINDS])
				if a.Kind == ir.ArgPos {
					f.assume(a.Reg, truth)
				}
			}
		}
		return
	}
	x := f.get(c.iter.A)
	if f.iteratesKeys(x) {
		return
	}
	if len(x.Taint) == 0 {
		if f.eachChecked(c, f.fewTexts(x), truth); f.vars[c.iter.Dst] != nil && len(f.vars[c.iter.Dst].Taint) > 0 {
			f.listChecked(c.iter.A, f.elementWhere(c, truth))
		}
		return
	}
	if class, ok := f.charsWhere(c.cond, c.iter.Dst, truth); ok && !value.IsPieces(x) {
		f.refine(c.iter.A, value.OnlyChars(x, class))
		return
	}
	elem := f.elementWhere(c, truth)
	if r := clearedAs(x, elem); !climbs(r) && climbs(x) {
		x = value.NoPieceClimbs(x)
	}
	f.refine(c.iter.A, clearedAs(x, elem))
}

// elementWhere is an element for which the condition holds.
func (f *frame) elementWhere(c *comprehension, truth bool) *value.Value {
	saved, noted := slices.Clone(f.vars), len(f.noted)
	if from := f.get(c.cond).From(); from != nil && value.Equal(from.Of, f.vars[c.iter.Dst]) {
		f.vars[c.iter.Dst] = from.Of // the last round's, of which the head has kept an equal one
	}
	f.tentative++
	f.assume(c.cond, truth)
	f.tentative--
	elem := f.vars[c.iter.Dst]
	copy(f.vars, saved)
	f.noted = f.noted[:noted]
	return elem
}

// climbs: something of the value may be "..".
func climbs(v *value.Value) bool {
	return slices.ContainsFunc(v.Taint, func(l value.Label) bool { return !l.Cleared.Has(models.PathParent) })
}

// eachChecked is all(cond(e) for e in x) of a few texts of the program: `any(bad in name for bad in ("..", "/"))`.
func (f *frame) eachChecked(c *comprehension, elems []*value.Value, truth bool) {
	was := f.vars[c.iter.Dst]
	for _, e := range elems {
		f.vars[c.iter.Dst] = e
		f.assume(c.cond, truth)
	}
	f.vars[c.iter.Dst] = was
}

// clearedAs is a collection all of whose elements became elem.
func clearedAs(x, elem *value.Value) *value.Value {
	return mapTaint(x, func(ls []value.Label) []value.Label {
		var out []value.Label
		for _, l := range ls {
			if elem != nil {
				i := slices.IndexFunc(elem.Taint, func(k value.Label) bool { return isItemOf(&k.Origin, &l.Origin) })
				if i < 0 {
					continue
				}
				l.Cleared |= elem.Taint[i].Cleared
				weakOfItem(&l, &elem.Taint[i])
			}
			if l.Cleared&models.AllKinds != models.AllKinds {
				out = append(out, l)
			}
		}
		return out
	})
}

// isItemOf: a label of an element speaks of the same words as one of the collection.
func isItemOf(item, whole *value.Origin) bool {
	if *item == *whole {
		return true
	}
	of := *item
	of.Name = strings.TrimSuffix(strings.TrimSuffix(item.Name, eachItem), ".")
	return item.Kind == value.OriginParam && of == *whole
}

// comprehension is a generator or list of one condition on each element.
type comprehension struct {
	iter *ir.Instr // the loop over the elements
	cond ir.Reg
}

// comprehension finds how lowering wrote `cond(e) for e in x` into a register: one loop without a filter.
func (info *funcInfo) comprehension(fn *ir.Func, reg ir.Reg) *comprehension {
	if reg < 0 || info.defs[reg] == nil || info.defs[reg].Op != ir.OpBuild {
		return nil
	}
	var c comprehension
	started := false
	for _, b := range info.rpo {
		block := &fn.Blocks[b]
		for i := range block.Instrs {
			in := &block.Instrs[i]
			switch {
			case in == info.defs[reg]:
				started = true
			case !started:
			case in.Op == ir.OpIter && c.iter != nil:
				return nil
			case in.Op == ir.OpIter:
				c.iter = in
			case in.Op == ir.OpMethod && in.A == reg && in.Name == "append":
				ops := fn.ArgsOf(in)
				if c.iter == nil || len(ops) != 1 || info.isFiltered(fn, c.iter, in, ops[0].Reg) || int(c.iter.Dst) >= fn.NumVars {
					return nil
				}
				c.cond = ops[0].Reg
				return &c
			}
		}
	}
	return nil
}

// isFiltered: between the loop's head and the element something other than the condition decides.
func (info *funcInfo) isFiltered(fn *ir.Func, from, to *ir.Instr, cond ir.Reg) bool {
	within := false
	for _, b := range info.rpo {
		block := &fn.Blocks[b]
		for i := range block.Instrs {
			in := &block.Instrs[i]
			within = within || in == from
			if in == to {
				return false
			}
			if within && in.Op == ir.OpBranch && in.A != cond {
				return true
			}
		}
	}
	return true
}

// charsWhere are the characters e for which the condition in a register holds; false when it is no test of a character.
func (f *frame) charsWhere(reg, e ir.Reg, truth bool) (value.Chars, bool) {
	if op := f.info.bools[reg]; op != nil {
		var out value.Chars
		for i, c := range op.conds {
			k, ok := f.charsOf(c, e, truth)
			switch {
			case !ok:
				return out, false
			case i == 0:
				out = k
			case op.isOr == truth:
				out = out.Union(k)
			default:
				out = out.Intersect(k)
			}
		}
		return out, len(op.conds) > 0
	}
	def := f.info.defs[reg]
	if def == nil {
		return value.Chars{}, false
	}
	return f.charsOf(def, e, truth)
}

func (f *frame) charsOf(def *ir.Instr, e ir.Reg, truth bool) (value.Chars, bool) {
	switch def.Op {
	case ir.OpUnary:
		if ast.Op(def.Sub) == ast.Not {
			return f.charsWhere(def.A, e, !truth)
		}
	case ir.OpMethod:
		if def.A == e && def.ArgsLen == 0 {
			return value.CharsNamed(def.Name, truth)
		}
	case ir.OpCompare:
		op := ast.Op(def.Sub)
		if def.A != e || op != ast.In && op != ast.NotIn && op != ast.Eq && op != ast.NotEq {
			break
		}
		if s, ok := oneStr(f.get(def.B)); ok {
			return value.CharsIn(s, truth == (op == ast.In || op == ast.Eq)), true
		}
	}
	return value.Chars{}, false
}

// afterLoop is the end of `for e in x:` by its head: whatever holds of e at the end of every round holds of all elements. At
// first e is not bound, and then x is empty.
func (f *frame) afterLoop(b *ir.Block) {
	body := &f.fn.Blocks[b.Succs[0]]
	if len(body.Instrs) == 0 || body.Instrs[0].Op != ir.OpIter {
		return
	}
	iter := &body.Instrs[0]
	f.itemsOfAll(iter)
	if iter.Dst < 0 || int(iter.Dst) >= f.fn.NumVars || f.info.made[iter.Dst] {
		return
	}
	x := f.get(iter.A)
	if isText(x) || f.iteratesKeys(x) {
		return
	}
	if len(x.Taint) == 0 {
		x = f.deep(x)
		if e := f.vars[iter.Dst]; e == nil || len(e.Taint) > 0 {
			f.addressesChecked(x, clearedAs(x, orClean(e)))
			f.listChecked(iter.A, orClean(e))
		}
		return
	}
	if r := clearedAs(x, orClean(f.vars[iter.Dst])); len(r.Taint) != len(x.Taint) || !sameCleared(r, x) || hasWeak(r, models.Archive) {
		if e := f.vars[iter.Dst]; e == nil || len(e.Taint) > 0 {
			f.addressesChecked(x, r)
		}
		f.refine(iter.A, r)
	}
}

func orClean(v *value.Value) *value.Value {
	if v == nil {
		return value.None()
	}
	return v
}
