package workspace

import "strings"

// A pattern compiles to a list of tokens, so that matching needs no lookahead into brackets and escapes.
type token struct {
	kind tokenKind
	char byte
	set  *[256]bool
}

type tokenKind uint8

const (
	tokChar     tokenKind = iota
	tokAny                // ?   one byte, no slash
	tokSet                // [a-z]  one byte, no slash
	tokStar               // *   any bytes, no slash
	tokDeep               // **  any bytes: at the end, or where a slash is written as an escape
	tokDeepPath           // **/ nothing, or anything up to and including a slash
	tokNever              // what git refuses: an unclosed bracket, a lone backslash at the end
)

func compile(s string) []token {
	var out []token
	for i := 0; i < len(s); {
		switch s[i] {
		case '\\':
			if i+1 == len(s) {
				return append(out, token{kind: tokNever})
			}
			out = append(out, token{kind: tokChar, char: s[i+1]})
			i += 2
		case '?':
			out = append(out, token{kind: tokAny})
			i++
		case '[':
			set, next := compileSet(s, i+1)
			if set == nil {
				return append(out, token{kind: tokNever})
			}
			out = append(out, token{kind: tokSet, set: set})
			i = next
		case '*':
			var t token
			t, i = compileStars(s, i)
			out = append(out, t)
		default:
			out = append(out, token{kind: tokChar, char: s[i]})
			i++
		}
	}
	return out
}

// compileStars: two or more stars reach through folders only when they are a whole component.
func compileStars(s string, start int) (token, int) {
	i := start
	for i < len(s) && s[i] == '*' {
		i++
	}
	rest := s[i:]
	opens := start == 0 || s[start-1] == '/'
	switch {
	case i-start < 2 || !opens:
		return token{kind: tokStar}, i
	case rest == "":
		return token{kind: tokDeep}, i
	case rest[0] == '/':
		return token{kind: tokDeepPath}, i + 1
	case strings.HasPrefix(rest, `\/`):
		return token{kind: tokDeep}, i
	}
	return token{kind: tokStar}, i
}

// compileSet reads a bracket from behind its '['. A nil set means the bracket never closes or names an unknown class.
func compileSet(s string, i int) (*[256]bool, int) {
	var set [256]bool
	negated := i < len(s) && (s[i] == '!' || s[i] == '^')
	if negated {
		i++
	}
	var low int // the possible start of a range; 0 when there is none
	for first := true; ; first = false {
		if i >= len(s) {
			return nil, i
		}
		c := s[i]
		switch {
		case c == ']' && !first:
			if negated {
				for b := range set {
					set[b] = !set[b]
				}
			}
			set['/'] = false
			return &set, i + 1
		case c == '-' && low != 0 && i+1 < len(s) && s[i+1] != ']':
			if i++; s[i] == '\\' {
				if i++; i == len(s) {
					return nil, i
				}
			}
			for b := low; b <= int(s[i]); b++ {
				set[b] = true
			}
			low = 0
		case c == '[' && i+1 < len(s) && s[i+1] == ':':
			end := strings.IndexByte(s[i+2:], ']')
			if end < 0 {
				return nil, i
			}
			name, closed := strings.CutSuffix(s[i+2:i+2+end], ":")
			if !closed {
				set['['] = true
				low = '['
				break
			}
			if !addClass(&set, name) {
				return nil, i
			}
			i += 2 + end
			low = 0
		default:
			if c == '\\' {
				if i++; i == len(s) {
					return nil, i
				}
			}
			set[s[i]] = true
			low = int(s[i])
		}
		i++
	}
}

func addClass(set *[256]bool, name string) bool {
	in := classOf(name)
	for b := range 128 {
		if in != nil && in(byte(b)) {
			set[b] = true
		}
	}
	return in != nil
}

func classOf(name string) func(byte) bool {
	upper := func(b byte) bool { return 'A' <= b && b <= 'Z' }
	lower := func(b byte) bool { return 'a' <= b && b <= 'z' }
	digit := func(b byte) bool { return '0' <= b && b <= '9' }
	graph := func(b byte) bool { return '!' <= b && b <= '~' }
	switch name {
	case "upper":
		return upper
	case "lower":
		return lower
	case "digit":
		return digit
	case "alpha":
		return func(b byte) bool { return upper(b) || lower(b) }
	case "alnum":
		return func(b byte) bool { return upper(b) || lower(b) || digit(b) }
	case "xdigit":
		return func(b byte) bool { return digit(b) || 'a' <= b|0x20 && b|0x20 <= 'f' }
	case "blank":
		return func(b byte) bool { return b == ' ' || b == '\t' }
	case "space":
		return func(b byte) bool { return b == ' ' || '\t' <= b && b <= '\r' }
	case "cntrl":
		return func(b byte) bool { return b < ' ' || b == 0x7f }
	case "graph":
		return graph
	case "print":
		return func(b byte) bool { return b == ' ' || graph(b) }
	case "punct":
		return func(b byte) bool { return graph(b) && !upper(b) && !lower(b) && !digit(b) }
	}
	return nil
}

// matcher remembers which (token, offset) pairs have failed, so that matching takes tokens × bytes steps at most,
// whatever stars a hostile file writes.
type matcher struct {
	pattern []token
	text    string
	failed  []uint64
	work    *int
}

func (m *matcher) match(p, t int) bool {
	for ; p < len(m.pattern); p++ {
		*m.work++
		switch tok := &m.pattern[p]; tok.kind {
		case tokStar, tokDeep, tokDeepPath:
			return m.star(p, t)
		case tokNever:
			return false
		default:
			if t >= len(m.text) || !tok.accepts(m.text[t]) {
				return false
			}
			t++
		}
	}
	return t == len(m.text)
}

func (t *token) accepts(b byte) bool {
	switch t.kind {
	case tokAny:
		return b != '/'
	case tokSet:
		return t.set[b]
	}
	return b == t.char
}

func (m *matcher) star(p, t int) bool {
	if m.failed == nil {
		m.failed = make([]uint64, (len(m.pattern)*(len(m.text)+1)+63)/64)
	}
	kind := m.pattern[p].kind
	for i := t; ; i++ {
		cell := p*(len(m.text)+1) + i
		word, bit := cell/64, uint64(1)<<(cell%64)
		if m.failed[word]&bit != 0 {
			return false // whoever failed here went on to every later offset too
		}
		if kind != tokDeepPath || i == t || m.text[i-1] == '/' {
			if m.match(p+1, i) {
				return true
			}
			m.failed[word] |= bit
		}
		*m.work++
		if i == len(m.text) || kind == tokStar && m.text[i] == '/' {
			return false
		}
	}
}
