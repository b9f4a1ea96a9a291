package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// answer is what came back: status and text of a response (head and body), exit code and output of a script, or a file.
type answer struct {
	status string
	text   string
}

const (
	noAnswer = "none" // the connection was closed before a status line came
	shownMax = 1200   // characters of an answer in the log
)

func (s *site) do(t *testing.T, st step) {
	t.Helper()
	var sent string
	var got answer
	switch st.kind {
	case "request":
		sent, got = s.request(t, st)
	case "run":
		sent, got = s.run(t, st, s.bin)
	case "run-old":
		sent, got = s.run(t, st, s.known["old"])
	case "read":
		sent, got = s.read(st)
	}
	t.Logf("%s sent:\n%s\n%s got:\n%s", s.side, indent(sent), s.side, indent(shorten(got.text)))
	for _, e := range st.expects {
		if e.side == s.side {
			s.compare(t, e, got)
		}
	}
}

func (s *site) compare(t *testing.T, e expect, got answer) {
	t.Helper()
	text := s.fill(e.text)
	switch e.what {
	case "status":
		if got.status != text {
			t.Errorf("%s: status %s, not %s", s.side, got.status, text)
		}
	case "has":
		if !strings.Contains(got.text, text) {
			t.Errorf("%s: not in the answer: %s", s.side, text)
		}
	case "lacks":
		if strings.Contains(got.text, text) {
			t.Errorf("%s: in the answer: %s", s.side, text)
		}
	case "like":
		if !regexp.MustCompile("(?m)" + text).MatchString(got.text) {
			t.Errorf("%s: nothing in the answer is like %s", s.side, text)
		}
	case "keep":
		found := regexp.MustCompile("(?m)" + text).FindStringSubmatch(got.text)
		if len(found) != 2 {
			t.Fatalf("%s: nothing to keep as %s", s.side, e.name)
		}
		s.known[e.name] = found[1]
	}
}

// request sends the lines as they stand there, so that it can say what no HTTP library would. Its words: a name of the port (app,
// edge, a port of nginx), "as NAME" for a visitor with cookies of their own, "at" and "from ADDRESS" for other addresses of this
// machine, and "over TLS1.1" for the highest version that the visitor speaks.
func (s *site) request(t *testing.T, st step) (sent string, got answer) {
	t.Helper()
	to := s.readTarget(t, st.args)
	if s.jars[to.visitor] == nil {
		s.jars[to.visitor] = map[string]string{}
	}
	raw := s.compose(t, st.lines, s.jars[to.visitor])
	conn, err := to.dial(s.encrypted[to.port])
	if err != nil {
		return raw, answer{noAnswer, err.Error()}
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(requestLimit))
	_, _ = io.WriteString(conn, raw) // a server may answer and close before it has read everything
	back, _ := io.ReadAll(io.LimitReader(conn, 1<<22))
	return raw, s.parse(back, strings.HasPrefix(raw, "HEAD "), s.jars[to.visitor])
}

// target is where a request goes, and who sends it.
type target struct {
	address, port, visitor, from string
	version                      uint16
}

func (s *site) readTarget(t *testing.T, words []string) target {
	t.Helper()
	to := target{address: "127.0.0.1", port: s.ports["edge"], visitor: "visitor"}
	if to.port == "" {
		to.port = s.ports["app"]
	}
	for len(words) > 0 {
		if port := s.ports[words[0]]; port != "" {
			to.port, words = port, words[1:]
			continue
		}
		if len(words) == 1 {
			t.Fatalf("a request knows no word %q", words[0])
		}
		switch words[0] {
		case "as":
			to.visitor = words[1]
		case "from":
			to.from = words[1]
		case "at":
			to.address = words[1]
		case "over":
			to.version = map[string]uint16{"TLS1.0": tls.VersionTLS10, "TLS1.1": tls.VersionTLS11, "TLS1.2": tls.VersionTLS12}[words[1]]
		default:
			t.Fatalf("a request knows no word %q", words[0])
		}
		words = words[2:]
	}
	return to
}

func (to target) dial(encrypted bool) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: requestLimit}
	if to.from != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(to.from)}
	}
	address := net.JoinHostPort(to.address, to.port)
	if !encrypted {
		return dialer.Dial("tcp", address)
	}
	return tls.DialWithDialer(dialer, "tcp", address, &tls.Config{
		ServerName: "shop.example", InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: to.version,
	})
}

