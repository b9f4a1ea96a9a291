// Package explain writes a rule's page, and the catalogue of rules, for a terminal.
//
// In: the pages. Out: text; pure functions. An id that does not exist gets an error with the nearest ones that do.
package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stopper/internal/finding"
	"stopper/internal/rule"
)

// Style says how to write a page.
type Style struct {
	Color bool
	Width int // 0 means 100
}

// Unknown is the error for an id that no rule has.
type Unknown struct {
	ID      string
	Similar []string
}

func (u *Unknown) Error() string {
	msg := fmt.Sprintf("there is no rule %q", u.ID)
	if len(u.Similar) > 0 {
		return msg + "; did you mean " + strings.Join(u.Similar, " or ") + "?"
	}
	return msg + "; `stopper rules` lists them"
}

// Find resolves RULE or RULE/check, in any case, and with the FLASK- left out. The check is nil for a whole rule.
func Find(rules []*rule.Meta, id string) (*rule.Meta, *rule.Check, error) {
	name, slug, hasSlug := strings.Cut(id, "/")
	name = strings.ToUpper(name)
	for _, m := range rules {
		if m.ID != name && m.ID != "FLASK-"+name {
			continue
		}
		if !hasSlug {
			return m, nil, nil
		}
		if c := m.Check(strings.ToLower(slug)); c != nil {
			return m, c, nil
		}
		return nil, nil, &Unknown{id, similar(checkIDs(m), m.ID+"/"+slug, len(id))}
	}
	return nil, nil, &Unknown{id, suggest(rules, id, slug)}
}

func checkIDs(m *rule.Meta) []string {
	var out []string
	for _, c := range m.Checks {
		out = append(out, m.ID+"/"+c.Slug)
	}
	return out
}

// suggest looks for a similar rule, or for the check alone: people remember "open-redirect", not the number.
func suggest(rules []*rule.Meta, id, slug string) []string {
	var ids, exact []string
	for _, m := range rules {
		ids = append(ids, m.ID)
		for _, c := range m.Checks {
			if c.Slug == strings.ToLower(id) || slug != "" && c.Slug == slug {
				exact = append(exact, m.ID+"/"+c.Slug)
			}
		}
		if word := strings.Split(m.ID, "-"); len(word) > 1 && strings.EqualFold(word[1], id) {
			exact = append(exact, m.ID)
		}
	}
	if len(exact) > 0 {
		return exact[:min(len(exact), maxSuggestions)]
	}
	name, _, _ := strings.Cut(strings.ToUpper(id), "/")
	return similar(ids, name, 6)
}

const maxSuggestions = 3

// similar are the candidates within an edit distance of a third of the name.
func similar(candidates []string, name string, limit int) []string {
	if len(name) > 80 { // an id is short; the distance is quadratic
		return nil
	}
	type scored struct {
		id   string
		cost int
	}
	var out []scored
	for _, c := range candidates {
		d := min(distance(c, name), distance(strings.TrimPrefix(c, "FLASK-"), name))
		if d <= min(limit, max(2, len(c)/3)) {
			out = append(out, scored{c, d})
		}
	}
	slices.SortFunc(out, func(a, b scored) int { return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.id, b.id)) })
	var ids []string
	for _, s := range out[:min(len(out), maxSuggestions)] {
		if s.cost == out[0].cost { // a second-best guess is noise beside a good one
			ids = append(ids, s.id)
		}
	}
	return ids
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, substitute)
		}
	}
	return row[len(b)]
}

// Page writes the page of a rule, or of one check when c is not nil.
func Page(m *rule.Meta, c *rule.Check, s Style) string {
	w := &writer{style: s, width: cmp.Or(s.Width, 100)}
	w.width = min(max(w.width, 40), 110)
	w.head(m, c)
	if m.Intro != "" {
		w.markdown(m.Intro, "")
	}
	for _, sec := range rule.Sections() {
		w.section(m, c, sec)
	}
	return w.String()
}

// Catalogue lists all rules with their checks.
func Catalogue(rules []*rule.Meta, s Style) string {
	w := &writer{style: s}
	wide := 0
	for _, m := range rules {
		for _, c := range m.Checks {
			wide = max(wide, len(c.Slug))
		}
	}
	for i, m := range rules {
		if i > 0 {
			w.WriteByte('\n')
		}
		fmt.Fprintf(w, "%s  %s\n", w.bold(m.ID), m.Title)
		for _, c := range m.Checks {
			fmt.Fprintf(w, "  %-*s  %-9s %-9s %s\n", wide, c.Slug, severities(c), fmt.Sprintf("CWE-%d", c.CWE), c.Title)
		}
	}
	return w.String()
}

func severities(c rule.Check) string {
	if c.Lowest == c.Highest {
		return c.Severity.String()
	}
	short := func(s finding.Severity) string { return s.String()[:min(4, len(s.String()))] }
	return short(c.Lowest) + "–" + short(c.Highest)
}
