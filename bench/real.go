package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// realBoard is the score on real vulnerabilities: found before the fix, silent after it.
type realBoard struct {
	Families []familyRow `json:"families"`
	Entries  []entryRow  `json:"entries"`
}

type familyRow struct {
	Family   string `json:"family"`
	Expected int    `json:"expected"` // should be reported at the vulnerable commit
	Found    int    `json:"found"`
	Silent   int    `json:"silent"` // of those found: silent at the fixed commit, where they should be
	Fixed    int    `json:"fixed"`  // of those found: how many should be silent
}

type entryRow struct {
	N      int    `json:"n"`
	ID     string `json:"id"`
	Family string `json:"family"`
	Before string `json:"before"` // found, missed, or why it could not be run
	After  string `json:"after"`
}

// vulnerability is one entry of the list.
type vulnerability struct {
	N            int      `json:"n"`
	ID           string   `json:"id"`
	Repo         string   `json:"repo"`
	VulnCommit   string   `json:"vuln_commit"`
	FixCommit    string   `json:"fix_commit"`
	File         string   `json:"file"`
	Function     string   `json:"function"`
	SinkLine     int      `json:"sink_line"`
	Family       string   `json:"family"`
	Match        string   `json:"match"` // line, function, file or repo
	AcceptRules  []string `json:"accept_rules"`
	ExpectBefore string   `json:"expect_before"`
	ExpectAfter  string   `json:"expect_after"`
	Flow         []struct {
		At string `json:"at"`
	} `json:"flow"`
}

// near is how far, in lines, a finding may be from the place that the list names.
const near = 3

func scoreReal(t *tool, o *options) (*realBoard, error) {
	var list []vulnerability
	if err := readJSON(o.real, &list); err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b vulnerability) int { return cmp.Or(strings.Compare(a.Repo, b.Repo), cmp.Compare(a.N, b.N)) })
	r := &realRun{tool: t, mirrors: o.mirrors, audits: map[string]*audit{}}
	b := &realBoard{}
	for i := range list {
		v := &list[i]
		if o.only != "" && !strings.Contains(v.Repo, o.only) && !strings.Contains(v.Family, o.only) {
			continue
		}
		b.Entries = append(b.Entries, r.entry(v))
	}
	b.sum(list)
	return b, nil
}

type realRun struct {
	tool    *tool
	mirrors string
	audits  map[string]*audit // by repository and commit
}

func (r *realRun) entry(v *vulnerability) entryRow {
	row := entryRow{N: v.N, ID: v.ID, Family: v.Family}
	before, err := r.audit(v.Repo, v.VulnCommit)
	if err != nil {
		row.Before = "not run: " + err.Error()
		return row
	}
	hits := v.matches(before)
	row.Before = "missed"
	if len(hits) > 0 {
		row.Before = "found"
	}
	after, err := r.audit(v.Repo, v.FixCommit)
	switch {
	case err != nil:
		row.After = "not run: " + err.Error()
	case len(hits) > 0 && v.stays(v.ofFamily(hits), after):
		row.After = "reported"
	default:
		row.After = "silent"
	}
	return row
}

// audit checks out one commit beside the scratch folder, audits it, and remembers the result.
func (r *realRun) audit(repo, commit string) (*audit, error) {
	key := repo + "@" + commit
	if a, ok := r.audits[key]; ok {
		return a, nil
	}
	git := r.gitDir(repo)
	if git == "" {
		return nil, fmt.Errorf("no mirror of %s", repo)
	}
	dir, err := os.MkdirTemp(r.tool.scratch, "checkout")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command("git", "--git-dir", git, "--work-tree", dir, "checkout", "-q", "-f", commit, "--", ".")
	cmd.Env = append(os.Environ(), "GIT_INDEX_FILE="+filepath.Join(r.tool.scratch, "index"))
	// A mirror may lack large files; the others are there all the same.
	if out, err := cmd.CombinedOutput(); err != nil && !bytes.Contains(out, []byte("unable to read")) {
		return nil, fmt.Errorf("checkout: %.120s", bytes.TrimSpace(out))
	}
	_, a, err := r.tool.audit(dir)
	r.audits[key] = a
	return a, err
}

// gitDir finds the bare repository of a project: OWNER+NAME, or a folder in it.
func (r *realRun) gitDir(repo string) string {
	base := filepath.Join(r.mirrors, strings.ReplaceAll(repo, "/", "+"))
	found, _ := filepath.Glob(filepath.Join(base, "*", "HEAD"))
	for _, head := range append(found, filepath.Join(base, "HEAD")) {
		if _, err := os.Stat(head); err == nil {
			return filepath.Dir(head)
		}
	}
	return ""
}

