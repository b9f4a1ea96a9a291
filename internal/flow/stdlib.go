package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// Types of the standard library that hold values by key: what was put in under one name does not come out under another.

// stdContainer constructs one; false for other paths.
func (f *frame) stdContainer(path string, args []arg, node ast.NodeID) (*value.Value, bool) {
	switch path {
	case "configparser.ConfigParser", "configparser.RawConfigParser", "configparser.SafeConfigParser":
		v := f.holder(configParser, node)
		for i, a := range args {
			if i == 0 && a.kind == ir.ArgPos || a.kind == ir.ArgKeyword && a.name == "defaults" {
				k, _ := keyOf(&v.Objs[0])
				o := f.heap.get(k)
				f.heap.put(k, o.set(cell{kind: cellItem, key: strConst("DEFAULT"), value: f.asSection(o, a.v, a.node), node: a.node}, false))
			}
		}
		return v, true
	case "importlib.import_module":
		v := f.importedByName(args)
		return v, v != nil
	case "threading.local", "werkzeug.local.Local", "asgiref.local.Local":
		return value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: "threading.local"}), true
	case contextVar:
		name, _ := oneStr(firstArg(args))
		return value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: contextVar, Name: name}), true
	case "io.StringIO", "io.BytesIO":
		v := f.holder(path, node)
		if len(args) > 0 {
			f.setText(&v.Objs[0], args[0].v)
		}
		return v, true
	case "collections.OrderedDict":
		return f.dictOf(args, node), true
	case "collections.defaultdict":
		v := f.dictOf(args[min(1, len(args)):], node)
		if len(args) > 0 {
			k, _ := keyOf(&v.Objs[0])
			f.heap.put(k, f.heap.get(k).set(cell{kind: cellAttr, name: "default_factory", value: args[0].v}, false))
		}
		return v, true
	case "queue.Queue", "queue.LifoQueue", "queue.PriorityQueue", "queue.SimpleQueue", "multiprocessing.Queue", "multiprocessing.SimpleQueue",
		"multiprocessing.JoinableQueue", "asyncio.Queue", "gevent.queue.Queue", "eventlet.queue.Queue", "janus.Queue":
		return f.alloc(queueType, node, &object{}), true
	case "collections.deque":
		return f.listOf("list", args[:min(1, len(args))], node), true
	case "dataclasses.field", "attr.ib", "attrs.field", "attr.field":
		return f.field(args, node), true
	case "dataclasses.replace", "attr.evolve", "attrs.evolve", "copy.replace":
		return f.replaced(firstArg(args), args, node)
	case "dataclasses.asdict", "attr.asdict", "attrs.asdict":
		return f.asDict(firstArg(args), node)
	case "heapq.heappush":
		if len(args) == 2 {
			return f.callMethod(args[0].v, "append", args[1:], node), true
		}
	case "heapq.heappop", "heapq.heapreplace", "heapq.heappushpop":
		if len(args) > 0 {
			return f.iterate(args[0].v, node), true
		}
	case "dataclasses.astuple", "attr.astuple", "attrs.astuple":
		return f.asTuple(firstArg(args), node)
	case "collections.namedtuple":
		return f.namedTuple(args, node)
	case tupleType:
		return f.makeTuple(args, node)
	case "types.MappingProxyType":
		if len(args) == 1 {
			return args[0].v, true
		}
	case "types.SimpleNamespace":
		o := &object{}
		for _, a := range args {
			if a.kind != ir.ArgKeyword {
				return nil, false
			}
			o = o.set(cell{kind: cellAttr, name: a.name, value: a.v, node: a.node}, false)
		}
		v := f.holder(path, node)
		k, _ := keyOf(&v.Objs[0])
		f.heap.put(k, o)
		return v, true
	}
	return nil, false
}

const configParser = "configparser.ConfigParser"

// holder is a library object with cells of its own.
func (f *frame) holder(typ string, node ast.NodeID) *value.Value {
	o := value.Obj{Kind: value.ObjLibrary, Path: typ, Site: f.site(node), Entry: f.s.set.Lookup(typ)}
	k, _ := keyOf(&o)
	n := &object{typ: typ}
	if old := f.heap.get(k); old != nil && f.inLoop() {
		c := old.clone()
		c.summary = true
		n = c
	}
	f.heap.put(k, n)
	return value.OfObj(o)
}

func (f *frame) dictOf(args []arg, node ast.NodeID) *value.Value {
	o := &object{}
	for _, a := range args {
		if a.kind == ir.ArgKeyword {
			o.put(cell{kind: cellItem, key: strConst(a.name), value: a.v, node: a.node}, false)
		} else {
			f.mergeDict(o, a.v)
		}
	}
	return f.alloc("dict", node, o)
}

