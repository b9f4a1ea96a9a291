package effects

import (
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// loginByHeader: Flask-Login asks a request_loader alone who is calling, and that looks at no cookie. Without a user_loader the
// session cookie that it also hands out stands for nobody.
//
//	@login_manager.request_loader
//	def who(request): return User.by_token(request.headers.get("Authorization"))
func loginByHeader(prog *semantic.Program) bool {
	if !imports(prog, "flask_login") || imports(prog, "flask_security") || imports(prog, "flask_appbuilder") || imports(prog, "flask_user") {
		return false
	}
	found := false
	for _, m := range prog.Modules {
		if m.File == nil || m.IsTest {
			continue
		}
		for _, fn := range prog.Info(m).Funcs {
			if !isRequestLoader(m.File, fn.Node) {
				continue
			}
			if readsCookies(m.File, fn.Node) {
				return false
			}
			found = true
		}
	}
	return found && !mentions(prog, "user_loader", "user_callback", "_user_callback")
}

func isRequestLoader(file *ast.File, fn ast.NodeID) bool {
	if k := file.Kind(fn); k != ast.FunctionDef && k != ast.AsyncFunctionDef {
		return false
	}
	for _, d := range file.Decorators(fn) {
		if n := ast.NodeID(d); file.Kind(n) == ast.Attribute && file.IdentOf(n) == "request_loader" {
			return true
		}
	}
	return false
}

func readsCookies(file *ast.File, fn ast.NodeID) bool {
	found := false
	file.Walk(fn, func(n ast.NodeID) bool {
		switch file.Kind(n) {
		case ast.Name, ast.Attribute:
			name := file.IdentOf(n)
			found = found || name == "cookies" || name == "session"
		}
		return !found
	})
	return found
}

// mentions: some module other than a test has an attribute of one of these names.
func mentions(prog *semantic.Program, names ...string) bool {
	for _, m := range prog.Modules {
		if m.File == nil || m.IsTest {
			continue
		}
		found := false
		m.File.Walk(m.File.Root, func(n ast.NodeID) bool {
			if m.File.Kind(n) == ast.Attribute {
				for _, name := range names {
					found = found || m.File.IdentOf(n) == name
				}
			}
			return !found
		})
		if found {
			return true
		}
	}
	return false
}
