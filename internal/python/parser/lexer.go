package parser

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"stopper/internal/python/ast"
	"stopper/internal/source"
)

// lexer cuts a text into tokens. The text has a NUL behind its end, so that looking one byte ahead needs no test.
// An error in it becomes a tError token, which no production accepts, and the lexer continues.
type lexer struct {
	src      []byte
	n        int // length without the NUL
	pos      int
	toks     []token
	comments []source.Span
	errs     []ast.SyntaxError
	names    interner

	indents  []indent
	modes    []mode
	brackets []bracket
	bol      bool // at the beginning of a logical line
	stop     bool // the token limit was reached
}

// indent is the column of a block, counted with tabs to the next multiple of 8 and with tabs as one column: CPython
// compares both, so that the width of a tab never decides.
type indent struct{ col, alt int }

// mode is what the lexer is in inside an f-string.
type mode struct {
	state uint8
	quote byte
	flag  uint8
	// depth is the number of open brackets at the beginning of the string or field.
	depth int
	start uint32
}

const (
	inLiteral uint8 = iota // the literal text of an f-string
	inField                // the expression between braces
	inSpec                 // the format specification behind its colon
)

type bracket struct {
	close byte
	at    uint32
}

func (l *lexer) fail(start, end int, msg string) {
	if len(l.errs) < maxErrors {
		l.errs = append(l.errs, ast.SyntaxError{Span: source.Span{Start: uint32(start), End: uint32(min(end, l.n))}, Msg: msg})
	}
}

// bad reports an error and leaves a token that stops the parser.
func (l *lexer) bad(start, end int, msg string) {
	l.fail(start, end, msg)
	l.emit(tError, start, min(end, l.n))
}

func (l *lexer) emit(k kind, start, end int) {
	l.toks = append(l.toks, token{start: uint32(start), end: uint32(end), kind: k})
}

func (l *lexer) emitString(k kind, start, end int, flag uint8) {
	l.toks = append(l.toks, token{start: uint32(start), end: uint32(end), kind: k, flag: flag})
}

func (l *lexer) tokenize(text []byte, maxTokens int) {
	l.n = len(text)
	l.src = append(append(l.src[:0], text...), 0, 0, 0, 0)
	l.toks, l.comments, l.errs = l.toks[:0], l.comments[:0], l.errs[:0]
	l.modes, l.brackets = l.modes[:0], l.brackets[:0]
	l.indents = append(l.indents[:0], indent{})
	l.pos, l.bol, l.stop = 0, true, false
	if bytes.HasPrefix(text, bom) {
		l.pos = len(bom)
	}
	for l.step() {
		if len(l.toks) > maxTokens {
			l.bad(l.pos, l.n, "too many tokens: the rest of the file is not analysed")
			l.stop = true
			break
		}
		if len(l.errs) >= maxErrors {
			l.stop = true
			break
		}
	}
	l.end()
}

// end closes the open brackets, line and blocks.
func (l *lexer) end() {
	if len(l.brackets) > 0 && !l.stop {
		l.unclosed()
	}
	if n := len(l.toks); n > 0 && l.toks[n-1].kind != tNewline && l.toks[n-1].kind != tDedent {
		l.emit(tNewline, l.n, l.n)
	}
	for range l.indents[1:] {
		l.emit(tDedent, l.n, l.n)
	}
	l.emit(tEOF, l.n, l.n)
}

// unclosed reports the innermost open bracket and forgets all of them.
func (l *lexer) unclosed() {
	b := l.brackets[len(l.brackets)-1]
	if len(l.modes) > 0 {
		m := l.modes[0]
		l.fail(int(m.start), int(m.start)+1, "f-string was never closed")
	} else {
		l.fail(int(b.at), int(b.at)+1, "'"+string(l.src[b.at])+"' was never closed")
	}
	l.emit(tError, l.pos, l.pos) // tokens stay in the order of the text
	l.brackets, l.modes = l.brackets[:0], l.modes[:0]
}

