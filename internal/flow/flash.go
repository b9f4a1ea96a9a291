package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// flashed follows the texts that flask.flash keeps for the next page to flask.get_flashed_messages: one variable of the
// process, since nothing tells which page comes next. Nil for other calls.
func (f *frame) flashed(e *models.Entry, args []arg, node ast.NodeID) *value.Value {
	switch e.Path {
	case "flask.flash":
		if len(args) == 0 || args[0].kind != ir.ArgPos {
			return nil
		}
		if text := taintOnly(f.deep(args[0].v)); text != nil {
			f.keepFlashed(value.WithStep(text, f.fn.ID, node, "kept for the next page"))
		}
	case "flask.get_flashed_messages":
		c := f.s.libAttr("flask", "'flashed")
		c.read(f.fn.ID)
		text := orUnknown(c.joined)
		if withCategories(args) {
			text = f.allocAt("tuple", node, 1, &object{typ: "tuple", exact: true, elems: []*value.Value{value.OfType("str"), text}, nodes: make([]ast.NodeID, 2)})
		}
		return f.alloc("list", node, &object{star: text})
	}
	return nil
}

// flashPlace is the kind of the place that flashed texts are kept in.
const flashPlace = "flask.flash"

// keepFlashed keeps a text for the next page. What a parameter holds is kept where the function is called, or comes with the URL.
func (f *frame) keepFlashed(text *value.Value) {
	if text = f.urlParts(text); text == nil {
		return
	}
	if hasParamLabel(text.Taint) {
		f.effect(effect{class: ir.NoClass, place: place{kind: flashPlace}, v: text})
	}
	if text = taintOnly(closedPart(text)); text == nil {
		return
	}
	if c := f.s.libAttr("flask", "'flashed"); c.write(value.WithMark(text, value.MarkGlobal)) {
		f.s.dirty(c)
	}
}

func withCategories(args []arg) bool {
	for i, a := range args {
		if a.kind == ir.ArgPos && i == 0 || a.kind == ir.ArgKeyword && a.name == "with_categories" {
			return value.Truth(a.v) != value.False
		}
	}
	return false
}
