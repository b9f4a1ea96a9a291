package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

func join(a, b *value.Value) *value.Value { return value.Join(a, b) }
func equal(a, b *value.Value) bool        { return a == b || value.Equal(a, b) }

func strConst(s string) ir.Const { return ir.Const{Kind: ir.ConstStr, Str: s} }

// oneConst is the constant that a value must be.
func oneConst(v *value.Value) (ir.Const, bool) {
	if v != nil && v.IsConst && len(v.Consts()) == 1 {
		return v.Consts()[0], true
	}
	return ir.Const{}, false
}

// oneStr is the string that a value must be.
func oneStr(v *value.Value) (string, bool) {
	c, ok := oneConst(v)
	return c.Str, ok && c.Kind == ir.ConstStr
}

// derived is an unknown value that carries the taint of others.
func derived(marks value.Marks, vs ...*value.Value) *value.Value {
	b := blend(marks, vs)
	return b.Value()
}

func blend(marks value.Marks, vs []*value.Value) (b value.Blend) {
	for _, v := range vs {
		b.Add(v)
	}
	if marks != 0 && b.IsTainted() {
		b.Mark(marks)
	}
	return b
}

// textOf is a string of unknown text that carries taint.
func textOf(v *value.Value) *value.Value {
	return value.Tainted("str", v.Taint...)
}

// mapTaint applies fn to every label set of a value, those of skeleton holes included.
func mapTaint(v *value.Value, fn func([]value.Label) []value.Label) *value.Value {
	n := *v
	n.Taint = fn(v.Taint)
	if v.Str != nil && len(v.Taint) > 0 {
		sk := &value.Skeleton{Parts: append([]value.Part(nil), v.Str.Parts...)}
		for i := range sk.Parts {
			if len(sk.Parts[i].Taint) > 0 {
				sk.Parts[i].Taint = fn(sk.Parts[i].Taint)
			}
		}
		n.Str = sk
	}
	return &n
}

// hasParamLabel reports whether any label is symbolic.
func hasParamLabel(ls []value.Label) bool {
	for i := range ls {
		if ls[i].Origin.Kind == value.OriginParam {
			return true
		}
	}
	return false
}

// closedPart is the value without symbolic labels: what may stand in a cell that outlives the call.
func closedPart(v *value.Value) *value.Value {
	if v == nil || !hasParamLabel(v.Taint) {
		return v
	}
	return mapTaint(v, func(ls []value.Label) []value.Label {
		var out []value.Label
		for _, l := range ls {
			if l.Origin.Kind == value.OriginSource {
				out = append(out, l)
			}
		}
		return out
	})
}

func nodeKind(fn *ir.Func, n ast.NodeID) ast.Kind {
	if fn.Module == nil || fn.Module.File == nil || n == 0 {
		return ast.None
	}
	return fn.Module.File.Kind(n)
}
