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

// effect is `self.name = value of a parameter`, or the same of a captured variable, one of a module, or a store.
type effect struct {
	class  ir.ClassID
	name   string
	v      *value.Value
	isCell bool
	owner  ir.FuncID  // of the captured variable
	module *ir.Module // whose variable it is, nil for others
	isKept bool       // the object outlives the request
	// isFirst: a constructor sets it in what it makes.
	isFirst bool
	place   place // of what is kept by name, see stores.go
}

func (f *frame) effect(n effect) {
	for i := range f.sum.effects {
		e := &f.sum.effects[i]
		if e.class == n.class && e.name == n.name && e.isCell == n.isCell && e.owner == n.owner && e.module == n.module && e.isKept == n.isKept && e.isFirst == n.isFirst && e.place == n.place {
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
		if f.s.keys.key(s.id).kind == value.ObjParam {
			ids = append(ids, s.id)
			n += s.obj.size()
		}
	}
	if n <= maxParamWrites {
		return
	}
	f.s.trip(f.fn, limitEffects)
	depth := func(id int32) int {
		path := f.s.keys.key(id).path
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
	if fn == nil || !f.follows() {
		return f.unknownCall(nil, args, node)
	}
	bound := f.bind(fn, args, node)
	if sp := s.specialised(f, fn, bound, ctx); sp != nil {
		sum = sp
	}
	if sum == nil {
		return f.unknownCall(nil, args, node)
	}
	return f.apply(sum, fn, bound, ctx, node)
}

// apply is one call of what a summary is of.
func (f *frame) apply(sum *summary, fn *ir.Func, args []*value.Value, ctx uint32, node ast.NodeID) *value.Value {
	s := f.s
	b := s.binding()
	b.f, b.sum, b.fn, b.args, b.node, b.env = f, sum, fn, args, node, s.envOf(ctx)
	before := s.brought
	r := b.apply()
	s.charge(fn.ID, s.brought-before)
	s.release(b)
	return r
}

// bind gives each parameter its argument; nil where the caller passes none.
func (f *frame) bind(fn *ir.Func, args []arg, node ast.NodeID) []*value.Value {
	out := make([]*value.Value, len(fn.Params))
	pos, given := 0, len(fn.Params) // given: how many the caller's own *args may leave to its **kwargs
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
				given, pos = pos, f.spreadParam(fn, out, pos, a)
			}
			star = join(star, f.iterate(a.v, a.node))
		case ir.ArgStarStar:
			if isParam(a.v) {
				f.spreadKeywords(fn, out, given, a)
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
			if own != nil {
				if out[i] = own; kw != nil {
					out[i] = join(own, f.allocAt("dict", node, uint32(i)+2, kw))
				}
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
				out[i] = f.defaultFor(fn.ID, p.Name)
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

// spreadKeywords passes **kwargs of the caller's own caller on, name by name. What stands from given on may have come with
// *args or with a name: which of the two is known to who calls the caller.
func (f *frame) spreadKeywords(fn *ir.Func, out []*value.Value, given int, a arg) {
	for i := range fn.Params {
		p := &fn.Params[i]
		if p.Kind != ast.PosOrKeyword && p.Kind != ast.KeywordOnly {
			continue
		}
		if out[i] == nil || i >= given { // a second value would be an error
			out[i] = join(out[i], f.loadIndex(a.v, value.Str(p.Name), a.node))
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
	return value.OfTyped(obj, typ)
}

func paramNamed(fn *ir.Func, name string) int {
	for i := range fn.Params {
		if fn.Params[i].Name == name && (fn.Params[i].Kind == ast.PosOrKeyword || fn.Params[i].Kind == ast.KeywordOnly) {
			return i
		}
	}
	return -1
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
