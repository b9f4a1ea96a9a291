package rule

import (
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

// ShowsProduction reports whether the repository holds a start command for production.
func (p *Pass) ShowsProduction() bool {
	return len(p.Project.Deploy.Production()) > 0
}

// ShowsTLS reports whether the repository shows that production is reached over HTTPS.
func (p *Pass) ShowsTLS() bool {
	return p.Project.Deploy.TLSShown()
}
