package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// A collection that a loop fills and does not look into, as every comprehension does, changes in the first round and makes nothing
// else change. The head of the loop has to hear of it, for what stands behind the loop; the body need not run again for what
// the head knows already.

// gathered is a collection that one loop only fills.
type gathered struct {
	node        ast.NodeID // where it is made
	head        ir.BlockID
	first, last int32 // ranks of the loop's blocks
}

const (
	// maxGathered bounds the collections that are looked for in one function.
	maxGathered = 64
	// maxGatherWork bounds the blocks that are looked at for them.
	maxGatherWork = 1 << 18
)

// findGathered looks for collections that loops only fill. It stands on liveness: a way out of the loop besides its head must not
// lead to where the collection is read.
func (info *funcInfo) findGathered(fn *ir.Func) {
	uses := info.usesOf(fn)
	if len(uses) == 0 {
		return
	}
	work := 0
	for i, b := range info.rpo {
		for _, head := range fn.Blocks[b].Succs {
			first := info.blocks[head].rank
			if int(first) > i || info.isLoop(head, int32(i)) {
				continue
			}
			if work += len(uses) * (i + 1 - int(first)); work > maxGatherWork {
				return
			}
			for _, u := range uses {
				if u.made < first && (u.read > int32(i) || u.read < 0) && u.fills && !info.leavesWith(fn, u.reg, first, int32(i)) {
					info.gathered = append(info.gathered, gathered{node: info.defs[u.reg].Node, head: head, first: first, last: int32(i)})
				}
			}
		}
	}
}

// isLoop: a later way leads back to the same head, so that the loop is longer.
func (info *funcInfo) isLoop(head ir.BlockID, last int32) bool {
	return info.blocks[head].lastBack > last
}

// fillUse says where a collection is made, whether anything is put into it, and where it is first read, -1 for nowhere.
type fillUse struct {
	reg        ir.Reg
	made, read int32
	fills      bool
}

// usesOf looks at the variables that hold one collection each, in the order in which those are made.
func (info *funcInfo) usesOf(fn *ir.Func) []fillUse {
	var uses []fillUse
	for rank, b := range info.rpo {
		for i := range fn.Blocks[b].Instrs {
			in := &fn.Blocks[b].Instrs[i]
			if in.Op == ir.OpBuild && in.Sub != uint8(ir.BuildTuple) && in.Dst >= 0 && int(in.Dst) < fn.NumVars && info.defs[in.Dst] == in && len(uses) < maxGathered {
				uses = append(uses, fillUse{reg: in.Dst, made: int32(rank), read: -1})
			}
		}
	}
	if len(uses) == 0 {
		return nil
	}
	at := make(map[ir.Reg]*fillUse, len(uses))
	for i := range uses {
		at[uses[i].reg] = &uses[i]
	}
	for rank, b := range info.rpo {
		for i := range fn.Blocks[b].Instrs {
			noteUse(fn, &fn.Blocks[b].Instrs[i], int32(rank), at)
		}
	}
	return uses
}

func noteUse(fn *ir.Func, in *ir.Instr, rank int32, uses map[ir.Reg]*fillUse) {
	read := func(r ir.Reg) {
		if u := uses[r]; u != nil && u.read < 0 {
			u.read = rank
		}
	}
	isFilled := in.Op == ir.OpSetIndex || in.Op == ir.OpMethod && (in.Name == "append" || in.Name == "add")
	if u := uses[in.A]; u != nil && isFilled {
		u.fills = true
	} else {
		read(in.A)
	}
	read(in.B)
	read(in.C)
	for _, a := range fn.ArgsOf(in) {
		read(a.Reg)
	}
}

// leavesWith: the loop is left, but by its head, towards a place where a variable is read.
func (info *funcInfo) leavesWith(fn *ir.Func, r ir.Reg, first, last int32) bool {
	for _, b := range info.rpo[first+1 : last+1] {
		block := &fn.Blocks[b]
		for i := range len(block.Succs) + 1 {
			to := block.Handler
			if i < len(block.Succs) {
				to = block.Succs[i]
			}
			if to == ir.NoBlock {
				continue
			}
			if rank := info.blocks[to].rank; (rank < first || rank > last) && info.isLive(to, int(r)) {
				return true
			}
		}
	}
	return false
}

// knownAt tells of an object that changed at a block whether it is a collection that the loop around the block fills, and the head
// of the loop knows the change; nil where no block needs to ask.
func (f *frame) knownAt(to ir.BlockID) func(id int32, o *object) bool {
	if len(f.info.gathered) == 0 || f.info.blocks[to].isHead {
		return nil
	}
	return func(id int32, o *object) bool {
		loop := f.filledAround(to, id)
		if loop == nil {
			return false
		}
		known := f.in[loop.head].heap.peek(id)
		return known != nil && joinObjects(known, o) == known
	}
}

// filledAround is the innermost loop around a block that only fills an object.
func (f *frame) filledAround(b ir.BlockID, id int32) *gathered {
	k := f.s.keys.key(id)
	if k.kind != value.ObjSite || k.site.Func != f.fn.ID || k.site.Context != 0 {
		return nil
	}
	rank := f.info.blocks[b].rank
	var loop *gathered
	for i := range f.info.gathered {
		g := &f.info.gathered[i]
		if g.node == k.site.Node && g.first < rank && rank <= g.last && (loop == nil || g.first > loop.first) {
			loop = g
		}
	}
	return loop
}
