package xss001

import (
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

// contentTypes reports answers whose content type the request names: text/html makes a page of whatever the answer holds.
func contentTypes(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.ContentType) {
		if h.Value.Str.Prefix() != "" || rule.IsUnnamedHeader(h) || isDownload(h) {
			continue // "image/" ◦
		}
		f := p.OnHit("reflected", h)
		f.Severity = finding.Medium
		f.Message = rule.Sources(h) + " names the content type of the answer, and text/html makes a page of it"
		p.Report(f)
	}
}

// isDownload: browsers save what send_file sends as an attachment, whatever type it has.
func isDownload(h project.Hit) bool {
	a, ok := h.Args.Keyword("as_attachment")
	if !ok || a.Value == nil || !a.Value.IsConst {
		return false
	}
	c := a.Value.Consts()
	return len(c) == 1 && c[0].Kind == ir.ConstBool && c[0].Int == 1
}

// typedLater reports whether the response that a sink makes or fills is given another content type than HTML in the function:
//
//	r = make_response(text)
//	r.mimetype = "text/plain"
//
// A type that is computed counts where the flow itself is a guess.
func typedLater(h project.Hit) bool {
	file := h.Func.Module.File
	if file == nil || h.Node == 0 {
		return false
	}
	name := boundTo(file, h.Func.Node, h.Node)
	if name == "" {
		name = filled(file, h.Node)
	}
	if name == "" {
		return false
	}
	typed, guessed := false, rule.IsGuessed(h)
	file.Walk(h.Func.Node, func(n ast.NodeID) bool {
		if args := headerSet(file, n, name); len(args) > 1 && !typed {
			text, ok := file.Str(ast.NodeID(args[1]))
			switch key, _ := file.Str(ast.NodeID(args[0])); strings.ToLower(key) {
			case "content-type":
				typed = ok && !isMarkupType(text) || !ok && guessed
			case "content-disposition":
				typed = strings.HasPrefix(strings.ToLower(text), "attachment")
			}
		}
		if file.Kind(n) == ast.Assign && !typed {
			text, ok := file.Str(file.SlotB(n))
			for _, t := range file.ListA(n) {
				typed = typed || (ok && !isMarkupType(text) || !ok && guessed) && isTypeOf(file, ast.NodeID(t), name)
			}
		}
		return !typed
	})
	return typed
}

// headerSet are the arguments of NAME.headers.set(…); nil of anything else.
func headerSet(file *ast.File, n ast.NodeID, name string) []uint32 {
	if file.Kind(n) != ast.Call {
		return nil
	}
	set := file.SlotA(n)
	if file.Kind(set) != ast.Attribute || file.IdentOf(set) != "set" {
		return nil
	}
	headers := file.SlotA(set)
	if file.Kind(headers) != ast.Attribute || file.IdentOf(headers) != "headers" || !isName(file, file.SlotA(headers), name) {
		return nil
	}
	return file.ListB(n)
}

// typeIsComputed reports whether the call itself names a content type, or headers, that are not written down.
func typeIsComputed(h project.Hit) bool {
	for _, name := range [...]string{"mimetype", "content_type", "headers"} {
		if a, ok := h.Args.Keyword(name); ok && a.Value != nil && !a.Value.IsConst && len(a.Keys) == 0 && len(a.Elems) == 0 {
			return true
		}
	}
	return false
}

// isUnescaped recognises Markup(text).unescape() and .striptags(), which give back plain text.
func isUnescaped(h project.Hit) bool {
	file := h.Func.Module.File
	if file == nil || !strings.HasSuffix(h.Callee, "Markup") {
		return false
	}
	found := false
	file.Walk(h.Func.Node, func(n ast.NodeID) bool {
		if file.Kind(n) == ast.Attribute && file.SlotA(n) == h.Node {
			attr := file.IdentOf(n)
			found = found || attr == "unescape" || attr == "striptags"
		}
		return !found
	})
	return found
}

