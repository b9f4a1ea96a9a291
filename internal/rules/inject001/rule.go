// Package inject001 judges SQL text that words from outside are part of.
package inject001

import (
	_ "embed"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/flow/value"
	"stopper/internal/ir"
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
		if h.Labels = slices.DeleteFunc(slices.Clone(h.Labels), func(l value.Label) bool { return isLoose(p, l) }); len(h.Labels) == 0 || refused(p, h) || isQuoted(h) {
			continue
		}
		slug := check(h)
		f := p.OnHit(slug, h)
		if slug == "identifier" {
			f.Message = rule.Sources(h) + " names a column, table or keyword of the SQL statement"
		} else {
			f.Message = rule.Sources(h) + " becomes part of the SQL statement"
		}
		if !slices.ContainsFunc(h.Labels, func(l value.Label) bool { return l.Marks&value.MarkDynamic == 0 || !throughTemplate(p, l) }) {
			f.Severity = min(f.Severity, finding.Medium) // which template it is was guessed
		}
		p.Report(f)
	}
}

// plainLiterals are the drivers of databases in whose literals a backslash is a character like any other.
var plainLiterals = [...]string{
	"sqlite3.", "aiosqlite.", "apsw.", "pysqlcipher3.", "sqlcipher3.", "psycopg.", "psycopg2.", "asyncpg.", "duckdb.", "pyodbc.", "pymssql.",
	"cx_Oracle.", "oracledb.",
}

// isQuoted: whatever comes from outside stands in quotes that it cannot end. Of a driver that is not known, the words that only SQLite
// has tell whether a backslash escapes.
func isQuoted(h project.Hit) bool {
	isPlain := slices.ContainsFunc(plainLiterals[:], func(driver string) bool { return strings.HasPrefix(h.Callee, driver) })
	if !isPlain {
		first, _, _ := strings.Cut(strings.TrimSpace(h.Value.Str.Prefix()), " ")
		isPlain = strings.EqualFold(first, "pragma") || strings.EqualFold(first, "attach")
	}
	return isPlain && h.Value.Str.HeldByQuotes(models.SQL)
}

// isLoose: the value came into a template of SQL by way of a call that nobody knows. Which of several templates that is, is a guess
// already, more often than not.
func isLoose(p *rule.Pass, l value.Label) bool {
	return l.Marks&value.MarkUnknownCall != 0 && throughTemplate(p, l)
}

// throughTemplate: the value was written by a template, which the program rendered to have a statement.
func throughTemplate(p *rule.Pass, l value.Label) bool {
	return slices.ContainsFunc(value.Steps(l.Trace), func(s *value.Step) bool {
		fn := p.Project.Flow.Func(s.Func)
		return fn != nil && fn.Kind == ir.KindTemplate
	})
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
