package ast

import "stopper/internal/source"

// Node returns the node itself.
func (f *File) Node(id NodeID) *Node { return &f.Nodes[id] }

// Kind returns the class of a node; None for 0.
func (f *File) Kind(id NodeID) Kind { return f.Nodes[id].Kind }

// Span is the source range of a node, as CPython reports it.
func (f *File) Span(id NodeID) source.Span {
	n := &f.Nodes[id]
	return source.Span{Start: n.Start, End: n.End}
}

// Text is the source text of a node.
func (f *File) Text(id NodeID) string { return f.Src.Slice(f.Span(id)) }

// Words returns the raw words of a list.
func (f *File) Words(l ListID) []uint32 {
	if l == 0 {
		return nil
	}
	n := f.Lists[l]
	return f.Lists[l+1 : uint32(l)+1+n]
}

// Name is the text of a symbol.
func (f *File) Name(s Sym) string { return f.Names[s] }

// Ctx is Load, Store or Del.
func (f *File) Ctx(id NodeID) uint16 { return f.Nodes[id].Flag & ctxMask }

// SlotA, SlotB and SlotC return the raw slots as node ids; the kind's shape must say they are nodes.
func (f *File) SlotA(id NodeID) NodeID { return NodeID(f.Nodes[id].A) }
func (f *File) SlotB(id NodeID) NodeID { return NodeID(f.Nodes[id].B) }
func (f *File) SlotC(id NodeID) NodeID { return NodeID(f.Nodes[id].C) }

// ListA, ListB and ListC return the words of the raw slots; the kind's shape must say they are lists.
func (f *File) ListA(id NodeID) []uint32 { return f.Words(ListID(f.Nodes[id].A)) }
func (f *File) ListB(id NodeID) []uint32 { return f.Words(ListID(f.Nodes[id].B)) }
func (f *File) ListC(id NodeID) []uint32 { return f.Words(ListID(f.Nodes[id].C)) }

// Extra returns the i-th word of the extra list, which stands in slot C, for Try in slot B.
func (f *File) Extra(id NodeID, i int) uint32 {
	n := &f.Nodes[id]
	x := n.C
	if n.Kind == Try || n.Kind == TryStar {
		x = n.B
	}
	if x == 0 {
		return 0
	}
	return f.Lists[x+1+uint32(i)]
}

// ExtraList is the i-th word of the extra list, read as a list.
func (f *File) ExtraList(id NodeID, i int) []uint32 { return f.Words(ListID(f.Extra(id, i))) }

// IdentOf is the name of a Name, the attribute of an Attribute, the name of a definition, parameter, alias or keyword.
func (f *File) IdentOf(id NodeID) string {
	n := &f.Nodes[id]
	switch n.Kind {
	case Name, FunctionDef, AsyncFunctionDef, ClassDef, Arg, Keyword, Alias, TypeVar, TypeVarTuple, ParamSpec, MatchStar:
		return f.Names[n.A]
	case Attribute, ExceptHandler, MatchAs:
		return f.Names[n.B]
	}
	return ""
}

// Str is the decoded value of a string or bytes constant.
func (f *File) Str(id NodeID) (string, bool) {
	n := &f.Nodes[id]
	if n.Kind != Constant || ConstKind(n.Op) != ConstStr && ConstKind(n.Op) != ConstBytes {
		return "", false
	}
	return f.Strings[n.A], true
}

// ConstKindOf is the kind of a Constant.
func (f *File) ConstKindOf(id NodeID) ConstKind { return ConstKind(f.Nodes[id].Op) }

// ParamKindOf is the place of an Arg in its signature.
func (f *File) ParamKindOf(id NodeID) ParamKind { return ParamKind(f.Nodes[id].Op) }

// Params are the Arg nodes of a function or lambda, in the order in which they are written.
func (f *File) Params(fn NodeID) []uint32 {
	n := &f.Nodes[fn]
	args := n.B
	if n.Kind == Lambda {
		args = n.A
	}
	if args == 0 {
		return nil
	}
	return f.ListA(NodeID(args))
}

// Decorators, Body and Returns of a function or class; for other statements Body is the list under the header.
func (f *File) Decorators(id NodeID) []uint32 { return f.ExtraList(id, 0) }

// Body is the list of statements of a module, function, class, loop, with, if, handler or case.
func (f *File) Body(id NodeID) []uint32 {
	switch f.Nodes[id].Kind {
	case Module, Try, TryStar:
		return f.ListA(id)
	case FunctionDef, AsyncFunctionDef:
		return f.ExtraList(id, 3)
	case ClassDef:
		return f.ExtraList(id, 2)
	case For, AsyncFor:
		return f.ExtraList(id, 0)
	case While, If, With, AsyncWith:
		return f.ListB(id)
	case ExceptHandler, MatchCase:
		return f.ListC(id)
	}
	return nil
}

// Orelse is the list of statements under `else` of an if, loop or try.
func (f *File) Orelse(id NodeID) []uint32 {
	switch f.Nodes[id].Kind {
	case If, While:
		return f.ListC(id)
	case For, AsyncFor, Try, TryStar:
		return f.ExtraList(id, 1)
	}
	return nil
}

