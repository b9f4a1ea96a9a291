package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/models"
	"stopper/internal/python/ast"
)

// sqlByName reports text that reads like SQL and is given to a method that executes something, whatever the object is: the
// connection that a driver class of the program hands out, a cursor that came as a parameter.
//
//	conn.execute_scalar("SELECT pg_create_restore_point('{0}')".format(name))
func (f *frame) sqlByName(name string, args []arg, node ast.NodeID) {
	if !f.record || !executes(name) || len(args) == 0 || args[0].kind != ir.ArgPos || args[0].v == nil {
		return
	}
	v := args[0].v
	if len(v.Taint) == 0 || v.Str == nil || !readsLikeSQL(v.Str.Prefix()) {
		return
	}
	e := f.s.set.Lookup("dbapi.Cursor.execute")
	if e == nil {
		return
	}
	guessed := slices.Clone(args)
	guessed[0].v = value.WithMark(v, value.MarkDynamic)
	for i := range e.Sinks {
		if e.Sinks[i].Kind == models.SQL {
			f.sink(e, &e.Sinks[i], e.Path, nil, guessed, node)
		}
	}
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
