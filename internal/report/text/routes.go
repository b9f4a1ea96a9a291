package text

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"stopper/internal/report/result"
)

// Bounds of the columns of the table of routes: what is longer pushes its own line only.
const (
	maxURL      = 56
	maxMethods  = 15
	maxFunction = 36
)

// WriteRoutes writes the endpoints as a table, one block for each file: URL, methods, view, line, and what stands in front
// of the view.
func WriteRoutes(w io.Writer, r *result.Result, o Options) error {
	p := newPrinter(w, o)
	for i, file := range filesOf(r.Routes) {
		if i > 0 {
			p.line("")
		}
		routeBlock(p, file, r.Routes)
	}
	if len(r.Routes) > 0 {
		p.line("")
	}
	p.line(routeSummary(r.Routes))
	return p.w.Flush()
}

// filesOf lists the files that have routes, in order.
func filesOf(rs []result.Route) []string {
	var files []string
	for _, r := range rs {
		files = append(files, r.File)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

func routeBlock(p *printer, file string, all []result.Route) {
	var rows [][4]string
	var notes []string
	var wide [4]int
	for _, x := range all {
		if x.File != file {
			continue
		}
		row := [4]string{url(x), methods(x.Methods), result.Name(x.Function), fmt.Sprintf(":%d", x.Line)}
		for i, bound := range [4]int{maxURL, maxMethods, maxFunction, maxMethods} {
			wide[i] = max(wide[i], min(utf8.RuneCountInString(row[i]), bound))
		}
		rows, notes = append(rows, row), append(notes, routeNote(x))
	}
	p.line(paint(p.s.path, result.Name(file)))
	for i, row := range rows {
		line := "  " + paint(p.s.bold, pad(row[0], wide[0])) + "  " + pad(row[1], wide[1]) + "  " + pad(row[2], wide[2]) + "  "
		if notes[i] == "" {
			p.line(line, row[3])
			continue
		}
		p.line(line, pad(row[3], wide[3]), "  ", paint(p.s.faint, notes[i]))
	}
}

func methods(ms []string) string { return result.Name(strings.Join(ms, " ")) }

// routeNote says what stands in front of a view, and what makes the route uncertain.
func routeNote(x result.Route) string {
	var parts []string
	if x.Host != "" {
		parts = append(parts, "host "+result.Name(x.Host))
	}
	if x.Subdomain != "" {
		parts = append(parts, "subdomain "+result.Name(x.Subdomain))
	}
	if x.Library {
		parts = append(parts, "of the library")
	}
	if x.Conditional {
		parts = append(parts, "conditional")
	}
	if x.Auth != "" {
		parts = append(parts, "auth: "+x.Auth)
	}
	if x.CSRF == "exempt" && slices.ContainsFunc(x.Methods, changes) {
		parts = append(parts, "no CSRF check")
	}
	if x.Limit != "" {
		parts = append(parts, "limited")
	}
	if x.ChangesState && x.Auth == "" {
		parts = append(parts, "changes state")
	}
	return result.Name(strings.Join(parts, "; "))
}

func routeSummary(rs []result.Route) string {
	unresolved, below, conditional := 0, 0, 0
	for _, r := range rs {
		switch {
		case r.URL != nil:
		case strings.HasPrefix(url(r), "…"):
			below++
		default:
			unresolved++
		}
		if r.Conditional {
			conditional++
		}
	}
	s := result.Plural(len(rs), "route", "routes")
	if n := len(filesOf(rs)); n > 1 {
		s += fmt.Sprintf(" in %s files", result.Number(n))
	}
	if conditional > 0 {
		s += fmt.Sprintf(", %s conditional", result.Number(conditional))
	}
	if below > 0 {
		s += fmt.Sprintf(", %s below a prefix that is computed at run time (…)", result.Number(below))
	}
	if unresolved > 0 {
		s += fmt.Sprintf(", %s with a URL that could not be resolved", result.Number(unresolved))
	}
	return s
}

func url(x result.Route) string {
	if x.URL == nil {
		if _, tail, ok := strings.Cut(x.Reason, "prefix is computed at run time: "); ok {
			return "…" + result.Name(tail)
		}
		return "? (" + result.Name(x.Reason) + ")"
	}
	return result.Name(*x.URL)
}

// changes: a browser sends requests with this method only where a form or a script of some page tells it to.
func changes(method string) bool { return method != "GET" && method != "HEAD" && method != "OPTIONS" }
