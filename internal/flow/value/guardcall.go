package value

import (
	"slices"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/models"
)

// RefineCall says what is known of receiver and arguments where a call of a predicate came out as truth. name is the
// method's name when there is a receiver, else the dotted path of the function. They come back as they were when nothing
// is known.
func RefineCall(name string, recv *Value, args []*Value, truth bool) (recv2 *Value, args2 []*Value) {
	if recv != nil {
		return refineMethod(name, recv, args, truth), args
	}
	if len(args) == 0 || args[0] == nil {
		return nil, args
	}
	if truth && len(args) == 2 && (name == "hmac.compare_digest" || name == "secrets.compare_digest") {
		return nil, []*Value{authenticated(args[0]), authenticated(args[1])}
	}
	next := refineFunc(name, args, truth)
	if next == args[0] {
		return nil, args
	}
	return nil, append([]*Value{next}, args[1:]...)
}

func refineMethod(name string, recv *Value, args []*Value, truth bool) *Value {
	r := refineText(name, recv, args, truth)
	if recv.From() == nil || recv.From().How != HowStr {
		return r
	}
	return pullInto(r, recv, func(of *Value) *Value { return refineText(name, of, args, truth) })
}

func refineText(name string, recv *Value, args []*Value, truth bool) *Value {
	if recv.IsConst {
		return recv
	}
	if name == "is_absolute" && !truth {
		return relativePath(recv)
	}
	if kinds, ok := CharClassGuard(name); ok && truth {
		r := Clear(recv, kinds)
		return pull(r, func(of *Value) *Value {
			if recv.From().How == HowCase && name != "isprintable" {
				// The text is clean but for space around it.
				return Clear(of, kinds&^lineKinds)
			}
			return of
		})
	}
	if len(args) == 0 || args[0] == nil {
		return recv
	}
	switch name {
	case "startswith":
		return refinePrefix(recv, args[0], truth)
	case "endswith":
		if truth {
			s, _ := OneStr(args[0])
			return withQuote(refineSuffix(recv, args[0]), s, FactCloses, FactClosesDouble)
		}
	case "is_relative_to":
		if truth {
			return relativeTo(recv)
		}
	case "__contains__":
		if s, ok := OneStr(args[0]); ok && !truth {
			return lacks(recv, s)
		}
	}
	return recv
}

func refineFunc(name string, args []*Value, truth bool) *Value {
	v := args[0]
	switch name {
	case "builtins.isinstance":
		if truth && len(args) > 1 {
			return ofBuiltin(v, args[1])
		}
		if len(args) > 1 && isStrClass(args[1]) {
			return Clear(v, models.Kinds(models.HTML, models.CSV)) // no text: a number, or nothing
		}
	case "os.path.isabs", "posixpath.isabs":
		if !truth {
			return WithFacts(v, FactRelative)
		}
	case "os.path.exists", "os.path.isfile", "os.path.isdir":
		if truth {
			return WithWeak(v, WeakGuard{Kind: models.PathRead, Name: "that a file exists says nothing of where it is", Defeats: "../../etc/passwd"})
		}
	}
	return v
}

func isStrClass(typ *Value) bool {
	return typ != nil && len(typ.Objs) == 1 && typ.Objs[0].Path == "builtins.str"
}

// ofBuiltin is v where isinstance(v, typ) holds for a type that is no mapping: a text is no query operator, and a number
// harms nobody.
func ofBuiltin(v, typ *Value) *Value {
	if typ == nil || len(typ.Objs) != 1 {
		return v
	}
	switch typ.Objs[0].Path {
	case "builtins.str", "builtins.bytes":
		return WithType(v, strings.TrimPrefix(typ.Objs[0].Path, "builtins."))
	case "builtins.int", "builtins.float", "builtins.bool":
		return Clear(v, models.AllKinds)
	}
	return v
}