// isDecoded: make_response(json.loads(text)) makes JSON of what was JSON.
func isDecoded(h project.Hit) bool {
	file := h.Func.Module.File
	if file == nil || !strings.HasSuffix(h.Callee, "make_response") || file.Kind(h.ArgNode) != ast.Call {
		return false
	}
	switch file.IdentOf(file.SlotA(h.ArgNode)) {
	case "loads", "get_json", "to_dict", "asdict", "model_dump":
		return true
	}
	return false
}

// mayBeDict: a method of a resource gives make_response something that nobody has seen to be text.
func mayBeDict(p *rule.Pass, h project.Hit) bool {
	return strings.HasSuffix(h.Callee, "make_response") && h.Value.Type == "" && (h.Value.Str == nil || h.Value.Str.BeforeTaint() == "") && answersJSON(p, h)
}

// answersJSON: the view is a method of a resource of Flask-RESTful or one of its heirs, which write JSON of whatever a method
// returns.
func answersJSON(p *rule.Pass, h project.Hit) bool {
	class := p.Project.Prog.ClassOf(h.Func.ID)
	if class == ir.NoClass {
		return false
	}
	return slices.ContainsFunc(p.Project.Prog.MRO(class), func(t semantic.Target) bool {
		top, _, _ := strings.Cut(t.Path, ".")
		return t.Kind == semantic.TargetExternal && strings.HasSuffix(t.Path, ".Resource") && strings.HasPrefix(top, "flask_rest")
	})
}

func isMarkupType(contentType string) bool {
	t := strings.ToLower(contentType)
	return strings.Contains(t, "html") || strings.Contains(t, "svg") || strings.Contains(t, "/xml")
}

// boundTo is the variable that an assignment in a function binds to the value of a call.
func boundTo(file *ast.File, fn, call ast.NodeID) string {
	name := ""
	file.Walk(fn, func(n ast.NodeID) bool {
		if file.Kind(n) == ast.Assign && file.SlotB(n) == call {
			for _, t := range file.ListA(n) {
				if file.Kind(ast.NodeID(t)) == ast.Name {
					name = file.IdentOf(ast.NodeID(t))
				}
			}
		}
		return name == ""
	})
	return name
}

// filled is the response that NAME.set_data(…) or NAME.data = … gives a body.
func filled(file *ast.File, sink ast.NodeID) string {
	target := sink
	switch file.Kind(sink) {
	case ast.Call:
		target = file.SlotA(sink)
	case ast.Assign:
		if targets := file.ListA(sink); len(targets) == 1 {
			target = ast.NodeID(targets[0])
		}
	}
	if file.Kind(target) != ast.Attribute || file.Kind(file.SlotA(target)) != ast.Name {
		return ""
	}
	switch file.Name(ast.Sym(file.SlotB(target))) {
	case "set_data", "data", "response":
		return file.IdentOf(file.SlotA(target))
	}
	return ""
}

// isTypeOf recognises NAME.mimetype, NAME.content_type and NAME.headers["Content-Type"].
func isTypeOf(file *ast.File, target ast.NodeID, name string) bool {
	switch file.Kind(target) {
	case ast.Attribute:
		attr := file.Name(ast.Sym(file.SlotB(target)))
		return (attr == "mimetype" || attr == "content_type") && isName(file, file.SlotA(target), name)
	case ast.Subscript:
		key, ok := file.Str(file.SlotB(target))
		headers := file.SlotA(target)
		return ok && strings.EqualFold(key, "content-type") && file.Kind(headers) == ast.Attribute &&
			file.Name(ast.Sym(file.SlotB(headers))) == "headers" && isName(file, file.SlotA(headers), name)
	}
	return false
}

func isName(file *ast.File, n ast.NodeID, name string) bool {
	return file.Kind(n) == ast.Name && file.IdentOf(n) == name
}
