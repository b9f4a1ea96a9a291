package flow

import (
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// Names that the program does not write out: all variables of a function at once, and attributes that a constructor makes of
// whatever it is called with.

// locals is what locals() gives in a function: its variables by name. Nil where it is something else.
func (f *frame) locals(node ast.NodeID) *value.Value {
	if f.fn.Kind != ir.KindFunction && f.fn.Kind != ir.KindLambda {
		return nil
	}
	o := &object{}
	put := func(name string, v *value.Value) {
		if name != "" && v != nil && !strings.Contains(name, "'") && len(o.cells) < maxCells {
			o.cells = append(o.cells, cell{kind: cellItem, key: strConst(name), value: v, node: node})
		}
	}
	for r, name := range f.fn.VarNames {
		put(name, f.vars[r])
	}
	for _, name := range f.info.extraNames {
		put(name, f.vars[f.info.extra[name]])
	}
	return f.alloc("dict", node, o)
}

// fillNamed puts into a new instance the attributes that its constructor makes of what it is called with, by name:
//
//	def __init__(self, **kwargs):                        def __init__(self, row):
//	    for name, v in kwargs.items():                       self.__dict__.update(row)
//	        setattr(self, name, v)
func (f *frame) fillNamed(init *value.Value, k objKey, args []arg) {
	if len(init.Objs) != 1 || init.Objs[0].Kind != value.ObjFunc || len(args) == 0 {
		return
	}
	fn := f.s.fn(init.Objs[0].Func)
	if fn == nil || len(fn.Params) < 2 || !f.s.look(fn.ID).setsNames(fn) {
		return
	}
	obj := f.heap.get(k).clone()
	put := func(name string, v *value.Value, node ast.NodeID) {
		obj.put(cell{kind: cellAttr, name: name, value: v, node: node}, false)
	}
	for _, a := range unnamed(fn.Params[1:], args) {
		if a.kind == ir.ArgKeyword {
			put(a.name, a.v, a.node)
		}
	}
	for _, a := range args {
		if a.kind == ir.ArgPos {
			for _, c := range f.itemsOf(a.v) {
				if c.key.Kind == ir.ConstStr {
					put(c.key.Str, c.value, c.node)
				}
			}
		}
	}
	f.heap.put(k, obj)
}

// setsNames: the function sets attributes of its first parameter under names that are computed.
func (info *funcInfo) setsNames(fn *ir.Func) bool {
	if info.names == 0 {
		info.names = -1
		if findsNames(info, fn) {
			info.names = 1
		}
	}
	return info.names > 0
}

func findsNames(info *funcInfo, fn *ir.Func) bool {
	self := fn.Params[0].Reg
	isSelf := func(reg ir.Reg) bool {
		for range 4 {
			if reg == self || reg < 0 || int(reg) >= len(info.defs) || info.defs[reg] == nil || info.defs[reg].Op != ir.OpCopy {
				return reg == self
			}
			reg = info.defs[reg].A
		}
		return false
	}
	for b := range fn.Blocks {
		for i := range fn.Blocks[b].Instrs {
			in := &fn.Blocks[b].Instrs[i]
			if in.Op != ir.OpCall && in.Op != ir.OpMethod || in.A < 0 || int(in.A) >= len(info.defs) || info.defs[in.A] == nil {
				continue
			}
			def, ops := info.defs[in.A], fn.ArgsOf(in)
			switch {
			case in.Op == ir.OpMethod:
				if in.Name == "update" && def.Op == ir.OpAttr && def.Name == "__dict__" && isSelf(def.A) {
					return true
				}
			case def.Op == ir.OpGlobal && def.Name == "setattr" && len(ops) == 3 && isSelf(ops[0].Reg):
				if name := info.defs[ops[1].Reg]; name == nil || name.Op != ir.OpConst {
					return true
				}
			}
		}
	}
	return false
}
