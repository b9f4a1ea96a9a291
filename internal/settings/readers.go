package settings

import (
	"strconv"
	"strings"

	"stopper/internal/python/ast"
)

// readers are the names by which a module calls environs, django-environ or decouple: env("X"), env.bool("X"), config("X").
// Some names are taken for such readers wherever they come from.
type readers struct {
	objects   map[string]bool // called, or their methods are
	functions map[string]bool // called only
}

// readersOf looks at what the top of a module imports and makes.
func readersOf(f *ast.File) readers {
	r := readers{objects: map[string]bool{"env": true}, functions: map[string]bool{"config": true}}
	makers := map[string]bool{}
	for _, s := range f.Body(f.Root) {
		id := ast.NodeID(s)
		switch f.Kind(id) {
		case ast.ImportFrom:
			r.imported(f, id, makers)
		case ast.Assign:
			call := f.SlotB(id)
			if f.Kind(call) != ast.Call || !isMaker(f, f.SlotA(call), makers) {
				continue
			}
			for _, t := range f.ListA(id) {
				if f.Kind(ast.NodeID(t)) == ast.Name {
					r.objects[f.IdentOf(ast.NodeID(t))] = true
				}
			}
		}
	}
	return r
}

func (r *readers) imported(f *ast.File, id ast.NodeID, makers map[string]bool) {
	module := f.Name(ast.Sym(f.Node(id).A))
	if module != "environs" && module != "environ" && module != "decouple" {
		return
	}
	for _, a := range f.ListB(id) {
		name := f.IdentOf(ast.NodeID(a))
		as := f.Name(ast.Sym(f.Node(ast.NodeID(a)).B))
		if as == "" {
			as = name
		}
		switch name {
		case "env":
			r.objects[as] = true
		case "config":
			r.functions[as] = true
		case "Env", "FlaskEnv", "FileAwareEnv", "AutoConfig", "Config":
			makers[as] = true
		}
	}
}

// isMaker: Env(), environ.Env(), AutoConfig().
func isMaker(f *ast.File, fn ast.NodeID, makers map[string]bool) bool {
	switch f.Kind(fn) {
	case ast.Name:
		return makers[f.IdentOf(fn)]
	case ast.Attribute:
		base := f.IdentOf(f.SlotA(fn))
		return (base == "environ" || base == "environs" || base == "decouple") && (f.IdentOf(fn) == "Env" || f.IdentOf(fn) == "AutoConfig" || f.IdentOf(fn) == "Config")
	}
	return false
}

// isReader recognises a call of one of them, or of one of their methods.
func (e *evaluator) isReader(fn ast.NodeID) bool {
	f := e.file
	id := fn
	if f.Kind(fn) == ast.Attribute {
		id = f.SlotA(fn)
	}
	if f.Kind(id) != ast.Name {
		return false
	}
	if !e.readersKnown {
		e.readers, e.readersKnown = readersOf(f), true
	}
	name := f.IdentOf(id)
	return e.readers.objects[name] || f.Kind(fn) == ast.Name && e.readers.functions[name]
}

// prefixOf joins the prefixes of the with-statements around a node: with env.prefixed("SHOP_"):
func prefixOf(f *ast.File, node ast.NodeID) string {
	at := f.Span(node).Start
	var out strings.Builder
	list := f.Body(f.Root)
	for depth := 0; depth < maxEvaluate && len(list) > 0; depth++ {
		in := ast.NodeID(0)
		for _, s := range list {
			if sp := f.Span(ast.NodeID(s)); sp.Start <= at && at < sp.End {
				in = ast.NodeID(s)
			}
		}
		switch f.Kind(in) {
		case ast.With:
			for _, item := range f.ListA(in) {
				call := f.SlotA(ast.NodeID(item))
				if f.Kind(call) == ast.Call && f.IdentOf(f.SlotA(call)) == "prefixed" && len(f.ListB(call)) == 1 {
					if s, ok := f.Str(ast.NodeID(f.ListB(call)[0])); ok {
						out.WriteString(s)
					}
				}
			}
			list = f.Body(in)
		case ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef:
			list = f.Body(in)
		case ast.If, ast.For, ast.While, ast.Try:
			list = append(append([]uint32(nil), f.Body(in)...), f.Orelse(in)...)
		default:
			return out.String()
		}
	}
	return out.String()
}

// Like turns the text of a variable into the type of another value, as typed settings do.
func Like(s string, model Value) Value {
	switch model.(type) {
	case bool:
		return parseBool(s)
	case int64:
		if i, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64); err == nil {
			return i
		}
	}
	return s
}
