package ci001

import (
	"strings"

	"stopper/internal/deploy"
	"stopper/internal/finding"
	"stopper/internal/rule"
)

// plain: a secret that stands in the pipeline's file itself. One finding speaks of all places that repeat it.
func (j *judge) plain(file string, list []deploy.Var) {
	for _, v := range list {
		if !isSecretName(v.Name) || len(v.Value) < 12 || isReference(v.Value) || isPlaceholder(v.Value) || !mixed(v.Value) {
			continue
		}
		key := v.Name + "=" + v.Value
		if f := j.parts[key]; f != nil {
			if len(f.Related) < maxRelated {
				f.Related = append(f.Related, rule.LinePlace(file, v.Line, "stands here as well"))
			}
			continue
		}
		f := j.AtLine("plain-secret", file, v.Line)
		j.parts[key] = f
		f.Secret = true
		f.Message = v.Name + " has its value in the pipeline, for everybody who reads the repository"
		if name := strings.ToUpper(v.Name); strings.HasPrefix(name, "CODECOV") || strings.HasPrefix(name, "COVERALLS") {
			f.Severity = finding.Low
			f.Reasons = append(f.Reasons, "with it, others can upload reports in the project's name, and nothing else")
		}
		j.Report(f)
	}
}

// isReference: what the service fills in.
func isReference(s string) bool { return strings.Contains(s, "${{") || strings.Contains(s, "<<") }

// databases are variables with which images of databases are started, in pipelines for the length of a test.
var databases = [...]string{"POSTGRES", "MYSQL", "MARIADB", "MONGO", "RABBITMQ", "PGPASS", "MINIO", "MSSQL", "SA_"}

func isSecretName(name string) bool {
	for _, db := range databases {
		if strings.HasPrefix(strings.ToUpper(name), db) {
			return false
		}
	}
	n := strings.ToLower(name)
	for _, w := range [...]string{"secret", "password", "token", "api_key", "api-key", "access_key", "private_key"} {
		if strings.Contains(n, w) {
			return true
		}
	}
	return false
}

func isPlaceholder(s string) bool {
	l := strings.ToLower(s)
	for _, w := range [...]string{"test", "example", "dummy", "change", "fake", "secret", "password", "placeholder", "postgres", "not-", "ci-", "super"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// mixed: letters and digits together, without spaces: words are no secrets.
func mixed(s string) bool {
	return strings.ContainsAny(s, "0123456789") && !strings.ContainsAny(s, " /$") && strings.ContainsFunc(s, func(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' })
}
