package trial

import (
	"slices"
	"strconv"
	"strings"

	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

func (m *machine) eval(id ast.NodeID) any {
	if !m.step() {
		return none{}
	}
	f := m.frame.mod.File
	switch f.Kind(id) {
	case ast.Constant:
		return m.constant(f, id)
	case ast.Name:
		return m.name(id)
	case ast.Attribute:
		return m.attribute(id)
	case ast.Call:
		return m.callExpr(id)
	case ast.BoolOp:
		return m.boolOp(id)
	case ast.UnaryOp:
		return m.unary(ast.Op(f.Node(id).Op), m.eval(f.SlotA(id)))
	case ast.BinOp:
		return m.binary(ast.Op(f.Node(id).Op), m.eval(f.SlotA(id)), m.eval(f.SlotB(id)))
	case ast.Compare:
		return m.compare(id)
	case ast.IfExp:
		if m.truth(m.eval(f.SlotA(id))) {
			return m.eval(f.SlotB(id))
		}
		return m.eval(f.SlotC(id))
	case ast.Tuple, ast.List, ast.Set:
		return m.elements(f.ListA(id))
	case ast.JoinedStr:
		return m.joined(f.ListA(id))
	case ast.FormattedValue:
		if f.SlotB(id) != 0 {
			return m.fail()
		}
		return m.text(m.eval(f.SlotA(id)))
	case ast.Subscript:
		return m.subscript(id)
	case ast.NamedExpr:
		v := m.eval(f.SlotB(id))
		m.assign(f.SlotA(id), v)
		return v
	case ast.GeneratorExp, ast.ListComp, ast.SetComp:
		out := &list{}
		m.clause(f.ListB(id), func() { out.elems = append(out.elems, m.eval(f.SlotA(id))) })
		return out
	case ast.DictComp:
		out := dict{}
		m.clause(f.ListC(id), func() { m.setKey(out, m.eval(f.SlotA(id)), m.eval(f.SlotB(id))) })
		return out
	case ast.Dict:
		out := dict{}
		for items := f.ListA(id); len(items) > 1; items = items[2:] {
			m.setKey(out, m.eval(ast.NodeID(items[0])), m.eval(ast.NodeID(items[1])))
		}
		return out
	}
	return m.fail()
}

func (m *machine) constant(f *ast.File, id ast.NodeID) any {
	switch f.ConstKindOf(id) {
	case ast.ConstNone:
		return none{}
	case ast.ConstTrue, ast.ConstFalse:
		return f.ConstKindOf(id) == ast.ConstTrue
	case ast.ConstStr, ast.ConstBytes:
		s, _ := f.Str(id)
		return s
	case ast.ConstInt:
		if n, err := strconv.ParseInt(strings.ReplaceAll(f.Text(id), "_", ""), 0, 64); err == nil {
			return n
		}
	}
	return m.fail()
}

func (m *machine) elements(words []uint32) any {
	l := &list{}
	for _, w := range words {
		l.elems = append(l.elems, m.eval(ast.NodeID(w)))
	}
	return l
}

func (m *machine) joined(words []uint32) any {
	out := ""
	for _, w := range words {
		s, _ := m.eval(ast.NodeID(w)).(string)
		out += s
	}
	return m.bounded(out)
}

func (m *machine) bounded(s string) any {
	if len(s) > maxText {
		return m.fail()
	}
	return s
}

// text is str(v).
func (m *machine) text(v any) any {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case none:
		return "None"
	}
	return m.fail()
}

// name is a local variable, or what the module makes of the name.
func (m *machine) name(id ast.NodeID) any {
	f := m.frame.mod.File
	if v, ok := m.frame.vars[f.IdentOf(id)]; ok {
		return v
	}
	return m.dotted(f.IdentOf(id))
}

