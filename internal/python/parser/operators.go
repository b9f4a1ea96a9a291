package parser

// operator reads one operator or delimiter, the longest that fits.
func (l *lexer) operator(c byte) {
	st := l.pos
	l.pos++
	switch c {
	case '(':
		l.open(tLPar, ')')
	case '[':
		l.open(tLSqb, ']')
	case '{':
		l.open(tLBrace, '}')
	case ')', ']', '}':
		l.close(c)
	case ',':
		l.emit(tComma, st, l.pos)
	case '.':
		l.dot(st)
	case '=':
		l.pick(st, tEq, tEqEq)
	case ':':
		l.colon(st)
	case ';':
		l.emit(tSemi, st, l.pos)
	case '~':
		l.emit(tTilde, st, l.pos)
	case '!':
		l.bang(st)
	case '<':
		l.less(st)
	case '-':
		if l.src[l.pos] == '>' {
			l.pos++
			l.emit(tArrow, st, l.pos)
			return
		}
		l.pick(st, tMinus, tMinusEq)
	case '+':
		l.pick(st, tPlus, tPlusEq)
	case '*':
		l.double(c, st, tStar, tDStar)
	case '/':
		l.double(c, st, tSlash, tDSlash)
	case '>':
		if l.src[l.pos] == '>' {
			l.double(c, st, tGt, tRShift)
			return
		}
		l.pick(st, tGt, tGtE)
	case '%':
		l.pick(st, tPercent, tPercentEq)
	case '@':
		l.pick(st, tAt, tAtEq)
	case '|':
		l.pick(st, tVBar, tVBarEq)
	case '&':
		l.pick(st, tAmp, tAmpEq)
	case '^':
		l.pick(st, tCaret, tCaretEq)
	}
}

// pick emits withEq if an equals sign follows.
func (l *lexer) pick(st int, plain, withEq kind) {
	if l.src[l.pos] == '=' {
		l.pos++
		plain = withEq
	}
	l.emit(plain, st, l.pos)
}

// double emits an operator of one or two equal characters, or its augmented assignment.
func (l *lexer) double(c byte, st int, one, two kind) {
	k := one
	if l.src[l.pos] == c {
		l.pos++
		k = two
	}
	l.pick(st, k, k+(tVBarEq-tVBar))
}

func (l *lexer) dot(st int) {
	d := l.src[l.pos]
	switch {
	case d == '.' && l.src[l.pos+1] == '.':
		l.pos += 2
		l.emit(tEllipsis, st, l.pos)
	case classes[d] == cDigit:
		l.number(st)
	default:
		l.emit(tDot, st, l.pos)
	}
}

func (l *lexer) less(st int) {
	switch l.src[l.pos] {
	case '<':
		l.double('<', st, tLt, tLShift)
	case '>':
		l.pos++
		l.bad(st, l.pos, "'<>' is the Python 2 spelling of '!='")
	default:
		l.pick(st, tLt, tLtE)
	}
}

func (l *lexer) bang(st int) {
	switch {
	case l.src[l.pos] == '=':
		l.pos++
		l.emit(tNotEq, st, l.pos)
	case len(l.modes) > 0:
		l.emit(tExcl, st, l.pos)
	default:
		l.bad(st, l.pos, "invalid character")
	}
}

// colon begins a format specification if it stands directly in a replacement field.
func (l *lexer) colon(st int) {
	if n := len(l.modes); n > 0 && l.modes[n-1].depth == len(l.brackets) {
		l.modes[n-1].state = inSpec
		l.emit(tColon, st, l.pos)
		return
	}
	l.pick(st, tColon, tColonEq)
}

func (l *lexer) open(k kind, close byte) {
	st := l.pos - 1
	l.brackets = append(l.brackets, bracket{close, uint32(st)})
	if len(l.brackets) > maxBrackets {
		if len(l.brackets) == maxBrackets+1 {
			l.fail(st, l.pos, "too many nested brackets")
		}
		k = tError
	}
	l.emit(k, st, l.pos)
}

func (l *lexer) close(c byte) {
	st := l.pos - 1
	n := len(l.brackets)
	if n == 0 {
		l.bad(st, l.pos, "unmatched '"+string(c)+"'")
		return
	}
	if l.brackets[n-1].close != c {
		l.mismatch(c, st)
		return
	}
	k := tRPar
	switch c {
	case ']':
		k = tRSqb
	case '}':
		k = tRBrace
		if m := len(l.modes); m > 0 && l.modes[m-1].depth == n {
			l.modes = l.modes[:m-1]
		}
	}
	l.brackets = l.brackets[:n-1]
	l.emit(k, st, l.pos)
}

// mismatch reports a closing bracket that does not fit. If it fits one further out, those inside are given up.
func (l *lexer) mismatch(c byte, st int) {
	l.bad(st, l.pos, "closing '"+string(c)+"' does not match '"+string(l.src[l.brackets[len(l.brackets)-1].at])+"'")
	floor := 0
	if n := len(l.modes); n > 0 {
		floor = l.modes[n-1].depth
	}
	floor = max(floor, len(l.brackets)-maxBrackets)
	for i := len(l.brackets) - 1; i >= floor; i-- {
		if l.brackets[i].close == c {
			l.brackets = l.brackets[:i]
			return
		}
	}
}
