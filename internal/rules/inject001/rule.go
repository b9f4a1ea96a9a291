// Package inject001 judges SQL text that words from outside are part of.
package inject001

import (
	_ "embed"
	"strings"

	"stopper/internal/models"
	"stopper/internal/project"
	"stopper/internal/rule"
)

//go:embed rule.md
var page []byte

// Rule is FLASK-INJECT-001.
type Rule struct{}

// Page is the rule's page.
func (Rule) Page() []byte { return page }

// Run judges every statement that words from outside reach.
func (Rule) Run(p *rule.Pass) {
	for _, h := range p.Project.Hits(models.SQL) {
		if refused(p, h) {
			continue
		}
		slug := check(h)
		f := p.OnHit(slug, h)
		if slug == "identifier" {
			f.Message = rule.Sources(h) + " names a column, table or keyword of the SQL statement"
		} else {
			f.Message = rule.Sources(h) + " becomes part of the SQL statement"
		}
		p.Report(f)
	}
}

// refused: the locked SQLAlchemy takes no plain text here and raises. What is wrapped in text() is judged there.
func refused(p *rule.Pass, h project.Hit) bool {
	callee, method := h.Callee, h.Callee[strings.LastIndexByte(h.Callee, '.')+1:]
	since := ""
	switch {
	case strings.HasPrefix(callee, "sqlalchemy.orm.Query.") && !strings.HasSuffix(method, "fix_with"):
		since = "1.3"
	case method == "execute" || method == "scalar" || method == "scalars":
		for _, of := range [...]string{"sqlalchemy.Engine.", "sqlalchemy.Connection.", "sqlalchemy.orm.Session."} {
			if strings.HasPrefix(callee, of) {
				since = "2.0"
			}
		}
	}
	if since == "" {
		return false
	}
	yes, known := p.AtLeast("sqlalchemy", since)
	return yes && known
}

func check(h project.Hit) string {
	if isIdentifier(h.Value.Str.BeforeTaint()) {
		return "identifier"
	}
	if strings.HasPrefix(h.Callee, "sqlalchemy.") || strings.HasPrefix(h.Callee, "flask_sqlalchemy.") {
		return "orm-text"
	}
	return "sql"
}

// beforeIdentifier are the words after which SQL expects a name, which no placeholder can carry.
var beforeIdentifier = [...]string{"order by", "group by", "from", "into", "update", "table", "join", "asc", "limit by"}

// isIdentifier reports whether the text in front of the first part from outside ends where SQL expects a name.
func isIdentifier(before string) bool {
	s := strings.ToLower(strings.TrimRight(before, " \t\r\n\"`["))
	for _, w := range beforeIdentifier {
		if strings.HasSuffix(s, w) {
			return true
		}
	}
	return false
}
