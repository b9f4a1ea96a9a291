package htmlctx

import "strings"

// isHandler reports whether an attribute's value is run as script: event handlers, and the same in the attributes of the
// common front-end libraries.
func isHandler(attr string) bool {
	switch {
	case len(attr) > 4 && strings.HasPrefix(attr, "on") && allLetters(attr):
		return true
	case strings.HasPrefix(attr, "@"), strings.HasPrefix(attr, "x-on:"), strings.HasPrefix(attr, "v-on:"), strings.HasPrefix(attr, "hx-on"):
		return true
	}
	switch attr {
	case "x-data", "x-init", "x-html", "v-html", "ng-init", "ng-click":
		return true
	}
	return false
}

func allLetters(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isLetter(s[i]) {
			return false
		}
	}
	return true
}

// isURLAttr reports whether an attribute holds a URL that is run, or opened as a document or script. Images, media and
// style sheets are not: a javascript: URL in them does nothing.
func isURLAttr(tag, attr string) bool {
	switch attr {
	case "href":
		return tag == "a" || tag == "area" || tag == "base"
	case "xlink:href":
		return true
	case "src":
		return tag == "iframe" || tag == "frame" || tag == "embed" || tag == "script"
	case "data":
		return tag == "object"
	case "action":
		return tag == "form"
	case "formaction":
		return true
	}
	return false
}

// trimURL drops what browsers ignore in front of a scheme and inside it.
func trimURL(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, strings.TrimLeft(s, " \t\n\r\f"))
}

// entity decodes the character references that end a script string; the length is 0 for others.
func entity(t string) (byte, int) {
	for _, e := range []struct {
		name string
		c    byte
	}{{"&quot;", '"'}, {"&#34;", '"'}, {"&#x22;", '"'}, {"&apos;", '\''}, {"&#39;", '\''}, {"&#x27;", '\''}, {"&amp;", '&'}, {"&#96;", '`'}, {"&lt;", '<'}, {"&gt;", '>'}} {
		if strings.HasPrefix(t, e.name) {
			return e.c, len(e.name)
		}
	}
	return 0, 0
}

// appendName adds a character in lower case, up to the length that matters.
func appendName(s string, c byte) string { return appendNames(s, string([]byte{c})) }

// appendNames adds characters in lower case, up to the length that matters.
func appendNames(s, more string) string {
	if len(s) >= maxName {
		return s
	}
	more = more[:min(len(more), maxName-len(s))]
	for i := range len(more) {
		if more[i] >= 'A' && more[i] <= 'Z' {
			lower := []byte(more)
			for j := i; j < len(lower); j++ {
				if lower[j] >= 'A' && lower[j] <= 'Z' {
					lower[j] |= 0x20
				}
			}
			return s + string(lower)
		}
	}
	return s + more
}

// until is how much of t stands before the first of some characters.
func until(t, chars string) int {
	if n := strings.IndexAny(t, chars); n >= 0 {
		return n
	}
	return len(t)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
