package explain

import (
	"fmt"
	"strings"

	"stopper/internal/rule"
	"stopper/spec"
)

// Answer says how far a clause of the spec is looked at.
type Answer string

// The answers.
const (
	Checked  Answer = "checked"         // every check named for it exists
	InPart   Answer = "in part"         // some of them do
	LiveOnly Answer = "live only"       // only the running site can tell
	Reasoned Answer = "not for a check" // no program can judge it; the clause says why
	NotYet   Answer = "not yet"
)

// Answers lists the answers in the order a summary has them.
func Answers() []Answer { return []Answer{Checked, InPart, LiveOnly, Reasoned, NotYet} }

// Clause is a clause of the spec with what there is for it.
type Clause struct {
	spec.Clause
	Answer  Answer
	Have    []string // checks that exist
	Missing []string // checks that do not exist yet
}

// Coverage compares the clauses of the spec with the rules.
func Coverage(rules []*rule.Meta) ([]Clause, error) {
	clauses, err := spec.Clauses()
	if err != nil {
		return nil, err
	}
	built := map[string]bool{}
	for _, m := range rules {
		for _, c := range m.Checks {
			built[strings.TrimPrefix(m.ID, "FLASK-")+"/"+c.Slug] = true
		}
	}
	out := make([]Clause, len(clauses))
	for i, c := range clauses {
		out[i].Clause = c
		for _, k := range c.Checks {
			if built[k] {
				out[i].Have = append(out[i].Have, k)
			} else {
				out[i].Missing = append(out[i].Missing, k)
			}
		}
		out[i].Answer = answer(&out[i])
	}
	return out, nil
}

func answer(c *Clause) Answer {
	switch {
	case len(c.Have) > 0 && len(c.Missing) == 0:
		return Checked
	case len(c.Have) > 0:
		return InPart
	case len(c.Missing) > 0:
		return NotYet
	case len(c.Live) > 0:
		return LiveOnly
	}
	return Reasoned
}

// CoverageTable prints the clauses, a line each with what looks at it, and the sums.
func CoverageTable(cs []Clause, s Style) string {
	w := &writer{style: s}
	idWidth, saysWidth := 0, 0
	for _, c := range cs {
		idWidth, saysWidth = max(idWidth, len(c.ID)), max(saysWidth, len(c.Says))
	}
	for _, c := range cs {
		fmt.Fprintf(w, "%-*s  %-6s  %-*s  %s\n", idWidth, c.ID, c.Level, saysWidth, c.Says, c.means(w))
	}
	fmt.Fprintf(w, "\n%d clauses:", len(cs))
	for i, a := range Answers() {
		n := 0
		for _, c := range cs {
			if c.Answer == a {
				n++
			}
		}
		fmt.Fprintf(w, "%s %d %s", [2]string{"", ","}[min(i, 1)], n, a)
	}
	w.WriteString("\n")
	return w.String()
}

// means lists what looks at a clause.
func (c *Clause) means(w *writer) string {
	var parts []string
	if len(c.Have) > 0 {
		parts = append(parts, strings.Join(c.Have, " "))
	}
	if len(c.Missing) > 0 {
		parts = append(parts, w.sgr("2", "not yet: "+strings.Join(c.Missing, " ")))
	}
	if len(c.Live) > 0 {
		parts = append(parts, "live: "+strings.Join(c.Live, " "))
	}
	if c.Reason != "" {
		parts = append(parts, c.Reason)
	}
	return strings.Join(parts, "; ")
}
