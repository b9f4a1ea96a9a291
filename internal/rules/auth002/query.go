package auth002

import (
	"regexp"
	"strings"

	"stopper/internal/project"
	"stopper/internal/python/ast"
	"stopper/internal/rule"
)

// query is a chain of calls that asks for rows of a class:
//
//	Note.query.filter_by(id=key).first(), db.session.get(Note, key), select(Note).where(Note.id == key), Note.get_by_id(key)
type query struct {
	class ast.NodeID // the expression that names it
	conds []condition
	last  string // the last method of the chain
	// rest are conditions that were not understood.
	rest []ast.NodeID
}

// condition is one column that has to equal a value.
type condition struct {
	column string
	value  ast.NodeID
}

// link is one call of a chain, from the left.
type link struct {
	name string
	call ast.NodeID
}

// chain takes a.b(...).c(...) apart: what it begins with, and its calls.
func chain(f *ast.File, call ast.NodeID) (root ast.NodeID, links []link) {
	n := call
	for f.Kind(n) == ast.Call && len(links) < maxChain {
		fn := f.SlotA(n)
		links = append(links, link{f.IdentOf(fn), n})
		if f.Kind(fn) != ast.Attribute {
			n = 0
			break
		}
		n = f.SlotA(fn)
	}
	for i, j := 0, len(links)-1; i < j; i, j = i+1, j-1 {
		links[i], links[j] = links[j], links[i]
	}
	return n, links
}

func linksOf(f *ast.File, call ast.NodeID) []link {
	_, links := chain(f, call)
	return links
}

// maxChain bounds the calls of one chain.
const maxChain = 40

// queryOf reads a chain of calls as a query; false for anything else.
func queryOf(at rule.Place, call ast.NodeID) (query, bool) {
	f := at.Mod.File
	root, links := chain(f, call)
	if len(links) == 0 {
		return query{}, false
	}
	q := query{last: links[len(links)-1].name}
	first, args := links[0], plainArgs(f, links[0].call)
	switch {
	case root != 0 && f.Kind(root) == ast.Attribute && (f.IdentOf(root) == "query" || f.IdentOf(root) == "objects"):
		q.class = f.SlotA(root)
	case (first.name == "query" || first.name == "select") && len(args) > 0 && isNamed(f, args[0]):
		q.class = args[0]
		links = links[1:]
	case isGet(first.name) && len(args) > 1 && isNamed(f, args[0]) && root != 0:
		q.class = args[0]
		q.conds = append(q.conds, condition{"id", args[1]})
		links = links[1:]
	case root != 0 && isNamed(f, root) && isCapital(f.IdentOf(root)):
		q.class = root
	default:
		return query{}, false
	}
	for _, l := range links {
		q.add(at, l)
	}
	return q, true
}

// add takes what one call of the chain asks for.
func (q *query) add(at rule.Place, l link) {
	f := at.Mod.File
	switch {
	case isGet(l.name):
		if args := plainArgs(f, l.call); len(args) == 1 && f.Kind(args[0]) != ast.Compare {
			q.conds = append(q.conds, condition{"id", args[0]})
			break
		}
		fallthrough
	case l.name == "filter" || l.name == "where" || l.name == "filter_by" || l.name == "objects" || l.name == "first" || l.name == "find_one" || l.name == "one":
		for _, a := range f.ListB(l.call) {
			q.condition(at, ast.NodeID(a))
		}
	}
}

// condition takes one argument of filter, where, filter_by or get.
func (q *query) condition(at rule.Place, n ast.NodeID) {
	f := at.Mod.File
	switch f.Kind(n) {
	case ast.Keyword:
		q.conds = append(q.conds, condition{strings.TrimSuffix(f.IdentOf(n), "__exact"), f.SlotB(n)})
		return
	case ast.BoolOp:
		for _, v := range f.ListA(n) {
			q.condition(at, ast.NodeID(v))
		}
		return
	case ast.BinOp:
		if f.Node(n).Op == ast.BitAnd {
			q.condition(at, f.SlotA(n))
			q.condition(at, f.SlotB(n))
			return
		}
	case ast.Call:
		if f.IdentOf(f.SlotA(n)) == "and_" {
			for _, a := range f.ListB(n) {
				q.condition(at, ast.NodeID(a))
			}
			return
		}
	case ast.Compare:
		if pairs := f.ListB(n); len(pairs) == 2 && ast.Op(pairs[0]) == ast.Eq {
			left, right := f.SlotA(n), ast.NodeID(pairs[1])
			if f.Kind(left) != ast.Attribute || !isCapital(f.IdentOf(f.SlotA(left))) {
				left, right = right, left
			}
			if f.Kind(left) == ast.Attribute {
				q.conds = append(q.conds, condition{f.IdentOf(left), right})
				return
			}
		}
	}
	q.rest = append(q.rest, n)
}

