package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// This file watches which names guessable values get: random.random() is fine for a colour and not for
//
//	user.reset_token = "".join(random.choice(LETTERS) for _ in range(20))
//
// No library call tells the two apart, only the name does. What a name means is the rule's judgement.

// maxName bounds the text of a target; longer ones say nothing more.
const maxName = 80

// named records that a value gets a name, when it is guessable.
func (f *frame) named(name string, v *value.Value, node ast.NodeID) {
	if !f.record || v == nil || len(v.Taint) == 0 {
		return
	}
	var labels []value.Label
	for _, l := range v.Taint {
		if l.Origin.Kind == value.OriginSource && l.Origin.Source == models.Guessable {
			labels = append(labels, l)
		}
	}
	if len(labels) > 0 {
		f.addHit(&Hit{Kind: models.SecretName, Callee: name, Func: f.fn, Node: node, ArgNode: node, Value: v, Labels: labels, Marks: v.Marks})
	}
}

// namedItem is container[key] = v: the name is the source text, and the key where it is known.
func (f *frame) namedItem(k, v *value.Value, node ast.NodeID) {
	if !f.record || v == nil || len(v.Taint) == 0 || f.fn.Module.Source == nil {
		return
	}
	text := f.fn.Module.Source.Slice(f.fn.SpanOf(node))
	text = text[:min(len(text), maxName)]
	if s, ok := oneStr(k); ok {
		text += " " + s[:min(len(s), maxName)]
	}
	f.named(text, v, node)
}

// namedReturn is a return of the function that is called so: def make_token(): return …
func (f *frame) namedReturn(v *value.Value, node ast.NodeID) {
	if f.fn.Kind == ir.KindFunction {
		f.named(f.fn.Name, v, node)
	}
}
