package effects

import (
	"strings"

	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// checksToken reports whether a form's validation compares an anti-forgery token. Forms of Flask-WTF do, unless their class
// or the call that makes them says otherwise; forms of WTForms alone do not. Of a form that is not seen it is believed.
func (r *reader) checksToken(recv ast.NodeID) bool {
	if r.file.Kind(recv) != ast.Name {
		return true
	}
	made := r.madeBy(r.file.IdentOf(recv))
	if made == 0 {
		return true
	}
	if isFalse(r.file, r.file.KeywordArg(made, "csrf_enabled")) || csrfOff(r.file, r.file.KeywordArg(made, "meta")) {
		return false
	}
	d := r.file.Dotted(r.file.SlotA(made))
	if d == "" {
		return true
	}
	t := r.prog.ResolveIn(r.mod, r.scope, d)
	if t.Kind != semantic.TargetClass || t.Rest != "" {
		return true
	}
	return r.classChecks(t.Class)
}

// madeBy is the one call that a local name holds the result of; 0 when there is none or several.
func (r *reader) madeBy(name string) ast.NodeID {
	_, local := r.prog.Where(r.id)
	var made ast.NodeID
	n := 0
	r.file.Walk(r.prog.Info(r.mod).Funcs[local].Node, func(s ast.NodeID) bool {
		if r.file.Kind(s) != ast.Assign {
			return true
		}
		for _, t := range r.file.ListA(s) {
			if id := ast.NodeID(t); r.file.Kind(id) == ast.Name && r.file.IdentOf(id) == name {
				n++
				if v := r.file.SlotB(s); r.file.Kind(v) == ast.Call {
					made = v
				}
			}
		}
		return true
	})
	if n != 1 {
		return 0
	}
	return made
}

// classChecks walks a class and its bases: the nearest word on the token counts.
func (r *reader) classChecks(class ir.ClassID) bool {
	plain := false
	for _, t := range r.prog.MRO(class) {
		switch t.Kind {
		case semantic.TargetExternal:
			if t.Path == "wtforms" || strings.HasPrefix(t.Path, "wtforms.") {
				plain = true
			} else if strings.HasPrefix(t.Path, "flask_wtf") {
				return true
			}
		case semantic.TargetClass:
			c := r.prog.Class(t.Class)
			switch on, said := metaToken(c.Module.File, c.Node); {
			case said:
				return on
			}
		}
	}
	return !plain
}

// metaToken is what `class Meta: csrf = …` in a class says.
func metaToken(f *ast.File, class ast.NodeID) (on, said bool) {
	if f == nil {
		return false, false
	}
	for _, s := range f.Body(class) {
		if n := ast.NodeID(s); f.Kind(n) == ast.ClassDef && f.IdentOf(n) == "Meta" {
			for _, w := range f.Body(n) {
				a := ast.NodeID(w)
				if f.Kind(a) != ast.Assign || len(f.ListA(a)) != 1 || f.IdentOf(ast.NodeID(f.ListA(a)[0])) != "csrf" {
					continue
				}
				return !isFalse(f, f.SlotB(a)), true
			}
		}
	}
	return false, false
}

func isFalse(f *ast.File, n ast.NodeID) bool {
	return n != 0 && f.Kind(n) == ast.Constant && f.ConstKindOf(n) == ast.ConstFalse
}

// csrfOff is meta={"csrf": False}.
func csrfOff(f *ast.File, n ast.NodeID) bool {
	if n == 0 || f.Kind(n) != ast.Dict {
		return false
	}
	items := f.ListA(n)
	for i := 0; i+1 < len(items); i += 2 {
		if key, ok := f.Str(ast.NodeID(items[i])); items[i] != 0 && ok && key == "csrf" && isFalse(f, ast.NodeID(items[i+1])) {
			return true
		}
	}
	return false
}