// stdMethod is a method of such an object; false when it is none, or not one that is understood.
func (f *frame) stdMethod(o *value.Obj, name string, args []arg, node ast.NodeID) (*value.Value, bool) {
	switch o.Path {
	case configParser:
		return f.configMethod(o, name, args, node)
	case "io.StringIO", "io.BytesIO":
		return f.textBuffer(o, name, args, node)
	case pluginType:
		return f.pluginMethod(o, name, args, node)
	case contextVar:
		return f.contextMethod(o, name, args)
	}
	return nil, false
}

// fold is the key as the object compares it: options of a configuration section have no case.
func (o *object) fold(key ir.Const) ir.Const {
	if o.typ == "section" && key.Kind == ir.ConstStr {
		key.Str = strings.ToLower(key.Str)
	}
	return key
}

// asSection is what parser["name"] = {…} stores: the items under names without case.
func (f *frame) asSection(parser *object, w *value.Value, node ast.NodeID) *value.Value {
	if parser.typ != configParser || len(w.Objs) != 1 {
		return w
	}
	k, ok := keyOf(&w.Objs[0])
	src := f.object(k)
	if !ok || src == nil || src.typ != "dict" {
		return w
	}
	n := &object{typ: "section", star: src.star}
	if c := parser.find(cellItem, "", strConst("DEFAULT")); c != nil && len(c.value.Objs) == 1 {
		if dk, ok := keyOf(&c.value.Objs[0]); ok {
			if d := f.object(dk); d != nil {
				n.cells = slices.Clone(d.cells)
			}
		}
	}
	for _, c := range src.cells {
		if c.kind == cellItem {
			c.key = n.fold(c.key)
			n = n.set(c, false)
		}
	}
	return f.allocAt("section", node, 1, n)
}

// configMethod is a method of configparser.ConfigParser: sections hold options, and DEFAULT stands behind all of them.
func (f *frame) configMethod(o *value.Obj, name string, args []arg, node ast.NodeID) (*value.Value, bool) {
	k, _ := keyOf(o)
	obj := f.object(k)
	if obj == nil {
		return nil, false
	}
	pos := func(i int) *value.Value {
		if i < len(args) && args[i].kind == ir.ArgPos {
			return args[i].v
		}
		return nil
	}
	switch name {
	case "add_section":
		f.section(k, obj, pos(0), node)
		return value.None(), true
	case "set":
		if len(args) == 3 {
			f.setOption(k, obj, args, node)
			return value.None(), true
		}
	case "get", "getint", "getfloat", "getboolean":
		return f.option(obj, name, args), true
	case "read", "read_file", "readfp", "read_string":
		text := derived(0, pos(0))
		if name == "read" {
			text = value.Unknown // what stands in the operator's files
		}
		n := obj.clone()
		n.star = join(n.star, f.allocAt("section", node, 2, &object{typ: "section", star: text}))
		f.heap.put(k, n)
		return value.Unknown, true
	case "read_dict":
		for _, c := range f.itemsOf(pos(0)) {
			obj = obj.set(cell{kind: cellItem, key: c.key, value: f.asSection(obj, c.value, c.node)}, false)
		}
		f.heap.put(k, obj)
		return value.None(), true
	case "sections", "options":
		return f.alloc("list", node, &object{star: value.OfType("str")}), true
	case "items":
		if key, ok := oneConst(pos(0)); ok && len(args) == 1 {
			if sec := obj.item(key, true); sec != nil && len(sec.Objs) == 1 {
				sk, _ := keyOf(&sec.Objs[0])
				if s := f.object(sk); s != nil {
					return f.items(sk, s, node), true
				}
			}
		}
	case "has_section", "has_option":
		return value.OfType("bool"), true
	case "remove_section":
		if c, ok := oneConst(pos(0)); ok {
			f.heap.put(k, obj.withoutKey(c))
		}
		return value.OfType("bool"), true
	}
	return nil, false
}

// itemsOf are the constant items of a dict.
func (f *frame) itemsOf(v *value.Value) []cell {
	if v == nil || len(v.Objs) != 1 {
		return nil
	}
	k, ok := keyOf(&v.Objs[0])
	o := f.object(k)
	if !ok || o == nil {
		return nil
	}
	var out []cell
	for _, c := range o.cells {
		if c.kind == cellItem {
			out = append(out, c)
		}
	}
	return out
}

// section finds or makes a section.
func (f *frame) section(k objKey, parser *object, name *value.Value, node ast.NodeID) *value.Value {
	key, ok := oneConst(name)
	if !ok {
		if parser.star == nil {
			parser = parser.add(f.allocAt("section", node, 3, &object{typ: "section"}))
			f.heap.put(k, parser)
		}
		return parser.star
	}
	if c := parser.find(cellItem, "", key); c != nil {
		return c.value
	}
	v := f.allocAt("section", node, 3, &object{typ: "section"})
	f.heap.put(k, parser.set(cell{kind: cellItem, key: key, value: v, node: node}, false))
	return v
}