// refinePrefix is v.startswith(prefix). What it is worth depends on what was done to v before.
func refinePrefix(v, prefix *Value, truth bool) *Value {
	s, isConst := OneStr(prefix)
	if !truth {
		switch {
		case isConst && s == "/":
			return relative(v)
		case isConst && s == "-":
			return Clear(v, models.Kinds(models.Argv)) // no option
		case isConst:
			return startsClimbing(v, s)
		}
		return v
	}
	if isConst && s == "" {
		return v
	}
	if isConst {
		v = withQuote(v, s, FactOpens, FactOpensDouble)
	}
	if v.Facts&FactNormalized != 0 {
		return underBase(v, prefix)
	}
	if !isConst {
		if !isParams(prefix) {
			return v
		}
		w := climbGuard()
		w.Closed = endsWithSeparator(prefix)
		return WithWeak(v, w)
	}
	if fixesScheme(s) {
		v = Clear(v, models.Kinds(models.HTMLURL))
	}
	switch {
	case strings.HasPrefix(s, "/") && len(s) > 1 && s[1] != '/' && s[1] != '\\':
		w := climbGuard()
		w.Closed = strings.HasSuffix(s, "/")
		v = WithWeak(v, w)
		return withPrefix(Clear(v, models.Kinds(models.URLRedirect)), s)
	case s == "/":
		return WithWeak(v, WeakGuard{Kind: models.URLRedirect, Name: "a URL that begins with a slash may still name another host", Defeats: "//evil.example, /\\evil.example, /<TAB>/evil.example"})
	case strings.Contains(s, "://"):
		return urlPrefix(v, s)
	}
	return v
}

// fixesScheme reports whether no text that begins so is a javascript: URL or another that is run.
func fixesScheme(s string) bool {
	scheme, _, ok := strings.Cut(strings.ToLower(strings.TrimLeft(s, blankChars)), ":")
	if strings.ContainsFunc(scheme, func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("+-.\t\n\r", r))
	}) {
		return true // no scheme has such a character
	}
	return ok && (scheme == "http" || scheme == "https" || scheme == "mailto" || scheme == "tel")
}

// SchemeTaint is the taint that can choose the scheme of a URL of this shape: that of the first part, unless a literal
// before it ends the scheme. A part of the program's own in front is taken for the beginning of an address.
func (s *Skeleton) SchemeTaint() []Label {
	prefix := ""
	for i := range s.Parts {
		switch p := &s.Parts[i]; {
		case p.tainted(models.HTMLURL):
			return p.Taint
		case p.IsHole:
			return nil
		default:
			if prefix += p.Lit; fixesScheme(prefix) {
				return nil
			}
		}
	}
	return nil
}

func climbGuard() WeakGuard {
	return WeakGuard{Kind: models.PathRead, Name: "the beginning is compared before the path is normalised", Defeats: "BASE/../../etc/passwd"}
}

// isParams: nothing is in the value but what the program has, and parameters, of which each call knows more.
func isParams(v *Value) bool { return allParams(v.Taint) }

func allParams(ls []Label) bool {
	for i := range ls {
		if ls[i].Origin.Kind != OriginParam {
			return false
		}
	}
	return true
}

// Checked is an argument that a callee has compared, when the check is insufficient in general: a path that came to it
// normalised is below the base.
func Checked(v *Value, w WeakGuard) *Value {
	switch climb := climbGuard(); {
	case w.Name != climb.Name || w.Kind != climb.Kind || v.Facts&FactNormalized == 0:
		return WithWeak(v, w)
	case w.Closed:
		return pull(Clear(v, pathKinds), clearRooted)
	}
	return WithWeak(v, siblingGuard())
}

// relative says that a text does not begin with a separator.
func relative(v *Value) *Value { return WithFacts(v, FactRelative) }

// withPrefix puts the known beginning into a shape that has none.
func withPrefix(v *Value, s string) *Value {
	if v.Str != nil && (len(v.Str.Parts) == 0 || !v.Str.Parts[0].IsHole) {
		return v
	}
	r := *v
	h := holeOf(v)
	if v.Str != nil {
		h = restHole(v.Str.Parts)
	}
	r.Str = &Skeleton{Parts: []Part{{Lit: s}, h}}
	return &r
}

