package flow

import (
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
	switch name {
	case "filter_by", "with_parent", "get_or_404", "first_or_404", "one_or_404", "get_or_none", "get_or_create", "get_one",
		"one_or_none", "scalar_one", "scalar_one_or_none", "find_one", "get_object", "get_object_or_404",
		"send", // of a signal: what its receivers return
		"execute", "executemany", "fetch_one", "fetch_all", "search_s", "search_st", "search_ext_s":
		return true
	}
	if noun, ok := strings.CutPrefix(name, "get_"); ok && !namesText(noun) {
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

// namesText reports whether what get_NOUN gives is made of what it is given, rather than found by it: get_full_path(name).
func namesText(noun string) bool {
	for w := range strings.SplitSeq(noun, "_") {
		switch w {
		case "text", "content", "contents", "data", "html", "url", "uri", "link", "path", "file", "filename", "string", "str", "value", "body",
			"json", "xml", "sql", "query", "name", "command", "cmd", "args", "message", "output", "response", "page", "source", "arg", "param",
			"params", "or", "item", "items", "attr", "attribute", "field":
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
