package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// What does not begin as a formula does is none:
//
//	if cell.startswith(("=", "+", "-", "@")): cell = "'" + cell
//	if cell[:1] in "=+-@": …

// formulaStarts are the characters that a spreadsheet takes for the beginning of a formula wherever it opens the file.
const formulaStarts = "=+-@"

// noFormula clears a text that a condition found not to begin with any of them.
func (f *frame) noFormula(cond *ir.Instr, truth bool) {
	of, seen := f.beginsNot(cond, truth)
	if of == ir.NoReg || strings.ContainsFunc(formulaStarts, func(r rune) bool { return !strings.ContainsRune(seen, r) }) {
		return
	}
	if v := f.get(of); v != nil && len(v.Taint) > 0 {
		f.refine(of, value.Clear(v, models.Kinds(models.CSV)))
	}
}

// beginsNot is the text of which a condition that came out as truth says that it does not begin with some characters.
func (f *frame) beginsNot(c *ir.Instr, truth bool) (ir.Reg, string) {
	switch {
	case c.Op == ir.OpMethod && c.Name == "startswith" && !truth && c.ArgsLen == 1:
		return f.textBehind(c.A), f.starts(f.get(f.fn.ArgsOf(c)[0].Reg))
	case c.Op != ir.OpCompare:
		return ir.NoReg, ""
	}
	first := f.firstOf(c.A)
	if first == ir.NoReg {
		return ir.NoReg, ""
	}
	switch op := ast.Op(c.Sub); {
	case op == ast.Eq && !truth, op == ast.NotEq && truth:
		return first, f.starts(f.get(c.B))
	case op == ast.In && !truth, op == ast.NotIn && truth:
		if s, ok := oneStr(f.get(c.B)); ok {
			return first, s // "=" in "=+-@"
		}
		return first, f.starts(f.get(c.B))
	}
	return ir.NoReg, ""
}

// maxStarts bounds the texts that a beginning is compared with.
const maxStarts = 32

// starts are the texts of one character among what a beginning is compared with: one text, or a collection of them. What does not
// begin with "=+-@" may well begin with "=".
func (f *frame) starts(v *value.Value) string {
	if v == nil {
		return ""
	}
	elems, ok := []*value.Value{v}, true
	if _, isText := oneStr(v); !isText {
		elems, ok = f.elements(v)
	}
	if len(elems) > maxStarts {
		f.s.trip(f.fn, limitTexts)
	}
	if !ok || len(elems) > maxStarts {
		return ""
	}
	var out strings.Builder
	for _, e := range elems {
		if s, ok := oneStr(e); ok && len(s) == 1 {
			out.WriteString(s)
		}
	}
	return out.String()
}

// firstOf is the text whose first character a register holds: x[0], x[:1].
func (f *frame) firstOf(reg ir.Reg) ir.Reg {
	def := f.answer(reg)
	if def == nil {
		return ir.NoReg
	}
	switch isInt := func(r ir.Reg, n int64) bool {
		c, ok := oneConst(f.get(r))
		return ok && c.Kind == ir.ConstInt && c.Int == n
	}; def.Op {
	case ir.OpIndex:
		if isInt(def.B, 0) {
			return f.textBehind(def.A)
		}
	case ir.OpSlice:
		b := f.fn.ArgsOf(def)
		if len(b) > 1 && b[1].Reg >= 0 && isInt(b[1].Reg, 1) && (b[0].Reg < 0 || isInt(b[0].Reg, 0)) && (len(b) < 3 || b[2].Reg < 0) {
			return f.textBehind(def.A)
		}
	}
	return ir.NoReg
}

// textBehind is x where a register holds x, str(x) or x.strip().
func (f *frame) textBehind(reg ir.Reg) ir.Reg {
	for range 3 {
		reg = f.variable(reg)
		if int(reg) < f.fn.NumVars || int(reg) >= len(f.info.defs) || f.info.defs[reg] == nil {
			return reg
		}
		switch def := f.info.defs[reg]; {
		case def.Op == ir.OpCall && def.ArgsLen == 1 && f.isBuiltin(def.A, "str"):
			reg = f.fn.ArgsOf(def)[0].Reg
		case def.Op == ir.OpMethod && def.ArgsLen == 0 && (def.Name == "strip" || def.Name == "lstrip"):
			reg = def.A
		default:
			return reg
		}
	}
	return reg
}

func (f *frame) isBuiltin(reg ir.Reg, name string) bool {
	v := f.get(reg)
	return v != nil && len(v.Objs) == 1 && v.Objs[0].Path == "builtins."+name
}
