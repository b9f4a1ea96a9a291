package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// A check of an item holds where the item is read again, until the variable or the item is written to:
//
//	if not NAME.fullmatch(row["file"]): abort(400)
//	open(os.path.join(FOLDER, row["file"]))
//
// So does one of the items of every element that a loop has gone through, and one that a helper made of its parameter. The slots are
// those of what is read from the request, see reread.go.

// itemSlot is the slot of an item below a variable.
type itemSlot struct {
	base  ir.Reg
	path  string // such as ["file" or ["rows"*["file", where * is each element
	slot  int
	param int32 // that the variable is, and which nothing is assigned to; -1 for others
	loops []itemLoop
}

// itemLoop is a loop that gives a variable its elements, and the slot of the item of all of them.
type itemLoop struct {
	iter  *ir.Instr
	whole int
}

// maxItemPath bounds items of items.
const maxItemPath = 3

// itemPath is the variable that a register was read from, and the items on the way; empty path: the variable itself. A variable that
// is assigned once is followed to where it comes from, if that stays what it is.
func (info *funcInfo) itemPath(fn *ir.Func, reg ir.Reg) (base ir.Reg, path string) {
	base, last := ir.NoReg, ""
	for range 2 * maxItemPath {
		if reg < 0 || int(reg) >= len(info.defs) {
			break
		}
		def := info.defs[reg]
		if int(reg) < fn.NumVars {
			if base < 0 || def != nil || info.fixedParam(reg) >= 0 {
				base, last = reg, path
			}
			if def == nil || def.Op == ir.OpIter {
				break
			}
		}
		if def == nil {
			break
		}
		if def.Op != ir.OpCopy {
			key, ok := info.itemKey(fn, def)
			if !ok || strings.Count(path, "[") >= maxItemPath {
				break
			}
			path = "[" + key + path
		}
		reg = def.A
	}
	return base, last
}

// itemKey is the constant key of x["key"] and x.get("key").
func (info *funcInfo) itemKey(fn *ir.Func, in *ir.Instr) (string, bool) {
	switch {
	case in.Op == ir.OpIndex:
		return info.constKey(fn, in.B)
	case in.Op == ir.OpMethod && in.Name == "get":
		ops := fn.ArgsOf(in)
		if len(ops) == 1 && ops[0].Kind == ir.ArgPos {
			return info.constKey(fn, ops[0].Reg)
		}
	}
	return "", false
}

// hasItems: the function reads some item by a constant key.
func (info *funcInfo) hasItems(fn *ir.Func) bool {
	for b := range fn.Blocks {
		for i := range fn.Blocks[b].Instrs {
			if _, ok := info.itemKey(fn, &fn.Blocks[b].Instrs[i]); ok {
				return true
			}
		}
	}
	return false
}

// findItems gives slots to items that are read more than once, that belong to a parameter or to the elements of a loop, or to
// something that a function is asked about.
func (info *funcInfo) findItems(fn *ir.Func) {
	if !info.hasItems(fn) {
		return
	}
	info.findFixed(fn)
	times := map[string]int{}
	var found []itemSlot
	var regs []reading // slot: the place in found
	asked, iters := map[ir.Reg]bool{}, map[ir.Reg][]*ir.Instr{}
	for b := range fn.Blocks {
		for i := range fn.Blocks[b].Instrs {
			in := &fn.Blocks[b].Instrs[i]
			if in.Op == ir.OpIter {
				iters[in.Dst] = append(iters[in.Dst], in)
			}
			if in.Op == ir.OpCall || in.Op == ir.OpMethod {
				for _, a := range fn.ArgsOf(in) {
					if base, _ := info.itemPath(fn, a.Reg); base >= 0 {
						asked[base] = true
					}
				}
			}
			if in.Dst < 0 || info.defs[in.Dst] != in || info.slotOf(in.Dst) >= 0 {
				continue
			}
			if _, ok := info.itemKey(fn, in); !ok {
				continue
			}
			base, path := info.itemPath(fn, in.A)
			if base < 0 || strings.Count(path, "[") >= maxItemPath {
				continue
			}
			key, _ := info.itemKey(fn, in)
			path += "[" + key
			at := slices.IndexFunc(found, func(s itemSlot) bool { return s.base == base && s.path == path })
			if at < 0 {
				if len(found) >= maxReads {
					info.readsCut = true
					continue
				}
				at = len(found)
				found = append(found, itemSlot{base: base, path: path, param: info.fixedParam(base)})
			}
			times[itemName(base, path)]++
			if len(regs) >= maxReadings {
				info.readsCut = true
				continue
			}
			regs = append(regs, reading{in.Dst, at})
		}
	}
	place := make([]int, len(found))
	for i := range found {
		s := &found[i]
		place[i] = -1
		isElement := !info.made[s.base] && len(iters[s.base]) > 0
		if times[itemName(s.base, s.path)] < 2 && s.param < 0 && !isElement && !asked[s.base] {
			continue
		}
		if info.numReads >= maxReads {
			info.readsCut = true
			continue
		}
		s.slot = info.slot(fn)
		place[i] = s.slot
		for _, iter := range iters[s.base] {
			if isElement {
				info.wholeSlot(fn, s, iter)
			}
		}
		info.items = append(info.items, *s)
	}
	for _, r := range regs {
		if place[r.slot] >= 0 {
			info.reads = append(info.reads, reading{r.reg, place[r.slot]})
		}
	}
}

