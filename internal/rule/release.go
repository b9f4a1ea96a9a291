package rule

import (
	"regexp"

	"stopper/internal/deps"
)

// AtLeast reports whether production has a release of a package, or of "python", that is not older than a version. It is not
// known where neither a lock nor the limits of the requirements say.
func (p *Pass) AtLeast(pkg, version string) (yes, known bool) {
	if pkg == "python" {
		return p.pythonAtLeast(version)
	}
	return p.Project.Deps.AtLeast(pkg, version)
}

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
		if yes, known := deps.Limits(f.Python.Text, version); known && !f.Dev {
			return yes, true
		}
	}
	return false, false
}
