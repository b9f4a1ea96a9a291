package flow

import (
	"slices"
	"strconv"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// A request does not change while it is answered: `request.args.get("next")` is the same value each time it is read, and so is an item
// of its body that nobody writes to. What a
// check says of one reading holds for every other one. Each such expression that a function reads more than once has a slot
// behind its variables, with one label that stands for those of all readings: which kinds it was cleared for on every way to
// here, and by which insufficient checks.

// maxReads bounds the slots of one function.
const maxReads = 32

// maxReadings bounds the registers that hold them.
const maxReadings = 256

// reading is a register that holds one reading.
type reading struct {
	reg  ir.Reg
	slot int
}

// findReads gives a slot to what is read from the request more than once.
func (info *funcInfo) findReads(fn *ir.Func) {
	if fn.Kind != ir.KindFunction {
		return
	}
	var keys []string
	times, regs, byReg := map[string]int{}, map[string][]ir.Reg{}, map[ir.Reg]string{}
	for b := range fn.Blocks {
		for i := range fn.Blocks[b].Instrs {
			in := &fn.Blocks[b].Instrs[i]
			if in.Dst < 0 || info.defs[in.Dst] != in {
				continue
			}
			key := ""
			switch in.Op {
			case ir.OpAttr, ir.OpMethod, ir.OpIndex:
				if key = info.requestKey(fn, in); key != "" {
					times[key]++
				}
			case ir.OpCopy:
				key = byReg[in.A]
			}
			if key == "" {
				continue
			}
			if len(regs[key]) == 0 {
				keys = append(keys, key)
			}
			regs[key], byReg[in.Dst] = append(regs[key], in.Dst), key
		}
	}

	for _, key := range keys {
		if times[key] < 2 {
			continue
		}
		if info.numReads == maxReads || len(regs[key]) > maxReadings {
			info.readsCut = true
		}
		if info.numReads == maxReads {
			break
		}
		slot := fn.NumVars + len(info.extra) + info.numReads
		info.numReads++
		for _, r := range regs[key][:min(maxReadings, len(regs[key]))] {
			info.reads = append(info.reads, reading{r, slot})
		}
	}
}

// requestKey tells readings of different things apart; empty when the instruction is no such reading. That the names mean
// the request is known only when the value is there: see isReading.
func (info *funcInfo) requestKey(fn *ir.Func, in *ir.Instr) string {
	if in.Op == ir.OpAttr {
		if wholeReads[in.Name] {
			return info.requestAttr(fn, in)
		}
		return ""
	}
	from := info.def(in.A)
	if from == nil {
		return ""
	}
	base := ""
	if from.Op == ir.OpAttr && keyedReads[from.Name] {
		base = info.requestAttr(fn, from)
	} else if base = info.bodyKey(fn, from); base != "" && info.isChanged(fn, base) {
		return ""
	}
	if base == "" {
		return ""
	}
	if in.Op == ir.OpIndex {
		k, ok := info.constKey(fn, in.B)
		if !ok {
			return ""
		}
		return base + "[" + k
	}
	if in.Name != "get" {
		return ""
	}
	key := base
	for i, a := range fn.ArgsOf(in) {
		k, ok := info.constKey(fn, a.Reg)
		if !ok || a.Kind != ir.ArgPos {
			return ""
		}
		if i == 0 || k != "None" {
			key += "[" + k
		}
	}
	return key
}

// wholeReads are the texts that a request itself has, keyedReads its mappings that nobody can write to.
var wholeReads = map[string]bool{"referrer": true, "url": true, "base_url": true, "path": true, "full_path": true, "host": true, "query_string": true}

var keyedReads = map[string]bool{"args": true, "form": true, "values": true, "headers": true, "cookies": true}

// bodyKey is what the parsed body of a request is called, `request.json` or one result of `request.get_json()`; empty for others.
func (info *funcInfo) bodyKey(fn *ir.Func, from *ir.Instr) string {
	switch {
	case from.Op == ir.OpAttr && from.Name == "json":
		return info.requestAttr(fn, from)
	case from.Op == ir.OpMethod && from.Name == "get_json" && info.requestAttr(fn, from) != "":
		return "body " + strconv.Itoa(int(from.Dst))
	}
	return ""
}

// isChanged: the function writes to the items of a body, so that two readings may differ.
func (info *funcInfo) isChanged(fn *ir.Func, base string) bool {
	for b := range fn.Blocks {
		for i := range fn.Blocks[b].Instrs {
			in := &fn.Blocks[b].Instrs[i]
			switch in.Op {
			case ir.OpSetIndex, ir.OpDelete:
			case ir.OpMethod:
				switch in.Name {
				case "update", "setdefault", "pop", "popitem", "clear", "__setitem__":
				default:
					continue
				}
			default:
				continue
			}
			if of := info.def(in.A); of != nil && info.bodyKey(fn, of) == base {
				return true
			}
		}
	}
	return false
}

// requestAttr is the spelling of an attribute of a module-level name, or of one of a module: `request.args`,
// `flask.request.args`. The request may also have been passed to the function.
func (info *funcInfo) requestAttr(fn *ir.Func, in *ir.Instr) string {
	of, key := info.def(in.A), in.Name
	if of == nil && info.isPassed(fn, in.A) {
		return "request." + key
	}
	for range 2 {
		switch {
		case of == nil:
			return ""
		case of.Op == ir.OpGlobal, of.Op == ir.OpImport:
			return of.Name + "." + key
		case of.Op != ir.OpAttr:
			return ""
		}
		of, key = info.def(of.A), of.Name+"."+key
	}
	return ""
}

// isPassed: the register is a parameter called request, which nothing is assigned to.
func (info *funcInfo) isPassed(fn *ir.Func, r ir.Reg) bool {
	i := slices.IndexFunc(fn.Params, func(p ir.Param) bool { return p.Reg == r })
	if i < 0 || fn.Params[i].Name != "request" {
		return false
	}
	for b := range fn.Blocks {
		if slices.ContainsFunc(fn.Blocks[b].Instrs, func(in ir.Instr) bool { return in.Dst == r }) {
			return false
		}
	}
	return true
}

// def is the one instruction that made what a register holds.
func (info *funcInfo) def(r ir.Reg) *ir.Instr {
	for range 4 {
		if r < 0 || int(r) >= len(info.defs) {
			return nil
		}
		d := info.defs[r]
		if d == nil || d.Op != ir.OpCopy {
			return d
		}
		r = d.A
	}
	return nil
}

func (info *funcInfo) constKey(fn *ir.Func, r ir.Reg) (string, bool) {
	d := info.def(r)
	if d == nil || d.Op != ir.OpConst {
		return "", false
	}
	switch c := fn.Consts[d.Imm]; c.Kind {
	case ir.ConstStr:
		return strconv.Quote(c.Str), true
	case ir.ConstNone:
		return "None", true
	}
	return "", false
}

// unread is what a slot holds at the start of a function.
func (f *frame) unread(slot int) *value.Value {
	return value.Tainted("", f.slotLabel(slot))
}

func (f *frame) slotLabel(slot int) value.Label {
	return value.Label{Origin: value.Origin{Kind: value.OriginSource, Func: f.fn.ID, Param: int32(slot)}}
}

// slotOf is the slot of a register that holds a reading; -1 for others.
func (info *funcInfo) slotOf(r ir.Reg) int {
	if r < 0 || int(r) >= len(info.slotAt) {
		return -1
	}
	return int(info.slotAt[r]) - 1
}

// indexReads says of each register which slot it has.
func (info *funcInfo) indexReads(fn *ir.Func) {
	if len(info.reads) == 0 {
		return
	}
	info.slotAt = make([]int32, fn.NumRegs)
	for i := len(info.reads) - 1; i >= 0; i-- {
		info.slotAt[info.reads[i].reg] = int32(info.reads[i].slot) + 1
	}
}

// isReading: every label of the value is something read from the request right here.
func (f *frame) isReading(v *value.Value) bool {
	for i := range v.Taint {
		if o := &v.Taint[i].Origin; o.Kind != value.OriginSource && o.Kind != value.OriginParam || o.Func != f.fn.ID || o.Source == models.File {
			return false
		}
	}
	return len(v.Taint) > 0
}

// reread puts on a new reading what checks of earlier ones say.
func (f *frame) reread(r ir.Reg) {
	slot := f.info.slotOf(r)
	if slot < 0 {
		return
	}
	v := f.get(r)
	known := f.vars[slot]
	if known == nil || !f.isReading(v) {
		return
	}
	if len(known.Taint) == 0 {
		f.put(r, value.Clear(v, models.AllKinds))
		return
	}
	l := &known.Taint[0]
	v = value.Clear(value.WithFacts(v, known.Facts), l.Cleared)
	for _, w := range l.Weak() {
		v = value.WithWeak(v, w)
	}
	f.put(r, v)
}

// checked notes that old, if it is a reading, is now known to be v, and so are the others of the same thing.
func (f *frame) checked(old, v *value.Value) {
	slot := -1
	for _, read := range f.info.reads {
		if f.get(read.reg) == old && f.isReading(old) {
			slot = read.slot
		}
	}
	if slot < 0 {
		return
	}
	f.vars[slot] = f.asSlot(v, slot)
	for _, read := range f.info.reads {
		if read.slot == slot && f.get(read.reg) != old {
			f.reread(read.reg)
		}
	}
}

// asSlot is a reading with the one label of its slot in place of its own.
func (f *frame) asSlot(v *value.Value, slot int) *value.Value {
	if len(v.Taint) == 0 {
		return v
	}
	l := f.slotLabel(slot)
	l.Cleared = models.AllKinds
	for i := range v.Taint {
		l.Cleared &= v.Taint[i].Cleared
		l.AddWeak(v.Taint[i].Weak())
	}
	return value.WithFacts(value.Tainted("", l), v.Facts)
}
