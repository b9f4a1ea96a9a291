package rule

import (
	"strings"
	"testing"

	"stopper/internal/finding"
)

const page = `+++
id = "FLASK-REDIRECT-001"
title = "Redirects stay on this site"
spec = "FLASK-REDIRECT-001"
owasp = "A01:2021 Broken Access Control"
fix = "suggested"
since = "0.1.0"

[[checks]]
slug = "open-redirect"
title = "A request decides where a redirect leads"
cwe = 601
severity = "Medium"
range = ["Low", "High"]
kinds = ["url.redirect"]
message = "The redirect target comes from the request"

[[checks]]
slug = "referrer"
title = "A redirect follows the Referer header"
cwe = 601
severity = "Low"
message = "The redirect follows the Referer header"
+++

Introduction.

## What it checks
Targets.

## Impact
General **impact** of
` + "`redirect`" + `.

### check: referrer
Own impact.

## Bad
` + "```python\n## not a heading\nredirect(x)  # want \"FLASK-REDIRECT-001/open-redirect\"\n```" + `

## Good
` + "```python\nredirect(url_for(\"index\"))\n```" + `

## Fix
- Use [url_for](https://example.org).
- Or a table.

## Mitigation
None.

## False positives
None.

## References
- The manual.
`

func TestParseMeta(t *testing.T) {
	m, err := ParseMeta([]byte(page))
	if err != nil {
		t.Fatal(err)
	}
	if m.ID != "FLASK-REDIRECT-001" || m.Fix != FixSuggested || len(m.Checks) != 2 || m.Intro != "Introduction." {
		t.Errorf("front matter: %+v", m)
	}
	c := m.Check("open-redirect")
	if c.Severity != finding.Medium || c.Lowest != finding.Low || c.Highest != finding.High || c.Kinds[0] != "url.redirect" {
		t.Errorf("check: %+v", c)
	}
	if m.Check("nope") != nil || m.NewFinding("nope") != nil {
		t.Error("a check that does not exist was found")
	}
	if got := m.Text(Impact, "referrer"); got != "Own impact." {
		t.Errorf("own text: %q", got)
	}
	if got := Plain(m.Text(Impact, "open-redirect")); got != "General impact of redirect." {
		t.Errorf("general text: %q", got)
	}
	ex := m.Examples(Bad)
	if len(ex) != 1 || !strings.HasPrefix(ex[0].Code, "## not a heading\nredirect(x)") {
		t.Errorf("examples: %+v", ex)
	}
	f := m.NewFinding("referrer")
	if f.Fix != "- Use url_for.\n- Or a table." || f.CWE != 601 || f.Severity != finding.Low || f.ID() != "FLASK-REDIRECT-001/referrer" {
		t.Errorf("finding: %+v", f)
	}
}

func TestParseMetaWithCRLF(t *testing.T) {
	if _, err := ParseMeta([]byte(strings.ReplaceAll(page, "\n", "\r\n"))); err != nil {
		t.Fatal(err)
	}
}

func TestParseMetaErrors(t *testing.T) {
	for _, tc := range []struct{ name, old, new, want string }{
		{"no fence", "+++\nid", "id", "must start with +++"},
		{"open fence", "Referer header\"\n+++", "Referer header\"\n", "not closed"},
		{"syntax", `cwe = 601`, `cwe = `, "line 12"},
		{"unknown key", `since = "0.1.0"`, "since = \"0.1.0\"\nauthor = \"x\"", `line 8: unknown key "author"`},
		{"unknown check key", `kinds =`, `kind =`, `unknown key "checks.kind"`},
		{"id", `id = "FLASK-REDIRECT-001"`, `id = "REDIRECT"`, "must look like FLASK-XSS-001"},
		{"severity", `severity = "Low"`, `severity = "low"`, "must be Critical, High, Medium or Low"},
		{"range", `range = ["Low", "High"]`, `range = ["High", "Critical"]`, "around the severity"},
		{"cwe", "cwe = 601\nseverity = \"Low\"", `severity = "Low"`, "check referrer: cwe is missing"},
		{"twice", `slug = "referrer"`, `slug = "open-redirect"`, "appears twice"},
		{"fix", `fix = "suggested"`, `fix = "auto"`, "safe, suggested or manual"},
		{"unknown section", "## Mitigation", "## Mitigations", `unknown section "Mitigations"`},
		{"missing section", "## Mitigation\nNone.\n", "", `section "Mitigation" is missing`},
		{"empty section", "## Mitigation\nNone.\n", "## Mitigation\n", `"Mitigation" has no text for check open-redirect`},
		{"unknown check text", "### check: referrer", "### check: nope", `has no check "nope"`},
		{"no example", "```python\nredirect(url", "```\nredirect(url", `"Good" has no`},
		{"order", "## What it checks\nTargets.\n\n## Impact", "## Impact", `"What it checks" is missing`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if !strings.Contains(page, tc.old) {
				t.Fatalf("the page has no %q", tc.old)
			}
			_, err := ParseMeta([]byte(strings.Replace(page, tc.old, tc.new, 1)))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func FuzzParseMeta(f *testing.F) {
	f.Add([]byte(page))
	f.Add([]byte("+++\n+++\n### check: x\n## Fix\n```"))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = ParseMeta(b) })
}
