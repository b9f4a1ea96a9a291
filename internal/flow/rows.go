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

// Second order: one request writes a column, another reads it. Models and columns are matched by name, rows are not told apart:
//
//	db.session.add(Report(template=request.form["template"]))        # one view
//	report = Report.query.get_or_404(id); open(report.template)      # another
//
// What is written to an attribute of an instance is known to the class (classState.inst). A row that a query gives is an object of
// its own kind, whose attributes are what was written to any instance, marked as written before.

// rowType is the Path of an object that stands for any row of Class.
const rowType = "row"

func rowOf(id ir.ClassID) *value.Value {
	return value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: rowType, Class: id})
}

func isRow(o *value.Obj) bool { return o.Kind == value.ObjLibrary && o.Path == rowType }

// mayBeRow is a row, or None.
func mayBeRow(id ir.ClassID) *value.Value { return join(rowOf(id), value.None()) }

// isModel reports whether instances of a class are rows or documents of a database, by the names of its bases.
func (s *solver) isModel(id ir.ClassID) bool {
	st := &s.classes[id]
	if st.model == 0 {
		st.model = -1
		for _, t := range s.mro(id) {
			name := t.Path
			if t.Kind == semantic.TargetVar {
				name = strings.Trim(t.Name+"."+t.Rest, ".")
			}
			if strings.HasPrefix(name, "marshmallow") || strings.HasPrefix(name, "pydantic") {
				st.model = -1
				break
			}
			switch name[strings.LastIndexByte(name, '.')+1:] {
			case "Model", "Base", "DeclarativeBase", "Document", "DynamicDocument", "EmbeddedDocument", "Entity", "SQLModel":
				st.model = 1
			}
		}
	}
	return st.model > 0
}

// keepRow writes the keyword arguments of Model(…) into the columns.
func (f *frame) keepRow(id ir.ClassID, args []arg) {
	if !f.s.isModel(id) {
		return
	}
	for _, a := range args {
		if a.kind == ir.ArgKeyword && a.v != nil && len(a.v.Taint) > 0 {
			f.setInst(id, a.name, written(a.v), instReach{})
		}
	}
}

// maxFilledColumns bounds the columns that a mapping fills.
const maxFilledColumns = 64

// fillRow gives the columns of Model(**items) what a stranger put into the mapping under their names: a row that is not stored
// yet, and asked at once. Columns of numbers hold no text.
func (f *frame) fillRow(id ir.ClassID, obj *object, items *value.Value, node ast.NodeID) *object {
	if items == nil || len(items.Taint) == 0 && len(items.Objs) == 0 {
		return obj
	}
	names := f.s.classes[id].order
	if len(names) > maxFilledColumns {
		f.s.trip(f.fn, limitColumns)
		names = names[:maxFilledColumns]
	}
	for _, name := range names {
		member, _ := f.s.classAttr(id, name, f.fn.ID, ir.NoClass)
		if member == nil || isCallable(member) || f.s.isNumeric(id, name, f.fn.ID) || obj.find(cellAttr, name, ir.Const{}) != nil {
			continue
		}
		if v := f.loadIndex(items, value.Str(name), node); v != nil && len(v.Taint) > 0 {
			obj = obj.set(cell{kind: cellAttr, name: name, value: v}, false)
		}
	}
	return obj
}

// written is a value that another request finds.
func written(v *value.Value) *value.Value {
	if v == nil || len(v.Taint) == 0 {
		return v
	}
	return fromRemote(v, models.Written)
}

// rowAttr is a column of a row, or a method of its class.
func (f *frame) rowAttr(o *value.Obj, name string, node ast.NodeID) *value.Value {
	out := f.boundMember(value.OfObj(*o), o, name, node, ir.NoClass)
	isColumn := out == nil || !isCallable(out)
	if !isColumn {
		return out
	}
	if f.s.isNumeric(o.Class, name, f.fn.ID) || f.s.isSetting(o.Class) {
		return value.Unknown
	}
	kept := written(f.deep(closedPart(value.Disown(f.s.instAttr(o.Class, name, f.fn.ID)))))
	return value.WithStep(derived(0, f.fewest(kept)), f.fn.ID, node, "read again from "+f.s.prog.Class(o.Class).Name+"."+name)
}

// maxWriters is how many writers of a column a reader remembers: one is enough for a finding, and twenty would crowd out what the
// reader's own request brings. maxWriterGuesses is how many guesses may lie on the way into it.
const (
	maxWriters       = 2
	maxWriterGuesses = 2
)

