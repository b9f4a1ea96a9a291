package ir

import "slices"

type finishScratch struct {
	stack    []BlockID
	newID    []BlockID // by old id; NoBlock when unreachable
	order    []BlockID // reachable blocks in the order of their code
	defBlock []BlockID // by temporary
	rename   []Reg     // by temporary
}

// Finish completes the function. A block that is still open returns None.
func (b *Builder) Finish() *Func {
	if b.IsOpen() {
		b.Return(NoReg, b.fn.Node)
	}
	b.reach()
	b.renumber()
	b.pack()
	fn := b.fn
	b.fn = nil
	return fn
}

// reach finds the blocks that the entry leads to, and numbers them in the order of their code.
func (b *Builder) reach() {
	s := &b.scratch
	s.newID = s.newID[:0]
	for range b.blocks {
		s.newID = append(s.newID, NoBlock)
	}
	s.order, s.stack = s.order[:0], append(s.stack[:0], 0)
	s.newID[0] = 0
	visit := func(id BlockID) {
		if id != NoBlock && s.newID[id] == NoBlock {
			s.newID[id] = 0
			s.stack = append(s.stack, id)
		}
	}
	for len(s.stack) > 0 {
		id := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		blk := &b.blocks[id]
		if blk.start < 0 { // named and jumped to, but never written: the caller lost it
			blk.start, blk.end = int32(len(b.instrs)), int32(len(b.instrs))+1
			b.instrs = append(b.instrs, Make(OpReturn, b.fn.Node))
		}
		s.order = append(s.order, id)
		for _, t := range blk.succs[:blk.numSuccs] {
			visit(t)
		}
		visit(blk.handler)
	}
	slices.SortFunc(s.order[1:], func(x, y BlockID) int { return int(b.blocks[x].start) - int(b.blocks[y].start) })
	for i, id := range s.order {
		s.newID[id] = BlockID(i)
	}
}

// renumber makes registers dense: named variables, temporaries that cross blocks, the other temporaries.
func (b *Builder) renumber() {
	s := &b.scratch
	s.defBlock, s.rename = s.defBlock[:0], s.rename[:0]
	for range b.temps {
		s.defBlock = append(s.defBlock, NoBlock)
		s.rename = append(s.rename, NoReg)
	}
	for _, id := range s.order {
		for i := b.blocks[id].start; i < b.blocks[id].end; i++ {
			if d := b.instrs[i].Dst; d >= tempBase {
				s.defBlock[d-tempBase] = id
			}
		}
	}
	for _, id := range s.order {
		for i := b.blocks[id].start; i < b.blocks[id].end; i++ {
			b.eachRead(&b.instrs[i], func(r *Reg) { b.promote(*r, id) })
		}
	}
	next := Reg(len(b.varNames))
	name := func(r *Reg) {
		if *r < tempBase {
			return
		}
		to := &s.rename[*r-tempBase]
		if *to == NoReg {
			*to = next
			next++
		}
		*r = *to
	}
	for _, id := range s.order {
		for i := b.blocks[id].start; i < b.blocks[id].end; i++ {
			in := &b.instrs[i]
			b.eachRead(in, name)
			name(&in.Dst)
		}
	}
	b.fn.NumVars, b.fn.NumRegs = len(b.varNames), int(next)
}

func (b *Builder) promote(r Reg, block BlockID) {
	if r < tempBase {
		return
	}
	s := &b.scratch
	if i := r - tempBase; s.defBlock[i] != block && s.rename[i] == NoReg {
		s.rename[i] = b.NewVar("")
	}
}

func (b *Builder) eachRead(in *Instr, visit func(*Reg)) {
	visit(&in.A)
	visit(&in.B)
	visit(&in.C)
	for i := in.ArgsAt; i < in.ArgsAt+uint32(in.ArgsLen); i++ {
		visit(&b.args[i].Reg)
	}
}

// pack copies what is reachable into slices of the exact size.
func (b *Builder) pack() {
	s, fn := &b.scratch, b.fn
	numInstrs, numSuccs := 0, 0
	for _, id := range s.order {
		numInstrs += int(b.blocks[id].end - b.blocks[id].start)
		numSuccs += int(b.blocks[id].numSuccs)
	}
	instrs, succs := make([]Instr, 0, numInstrs), make([]BlockID, 0, numSuccs)
	fn.Blocks = make([]Block, 0, len(s.order))
	for _, id := range s.order {
		blk := &b.blocks[id]
		i, j := len(instrs), len(succs)
		instrs = append(instrs, b.instrs[blk.start:blk.end]...)
		for _, t := range blk.succs[:blk.numSuccs] {
			succs = append(succs, s.newID[t])
		}
		handler := blk.handler
		if handler != NoBlock {
			handler = s.newID[handler]
		}
		fn.Blocks = append(fn.Blocks, Block{Instrs: instrs[i:len(instrs):len(instrs)], Succs: succs[j:len(succs):len(succs)],
			Handler: handler, IsLoopHead: blk.isLoopHead})
	}
	fn.VarNames, fn.Consts, fn.Args = slices.Clone(b.varNames), slices.Clone(b.consts), slices.Clone(b.args)
}
