package value

import (
	"strings"

	"stopper/internal/ir"
)

// ConstStr is the one string that a value can be; false when it can be anything else.
func (v *Value) ConstStr() (string, bool) {
	if v == nil || !v.IsConst || len(v.Consts()) != 1 || v.Consts()[0].Kind != ir.ConstStr {
		return "", false
	}
	return v.Consts()[0].Str, true
}

// ConstBool is the one truth value that a value can be; false when it can be anything else.
func (v *Value) ConstBool() (is, known bool) {
	if v == nil || !v.IsConst || len(v.Consts()) != 1 || v.Consts()[0].Kind != ir.ConstBool {
		return false, false
	}
	return v.Consts()[0].Int != 0, true
}

// IsObjs reports whether a value says nothing but which objects it may be and what taint it carries.
func (v *Value) IsObjs() bool {
	return v.Type == "" && v.Str == nil && v.Env() == nil && v.From() == nil && v.Marks == 0 && v.Facts == 0 &&
		!v.IsConst && !v.AnyObj && !v.Loose && !v.NoText
}

// BeforeTaint is the text in front of the first hole that words from outside fill, with "…" for other holes.
func (s *Skeleton) BeforeTaint() string {
	if s == nil {
		return ""
	}
	var b strings.Builder
	for i := range s.Parts {
		p := &s.Parts[i]
		switch {
		case !p.IsHole:
			b.WriteString(p.Lit)
		case len(p.Taint) > 0:
			return b.String()
		default:
			b.WriteString("…")
		}
	}
	return b.String()
}

// StaysOnSite reports whether a redirect target can only be a place on the same site, or on a host that the program chose:
// its fixed beginning is a path ("/x…", "x/…", "x?…"), a query or fragment, or a whole "scheme://host/".
func (s *Skeleton) StaysOnSite() bool {
	p := s.BeforeTaint()
	switch {
	case p == "":
		return false
	case p[0] == '?' || p[0] == '#':
		return true
	case p[0] == '/' && len(p) > 1:
		return p[1] != '/' && p[1] != '\\' || strings.Contains(p[2:], "/")
	case strings.HasPrefix(p, "…"):
		return strings.ContainsAny(p, "/?#") // a base of the program's own
	}
	if i := strings.IndexAny(p, `/\?#:`); i > 0 && p[0] > ' ' && p[i] != ':' && p[i] != '\\' {
		return true
	}
	_, rest, ok := strings.Cut(p, "://")
	return ok && strings.ContainsAny(rest, "/?#")
}