func (f *frame) setOption(k objKey, parser *object, args []arg, node ast.NodeID) {
	sec := f.section(k, parser, args[0].v, node)
	for i := range sec.Objs {
		sk, ok := keyOf(&sec.Objs[i])
		s := f.object(sk)
		if !ok || s == nil {
			continue
		}
		if key, isConst := oneConst(args[1].v); isConst {
			f.heap.put(sk, s.set(cell{kind: cellItem, key: s.fold(key), value: args[2].v, node: args[2].node}, len(sec.Objs) > 1))
		} else {
			f.heap.put(sk, s.add(args[2].v))
		}
	}
}

// option is parser.get(section, option, fallback=…).
func (f *frame) option(parser *object, name string, args []arg) *value.Value {
	if name != "get" {
		return value.OfType(map[string]string{"getint": "int", "getfloat": "float"}[name])
	}
	pos, kw := f.plainArgs(args)
	if len(pos) < 2 {
		return value.Unknown
	}
	out := kw["fallback"]
	section, isConst := oneConst(pos[0])
	for _, sec := range []*value.Value{parser.item(section, isConst), parser.item(strConst("DEFAULT"), true)} {
		v, sure := f.optionIn(sec, pos[1])
		if sure {
			return v
		}
		out = join(out, v)
	}
	return orUnknown(out)
}

// optionIn reads one section; sure when the option stands there on every path.
func (f *frame) optionIn(sec, option *value.Value) (v *value.Value, sure bool) {
	if sec == nil {
		return nil, false
	}
	key, isConst := oneConst(option)
	sure = len(sec.Objs) == 1
	for i := range sec.Objs {
		k, ok := keyOf(&sec.Objs[i])
		s := f.object(k)
		if !ok || s == nil {
			sure = false
			continue
		}
		c := s.find(cellItem, "", s.fold(key))
		sure = sure && isConst && c != nil && !c.maybe && s.star == nil
		if r := s.item(key, isConst); r != nil {
			v = join(v, r)
		}
	}
	return v, sure
}

// textBuffer is a method of io.StringIO: what was written comes out again.
func (f *frame) textBuffer(o *value.Obj, name string, args []arg, node ast.NodeID) (*value.Value, bool) {
	k, _ := keyOf(o)
	obj := f.object(k)
	if obj == nil {
		return nil, false
	}
	text := obj.star
	if c := obj.find(cellItem, "", strConst(textKey)); c != nil {
		text = join(c.value, text)
	}
	if text == nil {
		text = value.Str("")
	}
	switch name {
	case "write", "writelines":
		if len(args) != 1 {
			return nil, false
		}
		add := args[0].v
		if name == "writelines" {
			add = f.joinText(value.Str(""), add, node)
		}
		f.setText(o, value.Concat("str", text, add))
		return value.OfType("int"), true
	case "getvalue", "read", "readline":
		return f.note(text, node), true
	case "truncate":
		if c, ok := oneConst(firstArg(args)); ok && c.Kind == ir.ConstInt && c.Int == 0 {
			f.setText(o, value.Str(""))
		}
		return value.OfType("int"), true
	case "seek", "tell":
		return value.OfType("int"), true
	case "__enter__":
		return value.OfObj(*o), true
	}
	return nil, false
}

// textKey is the cell that holds what a text buffer holds.
const textKey = "\x00text"

func firstArg(args []arg) *value.Value {
	if len(args) == 0 {
		return nil
	}
	return args[0].v
}

func (f *frame) setText(o *value.Obj, v *value.Value) {
	k, _ := keyOf(o)
	obj := f.object(k)
	if obj == nil {
		obj = &object{}
	}
	f.heap.put(k, obj.set(cell{kind: cellItem, key: strConst(textKey), value: v}, f.inLoop()))
}

// missing is what a defaultdict makes for a key that it does not have.
func (f *frame) missing(k objKey, o *object, key ir.Const, isConst bool, node ast.NodeID) *object {
	factory := o.find(cellAttr, "default_factory", ir.Const{})
	if factory == nil {
		return o
	}
	if c := o.find(cellItem, "", key); isConst && c != nil && !c.maybe {
		return o
	}
	was := f.dead
	v := f.call(factory.value, nil, node)
	f.dead = was
	if isConst {
		o = o.set(cell{kind: cellItem, key: key, value: v, node: node}, o.find(cellItem, "", key) != nil)
	} else {
		o = o.add(v)
	}
	f.heap.put(k, o)
	return o
}
