package engine

import (
	"fmt"
	"path"

	"stopper/internal/deps"
	"stopper/internal/project"
	"stopper/internal/report/result"
)

// maxBadRecords is how many files that are no OSV records are listed; the others are counted.
const maxBadRecords = 20

// advisories joins the user's records with the embedded advisories. Records that could not be read are listed with
// whatever else was not; an error means that the folder is none.
func (r *run) advisories(p *project.Project) (string, error) {
	p.Deps = project.Dependencies(r.ws)
	all, err := deps.LoadAdvisories()
	if err != nil {
		return "", err
	}
	records, err := deps.ReadOSV(r.opt.OSV, p.Deps.Uses)
	if err != nil {
		return "", fmt.Errorf("--osv %s: %w", r.opt.OSVName, err)
	}
	all.Join(records)
	p.Advisories = all
	c := &r.res.Coverage
	for i, bad := range records.Problems {
		if i == maxBadRecords {
			c.Skipped = append(c.Skipped, result.Skip{Path: r.opt.OSVName, Reason: fmt.Sprintf("%d further files could not be used", len(records.Problems)-i)})
			break
		}
		c.Skipped = append(c.Skipped, result.Skip{Path: path.Join(r.opt.OSVName, bad.Path), Reason: bad.Message})
	}
	if records.Limit != "" {
		c.Budgets = append(c.Budgets, "--osv: "+records.Limit)
	}
	return fmt.Sprintf("%d records, %d about packages of the tree", records.Read, len(records.Advisories)), nil
}
