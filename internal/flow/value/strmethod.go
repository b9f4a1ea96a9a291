package value

import (
	"html"
	"strings"
	"unicode/utf8"

	"stopper/internal/ir"
	"stopper/internal/models"
)

// methodResult is what kind of thing a text method returns.
type methodResult uint8

const (
	returnsText  methodResult = 1 + iota // text made of the receiver's (and arguments') text
	returnsBool                          // a clean bool
	returnsInt                           // a clean int
	returnsList                          // a list of pieces of the receiver
	returnsTuple                         // (head, separator, tail)
	returnsBytes
	returnsStr
)

func textMethod(name string) methodResult {
	switch name {
	case "capitalize", "casefold", "center", "expandtabs", "format", "format_map", "join", "ljust", "lower", "lstrip",
		"removeprefix", "removesuffix", "replace", "rjust", "rstrip", "strip", "swapcase", "title", "translate", "upper",
		"zfill":
		return returnsText
	case "endswith", "startswith", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower",
		"isnumeric", "isprintable", "isspace", "istitle", "isupper", "__contains__", "__eq__":
		return returnsBool
	case "count", "find", "index", "rfind", "rindex", "__len__":
		return returnsInt
	case "split", "rsplit", "splitlines":
		return returnsList
	case "partition", "rpartition":
		return returnsTuple
	case "encode":
		return returnsBytes
	case "decode", "hex":
		return returnsStr
	}
	return 0
}

// IsStrMethod reports whether text has a method of that name which is understood here.
func IsStrMethod(name string) bool { return textMethod(name) != 0 }

// StrMethod is recv.name(args…, kwargs…) for a method of str or bytes whose result is no list; false for others.
func StrMethod(recv *Value, name string, args []*Value, kwargs map[string]*Value) (*Value, bool) {
	kind := textMethod(name)
	if recv == nil || kind == 0 || kind == returnsList || kind == returnsTuple {
		return nil, false
	}
	if name == "hex" && recv.Type != "bytes" {
		return nil, false
	}
	if name == "format" {
		return FormatMethod(recv, args, kwargs), true
	}
	if r := foldMethod(recv, name, args, kwargs); r != nil {
		return r, true
	}
	switch kind {
	case returnsBool:
		return decideMethod(recv, name, args), true
	case returnsInt:
		return OfType("int"), true
	case returnsBytes:
		return retype(recv, "bytes"), true
	case returnsStr:
		if name == "hex" {
			return Clear(opaqueText("str", recv), hexKinds), true
		}
		return retype(recv, "str"), true
	}
	return textResult(recv, name, args, kwargs), true
}

// retype: encoding keeps the shape as far as it is ASCII, and the rest in spirit.
func retype(v *Value, typ string) *Value {
	if v.Str == nil {
		return opaqueText(typ, v)
	}
	r := *v
	r.Type, r.Objs, r.Loose, r.AnyObj = typ, nil, false, false
	r.setEnv(nil)
	return &r
}

// foldMethod computes the method when the receiver and all arguments are constants.
func foldMethod(recv *Value, name string, args []*Value, kwargs map[string]*Value) *Value {
	if len(kwargs) > 0 || len(args) > 3 {
		return nil
	}
	consts := make([]ir.Const, len(args))
	for i, a := range args {
		if a == nil || !a.IsConst || len(a.Consts()) != 1 || len(a.Taint) > 0 {
			return nil
		}
		consts[i] = a.Consts()[0]
	}
	return fold1(recv, func(c ir.Const) (ir.Const, bool) { return methodConst(c, name, consts) })
}

// decideMethod: what the literal beginning and end of a shape decide.
func decideMethod(recv *Value, name string, args []*Value) *Value {
	if name == "startswith" && len(args) == 1 && recv.Facts&FactAbsolute != 0 && isRelative(args[0]) {
		return Bool(false)
	}
	if s, ok := argStr(args, 0); ok && len(args) == 1 && recv.Str != nil && recv.Type == "str" {
		switch p, q := recv.Str.Prefix(), recv.Str.Suffix(); {
		case name == "startswith" && strings.HasPrefix(p, s):
			return Bool(true)
		case name == "startswith" && !strings.HasPrefix(s, p):
			return Bool(false)
		case name == "endswith" && strings.HasSuffix(q, s):
			return Bool(true)
		case name == "endswith" && !strings.HasSuffix(s, q):
			return Bool(false)
		}
	}
	return OfType("bool")
}