// plainArgs are the positional arguments of a call.
func plainArgs(f *ast.File, call ast.NodeID) []ast.NodeID {
	var out []ast.NodeID
	for _, a := range f.ListB(call) {
		if k := f.Kind(ast.NodeID(a)); k != ast.Keyword && k != ast.Starred {
			out = append(out, ast.NodeID(a))
		}
	}
	return out
}

func isNamed(f *ast.File, n ast.NodeID) bool {
	k := f.Kind(n)
	return k == ast.Name || k == ast.Attribute
}

func isCapital(name string) bool { return name != "" && name[0] >= 'A' && name[0] <= 'Z' }

// isGet: a method that takes one row by its key.
func isGet(name string) bool {
	switch name {
	case "get", "get_or_404", "get_or_none", "get_by_id", "get_one", "get_or_abort":
		return true
	}
	return false
}

// takesOne: a query that ends so takes, changes or deletes what its conditions name.
func takesOne(last string) bool {
	switch last {
	case "first", "first_or_404", "one", "one_or_none", "one_or_404", "scalar", "scalar_one", "scalar_one_or_none", "delete", "update", "find_one", "execute":
		return true
	}
	return isGet(last)
}

// statement is a call that runs a statement of SQL.
type statement struct {
	verb, table string
	text        string
	columns     []string // that it compares with values, in order
	args        []ast.NodeID
}

var (
	sqlTable  = regexp.MustCompile("(?is)\\b(from|update|insert\\s+(?:or\\s+\\w+\\s+)?into|replace\\s+into)\\s+[\"'`\\[]?(\\w+)")
	sqlVerb   = regexp.MustCompile(`(?is)^\s*[fbr]*["'(\s]*(select|update|delete|insert|replace)\b`)
	sqlWhere  = regexp.MustCompile(`(?i)\bwhere\b`)
	sqlEquals = regexp.MustCompile("(?is)(\\w+)[\"`\\]]?\\s*=\\s*(\\?|%s|:\\w+|%\\(\\w+\\)s|\\$\\d+|'?\\{[^}]*\\}'?)")
)

// maxSQL bounds the text of a statement that is read.
const maxSQL = 4000

// statementOf reads a call as one that runs SQL: execute("SELECT … WHERE id = ?", (key,)).
func statementOf(at rule.Place, call ast.NodeID) (statement, bool) {
	f := at.Mod.File
	fn := f.SlotA(call)
	if !runsSQL(project.Name{Ident: f.IdentOf(fn)}) {
		return statement{}, false
	}
	args := plainArgs(f, call)
	if len(args) == 0 {
		return statement{}, false
	}
	text := sqlText(at, args[0])
	verb, table := sqlVerb.FindStringSubmatch(text), sqlTable.FindStringSubmatch(text)
	if verb == nil || table == nil {
		return statement{}, false
	}
	s := statement{verb: strings.ToLower(verb[1]), table: strings.ToLower(table[2]), text: text, args: args}
	if i := sqlWhere.FindStringIndex(text); i != nil {
		for _, m := range sqlEquals.FindAllStringSubmatch(text[i[1]:], -1) {
			s.columns = append(s.columns, strings.ToLower(m[1]))
		}
	}
	return s, true
}

// runsSQL wants calls that may run a statement.
func runsSQL(n project.Name) bool {
	switch n.Ident {
	case "execute", "query_db", "fetchone", "fetch_one", "fetchall", "query", "run", "executemany":
		return true
	}
	return false
}

// sqlText is the source of a statement: what stands there, or what the function assigned to the name.
func sqlText(at rule.Place, n ast.NodeID) string {
	f := at.Mod.File
	if f.Kind(n) == ast.Call && len(f.ListB(n)) > 0 { // text("…")
		n = ast.NodeID(f.ListB(n)[0])
	}
	if f.Kind(n) == ast.Name {
		if v := at.Assigned(f.IdentOf(n)); len(v) == 1 {
			n = v[0]
		}
	}
	switch f.Kind(n) {
	case ast.Constant, ast.JoinedStr, ast.BinOp, ast.Call:
	default:
		return ""
	}
	if node := f.Node(n); node.End-node.Start > maxSQL {
		return ""
	}
	return f.Text(n)
}
