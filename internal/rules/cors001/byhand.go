package cors001

import (
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

const (
	allowOrigin      = "Access-Control-Allow-Origin"
	allowCredentials = "Access-Control-Allow-Credentials"
)

// byHand judges Access-Control-Allow-Origin where the application sets it without an extension.
func byHand(p *rule.Pass) {
	sets := p.HeaderSets(allowOrigin)
	for _, s := range sets {
		f := s.Module.File
		credentials := credentialsBeside(s)
		if text, ok := s.Text(); ok {
			if text == "*" {
				report(p, s, "permissive", "every site may read these answers", finding.Low)
			}
			continue
		}
		if !isOrigin(s, s.Value) {
			continue
		}
		severity := finding.Medium
		if credentials {
			severity = finding.High
		}
		tests := testsOf(s)
		why, weak, guarded := "", false, false
		for _, t := range tests {
			w, ok := weakTest(f, t, f.Text(s.Value))
			guarded = guarded || ok && w == ""
			if ok && w != "" {
				weak, why = true, w
			}
		}
		switch {
		case guarded:
		case weak:
			report(p, s, "weak-match", "the check of the origin lets others in: "+why, severity)
		default:
			report(p, s, "reflect-origin", "every site may read these answers: the request's own Origin is allowed", severity)
		}
	}
}

func report(p *rule.Pass, s rule.HeaderSet, slug, message string, severity finding.Severity) {
	f := p.AtSite(slug, s.At())
	f.Message, f.Severity = message, severity
	p.Report(f)
}

// isOrigin reports whether an expression is the Origin of the request, directly or by a name of the same function.
func isOrigin(s rule.HeaderSet, n ast.NodeID) bool {
	f := s.Module.File
	if readsOrigin(f, n) {
		return true
	}
	name := ""
	if f.Kind(n) == ast.Name {
		name = f.IdentOf(n)
	}
	fn := s.Function()
	if name == "" || fn == 0 {
		return false
	}
	found := false
	f.Walk(fn, func(x ast.NodeID) bool {
		if f.Kind(x) == ast.Assign && slices.ContainsFunc(f.ListA(x), func(t uint32) bool {
			return f.Kind(ast.NodeID(t)) == ast.Name && f.IdentOf(ast.NodeID(t)) == name
		}) {
			found = found || readsOrigin(f, f.SlotB(x))
		}
		return true
	})
	return found
}

// readsOrigin: request.origin, request.headers["Origin"], request.headers.get("Origin", …), request.environ["HTTP_ORIGIN"].
func readsOrigin(f *ast.File, n ast.NodeID) bool {
	switch f.Kind(n) {
	case ast.Attribute:
		return f.IdentOf(n) == "origin" && f.IdentOf(f.SlotA(n)) == "request"
	case ast.BoolOp:
		list := f.ListA(n)
		return len(list) > 0 && readsOrigin(f, ast.NodeID(list[0]))
	case ast.Subscript:
		text, _ := f.Str(f.SlotB(n))
		return strings.EqualFold(text, "Origin") || text == "HTTP_ORIGIN"
	case ast.Call:
		args := f.ListB(n)
		if len(args) == 0 || f.IdentOf(f.SlotA(n)) != "get" {
			return false
		}
		text, _ := f.Str(ast.NodeID(args[0]))
		return strings.EqualFold(text, "Origin") || text == "HTTP_ORIGIN"
	}
	return false
}

// testsOf are the conditions of the function that speak of the origin.
func testsOf(s rule.HeaderSet) []ast.NodeID {
	f := s.Module.File
	fn := s.Function()
	if fn == 0 {
		return nil
	}
	word := f.Text(s.Value)
	var out []ast.NodeID
	f.Walk(fn, func(n ast.NodeID) bool {
		if k := f.Kind(n); k == ast.If || k == ast.IfExp {
			test := f.SlotA(n)
			if text := f.Text(test); text != word && (strings.Contains(text, word) || strings.Contains(strings.ToLower(text), "origin")) {
				out = append(out, test)
			}
		}
		return true
	})
	return out
}

// weakTest says how a condition on the origin can be met by another site; false when it is no check of the value at all.
func weakTest(f *ast.File, test ast.NodeID, word string) (string, bool) {
	why, checks, sound := "", false, false
	f.Walk(test, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.Compare:
			words := f.ListB(n)
			op := ast.Op(words[0])
			right := ast.NodeID(words[1])
			if op != ast.In && op != ast.NotIn && op != ast.Eq && op != ast.NotEq || !mentions(f, n, word) {
				return true
			}
			checks = true
			if _, isText := f.Str(f.SlotA(n)); isText && (op == ast.In || op == ast.NotIn) && mentions(f, right, word) {
				why = "the allowed name may stand anywhere in it, as in https://shop.example.other.example"
			} else {
				sound = true
			}
		case ast.Call:
			if !mentions(f, n, word) || readsOrigin(f, n) {
				return false
			}
			checks = true
			w := weakCall(f, n)
			if w == "" {
				sound = true
			} else {
				why = w
			}
			return false
		}
		return true
	})
	if sound {
		why = ""
	}
	return why, checks
}

// mentions: the value itself, or something that is called an origin.
func mentions(f *ast.File, n ast.NodeID, word string) bool {
	text := f.Text(n)
	return strings.Contains(text, word) || strings.Contains(strings.ToLower(text), "origin")
}

func weakCall(f *ast.File, n ast.NodeID) string {
	args := f.ListB(n)
	fn := f.SlotA(n)
	if len(args) == 0 {
		return ""
	}
	text, isText := f.Str(ast.NodeID(args[0]))
	if !isText {
		return ""
	}
	switch f.IdentOf(fn) {
	case "endswith":
		if !strings.HasPrefix(text, ".") && !strings.Contains(text, "://") {
			return "any name that ends in it passes, as in https://othershop.example"
		}
	case "startswith":
		if !strings.HasSuffix(text, ":") && !strings.HasSuffix(text, "/") {
			return "the name may go on, as in https://shop.example.other.example"
		}
		if strings.HasSuffix(text, "://") {
			return "it names no host"
		}
	case "match", "search":
		if w := weakPattern(text, false); w != "" {
			return w
		}
		if f.IdentOf(fn) == "search" && !strings.HasPrefix(text, "^") && !strings.HasPrefix(text, `\A`) {
			return "nothing marks its beginning"
		}
	case "fullmatch":
		return weakPattern(text, true)
	}
	return ""
}

// credentialsBeside reports whether the same function also allows credentials.
func credentialsBeside(s rule.HeaderSet) bool {
	fn := s.Function()
	found := false
	f := s.Module.File
	root := fn
	if root == 0 {
		root = f.Root
	}
	f.Walk(root, func(n ast.NodeID) bool {
		for _, v := range (rule.Site{Module: s.Module, Node: n}).SetsHeader(allowCredentials) {
			text, ok := f.Str(v)
			found = found || ok && strings.EqualFold(text, "true")
		}
		return true
	})
	return found
}
