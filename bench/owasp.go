package main

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// owaspBoard is the score on OWASP BenchmarkPython: per category the rate of flaws found less the rate of safe cases
// reported, in percent.
type owaspBoard struct {
	Categories []categoryRow `json:"categories"`
	Mean       float64       `json:"mean"`
}

type categoryRow struct {
	Name  string  `json:"name"`
	Flaws int     `json:"flaws"`
	Found int     `json:"found"`
	Safe  int     `json:"safe"`
	False int     `json:"false"`
	Score float64 `json:"score"`
}

type testCase struct {
	name, category string
	real           bool
	cwe            int
}

func scoreOWASP(t *tool, dir string) (*owaspBoard, error) {
	cases, err := owaspCases(dir)
	if err != nil {
		return nil, err
	}
	_, a, err := t.audit(dir)
	if err != nil {
		return nil, err
	}
	return owaspScore(cases, a), nil
}

// owaspCases reads the table of expected results.
func owaspCases(dir string) ([]testCase, error) {
	files, _ := filepath.Glob(filepath.Join(dir, "expectedresults-*.csv"))
	if len(files) == 0 {
		return nil, errors.New("no expectedresults-*.csv in the BenchmarkPython checkout")
	}
	text, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(string(text)))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	var out []testCase
	for _, row := range rows {
		if len(row) < 4 || strings.HasPrefix(row[0], "#") {
			continue
		}
		cwe, err := strconv.Atoi(strings.TrimSpace(row[3]))
		if err != nil {
			return nil, err
		}
		out = append(out, testCase{row[0], row[1], strings.TrimSpace(row[2]) == "true", cwe})
	}
	return out, nil
}

// owaspScore: a case is found when a finding in its file has exactly the CWE of its category.
func owaspScore(cases []testCase, a *audit) *owaspBoard {
	type key struct {
		file string
		cwe  int
	}
	seen := map[key]bool{}
	for _, f := range a.Findings {
		name, _, _ := strings.Cut(filepath.Base(f.Location.Path), ".")
		seen[key{name, f.CWE}] = true
	}
	rows := map[string]*categoryRow{}
	for _, c := range cases {
		r := rows[c.category]
		if r == nil {
			r = &categoryRow{Name: c.category}
			rows[c.category] = r
		}
		hit := seen[key{c.name, c.cwe}]
		switch {
		case c.real && hit:
			r.Flaws, r.Found = r.Flaws+1, r.Found+1
		case c.real:
			r.Flaws++
		case hit:
			r.Safe, r.False = r.Safe+1, r.False+1
		default:
			r.Safe++
		}
	}
	b := &owaspBoard{}
	for _, r := range rows {
		if r.Flaws > 0 {
			r.Score += 100 * float64(r.Found) / float64(r.Flaws)
		}
		if r.Safe > 0 {
			r.Score -= 100 * float64(r.False) / float64(r.Safe)
		}
		b.Mean += r.Score / float64(len(rows))
		b.Categories = append(b.Categories, *r)
	}
	slices.SortFunc(b.Categories, func(x, y categoryRow) int { return strings.Compare(x.Name, y.Name) })
	return b
}
