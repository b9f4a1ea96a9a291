package deployment

import (
	"strings"
)

// maxExpanded bounds one word: "$A$A$A" with a long A must not grow without end.
const maxExpanded = 4096

// reference reads a value that is one variable and nothing else: $NAME, ${NAME}, ${NAME:-default}.
func reference(s string) (name, def string, ok bool) {
	if !strings.HasPrefix(s, "$") {
		return "", "", false
	}
	name, def, rest := cutReference(s)
	return name, def, name != "" && rest == ""
}

// cutReference reads the variable that s starts with. Without one, name is "".
func cutReference(s string) (name, def, rest string) {
	if !strings.HasPrefix(s, "${") {
		end := 1
		for end < len(s) && isNameByte(s[end]) {
			end++
		}
		return s[1:end], "", s[end:]
	}
	depth, end := 0, -1
	for i := 1; i < len(s) && end < 0; i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				end = i
			}
		}
	}
	if end < 0 {
		return "", "", s
	}
	body := s[2:end]
	n := 0
	for n < len(body) && isNameByte(body[n]) {
		n++
	}
	op := body[n:]
	for _, p := range []string{":-", ":=", "-", "="} {
		if d, ok := strings.CutPrefix(op, p); ok {
			return body[:n], d, s[end+1:]
		}
	}
	return body[:n], "", s[end+1:]
}

func isNameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// expand replaces the variables whose value is known, or which have a default; others stay as written.
func expand(s string, env []EnvVar, depth int) string {
	if depth > 4 || !strings.Contains(s, "$") {
		return s
	}
	var b strings.Builder
	for s != "" && b.Len() < maxExpanded {
		i := strings.IndexByte(s, '$')
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		name, def, rest := cutReference(s[i:])
		written := s[i : len(s)-len(rest)]
		if name == "" || strings.HasPrefix(s[i:], "$(") {
			b.WriteByte('$')
			s = s[i+1:]
			continue
		}
		if v, ok := find(env, name); ok && v.IsSet {
			if value := v.value; !strings.Contains(value, "$"+name) && !strings.Contains(value, "${"+name) {
				b.WriteString(expand(value, env, depth+1))
			} else {
				b.WriteString(expand(v.Default, nil, depth+1))
			}
		} else if def != "" {
			b.WriteString(expand(def, env, depth+1))
		} else {
			b.WriteString(written)
		}
		s = rest
	}
	b.WriteString(s)
	out := b.String()
	return out[:min(len(out), maxExpanded)]
}

// find is the last setting of a variable.
func find(env []EnvVar, name string) (EnvVar, bool) {
	for i := len(env) - 1; i >= 0; i-- {
		if env[i].Name == name {
			return env[i], true
		}
	}
	return EnvVar{}, false
}

// truthy is how Flask reads FLASK_DEBUG: anything but these.
func truthy(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "0", "false", "no":
		return false
	}
	return true
}

// redact shows what cannot be a secret: short plain values of names that do not sound like one.
func redact(name, value string) string {
	if value == "" {
		return ""
	}
	if isSecretName(name) {
		return "[redacted]"
	}
	if len(value) <= 12 && !strings.ContainsAny(value, ":@") || strings.HasPrefix(value, "/") || value == "development" || value == "production" {
		return value
	}
	return "[redacted]"
}

func isSecretName(name string) bool {
	name = strings.ToUpper(name)
	for _, w := range []string{"SECRET", "KEY", "PASS", "PWD", "TOKEN", "CREDENTIAL", "AUTH", "SALT", "DSN", "URL", "URI", "PRIVATE", "CERT", "COOKIE", "SIGN"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// redactLine keeps a command readable and hides the value of every assignment and option that sounds like a secret.
func redactLine(s string) string {
	words := strings.Fields(s)
	hideNext := false
	for i, w := range words {
		name, value, has := strings.Cut(w, "=")
		switch {
		case hideNext:
			words[i], hideNext = "[redacted]", false
		case has && value != "" && isSecretName(name) && !strings.HasPrefix(value, "$"):
			words[i] = name + "=[redacted]"
		case strings.HasPrefix(w, "--") && !has && isSecretName(w):
			hideNext = !strings.Contains(w, "file") && !strings.Contains(w, "path") && w != "--certfile" && w != "--keyfile" && w != "--cert" && w != "--key"
		case strings.Contains(w, "://") && strings.Contains(w, "@"):
			words[i] = "[redacted]"
		}
	}
	out := strings.Join(words, " ")
	if len(out) > 300 {
		out = out[:300] + "…"
	}
	return strings.ToValidUTF8(out, "?")
}
