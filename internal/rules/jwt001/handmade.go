package jwt001

import (
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// handmade reports tokens of the request that the code takes apart by itself: the second of the parts between the dots,
// decoded, holds the claims, and nothing in the function looks at the third, the signature.
//
//	claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1]))
func handmade(p *rule.Pass, verified map[ir.FuncID]bool) {
	looked := map[ir.FuncID]*tokenReader{}
	p.Named(isLoads, func(at rule.Place) {
		args := at.Mod.File.ListB(at.Node)
		if len(args) == 0 || verified[at.Func] || at.Mod.IsTest {
			return
		}
		r := looked[at.Func]
		if r == nil {
			r = &tokenReader{left: maxLooks}
			looked[at.Func] = r
		}
		r.at = at
		if r.told || !r.looks() || !at.Derives(ast.NodeID(args[0]), r.isDecoded) || r.checksSignature() {
			if r.left < 0 {
				p.Cut("tokens that are taken apart by hand", at.Func)
			}
			return
		}
		r.told = true
		f := at.Report("unverified")
		f.Message = "the claims of a token in the request are decoded by hand, and nothing here verifies its signature"
		f.Confidence = finding.ConfidenceMedium
		p.Report(f)
	}, ast.Call)
}

func isLoads(n project.Name) bool { return n.Path == "json.loads" || n.Path == "flask.json.loads" }

// maxLooks bounds the expressions of one function that are followed to what they are made of, maxSteps the way back from one
// of them to the request.
const (
	maxLooks = 200
	maxSteps = 8
)

// tokenReader looks for the parts of a token in one function.
type tokenReader struct {
	at   rule.Place
	left int
	told bool
}

func (r *tokenReader) looks() bool {
	r.left--
	return r.left >= 0
}

// isDecoded recognises base64 of the second part of something between dots.
func (r *tokenReader) isDecoded(n ast.NodeID) bool {
	f := r.at.Mod.File
	if f.Kind(n) != ast.Call || len(f.ListB(n)) == 0 {
		return false
	}
	switch r.at.Path(f.SlotA(n)) {
	case "base64.b64decode", "base64.urlsafe_b64decode", "base64.standard_b64decode":
		return r.looks() && r.at.Derives(ast.NodeID(f.ListB(n)[0]), r.isClaims)
	}
	return false
}

func (r *tokenReader) isClaims(n ast.NodeID) bool {
	f := r.at.Mod.File
	return f.Kind(n) == ast.Subscript && f.Text(f.SlotB(n)) == "1" && r.looks() && r.at.Derives(f.SlotA(n), r.isSplitToken)
}

func (r *tokenReader) isSplitToken(n ast.NodeID) bool {
	f := r.at.Mod.File
	if f.Kind(n) != ast.Call || len(f.ListB(n)) == 0 || f.IdentOf(f.SlotA(n)) != "split" {
		return false
	}
	by, ok := f.Str(ast.NodeID(f.ListB(n)[0]))
	return ok && by == "." && r.isSent(f.SlotA(f.SlotA(n)), 0)
}

// isSent: an expression is a part of the request itself. What is only asked for with a part of it is somebody else's answer.
func (r *tokenReader) isSent(n ast.NodeID, depth int) bool {
	f := r.at.Mod.File
	if depth > maxSteps || !r.looks() {
		return false
	}
	either := func(list ...ast.NodeID) bool {
		return slices.ContainsFunc(list, func(m ast.NodeID) bool { return r.isSent(m, depth+1) })
	}
	switch f.Kind(n) {
	case ast.Attribute:
		return strings.HasPrefix(r.at.Path(n), "flask.request.") || either(f.SlotA(n))
	case ast.Subscript, ast.Call:
		return either(f.SlotA(n))
	case ast.IfExp:
		return either(f.SlotB(n), f.SlotC(n))
	case ast.Name:
		return either(r.at.Assigned(f.IdentOf(n))...)
	}
	return false
}

// checksSignature: the function also verifies something, or has another one do it.
func (r *tokenReader) checksSignature() bool {
	f, found := r.at.Mod.File, false
	r.at.InFunction(func(n ast.NodeID) {
		if f.Kind(n) != ast.Call {
			return
		}
		name := strings.ToLower(f.IdentOf(f.SlotA(n)))
		found = found || name == "compare_digest" || strings.Contains(name, "verif") || strings.Contains(name, "valid")
	})
	return found
}
