package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
)

// A check of an attribute holds where the attribute is read again, until somebody writes to it:
//
//	if not NAME.fullmatch(self.name): raise ValueError
//	open(os.path.join(FOLDER, self.name))
//
// so does one that a method of the object made: `if not item.is_valid(): abort(404)`.

// attrCheck is a check of an attribute under a condition that is looked at without being passed.
type attrCheck struct {
	key  objKey
	name string
	v    *value.Value
}

// attrFact says for which kinds an attribute of a parameter was cleared.
type attrFact struct {
	param   int32
	name    string
	cleared models.KindSet
	folder  *value.Value // in which it was found to stay, see folders.go
}

// theKey is the one object of a value whose attributes are known, beside what any instance of its class may be.
func theKey(v *value.Value) (objKey, bool) {
	var key objKey
	n := 0
	if v == nil || v.AnyObj {
		return key, false
	}
	for i := range v.Objs {
		if o := &v.Objs[i]; o.Kind == value.ObjParam || o.Kind == value.ObjInstance {
			if k, ok := keyOf(o); ok {
				key, n = k, n+1
			}
			continue
		}
		return key, false
	}
	return key, n == 1
}

// attrChecked notes that the attribute that a register was read from is now known to be v.
func (f *frame) attrChecked(reg ir.Reg, old, v *value.Value) {
	if old == nil || len(old.Taint) == 0 {
		return
	}
	if len(v.Taint) > 0 && !slices.ContainsFunc(v.Taint, func(l value.Label) bool { return l.Cleared != models.AllKinds }) {
		return // `if not self.name`: nothing is left to be harmful, and such branches are everywhere
	}
	f.attrKnown(reg, old, v)
}

// attrListed notes that the attribute that a register was read from is one of a list: `if self.kind not in KINDS: raise`.
func (f *frame) attrListed(reg ir.Reg, old, v *value.Value) {
	if old != v && len(old.Taint) > 0 && (v.IsConst || !slices.ContainsFunc(v.Taint, func(l value.Label) bool { return l.Cleared != models.AllKinds })) {
		f.attrKnown(reg, old, v)
	}
}

func (f *frame) attrKnown(reg ir.Reg, old, v *value.Value) {
	def := f.info.def(reg)
	if def == nil || def.Op != ir.OpAttr {
		return
	}
	if k, ok := theKey(f.get(def.A)); ok {
		f.setChecked(k, def.Name, old, v)
	}
}

// attrsBehind notes the same of every attribute that was read into a register.
func (f *frame) attrsBehind(old, v *value.Value) {
	if len(old.Taint) == 0 {
		return
	}
	for i := range f.temps {
		if f.temps[i] == old {
			f.attrChecked(ir.Reg(f.fn.NumVars+i), old, v)
		}
	}
}

// setChecked puts what is known of an attribute where it is read again, unless it was written to since it was read.
func (f *frame) setChecked(k objKey, name string, old, v *value.Value) {
	if f.tentative > 0 {
		f.noted = append(f.noted, attrCheck{k, name, v})
		return
	}
	obj := f.object(k)
	if c := obj.attr(name); c != nil && !isPartOf(c.value, old) || k.kind != value.ObjParam && c == nil {
		return
	}
	if k.kind != value.ObjParam {
		f.heap.put(k, obj.set(cell{kind: cellAttr, name: name, value: v}, false))
		return
	}
	f.checks = true
	// On ways that come here without the check the attribute is what it was.
	n := obj.set(cell{kind: cellAttr, name: name, value: v, checked: true}, false)
	base := obj
	if obj != nil && obj.base != nil {
		base = obj.base
	}
	n.base = base.set(cell{kind: cellAttr, name: name, value: old, checked: true}, false)
	f.heap.put(k, n)
}

func (o *object) attr(name string) *cell {
	if o == nil {
		return nil
	}
	return o.find(cellAttr, name, ir.Const{})
}

// isPartOf: every label of a is one of b.
func isPartOf(a, b *value.Value) bool {
	return !slices.ContainsFunc(a.Taint, func(l value.Label) bool {
		return !slices.ContainsFunc(b.Taint, func(m value.Label) bool { return l.Origin == m.Origin && l.Cleared == m.Cleared })
	})
}

