package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// funcInfo is what one look at a function's instructions tells, before any run.
type funcInfo struct {
	rpo     []ir.BlockID
	blocks  []blockInfo
	hasLoop bool
	// extra are variables besides the registers that the function itself owns: the globals of a module body, and
	// variables that inner functions capture. They follow the registers in frame.vars.
	extra      map[string]int
	extraNames []string
	// defs is the one instruction that writes a register; nil when there are several or none.
	defs []*ir.Instr
	// made are the registers that something else than a loop writes.
	made []bool
	// bools are the registers that hold `a and b` or `a or b`: written by one instruction for each operand.
	bools         map[ir.Reg]*boolOp
	isStatic      bool
	isClassMethod bool
	isProperty    bool
	takesSent     bool // see sent.go
	names         int8 // 1: it sets attributes under computed names, -1: it does not, see setsNames
	// params are the symbolic start values of the parameters, once the function was run.
	params []*value.Value
	// consts are the values of the function's constants, once they were asked for.
	consts []*value.Value
	// decisive are the parameters that steer the function: in a condition, as a callee, receiver or keyword.
	decisive uint64
	// reads are the registers that hold what the function reads from the request more than once; its slots follow those of extra.
	reads    []reading
	numReads int
	// readsCut: there are more of them than are told apart.
	readsCut bool
	items    []itemSlot
	slotAt   []int32 // by register: its slot, plus one
	fixed    []int32 // by variable: the parameter that it is, plus one, where nothing is assigned to it
	// live are the variables that each block minds, liveWords words for each; nil when all blocks mind all. See live.go.
	live      []uint64
	liveWords int
	numVars   int
	// flags are the variables whose values say which way was taken, stale those that hold a condition on what was written to since.
	flags     []ir.Reg
	flagAt    []uint8 // by variable: its number, plus one
	lastUse   []int32 // by variable: the rank of the last block that reads it
	stale     []ir.Reg
	manyFlags bool
	// gathered are the collections that loops only fill, see gather.go.
	gathered []gathered
}

// blockInfo is what is known of one block.
type blockInfo struct {
	rank   int32 // its place in rpo
	inLoop bool  // it may run again in the same call
	again  bool  // solving it may need more than one run
	cond   bool  // not every run of the function comes through
	isHead bool  // a way leads back to it
	// lastBack is the rank of the last block with a way back to this head.
	lastBack int32
}

func inspect(fn *ir.Func) *funcInfo {
	info := &funcInfo{defs: make([]*ir.Instr, fn.NumRegs)}
	info.order(fn)
	var room [128]bool
	many := room[:]
	if fn.NumRegs > len(room) {
		many = make([]bool, fn.NumRegs)
	}
	info.made = make([]bool, fn.NumRegs)
	for i := range fn.Params {
		many[fn.Params[i].Reg], info.made[fn.Params[i].Reg] = true, true
	}
	for b := range fn.Blocks {
		for i := range fn.Blocks[b].Instrs {
			in := &fn.Blocks[b].Instrs[i]
			if in.Dst >= 0 && int(in.Dst) < fn.NumRegs {
				info.made[in.Dst] = info.made[in.Dst] || in.Op != ir.OpIter
				if info.defs[in.Dst] != nil || many[in.Dst] {
					many[in.Dst] = true
					info.defs[in.Dst] = nil
				} else {
					info.defs[in.Dst] = in
				}
			}
			info.own(fn, in)
		}
	}
	info.findBools(fn, many)
	info.findReads(fn)
	info.indexReads(fn)
	if fn.Kind == ir.KindFunction {
		info.findItems(fn)
		info.indexReads(fn)
	}
	info.findFlags(fn)
	info.decorators(fn)
	info.decide(fn)
	info.findLive(fn)
	info.findSent(fn)
	return info
}

// boolOp is `a and b and …` or `a or b or …`.
type boolOp struct {
	isOr  bool
	conds []*ir.Instr
}

