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

// owned is a class of database rows that belong to somebody.
type owned struct {
	class  ir.ClassID
	name   string
	column string // that names the owner: user_id
	// proof is a place that asks for rows of the class by their owner, or compares the owner with whoever is calling. Without
	// one, nothing shows that the rows are for their owner alone.
	proof finding.Location
}

// toPerson is the foreign key of a column that names a person.
var toPerson = regexp.MustCompile(`(?i)ForeignKey\(\s*['"]?(\w+\.)?\w*(user|account|member|customer|person|people|profile)\w*`)

// notOwner are columns that name a person who does not own the row: who may read it all the same.
var notOwner = regexp.MustCompile(`(?i)(reviewer|approver|assignee|editor|updated|modified|deleted|reported|banned|target|recipient|sender|referrer|parent)`)

// ownedClasses are the classes with a column for their owner that something in the program goes by.
func ownedClasses(p *rule.Pass) map[ir.ClassID]*owned {
	byColumn := map[string][]*owned{}
	var file *ast.File
	hasKeys := false
	p.Named(rule.Into(ast.Name), func(at rule.Place) {
		f := at.Mod.File
		if f != file {
			file, hasKeys = f, namesForeignKey(f)
		}
		if !hasKeys || at.FuncKind() != ir.KindClassBody {
			return
		}
		target, v := f.SlotA(at.Node), f.SlotC(at.Node)
		if f.Kind(at.Node) == ast.Assign {
			targets := f.ListA(at.Node)
			if len(targets) != 1 {
				return
			}
			target, v = ast.NodeID(targets[0]), f.SlotB(at.Node)
		}
		if f.Kind(target) != ast.Name || v == 0 || f.Kind(v) != ast.Call || !toPerson.MatchString(f.Text(v)) || notOwner.MatchString(f.IdentOf(target)) {
			return
		}
		class := p.Project.Prog.ClassOf(at.Func)
		if c, ok := classOfBody(p, at.Func); ok {
			class = c
		}
		if class == ir.NoClass {
			return
		}
		o := &owned{class: class, name: p.Project.Prog.Class(class).Name, column: f.IdentOf(target)}
		byColumn[o.column] = append(byColumn[o.column], o)
	}, ast.Assign, ast.AnnAssign)
	prove(p, byColumn)
	out := map[ir.ClassID]*owned{}
	for _, list := range byColumn {
		for _, o := range list {
			if o.proof.Path != "" && (out[o.class] == nil || o.column < out[o.class].column) {
				out[o.class] = o
			}
		}
	}
	return out
}

// namesForeignKey: a file uses the name, in whatever case.
func namesForeignKey(f *ast.File) bool {
	return slices.ContainsFunc(f.Names, func(name string) bool { return strings.EqualFold(name, "ForeignKey") })
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

// identity are the words by which a program speaks of whoever is calling.
var identity = regexp.MustCompile(`\b(current_user|current_identity|g\.user|g\.current_user|get_jwt_identity|get_current_user|session\[|session\.get|auth\.current_user|request\.user)\b`)

// prove looks for filter_by(user_id=current_user.id), Note.user_id == current_user.id and note.user_id != current_user.id in
// functions that speak of the class.
func prove(p *rule.Pass, byColumn map[string][]*owned) {
	if len(byColumn) == 0 {
		return
	}
	p.Named(func(n project.Name) bool { return n.Ident == "" || byColumn[n.Ident] != nil }, func(at rule.Place) {
		f := at.Mod.File
		column := ""
		switch f.Kind(at.Node) {
		case ast.Keyword:
			if name := f.IdentOf(at.Node); identity.MatchString(f.Text(f.SlotB(at.Node))) {
				column = name
			}
		case ast.Compare:
			text := f.Text(at.Node)
			if len(text) >= maxCompare {
				return
			}
			if column = ownerIn(f, at.Node, byColumn); column == "" || !identity.MatchString(text) {
				return
			}
		}
		for _, o := range byColumn[column] {
			if o.proof.Path == "" && speaksOf(p, at, o.name) {
				o.proof = finding.Location{Path: at.Mod.Source.Path, Span: f.Span(at.Node), Note: "goes by " + o.column + " and whoever is calling"}
			}
		}
	}, ast.Keyword, ast.Compare)
}

// maxCompare bounds the text of a comparison that is looked at.
const maxCompare = 300

func ownerIn(f *ast.File, root ast.NodeID, byColumn map[string][]*owned) (column string) {
	f.Walk(root, func(n ast.NodeID) bool {
		if f.Kind(n) == ast.Attribute && byColumn[f.IdentOf(n)] != nil {
			column = f.IdentOf(n)
		}
		return column == ""
	})
	return column
}

// speaksOf reports whether the function of a place names a class.
func speaksOf(p *rule.Pass, at rule.Place, class string) bool {
	found := false
	at.InFunction(func(n ast.NodeID) {
		f := at.Mod.File
		if k := f.Kind(n); k == ast.Name || k == ast.Attribute {
			found = found || f.IdentOf(n) == class
		}
	})
	return found
}
