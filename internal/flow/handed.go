package flow

import (
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// What a framework hands to functions that it calls itself:
//
//	class Sessions(SessionInterface):                  @login_manager.request_loader
//	    def open_session(self, app, request): …        def load(request): …

// handed is the type of what a framework passes as parameter i; "" when nothing is known.
func (f *frame) handed(i int) string {
	switch {
	case i == 2 && f.fn.Name == "open_session" && f.fn.Class != ir.NoClass:
		if slices.ContainsFunc(f.s.externalBases(f.fn.Class), isSessionInterface) {
			return "flask.Request"
		}
	case i == 0 && f.fn.Kind == ir.KindFunction && f.fn.Class == ir.NoClass && f.fn.Module.File != nil:
		file := f.fn.Module.File
		if file.Kind(f.fn.Node) == ast.FunctionDef && slices.ContainsFunc(file.Decorators(f.fn.Node), func(d uint32) bool {
			n := ast.NodeID(d)
			return file.Kind(n) == ast.Attribute && file.IdentOf(n) == "request_loader" && semantic.DottedName(file, n) != ""
		}) {
			return "flask.Request"
		}
	}
	return ""
}

func isSessionInterface(base string) bool {
	return base == "flask.sessions.SessionInterface" || base == "flask.sessions.SecureCookieSessionInterface"
}

// handedValue is such a parameter.
func (f *frame) handedValue(i int) *value.Value {
	if t := f.handed(i); t != "" {
		return f.ofType(t, value.Site{})
	}
	return nil
}
