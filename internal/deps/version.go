package deps

import (
	"strconv"
	"strings"

	pep440 "github.com/aquasecurity/go-pep440-version"
)

// maxVersion bounds a version's text before a pattern sees it.
const maxVersion = 100

// Compare orders two versions as PEP 440 does: -1, 0 or 1; false when one of them is no version.
func Compare(a, b string) (int, bool) {
	if len(a) > maxVersion || len(b) > maxVersion {
		return 0, false
	}
	x, errX := pep440.Parse(a)
	y, errY := pep440.Parse(b)
	if errX != nil || errY != nil {
		return 0, false
	}
	return x.Compare(y), true
}

// Older reports whether a version is certainly older than another.
func Older(version, than string) bool {
	c, ok := Compare(version, than)
	return ok && c < 0
}

// Allows reports whether a specifier may be satisfied by a version; an empty or unreadable one allows everything. Poetry's
// caret is read as what it stands for.
func Allows(spec, version string) bool {
	if spec == "" || len(spec) > maxVersion {
		return true
	}
	spec = caret(spec)
	s, err := pep440.NewSpecifiers(spec)
	v, errV := pep440.Parse(version)
	return err != nil || errV != nil || s.Check(v)
}

// caret turns "^2.3" into ">=2.3,<3"; for 0.x the second number counts.
func caret(spec string) string {
	if spec == "" || spec[0] != '^' {
		return spec
	}
	v, err := pep440.Parse(spec[1:])
	if err != nil {
		return ""
	}
	low := spec[1:]
	parts := splitRelease(v.BaseVersion())
	for i, n := range parts {
		if n > 0 || i == len(parts)-1 {
			return ">=" + low + ",<" + bump(parts, i)
		}
	}
	return ">=" + low
}

func splitRelease(s string) []int {
	var out []int
	n, digits := 0, false
	for i := 0; i <= len(s); i++ {
		if i < len(s) && '0' <= s[i] && s[i] <= '9' {
			n, digits = min(n*10+int(s[i]-'0'), 1<<30), true
			continue
		}
		if digits {
			out = append(out, n)
		}
		n, digits = 0, false
	}
	return out
}

// bump is the release in which the number at i is one higher and nothing follows.
func bump(parts []int, i int) string {
	var b strings.Builder
	for k := 0; k <= i; k++ {
		n := parts[k]
		if k == i {
			n++
		}
		if k > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}
