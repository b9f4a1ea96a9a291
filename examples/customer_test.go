package examples_test

import (
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// nowBytes is the time as itsdangerous signs it: big-endian seconds without leading zeros.
func nowBytes() []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(time.Now().Unix()))
}

// serveCustomer does what an honest visitor does; both shops must serve it.
func serveCustomer(t *testing.T, s *site) {
	v := s.visitor(t)
	for path, text := range map[string]string{
		"/": "Kettles", "/products": "Teapot", "/products?sort=price": "Cup",
		"/search?q=Kett": "Kettle", "/products/2": "Teapot", "/products/3/label": "Cup",
	} {
		expect(t, path, v.get(path), http.StatusOK, text)
	}
	if r := v.get("/orders/"); !strings.HasPrefix(r.header.Get("Location"), "/login?next=") {
		t.Errorf("/orders/ without sign-in leads to %q", r.header.Get("Location"))
	}
	r := v.signIn("/login?next=/orders/")
	if r.status != http.StatusFound || r.header.Get("Location") != "/orders/" {
		t.Fatalf("signing in: status %d, Location %q", r.status, r.header.Get("Location"))
	}
	expect(t, "invoice", v.get("/orders/invoice?file=2026-0001.txt"), http.StatusOK, "one kettle")
	expect(t, "log", v.get("/admin/log?q=POST"), http.StatusOK, "POST /login")
	expect(t, "mail", v.get("/admin/mail-source?name=Ada"), http.StatusOK, "Hello Ada")
	expect(t, "archive", v.post("/admin/archive", url.Values{"csrf_token": {v.token()}}), http.StatusOK, "\x1f\x8b")

	var stored struct{ Name string }
	if err := json.Unmarshal([]byte(v.upload("/files/", "note.txt", "mind the lid").body), &stored); err != nil {
		t.Fatal(err)
	}
	expect(t, "note", v.get(query("/files/note", "name", stored.Name)), http.StatusOK, "mind the lid")

	v.post("/products/2/reviews", url.Values{"body": {"pours well"}, "csrf_token": {v.token()}})
	expect(t, "reviews", v.get("/products/2/reviews"), http.StatusOK, "pours well")
	if r := v.post("/logout", nil); r.status != http.StatusBadRequest {
		t.Errorf("a form without its token got status %d", r.status)
	}
}

func expect(t *testing.T, what string, r reply, status int, text string) {
	t.Helper()
	if r.status != status || !strings.Contains(r.body, text) {
		t.Errorf("%s: status %d, no %q in %.400s", what, r.status, text, r.body)
	}
}
