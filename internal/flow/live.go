package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
)

// A variable that a loop's body sets before it reads it changes nothing in the next round: the blocks of the loop need not run
// again because the first round has given it a value. So what reaches a block is joined into all variables, but only those that
// are read before they are written, here or further on, make a block run again that has run. The head of a loop runs again for
// all: what stands behind the loop, and what is known of all its elements, is asked for there, and it is short.

// maxBehind bounds how far back what a condition was computed from is followed.
const maxBehind = 6

// maxLiveWords bounds what is kept for one function: ten thousand variables in ten thousand blocks are somebody's attack, and all
// blocks of such a function mind all of them.
const maxLiveWords = 1 << 18

// liveness finds, for each block, the variables that are read before they are written.
type liveness struct {
	fn    *ir.Func
	info  *funcInfo
	words int
	in    []uint64 // words of each block: read here or further on
	set   []uint64 // written here before anything else
}

// findLive looks for live variables where blocks may run more than once. The variables of modules and classes are read from
// outside, those of templates by what they include.
func (info *funcInfo) findLive(fn *ir.Func) {
	words := (fn.NumVars + 63) / 64
	if fn.Kind > ir.KindLambda || words == 0 || words*len(fn.Blocks) > maxLiveWords || !info.markHeads(fn) {
		return
	}
	l := &liveness{fn: fn, info: info, words: words}
	room := make([]uint64, 2*l.words*len(fn.Blocks))
	l.in, l.set = room[:len(room)/2], room[len(room)/2:]
	for _, b := range info.rpo {
		l.look(b)
	}
	for isNew := true; isNew; {
		isNew = false
		for i := len(info.rpo) - 1; i >= 0; i-- {
			isNew = l.pull(info.rpo[i]) || isNew
		}
	}
	info.live, info.liveWords, info.numVars = l.in, l.words, fn.NumVars
	info.findGathered(fn)
}

// markHeads marks the targets of back edges; false when there are none.
func (info *funcInfo) markHeads(fn *ir.Func) bool {
	found := false
	for i, b := range info.rpo {
		for _, to := range fn.Blocks[b].Succs {
			if int(info.blocks[to].rank) <= i {
				info.blocks[to].isHead, found = true, true
				info.blocks[to].lastBack = int32(i)
			}
		}
		if to := fn.Blocks[b].Handler; to != ir.NoBlock && int(info.blocks[to].rank) <= i {
			info.blocks[to].isHead, found = true, true
			info.blocks[to].lastBack = int32(i)
		}
	}
	return found
}

// look finds what one block reads and writes.
func (l *liveness) look(id ir.BlockID) {
	b := &l.fn.Blocks[id]
	at := int(id) * l.words
	read, set := l.in[at:at+l.words], l.set[at:at+l.words]
	for i := range b.Instrs {
		in := &b.Instrs[i]
		l.operands(in, read, set)
		if in.Op == ir.OpBranch || in.Op == ir.OpReturn {
			l.asked(in.A, read, set, 0)
		}
		if r := int(in.Dst); r >= 0 && r < l.fn.NumVars {
			set[r/64] |= 1 << (r % 64)
		}
	}
	for i := range l.fn.Params { // what holds of the parameters is asked for at every return
		r := int(l.fn.Params[i].Reg)
		read[r/64] |= 1 << (r % 64)
	}
}

func (l *liveness) operands(in *ir.Instr, read, set []uint64) {
	l.read(in.A, read, set)
	l.read(in.B, read, set)
	l.read(in.C, read, set)
	for _, a := range l.fn.ArgsOf(in) {
		l.read(a.Reg, read, set)
	}
}

func (l *liveness) read(r ir.Reg, read, set []uint64) {
	if r >= 0 && int(r) < l.fn.NumVars && set[r/64]>>(r%64)&1 == 0 {
		read[r/64] |= 1 << (r % 64)
	}
}

