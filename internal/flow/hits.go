package flow

import (
	"cmp"
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

type hitKey struct {
	fn        ir.FuncID
	node, arg ast.NodeID
	kind      models.SinkKind
}

func keyOfHit(h *Hit) hitKey { return hitKey{h.Func.ID, h.Node, h.ArgNode, h.Kind} }

// alwaysHit are kinds whose rules ask about constants too: a weak hash, a secret in the source.
func alwaysHit(k models.SinkKind) bool { return k == models.Secret || k == models.Hash }

// sink records that values reach the argument of a sink.
func (f *frame) sink(e *models.Entry, sk *models.Sink, path string, recv *value.Value, args []arg, node ast.NodeID) {
	if !f.record || !f.condsHold(sk.Conds, args) {
		return
	}
	for _, a := range f.selectArgs(sk.Arg, recv, args) {
		if a.v == nil {
			continue
		}
		v := a.v
		if sk.Kind == models.MassAssign {
			if !sk.Arg.Any || a.kind == ir.ArgStarStar {
				f.massAssign(sk, path, recv, args, a, node)
			}
			continue
		}
		if !sk.Arg.First && !sk.Arg.Elem && sk.Arg.Key == "" {
			v = f.deep(v)
		}
		if fileKinds(sk.Kind) {
			if c := f.contentOf(v, a.node); c != nil {
				v = value.AddLabels(v, c.Taint)
			}
			if sk.Kind == models.Deserialize {
				v = value.AddLabels(v, f.chosenFile(v, a.node))
			}
		}
		if sk.Kind == models.TemplateName {
			f.templateFile(sk, path, recv, args, a, node)
		}
		if sk.Kind == models.Archive && recv != nil {
			v = f.extracted(e.Path, v, args)
		}
		labels := v.Taint
		if len(labels) == 0 && !alwaysHit(sk.Kind) {
			continue
		}
		frozen := f.freezeArgs(args)
		h := &Hit{Kind: sk.Kind, Sink: sk, Callee: path, Func: f.fn, Node: node, ArgNode: a.node, Value: v, Recv: recv, Args: &frozen, Labels: labels, Marks: v.Marks}
		f.addHit(h)
		if sk.Kind == models.Argv || sk.Kind == models.Program {
			f.shellInList(h, a)
		}
	}
}

// shellInList: in ["sh", "-c", text] the text is a shell's, not an argument. The words may depend on the platform.
func (f *frame) shellInList(h *Hit, a arg) {
	for i := range h.Args.Pos {
		list := &h.Args.Pos[i]
		if !list.IsList || len(list.Elems) < 3 {
			continue
		}
		if text := list.Elems[2]; runsShell(list.Elems[0].Value, list.Elems[1].Value) && text.Value != nil && len(text.Value.Taint) > 0 {
			n := *h
			n.Kind, n.Value, n.ArgNode, n.Labels = models.Shell, text.Value, text.Node, text.Value.Taint
			f.addHit(&n)
		}
		return
	}
}

// runsShell: the program is a shell, and the flag makes it run the next word.
func runsShell(program, flag *value.Value) bool {
	return mayBe(program, func(s string) bool {
		switch base := strings.ToLower(s[strings.LastIndexAny(s, `/\`)+1:]); base {
		case "sh", "bash", "dash", "zsh", "ksh", "ash":
			return mayBe(flag, func(s string) bool { return strings.HasPrefix(s, "-") && strings.HasSuffix(s, "c") })
		case "cmd", "cmd.exe":
			return mayBe(flag, func(s string) bool { return strings.EqualFold(s, "/c") || strings.EqualFold(s, "/k") })
		case "powershell", "powershell.exe", "pwsh", "pwsh.exe":
			return mayBe(flag, func(s string) bool { return strings.EqualFold(s, "-command") || strings.EqualFold(s, "-c") })
		}
		return false
	})
}

// mayBe: one of the constant texts that v may be fits.
func mayBe(v *value.Value, fits func(string) bool) bool {
	return v != nil && v.IsConst && slices.ContainsFunc(v.Consts(), func(c ir.Const) bool { return c.Kind == ir.ConstStr && fits(c.Str) })
}

// addHit splits a hit into its closed and its symbolic part.
func (f *frame) addHit(h *Hit) {
	if h.Func.Kind == ir.KindTemplate && h.Emit == nil {
		return // what a template calls is no sink; what it writes may be
	}
	if isBuffer(h) {
		return // the bytes are the file, not its name
	}
	var open, closed, own []value.Label
	for _, l := range h.Labels {
		h.Marks |= l.Marks
		switch {
		case l.Cleared&held == held: // the path of a file that holds it
		case l.Own != 0:
			own = append(own, l)
		case l.Origin.Kind == value.OriginSource:
			closed = append(closed, l)
		default:
			open = append(open, l)
		}
	}
	if len(own) > 0 && len(f.sum.own) < maxOpenHits {
		o := *h
		o.Labels = own
		f.sum.own = append(f.sum.own, &o)
	}
	if len(closed) > 0 || len(open) == 0 && len(own) == 0 && (len(h.Labels) == 0 || alwaysHit(h.Kind)) {
		c := *h
		c.Labels = closed
		f.s.close(&c)
	}
	if len(open) == 0 {
		return
	}
	k := keyOfHit(h)
	for _, old := range f.sum.hits {
		if h.Kind == models.Log && old.Kind == models.Log && keyOfHit(old) != k {
			open = slices.DeleteFunc(open, func(l value.Label) bool { return sameLabel(old.Labels, &l) >= 0 })
			if len(open) == 0 {
				return // the same value is logged at an earlier place
			}
		}
		if keyOfHit(old) == k {
			old.Labels = mergeLabels(old.Labels, open)
			old.Value, old.Recv = join(old.Value, h.Value), join(old.Recv, h.Recv)
			return
		}
	}
	if len(f.sum.hits) >= maxOpenHits {
		f.s.trip(f.fn, limitOpenHits)
		return
	}
	o := *h
	o.Labels = open
	f.sum.hits = append(f.sum.hits, &o)
}

// isBuffer: what takes a path or an open file is given a buffer.
func isBuffer(h *Hit) bool {
	if h.Kind != models.PathRead && h.Kind != models.PathWrite || len(h.Value.Objs) == 0 || h.Value.AnyObj || h.Value.Loose {
		return false
	}
	for i := range h.Value.Objs {
		if o := &h.Value.Objs[i]; o.Kind != value.ObjLibrary || o.Path != "io.BytesIO" && o.Path != "io.StringIO" {
			return false
		}
	}
	return true
}

func mergeLabels(a, b []value.Label) []value.Label {
	return value.NormalizeLabels(append(append([]value.Label(nil), a...), b...))
}

// close records a closed hit; further flows into the same sink join it.
func (s *solver) close(h *Hit) {
	k := keyOfHit(h)
	old := s.closed[k]
	if old == nil {
		s.closed[k] = h
		return
	}
	old.Labels = mergeLabels(old.Labels, h.Labels)
	old.Value, old.Recv = join(old.Value, h.Value), join(old.Recv, h.Recv)
	old.Marks |= h.Marks
}

// hits instantiates the symbolic hits of a callee.
func (b *binding) hits() {
	for _, h := range b.sum.hits {
		if !b.f.hears() {
			return
		}
		labels := b.guessed(b.labels(h.Labels))
		if h.Kind == models.MassAssign {
			labels = b.keyLabels(h.Labels, labels)
		}
		if len(labels) == 0 {
			continue
		}
		n := *h
		n.Labels = labels
		n.Value, n.Recv = b.filled(h.Value), b.value(h.Recv)
		if !b.staysBelow(h, &n) && n.choosesScheme() {
			b.f.addHit(&n)
		}
	}
}

// ownHits passes on the hits that speak of any instance of a function further out.
func (b *binding) ownHits() {
	for _, h := range b.sum.own {
		if !b.f.hears() {
			return
		}
		if labels := b.labels(h.Labels); len(labels) > 0 {
			n := *h
			n.Labels = labels
			n.Value, n.Recv = b.value(h.Value), b.value(h.Recv)
			if n.choosesScheme() {
				b.f.addHit(&n)
			}
		}
	}
}

// closeOwn closes the hits of the functions that nobody calls with a certain instance: a framework does.
func (s *solver) closeOwn() {
	for id := range s.funcs {
		sum := s.funcs[id].sum
		if sum == nil || len(sum.own) == 0 || s.isCalled(ir.FuncID(id)) {
			continue
		}
		for _, h := range sum.own {
			s.close(h)
		}
	}
}

// isCalled: somebody besides the function itself and the tests calls it.
func (s *solver) isCalled(id ir.FuncID) bool {
	for _, e := range s.funcs[id].inCalled {
		if fn := s.fn(e.From); e.From != id && fn != nil && !fn.Module.IsTest {
			return true
		}
	}
	return false
}

// filled instantiates the argument of a sink: holes that are exactly a parameter take the shape of the argument, unless the
// callee cleared or checked it, which the argument does not know.
func (b *binding) filled(v *value.Value) *value.Value {
	n := b.value(v)
	if v == nil || v.Str == nil || n.Str == nil {
		return n
	}
	checked := slices.ContainsFunc(v.Taint, func(l value.Label) bool {
		return l.Cleared&^models.Kinds(models.PathParent) != 0 && l.Cleared&held != held || len(l.Weak()) > 0
	})
	if checked {
		return n
	}
	str := n.Str.Fill(func(p value.ParamRef) *value.Value {
		if p.Func != b.fn.ID {
			return nil
		}
		return b.arg(p.Index - 1)
	})
	if str == n.Str {
		return n
	}
	r := *n
	r.Str = str
	return &r
}

func (f *frame) sortHits() {
	slices.SortStableFunc(f.sum.hits, func(a, b *Hit) int { return compareHits(*a, *b) })
}

func compareHits(a, b Hit) int {
	return cmp.Or(cmp.Compare(a.Func.ID, b.Func.ID), cmp.Compare(a.Node, b.Node), cmp.Compare(a.ArgNode, b.ArgNode), cmp.Compare(a.Kind, b.Kind))
}

func (s *solver) openHits(id ir.FuncID) []Hit {
	s.mu.Lock()
	defer s.mu.Unlock()
	if int(id) >= len(s.funcs) {
		return nil
	}
	sum := s.summary(id)
	if sum == nil {
		return nil
	}
	var out []Hit
	for _, h := range sum.hits {
		for i := range h.Labels {
			if o := &h.Labels[i].Origin; o.Kind == value.OriginParam && o.Func == id {
				out = append(out, *h)
				break
			}
		}
	}
	return out
}

// selectArgs finds what a selector of the models means in a call.
func (f *frame) selectArgs(sel models.ArgSel, recv *value.Value, args []arg) []arg {
	var out []arg
	switch {
	case sel.Self:
		if recv != nil {
			out = append(out, arg{v: recv})
		}
	case sel.Any:
		out = append(out, args...)
	default:
		pos, given := 0, false
		for _, a := range args {
			given = given || a.kind == ir.ArgKeyword && a.name == sel.Name
		}
		for _, a := range args {
			switch a.kind {
			case ir.ArgPos:
				if sel.Pos == pos || sel.Pos == models.EveryPos && pos >= sel.Min {
					out = append(out, a)
				}
				pos++
			case ir.ArgKeyword:
				if sel.Name != "" && a.name == sel.Name {
					out = append(out, a)
				}
			case ir.ArgStar:
				if sel.Pos >= pos || sel.Pos == models.EveryPos {
					out = append(out, arg{v: f.iterate(a.v, a.node), node: a.node})
				}
			case ir.ArgStarStar:
				if sel.Name != "" && !given && (sel.Pos < 0 || sel.Pos >= pos) {
					out = append(out, arg{v: f.loadIndex(a.v, value.Str(sel.Name), a.node), node: a.node})
				}
			}
		}
	}
	return f.inside(sel, out)
}

// inside goes from selected arguments to the elements that the selector asks for.
func (f *frame) inside(sel models.ArgSel, in []arg) []arg {
	if !sel.Elem && !sel.First && !sel.Rest && sel.Key == "" {
		return in
	}
	var out []arg
	for _, a := range in {
		elems, exact := f.elements(a.v)
		switch {
		case sel.Key != "":
			if v := f.keyNoCase(a.v, sel.Key); v != nil {
				out = append(out, arg{v: v, node: a.node})
			}
		case sel.First && exact:
			if len(elems) > 0 {
				out = append(out, arg{v: elems[0], node: a.node})
			}
		case sel.Rest && exact:
			for _, e := range elems[min(1, len(elems)):] {
				out = append(out, arg{v: e, node: a.node})
			}
		case sel.First && isMapping(a.v):
			if a.v.Loose { // or a text
				out = append(out, a)
			}
		case sel.First && isText(a.v), sel.First && !f.isTracked(a.v) && len(a.v.Objs) == 0:
			out = append(out, a)
		case sel.Rest && isText(a.v):
		default:
			v := f.mapValues(a.v)
			if v == nil {
				v = f.iterate(a.v, a.node)
			} else if len(a.v.Taint) > 0 {
				v = value.AddLabels(v, a.v.Taint)
			}
			out = append(out, arg{v: v, node: a.node})
		}
	}
	return out
}

// isMapping: what is known of the value is a dict, which has no first element.
func isMapping(v *value.Value) bool {
	for i := range v.Objs {
		if v.Objs[i].Kind != value.ObjSite || v.Objs[i].Path != "dict" {
			return false
		}
	}
	return len(v.Objs) > 0
}

func (f *frame) isTracked(v *value.Value) bool {
	for i := range v.Objs {
		if v.Objs[i].Kind == value.ObjSite {
			return true
		}
	}
	return false
}

// keyNoCase is the entry of a header dict.
func (f *frame) keyNoCase(v *value.Value, key string) *value.Value {
	for i := range v.Objs {
		k, ok := keyOf(&v.Objs[i])
		o := f.object(k)
		if !ok || o == nil {
			continue
		}
		for j := range o.cells {
			if strings.EqualFold(o.cells[j].key.Str, key) {
				return o.cells[j].value
			}
		}
		if o.star != nil {
			return o.star
		}
	}
	return nil
}

func (f *frame) condsHold(conds []models.Cond, args []arg) bool {
	for i := range conds {
		if !f.condHolds(&conds[i], args) {
			return false
		}
	}
	return true
}

// condHolds is true unless the condition surely fails.
func (f *frame) condHolds(c *models.Cond, args []arg) bool {
	sel := models.ArgSel{Pos: c.Pos, Name: c.Arg, Key: c.Key}
	found := f.selectArgs(sel, nil, args)
	if c.Op == models.CondPresent {
		return len(found) > 0 != c.Negate
	}
	if len(found) == 0 {
		for _, a := range args {
			if a.kind == ir.ArgStarStar {
				return true
			}
		}
		return c.Missing
	}
	for _, a := range found {
		var consts []ir.Const
		if a.v != nil && a.v.IsConst {
			consts = a.v.Consts()
		} else if k, ok := f.s.objectName(a.v); ok {
			consts = []ir.Const{k}
		} else {
			return true
		}
		for _, k := range consts {
			if condMatches(c, k) != c.Negate {
				return true
			}
		}
	}
	return false
}

// objectName is the dotted path of a library's class or constant, or of the library class behind a class of the program:
// yaml.SafeLoader.
func (s *solver) objectName(v *value.Value) (ir.Const, bool) {
	if v == nil || len(v.Objs) != 1 || v.AnyObj {
		return ir.Const{}, false
	}
	switch o := &v.Objs[0]; o.Kind {
	case value.ObjExternal:
		return strConst(o.Path), true
	case value.ObjClass:
		if bases := s.externalBases(o.Class); len(bases) > 0 {
			return strConst(bases[0]), true
		}
	}
	return ir.Const{}, false
}

func condMatches(c *models.Cond, k ir.Const) bool {
	text := k.Str
	switch k.Kind {
	case ir.ConstBool:
		text = "False"
		if k.Int != 0 {
			text = "True"
		}
	case ir.ConstNone:
		text = "None"
	case ir.ConstInt:
		if !k.IsBig {
			text = itoa(k.Int)
		}
	}
	for alt := range strings.SplitSeq(c.Value, "|") {
		if c.Op == models.CondEqual && text == alt || c.Op == models.CondContains && strings.Contains(text, alt) {
			return true
		}
	}
	return false
}
