package value

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// maxTrace bounds the steps of a flow: people read the ends, and loops would grow it without end.
const maxTrace = 30

// maxCallee bounds the steps that a callee adds to a flow, so that the caller's own part stays readable.
const maxCallee = 24

// maxWeak bounds the weak guards that a label remembers; more would only repeat the story.
const maxWeak = 4

// compareOrigin orders sources before parameters, so that a real source is the last to be dropped at MaxLabels.
func compareOrigin(a, b *Origin) int {
	if c := cmp.Compare(b.Kind, a.Kind); c != 0 {
		return c
	}
	if a.Func != b.Func {
		return cmp.Compare(a.Func, b.Func)
	}
	if a.Param != b.Param {
		return cmp.Compare(a.Param, b.Param)
	}
	if a.Node != b.Node {
		return cmp.Compare(a.Node, b.Node)
	}
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Name, b.Name))
}

func compareWeak(a, b WeakGuard) int {
	return cmp.Or(cmp.Compare(a.Func, b.Func), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Name, b.Name), cmp.Compare(a.Defeats, b.Defeats))
}

// joinLabels is the union of two sorted label lists. It returns a when b adds nothing.
func joinLabels(a, b []Label) ([]Label, bool) {
	if len(b) == 0 {
		return a, false
	}
	if len(a) == 0 {
		return b, false
	}
	if &a[0] == &b[0] && len(a) == len(b) || covers(a, b) {
		return a, false
	}
	out := make([]Label, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch c := compareOrigin(&a[0].Origin, &b[0].Origin); {
		case c < 0:
			out, a = append(out, a[0]), a[1:]
		case c > 0:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, joinLabel(a[0], b[0])), a[1:], b[1:]
		}
	}
	out = append(append(out, a...), b...)
	if len(out) > MaxLabels {
		return out[:MaxLabels:MaxLabels], true
	}
	return out, false
}

// covers reports whether joining b into a changes nothing.
func covers(a, b []Label) bool {
	i := 0
	for j := range b {
		for i < len(a) && compareOrigin(&a[i].Origin, &b[j].Origin) < 0 {
			i++
		}
		if i == len(a) || a[i].Origin != b[j].Origin || !labelCovers(&a[i], &b[j]) {
			return false
		}
	}
	return true
}

func labelCovers(a, b *Label) bool {
	if a.Cleared&^b.Cleared != 0 || isSurer(b, a) || a.Own != 0 && a.Own != b.Own {
		return false
	}
	if b.weak == nil || a.weak == b.weak {
		return true
	}
	had := a.Weak()
	for _, w := range *b.weak {
		if !slices.Contains(had, w) && (len(had) < maxWeak || compareWeak(w, had[maxWeak-1]) < 0) {
			return false
		}
	}
	return true
}

// isSurer reports whether way a says more of what arrives than way b to the same place: it is cleared for less, or for the
// same and goes through fewer approximations.
func isSurer(a, b *Label) bool {
	if a.Cleared != b.Cleared {
		return a.Cleared&^b.Cleared == 0
	}
	n, m := bits.OnesCount16(uint16(a.Marks)), bits.OnesCount16(uint16(b.Marks))
	return n < m || n == m && a.Marks < b.Marks
}

// joinLabel keeps the trace and the marks of the surest way: a value that arrives for certain on one way is not in doubt because
// there is a doubtful way too. Of two ways that are cleared for different things neither is that.
func joinLabel(a, b Label) Label {
	r := a
	switch {
	case isSurer(&b, &a):
		r.Trace, r.Marks = b.Trace, b.Marks
	case a.Cleared&^b.Cleared != 0:
		r.Marks |= b.Marks
	}
	r.Cleared = a.Cleared & b.Cleared
	if b.weak != nil && b.weak != a.weak {
		r.AddWeak(*b.weak)
	}
	if a.Own != b.Own {
		r.Own = 0
	}
	return r
}

func joinWeak(a, b []WeakGuard) []WeakGuard {
	if len(b) == 0 {
		return a
	}
	if len(a) == 0 {
		return b
	}
	out := a
	for _, w := range b {
		if !slices.Contains(out, w) {
			out = append(out[:len(out):len(out)], w)
		}
	}
	if len(out) == len(a) {
		return a
	}
	slices.SortFunc(out, compareWeak)
	return out[:min(len(out), maxWeak)]
}

