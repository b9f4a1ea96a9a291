package parser

import "bytes"

// prefix reads the letters before a quote.
func prefix(b []byte) (uint8, bool) {
	var f uint8
	for _, c := range b {
		var bit uint8
		switch c | 0x20 {
		case 'r':
			bit = sRaw
		case 'b':
			bit = sBytes
		case 'f':
			bit = sF
		case 't':
			bit = sT
		case 'u':
			bit = sU
		default:
			return 0, false
		}
		if f&bit != 0 {
			return 0, false
		}
		f |= bit
	}
	switch f &^ sRaw {
	case 0, sBytes, sF, sT:
		return f, true
	case sU:
		return f, f&sRaw == 0
	}
	return 0, false
}

// str reads a string whose prefix begins at st and whose quote is at pos.
func (l *lexer) str(st, pos int, flag uint8) {
	s := l.src
	q := s[pos]
	pos++
	if s[pos] == q && s[pos+1] == q {
		flag |= sTriple
		pos += 2
	}
	switch {
	case flag&(sF|sT) != 0:
		l.pos = pos
		l.emitString(tFStart, st, pos, flag)
		l.modes = append(l.modes, mode{inLiteral, q, flag, len(l.brackets), uint32(st)})
	case flag&sTriple != 0:
		l.triple(st, pos, q, flag)
	default:
		l.single(st, pos, q, flag)
	}
}

func (l *lexer) single(st, pos int, q byte, flag uint8) {
	s := l.src
	for {
		c := s[pos]
		switch {
		case c == q:
			l.pos = pos + 1
			l.emitString(tString, st, l.pos, flag)
			return
		case c == '\\':
			flag |= sEscape
			if next := l.afterBackslash(pos); next >= 0 {
				pos = next
			} else {
				pos += 2
			}
			if pos > l.n {
				l.pos = l.n
				l.bad(st, l.n, "unterminated string literal")
				return
			}
		case c == '\n' || c == '\r' || c == 0 && pos >= l.n:
			l.pos = pos
			l.bad(st, pos, "unterminated string literal")
			return
		default:
			pos++
		}
	}
}

func (l *lexer) triple(st, pos int, q byte, flag uint8) {
	s, n := l.src, l.n
	from := pos
	for {
		i := bytes.IndexByte(s[pos:n], q)
		if i < 0 {
			l.pos = n
			l.bad(st, n, "unterminated triple-quoted string literal")
			return
		}
		at := pos + i
		slashes := 0
		for k := at; k > pos && s[k-1] == '\\'; k-- {
			slashes++
		}
		pos = at + 1
		if slashes&1 == 1 {
			continue
		}
		if s[at+1] == q && s[at+2] == q {
			l.pos = at + 3
			break
		}
	}
	if body := s[from : l.pos-3]; bytes.IndexByte(body, '\\') >= 0 || bytes.IndexByte(body, '\r') >= 0 {
		flag |= sEscape
	}
	l.emitString(tString, st, l.pos, flag)
}

// literal reads the text of an f-string or of a format specification up to the next brace or the end.
func (l *lexer) literal(m *mode) {
	st, spec := l.pos, m.state == inSpec
	flag, ok := l.scanLiteral(m)
	if !ok {
		return
	}
	pos := l.pos
	if pos > st {
		l.emitString(tFMiddle, st, pos, flag)
	}
	switch c := l.src[pos]; {
	case c == '{':
		l.pos++
		l.open(tLBrace, '}')
		l.modes = append(l.modes, mode{inField, m.quote, m.flag, len(l.brackets), m.start})
	case c == '}':
		l.pos++
		l.emit(tRBrace, pos, pos+1)
		l.brackets = l.brackets[:len(l.brackets)-1]
		l.modes = l.modes[:len(l.modes)-1]
	case c == '\n' || c == '\r':
		m.state = inField // the specification ends with the line
	case spec:
		l.broken(m, "f-string: expecting '}'")
	default:
		l.pos++
		if m.flag&sTriple != 0 {
			l.pos += 2
		}
		l.emitString(tFEnd, pos, l.pos, m.flag)
		l.modes = l.modes[:len(l.modes)-1]
	}
}

// scanLiteral moves to the byte that ends the literal text.
func (l *lexer) scanLiteral(m *mode) (uint8, bool) {
	s := l.src
	flag, spec, triple := m.flag, m.state == inSpec, m.flag&sTriple != 0
	for {
		switch c := s[l.pos]; c {
		case m.quote:
			if !triple || s[l.pos+1] == c && s[l.pos+2] == c {
				return flag, true
			}
			l.pos++
		case '{', '}':
			if spec || s[l.pos+1] != c {
				if c == '}' && !spec { // an error, and the text goes on behind it
					l.fail(l.pos, l.pos+1, "f-string: single '}' is not allowed")
					l.pos++
					continue
				}
				return flag, true
			}
			l.pos += 2
			flag |= sEscape
		case '\\':
			flag |= sEscape
			l.skipEscape(m.flag)
		case '\n', '\r':
			if !triple && spec {
				return flag, true
			}
			if !triple {
				l.broken(m, "unterminated f-string literal")
				return 0, false
			}
			if c == '\r' {
				flag |= sEscape
			}
			l.pos++
		case 0:
			if l.pos >= l.n {
				l.broken(m, "unterminated f-string literal")
				return 0, false
			}
			l.pos++
		default:
			l.pos++
		}
		if l.pos > l.n {
			l.pos = l.n
		}
	}
}

// skipEscape moves behind a backslash and what it protects: a quote, but never a brace, except those of `\N{…}`.
func (l *lexer) skipEscape(flag uint8) {
	s := l.src
	d := s[l.pos+1]
	switch {
	case d == '{' || d == '}':
		l.pos++
	case flag&sRaw == 0 && d == 'N' && s[l.pos+2] == '{':
		l.pos += 3
		for l.pos < l.n && s[l.pos] != '}' && s[l.pos] != '\n' && s[l.pos] != '{' && s[l.pos] != '"' && s[l.pos] != '\'' {
			l.pos++
		}
		if s[l.pos] == '}' {
			l.pos++
		}
	default:
		if next := l.afterBackslash(l.pos); next >= 0 {
			l.pos = next
		} else {
			l.pos += 2
		}
	}
}

// broken reports an error in an f-string and leaves all f-strings that are open.
func (l *lexer) broken(m *mode, msg string) {
	depth := l.modes[0].depth
	l.fail(int(m.start), max(l.pos, int(m.start)+1), msg)
	l.emit(tError, l.pos, l.pos)
	l.modes = l.modes[:0]
	l.brackets = l.brackets[:min(depth, len(l.brackets))]
	if q := l.src[l.pos]; q == '}' || q == '"' || q == '\'' {
		l.pos = l.lineEnd(l.pos)
	}
}
