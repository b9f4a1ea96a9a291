package ast

// fields writes the fields of a node in CPython's order. The kinds whose slots have that order already go by Shapes.
func (d *dumper) fields(id NodeID, n *Node) {
	f := d.f
	switch n.Kind {
	case Constant:
		d.open("value")
		d.constant(n)
	case MatchSingleton:
		d.open("value")
		d.constant(&f.Nodes[n.A])
	case FunctionDef, AsyncFunctionDef:
		d.function(id, n)
	case ClassDef:
		d.class(id, n)
	case Arguments:
		d.arguments(f.ListA(id))
	case Call:
		d.child("func", n.A)
		d.callArgs("args", f.ListB(id))
	case Compare:
		d.compare(id, n)
	case Dict:
		d.pairs("keys", "values", f.ListA(id))
	case MatchMapping:
		d.pairs("keys", "patterns", f.ListA(id))
		d.name("rest", n.B)
	case BinOp:
		d.child("left", n.A)
		d.op(n.Op)
		d.child("right", n.B)
	case AugAssign:
		d.child("target", n.A)
		d.op(n.Op)
		d.child("value", n.B)
	case UnaryOp, BoolOp:
		d.op(n.Op)
		d.shape(id, n)
	case For, AsyncFor:
		d.child("target", n.A)
		d.child("iter", n.B)
		d.list("body", f.Body(id))
		d.list("orelse", f.Orelse(id))
	case FormattedValue, Interpolation:
		d.child("value", n.A)
		d.number("conversion", conversion(n.Flag))
		d.child("format_spec", n.B)
	case Arg:
		d.name("arg", n.A)
		d.child("annotation", n.B)
	case Comprehension:
		d.shape(id, n)
		d.number("is_async", flag(n.Flag&FlagAsync))
	case AnnAssign:
		d.shape(id, n)
		d.number("simple", flag(n.Flag&FlagSimple))
	case Name, Attribute, Subscript, Starred, List, Tuple:
		d.shape(id, n)
		d.ctx(n)
	case Import, ImportFrom:
		d.shape(id, n)
		if n.Flag&FlagLazy != 0 {
			d.number("is_lazy", 1)
		}
	default:
		d.shape(id, n)
	}
}

func flag(f uint16) int {
	if f != 0 {
		return 1
	}
	return 0
}

func conversion(flag uint16) int {
	switch {
	case flag&FlagFormatStr != 0:
		return 's'
	case flag&FlagFormatRepr != 0:
		return 'r'
	case flag&FlagFormatASCII != 0:
		return 'a'
	}
	return -1
}

// shape writes the slots in the order of the node table.
func (d *dumper) shape(id NodeID, n *Node) {
	s := &Shapes[n.Kind]
	slots := [3]uint32{n.A, n.B, n.C}
	for i, field := range s.Slots {
		if field.Kind == FieldExtra {
			for j, w := range d.f.Words(ListID(slots[i])) {
				d.field(s.Extra[j], w)
			}
			continue
		}
		d.field(field, slots[i])
	}
}

func (d *dumper) field(f Field, w uint32) {
	switch f.Kind {
	case FieldNode:
		d.child(f.Name, w)
	case FieldList:
		d.list(f.Name, d.f.Words(ListID(w)))
	case FieldName:
		d.name(f.Name, w)
	case FieldNames:
		d.names(f.Name, d.f.Words(ListID(w)))
	case FieldInt:
		d.number(f.Name, int(w))
	}
}

func (d *dumper) function(id NodeID, n *Node) {
	d.name("name", n.A)
	d.child("args", n.B)
	d.list("body", d.f.Body(id))
	d.list("decorator_list", d.f.Decorators(id))
	d.child("returns", d.f.Extra(id, 2))
	d.list("type_params", d.f.ExtraList(id, 1))
}

func (d *dumper) class(id NodeID, n *Node) {
	d.name("name", n.A)
	d.callArgs("bases", d.f.ListB(id))
	d.list("body", d.f.Body(id))
	d.list("decorator_list", d.f.Decorators(id))
	d.list("type_params", d.f.ExtraList(id, 1))
}

// callArgs splits arguments in source order into positional ones and keywords.
func (d *dumper) callArgs(name string, args []uint32) {
	var positional, keywords []uint32
	for _, a := range args {
		if d.f.Nodes[a].Kind == Keyword {
			keywords = append(keywords, a)
		} else {
			positional = append(positional, a)
		}
	}
	d.list(name, positional)
	d.list("keywords", keywords)
}

func (d *dumper) compare(id NodeID, n *Node) {
	d.child("left", n.A)
	words := d.f.ListB(id)
	d.open("ops")
	var right []uint32
	for i := 0; i+1 < len(words); i += 2 {
		if i == 0 {
			d.str("[")
		} else {
			d.str(", ")
		}
		d.str(Op(words[i]).String() + "()")
		right = append(right, words[i+1])
	}
	d.str("]")
	d.list("comparators", right)
}

func (d *dumper) pairs(keys, values string, items []uint32) {
	var k, v []uint32
	for i := 0; i+1 < len(items); i += 2 {
		k, v = append(k, items[i]), append(v, items[i+1])
	}
	d.list(keys, k)
	d.list(values, v)
}

func (d *dumper) arguments(args []uint32) {
	var by [VarKeyword + 1][]uint32
	var defaults, kwDefaults []uint32
	for _, a := range args {
		n := &d.f.Nodes[a]
		k := ParamKind(n.Op)
		by[k] = append(by[k], a)
		switch {
		case k == KeywordOnly:
			kwDefaults = append(kwDefaults, n.C)
		case n.C != 0:
			defaults = append(defaults, n.C)
		}
	}
	d.list("posonlyargs", by[PosOnly])
	d.list("args", by[PosOrKeyword])
	for _, a := range by[VarArgs] {
		d.child("vararg", a)
	}
	d.list("kwonlyargs", by[KeywordOnly])
	d.list("kw_defaults", kwDefaults)
	for _, a := range by[VarKeyword] {
		d.child("kwarg", a)
	}
	d.list("defaults", defaults)
}
