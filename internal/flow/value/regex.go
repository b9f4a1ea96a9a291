package value

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"stopper/internal/models"
)

// maxPattern bounds the regular expressions that are analysed, and maxNesting their groups.
const (
	maxPattern = 2000
	maxNesting = 50
)

// language is what a regular expression says of the text it matches.
type language struct {
	textClass
	nullable bool
	// begins and ends: every match starts at the text's beginning, and reaches its end.
	begins, ends bool
	// newline: the end was `$`, which stands before a final newline as well.
	newline bool
}

// pattern reads a Python regular expression as far as the characters of its matches go.
type pattern struct {
	src    string
	pos    int
	depth  int
	failed bool
	fold   bool // IGNORECASE
	dotAll bool
	multi  bool
}

// analyseRegex is the language of a pattern; false when something in it is not understood.
func analyseRegex(src string, fold, multi bool) (language, bool) {
	if len(src) > maxPattern || !utf8.ValidString(src) {
		return language{}, false
	}
	p := &pattern{src: src, fold: fold, multi: multi}
	l := p.alternatives()
	return l, !p.failed && p.pos == len(src)
}

func (p *pattern) more() bool { return p.pos < len(p.src) && !p.failed }

func (p *pattern) alternatives() language {
	l := p.sequence()
	for p.more() && p.src[p.pos] == '|' {
		p.pos++
		m := p.sequence()
		l.any, l.first = l.any.union(m.any), l.first.union(m.first)
		l.nullable = l.nullable || m.nullable
		l.begins, l.ends = l.begins && m.begins, l.ends && m.ends
		l.newline = l.newline || m.newline
	}
	return l
}

func (p *pattern) sequence() language {
	l := language{nullable: true}
	for p.more() && p.src[p.pos] != '|' && p.src[p.pos] != ')' {
		wasEmpty := l.nullable && l.any == charset{}
		m := p.quantified()
		if l.nullable {
			l.first = l.first.union(m.first)
			l.begins = l.begins || wasEmpty && m.begins
		}
		l.any = l.any.union(m.any)
		l.nullable = l.nullable && m.nullable
		l.ends = m.ends || l.ends && m.any == charset{} && m.nullable
		l.newline = l.newline || m.newline
	}
	return l
}

func (p *pattern) quantified() language {
	l := p.atom()
	for p.more() {
		switch p.src[p.pos] {
		case '*', '?':
			l.nullable, l.begins, l.ends = true, false, false
			p.pos++
		case '+':
			p.pos++
		case '{':
			low, ok := p.braces()
			if !ok {
				return l
			}
			if low == 0 {
				l.nullable, l.begins, l.ends = true, false, false
			}
		default:
			return l
		}
	}
	return l
}

// braces reads {m}, {m,}, {,n} or {m,n}; anything else is literal text.
func (p *pattern) braces() (low int, ok bool) {
	end := strings.IndexByte(p.src[p.pos:], '}')
	if end < 2 {
		return 0, false
	}
	lo, hi, two := strings.Cut(p.src[p.pos+1:p.pos+end], ",")
	if !every("0"+lo+hi, isDigit) || lo == "" && !two {
		return 0, false
	}
	low, _ = strconv.Atoi(lo)
	p.pos += end + 1
	return low, true
}

func (p *pattern) atom() language {
	c := p.src[p.pos]
	p.pos++
	switch c {
	case '(':
		return p.group()
	case '[':
		return p.chars(p.class())
	case '.':
		if p.dotAll {
			return p.chars(allChars())
		}
		return p.chars(allChars().without(charsOf("\n")))
	case '^':
		return language{nullable: true, begins: !p.multi}
	case '$':
		return language{nullable: true, ends: !p.multi, newline: true}
	case '\\':
		return p.escape()
	}
	return p.chars(charsOf(string(c)))
}

func (p *pattern) chars(c charset) language {
	if p.fold {
		c = foldCase(c)
	}
	return language{textClass: textClass{c, c}}
}

func foldCase(c charset) charset {
	for b := byte('a'); b <= 'z'; b++ {
		if c.has(b) || c.has(b-0x20) {
			c.add(b)
			c.add(b - 0x20)
		}
	}
	// "ſ" and the Kelvin sign match s and k.
	return c
}