// dotted is what a name leads to that is no local variable.
func (m *machine) dotted(name string) any {
	t := m.prog.ResolveIn(m.frame.mod, m.frame.scope, name)
	switch t.Kind {
	case semantic.TargetFunc:
		if t.Rest == "" {
			return function{id: t.Func}
		}
	case semantic.TargetExternal:
		return external{t.Path}
	case semantic.TargetModule:
		return external{t.Module.Name}
	case semantic.TargetVar:
		if t.Rest == "" {
			return m.variable(t)
		}
	}
	return m.fail()
}

// variable evaluates the one assignment of a module-level name.
func (m *machine) variable(t semantic.Target) any {
	f := t.Module.File
	var value ast.NodeID
	for _, s := range f.ListA(f.Root) {
		if id := ast.NodeID(s); f.Kind(id) == ast.Assign && slices.ContainsFunc(f.ListA(id), func(n uint32) bool {
			return f.Kind(ast.NodeID(n)) == ast.Name && f.IdentOf(ast.NodeID(n)) == t.Name
		}) {
			if value != 0 {
				return m.fail()
			}
			value = f.SlotB(id)
		}
	}
	if value == 0 || m.depth >= maxDepth {
		return m.fail()
	}
	up := m.frame
	m.frame, m.depth = &frame{mod: t.Module, vars: map[string]any{}}, m.depth+1
	v := m.eval(value)
	m.frame, m.depth = up, m.depth-1
	return v
}

func (m *machine) boolOp(id ast.NodeID) any {
	f := m.frame.mod.File
	var v any
	for _, w := range f.ListA(id) {
		v = m.eval(ast.NodeID(w))
		if m.lost || m.raised || m.truth(v) != (ast.Op(f.Node(id).Op) == ast.And) {
			break
		}
	}
	return v
}

func (m *machine) unary(op ast.Op, v any) any {
	if op == ast.Not {
		return !m.truth(v)
	}
	if n, ok := v.(int64); ok && op == ast.USub {
		return -n
	}
	return m.fail()
}

func (m *machine) binary(op ast.Op, a, b any) any {
	if s, ok := a.(string); ok {
		switch t := b.(type) {
		case string:
			if op == ast.Add {
				return m.bounded(s + t)
			}
		}
		if op == ast.Mod {
			return m.percent(s, b)
		}
		return m.fail()
	}
	x, isInt := a.(int64)
	y, too := b.(int64)
	if l, ok := a.(*list); ok && op == ast.Add {
		if r, ok := b.(*list); ok {
			return &list{append(slices.Clone(l.elems), r.elems...)}
		}
	}
	if !isInt || !too {
		return m.fail()
	}
	switch op {
	case ast.Add:
		return x + y
	case ast.Sub:
		return x - y
	}
	return m.fail()
}

// percent is "…%s…" % v.
func (m *machine) percent(s string, v any) any {
	args := []any{v}
	if l, ok := v.(*list); ok {
		args = l.elems
	}
	for _, a := range args {
		t, ok := m.text(a).(string)
		if !ok || !strings.Contains(s, "%s") {
			return m.fail()
		}
		s = strings.Replace(s, "%s", t, 1)
	}
	return m.bounded(s)
}

func (m *machine) compare(id ast.NodeID) any {
	f := m.frame.mod.File
	a := m.eval(f.SlotA(id))
	words := f.ListB(id)
	for i := 0; i+1 < len(words); i += 2 {
		b := m.eval(ast.NodeID(words[i+1]))
		if m.lost || m.raised {
			return none{}
		}
		if !m.holds(ast.Op(words[i]), a, b) {
			return false
		}
		a = b
	}
	return true
}

func (m *machine) holds(op ast.Op, a, b any) bool {
	switch op {
	case ast.Eq, ast.Is:
		return m.equal(a, b)
	case ast.NotEq, ast.IsNot:
		return !m.equal(a, b)
	case ast.In:
		return m.contains(b, a)
	case ast.NotIn:
		return !m.contains(b, a)
	}
	if s, ok := a.(string); ok {
		if t, ok := b.(string); ok {
			return ordered(op, strings.Compare(s, t))
		}
	}
	x, ok := a.(int64)
	y, too := b.(int64)
	if !ok || !too {
		m.fail()
		return false
	}
	switch {
	case x < y:
		return ordered(op, -1)
	case x > y:
		return ordered(op, 1)
	}
	return ordered(op, 0)
}

