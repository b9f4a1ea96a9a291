package flow

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// textMethod handles the methods of str and bytes; false when recv is no text.
func (f *frame) textMethod(recv *value.Value, name string, args []arg, node ast.NodeID) (*value.Value, bool) {
	if !isText(recv) && (len(recv.Objs) > 0 && !allParams(recv) || !value.IsStrMethod(name) || !strOnly(name)) {
		return nil, false
	}
	if name == "replace" && len(args) == 1 && strings.HasPrefix(recv.Type, "pathlib.") {
		return nil, false // moves the file
	}
	if name == "join" && len(args) == 1 {
		return f.note(f.joinText(recv, args[0].v, node), node), true
	}
	if name == "format" || name == "format_map" {
		f.formatSink(recv, name, args, node)
		return f.note(f.formatText(recv, name, args), node), true
	}
	pos, kw := f.plainArgs(args)
	if r, ok := value.StrMethod(recv, name, pos, kw); ok {
		return f.note(r, node), true
	}
	if elems, elem, ok := value.StrMethodList(recv, name, pos, kw); ok {
		if elems != nil {
			return f.alloc("list", node, exactly(elems)), true
		}
		if head, tail, ok := value.SplitOnce(recv, name, pos, kw); ok {
			return f.alloc("list", node, halves(head, tail)), true
		}
		return value.PiecesOf(f.alloc("list", node, &object{star: elem}), recv, pos), true
	}
	return nil, false
}

// halves is the list that splitting once gives. Whether it has one element or two is not known, so they are cells.
func halves(head, tail *value.Value) *object {
	at := func(i int64, v *value.Value) cell {
		return cell{kind: cellItem, key: ir.Const{Kind: ir.ConstInt, Int: i}, value: v}
	}
	return &object{cells: []cell{at(0, head), at(1, tail), at(-1, tail), at(-2, head)}}
}

// formatText is text.format(…), with what fields such as {0[key].name} read.
func (f *frame) formatText(recv *value.Value, name string, args []arg) *value.Value {
	pos, kw := f.plainArgs(args)
	if name == "format_map" && len(pos) == 1 {
		kw = map[string]*value.Value{}
		for _, c := range f.itemsOf(pos[0]) {
			if c.key.Kind == ir.ConstStr {
				kw[c.key.Str] = f.deep(c.value)
			}
		}
		pos[0] = f.deep(pos[0]) // for keys that are not known
		return value.FormatWith(recv, pos, kw, f.followField)
	}
	// What a whole field prints holds everything inside; what {0[key]} prints does not.
	plain, deepKw := make([]*value.Value, len(pos)), map[string]*value.Value{}
	inner := map[*value.Value]*value.Value{}
	for i, v := range pos {
		plain[i] = f.asText(v)
		inner[plain[i]] = v
	}
	for _, k := range slices.Sorted(maps.Keys(kw)) {
		deepKw[k] = f.asText(kw[k])
		inner[deepKw[k]] = kw[k]
	}
	return value.FormatWith(recv, plain, deepKw, func(v *value.Value, path string) *value.Value {
		return f.followField(inner[v], path)
	})
}

// followField reads [key] and .name below v, as a field of a format string does; nil when it cannot be told.
func (f *frame) followField(v *value.Value, path string) *value.Value {
	for path != "" && v != nil {
		var step string
		if path[0] == '[' {
			end := strings.IndexByte(path, ']')
			if end < 0 {
				return nil
			}
			step, path = path[1:end], path[end+1:]
			key := value.Str(step)
			if n, err := strconv.Atoi(step); err == nil && n >= 0 {
				key = value.Int(int64(n))
			}
			v = f.loadIndex(v, key, 0)
			continue
		}
		step = path[1:]
		if end := strings.IndexAny(step, ".["); end >= 0 {
			step, path = step[:end], step[end:]
		} else {
			path = ""
		}
		if step == "" {
			return nil
		}
		v = f.loadAttr(v, step, 0)
	}
	return f.deep(v)
}

// formatSink: who chooses the format string reads the attributes of every argument.
func (f *frame) formatSink(recv *value.Value, name string, args []arg, node ast.NodeID) {
	if f.record && len(recv.Taint) > 0 {
		frozen := f.freezeArgs(args)
		f.addHit(&Hit{Kind: models.Format, Sink: f.s.formatSink, Callee: "str." + name, Func: f.fn, Node: node, ArgNode: node,
			Value: recv, Args: &frozen, Labels: recv.Taint, Marks: recv.Marks})
	}
}

// strOnly are the names that no other common type has.
func strOnly(name string) bool {
	switch name {
	case "get", "pop", "update", "add", "append", "index", "count", "copy", "items", "keys", "values":
		return false
	}
	return true
}

func allParams(v *value.Value) bool {
	for i := range v.Objs {
		if v.Objs[i].Kind != value.ObjParam {
			return false
		}
	}
	return true
}

func (f *frame) joinText(sep, list *value.Value, node ast.NodeID) *value.Value {
	if elems, ok := f.elements(list); ok {
		return value.JoinElems(sep, elems)
	}
	return value.JoinMany(sep, f.iterate(list, node))
}

// plainArgs separates positional and keyword arguments; what stands behind stars is one more positional argument.
func (f *frame) plainArgs(args []arg) ([]*value.Value, map[string]*value.Value) {
	var pos []*value.Value
	var kw map[string]*value.Value
	for i := range args {
		switch args[i].kind {
		case ir.ArgKeyword:
			if kw == nil {
				kw = map[string]*value.Value{}
			}
			kw[args[i].name] = args[i].v
		case ir.ArgPos:
			pos = append(pos, args[i].v)
		default:
			pos = append(pos, f.iterate(args[i].v, args[i].node))
		}
	}
	return pos, kw
}

// asText is what str() and formatting see of a value: everything that its collections hold, and what the methods of its
// class return.
func (f *frame) asText(v *value.Value) *value.Value {
	if v == nil {
		return nil
	}
	var out *value.Value
	told := 0
	for i := range v.Objs {
		o := &v.Objs[i]
		if m := f.messageOf(o); m != nil {
			out = join(out, f.deep(m))
			told++
			continue
		}
		if o.Kind != value.ObjInstance {
			continue
		}
		for _, name := range [...]string{"__format__", "__str__", "__repr__"} {
			if m, _ := f.s.classAttr(o.Class, name, f.fn.ID, ir.NoClass); m != nil && f.s.following == 0 {
				out = join(out, f.callMethodOf(value.OfObj(*o), o, name, nil, 0))
				told++
				break
			}
		}
	}
	if told == len(v.Objs) && !v.AnyObj && out != nil && !v.Loose {
		return value.AddLabels(out, v.Taint)
	}
	return join(f.deep(v), out)
}

// The alphabets of module string.
const (
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)
