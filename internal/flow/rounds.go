package flow

import (
	"slices"
	"unicode/utf8"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// A loop over a few texts of the program that takes each of them out of another text, or refuses it there, is gone through round by
// round, so that behind it all of them are known to be gone:
//
//	for c in '/\\:':                      for bad in ("..", "/"):
//	    name = name.replace(c, "")            if bad in name:
//	                                              abort(400)
//
// Whatever else the loop does, it is solved like any other first and is recorded as such.

const (
	// maxRoundsOf is the number of such texts; past it the loop is one like others.
	maxRoundsOf = 32
	// maxRoundInstrs bounds the instructions of such a loop.
	maxRoundInstrs = 40
)

// rounds is the loop that is being gone through.
type rounds struct {
	within []bool // by block
	iter   *ir.Instr
	elem   *value.Value
}

// roundByRound leaves the variables as they are behind all rounds of the loop that begins with the current block.
func (f *frame) roundByRound(head *ir.Block) {
	iter := f.loopOver(head)
	if iter == nil || f.rounds != nil {
		return
	}
	elems := f.fewTexts(f.get(iter.A))
	if len(elems) == 0 {
		return
	}
	within := f.naturalLoop(f.block, head)
	if within == nil || !f.onlyChecks(within, iter) {
		return
	}
	if f.saved == nil {
		f.saved = f.s.scratch.take(len(f.vars))
	}
	m := f.s.scratch.mark()
	defer f.s.scratch.release(m)
	id, in, raised, parts := f.block, slices.Clone(f.in), f.raised, f.parts
	before, heapBefore := f.s.scratch.copyOf(f.vars), f.heap.fork()
	f.rounds = &rounds{within: within, iter: iter}
	isWhole := true
	for _, e := range elems {
		if f.rounds.elem = e; !f.round(id, head.Succs[0]) {
			isWhole = false // the loop ends with this text on every way
			break
		}
	}
	f.rounds = nil
	copy(f.in, in)
	f.block, f.dead, f.raised, f.raises = id, false, raised, nil
	if !isWhole {
		copy(f.vars, before)
		f.heap, f.parts = heapBefore, parts
	}
}

// round runs the body once; false when it does not come back to the head.
func (f *frame) round(head, body ir.BlockID) bool {
	pending := make([]bool, len(f.info.rpo))
	for b, is := range f.rounds.within {
		if is {
			f.in[b] = state{}
		}
	}
	f.pass(body, pending)
	for at := int(f.info.blocks[head].rank) + 1; at < len(pending); at++ {
		if pending[at] {
			pending[at] = false
			f.runBlock(f.info.rpo[at], pending)
		}
	}
	st := &f.in[head]
	if !st.reached {
		return false
	}
	copy(f.vars, st.vars)
	f.heap, f.parts = st.heap.fork(), st.parts
	return true
}

// loopOver is the instruction that binds the element of `for e in x:`, by the loop's head; nil for other loops.
func (f *frame) loopOver(head *ir.Block) *ir.Instr {
	body := &f.fn.Blocks[head.Succs[0]]
	if len(head.Instrs) != 1 || len(body.Instrs) == 0 || body.Instrs[0].Op != ir.OpIter {
		return nil
	}
	iter := &body.Instrs[0]
	if iter.Dst < 0 || int(iter.Dst) >= f.fn.NumVars || f.info.defs[iter.Dst] != iter {
		return nil
	}
	return iter
}

// fewTexts are the characters of a constant text, or the constant texts of a collection.
func (f *frame) fewTexts(x *value.Value) []*value.Value {
	if s, ok := oneStr(x); ok {
		if len(s) > maxRoundsOf || !utf8.ValidString(s) || len(x.Taint) > 0 {
			return nil
		}
		var out []*value.Value
		for _, r := range s {
			out = append(out, value.Str(string(r)))
		}
		return out
	}
	elems, ok := f.elements(x)
	if !ok || len(elems) > maxRoundsOf || slices.ContainsFunc(elems, func(e *value.Value) bool {
		_, isText := oneStr(e)
		return !isText || len(e.Taint) > 0
	}) {
		return nil
	}
	return elems
}

// naturalLoop marks the blocks from which a loop's head is reached again; nil where loops stand in the loop.
func (f *frame) naturalLoop(id ir.BlockID, head *ir.Block) []bool {
	within := make([]bool, len(f.fn.Blocks))
	first := int(f.info.blocks[id].rank)
	for at := len(f.info.rpo) - 1; at > first; at-- {
		b := f.info.rpo[at]
		for _, to := range f.fn.Blocks[b].Succs {
			switch {
			case to == id, within[to]:
				within[b] = true
			case int(f.info.blocks[to].rank) > first && int(f.info.blocks[to].rank) <= at:
				return nil
			}
		}
	}
	within[id] = true
	if !within[head.Succs[0]] {
		return nil
	}
	return within
}

// onlyChecks: the blocks do nothing but look at text and change it, and the element is what they look for.
func (f *frame) onlyChecks(within []bool, iter *ir.Instr) bool {
	n, looksFor := 0, false
	for b, is := range within {
		if !is {
			continue
		}
		block := &f.fn.Blocks[b]
		if n += len(block.Instrs); n > maxRoundInstrs {
			return false
		}
		for i := range block.Instrs {
			in := &block.Instrs[i]
			switch in.Op {
			case ir.OpConst, ir.OpCopy, ir.OpUnary, ir.OpBinary, ir.OpBranch, ir.OpJump, ir.OpGlobal, ir.OpAttr, ir.OpFormat:
			case ir.OpIter:
				if in != iter {
					return false
				}
			case ir.OpCompare:
				op := ast.Op(in.Sub)
				looksFor = looksFor || in.A == iter.Dst && (op == ast.In || op == ast.NotIn)
			case ir.OpMethod:
				if !value.IsStrMethod(in.Name) && !refuses(in.Name) {
					return false
				}
				looksFor = looksFor || slices.ContainsFunc(f.fn.ArgsOf(in), func(a ir.Arg) bool { return a.Reg == iter.Dst })
			case ir.OpCall:
				if def := f.info.defs[in.A]; in.A < 0 || def == nil || def.Op != ir.OpGlobal || !refuses(def.Name) {
					return false
				}
			default:
				return false
			}
		}
	}
	return looksFor
}

// refuses: the call ends the request, or changes no text.
func refuses(name string) bool {
	switch name {
	case "abort", "flash", "print", "debug", "info", "warning", "error", "exception", "len", "str":
		return true
	}
	return false
}
