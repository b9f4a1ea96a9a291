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

// What the fields and validators of schema libraries leave of a value that passes them. A call that makes one keeps its arguments,
// so that they are there when a value comes:
//
//	slug = fields.Str(validate=[Length(max=20), must_be_slug])
//	slug = StringField(validators=[Regexp(r"[a-z]+\Z")])
//
// Functions among them are those of the program: they are called with the value, and what holds of it because they returned is known.

const (
	// maxSpec bounds fields in fields and validators in validators.
	maxSpec = 6
	// maxAsked bounds the fields and validators that one loading asks: schemas that hold each other may have any number of them.
	maxAsked = 1024
)

// specArg is the cell of an argument of the call that made a field.
func specArg(pos int, name string) string {
	if name != "" {
		return "=" + name
	}
	return "#" + strconv.Itoa(pos)
}

// specified is what a call that makes a field or a validator gives: an object that keeps the arguments. A method adds the field
// to its object: parser.add_argument("kind", choices=KINDS).
func (f *frame) specified(e *models.Entry, recv *value.Value, args []arg, node ast.NodeID) *value.Value {
	if recv == nil && e.IsType && e.Returns != "" {
		return f.keepArgs(e.Returns, args, node)
	}
	v := f.keepArgs(e.Path, args, node)
	if recv == nil || !e.ReturnsSelf {
		return v
	}
	if len(args) == 0 || len(recv.Objs) != 1 {
		return recv
	}
	name, ok := oneStr(args[0].v)
	if !ok && f.isSpec(args[0].v) {
		v = args[0].v
		if kept := f.specArgs(&v.Objs[0]); len(kept) > 0 {
			name, ok = oneStr(kept[0].v)
		}
	}
	k, isKnown := keyOf(&recv.Objs[0])
	if !ok || !isKnown {
		return recv
	}
	obj := f.object(k)
	if obj == nil {
		obj = &object{}
	}
	f.heap.put(k, obj.set(cell{kind: cellItem, key: strConst(f.fieldNamed(strings.TrimLeft(name, "-"), v).name), value: v, node: node}, false))
	return recv
}

func (f *frame) keepArgs(typ string, args []arg, node ast.NodeID) *value.Value {
	v := f.holder(typ, node)
	k, _ := keyOf(&v.Objs[0])
	f.heap.put(k, withArgs(f.heap.get(k), args))
	return v
}

// withArgs keeps the arguments of a call in an object.
func withArgs(o *object, args []arg) *object {
	pos := 0
	for _, a := range args {
		switch a.kind {
		case ir.ArgPos:
			o = o.set(cell{kind: cellAttr, name: specArg(pos, ""), value: a.v, node: a.node}, false)
			pos++
		case ir.ArgKeyword:
			o = o.set(cell{kind: cellAttr, name: specArg(0, a.name), value: a.v, node: a.node}, false)
		}
	}
	return o
}

// specArgs are the arguments that an object keeps.
func (f *frame) specArgs(o *value.Obj) []arg {
	k, ok := keyOf(o)
	if !ok {
		return nil
	}
	obj := f.object(k)
	if obj == nil {
		return nil
	}
	var pos, kw []arg
	for i := range obj.cells {
		switch c := &obj.cells[i]; {
		case c.kind != cellAttr || c.name == "":
		case c.name[0] == '#':
			pos = append(pos, arg{v: c.value, node: c.node})
		case c.name[0] == '=':
			kw = append(kw, arg{kind: ir.ArgKeyword, name: c.name[1:], v: c.value, node: c.node})
		case o.Kind == value.ObjInstance: // of a class of the program without a constructor of its own
			kw = append(kw, arg{kind: ir.ArgKeyword, name: c.name, v: c.value, node: c.node})
		}
	}
	return append(pos, kw...)
}

