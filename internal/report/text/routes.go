package text

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"stopper/internal/report/result"
)

// maxURL bounds the first column of the table of routes.
const maxURL = 60

// WriteRoutes writes the endpoints as a table: URL, methods, endpoint, function, place.
func WriteRoutes(w io.Writer, r *result.Result, o Options) error {
	p := newPrinter(w, o)
	rows := make([][4]string, 0, len(r.Routes))
	var wide [4]int
	unresolved := 0
	for _, x := range r.Routes {
		row := [4]string{url(x), result.Name(strings.Join(x.Methods, " ")), result.Name(x.Endpoint), result.Name(x.Function)}
		if x.URL == nil {
			unresolved++
		}
		for i, cell := range row {
			wide[i] = max(wide[i], min(utf8.RuneCountInString(cell), maxURL))
		}
		rows = append(rows, row)
	}
	for i, row := range rows {
		x := r.Routes[i]
		place := fmt.Sprintf("%s:%d", result.Name(x.File), x.Line)
		p.line(paint(p.s.bold, pad(row[0], wide[0])), "  ", pad(row[1], wide[1]), "  ", pad(row[2], wide[2]), "  ", pad(row[3], wide[3]), "  ", paint(p.s.path, place))
	}
	if len(rows) > 0 {
		p.line("")
	}
	tail := ""
	if unresolved > 0 {
		tail = fmt.Sprintf(", %s with a URL that could not be resolved", result.Number(unresolved))
	}
	p.line(result.Plural(len(rows), "route", "routes"), tail)
	return p.w.Flush()
}

func url(x result.Route) string {
	if x.URL == nil {
		return "? (" + result.Name(x.Reason) + ")"
	}
	return result.Name(*x.URL)
}
