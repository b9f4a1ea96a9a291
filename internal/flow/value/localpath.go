package value

import (
	"strings"

	"stopper/internal/models"
)

// secondNotSlash are the ways to say that a path's second character is not a slash: "//host" names another host.
var secondNotSlash = [...]string{`(?![/\\])`, `(?![\\/])`, `(?!/|\\)`, `(?!/)`}

// isLocalPath reports whether a pattern, matched from the beginning, lets only paths on the same site through: one slash, then no
// second slash, and nowhere a backslash (browsers read it as a slash), a blank or a control character (browsers drop some of
// them, and so does Werkzeug when it rewrites the Location header).
func isLocalPath(src string, fold, multi bool) bool {
	src = strings.TrimPrefix(strings.TrimPrefix(src, `\A`), "^")
	rest, ok := strings.CutPrefix(src, "/")
	if !ok || multi {
		return false
	}
	for _, ahead := range secondNotSlash {
		tail, found := strings.CutPrefix(rest, ahead)
		if !found {
			continue
		}
		l, understood := analyseRegex(tail, fold, multi)
		return understood && !l.any.hasAny(`\`+blankChars+"\x00\x0b\x1f\x7f")
	}
	return false
}

// localPathKinds are the sinks for which a path on the same site is enough.
var localPathKinds = models.Kinds(models.URLRedirect)
