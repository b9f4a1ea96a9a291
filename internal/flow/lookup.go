package flow

import (
	"slices"
	"strings"

	"stopper/internal/flow/value"
	"stopper/internal/ir"
	"stopper/internal/python/ast"
)

// isLookup reports whether a method of something unknown finds a stored object by its arguments, as the methods of object
// mappers and repositories do. What it returns was stored before: it is not made of the words it was found by.
//
//	event = Event.query.filter_by(id=request.view_args["event_id"]).first_or_404()
//	return redirect(event.url)
func isLookup(name string) bool {
	name = strings.TrimLeft(name, "_")
	switch name {
	case "filter_by", "with_parent", "get_or_404", "first_or_404", "one_or_404", "get_or_none", "get_or_create", "get_one",
		"one_or_none", "scalar", "scalars", "scalar_one", "scalar_one_or_none", "find_one", "get_object", "get_object_or_404",
		"send", // of a signal: what its receivers return
		"execute", "executemany", "fetch_one", "fetch_all", "search_s", "search_st", "search_ext_s",
		"lookup", "hget", "hgetall", "hmget", "mget", "smembers", "lrange", "zrange":
		return true
	}
	if verb, noun, ok := strings.Cut(name, "_"); ok && isFinding(verb) && !namesText(noun) {
		return true
	}
	if strings.HasSuffix(name, "_search") {
		return true
	}
	if _, key, ok := strings.Cut(name, "by_"); !ok || key == "" {
		return false
	}
	for _, verb := range [...]string{"by_", "get_", "find_", "fetch_", "load_", "lookup_", "query_", "select_"} {
		if strings.HasPrefix(name, verb) {
			return true
		}
	}
	return false
}

// isAnswer reports whether a method runs the query that it is called on: what comes back was stored, however the query was put together.
//
//	found = Search(using=client).query("match", title=request.args["q"]).execute()
func isAnswer(name string, args []arg) bool {
	if len(args) > 0 {
		return false
	}
	switch name {
	case "execute", "fetchall", "fetchone", "fetchmany", "scalar", "scalars", "first", "one", "all", "scan":
		return true
	}
	return false
}

// bindsValues: the method makes a statement and is given the values that it writes by the names of their columns, as parameters.
//
//	connection.execute(self.table.insert(values=row))
func bindsValues(name string, args []arg) bool {
	if name != "insert" && name != "update" && name != "values" || len(args) == 0 {
		return false
	}
	return !slices.ContainsFunc(args, func(a arg) bool {
		return name != "values" && !(a.kind == ir.ArgKeyword && a.name == "values") || a.kind != ir.ArgKeyword && a.kind != ir.ArgStarStar
	})
}

// maxReceivers bounds the attributes on the way to a database.
const maxReceivers = 4

// ofDatabase reports whether a receiver is a database of a library that nobody knows, or something in it, such as a table: what its
// methods give was stored there.
//
//	class Shop(otherlib.database.Database): …
//	shop.customers.lucky({"number": number})
func (f *frame) ofDatabase(recv *value.Value) bool {
	for range maxReceivers {
		if recv == nil || len(recv.Objs) != 1 || recv.AnyObj {
			return false
		}
		switch o := &recv.Objs[0]; o.Kind {
		case value.ObjMember:
			recv = o.Recv
		case value.ObjExternal:
			return o.Entry == nil && f.s.isDatabase(o.Path)
		case value.ObjInstance:
			return slices.ContainsFunc(f.s.externalBases(o.Class), f.s.isDatabase)
		default:
			return false
		}
	}
	return false
}

// isDatabase: the library calls it so, and nothing more is known of it.
func (s *solver) isDatabase(path string) bool {
	last := strings.ToLower(path[strings.LastIndexByte(path, '.')+1:])
	return (last == "db" || strings.Contains(last, "database")) && s.set.Lookup(path) == nil
}

// isFinding: a method of such a name finds something by what it is given, or tells what kind of thing that is.
func isFinding(verb string) bool {
	switch verb {
	case "get", "find", "fetch", "lookup", "search", "guess", "detect":
		return true
	}
	return false
}

// namesText reports whether what get_NOUN gives is made of what it is given, rather than found by it: get_full_path(name).
func namesText(noun string) bool {
	last := noun[strings.LastIndexByte(noun, '_')+1:]
	if last == "item" || last == "items" {
		return true
	}
	for w := range strings.SplitSeq(noun, "_") {
		switch w {
		case "text", "content", "contents", "data", "html", "url", "uri", "link", "path", "file", "filename", "string", "str", "value", "body",
			"json", "xml", "sql", "query", "name", "command", "cmd", "args", "message", "output", "response", "page", "source", "arg", "param",
			"params", "or", "attr", "attribute", "field":
			return true
		}
	}
	return false
}

// unknownLookup is a call that finds something stored: only what the receiver carries goes into the result.
func (f *frame) unknownLookup(recv *value.Value, args []arg, node ast.NodeID) *value.Value {
	for i := range args {
		f.escape(args[i].v)
	}
	return f.unknownCall(recv, nil, node)
}

// unknownGet is recv.get(key, default): what is found under a key is not the key.
func (f *frame) unknownGet(recv *value.Value, args []arg, node ast.NodeID) *value.Value {
	r := derived(recv.Marks, recv)
	if len(recv.Taint) > 0 {
		key, isConst := oneConst(args[0].v)
		if _, ok := itemPath(key); ok && isConst && hasParamObj(recv) {
			r = f.loadIndex(recv, args[0].v, node) // most of what is passed around and has get is a dict
		} else {
			r = f.nameKey(r, key, isConst, node)
		}
	}
	for _, a := range args[1:] {
		if a.kind == ir.ArgPos {
			r = join(r, a.v)
		}
	}
	return value.WithStep(r, f.fn.ID, node, "")
}

// isHTTPCall is client.request("GET", address): what comes back is the other side's.
func isHTTPCall(name string, args []arg) bool {
	if name != "request" || len(args) < 2 {
		return false
	}
	verb, ok := oneStr(args[0].v)
	return ok && slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}, verb)
}

// contents are the arguments of a call that nobody knows from which its result may be made: how a text is written is not what it says.
func contents(args []arg) []arg {
	isOption := func(a arg) bool {
		if a.kind != ir.ArgKeyword {
			return false
		}
		switch a.name {
		case "format", "encoding", "charset", "errors", "mode", "timeout":
			return true
		}
		return false
	}
	if !slices.ContainsFunc(args, isOption) {
		return args
	}
	return slices.DeleteFunc(slices.Clone(args), isOption)
}
