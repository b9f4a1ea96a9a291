package xss001

import (
	"slices"

	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

// maxCallers is how many calls of a helper are looked at.
const maxCallers = 32

// isPassedText: the variable is a parameter of the helper around it, and somebody passes an attribute or item of an object for it:
//
//	def link(name): return Markup(f"<a href='/by/{name}'>{name}</a>")
//	link(post.author)
func (m *maker) isPassedText(name string) bool {
	fn := m.pass.Project.Flow.Func(m.at.Func)
	if fn == nil {
		return false
	}
	param := slices.IndexFunc(fn.Params, func(p ir.Param) bool { return p.Name == name })
	if param < 0 {
		return false
	}
	calls := m.pass.Project.Flow.Callers(m.at.Func)
	if len(calls) > maxCallers {
		m.pass.Cut("calls of one helper", m.at.Func)
		calls = calls[:maxCallers]
	}
	return slices.ContainsFunc(calls, func(c flow.CallEdge) bool {
		return m.passesText(c, param, name)
	})
}

// byHelper reports a helper that puts the HTML of a view together, where the view sends what it gives: return report_of(target).
func (m *maker) byHelper(call ast.NodeID) {
	f := m.f
	if f.Kind(call) != ast.Call || !m.pass.Project.IsHandler(m.at.Func) {
		return
	}
	m.found = call
	name := semantic.DottedName(f, f.SlotA(call))
	if name == "" || m.isSaid() {
		return
	}
	t := m.pass.Project.Prog.ResolveName(m.at.Mod, name)
	if t.Kind != semantic.TargetFunc {
		return
	}
	text, node := unescaped(m.pass, t.Func)
	mod, _ := m.pass.Project.Prog.Where(t.Func)
	helper := maker{at: rule.Place{Mod: mod, Func: t.Func, Node: node}, f: mod.File, pass: m.pass, found: node}
	if node == 0 || mod.IsTest || helper.isSaid() || m.pass.Project.IsHandler(t.Func) {
		return
	}
	fn := m.pass.Project.Flow.Func(t.Func)
	if fn == nil {
		return
	}
	found := m.pass.At("stored", fn, node)
	found.Severity, found.Confidence, found.Verdict = finding.Medium, finding.ConfidenceLow, finding.Verify
	found.Message = text + " is written into HTML that a view sends without being escaped, and where its text comes from was not seen"
	found.Settle = "Look at who may write " + text + ", and whether it is cleaned before it is stored."
	found.Reasons = append(found.Reasons, "where the text comes from was not seen")
	m.pass.Report(found)
}

// passesText: a call passes text of an object for a parameter.
func (m *maker) passesText(c flow.CallEdge, param int, name string) bool {
	from := m.pass.Project.Flow.Func(c.From)
	if from == nil || from.Module.File == nil || from.Module.File.Kind(c.Node) != ast.Call {
		return false
	}
	f := from.Module.File
	isMade := m.pass.Project.Prog.FuncName(m.at.Func) == "__init__"
	if m.pass.Project.Prog.ClassOf(m.at.Func) != ir.NoClass && (isMade || f.Kind(f.SlotA(c.Node)) == ast.Attribute) {
		param-- // self
	}
	arg := f.KeywordArg(c.Node, name)
	if args := f.ListB(c.Node); arg == 0 && param >= 0 && param < len(args) {
		arg = ast.NodeID(args[param])
	}
	if arg == 0 {
		return false
	}
	switch f.Kind(arg) {
	case ast.Attribute, ast.Subscript:
		caller := maker{at: rule.Place{Mod: from.Module, Func: c.From}, f: f, pass: m.pass}
		return caller.isLocal(arg)
	}
	return false
}

// isProxy: the variable of a module stands for an object of the request: current_shop = LocalProxy(lambda: g.shop).
func isProxy(t semantic.Target) bool {
	if t.Kind != semantic.TargetVar || t.Module == nil || t.Module.File == nil {
		return false
	}
	f, found := t.Module.File, false
	f.Walk(f.Root, func(n ast.NodeID) bool {
		if f.Kind(n) == ast.Assign && f.Kind(f.SlotB(n)) == ast.Call && f.IdentOf(f.SlotA(f.SlotB(n))) == "LocalProxy" {
			found = found || slices.ContainsFunc(f.ListA(n), func(to uint32) bool { return isName(f, ast.NodeID(to), t.Name) })
		}
		return !found && f.Kind(n) != ast.FunctionDef
	})
	return found
}