// isRelative: every text that v may be is a path that does not begin at the root.
func isRelative(v *Value) bool {
	if v == nil || len(v.Taint) > 0 {
		return false
	}
	p := SkeletonOf(v).Prefix()
	return p != "" && p[0] != '/' && p[0] != '\\' && !(len(p) > 1 && p[1] == ':')
}

func argStr(args []*Value, i int) (string, bool) {
	if i >= len(args) {
		return "", false
	}
	return OneStr(args[i])
}

// textResult is the shape of a text method's result.
func textResult(recv *Value, name string, args []*Value, kwargs map[string]*Value) *Value {
	typ := textTypeOf(recv)
	all := append(append([]*Value{recv}, args...), sortedValues(kwargs)...)
	switch name {
	case "lower", "upper", "casefold":
		if isHostPart(recv) { // what is true of the name of a host is true of it in small letters
			return deriveWith(mapLiterals(recv, typ, name), *recv.From())
		}
		return derive(mapLiterals(recv, typ, name), HowCase, recv)
	case "strip", "rstrip", "lstrip":
		return stripShape(recv, typ, name, args)
	case "removeprefix", "removesuffix":
		return affixShape(recv, typ, name, args)
	case "replace":
		return replaceShape(recv, typ, args, all)
	case "translate":
		if len(args) == 1 && args[0] != nil {
			return translate(recv, args[0])
		}
	case "zfill", "center", "ljust", "rjust", "expandtabs", "swapcase", "title", "capitalize":
		return opaqueText(typ, recv)
	}
	return opaqueText(typ, all...)
}

func isHostPart(v *Value) bool {
	return v.From() != nil && (v.From().How == HowNetloc || v.From().How == HowHostname)
}

// mapLiterals changes the case of literal parts.
func mapLiterals(v *Value, typ, name string) *Value {
	if v.Str == nil {
		return opaqueText(typ, v)
	}
	parts := make([]Part, len(v.Str.Parts))
	for i, p := range v.Str.Parts {
		if !isASCII(p.Lit) {
			return opaqueText(typ, v)
		}
		if p.Lit = strings.ToLower(p.Lit); name == "upper" {
			p.Lit = strings.ToUpper(p.Lit)
		}
		parts[i] = p
	}
	return textValue(typ, &Skeleton{Parts: parts}, v)
}

// stripShape: stripping can only shorten the ends; a literal end stays literal, with its characters stripped.
func stripShape(recv *Value, typ, name string, args []*Value) *Value {
	cut := " \t\n\r\v\f"
	if len(args) > 0 {
		var ok bool
		if cut, ok = argStr(args, 0); !ok {
			return opaqueText(typ, recv)
		}
	}
	if strings.Contains(cut, "'") {
		recv = halved(recv)
	}
	if recv.Str == nil {
		return strippedFacts(derive(cutOf(typ, recv), HowCase, recv), recv, name, cut)
	}
	parts := append([]Part(nil), recv.Str.Parts...)
	if n := len(parts); n > 0 && name != "rstrip" && !parts[0].IsHole {
		if parts[0].Lit = strings.TrimLeft(parts[0].Lit, cut); parts[0].Lit == "" && n > 1 {
			parts[0] = Part{IsHole: true}
		}
	}
	if n := len(parts); n > 0 && name != "lstrip" && !parts[n-1].IsHole {
		if parts[n-1].Lit = strings.TrimRight(parts[n-1].Lit, cut); parts[n-1].Lit == "" && n > 1 {
			parts[n-1] = Part{IsHole: true}
		}
	}
	var b builder
	b.add(parts...)
	r := strippedFacts(WithFacts(textValue(typ, b.done(), recv), recv.Facts&(FactNoClimb|FactBasename)), recv, name, cut)
	if len(args) == 0 {
		return derive(r, HowCase, recv)
	}
	return r
}

