package main

import (
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
)

type speedRow struct {
	App string `json:"app"`
	usage
	Lines          int `json:"lines"`
	LinesPerSecond int `json:"linesPerSecond"`
}

type noiseRow struct {
	App      string `json:"app"`
	Critical int    `json:"critical"`
	High     int    `json:"high"`
	All      int    `json:"all"`
	// PerTenThousand counts High and Critical findings per 10,000 lines of Python.
	PerTenThousand float64 `json:"perTenThousandLines"`
}

func noiseOf(app string, a *audit) noiseRow {
	r := noiseRow{App: app, All: len(a.Findings)}
	for _, f := range a.Findings {
		switch f.Severity {
		case "critical":
			r.Critical++
		case "high":
			r.High++
		}
	}
	if a.Coverage.PythonLines > 0 {
		r.PerTenThousand = float64(r.Critical+r.High) * 10_000 / float64(a.Coverage.PythonLines)
	}
	return r
}

type peerRow map[string]usage

// peers are the other tools that can be timed, as their manuals say to run them on a folder.
func peers(dir string) map[string][]string {
	return map[string][]string{
		"ruff":   {"check", "--select", "S", "--no-cache", "--quiet", "--isolated", dir},
		"bandit": {"-r", "-q", "-f", "json", dir},
	}
}

func (b *board) timePeers(app, dir string, runs int) {
	if b.Peers == nil {
		b.Peers = map[string]peerRow{}
	}
	row := peerRow{}
	for name, args := range peers(dir) {
		if _, err := exec.LookPath(name); err != nil {
			continue
		}
		for range max(runs, 1) {
			u, err := measured(name, args...)
			if old, seen := row[name]; err == nil && (!seen || u.Seconds < old.Seconds) {
				row[name] = u
			}
		}
	}
	b.Peers[app] = row
}

type routesRow struct {
	App       string  `json:"app"`
	Truth     int     `json:"truth"`
	Recall    float64 `json:"recall"`
	Precision float64 `json:"precision"`
	Line      float64 `json:"line"` // of those found, at the right line
}

type route struct {
	URL     *string  `json:"url"`
	Rule    string   `json:"rule"`
	Methods []string `json:"methods"`
	File    string   `json:"file"`
	Line    int      `json:"line"`
	DefLine int      `json:"def_line"`
	Class   string   `json:"class_file"`
	ClassAt int      `json:"class_line"`
}

// truth is a runtime URL map: what the application itself registered.
type truth struct {
	Rules       []route                 `json:"rules"`
	Conditional []route                 `json:"conditional_rules"`
	Library     struct{ Rules []route } `json:"library_rules"`
	OtherFiles  []string                `json:"other_files"`
}

var converter = regexp.MustCompile(`<(?:[a-zA-Z_][a-zA-Z0-9_]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?:)?\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*>`)
var slashes = regexp.MustCompile(`/{2,}`)

// normal is a rule without converters: they are judged elsewhere.
func normal(rule string) string {
	return slashes.ReplaceAllString("/"+converter.ReplaceAllString(strings.TrimSpace(rule), "<$1>"), "/")
}

func scoreRoutes(t *tool, dir, answers string) (routesRow, error) {
	var want truth
	if err := readJSON(answers, &want); err != nil {
		return routesRow{}, err
	}
	file := path.Join(t.scratch, "routes.json")
	if _, err := measured(t.bin, "routes", dir, "--format", "json", "--output", file); err != nil {
		return routesRow{}, err
	}
	var got struct{ Routes []route }
	if err := readJSON(file, &got); err != nil {
		return routesRow{}, err
	}
	row := compareRoutes(&want, got.Routes)
	row.App = path.Base(dir)
	return row, nil
}

type pair struct{ rule, method string }

func compareRoutes(want *truth, got []route) routesRow {
	pairs, rules, neutral := map[pair][]route{}, map[string]bool{}, map[string]bool{}
	for _, r := range want.Rules {
		rules[normal(r.Rule)] = true
		for _, m := range r.Methods {
			p := pair{normal(r.Rule), m}
			pairs[p] = append(pairs[p], r)
		}
	}
	for _, r := range slices.Concat(want.Conditional, want.Library.Rules) {
		neutral[normal(r.Rule)] = true
	}
	found, placed, wrong := map[pair]bool{}, map[pair]bool{}, map[pair]bool{}
	for _, r := range got {
		if r.URL == nil {
			continue
		}
		rule := normal(*r.URL)
		if !rules[rule] && (neutral[rule] || isOther(want.OtherFiles, r.File)) {
			continue
		}
		for _, m := range r.Methods {
			p := pair{rule, m}
			switch truths, ok := pairs[p]; {
			case ok:
				found[p] = true
				placed[p] = placed[p] || slices.ContainsFunc(truths, func(w route) bool { return samePlace(r, w) })
			case m != "HEAD" && m != "OPTIONS" && !neutral[rule]:
				wrong[p] = true
			}
		}
	}
	lines := 0
	for _, ok := range placed {
		if ok {
			lines++
		}
	}
	return routesRow{Truth: len(pairs), Recall: ratio(len(found), len(pairs)), Precision: ratio(len(found), len(found)+len(wrong)), Line: ratio(lines, len(found))}
}

func samePlace(got, want route) bool {
	return got.File == want.File && got.Line >= want.Line && got.Line <= max(want.DefLine, want.Line) ||
		got.File == want.Class && got.Line == want.ClassAt
}

func isOther(patterns []string, file string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if dir, ok := strings.CutSuffix(p, "*"); ok && strings.HasPrefix(file, dir) {
			return true
		}
		ok, err := path.Match(p, file)
		return ok && err == nil
	})
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}
