package host001

import (
	"slices"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// decides reports checks of who is calling that the Host header of the request can pass: a name of this machine in it is
// taken for a request from this machine.
func decides(p *rule.Pass) {
	p.Nodes(func(at rule.Place) {
		f := at.Mod.File
		test := f.SlotA(at.Node)
		for _, c := range hostTests(at, test) {
			if c.opens(at, test) && effects.Has(p.Project.Effects.Of(at.Func), effects.Refuses) {
				finding := p.At("host-decides", p.Project.Flow.Func(at.Func), c.node)
				finding.Message = "whoever writes a name of this machine into the Host header passes this check"
				p.Report(finding)
				return
			}
		}
	}, ast.If)
}

// hostTest is a comparison of the request's host with names of this machine.
type hostTest struct {
	node    ast.NodeID
	negated bool
}

func hostTests(at rule.Place, test ast.NodeID) []hostTest {
	var out []hostTest
	f := at.Mod.File
	f.Walk(test, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.Compare:
			if words := f.ListB(n); len(words) == 2 && namesThisMachine(f, n) && at.Derives(f.SlotA(n), isHost(at)) {
				op := ast.Op(words[0])
				out = append(out, hostTest{n, op == ast.NotIn || op == ast.NotEq})
			}
		case ast.Call:
			if fn := f.SlotA(n); f.Kind(fn) == ast.Attribute && f.IdentOf(fn) == "startswith" && namesThisMachine(f, n) && at.Derives(f.SlotA(fn), isHost(at)) {
				out = append(out, hostTest{n, isNot(f, test, n)})
			}
		}
		return true
	})
	return out
}

func isNot(f *ast.File, test, n ast.NodeID) bool {
	found := false
	f.Walk(test, func(m ast.NodeID) bool {
		found = found || f.Kind(m) == ast.UnaryOp && f.Node(m).Op == ast.Not && f.SlotA(m) == n
		return !found
	})
	return found
}

// namesThisMachine: a comparison's constants are names or addresses of the machine itself.
func namesThisMachine(f *ast.File, n ast.NodeID) bool {
	found := false
	f.Walk(n, func(m ast.NodeID) bool {
		if s, ok := f.Str(m); ok && f.Kind(m) == ast.Constant {
			found = found || strings.HasPrefix(s, "localhost") || strings.HasPrefix(s, "127.0.") || strings.HasPrefix(s, "[::1]") || strings.HasPrefix(s, "::1")
		}
		return !found
	})
	return found
}

// opens reports whether the comparison is what lets a request pass. Beside another question it is the weaker of the two
// ways in; alone, it is one where it leaves the guard for the view. Refusing foreign names alone protects against pages
// that have their own name lead here, and is fine.
func (c hostTest) opens(at rule.Place, test ast.NodeID) bool {
	f := at.Mod.File
	body := f.Body(at.Node)
	if len(body) == 0 {
		return false
	}
	last := ast.NodeID(body[len(body)-1])
	if refuses(f, last) != c.negated {
		return false
	}
	if f.Kind(test) == ast.BoolOp && slices.ContainsFunc(f.ListA(test), func(w uint32) bool { return !sameName(at, f, ast.NodeID(w)) }) {
		return f.Node(test).Op == ast.Or != c.negated
	}
	return !c.negated && f.Kind(last) == ast.Return
}

// refuses: a statement that ends the request without the view.
func refuses(f *ast.File, last ast.NodeID) bool {
	text := f.Text(last)
	return f.Kind(last) == ast.Raise || strings.Contains(text, "abort(") || strings.Contains(text, "redirect(") || strings.Contains(text, "40") || strings.Contains(strings.ToLower(text), "forbidden")
}

// sameName: a part of the condition also speaks of the host only.
func sameName(at rule.Place, f *ast.File, n ast.NodeID) bool {
	return at.Derives(n, isHost(at))
}

// isHost recognises reads of the host that the request names.
func isHost(at rule.Place) func(ast.NodeID) bool {
	return func(n ast.NodeID) bool {
		switch at.Header(n) {
		case "HOST", "X_FORWARDED_HOST":
			return true
		}
		if at.Mod.File.Kind(n) != ast.Attribute {
			return false
		}
		switch at.Path(n) {
		case "flask.request.host", "flask.request.host_url", "flask.request.url_root", "flask.request.root_url", "flask.request.base_url", "flask.request.url":
			return true
		}
		return false
	}
}

// comparesHost: a function that runs before every view refuses requests for other hosts.
//
//	if request.host not in ALLOWED: abort(400)
func comparesHost(p *rule.Pass) bool {
	hooks := map[uint32]bool{}
	for _, h := range p.Project.Flask.Hooks {
		if h.Blueprint == "" {
			hooks[uint32(h.Func)] = true
		}
	}
	found := false
	p.Nodes(func(at rule.Place) {
		if found {
			return
		}
		f := at.Mod.File
		inHook := hooks[uint32(at.Func)]
		f.Walk(f.SlotA(at.Node), func(n ast.NodeID) bool {
			found = found || f.Kind(n) == ast.Compare && refusesOthers(at, n, inHook)
			return !found
		})
	}, ast.If)
	return found
}

func refusesOthers(at rule.Place, n ast.NodeID, inHook bool) bool {
	f := at.Mod.File
	words := f.ListB(n)
	if len(words) != 2 {
		return false
	}
	left, right := f.SlotA(n), ast.NodeID(words[1])
	switch op := ast.Op(words[0]); op {
	case ast.In, ast.NotIn:
		return at.Path(left) == "flask.request.host" || inHook && op == ast.NotIn && leaves(f, at.Node) && at.Derives(left, isHost(at))
	case ast.NotEq:
		return inHook && leaves(f, at.Node) && (at.Derives(left, isHost(at)) || at.Derives(right, isHost(at)))
	}
	return false
}

// leaves: the body ends the request.
func leaves(f *ast.File, n ast.NodeID) bool {
	body := f.Body(n)
	if len(body) == 0 {
		return false
	}
	switch last := ast.NodeID(body[len(body)-1]); f.Kind(last) {
	case ast.Return:
		return f.SlotA(last) != 0 && !strings.Contains(f.Text(last), "redirect(request") // going elsewhere on the same host refuses nobody
	case ast.Raise:
		return true
	case ast.Expr:
		return strings.Contains(f.Text(last), "abort(")
	}
	return false
}
