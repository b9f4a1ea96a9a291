package jinja

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// str reads a string literal.
func (l *lexer) str(quote byte) bool {
	start := l.pos
	i := start + 1
	for i < len(l.src) && l.src[i] != quote {
		if l.src[i] == '\\' {
			i++
		}
		i++
	}
	if i >= len(l.src) {
		l.fail(start, start+1, "the string is not closed")
		l.pos = len(l.src)
		return false
	}
	l.pos = i + 1
	text, ok := unescape(l.src[start+1 : i])
	if !ok {
		l.fail(start, l.pos, "the string has an escape that Python does not know")
		return false
	}
	l.emit(tString, start, l.pos, text)
	return true
}

// unescape decodes Python's escapes; one that is cut short is an error, an unknown one stays as it is.
func unescape(s string) (string, bool) {
	if strings.IndexByte(s, '\\') < 0 && strings.IndexByte(s, '\r') < 0 {
		return s, true
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 >= len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		n, ok := escape(&b, s[i+1:])
		if !ok {
			return "", false
		}
		i += 1 + n
	}
	return b.String(), true
}

// escapeLetters and escapeValues are the escapes of one letter; a backslash before a line break removes both.
const (
	escapeLetters = "\\'\"abfnrtv"
	escapeValues  = "\\'\"\a\b\f\n\r\t\v"
)

// escape decodes what follows a backslash and says how long it is.
func escape(b *strings.Builder, s string) (int, bool) {
	if i := strings.IndexByte(escapeLetters, s[0]); i >= 0 {
		b.WriteByte(escapeValues[i])
		return 1, true
	}
	switch c := s[0]; {
	case c == '\n':
		return 1, true
	case c == 'x':
		return 3, hexEscape(b, s[1:], 2)
	case c == 'u':
		return 5, hexEscape(b, s[1:], 4)
	case c == 'U':
		return 9, hexEscape(b, s[1:], 8)
	case c == 'N':
		end := strings.IndexByte(s, '}')
		if !strings.HasPrefix(s, "N{") || end < 3 {
			return 0, false
		}
		b.WriteRune(utf8.RuneError) // which character a name stands for changes nothing for us
		return end + 1, true
	case c >= '0' && c <= '7':
		n := 1
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			n++
		}
		v, _ := strconv.ParseUint(s[:n], 8, 32)
		b.WriteRune(rune(v))
		return n, true
	}
	b.WriteByte('\\')
	return 0, true
}

func hexEscape(b *strings.Builder, s string, n int) bool {
	if len(s) < n {
		return false
	}
	v, err := strconv.ParseUint(s[:n], 16, 32)
	if err != nil || v > utf8.MaxRune {
		return false
	}
	b.WriteRune(rune(v))
	return true
}
