package ir_test

import (
	"strings"
	"testing"

	"stopper/internal/ir"
)

func built(fill func(b *ir.Builder)) *ir.Func {
	var b ir.Builder
	b.Reset(&ir.Func{QualName: "f"})
	fill(&b)
	return b.Finish()
}

// A value that crosses blocks becomes a nameless variable, and unreachable blocks go.
func TestBuilder(t *testing.T) {
	f := built(func(b *ir.Builder) {
		x := b.NewVar("x")
		kept := b.Const(ir.Const{Kind: ir.ConstInt, Int: 1}, 0)
		yes, no, dead := b.NewBlock(), b.NewBlock(), b.NewBlock()
		b.Branch(x, yes, no, 0)
		b.StartBlock(dead)
		b.Jump(yes, 0)
		b.StartBlock(yes)
		b.Return(kept, 0)
		b.StartBlock(no)
	})
	want := "func f()\nb0:\n  v1 = const 1\n  branch x b1 b2\nb1:\n  return v1\nb2:\n  return -\n"
	if got := ir.Dump(f); got != want {
		t.Errorf("got\n%s", got)
	}
	if errs := ir.Verify(f); len(errs) > 0 {
		t.Error(errs)
	}
}

func TestVerifyFinds(t *testing.T) {
	ok := func() *ir.Func {
		return built(func(b *ir.Builder) {
			x := b.NewVar("x")
			in := ir.Make(ir.OpAttr, 0)
			in.A, in.Name = x, "a"
			b.Return(b.Value(in), 0)
		})
	}
	tests := []struct {
		spoil func(f *ir.Func)
		want  string
	}{
		{func(f *ir.Func) {}, ""},
		{func(f *ir.Func) { f.Blocks[0].Instrs[0].A = 7 }, "no register 7"},
		{func(f *ir.Func) { f.Blocks[0].Instrs[0].A = ir.NoReg }, "A is missing"},
		{func(f *ir.Func) { f.Blocks[0].Instrs[0].Name = "" }, "no name"},
		{func(f *ir.Func) { f.Blocks[0].Instrs[0].Dst = 0 }, "read before it is written"},
		{func(f *ir.Func) { f.Blocks[0].Instrs[0].Op = ir.OpReturn }, "terminator"},
		{func(f *ir.Func) { f.Blocks[0].Succs = []ir.BlockID{3} }, "no block b3"},
		{func(f *ir.Func) { f.Blocks[0].Handler = 9 }, "no block b9"},
		{func(f *ir.Func) { f.Blocks[0].Instrs[0].ArgsLen = 2 }, "outside Func.Args"},
		{func(f *ir.Func) { f.VarNames = nil }, "names"},
	}
	for i, tt := range tests {
		f := ok()
		tt.spoil(f)
		got := ""
		for _, err := range ir.Verify(f) {
			got += err.Error() + "\n"
		}
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("case %d: got %q, want %q", i, got, tt.want)
		}
	}
}
