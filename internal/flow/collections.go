package flow

import (
	"slices"
	"strconv"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

func (f *frame) site(node ast.NodeID) value.Site { return value.Site{Func: f.fn.ID, Node: node} }

// alloc makes a collection.
func (f *frame) alloc(typ string, node ast.NodeID, o *object) *value.Value {
	obj := value.Obj{Kind: value.ObjSite, Site: f.site(node), Path: typ}
	k, _ := keyOf(&obj)
	o.typ = typ
	if f.inLoop() && f.heap.get(k) != nil {
		prev := f.heap.get(k)
		if !prev.isEmpty() {
			o = joinObjects(prev, o)
			c := o.clone()
			c.summary = true
			o = c
		}
	}
	f.heap.put(k, o)
	return value.OfTyped(obj, typ)
}

var buildTypes = [...]string{ir.BuildList: "list", ir.BuildTuple: "tuple", ir.BuildSet: "set", ir.BuildDict: "dict",
	ir.BuildListComp: "list", ir.BuildSetComp: "set", ir.BuildDictComp: "dict", ir.BuildGenerator: "generator"}

func (f *frame) build(in *ir.Instr) *value.Value {
	typ := "list"
	if int(in.Sub) < len(buildTypes) {
		typ = buildTypes[in.Sub]
	}
	args := f.fn.ArgsOf(in)
	if typ == "dict" {
		return f.alloc(typ, in.Node, f.buildDict(args))
	}
	o := &object{exact: true}
	if len(args) > 0 {
		o.elems, o.nodes = make([]*value.Value, 0, len(args)), make([]ast.NodeID, 0, len(args))
	}
	for _, a := range args {
		v := f.get(a.Reg)
		if a.Kind != ir.ArgStar {
			o.elems, o.nodes = append(o.elems, value.AsWord(v)), append(o.nodes, a.Node)
			continue
		}
		if elems, ok := f.elements(v); ok {
			o.elems = append(o.elems, elems...)
			o.nodes = append(o.nodes, make([]ast.NodeID, len(elems))...)
			continue
		}
		o.exact = false
		o.star = join(o.star, f.iterate(v, in.Node))
	}
	if len(o.elems) > maxCells {
		for _, e := range o.elems {
			o.star = join(o.star, e)
		}
		o.elems, o.nodes, o.exact = nil, nil, false
	}
	return f.alloc(typ, in.Node, o)
}

func (f *frame) buildDict(args []ir.Arg) *object {
	o := &object{}
	for i := 0; i < len(args); i++ {
		if args[i].Kind == ir.ArgStarStar {
			f.mergeDict(o, f.get(args[i].Reg))
			continue
		}
		if i+1 >= len(args) {
			break
		}
		k, v := f.get(args[i].Reg), f.get(args[i+1].Reg)
		if c, ok := oneConst(k); ok && len(o.cells) < maxCells {
			f.named(c.Str, v, args[i+1].Node)
			if old := o.find(cellItem, "", c); old != nil {
				old.value = v
			} else {
				o.cells = append(o.cells, cell{kind: cellItem, key: c, value: v, node: args[i+1].Node})
			}
		} else {
			o.putUnder(k, v)
		}
		i++
	}
	return o
}

// taintOnly is an unknown value with the taint of v; nil when v is clean.
func taintOnly(v *value.Value) *value.Value {
	if v == nil || len(v.Taint) == 0 {
		return nil
	}
	return derived(v.Marks, v)
}

// mergeDict puts the items of a mapping into a fresh object.
func (f *frame) mergeDict(o *object, v *value.Value) {
	known := false
	for i := range v.Objs {
		k, ok := keyOf(&v.Objs[i])
		src := f.object(k)
		if !ok || src == nil {
			continue
		}
		known = true
		switch src.typ {
		case "list", "tuple", "set", "generator":
			for _, e := range src.elems {
				f.mergePair(o, e, len(v.Objs) > 1)
			}
			f.mergePair(o, src.star, true)
			continue
		}
		for _, c := range src.cells {
			if c.kind == cellItem {
				o.put(c, len(v.Objs) > 1)
			}
		}
		o.putStar(src.names, src.star)
	}
	if !known || len(v.Taint) > 0 {
		o.putStar(f.keysOf(v), derived(v.Marks, v))
	}
}

// mergePair puts an element of what dict() was given, a key and a value, into a fresh object.
func (f *frame) mergePair(o *object, pair *value.Value, weak bool) {
	if pair == nil {
		return
	}
	k, v := f.loadIndex(pair, value.Int(0), 0), f.loadIndex(pair, value.Int(1), 0)
	if c, ok := oneConst(k); ok && v != nil {
		o.put(cell{kind: cellItem, key: c, value: v}, weak)
		return
	}
	o.putStar(k, join(v, taintOnly(k)))
}

// elements are the elements of a list or tuple whose positions are known.
func (f *frame) elements(v *value.Value) ([]*value.Value, bool) {
	if v == nil || len(v.Objs) != 1 || v.AnyObj {
		return nil, false
	}
	k, ok := keyOf(&v.Objs[0])
	if !ok {
		return nil, false
	}
	o := f.object(k)
	if o == nil || !o.exact || o.star != nil {
		return nil, false
	}
	return o.elems, true
}

// loadIndex is v[k].
func (f *frame) loadIndex(v, k *value.Value, node ast.NodeID) *value.Value {
	if v == nil {
		return nil
	}
	key, isConst := oneConst(k)
	var out *value.Value
	taint := v.Taint
	known := false
	for i := range v.Objs {
		o := &v.Objs[i]
		switch o.Kind {
		case value.ObjParam:
			hk, _ := keyOf(o)
			if obj := f.object(hk); obj != nil {
				if c := obj.find(cellItem, "", key); isConst && c != nil {
					if out = join(out, c.value); !c.maybe {
						continue
					}
				} else {
					out = join(out, obj.star)
				}
			}
			if name, ok := itemPath(key); ok && isConst && v.Type != "str" {
				if out = join(out, f.itemOf(v, o, name)); len(v.Objs) == 1 {
					return out
				}
				// The label of the whole is that of the item now.
				taint = withoutWhole(taint, o)
			}
			continue
		case value.ObjLibrary, value.ObjExternal:
			if r := f.libraryItem(v, o, k, node); r != nil {
				out, known = join(out, r), len(v.Objs) == 1
			}
			continue
		case value.ObjClass:
			if item := f.classItem(o, k, node); item != nil {
				out = join(out, item)
				continue
			}
		case value.ObjInstance:
			if f.holdsItems(o, "__getitem__") {
				break
			}
			if f.s.following <= maxFollowing { // a __getitem__ may read an item of what it was asked for
				out = join(out, f.callMethodOf(value.OfObj(*o), o, "__getitem__", []arg{{v: k, node: node}}, node))
			}
			continue
		}
		hk, ok := keyOf(o)
		if !ok {
			continue
		}
		obj := f.object(hk)
		if obj == nil {
			continue
		}
		obj = f.missing(hk, obj, key, isConst, node)
		item := obj.item(key, isConst)
		if !isConst {
			item = f.unseenIn(item, hk, obj)
		}
		out = join(out, f.ofAny(v, o, item))
	}
	if len(taint) > 0 && !known || out == nil {
		of := v
		if len(taint) < len(v.Taint) {
			of = &value.Value{AnyObj: true, Taint: taint, Marks: v.Marks}
		}
		d := derived(v.Marks, of)
		if isText(v) {
			d = value.Index(v, k)
		}
		out = join(out, f.nameKey(d, key, isConst, node))
	}
	return out
}

// itemPath is the element of a parameter's path for a constant key, such as "[user" or "[#0".
func itemPath(key ir.Const) (string, bool) {
	switch {
	case key.Kind == ir.ConstStr && !strings.ContainsAny(key.Str, ".*[") && len(key.Str) < 64:
		return "[" + key.Str, true
	case key.Kind == ir.ConstInt && !key.IsBig && key.Int >= 0 && key.Int < maxCells:
		return "[#" + itoa(key.Int), true
	}
	return "", false
}

// eachItem is the element of a parameter's path for what a loop over it gets.
const eachItem = "[]"

// pathItem is the key of an element of a parameter's path; false for an attribute.
func (s *solver) pathItem(name string) (*value.Value, bool) {
	if !strings.HasPrefix(name, "[") {
		return nil, false
	}
	key := s.pathItems[name]
	if key == nil {
		key = value.Str(name[1:])
		if i, err := strconv.Atoi(strings.TrimPrefix(name, "[#")); err == nil && name[1] == '#' {
			key = value.Int(int64(i))
		}
		s.pathItems[name] = key
	}
	return key, true
}

// nameKey names a source after the constant key it was read with: request.args["q"].
func (f *frame) nameKey(v *value.Value, key ir.Const, isConst bool, node ast.NodeID) *value.Value {
	if !isConst || key.Kind != ir.ConstStr || len(v.Taint) == 0 || len(key.Str) > 60 {
		return v
	}
	for i := range v.Taint {
		o := &v.Taint[i].Origin
		if o.Kind != value.OriginSource || o.Func != f.fn.ID || v.Taint[i].Trace != nil && v.Taint[i].Trace.Prev != nil ||
			o.Name == "" || o.Name[len(o.Name)-1] == ']' {
			return v
		}
	}
	return mapTaint(v, func(ls []value.Label) []value.Label {
		out := make([]value.Label, 0, len(ls))
		for _, l := range ls {
			if l.Origin.Name == "request.environ" && !isClientVariable(key.Str) {
				continue
			}
			l.Origin.Name += `["` + key.Str + `"]`
			l.Origin.Node = node
			l.Trace = value.Extend(nil, f.fn.ID, node, l.Origin.Name)
			out = append(out, l)
		}
		return value.NormalizeLabels(out)
	})
}

// isClientVariable: the client writes this variable of a WSGI environment. The others come from the server, or from what stands in
// front of the view and puts its own words there.
func isClientVariable(name string) bool {
	switch name {
	case "PATH_INFO", "QUERY_STRING", "REQUEST_URI", "RAW_URI", "REQUEST_METHOD", "CONTENT_TYPE", "CONTENT_LENGTH", "REMOTE_USER", "wsgi.input":
		return true
	}
	return strings.HasPrefix(name, "HTTP_") || strings.HasPrefix(name, "SSL_CLIENT_")
}

func (o *object) item(key ir.Const, isConst bool) *value.Value {
	if !isConst {
		return o.all()
	}
	if c := o.find(cellItem, "", o.fold(key)); c != nil {
		if o.star != nil {
			return join(c.value, o.star)
		}
		return c.value
	}
	if key.Kind == ir.ConstInt && !key.IsBig && len(o.elems) > 0 {
		i := key.Int
		if i < 0 && o.exact && o.star == nil {
			i += int64(len(o.elems))
		}
		if i >= 0 && i < int64(len(o.elems)) {
			return join(o.elems[i], o.star)
		}
		if i < 0 {
			return o.all()
		}
		if o.exact && o.star == nil {
			return nil
		}
	}
	if o.star != nil {
		return o.star
	}
	if holdsKeys(o.typ) && len(o.cells) > 0 {
		return nil
	}
	return o.all()
}

// storeIndex is v[k] = w.
func (f *frame) storeIndex(v, k, w *value.Value, in *ir.Instr) {
	key, isConst := oneConst(k)
	strong := len(v.Objs) == 1 && !v.AnyObj
	slice := f.sliceOperand(in.B)
	for i := range v.Objs {
		o := &v.Objs[i]
		if o.Kind == value.ObjLibrary || o.Kind == value.ObjParam || o.Kind == value.ObjExternal {
			f.itemEvent(v, o, k, w, in)
		}
		if o.Kind == value.ObjInstance && !f.holdsItems(o, "__setitem__") {
			f.callMethodOf(value.OfObj(*o), o, "__setitem__", []arg{{v: k}, {v: w}}, in.Node)
		}
		hk, ok := keyOf(o)
		if !ok {
			continue
		}
		obj := f.object(hk)
		if obj == nil {
			obj = &object{typ: emptyType(o), summary: o.Kind == value.ObjLibrary && o.Site.Node == 0}
		}
		at, isPosition := obj.position(k)
		switch {
		case slice != nil:
			f.heap.put(hk, obj.loosened().add(f.iterate(w, in.Node)))
		case isPosition && obj.exact:
			n := obj.clone()
			n.elems = slices.Clone(obj.elems)
			n.elems[at] = w
			if !strong || obj.summary {
				n.elems[at] = join(obj.elems[at], w)
			}
			f.heap.put(hk, n)
		case isConst:
			f.heap.put(hk, obj.set(cell{kind: cellItem, key: obj.fold(key), value: f.asSection(obj, w, in.Node), node: in.Node}, !strong))
		default:
			f.heap.put(hk, obj.under(k, w))
		}
	}
}

// iterate is one element of v.
// headerPair is what iterating over headers of the program's own yields: a name that the code wrote, and a value. nil when
// the names are not known.
func (f *frame) headerPair(v *value.Value, o *value.Obj, node ast.NodeID) *value.Value {
	k, ok := keyOf(o)
	if !ok || o.Path != "werkzeug.Headers" || len(v.Taint) > 0 {
		return nil
	}
	obj := f.object(k)
	if obj == nil || obj.star != nil || len(obj.cells) == 0 {
		return nil
	}
	var held *value.Value
	for i := range obj.cells {
		held = join(held, obj.cells[i].value)
	}
	return f.alloc("tuple", node, &object{elems: []*value.Value{obj.keys(), held}, nodes: make([]ast.NodeID, 2), exact: true})
}

func (f *frame) iterate(v *value.Value, node ast.NodeID) *value.Value {
	if v == nil {
		return nil
	}
	var out *value.Value
	taint := v.Taint
	for i := range v.Objs {
		o := &v.Objs[i]
		switch o.Kind {
		case value.ObjLibrary, value.ObjExternal:
			if pair := f.headerPair(v, o, node); pair != nil {
				out = join(out, pair)
			} else {
				out = join(out, f.libraryElem(v, o, node))
			}
			continue
		case value.ObjInstance:
			if f.holdsItems(o, "__iter__") {
				break
			}
			var it *value.Value
			if f.s.following <= 2*maxFollowing { // an __iter__ may go through the items of what it was asked for
				it = f.callMethodOf(value.OfObj(*o), o, "__iter__", nil, node)
			}
			if it != nil && !sameObjs(it, v) {
				out = join(out, f.iterate(it, node))
			} else if next := f.stepped(o, node); next != nil {
				out = join(out, next)
			}
			if elem := f.inheritedElem(o, node); it == nil && elem != nil {
				out = join(out, elem)
			}
			continue
		case value.ObjParam:
			if !isText(v) && !isNumber(v) {
				out, taint = join(out, f.itemOf(v, o, eachItem)), withoutWhole(taint, o)
			}
		}
		k, ok := keyOf(o)
		if !ok {
			continue
		}
		obj := f.object(k)
		if obj == nil {
			continue
		}
		if holdsKeys(obj.typ) {
			out = join(out, f.ofAny(v, o, obj.keys()))
			continue
		}
		if e := f.unseenIn(obj.all(), k, obj); e != nil {
			out = join(out, f.ofAny(v, o, e))
		} else {
			out = join(out, value.Unknown)
		}
	}
	if out == nil || len(taint) > 0 {
		of := v
		if len(taint) < len(v.Taint) {
			of = &value.Value{AnyObj: true, Taint: taint, Marks: v.Marks}
		}
		d := derived(v.Marks, of)
		if isText(v) {
			d = textOf(v)
		}
		out = join(out, d)
	}
	return out
}

// itemOf is an item of what a parameter holds: checked as far as the whole was.
func (f *frame) itemOf(v *value.Value, o *value.Obj, part string) *value.Value {
	r := f.paramAttr(o, part)
	if o.Param == 0 && o.Path == "" && f.isMethod() {
		return r
	}
	cleared := models.AllKinds
	for i := range v.Taint {
		if l := &v.Taint[i]; l.Origin.Kind == value.OriginParam && l.Origin.Func == o.Func && l.Origin.Param == o.Param && l.Origin.Name == o.Path {
			cleared &= l.Cleared
		}
	}
	if cleared == 0 {
		return r
	}
	return value.Clear(r, cleared)
}

// withoutWhole drops the label of a parameter of which an item is read: the item has one of its own.
func withoutWhole(taint []value.Label, o *value.Obj) []value.Label {
	return slices.DeleteFunc(slices.Clone(taint), func(l value.Label) bool {
		return l.Origin.Kind == value.OriginParam && l.Origin.Func == o.Func && l.Origin.Param == o.Param && l.Origin.Name == o.Path
	})
}

func sameObjs(a, b *value.Value) bool { return len(a.Objs) == len(b.Objs) && equal(a, b) }
