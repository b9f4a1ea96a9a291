package ir

import (
	"math"

	"stopper/internal/python/ast"
)

// tempBase separates temporaries from variables while a function is being built; Finish renumbers them.
const tempBase Reg = 1 << 24

// maxKeptConsts bounds the table of constants that is emptied for the next function; emptying costs its capacity.
const maxKeptConsts = 256

// Builder makes one Func after another. Blocks are filled one at a time, in the order in which StartBlock names them, and
// are never reopened. Finish drops unreachable blocks and turns every temporary that is read outside its own block into a
// nameless variable, so that callers need not think about where an expression branches.
//
// A Builder is reused for many functions and belongs to one goroutine.
type Builder struct {
	fn       *Func
	instrs   []Instr
	args     []Arg
	blocks   []openBlock
	consts   []Const
	constIdx map[Const]uint32
	varNames []string
	temps    Reg
	cur      BlockID
	handler  BlockID
	scratch  finishScratch
}

type openBlock struct {
	start, end int32
	succs      [2]BlockID
	numSuccs   uint8
	isLoopHead bool
	hasPred    bool
	handler    BlockID
}

// Reset starts a function. Fields of fn that the lowering knows beforehand are set by the caller.
func (b *Builder) Reset(fn *Func) {
	b.fn = fn
	b.instrs, b.args, b.blocks = b.instrs[:0], b.args[:0], b.blocks[:0]
	b.consts, b.varNames = b.consts[:0], b.varNames[:0]
	if b.constIdx == nil || len(b.constIdx) > maxKeptConsts {
		b.constIdx = map[Const]uint32{}
	}
	clear(b.constIdx)
	b.temps, b.handler = 0, NoBlock
	b.cur = NoBlock
	b.StartBlock(b.NewBlock())
}

// Func is the function under construction.
func (b *Builder) Func() *Func { return b.fn }

// NewVar adds a variable.
func (b *Builder) NewVar(name string) Reg {
	b.varNames = append(b.varNames, name)
	return Reg(len(b.varNames) - 1)
}

// NewTemp adds a temporary.
func (b *Builder) NewTemp() Reg {
	b.temps++
	return tempBase + b.temps - 1
}

// IsTemp reports whether a register of the function under construction is a temporary.
func (b *Builder) IsTemp(r Reg) bool { return r >= tempBase }

// NewBlock names a block without starting it.
func (b *Builder) NewBlock() BlockID {
	b.blocks = append(b.blocks, openBlock{start: -1, handler: NoBlock})
	return BlockID(len(b.blocks) - 1)
}

// StartBlock makes a new block the current one. The block before must have ended.
func (b *Builder) StartBlock(id BlockID) {
	b.cur = id
	b.blocks[id].start = int32(len(b.instrs))
	b.blocks[id].handler = b.handler
}

// Resume starts a block if something jumps to it already; otherwise code at this point cannot be reached.
func (b *Builder) Resume(id BlockID) {
	if b.blocks[id].hasPred {
		b.StartBlock(id)
	}
}

// Handler is where exceptions go in blocks that start from now on.
func (b *Builder) Handler() BlockID { return b.handler }

// SetHandler changes it.
func (b *Builder) SetHandler(h BlockID) { b.handler = h }

// IsOpen reports whether code at this point can be reached, that is, whether a block is current.
func (b *Builder) IsOpen() bool { return b.cur != NoBlock }

// IsFresh reports whether the current block has no instruction yet.
func (b *Builder) IsFresh() bool {
	return b.cur != NoBlock && int(b.blocks[b.cur].start) == len(b.instrs)
}

// MarkLoopHead marks a block as the target of a back edge.
func (b *Builder) MarkLoopHead(id BlockID) { b.blocks[id].isLoopHead = true }

// Make returns an instruction whose operands are all absent.
func Make(op Op, node ast.NodeID) Instr {
	return Instr{Op: op, Dst: NoReg, A: NoReg, B: NoReg, C: NoReg, Node: node}
}

// Emit appends an instruction.
func (b *Builder) Emit(in Instr) {
	if b.cur == NoBlock {
		b.StartBlock(b.NewBlock()) // unreachable; Finish drops it
	}
	b.instrs = append(b.instrs, in)
}

// Value appends an instruction with a new temporary as its destination.
func (b *Builder) Value(in Instr) Reg {
	in.Dst = b.NewTemp()
	b.Emit(in)
	return in.Dst
}

// SetArgs gives an instruction its operands, of which a text that somebody wrote has a few dozen. Those past 65,535 are dropped.
func (b *Builder) SetArgs(in *Instr, args []Arg) {
	args = args[:min(len(args), math.MaxUint16)]
	in.ArgsAt, in.ArgsLen = uint32(len(b.args)), uint16(len(args))
	b.args = append(b.args, args...)
}

// Const loads a constant.
func (b *Builder) Const(c Const, node ast.NodeID) Reg {
	i, ok := b.constIdx[c]
	if !ok {
		i = uint32(len(b.consts))
		b.consts = append(b.consts, c)
		b.constIdx[c] = i
	}
	in := Make(OpConst, node)
	in.Imm = i
	return b.Value(in)
}

// Copy writes a register into a variable. A temporary that the last instruction has just made is written there directly,
// and does not exist any more; the register to read from now on is returned.
func (b *Builder) Copy(dst, src Reg, node ast.NodeID) Reg {
	if n := len(b.instrs); src >= tempBase && b.IsOpen() && !b.IsFresh() && b.instrs[n-1].Dst == src {
		b.instrs[n-1].Dst = dst
		return dst
	}
	in := Make(OpCopy, node)
	in.Dst, in.A = dst, src
	b.Emit(in)
	return src
}

// Jump ends the block.
func (b *Builder) Jump(to BlockID, node ast.NodeID) { b.end(Make(OpJump, node), 1, to, NoBlock) }

// Branch ends the block. cond may be NoReg.
func (b *Builder) Branch(cond Reg, yes, no BlockID, node ast.NodeID) {
	in := Make(OpBranch, node)
	in.A = cond
	b.end(in, 2, yes, no)
}

// Return ends the block.
func (b *Builder) Return(r Reg, node ast.NodeID) {
	in := Make(OpReturn, node)
	in.A = r
	b.end(in, 0, NoBlock, NoBlock)
}

// Raise ends the block.
func (b *Builder) Raise(r Reg, node ast.NodeID) {
	in := Make(OpRaise, node)
	in.A = r
	b.end(in, 0, NoBlock, NoBlock)
}

func (b *Builder) end(in Instr, n uint8, s0, s1 BlockID) {
	b.Emit(in)
	blk := &b.blocks[b.cur]
	blk.end = int32(len(b.instrs))
	blk.succs, blk.numSuccs = [2]BlockID{s0, s1}, n
	for _, t := range blk.succs[:n] {
		b.blocks[t].hasPred = true
	}
	b.cur = NoBlock
}