// strippedFacts: after lstrip("/") a path is relative, and what ends or begins with no dot is not "..".
func strippedFacts(v, recv *Value, name, cut string) *Value {
	if v.IsConst {
		return v
	}
	if strings.Contains(cut, ".") {
		v = Clear(v, models.Kinds(models.PathParent))
	}
	if name == "rstrip" || !strings.Contains(cut, "/") {
		return v
	}
	return rootless(WithFacts(v, FactRelative), recv)
}

func affixShape(recv *Value, typ, name string, args []*Value) *Value {
	s, ok := argStr(args, 0)
	if !ok || recv.Str == nil || len(recv.Str.Parts) == 0 {
		return opaqueText(typ, recv)
	}
	parts := append([]Part(nil), recv.Str.Parts...)
	first, last := &parts[0], &parts[len(parts)-1]
	switch {
	case name == "removeprefix" && !first.IsHole && strings.HasPrefix(first.Lit, s):
		first.Lit = first.Lit[len(s):]
	case name == "removesuffix" && !last.IsHole && strings.HasSuffix(last.Lit, s):
		last.Lit = last.Lit[:len(last.Lit)-len(s)]
	case name == "removeprefix" && !first.IsHole && !strings.HasPrefix(s, first.Lit):
		return recv
	case name == "removesuffix" && !last.IsHole && !strings.HasSuffix(s, last.Lit):
		return recv
	default:
		return opaqueText(typ, recv)
	}
	var b builder
	b.add(parts...)
	return textValue(typ, b.done(), recv)
}

// replaceShape replaces in literal parts when the old text cannot lie across a border, which one character cannot.
func replaceShape(recv *Value, typ string, args, all []*Value) *Value {
	old, ok1 := argStr(args, 0)
	repl, ok2 := argStr(args, 1)
	if !ok1 || len(args) < 2 {
		return opaqueText(typ, all...)
	}
	r := opaqueText(typ, recv, args[1])
	if ok2 && recv.Str != nil && len(args) == 2 && utf8.RuneCountInString(old) == 1 {
		var b builder
		for _, p := range recv.Str.Parts {
			p.Lit, p.Param = strings.ReplaceAll(p.Lit, old, repl), ParamRef{}
			b.add(p)
		}
		r = textValue(typ, b.done(), recv)
	}
	if ok2 && len(args) == 2 {
		kinds, weak := replaceEffect(old, repl)
		r = Clear(replaceFacts(r, recv, old, repl), kinds)
		for _, w := range weak {
			r = WithWeak(r, w)
		}
		r = MapLabels(filterEscaped(r, recv.Facts, old, repl), func(l *Label) {
			if l.Cleared != models.AllKinds {
				l.Cleared &^= broughtBack(old, repl)
			}
		})
	}
	return r
}

