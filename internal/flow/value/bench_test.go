package value

import (
	"testing"

	"stopper/internal/ir"
)

func benchLabels(n int, fn ir.FuncID) []Label {
	ls := make([]Label, n)
	for i := range ls {
		ls[i] = Label{Origin: Origin{Func: fn, Param: int32(i)}}
	}
	return ls
}

func BenchmarkJoinTaint(b *testing.B) {
	v, w := Tainted("", benchLabels(4, 1)...), Tainted("", benchLabels(4, 2)...)
	b.ReportAllocs()
	for b.Loop() {
		Join(v, w)
	}
}

func BenchmarkNormalizeLabels(b *testing.B) {
	ls := append(benchLabels(5, 2), benchLabels(5, 1)...)
	b.ReportAllocs()
	for b.Loop() {
		NormalizeLabels(ls)
	}
}
