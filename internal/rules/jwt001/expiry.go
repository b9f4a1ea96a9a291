package jwt001

import (
	"slices"
	"strings"

	"stopper/internal/flow"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// expiry reports tokens that are read without a look at the clock: by an option, or because the claims that Authlib gives are
// never validated.
func expiry(p *rule.Pass, e *flow.Event) {
	options, _ := e.Args.Keyword("options")
	at, ok := options.Key("verify_exp")
	switch {
	case ok && rule.IsFalse(at.Value):
		report(p, e, "no-expiry", "the token is accepted after it expired")
	case strings.HasPrefix(e.Callee, authlib) && !isValidated(e.Func.Module.File, e.Func.Node, e.Node):
		report(p, e, "no-expiry", "the claims are never validated, so the token is accepted after it expired")
	}
}

// isValidated: what the call gives is validated in the function, or handed to somebody who may.
func isValidated(f *ast.File, fn, call ast.NodeID) bool {
	name := bound(f, fn, call)
	if name == "" {
		return true
	}
	found := false
	f.Walk(fn, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.Attribute: // claims.validate(), claims.exp
			found = found || isName(f, f.SlotA(n), name) && (strings.HasPrefix(f.IdentOf(n), "validate") || f.IdentOf(n) == "exp")
		case ast.Subscript:
			key, _ := f.Str(f.SlotB(n))
			found = found || isName(f, f.SlotA(n), name) && key == "exp"
		case ast.Return:
			found = found || isName(f, f.SlotA(n), name)
		case ast.Call:
			found = found || isHanded(f, n, name)
		}
		return !found
	})
	return found
}

// isHanded: a variable is an argument of a call.
func isHanded(f *ast.File, call ast.NodeID, name string) bool {
	return slices.ContainsFunc(f.ListB(call), func(w uint32) bool {
		a := ast.NodeID(w)
		if f.Kind(a) == ast.Keyword {
			a = f.SlotB(a)
		}
		return isName(f, a, name)
	})
}

func isName(f *ast.File, n ast.NodeID, name string) bool {
	return n != 0 && f.Kind(n) == ast.Name && f.IdentOf(n) == name
}
