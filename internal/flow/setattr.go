package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
)

// storeAttr is v.name = w.
func (f *frame) storeAttr(v *value.Value, name string, w *value.Value, in *ir.Instr) {
	strong := len(v.Objs) == 1 && !v.AnyObj
	for i := range v.Objs {
		o := &v.Objs[i]
		switch o.Kind {
		case value.ObjInstance:
			if set, ok := f.setterOf(o.Class, name); ok {
				f.callFunc(set, 0, []arg{{v: value.OfObj(*o)}, {v: w, node: in.Node}}, in.Node)
				continue
			}
			f.setInst(o.Class, name, w, f.reachOf(o))
		case value.ObjClass:
			f.setInst(o.Class, name, w, f.reachOf(o))
			f.setInst(o.Class, onClass+name, w, f.reachOf(o))
		case value.ObjModule:
			c := f.s.globalCell(f.s.moduleOf(o), name)
			f.escape(w)
			if c.write(stored(value.WithMark(closedPart(w), value.MarkGlobal))) {
				f.s.dirty(c)
			}
		case value.ObjLibrary, value.ObjExternal:
			if isRow(o) {
				f.setInst(o.Class, name, written(w), instReach{})
				continue
			}
			f.assignEvent(o, name, w, in)
			c := f.s.libAttr(f.s.libraryType(o), name)
			if f.isApplication(o) {
				f.outlive(w)
			} else {
				f.escape(w)
			}
			if c.write(f.dropParams(w)) {
				f.s.dirty(c)
			}
		case value.ObjParam:
			f.assignEvent(o, name, w, in)
		}
		if k, ok := keyOf(o); ok {
			obj := f.object(k)
			if obj == nil {
				obj = &object{summary: o.Site.Node == 0 && o.Kind != value.ObjParam}
			}
			obj = obj.set(cell{kind: cellAttr, name: name, value: w, node: in.Node}, !strong)
			if o.Kind == value.ObjInstance && f.setsItem(o.Class) {
				obj.put(cell{kind: cellItem, key: strConst(name), value: w, node: in.Node}, !strong)
			}
			f.heap.put(k, obj)
		}
	}
}

// isApplication: what is put on the object is there as long as the process, unlike what is put on g or a response.
func (f *frame) isApplication(o *value.Obj) bool {
	typ := f.s.libraryType(o)
	return typ == "flask.Flask" || typ == "flask.current_app" || f.s.set.IsSubtype(typ, "flask.Flask")
}

// accessor keeps the function that @name.setter makes of a property.
func (s *solver) accessor(property ir.FuncID, name string, args []arg) {
	if name != "setter" || len(args) != 1 {
		return
	}
	for i := range args[0].v.Objs {
		if o := &args[0].v.Objs[i]; o.Kind == value.ObjFunc {
			s.setters[property] = o.Func
		}
	}
}

// setterOf is the function behind an assignment to a property.
func (f *frame) setterOf(id ir.ClassID, name string) (ir.FuncID, bool) {
	if len(f.s.setters) == 0 {
		return 0, false
	}
	v, _ := f.s.classAttr(id, name, f.fn.ID, ir.NoClass)
	if v == nil || len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjFunc {
		return 0, false
	}
	set, ok := f.s.setters[v.Objs[0].Func]
	return set, ok
}

// isKept: what is assigned to an attribute of the object is there for other requests too.
func (f *frame) isKept(o *value.Obj) bool {
	return o.Kind == value.ObjClass && f.fn.Kind <= ir.KindLambda || o.Kind == value.ObjInstance && f.s.isProcessWide(o.Site)
}

// instReach says which objects an assignment to an attribute may have meant.
type instReach struct {
	isKept  bool // the object is there for other requests too
	isAny   bool // it may be any object of the class
	isFirst bool // a constructor fills what it makes, which is no object that was there before
}

// reachOf is what an assignment to an attribute of an object means for others of its class.
func (f *frame) reachOf(o *value.Obj) instReach {
	isAny := o.Kind == value.ObjInstance && o.Site == (value.Site{})
	return instReach{isKept: f.isKept(o), isAny: isAny, isFirst: isAny && f.fn.Class != ir.NoClass && isConstructor(f.fn.Name)}
}

func isConstructor(name string) bool {
	return name == "__init__" || name == "__post_init__" || name == "__attrs_post_init__"
}

// setInst joins a value into self.name of a class. Symbolic labels stay with the summary.
func (f *frame) setInst(id ir.ClassID, name string, w *value.Value, to instReach) {
	c := f.s.instCell(id, name)
	if f.s.isModel(id) {
		w = f.urlParts(w)
	}
	if to.isKept {
		w = stored(w)
		f.outlive(w)
	} else {
		f.escape(w)
	}
	if hasParamLabel(w.Taint) {
		f.effect(effect{class: id, name: name, v: w, isKept: to.isKept, isFirst: to.isFirst})
	}
	w = f.dropParams(w)
	if c.write(w) {
		f.s.dirty(c)
	}
	if to.isAny && !to.isFirst {
		if c := f.s.anyCell(id, name); c.write(w) {
			f.s.dirty(c)
		}
	}
}

// dropParams forgets what only the caller can give a meaning to.
func (f *frame) dropParams(v *value.Value) *value.Value {
	if v == nil {
		return nil // a field that nobody gave a value
	}
	v = closedPart(v)
	for i := range v.Objs {
		if v.Objs[i].Kind == value.ObjParam {
			n := *v
			n.Objs = nil
			for _, o := range v.Objs {
				if o.Kind != value.ObjParam {
					n.Objs = append(n.Objs, o)
				}
			}
			n.AnyObj = v.AnyObj || !areCode(n.Objs)
			return &n
		}
	}
	return v
}

// areCode: functions and classes, as the default in `self.maker = maker or Page`. Callers say what else is given.
func areCode(objs []value.Obj) bool {
	return len(objs) > 0 && !slices.ContainsFunc(objs, func(o value.Obj) bool { return o.Kind != value.ObjClass && o.Kind != value.ObjFunc })
}