func urlPrefix(v *Value, s string) *Value {
	i := strings.Index(s, "://")
	host := s[i+3:]
	end := strings.IndexAny(host, `/?#`)
	switch {
	case host == "":
		return WithWeak(v, WeakGuard{Kind: models.URLFetch, Name: "only the scheme is compared", Defeats: s + "127.0.0.1/"})
	case end > 0 && !strings.Contains(host[:end], "@"):
		return withPrefix(Clear(v, urlKinds), s)
	}
	w := WeakGuard{Name: "the prefix does not end the host", Defeats: s + ".evil.example, " + s + "@evil.example"}
	w.Kind = models.URLRedirect
	v = WithWeak(v, w)
	w.Kind = models.URLFetch
	return WithWeak(v, w)
}

// Names of checks that let little through: folders beside the base whose names begin as its name does.
const (
	NoSeparator  = "the base is compared without a separator after it"
	NoComponents = "os.path.commonprefix compares characters, not path components"
)

// Unproven names a check that compares a path with a folder in a way that is not understood, or not always.
const Unproven = "a check that is not understood"

func siblingGuard() WeakGuard {
	return WeakGuard{Kind: models.PathRead, Name: NoSeparator, Defeats: "/srv/files-private/x where the base is /srv/files"}
}

// underBase is normalised.startswith(base): enough when the base ends with a separator. Only the value that was compared,
// and a rooted one that it was made of, are below the base; a bare name that is joined elsewhere is not.
func underBase(v, base *Value) *Value {
	if !endsWithSeparator(base) {
		w := siblingGuard()
		return pull(WithWeak(v, w), func(of *Value) *Value { return WithWeak(of, w) })
	}
	return pull(Clear(v, pathKinds), clearRooted)
}

// clearRooted: abspath(name) says nothing of join(elsewhere, name). An absolute path leads to the same place wherever it is put.
func clearRooted(of *Value) *Value {
	if of.Facts&FactAbsolute != 0 {
		return clearBelow(Clear(of, pathKinds))
	}
	s := SkeletonOf(of)
	isForeign := func(p Part) bool { return len(p.Taint) > 0 && !OwnWords(p.Taint) }
	switch at := slices.IndexFunc(s.Parts, isForeign); {
	case len(s.Parts) < 2 || at < 0:
	case at > 0:
		of = below(Clear(of, pathKinds))
	case allParams(s.Parts[0].Taint): // in whatever folder the caller names
		of = below(of)
	}
	return clearBelow(of)
}

func endsWithSeparator(base *Value) bool {
	s := SkeletonOf(base)
	if strings.HasSuffix(s.Suffix(), "/") {
		return true
	}
	if base.IsConst {
		for _, c := range base.Consts() {
			if c.Kind == ir.ConstStr && !strings.HasSuffix(c.Str, "/") {
				return false
			}
		}
		return true
	}
	// BASE + os.sep: os.sep may be known by its path only.
	n := len(s.Parts)
	return n > 1 && s.Parts[n-1].IsHole && !s.Parts[n-1].tainted(models.NoKind) && s.Parts[n-2].IsHole
}

// refineSuffix is hostname.endswith(".site.example").
func refineSuffix(v, suffix *Value) *Value {
	s, ok := OneStr(suffix)
	if !ok || v.From() == nil || v.From().How != HowNetloc && v.From().How != HowHostname {
		return v
	}
	if strings.HasPrefix(s, ".") && strings.Count(s, ".") > 1 {
		return pull(v, func(of *Value) *Value { return onHost(v.From().How, of) })
	}
	w := WeakGuard{Kind: models.URLRedirect, Name: "the end of the host name is compared without a dot before it", Defeats: "https://evil" + s}
	return pull(v, func(of *Value) *Value {
		of = WithWeak(of, w)
		x := w
		x.Kind = models.URLFetch
		return WithWeak(of, x)
	})
}

// relativeTo is path.is_relative_to(base), which compares components and does not resolve "..".
func relativeTo(v *Value) *Value {
	if v.Facts&FactNormalized == 0 {
		w := climbGuard()
		w.Name = "is_relative_to does not resolve \"..\""
		return WithWeak(v, w)
	}
	return BelowFolder(v)
}

