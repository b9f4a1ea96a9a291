package examples_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	setupLimit   = 4 * time.Minute // a first installation downloads a dozen wheels
	startLimit   = 3 * time.Minute // a machine that does other work is slow, a server that does not start stays that way
	requestLimit = time.Minute
	password     = "correct horse battery staple"
	secretText   = "the data directory's own secret"
)

// site is one of the two shops, running on the loopback address.
type site struct {
	base   string
	data   string // its SHOP_DATA directory, with secret.txt in it
	inside string // the port of an HTTP server that only this machine reaches
}

// startShop runs a shop until the test ends. The flawed one starts as its
// Dockerfile and compose file start it, the sealed one under gunicorn; only
// the address differs.
func startShop(t *testing.T, dir string, extra []string, command func(port string) []string) *site {
	t.Helper()
	bin, err := filepath.Abs("live/.venv-live/bin")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{data: t.TempDir(), inside: startInside(t)}
	env := append([]string{
		"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LC_ALL=C",
		"PYTHONDONTWRITEBYTECODE=1", "SHOP_DATA=" + s.data, "SHOP_DEMO_PASSWORD=" + password,
	}, extra...)
	if err := os.MkdirAll(filepath.Join(s.data, "invoices"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"secret.txt":             secretText,
		"invoices/2026-0001.txt": "one kettle",
		"shop.log":               "GET /products\nPOST /login\n",
	} {
		if err := os.WriteFile(filepath.Join(s.data, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	initDatabase(t, dir, bin, env)
	port := freePort(t)
	s.base = "http://127.0.0.1:" + port
	startProcess(t, dir, env, append([]string{filepath.Join(bin, "python"), "-m"}, command(port)...))
	s.waitUntilUp(t)
	return s
}

func initDatabase(t *testing.T, dir, bin string, env []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "python"), "-m", "flask", "--app", "wsgi", "init-db")
	cmd.Dir, cmd.Env = dir, env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("init-db in %s: %v\n%s", dir, err, out)
	}
}

// startProcess gives the server a process group of its own and ends the whole
// group with the test, so that no worker outlives it.
func startProcess(t *testing.T, dir string, env, argv []string) {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = dir, env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	log, err := os.Create(filepath.Join(t.TempDir(), "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		_ = log.Close()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("%s said:\n%s", dir, text)
		}
	})
}

func (s *site) waitUntilUp(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(startLimit); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if conn, err := net.DialTimeout("tcp", strings.TrimPrefix(s.base, "http://"), time.Second); err == nil {
			_ = conn.Close()
			return
		}
	}
	t.Fatalf("%s did not come up", s.base)
}

// startInside serves one text on a port that the shops may reach and their visitors should not.
func startInside(t *testing.T) (port string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadTimeout: requestLimit, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "inside the network")
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)
}

// visitor is a browser of the shop. It keeps cookies whatever their attributes
// are, because the sealed shop is visited over plain HTTP here.
type visitor struct {
	t       *testing.T
	site    *site
	cookies map[string]string
}

type reply struct {
	status  int
	header  http.Header
	cookies map[string]*http.Cookie
	body    string
}

func (s *site) visitor(t *testing.T) *visitor {
	return &visitor{t: t, site: s, cookies: map[string]string{}}
}

// signedIn is a visitor who is signed in as ada, who is staff.
func (s *site) signedIn(t *testing.T) *visitor {
	t.Helper()
	v := s.visitor(t)
	if r := v.signIn("/login"); r.status != http.StatusFound {
		t.Fatalf("signing in: status %d\n%s", r.status, r.body)
	}
	return v
}

func (v *visitor) signIn(path string) reply {
	v.t.Helper()
	return v.post(path, url.Values{"name": {"ada"}, "password": {password}, "csrf_token": {v.token()}})
}

var tokenField = regexp.MustCompile(`name="csrf_token" value="([^"]+)"`)

func (v *visitor) token() string {
	v.t.Helper()
	found := tokenField.FindStringSubmatch(v.get("/login").body)
	if found == nil {
		v.t.Fatal("no CSRF token on /login")
	}
	return found[1]
}

func (v *visitor) get(path string) reply {
	v.t.Helper()
	return v.send(http.MethodGet, path, "", nil, nil)
}

func (v *visitor) post(path string, form url.Values) reply {
	v.t.Helper()
	return v.send(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(form.Encode()), nil)
}

func (v *visitor) upload(path, name, text string) reply {
	v.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("csrf_token", v.token())
	part, partErr := form.CreateFormFile("file", name)
	if err = errors.Join(err, partErr); err != nil {
		v.t.Fatal(err)
	}
	_, err = io.WriteString(part, text)
	if err = errors.Join(err, form.Close()); err != nil {
		v.t.Fatal(err)
	}
	return v.send(http.MethodPost, path, form.FormDataContentType(), body.Bytes(), nil)
}

func (v *visitor) send(method, path, contentType string, body []byte, extra http.Header) reply {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), requestLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, v.site.base+path, bytes.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	maps.Copy(req.Header, extra)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for _, name := range slices.Sorted(maps.Keys(v.cookies)) {
		req.AddCookie(&http.Cookie{Name: name, Value: v.cookies[name]})
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	r := reply{status: resp.StatusCode, header: resp.Header, body: string(text), cookies: map[string]*http.Cookie{}}
	for _, cookie := range resp.Cookies() {
		r.cookies[cookie.Name] = cookie
		v.cookies[cookie.Name] = cookie.Value
	}
	return r
}
