package rule

import (
	"regexp"
	"strings"

	"stopper/internal/flask"
)

// developmentWords in the name of a class or a file say that it is not for production.
var developmentWords = [...]string{"dev", "test", "local", "debug", "example", "sample", "demo", "tutorial"}

// IsDevelopment reports whether a configuration assignment never counts in production: it stands for development or tests
// by its place, or something always replaces it.
func IsDevelopment(c flask.ConfigSet) bool {
	return c.Replaced || c.Env == flask.Development || c.Env == flask.Testing
}

// NamesDevelopment reports whether a name says that something is for development or tests.
func NamesDevelopment(name string) bool {
	l := strings.ToLower(name)
	for _, w := range developmentWords {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// signingKey are names of the key that Flask and its extensions sign with.
var signingKey = regexp.MustCompile(`(?i)\b(flask_|app_|jwt_|csrf_|wtf_csrf_)?secret_?key\b`)

// NamesSigningKey reports whether a name is that of a key that signs sessions or tokens.
func NamesSigningKey(name string) bool { return signingKey.MatchString(name) }

// ShowsProduction reports whether the repository holds a start command for production.
func (p *Pass) ShowsProduction() bool {
	return len(p.Project.Deploy.Production()) > 0
}

// ShowsTLS reports whether the repository shows that production is reached over HTTPS.
func (p *Pass) ShowsTLS() bool {
	return p.Project.Deploy.TLSShown()
}
