package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// What the fields of a form or a model declare of their values, once these were validated:
//
//	kind = StringField(validators=[AnyOf(["a", "b"])])  # WTForms, after form.validate()
//	kind: Literal["a", "b"]                             # pydantic, in the instance

// declaredField is what a class says of a field: its annotation and its value, either may be missing.
func (s *solver) declaredField(id ir.ClassID, name string) (c *ir.Class, annotation, val ast.NodeID) {
	for _, t := range s.mro(id) {
		if t.Kind != semantic.TargetClass || t.Rest != "" {
			continue
		}
		c := s.prog.Class(t.Class)
		f := c.Module.File
		for _, w := range f.Body(c.Node) {
			switch n := ast.NodeID(w); f.Kind(n) {
			case ast.AnnAssign:
				if f.IdentOf(f.SlotA(n)) == name {
					return c, f.SlotB(n), f.SlotC(n)
				}
			case ast.Assign:
				if ts := f.ListA(n); len(ts) == 1 && f.IdentOf(ast.NodeID(ts[0])) == name {
					return c, 0, f.SlotB(n)
				}
			}
		}
	}
	return nil, 0, 0
}

// asDeclared is the value of a field of a pydantic model.
func (f *frame) asDeclared(id ir.ClassID, name string, v *value.Value) *value.Value {
	if v == nil || len(v.Taint) == 0 || !slices.Contains(f.s.externalBases(id), "pydantic.BaseModel") {
		return v
	}
	c, annotation, val := f.s.declaredField(id, name)
	if c == nil {
		return v
	}
	file := c.Module.File
	if annotation != 0 {
		if f.isClosed(c.Module, file.Text(annotation)) {
			return value.Clear(v, models.AllKinds)
		}
		v = checkedBy(v, file, annotation, true)
	}
	if val != 0 {
		v = checkedBy(v, file, val, true)
	}
	return v
}

// isClosed: the annotation allows numbers, or some values that the program writes down.
func (f *frame) isClosed(m *ir.Module, annotation string) bool {
	text := strings.TrimSpace(strings.TrimSuffix(strings.ReplaceAll(annotation, " ", ""), "|None"))
	if inner, ok := strings.CutPrefix(text[strings.LastIndexByte(text[:max(0, strings.IndexByte(text, '['))], '.')+1:], "Optional["); ok {
		text = strings.TrimSuffix(inner, "]")
	}
	if head, rest, ok := strings.Cut(text, "["); ok {
		if strings.IndexByte(rest, ']') != len(rest)-1 {
			return false // Literal["a"] | str
		}
		return head[strings.LastIndexByte(head, '.')+1:] == "Literal"
	}
	switch text[strings.LastIndexByte(text, '.')+1:] {
	case "int", "float", "bool", "UUID", "UUID4", "date", "datetime", "Decimal", "PositiveInt", "NonNegativeInt", "conint":
		return true
	}
	t := f.s.resolve(m, text)
	return t.Kind == semantic.TargetClass && t.Rest == "" && slices.ContainsFunc(f.s.externalBases(t.Class), func(b string) bool {
		return b == "enum.Enum" || b == "enum.StrEnum" || b == "enum.IntEnum"
	})
}

// checkedBy clears what the validators in a declaration rule out. Strict: a "$" stands for the end alone.
func checkedBy(v *value.Value, file *ast.File, decl ast.NodeID, strict bool) *value.Value {
	file.Walk(decl, func(n ast.NodeID) bool {
		if file.Kind(n) != ast.Call {
			return true
		}
		name := semantic.DottedName(file, file.SlotA(n))
		switch name[strings.LastIndexByte(name, '.')+1:] {
		case "AnyOf", "OneOf", "UUID":
			v = value.Clear(v, models.AllKinds)
		case "Regexp", "Regex":
			if args := file.ListB(n); len(args) > 0 {
				v = matching(v, file, ast.NodeID(args[0]), strict)
			}
		case "constr", "Field", "StringConstraints":
			if p := file.KeywordArg(n, "pattern"); p != 0 {
				v = matching(v, file, p, true)
			}
			if p := file.KeywordArg(n, "regex"); p != 0 { // of the first pydantic, which asked Python's re.match
				v = matching(v, file, p, false)
			}
		}
		return true
	})
	return v
}

// matching is v after it matched a pattern that the program writes down.
func matching(v *value.Value, file *ast.File, pattern ast.NodeID, strict bool) *value.Value {
	text, ok := file.Str(pattern)
	if !ok {
		return v
	}
	if head, isEnd := strings.CutSuffix(text, "$"); isEnd && strict && !strings.HasSuffix(head, `\`) {
		text = head + `\Z`
	}
	if strict && !strings.HasPrefix(text, "^") && !strings.HasPrefix(text, `\A`) {
		return v
	}
	m, ok := value.PureCall("re.match", []*value.Value{value.Str(text), v}, nil)
	if !ok || m == nil {
		return v
	}
	if held := value.RefineTruth(m, true); held.From() != nil && held.From().Of != nil {
		return held.From().Of
	}
	return v
}

// isForm: the value is one instance of a form of WTForms.
func (f *frame) isForm(v *value.Value) bool {
	return v != nil && len(v.Objs) == 1 && v.Objs[0].Kind == value.ObjInstance && slices.ContainsFunc(f.s.externalBases(v.Objs[0].Class), func(b string) bool {
		return f.s.set.IsSubtype(b, "wtforms.Form")
	})
}

// validField is form.field.data where the form was validated.
func (f *frame) validField(field, data *value.Value) *value.Value {
	if field.Facts&value.FactValidated == 0 || len(field.Objs) != 1 || data == nil {
		return data
	}
	o := &field.Objs[0]
	fn := f.s.fn(o.Site.Func)
	if o.Kind != value.ObjLibrary || fn == nil || o.Site.Node == 0 || !f.s.set.IsSubtype(o.Path, "wtforms.Field") {
		return data
	}
	file := fn.Module.File
	if file.Kind(o.Site.Node) != ast.Call {
		return data
	}
	if choices := file.KeywordArg(o.Site.Node, "choices"); choices != 0 && file.KeywordArg(o.Site.Node, "validate_choice") == 0 {
		if k := file.Kind(choices); k == ast.List || k == ast.Tuple {
			return value.Clear(data, models.AllKinds)
		}
	}
	return checkedBy(data, file, o.Site.Node, false)
}