func equalLabels(a, b []Label) bool {
	if len(a) != len(b) {
		return false
	}
	if len(a) > 0 && &a[0] == &b[0] {
		return true
	}
	for i := range a {
		x, y := &a[i], &b[i]
		if x.Origin != y.Origin || x.Cleared != y.Cleared || x.Marks != y.Marks || x.Own != y.Own || x.weak != y.weak && !slices.Equal(x.Weak(), y.Weak()) {
			return false
		}
	}
	return true
}

// clearLabels marks the labels as harmless for kinds and drops those that are harmless for every kind.
func clearLabels(ls []Label, kinds models.KindSet) []Label {
	if len(ls) == 0 || kinds&models.AllKinds == models.AllKinds {
		return nil
	}
	changed := false
	for i := range ls {
		changed = changed || kinds&^ls[i].Cleared != 0
	}
	if !changed {
		return ls
	}
	out := make([]Label, 0, len(ls))
	for _, l := range ls {
		if l.Cleared |= kinds; l.Cleared&models.AllKinds != models.AllKinds {
			out = append(out, l)
		}
	}
	return out
}

func mapLabels(ls []Label, f func(*Label)) []Label {
	if len(ls) == 0 {
		return ls
	}
	out := slices.Clone(ls)
	for i := range out {
		f(&out[i])
	}
	return out
}

// NormalizeLabels sorts labels by origin and joins those of one origin, so that they can stand in a Value.
func NormalizeLabels(ls []Label) []Label {
	if isNormal(ls) {
		return ls[:len(ls):len(ls)]
	}
	var room [2 * MaxLabels]Label
	out := room[:0]
	for i := range ls {
		l := &ls[i]
		at := len(out)
		for at > 0 && compareOrigin(&out[at-1].Origin, &l.Origin) > 0 {
			at--
		}
		switch {
		case at == 0 || out[at-1].Origin != l.Origin:
			out = slices.Insert(out, at, *l)
		case !labelCovers(&out[at-1], l):
			out[at-1] = joinLabel(out[at-1], *l)
		}
	}
	kept := make([]Label, min(len(out), MaxLabels))
	copy(kept, out)
	return kept
}

// SortedLabels is NormalizeLabels of a list that its owner writes to again.
func SortedLabels(ls []Label) []Label {
	if isNormal(ls) {
		return slices.Clone(ls)
	}
	return NormalizeLabels(ls)
}

// isNormal reports whether labels may stand in a Value as they are.
func isNormal(ls []Label) bool {
	for i := 1; i < len(ls); i++ {
		if compareOrigin(&ls[i-1].Origin, &ls[i].Origin) >= 0 {
			return false
		}
	}
	return len(ls) <= MaxLabels
}

// AddLabels returns the value with more taint. A constant stays one: it is tainted all the same.
func AddLabels(v *Value, ls []Label) *Value {
	if v == nil || len(ls) == 0 {
		return v
	}
	ls = NormalizeLabels(ls)
	taint, over := joinLabels(v.Taint, ls)
	if !over && equalLabels(taint, v.Taint) {
		return v
	}
	r := *v
	r.Taint = taint
	if over {
		r.Marks |= MarkWidened
	}
	// The shape does not say where the new taint stands.
	r.NoText = false
	if r.Str != nil {
		r.Str = r.Str.mapTaint(func(t []Label) []Label { t, _ = joinLabels(t, ls); return t })
		if !r.Str.hasHole() {
			r.Str = &Skeleton{Parts: []Part{{IsHole: true, Taint: taint}}}
		}
	}
	return &r
}

// Clear returns the value with its taint, in the holes too, marked as harmless for kinds.
func Clear(v *Value, kinds models.KindSet) *Value {
	if v == nil || len(v.Taint) == 0 || kinds == 0 {
		return v
	}
	taint := clearLabels(v.Taint, kinds)
	if len(taint) == len(v.Taint) && &taint[0] == &v.Taint[0] {
		return v
	}
	r := *v
	r.Taint = taint
	if r.Str != nil {
		r.Str = r.Str.mapTaint(func(t []Label) []Label { return clearLabels(t, kinds) })
	}
	if len(taint) < len(v.Taint) {
		r.Objs = withoutCleared(v, taint)
		r.Loose = v.Loose || len(r.Objs) < len(v.Objs) && !v.AnyObj
	}
	return &r
}

// IsHarmless: the value was cleared altogether, see Clear.
func IsHarmless(v *Value) bool {
	return v.Loose && !v.AnyObj && len(v.Objs) == 0 && len(v.Taint) == 0
}

