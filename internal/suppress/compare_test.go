package suppress

import (
	"strings"
	"testing"
)

const report = `{"schema": "stopper/audit/v1", "findings": [
  {"id": "A-1/a", "severity": "high", "confidence": "high", "message": "one", "fingerprint": "1", "location": {"path": "a.py", "line": 3}},
  {"id": "A-1/a", "severity": "high", "confidence": "high", "message": "two", "fingerprint": "2", "location": {"path": "a.py", "line": 9}},
  {"id": "A-1/b", "severity": "low", "confidence": "low", "message": "three", "fingerprint": "3", "location": null}
], "coverage": {"internalErrors": []}}`

func TestCompare(t *testing.T) {
	before, err := ReadReport([]byte(report))
	if err != nil || before.Incomplete || len(before.Findings) != 3 {
		t.Fatal(before, err)
	}
	// The first moved, the second is suppressed now, the third is gone, a fourth is new.
	later := strings.NewReplacer(`"line": 3`, `"line": 30`, `"fingerprint": "2"`, `"fingerprint": "2", "suppressed": {"reason": "x"}`, `"fingerprint": "3"`, `"fingerprint": "4"`,
		`[]}`, `["boom"]}`).Replace(report)
	after, err := ReadReport([]byte(later))
	if err != nil || !after.Incomplete {
		t.Fatal(after, err)
	}
	d := Compare(before, after)
	if d.Unchanged != 1 || len(d.New) != 1 || d.New[0].Fingerprint != "4" || len(d.Gone) != 2 || d.Gone[0].Fingerprint != "2" || d.Gone[1].Fingerprint != "3" {
		t.Errorf("%+v", d)
	}
	if d := Compare(before, before); d.Unchanged != 3 || len(d.New)+len(d.Gone) != 0 {
		t.Errorf("%+v", d)
	}
}

func TestReadReportRefuses(t *testing.T) {
	for text, want := range map[string]string{"": "not a JSON report", "[]": "not a JSON report", "{}": "its schema is \"\"", `{"schema": "stopper/routes/v1"}`: "its schema is",
		`{"schema": "stopper/audit/v1", "findings": [{"severity": "bad"}]}`: "unknown severity"} {
		if _, err := ReadReport([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzReadReport(f *testing.F) {
	f.Add(report)
	f.Fuzz(func(_ *testing.T, text string) {
		if r, err := ReadReport([]byte(text)); err == nil {
			Compare(r, r)
		}
	})
}
