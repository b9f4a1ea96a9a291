package sarif

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"stopper/internal/finding"
	"stopper/internal/report/result"
	"stopper/internal/report/sample"
	"stopper/internal/rule"
)

var update = flag.Bool("update", false, "write the golden files anew")

// official is the schema that OASIS publishes with the standard, in testdata as published.
func official(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func pages(t *testing.T) []*rule.Meta {
	t.Helper()
	var out []*rule.Meta
	for _, p := range sample.Rules() {
		m, err := rule.ParseMeta(p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func write(t *testing.T, r *result.Result, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, pages(t), o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOutputIsValid(t *testing.T) {
	s := official(t)
	for name, r := range map[string]*result.Result{
		"shop": sample.Shop(), "suppressed": sample.Suppressed(), "hostile": sample.Hostile(), "empty": {},
	} {
		out := write(t, r, Options{})
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if bytes.ContainsFunc(out, result.Hostile) {
			t.Errorf("%s: control characters are not escaped", name)
		}
	}
}

func TestSchemaIsUsed(t *testing.T) {
	s := official(t)
	out := bytes.Replace(write(t, sample.Shop(), Options{}), []byte(`"level": "error"`), []byte(`"level": "fatal"`), 1)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if s.Validate(v) == nil {
		t.Error("a wrong level is accepted")
	}
}

func TestGolden(t *testing.T) {
	out := write(t, sample.Suppressed(), Options{})
	file := filepath.Join("testdata", "shop.sarif")
	if *update {
		if err := os.WriteFile(file, out, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, out) {
		t.Errorf("%s differs (run with -update and read the diff)", file)
	}
	if bytes.Contains(out, []byte("horse")) {
		t.Error("a secret is shown")
	}
}

// What code scanning services ask for beyond the schema.
func TestContract(t *testing.T) {
	var doc document
	if err := json.Unmarshal(write(t, sample.Shop(), Options{}), &doc); err != nil {
		t.Fatal(err)
	}
	r := doc.Runs[0]
	cwe := regexp.MustCompile(`^external/cwe/cwe-\d+$`)
	for _, d := range r.Tool.Driver.Rules {
		n := 0
		for _, tag := range d.Properties.Tags {
			if cwe.MatchString(tag) {
				n++
			}
		}
		if n != 1 || !slices.Contains(d.Properties.Tags, "security") || d.Properties.SecuritySeverity == "" || !strings.Contains(d.Help.Markdown, "## Fix") {
			t.Errorf("descriptor %+v", d)
		}
	}
	for _, x := range r.Results {
		if x.RuleIndex != nil && r.Tool.Driver.Rules[*x.RuleIndex].ID != x.RuleID {
			t.Errorf("%s points at another rule", x.RuleID)
		}
		if x.PartialFingerprints[fingerprintKey] == "" {
			t.Errorf("%s has no fingerprint", x.RuleID)
		}
		if x.Locations[0].Physical.Artifact.URI != "." && x.PartialFingerprints["primaryLocationLineHash"] == "" {
			t.Errorf("%s has no line hash", x.RuleID)
		}
	}
	i := slices.IndexFunc(r.Results, func(x sarifResult) bool { return x.RuleID == "FLASK-INJECT-001/sql" })
	if sql := r.Results[i]; len(sql.CodeFlows) != 2 || len(sql.CodeFlows[0].ThreadFlows[0].Locations) != 3 {
		t.Errorf("code flows: %+v", sql.CodeFlows)
	}
	if len(r.Invocations[0].Notifications) != 6 {
		t.Errorf("notifications: %+v", r.Invocations[0].Notifications)
	}
}

func TestMinConfidence(t *testing.T) {
	all, sure := write(t, sample.Shop(), Options{}), write(t, sample.Shop(), Options{MinConfidence: finding.ConfidenceHigh})
	if !bytes.Contains(all, []byte(`"ruleId": "FLASK-REDIRECT-001/open-redirect"`)) || bytes.Contains(sure, []byte(`"ruleId": "FLASK-REDIRECT-001/open-redirect"`)) {
		t.Error("min confidence is not obeyed")
	}
}

func TestURI(t *testing.T) {
	for in, want := range map[string]string{
		"": ".", "a/b.py": "a/b.py", "a b/ü.py": "a%20b/%C3%BC.py", "x:y.py": "./x:y.py", "a#b?c.py": "a%23b%3Fc.py", "100%.py": "100%25.py",
	} {
		if got := uri(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestBaselineIsAnExternalSuppression(t *testing.T) {
	r := sample.Suppressed()
	r.Findings[0].Suppressed.External = true
	var doc document
	if err := json.Unmarshal(write(t, r, Options{}), &doc); err != nil {
		t.Fatal(err)
	}
	if s := doc.Runs[0].Results[0].Suppressions[0]; s.Kind != "external" || s.Location != nil {
		t.Errorf("%+v", s)
	}
}
