package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
)

// What a generator is sent is what its `x = yield` gives:
//
//	def writer(out):                     w = writer(out)
//	    while True:                      next(w)
//	        line = yield                 w.send(request.form["line"])
//	        out.write(line)
//
// It is kept like a captured variable of the generator: one for all that the function made.

// sentTo is the attribute of a generator for the function whose `yield` gives what it is sent.
const sentTo = "sent to"

// sentName is the name of the variable that holds it.
const sentName = "=sent"

// findSent notes whether a generator looks at what it is sent, or hands it on to another one.
func (info *funcInfo) findSent(fn *ir.Func) {
	if !fn.IsGenerator {
		return
	}
	gives := make([]bool, fn.NumRegs)
	for b := range fn.Blocks {
		for i := range fn.Blocks[b].Instrs {
			if in := &fn.Blocks[b].Instrs[i]; in.Op == ir.OpYield && in.Dst >= 0 {
				gives[in.Dst] = true
				info.takesSent = info.takesSent || in.Sub == ir.YieldFrom
			}
		}
	}
	isOne := func(r ir.Reg) bool { return r >= 0 && int(r) < len(gives) && gives[r] }
	for b := range fn.Blocks {
		for i := range fn.Blocks[b].Instrs {
			in := &fn.Blocks[b].Instrs[i]
			if isOne(in.A) || isOne(in.B) || isOne(in.C) || slices.ContainsFunc(fn.ArgsOf(in), func(a ir.Arg) bool { return isOne(a.Reg) }) {
				info.takesSent = true
				return
			}
		}
	}
}

// sent is what `yield` gives in the function that runs.
func (f *frame) sent() *value.Value {
	if !f.info.takesSent {
		return value.Unknown
	}
	c := f.s.cell(f.fn.ID, sentName)
	c.read(f.fn.ID)
	if c.foreign == nil {
		return value.Unknown
	}
	return join(value.Unknown, c.foreign)
}

// send keeps what generators are sent.
func (f *frame) send(generators, v *value.Value) {
	if v == nil || len(v.Taint) == 0 && len(v.Objs) == 0 {
		return
	}
	for i := range generators.Objs {
		k, ok := keyOf(&generators.Objs[i])
		if !ok {
			continue
		}
		if to := f.object(k).attr(sentTo); to != nil {
			for j := range to.value.Objs {
				if to.value.Objs[j].Func != f.fn.ID {
					f.setCell(to.value.Objs[j].Func, sentName, v)
				}
			}
		}
	}
}
