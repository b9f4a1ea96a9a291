package flow_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"golang.org/x/tools/txtar"

	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/models"
	modeldata "stopper/models"
)

func TestDebug(t *testing.T) {
	p := os.Getenv("FLOW_ARCHIVE")
	if p == "" {
		t.Skip()
	}
	ar, _ := txtar.ParseFile(p)
	set, _ := models.Load(modeldata.Files)
	prog := parse(ar)
	r := flow.Analyze(context.Background(), prog, set, flow.Options{})
	for _, f := range r.Faults() {
		t.Errorf("%s\n%s", f, f.Stack)
	}
	for _, h := range r.Hits {
		fmt.Printf("HIT %v %s line %d\n   val %s From=%v facts=%v type=%q objs=%d any=%v\n", h.Kind, h.Callee, h.Func.Module.Source.Line(h.Func.SpanOf(h.Node).Start), h.Value.Str.String(), h.Value.From, h.Value.Facts, h.Value.Type, len(h.Value.Objs), h.Value.AnyObj)
		for _, l := range h.Labels {
			fmt.Printf("   label %s cleared=%b weak=%v marks=%b\n", l.Origin.Name, l.Cleared, l.Weak, l.Marks)
		}
	}
	for _, e := range r.Events {
		fmt.Printf("EVENT %s line %d open=%v dec=%v %v\n", e.Callee, e.Func.Module.Source.Line(e.Func.SpanOf(e.Node).Start), e.Open, e.HasDecorates, e.Decorates)
		for _, a := range e.Args.Pos {
			fmt.Printf("   arg %+v\n", a.Value)
		}
	}
	if os.Getenv("FLOW_IR") != "" {
		for id := range prog.NumFuncs() {
			fmt.Println(ir.Dump(r.Func(irID(id))))
		}
	}
}

func irID(i int) ir.FuncID { return ir.FuncID(i) }
