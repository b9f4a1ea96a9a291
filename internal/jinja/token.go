package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"stopper/internal/source"
)

type tokenKind uint8

const (
	tEOF tokenKind = iota
	tData
	tVariableBegin
	tVariableEnd
	tBlockBegin
	tBlockEnd
	// tBroken stands where the rest of a tag could not be read; the error is on the list already.
	tBroken
	tName
	tString
	tInteger
	tFloat
	tOperator // text says which
)

// token is a piece of a template. text is the data, the name, the operator, the number as written or the decoded string.
type token struct {
	kind tokenKind
	span source.Span
	text string
}

// operators, the longer ones first.
var operators = [...]string{"//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"}

// token reads one token inside a tag; false after an error, which ends the tag.
func (l *lexer) token(brackets *[]byte) bool {
	start := l.pos
	r, n := utf8.DecodeRuneInString(l.src[start:])
	switch {
	case isSpace(r):
		l.pos = skipSpace(l.src, start)
		return true
	case r >= '0' && r <= '9':
		l.number()
		return true
	case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Nl, r):
		return l.name()
	case r == '\'' || r == '"':
		return l.str(l.src[start])
	}
	for _, op := range operators {
		if strings.HasPrefix(l.src[start:], op) {
			l.pos += len(op)
			l.emit(tOperator, start, l.pos, op)
			return l.balance(op, brackets)
		}
	}
	l.fail(start, start+n, "unexpected character")
	return false
}

// balance keeps the open brackets: an end delimiter inside them is none.
func (l *lexer) balance(op string, brackets *[]byte) bool {
	switch op {
	case "{":
		*brackets = append(*brackets, '}')
	case "(":
		*brackets = append(*brackets, ')')
	case "[":
		*brackets = append(*brackets, ']')
	case "}", ")", "]":
		n := len(*brackets)
		if n == 0 || (*brackets)[n-1] != op[0] {
			l.fail(l.pos-1, l.pos, "unexpected '"+op+"'")
			return false
		}
		*brackets = (*brackets)[:n-1]
	}
	return true
}

func (l *lexer) name() bool {
	start := l.pos
	ok := true
	for l.pos < len(l.src) {
		r, n := utf8.DecodeRuneInString(l.src[l.pos:])
		isStart := r == '_' || unicode.IsLetter(r) || unicode.Is(unicode.Nl, r)
		isPart := isStart || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Mc, r) || unicode.Is(unicode.Pc, r) || r == '·'
		if !isPart {
			break
		}
		if l.pos == start && !isStart {
			ok = false
		}
		l.pos += n
	}
	if !ok {
		l.fail(start, l.pos, "this is no name")
		return false
	}
	l.emit(tName, start, l.pos, l.src[start:l.pos])
	return true
}

// number reads an integer or, unless a dot stands before it, a float.
func (l *lexer) number() {
	start := l.pos
	if start == 0 || l.src[start-1] != '.' {
		if end, ok := floatEnd(l.src, start); ok {
			l.pos = end
			l.emit(tFloat, start, end, l.src[start:end])
			return
		}
	}
	l.pos = integerEnd(l.src, start)
	l.emit(tInteger, start, l.pos, l.src[start:l.pos])
}

func floatEnd(s string, i int) (int, bool) {
	end, ok := digits(s, i)
	if !ok {
		return 0, false
	}
	isFloat := false
	if end < len(s) && s[end] == '.' {
		if e, ok := digits(s, end+1); ok {
			end, isFloat = e, true
		}
	}
	if end < len(s) && s[end]|0x20 == 'e' {
		at := end + 1
		if at < len(s) && (s[at] == '+' || s[at] == '-') {
			at++
		}
		if e, ok := digits(s, at); ok {
			end, isFloat = e, true
		}
	}
	return end, isFloat
}

// digits matches digits with single underscores between them.
func digits(s string, i int) (int, bool) {
	start := i
	for i < len(s) {
		if isDigit(s[i]) || s[i] == '_' && i > start && i+1 < len(s) && isDigit(s[i+1]) && isDigit(s[i-1]) {
			i++
			continue
		}
		break
	}
	return i, i > start
}

func integerEnd(s string, i int) int {
	if s[i] != '0' {
		end, _ := digits(s, i)
		return end
	}
	if i+1 < len(s) {
		var in func(byte) bool
		switch s[i+1] | 0x20 {
		case 'b':
			in = func(c byte) bool { return c == '0' || c == '1' }
		case 'o':
			in = func(c byte) bool { return c >= '0' && c <= '7' }
		case 'x':
			in = isHex
		}
		if in != nil {
			if end := underscored(s, i+2, in); end > i+2 {
				return end
			}
		}
	}
	return underscored(s, i+1, func(c byte) bool { return c == '0' })
}

// underscored matches (_?c)*.
func underscored(s string, i int, in func(byte) bool) int {
	for i < len(s) {
		switch {
		case in(s[i]):
			i++
		case s[i] == '_' && i+1 < len(s) && in(s[i+1]):
			i += 2
		default:
			return i
		}
	}
	return i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isHex(c byte) bool   { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// isSpace is Python's idea of white space.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

func skipSpace(s string, i int) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !isSpace(r) {
			break
		}
		i += n
	}
	return i
}

// skipBlank skips white space of one line.
func skipBlank(s string, i int) int {
	for i < len(s) && s[i] != '\n' && s[i] != '\r' {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !isSpace(r) {
			break
		}
		i += n
	}
	return i
}

func skipAny(s string, i int, set string) int {
	for i < len(s) && strings.IndexByte(set, s[i]) >= 0 {
		i++
	}
	return i
}

// skipNewline skips one line break in any of its three forms.
func skipNewline(s string, i int) int {
	switch {
	case strings.HasPrefix(s[i:], "\r\n"):
		return i + 2
	case i < len(s) && (s[i] == '\n' || s[i] == '\r'):
		return i + 1
	}
	return i
}

func lineEnd(s string, i int) int {
	if j := strings.IndexAny(s[i:], "\r\n"); j >= 0 {
		return i + j
	}
	return len(s)
}

func trimRight(s string) string { return strings.TrimRightFunc(s, isSpace) }
