package auth003

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

var (
	// plainName is what a column or a variable of a password is called that nothing was made of.
	plainName = regexp.MustCompile(`(?i)^((user|login|account|input|entered|typed|given|provided|submitted|form|new|raw|plain(text)?)_?)?(password|passwd|passwrd|pwd|pword|passphrase)$`)
	// asksRows is how rows of users come out of a database.
	asksRows = regexp.MustCompile(`(?i)\.query\b|\.filter(_by)?\(|\.first\(|\.one\(|\.one_or_none\(|\.scalar|\bselect\(|\.find_one\(|\.objects\b|fetchone\(|fetchall\(|query_db\(|get_user|find_user|user_by`)
	// comparedInSQL: a column of that name is compared with, or set to, a value, or is one of those that a row is inserted with.
	comparedInSQL = regexp.MustCompile(`(?is)(select|update)\b.*\b(password|passwd|pwd|pass)\s*=\s*\\?['"]?\s*(\?|%s|%\(|:\w|\{|\$\d|['"]+\s*\+|['"]+\s*%)|insert\s+into\b[^()]*\([^)]*\b(password|passwd|pwd|pass)\b`)
	hashWords     = regexp.MustCompile(`(?i)hash|crypt|argon|pbkdf|digest|PasswordType|make_password`)
)

// plainPassword reports passwords that are kept as they were typed: the program compares them with ==, asks the database for a row
// that holds them, or stores them so. There is one finding of them, which lists the places. The functions that compare are given back.
func plainPassword(p *rule.Pass) map[ir.FuncID]bool {
	var found *finding.Finding
	told, compares := map[ir.FuncID]bool{}, map[ir.FuncID]bool{}
	report := func(at rule.Place, says string) {
		if told[at.Func] {
			return
		}
		told[at.Func] = true
		r := at.Report("plain-password")
		if found == nil {
			r.Message = says
			found = r
			return
		}
		found.Related = append(found.Related, finding.Location{Path: r.Path, Span: r.Span, Note: "and here"})
	}
	p.Nodes(func(at rule.Place) {
		if c := (clear{p, at}); c.isCompared() {
			compares[at.Func] = true
			report(at, "the password that somebody typed is compared with the stored one as it is, so it is stored in the clear")
		}
	}, ast.Compare)
	p.Named(rule.Ident("execute", "query_db", "filter_by", "find_one"), func(at rule.Place) {
		if c := (clear{p, at}); c.isAskedFor() {
			compares[at.Func] = true
			report(at, "the database is asked with the password as it was typed, so it is stored in the clear")
		}
	}, ast.Call)
	p.Named(isModelName, func(at rule.Place) {
		if c := (clear{p, at}); c.isStored() {
			report(at, "a user is stored with the password as it was typed")
		}
	}, ast.Call)
	if found != nil {
		p.Report(found)
	}
	return compares
}

// isModelName wants calls of what is called like a class.
func isModelName(n project.Name) bool {
	return n.Ident != "" && n.Ident[0] >= 'A' && n.Ident[0] <= 'Z'
}

// clear looks at one place for a password that nothing was made of.
type clear struct {
	p  *rule.Pass
	at rule.Place
}

// isCompared: user.password == request.form["password"], or the same in a method of the model that is passed the password.
func (c clear) isCompared() bool {
	f := c.at.Mod.File
	words := f.ListB(c.at.Node)
	if len(words) != 2 || ast.Op(words[0]) != ast.Eq && ast.Op(words[0]) != ast.NotEq {
		return false
	}
	a, b := f.SlotA(c.at.Node), ast.NodeID(words[1])
	return c.isKept(a) && c.isTyped(b, 0) || c.isKept(b) && c.isTyped(a, 0)
}

