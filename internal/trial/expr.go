package trial

import (
	"slices"
	"strconv"
	"strings"

	"stopper/internal/python/ast"
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
	case ast.Await:
		return m.eval(f.SlotA(id))
	case ast.Yield, ast.YieldFrom:
		return m.yield(f, id)
	case ast.JoinedStr:
		return m.joined(f.ListA(id))
	case ast.FormattedValue:
		v := m.eval(f.SlotA(id))
		if f.SlotB(id) != 0 {
			return m.fail()
		}
		return m.text(v)
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
		if id := ast.NodeID(w); m.frame.mod.File.Kind(id) == ast.Starred {
			l.elems = append(l.elems, m.iterate(m.eval(m.frame.mod.File.SlotA(id)))...)
			continue
		}
		l.elems = append(l.elems, m.eval(ast.NodeID(w)))
	}
	m.note(l)
	return l
}

// maxSeen bounds the texts of collections that are tried as names of hosts.
const maxSeen = 32

// note remembers what a collection of the program's own holds.
func (m *machine) note(v any) {
	var elems []any
	switch v := v.(type) {
	case *list:
		elems = v.elems
	case dict:
		elems = v.keys()
	case string:
		elems = []any{v}
	}
	for _, e := range elems {
		if s, ok := e.(string); ok && len(m.seen) < maxSeen {
			m.seen = append(m.seen, s)
		}
	}
}

// yield collects what a generator gives; it runs at once.
func (m *machine) yield(f *ast.File, id ast.NodeID) any {
	v := any(none{})
	if e := f.SlotA(id); e != 0 {
		v = m.eval(e)
	}
	if m.frame.yield == nil {
		m.frame.yield = &list{}
	}
	if f.Kind(id) == ast.YieldFrom {
		m.frame.yield.elems = append(m.frame.yield.elems, m.iterate(v)...)
	} else {
		m.frame.yield.elems = append(m.frame.yield.elems, v)
	}
	return none{}
}

func (m *machine) joined(words []uint32) any {
	out, isKnown := "", true
	for _, w := range words {
		s, ok := m.eval(ast.NodeID(w)).(string)
		isKnown = isKnown && ok
		out += s
	}
	if !isKnown {
		return m.fail()
	}
	return m.bounded(out)
}

func (m *machine) bounded(s string) any {
	if len(s) > maxText {
		m.lost = true
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
	case bool:
		if v {
			return "True"
		}
		return "False"
	case ipAddr:
		return v.String()
	case ipNet:
		return v.String()
	case *address:
		return v.String()
	}
	return m.fail()
}

func (m *machine) boolOp(id ast.NodeID) any {
	f := m.frame.mod.File
	var v any
	for _, w := range f.ListA(id) {
		v = m.eval(ast.NodeID(w))
		if m.lost || m.raised {
			break
		}
		yes := m.truth(v)
		if yes == (ast.Op(f.Node(id).Op) == ast.And) {
			continue
		}
		if isVague(v) && yes {
			return unknown{isTrue: true}
		}
		if isVague(v) {
			return false
		}
		break
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
		if isVague(a) || isVague(b) {
			return m.fail() // both ways are gone when it is asked whether it is true
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
		return m.choose()
	}
	switch {
	case x < y:
		return ordered(op, -1)
	case x > y:
		return ordered(op, 1)
	}
	return ordered(op, 0)
}

// isVague: the value is not known.
func isVague(v any) bool {
	_, is := v.(unknown)
	return is
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
	case string, int64, bool, none, ipAddr, ipNet:
		switch b.(type) {
		case string, int64, bool, none, ipAddr, ipNet:
			return a == b
		case *list, *address, found, pattern, dict:
			return false
		}
	case *list, *address, found, pattern, dict:
		switch b.(type) {
		case string, int64, bool, none, ipAddr, ipNet:
			return false
		}
		l, ok := a.(*list)
		r, too := b.(*list)
		if ok && too {
			return slices.EqualFunc(l.elems, r.elems, m.equal)
		}
	case external:
		x, y := a.(external), any(b)
		if z, ok := y.(external); ok && strings.HasPrefix(x.path, "socket.") {
			return x == z
		}
	}
	return m.choose()
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
	case ipNet:
		if ip, ok := v.(ipAddr); ok {
			return box.Contains(ip.Addr)
		}
	}
	return m.choose()
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
		if box.path == "os.environ" {
			return m.raise("KeyError")
		}
		if name, ok := k.(string); ok && strings.HasSuffix(box.path, ".config") {
			return m.setting(name)
		}
		return m.field(box.path)
	case dict:
		if isVague(k) {
			return m.fail()
		}
		switch k.(type) {
		case string, int64:
		default:
			return m.fail()
		}
		if v, has := box[k]; has {
			return v
		}
		return m.raise("KeyError")
	case *list, string, *address:
	default:
		return m.fail()
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
		return m.raise("IndexError")
	}
	return elems[i]
}

func (m *machine) slice(box any, s ast.NodeID) any {
	f := m.frame.mod.File
	switch box.(type) {
	case *list, string:
	default:
		return m.fail()
	}
	elems := m.iterate(box)
	n, isKnown := int64(len(elems)), true
	bound := func(id ast.NodeID, def int64) int64 {
		if id == 0 {
			return def
		}
		i, ok := m.eval(id).(int64)
		isKnown = isKnown && ok
		if i < 0 {
			i += n
		}
		return min(max(i, 0), n)
	}
	from, to := bound(f.SlotA(s), 0), bound(f.SlotB(s), n)
	if !isKnown || f.SlotC(s) != 0 {
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
		m.lost = true
	}
}

// clause runs the one clause of a comprehension; generators are evaluated at once.
func (m *machine) clause(clauses []uint32, each func()) {
	f := m.frame.mod.File
	if len(clauses) != 1 {
		m.lost = true
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