func (p *pattern) escape() language {
	if !p.more() {
		p.failed = true
		return language{}
	}
	c := p.src[p.pos]
	p.pos++
	switch c {
	case 'A':
		return language{nullable: true, begins: true}
	case 'Z', 'z':
		return language{nullable: true, ends: true}
	case 'b', 'B':
		return language{nullable: true}
	}
	if isDigit(c) && c != '0' {
		// A back reference repeats what a group matched, whose characters are counted already; it may come first.
		for p.more() && isDigit(p.src[p.pos]) {
			p.pos++
		}
		return language{textClass: textClass{charset{}, allChars()}, nullable: true}
	}
	set, ok := p.escaped(c)
	if !ok {
		p.failed = true
	}
	return p.chars(set)
}

// escaped is the set that \c stands for, inside and outside of brackets.
func (p *pattern) escaped(c byte) (charset, bool) {
	foreign := charset{other: true}
	switch c {
	case 'd':
		return digitChars(), true
	case 'D':
		return digitChars().inverse(), true
	case 'w':
		return wordChars().union(foreign), true
	case 'W':
		return wordChars().inverse(), true
	case 's':
		return charsOf(blankChars + "\x1c\x1d\x1e\x1f").union(foreign), true
	case 'S':
		return charsOf(blankChars + "\x1c\x1d\x1e\x1f").inverse(), true
	case 'n':
		return charsOf("\n"), true
	case 'r':
		return charsOf("\r"), true
	case 't':
		return charsOf("\t"), true
	case 'v':
		return charsOf("\v"), true
	case 'f':
		return charsOf("\f"), true
	case '0':
		return charsOf("\x00"), true
	case 'x':
		return p.hexChar()
	}
	return charsOf(string(rune(c))), !isAlpha(c) && !isDigit(c)
}

func (p *pattern) hexChar() (charset, bool) {
	if p.pos+2 > len(p.src) {
		return charset{}, false
	}
	n, err := strconv.ParseUint(p.src[p.pos:p.pos+2], 16, 8)
	p.pos += 2
	var c charset
	c.add(byte(n))
	return c, err == nil
}

// class reads [...] after its bracket.
func (p *pattern) class() charset {
	var set charset
	negated := p.more() && p.src[p.pos] == '^'
	if negated {
		p.pos++
	}
	for first := true; ; first = false {
		if !p.more() {
			p.failed = true
			return set
		}
		c := p.src[p.pos]
		p.pos++
		if c == ']' && !first {
			break
		}
		one, single := p.member(c)
		if single && p.pos+1 < len(p.src) && p.src[p.pos] == '-' && p.src[p.pos+1] != ']' {
			one = p.rangeFrom(one)
		}
		set = set.union(one)
	}
	if p.fold {
		set = foldCase(set)
	}
	if negated {
		return set.inverse()
	}
	return set
}

// member is one character of a class, or an escape; single when it can begin a range.
func (p *pattern) member(c byte) (set charset, single bool) {
	if c != '\\' {
		return charsOf(string([]byte{c})), true
	}
	if !p.more() {
		p.failed = true
		return set, false
	}
	e := p.src[p.pos]
	p.pos++
	if e == 'b' {
		return charsOf("\b"), true
	}
	set, ok := p.escaped(e)
	p.failed = p.failed || !ok
	return set, !strings.ContainsRune("dDwWsS", rune(e))
}

func (p *pattern) rangeFrom(low charset) charset {
	p.pos++
	c := p.src[p.pos]
	p.pos++
	high, ok := p.member(c)
	if !ok {
		p.failed = true
	}
	if low.other {
		return low
	}
	lo, hi := firstChar(low), firstChar(high)
	set := charRange(lo, min(hi, 0x7f))
	set.other = high.other
	return set
}

// firstChar is the only ASCII character of a set, 0x7f when there is none.
func firstChar(c charset) byte {
	for b := range byte(0x7f) {
		if c.has(b) {
			return b
		}
	}
	return 0x7f
}

