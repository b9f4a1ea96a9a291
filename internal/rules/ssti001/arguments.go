package ssti001

import (
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow"
	"stopper/internal/flow/value"
	"stopper/internal/project"
	"stopper/internal/python/ast"
)

// hasOnlyText: all that the fields of a format string can name are texts and numbers. From those no attribute leads to a module.
func hasOnlyText(h project.Hit) bool {
	if h.Args == nil || h.Args.HasStar || h.Args.HasStarStar || h.Func.Module.File == nil || !strings.HasSuffix(h.Callee, "str.format") {
		return false
	}
	for _, a := range h.Args.Pos {
		if !isText(h, a) {
			return false
		}
	}
	return !slices.ContainsFunc(h.Args.Kw, func(a flow.KwArg) bool { return !isText(h, a.Arg) })
}

func isText(h project.Hit, a flow.Arg) bool {
	v := a.Value
	if v == nil || makesText(h.Func.Module.File, a.Node) {
		return v != nil
	}
	if len(v.Objs) > 0 || v.AnyObj {
		return false
	}
	switch v.Type {
	case "str", "int", "float", "bool", "bytes":
		return true
	}
	if v.IsConst || v.Str != nil && (v.Str.Prefix() != "" || v.Str.BeforeTaint() != "") {
		return true
	}
	return len(v.Taint) > 0 && !slices.ContainsFunc(v.Taint, func(l value.Label) bool { return !isField(l) })
}

// isField: a part of the request, which is text or what JSON makes of one.
func isField(l value.Label) bool {
	return strings.HasPrefix(l.Origin.Name, "request.") && strings.HasSuffix(l.Origin.Name, "]") && l.UnknownCalls() == 0
}

// makesText: the expression is text or a number whatever stands in it.
func makesText(f *ast.File, n ast.NodeID) bool {
	switch f.Kind(n) {
	case ast.JoinedStr:
		return true
	case ast.Call:
		switch f.IdentOf(f.SlotA(n)) {
		case "join", "str", "int", "float", "len", "repr", "urlencode", "quote", "quote_plus", "strftime", "isoformat", "hexdigest", "token_hex", "token_urlsafe":
			return true
		}
	}
	return false
}

// textOnly tells what is left where nothing but text can be read.
func textOnly(f *finding.Finding, what string) {
	f.Severity = finding.Low
	f.Message = what + " is the format string, and a width in it can be as large as its writer likes"
	f.Impact = "The arguments are texts and numbers, whose attributes lead nowhere. But {:>9999999999} makes a text of ten gigabytes, and a field that is not there makes an error of every request."
}
