package auth002

import (
	"regexp"
	"slices"

	"stopper/internal/effects"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// callers knows by which expressions a program speaks of whoever is calling, and where it decides by that.
type callers struct {
	pass  *rule.Pass
	asks  map[ir.FuncID]*asked
	calls map[ir.FuncID]map[ast.NodeID][]ir.FuncID
	uses  map[useKey][]ast.NodeID
	seen  map[paramUse]bool
	told  map[callSite]bool
}

// callSite is a call in a function.
type callSite struct {
	fn   ir.FuncID
	node ast.NodeID
}

// asked are the nodes of one function that give an identity, and those that give a credential nobody has looked at yet.
type asked struct{ identity, credential map[ast.NodeID]bool }

// paramUse is a parameter of a function.
type paramUse struct {
	fn   ir.FuncID
	name string
}

// useKey is what the answer of usesIn depends on.
type useKey struct {
	fn    ir.FuncID
	depth int
}

func newCallers(p *rule.Pass) *callers {
	return &callers{p, map[ir.FuncID]*asked{}, map[ir.FuncID]map[ast.NodeID][]ir.FuncID{}, map[useKey][]ast.NodeID{}, map[paramUse]bool{}, map[callSite]bool{}}
}

func (c *callers) asksOf(id ir.FuncID) *asked {
	if a := c.asks[id]; a != nil {
		return a
	}
	a := &asked{map[ast.NodeID]bool{}, map[ast.NodeID]bool{}}
	for _, e := range c.pass.Project.Effects.Of(id) {
		switch {
		case e.Kind&effects.Asks == 0 || e.Func != id:
		case e.Kind&effects.Unverified != 0:
			a.credential[e.Node] = true
		default:
			a.identity[e.Node] = true
		}
	}
	c.asks[id] = a
	return a
}

// calleesAt are the functions of the program that a call may run.
func (c *callers) calleesAt(id ir.FuncID, call ast.NodeID) []ir.FuncID {
	m := c.calls[id]
	if m == nil {
		m = map[ast.NodeID][]ir.FuncID{}
		for _, e := range c.pass.Project.Flow.Callees(id) {
			m[e.Node] = append(m[e.Node], e.To)
		}
		c.calls[id] = m
	}
	return m[call]
}

// isCaller reports whether an expression is made of the identity of whoever is calling.
func (c *callers) isCaller(at rule.Place, n ast.NodeID) bool {
	return at.Derives(n, func(m ast.NodeID) bool { return c.tells(at, m) })
}

// tells: a node asks who is calling, calls what does, or has a credential looked at.
func (c *callers) tells(at rule.Place, n ast.NodeID) bool {
	a := c.asksOf(at.Func)
	if a.identity[n] {
		return true
	}
	if at.Mod.File.Kind(n) != ast.Call {
		return false
	}
	k := callSite{at.Func, n}
	yes, known := c.told[k]
	if !known {
		c.told[k] = false
		yes = c.answers(at, n, a.credential)
		c.told[k] = yes
	}
	return yes
}

// answers: what a call gives says who is calling.
func (c *callers) answers(at rule.Place, call ast.NodeID, credential map[ast.NodeID]bool) bool {
	if slices.ContainsFunc(c.calleesAt(at.Func, call), func(to ir.FuncID) bool { return effects.Has(c.pass.Project.Effects.Reach(to, 2), effects.Asks) }) {
		return true
	}
	return len(credential) > 0 && slices.ContainsFunc(at.Mod.File.ListB(call), func(arg uint32) bool {
		return at.Derives(ast.NodeID(arg), func(m ast.NodeID) bool { return credential[m] })
	})
}

// person is a class of rows, or a table, of which each stands for somebody.
var person = regexp.MustCompile(`(?i)^(app_?|auth_?)?(user|account|member|customer|person|people|profile|player|student|employee|patient|client|login)s?(_?(model|row|entity|account|table))?$`)

// says are calls that tell or turn what they are given, and decide nothing.
var says = map[string]bool{
	"info": true, "debug": true, "warning": true, "warn": true, "error": true, "exception": true, "critical": true, "log": true, "print": true,
	"flash": true, "render_template": true, "render_template_string": true, "jsonify": true, "make_response": true, "Response": true,
	"redirect": true, "url_for": true, "abort": true, "dumps": true, "len": true, "str": true, "int": true, "bool": true, "repr": true, "isinstance": true,
	"hasattr": true, "dict": true, "list": true, "tuple": true, "format": true, "login_user": true, "logout_user": true,
	"append": true, "add": true, "merge": true, "refresh": true, "ObjectId": true, "UUID": true, "join": true, "encode": true, "decode": true,
}

// plain are methods and properties of an identity that decide nothing by themselves.
var plain = map[string]bool{
	"get": true, "split": true, "strip": true, "lower": true, "upper": true, "encode": true, "decode": true, "items": true, "keys": true, "values": true,
	"get_id": true, "to_dict": true, "json": true, "format": true, "copy": true, "is_authenticated": true, "is_anonymous": true, "is_active": true,
	"_get_current_object": true, "replace": true, "pop": true, "setdefault": true, "update": true, "title": true, "startswith": true,
}

// maxUses bounds the places of one function that are told.
const maxUses = 50

// usesIn are the places of a function where it, or what it calls, decides or chooses by who is calling.
func (c *callers) usesIn(id ir.FuncID, depth int) []ast.NodeID {
	k := useKey{id, depth}
	if out, known := c.uses[k]; known {
		return out
	}
	c.uses[k] = nil
	at, ok := c.pass.PlaceIn(id, 0)
	if !ok || at.FuncKind() != ir.KindFunction {
		return nil
	}
	var out []ast.NodeID
	at.InFunction(func(n ast.NodeID) {
		if len(out) > maxUses {
			c.pass.Cut("places where one function asks for the caller", id)
			return
		}
		if c.decides(at, n, func(m ast.NodeID) bool { return c.isCaller(at, m) }, depth) {
			out = append(out, n)
		} else if depth > 0 && at.Mod.File.Kind(n) == ast.Call && slices.ContainsFunc(c.calleesAt(id, n), func(to ir.FuncID) bool { return len(c.usesIn(to, depth-1)) > 0 }) {
			out = append(out, n)
		}
	})
	c.uses[k] = out
	return out
}

// privileged in the name of a guard, a URL, a module or a condition says that whoever gets there may see what belongs to others.
var privileged = regexp.MustCompile(`(?i)admin|role|perm|owner|staff|super|scope|acl|polic|moderat|manage|internal|backoffice|can_|access|author(?:i[sz])`)

// decides: a node chooses, or lets pass, by something: it compares it, hands it to what may do so, or asks it a question.
func (c *callers) decides(at rule.Place, n ast.NodeID, is func(ast.NodeID) bool, depth int) bool {
	f := at.Mod.File
	switch f.Kind(n) {
	case ast.Compare:
		return c.compares(f, n, is)
	case ast.If, ast.While, ast.IfExp, ast.Assert:
		return privileged.MatchString(f.Text(f.SlotA(n)))
	case ast.Call:
		return c.handsOn(at, n, is, depth)
	}
	return false
}

// compares: one side is it, and another one is more than None or a truth value.
func (c *callers) compares(f *ast.File, n ast.NodeID, is func(ast.NodeID) bool) bool {
	sides := []ast.NodeID{f.SlotA(n)}
	pairs := f.ListB(n)
	if len(pairs) != 2 {
		return len(pairs) > 2
	}
	op := ast.Op(pairs[0])
	if sides = append(sides, ast.NodeID(pairs[1])); op == ast.Is || op == ast.IsNot {
		return false
	}
	for i, s := range sides {
		other := sides[1-i]
		if f.Kind(other) == ast.Constant {
			if k := f.ConstKindOf(other); k != ast.ConstStr && k != ast.ConstInt || (op == ast.In || op == ast.NotIn) && i == 1 {
				continue // "error" in answer
			}
		}
		if is(s) {
			return true
		}
	}
	return false
}

// handsOn: a call gets it and may decide by it, or it is asked itself: current_user.can(...).
func (c *callers) handsOn(at rule.Place, n ast.NodeID, is func(ast.NodeID) bool, depth int) bool {
	f := at.Mod.File
	fn := f.SlotA(n)
	name := f.IdentOf(fn)
	if f.Kind(fn) == ast.Attribute && !plain[name] && !says[name] {
		if base := f.SlotA(fn); f.Kind(base) != ast.Call && is(base) {
			return true
		}
	}
	if says[name] || c.isOfPerson(at, n) {
		return false
	}
	to := c.calleesAt(at.Func, n)
	for i, a := range f.ListB(n) {
		arg := ast.NodeID(a)
		if k := f.Kind(arg); k == ast.Keyword {
			arg = f.SlotB(arg)
		} else if k == ast.Starred {
			arg = f.SlotA(arg)
		}
		if !is(arg) {
			continue
		}
		if _, makes := at.Class(fn); makes { // stamped on a row
			continue
		}
		if plain[name] && len(to) == 0 {
			continue
		}
		if len(to) == 0 || slices.ContainsFunc(to, func(id ir.FuncID) bool { return c.decidesBy(id, c.paramAt(at, n, i, id), depth-1) }) {
			return true
		}
	}
	return false
}

// isOfPerson: a query for the row of whoever is calling chooses nothing else.
func (c *callers) isOfPerson(at rule.Place, call ast.NodeID) bool {
	q, ok := queryOf(at, call)
	if ok {
		return person.MatchString(at.Mod.File.IdentOf(q.class))
	}
	sql, ok := statementOf(at, call)
	return ok && person.MatchString(sql.table)
}

// paramAt is the parameter of a function that the argument in a position of a call goes to; "" if that is not known.
func (c *callers) paramAt(at rule.Place, call ast.NodeID, i int, to ir.FuncID) string {
	f := at.Mod.File
	arg := ast.NodeID(f.ListB(call)[i])
	switch f.Kind(arg) {
	case ast.Keyword:
		return f.IdentOf(arg)
	case ast.Starred:
		return ""
	}
	callee, ok := c.pass.PlaceIn(to, 0)
	if !ok {
		return ""
	}
	params := paramsOf(c.pass, callee)
	if len(params) > 0 && (params[0] == "self" || params[0] == "cls") {
		i++
	}
	if i >= len(params) {
		return ""
	}
	return params[i]
}

func paramsOf(p *rule.Pass, at rule.Place) []string {
	_, local := p.Project.Prog.Where(at.Func)
	node := p.Project.Prog.Info(at.Mod).Funcs[local].Node
	f := at.Mod.File
	if k := f.Kind(node); k != ast.FunctionDef && k != ast.AsyncFunctionDef {
		return nil
	}
	var out []string
	for _, a := range f.Params(node) {
		out = append(out, f.IdentOf(ast.NodeID(a)))
	}
	return out
}

// decidesBy: a function, or what it calls, decides by one of its parameters. Of a parameter that is not known it is believed.
func (c *callers) decidesBy(id ir.FuncID, param string, depth int) bool {
	at, ok := c.pass.PlaceIn(id, 0)
	if !ok || param == "" || depth < 0 {
		return true
	}
	k := paramUse{id, param}
	if known, seen := c.seen[k]; seen {
		return known
	}
	c.seen[k] = false
	is := isName(at, param)
	at.InFunction(func(n ast.NodeID) {
		if k := at.Mod.File.Kind(n); !c.seen[paramUse{id, param}] && (k == ast.Compare || k == ast.Call) && c.decides(at, n, is, depth) {
			c.seen[paramUse{id, param}] = true
		}
	})
	return c.seen[k]
}

// isName: an expression is made of a local name.
func isName(at rule.Place, name string) func(ast.NodeID) bool {
	return func(n ast.NodeID) bool {
		return at.Derives(n, func(m ast.NodeID) bool { return at.Mod.File.Kind(m) == ast.Name && at.Mod.File.IdentOf(m) == name })
	}
}

// exclusive: of two nodes of a function one stands under an if, the other one under its else.
func exclusive(at rule.Place, a, b ast.NodeID) bool {
	f, found := at.Mod.File, false
	at.InFunction(func(n ast.NodeID) {
		if f.Kind(n) == ast.If && !found {
			found = within(f, f.Body(n), a) && within(f, f.Orelse(n), b) || within(f, f.Body(n), b) && within(f, f.Orelse(n), a)
		}
	})
	return found
}

func within(f *ast.File, list []uint32, n ast.NodeID) bool {
	if len(list) == 0 {
		return false
	}
	first, last := f.Node(ast.NodeID(list[0])), f.Node(ast.NodeID(list[len(list)-1]))
	return first.Start <= f.Node(n).Start && f.Node(n).End <= last.End
}
