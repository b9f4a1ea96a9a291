package flow

import "strings"

// isLookup reports whether a method of something unknown finds a stored object by its arguments, as the methods of object
// mappers and repositories do. What it returns was stored before: it is not made of the words it was found by.
//
//	event = Event.query.filter_by(id=request.view_args["event_id"]).first_or_404()
//	return redirect(event.url)
func isLookup(name string) bool {
	switch name {
	case "filter_by", "with_parent", "get_or_404", "first_or_404", "one_or_404", "get_or_none", "get_or_create", "get_one",
		"one_or_none", "scalar_one", "scalar_one_or_none", "find_one", "get_object", "get_object_or_404",
		"execute", "executemany", "fetch_one", "fetch_all":
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