// asked: a condition says something of the variables that it was computed from, which may have been elsewhere.
func (l *liveness) asked(r ir.Reg, read, set []uint64, depth int) {
	if r < 0 || depth > maxBehind {
		return
	}
	if op := l.info.bools[r]; op != nil {
		for _, in := range op.conds {
			l.computed(in, read, set, depth)
		}
		return
	}
	if in := l.info.defs[r]; in != nil {
		l.computed(in, read, set, depth)
	}
}

func (l *liveness) computed(in *ir.Instr, read, set []uint64, depth int) {
	l.operands(in, read, set)
	l.asked(in.A, read, set, depth+1)
	l.asked(in.B, read, set, depth+1)
	for _, a := range l.fn.ArgsOf(in) {
		l.asked(a.Reg, read, set, depth+1)
	}
}

// pull adds to a block what the blocks behind it read; an exception may leave it before it has written anything.
func (l *liveness) pull(id ir.BlockID) bool {
	b := &l.fn.Blocks[id]
	at := int(id) * l.words
	isNew := false
	for w := range l.words {
		var out uint64
		for _, to := range b.Succs {
			out |= l.in[int(to)*l.words+w]
		}
		out &^= l.set[at+w]
		if b.Handler != ir.NoBlock {
			out |= l.in[int(b.Handler)*l.words+w]
		}
		if out&^l.in[at+w] != 0 {
			l.in[at+w] |= out
			isNew = true
		}
	}
	return isNew
}

// minds: a block that has run has to run again because variable i may hold something else at its start.
func (info *funcInfo) minds(b ir.BlockID, i int) bool {
	return info.live == nil || info.blocks[b].isHead || info.isLive(b, i)
}

// isLive: block b, or one behind it, reads variable i before it writes it; what is no plain variable always is.
func (info *funcInfo) isLive(b ir.BlockID, i int) bool {
	return i >= info.numVars || info.live[int(b)*info.liveWords+i/64]>>(i%64)&1 != 0
}

// goesRound is the heap that goes round a loop: without the objects that the round made and that nothing leads to at its head. The
// next round makes others at the same places. Only objects that the head does not know yet can go.
func (f *frame) goesRound(to ir.BlockID) heap {
	st := &f.in[to]
	if f.info.live == nil || !f.info.blocks[to].isHead || st.visits == 0 || st.heap.lacks(&f.heap) == 0 {
		return f.heap
	}
	r := reach{sum: &summary{heap: f.heap, arrived: f.arrived}, keys: f.s.keys, seen: map[int32]bool{}}
	for i := range f.heap.slots {
		s := &f.heap.slots[i]
		if _, isOld := st.heap.find(s.id); isOld || !f.isOwn(s.id) {
			r.object(s.id, s.obj)
		}
	}
	for i, v := range f.vars {
		if f.info.isLive(to, i) {
			r.value(v)
		}
	}
	r.value(f.yields)
	r.value(f.raised)
	r.value(f.raises)
	r.follow()
	h := f.heap.fork()
	h.own(0)
	h.slots = slices.DeleteFunc(h.slots, func(s slot) bool { return !r.seen[s.id] })
	for i := range h.slots {
		s := &h.slots[i]
		if _, isOld := st.heap.find(s.id); isOld || !f.isMade(s.id) || s.obj.lazy != nil || s.obj.summary || s.obj.isEmpty() {
			continue
		}
		c := *s.obj // the next round makes another one there
		c.summary = true
		s.obj = &c
	}
	return h
}

// isMade: a collection that an expression of this function makes.
func (f *frame) isMade(id int32) bool {
	k := f.s.keys.key(id)
	return k.kind == value.ObjSite && k.site.Func == f.fn.ID && k.site.Context == 0
}

// isOwn: the object was made in this function, or a call brought it in, and no other function sees it.
func (f *frame) isOwn(id int32) bool {
	k := f.s.keys.key(id)
	return k.kind == value.ObjSite && (k.site.Func == f.fn.ID || f.arrived.peek(id) != nil) && !f.s.isShared(*k)
}
