package http001

import (
	"regexp"

	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// secretName is a parameter that holds a credential. A bare token or key is left out: links in mails carry one that is
// meant to be used once.
var secretName = regexp.MustCompile(`(?i)^(password|passwd|pwd|pass|secret|client_secret|api_?key|access_?token|auth_?token|private_?key)$`)

// secretInURL reports each place where a credential is taken out of the query string.
func secretInURL(p *rule.Pass) {
	p.Named(func(n project.Name) bool { return n.Ident == "" || n.Path == argsGet }, func(at rule.Place) {
		if name, ok := at.Mod.File.Str(queryKey(at)); ok && secretName.MatchString(name) {
			f := at.Report("secret-in-url")
			f.Message = "the " + name + " is taken from the query string, which logs, histories and Referer headers keep"
			p.Report(f)
		}
	}, ast.Subscript, ast.Call)
}

// argsGet reads the query string.
const argsGet = "flask.request.args.get"

// queryKey is the key of request.args["key"] and request.args.get("key"); 0 for anything else.
func queryKey(at rule.Place) ast.NodeID {
	f := at.Mod.File
	if f.Kind(at.Node) == ast.Subscript {
		if f.Ctx(at.Node) == ast.Load && f.IdentOf(f.SlotA(at.Node)) == "args" && at.Path(f.SlotA(at.Node)) == "flask.request.args" {
			return f.SlotB(at.Node)
		}
		return 0
	}
	if args := f.ListB(at.Node); len(args) > 0 && f.IdentOf(f.SlotA(at.Node)) == "get" && at.Path(f.SlotA(at.Node)) == argsGet {
		return ast.NodeID(args[0])
	}
	return 0
}