// withoutCleared are the objects of a value but for parameters that harm nobody any more: what the caller passed would bring its
// own labels along.
func withoutCleared(v *Value, left []Label) []Obj {
	isGone := func(o Obj) bool {
		is := func(l Label) bool {
			return l.Origin.Kind == OriginParam && l.Origin.Func == o.Func && l.Origin.Param == o.Param && l.Origin.Name == o.Path
		}
		return o.Kind == ObjParam && slices.ContainsFunc(v.Taint, is) && !slices.ContainsFunc(left, is)
	}
	if !slices.ContainsFunc(v.Objs, isGone) {
		return v.Objs
	}
	return slices.DeleteFunc(slices.Clone(v.Objs), isGone)
}

// MapLabels returns the value with f applied to each label, in the holes of its shape too.
func MapLabels(v *Value, f func(*Label)) *Value {
	if v == nil || len(v.Taint) == 0 {
		return v
	}
	r := *v
	r.Taint = mapLabels(v.Taint, f)
	if r.Str != nil {
		r.Str = r.Str.mapTaint(func(ls []Label) []Label { return mapLabels(ls, f) })
	}
	return &r
}

// KeepLabels returns the value with the labels that keep accepts, in the holes of its shape too.
func KeepLabels(v *Value, keep func(*Label) bool) *Value {
	if v == nil {
		return nil
	}
	filter := func(ls []Label) []Label {
		drop := func(l Label) bool { return !keep(&l) }
		if !slices.ContainsFunc(ls, drop) {
			return ls
		}
		return slices.DeleteFunc(slices.Clone(ls), drop)
	}
	r := *v
	r.Taint = filter(v.Taint)
	if r.Str != nil {
		r.Str = r.Str.mapTaint(filter)
	}
	return &r
}

// WithMark returns the value, and its labels, with marks added.
func WithMark(v *Value, m Marks) *Value {
	if v == nil {
		return v
	}
	marked := v.Marks&m == m
	for i := range v.Taint {
		marked = marked && v.Taint[i].Marks&m == m
	}
	if marked {
		return v
	}
	r := *v
	r.Marks |= m
	r.Taint = mapLabels(v.Taint, func(l *Label) { l.Marks |= m })
	return &r
}

// WithStep returns the value with one more step in the trace of every label, unless the last step is the same place.
func WithStep(v *Value, fn ir.FuncID, node ast.NodeID, note string) *Value {
	if v == nil || len(v.Taint) == 0 || !wantsStep(v.Taint, fn, node) {
		return v
	}
	r := *v
	r.Taint = mapLabels(v.Taint, func(l *Label) { l.Trace = Extend(l.Trace, fn, node, note) })
	return &r
}

func wantsStep(ls []Label, fn ir.FuncID, node ast.NodeID) bool {
	for i := range ls {
		t := ls[i].Trace
		if t == nil || t.Len < maxTrace && (t.Func != fn || t.Node != node) {
			return true
		}
	}
	return false
}

// Rebase puts the steps of a callee, newest first in tail, on top of how its argument came to be. Nothing is copied: the
// new step refers to both, and Steps tells the story in full.
func Rebase(tail, base *Step) *Step {
	switch {
	case tail == nil:
		return base
	case base == nil:
		return tail
	case base.Len >= maxTrace:
		return base
	}
	return &Step{Prev: base, Callee: tail, Func: tail.Func, Node: tail.Node, Note: tail.Note, Len: min(maxTrace, base.Len+min(tail.Len, maxCallee))}
}

// Steps are the steps of a trace, oldest first, without those that repeat the one before them.
func Steps(t *Step) []*Step { return appendSteps(nil, t) }

// appendSteps recurses at most maxTrace deep: every step lengthens the trace.
func appendSteps(out []*Step, t *Step) []*Step {
	if t == nil {
		return out
	}
	out = appendSteps(out, t.Prev)
	steps := []*Step{t}
	if t.Callee != nil {
		steps = Steps(t.Callee)
		steps = steps[max(0, len(steps)-maxCallee):]
	}
	for _, s := range steps {
		if n := len(out); n < maxTrace && (n == 0 || out[n-1].Func != s.Func || out[n-1].Node != s.Node) {
			out = append(out, s)
		}
	}
	return out
}