// fewest keeps the surest labels of what was written before.
func (f *frame) fewest(v *value.Value) *value.Value {
	if v == nil || len(v.Taint) == 0 {
		return v
	}
	return mapTaint(v, func(ls []value.Label) []value.Label {
		var out []value.Label
		for guesses := 1; guesses <= maxWriterGuesses; guesses++ {
			for i := range ls {
				if ls[i].Guesses() == guesses && ls[i].Origin.Source == models.Written && len(out) < maxWriters {
					out = append(out, ls[i])
				}
			}
		}
		return value.NormalizeLabels(out)
	})
}

func isCallable(v *value.Value) bool {
	for i := range v.Objs {
		switch v.Objs[i].Kind {
		case value.ObjFunc, value.ObjBound, value.ObjPartial:
			return true
		}
	}
	return false
}

// isNumeric: the column holds numbers or times, whatever is written to it.
func (s *solver) isNumeric(id ir.ClassID, name string, reader ir.FuncID) bool {
	v, _ := s.classAttr(id, name, reader, ir.NoClass)
	if v == nil {
		return false
	}
	for i := range v.Objs {
		if v.Objs[i].Name == numberColumn {
			return true
		}
	}
	return false
}

// isSetting: a table of keys and values holds the settings of the application, which an administrator chooses.
func (s *solver) isSetting(id ir.ClassID) bool {
	st := &s.classes[id]
	return st.attrs["value"] != nil && (st.attrs["key"] != nil || st.attrs["name"] != nil || st.attrs["setting"] != nil || st.attrs["namespace"] != nil)
}

// numberColumn is the Name of a column object whose type is a number or a time.
const numberColumn = "number"

// columnType remembers of Column(Integer, …) that it holds no text.
func (f *frame) columnType(r *value.Value, args []arg) *value.Value {
	for _, a := range args {
		for i := range a.v.Objs {
			o := &a.v.Objs[i]
			switch o.Path[strings.LastIndexByte(o.Path, '.')+1:] {
			case "Integer", "INTEGER", "Boolean", "BOOLEAN", "BigInteger", "SmallInteger", "Float", "Numeric", "DateTime", "Date", "Time",
				"Interval", "TIMESTAMP", "BIGINT", "UUID", "Enum":
				return mapObjs(r, func(c value.Obj) value.Obj {
					c.Name = numberColumn
					return c
				})
			}
		}
	}
	return r
}

// queryModel is the model that a query is of; false when it is not known.
func queryModel(o *value.Obj) (ir.ClassID, bool) {
	if o.Kind == value.ObjLibrary && o.Recv != nil && len(o.Recv.Objs) == 1 && o.Recv.Objs[0].Kind == value.ObjClass {
		return o.Recv.Objs[0].Class, true
	}
	return 0, false
}

// queryOf makes a query of a library one of a model.
func queryOf(v *value.Value, model value.Obj) *value.Value {
	return mapObjs(v, func(q value.Obj) value.Obj {
		if q.Kind == value.ObjLibrary && q.Recv == nil {
			q.Recv = value.OfObj(model)
		}
		return q
	})
}

// modelAsked is the model that a call of a mapper is about: that of its receiver, or its first argument.
func (f *frame) modelAsked(recv *value.Value, args []arg) (value.Obj, bool) {
	if recv != nil {
		for i := range recv.Objs {
			if id, ok := queryModel(&recv.Objs[i]); ok {
				return value.Obj{Kind: value.ObjClass, Class: id}, true
			}
		}
	}
	if len(args) == 0 || args[0].v == nil || len(args[0].v.Objs) != 1 {
		return value.Obj{}, false
	}
	o := &args[0].v.Objs[0]
	if o.Kind == value.ObjClass && f.s.isModel(o.Class) {
		return value.Obj{Kind: value.ObjClass, Class: o.Class}, true
	}
	if id, ok := queryModel(o); ok {
		return value.Obj{Kind: value.ObjClass, Class: id}, true
	}
	return value.Obj{}, false
}

// isMapper: the entry is of a library that makes objects of rows.
func isMapper(path string) bool {
	return strings.HasPrefix(path, "sqlalchemy.") || strings.HasPrefix(path, "flask_sqlalchemy.") || strings.HasPrefix(path, "sqlmodel.") ||
		strings.HasPrefix(path, "mongoengine.") || strings.HasPrefix(path, "peewee.")
}

