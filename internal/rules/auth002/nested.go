package auth002

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// nested is a class of rows below rows of other classes, by foreign keys. proofs are places that ask whether a row belongs to the
// parent that a column names, by that column.
type nested struct {
	name   string
	proofs map[string]finding.Location
}

// parts reports views that take a row by its own id below the URL of its parent, where other views ask whether it belongs there.
func parts(p *rule.Pass, c *callers) {
	var classes map[ir.ClassID]*nested
	seen := map[ir.FuncID]bool{}
	for _, r := range p.Project.Flask.Routes {
		if !r.HasHandler || r.IsLibrary || r.Module.IsTest || seen[r.Handler] || len(r.Params) < 1 || !isGuarded(p, r) {
			continue
		}
		seen[r.Handler] = true
		if classes == nil {
			if classes = nestedClasses(p); len(classes) == 0 {
				return
			}
		}
		lookBelow(p, c, r, classes)
	}
}

// isGuarded: rights are asked for, or the view changes something, which is not meant for everybody.
func isGuarded(p *rule.Pass, r flask.Route) bool {
	a := p.Project.Access(r)
	return a.Guard != "" || a.Known() || r.IsUnsafe()
}

// nestedClasses are the classes with a foreign key that something in the program compares with a parent.
func nestedClasses(p *rule.Pass) map[ir.ClassID]*nested {
	classes := map[ir.ClassID]*nested{}
	byColumn := map[string][]*nested{}
	p.Named(rule.Into(ast.Name), func(at rule.Place) {
		f := at.Mod.File
		if at.FuncKind() != ir.KindClassBody {
			return
		}
		name, v := assignedName(f, at.Node)
		if v == 0 || f.Kind(v) != ast.Call || !strings.HasSuffix(name, "_id") || len(name) == len("_id") || !isShort(f, v) || !strings.Contains(f.Text(v), "ForeignKey(") {
			return
		}
		class, ok := classOfBody(p, at.Func)
		if !ok {
			return
		}
		n := classes[class]
		if n == nil {
			n = &nested{p.Project.Prog.Class(class).Name, map[string]finding.Location{}}
			classes[class] = n
		}
		byColumn[name] = append(byColumn[name], n)
	}, ast.Assign, ast.AnnAssign)
	if len(classes) == 0 {
		return nil
	}
	proveParents(p, byColumn)
	for id, n := range classes {
		if len(n.proofs) == 0 {
			delete(classes, id)
		}
	}
	return classes
}

// assignedName is the one name that a statement assigns to, and what it assigns.
func assignedName(f *ast.File, n ast.NodeID) (string, ast.NodeID) {
	target, v := f.SlotA(n), f.SlotC(n)
	if f.Kind(n) == ast.Assign {
		targets := f.ListA(n)
		if len(targets) != 1 {
			return "", 0
		}
		target, v = ast.NodeID(targets[0]), f.SlotB(n)
	}
	if f.Kind(target) != ast.Name {
		return "", 0
	}
	return f.IdentOf(target), v
}

// proveParents looks for comparisons of a foreign key with the id of a parent: question.sketch_id != sketch.id.
func proveParents(p *rule.Pass, byColumn map[string][]*nested) {
	p.Named(func(n project.Name) bool { return n.Ident == "" }, func(at rule.Place) {
		f := at.Mod.File
		if !isShort(f, at.Node) || at.FuncKind() != ir.KindFunction {
			return
		}
		pairs := f.ListB(at.Node)
		if len(pairs) != 2 || ast.Op(pairs[0]) != ast.Eq && ast.Op(pairs[0]) != ast.NotEq {
			return
		}
		for _, side := range []ast.NodeID{f.SlotA(at.Node), ast.NodeID(pairs[1])} {
			column := parentIn(f, side)
			for _, n := range byColumn[column] {
				// A condition of a query, Item.order_id == order, asks for all of a parent.
				if _, known := n.proofs[column]; !known && f.Kind(side) == ast.Attribute && !isCapital(f.IdentOf(f.SlotA(side))) && speaksOf(at, n.name) {
					n.proofs[column] = finding.Location{Path: at.Mod.Source.Path, Span: f.Span(at.Node), Note: "asks for the " + strings.TrimSuffix(column, "_id") + " that it belongs to"}
				}
			}
		}
	}, ast.Compare)
}

// parentIn is the foreign key that an expression reads: question.sketch_id, or question.sketch.id.
func parentIn(f *ast.File, n ast.NodeID) string {
	if f.Kind(n) != ast.Attribute {
		return ""
	}
	if name := f.IdentOf(n); name != "id" {
		return name
	}
	if up := f.SlotA(n); f.Kind(up) == ast.Attribute {
		return f.IdentOf(up) + "_id"
	}
	return ""
}

