package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// sinkByName reports what is given to a method that only one kind of object has, whatever the object is: the connection that a
// driver class of the program hands out, a cursor that came as a parameter.
//
//	link.execute_once("SELECT close_month('{0}')".format(month))
//	self.client.search_s(base, ldap.SCOPE_SUBTREE, "(uid=%s)" % name)
//	frame.query(condition, local_dict=known)
func (f *frame) sinkByName(name string, args []arg, node ast.NodeID) {
	if !f.record || len(args) == 0 {
		return
	}
	path, kind := f.ownerByName(name, args)
	e := f.s.set.Lookup(path)
	if path == "" || e == nil {
		return
	}
	guessed := slices.Clone(args)
	for i := range guessed {
		guessed[i].v = value.WithMark(guessed[i].v, value.MarkDynamic)
	}
	for i := range e.Sinks {
		if kind == models.NoKind || e.Sinks[i].Kind == kind {
			f.sink(e, &e.Sinks[i], e.Path, nil, guessed, node)
		}
	}
}

// ownerByName is the library method that a call must be, by its name and what it is given; "" when it may be any.
func (f *frame) ownerByName(name string, args []arg) (string, models.SinkKind) {
	switch name {
	case "search_s", "search_st", "search_ext_s", "simple_bind_s":
		return "ldap.LDAPObject." + name, models.NoKind
	case "search":
		if slices.ContainsFunc(args, func(a arg) bool { return a.name == "search_filter" }) {
			return "ldap3.Connection.search", models.NoKind
		}
		return "", models.NoKind
	case "query", "eval":
		if slices.ContainsFunc(args, func(a arg) bool { return a.name == "local_dict" }) {
			return "pandas.DataFrame." + name, models.NoKind
		}
		return "", models.NoKind
	}
	v := args[0].v
	if !executes(name) || args[0].kind != ir.ArgPos || v == nil || len(v.Taint) == 0 || v.Str == nil || !readsLikeSQL(v.Str.Prefix()) {
		return "", models.NoKind
	}
	return "dbapi.Cursor.execute", models.SQL
}

func executes(name string) bool {
	switch name {
	case "executemany", "executescript", "exec_driver_sql", "run_query", "raw_query", "fetch_all", "fetch_one", "fetchrow", "fetchval":
		return true
	}
	return name == "execute" || strings.HasPrefix(name, "execute_") || strings.HasPrefix(name, "_execute")
}

// readsLikeSQL reports whether a text begins with a statement's first word.
func readsLikeSQL(text string) bool {
	words := strings.Fields(strings.TrimLeft(text, " \t\r\n("))
	if len(words) == 0 {
		return false
	}
	switch strings.ToUpper(words[0]) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "WITH", "REPLACE", "MERGE", "TRUNCATE", "GRANT", "REVOKE",
		"CALL", "EXPLAIN", "VACUUM", "ATTACH", "PRAGMA", "SET":
		return true
	}
	return false
}
