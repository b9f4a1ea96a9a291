package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/semantic"
)

// Objects of the process: what the code of a module or class body made is there for all requests. One of them leaves words
// behind, another finds them:
//
//	CACHE = {}
//	def put(): CACHE["motto"] = request.form["motto"]
//	def get(): return CACHE["motto"]

// isProcessWide: module-level code made the object, or what it called did, and it is still there.
func (s *solver) isProcessWide(site value.Site) bool {
	if site == (value.Site{}) || int(site.Func) >= len(s.funcs) {
		return false
	}
	if (site.Context != 0 || s.funcs[site.Func].lasts) && s.keys.sites.lasts(site) {
		return true
	}
	fn := s.funcs[site.Func].ir
	return fn != nil && (fn.Kind == ir.KindModule || fn.Kind == ir.KindClassBody)
}

// outlive says of what a value points to that it is there for all requests: views that a factory makes captured it, or a
// function put it into a variable of a module.
func (f *frame) outlive(v *value.Value) {
	e := escape{f: f, to: &f.s.global, room: maxEscape, lasts: true}
	e.value(v, 0)
}

func (s *solver) lastsFrom(site value.Site) {
	if int(site.Func) < len(s.funcs) {
		s.keys.sites.set(site, siteLasts)
		s.funcs[site.Func].lasts = true
	}
}

// isFactory: the function makes views, or other functions that a decorator hands on.
func (s *solver) isFactory(id ir.FuncID) bool {
	st := &s.funcs[id]
	if st.makes == 0 && int(id) < s.prog.NumFuncs() { // templates make none
		st.makes = -1
		m, local := s.prog.Where(id)
		if info := s.prog.Info(m); !isDecorated(info, local) && info.Funcs[local].Kind <= ir.KindLambda {
			for i := local + 1; int(i) < len(info.Funcs) && info.Funcs[i].Outer >= local; i++ {
				if info.Funcs[i].Outer == local && isDecorated(info, i) {
					st.makes = 1
					break
				}
			}
		}
	}
	return st.makes > 0
}

func isDecorated(info *semantic.FileInfo, local uint32) bool {
	fn := &info.Funcs[local]
	return fn.Kind == ir.KindFunction && len(info.File.Decorators(fn.Node)) > 0
}

// stored is a value that another request left behind.
func stored(v *value.Value) *value.Value {
	if v == nil || len(v.Taint) == 0 {
		return v
	}
	return fromRemote(value.WithMark(v, value.MarkGlobal), models.Stored)
}

// fromRemote is the value with another kind of source in place of the request that is being answered.
func fromRemote(v *value.Value, kind models.SourceKind) *value.Value {
	if !hasRemote(v.Taint) && (v.Str == nil || !slices.ContainsFunc(v.Str.Parts, func(p value.Part) bool { return hasRemote(p.Taint) })) {
		return v
	}
	return mapTaint(v, func(ls []value.Label) []value.Label {
		if !hasRemote(ls) {
			return ls
		}
		out := make([]value.Label, len(ls))
		for i, l := range ls {
			if l.Origin.Kind == value.OriginSource && l.Origin.Source == models.Remote {
				l.Origin.Source = kind
			}
			out[i] = l
		}
		return value.NormalizeLabels(out)
	})
}

func hasRemote(ls []value.Label) bool {
	for i := range ls {
		if o := &ls[i].Origin; o.Kind == value.OriginSource && o.Source == models.Remote {
			return true
		}
	}
	return false
}

// isShared: the key names an object of the process.
func (s *solver) isShared(k objKey) bool {
	return k.kind == value.ObjSite && s.isProcessWide(k.site)
}

// leaveBehind writes what a function put into collections of the process where other functions find it.
func (f *frame) leaveBehind() {
	s := f.s
	for _, slot := range f.retHp.slots {
		k := *s.keys.key(slot.id)
		if !s.isShared(k) || k.site.Func == f.fn.ID || s.global.at(slot.id) == slot.obj {
			continue
		}
		kept := f.keptObject(k, slot.obj.force())
		s.leave(slot.id, k, kept)
		if k.site.Context == 0 {
			continue
		}
		// Methods that nobody calls with a certain instance know the collection as the one that their constructor makes.
		any := objKey{kind: value.ObjSite, site: s.anyInstance(k.site)}
		if id, ok := s.keys.find(any); ok && any != k && s.global.objs[id] != nil {
			s.leave(id, any, kept)
		}
	}
}

