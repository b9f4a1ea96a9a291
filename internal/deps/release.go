package deps

import (
	"regexp"
	"strings"
)

// AtLeast reports whether production has a release of a package that is not older than a version. It is not known where neither
// a lock nor the limits of the requirements say.
func (s *Set) AtLeast(pkg, version string) (yes, known bool) {
	if s == nil {
		return false, false
	}
	if d, ok := s.Locked(pkg); ok {
		_, comparable := Compare(d.Version, version)
		return !Older(d.Version, version), comparable
	}
	for _, d := range s.Find(pkg) {
		if d.Dev || d.Direct {
			continue
		}
		if yes, known := Limits(d.Spec, version); known {
			return yes, true
		}
	}
	return false, false
}

// Limits reads a specifier such as ">=5.4,<7": every release that it allows is at least the version, or none is.
func Limits(spec, version string) (yes, known bool) {
	for part := range strings.SplitSeq(spec, ",") {
		m := limit.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			continue
		}
		c, ok := Compare(m[2], version)
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
