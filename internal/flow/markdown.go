package flow

import (
	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// escapesCell is the attribute under which a renderer of Markdown remembers that it escapes the HTML in a text.
const escapesCell = "'escapes"

// rendersMarkdown knows whether a mistune.Markdown escapes HTML, which was decided when it was made: create_markdown() does unless
// it is told otherwise, Markdown(renderer=…) when the renderer was told to.
func (f *frame) rendersMarkdown(e *models.Entry, recv *value.Value, args []arg, r *value.Value, node ast.NodeID) *value.Value {
	switch e.Path {
	case "nbconvert.HTMLExporter.from_notebook_node", "nbconvert.HTMLExporter.from_filename", "nbconvert.HTMLExporter.from_file":
		return f.alloc("tuple", node, exactly([]*value.Value{r, value.Unknown})) // the page, and what it needs
	case "mistune.create_markdown":
		if v := keyword(args, "escape"); v == nil || value.Truth(v) == value.True {
			f.setMark(r, escapesCell)
		}
	case "mistune.Markdown", "mistune.Renderer", "mistune.HTMLRenderer":
		escape := keyword(args, "escape")
		renderer := keyword(args, "renderer")
		if renderer == nil && len(args) > 0 && args[0].kind == ir.ArgPos {
			renderer = args[0].v
		}
		if escape == nil && renderer != nil && (f.hasMark(renderer, escapesCell) || value.Truth(f.attrOf(renderer, "escape")) == value.True) ||
			escape != nil && value.Truth(escape) == value.True {
			f.setMark(r, escapesCell)
		}
	case "mistune.Markdown.__call__", "mistune.Markdown.render", "mistune.Markdown.parse", "mistune.Markdown.output":
		if recv != nil && f.hasMark(recv, escapesCell) {
			return value.Clear(r, models.Kinds(models.HTML))
		}
	}
	return r
}

func keyword(args []arg, name string) *value.Value {
	for _, a := range args {
		if a.kind == ir.ArgKeyword && a.name == name {
			return a.v
		}
	}
	return nil
}

// attrOf is what the heap holds of an attribute of one object.
func (f *frame) attrOf(v *value.Value, name string) *value.Value {
	if len(v.Objs) != 1 {
		return nil
	}
	k, ok := keyOf(&v.Objs[0])
	if !ok {
		return nil
	}
	if o := f.object(k); o != nil {
		if c := o.find(cellAttr, name, ir.Const{}); c != nil {
			return c.value
		}
	}
	return nil
}

func (f *frame) hasMark(v *value.Value, name string) bool { return f.attrOf(v, name) != nil }

// setMark notes something about an object under a name that no attribute can have.
func (f *frame) setMark(v *value.Value, name string) { f.noteOn(v, name, value.Bool(true)) }
