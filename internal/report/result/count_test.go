package result

import (
	"slices"
	"testing"

	"stopper/internal/finding"
)

func TestLogin(t *testing.T) {
	a, b, c := "/a", "/b", "/c"
	r := &Result{Routes: []Route{
		{URL: &a, Methods: []string{"GET", "POST"}, Auth: "@login_required"}, {URL: &b, Methods: []string{"GET"}},
		{URL: &c, Methods: []string{"GET"}, Auth: "@x"}, {URL: &c, Methods: []string{"GET"}}, {Reason: "not known"},
	}}
	for want, routes := range map[string][]string{
		"login: @login_required": {"GET,POST /a"}, "no login seen": {"GET,POST /a", "GET /b"}, "": {"GET /elsewhere"},
	} {
		if got := Login(r.Logins(), &finding.Finding{Routes: routes}); got != want {
			t.Errorf("%v: %q, want %q", routes, got, want)
		}
	}
	if got := Login(r.Logins(), &finding.Finding{Routes: []string{"GET /c"}}); got != "no login seen" {
		t.Errorf("of two views under one rule one is open: %q", got)
	}
}

func TestBlocks(t *testing.T) {
	got := Blocks("Do this:\n- one\n- two\n    code\n      more\n\nThen that.")
	want := []Block{{'p', "Do this:"}, {'i', "one"}, {'i', "two"}, {'c', "code\n  more"}, {'p', "Then that."}}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestCountAndWorst(t *testing.T) {
	f := func(s finding.Severity, c finding.Confidence) *finding.Finding {
		return &finding.Finding{Severity: s, Confidence: c}
	}
	r := &Result{Findings: []*finding.Finding{
		f(finding.Low, finding.ConfidenceHigh), f(finding.High, finding.ConfidenceMedium), f(finding.High, finding.ConfidenceHigh), f(finding.Critical, finding.ConfidenceLow),
	}}
	r.Findings = append(r.Findings, &finding.Finding{Severity: finding.Critical, Confidence: finding.ConfidenceHigh, Suppressed: &finding.Suppression{}})
	c := r.Count(finding.ConfidenceMedium)
	if c.Headline() != "3 findings: 2 high, 1 low" || c.HiddenNote() != "1 more at low confidence: --min-confidence low" || len(c.Suppressed) != 1 {
		t.Errorf("%s, %s", c.Headline(), c.HiddenNote())
	}
	if w := c.Worst(2); len(w) != 2 || w[0] != r.Findings[2] || w[1] != r.Findings[1] {
		t.Errorf("%v", w)
	}
	if got := (&Result{}).Count(0).Headline(); got != "No findings." {
		t.Error(got)
	}
}

func TestFiles(t *testing.T) {
	c := Coverage{FilesByClass: map[string]int{"dockerfile": 1, "python": 1200, "zebra": 2, "env": 0, "template": 1}}
	if got := c.Files(); !slices.Equal(got, []string{"1,200 Python files", "1 template", "1 Dockerfile", "2 zebra files"}) {
		t.Errorf("%q", got)
	}
}
