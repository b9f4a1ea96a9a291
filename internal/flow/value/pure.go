package value

import (
	"encoding/base64"
	"encoding/hex"
	"strings"

	"stopper/internal/ir"
	"stopper/internal/models"
)

// PureCall is the call of a library function whose result is a function of its arguments alone and worth computing;
// false for others. https://docs.python.org/3/library/
func PureCall(fn string, args []*Value, kwargs map[string]*Value) (*Value, bool) {
	for _, p := range []string{"os.path.", "posixpath."} {
		if name, ok := strings.CutPrefix(fn, p); ok {
			return pathCall(name, args)
		}
	}
	if isPurePath(fn) {
		if len(args) == 0 {
			args = []*Value{Str(".")}
		}
		return joinPath(fn, args), true
	}
	if name, ok := strings.CutPrefix(fn, "urllib.parse."); ok {
		return urlCall(name, args, kwargs)
	}
	if len(args) == 0 || args[0] == nil {
		return nil, false
	}
	v := args[0]
	switch fn {
	case "flask.url_for":
		// What the endpoint's rule says; values are quoted. With _external the host of the site stands before it.
		return textValue("str", &Skeleton{Parts: []Part{{Lit: "/"}, {IsHole: true}}}), true
	case "html.escape", "markupsafe.escape", "xml.sax.saxutils.escape":
		return escapeHTML(fn, v, second(args, kwargs["quote"])), true
	case "html.unescape":
		return opaqueText("str", v), true
	case "re.escape":
		return Clear(opaqueText(textTypeOf(v), v), models.Kinds(models.Regex)), true
	case "os.fspath", "os.fsdecode":
		return ToStr(v), true
	case "uuid.UUID":
		return OfType("uuid.UUID"), true
	case "hmac.new", "hmac.digest":
		return MAC(fn, args, kwargs)
	case "binascii.hexlify":
		return sealed(Clear(opaqueText("bytes", v), hexKinds), v), true
	case "base64.b64encode", "base64.standard_b64encode", "base64.urlsafe_b64encode":
		return encode64(fn, v), true
	case "base64.b64decode", "base64.urlsafe_b64decode", "binascii.unhexlify", "bytes.fromhex":
		return decodeBytes(fn, v), true
	case "re.match", "re.fullmatch", "re.search":
		return matchValue(fn, args, kwargs), true
	case "re.compile":
		return deriveWith(OfType("re.Pattern"), Derived{How: HowPattern, Of: v, Arg: second(args, kwargs["flags"])}), true
	case "re.sub":
		return substitute(args, kwargs), true
	case "builtins.str.maketrans":
		return deletes(args), true
	}
	return nil, false
}

// PureTuple is the call of a library function that returns a tuple of known length.
func PureTuple(fn string, args []*Value) ([]*Value, bool) {
	for _, p := range []string{"os.path.", "posixpath."} {
		if name, ok := strings.CutPrefix(fn, p); ok && len(args) == 1 && args[0] != nil {
			return pathTuple(name, args[0])
		}
	}
	return nil, false
}