// lookBelow looks at what a view takes by ids.
func lookBelow(p *rule.Pass, c *callers, r flask.Route, classes map[ir.ClassID]*nested) {
	at, ok := p.PlaceIn(r.Handler, 0)
	if !ok || at.FuncKind() != ir.KindFunction {
		return
	}
	f, done := at.Mod.File, false
	at.InFunction(func(n ast.NodeID) {
		if done || f.Kind(n) != ast.Call {
			return
		}
		here := at
		here.Node = n
		for _, column := range byColumns(r) {
			of := alone(c, here, r, column, classes)
			if of == nil || asksParent(c, here, column) {
				continue
			}
			reportPart(p, r, n, of, column)
			done = true
			return
		}
	})
}

// byColumns are the parts of a URL that may name a parent.
func byColumns(r flask.Route) []string {
	var out []string
	for name, c := range r.Params {
		if c.Where == "" && strings.HasSuffix(name, "_id") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// alone is the class whose row a call takes by its own id, which the request names beside that of the parent, and by nothing else: as
// a query, or as a function of the program that gets the id and nothing more.
func alone(c *callers, at rule.Place, r flask.Route, column string, classes map[ir.ClassID]*nested) *nested {
	rest := r
	rest.Params, rest.Guards = maps.Clone(r.Params), nil
	delete(rest.Params, column)
	is := ofView(c.pass, at, rest).is
	if of := byID(at, is, column, classes); of != nil {
		return of
	}
	args := at.Mod.File.ListB(at.Node)
	if len(args) != 1 {
		return nil
	}
	arg := ast.NodeID(args[0])
	if at.Mod.File.Kind(arg) == ast.Keyword {
		arg = at.Mod.File.SlotB(arg)
	}
	if !is(arg) {
		return nil
	}
	for _, to := range c.calleesAt(at.Func, at.Node) {
		callee, ok := c.pass.PlaceIn(to, 0)
		if !ok || callee.FuncKind() != ir.KindFunction {
			continue
		}
		var of *nested
		is := ofParams(callee, map[string]bool{c.paramAt(at, at.Node, 0, to): true}).is
		callee.InFunction(func(n ast.NodeID) {
			if of == nil && callee.Mod.File.Kind(n) == ast.Call {
				in := callee
				in.Node = n
				of = byID(in, is, column, classes)
			}
		})
		if of != nil && !c.readsParent(callee, "", column, 0) {
			return of
		}
	}
	return nil
}

// byID is the class that a query takes a row of by its id alone.
func byID(at rule.Place, is func(ast.NodeID) bool, column string, classes map[ir.ClassID]*nested) *nested {
	q, ok := queryOf(at, at.Node)
	if !ok || len(q.rest) > 0 || len(q.conds) != 1 || q.conds[0].column != "id" || !is(q.conds[0].value) {
		return nil
	}
	id, isClass := at.Class(q.class)
	if of := classes[id]; isClass && of != nil && of.proofs[column].Path != "" {
		return of
	}
	return nil
}

// asksParent: the view, or what it hands the row to, looks at the parent of the row, or at whether the row is among others.
func asksParent(c *callers, at rule.Place, column string) bool {
	row := rowName(at)
	if row == "" {
		return true
	}
	return c.readsParent(at, row, column, 2)
}

// readsParent: a function reads a foreign key, or the parent, of a row that it knows by a name, compares the row, or hands it to
// what may do so.
func (c *callers) readsParent(at rule.Place, row, column string, depth int) bool {
	f, found := at.Mod.File, false
	isRow := func(n ast.NodeID) bool { return f.Kind(n) == ast.Name && f.IdentOf(n) == row }
	at.InFunction(func(n ast.NodeID) {
		if found {
			return
		}
		switch f.Kind(n) {
		case ast.Attribute:
			found = f.Ctx(n) == ast.Load && (parentIn(f, n) == column || f.IdentOf(n) == strings.TrimSuffix(column, "_id") && isRow(f.SlotA(n)))
		case ast.Compare:
			pairs := f.ListB(n)
			found = len(pairs) == 2 && ast.Op(pairs[0]) != ast.Is && ast.Op(pairs[0]) != ast.IsNot && (isRow(f.SlotA(n)) || isRow(ast.NodeID(pairs[1])))
		case ast.Call:
			for i, a := range f.ListB(n) {
				arg := ast.NodeID(a)
				if f.Kind(arg) == ast.Keyword {
					arg = f.SlotB(arg)
				}
				if !isRow(arg) {
					continue
				}
				for _, to := range c.calleesAt(at.Func, n) {
					callee, ok := c.pass.PlaceIn(to, 0)
					found = found || ok && (depth == 0 || c.readsParent(callee, c.paramAt(at, n, i, to), column, depth-1))
				}
			}
		}
	})
	return found
}

func reportPart(p *rule.Pass, r flask.Route, node ast.NodeID, of *nested, column string) {
	f := p.At("foreign-parent", p.Project.Flow.Func(r.Handler), node)
	parent := strings.TrimSuffix(column, "_id")
	f.Message = fmt.Sprintf("%s is looked up by its own id, and nothing asks whether it belongs to the %s of the URL; elsewhere its %s decides", of.name, parent, column)
	f.Verdict, f.Confidence = finding.Verify, finding.ConfidenceMedium
	f.Reasons = append(f.Reasons, "whether rights are given by the parent is for the authors to say")
	f.Related = append(f.Related, of.proofs[column])
	p.Report(f)
}
