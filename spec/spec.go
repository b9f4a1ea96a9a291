// Package spec holds what the project says about each clause of the Flask security spec: which checks look at it, which
// question only the running site answers, or why no program can judge it.
//
// In: coverage.toml, embedded. Out: the clauses, in the order of the spec. A clause names checks that may not be built
// yet: whoever asks compares with the rules that exist.
package spec

import (
	"bytes"
	_ "embed" // for the table
	"fmt"

	"github.com/pelletier/go-toml/v2"
)

//go:embed coverage.toml
var coverage []byte

// Clause is one demand of the spec.
type Clause struct {
	ID    string `toml:"id"`    // XSS-001.3: third clause of FLASK-XSS-001
	Level string `toml:"level"` // must, should, may
	Says  string `toml:"says"`  // what it asks for, in a few words
	// Checks look at it: XSS-001/safe-filter.
	Checks []string `toml:"checks"`
	// Live are questions of internal/visibility that the running site answers.
	Live []string `toml:"live"`
	// Reason is why no program can judge it, or only in part.
	Reason string `toml:"reason"`
}

// Clauses lists all clauses.
func Clauses() ([]Clause, error) {
	var doc struct {
		Clause []Clause `toml:"clause"`
	}
	if err := toml.NewDecoder(bytes.NewReader(coverage)).DisallowUnknownFields().Decode(&doc); err != nil {
		return nil, fmt.Errorf("spec/coverage.toml: %w", err)
	}
	return doc.Clause, nil
}
