package flow

import (
	"cmp"
	"slices"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
	"stopper/internal/semantic"
)

// Decorators that pass parts of the request to a view, each as its schema leaves it:
//
//	@use_args({"kind": fields.Str(validate=OneOf(KINDS))})     @blp.arguments(OrderSchema, location="query")
//	def show(args): …                                          def get(self, args): …
//
//	@validate()
//	def create(body: Order): …

// parsedName is what a report calls such a value.
const parsedName = "parsed request arguments"

// injection is one such decorator of a function.
type injection struct {
	node   ast.NodeID
	schema *value.Value // nil: the annotations say it
	byName bool
	names  []string // of parameters that it may be about; without one it is the next by position
}

// injects notes what the decorator that a call makes passes to the function that it is applied to.
func (f *frame) injects(e *models.Entry, args []arg, node ast.NodeID) {
	in := injection{node: node, byName: e.Injects.ByName}
	if c := e.Injects.AsNames; !in.byName && (c.Arg != "" || c.Pos >= 0) {
		in.byName = f.condsHold([]models.Cond{c}, args)
	}
	if !e.Injects.Schema.IsNone() {
		decl := f.selectArgs(e.Injects.Schema, nil, args)
		if len(decl) == 0 {
			return
		}
		in.schema = decl[0].v
	}
	location := "json"
	for _, a := range args {
		text, ok := oneStr(a.v)
		switch {
		case !ok || a.kind != ir.ArgKeyword:
		case a.name == "arg_name":
			in.names = append(in.names, text)
		case a.name == "location":
			location = text
		}
	}
	in.names = append(in.names, location+"_data", location+"_args")
	if f.injecting == nil {
		f.injecting = map[ast.NodeID]injection{}
	}
	f.injecting[node] = in
}

// injectInto tells a function what a decorator passes to it.
func (f *frame) injectInto(in injection, v *value.Value) {
	ids := f.s.underlying(v)
	if len(ids) == 0 {
		return
	}
	id := ids[len(ids)-1]
	if in.schema != nil {
		f.escape(in.schema)
	}
	known := f.s.injected[id]
	if slices.ContainsFunc(known, func(k injection) bool { return k.node == in.node }) {
		return
	}
	f.s.injected[id] = append(known, in)
	f.s.funcs[id].isDirty = f.s.funcs[id].status == done
}

// takeInjected gives the parameters that decorators fill their values.
func (f *frame) takeInjected() {
	list := f.s.injected[f.fn.ID]
	if len(list) == 0 || f.isCopy {
		return
	}
	file := f.fn.Module.File
	list = slices.Clone(list) // the outermost decorator comes first
	slices.SortFunc(list, func(a, b injection) int { return cmp.Compare(file.Span(a.node).Start, file.Span(b.node).Start) })
	next := 0
	if f.isMethod() {
		next = 1
	}
	for i := range list {
		in := &list[i]
		switch {
		case in.schema == nil:
			f.injectAnnotated(in)
		case in.byName:
			f.injectNamed(in)
		default:
			at := slices.IndexFunc(f.fn.Params, func(p ir.Param) bool { return slices.Contains(in.names, p.Name) })
			if at < 0 {
				at, next = next, next+1
			}
			if at < len(f.fn.Params) {
				if v := f.injectedFields(in, f.paramNode(at)); v != nil {
					f.vars[f.fn.Params[at].Reg] = v
				}
			}
		}
	}
}

func (f *frame) paramNode(i int) ast.NodeID {
	if args := f.fn.Module.File.Params(f.fn.Node); i < len(args) {
		return ast.NodeID(args[i])
	}
	return f.fn.Node
}

// injectedFields are the fields of a schema, read from the request; nil where what they are is not known.
func (f *frame) injectedFields(in *injection, node ast.NodeID) *value.Value {
	sc, ok := f.schemaOf(in.schema)
	if !ok {
		return nil
	}
	from := f.sourceValue(value.Unknown, &models.Source{Kind: models.Remote, Name: parsedName}, "", node)
	return f.asking(node).fieldsFrom(&sc, from, declaredOnly)
}

// declaredOnly are the kinds that mind names that nobody declared, or values that are no text.
const declaredOnly = models.KindSet(1<<models.MassAssign | 1<<models.SetAttr | 1<<models.NoSQL)

func (f *frame) injectNamed(in *injection) {
	all := f.injectedFields(in, f.fn.Node)
	if all == nil {
		return
	}
	for i := range f.fn.Params {
		switch p := &f.fn.Params[i]; p.Kind {
		case ast.VarKeyword:
			f.vars[p.Reg] = all
		case ast.VarArgs:
		default:
			if v := f.fieldOf(all, p.Name); v != nil {
				f.vars[p.Reg] = v
			}
		}
	}
}

// fieldOf is an item of a dict that certainly has it.
func (f *frame) fieldOf(dict *value.Value, name string) *value.Value {
	if len(dict.Objs) != 1 {
		return nil
	}
	k, ok := keyOf(&dict.Objs[0])
	if !ok {
		return nil
	}
	if o := f.object(k); o != nil {
		if c := o.find(cellItem, "", strConst(name)); c != nil {
			return c.value
		}
	}
	return nil
}

func (f *frame) injectAnnotated(*injection) {
	for i := range f.fn.Params {
		p := &f.fn.Params[i]
		name := ""
		if p.Annotation != 0 {
			name = semantic.DottedName(f.fn.Module.File, p.Annotation)
		}
		if name == "" {
			continue
		}
		t := f.s.resolve(f.fn.Module, name)
		if t.Kind != semantic.TargetClass || t.Rest != "" {
			continue
		}
		node := f.paramNode(i)
		from := f.sourceValue(value.Unknown, &models.Source{Kind: models.Remote, Name: parsedName}, "", node)
		class := value.OfObj(value.Obj{Kind: value.ObjClass, Class: t.Class})
		if v := f.asking(node).modelFrom(class, from, declaredOnly); v != nil {
			f.vars[p.Reg] = v
		}
	}
}