// isChecked: on every way to here the attribute of the parameter was checked.
func (f *frame) isChecked(param *value.Obj, name string) bool {
	k, ok := keyOf(param)
	if !ok {
		return false
	}
	c := f.heap.get(k).attr(name)
	return c != nil && !c.maybe
}

// clearedAttrs are the attributes of parameters that were checked on the way to here.
func (f *frame) clearedAttrs() []attrFact {
	out := f.clearedItems(nil)
	if !f.checks && len(f.noted) == 0 {
		return out
	}
	add := func(k *objKey, name string, v *value.Value) {
		if k.kind != value.ObjParam || k.site.Func != f.fn.ID || k.path != "" || len(v.Taint) == 0 && !v.IsConst {
			return
		}
		cleared := models.AllKinds
		for i := range v.Taint {
			switch o := &v.Taint[i].Origin; {
			case o.Kind == value.OriginParam && o.Param == k.param && o.Name == name, v.Taint[i].Own != 0:
				cleared &= v.Taint[i].Cleared
			default:
				return
			}
		}
		if folder := closedFolder(v); cleared != 0 || folder != nil {
			out = append(out, attrFact{k.param, name, cleared, folder})
		}
	}
	for _, s := range f.heap.slots {
		k := f.s.keys.key(s.id)
		if k.kind != value.ObjParam || s.obj == nil || s.obj.lazy != nil {
			continue
		}
		for i := range s.obj.cells {
			if c := &s.obj.cells[i]; c.kind == cellAttr && !c.maybe && c.value != nil {
				add(k, c.name, c.value)
			}
		}
	}
	for i := range f.noted {
		add(&f.noted[i].key, f.noted[i].name, f.noted[i].v)
	}
	return out
}

// meetAttrs keeps of the facts about one truth of the result those that hold at another return too.
func (ft *facts) meetAttrs(i int, now []attrFact) {
	if !ft.seen[i] {
		ft.attrs[i] = now
		return
	}
	var out []attrFact
	for _, a := range ft.attrs[i] {
		for _, b := range now {
			if a.param != b.param || a.name != b.name {
				continue
			}
			if a.cleared &= b.cleared; !value.SameFolder(a.folder, b.folder) {
				a.folder = nil
			}
			if a.cleared != 0 || a.folder != nil {
				out = append(out, a)
			}
			break
		}
	}
	ft.attrs[i] = out
}

// clearAttrs applies what a method checked of its object.
func (f *frame) clearAttrs(o *value.Obj, known []attrFact) {
	if o.Kind != value.ObjBound || len(known) == 0 {
		return
	}
	k, ok := theKey(o.Recv)
	if !ok {
		return
	}
	for _, a := range known {
		if a.param != 0 {
			continue
		}
		old := f.plainAttr(o.Recv, k, a.name)
		if old != nil && len(old.Taint) > 0 {
			f.setChecked(k, a.name, old, value.Below(value.Clear(old, a.cleared), a.folder))
		}
	}
}

// plainAttr is an attribute as it was written, without running properties.
func (f *frame) plainAttr(v *value.Value, k objKey, name string) *value.Value {
	if c := f.object(k).attr(name); c != nil {
		return c.value
	}
	for i := range v.Objs {
		if o := &v.Objs[i]; o.Kind == value.ObjParam {
			return f.paramAttr(o, name)
		}
	}
	return nil
}

// checkedAttr is an attribute of an argument that the callee checked; nil for other values.
func (b *binding) checkedAttr(v *value.Value) *value.Value {
	if len(v.Objs) != 1 || v.Objs[0].Kind != value.ObjParam || v.Objs[0].Path == "" || v.Objs[0].Func != b.fn.ID || v.AnyObj || v.IsConst {
		return nil
	}
	o := &v.Objs[0]
	cleared := models.KindSet(0)
	for i := range v.Taint {
		switch l := &v.Taint[i]; {
		case b.drops(l):
		case l.Origin.Kind == value.OriginParam && l.Origin.Func == o.Func && l.Origin.Param == o.Param && l.Origin.Name == o.Path:
			cleared = l.Cleared
		default:
			return nil
		}
	}
	if cleared == 0 {
		return nil
	}
	return value.Clear(b.follow(b.arg(o.Param), o.Path), cleared)
}
