package flow

import (
	"slices"

	"stopper/internal/ir"
)

// A flag is a local variable that several assignments give a value and that a condition asks, or a list that several
// statements fill:
//
//	ok = False                      errors = []
//	if name in NAMES:               if name not in NAMES:
//	    ok = True                       errors.append("unknown")
//	if not ok: abort(404)           if errors: return render(errors)
//
// Where ways meet, what holds on those that gave it one value is kept beside what holds on all, see parts.go. Which variables are
// flags is found once, by going back from the conditions and from what is returned.

const (
	// maxFlags bounds the flags of one function.
	maxFlags = 24
	// maxFlagDepth bounds how far back from a condition they are looked for.
	maxFlagDepth = 6
)

// flagSearch looks for the flags of one function.
type flagSearch struct {
	fn     *ir.Func
	info   *funcInfo
	writes []flagWrites // by variable
	queue  []ir.Reg
}

// flagWrites says what one look at the instructions tells of a variable.
type flagWrites struct {
	n      int32 // how many instructions write it
	fills  bool  // something is put into the collection that it holds
	last   int32 // the place of the last of them, in the order of blocks
	isFlag bool
}

// findFlags finds the variables that are flags, and those that hold a condition on variables that are written to later.
func (info *funcInfo) findFlags(fn *ir.Func) {
	if fn.Kind > ir.KindLambda || fn.NumVars == 0 || len(fn.Blocks) < 3 {
		return
	}
	s := flagSearch{fn: fn, info: info, writes: make([]flagWrites, fn.NumVars)}
	s.count()
	for _, b := range info.rpo {
		in := fn.Blocks[b].Instrs
		if len(in) == 0 {
			continue
		}
		switch last := &in[len(in)-1]; last.Op {
		case ir.OpBranch:
			s.ask(last.A, 0)
		case ir.OpReturn:
			s.returned(last.A)
		}
	}
	for i := 0; i < len(s.queue); i++ { // what gives a flag its value may be another one
		for _, b := range info.rpo {
			for j := range fn.Blocks[b].Instrs {
				if in := &fn.Blocks[b].Instrs[j]; in.Dst == s.queue[i] {
					s.askDef(in, 0)
				}
			}
		}
	}
	if len(info.flags) > 0 {
		s.findUses()
		info.flagAt = make([]uint8, fn.NumVars)
		for i, r := range info.flags {
			info.flagAt[r] = uint8(i) + 1
		}
	}
}

// count looks at what is written to each variable.
func (s *flagSearch) count() {
	place := int32(0)
	for _, b := range s.info.rpo {
		for i := range s.fn.Blocks[b].Instrs {
			in := &s.fn.Blocks[b].Instrs[i]
			place++
			if s.isVar(in.Dst) {
				s.writes[in.Dst].n++
				s.writes[in.Dst].last = place
			}
			if s.isVar(in.A) && (in.Op == ir.OpSetIndex || in.Op == ir.OpMethod && fillsCollection(in.Name)) {
				s.writes[in.A].fills = true
			}
		}
	}
	for i := range s.fn.Params {
		s.writes[s.fn.Params[i].Reg].n = 0 // what a caller gave it is not known here
	}
}

// findUses finds the last block that reads each variable. What holds of the parameters is asked for at every return.
func (s *flagSearch) findUses() {
	s.info.lastUse = make([]int32, s.fn.NumVars)
	for rank, b := range s.info.rpo {
		use := func(r ir.Reg) {
			if s.isVar(r) {
				s.info.lastUse[r] = int32(rank)
			}
		}
		for i := range s.fn.Blocks[b].Instrs {
			in := &s.fn.Blocks[b].Instrs[i]
			use(in.A)
			use(in.B)
			use(in.C)
			for _, a := range s.fn.ArgsOf(in) {
				use(a.Reg)
			}
		}
	}
	for i := range s.fn.Params {
		s.info.lastUse[s.fn.Params[i].Reg] = int32(len(s.info.rpo))
	}
}

// usedFrom: block b, or one behind it, may read variable i.
func (info *funcInfo) usedFrom(b ir.BlockID, i int) bool {
	switch {
	case i >= len(info.lastUse):
		return true
	case info.live != nil:
		return info.isLive(b, i)
	}
	return info.hasLoop || info.lastUse[i] >= info.blocks[b].rank
}

func (s *flagSearch) isVar(r ir.Reg) bool { return r >= 0 && int(r) < s.fn.NumVars }

