package trial

import (
	"net/url"
	"strconv"
	"strings"
)

// unbroken is how a URL is read by Python, asBrowsers how it is read by browsers.
var (
	unbroken   = strings.NewReplacer("\t", "", "\r", "", "\n", "")
	asBrowsers = strings.NewReplacer("\t", "", "\r", "", "\n", "", `\`, "/")
)

// address is what urlsplit and urlparse give.
type address struct{ scheme, netloc, path, query, fragment string }

const schemeChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."

// split is urllib.parse.urlsplit; false where it raises.
func split(s, scheme string) (*address, bool) {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return r <= ' ' })
	s = unbroken.Replace(s)
	a := &address{scheme: scheme}
	if i := strings.IndexByte(s, ':'); i > 0 && strings.ContainsRune(schemeChars[:52], rune(s[0])) && strings.Trim(s[:i], schemeChars) == "" {
		a.scheme, s = strings.ToLower(s[:i]), s[i+1:]
	}
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		a.netloc, s = rest[:end], rest[end:]
		if strings.Contains(a.netloc, "[") != strings.Contains(a.netloc, "]") {
			return nil, false
		}
	}
	s, a.fragment, _ = strings.Cut(s, "#")
	a.path, a.query, _ = strings.Cut(s, "?")
	return a, true
}

// String is urlunsplit.
func (a *address) String() string {
	s := a.path
	if a.netloc != "" || usesNetloc(a.scheme) && strings.HasPrefix(s, "//") {
		if s != "" && s[0] != '/' {
			s = "/" + s
		}
		s = "//" + a.netloc + s
	}
	if a.scheme != "" {
		s = a.scheme + ":" + s
	}
	if a.query != "" {
		s += "?" + a.query
	}
	if a.fragment != "" {
		s += "#" + a.fragment
	}
	return s
}

func usesNetloc(scheme string) bool {
	return scheme == "http" || scheme == "https" || scheme == "ftp" || scheme == "file"
}

func (a *address) parts() []any { return []any{a.scheme, a.netloc, a.path, a.query, a.fragment} }

func (a *address) attr(name string) (any, bool) {
	switch name {
	case "scheme":
		return a.scheme, true
	case "netloc":
		return a.netloc, true
	case "path":
		return a.path, true
	case "query":
		return a.query, true
	case "fragment":
		return a.fragment, true
	case "hostname", "host":
		h, _ := a.hostPort()
		if h == "" {
			return none{}, true
		}
		return strings.ToLower(h), true
	case "username", "password":
		at := max(strings.LastIndexByte(a.netloc, '@'), 0)
		user, password, _ := strings.Cut(a.netloc[:at], ":")
		if name == "password" {
			user = password
		}
		if user == "" {
			return none{}, true
		}
		return user, true
	case "params":
		return "", true
	}
	return nil, false
}

// hostPort takes the network location apart.
func (a *address) hostPort() (host, port string) {
	h := a.netloc[strings.LastIndexByte(a.netloc, '@')+1:]
	if in, ok := strings.CutPrefix(h, "["); ok {
		host, port, _ = strings.Cut(in, "]")
		return host, strings.TrimPrefix(port, ":")
	}
	host, port, _ = strings.Cut(h, ":")
	return host, port
}

// port is a.port.
func (m *machine) port(a *address) any {
	_, port := a.hostPort()
	if port == "" {
		return none{}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err == nil {
		return int64(n)
	}
	return m.raise("ValueError")
}

// replaced is a._replace(…).
func (m *machine) replaced(a *address, kw map[string]any) any {
	n := *a
	for name, v := range kw {
		s, ok := v.(string)
		if !ok {
			return m.fail()
		}
		switch name {
		case "scheme":
			n.scheme = s
		case "netloc":
			n.netloc = s
		case "path":
			n.path = s
		case "query":
			n.query = s
		case "fragment":
			n.fragment = s
		default:
			return m.fail()
		}
	}
	return &n
}

// join is urllib.parse.urljoin.
func join(base, s string) (string, bool) {
	if base == "" || s == "" {
		return base + s, true
	}
	b, ok := split(base, "")
	if !ok {
		return "", false
	}
	u, ok := split(s, b.scheme)
	if !ok {
		return "", false
	}
	if u.scheme != b.scheme || !usesNetloc(u.scheme) {
		return s, true
	}
	if u.netloc != "" {
		return u.String(), true
	}
	u.netloc = b.netloc
	if u.path == "" {
		u.path = b.path
		if u.query == "" {
			u.query = b.query
		}
		return u.String(), true
	}
	segments := strings.Split(u.path, "/")
	if !strings.HasPrefix(u.path, "/") {
		folder := b.path[:strings.LastIndexByte(b.path, '/')+1]
		segments = strings.Split(folder+u.path, "/")
	}
	u.path = resolved(segments)
	return u.String(), true
}

// resolved takes the dots out of a path.
func resolved(segments []string) string {
	var out []string
	for _, s := range segments {
		switch s {
		case "..":
			if len(out) > 0 {
				out = out[:len(out)-1]
			}
		case ".":
		default:
			out = append(out, s)
		}
	}
	if last := segments[len(segments)-1]; last == "." || last == ".." {
		out = append(out, "")
	}
	if p := strings.Join(out, "/"); p != "" {
		return p
	}
	return "/"
}

func (m *machine) urlCall(name string, args []any) any {
	var s []string
	for _, a := range args {
		t, ok := a.(string)
		if !ok && name != "urlunsplit" && name != "urlunparse" && name != "url_unparse" {
			return m.fail()
		}
		s = append(s, t)
	}
	switch {
	case len(s) == 1 && (name == "urlsplit" || name == "urlparse" || name == "url_parse"):
		if a, ok := split(s[0], ""); ok {
			return a
		}
		return m.raise("ValueError")
	case len(s) == 2 && (name == "urljoin" || name == "url_join"):
		if r, ok := join(s[0], s[1]); ok {
			return r
		}
		return m.raise("ValueError")
	case len(s) == 1 && (name == "unquote" || name == "unquote_plus"):
		if r, err := url.PathUnescape(s[0]); err == nil {
			return r
		}
		return s[0]
	case len(s) == 1 && (name == "urlunsplit" || name == "urlunparse" || name == "url_unparse"):
		return m.unsplit(args[0])
	}
	return m.fail()
}

// unsplit puts the parts of an address together.
func (m *machine) unsplit(v any) any {
	var s []string
	for _, e := range m.iterate(v) {
		t, ok := e.(string)
		if !ok {
			return m.fail()
		}
		s = append(s, t)
	}
	switch len(s) {
	case 5:
		return (&address{s[0], s[1], s[2], s[3], s[4]}).String()
	case 6:
		if s[3] == "" {
			return (&address{s[0], s[1], s[2], s[4], s[5]}).String()
		}
	}
	return m.fail()
}

// leaves reports whether a browser that is redirected to an address ends up on another site. What Werkzeug does to the header
// on the way (it takes the address apart and puts it together again) never makes a foreign address one of the site.
func leaves(to, site string) bool {
	to = strings.TrimLeftFunc(to, func(r rune) bool { return r <= ' ' })
	to = asBrowsers.Replace(to)
	if i := strings.IndexByte(to, ':'); i > 0 && strings.Trim(to[:i], schemeChars) == "" {
		if s := strings.ToLower(to[:i]); s != "http" && s != "https" {
			return false
		}
		to = "//" + to[i+1:]
	}
	if !strings.HasPrefix(to, "//") {
		return false
	}
	to = strings.TrimLeft(to, "/")
	if end := strings.IndexAny(to, "/?#"); end >= 0 {
		to = to[:end]
	}
	return to[strings.LastIndexByte(to, '@')+1:] != site
}
