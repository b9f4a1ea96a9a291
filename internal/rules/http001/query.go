package http001

import (
	"regexp"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

// secretName is a parameter that holds a credential. A bare token or key is left out: links in mails carry one that is
// meant to be used once.
var secretName = regexp.MustCompile(`(?i)^(password|passwd|pwd|pass|secret|client_secret|api_?key|access_?token|auth_?token|private_?key)$`)

// secretInURL reports each place where a credential is taken out of the query string.
func secretInURL(p *rule.Pass) {
	for _, mod := range p.Project.Prog.Modules {
		if mod.File == nil || mod.IsTest {
			continue
		}
		q := &query{pass: p, mod: mod, info: p.Project.Prog.Info(mod)}
		for i, fn := range q.info.Funcs {
			q.fn, q.scope = p.Project.Prog.FuncID(mod, uint32(i)), fn.Scope
			if fn.Kind <= ir.KindLambda {
				q.body(fn.Node)
			}
		}
	}
}

type query struct {
	pass  *rule.Pass
	mod   *ir.Module
	info  *semantic.FileInfo
	fn    ir.FuncID
	scope uint32
}

func (q *query) body(root ast.NodeID) {
	f := q.mod.File
	f.Walk(root, func(n ast.NodeID) bool {
		switch f.Kind(n) {
		case ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda:
			return n == root
		case ast.Subscript:
			if f.Ctx(n) == ast.Load && q.isArgs(f.SlotA(n)) {
				q.judge(n, f.SlotB(n))
			}
		case ast.Call:
			fn := f.SlotA(n)
			if f.Kind(fn) == ast.Attribute && f.IdentOf(fn) == "get" && q.isArgs(f.SlotA(fn)) {
				if args := f.ListB(n); len(args) > 0 {
					q.judge(n, ast.NodeID(args[0]))
				}
			}
		}
		return true
	})
}

// isArgs recognises request.args.
func (q *query) isArgs(n ast.NodeID) bool {
	f := q.mod.File
	if f.Kind(n) != ast.Attribute || f.IdentOf(n) != "args" || f.Kind(f.SlotA(n)) != ast.Name {
		return false
	}
	t := q.pass.Project.Prog.ResolveIn(q.mod, q.scope, f.IdentOf(f.SlotA(n)))
	return t.Kind == semantic.TargetExternal && t.Path == "flask.request"
}

func (q *query) judge(n, key ast.NodeID) {
	name, ok := q.mod.File.Str(key)
	if !ok || !secretName.MatchString(name) {
		return
	}
	f := q.pass.At("secret-in-url", q.pass.Project.Flow.Func(q.fn), n)
	f.Message = "the " + name + " is taken from the query string, which logs, histories and Referer headers keep"
	f.Confidence = finding.ConfidenceHigh
	q.pass.Report(f)
}
