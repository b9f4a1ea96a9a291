package auth002

import (
	"regexp"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/ir"
	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// owned is a class of database rows, or a table, whose rows belong to somebody.
type owned struct {
	name    string
	columns []string // that name the owner: user_id
	// proof is a place that asks for rows by their owner, or compares the owner with whoever is calling; stamp one that writes
	// whoever is calling into a new row, which others may read all the same. Without either, nothing shows that the rows are
	// somebody's.
	proof, stamp finding.Location
}

func (o *owned) has(column string) bool { return slices.Contains(o.columns, column) }

func (o *owned) addColumn(column string) {
	if !o.has(column) && len(o.columns) < maxColumns {
		o.columns = append(o.columns, column)
	}
}

// maxColumns bounds the columns of one class that may name its owner.
const maxColumns = 8

// model is what is known of the rows of a program.
type model struct {
	pass    *rule.Pass
	callers *callers
	classes map[ir.ClassID]*owned
	tables  map[string]*owned
	// byColumn are both, by the columns that may name an owner.
	byColumn map[string][]*owned
	names    map[string]bool // of the classes
	// givers are the functions that are given whoever is calling, by the name of the parameter.
	givers map[string][]giver
}

// toPerson is the foreign key, or the relationship, of a column that names a person.
var toPerson = regexp.MustCompile(`(?i)(ForeignKey|relationship|relation|ForeignKeyField|ReferenceField|LazyReferenceField|Required|Many2One)\(\s*['"]?(\w+\.)?\w*(user|account|member|customer|person|people|profile)\w*`)

// ownerName are columns that name an owner whatever they refer to.
var ownerName = regexp.MustCompile(`^(user|owner|author|account|member|customer|creator|created_by|uploaded_by|posted_by)(_?u?id|_?name|_username|_email)?$`)

// ownerWord finds such a column in a statement of SQL.
var ownerWord = regexp.MustCompile(`(?i)\b(user|owner|author|account|member|customer|creator|created_by|uploaded_by|posted_by)(_?id|_?name)\b`)

// notOwner are columns that name a person who does not own the row: who may read it all the same.
var notOwner = regexp.MustCompile(`(?i)(reviewer|approver|assignee|editor|updated|modified|deleted|reported|banned|target|recipient|sender|referrer|parent)`)

// modelOf reads the classes and tables with a column for their owner that something in the program goes by.
func modelOf(p *rule.Pass, c *callers) *model {
	m := &model{p, c, map[ir.ClassID]*owned{}, map[string]*owned{}, map[string][]*owned{}, map[string]bool{}, map[string][]giver{}}
	m.readClasses()
	m.readTables()
	if len(m.byColumn) > 0 {
		m.prove()
	}
	return m
}

// makesColumns: a file has a name by which columns are made.
func makesColumns(f *ast.File) bool {
	return slices.ContainsFunc(f.Names, func(name string) bool {
		switch name {
		case "ForeignKey", "Column", "mapped_column", "ForeignKeyField", "ReferenceField", "relationship", "Required", "StringField", "IntegerField", "CharField":
			return true
		}
		return false
	})
}

func (m *model) readClasses() {
	var file *ast.File
	hasColumns := false
	m.pass.Named(rule.Into(ast.Name), func(at rule.Place) {
		f := at.Mod.File
		if f != file {
			file, hasColumns = f, makesColumns(f)
		}
		if !hasColumns || at.FuncKind() != ir.KindClassBody {
			return
		}
		name, v := assignedName(f, at.Node)
		if v == 0 || f.Kind(v) != ast.Call {
			return
		}
		if !notOwner.MatchString(name) && (ownerName.MatchString(name) || isShort(f, v) && toPerson.MatchString(f.Text(v))) {
			m.ownClass(at, name)
		}
	}, ast.Assign, ast.AnnAssign)
}

// maxCompare bounds the text of an expression that is looked at.
const maxCompare = 300

func isShort(f *ast.File, n ast.NodeID) bool {
	node := f.Node(n)
	return node.End-node.Start < maxCompare
}

func (m *model) ownClass(at rule.Place, column string) {
	class, ok := classOfBody(m.pass, at.Func)
	if !ok {
		return
	}
	name := m.pass.Project.Prog.Class(class).Name
	if person.MatchString(name) {
		return
	}
	o := m.classes[class]
	if o == nil {
		o = &owned{name: name}
		m.classes[class] = o
		m.names[name] = true
	}
	if !o.has(column) {
		o.addColumn(column)
		m.byColumn[column] = append(m.byColumn[column], o)
	}
}

// classOfBody is the class whose body a function is.
func classOfBody(p *rule.Pass, id ir.FuncID) (ir.ClassID, bool) {
	mod, _ := p.Project.Prog.Where(id)
	info := p.Project.Prog.Info(mod)
	for i := range info.Classes {
		if p.Project.Prog.FuncID(mod, info.Classes[i].Body) == id {
			return p.Project.Prog.ClassID(mod, uint32(i)), true
		}
	}
	return ir.NoClass, false
}

func (m *model) readTables() {
	m.pass.Named(runsSQL, func(at rule.Place) {
		s, ok := statementOf(at, at.Node)
		if !ok || person.MatchString(s.table) {
			return
		}
		for _, w := range ownerWord.FindAllString(s.text, maxColumns) {
			column := strings.ToLower(w)
			o := m.tables[s.table]
			if o == nil {
				o = &owned{name: s.table}
				m.tables[s.table] = o
			}
			if !notOwner.MatchString(column) && !o.has(column) {
				o.addColumn(column)
				m.byColumn[column] = append(m.byColumn[column], o)
			}
		}
	}, ast.Call)
}

// prove looks for what goes by an owner and whoever is calling: filter_by(user_id=current_user.id), note.user_id !=
// current_user.id, "… WHERE user_id = ?", and for rows that are stamped: Note(user_id=current_user.id).
func (m *model) prove() {
	wants := func(n project.Name) bool {
		return n.Ident == "" || m.names[n.Ident] || m.byColumn[n.Ident] != nil || asksForRows(n.Ident) || runsSQL(n)
	}
	m.pass.Named(wants, func(at rule.Place) {
		switch at.Mod.File.Kind(at.Node) {
		case ast.Call:
			m.proveCall(at)
		case ast.Compare:
			m.proveCompare(at)
		case ast.Assign:
			m.proveStamp(at)
		}
	}, ast.Call, ast.Compare, ast.Assign)
}

// asksForRows: a call of that name may state conditions.
func asksForRows(name string) bool {
	return isGet(name) || name == "filter_by" || name == "filter" || name == "where" || name == "objects" || name == "find_one" || name == "select"
}

func (m *model) proveCall(at rule.Place) {
	f := at.Mod.File
	if s, ok := statementOf(at, at.Node); ok {
		m.proveSQL(at, s)
		return
	}
	if class, ok := at.Class(f.SlotA(at.Node)); ok && m.classes[class] != nil {
		o := m.classes[class]
		for _, a := range f.ListB(at.Node) {
			if n := ast.NodeID(a); f.Kind(n) == ast.Keyword && o.has(f.IdentOf(n)) && m.isCaller(at, f.SlotB(n)) {
				m.note(&o.stamp, at, "writes whoever is calling into "+f.IdentOf(n))
			}
		}
		return
	}
	q, ok := queryOf(at, at.Node)
	if !ok {
		return
	}
	o := m.ofClass(at, q.class)
	if o == nil {
		return
	}
	for _, c := range q.conds {
		if o.has(c.column) && m.isCaller(at, c.value) {
			m.note(&o.proof, at, "goes by "+c.column+" and whoever is calling")
		}
	}
}

func (m *model) ofClass(at rule.Place, n ast.NodeID) *owned {
	if id, ok := at.Class(n); ok {
		return m.classes[id]
	}
	return nil
}

func (m *model) proveSQL(at rule.Place, s statement) {
	o := m.tables[s.table]
	if o == nil || !slices.ContainsFunc(s.args, func(a ast.NodeID) bool { return m.isCaller(at, a) }) {
		return
	}
	i := slices.IndexFunc(s.columns, o.has)
	switch {
	case i >= 0:
		m.note(&o.proof, at, "goes by "+s.columns[i]+" and whoever is calling")
	case s.verb == "insert" || s.verb == "replace":
		m.note(&o.stamp, at, "writes whoever is calling into the row")
	}
}

func (m *model) proveCompare(at rule.Place) {
	f := at.Mod.File
	if !isShort(f, at.Node) {
		return
	}
	column := m.ownerIn(f, at.Node)
	if column == "" || !m.isCaller(at, at.Node) {
		return
	}
	for _, o := range m.byColumn[column] {
		if o.proof.Path == "" && (len(m.byColumn[column]) == 1 || speaksOf(at, o.name)) {
			m.note(&o.proof, at, "goes by "+column+" and whoever is calling")
		}
	}
}

func (m *model) proveStamp(at rule.Place) {
	f := at.Mod.File
	targets := f.ListA(at.Node)
	if len(targets) != 1 || f.Kind(ast.NodeID(targets[0])) != ast.Attribute {
		return
	}
	column := f.IdentOf(ast.NodeID(targets[0]))
	if len(m.byColumn[column]) == 0 || !m.isCaller(at, f.SlotB(at.Node)) {
		return
	}
	for _, o := range m.byColumn[column] {
		if speaksOf(at, o.name) {
			m.note(&o.stamp, at, "writes whoever is calling into "+column)
		}
	}
}

func (m *model) note(where *finding.Location, at rule.Place, what string) {
	if where.Path == "" {
		*where = finding.Location{Path: at.Mod.Source.Path, Span: at.Mod.File.Span(at.Node), Note: what}
	}
}

// isCaller: an expression is whoever is calling, be it as a parameter that a caller of the function fills with that.
func (m *model) isCaller(at rule.Place, n ast.NodeID) bool {
	if m.callers.isCaller(at, n) {
		return true
	}
	for i, name := range paramsOf(m.pass, at) {
		if isName(at, name)(n) && m.passed(at, i, name) {
			return true
		}
	}
	return false
}

// maxPassers bounds how many calls of a function are looked at.
const maxPassers = 30

func (m *model) passed(at rule.Place, i int, name string) bool {
	params := paramsOf(m.pass, at)
	for k, e := range m.pass.Project.Flow.Callers(at.Func) {
		if k == maxPassers {
			m.pass.Cut("calls of one function that pass who is calling", at.Func)
			return false
		}
		from, ok := m.pass.PlaceIn(e.From, e.Node)
		if !ok || from.Mod.File.Kind(e.Node) != ast.Call {
			continue
		}
		f := from.Mod.File
		arg := f.KeywordArg(e.Node, name)
		if args := plainArgs(f, e.Node); arg == 0 {
			j := i
			if params[0] == "self" || params[0] == "cls" {
				j--
			}
			if j < 0 || j >= len(args) {
				continue
			}
			arg = args[j]
		}
		if m.callers.isCaller(from, arg) {
			return true
		}
	}
	return false
}

// ownerIn is the column of an owner that an expression reads: note.user_id, row["user_id"].
func (m *model) ownerIn(f *ast.File, root ast.NodeID) (column string) {
	f.Walk(root, func(n ast.NodeID) bool {
		name := ""
		switch f.Kind(n) {
		case ast.Attribute:
			name = f.IdentOf(n)
		case ast.Subscript:
			name, _ = f.Str(f.SlotB(n))
		}
		if name != "" && m.byColumn[name] != nil {
			column = name
		}
		return column == ""
	})
	return column
}

// speaksOf reports whether the function of a place names a class.
func speaksOf(at rule.Place, class string) bool {
	found := false
	at.InFunction(func(n ast.NodeID) {
		f := at.Mod.File
		if k := f.Kind(n); k == ast.Name || k == ast.Attribute {
			found = found || f.IdentOf(n) == class
		}
	})
	return found
}
