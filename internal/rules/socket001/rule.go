// Package socket001 judges which sites may open a socket to the application.
package socket001

import (
	_ "embed"
	"strings"

	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-SOCKET-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run looks at how Socket.IO servers are made.
func (Rule) Run(p *rule.Pass) {
	p.Named(mayBeServer, func(at rule.Place) {
		f := at.Mod.File
		fn := f.SlotA(at.Node)
		origins := f.KeywordArg(at.Node, "cors_allowed_origins")
		if origins == 0 {
			return
		}
		if !makesServer(at.Path(fn)) && !(f.IdentOf(fn) == "init_app" && strings.Contains(strings.ToLower(f.Dotted(fn)), "socketio")) {
			return
		}
		if !everybody(f, origins) {
			return
		}
		at.Node = origins
		p.Report(at.Report("any-origin"))
	}, ast.Call)
}

func mayBeServer(n project.Name) bool { return n.Ident == "init_app" || makesServer(n.Path) }

func makesServer(path string) bool {
	return path == "flask_socketio.SocketIO" || path == "socketio.Server" || path == "socketio.AsyncServer"
}

// everybody recognises "*", ["*"], and None or [] where they mean that nothing is checked.
func everybody(f *ast.File, n ast.NodeID) bool {
	if s, ok := f.Str(n); ok {
		return s == "*"
	}
	switch f.Kind(n) {
	case ast.List, ast.Tuple:
		for _, e := range f.ListA(n) {
			if everybody(f, ast.NodeID(e)) {
				return true
			}
		}
		return f.Text(n) == "[]" // python-engineio: an empty list turns the check off
	}
	return false
}