// step reads one token; it returns false at the end of the text.
func (l *lexer) step() bool {
	if n := len(l.modes); n > 0 && l.modes[n-1].state != inField {
		l.literal(&l.modes[n-1])
		return true
	}
	if l.bol && !l.indentation() {
		return false
	}
	s, pos := l.src, l.pos
	for s[pos] == ' ' {
		pos++
	}
	l.pos = pos
	switch c := s[pos]; classes[c] {
	case cIdent:
		l.name()
	case cOp:
		l.operator(c)
	case cNewline:
		l.newline(c)
	case cQuote:
		l.str(pos, pos, 0)
	case cDigit:
		l.number(pos)
	case cHash:
		l.comment()
	case cSpace:
		l.pos++
	case cBackslash:
		l.continuation()
	case cHigh:
		l.wideName(pos)
	case cNul:
		if pos >= l.n {
			return false
		}
		l.pos++
		l.bad(pos, pos+1, "null byte in source")
	default:
		l.pos++
		l.bad(pos, pos+1, "invalid character")
	}
	return true
}

func (l *lexer) newline(c byte) {
	st := l.pos
	l.pos++
	if c == '\r' && l.src[l.pos] == '\n' {
		l.pos++
	}
	if len(l.brackets) == 0 {
		l.emit(tNewline, st, l.pos)
		l.bol = true
	}
}

// comment keeps the comment and stops before the line's end.
func (l *lexer) comment() {
	st := l.pos
	l.pos = l.lineEnd(st)
	l.comments = append(l.comments, source.Span{Start: uint32(st), End: uint32(l.pos)})
}

// lineEnd looks for both line breaks at once: two searches would read a file with lone carriage returns to its end
// for every comment.
func (l *lexer) lineEnd(pos int) int {
	s := l.src[:l.n]
	for pos < len(s) && s[pos] != '\n' && s[pos] != '\r' {
		pos++
	}
	return pos
}

// afterBackslash is the position behind the line break at pos+1, or -1 if there is none.
func (l *lexer) afterBackslash(pos int) int {
	switch {
	case l.src[pos+1] == '\n':
		return pos + 2
	case l.src[pos+1] == '\r' && l.src[pos+2] == '\n':
		return pos + 3
	case l.src[pos+1] == '\r':
		return pos + 2
	}
	return -1
}

func (l *lexer) continuation() {
	st := l.pos
	next := l.afterBackslash(st)
	switch {
	case next < 0:
		l.pos++
		l.bad(st, st+1, "unexpected character after line continuation character")
	case next >= l.n:
		l.pos = l.n
		l.bad(st, st+1, "unexpected end of file after line continuation character")
	default:
		l.pos = next
	}
}

// indentation reads the white space at the beginning of a logical line and opens or closes blocks. Lines with nothing
// but a comment are skipped. It returns false at the end of the text.
func (l *lexer) indentation() bool {
	for {
		at := l.measure()
		switch c := l.src[l.pos]; {
		case c == '#':
			l.comment()
		case c == '\n' || c == '\r':
			l.pos++
		case l.pos >= l.n:
			return false
		default:
			l.bol = false
			l.block(at)
			return true
		}
	}
}

// measure counts the columns of the white space at pos. If it is continued by a backslash, the first line's column
// counts, as far as it has one.
func (l *lexer) measure() indent {
	var at, first indent
	for {
		switch l.src[l.pos] {
		case ' ':
			at.col++
			at.alt++
		case '\t':
			at.col = (at.col/8 + 1) * 8
			at.alt++
		case '\f':
			at = indent{}
		case '\\':
			next := l.afterBackslash(l.pos)
			if next < 0 || next >= l.n {
				return at.or(first)
			}
			if first.col == 0 {
				first = at
			}
			l.pos = next
			continue
		default:
			return at.or(first)
		}
		l.pos++
	}
}