// compose completes the lines of a request: the version, a Host, the cookies, the length, Connection: close.
func (s *site) compose(t *testing.T, lines []string, jar map[string]string) string {
	t.Helper()
	var head, body []string
	for i, line := range lines {
		if line == "" {
			body = lines[i+1:]
			break
		}
		head = append(head, s.unquote(t, line))
	}
	for i, line := range body {
		body[i] = s.unquote(t, line)
	}
	if !strings.Contains(head[0], " HTTP/") {
		head[0] += " HTTP/1.1"
	}
	has := func(name string) bool {
		return slices.ContainsFunc(head[1:], func(l string) bool { return strings.HasPrefix(strings.ToLower(l), name) })
	}
	if !has("host") && !has("(no host)") {
		head = append(head, "Host: shop.example")
	}
	if len(jar) > 0 && !has("cookie:") {
		var pairs []string
		for _, name := range slices.Sorted(maps.Keys(jar)) {
			pairs = append(pairs, name+"="+jar[name])
		}
		head = append(head, "Cookie: "+strings.Join(pairs, "; "))
	}
	text := strings.Join(body, "\r\n")
	if text != "" && !has("content-type:") {
		head = append(head, "Content-Type: application/x-www-form-urlencoded")
	}
	if (text != "" || strings.HasPrefix(head[0], "POST")) && !has("content-length:") && !has("transfer-encoding:") {
		head = append(head, "Content-Length: "+strconv.Itoa(len(text)))
	}
	if !has("connection:") {
		head = append(head, "Connection: close")
	}
	head = slices.DeleteFunc(head, func(l string) bool { return l == "(no host)" })
	return strings.Join(head, "\r\n") + "\r\n\r\n" + text
}

var repeatPattern = regexp.MustCompile(`\{repeat (\S+) (\d+)\}`)

// unquote reads a line that is written as a Go string where it holds what a text file cannot; {repeat x 100} is a hundred x.
func (s *site) unquote(t *testing.T, line string) string {
	t.Helper()
	if strings.HasPrefix(line, `"`) && strings.HasSuffix(line, `"`) && len(line) > 1 {
		text, err := strconv.Unquote(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		line = text
	}
	line = repeatPattern.ReplaceAllStringFunc(line, func(m string) string {
		parts := repeatPattern.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[2])
		return strings.Repeat(parts[1], n)
	})
	return s.fill(line)
}

// parse undoes chunks, keeps the cookies, and gives head and body with plain line ends in the head.
func (s *site) parse(back []byte, head bool, jar map[string]string) answer {
	method := http.MethodGet
	if head {
		method = http.MethodHead
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(back)), &http.Request{Method: method})
	if err != nil {
		return answer{noAnswer, string(back)}
	}
	body, _ := io.ReadAll(resp.Body)
	for _, c := range resp.Cookies() {
		jar[c.Name] = c.Value
		if c.MaxAge < 0 || c.Value == "" {
			delete(jar, c.Name)
		}
	}
	lines, _, _ := strings.Cut(string(back), "\r\n\r\n")
	return answer{strconv.Itoa(resp.StatusCode), strings.ReplaceAll(lines, "\r\n", "\n") + "\n\n" + string(body)}
}

// run executes a script of the archive inside of the application's folder, or a program of the machine.
func (s *site) run(t *testing.T, st step, bin string) (sent string, got answer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), requestLimit)
	defer cancel()
	argv := make([]string, len(st.args))
	for i, a := range st.args {
		argv[i] = s.fill(a)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "python"), append([]string{"../" + argv[0]}, argv[1:]...)...)
	if !strings.HasSuffix(argv[0], ".py") {
		cmd = exec.CommandContext(ctx, argv[0], argv[1:]...)
	}
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "PYTHONPATH="+s.dir, "PYTHONDONTWRITEBYTECODE=1", "SECRET_KEY="+secretKey)
	for _, e := range s.pair.env {
		cmd.Env = append(cmd.Env, s.fill(e))
	}
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatalf("%v: %v", argv, err)
	}
	return strings.Join(argv, " "), answer{strconv.Itoa(cmd.ProcessState.ExitCode()), string(out)}
}

func (s *site) read(st step) (sent string, got answer) {
	text, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(st.args[0])))
	if err != nil {
		return st.args[0], answer{"missing", ""}
	}
	return st.args[0], answer{"there", string(text)}
}

func shorten(text string) string {
	if len(text) > shownMax {
		return fmt.Sprintf("%s\n… (%d more)", text[:shownMax], len(text)-shownMax)
	}
	return text
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.ReplaceAll(shorten(text), "\r\n", "\n"), "\n", "\n    ")
}
