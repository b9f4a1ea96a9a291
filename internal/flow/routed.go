package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// What a view keeps for other requests must be known while functions are solved: whoever finds it does not know the view. So the
// parameters that its decorators fill from the URL are told from them here; all else about routes is found out later.
//
//	@app.get("/users/<name>")
//	def show(name):
//	    flash(f"There is no {name}.")

// maxRules bounds the decorators of a view that are looked at.
const maxRules = 32

// urlParts is v with the labels of the parameters that the URL fills turned into words of the request.
func (f *frame) urlParts(v *value.Value) *value.Value {
	if v == nil || !hasParamLabel(v.Taint) || f.fn.Kind != ir.KindFunction || f.fn.Module.File == nil {
		return v
	}
	own := func(l value.Label) bool {
		return l.Origin.Kind == value.OriginParam && l.Origin.Func == f.fn.ID && l.Origin.Name == ""
	}
	if !slices.ContainsFunc(v.Taint, own) {
		return v
	}
	texts := f.routeTexts()
	if len(texts) == 0 {
		return v
	}
	return mapTaint(v, func(ls []value.Label) []value.Label {
		out := slices.Clone(ls)
		for i := range out {
			l := &out[i]
			if !own(*l) || int(l.Origin.Param) >= len(f.fn.Params) {
				continue
			}
			param := int(l.Origin.Param)
			name := f.fn.Params[param].Name
			kind, ok := partOf(texts, name)
			if !ok {
				continue
			}
			l.Origin = value.Origin{Kind: value.OriginSource, Func: f.fn.ID, Node: f.paramNode(param), Source: models.Remote, Name: "the URL part <" + name + ">"}
			if kind != "path" {
				l.Cleared = l.Cleared.With(models.PathRead).With(models.PathWrite)
			}
		}
		return value.NormalizeLabels(out)
	})
}

// routeTexts are the addresses that the decorators of this function name.
func (f *frame) routeTexts() []string {
	file := f.fn.Module.File
	if k := file.Kind(f.fn.Node); k != ast.FunctionDef && k != ast.AsyncFunctionDef {
		return nil
	}
	var out []string
	list := file.Decorators(f.fn.Node)
	if len(list) > maxRules {
		f.s.trip(f.fn, limitRoutes)
		list = list[:maxRules]
	}
	for _, d := range list {
		dec := ast.NodeID(d)
		if file.Kind(dec) != ast.Call || len(file.ListB(dec)) == 0 {
			continue
		}
		switch file.IdentOf(file.SlotA(dec)) {
		case "route", "get", "post", "put", "patch", "delete":
			if text, ok := file.Str(ast.NodeID(file.ListB(dec)[0])); ok {
				out = append(out, text)
			}
		}
	}
	return out
}

// partOf is the converter of a part of the address by its name: one that lets texts through, or none.
func partOf(texts []string, name string) (string, bool) {
	best, found := "", false
	for _, text := range texts {
		for rest := text; ; {
			_, after, ok := strings.Cut(rest, "<")
			part, next, closed := strings.Cut(after, ">")
			if !ok || !closed {
				break
			}
			rest = next
			kind, as, typed := strings.Cut(part, ":")
			if !typed {
				kind, as = "string", part
			}
			if kind, _, _ = strings.Cut(kind, "("); as == name && (kind == "string" || kind == "path" || kind == "default") {
				found = true
				if best != "path" {
					best = kind
				}
			}
		}
	}
	return best, found
}