func (at indent) or(first indent) indent {
	if first.col > 0 {
		return indent{first.col, first.col}
	}
	return at
}

func (l *lexer) block(at indent) {
	top := l.indents[len(l.indents)-1]
	if at.col > top.col {
		if at.alt <= top.alt {
			l.fail(l.pos, l.pos+1, "inconsistent use of tabs and spaces in indentation")
		}
		if len(l.indents) >= maxIndent {
			l.bad(l.pos, l.pos+1, "too many levels of indentation")
			return
		}
		l.indents = append(l.indents, at)
		l.emit(tIndent, l.pos, l.pos)
		return
	}
	for at.col < l.indents[len(l.indents)-1].col {
		l.indents = l.indents[:len(l.indents)-1]
		l.emit(tDedent, l.pos, l.pos)
	}
	top = l.indents[len(l.indents)-1]
	switch {
	case at.col != top.col:
		l.fail(l.pos, l.pos+1, "unindent does not match any outer indentation level")
	case at.alt != top.alt:
		l.fail(l.pos, l.pos+1, "inconsistent use of tabs and spaces in indentation")
	}
}

// name reads an identifier, a keyword, or a string with a prefix. The hash is computed on the way.
func (l *lexer) name() {
	s, pos := l.src, l.pos
	st := pos
	h := uint32(2166136261)
	for identPart[s[pos]] {
		h = (h ^ uint32(s[pos])) * 16777619
		pos++
	}
	switch c := s[pos]; {
	case (c == '"' || c == '\'') && pos-st <= 2:
		if flag, ok := prefix(s[st:pos]); ok {
			l.str(st, pos, flag)
			return
		}
	case c >= utf8.RuneSelf:
		l.wideName(st)
		return
	}
	l.pos = pos
	id := l.names.number(s[st:pos], h)
	if id < uint32(len(keywords)) {
		l.keyword(kFalse+kind(id), st)
		return
	}
	l.toks = append(l.toks, token{uint32(st), uint32(pos), l.names.sym(id), tName, 0})
}

// keyword emits a keyword. One that begins a line inside brackets and can only begin a statement shows that a bracket
// was not closed: what follows is then read as statements again.
func (l *lexer) keyword(k kind, st int) {
	if onlyStatement[k] && len(l.brackets) > 0 && l.beginsLine(st) {
		l.pos = st
		l.unclosed()
		l.emit(tNewline, st, st)
		for l.pos > 0 && classes[l.src[l.pos-1]] == cSpace {
			l.pos--
		}
		l.bol = true
		return
	}
	l.toks = append(l.toks, token{uint32(st), uint32(l.pos), 0, k, 0})
}

func (l *lexer) beginsLine(pos int) bool {
	for pos > 0 && classes[l.src[pos-1]] == cSpace {
		pos--
	}
	if pos == 0 {
		return true
	}
	c := l.src[pos-1]
	return (c == '\n' || c == '\r') && (pos < 2 || l.src[pos-2] != '\\')
}

// wideName reads an identifier that is not all ASCII. Python compares identifiers in normal form KC.
func (l *lexer) wideName(st int) {
	s, pos := l.src, st
	for {
		if identPart[s[pos]] {
			pos++
			continue
		}
		r, w := utf8.DecodeRune(s[pos:l.n])
		if s[pos] < utf8.RuneSelf || r == utf8.RuneError || !wordRune(r) {
			break
		}
		pos += w
	}
	if pos == st {
		_, w := utf8.DecodeRune(s[pos:l.n])
		l.pos = pos + w
		l.bad(pos, pos+w, "invalid character")
		return
	}
	l.pos = pos
	b := s[st:pos]
	if !norm.NFKC.IsNormal(b) {
		b = norm.NFKC.Bytes(b)
	}
	l.toks = append(l.toks, token{uint32(st), uint32(pos), l.names.intern(b), tName, 0})
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) ||
		unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nl, unicode.Pc, unicode.Other_ID_Start, unicode.Other_ID_Continue)
}
