// Package result is the one input of all reporters: what an audit found, and how far it could see.
//
// In: the engine fills a Result once. Out: reporters read it, several at once; nobody writes to it after the engine has
// returned it. Findings are finished (finding.Finish) and sorted; routes are sorted by SortRoutes.
package result

import (
	"cmp"
	"slices"
	"time"

	"stopper/internal/finding"
)

// Result is the outcome of one audit.
type Result struct {
	Tool     Tool
	Root     string // the audited path as the user gave it
	Findings []*finding.Finding
	Routes   []Route
	Settings []Setting // only when they were asked for
	Coverage Coverage
	Stats    Stats
	// Suppressions lists every suppression of the tree, used or not.
	Suppressions []Suppression
}

// Tool names the program that made the result.
type Tool struct {
	Name, Version string
}

// Route is one endpoint. URL is nil when it could not be resolved; Reason says why.
type Route struct {
	URL      *string
	Reason   string
	Methods  []string
	Endpoint string
	Function string // qualified name of the view
	File     string
	Line     int
	// Conditional: whether it is there depends on configuration or on something that could not be told.
	Conditional bool
	// Host and Subdomain are the name that a request must be for; empty for any.
	Host, Subdomain string
	// Library: the view belongs to an extension, and is known from its documentation.
	Library bool
	// Decorators are those below the registration, from the outside in, by their dotted names.
	Decorators []string
	// Auth is what refuses strangers, CSRF what checks that a request came from the site itself ("exempt" for a view that is
	// taken out), Limit what bounds how often it is called: in words, empty when nothing was seen.
	Auth, CSRF, Limit string
	// Inputs are the parts of the request that are read: path, query, form, json, files, headers, cookies, body.
	Inputs []string
	// Templates are the files that are rendered, Cookies the names of those that are set.
	Templates, Cookies []string
	// ChangesState: the view, or what it calls, changes what outlives the request.
	ChangesState bool
}

// Coverage says what was looked at, and what was not.
type Coverage struct {
	FilesByClass map[string]int // "python": 41, "template": 18, "deployment": 6
	PythonLines  int
	Flask        bool // whether anything in the tree imports Flask
	Skipped      []Skip
	ParseErrors  []ParseError
	Unresolved   []string // what could not be resolved, one line each
	Budgets      []string // budgets that tripped, one line each
	// Cut says why a part of the program was not analysed at all. InternalErrors are our own faults. Either makes the exit code 3.
	Cut, InternalErrors []string
	// Configuration says what the audited tree's own configuration file changed, one line each.
	Configuration []string
}

// Skip is a file or folder that was not read, or, with a line, a part of a file that was not understood.
type Skip struct {
	Path   string
	Line   int // 0 means the whole of it
	Reason string
}

// ParseError is a place that is not valid syntax. The rest of the file was analysed.
type ParseError struct {
	Path      string
	Line      int
	Message   string
	WholeFile bool // nothing of the file could be analysed
}

// Stats is how long things took. It is left out of deterministic outputs unless asked for.
type Stats struct {
	Phases   []Phase
	Duration time.Duration
}

// Phase is one step of an audit.
type Phase struct {
	Name     string
	Duration time.Duration
	Note     string // "4,120 lines"
}

// Suppression is one suppression comment.
type Suppression struct {
	Path   string
	Line   int
	ID     string // RULE, or RULE/check
	Reason string
	Until  string
	Used   int    // how many findings it suppresses
	Fault  string // why it suppresses nothing: expired, unused, no reason, …
}

// Incomplete reports whether findings may be missing for a reason that is ours.
func (r *Result) Incomplete() bool { return len(r.Coverage.Incomplete()) > 0 }

// Incomplete lists the reasons for which findings may be missing anywhere, worst first.
func (c *Coverage) Incomplete() []string { return slices.Concat(c.InternalErrors, c.Cut) }

// SortRoutes orders routes by URL, then by place; unresolved ones come last.
func SortRoutes(rs []Route) {
	slices.SortStableFunc(rs, func(a, b Route) int {
		return cmp.Or(
			compareURL(a.URL, b.URL),
			slices.Compare(a.Methods, b.Methods),
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Endpoint, b.Endpoint),
			cmp.Compare(a.Function, b.Function),
		)
	})
}

func compareURL(a, b *string) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return cmp.Compare(*a, *b)
}
