package value_test

import (
	"testing"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
)

// Values made twice have one hash, wherever they stand in memory, and values of different origin have others.
func TestHash(t *testing.T) {
	values := func() []*value.Value {
		list := []*value.Value{value.Str("a"), value.None()}
		for i := range 40 {
			fn := ir.FuncID(i)
			label := value.Label{Origin: value.Origin{Kind: value.OriginParam, Func: fn, Param: 1}}
			obj := value.Obj{Kind: value.ObjSite, Site: value.Site{Func: fn, Node: 7}}
			list = append(list, value.OfObj(obj), value.Tainted("", label), value.OfSymbol(value.Obj{Kind: value.ObjParam, Func: fn}, label))
		}
		return list
	}
	first, second := values(), values()
	distinct := map[uint32]bool{}
	for i := range first {
		if a, b := first[i].Hash(), second[i].Hash(); a != b {
			t.Errorf("value %d: %d and %d", i, a, b)
		}
		distinct[first[i].Hash()] = true
	}
	if len(distinct) < len(first)*9/10 {
		t.Errorf("%d hashes of %d values", len(distinct), len(first))
	}
}
