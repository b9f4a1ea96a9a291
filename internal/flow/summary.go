package flow

import (
	"cmp"
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// summary is what a call does, with symbolic parameters.
type summary struct {
	fn      *ir.Func
	env     uint32
	ret     *value.Value
	returns []Return
	yields  *value.Value
	noRet   bool
	hits    []*Hit
	own     []*Hit // closed by what any instance may hold: they count where nobody calls with a certain one
	events  []*Event
	renders []rendering
	facts   facts
	heap    heap
	arrived *arrivals
	effects []effect
	raises  *value.Value // exceptions that leave the function
}

// effect is `self.name = value of a parameter`, or the same of a captured variable.
type effect struct {
	class  ir.ClassID
	name   string
	v      *value.Value
	isCell bool
	owner  ir.FuncID // of the captured variable
	isKept bool      // the object outlives the request
}

func (f *frame) effect(n effect) {
	for i := range f.sum.effects {
		e := &f.sum.effects[i]
		if e.class == n.class && e.name == n.name && e.isCell == n.isCell && e.owner == n.owner && e.isKept == n.isKept {
			e.v = join(e.v, n.v)
			return
		}
	}
	if len(f.sum.effects) >= maxEffects {
		f.s.trip(f.fn, limitEffects)
		return
	}
	f.sum.effects = append(f.sum.effects, n)
}

// finish closes the run.
func (f *frame) finish() *summary {
	sum := f.sum
	sum.noRet = !f.hasRet && f.yields == nil
	f.boundWrites()
	sum.heap, sum.arrived = f.retHp, f.arrived
	if sum.raises != nil {
		sum.heap.addNew(&f.raiseHp)
	}
	sum.yields = f.yields
	switch f.fn.Kind {
	case ir.KindModule:
		f.finishModule()
	case ir.KindClassBody:
		f.finishClassBody()
	default:
		f.leaveBehind()
		f.dropUnreachable()
	}
	if sum.ret != nil {
		f.escapeReturned(sum.ret)
	}
	f.sortHits()
	f.tried()
	return sum
}

// boundWrites drops what the function writes into the depths of its arguments when that is more than every call of it can be
// asked to repeat: a function that rewrites a tree, calling itself for each branch, writes to every path of it.
func (f *frame) boundWrites() {
	var ids []int32
	n := 0
	for _, s := range f.retHp.slots {
		if f.s.keys.keys[s.id].kind == value.ObjParam {
			ids = append(ids, s.id)
			n += s.obj.size()
		}
	}
	if n <= maxParamWrites {
		return
	}
	f.s.trip(f.fn, limitEffects)
	depth := func(id int32) int {
		path := f.s.keys.keys[id].path
		return strings.Count(path, ".") + min(len(path), 1)
	}
	slices.SortStableFunc(ids, func(a, b int32) int { return cmp.Compare(depth(a), depth(b)) })
	dropped := map[int32]bool{}
	n = 0
	for _, id := range ids {
		n += f.retHp.peek(id).size()
		dropped[id] = n > maxParamWrites
	}
	f.retHp.own(0)
	f.retHp.slots = slices.DeleteFunc(f.retHp.slots, func(s slot) bool { return dropped[s.id] })
}

// escapeReturned keeps the cells of what module-level code returned or captured.
func (f *frame) escapeReturned(v *value.Value) {
	if f.fn.Kind == ir.KindModule || f.fn.Kind == ir.KindClassBody {
		f.heap = f.retHp
		for _, w := range f.exit {
			f.escape(w)
		}
	}
}

// callFunc calls a function of the program.
func (f *frame) callFunc(id ir.FuncID, ctx uint32, args []arg, node ast.NodeID) *value.Value {
	s := f.s
	s.edge(f.fn.ID, id, node)
	s.funcs[id].called = true
	sum := s.summary(id)
	fn := s.funcs[id].ir
	if fn == nil {
		return f.unknownCall(nil, args, node)
	}
	bound := f.bind(fn, args, node)
	if sp := s.specialised(f, fn, bound, ctx); sp != nil {
		sum = sp
	}
	if sum == nil {
		return f.unknownCall(nil, args, node)
	}
	b := &binding{f: f, sum: sum, fn: fn, args: bound, node: node, env: s.envOf(ctx)}
	return b.apply()
}

// bind gives each parameter its argument; nil where the caller passes none.
func (f *frame) bind(fn *ir.Func, args []arg, node ast.NodeID) []*value.Value {
	out := make([]*value.Value, len(fn.Params))
	pos := 0
	var rest *object
	var kw *object
	var star, starstar, own *value.Value // own: the caller's **kwargs, handed on as they are
	for _, a := range args {
		switch a.kind {
		case ir.ArgKeyword:
			if i := paramNamed(fn, a.name); i >= 0 {
				out[i] = join(out[i], a.v)
				continue
			}
			if kw == nil {
				kw = &object{typ: "dict"}
			}
			kw = kw.set(cell{kind: cellItem, key: strConst(a.name), value: a.v, node: a.node}, false)
		case ir.ArgStar:
			if isParam(a.v) && star == nil {
				pos = f.spreadParam(fn, out, pos, a)
			}
			star = join(star, f.iterate(a.v, a.node))
		case ir.ArgStarStar:
			if isParam(a.v) {
				f.spreadKeywords(fn, out, a)
				if starstar == nil {
					own = a.v
				}
			}
			if starstar != nil {
				own = nil
			}
			starstar = join(starstar, join(f.mapValues(a.v), taintOnly(f.deep(a.v))))
		default:
			for pos < len(fn.Params) && fn.Params[pos].Kind != ast.PosOnly && fn.Params[pos].Kind != ast.PosOrKeyword {
				if fn.Params[pos].Kind == ast.VarArgs {
					break
				}
				pos++
			}
			if pos < len(fn.Params) && fn.Params[pos].Kind != ast.VarArgs {
				out[pos] = a.v
				pos++
				continue
			}
			if rest == nil {
				rest = &object{typ: "tuple", exact: true}
			}
			rest = rest.push(a.v, a.node, false)
		}
	}
	for i := range fn.Params {
		p := &fn.Params[i]
		switch p.Kind {
		case ast.VarArgs:
			if rest == nil {
				rest = &object{typ: "tuple", exact: true}
			}
			if star != nil {
				rest = rest.add(star)
				rest.exact = false
			}
			out[i] = f.allocAt("tuple", node, uint32(i)+2, rest)
		case ast.VarKeyword:
			if kw == nil && own != nil {
				out[i] = own
				break
			}
			if kw == nil {
				kw = &object{typ: "dict"}
			}
			if starstar != nil {
				kw = kw.add(starstar)
			}
			out[i] = f.allocAt("dict", node, uint32(i)+2, kw)
		default:
			if out[i] == nil && i >= pos && star != nil && p.Kind != ast.KeywordOnly {
				out[i] = star
			}
			if out[i] == nil && starstar != nil {
				out[i] = starstar
			}
			if out[i] == nil && p.HasDefault {
				out[i] = f.s.defaultOf(fn.ID, p.Name)
			}
		}
	}
	return out
}

// isParam: nothing but what the caller passed.
func isParam(v *value.Value) bool {
	return v != nil && len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjParam && !v.AnyObj && !v.IsConst
}

// spreadParam passes *args of the caller's own caller on, position by position.
func (f *frame) spreadParam(fn *ir.Func, out []*value.Value, pos int, a arg) int {
	for k := int64(0); pos < len(fn.Params) && fn.Params[pos].Kind <= ast.PosOrKeyword; k++ {
		out[pos] = join(out[pos], f.loadIndex(a.v, value.Int(k), a.node))
		pos++
	}
	return pos
}

// spreadKeywords passes **kwargs of the caller's own caller on, name by name.
func (f *frame) spreadKeywords(fn *ir.Func, out []*value.Value, a arg) {
	for i := range fn.Params {
		p := &fn.Params[i]
		if out[i] == nil && (p.Kind == ast.PosOrKeyword || p.Kind == ast.KeywordOnly) { // a second value would be an error
			out[i] = f.loadIndex(a.v, value.Str(p.Name), a.node)
		}
	}
}

// mapValues are the values of a mapping.
func (f *frame) mapValues(v *value.Value) *value.Value {
	var out *value.Value
	for i := range v.Objs {
		if k, ok := keyOf(&v.Objs[i]); ok {
			if o := f.object(k); o != nil {
				out = join(out, o.all())
			}
		}
	}
	return out
}

func (f *frame) allocAt(typ string, node ast.NodeID, context uint32, o *object) *value.Value {
	obj := value.Obj{Kind: value.ObjSite, Site: value.Site{Func: f.fn.ID, Node: node, Context: context}, Path: typ}
	k, _ := keyOf(&obj)
	f.heap.put(k, o)
	return value.WithType(value.OfObj(obj), typ)
}

func paramNamed(fn *ir.Func, name string) int {
	for i := range fn.Params {
		if fn.Params[i].Name == name && (fn.Params[i].Kind == ast.PosOrKeyword || fn.Params[i].Kind == ast.KeywordOnly) {
			return i
		}
	}
	return -1
}

// binding replaces the symbolic parameters of a summary by the arguments of one call.
type binding struct {
	f    *frame
	sum  *summary
	fn   *ir.Func
	args []*value.Value
	node ast.NodeID
	env  *closureEnv
	done small[broughtIn, bool]
	deep int
	// caller is the caller's heap when the first object of the callee came in.
	caller heap
	// values and origins remember what was instantiated during this call.
	values  small[*value.Value, *value.Value]
	origins []originLabels
	sets    []labelSet
	note    string
	isGuess bool // see guess.go
}

// originLabels are the labels of the argument that a symbolic origin stands for.
type originLabels struct {
	fn     ir.FuncID
	param  int32
	path   string
	labels []value.Label
}

// labelSet is a label set of the summary, and what it is in this call.
type labelSet struct{ of, is []value.Label }

func (b *binding) apply() *value.Value {
	f := b.f
	for _, s := range b.sum.heap.slots {
		switch k := &f.s.keys.keys[s.id]; {
		case k.kind == value.ObjParam && k.site.Func == b.fn.ID:
			b.write(*k, s.obj)
		case k.site.Func != b.fn.ID && f.s.isShared(*k):
			b.writeShared(*k, s.obj)
		}
	}
	for _, e := range b.sum.effects {
		if e.isCell {
			f.setCell(e.owner, e.name, b.value(e.v))
		} else {
			f.setInst(e.class, e.name, b.value(e.v), e.isKept || b.isKept())
		}
	}
	if f.record {
		b.hits()
		b.ownHits()
		b.openEvents()
		b.renders()
	}
	if b.sum.raises != nil {
		f.raise(b.value(b.sum.raises))
	}
	if b.sum.noRet && f.s.funcs[b.fn.ID].status == done {
		f.dead, f.deadCall = true, true
		return nil
	}
	if b.fn.IsGenerator || b.sum.yields != nil {
		return f.allocAt("generator", b.node, 1, &object{typ: "generator", star: orUnknown(b.value(b.sum.yields))})
	}
	if b.sum.ret == nil {
		return value.Unknown
	}
	return b.value(b.sum.ret)
}

// isKept: self of the method is an object of the whole process.
func (b *binding) isKept() bool {
	self := b.arg(0)
	return self != nil && len(self.Objs) == 1 && b.f.isKept(&self.Objs[0])
}

// write applies the callee's writes to what a parameter points to.
func (b *binding) write(k objKey, o *object) {
	target := b.follow(b.arg(k.param), k.path)
	if target == nil {
		return
	}
	for i := range target.Objs {
		key, ok := keyOf(&target.Objs[i])
		if !ok {
			b.writeRow(&target.Objs[i], o)
			continue
		}
		obj := b.f.object(key)
		if obj == nil {
			obj = &object{}
		}
		if !b.f.affords(o) {
			return
		}
		weak := len(target.Objs) > 1 || target.AnyObj
		if len(o.cells) > 0 {
			obj = obj.clone()
		}
		for j := range o.cells {
			c := o.cells[j]
			c.value = b.value(c.value)
			obj.put(c, weak)
		}
		for _, e := range o.elems {
			obj = obj.push(b.value(e), b.node, weak)
		}
		if o.star != nil {
			obj = obj.add(b.value(o.star))
			obj.exact = false
		}
		b.f.heap.put(key, obj)
	}
}

func (b *binding) arg(i int32) *value.Value {
	if int(i) < len(b.args) {
		return b.args[i]
	}
	return nil
}

// value instantiates a value.
func (b *binding) value(v *value.Value) *value.Value {
	if v == nil || !b.touches(v) {
		return v
	}
	if r, ok := b.values.get(v); ok {
		return r
	}
	r := b.instantiate(v)
	b.values.put(v, r)
	return r
}

func (b *binding) instantiate(v *value.Value) *value.Value {
	if len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjParam && v.Objs[0].Path == "" && v.Objs[0].Func == b.fn.ID && !v.AnyObj && !v.IsConst {
		if a := b.arg(v.Objs[0].Param); a != nil && len(v.Taint) <= 1 {
			if len(v.Taint) == 1 && v.Taint[0].Cleared != 0 {
				a = value.Clear(a, v.Taint[0].Cleared)
			}
			if len(a.Taint) == 0 {
				return a
			}
			return value.WithStep(a, b.f.fn.ID, b.node, "returned by "+b.fn.Name)
		}
	}
	if len(v.Objs) > 0 && !v.IsConst && !v.AnyObj && !v.Loose && v.Str == nil {
		taint := b.labels(v.Taint)
		if out := b.objs(v.Objs); out != nil {
			return value.AddLabels(out, taint)
		}
		n := *v
		n.Taint, n.Objs = taint, nil
		return &n
	}
	n := mapTaint(v, b.labels)
	n.Objs = nil
	return join(n, b.objs(v.Objs))
}

func (b *binding) objs(objs []value.Obj) *value.Value {
	if len(objs) == 1 {
		return b.obj(objs[0])
	}
	var out *value.Value
	var room [value.MaxObjs]value.Obj
	plain := room[:0]
	for _, o := range objs {
		if b.isPlain(&o) {
			plain = append(plain, b.imported(o))
		} else {
			out = join(out, b.obj(o))
		}
	}
	return join(out, value.OfObjs(plain))
}

// isPlain: an object of the callee is one object here.
func (b *binding) isPlain(o *value.Obj) bool {
	switch o.Kind {
	case value.ObjSite, value.ObjInstance, value.ObjLibrary, value.ObjClass, value.ObjModule, value.ObjExternal:
		return true
	case value.ObjFunc:
		return !b.f.s.isInner(o.Func, b.fn.ID)
	}
	return false
}

// touches reports whether anything in v needs replacing.
func (b *binding) touches(v *value.Value) bool {
	for i := range v.Taint {
		if v.Taint[i].Origin.Kind == value.OriginParam && b.owns(v.Taint[i].Origin.Func) || b.drops(&v.Taint[i]) {
			return true
		}
	}
	for i := range v.Objs {
		switch o := &v.Objs[i]; o.Kind {
		case value.ObjParam:
			if b.owns(o.Func) {
				return true
			}
		case value.ObjSite, value.ObjInstance, value.ObjLibrary, value.ObjFunc, value.ObjBound, value.ObjMember, value.ObjPartial:
			return true
		}
	}
	return false
}

// drops: the label speaks of any instance, and the caller knows which one it is.
func (b *binding) drops(l *value.Label) bool { return l.Own != 0 && b.owns(ir.FuncID(l.Own-1)) }

func (b *binding) owns(id ir.FuncID) bool { return id == b.fn.ID || b.env.of(id) != nil }

func (b *binding) paramValue(fn ir.FuncID, i int32) *value.Value {
	if fn == b.fn.ID {
		return b.arg(i)
	}
	if e := b.env.of(fn); e != nil && int(i) < len(e.args) {
		return e.args[i]
	}
	return nil
}

// obj instantiates one object.
func (b *binding) obj(o value.Obj) *value.Value {
	switch o.Kind {
	case value.ObjParam:
		if !b.owns(o.Func) {
			return value.OfObj(o)
		}
		v := b.paramValue(o.Func, o.Param)
		if v == nil {
			return value.Unknown
		}
		return b.follow(v, o.Path)
	case value.ObjSite, value.ObjInstance:
		return value.OfObj(b.imported(o))
	case value.ObjLibrary:
		b.imported(o)
	case value.ObjFunc:
		if b.f.s.isInner(o.Func, b.fn.ID) {
			o.Site.Context = b.f.s.closure(b.fn, b.args, b.f, b.env)
			b.f.s.made(o.Func, o.Site.Context)
			return value.OfObj(o)
		}
	case value.ObjBound, value.ObjMember, value.ObjPartial:
		if b.deep < 4 && o.Recv != nil {
			b.deep++
			o.Recv = b.value(o.Recv)
			b.deep--
			if o.Kind == value.ObjPartial {
				o.Site = b.imported(value.Obj{Kind: value.ObjSite, Site: o.Site}).Site
			}
		}
	}
	return value.OfObj(o)
}

// follow reads an attribute path below an argument.
func (b *binding) follow(v *value.Value, path string) *value.Value {
	b.f.s.following++
	defer func() { b.f.s.following-- }()
	for name := range strings.SplitSeq(path, ".") {
		if name == "" || name == "*" || v == nil {
			continue
		}
		if key, ok := pathItem(name); ok {
			v = b.f.loadIndex(v, key, b.node)
			continue
		}
		if b.fn.Kind == ir.KindTemplate {
			v = b.f.member(v, name, b.node)
			continue
		}
		v = b.f.loadAttr(v, name, b.node)
	}
	return v
}

// labels instantiates a label set.
func (b *binding) labels(ls []value.Label) []value.Label {
	if !hasParamLabel(ls) && !hasOwn(ls) {
		return ls
	}
	for i := range b.sets {
		if s := &b.sets[i]; len(s.of) == len(ls) && &s.of[0] == &ls[0] {
			return s.is
		}
	}
	out := b.f.s.labelBuf[:0]
	b.f.s.labelBuf = nil // following an origin may come back here
	for i := range ls {
		l := &ls[i]
		if b.drops(l) {
			continue
		}
		if l.Origin.Kind != value.OriginParam || !b.owns(l.Origin.Func) {
			out = append(out, *l)
			continue
		}
		for _, a := range b.ofOrigin(&l.Origin) {
			a.Cleared |= l.Cleared
			a.Marks |= l.Marks
			a.AddWeak(l.Weak())
			if i := sameLabel(out, &a); i >= 0 {
				continue
			}
			a.Trace = value.Rebase(l.Trace, a.Trace)
			out = append(out, a)
		}
	}
	b.f.s.labelBuf = out[:0]
	out = slices.Clone(value.NormalizeLabels(out))
	b.sets = append(b.sets, labelSet{ls, out})
	return out
}

func hasOwn(ls []value.Label) bool {
	return slices.ContainsFunc(ls, func(l value.Label) bool { return l.Own != 0 })
}

// passed is the note of the step into the callee.
func (b *binding) passed() string {
	if b.note == "" {
		b.note = "passed to " + b.fn.Name
	}
	return b.note
}

// sameLabel finds a label that says the same but for its trace.
func sameLabel(ls []value.Label, l *value.Label) int {
	for i := range ls {
		if ls[i].Origin == l.Origin && ls[i].Cleared == l.Cleared && ls[i].Marks == l.Marks && len(ls[i].Weak()) == len(l.Weak()) {
			return i
		}
	}
	return -1
}

// ofOrigin are the labels of the argument behind a symbolic origin.
func (b *binding) ofOrigin(o *value.Origin) []value.Label {
	for i := range b.origins {
		if k := &b.origins[i]; k.param == o.Param && k.fn == o.Func && k.path == o.Name {
			return k.labels
		}
	}
	var labels []value.Label
	if v := b.f.deep(b.follow(b.paramValue(o.Func, o.Param), o.Name)); v != nil && len(v.Taint) > 0 {
		labels = slices.Clone(v.Taint)
		for i := range labels {
			labels[i].Trace = value.Extend(labels[i].Trace, b.f.fn.ID, b.node, b.passed())
		}
	}
	b.origins = append(b.origins, originLabels{o.Func, o.Param, o.Name, labels})
	return labels
}

func (s *solver) publicSummary(id ir.FuncID) *Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	if int(id) >= len(s.funcs) {
		return nil
	}
	sum := s.summary(id)
	if sum == nil {
		return nil
	}
	out := &Summary{Func: sum.fn, Returns: sum.returns, Ret: sum.ret, NoReturn: sum.noRet, sum: sum, Facts: sum.facts.public()}
	for _, h := range sum.hits {
		out.Hits = append(out.Hits, *h)
	}
	for _, e := range sum.events {
		out.Events = append(out.Events, *e)
	}
	if sum.ret != nil {
		out.Marks = sum.ret.Marks
	}
	return out
}