func (p *pattern) group() language {
	if p.depth++; p.depth > maxNesting {
		p.failed = true
		return language{}
	}
	look := false
	if strings.HasPrefix(p.src[p.pos:], "?") {
		look = p.groupKind()
		if p.failed || look && p.pos > 0 && p.src[p.pos-1] == ')' {
			p.depth--
			return language{nullable: true}
		}
	}
	l := p.alternatives()
	p.depth--
	if !p.more() || p.src[p.pos] != ')' {
		p.failed = true
		return language{}
	}
	p.pos++
	if look {
		return language{nullable: true}
	}
	return l
}

// groupKind reads what stands after "(?"; true for what matches no text: a look-around, a comment, flags.
func (p *pattern) groupKind() bool {
	rest := p.src[p.pos:]
	for _, head := range []string{"?=", "?!", "?<=", "?<!"} {
		if strings.HasPrefix(rest, head) {
			p.pos += len(head)
			return true
		}
	}
	switch {
	case strings.HasPrefix(rest, "?:"), strings.HasPrefix(rest, "?>"):
		p.pos += 2
	case strings.HasPrefix(rest, "?P<"):
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			p.failed = true
			return false
		}
		p.pos += end + 1
	case strings.HasPrefix(rest, "?#"), strings.HasPrefix(rest, "?P="):
		return p.skipGroup(rest)
	default:
		return p.flags(rest)
	}
	return false
}

func (p *pattern) skipGroup(rest string) bool {
	end := strings.IndexByte(rest, ')')
	if end < 0 || strings.HasPrefix(rest, "?P=") {
		p.failed = true
		return true
	}
	p.pos += end + 1
	return true
}

// flags reads (?i) and (?i:...).
func (p *pattern) flags(rest string) bool {
	end := strings.IndexAny(rest, ":)")
	if end < 0 || strings.Trim(rest[1:end], "aimsux") != "" {
		p.failed = true
		return false
	}
	p.fold = p.fold || strings.Contains(rest[:end], "i")
	p.multi = p.multi || strings.Contains(rest[:end], "m")
	p.dotAll = p.dotAll || strings.Contains(rest[:end], "s")
	if strings.Contains(rest[:end], "x") {
		// Blanks and comments would have to be skipped.
		p.failed = true
	}
	p.pos += end + 1
	return rest[end] == ')'
}

// lineKinds are the kinds that a newline harms.
var lineKinds = models.Kinds(models.Log, models.Mail)

// regexEffect judges `fn(pattern, x)`: the kinds for which a match suffices, and how it falls short.
func regexEffect(fn, src string, fold, multi bool) (models.KindSet, *WeakGuard) {
	full := strings.HasSuffix(fn, "fullmatch")
	kinds, weak := charactersEffect(fn, src, fold, multi)
	if (full || strings.HasSuffix(fn, ".match")) && (full || endsText(src)) && isLocalPath(src, fold, multi) {
		return kinds | localPathKinds, nil
	}
	return kinds, weak
}

// charactersEffect is what the characters of the matches tell.
func charactersEffect(fn, src string, fold, multi bool) (models.KindSet, *WeakGuard) {
	full := strings.HasSuffix(fn, "fullmatch")
	l, ok := analyseRegex(src, fold, multi)
	if !ok {
		return 0, nil
	}
	begins := full || strings.HasSuffix(fn, ".match") || l.begins
	if full {
		l.ends, l.newline = true, false
	}
	want := l.clears()
	switch {
	case !begins:
		return 0, weakIf(want, fn, "the pattern is not anchored at its beginning", "../ or a quote before the part that matches")
	case !l.ends:
		open := textClass{allChars(), l.first}
		if l.nullable {
			open.first = allChars()
		}
		return open.clears(), weakIf(want&^open.clears(), fn, "the pattern is not anchored at its end", "anything after the part that matches")
	case l.newline:
		return want &^ lineKinds, weakIf(want&lineKinds, fn, `the pattern ends in $, which stands before a final newline too`, `a value that ends in "\n"`)
	}
	return want, nil
}

// endsText: the pattern ends at the end of the text. A newline behind `$` ends a header line, and Werkzeug refuses that.
func endsText(src string) bool { return strings.HasSuffix(src, `\Z`) || strings.HasSuffix(src, "$") }

func weakIf(kinds models.KindSet, fn, why, input string) *WeakGuard {
	if kinds == 0 {
		return nil
	}
	return &WeakGuard{Name: fn + ": " + why, Defeats: input}
}
