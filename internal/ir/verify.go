package ir

import "fmt"

// Verify reports where a function breaks the rules of this package. An empty result means that an engine may run it.
func Verify(f *Func) []error {
	v := verifier{f: f, defined: make([]bool, f.NumRegs)}
	if f.NumVars > f.NumRegs || len(f.VarNames) != f.NumVars {
		v.errorf("%d variables with %d names in %d registers", f.NumVars, len(f.VarNames), f.NumRegs)
		return v.errs
	}
	if len(f.Blocks) == 0 {
		v.errorf("no blocks")
	}
	for i, p := range f.Params {
		if p.Reg < 0 || int(p.Reg) >= f.NumVars {
			v.errorf("parameter %d: register %d is not a variable", i, p.Reg)
		}
	}
	for i := range f.Blocks {
		v.block(BlockID(i))
	}
	return v.errs
}

type verifier struct {
	f       *Func
	where   string
	defined []bool // temporaries written so far, in any block
	inBlock []Reg
	errs    []error
}

func (v *verifier) errorf(format string, args ...any) {
	v.errs = append(v.errs, fmt.Errorf("%s%s: %s", v.f.QualName, v.where, fmt.Sprintf(format, args...)))
}

func (v *verifier) block(id BlockID) {
	blk := &v.f.Blocks[id]
	v.where = fmt.Sprintf(" b%d", id)
	v.inBlock = v.inBlock[:0]
	if len(blk.Instrs) == 0 {
		v.errorf("empty block")
		return
	}
	if blk.Handler != NoBlock {
		v.target(blk.Handler)
	}
	for i := range blk.Instrs {
		in := &blk.Instrs[i]
		v.where = fmt.Sprintf(" b%d.%d %s", id, i, opName(in.Op))
		if in.Op.EndsBlock() != (i == len(blk.Instrs)-1) {
			v.errorf("a block ends with its only terminator")
		}
		v.instr(in)
	}
	want := map[Op]int{OpJump: 1, OpBranch: 2}[blk.Instrs[len(blk.Instrs)-1].Op]
	if len(blk.Succs) != want {
		v.errorf("%d successors", len(blk.Succs))
	}
	for _, s := range blk.Succs {
		v.target(s)
	}
	for _, r := range v.inBlock { // a temporary does not live on
		v.defined[r] = false
	}
}

func (v *verifier) target(b BlockID) {
	if b < 0 || int(b) >= len(v.f.Blocks) {
		v.errorf("no block b%d", b)
	}
}

func (v *verifier) instr(in *Instr) {
	if in.Op >= numOps {
		v.errorf("unknown operation %d", in.Op)
		return
	}
	if int(in.ArgsAt)+int(in.ArgsLen) > len(v.f.Args) {
		v.errorf("operands outside Func.Args")
		return
	}
	want := shapes[in.Op]
	v.operand("A", in.A, want.a)
	v.operand("B", in.B, want.b)
	v.operand("C", in.C, want.c)
	for _, a := range v.f.ArgsOf(in) {
		v.operand("operand", a.Reg, optional)
	}
	if in.ArgsLen > 0 && !want.args {
		v.errorf("takes no operands")
	}
	if in.Op == OpConst && int(in.Imm) >= len(v.f.Consts) {
		v.errorf("no constant %d", in.Imm)
	}
	if want.name && in.Name == "" {
		v.errorf("no name")
	}
	v.dst(in.Dst, want.dst)
}

func (v *verifier) operand(what string, r Reg, need presence) {
	switch {
	case r == NoReg:
		if need == required {
			v.errorf("%s is missing", what)
		}
	case need == absent:
		v.errorf("%s is set", what)
	case r < 0 || int(r) >= v.f.NumRegs:
		v.errorf("%s: no register %d", what, r)
	case int(r) >= v.f.NumVars && !v.defined[r]:
		v.errorf("%s: temporary %d is read before it is written, or in another block", what, r)
	}
}

func (v *verifier) dst(r Reg, need presence) {
	switch {
	case r == NoReg:
		if need == required {
			v.errorf("no destination")
		}
	case need == absent:
		v.errorf("has a destination")
	case r < 0 || int(r) >= v.f.NumRegs:
		v.errorf("destination: no register %d", r)
	case int(r) >= v.f.NumVars:
		if v.defined[r] {
			v.errorf("temporary %d is written twice", r)
		}
		v.defined[r] = true
		v.inBlock = append(v.inBlock, r)
	}
}