// checksOf are the rows about the class of a field or validator, its own and those of its bases.
func (f *frame) checksOf(o *value.Obj) []models.Check {
	var types []string
	switch o.Kind {
	case value.ObjLibrary, value.ObjExternal:
		types = f.s.set.Line(o.Path)
	case value.ObjInstance, value.ObjClass:
		types = f.s.externalBases(o.Class)
	}
	var out []models.Check
	for _, t := range types {
		if e := f.s.set.Lookup(t); e != nil {
			out = append(out, e.Checks...)
		}
	}
	return out
}

// isSpec: a value is a field or validator that the rows know.
func (f *frame) isSpec(v *value.Value) bool {
	if v == nil || len(v.Objs) != 1 {
		return false
	}
	return len(f.checksOf(&v.Objs[0])) > 0
}

// asking is a value on its way through validators.
type asking struct {
	*frame
	form    *value.Value // that the field is in, for validators that are given both
	asks    models.Asks
	node    ast.NodeID
	context uint32
	depth   int
	left    *int // of maxAsked
}

func (f *frame) asking(node ast.NodeID) asking {
	left := maxAsked
	return asking{frame: f, node: node, left: &left}
}

// mayAsk counts what is asked of one value, up to a depth.
func (a asking) mayAsk(depth int) bool {
	if *a.left--; *a.left < 0 || a.depth > depth {
		a.s.trip(a.fn, limitFields)
		return false
	}
	return true
}

// pass is v after it passed a field or validator. Where it may be several, v is what any of them leaves.
func (a asking) pass(spec, v *value.Value) *value.Value {
	if a.depth++; spec == nil || v == nil || len(v.Taint) == 0 || spec.AnyObj || len(spec.Objs) == 0 || !a.mayAsk(maxSpec) {
		return v
	}
	var out *value.Value
	for i := range spec.Objs {
		out = join(out, a.passOne(&spec.Objs[i], v))
	}
	return out
}

func (a asking) passOne(o *value.Obj, v *value.Value) *value.Value {
	switch o.Kind {
	case value.ObjSite:
		elems, ok := a.elements(value.OfObj(*o))
		for _, e := range elems {
			if ok {
				v = a.pass(e, v)
			}
		}
		return v
	case value.ObjFunc, value.ObjBound:
		return a.asked(o, v)
	case value.ObjLibrary, value.ObjExternal, value.ObjInstance, value.ObjClass:
		return a.byRows(o, v)
	}
	return v
}

// byRows applies what the rows say of a field or validator, and of an object of the program what it does when it is called.
func (a asking) byRows(o *value.Obj, v *value.Value) *value.Value {
	checks := a.checksOf(o)
	if (o.Kind == value.ObjInstance || o.Kind == value.ObjClass) && a.readsItself(o.Class) {
		for i := range checks {
			checks[i].Kinds = 0
		}
	}
	v = a.rows(checks, a.specArgs(o), v)
	if o.Kind == value.ObjInstance {
		if m, _ := a.s.classAttr(o.Class, "__call__", a.fn.ID, ir.NoClass); m != nil && len(m.Objs) == 1 && m.Objs[0].Kind == value.ObjFunc {
			return a.asked(&value.Obj{Kind: value.ObjBound, Func: m.Objs[0].Func, Recv: value.OfObj(*o)}, v)
		}
	}
	return v
}

// rows applies checks that were made with certain arguments.
func (a asking) rows(checks []models.Check, args []arg, v *value.Value) *value.Value {
	for i := range checks {
		c := &checks[i]
		if !a.condsHold(c.Conds, args) {
			continue
		}
		v = value.Clear(v, c.Kinds)
		for _, p := range a.selectArgs(c.Pattern, nil, args) {
			v = a.matching(v, p.v, c.By)
		}
		b := a
		b.asks = c.Asks
		for _, in := range a.selectArgs(c.Inner, nil, args) {
			v = b.pass(in.v, v)
		}
		v = b.ofParts(c, args, v)
		for _, m := range a.selectArgs(c.Makes, nil, args) {
			v = b.made(m.v, v)
		}
		for _, s := range a.selectArgs(c.Schema, nil, args) {
			v = b.nested(s.v, v, args)
		}
	}
	return v
}