// findBools recognises how lowering writes a boolean operator: each operand but the last is written to one register, which
// its block branches on, towards the block that writes the next operand.
func (info *funcInfo) findBools(fn *ir.Func, many []bool) {
	for _, b := range info.rpo {
		block := &fn.Blocks[b]
		n := len(block.Instrs)
		if n < 2 || block.Instrs[n-1].Op != ir.OpBranch || len(block.Succs) < 2 {
			continue
		}
		reg := block.Instrs[n-1].A
		if reg < 0 || !many[reg] || block.Instrs[n-2].Dst != reg || int(reg) < len(fn.VarNames) && fn.VarNames[reg] != "" {
			continue // a variable of the code is asked on its own: `error = check(a)`, `if error: …`, `error = check(b)`
		}
		isAnd, isOr := writes(&fn.Blocks[block.Succs[0]], reg), writes(&fn.Blocks[block.Succs[1]], reg)
		if isAnd == isOr {
			continue
		}
		op := info.bools[reg]
		if op == nil {
			op = &boolOp{isOr: isOr}
			if info.bools == nil {
				info.bools = map[ir.Reg]*boolOp{}
			}
			info.bools[reg] = op
		}
		next := block.Succs[0]
		if isOr {
			next = block.Succs[1]
		}
		if op.isOr != isOr {
			delete(info.bools, reg)
			continue
		}
		op.conds = append(op.conds, &block.Instrs[n-2])
		if last := lastWrite(&fn.Blocks[next], reg); last != nil && fn.Blocks[next].Instrs[len(fn.Blocks[next].Instrs)-1].Op != ir.OpBranch {
			op.conds = append(op.conds, last)
		}
	}
}

func writes(b *ir.Block, reg ir.Reg) bool { return lastWrite(b, reg) != nil }

func lastWrite(b *ir.Block, reg ir.Reg) *ir.Instr {
	for i := len(b.Instrs) - 1; i >= 0; i-- {
		if b.Instrs[i].Dst == reg {
			return &b.Instrs[i]
		}
	}
	return nil
}

// own gives a slot to a variable of the function that others see too.
func (info *funcInfo) own(fn *ir.Func, in *ir.Instr) {
	isOwn := in.Op == ir.OpSetGlobal && fn.Kind == ir.KindModule || in.Op == ir.OpSetCell && ir.FuncID(in.Imm) == fn.ID
	if !isOwn {
		return
	}
	if _, ok := info.extra[in.Name]; !ok {
		if info.extra == nil {
			info.extra = map[string]int{}
		}
		info.extra[in.Name] = fn.NumVars + len(info.extra)
		info.extraNames = append(info.extraNames, in.Name)
	}
}

// order computes the reverse postorder without recursion: nesting is the audited program's choice.
func (info *funcInfo) order(fn *ir.Func) {
	n := len(fn.Blocks)
	if n == 0 {
		return
	}
	info.blocks, info.rpo = make([]blockInfo, n), make([]ir.BlockID, 0, n)
	type visit struct {
		b    ir.BlockID
		next int
	}
	const (
		seen   = 1
		active = 2
	)
	var room [64]uint8
	var stackRoom [32]visit
	marks, stack := room[:], append(stackRoom[:0], visit{b: 0})
	if n > len(room) {
		marks = make([]uint8, n)
	}
	marks[0] = seen | active
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		b := &fn.Blocks[top.b]
		if top.next < len(b.Succs)+1 {
			to := b.Handler
			if top.next > 0 {
				to = b.Succs[len(b.Succs)-top.next]
			}
			top.next++
			switch {
			case to == ir.NoBlock:
			case marks[to]&active != 0:
				info.hasLoop = true
			case marks[to] == 0:
				marks[to] = seen | active
				stack = append(stack, visit{b: to})
			}
			continue
		}
		marks[top.b] = seen
		info.rpo = append(info.rpo, top.b)
		stack = stack[:len(stack)-1]
	}
	slices.Reverse(info.rpo)
	for i, b := range info.rpo {
		info.blocks[b].rank = int32(i)
	}
	info.markLoops(fn)
	info.markCond(fn)
}

