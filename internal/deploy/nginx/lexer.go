package nginx

import "strings"

type tokenKind uint8

const (
	ending tokenKind = iota
	word
	semicolon
	opening
	closing
)

type lexer struct {
	text []byte
	pos  int
	line int
}

// next is the next token and the line it begins on.
func (l *lexer) next() (string, tokenKind, int) {
	l.space()
	if l.pos >= len(l.text) {
		return "", ending, l.line
	}
	line := l.line
	switch c := l.text[l.pos]; c {
	case ';':
		l.pos++
		return "", semicolon, line
	case '{':
		l.pos++
		return "", opening, line
	case '}':
		l.pos++
		return "", closing, line
	case '"', '\'':
		return l.quoted(c), word, line
	}
	return l.bare(), word, line
}

// space skips blanks and comments. A brace of Jinja or ERB in a template counts as text and is left to bare.
func (l *lexer) space() {
	for l.pos < len(l.text) {
		switch l.text[l.pos] {
		case '\n':
			l.line++
		case ' ', '\t', '\r', '\f', '\v', 0:
		case '#':
			for l.pos < len(l.text) && l.text[l.pos] != '\n' {
				l.pos++
			}
			continue
		default:
			return
		}
		l.pos++
	}
}

// quoted reads a string; a backslash protects the next byte, and stays where it protects nothing special.
func (l *lexer) quoted(q byte) string {
	var b strings.Builder
	l.pos++
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		l.pos++
		switch {
		case c == q:
			return b.String()
		case c == '\\' && l.pos < len(l.text):
			if n := l.text[l.pos]; n != q && n != '\\' {
				b.WriteByte('\\')
			}
			c = l.text[l.pos]
			l.pos++
		}
		if c == '\n' {
			l.line++
		}
		b.WriteByte(c)
	}
	return b.String()
}

// bare reads an unquoted word. "${name}" and the "{{ name }}" of templates belong to it.
func (l *lexer) bare() string {
	start := l.pos
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		switch {
		case c == '\\' && l.pos+1 < len(l.text):
			if l.text[l.pos+1] == '\n' {
				l.line++
			}
			l.pos += 2
			continue
		case c == '$' && l.at("${"):
			l.until("}")
			continue
		case c == '{' && l.at("{{"):
			l.until("}}")
			continue
		case c == '{' && l.pos > start && l.isRepeat():
			l.until("}")
			continue
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v' || c == ';' || c == '{' || c == '}':
			return string(l.text[start:l.pos])
		}
		l.pos++
	}
	return string(l.text[start:l.pos])
}

func (l *lexer) at(s string) bool {
	return strings.HasPrefix(string(l.text[l.pos:min(len(l.text), l.pos+len(s))]), s)
}

// maxReference bounds how far the end of a "${" is looked for: without one it is just text.
const maxReference = 200

func (l *lexer) until(end string) {
	rest := string(l.text[l.pos:min(len(l.text), l.pos+maxReference)])
	i := strings.Index(rest, end)
	if line := strings.IndexByte(rest, '\n'); i < 0 || line >= 0 && line < i {
		l.pos++
		return
	}
	l.pos += i + len(end)
}

// isRepeat: "\d{4}" in a regular expression is one word; nginx itself wants it quoted, people forget it in examples.
func (l *lexer) isRepeat() bool {
	i := l.pos + 1
	for i < len(l.text) && (l.text[i] == ',' || '0' <= l.text[i] && l.text[i] <= '9') {
		i++
	}
	return i > l.pos+1 && i < len(l.text) && l.text[i] == '}'
}

// skipCode passes over a block of another language up to its closing brace; false when there is none.
func (l *lexer) skipCode() bool {
	depth := 1
	for l.pos < len(l.text) {
		switch l.text[l.pos] {
		case '\n':
			l.line++
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				l.pos++
				return true
			}
		}
		l.pos++
	}
	return false
}
