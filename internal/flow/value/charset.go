package value

import (
	"strings"

	"stopper/internal/models"
)

// charset is a set of characters: each ASCII one, and whether any other may occur.
type charset struct {
	ascii [2]uint64
	other bool
}

// textClass is what a check says of a text: the characters it may hold, and those it may begin with.
type textClass struct{ any, first charset }

func (c *charset) add(b byte) {
	if b < 0x80 {
		c.ascii[b>>6] |= 1 << (b & 63)
	} else {
		c.other = true
	}
}

func (c charset) has(b byte) bool { return b < 0x80 && c.ascii[b>>6]>>(b&63)&1 == 1 }

func (c charset) hasAny(chars string) bool {
	for i := range len(chars) {
		if c.has(chars[i]) {
			return true
		}
	}
	return false
}

func (c charset) union(d charset) charset {
	return charset{[2]uint64{c.ascii[0] | d.ascii[0], c.ascii[1] | d.ascii[1]}, c.other || d.other}
}

func (c charset) inverse() charset {
	return charset{[2]uint64{^c.ascii[0], ^c.ascii[1]}, true}
}

func (c charset) without(d charset) charset {
	return charset{[2]uint64{c.ascii[0] &^ d.ascii[0], c.ascii[1] &^ d.ascii[1]}, c.other}
}

func charsOf(s string) charset {
	var c charset
	for i := range len(s) {
		c.add(s[i])
	}
	return c
}

func charRange(lo, hi byte) charset {
	var c charset
	for b := int(lo); b <= int(hi); b++ {
		c.add(byte(b))
	}
	return c
}

func digitChars() charset { return charRange('0', '9') }
func alphaChars() charset { return charRange('a', 'z').union(charRange('A', 'Z')) }
func alnumChars() charset { return digitChars().union(alphaChars()) }
func wordChars() charset  { return alnumChars().union(charsOf("_")) }
func allChars() charset   { return charset{}.inverse() }

// blanks and controls end words, lines and headers.
const (
	lineEnds   = "\r\n"
	blankChars = " \t\r\n\v\f"
)

// clears are the kinds of sink for which a text of these characters is harmless. It judges the text alone; where the
// place decides (an unquoted attribute, the host of a URL), the harmless set is the one that holds in the usual places.
func (t textClass) clears() models.KindSet {
	c := t.any
	if !c.other && !c.hasAny(string(nonDigits())) {
		return models.AllKinds
	}
	var s models.KindSet
	grant := func(ok bool, kinds ...models.SinkKind) {
		if ok {
			s |= models.Kinds(kinds...)
		}
	}
	quotes := "'\"`\\"
	noPath := !c.hasAny(`/\`) || !c.hasAny(`.\`) && !t.first.hasAny(`/\`)
	grant(!c.hasAny(quotes+blankChars+"();/*#=<>|&"), models.SQL)
	grant(!c.hasAny(quotes+blankChars+"$;&|<>(){}*?[]!#"), models.Shell)
	grant(!t.first.hasAny("-"), models.Argv)
	grant(!t.first.has('.'), models.PathParent)
	grant(noPath && !c.has(0), models.PathRead, models.PathWrite, models.Archive, models.TemplateName)
	grant(!c.hasAny("<>\"'`") && !(c.has('=') && c.hasAny(blankChars)), models.HTML)
	grant(!c.hasAny("<>\"'`=/"+blankChars), models.HTMLAttr)
	grant(!c.has(':'), models.HTMLURL)
	grant(!c.hasAny(quotes+blankChars+"().,[]{}=+*/%<>;:@&|^~$"), models.HTMLScript)
	grant(!c.has('{'), models.Template)
	grant(!c.hasAny("{%"), models.Format)
	grant(!c.hasAny(`.:/@\%#?`), models.URLFetch)
	grant(!c.hasAny(`:/\`+blankChars+"\x00"), models.URLRedirect)
	grant(!c.hasAny(lineEnds), models.Log, models.Mail)
	grant(!c.hasAny(quotes+blankChars+"().,[]{}=+-*/%<>;:@&|^~"), models.Code)
	grant(!c.hasAny(quotes+blankChars+"[]()/|@*=:"), models.XPath)
	grant(!c.hasAny("*()\\\x00"), models.LDAP)
	grant(!c.hasAny(",=+<>#;\\\"\x00"), models.LDAPDN)
	grant(!c.hasAny(quotes+"$(){}"), models.NoSQL)
	grant(!c.hasAny("*+{("), models.Regex)
	grant(!c.hasAny("<&"), models.XML)
	grant(!t.first.hasAny("=+-@\t\r"), models.CSV)
	grant(!c.has('/'), models.ContentType)
	grant(!c.has('<'), models.HTMLTag)
	grant(!c.has('\''), models.SingleQuote)
	grant(!c.has('"'), models.DoubleQuote)
	return s
}

// nonDigits are the ASCII characters that are no digits.
func nonDigits() []byte {
	var out []byte
	for b := range byte(0x80) {
		if b < '0' || b > '9' {
			out = append(out, b)
		}
	}
	return out
}

// hexKinds: hexadecimal digits harm nobody anywhere but where any chosen text does.
var hexKinds = textClass{alnumChars(), alnumChars()}.clears()

// sameClass: every position may hold the same characters.
func sameClass(c charset) textClass { return textClass{c, c} }

// CharClassGuard gives the kinds for which the true branch of x.isdigit() and its siblings suffices.
func CharClassGuard(name string) (models.KindSet, bool) {
	foreign := charset{other: true}
	switch name {
	case "isdigit", "isdecimal", "isnumeric":
		return models.AllKinds, true
	case "isalnum":
		return sameClass(alnumChars().union(foreign)).clears(), true
	case "isalpha":
		return sameClass(alphaChars().union(foreign)).clears(), true
	case "isidentifier":
		return textClass{wordChars().union(foreign), wordChars().without(digitChars()).union(foreign)}.clears(), true
	case "isprintable":
		return sameClass(charRange(' ', '~').union(foreign)).clears(), true
	}
	return 0, false
}

// quotedClass are the characters that urllib.parse.quote leaves.
func quotedClass(safe string) textClass {
	return sameClass(wordChars().union(charsOf(".-~%" + strings.ToValidUTF8(safe, ""))))
}
