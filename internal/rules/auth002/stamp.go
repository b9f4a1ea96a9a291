package auth002

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
	"stopper/internal/semantic"
)

// ownerParam is a parameter that says whose something new is.
var ownerParam = regexp.MustCompile(`^(owner|author|creator|created_by|uploaded_by|posted_by)(_?u?id|_?name|_username|_email)?$`)

// stamp reports a view that writes a row for the owner whom the request names, where the program elsewhere writes whoever is
// calling there: Note(user_id=request.json["user_id"]), create_note(text, owner_id).
func stamp(p *rule.Pass, r flask.Route, m *model) {
	at, ok := p.PlaceIn(r.Handler, 0)
	if !ok || at.FuncKind() != ir.KindFunction || !r.IsUnsafe() {
		return
	}
	is, f, found := ofView(p, at, r).is, at.Mod.File, false
	at.InFunction(func(n ast.NodeID) {
		if found || f.Kind(n) != ast.Call {
			return
		}
		here := at
		here.Node = n
		if what, arg, proof := m.stampOf(here, is); arg != 0 && !isMinded(here, arg) {
			found = true
			g := p.At("foreign-object", p.Project.Flow.Func(r.Handler), n)
			g.Message = fmt.Sprintf("whoever is signed in writes %s for the one whom the request names; elsewhere it is whoever is calling", what)
			g.Verdict, g.Confidence = finding.Verify, finding.ConfidenceMedium
			g.Reasons = append(g.Reasons, "whether one may write in the name of others is for its authors to say")
			g.Related = append(g.Related, proof)
			p.Report(g)
		}
	})
}

// stampOf is what a call writes, the argument by which the request says whose it is, and where else the caller stands there; 0
// for other calls.
func (m *model) stampOf(at rule.Place, is func(ast.NodeID) bool) (what string, arg ast.NodeID, proof finding.Location) {
	f := at.Mod.File
	names := func(n ast.NodeID) bool { return is(n) && !m.callers.isCaller(at, n) }
	if class, ok := at.Class(f.SlotA(at.Node)); ok {
		o := m.classes[class]
		if o == nil || o.stamp.Path == "" {
			return "", 0, proof
		}
		for _, a := range f.ListB(at.Node) {
			if k := ast.NodeID(a); f.Kind(k) == ast.Keyword && o.has(f.IdentOf(k)) && names(f.SlotB(k)) {
				return "the " + f.IdentOf(k) + " of " + o.name, f.SlotB(k), o.stamp
			}
		}
		return "", 0, proof
	}
	called := m.callers.calleesAt(at.Func, at.Node)
	if t := m.pass.Project.Prog.ResolveName(at.Mod, f.Dotted(f.SlotA(at.Node))); t.Kind == semantic.TargetFunc && t.Rest == "" && !slices.Contains(called, t.Func) {
		called = append(slices.Clip(called), t.Func) // one that a decorator of the program calls
	}
	for _, to := range called {
		for i, a := range f.ListB(at.Node) {
			n := ast.NodeID(a)
			if f.Kind(n) == ast.Keyword {
				n = f.SlotB(n)
			}
			if param := m.callers.paramAt(at, at.Node, i, to); ownerParam.MatchString(param) && names(n) {
				if proof, ok := m.givesCaller(to, param, at.Func); ok {
					return param + " of " + m.pass.Project.Prog.FuncName(to), n, proof
				}
				if proof, ok := m.othersGive(lastOf(m.pass.Project.Prog.FuncName(to)), param); ok {
					return param + " of " + m.pass.Project.Prog.FuncName(to), n, proof
				}
			}
		}
	}
	return "", 0, proof
}

// lastOf is the last part of a dotted name.
func lastOf(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// minGivers is how many other functions of the program have to be given whoever is calling by a parameter of the same name.
const minGivers = 2

// othersGive is a call of a function that has a parameter of the same name as another one, and is given whoever is calling there.
func (m *model) othersGive(but, param string) (where finding.Location, ok bool) {
	givers, known := m.givers[param]
	if !known {
		givers = m.giversOf(param)
		m.givers[param] = givers
	}
	givers = slices.DeleteFunc(slices.Clone(givers), func(g giver) bool { return g.to == but })
	if len(givers) < minGivers {
		return where, false
	}
	return givers[0].at, true
}

// giver is the name of a function that is given whoever is calling, and where.
type giver struct {
	to string
	at finding.Location
}

func (m *model) giversOf(param string) (out []giver) {
	takes := map[string]int{}
	for id := range ir.FuncID(m.pass.Project.Flow.NumFuncs()) {
		fn := m.pass.Project.Flow.Func(id)
		if fn == nil || fn.Kind != ir.KindFunction || fn.Module.IsTest {
			continue
		}
		if i := slices.IndexFunc(fn.Params, func(p ir.Param) bool { return p.Name == param }); i >= 0 {
			takes[fn.Name] = i
		}
	}
	m.pass.Named(func(n project.Name) bool { _, ok := takes[n.Ident]; return ok }, func(at rule.Place) {
		f := at.Mod.File
		name := f.IdentOf(f.SlotA(at.Node))
		i, ok := takes[name]
		if !ok || slices.ContainsFunc(out, func(g giver) bool { return g.to == name }) {
			return
		}
		arg := f.KeywordArg(at.Node, param)
		if args := plainArgs(f, at.Node); arg == 0 && i < len(args) {
			arg = args[i]
		}
		if arg != 0 && m.callers.isCaller(at, arg) {
			var where finding.Location
			m.note(&where, at, "gives whoever is calling as "+param)
			out = append(out, giver{name, where})
		}
	}, ast.Call)
	return out
}

// givesCaller is another call of a function that gives whoever is calling to one of its parameters.
func (m *model) givesCaller(to ir.FuncID, param string, but ir.FuncID) (where finding.Location, ok bool) {
	for k, e := range m.pass.Project.Flow.Callers(to) {
		from, known := m.pass.PlaceIn(e.From, e.Node)
		if k == maxPassers {
			break
		}
		if !known || from.Mod.File.Kind(e.Node) != ast.Call || e.From == but {
			continue
		}
		f := from.Mod.File
		for i, a := range f.ListB(e.Node) {
			n := ast.NodeID(a)
			if f.Kind(n) == ast.Keyword {
				n = f.SlotB(n)
			}
			if m.callers.paramAt(from, e.Node, i, to) == param && m.callers.isCaller(from, n) {
				m.note(&where, from, "gives whoever is calling as "+param)
				return where, true
			}
		}
	}
	return where, false
}

// isMinded: the function does more with what names the owner than to write it down: it compares it, or hands it to something
// that may.
func isMinded(at rule.Place, arg ast.NodeID) bool {
	f, minded := at.Mod.File, false
	text := f.Text(arg)
	same := func(n ast.NodeID) bool { return f.Text(n) == text }
	at.InFunction(func(n ast.NodeID) {
		switch f.Kind(n) {
		case ast.Compare:
			pairs := f.ListB(n)
			minded = minded || same(f.SlotA(n)) || len(pairs) == 2 && same(ast.NodeID(pairs[1]))
		case ast.Call:
			minded = minded || n != at.Node && !says[f.IdentOf(f.SlotA(n))] && slices.ContainsFunc(plainArgs(f, n), same)
		}
	})
	return minded
}
