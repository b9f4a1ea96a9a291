package value

import (
	"slices"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// Blend puts together an unknown value that carries the taint and the marks of others. Values are immutable, so that making
// one step by step would copy its labels at every step; here they are copied once.
type Blend struct {
	labels []Label
	isOwn  bool // labels belong to nobody else yet
	marks  Marks
}

// Add takes over the labels and marks of a value.
func (b *Blend) Add(v *Value) {
	if v == nil {
		return
	}
	if len(v.Taint) > 0 {
		b.add(v.Taint)
	}
	if v.Marks != 0 {
		b.Mark(v.Marks)
	}
}

func (b *Blend) add(ls []Label) {
	if len(b.labels) == 0 {
		b.labels, b.isOwn = ls, false
		return
	}
	out, over := joinLabels(b.labels, ls)
	switch {
	case over:
		b.marks |= MarkWidened
	case equalLabels(out, b.labels):
		return
	}
	b.labels, b.isOwn = out, &out[0] != &ls[0]
}

// IsTainted reports whether there is any label.
func (b *Blend) IsTainted() bool { return len(b.labels) > 0 }

// Mark adds marks, to all labels so far as well.
func (b *Blend) Mark(m Marks) {
	b.marks |= m
	for i := range b.labels {
		if b.labels[i].Marks&m != m {
			b.own()
			b.labels[i].Marks |= m
		}
	}
}

// Step adds a step to the trace of every label.
func (b *Blend) Step(fn ir.FuncID, node ast.NodeID, note string) {
	if len(b.labels) == 0 || !wantsStep(b.labels, fn, node) {
		return
	}
	b.own()
	for i := range b.labels {
		b.labels[i].Trace = Extend(b.labels[i].Trace, fn, node, note)
	}
}

func (b *Blend) own() {
	if !b.isOwn {
		b.labels, b.isOwn = slices.Clone(b.labels), true
	}
}

// Value is the result; nothing may be added afterwards.
func (b *Blend) Value() *Value {
	if len(b.labels) == 0 && b.marks == 0 {
		return Unknown
	}
	return &Value{AnyObj: true, Taint: b.labels[:len(b.labels):len(b.labels)], Marks: b.marks}
}
