// Package gitlab writes findings as a GitLab Code Quality report, which merge requests show on every tier of GitLab.
//
// In: a finished result. Out: a JSON array of issues with a description, the check, a fingerprint that survives moved lines, a
// severity and a place. Suppressed findings are left out: GitLab would show them as open. Paths are those of the repository when
// the audit was started at its root.
//
// Format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
package gitlab

import (
	"io"

	"stopper/internal/finding"
	"stopper/internal/report/result"
)

// Options chooses what is written.
type Options struct {
	MinConfidence finding.Confidence
}

type issue struct {
	Description string   `json:"description"`
	CheckName   string   `json:"check_name"`
	Fingerprint string   `json:"fingerprint"`
	Severity    string   `json:"severity"`
	Location    location `json:"location"`
}

type location struct {
	Path  string `json:"path"`
	Lines lines  `json:"lines"`
}

type lines struct {
	Begin int `json:"begin"`
}

// Write writes the issues, the same ones in the same order as every other report.
func Write(w io.Writer, r *result.Result, o Options) error {
	out := []issue{}
	for _, f := range r.Count(o.MinConfidence).Shown {
		out = append(out, issue{
			Description: result.Clip(result.Clean(f.Message+" ("+f.ID()+")"), result.MaxMessage),
			CheckName:   f.ID(),
			Fingerprint: f.Fingerprint,
			Severity:    severity(f.Severity),
			Location:    location{result.Clean(r.FromRepository(f.Path)), lines{max(1, f.Pos.Line)}},
		})
	}
	return result.Encode(w, out)
}

// severity is GitLab's word; its scale has five steps, of which "info" is none of ours.
func severity(s finding.Severity) string {
	switch s {
	case finding.Critical:
		return "blocker"
	case finding.High:
		return "critical"
	case finding.Medium:
		return "major"
	}
	return "minor"
}
