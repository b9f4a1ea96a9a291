package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// This file holds what the engine looks for without a library row: an instance that is filled from a mapping whose keys are
// not known, and the names that guessable values get.

// filledFrom records Model(**data): whoever writes data decides which attributes are set.
func (f *frame) filledFrom(id ir.ClassID, args []arg, node ast.NodeID) {
	for _, a := range args {
		if a.kind != ir.ArgStarStar || !f.record {
			continue
		}
		if labels := f.keyTaint(a.v); len(labels) > 0 {
			frozen := f.freezeArgs(args)
			f.addHit(&Hit{Kind: models.MassAssign, Callee: f.s.prog.Class(id).Name, Func: f.fn, Node: node, ArgNode: a.node, Value: a.v,
				Recv: value.OfObj(value.Obj{Kind: value.ObjClass, Class: id}), Args: &frozen, Labels: labels, Marks: a.v.Marks})
		}
	}
}

// massAssign records a mapping whose keys come from outside at a library's sink.
func (f *frame) massAssign(sk *models.Sink, path string, recv *value.Value, args []arg, a arg, node ast.NodeID) {
	if labels := f.keyTaint(a.v); len(labels) > 0 {
		frozen := f.freezeArgs(args)
		f.addHit(&Hit{Kind: sk.Kind, Sink: sk, Callee: path, Func: f.fn, Node: node, ArgNode: a.node, Value: a.v, Recv: recv,
			Args: &frozen, Labels: labels, Marks: a.v.Marks})
	}
}

// keyTaint is the taint of the keys of a mapping: of one that came as a whole, or was filled under keys from outside.
func (f *frame) keyTaint(v *value.Value) []value.Label {
	if v == nil {
		return nil
	}
	labels := v.Taint
	for i := range v.Objs {
		if k, ok := keyOf(&v.Objs[i]); ok {
			if o := f.object(k); o != nil && o.star != nil {
				labels = append(labels[:len(labels):len(labels)], o.star.Taint...)
			}
		}
	}
	return value.NormalizeLabels(labels)
}

// keyLabels keeps those of the instantiated labels that are about the keys of what the caller passes: create(name=text) and
// create({"name": text}) choose no names.
func (b *binding) keyLabels(symbolic, labels []value.Label) []value.Label {
	var keys []value.Label
	for i := range symbolic {
		o := &symbolic[i].Origin
		if o.Kind != value.OriginParam || !b.owns(o.Func) {
			return labels
		}
		keys = append(keys, b.f.keyTaint(b.follow(b.paramValue(o.Func, o.Param), o.Name))...)
	}
	var out []value.Label
	for _, l := range labels {
		if slices.ContainsFunc(keys, func(k value.Label) bool { return k.Origin == l.Origin }) {
			out = append(out, l)
		}
	}
	return out
}

// underKey is a value stored under a key that is not constant. Where the key is the program's own, who fills an instance
// from the mapping does not let strangers choose attributes.
func underKey(k, v *value.Value) *value.Value {
	if k != nil && len(k.Taint) == 0 {
		return value.Clear(v, models.Kinds(models.MassAssign))
	}
	return join(v, taintOnly(k))
}

// Guessable values: random.random() is fine for a colour and not for
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