func escapeHTML(fn string, v, quote *Value) *Value {
	kinds := models.Kinds(models.HTML, models.XML)
	switch {
	case fn == "xml.sax.saxutils.escape":
		kinds = models.Kinds(models.XML)
	case fn == "markupsafe.escape", quote == nil, Truth(quote) == True:
		kinds = kinds.With(models.DoubleQuote).With(models.SingleQuote)
	}
	if r := fold1(v, func(c ir.Const) (ir.Const, bool) {
		return strConst(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;").Replace(c.Str)),
			fn == "html.escape" && c.Kind == ir.ConstStr
	}); r != nil {
		return r
	}
	return Clear(opaqueText("str", v), kinds)
}

func encode64(fn string, v *Value) *Value {
	enc, class := base64.StdEncoding, sameClass(alnumChars().union(charsOf("+/=")))
	if strings.Contains(fn, "urlsafe") {
		enc, class = base64.URLEncoding, sameClass(alnumChars().union(charsOf("-_=")))
	}
	if r := fold1(v, func(c ir.Const) (ir.Const, bool) {
		return ir.Const{Kind: ir.ConstBytes, Str: enc.EncodeToString([]byte(c.Str))}, c.Kind == ir.ConstBytes
	}); r != nil {
		return r
	}
	return sealed(Clear(opaqueText("bytes", v), class.clears()), v)
}

// decodeBytes: whatever was cleared is back, for the encoded text may have passed any check of characters.
func decodeBytes(fn string, v *Value) *Value {
	if r := fold1(v, func(c ir.Const) (ir.Const, bool) { return decodeConst(fn, c) }); r != nil {
		return r
	}
	r := *opaqueText("bytes", v)
	r.Taint = mapLabels(r.Taint, func(l *Label) { l.Cleared = 0 })
	r.Str = &Skeleton{Parts: []Part{{IsHole: true, Taint: r.Taint}}}
	return &r
}

func decodeConst(fn string, c ir.Const) (ir.Const, bool) {
	var b []byte
	var err error
	switch {
	case !isText(c):
		return ir.Const{}, false
	case strings.HasPrefix(fn, "base64.urlsafe"):
		b, err = base64.URLEncoding.Strict().DecodeString(c.Str)
	case strings.HasPrefix(fn, "base64."):
		b, err = base64.StdEncoding.Strict().DecodeString(c.Str)
	default:
		b, err = hex.DecodeString(c.Str)
	}
	return ir.Const{Kind: ir.ConstBytes, Str: string(b)}, err == nil
}

// urlCall is a function of urllib.parse.
func urlCall(name string, args []*Value, kwargs map[string]*Value) (*Value, bool) {
	if len(args) == 0 || args[0] == nil {
		return nil, false
	}
	v := args[0]
	switch name {
	case "quote", "quote_plus", "quote_from_bytes":
		return quoteCall(name, v, args, kwargs), true
	case "unquote", "unquote_plus", "unquote_to_bytes":
		return unquoted(v), true
	case "urlencode":
		return Clear(opaqueText("str", v), quotedClass("+&=").clears()&^pathKinds), true
	case "urljoin":
		if u := kwargs["url"]; u != nil {
			args = []*Value{v, u}
		}
		return joinURL(args), true
	case "urlparse", "urlsplit":
		typ := "urllib.parse.ParseResult"
		if name == "urlsplit" {
			typ = "urllib.parse.SplitResult"
		}
		return deriveWith(opaque(typ, v), Derived{How: HowURL, Of: v}), true
	case "urlunparse", "urlunsplit", "urldefrag":
		return opaqueText("str", v), true
	}
	return nil, false
}

// quoteCall: percent-encoding leaves letters, digits, "_.-~" and the safe characters, "/" by default. So "//evil" and
// "../.." pass quote(), and neither passes quote(x, safe="").
func quoteCall(name string, v *Value, args []*Value, kwargs map[string]*Value) *Value {
	safe := "/"
	if name == "quote_plus" {
		safe = ""
	}
	arg := kwargs["safe"]
	if len(args) > 1 {
		arg = args[1]
	}
	known := true
	if arg != nil {
		safe, known = OneStr(arg)
	}
	r := fold1(v, func(c ir.Const) (ir.Const, bool) {
		return strConst(quoteConst(c.Str, safe, name == "quote_plus")), known && isText(c)
	})
	if r != nil {
		return r
	}
	if !known {
		return opaqueText("str", v)
	}
	class := quotedClass(safe)
	if name == "quote_plus" {
		class = quotedClass(safe + "+")
	}
	r = opaqueText("str", v)
	if !strings.Contains(safe, "/") {
		r = slashless(r)
	}
	return Clear(r, class.clears())
}

func quoteConst(s, safe string, plus bool) string {
	var b strings.Builder
	keep := quotedClass(safe).any
	for i := range len(s) {
		switch c := s[i]; {
		case plus && c == ' ':
			b.WriteByte('+')
		case keep.has(c) && (c != '%' || strings.Contains(safe, "%")):
			b.WriteByte(c)
		default:
			b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	return b.String()
}

// unquoted brings back what a check of characters ruled out.
func unquoted(v *Value) *Value {
	r := *opaqueText("str", v)
	r.Taint = mapLabels(r.Taint, func(l *Label) { l.Cleared = 0 })
	r.Str = &Skeleton{Parts: []Part{{IsHole: true, Taint: r.Taint}}}
	return &r
}

// joinURL is urljoin(base, url): the host is the base's only while the url is a path that cannot be taken for a host.
func joinURL(args []*Value) *Value {
	if len(args) < 2 || args[1] == nil {
		return opaqueText("str", args...)
	}
	base, u := args[0], args[1]
	if s, ok := OneStr(u); ok && (strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")) && len(u.Taint) == 0 {
		return u // leaves nothing of the base
	}
	shape := SkeletonOf(u)
	prefix := SkeletonOf(base).Prefix()
	if host := SkeletonOf(base).Host(); host != "" && strings.HasPrefix(shape.Prefix(), "/") && shape.HostFixed() &&
		!strings.HasPrefix(shape.Prefix(), "//") {
		end := strings.Index(prefix, "//") + 2
		end += strings.Index(prefix[end:], host) + len(host)
		return Concat("str", Str(prefix[:end]), u)
	}
	r := opaqueText("str", base, u)
	return deriveWith(r, Derived{How: HowJoinedURL, Of: u, Arg: base})
}

// PureAttr is an attribute of a value that PureCall made: the parts of a URL, the name of a path. False for others.
func PureAttr(v *Value, name string) (*Value, bool) {
	if v == nil {
		return nil, false
	}
	if isPurePath(v.Type) {
		switch name {
		case "name", "suffix", "stem", "parent", "parents", "parts":
			return PathMethod(v, name, nil)
		}
		return nil, false
	}
	if v.Type != "urllib.parse.ParseResult" && v.Type != "urllib.parse.SplitResult" {
		return nil, false
	}
	how := HowNone
	switch name {
	case "netloc":
		how = HowNetloc
	case "hostname":
		how = HowHostname
	case "scheme":
		how = HowScheme
	case "path":
		how = HowURLPath
	case "port":
		return OfType("int"), true
	case "query", "fragment", "params", "username", "password":
	default:
		return nil, false
	}
	r := opaqueText("str", v)
	if v.From() != nil && v.From().How == HowURL && how != HowNone {
		r = deriveWith(r, Derived{How: how, Of: v.From().Of})
	}
	return r, true
}