// broughtBack are the kinds that minded a character which a replacement puts in place of its escaped form again:
// text.replace("&lt;", "<").
func broughtBack(old, repl string) models.KindSet {
	var lost models.KindSet
	plain := html.UnescapeString(old)
	if strings.Contains(repl, "'") && old != "'" || old != "'" && strings.Contains(old, "'") {
		lost |= models.Kinds(models.SQLQuote)
	}
	for _, c := range []struct {
		sign  string
		kinds models.KindSet
	}{
		{"<", models.Kinds(models.HTML, models.HTMLTag, models.XML)},
		{`"`, models.Kinds(models.DoubleQuote)},
		{"'", models.Kinds(models.SingleQuote)},
	} {
		if plain != old && strings.Contains(plain, c.sign) && strings.Contains(repl, c.sign) {
			lost |= c.kinds
		}
	}
	if code, ok := strings.CutPrefix(old, `\`); ok && len(code) == 2 && strings.ContainsAny(repl, `*()\`) { // \28 in a filter
		lost |= models.Kinds(models.LDAP)
	}
	return lost
}

// replaceFacts is what text.replace(old, repl) takes out for good. Of a row of dots ".." leaves one at most.
func replaceFacts(r, recv *Value, old, repl string) *Value {
	r = WithFacts(r, recv.Facts&(FactNoClimb|FactBasename)&^lostTo(repl))
	switch {
	case old == "/" && !strings.Contains(repl, "/"):
		return slashless(r)
	case old == ".." && !strings.Contains(repl, "."):
		return WithWeak(noClimbing(r), WeakGuard{Kind: models.PathRead, Name: "only \"..\" is taken out", Defeats: "/etc/passwd, where no base directory stands before it for good"})
	}
	return r
}

// lostTo are the facts that a text may lose when something of it is replaced: two dots meet where what stood between them goes.
func lostTo(added string) Facts {
	var f Facts
	if added == "" || strings.Contains(added, ".") {
		f |= FactNoClimb
	}
	if strings.ContainsAny(added, `/\`) {
		f |= FactBasename
	}
	return f
}

// filterSigns are the characters of an LDAP filter, and the facts that a text holds none of them.
var filterSigns = [...]struct {
	sign string
	fact Facts
}{{"*", FactNoStar}, {"(", FactNoOpen}, {")", FactNoShut}}

// filterEscaped remembers what a chain of replacements has taken out of a text:
//
//	name.replace("\\", "\\5c").replace("*", "\\2a").replace("(", "\\28").replace(")", "\\29")
func filterEscaped(r *Value, before Facts, old, repl string) *Value {
	all := true
	for _, s := range filterSigns {
		if (before&s.fact != 0 || old == s.sign) && !strings.Contains(repl, s.sign) {
			r = WithFacts(r, s.fact)
		} else {
			all = false
		}
	}
	if all {
		return Clear(r, models.Kinds(models.LDAP))
	}
	return r
}

// StrMethodList is recv.name(args…) for a method that returns a list or tuple: the elements in order when they are known,
// and any one of them. elems is nil when their number is not known.
func StrMethodList(recv *Value, name string, args []*Value, kwargs map[string]*Value) (elems []*Value, elem *Value, ok bool) {
	kind := textMethod(name)
	if recv == nil || kind != returnsList && kind != returnsTuple {
		return nil, nil, false
	}
	if elems = splitConst(recv, name, args, kwargs); elems != nil {
		for _, e := range elems {
			elem = Join(elem, e)
		}
		return elems, elem, true
	}
	typ := textTypeOf(recv)
	elem = cutOf(typ, recv)
	if sep, known := argStr(args, 0); known && kind == returnsList && len(args) == 1 && kwargs["maxsplit"] == nil {
		elem = without(elem, sep)
	}
	if kind == returnsTuple {
		mid := opaqueText(typ)
		if len(args) > 0 && args[0] != nil {
			mid = Join(args[0], Of(ir.Const{Kind: textKind(typ)}))
		}
		elems = []*Value{elem, mid, elem}
		if sep, known := argStr(args, 0); known && name == "partition" { // where it does not stand, this is the whole
			elems[0] = without(elem, sep)
		} else if known {
			elems[2] = without(elem, sep)
		}
		head, tail := partitionShape(recv, name, args, typ)
		if head != nil {
			elems[0] = head
		}
		if tail != nil {
			elems[2] = tail
		}
	}
	return elems, elem, true
}

// SplitOnce is recv.split(sep, 1) or recv.rsplit(sep, 1): what stands before and after the separator. The side that the
// search started from does not hold the separator.
func SplitOnce(recv *Value, name string, args []*Value, kwargs map[string]*Value) (head, tail *Value, ok bool) {
	sep, known := argStr(args, 0)
	limit := kwargs["maxsplit"]
	if len(args) == 2 {
		limit = args[1]
	}
	if n, isInt := oneInt(limit); recv == nil || !known || !isInt || n != 1 || name != "split" && name != "rsplit" {
		return nil, nil, false
	}
	head, tail = cutOf(textTypeOf(recv), recv), cutOf(textTypeOf(recv), recv)
	if name == "split" {
		return without(head, sep), tail, true
	}
	return head, without(tail, sep), true
}

// without says that a text does not hold a separator.
func without(v *Value, sep string) *Value {
	switch sep {
	case "/":
		return slashless(v)
	case ".", "..":
		return noClimbing(v)
	}
	return v
}

// slashless says that a text cannot hold a slash.
func slashless(v *Value) *Value {
	r := *v
	r.Facts |= FactBasename
	if r.Str != nil {
		parts := append([]Part(nil), r.Str.Parts...)
		for i := range parts {
			parts[i].NoSlash = parts[i].IsHole
		}
		r.Str = &Skeleton{Parts: parts}
	}
	return &r
}

// partitionShape: when the literal beginning holds the separator, the head is known.
func partitionShape(recv *Value, name string, args []*Value, typ string) (head, tail *Value) {
	sep, ok := argStr(args, 0)
	if !ok || sep == "" || recv.Str == nil || name != "partition" {
		return nil, nil
	}
	p := recv.Str.Prefix()
	i := strings.Index(p, sep)
	if i < 0 {
		return nil, nil
	}
	var b builder
	b.lit(p[i+len(sep):])
	b.add(recv.Str.Parts[1:]...)
	return Of(ir.Const{Kind: textKind(typ), Str: p[:i]}), textValue(typ, b.done(), recv)
}

// maxElems bounds the elements that a fold of split makes.
const maxElems = 64

func splitConst(recv *Value, name string, args []*Value, kwargs map[string]*Value) []*Value {
	s, ok := OneStr(recv)
	if !ok || len(recv.Taint) > 0 || len(kwargs) > 0 || !utf8.ValidString(s) || len(s) > maxText {
		return nil
	}
	var parts []string
	switch name {
	case "splitlines":
		if len(args) > 0 || strings.ContainsAny(s, "\v\f\x1c\x1d\x1e\u0085\u2028\u2029") {
			return nil
		}
		parts = strings.Split(strings.TrimSuffix(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "\n"), "\n")
		if s == "" {
			parts = []string{}
		}
	default:
		if parts, ok = splitText(s, name, args); !ok {
			return nil
		}
	}
	if len(parts) > maxElems {
		return nil
	}
	out := make([]*Value, len(parts))
	for i, p := range parts {
		out[i] = Of(ir.Const{Kind: recv.Consts()[0].Kind, Str: p})
	}
	return out
}

func splitText(s, name string, args []*Value) ([]string, bool) {
	limit := int64(-1)
	if len(args) > 1 {
		var ok bool
		if limit, ok = oneInt(args[1]); !ok {
			return nil, false
		}
	}
	if len(args) == 0 || args[0] != nil && args[0].IsConst && len(args[0].Consts()) == 1 && args[0].Consts()[0].Kind == ir.ConstNone {
		if limit >= 0 || !isASCII(s) || strings.ContainsAny(s, "\x1c\x1d\x1e\x1f") {
			return nil, false
		}
		return append([]string{}, strings.Fields(s)...), name != "partition" && name != "rpartition"
	}
	sep, ok := argStr(args, 0)
	if !ok || sep == "" {
		return nil, false
	}
	return splitBy(s, sep, name, limit), true
}

func splitBy(s, sep, name string, limit int64) []string {
	switch name {
	case "partition":
		if a, b, ok := strings.Cut(s, sep); ok {
			return []string{a, sep, b}
		}
		return []string{s, "", ""}
	case "rpartition":
		if i := strings.LastIndex(s, sep); i >= 0 {
			return []string{s[:i], sep, s[i+len(sep):]}
		}
		return []string{"", "", s}
	case "rsplit":
		var out []string
		for ; limit != 0; limit-- {
			i := strings.LastIndex(s, sep)
			if i < 0 {
				break
			}
			out = append([]string{s[i+len(sep):]}, out...)
			s = s[:i]
		}
		return append([]string{s}, out...)
	}
	if limit < 0 || limit > int64(len(s)) {
		return strings.Split(s, sep)
	}
	return strings.SplitN(s, sep, int(limit)+1)
}

// JoinElems is sep.join(elems) for known elements.
func JoinElems(sep *Value, elems []*Value) *Value {
	if sep == nil {
		return nil
	}
	var vs []*Value
	for i, e := range elems {
		if i > 0 {
			vs = append(vs, sep)
		}
		vs = append(vs, e)
	}
	return Concat(textTypeOf(sep), vs...)
}

// JoinMany is sep.join of any number of elements, each like elem.
func JoinMany(sep, elem *Value) *Value {
	if sep == nil {
		return nil
	}
	return opaqueText(textTypeOf(sep), sep, elem)
}