// wholeSlot gives a slot to the item of all elements that a loop goes through.
func (info *funcInfo) wholeSlot(fn *ir.Func, s *itemSlot, iter *ir.Instr) {
	base, path := info.itemPath(fn, iter.A)
	if base < 0 {
		return
	}
	path += "*" + s.path
	at := slices.IndexFunc(info.items, func(o itemSlot) bool { return o.base == base && o.path == path })
	if at < 0 {
		if info.numReads >= maxReads {
			info.readsCut = true
			return
		}
		at = len(info.items)
		info.items = append(info.items, itemSlot{base: base, path: path, param: info.fixedParam(base), slot: info.slot(fn)})
	}
	s.loops = append(s.loops, itemLoop{iter, info.items[at].slot})
}

func itemName(base ir.Reg, path string) string { return itoa(int64(base)) + path }

// slot is a new one behind the others.
func (info *funcInfo) slot(fn *ir.Func) int {
	info.numReads++
	return fn.NumVars + len(info.extra) + info.numReads - 1
}

// fixedParam is the parameter that a variable is; -1 when it is none, or something is assigned to it.
func (info *funcInfo) fixedParam(reg ir.Reg) int32 {
	if int(reg) >= len(info.fixed) {
		return -1
	}
	return info.fixed[reg] - 1
}

// findFixed looks for parameters that nothing is assigned to.
func (info *funcInfo) findFixed(fn *ir.Func) {
	info.fixed = make([]int32, fn.NumVars)
	for i := range fn.Params {
		info.fixed[fn.Params[i].Reg] = int32(i) + 1
	}
	for b := range fn.Blocks {
		for i := range fn.Blocks[b].Instrs {
			if dst := fn.Blocks[b].Instrs[i].Dst; dst >= 0 && int(dst) < fn.NumVars {
				info.fixed[dst] = 0
			}
		}
	}
}

// itemsWritten forgets what was known of the items of what an instruction writes to.
func (f *frame) itemsWritten(in *ir.Instr) {
	of, path := ir.NoReg, ""
	switch in.Op {
	case ir.OpSetIndex:
		if of, path = f.info.itemPath(f.fn, in.A); of >= 0 {
			if key, ok := f.info.constKey(f.fn, in.B); ok {
				path += "[" + key
			} else {
				path = ""
			}
		}
	case ir.OpDelete:
		of, _ = f.info.itemPath(f.fn, in.A)
	case ir.OpMethod:
		if changesItems(in.Name) {
			of, _ = f.info.itemPath(f.fn, in.A)
		}
	}
	for i := range f.info.items {
		s := &f.info.items[i]
		if s.base == of {
			f.vars[s.slot] = f.unread(s.slot)
			if v := f.get(in.C); in.Op == ir.OpSetIndex && s.path == path && path != "" {
				f.vars[s.slot] = f.asSlot(v, s.slot) // data["file"] = secure_filename(name): so it is read again
			}
			for _, l := range s.loops {
				f.vars[l.whole] = f.unread(l.whole)
			}
			continue
		}
		if in.Dst < 0 || s.base != in.Dst {
			continue
		}
		f.vars[s.slot] = f.unread(s.slot)
		for _, l := range s.loops {
			if l.iter == in && f.vars[l.whole] != nil {
				f.vars[s.slot] = f.asSlot(f.vars[l.whole], s.slot)
			}
		}
	}
}

// changesItems: the method writes to the dict or list that it is called on.
func changesItems(name string) bool {
	switch name {
	case "update", "setdefault", "pop", "popitem", "clear", "append", "extend", "insert", "__setitem__":
		return true
	}
	return false
}

// itemsOfAll notes that a loop has ended: what holds of the item of its element at the end of every round holds of all of them.
func (f *frame) itemsOfAll(iter *ir.Instr) {
	for i := range f.info.items {
		s := &f.info.items[i]
		for _, l := range s.loops {
			switch {
			case l.iter != iter:
			case f.vars[s.slot] == nil: // nothing was gone through
				f.vars[l.whole] = value.None()
			default:
				f.vars[l.whole] = f.asSlot(f.vars[s.slot], l.whole)
			}
		}
	}
}

// clearedItems are the items of parameters that were checked on the way to here.
func (f *frame) clearedItems(out []attrFact) []attrFact {
	for i := range f.info.items {
		s := &f.info.items[i]
		v := f.vars[s.slot]
		if s.param < 0 || v == nil {
			continue
		}
		cleared := models.AllKinds
		for j := range v.Taint {
			cleared &= v.Taint[j].Cleared
		}
		if cleared != 0 {
			out = append(out, attrFact{s.param, s.path, cleared, nil})
		}
	}
	return out
}

// clearItems applies what a function checked of the items of its arguments.
func (f *frame) clearItems(o *value.Obj, ops []ir.Arg, known []attrFact) {
	if len(known) == 0 || len(f.info.items) == 0 {
		return
	}
	f.eachArg(o, ops, func(i int, reg ir.Reg) {
		base, path := f.info.itemPath(f.fn, reg)
		if base < 0 {
			return
		}
		for _, k := range known {
			if int(k.param) != i || k.name[0] != '[' && k.name[0] != '*' {
				continue
			}
			at := slices.IndexFunc(f.info.items, func(s itemSlot) bool { return s.base == base && s.path == path+k.name })
			if at < 0 {
				continue
			}
			slot := f.info.items[at].slot
			if f.vars[slot] == nil {
				f.vars[slot] = f.unread(slot)
			}
			f.vars[slot] = value.MapLabels(f.vars[slot], func(l *value.Label) { l.Cleared |= k.cleared })
		}
	})
}

// startItems puts what is known of the items of loops' elements before the loops to nothing: at first there are no elements.
func (f *frame) startItems() {
	for i := range f.info.items {
		if s := &f.info.items[i]; len(s.loops) > 0 {
			f.vars[s.slot] = nil
		}
	}
}
