package value

import (
	"slices"
	"strings"

	"stopper/internal/models"
)

// HostFixed reports whether the host of a URL is decided before the first tainted hole: "https://api.example/" ◦ is
// fixed; "https://api.example" ◦ is not (".evil.example"), nor "https://" ◦ "@api.example/", "//" ◦ or "/" ◦. A path
// that starts with a single slash and a further literal character other than a slash stays on this site.
func (s *Skeleton) HostFixed() bool { return s.HostFixedFor(models.NoKind) }

// HostFixedFor asks only about taint that a sink of kind k minds.
func (s *Skeleton) HostFixedFor(k models.SinkKind) bool {
	if s == nil {
		return false
	}
	var head strings.Builder
	for i := range s.Parts {
		p := &s.Parts[i]
		if p.tainted(k) {
			return hostDecided(head.String())
		}
		if p.IsHole {
			// A clean hole: some text of the program's own, such as a configured base URL.
			head.WriteByte(cleanHole)
			continue
		}
		head.WriteString(p.Lit)
	}
	return true
}

// cleanHole stands for text that is unknown and not the attacker's; it cannot occur in a URL.
const cleanHole = 0

// hostDecided reports whether any text after head leaves the host as it is.
func hostDecided(head string) bool {
	rest, hasAuthority := head, false
	if i := strings.Index(head, "://"); i > 0 && isScheme(head[:i]) {
		rest, hasAuthority = head[i+3:], true
	} else if strings.HasPrefix(head, "//") {
		rest, hasAuthority = head[2:], true
	}
	if hasAuthority {
		rest = strings.TrimLeft(rest, `/\`)
		i := strings.IndexAny(rest, `/?#\`)
		return i > 0 && !strings.HasSuffix(rest[:i], "@")
	}
	if head != "" && head[0] == cleanHole {
		// base + "/path": a configured base is trusted to end its host; base + ◦ is not.
		return strings.ContainsAny(head, "/?#")
	}
	if head == "" || head[0] != '/' {
		// "next?x=" stays on this site; "javascript" ◦ or "https:" ◦ does not.
		i := strings.IndexAny(head, "/?#:")
		return i > 0 && head[i] != ':'
	}
	return len(head) > 1 && head[1] != '\\' && head[1] > ' '
}

func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if !(c >= 'a' && c <= 'z' || i > 0 && (s[i] >= '0' && s[i] <= '9' || strings.IndexByte("+-.", s[i]) >= 0)) && s[i] != cleanHole {
			return false
		}
	}
	return s != ""
}

// SchemeFixed reports whether the scheme is decided before the first tainted hole.
func (s *Skeleton) SchemeFixed() bool {
	if s == nil {
		return false
	}
	if i := s.FirstTainted(models.NoKind); i < 0 {
		return true
	} else if i == 0 || s.Parts[0].IsHole {
		return i > 0
	}
	return strings.ContainsAny(s.Parts[0].Lit, ":/?#")
}

