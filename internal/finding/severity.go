package finding

import (
	"fmt"
	"strings"
)

// Severity is how bad a flaw is where it was found. The zero value is "not set".
type Severity uint8

// The spec's four severities, ascending, so that they compare with < and >.
const (
	Low Severity = iota + 1
	Medium
	High
	Critical
)

// Severities lists them from the worst down.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low} }

func (s Severity) String() string {
	switch s {
	case Critical:
		return "Critical"
	case High:
		return "High"
	case Medium:
		return "Medium"
	case Low:
		return "Low"
	}
	return "None"
}

// MarshalText writes the lower-case name, as the machine formats have it.
func (s Severity) MarshalText() ([]byte, error) { return []byte(strings.ToLower(s.String())), nil }

// UnmarshalText reads any case.
func (s *Severity) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSeverity(string(b))
	return err
}

// ParseSeverity reads a severity's name in any case.
func ParseSeverity(name string) (Severity, error) {
	for _, s := range Severities() {
		if strings.EqualFold(name, s.String()) {
			return s, nil
		}
	}
	return 0, fmt.Errorf("unknown severity %q: use critical, high, medium or low", name)
}

// Confidence is how sure the analysis is. The zero value is "not set".
type Confidence uint8

// Ascending, so that they compare with < and >.
const (
	ConfidenceLow Confidence = iota + 1
	ConfidenceMedium
	ConfidenceHigh
)

func (c Confidence) String() string {
	switch c {
	case ConfidenceLow:
		return "low"
	case ConfidenceMedium:
		return "medium"
	case ConfidenceHigh:
		return "high"
	}
	return "none"
}

// MarshalText writes the name.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads any case.
func (c *Confidence) UnmarshalText(b []byte) (err error) {
	*c, err = ParseConfidence(string(b))
	return err
}

// ParseConfidence reads a confidence's name in any case.
func ParseConfidence(name string) (Confidence, error) {
	for c := ConfidenceLow; c <= ConfidenceHigh; c++ {
		if strings.EqualFold(name, c.String()) {
			return c, nil
		}
	}
	return 0, fmt.Errorf("unknown confidence %q: use high, medium or low", name)
}

// Verdict tells a seen violation from something the code cannot show.
type Verdict uint8

const (
	// Violation is seen in the code.
	Violation Verdict = iota
	// Verify is not visible in app code; Settle says what would settle it.
	Verify
)

func (v Verdict) String() string {
	if v == Verify {
		return "verify"
	}
	return "violation"
}

// MarshalText writes the name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }
