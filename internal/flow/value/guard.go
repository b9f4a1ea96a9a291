package value

import (
	"slices"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// urlKinds are the kinds that a check of a URL's host is about.
var urlKinds = models.Kinds(models.URLFetch, models.URLRedirect)

// RefineCompare says what is known of the operands where `a op b` came out as truth. Taint that cannot pass is cleared; a
// check that does not suffice leaves a WeakGuard without a place (see PlaceWeak). Operands come back as they were when
// nothing is known. What an operand was computed from is refined too: see Pulled.
func RefineCompare(op ast.Op, a, b *Value, truth bool) (a2, b2 *Value) {
	if a == nil || b == nil {
		return a, b
	}
	switch op {
	case ast.NotEq:
		return RefineCompare(ast.Eq, a, b, !truth)
	case ast.IsNot:
		return RefineCompare(ast.Is, a, b, !truth)
	case ast.NotIn:
		return RefineCompare(ast.In, a, b, !truth)
	case ast.Eq, ast.Is:
		if truth {
			return refineEqual(a, b), refineEqual(b, a)
		}
		return refineUnequal(a, b), refineUnequal(b, a)
	case ast.In:
		return refineIn(a, b, truth)
	}
	return a, b
}

// refineEqual is x where x == y.
func refineEqual(x, y *Value) *Value {
	if y.IsConst && len(y.Taint) == 0 {
		return equalsConst(x, y)
	}
	if x.IsConst {
		return x
	}
	switch from := x.From(); {
	case from == nil:
	case from.How == HowMAC:
		return authenticated(x)
	case from.How == HowBasename && sameText(from.Of, y):
		// `os.path.basename(x) == x`
		return pull(x, func(of *Value) *Value { return Clear(of, slashKinds) })
	case from.How == HowCommon, from.How == HowCommonPrefix:
		return pull(x, common(from.How, y))
	case from.How == HowDir && OwnWords(y.Taint):
		return pull(x, inFolder)
	case from.How == HowNetloc, from.How == HowHostname:
		return hostEquals(x, y)
	}
	if y.From() != nil && y.From().How == HowBasename && sameText(y.From().Of, x) {
		return WithFacts(Clear(x, slashKinds), FactBasename)
	}
	if OwnWords(y.Taint) && len(x.Taint) > 0 && knowsSomething(y) {
		// Equal to something that is the program's own: a stored token, a configured name.
		return Clear(x, models.AllKinds)
	}
	return x
}

func sameValue(a, b *Value) bool { return a == b || Equal(a, b) }

// sameText: a is b, or the path that Path(b) makes of it.
func sameText(a, b *Value) bool {
	return sameValue(a, b) || a.From() != nil && a.From().How == HowStr && sameValue(a.From().Of, b)
}

// OwnWords: what a value holds was chosen by nobody, or by who runs the program and writes its environment and command line.
func OwnWords(labels []Label) bool {
	for i := range labels {
		if o := &labels[i].Origin; o.Kind != OriginSource || o.Source != models.Env && o.Source != models.CLI {
			return false
		}
	}
	return true
}

// knowsSomething: a clean value of which nothing is known may simply be one that the analysis lost.
func knowsSomething(v *Value) bool {
	return v.IsConst || v.Str != nil || v.Env() != nil || len(v.Objs) > 0 && !v.AnyObj
}

// equalsConst is x where x equals one of the constants of y.
func equalsConst(x, y *Value) *Value {
	if x.IsConst && len(x.Taint) == 0 {
		return keepConsts(x, func(c ir.Const) bool {
			return slices.ContainsFunc(y.Consts(), func(d ir.Const) bool { return compareConsts(ast.Eq, c, d) != False })
		})
	}
	var shared []ir.Const
	for _, c := range y.Consts() {
		if c.Kind == ir.ConstNone && isScalar(x.Type) && !x.Loose && len(x.Objs) == 0 || disjointFrom(x, c) {
			continue
		}
		shared = append(shared, c)
	}
	if len(shared) == 0 {
		shared = y.Consts()
	}
	r := constsValue(shared, x.Marks)
	if r == nil {
		return x
	}
	if x.From() != nil {
		r = pullInto(r, x, hostConst(x, y))
	}
	return r
}

func disjointFrom(x *Value, c ir.Const) bool {
	return isText(c) && x.Type == "str" && disjointShapes(x, Of(c))
}

func keepConsts(v *Value, keep func(ir.Const) bool) *Value {
	var out []ir.Const
	for _, c := range v.Consts() {
		if keep(c) {
			out = append(out, c)
		}
	}
	if len(out) == len(v.Consts()) || len(out) == 0 {
		return v
	}
	r := WithConsts(v, out)
	r.Type, _ = typeOf(r)
	return r
}

// hostConst is what `urlparse(x).netloc == const` says of x.
func hostConst(x, y *Value) func(*Value) *Value {
	how := x.From().How
	return func(of *Value) *Value {
		switch how {
		case HowNetloc, HowHostname:
			if slices.ContainsFunc(y.Consts(), func(c ir.Const) bool { return truthOf(c) == False }) {
				return WithWeak(of, WeakGuard{Kind: models.URLRedirect, Name: "an empty netloc does not keep a redirect on this site", Defeats: "https:evil.example, ////evil.example, /\\evil.example"})
			}
			return onHost(how, of)
		case HowScheme:
			if !slices.ContainsFunc(y.Consts(), func(c ir.Const) bool { return !fixesScheme(c.Str + ":") }) {
				return Clear(of, models.Kinds(models.HTMLURL))
			}
		case HowCase:
			return Clear(of, models.AllKinds)
		case HowBasename, HowPath:
			return Clear(of, pathKinds)
		case HowDir:
			return inFolder(of)
		case HowCommon, HowCommonPrefix:
			return common(how, y)(of)
		}
		return of
	}
}

// hostEquals is netloc(x) == y for a y that is not constant. The well-known is_safe_url joins x with the host first: that holds for
// the joined address, and what redirect() makes of x itself afterwards is another one.
func hostEquals(x, y *Value) *Value {
	isHost, how := OwnWords(y.Taint) || isHostSource(y), x.From().How
	if of := x.From().Of; of.From() != nil && of.From().How == HowJoinedURL {
		w := WeakGuard{Kind: models.URLRedirect, Name: "the netloc of the joined URL is compared, and the value itself is used", Defeats: "https:evil.example, ////evil.example, /\\evil.example"}
		return pull(x, func(of *Value) *Value {
			joined := WithWeak(of, w)
			if isHost {
				joined = onHost(how, of)
			}
			return pull(joined, func(o *Value) *Value { return WithWeak(o, w) })
		})
	}
	if !isHost {
		return x
	}
	return pull(x, func(of *Value) *Value { return onHost(how, of) })
}

// onHost is an address whose netloc or hostname is one of the program's. What stands before an @ is not compared with a hostname,
// and browsers take a backslash there for the end of the host.
func onHost(how How, of *Value) *Value {
	if how == HowNetloc {
		return Clear(of, urlKinds)
	}
	return WithWeak(Clear(of, models.Kinds(models.URLFetch)), WeakGuard{Kind: models.URLRedirect, Name: "a comparison of the hostname", Defeats: `https://evil.example\@site.example`})
}

func isHostSource(v *Value) bool {
	return !slices.ContainsFunc(v.Taint, func(l Label) bool { return !strings.Contains(l.Origin.Name, "host") })
}

// refineUnequal is x where x != y.
func refineUnequal(x, y *Value) *Value {
	if !y.IsConst || len(y.Consts()) != 1 {
		return x
	}
	if x.IsConst {
		return keepConsts(x, func(c ir.Const) bool { return c != y.Consts()[0] })
	}
	if isNone(y) {
		return matchHeld(x)
	}
	if holdsParent(y) {
		return notParent(x)
	}
	return x
}

// matchHeld is the result of re.match where it is not None.
func matchHeld(m *Value) *Value {
	if m.From() == nil || m.From().How != HowMatch {
		return m
	}
	d := *m.From()
	return pull(Clear(m, d.Kinds), func(of *Value) *Value {
		if of.From() != nil && of.From().How == HowStr {
			return pull(shownBy(of, d), func(x *Value) *Value { return shownBy(x, d) })
		}
		return shownBy(of, d)
	})
}

// shownBy is a value that a pattern was found to match.
func shownBy(v *Value, d Derived) *Value {
	v = Clear(v, d.Kinds)
	if d.Weak != nil {
		v = WithWeak(v, *d.Weak)
	}
	return v
}

// RefineTruth is v where bool(v) came out as truth.
func RefineTruth(v *Value, truth bool) *Value {
	switch {
	case v == nil:
		return nil
	case v.IsConst:
		return keepConsts(v, func(c ir.Const) bool { return truthOf(c) != TriOf(!truth) })
	case truth && v.Env() != nil && v.Env().HasDefault && v.Env().Default != nil && Truth(v.Env().Default) == False:
		r := *v
		r.setEnv(&EnvRef{Name: v.Env().Name})
		return &r
	case !truth && (v.Type == "str" || v.Type == "bytes") && !v.Loose && len(v.Objs) == 0:
		// An empty text harms nobody. It may also be None, which does not either.
		return pullInto(Of(ir.Const{Kind: textKind(v.Type)}), v, func(of *Value) *Value { return emptyHost(v, of) })
	case !truth && (v.From() != nil && (v.From().How == HowNetloc || v.From().How == HowHostname)):
		return pull(v, func(of *Value) *Value { return emptyHost(v, of) })
	case truth:
		return matchHeld(v)
	case v.From() != nil && v.From().Missed != "":
		return matchMissed(v)
	case v.From() == nil && len(v.Taint) > 0:
		return Clear(v, models.AllKinds) // nothing, zero or empty
	}
	return v
}

// emptyHost is `not urlparse(x).netloc`.
func emptyHost(v, of *Value) *Value {
	if v.From() == nil || v.From().How != HowNetloc && v.From().How != HowHostname {
		return of
	}
	return WithWeak(of, WeakGuard{Kind: models.URLRedirect, Name: "an empty netloc does not keep a redirect on this site", Defeats: "https:evil.example, ////evil.example, /\\evil.example"})
}

// refineIn is `a in b`: constants in a text, or a text that must not hold something.
func refineIn(a, b *Value, truth bool) (a2, b2 *Value) {
	if truth && b.IsConst && hasText(b.Consts()) && len(b.Taint) == 0 {
		// A piece of a constant is the program's own.
		return Clear(a, models.AllKinds), b
	}
	s, ok := OneStr(a)
	if b.From() != nil && truth && b.From().How == HowParents {
		return a, pull(b, common(HowCommon, a))
	}
	if b.From() != nil && ok && !truth && b.From().How == HowSplit {
		return a, pull(b, func(of *Value) *Value { return pieceless(of, s) })
	}
	if truth && !b.IsConst {
		return a, holds(b, a, s)
	}
	if !ok || truth || b.IsConst {
		return a, b
	}
	r := lacks(b, s)
	if b.From() != nil && b.From().How == HowStr {
		r = pullInto(r, b, func(of *Value) *Value { return lacks(of, s) })
	}
	return a, r
}

// holds is v with a text somewhere in it, which says nothing of where: "https://evil.example/?shop.example" holds the shop.
func holds(v, part *Value, s string) *Value {
	switch {
	case isHostName(s), len(part.Taint) > 0 && isHostSource(part):
		w := WeakGuard{Name: "the name only has to stand somewhere in the URL", Defeats: "https://evil.example/?" + s, Kind: models.URLRedirect}
		if s == "" {
			w.Defeats = "https://evil.example/?" + "the host's name"
		}
		v = WithWeak(v, w)
		w.Kind = models.URLFetch
		return WithWeak(v, w)
	case len(s) > 3 && s[0] == '/':
		return WithWeak(v, WeakGuard{Kind: models.PathRead, Name: "the folder only has to stand somewhere in the path", Defeats: "/tmp" + s + "/../../etc/passwd"})
	}
	return v
}

// isHostName: the text looks like shop.example, perhaps with a scheme before it.
func isHostName(s string) bool {
	if i := strings.Index(s, "://"); i >= 0 {
		s = s[i+3:]
	}
	dot := strings.LastIndexByte(s, '.')
	if dot < 1 || len(s)-dot < 3 {
		return false
	}
	for _, r := range s {
		if r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}

// lacks is v without the text s anywhere in it.
func lacks(v *Value, s string) *Value {
	if len(s) == 1 {
		if v.From() != nil && v.From().How == HowInner {
			v = pull(v, func(of *Value) *Value { return withQuote(of, s, FactHollow, FactHollowDouble) })
		}
		c := sameClass(allChars().without(charsOf(s)))
		v = Clear(cutFacts(v, c), c.clears())
		if s == "/" {
			// A name of one component; only Windows knows another separator.
			v = Clear(slashless(v), slashKinds)
		}
		return v
	}
	switch s {
	case "..", "../":
		v = noClimbing(v)
		if v.Str != nil && v.Str.PathSafe(models.NoKind) {
			return Clear(v, pathKinds)
		}
		return WithWeak(v, WeakGuard{Kind: models.PathRead, Name: "only \"" + s + "\" is refused", Defeats: "/etc/passwd, where no base directory stands before it for good"})
	case "//", "://", "http://", "https://":
		return WithWeak(v, WeakGuard{Kind: models.URLRedirect, Name: "only \"" + s + "\" is refused", Defeats: "https:evil.example, /\\evil.example"})
	}
	return v
}

// noClimbing says that no ".." stands in the text.
func noClimbing(v *Value) *Value {
	v = Clear(WithFacts(v, FactNoClimb), models.Kinds(models.PathParent))
	if v.Str == nil {
		return v
	}
	r := *v
	parts := slices.Clone(v.Str.Parts)
	for i := range parts {
		parts[i].NoClimb = parts[i].IsHole
	}
	r.Str = &Skeleton{Parts: parts}
	return &r
}

// RefineIn is a where `a in (elems…)` came out as truth; elems are all elements of a list, set or tuple, or all keys of a
// dict.
func RefineIn(a *Value, elems []*Value, truth bool) *Value {
	if a == nil || len(elems) == 0 {
		return a
	}
	var any *Value
	for _, e := range elems {
		if e == nil || !OwnWords(e.Taint) {
			return a
		}
		if any == nil || any.IsConst { // what else it is does not matter, and a table may be long
			any = Join(any, e)
		}
	}
	if truth {
		if !any.IsConst || len(any.Taint) > 0 {
			return pull(Clear(a, models.AllKinds), func(of *Value) *Value { return hostAllowed(a, of) })
		}
		return equalsConst(a, any)
	}
	if a.IsConst && any.IsConst {
		return keepConsts(a, func(c ir.Const) bool { return !slices.Contains(any.Consts(), c) })
	}
	if any.IsConst && holdsParent(any) {
		return notParent(a)
	}
	return a
}

// hostAllowed is `urlparse(x).netloc in ALLOWED`.
func hostAllowed(a, of *Value) *Value {
	switch a.From().How {
	case HowNetloc, HowHostname:
		return onHost(a.From().How, of)
	case HowCase:
		return Clear(of, models.AllKinds)
	}
	return of
}

// RefineMember is a where `a in c` came out true for a clean collection of the program's own whose elements are too many
// or not known one by one: a dict of handlers, an enum, a module constant.
func RefineMember(a *Value) *Value {
	if a == nil || a.IsConst {
		return a
	}
	return pull(Clear(a, models.AllKinds), func(of *Value) *Value { return hostAllowed(a, of) })
}

// pull refines what v was computed from.
func pull(v *Value, f func(*Value) *Value) *Value { return pullInto(v, v, f) }

// pullInto gives r the derivation of v with its source refined.
func pullInto(r, v *Value, f func(*Value) *Value) *Value {
	if v.From() == nil || v.From().Of == nil {
		return r
	}
	of := f(v.From().Of)
	if of == v.From().Of && r.From() == v.From() {
		return r
	}
	d := *v.From()
	d.Of = of
	return WithFrom(r, d)
}

// Pair is a value and what it became.
type Pair struct{ Old, New *Value }

// Pulled lists the values that a refinement of old into next says something about besides old itself: whoever holds
// Old holds New from here on. Values are found by identity.
func Pulled(old, next *Value) []Pair {
	var out []Pair
	for old != nil && next != nil && old.From() != nil && next.From() != nil && old.From() != next.From() && len(out) <= maxDerived {
		o, n := old.From().Of, next.From().Of
		if o == n {
			break
		}
		out = append(out, Pair{o, n})
		old, next = o, n
	}
	return out
}