// markLoops marks what stands between the target and the source of a back edge: of each target, up to the last source.
func (info *funcInfo) markLoops(fn *ir.Func) {
	var room [2][64]int32
	loops, again := room[0][:], room[1][:] // by rank of the target: one behind the last source
	if n := len(info.rpo); n > len(loops) {
		loops, again = make([]int32, n), make([]int32, n)
	}
	for i, b := range info.rpo {
		for _, to := range fn.Blocks[b].Succs {
			if r := info.blocks[to].rank; int(r) <= i {
				loops[r] = int32(i) + 1
			}
		}
		if to := fn.Blocks[b].Handler; to != ir.NoBlock {
			if r := info.blocks[to].rank; int(r) <= i {
				again[r] = int32(i) + 1
			}
		}
	}
	inLoop, mayRepeat := int32(0), int32(0)
	for i, b := range info.rpo {
		inLoop, mayRepeat = max(inLoop, loops[i]), max(mayRepeat, again[i])
		k := &info.blocks[b]
		k.inLoop = int32(i) < inLoop
		k.again = k.inLoop || int32(i) < mayRepeat
	}
}

// markCond marks the blocks that some run of the function does not come through: counting open branches in order.
func (info *funcInfo) markCond(fn *ir.Func) {
	var room [64]int32
	preds := room[:]
	if len(fn.Blocks) > len(room) {
		preds = make([]int32, len(fn.Blocks))
	}
	for _, b := range info.rpo {
		for _, to := range fn.Blocks[b].Succs {
			preds[to]++
		}
	}
	open := int32(0) // edges that leave the blocks visited so far
	for i, b := range info.rpo {
		if i > 0 {
			open -= preds[b]
		}
		info.blocks[b].cond = i > 0 && (open > 0 || preds[b] == 0)
		open += int32(len(fn.Blocks[b].Succs))
	}
}

func (info *funcInfo) decorators(fn *ir.Func) {
	file := fn.Module.File
	if fn.Kind != ir.KindFunction || file == nil {
		return
	}
	if fn.Class != ir.NoClass && (fn.Name == "__new__" || fn.Name == "__init_subclass__" || fn.Name == "__class_getitem__") {
		info.isClassMethod = true
	}
	for _, d := range file.Decorators(fn.Node) {
		switch file.IdentOf(ast.NodeID(d)) {
		case "staticmethod":
			info.isStatic = true
		case "classmethod":
			info.isClassMethod = true
		case "property", "cached_property", "hybrid_property":
			info.isProperty = true
		}
	}
}

// decide finds the decisive parameters by following them, without regard to order, through the registers.
func (info *funcInfo) decide(fn *ir.Func) {
	if len(fn.Params) == 0 {
		return
	}
	var room [128]uint64
	mask := room[:]
	if fn.NumRegs > len(room) {
		mask = make([]uint64, fn.NumRegs)
	}
	for i := range fn.Params {
		if i < 64 {
			mask[fn.Params[i].Reg] |= 1 << i
		}
	}
	of := func(r ir.Reg) uint64 {
		if r < 0 {
			return 0
		}
		return mask[r]
	}
	for range 2 {
		for _, b := range info.rpo {
			for i := range fn.Blocks[b].Instrs {
				in := &fn.Blocks[b].Instrs[i]
				switch in.Op {
				case ir.OpBranch, ir.OpMethod, ir.OpAttr:
					info.decisive |= of(in.A)
				case ir.OpCall:
					info.decisive |= of(in.A)
				case ir.OpGlobal:
					if in.Name == "super" {
						info.decisive |= 1 // what super() finds depends on the class of self
					}
				}
				var m uint64
				switch in.Op {
				case ir.OpCall, ir.OpMethod:
					for _, a := range fn.ArgsOf(in) {
						info.decisive |= of(a.Reg)
					}
				case ir.OpCopy, ir.OpBinary, ir.OpUnary, ir.OpCompare, ir.OpIndex, ir.OpIter, ir.OpEnter:
					m = of(in.A) | of(in.B)
				}
				if in.Dst >= 0 {
					mask[in.Dst] |= m
				}
			}
		}
	}
}
