package deps

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
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
	Versions  []string `json:"-"`        // further versions that are concerned, one by one
	Severity  string   `json:"severity"` // LOW, MEDIUM, HIGH, CRITICAL
	Summary   string   `json:"summary"`
	AppliesIf []string `json:"appliesIf"` // "uses:flask.send_from_directory", "env:windows": what must be so for it to matter
	Published string   `json:"published"`
	Reference string   `json:"reference"`
}

// Range is a span of versions: from Introduced (or the first) up to, without, Fixed, or up to and with Last. Limit ends it
// like Fixed, and mends nothing.
type Range struct {
	Introduced string `json:"introduced"`
	Fixed      string `json:"fixed"`
	Last       string `json:"last"`
	Limit      string `json:"-"`
}

// Advisories is the data with the day it speaks of.
type Advisories struct {
	DataAsOf   string     `json:"dataAsOf"`
	Source     string     `json:"source"`
	Advisories []Advisory `json:"advisories"`
	// Own is how many records of the user's folder joined, and Newest the day on which the latest of them was changed.
	Own    int    `json:"-"`
	Newest string `json:"-"`
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
		case r.Limit != "":
			if Older(version, r.Limit) {
				return "", true
			}
		default:
			if _, ok := Compare(version, "0"); ok {
				return "", true
			}
		}
	}
	return "", slices.Contains(a.Versions, version) || slices.ContainsFunc(a.Versions, func(v string) bool {
		c, ok := Compare(v, version)
		return ok && c == 0
	})
}

// Join adds the records of a user's folder. Records that name each other are one flaw, and are told once. Where one names an
// embedded advisory, its versions and rating count, being newer; what must be used for it to matter stays. A withdrawn
// record takes the embedded one with it.
func (a *Advisories) Join(r *Records) {
	a.Own, a.Newest = r.Read, r.Newest
	gone := map[string]bool{}
	for _, id := range r.Withdrawn {
		gone[id] = true
	}
	a.Advisories = slices.DeleteFunc(a.Advisories, func(x Advisory) bool { return gone[x.ID] })
	known := map[string]int{} // package and id → index
	note := func(i int) {
		x := &a.Advisories[i]
		known[x.Package+" "+x.ID] = i
		for _, alias := range x.Aliases {
			known[x.Package+" "+alias] = i
		}
	}
	for i := range a.Advisories {
		note(i)
	}
	embedded := len(a.Advisories)
	fresh := map[int]bool{}
	for _, x := range r.Advisories {
		i, ok := known[x.Package+" "+x.ID]
		for k := 0; k < len(x.Aliases) && !ok; k++ {
			i, ok = known[x.Package+" "+x.Aliases[k]]
		}
		if !ok {
			i = len(a.Advisories)
			a.Advisories = append(a.Advisories, x)
		} else {
			a.Advisories[i].merge(x, i < embedded && !fresh[i])
			fresh[i] = true
		}
		note(i)
	}
}

// merge takes over what another record says of the same flaw; replace drops the versions that were known before.
func (a *Advisory) merge(x Advisory, replace bool) {
	if replace {
		a.Ranges, a.Versions, a.Severity = nil, nil, cmp.Or(x.Severity, a.Severity)
	}
	a.Ranges = append(a.Ranges, x.Ranges...)
	a.Versions = append(a.Versions, x.Versions...)
	if slices.Index(Grades[:], x.Severity) > slices.Index(Grades[:], a.Severity) {
		a.Severity = x.Severity
	}
	for _, id := range append([]string{x.ID}, x.Aliases...) {
		if id != a.ID && len(a.Aliases) < maxAliases && !slices.Contains(a.Aliases, id) {
			a.Aliases = append(a.Aliases, id)
		}
	}
}

// maxAliases bounds the names of one flaw.
const maxAliases = 50

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
