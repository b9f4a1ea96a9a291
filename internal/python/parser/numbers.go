package parser

import "stopper/internal/python/ast"

// number reads a number that begins at st, with its digit or its dot.
func (l *lexer) number(st int) {
	s, pos := l.src, st
	k := ast.ConstInt
	if base := s[pos+1] | 0x20; s[pos] == '0' && (base == 'x' || base == 'o' || base == 'b') {
		pos = l.digits(pos+2, base)
		if pos == st+2 || s[pos-1] == '_' {
			l.fail(st, pos, "invalid number")
		}
	} else {
		pos, k = l.decimal(st)
	}
	l.pos = pos
	l.numberEnd(st)
	l.toks = append(l.toks, token{uint32(st), uint32(l.pos), uint32(k), tNumber, 0})
}

// decimal reads an integer, a float or an imaginary number.
func (l *lexer) decimal(st int) (int, ast.ConstKind) {
	s := l.src
	k := ast.ConstInt
	pos := l.digits(st, 'd')
	whole := pos
	if s[pos] == '.' {
		k = ast.ConstFloat
		pos = l.digits(pos+1, 'd')
	}
	if s[pos]|0x20 == 'e' {
		e := pos + 1
		if s[e] == '+' || s[e] == '-' {
			e++
		}
		if classes[s[e]] == cDigit {
			k = ast.ConstFloat
			pos = l.digits(e, 'd')
		}
	}
	if s[pos]|0x20 == 'j' {
		return pos + 1, ast.ConstComplex
	}
	if k == ast.ConstInt && s[st] == '0' {
		l.leadingZero(st, whole)
	}
	return pos, k
}

func (l *lexer) leadingZero(st, end int) {
	for _, c := range l.src[st:end] {
		if c != '0' && c != '_' {
			l.fail(st, end, "leading zeros in decimal integer literals are not permitted")
			return
		}
	}
}

// digits moves over digits of a base and the underscores between them.
func (l *lexer) digits(pos int, base byte) int {
	s := l.src
	st := pos
	for ; ; pos++ {
		c := s[pos]
		switch {
		case c >= '0' && c <= '9':
			if base == 'b' && c > '1' || base == 'o' && c > '7' {
				return pos
			}
		case base == 'x' && c|0x20 >= 'a' && c|0x20 <= 'f':
		case c == '_':
			if next := classes[s[pos+1]]; pos == st && base == 'd' || next != cDigit && (base != 'x' || next != cIdent || s[pos+1] == '_') {
				l.fail(pos, pos+1, "invalid number")
			}
		default:
			return pos
		}
	}
}

// numberEnd accepts keywords directly behind a number, as CPython does (`1if x else y`), and nothing else.
func (l *lexer) numberEnd(st int) {
	pos := l.pos
	if !identPart[l.src[pos]] && l.src[pos] < 0x80 {
		return
	}
	end := pos
	for identPart[l.src[end]] || l.src[end] >= 0x80 {
		end++
	}
	switch string(l.src[pos:end]) {
	case "and", "else", "for", "if", "in", "is", "not", "or":
		return
	}
	l.pos = end
	l.fail(st, end, "invalid number")
}