// Host is the literal host of a URL, "" when it is not fixed.
func (s *Skeleton) Host() string {
	p := s.Prefix()
	i := strings.Index(p, "//")
	if i < 0 {
		return ""
	}
	p = p[i+2:]
	end := strings.IndexAny(p, `/?#\`)
	if end < 0 {
		if _, whole := s.Literal(); !whole {
			return ""
		}
		end = len(p)
	}
	p = p[:end]
	return p[strings.LastIndexByte(p, '@')+1:]
}

// InQuotes tells in which quote the part i stands: ', " or `, or 0 when in none. A backslash escapes outside single
// quotes, which is the shell's rule; SQL's doubled quote closes and opens again, which comes to the same.
func (s *Skeleton) InQuotes(i int) rune {
	if s == nil {
		return 0
	}
	var quote rune
	for j := range min(i, len(s.Parts)) {
		if s.Parts[j].IsHole {
			continue
		}
		quote = scanQuotes(s.Parts[j].Lit, quote)
	}
	return quote
}

func scanQuotes(lit string, quote rune) rune {
	escaped := false
	for _, r := range lit {
		switch {
		case escaped:
			escaped = false
		case r == '\\' && quote != '\'':
			escaped = true
		case quote == 0 && (r == '\'' || r == '"' || r == '`'):
			quote = r
		case r == quote:
			quote = 0
		}
	}
	return quote
}

// HeldByQuotes reports whether every part that carries taint for kind k stands in quotes that its text cannot hold, in a
// language whose literals know no escapes (XPath, most of SQL): name = '◦' where ◦ has no single quote, or in SQL doubled ones.
func (s *Skeleton) HeldByQuotes(k models.SinkKind) bool {
	if s == nil {
		return false
	}
	var quote rune
	for i := range s.Parts {
		p := &s.Parts[i]
		switch {
		case !p.IsHole:
			quote = plainQuote(p.Lit, quote)
		case p.tainted(k) && !p.lacksQuote(quote, k):
			return false
		}
	}
	return true
}

// plainQuote is the quote that is open after a text, where nothing escapes a quote.
func plainQuote(lit string, quote rune) rune {
	for _, r := range lit {
		switch {
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case r == quote:
			quote = 0
		}
	}
	return quote
}

func (p *Part) lacksQuote(quote rune, k models.SinkKind) bool {
	need := models.SingleQuote
	switch quote {
	case 0:
		return false
	case '"':
		need = models.DoubleQuote
	}
	return !slices.ContainsFunc(p.Taint, func(l Label) bool {
		return !l.Cleared.Has(k) && !l.Cleared.Has(need) && !(k == models.SQL && quote == '\'' && l.Cleared.Has(models.SQLQuote))
	})
}

// BaseDir is the literal directory before the first hole, with its slash: "/srv/files/" of "/srv/files/a-" ◦.
func (s *Skeleton) BaseDir() string {
	p := s.Prefix()
	return p[:strings.LastIndexByte(p, '/')+1]
}

// HasBase reports whether something that is not the attacker's, and a separator after it, stands before the first
// tainted hole for good: then a name without ".." stays below it.
func (s *Skeleton) HasBase() bool {
	if s == nil {
		return false
	}
	i := s.FirstTainted(models.NoKind)
	if i < 0 {
		return true
	}
	if i == 0 || s.Parts[i].Resets {
		return false
	}
	if strings.HasSuffix(s.Parts[i-1].Lit, "/.") {
		return false // a dot at the start of the hole makes it ".."
	}
	return slices.ContainsFunc(s.Parts[:i], func(p Part) bool { return !p.IsHole && strings.ContainsAny(p.Lit, `/\`) })
}

// ClimbsLiterally reports whether the hole i stands where "../" in it can leave the directory before it: at the start of
// a path component. Behind "/srv/a-" ◦ the first ".." would need a directory "a-..", which does not exist.
func (s *Skeleton) ClimbsLiterally(i int) bool {
	if i <= 0 || s.Parts[i-1].IsHole {
		return true
	}
	return strings.HasSuffix(s.Parts[i-1].Lit, "/")
}

// DotDotClimbs reports whether ".." in the hole i is a whole component behind which the path goes on: then it climbs without
// any slash of its own. isDir: the path names a directory, so that it goes on behind its end.
func (s *Skeleton) DotDotClimbs(i int, isDir bool) bool {
	if !s.ClimbsLiterally(i) {
		return false
	}
	if i+1 == len(s.Parts) {
		return isDir
	}
	next := s.Parts[i+1]
	return !next.IsHole && strings.HasPrefix(next.Lit, "/") && (isDir || slices.ContainsFunc(s.Parts[i+2:], func(p Part) bool { return p.IsHole }))
}

// StaysBelow reports whether a path that names a directory or a file stays below its base although the attacker's words are in it:
// PathSafe, and no name without separators stands where ".." climbs.
func (s *Skeleton) StaysBelow(k models.SinkKind, isDir bool) bool {
	if !s.PathSafe(k) {
		return false
	}
	for i := range s.Parts {
		if p := &s.Parts[i]; p.tainted(k) && !p.NoClimb && s.DotDotClimbs(i, isDir) {
			return false
		}
	}
	return true
}

// PathSafe reports whether a path stays below its base although the attacker's words are in it: every hole that is
// tainted for kind k either cannot climb or does not stand at the start of a component, and none can be absolute.
func (s *Skeleton) PathSafe(k models.SinkKind) bool {
	if s == nil || !s.HasBase() {
		return false
	}
	for i := range s.Parts {
		p := &s.Parts[i]
		if p.tainted(k) && (p.Resets || !p.NoClimb && !p.NoSlash) {
			return false
		}
	}
	return true
}

// AsWord is a text as one of the words in a list: one that begins with the program's own text, or folder, is no option of the command that
// the list may become, also where the list is put together in one function and run in another.
func AsWord(v *Value) *Value {
	if v == nil || len(v.Taint) == 0 || v.Str == nil || len(v.Str.Parts) < 2 {
		return v
	}
	if head := &v.Str.Parts[0]; head.IsHole && len(head.Taint) > 0 || !head.IsHole && strings.Trim(head.Lit, "-") == "" {
		return v
	}
	return Clear(v, models.Kinds(models.Argv))
}