// isAskedFor: filter_by(password=…), find_one({"password": …}), execute("… WHERE password = ?", …).
func (c clear) isAskedFor() bool {
	f := c.at.Mod.File
	args, name := f.ListB(c.at.Node), f.IdentOf(f.SlotA(c.at.Node))
	switch {
	case name == "filter_by":
		return slices.ContainsFunc(args, func(a uint32) bool {
			id := ast.NodeID(a)
			return f.Kind(id) == ast.Keyword && plainName.MatchString(f.IdentOf(id)) && c.isTyped(f.SlotB(id), 0)
		})
	case len(args) == 0:
		return false
	case name == "find_one":
		return c.holdsKey(ast.NodeID(args[0]))
	}
	return slices.ContainsFunc(c.textsOf(ast.NodeID(args[0])), func(sql ast.NodeID) bool {
		return comparedInSQL.MatchString(f.Text(sql)) &&
			(c.holdsTyped(sql) || slices.ContainsFunc(args[1:], func(a uint32) bool { return c.holdsTyped(ast.NodeID(a)) }))
	})
}

// isStored: User(password=request.form["password"]), of a model that has such a column and makes nothing of it.
func (c clear) isStored() bool {
	f := c.at.Mod.File
	id, ok := c.at.Class(f.SlotA(c.at.Node))
	if !ok {
		return false
	}
	for _, a := range f.ListB(c.at.Node) {
		n := ast.NodeID(a)
		if f.Kind(n) == ast.Keyword && plainName.MatchString(f.IdentOf(n)) && c.isTyped(f.SlotB(n), 0) && c.isColumn(id, f.IdentOf(n)) {
			return !c.makesHashes(id)
		}
	}
	return false
}

// isKept: what the program stored as a password: an attribute of a row, or an entry of it.
func (c clear) isKept(n ast.NodeID) bool {
	f := c.at.Mod.File
	var base ast.NodeID
	switch f.Kind(n) {
	case ast.Attribute:
		if !plainName.MatchString(f.IdentOf(n)) {
			return false
		}
		base = f.SlotA(n)
		if id, ok := c.at.Class(base); ok {
			return c.isColumn(id, f.IdentOf(n))
		}
	case ast.Subscript:
		if key, ok := f.Str(f.SlotB(n)); !ok || !plainName.MatchString(key) {
			return false
		}
		base = f.SlotA(n)
	default:
		return false
	}
	if f.Kind(base) != ast.Name {
		return false
	}
	if f.IdentOf(base) == "self" {
		fn := c.p.Project.Flow.Func(c.at.Func)
		return fn != nil && fn.Class != ir.NoClass && c.isColumn(fn.Class, f.IdentOf(n))
	}
	from := c.at.Assigned(f.IdentOf(base))
	return len(from) > 0 && !slices.ContainsFunc(from, func(v ast.NodeID) bool { return !asksRows.MatchString(f.Text(v)) })
}

// isTyped: the password as the request brings it. A local name is, when all that is assigned to it is; a parameter where the
// function verifies passwords.
func (c clear) isTyped(n ast.NodeID, depth int) bool {
	f := c.at.Mod.File
	if n == 0 || depth > maxHops {
		return false
	}
	if key, ok := requestKey(c.at, n); ok {
		return plainName.MatchString(key)
	}
	switch f.Kind(n) {
	case ast.Name:
		name := f.IdentOf(n)
		from := c.at.Assigned(name)
		if len(from) == 0 {
			return plainName.MatchString(name) && c.isPassed(name)
		}
		from = slices.DeleteFunc(from, func(v ast.NodeID) bool { return f.Kind(v) == ast.Constant }) // until something is typed
		return len(from) > 0 && !slices.ContainsFunc(from, func(v ast.NodeID) bool { return !c.isTyped(v, depth+1) })
	case ast.Attribute: // form.password.data
		return f.IdentOf(n) == "data" && f.Kind(f.SlotA(n)) == ast.Attribute && plainName.MatchString(f.IdentOf(f.SlotA(n))) && f.Kind(f.SlotA(f.SlotA(n))) == ast.Name
	case ast.Subscript:
		key, ok := f.Str(f.SlotB(n))
		return ok && plainName.MatchString(key) && c.isBody(f.SlotA(n))
	case ast.Call:
		fn := f.SlotA(n)
		if f.Kind(fn) != ast.Attribute {
			return false
		}
		switch f.IdentOf(fn) {
		case "strip":
			return c.isTyped(f.SlotA(fn), depth+1)
		case "get":
			key, ok := f.Str(first(f, n))
			return ok && plainName.MatchString(key) && c.isBody(f.SlotA(fn))
		}
	}
	return false
}