// WentThrough reports whether any step of a label's way, those of callees among them, is one that is looked for.
func (l *Label) WentThrough(is func(*Step) bool) bool {
	left := maxTrace * 2
	return wentThrough(l.Trace, is, &left)
}

func wentThrough(t *Step, is func(*Step) bool, left *int) bool {
	for ; t != nil; t = t.Prev {
		if *left--; *left < 0 {
			return false
		}
		if is(t) || t.Callee != nil && wentThrough(t.Callee, is, left) {
			return true
		}
	}
	return false
}

// IsUntouched: nothing was done on the label's way but passing the value on.
func (l *Label) IsUntouched() bool {
	left := maxTrace * 2
	return isUntouched(l.Trace, &left)
}

func isUntouched(t *Step, left *int) bool {
	for ; t != nil; t = t.Prev {
		if *left--; *left < 0 || !passesOn(t) || t.Callee != nil && !isUntouched(t.Callee, left) {
			return false
		}
	}
	return true
}

// passesOn: a step says where the value came from or went, not what became of it.
func passesOn(t *Step) bool {
	return t.Prev == nil && t.Note != "" && t.Note != NoteUnknownCall || strings.HasPrefix(t.Note, "passed to ") || strings.HasPrefix(t.Note, "returned by ") || strings.HasPrefix(t.Note, "assigned to ")
}

// Extend puts a step on a trace, unless it repeats the last one or the trace is long enough.
func Extend(t *Step, fn ir.FuncID, node ast.NodeID, note string) *Step {
	if t == nil {
		return &Step{Func: fn, Node: node, Note: note, Len: 1}
	}
	if t.Len >= maxTrace || t.Func == fn && t.Node == node {
		return t
	}
	return &Step{Prev: t, Func: fn, Node: node, Note: note, Len: t.Len + 1}
}

// WithWeak returns the value with a weak guard on every label that is not cleared for the guard's kind.
func WithWeak(v *Value, w WeakGuard) *Value {
	if v == nil || len(v.Taint) == 0 {
		return v
	}
	changed := false
	for i := range v.Taint {
		changed = changed || !v.Taint[i].Cleared.Has(w.Kind) && !slices.Contains(v.Taint[i].Weak(), w)
	}
	if !changed {
		return v
	}
	r := *v
	r.Taint = mapLabels(v.Taint, func(l *Label) {
		if !l.Cleared.Has(w.Kind) {
			l.AddWeak([]WeakGuard{w})
		}
	})
	return &r
}

// PlaceWeak fills in where weak guards without a place stand: refinement does not know the place, its caller does.
func PlaceWeak(v *Value, fn ir.FuncID, node ast.NodeID) *Value {
	if v == nil {
		return v
	}
	missing := false
	for i := range v.Taint {
		for _, w := range v.Taint[i].Weak() {
			missing = missing || w.Node == 0
		}
	}
	if !missing {
		return v
	}
	r := *v
	r.Taint = mapLabels(v.Taint, func(l *Label) { l.setWeak(placeWeak(l.Weak(), fn, node)) })
	return &r
}

func placeWeak(ws []WeakGuard, fn ir.FuncID, node ast.NodeID) []WeakGuard {
	var out []WeakGuard
	for _, w := range ws {
		if w.Node == 0 {
			w.Func, w.Node = fn, node
		}
		out = joinWeak(out, []WeakGuard{w})
	}
	return out
}

// WithOwn says of every label that comes from a source that it was read from an attribute of whatever instance parameter
// fn's caller passes: a caller that knows the instance reads the attribute itself.
func WithOwn(v *Value, fn ir.FuncID) *Value {
	return mapOwn(v, func(own uint32) uint32 { return uint32(fn) + 1 })
}

// Disown is the value as it stands in a place that outlives the call.
func Disown(v *Value) *Value { return mapOwn(v, func(uint32) uint32 { return 0 }) }

func mapOwn(v *Value, f func(uint32) uint32) *Value {
	if v == nil || !slices.ContainsFunc(v.Taint, func(l Label) bool { return l.Origin.Kind == OriginSource && f(l.Own) != l.Own }) {
		return v
	}
	set := func(ls []Label) []Label {
		return mapLabels(ls, func(l *Label) {
			if l.Origin.Kind == OriginSource {
				l.Own = f(l.Own)
			}
		})
	}
	r := *v
	r.Taint = set(v.Taint)
	if r.Str != nil {
		r.Str = r.Str.mapTaint(set)
	}
	return &r
}
