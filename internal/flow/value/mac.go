package value

import (
	"slices"
	"strings"

	"stopper/internal/models"
)

// Message authentication codes: who knows the program's key wrote the text, where the code that was sent equals the one that
// the program computes.
//
//	mac = hmac.new(KEY, data, "sha256").hexdigest()
//	if not hmac.compare_digest("sha256=" + mac, request.headers["X-Signature"]): abort(403)
//	pickle.loads(data)

// MAC is hmac.new(key, text, …) and hmac.digest(key, text, …); false where somebody else's key may be used, or no text is given.
func MAC(fn string, args []*Value, kwargs map[string]*Value) (*Value, bool) {
	text := second(args, kwargs["msg"])
	if len(args) == 0 || args[0] == nil || text == nil || len(text.Taint) == 0 || !OwnWords(args[0].Taint) {
		return nil, false
	}
	typ := "bytes"
	if fn == "hmac.new" {
		typ = typeMAC
	}
	return derive(OfType(typ), HowMAC, text), true
}

const typeMAC = "hmac.HMAC"

// MACMethod is a method that gives the code as text or bytes; false for others.
func MACMethod(recv *Value, name string) (*Value, bool) {
	if recv == nil || recv.Type != typeMAC || recv.From() == nil {
		return nil, false
	}
	switch name {
	case "hexdigest":
		return sealed(OfType("str"), recv), true
	case "digest":
		return sealed(OfType("bytes"), recv), true
	}
	return nil, false
}

// sealed is r, made of parts of which one is such a code and the others are the program's own.
func sealed(r *Value, parts ...*Value) *Value {
	r = inQuote(r)
	i := slices.IndexFunc(parts, isMAC)
	if i < 0 || r == nil || len(r.Taint) > 0 || slices.ContainsFunc(parts, func(v *Value) bool { return v != nil && len(v.Taint) > 0 }) {
		return r
	}
	return WithFrom(r, *parts[i].From())
}

// inQuote is a text that the code puts a quote in front of, which keeps spreadsheets from running it.
func inQuote(r *Value) *Value {
	if r == nil || r.Str == nil || len(r.Taint) == 0 || len(r.Str.Parts) == 0 || r.Str.Parts[0].IsHole || !strings.HasPrefix(r.Str.Parts[0].Lit, "'") {
		return r
	}
	return Clear(r, models.Kinds(models.CSV))
}

func isMAC(v *Value) bool { return v != nil && v.From() != nil && v.From().How == HowMAC }

// authenticated is a code that came out right: nobody without the key chose what is loaded.
func authenticated(v *Value) *Value {
	if !isMAC(v) {
		return v
	}
	return pull(v, func(of *Value) *Value { return Clear(of, models.Kinds(models.Deserialize)) })
}

// Sealed is the text whose code a refinement of old into next says was right; nil for other refinements.
func Sealed(old, next *Value) *Value {
	if !isMAC(old) || !isMAC(next) || old.From().Of == next.From().Of {
		return nil
	}
	return old.From().Of
}
