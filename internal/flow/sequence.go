package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

func (f *frame) slice(in *ir.Instr) *value.Value {
	v := f.get(in.A)
	args := f.fn.ArgsOf(in)
	bound := func(i int) *value.Value {
		if i >= len(args) || args[i].Reg == ir.NoReg {
			return nil
		}
		return f.get(args[i].Reg)
	}
	if elems, ok := f.elements(v); ok {
		if lo, hi, ok := sliceBounds(bound(0), bound(1), bound(2), len(elems)); ok {
			return f.alloc(v.Objs[0].Path, in.Node, &object{elems: elems[lo:hi:hi], nodes: make([]ast.NodeID, hi-lo), exact: true})
		}
	}
	for i := range v.Objs {
		if v.Objs[i].Kind == value.ObjSite {
			return f.alloc(v.Objs[i].Path, in.Node, &object{star: f.iterate(v, in.Node)})
		}
	}
	return f.note(value.Slice(v, bound(0), bound(1), bound(2)), in.Node)
}

func sliceBounds(lo, hi, step *value.Value, n int) (int, int, bool) {
	at := func(v *value.Value, def int) (int, bool) {
		if v == nil {
			return def, true
		}
		c, ok := oneConst(v)
		if !ok || c.Kind != ir.ConstInt || c.IsBig {
			return 0, ok && c.Kind == ir.ConstNone
		}
		i := int(c.Int)
		if i < 0 {
			i += n
		}
		return min(max(i, 0), n), true
	}
	a, ok1 := at(lo, 0)
	b, ok2 := at(hi, n)
	return a, max(a, b), ok1 && ok2 && step == nil
}

// joinLists is list + list; nil when it is not one.
func (f *frame) joinLists(op ast.Op, a, b *value.Value, in *ir.Instr) *value.Value {
	if op != ast.Add && op != ast.BitOr && op != ast.Mult {
		return nil
	}
	isColl := func(v *value.Value) bool {
		for i := range v.Objs {
			if v.Objs[i].Kind == value.ObjSite {
				return true
			}
		}
		return false
	}
	if !isColl(a) && !isColl(b) {
		return nil
	}
	if op == ast.Mult {
		return f.alloc("list", in.Node, &object{star: join(f.iterateIf(a, isColl(a), in), f.iterateIf(b, isColl(b), in))})
	}
	x, ok1 := f.elements(a)
	y, ok2 := f.elements(b)
	if ok1 && ok2 && op == ast.Add && len(x)+len(y) <= maxCells {
		elems := append(append([]*value.Value(nil), x...), y...)
		return f.alloc(a.Objs[0].Path, in.Node, exactly(elems))
	}
	if op == ast.BitOr {
		o := &object{}
		f.mergeDict(o, a)
		f.mergeDict(o, b)
		return f.alloc("dict", in.Node, o)
	}
	return f.alloc("list", in.Node, &object{star: join(f.iterate(a, in.Node), f.iterate(b, in.Node))})
}

func (f *frame) iterateIf(v *value.Value, is bool, in *ir.Instr) *value.Value {
	if !is {
		return nil
	}
	return f.iterate(v, in.Node)
}

// isFillings: a tuple or dict at the right of % fills in a text, whatever is known of the text: settings.TEMPLATE % {"name": name}.
func isFillings(v *value.Value) bool {
	return v != nil && len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjSite && (v.Objs[0].Path == "tuple" || v.Objs[0].Path == "dict")
}

// percent is text % args.
func (f *frame) percent(format, arg *value.Value) *value.Value {
	if elems, ok := f.elements(arg); ok {
		shown := make([]*value.Value, len(elems))
		for i, e := range elems {
			shown[i] = f.instanceText(e)
		}
		return value.Percent(format, shown, nil)
	}
	if len(arg.Objs) == 1 && arg.Objs[0].Kind == value.ObjSite {
		k, _ := keyOf(&arg.Objs[0])
		if o := f.object(k); o != nil && o.typ == "dict" {
			keys := map[string]*value.Value{}
			for i := range o.cells {
				if o.cells[i].key.Kind == ir.ConstStr {
					keys[o.cells[i].key.Str] = o.cells[i].value
				}
			}
			return value.AddLabels(value.Percent(format, nil, keys), derived(0, f.deep(o.star)).Taint)
		}
		return value.AddLabels(value.Percent(format, nil, nil), derived(0, f.iterate(arg, 0)).Taint)
	}
	return value.Percent(format, []*value.Value{f.instanceText(arg)}, nil)
}

// instanceText is the text of an instance of the program, and any other value as it is.
func (f *frame) instanceText(v *value.Value) *value.Value {
	if v != nil && len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjInstance {
		return f.asText(v)
	}
	return v
}

func (f *frame) delete(in *ir.Instr) {
	if in.Name == "" && in.B == ir.NoReg && in.A >= 0 && int(in.A) < f.fn.NumVars {
		f.vars[in.A] = nil
		return
	}
	v := f.get(in.A)
	strong := len(v.Objs) == 1 && !v.AnyObj
	if in.B == ir.NoReg {
		f.deleteAttr(v, in.Name)
		return
	}
	slice := f.sliceOperand(in.B)
	for i := range v.Objs {
		o := &v.Objs[i]
		if o.Kind == value.ObjInstance {
			f.callMethodOf(value.OfObj(*o), o, "__delitem__", []arg{{v: f.get(in.B)}}, in.Node)
		}
		k, ok := keyOf(o)
		if !ok {
			continue
		}
		obj := f.object(k)
		switch {
		case obj == nil:
		case !strong:
			if len(obj.elems) > 0 {
				f.heap.put(k, obj.loosened())
			}
		case slice != nil:
			f.deleteSlice(k, obj, slice[0], slice[1], slice[2])
		default:
			f.deleteItem(k, obj, f.get(in.B))
		}
	}
}

// deleteAttr is del v.name.
func (f *frame) deleteAttr(v *value.Value, name string) {
	if len(v.Objs) != 1 || v.AnyObj {
		return
	}
	if k, ok := keyOf(&v.Objs[0]); ok {
		if o := f.object(k); o != nil && !o.summary && o.find(cellAttr, name, ir.Const{}) != nil {
			n := *o
			n.cells = slices.DeleteFunc(slices.Clone(o.cells), func(c cell) bool { return c.is(cellAttr, name, ir.Const{}) })
			f.heap.put(k, &n)
		}
	}
}

// sliceOperand are the bounds of a slice object that stands between brackets; nil when the operand is none. An absent bound
// is nil.
func (f *frame) sliceOperand(r ir.Reg) []*value.Value {
	if r < 0 {
		return nil
	}
	def := f.info.defs[r]
	if def == nil || def.Op != ir.OpCall || nodeKind(f.fn, def.Node) != ast.Slice {
		return nil
	}
	out := make([]*value.Value, 3)
	for i, a := range f.fn.ArgsOf(def) {
		if i >= 3 {
			break
		}
		if v := f.get(a.Reg); !v.IsConst || v.Type != "NoneType" {
			out[i] = v
		}
	}
	return out
}