// rows gives the result of a call of an object mapper its model.
func (f *frame) rows(e *models.Entry, recv *value.Value, args []arg, node ast.NodeID, r *value.Value) *value.Value {
	if e.Path == "sqlalchemy.Column" || e.Path == "sqlalchemy.orm.mapped_column" {
		return f.columnType(r, args)
	}
	model, ok := f.modelAsked(recv, args)
	if !ok {
		return r
	}
	if row := f.rowsNamed(e.Path[strings.LastIndexByte(e.Path, '.')+1:], model.Class, node); row != nil {
		return row
	}
	return queryOf(r, model)
}

// rowsNamed is what a method of a query gives, by the name of the method; nil when it is another query.
func (f *frame) rowsNamed(name string, id ir.ClassID, node ast.NodeID) *value.Value {
	switch name {
	case "first", "one_or_none", "get", "get_or_none", "scalar", "scalar_one_or_none", "fetchone":
		return mayBeRow(id)
	case "one", "first_or_404", "one_or_404", "get_or_404", "get_one", "scalar_one", "get_by_id":
		return rowOf(id)
	case "all", "fetchall", "fetchmany":
		return f.alloc("list", node, &object{star: rowOf(id)})
	case "scalars", "paginate", "select":
		return queryOf(value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: "sqlalchemy.orm.Query"}), value.Obj{Kind: value.ObjClass, Class: id})
	}
	return nil
}

// queryAttr is the query that a model whose base is a variable of the program (db.Model) brings along.
func queryAttr(model *value.Obj, name string) *value.Value {
	switch name {
	case "query":
		return queryOf(value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: "flask_sqlalchemy.query.Query"}), *model)
	case "objects":
		return queryOf(value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: "mongoengine.QuerySet"}), *model)
	case "__table__": // what the statements of Core are made of: Page.__table__.select()
		return queryOf(value.OfObj(value.Obj{Kind: value.ObjLibrary, Path: "sqlalchemy.Table"}), *model)
	}
	return nil
}

// rowsIn is what iterating over a query yields; nil when its model is not known.
func rowsIn(o *value.Obj) *value.Value {
	if id, ok := queryModel(o); ok {
		return rowOf(id)
	}
	return nil
}

// writeRow is what a callee wrote to the columns of a row that it was given.
func (b *binding) writeRow(to *value.Obj, o *object) {
	if !isRow(to) {
		return
	}
	for i := range o.cells {
		if c := &o.cells[i]; c.kind == cellAttr {
			b.f.setInst(to.Class, c.name, written(b.value(c.value)), instReach{})
		}
	}
}

// growsColumn notes what is put into the collection that a column of a row holds: page.comments.append({…}), page.notes["a"] = b.
// A collection of other rows is none: they have columns of their own.
func (f *frame) growsColumn(collection ir.Reg, items []arg) {
	def := f.answer(collection)
	if def == nil || def.Op != ir.OpAttr {
		return
	}
	owner := f.get(def.A)
	for i := range owner.Objs {
		o := &owner.Objs[i]
		if !isRow(o) || f.s.isNumeric(o.Class, def.Name, f.fn.ID) {
			continue
		}
		for _, a := range items {
			if a.v != nil && !slices.ContainsFunc(a.v.Objs, func(o value.Obj) bool { return o.Kind == value.ObjInstance || isRow(&o) }) {
				if kept := taintOnly(f.deep(a.v)); kept != nil {
					f.setInst(o.Class, def.Name, written(kept), instReach{})
				}
			}
		}
	}
}

// isModelClass: the value is a class of rows, or what the caller's own instance holds in its place.
func (f *frame) isModelClass(v *value.Value) bool {
	if v == nil {
		return false
	}
	classes, isAny := 0, v.AnyObj
	for i := range v.Objs {
		switch o := &v.Objs[i]; {
		case o.Kind == value.ObjClass && f.s.isModel(o.Class):
			classes++
		case o.Kind == value.ObjParam:
			isAny = false
		default:
			return false
		}
	}
	return classes > 0 && !isAny
}

// isCurrentUser: the path is that of the user who is signed in.
func isCurrentUser(path string) bool {
	return path == "flask_login.current_user" || path == "flask_security.current_user"
}

// userModel is the one model whose rows sign in.
func (s *solver) userModel() *ir.ClassID {
	var found []ir.ClassID
	for id := range s.prog.Classes {
		if !s.prog.Classes[id].Module.IsTest && s.isModel(ir.ClassID(id)) && s.signsIn(ir.ClassID(id)) {
			found = append(found, ir.ClassID(id))
		}
	}
	if len(found) != 1 {
		return nil
	}
	return &found[0]
}

func (s *solver) signsIn(id ir.ClassID) bool {
	for _, base := range s.externalBases(id) {
		if base == "flask_login.UserMixin" || base == "flask_security.UserMixin" {
			return true
		}
	}
	return false
}
