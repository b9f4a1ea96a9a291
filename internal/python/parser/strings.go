package parser

import (
	"unicode/utf8"

	"stopper/internal/python/ast"
)

// strings reads one or more adjacent literals, which are one constant, or one f-string or t-string.
func (p *Parser) strings() id {
	st := p.pos()
	if p.k == tString {
		switch p.peek() {
		case tString, tFStart:
		default:
			t := &p.t[p.i]
			p.text = p.decodeBody(p.text, t)
			p.next()
			return p.constant(constKind(t.flag), st, p.endString())
		}
	}
	if p.onlyPlain() {
		return p.concat(st)
	}
	return p.joined(st)
}

// onlyPlain tells whether no f-string or t-string is among the adjacent literals.
func (p *Parser) onlyPlain() bool {
	for i := p.i; ; i++ {
		switch p.t[i].kind {
		case tString:
		case tFStart:
			return false
		default:
			return true
		}
	}
}

func constKind(flag uint8) ast.ConstKind {
	if flag&sBytes != 0 {
		return ast.ConstBytes
	}
	return ast.ConstStr
}

// concat reads adjacent plain literals.
func (p *Parser) concat(st uint32) id {
	k := constKind(p.t[p.i].flag)
	for p.k == tString {
		t := &p.t[p.i]
		if constKind(t.flag) != k {
			p.report(t.start, t.end, "cannot mix bytes and nonbytes literals")
		}
		p.text = p.decodeBody(p.text, t)
		p.next()
	}
	return p.constant(k, st, p.endString())
}

// endString ends the string that was appended to text and returns its index.
func (p *Parser) endString() uint32 {
	p.ends = append(p.ends, uint32(len(p.text)))
	return uint32(len(p.ends) - 1)
}

// decodeBody appends the value of a plain literal.
func (p *Parser) decodeBody(dst []byte, t *token) []byte {
	from, to := t.start, t.end-1
	for p.lex.src[from] != p.lex.src[to] {
		from++ // the prefix
	}
	from++
	if t.flag&sTriple != 0 {
		from, to = from+2, to-2
	}
	return p.decodeText(dst, from, to, t.flag)
}

// decodeText appends the value of the source text between two offsets, which stand inside the quotes.
func (p *Parser) decodeText(dst []byte, from, to uint32, flag uint8) []byte {
	body := p.lex.src[from:to]
	if flag&sBytes != 0 {
		p.checkASCII(body, from)
	}
	if flag&sEscape == 0 {
		return append(dst, body...)
	}
	for i := 0; i < len(body); {
		c := body[i]
		switch {
		case c == '\\' && flag&sRaw == 0 && i+1 < len(body):
			n := 0
			dst, n = p.escape(dst, body[i:], from+uint32(i), flag)
			i += n
			continue
		case c == '\r':
			if i+1 < len(body) && body[i+1] == '\n' {
				i++
			}
			c = '\n'
		case (c == '{' || c == '}') && flag&(sF|sT) != 0 && i+1 < len(body) && body[i+1] == c:
			i++
		}
		dst = append(dst, c)
		i++
	}
	return dst
}

func (p *Parser) checkASCII(body []byte, at uint32) {
	for i, c := range body {
		if c >= utf8.RuneSelf {
			p.report(at+uint32(i), at+uint32(i)+1, "bytes can only contain ASCII literal characters")
			return
		}
	}
}

// simpleEscapes maps the letter behind a backslash to its value.
var simpleEscapes = [256]byte{
	'\\': '\\', '\'': '\'', '"': '"', 'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
}

// escape appends the value of the escape sequence at the beginning of b and returns its length. An unknown one stands
// for itself, backslash included.
func (p *Parser) escape(dst, b []byte, at uint32, flag uint8) ([]byte, int) {
	c := b[1]
	switch {
	case simpleEscapes[c] != 0:
		return append(dst, simpleEscapes[c]), 2
	case c == '\n':
		return dst, 2
	case c == '\r':
		if len(b) > 2 && b[2] == '\n' {
			return dst, 3
		}
		return dst, 2
	case c >= '0' && c <= '7':
		v, n := rune(0), 1
		for ; n < 4 && n < len(b) && b[n] >= '0' && b[n] <= '7'; n++ {
			v = v<<3 | rune(b[n]-'0')
		}
		return appendChar(dst, v, flag), n
	case c == 'x':
		return p.hexEscape(dst, b, at, 2, flag)
	case flag&sBytes != 0:
	case c == 'u':
		return p.hexEscape(dst, b, at, 4, flag)
	case c == 'U':
		return p.hexEscape(dst, b, at, 8, flag)
	case c == 'N':
		return p.namedEscape(dst, b, at)
	}
	return append(dst, '\\'), 1
}

func (p *Parser) hexEscape(dst, b []byte, at uint32, digits int, flag uint8) ([]byte, int) {
	v, n := rune(0), 2
	for ; n < 2+digits && n < len(b); n++ {
		d := hexDigit(b[n])
		if d < 0 {
			break
		}
		v = v<<4 | d
	}
	if n < 2+digits || v > utf8.MaxRune || v < 0 {
		p.report(at, at+uint32(n), "malformed escape sequence")
		return append(dst, '\\'), 1
	}
	return appendChar(dst, v, flag), n
}

func hexDigit(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}

// longestCharName is more than the longest name in Unicode has.
const longestCharName = 120

// namedEscape stands for any character by its Unicode name: the names' table would be larger than this program, and
// no judgement depends on which character it is.
func (p *Parser) namedEscape(dst, b []byte, at uint32) ([]byte, int) {
	if len(b) > 2 && b[2] == '{' {
		for n := 3; n < min(len(b), 4+longestCharName); n++ {
			if b[n] == '}' && n > 3 {
				return utf8.AppendRune(dst, utf8.RuneError), n + 1
			}
		}
	}
	p.report(at, at+2, "malformed \\N character escape")
	return append(dst, '\\'), 1
}

// appendChar appends a byte of a bytes literal, or a character. A lone surrogate has three bytes, which no valid UTF-8
// contains.
func appendChar(dst []byte, v rune, flag uint8) []byte {
	switch {
	case flag&sBytes != 0:
		return append(dst, byte(v))
	case v >= 0xD800 && v <= 0xDFFF:
		return append(dst, 0xE0|byte(v>>12), 0x80|byte(v>>6)&0x3F, 0x80|byte(v)&0x3F)
	}
	return utf8.AppendRune(dst, v)
}
