package suppress

import (
	"encoding/json"
	"fmt"

	"stopper/internal/finding"
)

// Seen is a finding as a JSON report has it, as far as a comparison needs it.
type Seen struct {
	ID          string             `json:"id"`
	Severity    finding.Severity   `json:"severity"`
	Confidence  finding.Confidence `json:"confidence"`
	Message     string             `json:"message"`
	Path        string             `json:"path"`
	Line        int                `json:"line"`
	Fingerprint string             `json:"fingerprint"`
	Suppressed  bool               `json:"suppressed"`
}

// Report is what a comparison reads of a JSON report.
type Report struct {
	Findings []Seen
	// Incomplete: a part of the analysis failed, so that a finding may be missing for that reason.
	Incomplete bool
}

// ReadReport reads a report of the schema stopper/audit/v1.
func ReadReport(text []byte) (Report, error) {
	var doc struct {
		Schema   string
		Findings []struct {
			ID          string
			Severity    finding.Severity
			Confidence  finding.Confidence
			Message     string
			Fingerprint string
			Location    *struct {
				Path string
				Line int
			}
			Suppressed *struct{}
		}
		Coverage struct{ Cut, InternalErrors []string }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return Report{}, fmt.Errorf("not a JSON report: %w", err)
	}
	if doc.Schema != "stopper/audit/v1" {
		return Report{}, fmt.Errorf("not a report of stopper audit --format json: its schema is %q", doc.Schema)
	}
	r := Report{Incomplete: len(doc.Coverage.Cut)+len(doc.Coverage.InternalErrors) > 0}
	for _, f := range doc.Findings {
		s := Seen{ID: f.ID, Severity: f.Severity, Confidence: f.Confidence, Message: f.Message, Fingerprint: f.Fingerprint, Suppressed: f.Suppressed != nil}
		if f.Location != nil {
			s.Path, s.Line = f.Location.Path, f.Location.Line
		}
		r.Findings = append(r.Findings, s)
	}
	return r, nil
}

// Delta is how two reports differ. A finding that was suppressed counts as not reported.
type Delta struct {
	New       []Seen `json:"new"`
	Gone      []Seen `json:"gone"`
	Unchanged int    `json:"unchanged"`
}

// Compare matches findings by fingerprint, whatever moved in between.
func Compare(before, after Report) Delta {
	d := Delta{New: []Seen{}, Gone: []Seen{}}
	known := open(before)
	now := open(after)
	for _, f := range after.Findings {
		switch {
		case f.Suppressed:
		case known[f.Fingerprint]:
			d.Unchanged++
		default:
			d.New = append(d.New, f)
		}
	}
	for _, f := range before.Findings {
		if !f.Suppressed && !now[f.Fingerprint] {
			d.Gone = append(d.Gone, f)
		}
	}
	return d
}

func open(r Report) map[string]bool {
	out := map[string]bool{}
	for _, f := range r.Findings {
		if !f.Suppressed {
			out[f.Fingerprint] = true
		}
	}
	return out
}
