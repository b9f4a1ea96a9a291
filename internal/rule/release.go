package rule

import (
	"regexp"
	"strings"

	"stopper/internal/deps"
)

// AtLeast reports whether production has a release of a package, or of "python", that is not older than a version. It is not
// known where neither a lock nor the limits of the requirements say.
func (p *Pass) AtLeast(pkg, version string) (yes, known bool) {
	if pkg == "python" {
		return p.pythonAtLeast(version)
	}
	if d, ok := p.Project.Deps.Locked(pkg); ok {
		_, comparable := deps.Compare(d.Version, version)
		return !deps.Older(d.Version, version), comparable
	}
	for _, d := range p.Project.Deps.Find(pkg) {
		if d.Dev || d.Direct {
			continue
		}
		if yes, known := limits(d.Spec, version); known {
			return yes, true
		}
	}
	return false, false
}

// limits reads a specifier such as ">=5.4,<7": every release that it allows is at least the version, or none is.
func limits(spec, version string) (yes, known bool) {
	for part := range strings.SplitSeq(spec, ",") {
		m := limit.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			continue
		}
		c, ok := deps.Compare(m[2], version)
		switch {
		case !ok:
		case strings.Contains(">= ~= ^ >", m[1]) && c >= 0:
			return true, true
		case m[1] == "<" && c <= 0, m[1] == "<=" && c < 0:
			return false, true
		}
	}
	return false, false
}

var limit = regexp.MustCompile(`^(>=|<=|~=|\^|>|<)\s*v?([0-9][0-9A-Za-z.]{0,20})$`)

var pythonTag = regexp.MustCompile(`(?:^|/)python:(\d+\.\d+)`)

// pythonAtLeast asks the images that production runs in; all of them must agree.
func (p *Pass) pythonAtLeast(version string) (yes, known bool) {
	for _, img := range p.Project.Deploy.Images {
		if img.Dev || len(img.Stages) == 0 {
			continue
		}
		m := pythonTag.FindStringSubmatch(img.Stages[len(img.Stages)-1].Base)
		if m == nil {
			continue
		}
		is := !deps.Older(m[1], version)
		if known && is != yes {
			return false, false
		}
		yes, known = is, true
	}
	if known {
		return yes, true
	}
	for _, f := range p.Project.Deps.Files {
		if yes, known := limits(f.Python.Text, version); known && !f.Dev {
			return yes, true
		}
	}
	return false, false
}
