package ir

import (
	"fmt"
	"strconv"
	"strings"

	"stopper/internal/python/ast"
)

// Dump is the text of a function, one instruction a line, for tests and for people.
//
//	func Shop.checkout(self, *items) async
//	b0:
//	  t4 = method self.price(t3, tax=t2)
//	  branch t4 b1 b2
func Dump(f *Func) string {
	d := dumper{f: f}
	d.header()
	for i := range f.Blocks {
		blk := &f.Blocks[i]
		fmt.Fprintf(&d.b, "b%d:", i)
		if blk.IsLoopHead {
			d.b.WriteString(" loop")
		}
		if blk.Handler != NoBlock {
			fmt.Fprintf(&d.b, " handler b%d", blk.Handler)
		}
		d.b.WriteByte('\n')
		for j := range blk.Instrs {
			d.instr(&blk.Instrs[j], blk.Succs)
		}
	}
	return d.b.String()
}

type dumper struct {
	f *Func
	b strings.Builder
}

var kindNames = [...]string{KindFunction: "func", KindLambda: "lambda", KindModule: "module", KindClassBody: "class",
	KindTemplate: "template"}

func (d *dumper) header() {
	fmt.Fprintf(&d.b, "%s %s", kindNames[d.f.Kind], d.f.QualName)
	if d.f.Kind == KindFunction || d.f.Kind == KindLambda {
		d.b.WriteByte('(')
		for i, p := range d.f.Params {
			if i > 0 {
				d.b.WriteString(", ")
			}
			d.param(p)
		}
		d.b.WriteByte(')')
	}
	for _, flag := range []struct {
		on   bool
		name string
	}{{d.f.IsAsync, " async"}, {d.f.IsGenerator, " generator"}, {d.f.IsPartial, " partial"}} {
		if flag.on {
			d.b.WriteString(flag.name)
		}
	}
	d.b.WriteByte('\n')
}

func (d *dumper) param(p Param) {
	switch p.Kind {
	case ast.PosOnly:
		d.b.WriteByte('/')
	case ast.VarArgs:
		d.b.WriteByte('*')
	case ast.VarKeyword:
		d.b.WriteString("**")
	case ast.KeywordOnly:
		d.b.WriteByte(';')
	}
	d.b.WriteString(p.Name)
	if p.HasDefault {
		d.b.WriteByte('?')
	}
}

func (d *dumper) reg(r Reg) string {
	switch {
	case r == NoReg:
		return "-"
	case int(r) >= d.f.NumVars:
		return "t" + strconv.Itoa(int(r))
	case d.f.VarNames[r] == "":
		return "v" + strconv.Itoa(int(r))
	}
	return d.f.VarNames[r]
}

func (d *dumper) instr(in *Instr, succs []BlockID) {
	d.b.WriteString("  ")
	if in.Dst != NoReg {
		d.b.WriteString(d.reg(in.Dst) + " = ")
	}
	d.b.WriteString(opName(in.Op))
	if text := d.operands(in); text != "" {
		d.b.WriteString(" " + text)
	}
	if shapes[in.Op].args {
		d.args(in)
	}
	for _, s := range succs {
		if in.Op == OpJump || in.Op == OpBranch {
			fmt.Fprintf(&d.b, " b%d", s)
		}
	}
	d.b.WriteByte('\n')
}

