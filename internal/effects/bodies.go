package effects

import (
	"sync/atomic"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Bodies are what the text of each function says that it does. They need the trees only, so that they can be read while values
// are followed; what was not read ahead is read when it is asked for. They are safe for concurrent use.
type Bodies struct {
	prog           *semantic.Program
	usesFlaskWTF   bool
	loginByHeader  bool
	loginBySession bool
	read           []atomic.Pointer[body]
}

type body struct{ out, looks []Effect }

// NewBodies prepares them.
func NewBodies(prog *semantic.Program) *Bodies {
	return &Bodies{prog: prog, usesFlaskWTF: imports(prog, "flask_wtf"), loginByHeader: loginByHeader(prog), loginBySession: loginBySession(prog), read: make([]atomic.Pointer[body], prog.NumFuncs())}
}

// Ahead reads all functions but those of tests, until it is told to stop.
func (b *Bodies) Ahead(stop func() bool) {
	for i := range b.read {
		if i%64 == 0 && stop() {
			return
		}
		if m, _ := b.prog.Where(ir.FuncID(i)); !m.IsTest {
			b.of(ir.FuncID(i))
		}
	}
}

func (b *Bodies) of(id ir.FuncID) *body {
	if int(id) >= len(b.read) {
		return &body{}
	}
	if k := b.read[id].Load(); k != nil {
		return k
	}
	k := b.readOne(id)
	b.read[id].Store(k)
	return k
}

func (b *Bodies) readOne(id ir.FuncID) *body {
	mod, local := b.prog.Where(id)
	if mod == nil || mod.File == nil {
		return &body{}
	}
	fn := &b.prog.Info(mod).Funcs[local]
	r := &reader{prog: b.prog, mod: mod, file: mod.File, scope: fn.Scope, id: id, usesFlaskWTF: b.usesFlaskWTF, loginByHeader: b.loginByHeader}
	if r.file.Kind(fn.Node) == ast.Lambda {
		r.walk(fn.Node)
		return &body{out: r.out}
	}
	for _, s := range r.file.Body(fn.Node) {
		r.walk(ast.NodeID(s))
	}
	return &body{r.out, r.looks}
}

// loginBySession: the program imports an extension that signs people in elsewhere, keeps them in the session, and puts them into
// flask.g.
func loginBySession(prog *semantic.Program) bool {
	for _, top := range [...]string{"flask_fas_openid", "flask.ext.fas_openid", "flask_openid", "flask.ext.openid", "flask_oidc", "flask_multipass", "flask_pyoidc", "flask_cas"} {
		if imports(prog, top) {
			return true
		}
	}
	return false
}