func ordered(op ast.Op, c int) bool {
	switch op {
	case ast.Lt:
		return c < 0
	case ast.LtE:
		return c <= 0
	case ast.Gt:
		return c > 0
	}
	return c >= 0
}

func (m *machine) equal(a, b any) bool {
	switch a.(type) {
	case string, int64, bool, none:
		switch b.(type) {
		case string, int64, bool, none:
			return a == b
		case *list, *address, found, pattern:
			return false
		}
	case *list, *address, found, pattern:
		if _, isNone := b.(none); isNone {
			return false
		}
		l, ok := a.(*list)
		r, too := b.(*list)
		if ok && too {
			return slices.EqualFunc(l.elems, r.elems, m.equal)
		}
	}
	m.fail()
	return false
}

func (m *machine) contains(box, v any) bool {
	switch box := box.(type) {
	case string:
		if s, ok := v.(string); ok {
			return strings.Contains(box, s)
		}
	case *list:
		return slices.ContainsFunc(box.elems, func(e any) bool { return m.equal(e, v) })
	case dict:
		switch v.(type) {
		case string, int64:
			_, has := box[v]
			return has
		}
	}
	m.fail()
	return false
}

func (m *machine) subscript(id ast.NodeID) any {
	f := m.frame.mod.File
	box, key := m.eval(f.SlotA(id)), f.SlotB(id)
	if f.Kind(key) == ast.Slice {
		return m.slice(box, key)
	}
	k := m.eval(key)
	if m.lost || m.raised {
		return none{}
	}
	switch box := box.(type) {
	case external:
		return m.field(box.path)
	case dict:
		if v, has := box[k]; has {
			return v
		}
		return m.raise()
	}
	i, ok := k.(int64)
	elems := m.iterate(box)
	if !ok || m.lost {
		return m.fail()
	}
	if i < 0 {
		i += int64(len(elems))
	}
	if i < 0 || i >= int64(len(elems)) {
		return m.raise()
	}
	return elems[i]
}

func (m *machine) slice(box any, s ast.NodeID) any {
	f := m.frame.mod.File
	elems := m.iterate(box)
	n := int64(len(elems))
	bound := func(id ast.NodeID, def int64) int64 {
		if id == 0 {
			return def
		}
		i, ok := m.eval(id).(int64)
		if !ok {
			m.fail()
		}
		if i < 0 {
			i += n
		}
		return min(max(i, 0), n)
	}
	from, to := bound(f.SlotA(s), 0), bound(f.SlotB(s), n)
	if m.lost || f.SlotC(s) != 0 {
		return m.fail()
	}
	elems = elems[from:max(from, to)]
	if _, isText := box.(string); !isText {
		return &list{elems}
	}
	out := ""
	for _, e := range elems {
		c, _ := e.(string)
		out += c
	}
	return out
}

// setKey puts an item into a mapping.
func (m *machine) setKey(d dict, k, v any) {
	switch k.(type) {
	case string, int64:
		d[k] = v
	default:
		m.fail()
	}
}

// clause runs the one clause of a comprehension; generators are evaluated at once.
func (m *machine) clause(clauses []uint32, each func()) {
	f := m.frame.mod.File
	if len(clauses) != 1 {
		m.fail()
		return
	}
	c := ast.NodeID(clauses[0])
next:
	for _, v := range m.iterate(m.eval(f.SlotB(c))) {
		m.assign(f.SlotA(c), v)
		for _, cond := range f.ListC(c) {
			if !m.truth(m.eval(ast.NodeID(cond))) {
				continue next
			}
		}
		if m.lost || m.raised {
			return
		}
		each()
	}
}
