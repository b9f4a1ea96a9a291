package jwt001

import (
	"strings"

	"stopper/internal/flow"
	"stopper/internal/python/ast"
)

// isPeek: what is read of the token before its signature counts decides nothing by itself: when it ends, who made it, which key it
// names.
//
//	issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
func isPeek(e *flow.Event) bool {
	f, fn := e.Func.Module.File, e.Func.Node
	if f == nil || fn == 0 {
		return false
	}
	name := bound(f, fn, e.Node)
	reads, others := 0, 0
	f.Walk(fn, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.Attribute: // claims.get
			if of(f, f.SlotA(n), e.Node, name) && f.IdentOf(n) != "get" {
				others++
			}
		case ast.Call:
			if callee := f.SlotA(n); f.Kind(callee) == ast.Attribute && f.IdentOf(callee) == "get" && of(f, f.SlotA(callee), e.Node, name) {
				key := ""
				if args := f.ListB(n); len(args) > 0 {
					key, _ = f.Str(ast.NodeID(args[0]))
				}
				count(key, &reads, &others)
			}
		case ast.Subscript:
			if of(f, f.SlotA(n), e.Node, name) {
				key, _ := f.Str(f.SlotB(n))
				count(key, &reads, &others)
			}
		case ast.Name:
			if name != "" && f.IdentOf(n) == name {
				others++ // each is counted here once, and taken off where its use is known
			}
		}
		return true
	})
	if name != "" {
		others -= reads + bindings(f, fn, name)
	}
	return reads > 0 && others == 0
}

// count tells the claims that say something about the token alone from the others.
func count(key string, reads, others *int) {
	switch key {
	case "iss", "exp", "iat", "nbf", "kid":
		*reads++
	default:
		*others++
	}
}

func of(f *ast.File, n, call ast.NodeID, name string) bool {
	return n == call || name != "" && n != 0 && f.Kind(n) == ast.Name && f.IdentOf(n) == name
}

// bound is the variable that holds what a call gives; empty when there is none.
func bound(f *ast.File, fn, call ast.NodeID) string {
	name := ""
	f.Walk(fn, func(n ast.NodeID) bool {
		if f.Kind(n) == ast.Assign && f.SlotB(n) == call && len(f.ListA(n)) == 1 {
			name = f.IdentOf(ast.NodeID(f.ListA(n)[0]))
		}
		return name == ""
	})
	return name
}

// bindings counts the assignments to a variable.
func bindings(f *ast.File, fn ast.NodeID, name string) int {
	n := 0
	f.Walk(fn, func(id ast.NodeID) bool {
		if f.Kind(id) == ast.Name && f.IdentOf(id) == name && f.Ctx(id) == ast.Store {
			n++
		}
		return true
	})
	return n
}

// isHandedToCheck: the function hands the same token to one that validates or verifies tokens, by its name.
//
//	claims = authutils.validate_jwt(token, audience)
func isHandedToCheck(e *flow.Event) bool {
	f, fn := e.Func.Module.File, e.Func.Node
	token, ok := e.Args.At(0, "jwt")
	if f == nil || fn == 0 || !ok || token.Node == 0 || f.Kind(token.Node) != ast.Name {
		return false
	}
	name, found := f.IdentOf(token.Node), false
	f.Walk(fn, func(n ast.NodeID) bool {
		found = found || f.Kind(n) == ast.Call && n != e.Node && checksTokens(f.IdentOf(f.SlotA(n))) && isHanded(f, n, name)
		return !found
	})
	return found
}

func checksTokens(name string) bool {
	l := strings.ToLower(name)
	return (strings.Contains(l, "validate") || strings.Contains(l, "verify")) && (strings.Contains(l, "jwt") || strings.Contains(l, "token"))
}
