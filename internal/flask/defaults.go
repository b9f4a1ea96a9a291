package flask

import "stopper/internal/deps"

// Default is what Flask, or an extension, uses for a key that nobody sets.
type Default struct {
	Key   string
	Value string // as Python writes it
	Of    string // the package that reads the key: flask, flask-login, flask-wtf, …
	Since string // the version of the package that reads it first; earlier ones ignore the key
	// Changes are the values that earlier versions use, the oldest version last.
	Changes []Change
}

// Change is a value that a package used before a version.
type Change struct{ Of, Before, Value string }

// At is the value that the locked versions use; where one is not known, that of the current one.
func (d Default) At(locked func(pkg string) (version string, ok bool)) string {
	out := d.Value
	for _, c := range d.Changes {
		if v, ok := locked(c.Of); ok && deps.Older(v, c.Before) {
			out = c.Value
		}
	}
	return out
}

// Defaults lists the keys that matter to security, in the order of Flask's manual.
// https://flask.palletsprojects.com/en/stable/config/
func Defaults() []Default {
	return []Default{
		{"DEBUG", "False", "flask", "", nil},
		{"TESTING", "False", "flask", "", nil},
		{"PROPAGATE_EXCEPTIONS", "None", "flask", "", nil},
		{"TRAP_HTTP_EXCEPTIONS", "False", "flask", "", nil},
		{"TRAP_BAD_REQUEST_ERRORS", "None", "flask", "", nil},
		{"SECRET_KEY", "None", "flask", "", nil},
		{"SECRET_KEY_FALLBACKS", "None", "flask", "3.1.0", nil},
		{"SESSION_COOKIE_NAME", "'session'", "flask", "", nil},
		{"SESSION_COOKIE_DOMAIN", "None", "flask", "", nil},
		{"SESSION_COOKIE_PATH", "None", "flask", "", nil},
		{"SESSION_COOKIE_HTTPONLY", "True", "flask", "", nil},
		{"SESSION_COOKIE_SECURE", "False", "flask", "", nil},
		{"SESSION_COOKIE_PARTITIONED", "False", "flask", "3.1.0", nil},
		{"SESSION_COOKIE_SAMESITE", "None", "flask", "", nil},
		{"SESSION_REFRESH_EACH_REQUEST", "True", "flask", "", nil},
		{"PERMANENT_SESSION_LIFETIME", "timedelta(days=31)", "flask", "", nil},
		{"TRUSTED_HOSTS", "None", "flask", "3.1.0", nil},
		{"SERVER_NAME", "None", "flask", "", nil},
		{"PREFERRED_URL_SCHEME", "'http'", "flask", "", nil},
		{"MAX_CONTENT_LENGTH", "None", "flask", "", nil},
		{"MAX_FORM_MEMORY_SIZE", "500000", "flask", "3.1.0", []Change{{"werkzeug", "3.1.0", "None"}}},
		{"MAX_FORM_PARTS", "1000", "flask", "3.1.0", []Change{{"werkzeug", "2.2.3", "None"}}},
		{"TEMPLATES_AUTO_RELOAD", "None", "flask", "", nil},
		{"WTF_CSRF_ENABLED", "True", "flask-wtf", "", nil},
		{"WTF_CSRF_CHECK_DEFAULT", "True", "flask-wtf", "", nil},
		{"WTF_CSRF_TIME_LIMIT", "3600", "flask-wtf", "", nil},
		{"WTF_CSRF_SSL_STRICT", "True", "flask-wtf", "", nil},
		{"REMEMBER_COOKIE_DURATION", "timedelta(days=365)", "flask-login", "", nil},
		{"REMEMBER_COOKIE_SECURE", "False", "flask-login", "", nil},
		{"REMEMBER_COOKIE_HTTPONLY", "True", "flask-login", "", []Change{{"flask-login", "0.6.0", "False"}}},
		{"REMEMBER_COOKIE_SAMESITE", "None", "flask-login", "", nil},
		{"JWT_COOKIE_SECURE", "False", "flask-jwt-extended", "", nil},
		{"JWT_COOKIE_CSRF_PROTECT", "True", "flask-jwt-extended", "", nil},
		{"JWT_COOKIE_SAMESITE", "None", "flask-jwt-extended", "", nil},
		{"JWT_ACCESS_TOKEN_EXPIRES", "timedelta(minutes=15)", "flask-jwt-extended", "", nil},
	}
}

// Ignored reports whether a version of the package is too old to read a key; false when the version is not known.
func (d Default) Ignored(version string) bool {
	return d.Since != "" && version != "" && deps.Older(version, d.Since)
}