// returned: what the function returns is asked by its callers, and so is each part of a tuple.
func (s *flagSearch) returned(r ir.Reg) {
	if def := s.info.def(r); def != nil && def.Op == ir.OpBuild && def.Sub == uint8(ir.BuildTuple) && def.ArgsLen <= maxTuple {
		for _, a := range s.fn.ArgsOf(def) {
			s.ask(a.Reg, 0)
		}
		return
	}
	s.ask(r, 0)
}

// ask reports whether a condition asks a flag.
func (s *flagSearch) ask(r ir.Reg, depth int) bool {
	if r < 0 || depth > maxFlagDepth {
		return false
	}
	if op := s.info.bools[r]; op != nil {
		found := false
		for _, c := range op.conds[:min(len(op.conds), maxAlternatives)] {
			found = s.askDef(c, depth) || found
		}
		return found
	}
	if !s.isVar(r) {
		return s.askDef(s.info.defs[r], depth)
	}
	w := &s.writes[r]
	switch {
	case w.isFlag:
		return true
	case w.n > 1, w.n == 1 && w.fills && isNewCollection(s.info.defs[r]):
		s.add(r)
		return true
	case w.n == 1:
		def := s.info.defs[r]
		found := s.askDef(def, depth)
		if s.isStale(def, w.last, 0) {
			s.info.stale, found = append(s.info.stale, r), true
		}
		if found {
			s.add(r)
		}
		return found
	}
	return false
}

func (s *flagSearch) askDef(in *ir.Instr, depth int) bool {
	if in == nil {
		return false
	}
	switch in.Op {
	case ir.OpCopy, ir.OpUnary:
		return s.ask(in.A, depth+1)
	case ir.OpCompare:
		if b := s.info.def(in.B); b == nil || b.Op != ir.OpConst && b.Op != ir.OpBuild {
			return false
		}
		return s.ask(in.A, depth+1)
	case ir.OpBinary:
		a, b := s.ask(in.A, depth+1), s.ask(in.B, depth+1)
		return a || b
	case ir.OpCall:
		found := false
		if name := s.info.calledName(in); name == "len" || name == "bool" {
			for _, a := range s.fn.ArgsOf(in) {
				found = s.ask(a.Reg, depth+1) || found
			}
		}
		return found
	}
	return false
}

// isStale: a variable that a condition was computed from is written to behind it, so that the condition speaks of what it was.
func (s *flagSearch) isStale(in *ir.Instr, place int32, depth int) bool {
	if in == nil || depth > maxFlagDepth {
		return false
	}
	stale := func(r ir.Reg) bool {
		if r < 0 {
			return false
		}
		if op := s.info.bools[r]; op != nil {
			return slices.ContainsFunc(op.conds[:min(len(op.conds), maxAlternatives)], func(c *ir.Instr) bool { return s.isStale(c, place, depth+1) })
		}
		if s.isVar(r) && (s.writes[r].n > 0 || s.info.defs[r] == nil) {
			return s.writes[r].last > place
		}
		return !s.isVar(r) && s.isStale(s.info.defs[r], place, depth+1)
	}
	return stale(in.A) || in.Op == ir.OpCompare && stale(in.B) || (in.Op == ir.OpCall || in.Op == ir.OpMethod) &&
		slices.ContainsFunc(s.fn.ArgsOf(in), func(a ir.Arg) bool { return stale(a.Reg) })
}

func (s *flagSearch) add(r ir.Reg) {
	if len(s.info.flags) == maxFlags {
		s.info.manyFlags = true
		return
	}
	s.writes[r].isFlag = true
	s.info.flags = append(s.info.flags, r)
	s.queue = append(s.queue, r)
}

// calledName is the name of the function that a call calls, as far as it is one of the module or a builtin.
func (info *funcInfo) calledName(in *ir.Instr) string {
	if def := info.def(in.A); def != nil && def.Op == ir.OpGlobal {
		return def.Name
	}
	return ""
}

// isNewCollection: the instruction makes a list, set or dict.
func isNewCollection(in *ir.Instr) bool {
	return in != nil && (in.Op == ir.OpCall || in.Op == ir.OpBuild && in.Sub != uint8(ir.BuildTuple) && in.Sub <= uint8(ir.BuildDict))
}

// fillsCollection: the method puts something into the collection that it is called on.
func fillsCollection(name string) bool {
	switch name {
	case "append", "add", "insert", "setdefault", "appendleft", "extend", "update":
		return true
	}
	return false
}

// flagOf is the number of a flag; -1 for other registers.
func (info *funcInfo) flagOf(r ir.Reg) int {
	if r < 0 || int(r) >= len(info.flagAt) {
		return -1
	}
	return int(info.flagAt[r]) - 1
}
