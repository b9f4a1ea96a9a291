package flask

import (
	"regexp/syntax"
	"strings"

	"stopper/internal/deploy/yamltree"
	"stopper/internal/startup"
)

// What connexion passes to a view is what the operation declares, checked against the declared type first; anything else that
// a request holds does not reach a parameter.

// maxDeclared bounds the parameters of one operation, maxRefs how often a reference leads to another.
const (
	maxDeclared = 200
	maxRefs     = 8
)

// declaredParams is a list of texts, name and converter each, of all that an operation fills beside the URL; True where that
// is not all in the document.
func declaredParams(doc, op, all *yamltree.Node) startup.Value {
	d := declared{doc: doc, out: &startup.List{}, whole: true}
	for _, n := range [...]*yamltree.Node{all, op} {
		for _, p := range n.Get("parameters").List() {
			d.param(p)
		}
	}
	d.body(op)
	if !d.whole {
		return startup.Bool{B: true}
	}
	return d.out
}

type declared struct {
	doc   *yamltree.Node
	out   *startup.List
	whole bool
}

// follow is what a reference within the document stands for.
func (d *declared) follow(n *yamltree.Node) *yamltree.Node {
	for range maxRefs {
		ref := n.Get("$ref").Str()
		if ref == "" {
			return n
		}
		inside, ok := strings.CutPrefix(ref, "#/")
		if !ok {
			break
		}
		n = d.doc.Path(strings.Split(inside, "/")...)
	}
	d.whole = false
	return nil
}

func (d *declared) param(p *yamltree.Node) {
	p = d.follow(p)
	name := p.Get("name").Str()
	where, known := declaredIn[p.Get("in").Str()]
	if name == "" || !known {
		return
	}
	schema := p
	if s := p.Get("schema"); s != nil {
		schema = d.follow(s)
	}
	d.add(name, where, where != "request body" && d.isNarrow(schema, 0))
}

// declaredIn says what each place of a parameter is called; parts of the URL are known from the rule.
var declaredIn = map[string]string{
	"query": "query parameter", "header": "header", "cookie": "cookie", "formData": "form field", "body": "request body",
}

func (d *declared) body(op *yamltree.Node) {
	body := op.Get("requestBody")
	if body == nil {
		return
	}
	if body = d.follow(body); body == nil {
		return
	}
	name := body.Get("x-body-name").Str()
	if name == "" {
		name = "body"
	}
	d.add(name, "request body", false)
	for _, kind := range [...]string{"multipart/form-data", "application/x-www-form-urlencoded"} {
		if form := body.Get("content").Get(kind).Get("schema"); form != nil {
			for _, p := range d.follow(form).Get("properties").Pairs() {
				d.add(p.Key, "form field", d.isNarrow(d.follow(p.Value), 0))
			}
		}
	}
}

// isNarrow: a value of the declared type holds no text of somebody's choice.
func (d *declared) isNarrow(schema *yamltree.Node, depth int) bool {
	if len(schema.Get("enum").List()) > 0 {
		return true
	}
	switch schema.Get("type").Str() {
	case "integer", "number", "boolean":
		return true
	case "string":
		f := schema.Get("format").Str()
		return f == "uuid" || f == "date" || isTamePattern(schema.Get("pattern").Str())
	case "array":
		if items := schema.Get("items"); items != nil && depth < maxRefs {
			return d.isNarrow(d.follow(items), depth+1)
		}
	}
	return false
}

// isTamePattern: a pattern, which is searched for, says of the whole text that it holds nothing that means anything anywhere.
func isTamePattern(text string) bool {
	text, begins := strings.CutPrefix(text, "^")
	text, ends := strings.CutSuffix(text, "$")
	if !begins || !ends || strings.HasSuffix(text, `\\`) || len(text) > maxDeclaredPattern {
		return false
	}
	re, err := syntax.Parse(text, syntax.Perl)
	return err == nil && re.Op != syntax.OpAlternate && !matchesAny(re, "<>\"'&/\\:%.;()`|$*?[]{}!#=,+@^~ \t\r\n")
}

// maxDeclaredPattern bounds the patterns that are looked at.
const maxDeclaredPattern = 500

// add notes a parameter under its own name and the one that Python code spells.
func (d *declared) add(name, where string, isNarrow bool) {
	if len(d.out.Elems) >= maxDeclared {
		d.whole = false
		return
	}
	kind := where
	if isNarrow {
		kind = "clean " + where
	}
	for _, n := range [...]string{name, pythonic(name)} {
		d.out.Elems = append(d.out.Elems, startup.Str{S: n}, startup.Str{S: kind})
	}
}

// pythonic is what connexion makes of a name on demand: itemId and item-id are item_id.
func pythonic(name string) string {
	var b strings.Builder
	for i, c := range strings.NewReplacer("-", "_", "[]", "").Replace(name) {
		if c >= 'A' && c <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}

// filled are the parameters that the list of an operation names.
func filled(list *startup.List) map[string]Converter {
	out := map[string]Converter{}
	for i := 0; i+1 < len(list.Elems); i += 2 {
		name, ok := str(list.Elems[i])
		kind, known := str(list.Elems[i+1])
		if !ok || !known {
			continue
		}
		where, isClean := strings.CutPrefix(kind, "clean ")
		out[name] = Converter{Where: where, IsClean: isClean}
	}
	return out
}