// maxHops bounds the local names that a password is followed through.
const maxHops = 3

// isPassed: a parameter of a function whose name says that it verifies.
func (c clear) isPassed(name string) bool {
	fn := c.p.Project.Flow.Func(c.at.Func)
	if fn == nil || !verifies.MatchString(fn.Name) {
		return false
	}
	return slices.ContainsFunc(fn.Params, func(q ir.Param) bool { return q.Name == name })
}

var verifies = regexp.MustCompile(`(?i)check|verify|valid|auth|login|log_in|sign_?in`)

// isBody: the name holds the body or the form of the request.
func (c clear) isBody(n ast.NodeID) bool {
	f := c.at.Mod.File
	if f.Kind(n) != ast.Name {
		return strings.HasPrefix(c.at.Path(n), "flask.request.")
	}
	from := c.at.Assigned(f.IdentOf(n))
	return len(from) > 0 && !slices.ContainsFunc(from, func(v ast.NodeID) bool {
		if f.Kind(v) == ast.Call {
			v = f.SlotA(v)
		}
		return !strings.HasPrefix(c.at.Path(v), "flask.request.")
	})
}

// textsOf are the expressions of a statement's text: the argument itself, or what is assigned to its name.
func (c clear) textsOf(n ast.NodeID) []ast.NodeID {
	f := c.at.Mod.File
	if f.Kind(n) == ast.Call && len(f.ListB(n)) > 0 && f.Kind(f.SlotA(n)) == ast.Name && f.IdentOf(f.SlotA(n)) == "text" { // SQLAlchemy's
		n = first(f, n)
	}
	if f.Kind(n) != ast.Name {
		return []ast.NodeID{n}
	}
	return c.at.Assigned(f.IdentOf(n))
}

// holdsTyped: the password stands in an expression, not in a call that makes something of it.
func (c clear) holdsTyped(root ast.NodeID) bool {
	f, found := c.at.Mod.File, false
	f.Walk(root, func(n ast.NodeID) bool {
		found = found || c.isTyped(n, 0)
		isFormat := f.Kind(n) == ast.Call && f.Kind(f.SlotA(n)) == ast.Attribute && f.IdentOf(f.SlotA(n)) == "format"
		return !found && (f.Kind(n) != ast.Call || isFormat)
	})
	return found
}

// holdsKey: {"password": …} as a question to a document store.
func (c clear) holdsKey(n ast.NodeID) bool {
	f := c.at.Mod.File
	if f.Kind(n) != ast.Dict {
		return false
	}
	items := f.ListA(n)
	for i := 0; i+1 < len(items); i += 2 {
		if key, ok := f.Str(ast.NodeID(items[i])); items[i] != 0 && ok && plainName.MatchString(key) && c.isTyped(ast.NodeID(items[i+1]), 0) {
			return true
		}
	}
	return false
}

// isColumn: the class says `password = Column(…)`, or the like of another mapper.
func (c clear) isColumn(id ir.ClassID, name string) bool {
	prog := c.p.Project.Prog
	if int(id) < 0 || int(id) >= len(prog.Classes) {
		return false
	}
	class := prog.Classes[id]
	f := class.Module.File
	for _, st := range f.Body(class.Node) {
		n := ast.NodeID(st)
		var target, v ast.NodeID
		switch f.Kind(n) {
		case ast.Assign:
			if targets := f.ListA(n); len(targets) == 1 {
				target, v = ast.NodeID(targets[0]), f.SlotB(n)
			}
		case ast.AnnAssign:
			target, v = f.SlotA(n), f.SlotC(n)
		}
		if target != 0 && f.Kind(target) == ast.Name && f.IdentOf(target) == name {
			return v != 0 && f.Kind(v) == ast.Call && isMapped.MatchString(f.Text(f.SlotA(v))) && !hashWords.MatchString(f.Text(v))
		}
	}
	return false
}

var isMapped = regexp.MustCompile(`(^|\.)(Column|mapped_column|StringField|CharField|TextField|Field|Required|Optional)$`)

// makesHashes: something in the class makes hashes.
func (c clear) makesHashes(id ir.ClassID) bool {
	class := c.p.Project.Prog.Classes[id]
	return hashWords.MatchString(class.Module.File.Text(class.Node))
}
