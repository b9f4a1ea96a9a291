package secret001

import (
	"math"
	"regexp"
	"strings"
)

// isSecretName: the name of a credential that is none of Flask's signing keys, of which FLASK-CONFIG-001 speaks.
func isSecretName(name string) bool {
	n := normal(name)
	switch n {
	case "SECRET_KEY", "FLASK_SECRET_KEY", "SECRET_KEY_FALLBACKS", "WTF_CSRF_SECRET_KEY", "JWT_SECRET_KEY", "SECURITY_PASSWORD_SALT", "JWT_SECRET", "SECURITY_SECRET_KEY":
		return false
	case "TOKEN", "PASSWD", "PWD":
		return true
	}
	if speaksOf(n) || strings.HasSuffix(n, "COOKIE_SECRET") || strings.HasSuffix(n, "SESSION_SECRET") {
		return false
	}
	for _, w := range [...]string{"PASSWORD", "PASSWD", "API_KEY", "APIKEY", "SECRET", "ACCESS_KEY", "PRIVATE_KEY", "AUTH_TOKEN", "ACCESS_TOKEN", "API_TOKEN", "BOT_TOKEN",
		"ENCRYPTION_KEY", "FERNET_KEY", "ACCOUNT_KEY"} {
		if strings.Contains(n, w) {
			return true
		}
	}
	return strings.HasSuffix(n, "_TOKEN") || strings.HasSuffix(n, "_PWD")
}

// isPasswordName: a name whose value somebody may have thought of. What random keys are called is judged by how random they are.
func isPasswordName(name string) bool {
	n := strings.TrimRight(normal(name), "0123456789_")
	if verb, _, many := strings.Cut(n, "_"); many {
		switch verb {
		case "RESET", "CHANGE", "FORGOT", "FORGOTTEN", "RECOVER", "UPDATE", "WRONG", "INVALID", "BAD", "NEW", "OLD", "SET", "MIN", "MAX", "HAS", "NO", "ERROR", "ERR", "CONFIRM", "MISSING":
			return false
		}
	}
	for _, w := range [...]string{"PASSWORD", "PASSWD", "_PWD", "_PASS"} {
		if strings.HasSuffix(n, w) {
			return true
		}
	}
	return n == "PWD" || n == "PASS"
}

func normal(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

// speaksOf: what the name ends with says that the value is about a credential, and none.
func speaksOf(n string) bool {
	for _, w := range [...]string{"_FILE", "_PATH", "_NAME", "_URL", "_URI", "_HEADER", "_FIELD", "_PARAM", "_LABEL", "_HASH", "_HASHES", "_REGEX", "PUBLIC", "PUBLIC_KEY", "_ID", "_TYPE", "_KEYS",
		"MESSAGE", "_PREFIX", "_ENV", "_VAR", "_ARN", "_REF", "_LENGTH", "_POLICY", "_PLACEHOLDER", "_COOKIE", "_ALGORITHM", "_EXPIRY", "_VERSION", "_ENDPOINT", "_FORMAT", "_PATTERN", "_HINT",
		"_CLASS", "_TEMPLATE", "_RULES", "_SCOPE", "_AUDIENCE", "CSRF_TOKEN"} {
		if strings.HasSuffix(n, w) {
			return true
		}
	}
	return false
}

// minSecret is the shortest text that is taken for random.
const minSecret = 16

// minEntropy is in bits per character: words have about 3, random letters and digits above 3.7.
const minEntropy = 3.4

// strong: letters and digits mixed as no word, path or sentence is.
func strong(s string) bool {
	if len(s) < minSecret || len(s) > 200 || strings.ContainsAny(s, " \t\n{}<>$%()*,;:\\@") || strings.IndexFunc(s, isDigit) < 0 || isPlaceholder(s) {
		return false
	}
	if strings.Contains(s, "/") {
		return base64Key.MatchString(s) && entropy(s) >= minKeyEntropy
	}
	digits, letters := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			letters++
		}
	}
	if digits < 2 || letters < 4 {
		return false
	}
	e := entropy(s)
	return e >= minEntropy || len(s) >= 32 && e >= 3.0
}

// base64Key is the alphabet of the secret keys of AWS and of keys of 32 bytes; minKeyEntropy tells them from paths.
var base64Key = regexp.MustCompile(`^[A-Za-z0-9+/]{40,88}={0,2}$`)

const minKeyEntropy = 4.4

func entropy(s string) float64 {
	var count [256]int
	for i := 0; i < len(s); i++ {
		count[s[i]]++
	}
	e := 0.0
	for _, n := range count {
		if n > 0 {
			f := float64(n) / float64(len(s))
			e -= f * math.Log2(f)
		}
	}
	return e
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func isPlaceholder(s string) bool { return holds(s, placeholders[:]) }

var placeholders = [...]string{"example", "change", "placeholder", "your", "xxxx", "dummy", "fake", "test", "sample", "insert", "todo", "secret", "password", "default", "1234567", "abcdef", "redacted",
	"generate", "replace", "****", "...."}

// weakWords are in passwords that everybody tries first, of which FLASK-AUTH-001 speaks, and in those of somebody's own machine.
var weakWords = [...]string{"admin", "guest", "demo", "foobar", "passw", "p@ss", "qwerty", "letmein", "hunter", "localhost", "1234", "root", "user", "none", "null", "undefined", "string", "varchar", "required"}

func holds(s string, words []string) bool {
	l := strings.ToLower(s)
	for _, w := range words {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// hashed is the beginning of what is kept of a password.
var hashed = regexp.MustCompile(`^(?:\$\w{1,8}\$|pbkdf2|scrypt:|argon2|bcrypt|sha\d|md5|\{[A-Z0-9-]{3,12}\})`)

// chosen: what people make up as a password. It holds for the value of a name that is a password's, and for nothing else.
func chosen(s string) bool {
	if len(s) < 6 || len(s) > 64 || strings.ContainsAny(s, " \t\n<>{}[]()/\\,;\"'|`") || hashed.MatchString(s) || isPlaceholder(s) || holds(s, weakWords[:]) {
		return false
	}
	if c := s[0]; c == '$' || c == '%' || c == '!' || c == '@' || c == '*' || c == '&' || c == ':' {
		return false // a reference, in one notation or another
	}
	return mixed(s) || hasLetter(s) && strings.ContainsAny(s, "!#$%^&*+?=~")
}

func mixed(s string) bool { return strings.ContainsAny(s, "0123456789") && hasLetter(s) }

func hasLetter(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' })
}