// matches are the findings that name the flaw.
func (v *vulnerability) matches(a *audit) []found {
	var out []found
	for _, f := range a.Findings {
		if v.accepts(&f) && v.isThere(&f) {
			out = append(out, f)
		}
	}
	return out
}

func (v *vulnerability) accepts(f *found) bool {
	return slices.ContainsFunc(slices.Concat(v.AcceptRules, extensions(v.Family)), func(rule string) bool { return rule == f.RuleID || rule == f.ID })
}

// extensions are the rules for families that the list names in words, because the spec has no rule for them.
func extensions(family string) []string {
	_, words, ok := strings.Cut(family, "other:")
	if !ok {
		return nil
	}
	switch {
	case strings.HasPrefix(words, "auth"), strings.HasPrefix(words, "missing-auth"):
		return []string{"FLASK-AUTH-001", "FLASK-AUTH-002"}
	case strings.HasPrefix(words, "code-injection"):
		return []string{"FLASK-CODE-001"}
	case strings.HasPrefix(words, "ldap"):
		return []string{"FLASK-LDAP-001"}
	case strings.HasPrefix(words, "deserialization"):
		return []string{"FLASK-DESER-001"}
	case strings.HasPrefix(words, "csv"):
		return []string{"FLASK-CSV-001"}
	case strings.HasPrefix(words, "jwt"):
		return []string{"FLASK-JWT-001"}
	case strings.HasPrefix(words, "mass"):
		return []string{"FLASK-MASS-001"}
	case strings.HasPrefix(words, "xxe"):
		return []string{"FLASK-XML-001"}
	}
	return nil
}

// ofFamily leaves out findings of neighbouring rules that the list accepts too: whether those are there after the fix says
// nothing about this flaw.
func (v *vulnerability) ofFamily(fs []found) []found {
	own := slices.DeleteFunc(slices.Clone(fs), func(f found) bool { return f.RuleID != v.Family })
	if len(own) == 0 && strings.HasPrefix(v.Family, "other:") {
		return fs
	}
	return own
}

func (v *vulnerability) isThere(f *found) bool {
	places := f.places()
	switch v.Match {
	case "repo":
		return true
	case "file":
		return slices.ContainsFunc(places, func(l location) bool { return l.Path == v.File })
	case "function":
		name := v.Function[strings.LastIndexByte(v.Function, '.')+1:]
		if slices.ContainsFunc(places, func(l location) bool { return l.Path == v.File && inFunction(l.Function, name) }) {
			return true
		}
	}
	return slices.ContainsFunc(places, v.isNear)
}

func inFunction(qualified, name string) bool {
	return name != "" && slices.Contains(strings.Split(strings.TrimSuffix(qualified, "()"), "."), name)
}

// isNear: within a few lines of the sink or of a step of the flow.
func (v *vulnerability) isNear(l location) bool {
	close := func(path string, line int) bool {
		return l.Path == path && line >= l.Line-near && line <= max(l.Line, l.EndLine)+near
	}
	if close(v.File, v.SinkLine) {
		return true
	}
	for _, s := range v.Flow {
		path, line, _ := strings.Cut(s.At, ":")
		if n, err := strconv.Atoi(line); err == nil && close(path, n) {
			return true
		}
	}
	return false
}

// places are where a finding points to: its own line, and the ends of its flows.
func (f *found) places() []location {
	out := append([]location{f.Location}, f.Flow...)
	for _, flow := range f.MoreFlows {
		out = append(out, flow...)
	}
	return out
}

// stays: the same check still speaks in the same function after the fix. Lines moved, so functions are compared; where
// a finding has none, its file.
func (v *vulnerability) stays(before []found, after *audit) bool {
	for _, f := range after.Findings {
		for _, b := range before {
			if f.ID == b.ID && f.Location.Path == b.Location.Path && f.Location.Function == b.Location.Function {
				return true
			}
		}
	}
	return false
}

func (b *realBoard) sum(list []vulnerability) {
	rows := map[string]*familyRow{}
	for _, e := range b.Entries {
		i := slices.IndexFunc(list, func(v vulnerability) bool { return v.N == e.N })
		v := &list[i]
		if v.ExpectBefore != "report" || e.Before != "found" && e.Before != "missed" {
			continue
		}
		r := rows[v.Family]
		if r == nil {
			r = &familyRow{Family: v.Family}
			rows[v.Family] = r
		}
		r.Expected++
		if e.Before != "found" {
			continue
		}
		r.Found++
		if v.ExpectAfter == "silent" && !strings.HasPrefix(e.After, "not run") {
			r.Fixed++
			if e.After == "silent" {
				r.Silent++
			}
		}
	}
	for _, r := range rows {
		b.Families = append(b.Families, *r)
	}
	slices.SortFunc(b.Families, func(x, y familyRow) int { return strings.Compare(x.Family, y.Family) })
}
