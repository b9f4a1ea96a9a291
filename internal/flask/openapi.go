package flask

import (
	"path"
	"strings"

	"stopper/internal/deploy/yamltree"
	"stopper/internal/python/ast"
	"stopper/internal/startup"
)

// maxOperations bounds the routes of all documents, maxDocuments how many are read: a loop may ask for more.
const (
	maxOperations = 10_000
	maxDocuments  = 200
)

// openAPI reads the document that an application is made from: (file, folder, prefix, default module). It is a list of rule,
// methods, the dotted name of the view and what its parameters are filled with.
func (b *builder) openAPI(in *startup.Interp, args startup.Args) startup.Value {
	out := &startup.List{}
	if len(args.Pos) != 4 || b.readFile == nil {
		return out
	}
	var doc *yamltree.Node
	if name, ok := str(args.Pos[0]); ok {
		dir, _ := str(args.Pos[1])
		doc = b.document(in, dir, name)
	} else {
		doc = b.loaded(in)
	}
	prefix, given := str(args.Pos[2])
	if !given {
		prefix = basePath(doc)
	}
	module, _ := str(args.Pos[3])
	for _, p := range doc.Get("paths").Pairs() {
		for _, verb := range verbs {
			op := p.Value.Get(verb)
			if op == nil {
				continue
			}
			if b.operations >= maxOperations {
				b.trip(limitOperations)
				return out
			}
			b.operations++
			view := viewOf(op, p.Value, p.Key, verb, module)
			if view == "" {
				continue
			}
			rule := joinURL(prefix, flaskRule(p.Key, op, p.Value))
			methods := &startup.List{Elems: []startup.Value{startup.Str{S: strings.ToUpper(verb)}}}
			out.Elems = append(out.Elems, &startup.List{Elems: []startup.Value{
				startup.Str{S: rule}, methods, startup.Str{S: view}, declaredParams(doc, op, p.Value)}})
		}
	}
	return out
}

// document looks for the file in the folder that was named, beside the module that makes the application, and at the top. It
// is nil when there is none; each is read once.
func (b *builder) document(in *startup.Interp, dir, name string) *yamltree.Node {
	at := in.Place()
	if at.Module == nil || at.Module.Source == nil || strings.Contains(name, "\x00") {
		return nil
	}
	from := path.Dir(at.Module.Source.Path)
	for _, try := range [...]string{path.Join(from, dir, name), path.Join(from, name), path.Join(dir, name), name, path.Join(path.Dir(from), dir, name)} {
		try = strings.TrimPrefix(path.Clean("/"+try), "/")
		if doc, known := b.documents[try]; known {
			return doc
		}
		if len(b.documents) >= maxDocuments {
			b.trip(limitDocuments)
			return nil
		}
		if text, ok := b.readFile(try); ok {
			var doc *yamltree.Node
			if docs, err := yamltree.Parse(text); err == nil && len(docs) > 0 { // JSON is YAML
				doc = docs[0]
			}
			b.documents[try] = doc
			return doc
		}
	}
	return nil
}

// loaded is the document that the calling function reads itself and hands over as an object: the only one that a text of its
// names, in a call with the folders above it, below one of the folders around the module.
func (b *builder) loaded(in *startup.Interp) *yamltree.Node {
	at := in.Place()
	if at.Module == nil || at.Module.Source == nil || at.Module.File == nil {
		return nil
	}
	names := documentNames(at.Module.File, b.bodyOf(at))
	if len(names) != 1 {
		return nil
	}
	for dir := path.Dir(at.Module.Source.Path); ; dir = path.Dir(dir) {
		if doc := b.document(in, "/"+dir, names[0]); doc != nil || dir == "." || dir == "/" {
			return doc
		}
	}
}

func (b *builder) bodyOf(at startup.Place) ast.NodeID {
	if m, local := b.prog.Where(at.Func); local != 0 {
		return b.prog.Info(m).Funcs[local].Node
	}
	return at.Module.File.Root
}

// documentNames are the texts of a function that name a YAML or JSON file, behind the other texts of the same call.
func documentNames(file *ast.File, root ast.NodeID) []string {
	var names []string
	file.Walk(root, func(id ast.NodeID) bool {
		if file.Kind(id) != ast.Call {
			return true
		}
		var parts []string
		for _, w := range file.ListB(id) {
			if s, ok := file.Str(ast.NodeID(w)); ok {
				parts = append(parts, s)
			}
		}
		if n := len(parts); n > 0 {
			if ext := path.Ext(parts[n-1]); ext == ".yaml" || ext == ".yml" || ext == ".json" {
				names = append(names, path.Join(parts...))
			}
		}
		return true
	})
	return names
}

// basePath is the path of the first server, or basePath of a document of version 2.
func basePath(doc *yamltree.Node) string {
	s := doc.Get("basePath").Str()
	if servers := doc.Get("servers").List(); s == "" && len(servers) > 0 {
		s = servers[0].Get("url").Str()
		if _, rest, ok := strings.Cut(s, "://"); ok {
			_, tail, _ := strings.Cut(rest, "/")
			s = "/" + tail
		}
	}
	if strings.Contains(s, "{") || s == "/" {
		return ""
	}
	return strings.TrimRight(s, "/")
}

// viewOf is the dotted name of an operation's view: operationId below the controller that it or its path names, or what the
// resolver by method makes of the path.
func viewOf(op, all *yamltree.Node, rule, verb, module string) string {
	id := op.Get("operationId").Str()
	controller := ""
	for _, key := range [...]string{"x-openapi-router-controller", "x-swagger-router-controller"} {
		for _, n := range [...]*yamltree.Node{op, all} {
			if s := n.Get(key).Str(); s != "" && controller == "" {
				controller = s
			}
		}
	}
	switch {
	case id != "" && controller != "":
		return controller + "." + id
	case id != "":
		return id
	case controller == "" && module == "":
		return ""
	}
	if controller == "" {
		controller = module
		if first, _, _ := strings.Cut(strings.TrimPrefix(rule, "/"), "/"); first != "" && !strings.HasPrefix(first, "{") {
			controller += "." + strings.ReplaceAll(first, "-", "_")
		}
	}
	if verb == "get" && !strings.HasSuffix(rule, "}") {
		verb = "search"
	}
	return controller + "." + verb
}

// flaskRule turns {name} into <name>, with the converter of the parameter's type.
func flaskRule(rule string, op, all *yamltree.Node) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(rule, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			break
		}
		out.WriteString(before + "<" + converterFor(name, op, all) + strings.ReplaceAll(name, "-", "_") + ">")
		rule = after
	}
	out.WriteString(rule)
	return out.String()
}

func converterFor(name string, op, all *yamltree.Node) string {
	for _, n := range [...]*yamltree.Node{op, all} {
		for _, p := range n.Get("parameters").List() {
			if p.Get("in").Str() != "path" || p.Get("name").Str() != name {
				continue
			}
			schema := p.Get("schema")
			if schema == nil {
				schema = p
			}
			switch schema.Get("type").Str() {
			case "integer":
				return "int:"
			case "number":
				return "float:"
			}
			if schema.Get("format").Str() == "path" {
				return "path:"
			}
			return ""
		}
	}
	return ""
}