// ofParts is a list or dict whose elements, keys or values passed what the row says of them.
func (a asking) ofParts(c *models.Check, args []arg, v *value.Value) *value.Value {
	for _, e := range a.selectArgs(c.Each, nil, args) {
		v = a.listOf(v, func(b asking, elem *value.Value) *value.Value { return b.pass(e.v, elem) })
	}
	keys, values := a.selectArgs(c.Keys, nil, args), a.selectArgs(c.Values, nil, args)
	if len(keys)+len(values) == 0 {
		return v
	}
	through := func(specs []arg) func(asking, *value.Value) *value.Value {
		return func(b asking, v *value.Value) *value.Value {
			for _, s := range specs {
				v = b.pass(s.v, v)
			}
			return v
		}
	}
	return a.dictOf(v, through(keys), through(values))
}

// listOf is a list of what passed of the elements of a value.
func (a asking) listOf(v *value.Value, pass func(asking, *value.Value) *value.Value) *value.Value {
	b := a.below()
	elem := pass(b, a.iterate(v, a.node))
	return a.allocAt("list", a.node, b.context+1, &object{typ: "list", star: elem})
}

// dictOf is a dict of what passed of the keys and values of one.
func (a asking) dictOf(v *value.Value, keys, values func(asking, *value.Value) *value.Value) *value.Value {
	b := a.below()
	o := &object{typ: "dict"}
	o.putStar(keys(b, a.iterate(v, a.node)), values(b, a.loadIndex(v, value.Unknown, a.node)))
	return a.allocAt("dict", a.node, b.context+1, o)
}

// below is the same with a place of its own for what is made.
func (a asking) below() asking {
	a.context = a.context*31 + uint32(a.depth) + 7
	return a
}

// readsItself: a field of the program's own says by its methods what comes out of it.
func (f *frame) readsItself(id ir.ClassID) bool {
	for _, name := range [...]string{"_deserialize", "deserialize", "process_formdata", "process_data"} {
		if m, _ := f.s.classAttr(id, name, f.fn.ID, ir.NoClass); m != nil {
			return true
		}
	}
	return false
}

// asked is v after a function of the program was asked about it: it raises, or returns False, when it does not like it.
func (a asking) asked(o *value.Obj, v *value.Value) *value.Value {
	if a.asks == models.AsksField {
		return a.askedOfField(o, []arg{{v: orUnknown(a.form), node: a.node}}, v)
	}
	a.run(o, []arg{{v: v, node: a.node}})
	st := &a.s.funcs[o.Func]
	i := 0
	if o.Kind == value.ObjBound {
		i = 1
	}
	if st.sum == nil || st.status != done {
		return v
	}
	ft := &st.sum.facts
	set, weak := ft.held(a.asks == models.AsksTruth && !a.s.answersIgnored() && answers(st.sum))
	if i < len(set) {
		v = value.Clear(v, set[i])
	}
	if i < len(weak) {
		for _, w := range weak[i] {
			v = value.Checked(v, w)
		}
	}
	return v
}

// askedOfField is asked for functions that are given the field, behind other arguments, and whose answer nobody looks at.
func (a asking) askedOfField(o *value.Obj, before []arg, v *value.Value) *value.Value {
	field := a.holder("wtforms.Field", a.node)
	obj := &field.Objs[0]
	obj.Site.Context = a.context*31 + uint32(a.depth) + 1
	k, _ := keyOf(obj)
	a.heap.put(k, (*object)(nil).set(cell{kind: cellAttr, name: "data", value: v}, false))
	a.run(o, append(before, arg{v: field, node: a.node}))
	if after := a.object(k).attr("data"); after != nil && after.value != v { // field.data = field.data.strip()
		v = after.value
	}
	st := &a.s.funcs[o.Func]
	if st.sum == nil || st.status != done {
		return v
	}
	i := int32(len(before))
	if o.Kind == value.ObjBound {
		i++
	}
	for _, known := range st.sum.facts.attrsHeld() {
		if known.param == i && known.name == "data" {
			v = value.Clear(v, known.cleared)
		}
	}
	return v
}

