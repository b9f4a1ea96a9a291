package cors001

import "strings"

// isWild: Flask-CORS takes these for every origin.
func isWild(s string) bool {
	switch s {
	case "*", ".*", "^.*$", ".*?", ".+", "https?://.*", "http.*", `https?:\/\/.*`:
		return true
	}
	return false
}

// isPattern: Flask-CORS takes a text with one of these for a regular expression.
func isPattern(s string) bool { return strings.ContainsAny(s, `*\]?$^[()`) }

// weakPattern says how a pattern for origins can be met by another site; "" when it cannot. The pattern is matched from
// the start; with whole set, to the end as well.
func weakPattern(s string, whole bool) string {
	if !whole && !endsBound(s) {
		return "nothing marks its end, so the allowed name may go on, as in https://shop.example.other.example"
	}
	if i := openDot(s); i >= 0 {
		return "a dot stands for any character, as in https://shopXexample"
	}
	if freeLabel(s) {
		return "any text may stand in front of the name, as in https://othershop.example"
	}
	return ""
}

// endsBound reports whether a pattern ends in $ or \Z, or in a port.
func endsBound(s string) bool {
	for strings.HasSuffix(s, ")") || strings.HasSuffix(s, ")?") {
		s = strings.TrimSuffix(strings.TrimSuffix(s, "?"), ")")
	}
	return strings.HasSuffix(s, "$") && !strings.HasSuffix(s, `\$`) || strings.HasSuffix(s, `\Z`) || strings.HasSuffix(s, `\z`)
}

// openDot finds a dot between two letters that is not escaped; -1 when there is none.
func openDot(s string) int {
	inSet := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '[':
			inSet = true
		case c == ']':
			inSet = false
		case c == '.' && !inSet && i > 0 && i+1 < len(s) && isLetter(s[i-1]) && isLetter(s[i+1]):
			return i
		}
	}
	return -1
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' }

// freeLabel: ".*shop\.example" has no dot between what may be anything and the name.
func freeLabel(s string) bool {
	for _, any := range [...]string{".*", ".+", `\w+`, `[^/]+`, `[^/]*`} {
		rest := s
		for {
			_, after, ok := strings.Cut(rest, any)
			if !ok {
				break
			}
			after = strings.TrimLeft(after, "?)")
			if after != "" && isLetter(after[0]) {
				return true
			}
			rest = after
		}
	}
	return false
}
