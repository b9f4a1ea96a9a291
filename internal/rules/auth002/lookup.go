package auth002

import (
	"regexp"
	"slices"
	"strings"

	"stopper/internal/effects"
	"stopper/internal/flask"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

type nodeID = ast.NodeID

// lookup is a place where a view, or what it calls, takes a row that the request names.
type lookup struct {
	of      *owned
	at      rule.Place
	anchor  ast.NodeID // the call in the view that leads there
	column  string
	byOwner bool
	account string // what of somebody's account is changed
}

// searcher goes from a view into what it hands words of the request to.
type searcher struct {
	pass  *rule.Pass
	model *model
	route flask.Route
	seen  map[ir.FuncID]bool
	out   []lookup
	rows  int // lookups that were judged
}

const (
	// maxSearched bounds the functions below one view, maxRows the lookups in them that are judged.
	maxSearched = 60
	maxRows     = 200
)

// lookups are the rows that a route's view takes by what the request names.
func lookups(p *rule.Pass, r flask.Route, m *model) []lookup {
	s := &searcher{pass: p, model: m, route: r, seen: map[ir.FuncID]bool{}}
	at, ok := p.PlaceIn(r.Handler, 0)
	if !ok || at.FuncKind() != ir.KindFunction {
		return nil
	}
	s.function(at, ofView(p, at, r).is, 0, lookupDepth)
	return s.out
}

// mayJudge counts the lookups below one view.
func (s *searcher) mayJudge() bool {
	if s.rows == maxRows {
		s.pass.Cut("lookups below one view", s.route.Handler)
		return false
	}
	s.rows++
	return true
}

func (s *searcher) function(at rule.Place, is func(ast.NodeID) bool, anchor ast.NodeID, depth int) {
	if s.seen[at.Func] {
		return
	}
	if len(s.seen) == maxSearched {
		s.pass.Cut("functions below one view", s.route.Handler)
		return
	}
	s.seen[at.Func] = true
	f, judged := at.Mod.File, map[ast.NodeID]bool{}
	at.InFunction(func(n ast.NodeID) {
		if f.Kind(n) != ast.Call {
			return
		}
		here := at
		here.Node = n
		a := anchor
		if a == 0 {
			a = n
		}
		if l, ok := s.row(here, is); ok && !judged[n] {
			l.anchor = a
			s.out = append(s.out, l)
		}
		if _, ok := queryOf(here, n); ok {
			for _, l := range linksOf(f, n) {
				judged[l.call] = true
			}
		}
		if depth > 0 {
			s.below(here, is, a, depth)
		}
	})
}

// below goes into the functions that a call hands something of the request to.
func (s *searcher) below(at rule.Place, is func(ast.NodeID) bool, anchor ast.NodeID, depth int) {
	c := s.model.callers
	args := at.Mod.File.ListB(at.Node)
	for _, to := range c.calleesAt(at.Func, at.Node) {
		callee, ok := s.pass.PlaceIn(to, 0)
		if !ok || s.seen[to] || callee.FuncKind() != ir.KindFunction {
			continue
		}
		named := map[string]bool{}
		for i, a := range args {
			n := ast.NodeID(a)
			if at.Mod.File.Kind(n) == ast.Keyword {
				n = at.Mod.File.SlotB(n)
			}
			if name := c.paramAt(at, at.Node, i, to); name != "" && is(n) {
				named[name] = true
			}
		}
		if len(named) == 0 {
			continue
		}
		s.function(callee, ofParams(callee, named).is, anchor, depth-1)
	}
}

// secretColumn are columns whose values nobody guesses: who has the link may follow it.
var secretColumn = regexp.MustCompile(`(?i)token|secret|hash|uuid|guid|code|nonce|signature|passw|api_?key|^key$`)

// shared in a condition says that some rows are for everybody.
var shared = regexp.MustCompile(`(?i)public|private|shared|visib|publish`)

// row judges one call: does it take a row of an owned class by what the request names, and by nothing else?
func (s *searcher) row(at rule.Place, is func(ast.NodeID) bool) (lookup, bool) {
	if st, ok := statementOf(at, at.Node); ok {
		return s.tableRow(at, st, is)
	}
	q, ok := queryOf(at, at.Node)
	if !ok {
		return lookup{}, false
	}
	id, isClass := at.Class(q.class)
	if !isClass {
		return lookup{}, false
	}
	o := s.model.classes[id]
	name := s.pass.Project.Prog.Class(id).Name
	if o == nil && !person.MatchString(name) {
		return lookup{}, false
	}
	f := at.Mod.File
	for _, n := range q.rest {
		if !isShort(f, n) || shared.MatchString(f.Text(n)) || s.model.isCaller(at, n) || o != nil && s.model.ownerIn(f, n) != "" {
			return lookup{}, false
		}
	}
	l := lookup{of: o, at: at}
	for _, c := range q.conds {
		switch {
		case shared.MatchString(c.column) || s.model.isCaller(at, c.value) && !is(c.value):
			return lookup{}, false
		case !is(c.value):
			if o != nil && o.has(c.column) {
				return lookup{}, false
			}
		case o != nil && o.has(c.column):
			l.byOwner, l.column = true, c.column
		case secretColumn.MatchString(c.column):
			return lookup{}, false
		case !l.byOwner && (c.column == "id" || c.column == "pk" || takesOne(q.last)):
			l.column = c.column
		}
	}
	if l.column == "" || !s.mayJudge() {
		return lookup{}, false
	}
	if o == nil {
		l.account = takesOver(at)
		return l, l.account != "" && !withoutAccount.MatchString(s.route.URL) && !withoutAccount.MatchString(s.route.Function)
	}
	return l, s.counts(l, q.last)
}

// counts: that rows are stamped with whoever made them says that others may not change them, no more.
func (s *searcher) counts(l lookup, last string) bool {
	if l.of.proof.Path == "" && s.claims(l) {
		return false
	}
	changes := last == "delete" || last == "update" || isChanged(l.at) || l.at.Func != s.route.Handler && s.route.IsUnsafe() && effects.Announces(s.route.Function) != ""
	switch {
	case l.of.proof.Path != "" && !l.byOwner:
		return true
	case l.byOwner:
		return (last == "delete" || last == "update") && (l.of.proof.Path != "" || l.of.stamp.Path != "")
	}
	return changes && l.of.stamp.Path != ""
}

// claims: the function that looks a row up makes whoever is calling its owner.
func (s *searcher) claims(l lookup) bool {
	f, row, found := l.at.Mod.File, rowName(l.at), false
	l.at.InFunction(func(n ast.NodeID) {
		if f.Kind(n) == ast.Assign && row != "" {
			t := ast.NodeID(f.ListA(n)[0])
			found = found || f.Kind(t) == ast.Attribute && l.of.has(f.IdentOf(t)) && f.IdentOf(f.SlotA(t)) == row
		}
	})
	return found
}

// tableRow is row for a statement of SQL.
func (s *searcher) tableRow(at rule.Place, st statement, is func(ast.NodeID) bool) (lookup, bool) {
	o := s.model.tables[st.table]
	if o == nil || len(st.columns) == 0 || st.verb == "insert" || st.verb == "replace" || shared.MatchString(st.text) || slices.ContainsFunc(st.columns, o.has) {
		return lookup{}, false
	}
	if slices.ContainsFunc(st.columns, secretColumn.MatchString) || !slices.ContainsFunc(st.args, is) || slices.ContainsFunc(st.args, func(a ast.NodeID) bool { return s.model.isCaller(at, a) && !is(a) }) {
		return lookup{}, false
	}
	i := slices.IndexFunc(st.columns, func(c string) bool { return c == "id" || strings.HasSuffix(c, "_id") || c == "rowid" })
	if i < 0 {
		return lookup{}, false
	}
	if !s.mayJudge() {
		return lookup{}, false
	}
	l := lookup{of: o, at: at, column: st.columns[i]}
	return l, s.counts(l, st.verb)
}

// rowName is the local name that the row of a lookup is assigned to.
func rowName(at rule.Place) string {
	f, name := at.Mod.File, ""
	at.InFunction(func(n ast.NodeID) {
		if f.Kind(n) != ast.Assign || name != "" {
			return
		}
		v, t := f.Node(f.SlotB(n)), f.ListA(n)
		if c := f.Node(at.Node); v.Start <= c.Start && c.End <= v.End && len(t) == 1 {
			name = f.IdentOf(ast.NodeID(t[0]))
		}
	})
	return name
}

// isChanged: the function that looks a row up changes or deletes it: note.text = …, session.delete(note), note.delete().
func isChanged(at rule.Place) bool {
	f, row, found := at.Mod.File, rowName(at), false
	if row == "" {
		return false
	}
	isRow := func(n ast.NodeID) bool { return f.Kind(n) == ast.Name && f.IdentOf(n) == row }
	at.InFunction(func(n ast.NodeID) {
		switch f.Kind(n) {
		case ast.Assign:
			for _, t := range f.ListA(n) {
				found = found || f.Kind(ast.NodeID(t)) == ast.Attribute && isRow(f.SlotA(ast.NodeID(t)))
			}
		case ast.Call:
			fn := f.SlotA(n)
			switch f.IdentOf(fn) {
			case "delete", "populate_obj", "setattr", "remove", "update", "delete_instance", "set", "save":
				found = found || f.Kind(fn) == ast.Attribute && isRow(f.SlotA(fn)) || slices.ContainsFunc(plainArgs(f, n), isRow)
			}
		}
	})
	return found
}

// credential are properties by which an account is taken over.
var credential = regexp.MustCompile(`(?i)^_?(set_|change_|update_)?(password|passwd|pw|email|e_mail|mail|role|is_admin|admin)(_?hash|_digest|_address)?$`)

// proves are functions to which one shows that an account is one's own: the old password, a code.
var proves = regexp.MustCompile(`(?i)(check|verify|valid|match|authenticate|compare|correct).*(pass|pw|hash|token|code|secret|credential|otp)|checkpw|(pass\w*|pw)_?(check|verify)|^authenticate`)

// takesOver is what of an account the function that looks it up changes: its password, its address. One that asks for the old
// password changes nobody else's.
func takesOver(at rule.Place) string {
	f, row, what, isProved := at.Mod.File, rowName(at), "", false
	if row == "" {
		return ""
	}
	at.InFunction(func(n ast.NodeID) {
		isProved = isProved || f.Kind(n) == ast.Call && proves.MatchString(f.IdentOf(f.SlotA(n)))
		if what != "" {
			return
		}
		var target ast.NodeID
		switch f.Kind(n) {
		case ast.Assign:
			target = ast.NodeID(f.ListA(n)[0])
		case ast.Call:
			target = f.SlotA(n)
			if name := f.IdentOf(target); !strings.HasPrefix(name, "set_") && !strings.HasPrefix(name, "change_") && !strings.HasPrefix(name, "update_") {
				return
			}
		default:
			return
		}
		if f.Kind(target) != ast.Attribute || f.Kind(f.SlotA(target)) != ast.Name || f.IdentOf(f.SlotA(target)) != row {
			return
		}
		if m := credential.FindStringSubmatch(f.IdentOf(target)); m != nil {
			what = m[2]
		}
	})
	if isProved {
		return ""
	}
	return what
}
