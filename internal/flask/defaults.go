package flask

import "stopper/internal/deps"

// Default is what Flask, or an extension, uses for a key that nobody sets.
type Default struct {
	Key   string
	Value string // as Python writes it
	Of    string // the package that reads the key: flask, flask-login, flask-wtf, …
	Since string // the version of the package that reads it first; earlier ones ignore the key
}

// Defaults lists the keys that matter to security, in the order of Flask's manual.
// https://flask.palletsprojects.com/en/stable/config/
func Defaults() []Default {
	return []Default{
		{"DEBUG", "False", "flask", ""},
		{"TESTING", "False", "flask", ""},
		{"PROPAGATE_EXCEPTIONS", "None", "flask", ""},
		{"TRAP_HTTP_EXCEPTIONS", "False", "flask", ""},
		{"TRAP_BAD_REQUEST_ERRORS", "None", "flask", ""},
		{"SECRET_KEY", "None", "flask", ""},
		{"SECRET_KEY_FALLBACKS", "None", "flask", "3.1.0"},
		{"SESSION_COOKIE_NAME", "'session'", "flask", ""},
		{"SESSION_COOKIE_DOMAIN", "None", "flask", ""},
		{"SESSION_COOKIE_PATH", "None", "flask", ""},
		{"SESSION_COOKIE_HTTPONLY", "True", "flask", ""},
		{"SESSION_COOKIE_SECURE", "False", "flask", ""},
		{"SESSION_COOKIE_PARTITIONED", "False", "flask", "3.1.0"},
		{"SESSION_COOKIE_SAMESITE", "None", "flask", ""},
		{"SESSION_REFRESH_EACH_REQUEST", "True", "flask", ""},
		{"PERMANENT_SESSION_LIFETIME", "timedelta(days=31)", "flask", ""},
		{"TRUSTED_HOSTS", "None", "flask", "3.1.0"},
		{"SERVER_NAME", "None", "flask", ""},
		{"PREFERRED_URL_SCHEME", "'http'", "flask", ""},
		{"MAX_CONTENT_LENGTH", "None", "flask", ""},
		{"MAX_FORM_MEMORY_SIZE", "500000", "flask", "3.1.0"},
		{"MAX_FORM_PARTS", "1000", "flask", "3.1.0"},
		{"TEMPLATES_AUTO_RELOAD", "None", "flask", ""},
		{"WTF_CSRF_ENABLED", "True", "flask-wtf", ""},
		{"WTF_CSRF_CHECK_DEFAULT", "True", "flask-wtf", ""},
		{"WTF_CSRF_TIME_LIMIT", "3600", "flask-wtf", ""},
		{"WTF_CSRF_SSL_STRICT", "True", "flask-wtf", ""},
		{"REMEMBER_COOKIE_DURATION", "timedelta(days=365)", "flask-login", ""},
		{"REMEMBER_COOKIE_SECURE", "False", "flask-login", ""},
		{"REMEMBER_COOKIE_HTTPONLY", "True", "flask-login", ""},
		{"REMEMBER_COOKIE_SAMESITE", "None", "flask-login", ""},
		{"JWT_COOKIE_SECURE", "False", "flask-jwt-extended", ""},
		{"JWT_COOKIE_CSRF_PROTECT", "True", "flask-jwt-extended", ""},
		{"JWT_COOKIE_SAMESITE", "None", "flask-jwt-extended", ""},
		{"JWT_ACCESS_TOKEN_EXPIRES", "timedelta(minutes=15)", "flask-jwt-extended", ""},
	}
}

// Ignored reports whether a version of the package is too old to read a key; false when the version is not known.
func (d Default) Ignored(version string) bool {
	return d.Since != "" && version != "" && deps.Older(version, d.Since)
}