func (d *dumper) operands(in *Instr) string {
	a, b := d.reg(in.A), d.reg(in.B)
	switch in.Op {
	case OpConst:
		return d.f.Consts[in.Imm].String()
	case OpCopy:
		return suffix(a, in.Sub == CopyAwait, " await")
	case OpGlobal:
		return in.Name
	case OpSetGlobal:
		return in.Name + " " + a
	case OpCell:
		return fmt.Sprintf("%s #%d", in.Name, in.Imm)
	case OpSetCell:
		return fmt.Sprintf("%s #%d %s", in.Name, in.Imm, a)
	case OpAttr, OpMethod:
		return a + "." + in.Name
	case OpSetAttr:
		return a + "." + in.Name + " " + b
	case OpIndex:
		return suffix(a+"["+b+"]", in.Sub == IndexUnpack, " unpack")
	case OpSetIndex:
		return a + "[" + b + "] " + d.reg(in.C)
	case OpBinary:
		return suffix(a+" "+OpText(ast.Op(in.Sub))+" "+b, in.Imm == 1, " inplace")
	case OpCompare:
		return a + " " + OpText(ast.Op(in.Sub)) + " " + b
	case OpUnary:
		return OpText(ast.Op(in.Sub)) + " " + a
	case OpBuild:
		return suffix(buildNames[in.Sub], in.Imm == 1, " partial")
	case OpFormat:
		return suffix("", in.Sub == FormatTemplate, "template")
	case OpFunc, OpClass:
		return fmt.Sprintf("#%d", in.Imm)
	case OpImport:
		return d.importText(in.Imm)
	case OpYield:
		return suffix(a, in.Sub == YieldFrom, " from")
	case OpDelete:
		if in.Name != "" {
			return a + "." + in.Name
		}
		if in.B != NoReg {
			return a + "[" + b + "]"
		}
		return a
	case OpNop, OpJump:
		return ""
	}
	return a
}

func (d *dumper) importText(i uint32) string {
	if d.f.Module == nil || int(i) >= len(d.f.Module.Imports) {
		return "?"
	}
	im := d.f.Module.Imports[i]
	s := im.Module
	switch {
	case im.IsStar:
		s += ":*"
	case im.TopOnly:
		s += " top"
	case im.Name != "":
		s += ":" + im.Name
	}
	return suffix(s, im.Local != nil, " local")
}

func (d *dumper) args(in *Instr) {
	d.b.WriteByte('(')
	for i, a := range d.f.ArgsOf(in) {
		if i > 0 {
			d.b.WriteString(", ")
		}
		r := d.reg(a.Reg)
		switch a.Kind {
		case ArgPos:
			d.b.WriteString(r)
		case ArgKeyword:
			d.b.WriteString(a.Name + "=" + r)
		case ArgStar:
			d.b.WriteString("*" + r)
		case ArgStarStar:
			d.b.WriteString("**" + r)
		case ArgRepr:
			d.b.WriteString(r + "!r")
		case ArgSpec:
			d.b.WriteString(r + ":" + strconv.Quote(a.Name))
		}
	}
	d.b.WriteByte(')')
}

func suffix(s string, on bool, text string) string {
	if on {
		return s + text
	}
	return s
}

var buildNames = [...]string{"list", "tuple", "set", "dict", "listcomp", "setcomp", "dictcomp", "generator"}

var opTexts = [...]string{ast.OpNone: "?", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.MatMult: "@", ast.Div: "/",
	ast.Mod: "%", ast.Pow: "**", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^", ast.BitAnd: "&",
	ast.FloorDiv: "//", ast.Invert: "~", ast.Not: "not", ast.UAdd: "+", ast.USub: "-", ast.And: "and", ast.Or: "or",
	ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
	ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in"}

// OpText is an operator as Python writes it.
func OpText(op ast.Op) string {
	if int(op) >= len(opTexts) {
		return "?"
	}
	return opTexts[op]
}

// String is the constant as Python writes it.
func (c Const) String() string {
	switch c.Kind {
	case ConstNone:
		return "None"
	case ConstBool:
		if c.Int != 0 {
			return "True"
		}
		return "False"
	case ConstInt:
		if !c.IsBig {
			return strconv.FormatInt(c.Int, 10)
		}
	case ConstStr:
		return strconv.Quote(c.Str)
	case ConstBytes:
		return "b" + strconv.Quote(c.Str)
	case ConstEllipsis:
		return "..."
	}
	return c.Str
}