// made is what a function, or a class such as int, makes of v.
func (a asking) made(maker, v *value.Value) *value.Value {
	var out *value.Value
	for i := range maker.Objs {
		switch o := &maker.Objs[i]; o.Kind {
		case value.ObjFunc, value.ObjBound:
			out = join(out, a.run(o, []arg{{v: v, node: a.node}}))
		case value.ObjExternal:
			if len(a.checksOf(o)) > 0 {
				out = join(out, a.byRows(o, v))
				continue
			}
			out = join(out, a.callOne(*o, []arg{{v: v, node: a.node}}, a.node))
		case value.ObjLibrary:
			out = join(out, a.byRows(o, v))
		default:
			out = join(out, v)
		}
	}
	if out == nil || maker.AnyObj {
		return join(out, v)
	}
	return out
}

// run calls a function of the program for a framework: whether it returns says nothing about the code that runs.
func (a asking) run(o *value.Obj, args []arg) *value.Value {
	dead, deadCall := a.dead, a.deadCall
	r := a.callOne(*o, args, a.node)
	a.dead, a.deadCall = dead, deadCall
	return orUnknown(r)
}

// matching is v after it matched a pattern.
func (a asking) matching(v, pattern *value.Value, by string) *value.Value {
	if pattern == nil {
		return v
	}
	text, ok := oneStr(pattern)
	if by == "rust" {
		if !ok {
			return v
		}
		if head, isEnd := strings.CutSuffix(text, "$"); isEnd && !strings.HasSuffix(head, `\`) {
			text = head + `\Z`
		}
		pattern, by = value.Str(text), "search"
	}
	m, known := value.PatternMethod(pattern, by, []*value.Value{v}, nil)
	if !known && ok {
		m, known = value.PureCall("re."+by, []*value.Value{pattern, v}, nil)
	}
	if !known || m == nil {
		return v
	}
	if held := value.RefineTruth(m, true); held.From() != nil && held.From().Of != nil {
		return value.PlaceWeak(held.From().Of, a.fn.ID, a.node)
	}
	return v
}

// answersIgnored: validators that return False refuse nothing since the fourth marshmallow; they have to raise.
func (s *solver) answersIgnored() bool {
	if s.ignoresAnswers == nil {
		yes, known := s.isAtLeast("marshmallow", "4.0.0")
		ignores := yes && known
		s.ignoresAnswers = &ignores
	}
	return *s.ignoresAnswers
}

// answers: the function returns a truth, so that False says no.
func answers(sum *summary) bool {
	return len(sum.returns) > 0 && !slices.ContainsFunc(sum.returns, func(r Return) bool {
		return r.Value != nil && r.Value.IsConst && slices.ContainsFunc(r.Value.Consts(), func(c ir.Const) bool { return c.Kind == ir.ConstNone })
	})
}

// held is what is known of the parameters when the function returned, and did not return False where it answers.
func (ft *facts) held(answers bool) ([]models.KindSet, [][]value.WeakGuard) {
	switch {
	case answers && ft.seen[1]:
		return ft.isTrue, ft.weak[1]
	case ft.seen[0] && ft.seen[1]:
		weak := slices.Clone(ft.weak[0])
		for i := range weak {
			weak[i] = append(slices.Clip(weak[i]), ft.weak[1][i]...)
		}
		return ft.public().Always, weak
	case ft.seen[1]:
		return ft.isTrue, ft.weak[1]
	}
	return ft.isFalse, ft.weak[0]
}

// attrsHeld are the checks of attributes that hold at every return.
func (ft *facts) attrsHeld() []attrFact {
	switch {
	case ft.seen[0] && ft.seen[1]:
		both := facts{seen: [2]bool{true}, attrs: [2][]attrFact{ft.attrs[0]}}
		both.meetAttrs(0, ft.attrs[1])
		return both.attrs[0]
	case ft.seen[1]:
		return ft.attrs[1]
	}
	return ft.attrs[0]
}