// Handlers are the ExceptHandler nodes of a try.
func (f *File) Handlers(try NodeID) []uint32 { return f.ExtraList(try, 0) }

// Finalbody is the list of statements under `finally`.
func (f *File) Finalbody(try NodeID) []uint32 { return f.ExtraList(try, 2) }

// layout is what Shapes says of a kind, in few bytes: every pass over a tree asks it for every node.
type layout struct {
	slots  [3]FieldKind
	extra  [4]FieldKind
	isLeaf bool // no slot holds nodes
}

// layouts is never written to.
var layouts = layoutsOf(&Shapes)

func layoutsOf(shapes *[NumKinds]Shape) (out [NumKinds]layout) {
	for k := range shapes {
		l := &out[k]
		l.isLeaf = true
		for i, f := range shapes[k].Slots {
			l.slots[i] = f.Kind
			l.isLeaf = l.isLeaf && f.Kind != FieldNode && f.Kind != FieldList && f.Kind != FieldPairs && f.Kind != FieldExtra
		}
		for i, f := range shapes[k].Extra {
			l.extra[i] = f.Kind
		}
	}
	return out
}

// Children calls visit for every child node in slot order.
func (f *File) Children(id NodeID, visit func(NodeID)) {
	n := &f.Nodes[id]
	l := &layouts[n.Kind]
	if l.isLeaf {
		return
	}
	f.field(l, l.slots[0], n.A, visit)
	f.field(l, l.slots[1], n.B, visit)
	f.field(l, l.slots[2], n.C, visit)
}

func (f *File) field(l *layout, k FieldKind, w uint32, visit func(NodeID)) {
	if w == 0 {
		return
	}
	switch k {
	case FieldNode:
		visit(NodeID(w))
	case FieldList:
		for _, c := range f.Words(ListID(w)) {
			if c != 0 {
				visit(NodeID(c))
			}
		}
	case FieldPairs:
		words := f.Words(ListID(w))
		for i := 1; i < len(words); i += 2 {
			visit(NodeID(words[i]))
		}
	case FieldExtra:
		for j, x := range f.Words(ListID(w)) {
			f.field(l, l.extra[j], x, visit)
		}
	}
}

// Walk visits a node and everything below it in source order of slots; visit returns whether to go below.
func (f *File) Walk(id NodeID, visit func(NodeID) bool) {
	if id == 0 || !visit(id) {
		return
	}
	n := &f.Nodes[id]
	l := &layouts[n.Kind]
	if l.isLeaf {
		return
	}
	f.walkField(l, l.slots[0], n.A, visit)
	f.walkField(l, l.slots[1], n.B, visit)
	f.walkField(l, l.slots[2], n.C, visit)
}

func (f *File) walkField(l *layout, k FieldKind, w uint32, visit func(NodeID) bool) {
	if w == 0 {
		return
	}
	switch k {
	case FieldNode:
		f.Walk(NodeID(w), visit)
	case FieldList:
		for _, c := range f.Words(ListID(w)) {
			f.Walk(NodeID(c), visit)
		}
	case FieldPairs:
		words := f.Words(ListID(w))
		for i := 1; i < len(words); i += 2 {
			f.Walk(NodeID(words[i]), visit)
		}
	case FieldExtra:
		for j, x := range f.Words(ListID(w)) {
			f.walkField(l, l.extra[j], x, visit)
		}
	}
}

// Dotted is the text of a chain of names, such as app.config.update; empty for anything else.
func (f *File) Dotted(id NodeID) string {
	size, n := 0, id
	for f.Nodes[n].Kind == Attribute {
		size += len(f.Names[f.Nodes[n].B]) + 1
		n = NodeID(f.Nodes[n].A)
	}
	if f.Nodes[n].Kind != Name {
		return ""
	}
	head := f.Names[f.Nodes[n].A]
	if size == 0 || head == "" {
		return head
	}
	size += len(head)
	out := make([]byte, size)
	copy(out, head)
	for n = id; f.Nodes[n].Kind == Attribute; n = NodeID(f.Nodes[n].A) {
		attr := f.Names[f.Nodes[n].B]
		size -= len(attr) + 1
		copy(out[size+1:], attr)
		out[size] = '.'
	}
	return string(out)
}

// DottedHead is the Name that a chain of names begins with; 0 for anything else.
func (f *File) DottedHead(id NodeID) NodeID {
	for f.Nodes[id].Kind == Attribute {
		id = NodeID(f.Nodes[id].A)
	}
	if f.Nodes[id].Kind != Name {
		return 0
	}
	return id
}

// KeywordArg is the value of a keyword argument of a call; 0 when it has none of that name.
func (f *File) KeywordArg(call NodeID, name string) NodeID {
	for _, a := range f.ListB(call) {
		if k := NodeID(a); f.Kind(k) == Keyword && f.IdentOf(k) == name {
			return f.SlotB(k)
		}
	}
	return 0
}
