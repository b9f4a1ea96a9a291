// Package sample makes results for the tests of reporters: one as an audit of a small shop would give it, and one whose
// every text tries to break the report.
package sample

import (
	"strings"
	"time"

	"stopper/internal/finding"
	"stopper/internal/report/result"
	"stopper/internal/source"
)

const search = `from flask import request, render_template_string


@bp.get("/search")
def search():
    q = request.args.get("q", "")
    log.info("search")
    return render_template_string("<h1>Results for " + q + "</h1>")
`

const settings = `DEBUG = False
SECRET_KEY = "correct horse battery staple"
`

const db = `def find(name):
    return conn.execute(
        "SELECT * FROM items WHERE name = '%s'" % name,
        timeout=5,
    )
`

// Rules is two pages.
func Rules() [][]byte {
	return [][]byte{
		page("FLASK-SSTI-001", "Templates come from the application", "template-injection", "A request decides the source of a template", 1336, "Critical"),
		page("FLASK-INJECT-001", "SQL is fixed text with parameters", "sql", "A request decides what SQL says", 89, "High"),
	}
}

func page(id, title, slug, check string, cwe int, severity string) []byte {
	text := `+++
id = "ID"
title = "TITLE"
spec = "ID"
owasp = "A03:2021 Injection"
fix = "suggested"
since = "0.1.0"

[[checks]]
slug = "SLUG"
title = "CHECK"
cwe = CWE
severity = "SEVERITY"
kinds = ["kind"]
message = "CHECK"
+++

## What it checks
The *first* argument, however it is ` + "`built`" + `.

## Impact
Whoever sends the request decides.

## Bad
` + "```python\nbad()\n```" + `

## Good
` + "```python\ngood()\n```" + `

## Fix
- Keep it fixed.
- See [the manual](https://flask.palletsprojects.com/).

## Mitigation
Restrict who can reach it.

## False positives
Look at who can write the value.

## References
- [The manual](https://flask.palletsprojects.com/)
`
	r := strings.NewReplacer("ID", id, "TITLE", title, "SLUG", slug, "CHECK", check, "= CWE", "= "+itoa(cwe), "SEVERITY", severity)
	return []byte(r.Replace(text))
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// Shop is the result of an audit with findings of every kind.
func Shop() *result.Result {
	files := map[string]*source.File{}
	for path, text := range map[string]string{"shop/views/search.py": search, "shop/settings.py": settings, "shop/db.py": db} {
		files[path] = source.NewFile(path, []byte(text))
	}
	span := func(path, text string) source.Span {
		i := strings.Index(string(files[path].Text), text)
		return source.Span{Start: uint32(i), End: uint32(i + len(text))}
	}
	view, conf, model := "shop/views/search.py", "shop/settings.py", "shop/db.py"
	sql := func() *finding.Finding {
		return &finding.Finding{
			RuleID: "FLASK-INJECT-001", Check: "sql", Title: "A request decides what SQL says", CWE: 89, OWASP: "A03:2021 Injection",
			Severity: finding.High, Confidence: finding.ConfidenceMedium, Reasons: []string{"the value passes through a call whose effect is not known"},
			Message: "request.args[\"name\"] becomes part of an SQL statement", Path: model, Span: span(model, "\"SELECT * FROM items WHERE name = '%s'\" % name"), Function: "find",
			Impact: "Whoever opens the page reads and changes the database.", Fix: "Pass the value as a parameter:\n    conn.execute(\"SELECT * FROM items WHERE name = ?\", (name,))",
			Mitigation: "Give the database account only the rights it needs.", FalsePositiveNotes: "Look at what lookup() does to the value.",
		}
	}
	one, two := sql(), sql()
	one.Routes, two.Routes = []string{"GET /item", "POST /item"}, []string{"GET /api/items/<name>", "GET /legacy"}
	one.Flow = []finding.Step{
		{Path: view, Span: span(view, `request.args.get("q", "")`), Note: "anyone can send it"},
		{Path: model, Span: span(model, "name"), Note: "argument of find()"},
		{Path: model, Span: span(model, "\"SELECT * FROM items WHERE name = '%s'\" % name"), Note: "becomes SQL"},
	}
	two.Flow = append([]finding.Step{{Path: view, Span: span(view, "q + "), Note: "the same page again"}, one.Flow[0]}, one.Flow[1:]...)
	fs := []*finding.Finding{
		one, two,
		{
			RuleID: "FLASK-SSTI-001", Check: "template-injection", Title: "A request decides the source of a template", CWE: 1336, OWASP: "A03:2021 Injection",
			Severity: finding.Critical, Confidence: finding.ConfidenceHigh, Message: "request.args[\"q\"] becomes template source",
			Path: view, Span: span(view, `"<h1>Results for " + q + "</h1>"`), Function: "search", Routes: []string{"GET /search"},
			Impact: "Anyone who can open /search runs Python on the server: a template reaches the interpreter through the objects that it can name, and no filter stops that.",
			Fix:    "- Write the text into a file and pass the value: render_template(\"search.html\", q=q).\n- In the file, {{ q }} is escaped.", Mitigation: "Run the server with the least rights.",
			FalsePositiveNotes: "Nothing: the whole path was seen.",
			Flow: []finding.Step{
				{Path: view, Span: span(view, `request.args.get("q", "")`), Note: "anyone can send it"},
				{Path: view, Span: span(view, `"<h1>Results for " + q + "</h1>"`), Note: "becomes template source"},
			},
		},
		{
			RuleID: "FLASK-CONFIG-001", Check: "hardcoded-key", Title: "SECRET_KEY stands in the code", CWE: 798, OWASP: "A05:2021 Security Misconfiguration",
			Severity: finding.High, Confidence: finding.ConfidenceHigh, Message: "SECRET_KEY is a literal", Path: conf, Span: span(conf, `"correct horse battery staple"`),
			Impact: "Whoever can read the code signs sessions.", Fix: "Read it from the environment.", Mitigation: "Change the key.", FalsePositiveNotes: "Check that production does not override it.",
			Related: []finding.Location{{Path: view, Span: span(view, "def search()"), Note: "uses the session"}},
		},
		{
			RuleID: "FLASK-SESS-001", Check: "secure", Title: "Secure flag of the session cookie", CWE: 614, OWASP: "A05:2021 Security Misconfiguration",
			Severity: finding.Medium, Confidence: finding.ConfidenceMedium, Verdict: finding.Verify, Settle: "Not visible in app code: TLS at the edge. Open the site over http://.",
			Message: "SESSION_COOKIE_SECURE is not set", Impact: "The session cookie travels in clear.", Fix: "SESSION_COOKIE_SECURE = True", Mitigation: "Redirect to HTTPS.",
			FalsePositiveNotes: "Only where TLS is used.",
		},
		{
			RuleID: "FLASK-REDIRECT-001", Check: "open-redirect", Title: "Open redirect", CWE: 601, OWASP: "A01:2021 Broken Access Control",
			Severity: finding.Medium, Confidence: finding.ConfidenceLow, Message: "the target may come from storage", Path: view, Span: span(view, `log.info("search")`), Function: "search",
			Impact: "Phishing.", Fix: "Use url_for.", Mitigation: "None.", FalsePositiveNotes: "See who writes it.",
		},
	}
	fs = finding.Finish(fs, func(p string) *source.File { return files[p] })
	fs[len(fs)-1].Suppressed = nil
	url := "/search"
	return &result.Result{
		Tool: result.Tool{Name: "stopper", Version: "0.0.0-test"}, Root: "examples/shop", Findings: fs,
		Routes: []result.Route{
			{URL: &url, Methods: []string{"GET"}, Endpoint: "shop.search", Function: "shop.views.search.search", File: view, Line: 5,
				Decorators: []string{"limits.limiter.limit()"}, CSRF: "exempt",
				Limit: "limits.limiter.limit", Inputs: []string{"query"}, Conditional: true},
			{Reason: "the URL is computed by make_url()", Auth: "@login_required", Methods: []string{"GET", "POST"}, Endpoint: "dyn", Function: "shop.dyn.view", File: "shop/dyn.py", Line: 12},
		},
		Settings: []result.Setting{
			{Key: "DEBUG", Value: "False", Answer: "absent", Chain: []result.SettingSource{{How: "default of flask", Text: "False", State: "counts"}}},
			{Key: "SECRET_KEY", Answer: "conditional", On: "the environment variable SECRET_KEY", Chain: []result.SettingSource{
				{How: "default of flask", Text: "None", State: "replaced"},
				{How: "from_object Config", Text: `os.environ["SECRET_KEY"]`, State: "counts", Env: "production", File: "shop/settings.py", Line: 2},
				{How: "from_object TestConfig", Text: finding.Redacted, State: "not for production", Env: "tests", File: "shop/settings.py", Line: 9},
			}},
			{Key: "TRUSTED_HOSTS", Value: "['shop.example']", Answer: "present", Ignored: "3.0.3", Chain: []result.SettingSource{
				{How: "default of flask", Text: "None", State: "replaced"},
				{How: "app.config", Text: "['shop.example']", State: "counts", File: "shop/__init__.py", Line: 12},
			}},
		},
		Coverage: result.Coverage{
			FilesByClass: map[string]int{"python": 41, "template": 18, "dockerfile": 1, "compose": 2, "requirements": 1}, PythonLines: 4120, Flask: true,
			Skipped:     []result.Skip{{Path: "docker-compose.yml", Line: 7, Reason: "alias of nothing"}, {Path: "shop/static/big.bin", Reason: "larger than 10 MB"}},
			ParseErrors: []result.ParseError{{Path: "shop/old.py", Line: 3, Message: "expected ':'"}},
			Unresolved:  []string{"shop/dyn.py:12: the URL is computed by make_url()"},

			Configuration: []string{"stopper.toml: only and exclude leave out 2 findings"},
		},
		Stats:        result.Stats{Duration: 31 * time.Millisecond, Phases: []result.Phase{{Name: "parse", Duration: 12 * time.Millisecond, Note: "41 files"}, {Name: "flow", Duration: 19 * time.Millisecond}}},
		Suppressions: []result.Suppression{{Path: "shop/a.py", Line: 7, ID: "FLASK-XSS-001", Reason: "old", Until: "2020-01-01", Fault: "expired on 2020-01-01"}},
	}
}

// Suppressed is the shop with its first finding suppressed.
func Suppressed() *result.Result {
	r := Shop()
	r.Findings[0].Suppressed = &finding.Suppression{Reason: "only in tests", Until: "2027-01-01", Path: r.Findings[0].Path, Line: 2}
	return r
}

// Markup is what HTML, Markdown and workflow commands would act on.
const Markup = "\n::error::x\n</style></pre>\"'><script>alert(1)</script><img src=x onerror=alert(1)>`a``` [x](javascript:alert(1)) | @octocat #1 <!-- -->"

// Hostile holds escape sequences, forged lines, broken UTF-8, bidirectional controls and very long texts wherever the
// audited tree may put its own words.
func Hostile() *result.Result {
	evil := "\x1b[2J\x1b]0;owned\x07\r\nNo findings.\u202e\u009b31m\xff\x00%s" + Markup
	long := strings.Repeat("x", 100_000)
	file := source.NewFile("a.py", []byte("y = 1\nx("+evil[:8]+") # "+long+"\n"))
	span := source.Span{Start: 6, End: 12}
	fs := []*finding.Finding{{
		RuleID: "FLASK-XSS-001", Check: "reflected", Title: evil, CWE: 79, OWASP: "A03:2021 Injection", Severity: finding.High, Confidence: finding.ConfidenceHigh,
		Reasons: []string{evil}, Settle: evil, Message: evil + " " + long, Path: "a.py", Span: span, Function: evil, Routes: []string{"GET /" + evil},
		Impact: evil, Fix: evil + "\n    " + evil, Mitigation: long, FalsePositiveNotes: evil,
		Flow:    []finding.Step{{Path: "a.py", Span: span, Note: evil}, {Path: evil, Snippet: evil, Note: evil, Pos: finding.Position{Line: 1 << 30, Col: 1, Col16: 1}}},
		Related: []finding.Location{{Path: evil, Note: evil}},
	}}
	fs = finding.Finish(fs, func(p string) *source.File {
		if p == "a.py" {
			return file
		}
		return nil
	})
	return &result.Result{
		Tool: result.Tool{Name: "stopper", Version: "0.0.0-test"}, Root: evil, Findings: fs,
		Routes:       []result.Route{{URL: &evil, Methods: []string{evil}, Endpoint: evil, Function: evil, File: evil, Line: 1, Auth: evil}, {Reason: evil}},
		Settings:     []result.Setting{{Key: evil, Value: evil, Answer: "conditional", On: evil, Ignored: evil, Chain: []result.SettingSource{{How: evil, State: "counts"}, {How: evil, Text: evil, State: "may replace it", File: evil, Line: 1}}}},
		Suppressions: []result.Suppression{{Path: evil, Line: 1, ID: evil, Reason: evil, Fault: evil}},
		Coverage: result.Coverage{
			FilesByClass: map[string]int{evil: 1}, Flask: true, Skipped: []result.Skip{{Path: evil, Reason: evil}},
			ParseErrors: []result.ParseError{{Path: evil, Line: 1, Message: evil}}, Unresolved: []string{evil}, Budgets: []string{evil}, Cut: []string{evil}, InternalErrors: []string{evil}, Configuration: []string{evil},
		},
	}
}