// leave joins what a function left into an object that other functions find.
func (s *solver) leave(id int32, k objKey, o *object) {
	old := s.global.at(id)
	n := joinObjects(old, o)
	if old != nil && equalObjects(old, n) {
		return
	}
	s.global.put(id, n)
	if n.weight() > old.weight() {
		s.touched(k)
	}
}

// touchShared: what a module's body put into objects of other bodies is new for those who looked into them before.
func (f *frame) touchShared() {
	for _, slot := range f.retHp.slots {
		if k := *f.s.keys.key(slot.id); f.s.lookers[k] != nil && slot.obj.force().weight() > f.s.global.at(slot.id).weight() {
			f.s.touched(k)
		}
	}
}

// weight counts what can make a finding: taint, and things to call.
func (o *object) weight() int {
	if o == nil {
		return 0
	}
	n := 0
	add := func(v *value.Value) {
		if v != nil {
			n += len(v.Taint) + len(v.Objs)
		}
	}
	for i := range o.cells {
		add(o.cells[i].value)
	}
	for _, e := range o.elems {
		add(e)
	}
	add(o.star)
	return n
}

// keptObject is an object as another request finds it. What is kept under names that the code gives is a setting; what is kept
// in a list or under a key that the program computes are records, which one request writes and another uses.
func (f *frame) keptObject(k objKey, o *object) *object {
	return f.keptBelow(o, f.s.unseen[k.site].depth > 0, 0)
}

// maxKept bounds the depth of objects in objects that are kept.
const maxKept = 4

func (f *frame) keptBelow(o *object, isRecord bool, depth int) *object {
	n := o.clone()
	for i := range n.cells {
		n.cells[i].value, n.cells[i].maybe = f.kept(n.cells[i].value, isRecord, depth), true
	}
	n.elems = slices.Clone(o.elems)
	for i := range n.elems {
		n.elems[i] = f.kept(n.elems[i], true, depth)
	}
	n.star, n.names = f.kept(keptStar(o), true, depth), nil
	return n
}

// kept is a value as another request finds it, with the objects of this function that it points to.
func (f *frame) kept(v *value.Value, isRecord bool, depth int) *value.Value {
	if v == nil {
		return nil
	}
	for i := range v.Objs {
		f.keepObject(&v.Objs[i], isRecord, depth)
	}
	v = f.dropParams(v)
	if isRecord {
		return value.Disown(written(value.WithMark(v, value.MarkGlobal)))
	}
	return value.Disown(stored(v))
}

func (f *frame) keepObject(o *value.Obj, isRecord bool, depth int) {
	k, ok := keyOf(o)
	if !ok || k.kind == value.ObjParam || f.s.isShared(k) {
		return
	}
	id, ok := f.s.keys.find(k)
	if !ok {
		return
	}
	obj := f.find(id)
	if obj == nil || f.s.global.at(id) == obj {
		return
	}
	if depth >= maxKept {
		f.s.trip(f.fn, limitKept)
		return
	}
	as := keeping{id, isRecord}
	if d, isKept := f.keeping[as]; isKept && d <= depth {
		return
	}
	if f.keeping == nil {
		f.keeping = map[keeping]int{}
	}
	f.keeping[as] = depth
	f.s.leave(id, k, f.keptBelow(obj, isRecord, depth+1))
}

// keeping is an object that is written for other requests: once for each way, however many objects hold it, and again only where
// it is met less deep.
type keeping struct {
	id       int32
	isRecord bool
}

// reads notes that a function looks into a collection of the process.
func (s *solver) reads(k objKey, id ir.FuncID) {
	if k.site.Func == id {
		return
	}
	if s.lookers == nil {
		s.lookers = map[objKey]*readers{}
	}
	r := s.lookers[k]
	if r == nil {
		r = &readers{}
		s.lookers[k] = r
	}
	r.add(id)
}

// touched: a collection of the process grew, and who looked into it looks again.
func (s *solver) touched(k objKey) {
	if r := s.lookers[k]; r != nil {
		for _, id := range r.ids {
			s.funcs[id].isDirty = true
		}
	}
}

// writeShared gives the caller what the callee put into a collection of the process.
func (b *binding) writeShared(k objKey, o *object) {
	old := b.f.object(k)
	if old == o {
		return
	}
	n := *o.force()
	b.fill(&n, &n)
	b.f.heap.put(k, joinObjects(old, &n))
}

// mayHaveMore: a collection of the process that is empty in the code was filled somewhere that was not seen.
func (f *frame) mayHaveMore(k objKey, o *object) bool {
	return o.isEmpty() && f.fn.Kind <= ir.KindLambda && f.s.isShared(k)
}
