package flow

import (
	"testing"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// The table says what a map says, whatever was put in first.
func TestSiteTable(t *testing.T) {
	table, numbers, lasting := newSiteTable(), map[value.Site]int32{}, map[value.Site]bool{}
	site := func(i int) value.Site {
		return value.Site{Func: ir.FuncID(i % 7), Node: ast.NodeID(i / 7 % 40), Context: uint32(i / 280 << 20)}
	}
	for i := range 20_000 {
		s := site(i * i % 30_011)
		if i%3 == 0 {
			table.set(s, siteLasts)
			lasting[s] = true
		}
		if _, ok := numbers[s]; !ok && i%2 == 0 {
			numbers[s] = int32(len(numbers))
			table.set(s, uint32(numbers[s]+1)*siteKey)
		}
	}
	for i := range 40_000 {
		s := site(i)
		want, has := numbers[s]
		if got, ok := table.number(s); ok != has || ok && got != want || table.lasts(s) != lasting[s] {
			t.Fatalf("%v: number %d %v, lasts %v; want %d %v, %v", s, got, ok, table.lasts(s), want, has, lasting[s])
		}
	}
}
