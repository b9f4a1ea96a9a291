package finding

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Number fills the fingerprints. Findings that agree in everything the fingerprint looks at are told apart by their
// order in the file, so that a duplicated flaw has its own identity and keeps it when code above it moves.
func Number(fs []*Finding) {
	byPlace := slices.Clone(fs)
	slices.SortStableFunc(byPlace, func(a, b *Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Span.End, b.Span.End), Compare(a, b))
	})
	seen := map[string]int{}
	for _, f := range byPlace {
		key := strings.Join([]string{f.RuleID, f.Check, f.Path, f.Function, normalise(Redact(f.Sink))}, "\x00")
		f.Fingerprint = digest(fmt.Sprintf("%s\x00%d", key, seen[key]))
		seen[key]++
	}
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// normalise makes a formatter's changes invisible: white space, comments, the choice of quotes, trailing commas and
// line continuations outside string literals.
func normalise(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '"', '\'':
			end := stringEnd(text, i)
			writeLiteral(&b, text[i:end])
			i = end
		case '#':
			i = lineEnd(text, i)
		case ' ', '\t', '\n', '\r', '\f', '\\':
			i++
			pad(&b, text[i:])
		case ',':
			if !closesNext(text[i+1:]) {
				b.WriteByte(c)
			}
			i++
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// pad keeps one blank between two words, so that "not x" and "notx" differ.
func pad(b *strings.Builder, rest string) {
	s := b.String()
	if s != "" && rest != "" && isWord(s[len(s)-1]) && isWord(rest[0]) {
		b.WriteByte(' ')
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func closesNext(rest string) bool {
	rest = strings.TrimLeft(rest, " \t\r\n\f")
	return rest != "" && strings.ContainsRune(")]}", rune(rest[0]))
}

func lineEnd(text string, from int) int {
	if n := strings.IndexAny(text[from:], "\r\n"); n >= 0 {
		return from + n
	}
	return len(text)
}

// stringEnd is the offset after the string literal that opens at i; an unterminated one ends with the text.
func stringEnd(text string, i int) int {
	quote := text[i : i+1]
	if strings.HasPrefix(text[i:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	for j := i + len(quote); j < len(text); j++ {
		if text[j] == '\\' {
			j++
		} else if strings.HasPrefix(text[j:], quote) {
			return j + len(quote)
		}
	}
	return len(text)
}

func writeLiteral(b *strings.Builder, lit string) {
	body := strings.Trim(lit, lit[:1])
	b.WriteByte('"')
	b.WriteString(strings.ReplaceAll(body, `\`+lit[:1], lit[:1]))
	b.WriteByte('"')
}
