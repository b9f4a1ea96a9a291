package suppress

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/report/result"
)

// A baseline lists known findings, one a line: fingerprint, check, path. It is sorted and has no dates, so that two
// branches merge without a conflict that means nothing; its first line counts the entries, so that a bad merge shows.
const baselineHead = "# stopper baseline v1: "

var baselineLine = regexp.MustCompile(`^([0-9a-f]{32})  (\S+)  (.+)$`)

// WriteBaseline lists the findings that are not suppressed.
func WriteBaseline(fs []*finding.Finding) []byte {
	var lines []string
	for _, f := range fs {
		if f.Suppressed == nil {
			lines = append(lines, fmt.Sprintf("%s  %s  %q", f.Fingerprint, f.ID(), f.Path))
		}
	}
	slices.SortFunc(lines, func(a, b string) int { return cmp.Or(cmp.Compare(a[32:], b[32:]), cmp.Compare(a, b)) })
	return []byte(fmt.Sprintf("%s%d\n%s", baselineHead, len(lines), strings.Join(append(lines, ""), "\n")))
}

// ApplyBaseline marks the findings that a baseline lists as suppressed. Entries that match nothing are returned as
// faults; name is how the file is called in them.
func ApplyBaseline(fs []*finding.Finding, name string, baseline []byte) ([]result.Suppression, error) {
	known, err := readBaseline(baseline)
	if err != nil {
		return nil, fmt.Errorf("baseline %s: %w", name, err)
	}
	for _, f := range fs {
		e, ok := known[f.Fingerprint]
		if !ok {
			continue
		}
		e.Used++
		if f.Suppressed == nil {
			f.Suppressed = &finding.Suppression{Reason: "known: in the baseline", Path: name, Line: e.Line, External: true}
		}
	}
	var stale []result.Suppression
	for _, e := range known {
		if e.Used == 0 {
			e.Path, e.Fault = name, "stale: no such finding any more; remove the line"
			stale = append(stale, *e)
		}
	}
	slices.SortFunc(stale, func(a, b result.Suppression) int { return cmp.Compare(a.Line, b.Line) })
	return stale, nil
}

func readBaseline(b []byte) (map[string]*result.Suppression, error) {
	head, rest, _ := bytes.Cut(b, []byte("\n"))
	count, ok := strings.CutPrefix(strings.TrimRight(string(head), "\r"), baselineHead)
	if !ok {
		return nil, fmt.Errorf("line 1: not a baseline; `stopper baseline` writes one")
	}
	out := map[string]*result.Suppression{}
	line := 1
	for text := range strings.Lines(string(rest)) {
		line++
		text = strings.TrimRight(text, "\r\n")
		m := baselineLine.FindStringSubmatch(text)
		if m == nil {
			return nil, fmt.Errorf("line %d: expected fingerprint, check and path", line)
		}
		out[m[1]] = &result.Suppression{Line: line, ID: m[2]}
	}
	if fmt.Sprint(len(out)) != count {
		return nil, fmt.Errorf("the first line counts %s entries, the file has %d: merge it again", count, len(out))
	}
	return out, nil
}