// BelowFolder is a path of which is known that it stays below a folder, ".." and all.
func BelowFolder(v *Value) *Value { return pull(Clear(v, pathKinds), clearRooted) }

// CommonPath is os.path.commonpath([elems…]), or commonprefix: a list's elements are not the arguments of PureCall.
func CommonPath(fn string, elems []*Value) *Value {
	r := opaqueText("str", elems...)
	how := HowCommon
	if strings.HasSuffix(fn, "commonprefix") {
		how = HowCommonPrefix
	}
	var path, other *Value
	for _, e := range elems {
		switch {
		case e == nil || len(e.Taint) == 0:
		case path == nil || OwnWords(path.Taint):
			path = e // the folder may come from the environment
		case other == nil:
			other = e
		}
	}
	r = derive(r, how, path)
	if r.From() != nil && other != nil && isShallow(other) {
		d := *r.From()
		d.Arg = other
		return WithFrom(r, d)
	}
	return r
}

// isShallow: little is known of how a value was made, so that keeping it for another does not grow with every round of a loop.
func isShallow(v *Value) bool {
	return v.From() == nil || v.From().Arg == nil && (v.From().Of == nil || v.From().Of.From() == nil)
}

// CommonBeside is commonpath([folder, path]) as a comparison with the folder sees it, where the folder was taken for the path:
// in a helper both are parameters.
func CommonBeside(v, folder *Value) *Value {
	from := v.From()
	if from == nil || from.Arg == nil || from.How != HowCommon && from.How != HowCommonPrefix || !sameValue(from.Of, folder) {
		return v
	}
	return WithFrom(v, Derived{How: from.How, Of: from.Arg, Arg: from.Of})
}

// common is what `os.path.commonpath([BASE, x]) == base`, or the same of commonprefix, says of x.
func common(how How, base *Value) func(*Value) *Value {
	return func(x *Value) *Value {
		switch {
		case x.Facts&FactNormalized == 0:
			// Without normalisation "..", too, is a component below the base.
			return WithWeak(x, climbGuard())
		case how == HowCommonPrefix && !endsWithSeparator(base):
			return WithWeak(x, WeakGuard{Kind: models.PathRead, Name: NoComponents, Defeats: "/base-other/file beside /base"})
		}
		return clearBelow(Clear(x, pathKinds))
	}
}

// replaceEffect judges text.replace(old, repl) as a sanitizer.
func replaceEffect(old, repl string) (models.KindSet, []WeakGuard) {
	switch {
	case old == "" || strings.Contains(repl, old) && old != "'" && old != "&":
		return 0, nil
	case old == "/" && !strings.Contains(repl, ".."):
		return slashKinds, nil
	case old == "\n" || old == "\r\n":
		return models.Kinds(models.Log), nil
	case old == "../" || old == `..\`:
		return 0, []WeakGuard{{Kind: models.PathRead, Name: "\"../\" is removed once", Defeats: "....//"}}
	case old == `"` && !strings.Contains(repl, old):
		return models.Kinds(models.DoubleQuote), nil
	case old == "'":
		var gone models.KindSet
		if repl == "''" {
			gone = models.Kinds(models.SQLQuote)
		}
		if !strings.Contains(repl, old) {
			gone = models.Kinds(models.SingleQuote)
		}
		return gone, []WeakGuard{
			{Kind: models.SQL, Name: "quotes are doubled by hand", Defeats: "1 OR 1=1 where no quotes stand around it, a backslash before the quote on MySQL"},
			{Kind: models.Shell, Name: "quotes are doubled by hand", Defeats: "'; id; '"},
		}
	case old == "<" && !strings.Contains(repl, old):
		return models.Kinds(models.HTMLTag), nil
	case old == "<" || old == "<script>":
		return 0, []WeakGuard{{Kind: models.HTML, Name: "\"" + old + "\" is replaced by hand", Defeats: "\" onmouseover=alert(1) x=\" in an attribute"}}
	}
	return 0, nil
}
