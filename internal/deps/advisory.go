package deps

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed advisories.json
var advisoryData []byte

// Advisory is one published flaw of a package.
type Advisory struct {
	ID        string   `json:"id"`
	Aliases   []string `json:"aliases"`
	Package   string   `json:"package"`
	Ranges    []Range  `json:"ranges"`
	Severity  string   `json:"severity"` // LOW, MEDIUM, HIGH, CRITICAL
	Summary   string   `json:"summary"`
	AppliesIf []string `json:"appliesIf"` // "uses:flask.send_from_directory", "env:windows": what must be so for it to matter
	Published string   `json:"published"`
	Reference string   `json:"reference"`
}

// Range is a span of versions: from Introduced (or the first) up to, without, Fixed, or up to and with Last.
type Range struct {
	Introduced string `json:"introduced"`
	Fixed      string `json:"fixed"`
	Last       string `json:"last"`
}

// Advisories is the data with the day it speaks of.
type Advisories struct {
	DataAsOf   string     `json:"dataAsOf"`
	Source     string     `json:"source"`
	Advisories []Advisory `json:"advisories"`
}

// LoadAdvisories reads the embedded data. Records that were not compared with their source are not in it.
func LoadAdvisories() (*Advisories, error) {
	var a Advisories
	if err := json.Unmarshal(advisoryData, &a); err != nil {
		return nil, fmt.Errorf("advisories: %w", err)
	}
	return &a, nil
}

// Affects reports whether a version is in one of the ranges, and the version that mends it ("" when none does).
func (a *Advisory) Affects(version string) (fixed string, affected bool) {
	for _, r := range a.Ranges {
		if r.Introduced != "" {
			if c, ok := Compare(version, r.Introduced); !ok || c < 0 {
				continue
			}
		}
		switch {
		case r.Fixed != "":
			if Older(version, r.Fixed) {
				return r.Fixed, true
			}
		case r.Last != "":
			if c, ok := Compare(version, r.Last); ok && c <= 0 {
				return "", true
			}
		default:
			if _, ok := Compare(version, "0"); ok {
				return "", true
			}
		}
	}
	return "", false
}

// Uses lists the parts of "uses:a|b(c)" conditions: dotted names that the program must use.
func (a *Advisory) Uses() []string {
	var out []string
	for _, c := range a.AppliesIf {
		name, ok := strings.CutPrefix(c, "uses:")
		if !ok {
			continue
		}
		name, _, _ = strings.Cut(name, "(")
		out = append(out, name)
	}
	return out
}

// NeedsWindows reports whether it matters on Windows only.
func (a *Advisory) NeedsWindows() bool {
	for _, c := range a.AppliesIf {
		if c == "env:windows" {
			return true
		}
	}
	return false
}
