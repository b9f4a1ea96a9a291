package ssti001

import (
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

// unseen reports templates made of a text that an object or a mapping holds, such as settings.get("mail_body"), in an environment
// without a sandbox, where no flow says who wrote the text.
func unseen(p *rule.Pass) {
	p.Named(makesTemplate, func(at rule.Place) {
		f := at.Mod.File
		callee, args := f.SlotA(at.Node), f.ListB(at.Node)
		if len(args) == 0 || f.Kind(ast.NodeID(args[0])) == ast.Keyword {
			return
		}
		switch {
		case f.Kind(callee) == ast.Attribute && f.IdentOf(callee) == "from_string" && isOpenEnvironment(at, f.SlotA(callee)):
		case at.Path(callee) == "jinja2.Template" || at.Path(callee) == "flask.render_template_string":
		default:
			return
		}
		arg := ast.NodeID(args[0])
		if !isKeptText(p, at, arg) || isSaid(p, at) {
			return
		}
		found := at.Report("stored-template")
		found.Severity, found.Confidence, found.Verdict = finding.Medium, finding.ConfidenceLow, finding.Verify
		found.Message = f.Text(arg) + " becomes template source in an environment without a sandbox, and who wrote it was not seen"
		found.Settle = "Look at who may change " + f.Text(arg) + "; a template can run Python."
		found.Reasons = append(found.Reasons, "where the text comes from was not seen")
		p.Report(found)
	}, ast.Call)
}

func makesTemplate(n project.Name) bool {
	return n.Ident == "from_string" || n.Path == "jinja2.Template" || n.Path == "flask.render_template_string"
}

// isSaid: a flow into this call was reported.
func isSaid(p *rule.Pass, at rule.Place) bool {
	span := at.Mod.File.Span(at.Node)
	return slices.ContainsFunc(p.Findings(), func(f *finding.Finding) bool {
		return f.Path == at.Mod.Source.Path && f.Span.Start >= span.Start && f.Span.End <= span.End
	})
}

// isOpenEnvironment: the expression is an environment of Jinja's without a sandbox: made in place, under a name of the same
// function or module, or the application's own.
func isOpenEnvironment(at rule.Place, env ast.NodeID) bool {
	f := at.Mod.File
	if f.Kind(env) == ast.Attribute && f.IdentOf(env) == "jinja_env" {
		return true
	}
	if f.Kind(env) == ast.Call {
		return isOpenClass(at.Path(f.SlotA(env)))
	}
	if f.Kind(env) != ast.Name {
		return false
	}
	found, other := false, false
	for id := range f.Nodes {
		n := ast.NodeID(id)
		if f.Kind(n) != ast.Assign || f.Kind(f.SlotB(n)) != ast.Call {
			continue
		}
		for _, t := range f.ListA(n) {
			if target := ast.NodeID(t); f.Kind(target) == ast.Name && f.IdentOf(target) == f.IdentOf(env) {
				open := isOpenClass(at.Path(f.SlotA(f.SlotB(n))))
				found, other = found || open, other || !open
			}
		}
	}
	return found && !other
}

func isOpenClass(path string) bool {
	switch path {
	case "jinja2.Environment", "jinja2.environment.Environment", "jinja2.nativetypes.NativeEnvironment":
		return true
	}
	return false
}

// isKeptText: settings.get("mail_body"), row["template"] or rule.message, of a variable of the function.
func isKeptText(p *rule.Pass, at rule.Place, e ast.NodeID) bool {
	f := at.Mod.File
	name, of := "", ast.NodeID(0)
	switch f.Kind(e) {
	case ast.Subscript:
		name, _ = f.Str(f.SlotB(e))
		of = f.SlotA(e)
	case ast.Attribute:
		name, of = f.IdentOf(e), f.SlotA(e)
		if f.Kind(of) == ast.Name && (f.IdentOf(of) == "self" || f.IdentOf(of) == "cls") {
			return false // most often a constant of the class
		}
	case ast.Call:
		callee, args := f.SlotA(e), f.ListB(e)
		if f.Kind(callee) != ast.Attribute || f.IdentOf(callee) != "get" || len(args) == 0 {
			return false
		}
		name, _ = f.Str(ast.NodeID(args[0]))
		of = f.SlotA(callee)
	}
	for f.Kind(of) == ast.Attribute || f.Kind(of) == ast.Subscript {
		of = f.SlotA(of)
	}
	if f.Kind(of) != ast.Name || !isTemplateText(name) {
		return false
	}
	return p.Project.Prog.ResolveIn(at.Mod, 0, f.IdentOf(of)).Kind == semantic.TargetUnknown
}

// isTemplateText: a key or attribute of this name holds what somebody wrote to be sent or shown.
func isTemplateText(name string) bool {
	name = strings.ToLower(name)
	switch name[strings.LastIndexAny(name, "_-. ")+1:] {
	case "template", "body", "subject", "title", "message", "text", "content", "html", "format", "description", "expression", "signature":
		return true
	}
	return false
}
